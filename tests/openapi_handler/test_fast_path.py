"""What fast_path.py accepts, compared with openapi-core."""

import json
import re
from copy import deepcopy
from functools import partial
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate
from openapi_spec_validator.validation.exceptions import OpenAPIValidationError

from contract import repository
from openapi_handler.contract import Contract
from openapi_handler.messages import Request, Response
from openapi_handler.problems import STATUSES, Problem
from openapi_handler.references import check, resolve
from visits import badge
from visits.handler import PROBLEM_TYPES

COUNTER, VISITS = "/counters/{counterId}", "/counters/{counterId}/visits"
HISTORY, BADGE = "/counters/{counterId}/history", "/counters/{counterId}/badge.svg"
VISIT_ID = "550e8400-e29b-41d4-a716-446655440000"
DAY = {"date": "2026-11-22", "visits": 3, "visitors": 2}
TOTALS = {"counterId": "resume", "visits": 3, "visitors": 2, "today": DAY}
SVG = Response(
    200,
    "image/svg+xml",
    "<svg ></svg>",
    cache_control="public, max-age=60",
    more_headers=badge.HEADERS,
)
HEALTH = {"status": "ok", "version": "1.0.0", "contract": "0" * 64}
SCRIPT = Response(200, "text/javascript", "export {};", cache_control="public, max-age=86400")
NAMES = {"counterId": "resume", "file": "visitor-counter.js"}
TOTAL, COUNTERS = ["components", "schemas", "Totals"], ["components", "schemas", "Counter"]
OK = ["paths", COUNTER, "get", "responses", "200"]
CACHE = [*OK, "headers", "Cache-Control"]
# For each operation its valid parameters and one response for each status of its own.
VALID = [
    ("GET", "/health", {}, [Response.json(200, HEALTH)]),
    ("GET", "/elements/{file}", {}, [SCRIPT]),
    ("GET", COUNTER, {}, [Response.json(200, TOTALS)]),
    ("GET", HISTORY, {}, [Response.json(200, {"counterId": "resume", "days": []})]),
    ("GET", HISTORY, {"days": "7"}, [Response.json(200, {"counterId": "resume", "days": [DAY]})]),
    ("GET", BADGE, {}, [SVG]),
    ("GET", BADGE, {"label": ""}, []),
    (
        "GET",
        BADGE,
        {"value": "today", "label": "Seen", "color": "red", "style": "flat", "compact": "true"},
        [],
    ),
    (
        "POST",
        VISITS,
        {"visitId": VISIT_ID},
        [
            Response.json(201, {**TOTALS, "counted": True}),
            Response.json(200, {**TOTALS, "counted": False, "reason": "replayed"}),
        ],
    ),
]
PROBLEMS = [
    PROBLEM_TYPES.response(Problem(name, "Why.", retry_after=1 if status == 503 else None))
    for name, status in {**STATUSES, **PROBLEM_TYPES.statuses}.items()
]
ODD = (
    *(None, True, False, 0, 1, -1, 2.0, 200.0, float("nan"), 10**400, [], {}, [1], {"a": 1}),
    *("", " ", "0", "1", "07", "+5", "1_0", "1e1", "30", "31", "٣", "x" * 65, "é", "resume\n"),
    *(
        "true",
        "yes",
        "fff",
        "#fff",
        "fff\n",
        "reds",
        "a\tb",
        "\N{EYES}",
        "\ufffe",
        "plastic",
        "y" * 64,
    ),
    *("bot", "unlisted", "2026-02-30", "2026-11-22\n", "*", "no-store", "<svg ", "\ud800"),
    *(VISIT_ID, VISIT_ID.upper(), VISIT_ID[:-1], f"{VISIT_ID}\n", f"{{{VISIT_ID}}}"),
)


def event(method, path, query):
    return {
        "httpMethod": method,
        "resource": path,
        "queryStringParameters": query or None,
        "multiValueQueryStringParameters": {name: [value] for name, value in query.items()},
        "headers": {"Accept": "*/*", "Content-Type": "application/json"},
        "multiValueHeaders": {"Accept": ["*/*"], "Content-Type": ["application/json"]},
        "pathParameters": {name: NAMES[name] for name in re.findall(r"{(\w+)}", path)} or None,
        "requestContext": {"requestTimeEpoch": 0},
        "body": None,
        "isBase64Encoded": False,
    }


def answer(response):
    """A response with all its parts, for changes."""
    return {
        "status_code": response.status_code,
        "content_type": response.content_type,
        "headers": response.headers,
        "body": json.loads(response.body) if "json" in response.content_type else response.body,
    }


def sent(parts):
    """The response that has these parts."""
    body = parts["body"]
    text = body if isinstance(body, str) else json.dumps(body)
    return SimpleNamespace(**parts, data=text.encode("utf-8", "surrogatepass"))


def places(root):
    """Yield every container of a JSON document with each of its keys."""
    for key in list(root) if isinstance(root, dict) else range(len(root)):
        yield root, key
        if isinstance(root[key], dict | list):
            yield from places(root[key])


def changed_once(document):
    """Yield the document with each possible single change."""
    original = {"": document}
    for position, (parent, key) in enumerate(list(places(original))):
        value = parent[key]
        edits = [partial(setitem, value=odd) for odd in ODD]
        if isinstance(value, str):
            texts = (
                value.swapcase(),
                f"_{value}",
                f"{value} ",
                f"{value}\n",
                f"{value}; q=1",
                f"{value}x",
            )
            edits += [partial(setitem, value=text) for text in texts]
        if isinstance(value, dict):
            edits.append(lambda parent, key: parent[key].update(extra=1))
        if parent is not original:
            edits.append(lambda parent, key: parent.pop(key))
            edits.append(rename)
        for edit in edits:
            copy = {"": deepcopy(document)}
            edit(*list(places(copy))[position])
            yield copy[""]


def setitem(parent, key, value):
    parent[key] = value


def rename(parent, key):
    """Change the case of a key."""
    if isinstance(parent, dict):
        parent[key.swapcase()] = parent.pop(key)


def changed(document, random):
    """Yield the document with each single change, and with some pairs of changes."""
    singles = list(changed_once(document))
    yield from singles
    for single in random.sample(singles, 8):
        yield from random.sample(list(changed_once(single)), 8)


def comparable(find):
    """What openapi-core finds in a message: classes, texts, causes and schema errors."""
    try:
        return [
            (
                type(error),
                str(error),
                repr(error.__cause__),
                [
                    (each.message, list(each.absolute_path), list(each.absolute_schema_path))
                    for each in getattr(error.__cause__, "schema_errors", ())
                ],
            )
            for error in find()
        ]
    except Exception as error:
        return type(error), str(error)


def encodable(message):
    """Without half a surrogate pair, on which openapi-core's patterns fail in the tests."""
    return "\\ud800" not in repr(message)


@pytest.mark.parametrize(("method", "path", "query", "responses"), VALID)
def test_valid_messages_are_accepted(method, path, query, responses):
    """openapi-core is not asked about any valid request or response of the function."""
    loaded = Contract(*repository.read())
    request = Request(event(method, path, query))
    loaded.check(request)
    for response in [*responses, *PROBLEMS]:
        documented = loaded.document["paths"][path][method.lower()]["responses"]
        if str(response.status_code) in documented:
            assert loaded.violations(request, response) == []
    assert "slow_path" not in vars(loaded)


@pytest.mark.slow
def test_changed_requests(stock):
    """Of thousands of changed requests, those that are accepted have no error in openapi-core."""
    loaded, random, accepted, seen = repository.load(), Random(13), 0, set()
    messages = [each for valid in VALID for each in changed(event(*valid[:3]), random)]
    for number, message in enumerate(messages):
        try:
            request = Request(message)
        except Exception:
            continue
        if loaded.fast_path.accepts_request(request):
            accepted += 1
            # The acceptance of a request depends only on these.
            key = repr((request.method, request.path, request.query, request.path_parameters))
            if key not in seen:
                assert comparable(lambda: loaded.slow_path.requests.iter_errors(request)) == [], key  # noqa: B023
            seen.add(key)
        # API Gateway always sends the path parameters of a path that it knows.
        elif (
            number % 5 == 0
            and request.path in [*loaded.document["paths"]]
            and request.path_parameters
            and encodable(message)
        ):
            ours = comparable(lambda: loaded.slow_path.requests.iter_errors(request))  # noqa: B023
            assert ours == comparable(lambda: stock.iter_request_errors(request)), message  # noqa: B023
    assert accepted > 1000
    assert len(messages) - accepted > 1000


@pytest.mark.slow
def test_changed_responses(stock):
    """Of thousands of changed responses, those that are accepted have no error in openapi-core."""
    loaded, random, accepted = repository.load(), Random(13), 0
    messages = [
        (Request(event(*valid[:3])), sent(parts))
        for valid in VALID
        for response in [*valid[3], random.choice(PROBLEMS)]
        for parts in changed(answer(response), random)
        if isinstance(parts, dict) and parts.keys() == answer(SVG).keys()
    ]
    for number, message in enumerate(messages):
        if loaded.fast_path.accepts_response(*message):
            accepted += 1
            found = comparable(lambda: loaded.slow_path.responses.iter_errors(*message))  # noqa: B023
            assert found == [], message
        elif number % 20 == 0 and encodable(message):
            ours = comparable(lambda: loaded.slow_path.responses.iter_errors(*message))  # noqa: B023
            assert ours == comparable(lambda: stock.iter_response_errors(*message)), message  # noqa: B023
    assert accepted > 1000
    assert len(messages) - accepted > 1000


def test_empty_values_are_left_to_openapi_core():
    """An empty query parameter and an empty body are never accepted, even if valid."""
    text = {"schema": {"type": "string"}}
    operation = {
        "parameters": [{"name": "a", "in": "query", **text}],
        "responses": {"200": {"content": {"image/svg+xml": text}}},
    }
    loaded = Contract({"paths": {"/health": {"get": operation}}}, "")
    for value in ("x", ""):
        request = Request(event("GET", "/health", {"a": value}))
        assert loaded.fast_path.accepts_request(request) == bool(value)
        response = Response(200, "image/svg+xml", value)
        assert loaded.fast_path.accepts_response(request, response) == bool(value)


SCALARS = st.sampled_from(ODD)
NAMES_OF_FIELDS = st.sampled_from(["a", "counterId", 'a"{b}'])
# Schemas elsewhere in a generated contract; parts of paths count as well.
SHARED = [
    "#/components/schemas/A",
    "#/components/schemas/B",
    "#/components/parameters/A/schema",
    "#/paths/~1health/get/responses/200/content/application~1json/schema",
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
SIMPLE = st.sampled_from(["a", "1", "", "resume", "2026-11-22", VISIT_ID, 1, 0, True, 2.5, None])
VALUES = st.recursive(
    SIMPLE | SCALARS,
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(NAMES_OF_FIELDS | st.just("b"), inner, max_size=2)
    ),
    max_leaves=3,
)


@st.composite
def contracts(draw):
    """A valid contract with one operation, any schemas, and references of all kinds."""
    parameter = {"name": "a", "in": "query", "schema": draw(SCALAR_SCHEMA | ANY_SCHEMA)}
    content = {"application/json": {"schema": draw(ANY_SCHEMA)}}
    reference = {"$ref": draw(st.sampled_from(["A", "B"]).map("#/components/parameters/{}".format))}
    operation = {
        "parameters": [reference],
        "responses": {"200": {"description": "", "content": content}},
    }
    document = {
        "openapi": "3.0.3",
        "info": {"title": "", "version": ""},
        "components": {
            "schemas": {"A": draw(ANY_SCHEMA), "B": draw(ANY_SCHEMA)},
            "parameters": {"A": parameter, "B": {"$ref": "#/components/parameters/A"}},
        },
        "paths": {"/health": {"get": operation}},
    }
    try:
        validate(document)
    except (OpenAPIValidationError, RecursionError):  # a schema that is nothing but itself
        reject()
    return document


def errors_of(find):
    """What openapi-core finds; for a schema that contains itself at once, its exception."""
    try:
        return list(find())
    except Exception as error:
        return [error]


@pytest.mark.slow
@settings(max_examples=200)
@given(contracts(), st.lists(VALUES, min_size=5, max_size=10))
def test_any_valid_contract(document, values):
    """Whatever a valid contract contains, it can be loaded, and what is accepted is valid in
    openapi-core."""
    check(document)
    loaded = Contract(resolve(document), "")
    for value in values:
        request = Request(event("GET", "/health", {"a": str(value)}))
        if loaded.fast_path.accepts_request(request):
            assert errors_of(lambda: loaded.slow_path.requests.iter_errors(request)) == []  # noqa: B023
        response = Response.json(200, value)
        if loaded.fast_path.accepts_response(request, response):
            found = errors_of(lambda: loaded.slow_path.responses.iter_errors(request, response))  # noqa: B023
            assert found == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ([*TOTAL, "nullable"], True),
        ([*TOTAL, "properties", "visits", "format"], "int32"),
        ([*TOTAL, "additionalProperties"], {}),
        ([*TOTAL, "properties", "visits", "multipleOf"], 3),
        ([*TOTAL, "properties", "date", "pattern"], "(?!a$)"),
        ([*TOTAL, "properties", "date", "pattern"], r"^[\w-]+$"),  # JSON Schema's \w is ASCII
        ([*COUNTERS, "properties", "today"], {"$ref": "#/components/schemas/Counter"}),
        ([*COUNTERS, "unknown"], {}),
        ([*OK, "links"], {}),
        ([*CACHE, "deprecated"], True),
        ([*CACHE, "style"], "simple"),
        ([*OK, "content", "application/json", "encoding"], {}),
    ],
)
def test_unknown_part_is_left_to_openapi_core(document, path, value):
    """A response whose description contains anything unknown is never accepted."""
    changed = deepcopy(document)
    part = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    request = Request(event("GET", COUNTER, {}))
    response = Response.json(200, TOTALS)
    assert repository.load().fast_path.accepts_response(request, response)
    assert not Contract(changed, "").fast_path.accepts_response(request, response)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("security", [{}]),
        ("requestBody", {"content": {"application/json": {"schema": {"type": "object"}}}}),
        ("parameters", [{"name": "a", "in": "header", "schema": {"type": "string"}}]),
        ("parameters", [{"name": "a", "in": "cookie", "schema": {"type": "string"}}]),
        ("parameters", [{"name": "a", "in": "query", "schema": {"type": "array"}}]),
        ("parameters", [{"name": "a", "in": "query", "schema": {"type": "number"}}]),
        ("parameters", [{"name": "a", "in": "query", "schema": {"type": "string"}, "style": ""}]),
        ("parameters", [{"name": "a", "in": "query", "content": {}}]),
    ],
)
def test_unknown_request_is_left_to_openapi_core(document, name, value):
    """A request whose description contains anything unknown is never accepted."""
    request = Request(event("GET", "/health", {}))
    assert repository.load().fast_path.accepts_request(request)
    changed = deepcopy(document)
    changed["paths"]["/health"]["get"][name] = value
    assert not Contract(changed, "").fast_path.accepts_request(request)
    for changes in ({"security": [{"key": []}]}, {}):
        changed = {**deepcopy(document), **changes}
        if not changes:
            changed["paths"]["/health"]["parameters"] = []
        assert not Contract(changed, "").fast_path.accepts_request(request)
