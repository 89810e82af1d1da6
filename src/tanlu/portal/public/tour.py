"""The tour of a first visit: for each kind of user the places to look at, in the order in which they help."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

from tanlu.core.errors import DataError
from tanlu.portal.addresses import Handler
from tanlu.portal.rendering import Renderer


@dataclass(frozen=True, slots=True)
class Step:
    """A step: what it says (message ``tour.<text>``), the page it speaks of, and what is pointed at on that page or in its head."""

    text: str
    page: str
    target: str = ""


_LANGUAGE: Final = Step("language", "/", ".top .language")
_NUMBER: Final = Step("number", "/", ".figures .num")
TOURS: Final[Mapping[str, tuple[Step, ...]]] = {
    "citizen": (
        Step("plain", "/public", "#peak"),
        Step("promises", "/public", "#promises"),
        _NUMBER,
        Step("glossary", "/glossary", "main form"),
        Step("data", "/public/data", "main table"),
        _LANGUAGE,
    ),
    "official": (
        Step("standing", "/", ".figures"),
        Step("changes", "/", "#changes"),
        _NUMBER,
        Step("targets", "/targets", "main form"),
        Step("programme", "/programme", "main h1"),
        Step("report", "/reports", "main form"),
        Step("search", "/", ".top .search"),
        _LANGUAGE,
    ),
    "analyst": (
        Step("lineage", "/", ".figures .num"),
        Step("inventory", "/inventory", "main form"),
        Step("uncertainty", "/uncertainty", "main form"),
        Step("studio", "/studio", "main input[type=range]"),
        Step("dispatch", "/energy/dispatch", "main h1"),
        Step("api", "/docs", "main h1"),
        Step("search", "/", ".top .search"),
    ),
    "enterprise": (
        Step("account", "/account", "main form"),
        Step("factors", "/factors", "main form"),
        Step("site", "/energy/site", "main form"),
        Step("meters", "/monitor", "main h1"),
        Step("calls", "/programme/calls", "main h1"),
        Step("signin", "/", ".top .user"),
        _LANGUAGE,
    ),
    "expert": (
        Step("tasks", "/programme", "main h1"),
        Step("sheet", "/programme", ".top .user"),
        Step("results", "/programme/notices", "main h1"),
        Step("glossary", "/glossary", "main form"),
        _LANGUAGE,
    ),
    "auditor": (
        Step("lineage", "/", ".figures .num"),
        Step("checks", "/programme", "main h1"),
        Step("counted", "/assessment", "main h1"),
        Step("frozen", "/assessment/scores", "main h1"),
        Step("search", "/", ".top .search"),
        _LANGUAGE,
    ),
}
ROLES: Final[Mapping[str, str]] = {
    "province_officer": "official", "prefecture_officer": "official", "unit": "enterprise", "expert": "expert",
    "auditor": "auditor", "broker": "enterprise", "admin": "official",
}  # fmt: skip
"""Which tour fits a role."""


class TourPages:
    """The tour as a page: it can be read as it stands, and a script takes its steps from it."""

    def __init__(self, renderer: Renderer) -> None:
        self.renderer = renderer

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {"/tour": self.show}

    def show(self, request: Request, language: str) -> Response:
        """All steps by kind of user; that of the person who asks is marked."""
        try:
            roles = self.renderer.identity.caller(request).roles
        except DataError:
            roles = ()
        chosen = ROLES.get(roles[0], "") if roles else ""
        return self.renderer.page(request, "tour.html", language, None, tours=TOURS, chosen=chosen)
