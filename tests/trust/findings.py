"""What a run finds: figures, and a description of everything that is wrong."""

from collections import Counter
from threading import Lock


class Findings:
    """The figures of a run by name. Clients in several threads add to them.

    Attributes:
        wrong: descriptions of what may not happen.
    """

    def __init__(self):
        self.figures = Counter()
        self.wrong = []
        self._lock = Lock()

    def add(self, figure, number=1):
        with self._lock:
            self.figures[figure] += number

    def blame(self, figure, description, number=1):
        """Add to a figure that must be zero."""
        self.add(figure, number)
        self.wrong.append(f"{figure}: {description}")
