"""A linter for what API Gateway's import wants of openapi.yaml and emulators do not check.

    python -m contract.lint [FILE]

The docstring of a rule states it and names its source in brackets: an address, or a page of
https://docs.aws.amazon.com/apigateway/latest/developerguide/ (of latest/api/, if API_...).
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

from visits.references import resolve

Node = dict[str, Any]
Faults = Iterator[tuple[str, str]]  # where, below the node; what is wrong, and what to do
Rule = Callable[[Node], Faults]

AWS = "x-amazon-apigateway-"
INTEGRATION, GATEWAY_RESPONSES = f"{AWS}integration", f"{AWS}gateway-responses"
DOCUMENT = ""
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}
OPERATIONS = METHODS | {f"{AWS}any-method"}
COMPOSITIONS = ("allOf", "anyOf", "oneOf")
SCHEMAS = {"schema", "schemas", "properties", "items", "additionalProperties", "not", *COMPOSITIONS}
# The fields that lead from a node of OpenAPI to others: to a mapping or list of them, or to one.
MANY = {"paths", "parameters", "requestBodies", "responses", "headers", "content", "encoding"}
MANY |= {"schemas", "properties", *COMPOSITIONS, "examples", "securitySchemes", GATEWAY_RESPONSES}
ONE = (OPERATIONS | SCHEMAS | {"components", "requestBody"}) - MANY

UNSUPPORTED = {"default", "deprecated", "discriminator", "example", "exclusiveMinimum"}
UNSUPPORTED |= {"nullable", "readOnly"}
TIMEOUT = 50, 29_000  # milliseconds
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
RULES: dict[str, tuple[set[str], Rule]] = {}  # by name: it judges the nodes in these fields


@dataclass(frozen=True)
class Finding:
    """A broken rule: its name, where in the document, what is wrong and what to do."""

    rule: str
    where: str
    message: str


def check(document: Node) -> list[Finding]:
    """Return every place where a parsed document, as API Gateway imports it, breaks a rule."""
    resolved = resolve(document)
    return [
        Finding(name, f"{where}.{below}".strip("."), message)
        for name, (fields, faults) in RULES.items()
        for where, node in nodes(resolved, fields)
        for below, message in faults(node)
    ]


def nodes(root: Node, fields: set[str]) -> Iterator[tuple[str, Node]]:
    """Where the nodes in these fields are, and the nodes: each once, whatever its YAML aliases."""
    queue: list[tuple[str, str, Any]] = [(DOCUMENT, "", root)]
    seen = set()
    for field, where, node in queue:  # which grows meanwhile
        if not isinstance(node, dict) or id(node) in seen:
            continue
        seen.add(id(node))
        if field in fields:
            yield where.strip("."), node
        for name, value in node.items():
            if name in MANY and isinstance(value, dict | list):
                items = value.items() if isinstance(value, dict) else enumerate(value)
                queue += [(name, f"{where}.{name}.{key}", item) for key, item in items]
            elif name in ONE:
                queue.append((name, f"{where}.{name}", value))


def at(node: Any, *keys: str) -> Node:
    """The mapping at the end of these keys, empty when there is none."""
    for key in keys:
        node = node.get(key) if isinstance(node, dict) else None
    return {str(key): value for key, value in node.items()} if isinstance(node, dict) else {}


def rule(*fields: str) -> Callable[[Rule], Rule]:
    """Enter a function into RULES as the judge of the nodes in these fields."""

    def enter(function: Rule) -> Rule:
        RULES[function.__name__.replace("_", "-")] = set(fields), function
        return function

    return enter


@rule(DOCUMENT)
def openapi_version(document: Node) -> Faults:
    """OpenAPI 3.0 is the newest version that the import reads. [api-gateway-import-api]."""
    if not re.fullmatch(r"3\.0\.\d+", str(document.get("openapi"))):
        yield "openapi", "AWS imports OpenAPI 3.0: write 3.0.3"


@rule(DOCUMENT)
def api_description(document: Node) -> Faults:
    """The API has a description. [github.com/getmoto/moto: moto/apigateway/models.py]."""
    if not at(document, "info").get("description"):
        yield "info.description", "is missing, and moto crashes: say what the API does"


@rule(*SCHEMAS)
def schema_keywords(schema: Node) -> Faults:
    """A model is JSON Schema draft 4, less some keywords. [api-gateway-known-issues]."""
    for keyword in sorted(UNSUPPORTED & schema.keys()):
        yield keyword, "AWS does not support this keyword: leave it out"
    if schema.get("format") in ("int32", "int64", "decimal"):
        yield "format", "AWS does not support this format: use minimum and maximum"
    if schema.get("required") == []:
        yield "required", "draft 4 wants a name or more in it: leave the empty list out"


@rule(*SCHEMAS)
def composition(schema: Node) -> Faults:
    """There is no reference inside allOf, anyOf or oneOf. [api-gateway-known-issues]."""
    for keyword in COMPOSITIONS:
        if any("$ref" in part for _, part in nodes({keyword: schema.get(keyword)}, SCHEMAS)):
            yield keyword, "AWS does not accept a $ref here: write the schema out"


@rule(DOCUMENT)
def schema_names(document: Node) -> Faults:
    """The name of a model is alphanumeric. [api-gateway-known-issues]."""
    for name in at(document, "components", "schemas"):
        if not re.fullmatch("[A-Za-z0-9]+", name):
            yield f"components.schemas.{name}", "AWS takes letters and digits only: rename it"


@rule(DOCUMENT)
def references(document: Node) -> Faults:
    """References lead to this file's components, of the right kind. [api-gateway-known-issues]."""
    schemas = [f"#/components/schemas/{name}" for name in at(document, "components", "schemas")]
    for where, node in nodes(document, (ONE | MANY) - SCHEMAS):
        if "$ref" in node:
            yield (
                where,
                "AWS follows $ref to schemas only: refer to a parameter, response or header",
            )
    for where, schema in nodes(document, SCHEMAS):
        if "$ref" in schema and schema["$ref"] not in schemas:
            yield where, "this schema does not exist: add it to #/components/schemas/"


@rule(DOCUMENT)
def path_segments(document: Node) -> Faults:
    """Segments: letters, digits, _-.,: or a parameter; no /ping. [api-gateway-known-issues]."""
    for path in at(document, "paths"):
        first, *others = path.removeprefix("/").split("/")
        for segment in (first, *others):
            if not re.fullmatch(r"[\w.,:-]*|\{[\w.,:-]+\+?\}", segment, re.ASCII):
                yield f"paths.{path}", f"AWS takes no segment like {segment}: rename or divide it"
        if first in ("ping", "sping"):
            yield f"paths.{path}", "AWS keeps /ping and /sping to itself: rename it"


@rule("paths")
def path_fields(path: Node) -> Faults:
    """A path holds operations only. [github.com/getmoto/moto: moto/apigateway/models.py]."""
    for field in path:
        if field not in OPERATIONS:
            yield field, "is no operation, and moto crashes: move it into each operation"


@rule("paths")
def preflight(path: Node) -> Faults:
    """Every path answers OPTIONS, or a CORS preflight fails. [how-to-cors]."""
    if "options" not in path:
        yield "options", "is missing, so a preflight fails: add the mock that the other paths have"


@rule("parameters")
def cookie_parameters(parameter: Node) -> Faults:
    """A parameter is in path, query string or header. [API_PutMethod]."""
    if parameter.get("in") == "cookie":
        yield "in", "AWS knows path, query and header: use one of these"


@rule(DOCUMENT)
def security(document: Node) -> Faults:
    """Security is in operations only, and its schemes are apiKeys. [api-gateway-known-issues]."""
    if document.get("security"):
        yield "security", "AWS ignores it here: put it into each operation"
    for where, scheme in nodes(document, {"securitySchemes"}):
        if scheme.get("type") != "apiKey":
            yield f"{where}.type", "AWS takes apiKey only: use it, with an authorizer"


@rule(*OPERATIONS)
def status_codes(operation: Node) -> Faults:
    """A response has one status code: no default, no 4XX. [API_PutMethodResponse]."""
    for status in at(operation, "responses"):
        if not re.fullmatch(r"[1-5]\d\d|x-.*", status):
            yield f"responses.{status}", "is no status code: list each code that can occur"


@rule(*OPERATIONS)
def response_extensions(operation: Node) -> Faults:
    """No x- of our own in responses. [github.com/amazon-archives/aws-apigateway-importer #172]."""
    responses = at(operation, "responses")
    for field in [*responses, *(field for status in responses for field in at(responses, status))]:
        if field.startswith("x-") and not field.startswith(AWS):
            yield "responses", f"{field} may stop the import: move it into the operation"


@rule("responses")
def response_schemas(response: Node) -> Faults:
    """A response's schema is an object or a reference. [api-gateway-known-issues]."""
    for media_type in at(response, "content"):
        schema = at(response, "content", media_type, "schema")
        if schema.get("type", "object") != "object":
            yield f"content.{media_type}.schema", "AWS takes objects: make it a $ref to a schema"


@rule(*OPERATIONS)
def integrations(operation: Node) -> Faults:
    """A method has one; Lambda's is a POST. [api-gateway-swagger-extensions-integration]."""
    integration = at(operation, INTEGRATION)
    timeout = integration.get("timeoutInMillis", 50)
    if not integration:
        yield INTEGRATION, "is missing: say what answers this method"
    if integration.get("type") == "aws_proxy" and integration.get("httpMethod") != "POST":
        yield f"{INTEGRATION}.httpMethod", "Lambda is called by POST only: write POST"
    if integration.get("type") == "aws_proxy" and not integration.get("uri"):
        yield f"{INTEGRATION}.uri", "is missing: name the function to call"
    if not (isinstance(timeout, int) and TIMEOUT[0] <= timeout <= TIMEOUT[1]):
        yield f"{INTEGRATION}.timeoutInMillis", "AWS takes 50 to 29000: write a number of these"


@rule(*OPERATIONS)
def mapped_headers(operation: Node) -> Faults:
    """The headers that an integration sets are declared in the response. [how-to-cors]."""
    responses = at(operation, "responses")
    for response in at(operation, INTEGRATION, "responses").values():
        status = str(at(response).get("statusCode"))
        declared = [f"method.response.header.{name}" for name in at(responses, status, "headers")]
        for target in at(response, "responseParameters"):
            if target not in declared:
                yield f"responses.{status}.headers", f"lacks {target}: declare the header here"


@rule(*OPERATIONS, GATEWAY_RESPONSES)
def constants(node: Node) -> Faults:
    """A constant has single quotes. [enable-cors-for-resource-using-swagger-importer-tool]."""
    for response in [node, *at(node, INTEGRATION, "responses").values()]:
        for target, value in at(response, "responseParameters").items():
            if not re.fullmatch(VARIABLE_OR_CONSTANT, str(value)):
                yield "", f"{target}: {value} is no variable of AWS: put constants in single quotes"


@rule(DOCUMENT)
def request_validators(document: Node) -> Faults:
    """A validator that is named exists. [api-gateway-swagger-extensions-request-validators]."""
    for where, node in nodes(document, {DOCUMENT, *OPERATIONS}):
        name = node.get(f"{AWS}request-validator")
        if name is not None and str(name) not in at(document, f"{AWS}request-validators"):
            yield where, f"validator {name} does not exist: add it to {AWS}request-validators"


@rule(DOCUMENT)
def gateway_response_types(document: Node) -> Faults:
    """AWS has a list, and its DEFAULT_s keep each status. [supported-gateway-response-types]."""
    for name, response in at(document, GATEWAY_RESPONSES).items():
        if not re.fullmatch(GATEWAY_RESPONSE_TYPES, name):
            yield f"{GATEWAY_RESPONSES}.{name}", "AWS has no such type: take one of its list"
        if name in CATCH_ALL and "statusCode" in at(response):
            yield f"{GATEWAY_RESPONSES}.{name}", "statusCode changes all of these: leave it out"


@rule(DOCUMENT)
def gateway_response_cors(document: Node) -> Faults:
    """What AWS answers itself has CORS headers too. [api-gateway-gatewayResponse-definition]."""
    header = "gatewayresponse.header.Access-Control-Allow-Origin"
    for name in sorted(CATCH_ALL | at(document, GATEWAY_RESPONSES).keys()):
        if header not in at(document, GATEWAY_RESPONSES, name, "responseParameters"):
            yield f"{GATEWAY_RESPONSES}.{name}", f"lacks {header}, so no page can read it: set it"


@rule(GATEWAY_RESPONSES)
def gateway_response_templates(response: Node) -> Faults:
    """JSON, where only messageString has no quotes. [api-gateway-gatewayResponse-definition]."""
    for media_type, template in at(response, "responseTemplates").items():
        text = str(template).replace("$context.error.messageString", '"text"')
        text = re.sub(r"\$(context|method|stageVariables)\.[\w.-]+", "text", text)
        try:
            json.loads(text if "json" in media_type else "{}")
        except ValueError as error:
            advice = "quote every variable but $context.error.messageString"
            yield f"responseTemplates.{media_type}", f"is no JSON ({error}): {advice}"


@rule(DOCUMENT)
def quotas(document: Node) -> Faults:
    """300 resources an API, 6 MB a definition. [api-gateway-execution-service-limits-table]."""
    paths = [path.rstrip("/") + "/" for path in at(document, "paths")]
    resources = {path[: slash.end()] for path in paths for slash in re.finditer("/", path)}
    if len(resources) > MAX_RESOURCES:
        yield "paths", f"are {len(resources)} resources, and AWS takes 300: divide the API"
    if len(json.dumps(document, default=str)) > MAX_BYTES:
        yield "", "the document has more than the 6 MB that AWS takes: divide the API"


def check_text(text: str) -> list[Finding]:
    """Return every place where the text of the file breaks a rule."""
    return [*template_findings(text), *yaml_findings(text)]


def yaml_findings(text: str) -> list[Finding]:
    """Find merge keys, and aliases of blocks that contain aliases.

    Merge keys are not part of OpenAPI's YAML: https://spec.openapis.org/oas/v3.0.3#format
    Nested aliases multiply. npm `yaml` then refuses the file: "Excessive alias count".
    """
    findings = []
    open_anchors: list[str | None] = []  # of the blocks around an event, outermost first
    with_alias: set[str | None] = set()  # anchors of the blocks that contain an alias
    for event in yaml.parse(text):
        message = ""
        if isinstance(event, yaml.CollectionStartEvent):
            open_anchors.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            open_anchors.pop()
        elif isinstance(event, yaml.AliasEvent):
            if event.anchor in with_alias:
                message = f"*{event.anchor} stands for a block that contains an alias: use a $ref"
            with_alias.update(open_anchors)
        elif isinstance(event, yaml.ScalarEvent) and event.value == "<<" and event.implicit[0]:
            message = "OpenAPI has no merge keys: use a $ref, or write the fields out"
        if message and event.start_mark:
            findings.append(Finding("plain-yaml", f"line {event.start_mark.line + 1}", message))
    return findings


def template_findings(text: str) -> list[Finding]:
    """Find what Terraform's templatefile would change, other than a placeholder.

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
            message = "is Terraform's: only ${name} in a quoted string may stand here"
            findings.append(Finding("terraform-template", f"line {line}", f"{match[0]} {message}"))
    return findings


def main(arguments: list[str] | None = None) -> int:
    """Print the findings in a file. The exit code: 0 without any, 1 with some, 2 without a file."""
    parser = argparse.ArgumentParser("python -m contract.lint", description="Lint a contract.")
    parser.add_argument("file", nargs="?", default="openapi.yaml", type=Path)
    file = parser.parse_args(arguments).file
    try:
        text = file.read_text("utf-8")
        document = yaml.safe_load(text)
        json.dumps(document, default=str)  # fails on an alias that holds itself
    except OSError as error:
        parser.error(f"{file} cannot be read: {error.strerror}")
    except (TypeError, ValueError, yaml.YAMLError) as error:
        parser.error(f"{file} is not YAML that JSON could hold: {error}")
    if not isinstance(document, dict):
        parser.error(f"{file} is not OpenAPI: its YAML is no mapping")
    findings = check(document) + check_text(text)
    for finding in findings:
        print(f"{finding.where}: {finding.message} ({finding.rule})")
    if not findings:
        print(f"{file}: OK, it keeps all {len(RULES) + 2} rules")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
