"""What the numbers must be after a number of visits, computed without the function's code."""

from collections import Counter, defaultdict
from threading import Lock

from tests.trust.traffic import COUNTER, STARTING_VALUES, VISIT_CAP, Visit

COUNTED = {"counted", "replayed"}


class Model:
    """Knows every visit that was sent, and what its answers said."""

    def __init__(self):
        self._visits = {}  # by visitId
        self._requests = Counter()  # by visitId
        self._answers = defaultdict(list)  # by visitId: "counted", or the reason why not
        self._confirmed = Counter()  # the counted visits of each counter, according to answers
        self._possible = Counter()  # the visits of each counter that may be counted
        self.outcomes = Counter()  # of all answers to visits
        self._lock = Lock()

    def begin(self, request):
        """Note that a request is about to be sent.

        Returns:
            The smallest number of visits that its answer may contain.
        """
        with self._lock:
            if isinstance(request, Visit):
                self._requests[request.visit_id] += 1
                self._possible[request.counter] += request.visit_id not in self._visits
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
                if outcome not in ({"replayed"} if request.replay else {*COUNTED, "capped"}):
                    yield f"{outcome}: {request}"
                first = outcome in COUNTED and not self._is_counted(request.visit_id)
                self._confirmed[request.counter] += first
                self._answers[request.visit_id].append(outcome)
                self.outcomes[outcome] += 1
            if isinstance(request, Visit) or request.resource == COUNTER:
                most = start(request.counter) + self._possible[request.counter]
                if not fewest <= body["visits"] <= most:
                    yield f"{body['visits']} visits instead of {fewest} to {most}: {request}"
                if body["today"]["date"] != request.day:
                    yield f"wrong day: {request}"

    def counted(self):
        """Return the visits that answers have confirmed as counted."""
        return [self._visits[each] for each in self._answers if self._is_counted(each)]

    def _is_counted(self, visit_id):
        return not COUNTED.isdisjoint(self._answers[visit_id])

    def wrong_answers(self):
        """Yield what the answers to all requests of a visit say that cannot be: that it was counted
        twice, or that all were replayed, although no answer is missing."""
        for visit_id, answers in self._answers.items():
            if answers.count("counted") > 1:
                yield "double", f"two answers called {visit_id} counted"
            if {*answers} == {"replayed"} and len(answers) == self._requests[visit_id]:
                yield "wrong answers", f"all answers called {visit_id} replayed"

    def days(self):
        """Return the expected visits and visitors by counter and day."""
        networks = defaultdict(list)
        for visit in self._visits.values():
            networks[visit.counter, visit.day, visit.person.network].append(visit)
        days = defaultdict(Counter)
        for (counter, day, _), visits in networks.items():
            # If the cap was reached, the answers show which visits were counted.
            counted = [
                visit
                for visit in visits
                if len(visits) <= VISIT_CAP or self._is_counted(visit.visit_id)
            ]
            browsers = {visit.person.user_agent for visit in counted}
            visits_of_day = min(len(visits), VISIT_CAP)
            days[counter, day] += Counter(visits=visits_of_day, visitors=len(browsers))
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
    return STARTING_VALUES[counter].get("visits", 0)


def difference(expected, actual):
    missing = expected["visits"] - actual["visits"]
    visitors = abs(expected["visitors"] - actual["visitors"])
    return Counter({"lost": missing, "double": -missing, "visitors wrong": visitors}) + Counter()
