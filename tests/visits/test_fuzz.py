"""Requests that nobody thought of, made from the contract, through gateway and function."""

import os
import re
from datetime import timedelta
from uuid import uuid4

import schemathesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from local import dynamodb
from local.server import application
from tests.conftest import NOON, SITE, Api
from visits import handler

SCHEMA = schemathesis.openapi.from_wsgi("/openapi.json", application())
QUIET = {"deadline": None, "suppress_health_check": list(HealthCheck)}


@SCHEMA.parametrize()
@settings(max_examples=60, **QUIET)
def test_every_answer_to_every_request_is_documented(case, exact_table):
    """Good or bad, a request gets what the contract documents: status, headers and body. Bad
    ones are refused, good ones are not, and another method is a 405."""
    if re.fullmatch("[a-z]+", str(case.path_parameters.get("counterId"))):
        case.path_parameters["counterId"] = "resume"
    case.call_and_validate()


class Visitors(RuleBasedStateMachine):
    """People, bots and nonsense on one counter, over days, and what it ought to show."""

    def __init__(self):
        super().__init__()
        os.environ["TABLE_NAME"] = f"visits-{uuid4()}"
        dynamodb.create_table(os.environ["TABLE_NAME"])
        handler.start.cache_clear()
        self.api = Api(at=NOON)
        self.visits = {}  # visitId -> when
        self.people = set()  # (who, day)

    @rule(who=st.integers(1, 3))
    def visit(self, who):
        visit_id = str(uuid4())
        self.api.ip = f"203.0.113.{who}"
        assert self.api.visit(visit_id, headers={"Origin": SITE}).json["counted"]
        self.counted(who, visit_id)

    @rule(data=st.data())
    def visit_again(self, data):
        recent = [i for i, at in self.visits.items() if self.api.at - at <= timedelta(hours=24)]
        if recent:
            answer = self.api.visit(data.draw(st.sampled_from(recent))).json
            assert (answer["counted"], answer["reason"]) == (False, "replayed")

    @rule(headers=st.sampled_from([{"User-Agent": "Googlebot/2.1"}, {"Sec-GPC": "1"}]))
    def visit_uncounted(self, headers):
        assert not self.api.visit(headers=headers).json["counted"]

    @rule(data=st.data(), operation=st.sampled_from(["readHealth", "readHistory", "recordVisit"]))
    def ask_anything(self, data, operation):
        case = data.draw(SCHEMA.find_operation_by_id(operation).as_strategy())
        headers = {name: value for name, value in case.headers.items() if value.isascii()}
        path = case.formatted_path
        answer = self.api.request(case.method, path, query_string=case.query, headers=headers)
        if answer.status_code == 201:
            self.counted(self.api.ip, case.query["visitId"].lower())

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours):
        self.api.at += timedelta(hours=hours)

    def counted(self, who, visit_id):
        self.visits[visit_id] = self.api.at
        self.people.add((who, self.api.at.date()))

    @invariant()
    def the_counter_shows_who_was_there(self):
        today = self.api.at.date()
        counter = self.api.get("/counters/resume").json
        assert (counter["visits"], counter["visitors"]) == (len(self.visits), len(self.people))
        assert counter["today"] == {
            "date": today.isoformat(),
            "visits": sum(at.date() == today for at in self.visits.values()),
            "visitors": sum(day == today for _, day in self.people),
        }
        [*_, last] = self.api.get("/counters/resume/history").json["days"]
        assert last == counter["today"]


def test_the_counter_counts(exact_table):
    """Whatever happens in whatever order, the numbers are those of the visits that counted."""
    run_state_machine_as_test(
        Visitors, settings=settings(max_examples=20, stateful_step_count=20, **QUIET)
    )
