"""The contract at run time: loads openapi.yaml and validates messages."""

import hashlib
import importlib
import json
from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from visits import acceptance, references
from visits.message import Request, Response

if TYPE_CHECKING:
    from visits.judge import Judge

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]  # of the repository; meaningless in the built package
PACKED = HERE / "contract.json"  # exists only in the built package
COMPILED = HERE / "compiled.py"  # the same
SOURCE = ROOT / "openapi.yaml"
KNOWN_VALUES = "x-known-values"


class Contract:
    """An OpenAPI document that validates messages.

    Args:
        document: the parsed openapi.yaml.
        sha256: SHA-256 of the file, in hexadecimal.
        compiled: see acceptance.py. Without it the document is compiled now.
    """

    def __init__(
        self, document: dict[str, Any], sha256: str, compiled: Mapping[str, Any] | None = None
    ) -> None:
        self.document = document
        self.sha256 = sha256
        self._acceptance = acceptance.Acceptance(
            compiled or acceptance.run(compile_checks(document))
        )

    @cached_property
    def judge(self) -> "Judge":
        """openapi-core, imported when the first message is not certainly valid."""
        from visits.judge import Judge  # noqa: PLC0415 - importing it doubles a cold start

        return Judge(with_known_values(self.document))

    def operation_id(self, request: Request) -> str:
        """Return the operationId of a request that passed check()."""
        return str(self.document["paths"][request.path][request.method]["operationId"])

    def check(self, request: Request) -> None:
        """Validate a request.

        Raises:
            Problem: `invalid-request`. It names every rule that a parameter or the body breaks.
            PathNotFound, OperationNotFound: the gateway runs a different contract.
        """
        if not self._acceptance.request(request):
            self.judge.check(request)

    def violations(self, request: Request, response: Response) -> list[str]:
        """Return each field and rule that a response breaks, without values."""
        if self._acceptance.response(request, response):
            return []
        return self.judge.violations(request, response)


def compile_checks(document: dict[str, Any]) -> str:
    """Return the Python source of the checks that acceptance.py uses."""
    return acceptance.compile_contract(with_known_values(document))


def with_known_values(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document whose schemas allow only the values in their `x-known-values`.

    The contract does not enumerate these values, because clients must accept new ones.
    """

    def enumerate_values(node: Any) -> Any:
        if isinstance(node, list):
            return [enumerate_values(item) for item in node]
        if not isinstance(node, dict):
            return node
        copy = {name: enumerate_values(value) for name, value in node.items()}
        if KNOWN_VALUES in copy:
            copy["enum"] = copy.pop(KNOWN_VALUES)
        return copy

    return dict(enumerate_values(document))


def read(source: Path = SOURCE) -> tuple[dict[str, Any], str]:
    """Return the document in a YAML file, resolved, and the SHA-256 of the file in hexadecimal.

    Raises:
        BadReference: a reference in it cannot be followed.
    """
    import yaml  # noqa: PLC0415 - the built package reads JSON, which starts faster

    content = source.read_bytes()
    document = yaml.safe_load(content)
    references.check(document)
    return references.resolve(document), hashlib.sha256(content).hexdigest()


@cache
def load() -> Contract:
    """Return the contract of this package, built once."""
    if PACKED.is_file():
        packed = json.loads(PACKED.read_bytes())
        compiled = importlib.import_module("visits.compiled")
        return Contract(packed["document"], packed["sha256"], vars(compiled))
    return Contract(*read())
