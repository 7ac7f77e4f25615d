"""The rate limit of a stage: one token bucket for each method, as in API Gateway.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from collections.abc import Hashable
from threading import Lock
from time import monotonic


class Throttle:
    """Admits `rate` requests a second to each method, and `burst` at once.

    An AWS account has these defaults.
    """

    def __init__(self, rate: float = 10_000, burst: int = 5_000) -> None:
        self._rate = rate
        self._burst = burst
        self._buckets: dict[Hashable, tuple[float, float]] = {}  # tokens, and when counted
        self._lock = Lock()

    def admit(self, method: Hashable) -> bool:
        """Take a token from the bucket of a method, and return whether it had one."""
        with self._lock:
            now = monotonic()
            tokens, counted = self._buckets.get(method, (self._burst, now))
            tokens = min(self._burst, tokens + (now - counted) * self._rate)
            admitted = tokens >= 1
            self._buckets[method] = (tokens - admitted, now)
            return admitted
