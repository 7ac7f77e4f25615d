"""`make run` allows the origins of pages on this machine, and explains each refusal."""

import io

import pytest

from local import function
from local.__main__ import function_environment
from local.refusals import explained

SAME = ("127.0.0.1", "localhost", "0.0.0.0", "[::1]", "[::]")


def allowed(monkeypatch, value):
    monkeypatch.setenv("ALLOWED_ORIGINS", value)
    return set(function_environment(8001)["ALLOWED_ORIGINS"].split(","))


def test_origins_of_the_user_are_added_to_those_of_the_stack(monkeypatch):
    """The stack's own page may always count; an empty setting adds nothing."""
    own = {f"http://{host}:8001" for host in SAME}
    assert allowed(monkeypatch, "") == own
    assert allowed(monkeypatch, "https://a.example,*") == own | {"https://a.example", "*"}


@pytest.mark.parametrize("port", [":5500", ""])
def test_names_of_this_machine_are_one_origin(monkeypatch, port):
    """Each name of this machine allows all of them with its scheme and port, and no other."""
    own = allowed(monkeypatch, "")
    for host in SAME:
        added = allowed(monkeypatch, f"https://{host}{port}") - own
        assert added == {f"https://{each}{port}" for each in SAME}
    assert allowed(monkeypatch, "http://localhost.example") - own == {"http://localhost.example"}


@pytest.fixture
def console(api, monkeypatch):
    """What the stack prints about the requests of `api`."""
    printed = io.StringIO()
    monkeypatch.setattr(function, "handle", explained(function.handle, printed))
    return printed


@pytest.mark.parametrize(
    ("origin", "shown", "setting"),
    [
        ("http://10.0.0.5:5500", "'http://10.0.0.5:5500'", "http://10.0.0.5:5500"),
        ("null", "'null'", "'*'"),
        ("http://a;rm", "'http://a;rm'", "'*'"),
        ("http://a\x1b[31m", r"'http://a\x1b[31m'", "'*'"),
    ],
)
def test_refused_origin_is_explained(api, console, origin, shown, setting):
    """A refused visit is a line with the origin and a setting that a shell can run."""
    assert api.visit(headers={"Origin": origin}).status_code == 403
    assert console.getvalue() == (
        f"Refused: pages of the origin {shown} may not count visits. Allow them, and others after "
        f"a comma: ALLOWED_ORIGINS={setting} make run\n"
    )


def test_refused_origin_of_a_counter_with_its_own_is_explained(api, console, monkeypatch):
    """If the counter has origins of its own, the setting adds the refused one to them."""
    monkeypatch.setenv("COUNTERS", '{"resume": {"allowed_origins": ["https://a.example"]}}')
    assert api.visit(headers={"Origin": "https://b.example"}).status_code == 403
    assert console.getvalue() == (
        "Refused: pages of the origin 'https://b.example' may not count visits on 'resume', which "
        'has origins of its own. Allow them: COUNTERS=\'{"resume": {"allowed_origins": '
        '["https://a.example", "https://b.example"]}}\' make run\n'
    )


def test_unknown_counter_is_explained(api, console, monkeypatch):
    """A request for an undeclared counter is a line with the setting that declares it, too."""
    monkeypatch.setenv("COUNTERS", '{"resume": {"visits": 5}}')
    assert api.get("/counters/blog").status_code == 404
    assert console.getvalue() == (
        "Refused: the counter 'blog' is not declared. Declare it: "
        'COUNTERS=\'{"resume": {"visits": 5}, "blog": {}}\' make run\n'
    )


def test_other_answers_are_not_explained(api, console):
    """A counted visit and an invalid one print nothing."""
    assert api.visit().status_code == 201
    assert api.visit("no-uuid").status_code == 400
    assert not console.getvalue()
