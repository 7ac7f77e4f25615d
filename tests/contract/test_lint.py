"""The contract follows the rules of API Gateway's import, and each rule finds its violations."""

import json
import re
import subprocess
import sys

import botocore.session
import pytest
import yaml

from contract.lint import GATEWAY_RESPONSE_TYPES, RULES, Finding, check, check_text, main
from contract.repository import ROOT, SOURCE
from openapi_handler.references import resolve

CONTRACT = SOURCE
TEXT = CONTRACT.read_text("utf-8")
RAW = yaml.safe_load(TEXT)
DOCUMENT = resolve(RAW)
COPY = json.dumps(DOCUMENT)  # without YAML aliases, so that an edit changes one place
OPERATION = DOCUMENT["paths"]["/health"]["get"]
GONE = object()

SCHEMA = "components schemas Counter"
HEALTH = "paths /health"
VISIT = "paths /counters/{counterId}/visits post"
PARAMETER = f"{VISIT} parameters 1"
RESPONSE = f"{HEALTH} get responses 200"
BODY = f"{RESPONSE} content application/json schema"
ANY_METHOD = f"{HEALTH} x-amazon-apigateway-any-method"
LAMBDA = f"{HEALTH} get x-amazon-apigateway-integration"
MOCK = f"{HEALTH} options x-amazon-apigateway-integration responses default"
GATEWAY = "x-amazon-apigateway-gateway-responses"
VALIDATOR = "x-amazon-apigateway-request-validator"
TEMPLATE = "responseTemplates application/problem+json"
ORIGIN = "Access-Control-Allow-Origin"
CORS = {"responseParameters": {f"gatewayresponse.header.{ORIGIN}": "'*'"}}
TEXT_SCHEMA = {"type": "string"}
REFERENCE = {"$ref": "#/components/schemas/Totals"}
DEFAULT = {"schema": {"default": 1}}
COOKIE = {"name": "session", "in": "cookie", "schema": TEXT_SCHEMA}

# One edit per row: the rule that it violates, the place, and the new value.
INVALID = [
    ("openapi-version", "openapi", "3.1.0"),
    ("openapi-version", "openapi", 3.0),
    ("openapi-version", "openapi", GONE),
    ("api-description", "info description", GONE),
    ("api-description", "info description", ""),
    ("schema-keywords", f"{SCHEMA} properties visits example", 12),
    ("schema-keywords", f"{SCHEMA} properties visits default", 0),
    ("schema-keywords", f"{SCHEMA} properties visits deprecated", True),
    ("schema-keywords", f"{SCHEMA} properties visits exclusiveMinimum", True),
    ("schema-keywords", f"{SCHEMA} properties visits nullable", True),
    ("schema-keywords", f"{SCHEMA} properties visits readOnly", True),
    ("schema-keywords", f"{SCHEMA} discriminator", {"propertyName": "counterId"}),
    ("schema-keywords", f"{SCHEMA} properties visits format", "int32"),
    ("schema-keywords", f"{SCHEMA} properties visits format", "int64"),
    ("schema-keywords", f"{SCHEMA} properties visits format", "decimal"),
    ("schema-keywords", f"{SCHEMA} required", []),
    ("schema-keywords", f"{SCHEMA} additionalProperties", {"default": 1}),
    ("schema-keywords", f"{SCHEMA} not", {"default": 1}),
    ("schema-keywords", f"{SCHEMA} allOf", [{"default": 1}]),
    ("schema-keywords", f"{SCHEMA} anyOf", [{"default": 1}]),
    ("schema-keywords", f"{SCHEMA} oneOf", [{"default": 1}]),
    ("schema-keywords", "components schemas History properties days items default", {}),
    ("schema-keywords", "components parameters CounterId schema default", "resume"),
    ("schema-keywords", "components headers Retry-After schema default", 1),
    (
        "schema-keywords",
        "components requestBodies",
        {"A": {"content": {"a/b": DEFAULT}}},
    ),
    ("schema-keywords", f"{PARAMETER} schema default", "resume"),
    ("schema-keywords", f"{PARAMETER} content", {"text/plain": DEFAULT}),
    ("schema-keywords", f"{RESPONSE} headers {ORIGIN} schema default", "*"),
    ("schema-keywords", f"{BODY} default", {}),
    ("schema-keywords", f"{VISIT} requestBody", {"content": {"a/b": DEFAULT}}),
    (
        "schema-keywords",
        f"{RESPONSE} content a/b",
        {"encoding": {"x": {"headers": {"y": DEFAULT}}}},
    ),
    ("composition", f"{SCHEMA} allOf", [REFERENCE]),
    ("composition", f"{SCHEMA} anyOf", [{"type": "object"}, REFERENCE]),
    ("composition", f"{SCHEMA} oneOf", [{"properties": {"today": REFERENCE}}]),
    ("schema-names", "components schemas Visit_Receipt", {"type": "object"}),
    ("references", PARAMETER, {"$ref": "#/components/parameters/Unknown"}),
    ("references", PARAMETER, {"$ref": "#/components/headers/Retry-After"}),
    ("references", PARAMETER, {"$ref": "parameters.yaml#/CounterId"}),
    ("references", f"{HEALTH} get responses 400", {"$ref": "#/components/responses/Unknown"}),
    ("references", f"{HEALTH} get responses 400", {"$ref": "#/components/schemas/Problem"}),
    ("references", f"{RESPONSE} headers {ORIGIN}", {"$ref": "#/components/headers/Unknown"}),
    ("references", "components responses A", {"$ref": "#/components/responses/BadRequest/x"}),
    ("references", "components headers A", {"$ref": "#/components/headers/A"}),
    (
        "references",
        "components requestBodies",
        {"A": {"$ref": "#/components/responses/BadGateway"}},
    ),
    ("references", f"{VISIT} requestBody", {"$ref": "#/components/requestBodies/Visit"}),
    ("references", f"{RESPONSE} content application/json examples running", {"$ref": "a.json"}),
    ("references", f"{BODY} $ref", "schemas.yaml#/Health"),
    ("references", f"{BODY} $ref", "#/components/schemas/Unknown"),
    ("references", f"{BODY} $ref", "Health"),
    ("references", f"{BODY} $ref", "#/components/responses/BadRequest/content/x/schema"),
    ("path-segments", "paths /caf\u00e9", {"options": DOCUMENT["paths"]["/health"]["options"]}),
    ("path-segments", "paths /a~b/c", DOCUMENT["paths"]["/health"]),
    ("path-segments", "paths /counter{counterId}", DOCUMENT["paths"]["/health"]),
    ("path-segments", "paths /{counterId}.svg", DOCUMENT["paths"]["/health"]),
    ("path-segments", "paths /ping", DOCUMENT["paths"]["/health"]),
    ("path-segments", "paths /sping/{id}", DOCUMENT["paths"]["/health"]),
    ("path-fields", f"{HEALTH} parameters", []),
    ("path-fields", f"{HEALTH} summary", "Health"),
    ("path-fields", f"{HEALTH} servers", [{"url": "/"}]),
    ("preflight", f"{HEALTH} options", GONE),
    ("cookie-parameters", f"{PARAMETER}", COOKIE),
    ("security", "security", [{"key": []}]),
    ("security", "components securitySchemes", {"jwt": {"type": "http", "scheme": "bearer"}}),
    ("status-codes", f"{HEALTH} get responses default", {"description": "Any"}),
    ("status-codes", f"{HEALTH} get responses 4XX", {"description": "Refused"}),
    ("response-extensions", f"{HEALTH} get responses x-note", "text"),
    ("response-extensions", f"{RESPONSE} x-note", "text"),
    ("response-schemas", BODY, TEXT_SCHEMA),
    ("response-schemas", BODY, {"type": "array", "items": REFERENCE}),
    ("integrations", LAMBDA, GONE),
    ("integrations", f"{ANY_METHOD} x-amazon-apigateway-integration", GONE),
    ("integrations", f"{LAMBDA} httpMethod", "GET"),
    ("integrations", f"{LAMBDA} httpMethod", GONE),
    ("integrations", f"{LAMBDA} uri", GONE),
    ("integrations", f"{LAMBDA} timeoutInMillis", 49),
    ("integrations", f"{LAMBDA} timeoutInMillis", 29_001),
    ("integrations", f"{LAMBDA} timeoutInMillis", "20 s"),
    ("mapped-headers", f"{HEALTH} options responses 204 headers Access-Control-Max-Age", GONE),
    ("mapped-headers", f"{MOCK} responseParameters method.response.header.Vary", "'Origin'"),
    ("mapped-headers", f"{MOCK} responseParameters Vary", "'Origin'"),
    ("mapped-headers", f"{MOCK} statusCode", "299"),
    ("constants", f"{MOCK} responseParameters method.response.header.{ORIGIN}", "*"),
    ("constants", f"{GATEWAY} THROTTLED responseParameters gatewayresponse.header.Retry-After", 1),
    ("request-validators", VALIDATOR, "body"),
    ("request-validators", f"{VALIDATOR}s", GONE),
    ("request-validators", f"{HEALTH} get {VALIDATOR}", "body"),
    ("gateway-response-types", f"{GATEWAY} NOT_FOUND", CORS),
    ("gateway-response-types", f"{GATEWAY} throttled", CORS),
    ("gateway-response-types", f"{GATEWAY} DEFAULT_4XX statusCode", "400"),
    ("gateway-response-types", f"{GATEWAY} DEFAULT_5XX statusCode", "500"),
    ("gateway-response-cors", f"{GATEWAY} THROTTLED responseParameters", GONE),
    ("gateway-response-cors", f"{GATEWAY} DEFAULT_4XX", GONE),
    ("gateway-response-cors", f"{GATEWAY} DEFAULT_5XX", GONE),
    ("gateway-response-too-large", f"{GATEWAY} REQUEST_TOO_LARGE", CORS),
    ("gateway-response-templates", f"{GATEWAY} THROTTLED {TEMPLATE}", '{"title": "Stop",}'),
    (
        "gateway-response-templates",
        f"{GATEWAY} THROTTLED {TEMPLATE}",
        '{"detail": "$context.error.messageString"}',
    ),
    (
        "gateway-response-templates",
        f"{GATEWAY} THROTTLED {TEMPLATE}",
        '{"instance": $context.requestId}',
    ),
    ("quotas", "info description", "x" * 6_000_000),
    ("quotas", "paths", {f"/a/{n}": DOCUMENT["paths"]["/health"] for n in range(299)}),
]
# Edits that resemble a violation and are valid.
VALID = [
    ("openapi", "3.0.4"),
    ("components schemas Example", {"properties": {"default": TEXT_SCHEMA, "allOf": TEXT_SCHEMA}}),
    (PARAMETER, {"$ref": "#/components/parameters/CounterId"}),
    (f"{HEALTH} get responses 400", {"$ref": "#/components/responses/BadRequest"}),
    (f"{RESPONSE} headers {ORIGIN}", {"$ref": f"#/components/headers/{ORIGIN}"}),
    (f"{SCHEMA} additionalProperties", True),
    (f"{SCHEMA} properties visits exclusiveMaximum", True),
    (f"{SCHEMA} allOf", [{"required": ["visits"]}]),
    (f"{RESPONSE} content application/json example", {"status": "ok"}),
    (f"{RESPONSE} content application/json examples running value", DEFAULT),
    (BODY, {"type": "object"}),
    (BODY, GONE),
    ("paths /all", dict.fromkeys(["put", "delete", "head", "patch", "options"], OPERATION)),
    ("paths /", DOCUMENT["paths"]["/health"]),
    ("paths /a/ping", DOCUMENT["paths"]["/health"]),
    ("paths /a-b_c.d,e:f/{g-h}", DOCUMENT["paths"]["/health"]),
    ("paths /files/{proxy+}", DOCUMENT["paths"]["/health"]),
    (
        "components securitySchemes",
        {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
    ),
    (f"{HEALTH} get security", [{"key": []}]),
    (f"{HEALTH} get x-note", "text"),
    (f"{HEALTH} get responses x-amazon-apigateway-note", "text"),
    (f"{LAMBDA} timeoutInMillis", 50),
    (f"{LAMBDA} timeoutInMillis", 29_000),
    (f"{LAMBDA} timeoutInMillis", GONE),
    (f"{MOCK} responseParameters method.response.header.{ORIGIN}", "context.requestId"),
    (f"{HEALTH} get {VALIDATOR}", "parameters"),
    (f"{GATEWAY} THROTTLED {TEMPLATE}", '{"instance": "$context.requestId"}'),
    (f"{GATEWAY} THROTTLED {TEMPLATE}", '{"instance": "$method.request.path.counterId"}'),
    (f"{GATEWAY} THROTTLED responseTemplates", {"text/plain": "Later."}),
    ("info description", "x" * 5_800_000),
    ("paths", {f"/a/{n}": DOCUMENT["paths"]["/health"] for n in range(298)}),
]


def edited(place, value):
    """Return the contract with one value changed, added or removed."""
    document = json.loads(COPY)
    *parents, last = place.split(" ")
    node = document
    for key in parents:
        node = node[int(key) if isinstance(node, list) else key]
    if value is GONE:
        del node[last]
    else:
        node[int(last) if isinstance(node, list) else last] = value
    return document


def test_contract_follows_every_rule():
    """openapi.yaml has no findings."""
    assert check(RAW) + check_text(TEXT) == []


@pytest.mark.parametrize(
    ("rule", "place", "value"), INVALID, ids=[f"{rule}: {place}" for rule, place, _ in INVALID]
)
def test_violation_is_found_by_its_rule(rule, place, value):
    """An edit that violates one rule is found by that rule, and by no other."""
    assert {finding.rule for finding in check(edited(place, value))} == {rule}


@pytest.mark.parametrize(("place", "value"), VALID, ids=[place for place, _ in VALID])
def test_valid_edit_has_no_findings(place, value):
    """An edit that the import accepts has no findings."""
    assert check(edited(place, value)) == []


def test_gateway_response_types_equal_those_of_botocore():
    """The linter's list of gateway response types equals that of the installed botocore."""
    model = botocore.session.get_session().get_service_model("apigateway")
    assert GATEWAY_RESPONSE_TYPES.split("|") == sorted(model.shape_for("GatewayResponseType").enum)


def test_every_rule_is_tested():
    """Each rule has a row in INVALID."""
    assert {rule for rule, _, _ in INVALID} == RULES.keys()


@pytest.mark.parametrize("rule", RULES)
def test_every_rule_cites_its_source(rule):
    """A rule's docstring ends with its source in brackets."""
    _, function = RULES[rule]
    assert re.search(r"\[\S+\]\.\s*$", function.__doc__)


def test_finding_contains_place_and_advice():
    """A finding contains the rule, the place and what to do."""
    assert check(edited(f"{SCHEMA} properties visits example", 12)) == [
        Finding(
            "schema-keywords",
            "components.schemas.Counter.properties.visits.example",
            "AWS does not support this keyword. Remove it.",
        )
    ]


def test_violation_in_an_aliased_block_is_found_once():
    """A violation that YAML aliases repeat is reported once, at its first place."""
    document = yaml.safe_load(TEXT.replace("&visits {", "&visits {default: 0, "))
    assert [finding.place for finding in check(document)] == [
        "components.schemas.Totals.properties.visits.default"
    ]


@pytest.mark.parametrize(
    "document",
    [
        {},
        {"components": None, "paths": None, GATEWAY: None},
        {"components": [1], "paths": "x", GATEWAY: {"THROTTLED": None}},
        {"paths": {"/a": None, "/b": {"get": None, "put": {"responses": {200: None}}}}},
    ],
)
def test_incomplete_document_has_findings(document):
    """A document that is not valid OpenAPI yet has findings, not an exception."""
    assert check(document)


@pytest.mark.parametrize(
    "line",
    [
        "a: ${name}",
        "a: |\n  ${name}",
        "# ${name}",
        'a: "${upper(name)}"',
        'a: "${AWS::Region}"',
        'a: "$${name}"',
        'a: "%{if name}"',
        "a: '%%{x}'",
        'a: "${"',
    ],
)
def test_terraform_template_is_found(line):
    """A Terraform template other than a name in a quoted string is found, with its line."""
    findings = check_text(f"openapi: 3.0.3\n{line}")
    assert {finding.rule for finding in findings} == {"terraform-template"}
    assert findings[0].place == ("line 3" if "\n" in line else "line 2")


@pytest.mark.parametrize("line", ['a: "${name}"', "a: 'x ${name}'", "a: '{\"b\": $context.c}'"])
def test_placeholder_in_a_quoted_string_is_valid(line):
    """A quoted string may contain `${name}`, and a `$` that starts no Terraform template."""
    assert check_text(line) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: &a {b: 1}\nc:\n  <<: *a", 3),
        ("a: &a {b: 1}\nc: &c {d: *a}\ne: *c", 3),
        ("a: &a {b: 1}\nc: &c\n  d:\n    - e: *a\nf: [*c]", 5),
        ("a: &a {<<: {b: 1}}", 1),
    ],
)
def test_merge_keys_and_nested_aliases_are_found(text, line):
    """A merge key, or an alias of a block that contains an alias, is found with its line."""
    assert [(finding.rule, finding.place) for finding in check_text(text)] == [
        ("plain-yaml", f"line {line}")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "a: &a {b: 1}\nc: {d: *a}\ne: *a",
        "a: &a {b: &b {c: 1}}\nd: *a\ne: *b",
        "a: &a {b: 1}\nc: &c {d: *a}",
        'a: {"<<": 1}',
    ],
)
def test_aliases_of_blocks_without_aliases_are_accepted(text):
    """An alias may repeat a block that contains no alias. A quoted << is an ordinary key."""
    assert check_text(text) == []


def test_references_are_resolved_before_the_rules():
    """A violation in a component is reported at the component, not at each reference."""
    document = yaml.safe_load(TEXT)
    document["components"]["parameters"]["CounterId"]["schema"] = {"type": "string", "default": "a"}
    assert [finding.place for finding in check(document)] == [
        "components.parameters.CounterId.schema.default"
    ]


def test_command_lints_the_contract():
    """`python -m contract.lint` prints one line for a contract without findings."""
    command = [sys.executable, "-m", "contract.lint"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout == f"openapi.yaml: OK ({len(RULES) + 2} rules)\n"


def test_command_prints_each_finding(tmp_path, capsys):
    """For a contract with findings, the command prints one line each and exits with 1."""
    file = tmp_path / "openapi.yaml"
    before, after = TEXT.split("openapi: 3.0.3", 1)
    file.write_text(f"{before}openapi: 3.1.0 # ${{version}}{after}", "utf-8")
    assert main([str(file)]) == 1
    version, template = capsys.readouterr().out.splitlines()
    assert version == "openapi: AWS imports OpenAPI 3.0. Use 3.0.3. (openapi-version)"
    line = before.count("\n") + 1
    assert template.startswith(f"line {line}: ${{version}} is a Terraform template. ")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"a: [", "is not YAML with JSON's types: while parsing a flow node"),
        (b"a: \xff", "is not YAML with JSON's types: 'utf-8' codec can't decode"),
        (b"a: &b [*b]", "is not YAML with JSON's types: Circular reference"),
        (b"", "is not OpenAPI: its YAML is not a mapping"),
        (b"- a", "is not OpenAPI: its YAML is not a mapping"),
    ],
)
def test_command_rejects_an_unreadable_file(tmp_path, capsys, content, message):
    """For a file that is missing or not a YAML mapping, the command prints why and exits with 2."""
    file = tmp_path / "openapi.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(SystemExit) as stop:
        main([str(file)])
    assert stop.value.code == 2
    assert f"error: {file} {message}" in capsys.readouterr().err
