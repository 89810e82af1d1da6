"""Keeping a form from being sent by a page of somebody else: a cookie and a signature of it in the form, and the origin of the request."""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from typing import Final
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

COOKIE: Final = "tanlu-form"
FIELD: Final = "form_token"
API_HEADER: Final = "x-tanlu-client"
"""A program sends it instead of the token: a page of another site cannot, without asking this server first."""
NONCE: Final = re.compile(r"[A-Za-z0-9_-]{32}")
LIFETIME: Final = 12 * 3600
"""Seconds."""
STAND_IN: Final = secrets.token_hex(32)
"""Stands in a page where the token of a visitor is filled in; nobody can guess it, so no text of others holds it."""
SHARED: Final = "TANLU_FORM_SECRET"
"""Variable of the environment by which processes that serve together have the same secret."""
_SECRET: Final = bytes.fromhex(os.environ.get(SHARED, "")) or secrets.token_bytes(32)


class FormTokens:
    """Gives and checks tokens; the secret lives as long as the program serves.

    Notes
    -----
    Double submit: the cookie holds a random number, the form its HMAC-SHA-256. A foreign page can neither read the cookie nor sign another.
    """

    def issue(self, request: Request) -> tuple[str, str]:
        """Return the number for the cookie, kept from the request if it has one, and the token for the form."""
        given = request.cookies.get(COOKIE, "")
        nonce = given if NONCE.fullmatch(given) else secrets.token_urlsafe(24)
        return nonce, self._sign(nonce)

    def set_cookie(self, response: Response, nonce: str) -> None:
        """Put the number into the cookie of an answer, which is then not kept by caches."""
        response.set_cookie(COOKIE, nonce, max_age=LIFETIME, httponly=True, samesite="strict", path="/")
        response.headers["cache-control"] = "no-store"

    def holds(self, request: Request, token: str) -> bool:
        """Return whether a form was sent from a page of this server."""
        nonce = request.cookies.get(COOKIE, "")
        signed = bool(NONCE.fullmatch(nonce)) and hmac.compare_digest(self._sign(nonce).encode(), token.encode())
        return signed and same_origin(request)

    def _sign(self, nonce: str) -> str:
        return hmac.new(_SECRET, nonce.encode(), hashlib.sha256).hexdigest()


def same_origin(request: Request) -> bool:
    """Return whether the request says that it comes from this server, or says nothing."""
    site, origin = request.headers.get("sec-fetch-site", ""), request.headers.get("origin", "")
    if site not in ("", "same-origin", "none"):
        return False
    return not origin or urlsplit(origin).netloc == request.headers.get("host", "")
