"""Judges responses by openapi.yaml, without the function's own validators: jsonschema alone."""

import json
from functools import cache

import yaml
from jsonschema import Draft7Validator, FormatChecker

from contract.repository import ROOT

KNOWN_VALUES = "x-known-values"


@cache
def document():
    """Return openapi.yaml, with schemas that allow only what this version documents."""
    document = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    schemas = document["components"]["schemas"]
    for schema in schemas.values():
        if "properties" in schema:
            schema["additionalProperties"] = False
            for field in schema["properties"].values():
                if KNOWN_VALUES in field:
                    field["enum"] = field[KNOWN_VALUES]
    return document


def follow(node):
    """Return a node of the document, or what its reference leads to."""
    if "$ref" not in node:
        return node
    target = document()
    for key in node["$ref"].removeprefix("#/").split("/"):
        target = target[key]
    return follow(target)


def violations(method, path, status, headers, body):
    """Return what the contract does not document in a response.

    Args:
        path: the path template.
        headers: a mapping with names in any case.
        body: text.
    """
    responses = document()["paths"][path][method.lower()]["responses"]
    if str(status) not in responses:
        return [f"status {status}"]
    response = follow(responses[str(status)])
    sent = {name.lower(): str(value) for name, value in headers.items()}
    found = []
    for name, header in response["headers"].items():
        specification = follow(header)
        if name.lower() in sent:
            found += invalid(specification["schema"], parsed(specification, sent[name.lower()]))
        elif specification.get("required"):
            found.append(f"header {name} is missing")
    media_type = sent.get("content-type", "")
    if media_type.partition(";")[0] not in response["content"]:
        return [*found, f"content type {media_type}"]
    schema = response["content"][media_type.partition(";")[0]]["schema"]
    return found + invalid(schema, json.loads(body) if media_type.endswith("json") else body)


def parsed(header, text):
    return int(text) if header["schema"]["type"] == "integer" else text


def invalid(schema, value):
    return [
        f"{'/'.join(map(str, error.path))}: {error.message}"
        for error in validator(json.dumps(schema)).iter_errors(value)
    ]


@cache
def validator(schema):
    """Return the validator of a schema, whose references lead into the document."""
    whole = {"allOf": [json.loads(schema)], "components": document()["components"]}
    return Draft7Validator(whole, format_checker=FormatChecker())
