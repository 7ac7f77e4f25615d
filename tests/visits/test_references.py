"""References to parameters, responses and headers are resolved; others stay."""

import json

import pytest

from visits.references import resolve

PARAMETER = {"name": "a", "in": "query", "schema": {"$ref": "#/components/schemas/A"}}


def test_each_kind_of_reference_is_resolved():
    """Parameters, responses and the headers of responses are replaced, in operations and parts."""
    header, response = {"schema": {"type": "string"}}, {"description": "A"}
    document = {
        "components": {
            "parameters": {"A": PARAMETER},
            "headers": {"A": header},
            "responses": {"A": {**response, "headers": {"A": {"$ref": "#/components/headers/A"}}}},
        },
        "paths": {
            "/": {
                "get": {
                    "parameters": [{"$ref": "#/components/parameters/A"}],
                    "responses": {"200": {"$ref": "#/components/responses/A"}},
                }
            }
        },
    }
    before = json.dumps(document)
    resolved = resolve(document)
    expected = {**response, "headers": {"A": header}}
    assert resolved["components"]["responses"] == {"A": expected}
    assert resolved["paths"]["/"]["get"] == {
        "parameters": [PARAMETER],
        "responses": {"200": expected},
    }
    assert json.dumps(document) == before


@pytest.mark.parametrize(
    "reference",
    ["#/components/headers/B", "#/components/responses/A", "#/components/headers/C", "a.yaml#/A"],
)
def test_other_references_stay(reference):
    """A reference stays if it is unknown, of another kind, to a reference, or to another file."""
    headers = {"X": {"$ref": reference}}
    document = {
        "components": {
            "responses": {"A": {"description": "A"}},
            "headers": {"A": {}, "C": {"$ref": "#/components/headers/A"}},
        },
        "paths": {"/": {"get": {"responses": {"200": {"headers": headers}}}}},
    }
    assert resolve(document)["paths"] == document["paths"]


@pytest.mark.parametrize(
    "document", [None, "a", [], {"a": {"$ref": []}}, {"components": {"headers": [1]}}]
)
def test_what_is_not_openapi_stays(document):
    """What is not an OpenAPI document is returned as it is."""
    assert resolve(document) == document
