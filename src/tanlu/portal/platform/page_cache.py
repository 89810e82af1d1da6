"""Pages that everybody sees alike are made once a second, however many ask for them.

Only answers to visitors without session or key are kept, only whole pages, and only for a second: what changes in the workspace is seen a
second later at the latest. Pages with forms hold no token yet (`tanlu.portal.session.form_filling`). Who sends something through this
portal, and a new run, end everything that is kept at once. Visitors who ask while a page is being made wait for it instead of having it
made again.
"""

from __future__ import annotations

from asyncio import Lock
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
PAGES: Final = 256
LARGEST: Final = 1_000_000
"""Bytes of a page that is kept; packed pages are much smaller."""
NOT_PAGES: Final = ("/api/", "/static/", "/assets/")

Key = tuple[object, ...]


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
        How long a page is kept [s].
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
        changed: Callable[[], None] = lambda: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._app, self._state, self._seconds, self._changed, self._clock = app, state, seconds, changed, clock
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
