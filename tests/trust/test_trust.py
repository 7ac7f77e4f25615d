"""Short versions of `make trust`, and whether it notices what it must notice."""

import pytest

from tests.trust import faults, proxy
from tests.trust.model import Model
from tests.trust.traffic import Traffic

HAPPENED = (
    "sent again later",
    "sent twice at once",
    "processes killed",
    "visits answered as capped",
)


@pytest.mark.slow
def test_visits_are_exact_while_calls_fail_and_processes_are_killed(tmp_path):
    """A few hundred visits with every kind of fault: no visit is lost or counted twice, no visitor
    is wrong, and every answer is documented."""
    findings = faults.run(tmp_path, seed=1, visits=300, days=2)
    assert findings.wrong == []
    assert {*HAPPENED, *proxy.FAULTS} <= findings.figures.keys()


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
