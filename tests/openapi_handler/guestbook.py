"""The guestbook: all Python that a service on openapi_handler needs."""

from pathlib import Path

from openapi_handler import contract
from openapi_handler.contract import Contract
from openapi_handler.handler import Handler
from openapi_handler.messages import Response
from openapi_handler.problems import Problem, ProblemTypes

SOURCE = Path(__file__).with_name("guestbook.yaml")
PROBLEM_TYPES = ProblemTypes("urn:problem-type:guestbook:", {"guestbook-full": 409})
MOST = 3


def create_entry(request, entries):
    if len(entries) == MOST:
        raise Problem("guestbook-full", "Come again next year.")
    entries.append(request.json)
    return Response.json(201, request.json)


def read_entries(request, entries):
    tags = set(request.query.getlist("tag"))
    stars = {int(number) for number in request.query.get("stars", "").split(",") if number}
    found = [
        entry
        for entry in entries
        if (not tags or tags & set(entry.get("tags", [])))
        and (not stars or entry.get("stars") in stars)
    ]
    return Response.json(200, found[: int(request.headers.get("X-Most", MOST))])


OPERATIONS = {"createEntry": create_entry, "readEntries": read_entries}


class Guestbook:
    def __init__(self, document=None):
        self.contract = Contract(document or contract.read(SOURCE)[0], "")
        self.entries, self.reports = [], []
        self._answer = Handler(self.contract, OPERATIONS, PROBLEM_TYPES, {}, self._report)

    def handle(self, event, _context):
        return self._answer(event, self.entries)

    def _report(self, request, response, violations, error, _seconds):
        self.reports.append((request.sent_method, response.status_code, violations, error))
