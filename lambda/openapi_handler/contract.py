"""A contract at run time: an OpenAPI document that validates messages."""

import hashlib
import importlib
import json
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from openapi_handler import fast_path, references
from openapi_handler.messages import Request, Response

if TYPE_CHECKING:
    from openapi_handler.slow_path import SlowPath

PACKED, COMPILED = "contract.json", "compiled.py"  # what pack() writes
KNOWN_VALUES = "x-known-values"


class Contract:
    """An OpenAPI document that validates messages.

    Args:
        document: a valid OpenAPI 3.0 document, resolved.
        sha256: SHA-256 of its file, in hexadecimal.
        compiled: see fast_path.py. Without it the document is compiled now.
    """

    def __init__(
        self, document: dict[str, Any], sha256: str, compiled: Mapping[str, Any] | None = None
    ) -> None:
        self.document = document
        self.sha256 = sha256
        self.fast_path = fast_path.FastPath(
            compiled or fast_path.run(fast_path.compile_contract(with_known_values(document)))
        )

    @cached_property
    def slow_path(self) -> "SlowPath":
        """openapi-core, imported when the first message is not certainly valid."""
        from openapi_handler.slow_path import SlowPath  # noqa: PLC0415 - it doubles a cold start

        return SlowPath(with_known_values(self.document))

    def answer_head_as_get(self, request: Request) -> bool:
        """Turn a HEAD request into the GET of its path, and return whether it was one.

        API Gateway gets these methods from contract/generation.py. The contract has none.
        """
        path = self.document["paths"].get(request.path, {})
        is_head = request.method == "head" and "head" not in path
        if is_head:
            request.method = "get"
        return is_head

    def operation_id(self, request: Request) -> str:
        """Return the operationId of a request that passed check()."""
        return str(self.document["paths"][request.path][request.method]["operationId"])

    def check(self, request: Request) -> None:
        """Validate a request.

        Raises:
            Problem: `invalid-request`. It names every rule that a parameter or the body breaks.
            OperationNotFound: the gateway runs a different contract.
        """
        if not self.fast_path.accepts_request(request):
            self.slow_path.check(request)

    def violations(self, request: Request, response: Response) -> list[str]:
        """Return each field and rule that a response breaks, without values."""
        if self.fast_path.accepts_response(request, response):
            return []
        return self.slow_path.violations(request, response)


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


def read(source: Path) -> tuple[dict[str, Any], str]:
    """Return the document in a YAML file, resolved, and the SHA-256 of the file in hexadecimal.

    Raises:
        BadReference: a reference in it cannot be followed.
    """
    import yaml  # noqa: PLC0415 - the built package reads JSON, which starts faster

    content = source.read_bytes()
    document = yaml.safe_load(content)
    references.check(document)
    return references.resolve(document), hashlib.sha256(content).hexdigest()


def pack(document: dict[str, Any], sha256: str, folder: Path) -> None:
    """Write what unpack() loads into the folder of a package."""
    packed = {"sha256": sha256, "document": document}
    (folder / PACKED).write_text(json.dumps(packed, separators=(",", ":")))
    (folder / COMPILED).write_text(fast_path.compile_contract(with_known_values(document)))


def unpack(folder: Path) -> Contract:
    """Load the contract that pack() wrote into the folder of a package that can be imported."""
    packed = json.loads((folder / PACKED).read_bytes())
    compiled = importlib.import_module(f"{folder.name}.{COMPILED.removesuffix('.py')}")
    return Contract(packed["document"], packed["sha256"], vars(compiled))
