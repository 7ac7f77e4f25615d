"""The linter finds what API Gateway's import refuses, and what tools read differently."""

import json

import pytest
import yaml

from contract import lint
from contract.repository import SOURCE

AWS = "x-amazon-apigateway-"
# A small contract without findings, in which each fault below is made.
TEXT = """
openapi: 3.0.3
info: {title: Things, version: 1.0.0, description: Keeps things.}
paths:
  /things/{id}:
    post:
      operationId: writeThing
      x-rate-limit: {rate: 5, burst: 25}
      parameters:
        - {$ref: "#/components/parameters/Id"}
        - {name: dry, in: query, schema: {type: boolean}}
      responses:
        "201": {description: Written}
      x-amazon-apigateway-integration: &lambda
        {type: aws_proxy, httpMethod: POST, uri: "${lambda_invoke_arn}", timeoutInMillis: 12000}
  /health:
    get:
      operationId: readHealth
      responses:
        "200": {description: Works}
      x-amazon-apigateway-integration: *lambda
components:
  parameters:
    Id: {name: id, in: path, required: true, schema: {type: string, pattern: "^[a-z]+$"}}
  schemas:
    Thing: {type: object, required: [name], properties: {name: {type: string}}}
x-generated-methods:
  options:
    responses:
      "204": {description: Allowed, headers: {Allow: {schema: {type: string}}}}
    x-amazon-apigateway-integration:
      type: mock
      requestTemplates: {application/json: "{}"}
      responses:
        default:
          statusCode: "204"
          responseParameters: {method.response.header.Allow: "'${methods}'"}
x-amazon-apigateway-request-validator: parameters
x-amazon-apigateway-request-validators:
  parameters: {validateRequestParameters: true, validateRequestBody: false}
x-amazon-apigateway-gateway-responses:
  THROTTLED: &problem
    responseParameters: {gatewayresponse.header.Access-Control-Allow-Origin: "'*'"}
    responseTemplates: {application/json: '{"title": "Later"}'}
  DEFAULT_4XX: *problem
"""
HEALTH = "paths /health get"
LAMBDA = f"{HEALTH} {AWS}integration"
MOCK = f"x-generated-methods options {AWS}integration"
MOCK_RESPONSE = f"{MOCK} responses default"
GATEWAY = f"{AWS}gateway-responses"
CORS = {"responseParameters": {"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}}
THING = "components schemas Thing"
WRITE = "paths /things/{id} post"
GET = yaml.safe_load(TEXT)["paths"]["/health"]["get"]
ITEM = {"get": {**GET, "operationId": "other"}}
BODY = {"content": {"text/plain": {"schema": {"type": "string"}}}}
GONE = object()


def variable(name):
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}


def below(*names):
    """Return the operations of a path with these variables."""
    return {"get": {**ITEM["get"], "parameters": [variable(name) for name in names]}}


# The rule that finds it, the place of an edit, and the new value.
FAULTS = [
    # not valid, or not to be served
    ("openapi", "openapi", "3.1.0"),
    ("openapi", f"{THING} properties name", {"$ref": "#/components/schemas/Missing"}),
    ("openapi", f"{WRITE} parameters 0", {"$ref": "parameters.yaml#/CounterId"}),
    ("openapi", "components", None),
    ("openapi", f"{WRITE} parameters 1", {"name": "dry"}),
    ("generation", "x-generated-methods", {"head": "get"}),
    ("import-rules", "paths /health trace", ITEM["get"]),
    ("declared-properties", f"{THING} required", ["title"]),
    ("contract-rules", f"{WRITE} x-rate-limit", GONE),
    ("contract-rules", f"{WRITE} operationId", ""),
    ("portable-patterns", f"{THING} properties name", {"type": "string", "pattern": r"^\w+$"}),
    ("cookies", f"{WRITE} parameters 1", {**variable("a"), "in": "cookie"}),
    # paths
    ("import-rules", "paths /health/", ITEM),
    ("import-rules", "paths /a/{id}.svg", below("id")),
    ("import-rules", "paths /ping", ITEM),
    ("path-variables", "paths /things/{name}/more", below("name")),
    ("contract-rules", "paths /other", {"$ref": "#/x-paths/other"}),
    ("contract-rules", f"{WRITE} requestBody", {"content": {"text/plain; charset=utf-8": {}}}),
    # parameters and mappings
    ("parameter-names", f"{WRITE} parameters 1", {**variable("id"), "in": "query"}),
    (
        "request-mappings",
        f"{LAMBDA} requestParameters",
        {"integration.request.header.A": "method.request.header.A"},
    ),
    ("import-rules", f"{LAMBDA} requestParameters", {"integration.request.header.A": "text"}),
    ("response-mappings", f"{MOCK_RESPONSE} statusCode", "299"),
    ("import-rules", f"{MOCK_RESPONSE} statusCode", 204),
    (
        "response-mappings",
        f"{MOCK_RESPONSE} responseParameters method.response.header.Vary",
        "'Origin'",
    ),
    # integrations
    ("import-rules", LAMBDA, GONE),
    ("import-rules", f"{LAMBDA} type", "AWS_PROXY"),
    ("import-rules", f"{LAMBDA} uri", GONE),
    ("import-rules", f"{LAMBDA} httpMethod", "GET"),
    ("import-rules", f"{LAMBDA} timeoutInMillis", 29_001),
    ("import-rules", f"{LAMBDA} connectionType", "VPC_LINK"),
    ("import-rules", f"{LAMBDA} timeout", 29),
    # validators, security, gateway responses
    ("validator-names", f"{AWS}request-validator", "body"),
    ("import-rules", f"{AWS}request-validators parameters validateRequestBody", True),
    ("security-schemes", f"{HEALTH} security", [{"key": []}]),
    (
        "import-rules",
        "components securitySchemes",
        {"jwt": {"type": "http", "scheme": "bearer"}},
    ),
    (
        "import-rules",
        "components securitySchemes",
        {"key": {"type": "apiKey", "name": "key", "in": "query"}},
    ),
    ("extensions", f"{AWS}policies", {"Statement": []}),
    ("import-rules", "info description", GONE),
    ("import-rules", f"{GATEWAY} NOT_FOUND", CORS),
    ("import-rules", f"{GATEWAY} THROTTLED responseParameters", GONE),
    ("import-rules", f"{GATEWAY} DEFAULT_4XX statusCode", "400"),
    (
        "gateway-templates",
        f"{GATEWAY} THROTTLED responseTemplates application/json",
        '{"id": $context.requestId}',
    ),
]
# What the import does not know, and what is therefore left out.
LEFT_OUT = [
    (f"{THING} properties name", {"type": "integer", "nullable": True, "default": 0}),
    (f"{THING} properties name", {"oneOf": [{"$ref": "#/components/schemas/Thing"}]}),
    (f"{HEALTH} responses default", {"description": "Any"}),
    ("paths /health parameters", [{**variable("X-Key"), "in": "header"}]),
    ("x-other", {"$ref": "#/components/schemas/Thing", "empty": None}),
    (f"{THING} default", {"name": "a", "in": "cookie", "pattern": r"\d"}),
    ("components schemas Part", {"allOf": [{"required": ["name", "a"], "properties": {"a": {}}}]}),
    ("components requestBodies", {"A": {"$ref": "#/components/requestBodies/B"}, "B": BODY}),
    (
        "components securitySchemes",
        {"key": {"type": "apiKey", "name": "x-api-key", "in": "header", "description": "A key."}},
    ),
]


def edited(place, value):
    """Return the text of the contract with one value changed, added or removed."""
    document = json.loads(json.dumps(yaml.safe_load(TEXT))) | {"x-paths": {"other": ITEM}}
    *parents, last = place.split(" ")
    node = document
    for key in parents:
        node = node[int(key) if isinstance(node, list) else key]
    if value is GONE:
        del node[last]
    else:
        node[int(last) if isinstance(node, list) else last] = value
    return json.dumps(document)


def test_contract_has_no_findings():
    """openapi.yaml follows every rule, and so does the contract in which the faults are made."""
    assert lint.check(SOURCE.read_text("utf-8")) == []
    assert lint.check(TEXT) == []


@pytest.mark.parametrize(("rule", "place", "value"), FAULTS)
def test_fault_is_found(rule, place, value):
    """A fault is found by its rule."""
    assert rule in {finding.rule for finding in lint.check(edited(place, value))}


@pytest.mark.parametrize(("place", "value"), LEFT_OUT)
def test_openapi_that_the_import_does_not_know_is_allowed(place, value):
    """The contract may use what the import does not know: the generation leaves it out."""
    assert lint.check(edited(place, value)) == []


@pytest.mark.parametrize(
    "text",
    [
        "a: &a {b: 1}\nc:\n  <<: *a",
        "a: &a {b: 1}\nc: &c {d: *a}\ne: *c",
        *("a: 12_000", "a: 0366", "a: 2026-11-22", "a: 0o17", "a: 1e3", "a: 12:30:00", "a: .inf"),
        *("a: y", "a: off", "yes: 1", "a: 1\na: 2"),
    ],
)
def test_yaml_that_parsers_read_differently_is_found(text):
    """Merge keys, nested aliases, repeated keys and values with two meanings are found."""
    assert [finding.rule for finding in lint.check(text)] == ["plain-yaml", "openapi"]


def test_status_without_quotes_is_found():
    """A status that YAML reads as a number is a finding. openapi-spec-validator fails on it."""
    (finding,) = lint.check(TEXT.replace('"201"', "201"))
    assert finding.place == "paths./things/{id}.post.responses.201"
    assert "quotes" in finding.message


def test_command_prints_each_finding(tmp_path, capsys):
    """The command prints a line for each finding, and exits with 1; with 2 if it cannot read."""
    file = tmp_path / "openapi.yaml"
    file.write_text(TEXT.replace("operationId: readHealth", "description: No name."), "utf-8")
    assert lint.main([str(file)]) == 1
    assert capsys.readouterr().out == (
        "paths./health.get: 'operationId' is a required property. The function finds an operation "
        "by its operationId. Add one. (contract-rules)\n"
    )
    file.write_text("a: [")
    with pytest.raises(SystemExit) as stop:
        lint.main([str(file)])
    assert stop.value.code == 2
    assert "is not YAML" in capsys.readouterr().err
