"""`make build`: build the function's zip for AWS Lambda, with the same bytes at every build.

The contents and the reasons: docs/decisions/0007-the-artefact.md.
"""
