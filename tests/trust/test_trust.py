"""Short versions of `make trust`, and whether it notices what it must notice.

tests/rehearsal has the short version of the load on the rehearsal.
"""

import pytest

from tests.local import stack
from tests.trust import faults, load, owner, proxy
from tests.trust.model import Model
from tests.trust.traffic import Traffic

HAPPENED = ("sent again later", "sent twice at once", "processes killed")
REASONS = ("bot", "prefetch", "opted-out", "capped")


@pytest.mark.slow
def test_visits_are_exact_while_calls_fail_and_processes_are_killed(tmp_path):
    """A few hundred visits with every kind of fault: no visit is lost or counted twice, no visitor
    is wrong, and every answer is documented."""
    findings = faults.run(tmp_path, seed=1, visits=300, days=2)
    assert findings.wrong == []
    happened = {*HAPPENED, *REASONS, *proxy.FAULTS}
    assert happened <= findings.figures.keys()


def test_a_seed_can_be_replayed():
    """The seed, the request and the number of the call decide which call fails and how, in
    whatever order the calls of several requests arrive. Another seed makes other calls fail."""

    def faults_of(seed, requests):
        chooser, chosen = proxy.Proxy("http://127.0.0.1", seed, 0.5), {}
        for request in requests:
            head = f"X-Amz-Target: DynamoDB_20120810.Query\r\nX-Amzn-Trace-Id: {request}\r\n"
            kind, random = chooser.choose(head.encode())
            chosen.setdefault(request, []).append((kind, random.random()))
        return chosen

    requests = [f"visit{number}" for number in range(20)] * 3
    assert faults_of(1, requests) == faults_of(1, sorted(requests)) != faults_of(2, requests)


@pytest.mark.slow
def test_the_owners_commands_are_exact_while_they_are_killed(tmp_path, monkeypatch):
    """Imports of the same days at once, corrections and visits, with faulty calls: the total is the
    sum, and no correction is lost or entered twice."""
    findings = owner.run(tmp_path, seed=1, rounds=2)
    assert findings.wrong == []
    assert findings.figures["commands killed"]


@pytest.mark.slow
def test_visits_are_exact_under_load(tmp_path):
    """Forty clients at once: the local stack counts each visit once, and every answer is
    documented."""
    with stack.running(stack.checkout(tmp_path)) as running:
        under = load.Load(f"{running.url}/live", clients=40)
        under.run(visits=200)
    assert under.findings.wrong == []


@pytest.mark.parametrize(
    ("visits", "visitors", "found"),
    [
        (-1, 0, {"lost": 1}),
        (2, 0, {"double": 2}),
        (0, 1, {"visitors wrong": 1}),
        (0, 0, {}),
    ],
)
def test_wrong_number_is_noticed(visits, visitors, found):
    """The model names how many visits are missing or too many, and how many visitors are wrong."""
    model = Model()
    for phase in Traffic(seed=1, visits=40, days=1).phases(model.counted):
        for request in phase:
            model.begin(request)
    days = model.days()
    counter = {"counterId": "blog", "visits": visits, "visitors": visitors}
    history = {"days": [{"date": day, **days[name, day]} for name, day in days if name == "blog"]}
    for day in history["days"]:
        counter["visits"] += day["visits"]
        counter["visitors"] += day["visitors"]
    assert model.compare(counter, history) == found
