"""The theme that a reader has chosen: kept in a cookie, so that the first answer has it already and no script is needed."""

from __future__ import annotations

from typing import Final

from fastapi import APIRouter, Request, Response
from starlette.responses import RedirectResponse

from tanlu.charts.tokens import THEMES
from tanlu.portal.platform.late_routes import LateRoute

COOKIE: Final = "tanlu_theme"
KEPT: Final = 31_536_000
"""How long a choice is kept [s]."""


def chosen_theme(request: Request) -> str:
    """Return the theme that a reader has chosen; empty if they have not, and their system decides."""
    asked = request.cookies.get(COOKIE, "")
    return asked if asked in THEMES else ""


def appearance_router() -> APIRouter:
    """Return the route that keeps a choice and leads back to the page; scripts do the same without leaving it."""
    router = APIRouter(include_in_schema=False, route_class=LateRoute)

    @router.get("/theme")
    def theme(request: Request) -> Response:
        back = request.query_params.get("back", "/")
        # only a path of this server: "//host" and "/\host" are other places
        inside = back.startswith("/") and back[1:2] not in ("/", "\\") and back.isprintable()
        answer = RedirectResponse(back if inside else "/", 303)
        asked = request.query_params.get("to", "")
        if asked in THEMES:
            answer.set_cookie(COOKIE, asked, max_age=KEPT, path="/", samesite="lax")
        return answer

    return router
