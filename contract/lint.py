"""Lints openapi.yaml: what cannot be served or imported, or what tools read differently.

    python -m contract.lint [FILE]

import_rules.yaml has the rules for single places of the document that API Gateway imports. The
rules here compare several places, or are about the contract itself. Each one's docstring ends with
its source in brackets: a file, an address, or a page of
https://docs.aws.amazon.com/apigateway/latest/developerguide/.
"""

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator

from contract import generation, patterns, plain_yaml, validity
from contract.generation import AWS
from openapi_handler.references import is_data, resolve

Node = Mapping[str, Any]
Errors = Iterator[tuple[str, str]]  # the place, and the message
Rule = Callable[[Node], Errors]

INTEGRATION, GATEWAY_RESPONSES = f"{AWS}integration", f"{AWS}gateway-responses"
VALIDATOR, VALIDATORS = f"{AWS}request-validator", f"{AWS}request-validators"
IMPORT_RULES = Draft202012Validator(
    yaml.safe_load(Path(__file__).with_name("import_rules.yaml").read_text("utf-8"))
)
WRITING = ("post", "put", "patch", "delete")
PLACES = {"query": "querystring", "header": "header", "path": "path"}
MAX_RESOURCES, MAX_BYTES = 300, 6_000_000
VARIABLE = re.compile(r"\$(context|method|stageVariables)\.[\w.-]+")
NO_GENERATION = (
    "cannot be added: they, or an integration, have another form than contract/generation.py reads "
    "({!r}). Compare them with those of openapi.yaml of this project."
)
DIALECTS = (
    "has other meanings in JavaScript, Python and Rust from {part} on. Use sets such as [0-9a-z], "
    "and write other characters as \\uXXXX."
)


@dataclass(frozen=True)
class Finding:
    """A violation of a rule. The message says what is wrong and what to do."""

    rule: str
    place: str
    message: str


def check(text: str) -> list[Finding]:
    """Return every violation in the text of a contract.

    The rules need a document that is valid OpenAPI, so otherwise its errors are the only findings.
    In the same way, most rules for the import need a document that follows import_rules.yaml.

    Raises:
        yaml.YAMLError: the text is not YAML.
    """
    document = yaml.safe_load(text)
    lines = [Finding("plain-yaml", f"line {line}", error) for line, error in plain_yaml.find(text)]
    if invalid := [Finding("openapi", *error) for error in validity.find_errors(document)]:
        return lines + invalid
    found = lines + apply(CONTRACT, document)
    try:
        generated = generation.generate(document)
    except (AttributeError, KeyError, TypeError) as error:
        return [*found, Finding("generation", generation.TEMPLATES, NO_GENERATION.format(error))]
    return found + (apply((import_rules,), generated) or apply(IMPORT, generated))


def apply(rules: Iterable[Rule], node: Node) -> list[Finding]:
    return [
        Finding(rule.__name__.replace("_", "-"), place, message)
        for rule in rules
        for place, message in rule(node)
    ]


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield path, method and operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in (*generation.METHODS, generation.ANY):
                yield path, method, operation


def schemas(
    node: Any, place: str = "", key: str = "", parent: str = ""
) -> Iterator[tuple[str, Node]]:
    """Yield the place and the node of everything that may be a schema, but not of data."""
    if is_data(key, parent):
        return
    if isinstance(node, list):
        for position, item in enumerate(node):
            yield from schemas(item, f"{place}.{position}")
    elif isinstance(node, Mapping):
        if key != "properties":
            yield place, node
        for name, value in node.items():
            inner = "" if key == "properties" else name  # a property may have any name
            yield from schemas(value, f"{place}.{name}".strip("."), inner, key)


# Rules of the contract


def operation_ids(document: Node) -> Errors:
    """The function finds an operation by its operationId. [docs/decisions/0001-one-contract.md]."""
    for path, method, operation in operations(document):
        if not operation.get("operationId"):
            yield f"paths.{path}.{method}", "has no operationId. Add one."


def rate_limits(document: Node) -> Errors:
    """An operation that writes has a rate limit of its own. [api-gateway-request-throttling]."""
    for path, method, operation in operations(document):
        limit = operation.get("x-rate-limit")
        place = f"paths.{path}.{method}.x-rate-limit"
        if limit is None and method in WRITING:
            yield place, "is missing, and this operation writes. Add it: {rate: 5, burst: 25}"
        elif limit is not None and not is_limit(limit):
            yield place, "needs rate, above 0, and burst, a whole number: {rate: 5, burst: 25}"


def is_limit(limit: Any) -> bool:
    match limit:
        case {"rate": int() | float() as rate, "burst": int() as burst}:
            return rate > 0 and burst >= 1
    return False


def portable_patterns(document: Node) -> Errors:
    """A pattern means the same in all dialects of regular expressions. [contract/patterns.py]."""
    for place, schema in schemas(document):
        pattern = schema.get("pattern")
        if isinstance(pattern, str) and (part := patterns.different_part(pattern)):
            yield f"{place}.pattern", DIALECTS.format(part=part)


def declared_properties(document: Node) -> Errors:
    """A required property is declared. JSON Schema does not ask for it, so typing errors pass.

    A part of allOf may require what another part declares.

    [https://json-schema.org/understanding-json-schema/reference/object#required].
    """
    for place, schema in schemas(document):
        required, properties = schema.get("required"), schema.get("properties")
        is_part = ".allOf." in place
        if isinstance(required, list) and isinstance(properties, Mapping) and not is_part:
            for name in required:
                if name not in properties:
                    yield f"{place}.required", f"names {name}, which properties does not declare."


def cookies(document: Node) -> Errors:
    """A parameter is no cookie: API Gateway has no place for these. [latest/api/API_PutMethod]."""
    for place, node in schemas(document):
        if node.get("in") == "cookie" and "name" in node:
            yield f"{place}.in", "is cookie, which the function does not read. Use header or query."


def extensions(document: Node) -> Errors:
    """Extensions are known. The generation leaves out others, such as a misspelt policy.

    [contract/generation.py].
    """
    for place, node in schemas(document):
        for name in node:
            if name.startswith(AWS) and name not in {*generation.EXTENSIONS, generation.ANY}:
                yield f"{place}.{name}".strip("."), "is no extension of a REST API. Correct it."


def media_types(document: Node) -> Errors:
    """A body's media types have small letters and no parameters, as the function compares them.

    [lambda/openapi_handler/messages.py].
    """
    for path, method, operation in operations(resolve(document)):
        for media_type in operation.get("requestBody", {}).get("content", {}):
            if ";" in media_type or media_type != media_type.lower():
                place = f"paths.{path}.{method}.requestBody.content.{media_type}"
                yield place, "needs small letters and no parameters. Requests may have any."


def path_references(document: Node) -> Errors:
    """A path has its operations in its own place. Terraform reads their rate limits there.

    [terraform/variables.tf].
    """
    for path, item in document["paths"].items():
        if "$ref" in item:
            yield f"paths.{path}", "is a reference. Write the operations of the path here."


# Rules of the generated document


def import_rules(generated: Node) -> Errors:
    """Single places follow the rules of API Gateway's import. [contract/import_rules.yaml]."""
    for error in IMPORT_RULES.iter_errors(generated):
        message = f"{error.message[:200]}. {error.schema.get('description', '')}".strip()
        yield ".".join(map(str, error.absolute_path)), message


def path_variables(generated: Node) -> Errors:
    """Resources beside each other have one name for their variable.

    [https://github.com/amazon-archives/aws-apigateway-importer/issues/202].
    """
    names: defaultdict[str, set[str]] = defaultdict(set)
    for path in generated["paths"]:
        segments = path.strip("/").split("/")
        for position, segment in enumerate(segments):
            if segment.startswith("{"):
                names["/".join(segments[:position])].add(segment)
    for parent, variables in names.items():
        if len(variables) > 1:
            listed = " and ".join(sorted(variables))
            yield f"paths./{parent}", f"has {listed} at one place. Use one name for the variable."


def reserved_paths(generated: Node) -> Errors:
    """/ping and /sping are reserved. [api-gateway-known-issues]."""
    for path in generated["paths"]:
        if path.split("/")[1] in {"ping", "sping"}:
            yield f"paths.{path}", "begins with /ping or /sping, which AWS reserves. Rename it."


def parameter_names(generated: Node) -> Errors:
    """A parameter has a valid and unique name. [latest/api/API_PutMethod]."""
    for path, method, operation in operations(generated):
        names = [parameter["name"] for parameter in operation["parameters"]]
        for name in {name for name in names if names.count(name) > 1}:
            place = f"paths.{path}.{method}.parameters"
            yield place, f"{name} is in two places, such as path and query. Rename one of them."


def request_mappings(generated: Node) -> Errors:
    """A request parameter that an integration maps is declared.

    [api-gateway-swagger-extensions-integration-requestParameters].
    """
    for path, method, operation in operations(generated):
        declared = {
            f"method.request.{PLACES[parameter['in']]}.{parameter['name']}"
            for parameter in operation["parameters"]
        }
        mapped = operation.get(INTEGRATION, {}).get("requestParameters", {})
        for target, source in mapped.items():
            place = f"paths.{path}.{method}.{INTEGRATION}.requestParameters.{target}"
            known = str(source).startswith(("method.request.body", "method.request.multivalue"))
            if str(source).startswith("method.request.") and not known and source not in declared:
                yield place, f"maps {source}, which the operation does not declare."


def response_mappings(generated: Node) -> Errors:
    """What an integration answers, and the headers that it sets, is declared. [how-to-cors]."""
    for path, method, operation in operations(generated):
        responses = operation["responses"]
        for response in operation.get(INTEGRATION, {}).get("responses", {}).values():
            status = str(response.get("statusCode"))
            place = f"paths.{path}.{method}.responses.{status}"
            if status not in responses:
                yield place, "is missing, and the integration answers it. Add the response."
                continue
            declared = {f"method.response.header.{name}" for name in responses[status]["headers"]}
            for target in sorted(response.get("responseParameters", {}).keys() - declared):
                yield f"{place}.headers", f"does not declare {target}. Add the header."


def validator_names(generated: Node) -> Errors:
    """Every validator that is named exists. [api-gateway-swagger-extensions-request-validators]."""
    known = generated.get(VALIDATORS, {})
    places = [("", generated)] + [
        (f"paths.{path}.{method}.", operation) for path, method, operation in operations(generated)
    ]
    for place, node in places:
        if VALIDATOR in node and node[VALIDATOR] not in known:
            yield (
                f"{place}{VALIDATOR}",
                f"{node[VALIDATOR]} does not exist. Add it to {VALIDATORS}.",
            )


def security_schemes(generated: Node) -> Errors:
    """Every security scheme that is named exists. [api-gateway-known-issues]."""
    known = generated.get("components", {}).get("securitySchemes", {})
    for path, method, operation in operations(generated):
        for name in {name for choice in operation.get("security", []) for name in choice} - {
            *known
        }:
            place = f"paths.{path}.{method}.security"
            yield place, f"{name} does not exist. Add it to components.securitySchemes."


def gateway_templates(generated: Node) -> Errors:
    """Templates are JSON with quoted variables. $context.error.messageString has its own quotes.

    [api-gateway-gatewayResponse-definition].
    """
    for name, response in generated.get(GATEWAY_RESPONSES, {}).items():
        for media_type, template in response.get("responseTemplates", {}).items():
            text = str(template).replace("$context.error.messageString", '"text"')
            try:
                json.loads(VARIABLE.sub("text", text) if "json" in media_type else "{}")
            except ValueError as error:
                place = f"{GATEWAY_RESPONSES}.{name}.responseTemplates.{media_type}"
                advice = "Quote every variable except $context.error.messageString."
                yield place, f"is not JSON ({error}). {advice}"


def quotas(generated: Node) -> Errors:
    """An API has at most 300 resources, and its definition at most 6 MB.

    [api-gateway-execution-service-limits-table].
    """
    paths = [path.rstrip("/") + "/" for path in generated["paths"]]
    resources = {path[: slash.end()] for path in paths for slash in re.finditer("/", path)}
    if len(resources) > MAX_RESOURCES:
        yield "paths", f"has {len(resources)} resources, and AWS allows 300. Split the API."
    if len(json.dumps(generated)) > MAX_BYTES:
        yield "document", "is larger than 6 MB, which AWS rejects. Split the API."


CONTRACT: tuple[Rule, ...] = (
    operation_ids,
    rate_limits,
    portable_patterns,
    declared_properties,
    cookies,
    extensions,
    media_types,
    path_references,
)
IMPORT: tuple[Rule, ...] = (
    path_variables,
    reserved_paths,
    parameter_names,
    request_mappings,
    response_mappings,
    validator_names,
    security_schemes,
    gateway_templates,
    quotas,
)


def main(arguments: list[str] | None = None) -> int:
    """Print the findings in a file. Return 1 if there are any. Exit with 2 if it is invalid."""
    parser = argparse.ArgumentParser("python -m contract.lint", description="Lint a contract.")
    parser.add_argument("file", nargs="?", default="openapi.yaml", type=Path)
    file = parser.parse_args(arguments).file
    try:
        findings = check(file.read_text("utf-8"))
    except OSError as error:
        parser.error(f"{file} cannot be read: {error.strerror}")
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        parser.error(f"{file} is not YAML with JSON's types: {error}")
    for finding in findings:
        print(f"{finding.place}: {finding.message} ({finding.rule})")
    if not findings:
        print(f"{file}: OK")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
