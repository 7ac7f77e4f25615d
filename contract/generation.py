"""Makes the document that API Gateway imports, from openapi.yaml.

    python -m contract.generation [--check]

AWS's import reads a part of OpenAPI, follows `$ref` only in schemas, and refuses or ignores the
rest. So this module resolves references, adds the methods of `x-generated-methods` to each path,
and leaves out what the import does not read. API Gateway does not validate bodies here, so it needs
no schemas either: the function validates every message against the whole contract.

`make generate` writes the document to terraform/generated/, and pull requests show its changes.
"""

import json
import sys
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from contract.repository import ROOT, SOURCE
from openapi_handler.references import resolve

GENERATED = ROOT / "terraform" / "generated" / "openapi.json"
STALE = "terraform/generated/openapi.json is not that of openapi.yaml. Run make generate."
LAMBDA = "${lambda_invoke_arn}"  # Terraform replaces it
METHODS_OF_PATH = "${methods}"
TEMPLATES = "x-generated-methods"
COPY = "x-copy-of"

AWS = "x-amazon-apigateway-"
ANY = f"{AWS}any-method"
METHODS = ("get", "put", "post", "delete", "head", "patch", "trace", "options")

# What the import reads: pages of https://docs.aws.amazon.com/apigateway/latest/developerguide/
# api-gateway-swagger-extensions, without the extensions that are only for HTTP APIs
EXTENSIONS = {
    f"{AWS}{name}"
    for name in (
        *("api-key-source", "auth", "authorizer", "authtype", "binary-media-types"),
        *("endpoint-access-mode", "endpoint-configuration", "gateway-responses"),
        *("importexport-version", "integration", "minimum-compression-size", "policy"),
        *("request-validator", "request-validators", "security-policy"),
    )
}
# api-gateway-known-issues, import-api-aws-variables, how-to-cors
INFO = {"title", "version", "description"}
OPERATION = {"operationId", "summary", "security"}
PARAMETER = {"name", "in", "required"}
PARAMETER_PLACES = {"path", "query", "header"}
RESPONSE = {"description"}
HEADER = {"required"}
SECURITY_SCHEME = {"type", "name", "in"}

Node = dict[str, Any]


def expand(document: Mapping[str, Any]) -> Node:
    """Return a contract with references resolved, except to schemas, and all generated methods.

    What holds for all operations of a path or of the document (parameters, security) is in each
    operation of the result.
    """
    resolved = resolve(document)
    templates = resolved.get(TEMPLATES, {})
    security = resolved.get("security", [])
    paths = {
        path: add_methods(share({"security": security}, item), templates)
        for path, item in resolved["paths"].items()
    }
    return {**without(resolved, {TEMPLATES, "security"}), "paths": paths}


def share(document_fields: Node, item: Node) -> Node:
    """Return the operations of a path with what the path and the document define for all."""
    parameters = item.get("parameters", [])
    operations = {}
    for method in [name for name in (*METHODS, ANY) if name in item]:
        operation = {**document_fields, **item[method]}
        own = operation.get("parameters", [])
        names = {(parameter["in"], parameter["name"]) for parameter in own}
        inherited = [one for one in parameters if (one["in"], one["name"]) not in names]
        operations[method] = {**operation, "parameters": [*inherited, *own]}
    return operations


def add_methods(item: Node, templates: Mapping[str, Node]) -> Node:
    """Return a path with the methods of the templates that it does not have itself."""
    path_parameters = [
        parameter for parameter in first(item)["parameters"] if parameter["in"] == "path"
    ]
    added = {}
    for method, template in templates.items():
        original = template.get(COPY)
        if method in item or (original and original not in item):
            continue
        base = item[original] if original else {"security": [], "parameters": path_parameters}
        added[method] = {**without(base, {"operationId"}), **without(template, {COPY})}
    if "head" in added:
        responses = added["head"]["responses"].items()
        added["head"]["responses"] = {
            status: without(response, {"content"}) for status, response in responses
        }
    methods = [name.upper() for name in METHODS if name in item or name in added]
    text = json.dumps(added, default=str).replace(METHODS_OF_PATH, ", ".join(methods))
    return {**item, **json.loads(text)}


def first(item: Node) -> Node:
    return next(iter(item.values()), {"parameters": []})


def for_import(expanded: Mapping[str, Any]) -> Node:
    """Return the part of an expanded contract that API Gateway's import reads."""
    document = {
        "openapi": expanded["openapi"],
        "info": only(expanded["info"], INFO),
        "paths": {
            path: {method: operation(node) for method, node in item.items()}
            for path, item in expanded["paths"].items()
        },
        **only(expanded, EXTENSIONS),
    }
    if schemes := expanded.get("components", {}).get("securitySchemes"):
        known = SECURITY_SCHEME | EXTENSIONS
        document["components"] = {
            "securitySchemes": {name: only(scheme, known) for name, scheme in schemes.items()}
        }
    return document


def operation(node: Node) -> Node:
    """Return what the import reads of an operation.

    Every status and header of the function passes through a proxy integration. So ranges such as
    4XX and `default`, which the import does not know, are left out, and so are headers that no
    integration sets.
    """
    mapped = mapped_headers(node)
    return {
        **without_empty(only(node, OPERATION | EXTENSIONS)),
        "parameters": [
            typed(without(parameter, unchecked(parameter)), PARAMETER)
            for parameter in node["parameters"]
            if parameter["in"] in PARAMETER_PLACES
        ],
        "responses": {
            status: {
                **only(response, RESPONSE),
                "headers": {
                    name: typed(header, HEADER)
                    for name, header in response.get("headers", {}).items()
                    if name in mapped
                },
            }
            for status, response in node["responses"].items()
            if str(status).isdecimal()
        },
    }


def unchecked(parameter: Node) -> set[str]:
    """Return what the gateway must not check: it would refuse what the contract allows.

    It takes an empty value for a missing one, and does not find `name[key]` of a deepObject.
    """
    is_odd = parameter.get("allowEmptyValue") or parameter.get("style") == "deepObject"
    return {"required"} if is_odd else set()


def mapped_headers(operation: Node) -> set[str]:
    """Return the names of the response headers that an integration sets."""
    responses = operation.get(f"{AWS}integration", {}).get("responses", {})
    return {
        target.rpartition(".")[2]
        for response in responses.values()
        for target in response.get("responseParameters", {})
    }


def typed(node: Node, known: set[str]) -> Node:
    """Return what the import reads of a parameter or a header.

    To the gateway all are texts, of which it only asks whether they are there.
    """
    return {**only(node, known), "schema": {"type": "string"}}


def only(node: Mapping[str, Any], names: Collection[str]) -> Node:
    return {name: value for name, value in node.items() if name in names}


def without(node: Mapping[str, Any], names: Collection[str]) -> Node:
    return {name: value for name, value in node.items() if name not in names}


def without_empty(node: Node) -> Node:
    return {name: value for name, value in node.items() if value not in ([], "")}


def generate(document: Mapping[str, Any]) -> Node:
    """Return the document for the import from the parsed openapi.yaml."""
    return for_import(expand(document))


def read() -> Node:
    """Return the generated document that is in the repository."""
    return dict(json.loads(GENERATED.read_text("utf-8")))


def write(document: Mapping[str, Any]) -> str:
    """Return the text of the generated file."""
    return json.dumps(generate(document), indent=2, ensure_ascii=False) + "\n"


def is_stale(source: Path = SOURCE, generated: Path = GENERATED) -> bool:
    """Return whether the generated file is missing or is not that of the contract."""
    text = write(yaml.safe_load(source.read_text("utf-8")))
    return not generated.exists() or generated.read_text("utf-8") != text


def main(arguments: Iterable[str]) -> None:
    if "--check" in arguments:
        sys.exit(STALE if is_stale() else 0)
    GENERATED.parent.mkdir(exist_ok=True)
    GENERATED.write_text(write(yaml.safe_load(SOURCE.read_text("utf-8"))), "utf-8", newline="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
