"""What fast_path.py accepts, compared with openapi-core."""

import json
from copy import deepcopy
from functools import partial

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from contract import repository
from openapi_handler import contract
from openapi_handler.contract import Contract
from openapi_handler.messages import Request, Response
from openapi_handler.references import check, resolve
from tests.examples import operations, valid_event, valid_responses, with_data
from tests.openapi_handler import guestbook

DOCUMENTS = {"visits": repository.read()[0], "guestbook": contract.read(guestbook.SOURCE)[0]}
CONTRACTS = {name: Contract(document, "") for name, document in DOCUMENTS.items()}
OPERATIONS = [
    pytest.param(name, path, method, id=f"{name} {operation['operationId']}")
    for name, document in DOCUMENTS.items()
    for path, method, operation in operations(document)
]
VISIT_ID = "550e8400-e29b-41d4-a716-446655440000"
ODD = (
    *(None, True, False, 0, 1, -1, 2.0, 200.0, float("nan"), 10**400, [], {}, [1], {"a": 1}),
    *("", " ", "0", "1", "07", "+5", "1_0", "1e1", "30", "31", "٣", "x" * 65, "é", "resume\n"),
    *("true", "yes", "fff", "#fff", "fff\n", "a\tb", "\N{EYES}", "\ufffe", "plastic", "y" * 64),
    *("bot", "unlisted", "2026-02-30", "2026-11-22\n", "*", "no-store", "<svg "),
    *(VISIT_ID, VISIT_ID.upper(), VISIT_ID[:-1], f"{VISIT_ID}\n", f"{{{VISIT_ID}}}"),
)
SCALARS = st.sampled_from(ODD)


@pytest.mark.parametrize(("name", "path", "method"), OPERATIONS)
def test_examples_are_accepted(name, path, method):
    """openapi-core is not asked about any request or response that the contract has as example."""
    loaded = Contract(DOCUMENTS[name], "")
    for optional in (True, False):
        request = Request(valid_event(DOCUMENTS[name], path, method, optional=optional))
        loaded.check(request)
        for response in valid_responses(DOCUMENTS[name], path, method):
            assert loaded.violations(request, with_data(response)) == []
    assert "slow_path" not in vars(loaded)


def places(root):
    """Yield every container in a JSON document with each of its keys."""
    for key in list(root) if isinstance(root, dict) else range(len(root)):
        yield root, key
        if isinstance(root[key], dict | list):
            yield from places(root[key])


@st.composite
def changed(draw, message):
    """A copy of a JSON document with one or two changes."""
    copy = deepcopy(message)
    for _ in range(draw(st.integers(1, 2))):
        parent, key = draw(st.sampled_from(list(places(copy))))
        value = parent[key]
        change = draw(st.sampled_from(["set", "set", "vary", "remove", "add"]))
        if change == "set" or parent is copy:
            parent[key] = deepcopy(draw(SCALARS))
        elif change == "vary" and isinstance(value, str):
            parent[key] = draw(st.sampled_from(["_{}", "{} ", "{}\n", "{}; q=1"])).format(value)
        elif change == "add" and isinstance(value, dict):
            value["extra"] = 1
        else:
            parent.pop(key)
    return copy


def assert_accepted_only_if_valid(loaded, request, response):
    """Compare what the fast path accepts with what openapi-core finds."""
    if loaded.fast_path.accepts_request(request):
        assert errors_of(partial(loaded.slow_path.requests.iter_errors, request)) == []
    if loaded.fast_path.accepts_response(request, response):
        assert errors_of(partial(loaded.slow_path.responses.iter_errors, request, response)) == []


def errors_of(find):
    """What openapi-core finds; for a schema that contains itself at once, its exception."""
    try:
        return list(find())
    except Exception as error:
        return [error]


@pytest.mark.parametrize(("name", "path", "method"), OPERATIONS)
@settings(max_examples=80)
@given(st.data())
def test_changed_messages(name, path, method, data):
    """Of hundreds of changed requests and responses, those that are accepted are valid in
    openapi-core."""
    event = valid_event(DOCUMENTS[name], path, method)
    parts = {key: event[key] for key in ("multiValueHeaders", "pathParameters") if event[key]}
    query = event["multiValueQueryStringParameters"]
    parts |= {"query": query} if query else {}
    parts |= {"body": json.loads(event["body"])} if event["body"] else {}
    drawn = data.draw(changed(parts))
    body = drawn.get("body")
    try:
        request = Request(
            event
            | drawn
            | {"body": body if body is None or isinstance(body, str) else json.dumps(body)}
            | {"multiValueQueryStringParameters": drawn.get("query")}
        )
    except ValueError:
        reject()
    responses = list(valid_responses(DOCUMENTS[name], path, method))
    original = data.draw(st.sampled_from(responses))
    response = type(original)(**data.draw(changed(vars(original))))
    if not isinstance(response.content_type, str):
        reject()
    assert_accepted_only_if_valid(CONTRACTS[name], request, with_data(response))


def minimal(operation, **changes):
    """Return a contract with one operation, and a request of it."""
    info = {"openapi": "3.0.3", "info": {"title": "", "version": ""}}
    return {**info, "paths": {"/a": {"get": operation}}, **changes}


def request(values=None, headers=None, body=None):
    return Request(
        {
            "httpMethod": "GET",
            "resource": "/a",
            "requestContext": {},
            "multiValueQueryStringParameters": values,
            "multiValueHeaders": {"Content-Type": ["application/json"], **(headers or {})},
            "pathParameters": None,
            "body": body,
        }
    )


@pytest.mark.parametrize("allowed", [False, True])
def test_empty_values_are_left_to_openapi_core(allowed):
    """An empty body, and an empty query parameter without `allowEmptyValue`, are never accepted."""
    text = {"schema": {"type": "string"}}
    operation = {
        "parameters": [{"name": "a", "in": "query", "allowEmptyValue": allowed, **text}],
        "responses": {"200": {"content": {"image/svg+xml": text}}},
    }
    fast_path = Contract(minimal(operation), "").fast_path
    for value in ("x", ""):
        sent = request({"a": [value]})
        assert fast_path.accepts_request(sent) == bool(value or allowed)
        response = Response(200, "image/svg+xml", value)
        assert fast_path.accepts_response(sent, response) == bool(value)


NAMES_OF_FIELDS = st.sampled_from(["a", "counterId", 'a"{b}'])
# Schemas elsewhere in a generated contract; parts of paths count as well.
SHARED = [
    "#/components/schemas/A",
    "#/components/schemas/B",
    "#/components/parameters/A/schema",
    "#/paths/~1a/get/responses/200/content/application~1json/schema",
]
PATTERNS = ["^[a-z0-9]*$", "^a|b$", "(?!resume$)", "[^$]", r"\\$", r"\d", "^x*$"]
PATTERNS += [r"^(bot|[^\u0000-\u001F]{2})$"]
KEYWORDS = {
    "enum": st.lists(st.sampled_from(["a", "1", 1, True]), min_size=1, max_size=3),
    "format": st.sampled_from(["uuid", "date", "binary", "int32", "date-time", "byte"]),
    "minimum": st.integers(-1, 3) | st.just(0.5),
    "maximum": st.integers(0, 31),
    "minLength": st.integers(0, 2),
    "maxLength": st.integers(0, 65),
    "pattern": st.sampled_from(PATTERNS),
    "nullable": st.booleans(),
    "exclusiveMinimum": st.booleans(),
    "multipleOf": st.integers(1, 3),
    "description": st.just("Text."),
}


def keywords(strategies, most):
    """Some of these keywords with values."""
    pairs = [st.tuples(st.just(name), values) for name, values in strategies.items()]
    return st.lists(st.one_of(pairs), max_size=most).map(dict)


def typed(kinds, strategies, **fixed):
    """Schemas of these types with some keywords."""
    both = st.sampled_from(kinds), st.fixed_dictionaries(fixed), keywords(strategies, 3)
    return st.builds(lambda kind, always, some: {"type": kind, **always, **some}, *both)


SCALAR_SCHEMA = typed(["string", "string", "integer", "boolean", "number"], KEYWORDS)
SCALAR_ARRAY = st.fixed_dictionaries(
    {"type": st.just("array"), "items": SCALAR_SCHEMA}, optional={"maxItems": st.integers(0, 2)}
)
ANY_SCHEMA = st.recursive(
    SCALAR_SCHEMA
    | keywords(KEYWORDS, 2)
    | st.sampled_from(SHARED).map(lambda reference: {"$ref": reference}),
    lambda inner: st.one_of(
        typed(
            ["object"],
            {
                "required": st.lists(NAMES_OF_FIELDS, min_size=1, max_size=2, unique=True),
                "additionalProperties": st.booleans() | inner,
                "readOnly": st.booleans(),
            },
            properties=st.dictionaries(NAMES_OF_FIELDS, inner),
        ),
        typed(
            ["array"],
            {
                "minItems": st.integers(0, 2),
                "maxItems": st.integers(0, 2),
                "uniqueItems": st.booleans(),
            },
            items=inner,
        ),
        st.fixed_dictionaries({"oneOf": st.lists(inner, min_size=1, max_size=2)}),
        st.fixed_dictionaries({"not": inner}),
    ),
    max_leaves=4,
)
VALUES = st.recursive(
    st.sampled_from(["a", "1", "resume", "2026-11-22", 2.5]) | SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(NAMES_OF_FIELDS | st.just("b"), inner, max_size=2)
    ),
    max_leaves=3,
)


def json_body(schema):
    return {"content": {"application/json": {"schema": schema}}}


@st.composite
def contracts(draw):
    """A valid contract with one operation, any schemas, and references of all kinds."""
    schema = SCALAR_SCHEMA | SCALAR_ARRAY | ANY_SCHEMA
    query = {"name": "a", "in": "query", "schema": draw(schema), "explode": draw(st.booleans())}
    header = {"name": "X-A", "in": "header", "schema": draw(schema)}
    reference = {"$ref": draw(st.sampled_from(["A", "B"]).map("#/components/parameters/{}".format))}
    response = {"description": "", **json_body(draw(ANY_SCHEMA))}
    operation = {"parameters": [reference], "responses": {"200": response}}
    if draw(st.booleans()):
        operation["requestBody"] = json_body(draw(ANY_SCHEMA))
    document = minimal(
        operation,
        components={
            "schemas": {"A": draw(ANY_SCHEMA), "B": draw(ANY_SCHEMA)},
            "parameters": {"A": query, "B": {"$ref": "#/components/parameters/A"}},
        },
    )
    if draw(st.booleans()):
        document["paths"]["/a"]["parameters"] = [header]
    try:
        validate(document)
    except (OpenAPIValidationError, RecursionError):  # a schema that is nothing but itself
        reject()
    return document


@pytest.mark.slow
@settings(max_examples=200)
@given(contracts(), st.lists(VALUES, min_size=5, max_size=10))
def test_any_valid_contract(document, values):
    """Whatever a valid contract contains, it can be loaded, and what is accepted is valid in
    openapi-core."""
    check(document)
    loaded = Contract(resolve(document), "")
    for value in values:
        texts = [str(item) for item in value or [""]] if isinstance(value, list) else [str(value)]
        sent = request({"a": texts}, {"X-A": texts}, json.dumps(value))
        assert_accepted_only_if_valid(loaded, sent, Response.json(200, value))


OBJECT = {"type": "object", "properties": {"a": {"type": "integer"}}}
UNKNOWN = [
    *({"nullable": True}, {"multipleOf": 3}, {"additionalProperties": {}}, {"unknown": {}}),
    *({"default": {}}, {"readOnly": True}, {"not": {}}, {"allOf": [{}]}, {"oneOf": [{}]}),
    *({"format": "int32"}, {"pattern": "(?!a$)"}, {"pattern": r"^[\w-]+$"}),  # JSON's \w is ASCII
]


@pytest.mark.parametrize("more", UNKNOWN)
@pytest.mark.parametrize("inside", [False, True])
def test_unknown_schema_is_left_to_openapi_core(more, inside):
    """A body or response whose schema has anything unknown is never accepted."""
    schema = (
        {**OBJECT, "properties": {"a": {"type": "integer", **more}}} if inside else OBJECT | more
    )
    for described, known in ((OBJECT, True), (schema, False)):
        operation = {
            "requestBody": json_body(described),
            "responses": {"200": json_body(described)},
        }
        fast_path = Contract(minimal(operation), "").fast_path
        sent = request(body='{"a": 1}')
        assert fast_path.accepts_request(sent) is known
        assert fast_path.accepts_response(sent, Response.json(200, {"a": 1})) is known


TEXT = {"schema": {"type": "string"}}


PARAMETERS = [
    {"name": "a", "in": "cookie", **TEXT, "required": True},
    {"name": "a", "in": "query", **TEXT, "required": True},
    {"name": "b", "in": "query", "schema": {"type": "number"}},
    {"name": "b", "in": "query", "schema": {"type": "array", "items": {}}},
    {"name": "b", "in": "query", "schema": {"type": "object"}, "style": "deepObject"},
    {"name": "b", "in": "query", **TEXT, "style": "pipeDelimited"},
    {"name": "b", "in": "query", **TEXT, "deprecated": True},
    {"name": "b", "in": "query", "content": {}},
]


@pytest.mark.parametrize(
    "changes",
    [
        {"security": [{}]},
        {"requestBody": {**json_body(OBJECT), "unknown": 1}},
        {"requestBody": {"content": {"application/*": {"schema": OBJECT}}}},
        {"requestBody": {"content": {"application/xml": {"schema": OBJECT}}}},
        *({"parameters": [parameter]} for parameter in PARAMETERS),
    ],
)
def test_unknown_or_invalid_request_is_left_to_openapi_core(changes):
    """A request whose description contains anything unknown, or that is wrong, is not accepted."""
    sent = request({"b": ["1"]}, body='{"a": 1}')
    known, unknown = ({"responses": {}, **more} for more in ({}, changes))
    assert Contract(minimal(known), "").fast_path.accepts_request(sent)
    assert not Contract(minimal(unknown), "").fast_path.accepts_request(sent)


def test_parameters_of_a_path_belong_to_its_operations():
    """An operation has the parameters of its path, except for those that it describes itself."""
    optional = [{"name": name, "in": "query", **TEXT} for name in "ab"]
    document = minimal({"parameters": optional[:1], "responses": {}})
    parts = [*optional, {"name": "b", "in": "header", **TEXT}]
    document["paths"]["/a"]["parameters"] = [part | {"required": True} for part in parts]
    fast_path = Contract(document, "").fast_path
    header = {"b": ["1"]}
    assert fast_path.accepts_request(request({"b": ["1"]}, header))
    assert not fast_path.accepts_request(request({"a": ["1"]}, header))


def test_an_integer_has_no_fraction():
    """As in OpenAPI 3.0, and unlike in later drafts of JSON Schema, 2.0 is not an integer."""
    operation = {"requestBody": json_body(OBJECT), "responses": {}}
    fast_path = Contract(minimal(operation), "").fast_path
    assert fast_path.accepts_request(request(body='{"a": 2}'))
    assert not fast_path.accepts_request(request(body='{"a": 2.0}'))


@pytest.mark.parametrize(
    "part",
    [
        {"links": {}},
        {"headers": {"A": {**TEXT, "deprecated": True}}},
        json_body({"type": "object"}),
    ],
)
def test_unknown_response_is_left_to_openapi_core(part):
    """A response whose description contains anything unknown, or that is not documented, is never
    accepted."""
    for more in ({}, part):
        operation = {"responses": {"200": {**json_body(OBJECT), **more}}}
        fast_path = Contract(minimal(operation), "").fast_path
        assert fast_path.accepts_response(request(), Response.json(200, {"a": 1})) is not bool(more)
