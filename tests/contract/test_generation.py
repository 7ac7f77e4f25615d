"""The document that API Gateway imports is the contract's, and up to date."""

import json

import yaml

from contract import generation
from contract.repository import SOURCE

INTEGRATION = "x-amazon-apigateway-integration"
DOCUMENT = yaml.safe_load(SOURCE.read_text("utf-8"))
METHODS = {*generation.METHODS}


def test_generated_file_is_up_to_date(tmp_path):
    """terraform/generated/openapi.json is that of openapi.yaml; another one is stale."""
    assert not generation.is_stale()
    changed = tmp_path / "openapi.yaml"
    changed.write_text(SOURCE.read_text("utf-8").replace("/health:", "/healthy:"))
    assert generation.is_stale(changed)
    assert generation.is_stale(generated=tmp_path / "missing.json")


def test_import_is_the_contract():
    """Paths, methods, operationIds, parameters, statuses and integrations are the contract's.

    So are the gateway responses. Only the methods of the templates are added.
    """
    generated = generation.generate(DOCUMENT)
    resolved = generation.resolve(DOCUMENT)
    assert generated["paths"].keys() == resolved["paths"].keys()
    assert (
        generated["x-amazon-apigateway-gateway-responses"]
        == (resolved["x-amazon-apigateway-gateway-responses"])
    )
    for path, item in resolved["paths"].items():
        imported = generated["paths"][path]
        assert imported.keys() - item.keys() <= resolved["x-generated-methods"].keys()
        for method, operation in item.items():
            assert imported[method]["operationId"] == operation["operationId"]
            assert imported[method]["responses"].keys() == operation["responses"].keys()
            assert imported[method][INTEGRATION] == operation[INTEGRATION]
            assert [
                (parameter["name"], parameter["in"], parameter.get("required"))
                for parameter in operation.get("parameters", [])
            ] == [
                (parameter["name"], parameter["in"], parameter.get("required"))
                for parameter in imported[method]["parameters"]
            ]
    text = json.dumps(generated)
    assert "$ref" not in text
    assert "${methods}" not in text


def test_methods_of_a_path_are_added():
    """A path gets HEAD if it has GET, preflights and 405 answers, which name all its methods."""
    item = generation.generate(DOCUMENT)["paths"]["/counters/{counterId}"]
    assert list(item) == ["get", "head", "options", generation.ANY]
    assert item["head"] == {
        name: value for name, value in item["get"].items() if name != "operationId"
    }
    allowed = item[generation.ANY][INTEGRATION]["responses"]["default"]["responseParameters"]
    assert allowed["method.response.header.Allow"] == "'GET, HEAD, OPTIONS'"
    assert [parameter["name"] for parameter in item["options"]["parameters"]] == ["counterId"]
    without_get = generation.generate(DOCUMENT)["paths"]["/counters/{counterId}/visits"]
    assert list(without_get) == ["post", "options", generation.ANY]


def test_a_path_may_have_its_own_methods_and_shared_parameters():
    """A path keeps its own methods. What it and the document share is in each operation."""
    day = yaml.safe_load("2026-11-22")  # not text: contract/plain_yaml.py finds it
    key = {"name": "X-Key", "in": "header", "schema": {"type": "string"}, "example": day}
    document = json.loads(json.dumps(DOCUMENT)) | {"security": [{"key": []}]}
    item = document["paths"]["/health"]
    item |= {"parameters": [key], "options": {**item["get"], "operationId": "own"}}
    generated = generation.generate(document)["paths"]["/health"]
    assert generated["options"]["operationId"] == "own"
    for method in ("get", "head", "options"):
        assert [parameter["name"] for parameter in generated[method]["parameters"]] == ["X-Key"]
        assert generated[method]["security"] == [{"key": []}]


def test_gateway_does_not_check_what_it_would_refuse_wrongly():
    """A required parameter that may be empty, or that is spread over several names, is optional."""
    document = json.loads(json.dumps(DOCUMENT))
    odd = {"allowEmptyValue": True}, {"style": "deepObject"}, {}
    document["paths"]["/health"]["get"]["parameters"] = [
        {"name": f"a{n}", "in": "query", "required": True, "schema": {}, **fields}
        for n, fields in enumerate(odd)
    ]
    parameters = generation.generate(document)["paths"]["/health"]["get"]["parameters"]
    assert [parameter.get("required", False) for parameter in parameters] == [False, False, True]
