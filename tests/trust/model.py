"""What the numbers must be after a number of visits, computed without the function's code."""

from collections import Counter, defaultdict
from math import inf
from threading import Lock

from tests.trust.traffic import COUNTER, STARTING_VALUES, TESTS, VISIT_CAP, Visit

MOST_BROWSERS = 100  # of a network; the visits by others count, but not their visitors
COUNTED = {"counted", "replayed"}


class Model:
    """Knows every visit that was sent, and what its answers said."""

    def __init__(self):
        self._visits = {}  # by visitId
        self._requests = Counter()  # by visitId
        self._answers = defaultdict(list)  # by visitId: "counted", or the reason why not
        self._confirmed = Counter()  # the counted visits of each counter, according to answers
        self._possible = Counter()  # the visits of each counter that may be counted
        self._lock = Lock()

    def begin(self, request):
        """Note that a request is about to be sent.

        Returns:
            The smallest number of visits that its answer may contain.
        """
        with self._lock:
            if isinstance(request, Visit):
                self._requests[request.visit_id] += 1
                self._possible[request.counter] += (
                    request.reason is None and request.visit_id not in self._visits
                )
                self._visits.setdefault(request.visit_id, request)
            return start(request.counter) + self._confirmed[request.counter]

    def end(self, request, body, fewest):
        """Note the answer to a request, and yield what is wrong with it.

        Args:
            body: the parsed answer, whose form has been checked.
            fewest: what begin() returned.
        """
        with self._lock:
            if isinstance(request, Visit):
                outcome = "counted" if body["counted"] else body["reason"]
                fewest += body["counted"]
                if outcome not in self._allowed(request):
                    yield f"{outcome}: {request}"
                answers = self._answers[request.visit_id]
                self._confirmed[request.counter] += outcome in COUNTED and not COUNTED.intersection(
                    answers
                )
                answers.append(outcome)
            if isinstance(request, Visit) or request.resource == COUNTER:
                most = start(request.counter) + self._possible[request.counter]
                if not fewest <= body["visits"] <= most:
                    yield f"{body['visits']} visits instead of {fewest} to {most}: {request}"
                if body["today"]["date"] != request.day:
                    yield f"wrong day: {request}"

    def _allowed(self, visit):
        if visit.reason:
            return {visit.reason}
        return {"replayed"} if visit.replay else {"counted", "replayed", "capped"}

    def counted(self):
        """Return the visits that answers have confirmed as counted."""
        return [self._visits[each] for each in self._answers if self._is_counted(each)]

    def _is_counted(self, visit_id):
        return not COUNTED.isdisjoint(self._answers[visit_id])

    def outcomes(self):
        """Return the number of visits that were counted, and not counted for each reason."""
        return Counter(
            "counted" if self._is_counted(each) else answers[-1]
            for each, answers in self._answers.items()
        )

    def counted_twice(self):
        """Return the visits that more than one answer called counted."""
        return [each for each, answers in self._answers.items() if answers.count("counted") > 1]

    def never_counted(self):
        """Return the visits that all answers called replayed, although no answer is missing."""
        return [
            each
            for each, answers in self._answers.items()
            if {*answers} == {"replayed"} and len(answers) == self._requests[each]
        ]

    def days(self):
        """Return the expected visits and visitors by counter and day."""
        networks = defaultdict(list)
        for visit in self._visits.values():
            if visit.reason is None:
                networks[visit.counter, visit.day, visit.person.network].append(visit)
        days = defaultdict(Counter)
        for (counter, day, _), visits in networks.items():
            number = min(len(visits), inf if counter == TESTS else VISIT_CAP)
            # If the cap was reached, the answers show which visits were counted.
            counted = [
                each for each in visits if number == len(visits) or self._is_counted(each.visit_id)
            ]
            browsers = len({each.person.user_agent for each in counted})
            days[counter, day] += Counter(visits=number, visitors=min(browsers, MOST_BROWSERS))
        return days

    def compare(self, counter, history):
        """Return how far the numbers of a counter are from the expected ones.

        Args:
            counter, history: the parsed answers. The history begins before the first visit.
        """
        name, expected = counter["counterId"], self.days()
        days, total = Counter(), Counter(STARTING_VALUES[name])
        for actual in history["days"]:
            of_day = expected[name, actual["date"]]
            total += of_day
            days += difference(of_day, actual)
        return days | difference(total, counter)  # the larger number of each


def start(counter):
    return STARTING_VALUES.get(counter, {}).get("visits", 0)


def difference(expected, actual):
    missing = expected["visits"] - actual["visits"]
    visitors = abs(expected["visitors"] - actual["visitors"])
    return Counter({"lost": missing, "double": -missing, "visitors wrong": visitors}) + Counter()
