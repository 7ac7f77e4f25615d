"""Requests generated from the contract, through gateway and function."""

import os
import re
from datetime import timedelta
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from local import dynamodb
from local.server import application
from tests.conftest import NOON, SITE, ApiClient, start_new_copy

SCHEMA = schemathesis.openapi.from_wsgi("/openapi.json", application())
pytestmark = pytest.mark.slow


@SCHEMA.parametrize()
@settings(max_examples=40)
def test_every_answer_to_every_request_is_documented(case, table):
    """Every response has a documented status, headers and body. Invalid requests are refused,
    valid ones are not, and an unknown method gets 405."""
    if re.fullmatch("[a-z]+", str(case.path_parameters.get("counterId"))):
        case.path_parameters["counterId"] = "resume"
    case.call_and_validate()


class CounterModel(RuleBasedStateMachine):
    """A model of one counter: visitors, bots and generated requests over several days."""

    def __init__(self):
        super().__init__()
        os.environ["TABLE_NAME"] = f"visits-{uuid4()}"
        os.environ["SECRETS_TABLE_NAME"] = f"{os.environ['TABLE_NAME']}-secrets"
        dynamodb.create_tables(os.environ)
        start_new_copy()
        self.api = ApiClient(at=NOON)
        self.visits = {}  # visitId -> time
        self.visitors = set()  # (visitor, day)

    @rule(number=st.integers(1, 3))
    def visit(self, number):
        visit_id = str(uuid4())
        self.api.ip = f"203.0.113.{number}"
        assert self.api.visit(visit_id, headers={"Origin": SITE}).json["counted"]
        self.remember(self.api.ip, visit_id)

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
    def send_generated_request(self, data, operation):
        case = data.draw(SCHEMA.find_operation_by_id(operation).as_strategy())
        headers = {name: value for name, value in case.headers.items() if value.isascii()}
        path = case.formatted_path
        answer = self.api.request(case.method, path, query_string=case.query, headers=headers)
        if answer.status_code == 201:
            self.remember(self.api.ip, case.query["visitId"].lower())

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours):
        self.api.at += timedelta(hours=hours)

    def remember(self, visitor, visit_id):
        self.visits[visit_id] = self.api.at
        self.visitors.add((visitor, self.api.at.date()))

    @invariant()
    def the_counter_shows_the_counted_visits(self):
        today = self.api.at.date()
        counter = self.api.get("/counters/resume").json
        assert (counter["visits"], counter["visitors"]) == (len(self.visits), len(self.visitors))
        assert counter["today"] == {
            "date": today.isoformat(),
            "visits": sum(at.date() == today for at in self.visits.values()),
            "visitors": sum(day == today for _, day in self.visitors),
        }
        [*_, last] = self.api.get("/counters/resume/history").json["days"]
        assert last == counter["today"]


@pytest.mark.hypothesis
def test_totals_are_exact_after_any_sequence_of_requests(table):
    """After any sequence of requests the totals are those of the counted visits."""
    several = settings(max_examples=12, stateful_step_count=20)
    run_state_machine_as_test(CounterModel, settings=several)
