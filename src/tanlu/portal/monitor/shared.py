"""What the pages of monitoring share: the way without a ledger, and words for units, carriers and moments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

from fastapi import Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from tanlu.charts.format import digits, subscript
from tanlu.core.messages import translate
from tanlu.monitor.carriers import carriers
from tanlu.monitor.registry import Unit
from tanlu.monitor.schema import CIVIL_OFFSET
from tanlu.portal.monitor.rights import READ, MonitorRights, NothingRegisteredError
from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.monitor.sources import source_address
from tanlu.portal.rendering import Renderer, localised
from tanlu.portal.session.refusing import Refusals
from tanlu.records import RefusedError


class LedgerPages:
    """Pages over the ledger of a workspace."""

    def __init__(self, monitoring: Monitoring, rights: MonitorRights, renderer: Renderer) -> None:
        self.monitoring, self.rights, self.renderer = monitoring, rights, renderer
        self.refusals = Refusals(rights.identity, renderer)

    def if_ledger(self, page: Callable[..., Response], request: Request, language: str, *more: Any) -> Response:
        """Show a page, or how a ledger is made, or why it is not for whoever asks; the first page tells firms how they are registered."""
        if not self.monitoring.exists or self.monitoring.last_day() is None:
            return self.renderer.page(request, "monitor_none.html", language, None)
        try:
            return page(request, language, *more)
        except RefusedError as error:
            return self.refusals.page(request, language, error)
        except NothingRegisteredError:
            return RedirectResponse(localised("/monitor", language), 303)

    def above(self, request: Request, unit: Unit) -> list[Unit]:
        """Return what lies above a unit and may be seen, the highest first."""
        sees = self.rights.seen(request, READ)
        return [u for u in reversed(self.monitoring.registry.ancestors(unit.id)) if sees(u.id)]

    def page(self, request: Request, template: str, language: str, **context: Any) -> HTMLResponse:
        """Return a page with the words that all of them use."""
        m = self.monitoring
        return self.renderer.page(
            request, template, language, None, demonstration=m.is_demonstration(), level_name=partial(_level, language),
            unit_name=lambda u: u.name(language), carrier_name=lambda c: subscript(carriers()[c].name(language)) if c in carriers() else c,
            moment=moment, figure=digits, address=partial(_shown_at, language), **context,
        )  # fmt: skip


def _shown_at(language: str, node: str) -> str:
    """Return the address at which a source of a chart is shown; empty where there is none."""
    found = source_address(node)
    return localised(found, language) if found else ""


def moment(microseconds: int) -> str:
    """Return a moment [µs since 1970 UTC] in civil time."""
    return datetime.fromtimestamp(microseconds / 1e6 + CIVIL_OFFSET, UTC).strftime("%Y-%m-%d %H:%M")


def _level(language: str, kind: str | Unit) -> str:
    return translate(f"portal.monitor.level.{kind.kind.value if isinstance(kind, Unit) else kind}", language)
