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

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from textwrap import indent
from typing import Any

from openapi_handler.formats import boolean, find_loader, integer, is_date, is_uuid
from openapi_handler.messages import Request, Response
from openapi_handler.references import follow

METHODS = ("delete", "get", "head", "options", "patch", "post", "put", "trace")
CASTS: dict[str, Callable[[str], Any]] = {"string": str, "integer": integer, "boolean": boolean}
FORMATS: dict[str, Callable[[str], bool]] = {"date": is_date, "uuid": is_uuid}
TYPES = [*CASTS, "array", "object"]
NOTES = {"description", "example", "examples"}  # no validator reads these
# What an operation may have besides; openapi-core reads none of the others for messages.
OPERATION = {"callbacks", "deprecated", "externalDocs", "operationId", "parameters", "requestBody"}
OPERATION |= {"responses", "servers", "summary", "tags"}
ONE, REPEATED, SEPARATED = "one", "repeated", "separated"  # how a parameter has its values
# What a check raises, without an import of fastjsonschema, which the zip does not contain.
ERRORS = "JsonSchemaValueException = JsonSchemaValuesException = ValueError"
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
            fields, body = self._requests[request.method, request.path]
            places = {
                "path": request.path_parameters,
                "query": request.query,
                "header": request.headers,
            }
            self._check_fields(places, fields)
            if body is not None:
                required, contents = body
                if request.body or required:
                    self._check_body(request.body, request.content_type, contents)
        except Exception:
            return False
        return True

    def accepts_response(self, request: Request, response: Response) -> bool:
        """Return whether the response to a request is certainly valid."""
        try:
            key = request.method, request.path, str(response.status_code)
            contents, fields = self._responses[key]
            if contents is not None:
                self._check_body(response.data, response.content_type, contents)
            self._check_fields({"header": response.headers}, fields)
        except Exception:
            return False
        return True

    def _check_body(self, body: bytes, media_type: str, contents: Mapping[str, int]) -> None:
        """Raise an exception unless a body is certainly valid."""
        load = find_loader(media_type)
        if not body or load is None:
            raise ValueError
        self._checks[contents[media_type]](load(body), FORMATS)

    def _check_fields(
        self, places: Mapping[str, Mapping[str, str]], fields: list[tuple[Any, ...]]
    ) -> None:
        """Raise an exception unless the parameters or headers of a message are certainly valid.

        openapi-core refuses an empty query parameter without `allowEmptyValue`, even if its schema
        allows it.
        """
        for location, name, required, empty, form, kind, check in fields:
            values = places[location]
            if name in values or required:
                texts = [values[name]]
                if form == REPEATED:
                    texts = values.getlist(name)  # type: ignore[attr-defined]
                elif form == SEPARATED:
                    texts = texts[0].split(",")
                if not all(type(text) is str and (text or empty) for text in texts):
                    raise ValueError
                cast = [CASTS[kind](text) for text in texts]
                self._checks[check](cast[0] if form == ONE else cast, FORMATS)


class Unknown(Exception):
    """A part of the contract uses something that only openapi-core knows."""


class Compiler:
    """Collects the checks of a contract.

    Args:
        document: a valid OpenAPI document in which references point to schemas only.

    Its methods raise an exception for what they cannot compile.
    """

    def __init__(self, document: dict[str, Any]) -> None:
        self.sources: list[str] = []  # the number of a check is its position
        self._document = document
        self._schemas: list[dict[str, Any]] = []

    def number(self, schema: dict[str, Any], types: list[str]) -> int:
        """Return the number of the check for a schema, which has one of these types."""
        translated = translate(schema, self._document)
        if translated.get("type") not in types:
            raise Unknown
        if translated not in self._schemas:
            position = len(self._schemas)
            source = function(position, translated)
            run(f"{source}\ncheck_{position}()")  # Python limits how deep code may be nested
            self._schemas.append(translated)
            self.sources.append(source)
        return self._schemas.index(translated)

    def contents(self, part: dict[str, Any]) -> dict[str, int]:
        """Return the number of the check for each media type of a body."""
        checks = {}
        for media_type, content in part["content"].items():
            only(content, {"schema"})
            checks[media_type] = self.number(content["schema"], TYPES)
        return checks

    def field(self, part: dict[str, Any], location: str, name: str) -> tuple[Any, ...]:
        """Return what FastPath needs to know about a parameter or header."""
        only(part, {"allowEmptyValue", "explode", "in", "name", "required", "schema"})
        check = self.number(part["schema"], [*CASTS, "array"])
        schema, form = self._schemas[check], ONE
        if schema["type"] == "array":
            form = REPEATED if location == "query" and part.get("explode", True) else SEPARATED
            schema = schema["items"]
        if schema.get("type") not in CASTS:
            raise Unknown
        required, empty = part.get("required"), part.get("allowEmptyValue")
        return location, name, required, empty, form, schema["type"], check

    def request(self, operation: dict[str, Any], parameters: list[Any]) -> tuple[Any, ...]:
        only(operation, OPERATION)
        fields = [self.field(part, part["in"], part["name"]) for part in parameters]
        body = operation.get("requestBody")
        if body is None:
            return fields, None
        only(body, {"content", "required"})
        return fields, (body.get("required"), self.contents(body))

    def response(self, response: dict[str, Any]) -> tuple[Any, ...]:
        only(response, {"content", "headers"})
        headers = response.get("headers", {}).items()
        return (
            self.contents(response) if "content" in response else None,
            [self.field(header, "header", name) for name, header in headers],
        )


def compile_contract(document: dict[str, Any]) -> str:
    """Return Python source with the checks of a contract and the tables that name them.

    Args:
        document: a valid OpenAPI document in which references point to schemas only.
    """
    compiler = Compiler(document)
    requests: dict[tuple[str, str], Any] = {}
    responses: dict[tuple[str, str, str], Any] = {}
    for path, method, operation, parameters in operations(document):
        with suppress(Exception):  # what cannot be compiled is left to openapi-core
            requests[method, path] = compiler.request(operation, parameters)
        for status, response in operation["responses"].items():
            with suppress(Exception):
                responses[method, path, status] = compiler.response(response)
    calls = ", ".join(f"check_{position}()" for position in range(len(compiler.sources)))
    return "\n\n".join(
        [
            ERRORS,
            *compiler.sources,
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


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any], list[Any]]]:
    """Yield path, method, operation and all its parameters.

    Operations are left out where openapi-core needs more than them.
    """
    if document.get("security"):
        return
    for path, item in document["paths"].items():
        for method in METHODS:
            if method in item and "$ref" not in item:
                operation = item[method]
                parts = item.get("parameters", []) + operation.get("parameters", [])
                parameters = {(part.get("in"), part.get("name")): part for part in parts}
                yield path, method, operation, list(parameters.values())


def only(part: dict[str, Any], known: set[str]) -> None:
    """Raise Unknown if a part of the contract has other fields than these and annotations."""
    if any(key not in known | NOTES and not key.startswith("x-") for key in part):
        raise Unknown


def translate(schema: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    """Return a schema as Draft 4, without references and closed like those of responses.

    Raises:
        BadReference: a reference cannot be followed.
        Unknown: it contains a keyword or a value that may mean something else there.
        RecursionError: it contains itself.
    """
    if "$ref" in schema:
        only(schema, {"$ref"})
        return translate(follow(document, schema["$ref"]), document)
    rules = {key: value for key, value in schema.items() if key not in NOTES}
    if not all(key in KEYWORDS and KEYWORDS[key](value) for key, value in rules.items()):
        raise Unknown
    if "items" in rules:
        rules["items"] = translate(rules["items"], document)
    if "properties" in rules:
        rules["properties"] = {
            name: translate(part, document) for name, part in rules["properties"].items()
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
        detailed_exceptions=False,
    )
    source = re.sub("(?m)^from fastjsonschema import .*\n", "", source)
    return f"def check_{number}():\n{indent(source, '    ')}\n    return validate\n"
