"""`make build`: the function as a zip for AWS Lambda, with the same bytes wherever it is built.

What is in it, and why: docs/decisions/0007-the-artefact.md.
"""


class CannotBuild(Exception):
    """There is no zip. The message says why, and what to do."""
