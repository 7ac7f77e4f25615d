"""The rate limit of a stage: a token bucket, as in API Gateway.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-request-throttling.html
"""

from threading import Lock
from time import monotonic


class Throttle:
    """Admits `rate` requests a second, and `burst` at once. An AWS account has these defaults."""

    def __init__(self, rate: float = 10_000, burst: int = 5_000) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._filled = monotonic()
        self._lock = Lock()

    def admit(self) -> bool:
        with self._lock:
            now = monotonic()
            self._tokens = min(self._burst, self._tokens + (now - self._filled) * self._rate)
            self._filled = now
            if self._tokens < 1:
                return False
            self._tokens -= 1
            return True
