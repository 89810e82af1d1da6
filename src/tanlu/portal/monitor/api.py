"""REST API of monitoring: everything that its pages show, as JSON or CSV, and a stream of what comes in."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.responses import StreamingResponse

from tanlu.charts.render import to_png, to_svg
from tanlu.monitor.alerts import Alert
from tanlu.monitor.schema import UnitKind
from tanlu.portal.api import Lang, csv_response
from tanlu.portal.monitor import energy_view as energy
from tanlu.portal.monitor import meter_view, view
from tanlu.portal.monitor.live import Pulse, events, live_record
from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.platform.listing import Asked, listed
from tanlu.portal.platform.parameters import texts
from tanlu.portal.security import DOCUMENT_POLICY
from tanlu.portal.service import NotFoundError

Where = Annotated[str, Query(alias="id", description="Unit or region; the province by default.")]
First = Annotated[str, Query(alias="from", description="First day, YYYY-MM-DD; begin of the month of the last one.")]
Last = Annotated[str, Query(alias="to", description="Last day; the last one with readings by default.")]

UNIT_COLUMNS: Final = ("id", "kind", "parent", "zh", "en", "region", "sector")
ALERT_COLUMNS: Final = ("id", "at", "state", *(f.name for f in fields(Alert)))


def monitor_router(m: Monitoring) -> APIRouter:
    """Return the routes of monitoring."""
    router = APIRouter(prefix="/api/v1", tags=["monitor"], route_class=LateRoute)
    _add_amounts(router, m)
    _add_judgements(router, m)
    _add_stream(router, m)
    _add_charts(router, m)
    return router


def _add_amounts(router: APIRouter, m: Monitoring) -> None:
    @router.get("/monitor/nowcast")
    def nowcast() -> dict[str, Any]:
        """CO2 of the last day and of its month by sector, with a 95 % band [kt]."""
        made, day = m.nowcast()
        return {"day": made.as_record(day, day), "month": made.as_record(made.days[0], day)}

    @router.get("/monitor/total")
    def total(where: Where = "", first: First = "", last: Last = "") -> dict[str, Any]:
        """Emissions of connected firms by gas and scope, shares measured, estimated and missing, factors."""
        return m.emissions(m.unit(where).id, m.span(first, last), ("carrier",)).as_record()

    @router.get("/monitor/emissions", **listed(view.EmissionLine))
    def emissions(asked: Asked, where: Where = "", first: First = "", last: Last = "") -> Any:
        """Masses of gas by carrier [kg]."""
        return asked.answer(view.emission_lines(m, m.unit(where).id, m.span(first, last)), view.EmissionLine)

    @router.get("/monitor/places", **listed(view.PlaceLine))
    def places(asked: Asked, where: Where = "", first: First = "", last: Last = "") -> Any:
        """Emissions of the units or regions one level below [kg CO2e]."""
        return asked.answer(view.place_lines(m, m.unit(where).id, m.span(first, last))[1], view.PlaceLine)

    @router.get("/monitor/units")
    def units(asked: Asked, where: Where = "", kind: UnitKind | None = None) -> Any:
        """Units and regions below one, with their parents."""
        found = m.registry.below(m.unit(where).id)
        rows = [
            {"id": u.id, "kind": u.kind.value, "parent": u.parent, "zh": u.zh, "en": u.en, "region": u.region, "sector": u.sector}
            for u in found
            if kind in (None, u.kind)
        ]  # fmt: skip
        return asked.answer_plain(rows, UNIT_COLUMNS, "units")

    @router.get("/monitor/readings", **listed(meter_view.ReadingLine))
    def readings(
        asked: Asked,
        id: str,
        first: First = "",
        last: Last = "",
        known: Annotated[str, Query(description="Day on whose evening they were known.")] = "",
    ) -> Any:
        """Readings of a meter that count, as known now or on a date."""
        meter = view.meter_of(m, id)
        lines = meter_view.reading_lines(m, meter, m.span(first, last), meter_view.known_moment(known))
        return asked.answer(lines, meter_view.ReadingLine)


def _add_judgements(router: APIRouter, m: Monitoring) -> None:
    @router.get("/monitor/quality")
    def quality(where: Where = "", month: str = "", lang: Lang = "zh") -> dict[str, Any]:
        """Findings of the rules of data quality with their evidence, and scores of firms."""
        return m.quality(m.unit(where).id, m.month(month)).as_record(lang)

    @router.get("/monitor/cases", **listed(view.CaseLine))
    def cases(asked: Asked) -> Any:
        """Suspicions, open ones first."""
        return asked.answer(view.case_lines(m), view.CaseLine)

    @router.get("/monitor/cases/{case}")
    def case(case: str) -> dict[str, Any]:
        """One suspicion with its evidence and history."""
        item = view.case_of(m, case)
        events = [
            {"at": e.at, "person": e.person, "action": e.action, "reason": e.reason, "note": e.note}
            for e in item.events
        ]
        return {**item.record, "id": item.id, "state": m.cases().state(item), "events": events}  # fmt: skip

    @router.get("/monitor/alerts")
    def alerts(asked: Asked) -> Any:
        """Alerts with their state."""
        desk = m.alerts()
        rows = [{**i.record, "id": i.id, "at": i.at, "state": desk.state(i)} for i in desk.items()]
        return asked.answer_plain(rows, ALERT_COLUMNS, "alerts")


def _add_stream(router: APIRouter, m: Monitoring) -> None:
    pulse = Pulse(m)

    @router.get("/monitor/intake")
    def intake() -> dict[str, Any]:
        """What the listeners said last; empty where none ever ran."""
        if not m.exists:
            raise NotFoundError("portal.missing.ledger", str(m.folder))
        return m.intake()

    @router.get("/monitor/live")
    def live() -> dict[str, Any]:
        """Load of the last 24 hours that have arrived, and emissions of the day so far [t CO2e]."""
        return live_record(m)

    @router.get("/monitor/stream", response_class=StreamingResponse)
    async def stream(request: Request) -> Response:
        """Server-sent events, at most once a second: ``intake`` (counters of the listeners), ``live`` (load and emissions so far).

        The id names the last state of both; a listener that comes back with it as Last-Event-ID is sent what has changed since.
        """
        if not m.exists:
            raise NotFoundError("portal.missing.ledger", str(m.folder))
        seen = request.headers.get("last-event-id", "")
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(
            events(pulse, request.is_disconnected, seen), media_type="text/event-stream", headers=headers
        )


def _add_charts(router: APIRouter, m: Monitoring) -> None:
    @router.get(
        "/charts/monitor-{name}.{form}",
        response_class=Response,
        openapi_extra=texts(dict.fromkeys((*view.PARAMETERS, *energy.PARAMETERS))),
    )
    def chart(request: Request, name: str, form: Literal["json", "svg", "png", "csv"], lang: Lang = "zh") -> Response:
        """A chart of monitoring: ``json`` is the Vega-Lite specification, ``csv`` its table.

        Names: sectors-day, sectors-month, days, tiles, load, meter, evidence, energy-heat, energy-typical, energy-baseline. Parameters
        by chart: id, from, to, carrier, number, base_from, base_to.
        """
        source = energy if name.startswith("energy-") else view
        given = {k: v for k in source.PARAMETERS if (v := request.query_params.get(k, ""))}
        made = source.chart(m, name, lang, given)
        if form == "json":
            return JSONResponse(made.card)
        if form == "csv":
            return csv_response(made.as_csv(), f"monitor-{name}.csv")
        content = to_png(made.with_title) if form == "png" else to_svg(made.with_title).encode()
        media = "image/png" if form == "png" else "image/svg+xml"
        return Response(content, media_type=media, headers={"content-security-policy": DOCUMENT_POLICY})
