"""What one copy of the function remembers. Wrong memories cost a call and never a count."""

from collections import OrderedDict
from typing import TYPE_CHECKING

from visits.counting.visitor import Visitor

if TYPE_CHECKING:
    from datetime import date

MOST_VISITORS = 10_000  # about 3 MB


class Memory:
    """The memory of one copy of the function.

    Attributes:
        secrets: of today, and of yesterday until all of its requests are answered; see secret.py.
        deleted: the days whose secrets this copy has deleted.
    """

    def __init__(self) -> None:
        self.secrets: dict[date, bytes] = {}
        self.deleted: set[date] = set()
        self._visitors: OrderedDict[Visitor, None] = OrderedDict()

    def remember(self, visitor: Visitor) -> None:
        """Remember a visitor that the table knows, and forget the one not seen for longest."""
        self._visitors.pop(visitor, None)
        self._visitors[visitor] = None
        if len(self._visitors) > MOST_VISITORS:
            self._visitors.popitem(last=False)

    def remembers(self, visitor: Visitor) -> bool:
        """Return whether this copy of the function has counted the visitor today."""
        return visitor in self._visitors
