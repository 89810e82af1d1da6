"""How often the API may be asked: a token bucket for each address and each token, in the memory of the process.

Headers follow draft-ietf-httpapi-ratelimit-headers-10 (``RateLimit-Policy``, ``RateLimit``); a refusal is 429 with ``Retry-After``
(RFC 6585 section 4, RFC 9110 section 10.2.3).
"""

from __future__ import annotations

import json
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from hashlib import sha256
from ipaddress import ip_address
from threading import Lock
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tanlu.core.errors import Problem
from tanlu.portal.platform.parameters import API
from tanlu.portal.platform.settings import ApiSettings

MOST_BUCKETS: Final = 20_000
"""Buckets that are kept; the one that was not touched for longest goes, and is full when its owner comes back."""
MINUTE: Final = 60.0


class Buckets:
    """Token buckets: each holds up to ``burst`` requests and is filled at ``rate`` requests a second.

    Parameters
    ----------
    rate : float
        Requests a second.
    burst : int
        Requests that a full bucket holds.
    clock : callable
        Seconds, never going back.
    """

    def __init__(self, rate: float, burst: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate, self.burst, self._clock = rate, burst, clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = Lock()

    def level(self, key: str) -> float:
        """Return how many requests a bucket holds."""
        with self._lock:
            return self._level(key, self._clock())

    def _level(self, key: str, now: float) -> float:
        held, at = self._held.get(key, (float(self.burst), now))
        return min(float(self.burst), held + (now - at) * self.rate)

    def take(self, key: str) -> tuple[bool, float]:
        """Take one request out of a bucket; return whether it was there, and what is left."""
        with self._lock:
            now = self._clock()
            level = self._level(key, now)
            allowed = level >= 1.0
            left = level - 1.0 if allowed else level
            self._held[key] = (left, now)
            self._held.move_to_end(key)
            while len(self._held) > MOST_BUCKETS:
                self._held.popitem(last=False)
        return allowed, left

    def wait(self, left: float) -> int:
        """Return the whole seconds until a bucket holds a request again."""
        return max(1, math.ceil((1.0 - left) / self.rate)) if left < 1.0 else 0


class RequestLimits:
    """Middleware: counts requests to the API.

    A request with a token counts for the token. One whose token is refused counts for its address as well, so that invented tokens give
    nobody a bucket of his own: an address whose bucket is empty is refused before the token is looked at.
    """

    def __init__(self, app: ASGIApp, settings: ApiSettings, clock: Callable[[], float] = time.monotonic) -> None:
        self.app, self.settings = app, settings
        self.buckets = Buckets(settings.rate_per_minute / MINUTE, settings.burst, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        address = (scope.get("client") or ("", 0))[0]
        counted = scope["type"] == "http" and scope["path"].startswith(API) and self.settings.rate_per_minute > 0
        if not counted or (is_local(address) and not self.settings.limit_local):
            await self.app(scope, receive, send)
            return
        token = Headers(scope=scope).get("authorization", "")
        place = f"address {address}"
        key = f"token {sha256(token.encode()).hexdigest()}" if token else place
        allowed, left = self.buckets.take(key)
        if token and self.buckets.level(place) < 1.0:
            allowed, left = False, self.buckets.level(place)
        if not allowed:
            await self._refuse(left, send)
            return

        async def send_counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                if token and message["status"] == 401:
                    self.buckets.take(place)
                MutableHeaders(scope=message).update(self._headers(left))
            await send(message)

        await self.app(scope, receive, send_counted)

    def _headers(self, left: float) -> dict[str, str]:
        full = math.ceil((self.settings.burst - left) / self.buckets.rate)
        window = math.ceil(self.settings.burst / self.buckets.rate)
        return {
            "ratelimit-policy": f'"default";q={self.settings.burst};w={window}',
            "ratelimit": f'"default";r={max(0, math.floor(left))};t={full}',
        }

    async def _refuse(self, left: float, send: Send) -> None:
        wait = self.buckets.wait(left)
        problem = Problem("api_too_often", "request", value=str(wait), details={"seconds": wait})
        body = json.dumps({"detail": [problem.as_record("en")]}).encode()
        headers = {
            **self._headers(left), "retry-after": str(wait), "content-type": "application/json", "content-length": str(len(body)),
        }  # fmt: skip
        raw = [(k.encode(), v.encode()) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": 429, "headers": raw})
        await send({"type": "http.response.body", "body": body})


def is_local(address: str) -> bool:
    """Return whether an address is this machine."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
