"""Tools for openapi.yaml: linter, comparison, API reference, and the document for API Gateway.

This package also finds the function: every other package of this repository imports it first.
"""

import sys
from pathlib import Path

# lambda/ is no package, because its name is a keyword of Python. The folder beside this one comes
# first, so that each checkout and each copy of it imports its own code.
sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "lambda"))
