"""Lints openapi.yaml: what cannot be served or imported, or what tools read differently.

    python -m contract.lint [FILE]

rules.yaml has the rules for single places. The rules here compare several places, or find places
by their name. Each one's docstring ends with its source in brackets: a file, an address, or a page
of https://docs.aws.amazon.com/apigateway/latest/developerguide/.
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

Node = Mapping[str, Any]
Errors = Iterator[tuple[str, str]]  # the place, and the message
Rule = Callable[[Node], Errors]

INTEGRATION, GATEWAY_RESPONSES = f"{AWS}integration", f"{AWS}gateway-responses"
VALIDATOR, VALIDATORS = f"{AWS}request-validator", f"{AWS}request-validators"
CONTRACT_RULES, IMPORT_RULES = yaml.safe_load_all(
    Path(__file__).with_name("rules.yaml").read_text("utf-8")
)
PLACES = {"query": "querystring", "header": "header", "path": "path"}
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
    In the same way, most rules for the import need a document that follows its part of rules.yaml.

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


def violations(schema: Node, document: Node) -> Errors:
    """Yield the errors of a JSON Schema whose descriptions say what to do."""
    for error in Draft202012Validator(schema).iter_errors(document):
        message = f"{error.message[:200]}. {error.schema.get('description', '')}".strip()
        yield ".".join(map(str, error.absolute_path)), message


def operations(document: Node) -> Iterator[tuple[str, str, Node]]:
    """Yield path, method and operation."""
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method in (*generation.METHODS, generation.ANY):
                yield path, method, operation


# Rules of the contract


def contract_rules(document: Node) -> Errors:
    """Single places of the contract follow the rules of this project. [contract/rules.yaml]."""
    yield from violations(CONTRACT_RULES, document)


def portable_patterns(document: Node) -> Errors:
    """A pattern means the same in all dialects of regular expressions. [contract/patterns.py]."""
    for place, key, value in validity.parts(document):
        if key == "pattern" and isinstance(value, str) and (part := patterns.different_part(value)):
            yield place, DIALECTS.format(part=part)


def declared_properties(document: Node) -> Errors:
    """A required property is declared. JSON Schema does not ask for it, so typing errors pass.

    A part of allOf may require what another part declares.

    [https://json-schema.org/understanding-json-schema/reference/object#required].
    """
    for place, _, schema in validity.parts(document):
        match schema:
            case {"required": [*names], "properties": {**properties}} if ".allOf." not in place:
                for name in names:
                    if name not in properties:
                        yield (
                            f"{place}.required",
                            f"names {name}, which is not declared.",
                        )


def cookies(document: Node) -> Errors:
    """A parameter is no cookie: API Gateway has no place for these. [latest/api/API_PutMethod]."""
    for place, _, node in validity.parts(document):
        match node:
            case {"in": "cookie", "name": _}:
                yield f"{place}.in", "is cookie, which the function does not read. Use a header."


def extensions(document: Node) -> Errors:
    """Extensions are known. The generation leaves out others, such as a misspelt policy.

    [contract/generation.py].
    """
    for place, key, _ in validity.parts(document):
        if key.startswith(AWS) and key not in {*generation.EXTENSIONS, generation.ANY}:
            yield place, "is no extension of a REST API. Correct it."


# Rules of the generated document


def import_rules(generated: Node) -> Errors:
    """Single places follow the rules of API Gateway's import. [contract/rules.yaml]."""
    yield from violations(IMPORT_RULES, generated)


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


CONTRACT: tuple[Rule, ...] = (
    contract_rules,
    portable_patterns,
    declared_properties,
    cookies,
    extensions,
)
IMPORT: tuple[Rule, ...] = (
    path_variables,
    parameter_names,
    request_mappings,
    response_mappings,
    validator_names,
    security_schemes,
    gateway_templates,
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
