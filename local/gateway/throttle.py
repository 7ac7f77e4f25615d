"""The rate limit of a stage: one token bucket for each method, as in API Gateway.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from collections.abc import Hashable, Mapping
from threading import Lock
from time import monotonic


class Throttle:
    """Admits `rate` requests a second to each method, and `burst` at once.

    An AWS account has these defaults.

    Args:
        methods: rate and burst of the methods that have limits of their own.
    """

    def __init__(
        self,
        rate: float = 10_000,
        burst: int = 5_000,
        methods: Mapping[Hashable, tuple[float, int]] | None = None,
    ) -> None:
        self._limits = rate, burst
        self._methods = methods or {}
        self._buckets: dict[Hashable, tuple[float, float]] = {}  # tokens, and when counted
        self._lock = Lock()

    def admit(self, method: Hashable) -> bool:
        """Take a token from the bucket of a method, and return whether it had one."""
        rate, burst = self._methods.get(method, self._limits)
        with self._lock:
            now = monotonic()
            tokens, counted = self._buckets.get(method, (burst, now))
            tokens = min(burst, tokens + (now - counted) * rate)
            admitted = tokens >= 1
            self._buckets[method] = (tokens - admitted, now)
            return admitted
