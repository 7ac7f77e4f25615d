"""Tools for openapi.yaml: the linter, the comparison of versions, and the API reference."""
