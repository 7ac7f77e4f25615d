"""Checks openapi.yaml: API Gateway's import rules, changes between versions, and the reference."""
