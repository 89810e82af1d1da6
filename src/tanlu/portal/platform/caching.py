"""Entity tags, dates and cache rules of the API; what has not changed is answered with 304 and not made again.

Answers of a frozen run have a tag before they are made: hash of the run's manifest, version of the program, address and accepted formats.
Others get the hash of their content. Tags are strong (RFC 9110 section 8.8.3), so a packed answer has another one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from email.utils import formatdate, parsedate_to_datetime
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from fastapi import Depends, Request
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tanlu.portal.platform.parameters import API
from tanlu.portal.service import NotFoundError, Workspace

PACKED: Final = "-gzip"
"""Ends the tag of a packed answer."""
OURS: Final = "tanlu.tagged"
"""Key of the scope of a request whose tag was made here; the version of a record, with which If-Match works, stays as it is."""
LARGEST: Final = 32_000_000
"""Bytes of an answer that is held to be hashed."""
NAMED: Final = "public, max-age=3600"
"""A run that is named never changes."""
LATEST: Final = "public, no-cache"
"""May be kept, but must be asked for again: the latest run may be another one."""
PERSONAL: Final = "private, no-cache"
"""May depend on who asks."""


@dataclass(frozen=True, slots=True)
class Tagged:
    """Tag and date of an answer that is yet to be made."""

    tag: str
    modified: float
    rule: str

    def headers(self) -> dict[str, str]:
        """Return the headers that tell it."""
        return {"etag": self.tag, "last-modified": formatdate(self.modified, usegmt=True), "cache-control": self.rule}


class NotModifiedError(Exception):
    """The visitor has the answer already; ``headers`` are those of the answer 304."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        super().__init__(headers["etag"])


def tag_of(*parts: object) -> str:
    """Return the strong tag of what an answer is made of."""
    said = json.dumps([str(p) for p in parts], ensure_ascii=False).encode()
    return f'"{hashlib.sha256(said).hexdigest()[:40]}"'


def matched(header: str, tag: str) -> str:
    """Return the tag of an ``If-None-Match`` header that names this content, packed or not; empty if none does.

    Weak comparison, as RFC 9110 section 13.1.2 wants.
    """
    if header.strip() == "*":
        return tag
    for given in header.split(","):
        text = given.strip().removeprefix("W/")
        if text in (tag, f'{tag[:-1]}{PACKED}"'):
            return text
    return ""


def unmodified_since(header: str, modified: float) -> bool:
    """Return whether an ``If-Modified-Since`` header is not older than a date; one that cannot be read is not."""
    try:
        return int(modified) <= parsedate_to_datetime(header).timestamp()
    except (ValueError, TypeError, OverflowError):
        return False


@lru_cache(maxsize=64)
def _manifest_hash(path: Path, modified: int, size: int) -> str:
    """Return the hash of a manifest; date and size are part of the key, so that another file is read anew."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def frozen(workspace: Workspace) -> Any:
    """Return a dependency for routes that answer from a frozen run alone: tag, date and, if nothing has changed, the answer 304."""

    def check(request: Request) -> None:
        asked = request.query_params.get("run", "")
        try:
            path = workspace.manifest(asked)
        except NotFoundError:
            return
        stat = path.stat()
        content = _manifest_hash(path, stat.st_mtime_ns, stat.st_size)
        query = sorted(request.query_params.multi_items())
        accepted = "" if any(k == "format" for k, _ in query) else request.headers.get("accept", "")
        tag = tag_of(version("tanlu"), path.parent.name, content, request.url.path, query, accepted)
        found = Tagged(tag, stat.st_mtime, NAMED if asked else LATEST)
        answer_if_known(request, found)
        request.state.tagged = found

    return Depends(check)


def answer_if_known(request: Request, found: Tagged) -> None:
    """End a request whose answer the visitor has.

    Raises
    ------
    NotModifiedError
        If tag or date say so; a tag goes before a date (RFC 9110 section 13.2.2).
    """
    given, since = request.headers.get("if-none-match", ""), request.headers.get("if-modified-since", "")
    known = matched(given, found.tag) if given else found.tag * unmodified_since(since, found.modified)
    if known:
        raise NotModifiedError({**found.headers(), "etag": known})


class EntityTags:
    """Middleware inside the packing: answers to GET get tag and cache rule, and become 304 when the visitor has them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and look at the answer."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(API):
            await self.app(scope, receive, send)
            return
        await self.app(scope, receive, _Answer(scope, send).take)


class _Answer:
    """One answer, held until it can be tagged."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self.scope, self.send = scope, send
        self.start: Message | None = None
        self.body: list[bytes] = []

    async def take(self, message: Message) -> None:
        """Take a message of the application."""
        if message["type"] == "http.response.start":
            # an answer of a frozen run is the same for everybody
            personal = "tagged" not in self.scope.get("state", {})
            for name in ("accept", *(("authorization", "cookie") if personal else ())):
                MutableHeaders(scope=message).add_vary_header(name)
            if not self._holds(message):
                await self.send(message)
                return
            self.start = message
        elif self.start is None:
            await self.send(message)
        else:
            self.body.append(message.get("body", b""))
            if not message.get("more_body", False):
                await self._finish(self.start)
            elif sum(map(len, self.body)) > LARGEST:
                await self._release(self.start)

    def _holds(self, message: Message) -> bool:
        """Return whether an answer is to be held: those that went well, are no stream and have no tag yet."""
        headers = Headers(raw=message["headers"])
        tagged = self.scope.get("state", {}).get("tagged")
        if message["status"] != 200:
            return False
        if tagged is not None:
            self.scope[OURS] = True
            MutableHeaders(scope=message).update(tagged.headers())
            return False
        stream = headers.get("content-type", "").startswith("text/event-stream")
        return not stream and "etag" not in headers and int(headers.get("content-length", "0")) <= LARGEST

    async def _release(self, start: Message) -> None:
        self.start = None
        await self.send(start)
        await self.send({"type": "http.response.body", "body": b"".join(self.body), "more_body": True})

    async def _finish(self, start: Message) -> None:
        body = b"".join(self.body)
        headers = MutableHeaders(scope=start)
        headers["etag"], self.scope[OURS] = f'"{hashlib.sha256(body).hexdigest()[:40]}"', True
        headers.setdefault("cache-control", PERSONAL)
        known = matched(Headers(scope=self.scope).get("if-none-match", ""), headers["etag"])
        if known:
            headers["etag"] = known
            for name in ("content-length", "content-type", "content-disposition", "content-encoding"):
                del headers[name]
            start, body = {**start, "status": 304}, b""
        await self.send(start)
        await self.send({"type": "http.response.body", "body": body})


class PackedTags:
    """Middleware outside the packing: a packed answer is other bytes, so it has a tag of its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and mark the tag of a packed answer."""

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start" and message["status"] == 200:
                headers = MutableHeaders(scope=message)
                tag = headers.get("etag", "")
                packed = headers.get("content-encoding") == "gzip" and OURS in scope
                if packed and tag.endswith('"') and not tag.endswith(f'{PACKED}"'):
                    headers["etag"] = f'{tag[:-1]}{PACKED}"'
            await send(message)

        await self.app(scope, receive, send_marked)
