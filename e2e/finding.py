"""What the suite found out about the page or the API."""

HEALTHY, UNKNOWN, BROKEN = "healthy", "unknown", "broken"
PAGE, API = "page", "api"


class Finding(Exception):
    """A check did not pass.

    Args:
        part: PAGE or API.
        verdict: BROKEN, or UNKNOWN if the suite could not see whether the part works.
        reason: sentences that name the cause and what to do.

    """

    def __init__(self, part: str, verdict: str, reason: str) -> None:
        self.part = part
        self.verdict = verdict
        self.reason = " ".join(reason.split())
        super().__init__(self.reason)
