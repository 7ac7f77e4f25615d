"""A second service: bodies, arrays, header parameters and HEAD, on openapi_handler alone."""

import json

import pytest
from werkzeug.test import Client

from contract import generation, lint
from local.gateway.app import Gateway
from openapi_handler import contract, fast_path
from openapi_handler.messages import Request
from openapi_handler.operations import Operations
from tests.examples import valid_event
from tests.openapi_handler.guestbook import SOURCE, Guestbook

EXTRA = "x" * 200


@pytest.fixture
def guestbook():
    return Guestbook()


def post(guestbook, body=None, **changes):
    """Send the example of an entry, with changes of the event, or another body."""
    event = valid_event(guestbook.contract.document, "/entries", "post")
    if body is not None:
        event["body"] = body if isinstance(body, str) else json.dumps(body)
    return guestbook.handle(event | changes, None)


def get(guestbook, method="GET", **query):
    event = valid_event(guestbook.contract.document, "/entries", "get", optional=False)
    event["multiValueQueryStringParameters"] = query
    return guestbook.handle(event | {"httpMethod": method}, None)


def detail(answer):
    """Return the detail of a 400."""
    assert answer["statusCode"] == 400
    return json.loads(answer["body"])["detail"]


def names(answer):
    return [entry["name"] for entry in json.loads(answer["body"])]


def test_bodies_and_arrays_reach_the_operations(guestbook):
    """Arrays in a query are repeated or comma-separated. Valid messages need no openapi-core."""
    for name, more in (("Ada", {"tags": ["kind"]}), ("Bob", {"tags": ["short"], "stars": 4})):
        assert post(guestbook, {"name": name, "text": "Hello", **more})["statusCode"] == 201
    assert names(get(guestbook)) == ["Ada", "Bob"]
    assert names(get(guestbook, tag=["kind", "short"])) == ["Ada", "Bob"]
    assert names(get(guestbook, tag=["short"])) == ["Bob"]
    assert names(get(guestbook, stars=["4,5"])) == ["Bob"]
    every = valid_event(guestbook.contract.document, "/entries", "get")
    assert names(guestbook.handle(every, None)) == ["Bob"]
    assert "slow_path" not in vars(guestbook.contract)


@pytest.mark.parametrize("event", [{}, {"version": "2.0", "rawPath": "/"}, [], None])
def test_other_kinds_of_events_are_refused(guestbook, event):
    """An event that is not a REST proxy event raises an error that says so."""
    with pytest.raises(ValueError, match=r"^Not a REST proxy event \(payload 1\.0\)\. Call .*\.$"):
        guestbook.handle(event, None)


def test_head_is_the_get_without_its_body(guestbook):
    """HEAD has status and headers of the GET, is validated like it, and is reported as HEAD."""
    for query in ({}, {"stars": ["9"]}):
        answer, head = get(guestbook, **query), get(guestbook, "HEAD", **query)
        assert head == answer | {"body": ""}
        assert answer["body"].endswith("}\n" if query else "]\n")
    assert [report[:2] for report in guestbook.reports] == [
        ("GET", 200),
        ("HEAD", 200),
        ("GET", 400),
        ("HEAD", 400),
    ]


def test_operations_have_the_names_of_their_functions():
    """`read_all_entries` is the operation `readAllEntries`."""
    operations = Operations()

    @operations
    def read_all_entries():
        """Stay what it is."""

    assert operations == {"readAllEntries": read_all_entries}


def test_a_packed_contract_is_the_same(monkeypatch, tmp_path):
    """unpack() loads what pack() wrote, with the compiled code, which compiles nothing."""
    document, sha256 = contract.read(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    package = tmp_path / "packed_guestbook"
    package.mkdir()
    contract.pack(document, sha256, package)
    monkeypatch.setattr(fast_path, "compile_contract", None)
    unpacked = contract.unpack(package)
    assert (unpacked.document, unpacked.sha256) == (document, sha256)
    request = Request(valid_event(document, "/entries", "get"))
    unpacked.check(request)
    assert "slow_path" not in vars(unpacked)


@pytest.mark.parametrize(
    "media_type",
    ["Application/JSON", "application/json;charset=UTF-8", "application/json; a; b=c=d"],
)
def test_media_types_have_any_case_and_parameters(guestbook, media_type):
    """JSON is UTF-8, whatever the parameters of its media type say."""
    answer = post(guestbook, multiValueHeaders={"content-type": [media_type]})
    assert answer["statusCode"] == 201
    assert "slow_path" not in vars(guestbook.contract)


def test_a_repeated_header_is_one_with_commas(guestbook):
    """Names of headers have any case. Only a multipart type keeps its parameters."""
    event = valid_event(guestbook.contract.document, "/entries", "get")
    multipart = "multipart/form-data; boundary=B"
    sent = Request(event | {"multiValueHeaders": {"x-a": ["1", "2"], "content-type": [multipart]}})
    assert (sent.headers["X-A"], sent.content_type) == ("1,2", multipart)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"body": ""}, "The body is missing."),
        ({"body": "{"}, "The body is not valid application/json."),
        ({"body": "[" * 100_000}, "The body is not valid application/json."),
        ({"body": '{"text": NaN}'}, "The body is not valid application/json."),
        ({"body": '{"text": 1e400}'}, "The body is not valid application/json."),
        (
            {"multiValueHeaders": {"Content-Type": ["text/plain; charset=none"]}},
            "The body has another media type than application/json.",
        ),
        ({"multiValueHeaders": None}, "The body has another media type than application/json."),
        ({"body": '{"text": "Hi"}'}, "The body lacks name."),
        ({"body": '{"name": "", "text": "Hi"}'}, "The body breaks its minLength (1) at name."),
        ({"body": '{"name": 1, "text": "Hi"}'}, "The body breaks its type (string) at name."),
        (
            {"body": '{"name": "A", "text": "B", "tags": ["c", "D"]}'},
            "The body breaks its pattern (^[a-z]+$) at tags.1.",
        ),
        (
            {"body": '{"name": "A", "text": "B", "tag": "c", "b\\\\": 1}'},
            'The body must not have "tag" and must not have "b\\\\".',
        ),
        (
            {"body": json.dumps({"name": "A", "text": "B", EXTRA: 1})},
            f'The body must not have "{EXTRA[:63]}.',
        ),
    ],
)
def test_invalid_body_is_named_with_its_rule(guestbook, changes, fault):
    """The detail names the field and the rule, also a field that is too many, and no value."""
    answer = post(guestbook, **changes)
    assert detail(answer) == fault
    assert json.loads(answer["body"])["type"] == "urn:problem-type:guestbook:invalid-request"


def test_invalid_item_of_a_query_is_named(guestbook):
    """An array's error names the parameter and the position of the item."""
    tag = get(guestbook, tag=["B", "a"])
    assert detail(tag) == "Query parameter 'tag' breaks its pattern (^[a-z]+$) at 0."
    stars = get(guestbook, stars=["1,9"])
    assert detail(stars) == "Query parameter 'stars' breaks its maximum (5) at 1."


def test_problems_failures_and_wrong_responses_are_documented_errors(guestbook):
    """A Problem is its answer; an exception, and a response that breaks the contract, are a 500."""
    for _ in range(3):
        post(guestbook)
    assert post(guestbook)["statusCode"] == 409
    guestbook.entries[0] = {"name": "Ada", "hidden": "none"}
    assert get(guestbook)["statusCode"] == 500
    assert guestbook.reports[-1][2] == ['InvalidData : lacks 0.text and must not have 0."hidden"']
    guestbook.entries[0] = None
    assert get(guestbook, stars=["1"])["statusCode"] == 500
    assert isinstance(guestbook.reports[-1][3], AttributeError)


@pytest.mark.parametrize("keyword", [{"nullable": True}, {"oneOf": [{"type": "string"}]}])
def test_what_the_fast_path_does_not_know_is_decided_by_openapi_core(keyword):
    """A body whose schema has more of OpenAPI is validated by openapi-core."""
    document = contract.read(SOURCE)[0]
    document["components"]["schemas"]["Entry"]["properties"]["name"] |= keyword
    service = Guestbook(document)
    assert post(service, {"name": "Ada", "text": "Hi"})["statusCode"] == 201
    status = post(service, {"name": None, "text": "Hi"})["statusCode"]
    assert status == (201 if "nullable" in keyword else 400)


def test_deep_bodies_and_missing_credentials_are_the_clients_errors():
    """What the contract refuses is a 400, also a body that is too deep to validate."""
    document = contract.read(SOURCE)[0]
    components, deep = document["components"], '{"name": "Ada", "text": "Hi"}'
    components["securitySchemes"] = {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}}
    locked = Guestbook(document | {"security": [{"key": []}]})
    assert detail(post(locked)) == "The credentials are missing."
    components["schemas"]["Entry"]["properties"]["inner"] = {"$ref": "#/components/schemas/Entry"}
    for _ in range(500):
        deep = f'{{"name": "Ada", "text": "Hi", "inner": {deep}}}'
    assert detail(post(Guestbook(document), deep)) == "The body is nested too deep."


def test_gateway_linter_and_generation_take_another_contract():
    """The local gateway serves the guestbook from its own contract, which the linter accepts."""
    assert lint.check(SOURCE.read_text("utf-8")) == []
    book = Guestbook()
    client = Client(Gateway(generation.generate(book.contract.document), book.handle))
    entry = {"name": "Ada", "text": "Well counted", "stars": 5, "tags": ["kind"]}
    assert client.post("/entries", json=entry).json == entry
    assert client.get("/entries?tag=short&tag=kind&stars=4,5").json == [entry]
    head = client.head("/entries")
    assert (head.status_code, head.data) == (200, b"")
    assert client.post("/entries", json={"name": "Ada"}).status_code == 400
