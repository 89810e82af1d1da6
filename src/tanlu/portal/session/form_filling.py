"""Pages with a form are made alike for everybody; the token of each visitor is filled in when a page is sent.

A page holds a stand-in where the token belongs. So a page with a form can be kept like any other, and what is secret is in none that is
kept. A packed page is packed once: its parts are deflated apart, and the token goes between them as a stored block (RFC 1951, 3.2.4).
"""

from __future__ import annotations

import struct
import zlib
from functools import cached_property
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from tanlu.portal.session.forgery import STAND_IN, FormTokens

MARK: Final = "x-tanlu-form"
"""Header that tells, within the program, that a page is to be filled in; it is never sent."""
HEAD: Final = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
"""Head of a packed page: deflate, no name, no time (RFC 1952 section 2.3)."""
LEVEL: Final = 6
SMALLEST: Final = 1000
"""Bytes from which a page is packed."""


class FormPage(bytes):
    """Body of a page that holds the stand-in; how it is cut and packed is found once."""

    @cached_property
    def parts(self) -> list[bytes]:
        """What stands before, between and after the stand-ins."""
        return self.split(STAND_IN.encode())

    @cached_property
    def packed_parts(self) -> list[bytes]:
        """The parts as pieces of one deflate stream, none of which looks back beyond its own beginning."""
        pressing, found = zlib.compressobj(LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS), list[bytes]()
        for part in self.parts[:-1]:
            found.append(pressing.compress(part) + pressing.flush(zlib.Z_FULL_FLUSH))
        return [*found, pressing.compress(self.parts[-1]) + pressing.flush(zlib.Z_FINISH)]

    def filled(self, token: bytes) -> bytes:
        """Return the page with a token."""
        return token.join(self.parts)

    def packed(self, token: bytes) -> bytes:
        """Return the page with a token, packed (gzip)."""
        length = len(token)
        stored = b"\x00" + struct.pack("<HH", length, length ^ 0xFFFF) + token
        page = self.filled(token)
        tail = struct.pack("<II", zlib.crc32(page), len(page) & 0xFFFFFFFF)
        return HEAD + stored.join(self.packed_parts) + tail


def with_form(answer: HTMLResponse) -> HTMLResponse:
    """Mark a page whose forms hold the stand-in."""
    answer.body = FormPage(answer.body)
    # what has a coding is not packed on the way: the token could not be filled in
    answer.headers["content-encoding"] = "identity"
    answer.headers[MARK] = "1"
    return answer


class FormFilling:
    """Middleware: gives a visitor the cookie of forms and fills in the token that belongs to it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._tokens = app, FormTokens()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun: Message | None = None

        async def fill(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start" and _marked(message):
                begun = message
            elif begun is None:
                await send(message)
            else:
                for part in self._filled(Request(scope), begun, message["body"]):
                    await send(part)

        await self._app(scope, receive, fill)

    def _filled(self, request: Request, start: Message, page: bytes) -> tuple[Message, Message]:
        assert isinstance(page, FormPage)
        nonce, token = self._tokens.issue(request)
        packs = "gzip" in request.headers.get("accept-encoding", "") and len(page) >= SMALLEST
        body = page.packed(token.encode()) if packs else page.filled(token.encode())
        own: Message = {**start, "headers": list(start["headers"])}
        headers = MutableHeaders(scope=own)
        del headers[MARK]
        del headers["content-encoding"]
        if packs:
            headers["content-encoding"] = "gzip"
        headers["content-length"] = str(len(body))
        headers.add_vary_header("Accept-Encoding")
        answer = Response()
        self._tokens.set_cookie(answer, nonce)
        headers["cache-control"] = answer.headers["cache-control"]
        headers.append("set-cookie", answer.headers["set-cookie"])
        return own, {"type": "http.response.body", "body": body}


def _marked(message: Message) -> bool:
    wanted = MARK.encode()
    return any(name == wanted for name, _ in message["headers"])
