"""References to parameters, responses and headers are resolved; others stay."""

import json

import pytest

from openapi_handler.contract import read
from openapi_handler.references import BadReference, check, resolve

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


def test_references_are_followed_to_their_end():
    """A reference may lead to another one, to a part of a path, or through a name with a slash."""
    parameters = {"A": PARAMETER, "B": {"$ref": "#/components/parameters/A"}}
    parameters["C"] = {"$ref": "#/paths/~1a/get/parameters/0"}
    parameters |= {"~": PARAMETER, "D": {"$ref": "#/components/parameters/~0"}}
    get = {"parameters": [{"$ref": "#/components/parameters/B"}]}
    document = {"components": {"parameters": parameters}, "paths": {"/a": {"get": get}}}
    resolved = resolve(document)
    assert resolved["paths"]["/a"]["get"] == {"parameters": [PARAMETER]}
    assert resolved["components"]["parameters"] == dict.fromkeys("ABC~D", PARAMETER)


def test_a_callback_may_contain_itself():
    """A reference inside of what it refers to is followed once."""
    inner = {"$ref": "#/components/callbacks/A"}
    callbacks = {"A": {"{$url}": {"post": {"callbacks": {"A": inner}}}}}
    get = {"callbacks": {"A": inner}}
    document = {"components": {"callbacks": callbacks}, "paths": {"/": {"get": get}}}
    [resolved] = resolve(document)["paths"]["/"]["get"]["callbacks"].values()
    assert resolved.keys() == {"{$url}"}


@pytest.mark.parametrize(
    ("reference", "reason"),
    [
        ("#/components/headers/B", "leads to nothing."),
        ("#/components/headers/A/schema/0", "leads to nothing."),
        ("#/components/headers/C", "leads to itself."),
        ("#/components/headers/~0", "leads to nothing."),
        ("a.yaml#/A", "leads out of this file. References begin with #/ here."),
    ],
)
def test_reference_that_cannot_be_followed_is_named(reference, reason):
    """It stays as it is, and the error names its place, the reference and the reason."""
    headers = {"A": {"schema": {}}, "C": {"$ref": "#/components/headers/C"}}
    item = {"get": {"responses": {"200": {"headers": {"X": {"$ref": reference}}}}}}
    document = {"components": {"headers": headers}, "paths": {"/": item, "/alias": item}}
    assert resolve(document)["paths"] == document["paths"]
    place = "paths./.get.responses.200.headers.X"
    with pytest.raises(BadReference) as error:
        check(document)
    found = [line for line in str(error.value).splitlines() if line.startswith("paths")]
    assert found == [f"{place}: {reference} {reason}"]


def test_data_contains_no_references(tmp_path):
    """Examples, defaults and extensions may contain anything, unlike properties of their names."""
    bad = {"$ref": "#/nothing"}
    data = {"example": [bad], "default": {"a": bad}, "x-own": bad}
    source = tmp_path / "openapi.yaml"
    source.write_text(json.dumps(data | {"info": {}}))
    assert read(source)[0] == data | {"info": {}}
    source.write_text(json.dumps({"properties": data}))
    with pytest.raises(BadReference) as error:
        read(source)
    assert [line.split(":")[0] for line in str(error.value).splitlines()] == [
        "properties.x-own",
        "properties.example.0",
        "properties.default.a",
    ]
