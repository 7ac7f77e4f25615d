"""Lints openapi.yaml for what API Gateway's import rejects or ignores and emulators accept.

    python -m contract.lint [FILE]

Each rule's docstring states the rule and ends with its source in brackets: an address, or a page of
https://docs.aws.amazon.com/apigateway/latest/developerguide/ (of latest/api/ for API_...).
"""

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from openapi_handler.references import resolve

Node = dict[str, Any]
Errors = Iterator[tuple[str, str]]  # the place relative to the node, and the message
Rule = Callable[[Node], Errors]

AWS = "x-amazon-apigateway-"
INTEGRATION, GATEWAY_RESPONSES = f"{AWS}integration", f"{AWS}gateway-responses"
DOCUMENT = ""
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
OPERATIONS = METHODS | {f"{AWS}any-method"}
COMPOSITIONS = ("allOf", "anyOf", "oneOf")
SCHEMAS = {"schema", "schemas", "properties", "items", "additionalProperties", "not", *COMPOSITIONS}
# The fields that contain further nodes of OpenAPI: a mapping or list of nodes, or a single node.
MANY = {"paths", "parameters", "requestBodies", "responses", "headers", "content", "encoding"}
MANY |= {"schemas", "properties", *COMPOSITIONS, "examples", "securitySchemes", GATEWAY_RESPONSES}
ONE = (OPERATIONS | SCHEMAS | {"components", "requestBody"}) - MANY

UNSUPPORTED_KEYWORDS = {"default", "deprecated", "discriminator", "example", "exclusiveMinimum"}
UNSUPPORTED_KEYWORDS |= {"nullable", "readOnly"}
UNSUPPORTED_FORMATS = {"int32", "int64", "decimal"}
MIN_TIMEOUT, MAX_TIMEOUT = 50, 29_000  # milliseconds
MAX_RESOURCES, MAX_BYTES = 300, 6_000_000
CATCH_ALL = {"DEFAULT_4XX", "DEFAULT_5XX"}
GATEWAY_RESPONSE_TYPES = (
    "ACCESS_DENIED|API_CONFIGURATION_ERROR|AUTHORIZER_CONFIGURATION_ERROR|AUTHORIZER_FAILURE|"
    "BAD_REQUEST_BODY|BAD_REQUEST_PARAMETERS|DEFAULT_4XX|DEFAULT_5XX|EXPIRED_TOKEN|"
    "INTEGRATION_FAILURE|INTEGRATION_TIMEOUT|INVALID_API_KEY|INVALID_SIGNATURE|"
    "MISSING_AUTHENTICATION_TOKEN|QUOTA_EXCEEDED|REQUEST_TOO_LARGE|RESOURCE_NOT_FOUND|THROTTLED|"
    "UNAUTHORIZED|UNSUPPORTED_MEDIA_TYPE|WAF_FILTERED"
)
VARIABLE_OR_CONSTANT = r"(context|integration|method|stageVariables)\..+|'.*'"
RULES: dict[str, tuple[set[str], Rule]] = {}  # by name: the fields whose nodes it checks, and it


@dataclass(frozen=True)
class Finding:
    """A violation of a rule. The message says what is wrong and what to do."""

    rule: str
    place: str
    message: str


def check(document: Node) -> list[Finding]:
    """Return every violation in a parsed document, after resolving it as for API Gateway."""
    resolved = resolve(document)
    return [
        Finding(name, f"{place}.{relative_place}".strip("."), message)
        for name, (fields, errors) in RULES.items()
        for place, node in nodes(resolved, fields)
        for relative_place, message in errors(node)
    ]


def nodes(root: Node, fields: set[str]) -> Iterator[tuple[str, Node]]:
    """Yield the place and value of each node in these fields. Yield a shared node once."""
    queue: list[tuple[str, str, Any]] = [(DOCUMENT, "", root)]
    visited = set()
    for field, place, node in queue:  # the loop appends to the queue
        if not isinstance(node, dict) or id(node) in visited:
            continue
        visited.add(id(node))
        if field in fields:
            yield place.strip("."), node
        for name, value in node.items():
            if name in MANY and isinstance(value, dict | list):
                items = value.items() if isinstance(value, dict) else enumerate(value)
                queue += [(name, f"{place}.{name}.{key}", item) for key, item in items]
            elif name in ONE:
                queue.append((name, f"{place}.{name}", value))


def at(node: Any, *keys: str) -> Node:
    """Return the mapping that these keys lead to, or an empty one."""
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return {str(key): value for key, value in node.items()} if isinstance(node, dict) else {}


def rule(*fields: str) -> Callable[[Rule], Rule]:
    """Register the decorated function as the rule for the nodes in these fields."""

    def register(function: Rule) -> Rule:
        RULES[function.__name__.replace("_", "-")] = set(fields), function
        return function

    return register


@rule(DOCUMENT)
def openapi_version(document: Node) -> Errors:
    """The version is 3.0, the newest that AWS imports. [api-gateway-import-api]."""
    if not re.fullmatch(r"3\.0\.\d+", str(document.get("openapi"))):
        yield "openapi", "AWS imports OpenAPI 3.0. Use 3.0.3."


@rule(DOCUMENT)
def api_description(document: Node) -> Errors:
    """The API has a description.

    [https://github.com/getmoto/moto/blob/5.2.5/moto/apigateway/models.py].
    """
    if not at(document, "info").get("description"):
        yield "info.description", "is missing, and moto fails without it. Describe the API."


@rule(*SCHEMAS)
def schema_keywords(schema: Node) -> Errors:
    """Schemas use the part of JSON Schema draft 4 that AWS supports. [api-gateway-known-issues]."""
    for keyword in sorted(UNSUPPORTED_KEYWORDS & schema.keys()):
        yield keyword, "AWS does not support this keyword. Remove it."
    if schema.get("format") in UNSUPPORTED_FORMATS:
        yield "format", "AWS does not support this format. Use minimum and maximum."
    if schema.get("required") == []:
        yield "required", "must not be empty in draft 4. Remove it."


@rule(*SCHEMAS)
def composition(schema: Node) -> Errors:
    """allOf, anyOf and oneOf contain no reference. [api-gateway-known-issues]."""
    for keyword in COMPOSITIONS:
        if any("$ref" in part for _, part in nodes({keyword: schema.get(keyword)}, SCHEMAS)):
            yield keyword, "AWS does not accept a $ref here. Replace it with the schema."


@rule(DOCUMENT)
def schema_names(document: Node) -> Errors:
    """The name of a schema is alphanumeric. [api-gateway-known-issues]."""
    for name in at(document, "components", "schemas"):
        if not re.fullmatch("[A-Za-z0-9]+", name):
            yield f"components.schemas.{name}", "AWS accepts only letters and digits. Rename it."


@rule(DOCUMENT)
def references(document: Node) -> Errors:
    """A reference leads to a component of its kind in this file. [api-gateway-known-issues]."""
    schemas = [f"#/components/schemas/{name}" for name in at(document, "components", "schemas")]
    for place, node in nodes(document, (ONE | MANY) - SCHEMAS):
        if "$ref" in node:
            yield place, "is not a $ref to a parameter, response or header here. Write it out."
    for place, schema in nodes(document, SCHEMAS):
        if "$ref" in schema and schema["$ref"] not in schemas:
            yield place, "this schema does not exist. Add it to #/components/schemas/."


@rule(DOCUMENT)
def path_segments(document: Node) -> Errors:
    """A path segment is a parameter, or letters, digits and _-.,: only. /ping is reserved.

    [api-gateway-known-issues].
    """
    for path in at(document, "paths"):
        first, *others = path.removeprefix("/").split("/")
        for segment in (first, *others):
            if not re.fullmatch(r"[\w.,:-]*|\{[\w.,:-]+\+?\}", segment, re.ASCII):
                yield f"paths.{path}", f"AWS rejects the segment {segment}. Rename or split it."
        if first in ("ping", "sping"):
            yield f"paths.{path}", "AWS reserves /ping and /sping. Rename it."


@rule("paths")
def path_fields(path: Node) -> Errors:
    """A path contains only operations.

    [https://github.com/getmoto/moto/blob/5.2.5/moto/apigateway/models.py].
    """
    for field in path:
        if field not in OPERATIONS:
            yield field, "is not an operation, and moto fails on it. Move it into each operation."


@rule("paths")
def preflight(path: Node) -> Errors:
    """Every path supports OPTIONS, for CORS preflights. [how-to-cors]."""
    if "options" not in path:
        yield "options", "is missing, so CORS preflights fail. Add the mock of the other paths."


@rule("parameters")
def cookie_parameters(parameter: Node) -> Errors:
    """A parameter is in the path, the query string or a header. [API_PutMethod]."""
    if parameter.get("in") == "cookie":
        yield "in", "AWS supports path, query and header. Use one of these."


@rule(DOCUMENT)
def security(document: Node) -> Errors:
    """Only operations have `security`, of type apiKey. [api-gateway-known-issues]."""
    if document.get("security"):
        yield "security", "AWS ignores it here. Move it into each operation."
    for place, scheme in nodes(document, {"securitySchemes"}):
        if scheme.get("type") != "apiKey":
            yield f"{place}.type", "AWS supports only apiKey. Use it with an authorizer."


@rule(*OPERATIONS)
def status_codes(operation: Node) -> Errors:
    """A response has one status code, not `default` or `4XX`. [API_PutMethodResponse]."""
    for status in at(operation, "responses"):
        if not re.fullmatch(r"[1-5]\d\d|x-.*", status):
            yield f"responses.{status}", "is not a status code. List each possible status code."


@rule(*OPERATIONS)
def response_extensions(operation: Node) -> Errors:
    """Responses contain no extensions other than AWS's.

    [https://github.com/amazon-archives/aws-apigateway-importer/issues/172].
    """
    responses = at(operation, "responses")
    for field in [*responses, *(field for status in responses for field in at(responses, status))]:
        if field.startswith("x-") and not field.startswith(AWS):
            yield "responses", f"{field} may make the import fail. Move it into the operation."


@rule("responses")
def response_schemas(response: Node) -> Errors:
    """The schema of a response is an object or a reference. [api-gateway-known-issues]."""
    for media_type in at(response, "content"):
        schema = at(response, "content", media_type, "schema")
        if schema.get("type", "object") != "object":
            yield (
                f"content.{media_type}.schema",
                "AWS supports only objects. Use a $ref to a schema.",
            )


@rule(*OPERATIONS)
def integrations(operation: Node) -> Errors:
    """Every method has a valid integration. Lambda functions are called with POST.

    [api-gateway-swagger-extensions-integration].
    """
    integration = at(operation, INTEGRATION)
    timeout = integration.get("timeoutInMillis", 50)
    if not integration:
        yield INTEGRATION, "is missing. Add the integration that handles this method."
    if integration.get("type") == "aws_proxy" and integration.get("httpMethod") != "POST":
        yield f"{INTEGRATION}.httpMethod", "must be POST for Lambda. Change it."
    if integration.get("type") == "aws_proxy" and not integration.get("uri"):
        yield f"{INTEGRATION}.uri", "is missing. Add the URI of the Lambda function."
    if not (isinstance(timeout, int) and MIN_TIMEOUT <= timeout <= MAX_TIMEOUT):
        yield f"{INTEGRATION}.timeoutInMillis", "must be an integer from 50 to 29000. Change it."


@rule(*OPERATIONS)
def mapped_headers(operation: Node) -> Errors:
    """The response declares the headers that its integration sets. [how-to-cors]."""
    responses = at(operation, "responses")
    for response in at(operation, INTEGRATION, "responses").values():
        status = str(at(response).get("statusCode"))
        declared = [f"method.response.header.{name}" for name in at(responses, status, "headers")]
        for target in at(response, "responseParameters"):
            if target not in declared:
                yield f"responses.{status}.headers", f"does not declare {target}. Add the header."


@rule(*OPERATIONS, GATEWAY_RESPONSES)
def constants(node: Node) -> Errors:
    """A mapped value is a variable, or a constant in single quotes.

    [enable-cors-for-resource-using-swagger-importer-tool].
    """
    for response in [node, *at(node, INTEGRATION, "responses").values()]:
        for target, value in at(response, "responseParameters").items():
            if not re.fullmatch(VARIABLE_OR_CONSTANT, str(value)):
                yield "", f"{target} is {value}, not a variable. Put a constant in single quotes."


@rule(DOCUMENT)
def request_validators(document: Node) -> Errors:
    """Every referenced request validator exists.

    [api-gateway-swagger-extensions-request-validators].
    """
    for place, node in nodes(document, {DOCUMENT, *OPERATIONS}):
        name = node.get(f"{AWS}request-validator")
        if name is not None and str(name) not in at(document, f"{AWS}request-validators"):
            yield place, f"validator {name} does not exist. Add it to {AWS}request-validators."


@rule(DOCUMENT)
def gateway_response_types(document: Node) -> Errors:
    """Gateway responses have types of AWS's list, and the DEFAULT_ types set no status code.

    [supported-gateway-response-types].
    """
    for name, response in at(document, GATEWAY_RESPONSES).items():
        if not re.fullmatch(GATEWAY_RESPONSE_TYPES, name):
            yield f"{GATEWAY_RESPONSES}.{name}", "AWS has no such type. Use a type of its list."
        if name in CATCH_ALL and "statusCode" in at(response):
            yield f"{GATEWAY_RESPONSES}.{name}", "statusCode replaces all its statuses. Remove it."


@rule(DOCUMENT)
def gateway_response_cors(document: Node) -> Errors:
    """Gateway responses have CORS headers. [api-gateway-gatewayResponse-definition]."""
    header = "gatewayresponse.header.Access-Control-Allow-Origin"
    for name in sorted(CATCH_ALL | at(document, GATEWAY_RESPONSES).keys()):
        if header not in at(document, GATEWAY_RESPONSES, name, "responseParameters"):
            yield f"{GATEWAY_RESPONSES}.{name}", f"lacks {header}, so pages cannot read it. Set it."


@rule(DOCUMENT)
def gateway_response_too_large(document: Node) -> Errors:
    """AWS imports a customised REQUEST_TOO_LARGE and ignores it. [api-gateway-known-issues]."""
    if "REQUEST_TOO_LARGE" in at(document, GATEWAY_RESPONSES):
        yield (
            f"{GATEWAY_RESPONSES}.REQUEST_TOO_LARGE",
            "AWS ignores it and sends its own 413. Remove it, and document that response.",
        )


@rule(GATEWAY_RESPONSES)
def gateway_response_templates(response: Node) -> Errors:
    """Templates are JSON with quoted variables. Only $context.error.messageString includes quotes.

    [api-gateway-gatewayResponse-definition].
    """
    for media_type, template in at(response, "responseTemplates").items():
        text = str(template).replace("$context.error.messageString", '"text"')
        text = re.sub(r"\$(context|method|stageVariables)\.[\w.-]+", "text", text)
        try:
            json.loads(text if "json" in media_type else "{}")
        except ValueError as error:
            advice = "Quote every variable except $context.error.messageString."
            yield f"responseTemplates.{media_type}", f"is not JSON ({error}). {advice}"


@rule(DOCUMENT)
def quotas(document: Node) -> Errors:
    """An API has at most 300 resources, and its definition at most 6 MB.

    [api-gateway-execution-service-limits-table].
    """
    paths = [path.rstrip("/") + "/" for path in at(document, "paths")]
    resources = {path[: slash.end()] for path in paths for slash in re.finditer("/", path)}
    if len(resources) > MAX_RESOURCES:
        yield "paths", f"has {len(resources)} resources, and AWS allows 300. Split the API."
    if len(json.dumps(document, default=str)) > MAX_BYTES:
        yield "", "the document is larger than 6 MB, which AWS rejects. Split the API."


def check_text(text: str) -> list[Finding]:
    """Return every violation of the rules that apply to the text of the file."""
    return [*template_findings(text), *yaml_findings(text)]


def yaml_findings(text: str) -> list[Finding]:
    """Return merge keys, and aliases of blocks that contain aliases.

    Merge keys are not part of OpenAPI's YAML: https://spec.openapis.org/oas/v3.0.3#format
    npm `yaml` rejects nested aliases ("Excessive alias count") because they multiply.
    """
    findings = []
    open_anchors: list[str | None] = []  # of the blocks that contain the event, outermost first
    with_alias: set[str | None] = set()  # anchors of the blocks that contain an alias
    for event in yaml.parse(text):
        message = ""
        if isinstance(event, yaml.CollectionStartEvent):
            open_anchors.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            open_anchors.pop()
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in with_alias:
                message = f"*{event.anchor} repeats a block that contains an alias. Use a $ref."
            with_alias.update(open_anchors)
        elif isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
            message = "OpenAPI has no merge keys. Use a $ref, or repeat the fields."
        if message and event.start_mark:
            findings.append(Finding("plain-yaml", f"line {event.start_mark.line + 1}", message))
    return findings


def template_findings(text: str) -> list[Finding]:
    """Return what Terraform's templatefile would replace, except placeholders in quoted strings.

    https://developer.hashicorp.com/terraform/language/functions/templatefile
    """
    strings = [
        range(token.start_mark.index, token.end_mark.index)
        for token in yaml.scan(text)
        if isinstance(token, yaml.ScalarToken) and token.style in ("'", '"')
    ]
    findings = []
    for match in re.finditer(r"\$*[$%]\{(\w+\})?", text):
        placeholder = re.fullmatch(r"\$\{[A-Za-z_]\w*\}", match[0])
        if not placeholder or not any(match.start() in string for string in strings):
            line = text.count("\n", 0, match.start()) + 1
            message = "is a Terraform template. Only ${name} in a quoted string is allowed."
            findings.append(Finding("terraform-template", f"line {line}", f"{match[0]} {message}"))
    return findings


def main(arguments: list[str] | None = None) -> int:
    """Print the findings in a file. Return 1 if there are any. Exit with 2 if it is invalid."""
    parser = argparse.ArgumentParser("python -m contract.lint", description="Lint a contract.")
    parser.add_argument("file", nargs="?", default="openapi.yaml", type=Path)
    file = parser.parse_args(arguments).file
    try:
        text = file.read_text("utf-8")
        document = yaml.safe_load(text)
        json.dumps(document, default=str)  # fails if an alias contains itself
    except OSError as error:
        parser.error(f"{file} cannot be read: {error.strerror}")
    except (TypeError, ValueError, yaml.YAMLError) as error:
        parser.error(f"{file} is not YAML with JSON's types: {error}")
    if not isinstance(document, dict):
        parser.error(f"{file} is not OpenAPI: its YAML is not a mapping")
    findings = check(document) + check_text(text)
    for finding in findings:
        print(f"{finding.place}: {finding.message} ({finding.rule})")
    if not findings:
        print(f"{file}: OK ({len(RULES) + 2} rules)")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
