"""Generates visits and reads of several days. The same seed gives the same ones.

Only replays also depend on which visits were counted before.
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

STARTING_VALUES = {"resume": {"visits": 1000, "visitors": 700}, "blog": {}}
VISIT_CAP = 12
FIRST_DAY = datetime(2028, 2, 27, tzinfo=UTC)  # a 29 February follows
HALF_DAY = timedelta(hours=12)
REPLAYED = 0.03  # of the counted visits, after half a day and after a day
ORIGIN = "https://resume.example"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Chrome/{}.0.0.0 Safari/537.36"

COUNTER = "/counters/{counterId}"
VISITS = "/counters/{counterId}/visits"
HISTORY = "/counters/{counterId}/history"
BADGE = "/counters/{counterId}/badge.svg"

# The length of the phases in which requests of two days mix. The function keeps the secret of a
# day until the first request that arrives ten minutes after it.
AROUND_MIDNIGHT = timedelta(minutes=16)


@dataclass(frozen=True)
class Person:
    """A browser on a network: an IPv4 address, or the first half of an IPv6 address."""

    network: str
    user_agent: str

    def address(self, random):
        if ":" in self.network:
            return f"{self.network}::{random.randrange(1, 2**16):x}"
        return self.network


@dataclass(frozen=True)
class Request:
    """A request that reads a counter."""

    resource: str
    at: datetime
    counter: str
    query: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    address: str = "203.0.113.1"
    method: str = "GET"

    @property
    def day(self):
        return self.at.date().isoformat()

    @property
    def name(self):
        """What this request has in every run with the same seed, and no other has."""
        return f"{self.query.get('visitId', self.resource)}@{self.at.isoformat()}"

    def event(self, request_id):
        """Return the proxy event of API Gateway."""
        return {
            "httpMethod": self.method,
            "resource": self.resource,
            "multiValueHeaders": lists(self.headers),
            "multiValueQueryStringParameters": lists(self.query),
            "pathParameters": {"counterId": self.counter},
            "body": None,
            "isBase64Encoded": False,
            "requestContext": {
                "requestId": request_id,
                "requestTimeEpoch": int(self.at.timestamp() * 1000),
                "identity": {"sourceIp": self.address},
            },
        }


def lists(values):
    return {name: [value] for name, value in values.items()} or None


@dataclass(frozen=True)
class Visit(Request):
    """A page view.

    Attributes:
        twins: whether it is sent twice at the same time.
        replay: whether it is a copy of an earlier visit.
    """

    person: Person = Person("", "")
    twins: bool = False
    replay: bool = False

    @property
    def visit_id(self):
        return self.query["visitId"]


class Traffic:
    """Requests in phases: half days, and the minutes around midnight.

    Those of one phase may arrive in any order.
    """

    def __init__(self, seed, visits, days):
        self._seed, self._random = seed, Random(seed)
        self._days = days
        self._people = [self._person(number) for number in range(visits // 8)]
        # These visit so often that they reach the cap: one in a hundred, and at least one.
        self._weights = [20 if number % 100 == 0 else 1 for number in range(len(self._people))]
        self._windows = list(windows(days))
        self._size = visits // len(self._windows)  # of a phase
        self._requests = [self._requests_of(window) for window in self._windows]

    def phases(self, counted):
        """Yield the requests of each phase.

        Args:
            counted: a function that returns the visits that were counted so far. Some are
                replayed.
        """
        for window, requests in zip(self._windows, self._requests, strict=True):
            yield sorted(
                [*requests, *self._replays(window, counted())],
                key=lambda request: self._chance("order", request),
            )

    def _chance(self, purpose, request):
        """Return a number from 0 to 1 that the seed and the request decide."""
        return Random(f"{self._seed} {purpose} {request.name}").random()

    def readings(self, counter):
        """Return the requests for a counter's totals and history, after the last visit."""
        end = FIRST_DAY + self._days * 2 * HALF_DAY - timedelta(seconds=1)
        query = {"days": str(self._days + 2)}
        return Request(COUNTER, end, counter), Request(HISTORY, end, counter, query)

    def _person(self, number):
        user_agent = BROWSER.format(number)
        kind = self._random.random()
        if kind < 0.6:
            return Person(f"198.51.{number >> 8}.{number & 255}", user_agent)
        if kind < 0.85:
            return Person(f"2001:db8:{number:x}:1", user_agent)
        return Person(f"192.0.2.{self._random.randrange(10)}", user_agent)  # shared

    def _requests_of(self, window):
        visits = [self._visit(window) for _ in range(self._size)]
        resources = self._random.choices([COUNTER, HISTORY, BADGE], [2, 1, 1], k=self._size // 8)
        return [*visits, *(Request(each, *self._where(window)) for each in resources)]

    def _visit(self, window):
        [person] = self._random.choices(self._people, self._weights)
        visit_id = UUID(int=self._random.getrandbits(128), version=4)
        return Visit(
            VISITS,
            *self._where(window),
            {"visitId": str(visit_id)},
            {"Origin": ORIGIN, "User-Agent": person.user_agent},
            person.address(self._random),
            "POST",
            person,
            twins=self._random.random() < 0.06,
        )

    def _where(self, window):
        """Return a time and a counter."""
        begin, end = window
        at = begin + self._random.random() * (end - begin)
        return at, self._random.choice(list(STARTING_VALUES))

    def _replays(self, window, counted):
        """Return copies of counted visits, half a day or a day later.

        The contract promises that a visitId counts once in 24 hours.
        """
        begin, end = window
        copies = [
            replace(visit, at=visit.at + later, twins=False, replay=True)
            for visit in counted
            for later in (HALF_DAY, 2 * HALF_DAY)
            if begin <= visit.at + later < end
        ]
        return [copy for copy in copies if self._chance("replay", copy) < REPLAYED]


def windows(days):
    """Yield the first and the last moment of each phase."""
    for day in range(days):
        begin = FIRST_DAY + day * 2 * HALF_DAY
        noon, end = begin + HALF_DAY, begin + 2 * HALF_DAY
        if day:
            yield begin - AROUND_MIDNIGHT / 2, begin + AROUND_MIDNIGHT / 2
        yield begin, noon
        yield noon, end
