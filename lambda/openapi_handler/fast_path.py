"""The fast path: accepts messages that are certainly valid, with code compiled from the contract.

openapi-core judges messages: it finds their errors, which slow_path.py words. But it is slow to
import and to run, and nearly all messages are valid. So fastjsonschema compiles the contract's
schemas to Python code, for the zip when it is built. A message that this code accepts does not
need openapi-core. The code never refuses a message: it leaves all others to openapi-core.

So this module must never accept a message that openapi-core would refuse:

- compile_contract() skips every part of the contract that uses anything of OpenAPI that it
  does not know, or that fastjsonschema refuses. Then openapi-core judges the messages that this
  part describes.
- A message that causes any exception here is not accepted.
- tests/openapi_handler/test_fast_path.py compares both on thousands of messages.

Without this module, Contract would ask openapi-core about every message: the same answers, later.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from textwrap import indent
from typing import Any

from openapi_handler.formats import boolean, integer, is_date, is_uuid
from openapi_handler.messages import Request, Response
from openapi_handler.references import follow

METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "trace")
CASTS: dict[str, Callable[[str], Any]] = {"string": str, "integer": integer, "boolean": boolean}
LOADS: dict[str, Callable[[bytes], Any]] = {
    "application/json": json.loads,
    "application/problem+json": json.loads,
    "image/svg+xml": bytes.decode,
    "text/javascript": bytes.decode,
}
FORMATS: dict[str, Callable[[str], bool]] = {"date": is_date, "uuid": is_uuid}
TYPES = [*CASTS, "array", "object"]
NOTES = {"description", "example", "examples"}  # no validator reads these
OPERATION = {"operationId", "parameters", "responses", "summary", "tags"}
DEEPEST = 10  # a schema may refer to itself
# These patterns mean the same in JSON Schema and in Python: letters, digits, some signs, sets of
# them, repetitions and alternatives. Others, such as \w, differ for letters that are not ASCII.
PART = r"(\[\^?([A-Za-z0-9-]|\\u[0-9A-F]{4})+\]|[A-Za-z0-9:<> _-])([*+?]|\{[0-9]+(,[0-9]+)?\})?"
SIMPLE_PATTERN = re.compile(rf"\^?({PART}|\(({PART})+(\|({PART})+)*\))*\$?")


def is_integer(value: Any) -> bool:
    return type(value) is int


# The keywords of schemas that fastjsonschema's Draft 4 checks at least as strictly as
# openapi-core, and the values for which that is so.
KEYWORDS: dict[str, Callable[[Any], bool]] = {
    "type": lambda value: value in TYPES,
    "enum": lambda values: all(type(value) is str for value in values),
    # openapi-core's other formats are not only for strings; any string is `binary`.
    "format": lambda value: value in [*FORMATS, "binary"],
    "minimum": is_integer,
    "maximum": is_integer,
    "minLength": is_integer,
    "maxLength": is_integer,
    "minItems": is_integer,
    "maxItems": is_integer,
    "pattern": lambda text: SIMPLE_PATTERN.fullmatch(text) is not None,
    "items": lambda _: True,
    "properties": lambda _: True,
    "required": lambda _: True,
    "additionalProperties": lambda value: type(value) is bool,
}


class FastPath:
    """Decides whether a message is certainly valid.

    Args:
        compiled: the variables of the source that compile_contract() returns.
    """

    def __init__(self, compiled: Mapping[str, Any]) -> None:
        self._checks = compiled["CHECKS"]
        self._requests = compiled["REQUESTS"]
        self._responses = compiled["RESPONSES"]

    def accepts_request(self, request: Request) -> bool:
        """Return whether a request is certainly valid."""
        try:
            fields = self._requests[request.method, request.path]
            self._check("path", request.path_parameters, fields)
            self._check("query", request.query, fields)
        except Exception:
            return False
        return True

    def accepts_response(self, request: Request, response: Response) -> bool:
        """Return whether the response to a request is certainly valid."""
        try:
            key = request.method, request.path, str(response.status_code)
            contents, fields = self._responses[key]
            body = response.data
            if not body:
                return False
            check = self._checks[contents[response.content_type]]
            check(LOADS[response.content_type](body), FORMATS)
            self._check("header", response.headers, fields)
        except Exception:
            return False
        return True

    def _check(self, location: str, values: Mapping[str, str], fields: list[Any]) -> None:
        """Raise an exception unless the parameters or headers of a location are certainly valid.

        openapi-core refuses an empty query parameter without `allowEmptyValue`, even if its schema
        allows it.
        """
        if type(values) is not dict:
            raise TypeError
        for where, name, required, empty, kind, check in fields:
            if where == location and (name in values or required):
                text = values[name]
                if type(text) is not str or not (text or empty):
                    raise ValueError
                self._checks[check](CASTS[kind](text), FORMATS)


class Unknown(Exception):
    """A part of the contract uses something that only openapi-core knows."""


def compile_contract(document: dict[str, Any]) -> str:
    """Return Python source with the checks of a contract and the tables that name them.

    Args:
        document: a valid OpenAPI document in which references point to schemas only.
    """
    schemas: list[dict[str, Any]] = []  # the number of a check is its position
    sources: list[str] = []
    requests: dict[tuple[str, str], Any] = {}
    responses: dict[tuple[str, str, str], Any] = {}

    def number(schema: dict[str, Any], types: list[str]) -> int:
        translated = translate(schema, document)
        if translated.get("type") not in types:
            raise Unknown
        if translated not in schemas:
            source = function(len(schemas), translated)
            run(f"{source}\ncheck_{len(schemas)}()")  # Python limits how deep code may be nested
            schemas.append(translated)
            sources.append(source)
        return schemas.index(translated)

    def field(part: dict[str, Any], location: str, name: str) -> tuple[Any, ...]:
        only(part, {"allowEmptyValue", "in", "name", "required", "schema"})
        check = number(part["schema"], list(CASTS))
        required, empty = part.get("required", False), part.get("allowEmptyValue", False)
        return location, name, required, empty, schemas[check]["type"], check

    for path, method, operation in operations(document):
        with suppress(Exception):  # a part that cannot be compiled is one for openapi-core
            only(operation, OPERATION)
            parameters = operation.get("parameters", [])
            if not all(each["in"] in ("path", "query") for each in parameters):
                raise Unknown
            requests[method, path] = [field(each, each["in"], each["name"]) for each in parameters]
        for status, response in operation["responses"].items():
            with suppress(Exception):
                only(response, {"content", "headers"})
                contents = {}
                for media_type, content in response.get("content", {}).items():
                    only(content, {"schema"})
                    contents[media_type] = number(content["schema"], TYPES)
                headers = response.get("headers", {}).items()
                fields = [field(header, "header", name) for name, header in headers]
                responses[method, path, status] = contents, fields

    calls = ", ".join(f"check_{position}()" for position in range(len(schemas)))
    return "\n\n".join(
        [
            *sources,
            f"CHECKS = [{calls}]",
            f"REQUESTS = {requests!r}",
            f"RESPONSES = {responses!r}\n",
        ]
    )


def run(source: str) -> dict[str, Any]:
    """Return the variables of compiled source."""
    variables: dict[str, Any] = {}
    exec(source, variables)  # noqa: S102 - compile_contract() wrote it
    return variables


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Yield path, method and operation, except where openapi-core needs more than the operation."""
    if document.get("security"):
        return
    for path, item in document["paths"].items():
        if not {"$ref", "parameters"} & item.keys():
            yield from ((path, method, item[method]) for method in METHODS if method in item)


def only(part: dict[str, Any], known: set[str]) -> None:
    """Raise Unknown if a part of the contract has other fields than these and annotations."""
    if any(key not in known | NOTES and not key.startswith("x-") for key in part):
        raise Unknown


def translate(schema: dict[str, Any], document: dict[str, Any], depth: int = 0) -> dict[str, Any]:
    """Return a schema as Draft 4, without references and closed like those of responses.

    Raises:
        BadReference: a reference cannot be followed.
        Unknown: it contains a keyword or a value that may mean something else there.
    """
    if depth > DEEPEST:
        raise Unknown
    if "$ref" in schema:
        only(schema, {"$ref"})
        return translate(follow(document, schema["$ref"]), document, depth + 1)
    rules = {key: value for key, value in schema.items() if key not in NOTES}
    if not all(key in KEYWORDS and KEYWORDS[key](value) for key, value in rules.items()):
        raise Unknown
    if "items" in rules:
        rules["items"] = translate(rules["items"], document, depth + 1)
    if "properties" in rules:
        rules["properties"] = {
            name: translate(each, document, depth + 1) for name, each in rules["properties"].items()
        }
    if "properties" in rules or rules.get("type") == "object":
        rules.setdefault("additionalProperties", False)
    return rules


def function(number: int, schema: dict[str, Any]) -> str:
    """Return the source of a function that returns a check.

    A check takes a value and the checks of formats, and raises an exception for an invalid value.
    """
    import fastjsonschema  # noqa: PLC0415 - the zip contains what it compiled

    source = fastjsonschema.compile_to_code(
        # As in OpenAPI 3.0, and unlike in later drafts, 2.0 is not an integer.
        {"$schema": "http://json-schema.org/draft-04/schema#", **schema},
        formats=FORMATS,
        use_default=False,
        detailed_exceptions=False,
    )
    return f"def check_{number}():\n{indent(source, '    ')}\n    return validate\n"
