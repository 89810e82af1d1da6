"""Pages that everybody sees alike are made once a second, however many ask for them.

Only answers to visitors without session or key are kept, and only whole pages. For a second a page is sent as it is; for two more it is
sent while it is made anew, so that who asks for a page that is asked for often does not wait. What changes in the workspace is seen three
seconds later at the latest. Pages with forms hold no token yet (`tanlu.portal.session.form_filling`). Who sends something through this
portal, and a new run, end everything that is kept at once. Visitors who ask while a page is being made for the first time, or after that,
wait for it instead of having it made again.
"""

from __future__ import annotations

import logging
from asyncio import Event, Lock, Task, create_task
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Final

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tanlu.portal.appearance import COOKIE as THEME
from tanlu.portal.session.forgery import COOKIE as FORM

SECONDS: Final = 1.0
LINGER: Final = 2.0
"""Seconds after which a page that is being made anew is waited for."""
PAGES: Final = 256
LARGEST: Final = 1_000_000
"""Bytes of a page that is kept; packed pages are much smaller."""
NOT_PAGES: Final = ("/api/", "/static/", "/assets/")

Key = tuple[object, ...]
LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class _Kept:
    """A page as it was sent, until when it counts, and who makes it."""

    until: float = 0.0
    messages: list[Message] = field(default_factory=list)
    making: Lock = field(default_factory=Lock)


class ChangeMark:
    """A file whose date tells the processes of a portal that something was sent to one of them.

    Parameters
    ----------
    path : Path
        Where the workspace cannot be written, nothing can be sent that pages would show.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def stamp(self) -> int:
        """Return what differs after a change."""
        try:
            return self._path.stat().st_mtime_ns
        except OSError:
            return 0

    def move(self) -> None:
        """Tell of a change."""
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._path.touch()


class PageCache:
    """Answer a page that was made within the last second with what was made.

    Parameters
    ----------
    app : ASGIApp
        What makes pages; it should pack them, so that this is done once too.
    state : callable
        What pages show depends on; another value ends what is kept.
    seconds : float
        How long a page is sent without being made anew [s].
    linger : float
        How long it is sent after that, while it is made anew [s].
    changed : callable
        Called when something was sent, so that other processes can learn of it.
    clock : callable
        Gives seconds that never go back.
    """

    def __init__(
        self,
        app: ASGIApp,
        state: Callable[[], object],
        seconds: float = SECONDS,
        linger: float = LINGER,
        changed: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._app, self._state, self._changed, self._clock = app, state, changed, clock
        self._seconds, self._linger = seconds, linger
        self._renewing: set[Task[None]] = set()
        self._pages: OrderedDict[Key, _Kept] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] == "http" and scope["method"] not in ("GET", "HEAD", "OPTIONS"):
            await self._change(scope, receive, send)
            return
        key = self._key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        page = self._page(key)
        if not page.until > self._clock():
            if page.messages and page.until + self._linger > self._clock():
                await self._send_and_renew(page, scope, send)
                return
            await page.making.acquire()
            if not page.until > self._clock():
                await self._make(page, scope, receive, send)
                return
            page.making.release()
        for message in page.messages:
            await send(message)

    async def _change(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._app(scope, receive, send)
        finally:
            # pages that are being made may show what was before: they belong to what is forgotten
            self._pages.clear()
            self._changed()

    def _key(self, scope: Scope) -> Key | None:
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"].startswith(NOT_PAGES):
            return None
        headers = Headers(scope=scope)
        cookies = cookie_parser(headers.get("cookie", ""))
        # the cookie of forms decides on the token alone, which is filled in outside
        if not cookies.keys() <= {THEME, FORM} or "authorization" in headers or "range" in headers:
            return None
        seen = cookies.get(THEME, ""), "gzip" in headers.get("accept-encoding", "")
        return scope["path"], scope["query_string"], headers.get("host", ""), seen, self._state()

    def _page(self, key: Key) -> _Kept:
        page = self._pages.setdefault(key, _Kept())
        self._pages.move_to_end(key)
        while len(self._pages) > PAGES:
            self._pages.popitem(last=False)
        return page

    async def _send_and_renew(self, page: _Kept, scope: Scope, send: Send) -> None:
        """Send a page as it was; unless somebody does so already, have it made anew."""
        if not page.making.locked():
            await page.making.acquire()
            task = create_task(self._renew(page, {**scope, "state": dict(scope.get("state", {}))}))
            self._renewing.add(task)
            task.add_done_callback(self._renewed)
        for message in page.messages:
            await send(message)

    def _renewed(self, task: Task[None]) -> None:
        self._renewing.discard(task)
        failed = None if task.cancelled() else task.exception()
        if failed is not None:
            LOG.warning("a page was not made anew", exc_info=failed)

    async def _renew(self, page: _Kept, scope: Scope) -> None:
        """Make a page that nobody waits for; what goes wrong is met again by who waits for it next."""
        asked = False

        async def receive() -> Message:
            nonlocal asked
            if asked:
                await Event().wait()
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}

        async def forget(_: Message) -> None:
            pass

        await self._make(page, scope, receive, forget)

    async def _make(self, page: _Kept, scope: Scope, receive: Receive, send: Send) -> None:
        """Make a page, send it and keep it if it may be kept; others wait only while it may."""
        messages: list[Message] = []
        waiting, size = True, 0

        async def keep(message: Message) -> None:
            nonlocal waiting, size
            size += len(message.get("body", b""))
            if waiting and (not _may_be_kept(message) or size > LARGEST):
                waiting = False
                messages.clear()
                page.making.release()
            if waiting:
                messages.append(message)
            await send(message)

        try:
            await self._app(scope, receive, keep)
            if waiting and messages and not messages[-1].get("more_body", False):
                page.messages, page.until = messages, self._clock() + self._seconds
        finally:
            if waiting:
                page.making.release()


def _may_be_kept(message: Message) -> bool:
    if message["type"] != "http.response.start":
        return True
    headers = Headers(raw=message["headers"])
    rule = headers.get("cache-control", "")
    return (
        message["status"] == 200
        and headers.get("content-type", "").startswith("text/html")
        and "set-cookie" not in headers
        and not ("private" in rule or "no-store" in rule)
    )
