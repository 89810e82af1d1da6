"""REST API of monitoring: everything that its pages show, as JSON or CSV, and a stream of what comes in."""

from __future__ import annotations

from dataclasses import fields
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from tanlu.monitor.alerts import Alert
from tanlu.monitor.schema import UnitKind
from tanlu.portal.api import Lang
from tanlu.portal.chart_files import ChartForm, ThemeAsked, chart_answer
from tanlu.portal.monitor import energy_view as energy
from tanlu.portal.monitor import meter_view, view
from tanlu.portal.monitor.live import Pulse, events, live_record
from tanlu.portal.monitor.rights import ALERTS, INTAKE, READ, SUSPICIONS, MonitorRights
from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.platform.listing import Asked, listed
from tanlu.portal.platform.parameters import texts
from tanlu.portal.service import NotFoundError

Where = Annotated[str, Query(alias="id", description="Unit or region; the highest that may be seen by default.")]
First = Annotated[str, Query(alias="from", description="First day, YYYY-MM-DD; begin of the month of the last one.")]
Last = Annotated[str, Query(alias="to", description="Last day; the last one with readings by default.")]

UNIT_COLUMNS: Final = ("id", "kind", "parent", "zh", "en", "region", "sector", "uscc")
ALERT_COLUMNS: Final = ("id", "at", "state", *(f.name for f in fields(Alert)))


def monitor_router(m: Monitoring, rights: MonitorRights) -> APIRouter:
    """Return the routes of monitoring; each asks the rights of whoever asks for it."""
    router = APIRouter(prefix="/api/v1", tags=["monitor"], route_class=LateRoute)
    _add_amounts(router, m, rights)
    _add_judgements(router, m, rights)
    _add_stream(router, m, rights)
    _add_charts(router, m, rights)
    return router


def _add_amounts(router: APIRouter, m: Monitoring, rights: MonitorRights) -> None:
    @router.get("/monitor/nowcast")
    def nowcast(request: Request) -> dict[str, Any]:
        """CO2 of the last day and of its month by sector, with a 95 % band [kt].

        How much of each sector was metered is told to those who may see the firms of the province.
        """
        inside = rights.may(request, READ, m.ledger().province)
        return {period: view.sector_record(m, period, by_meters=inside) for period in ("day", "month")}

    @router.get("/monitor/total")
    def total(request: Request, where: Where = "", first: First = "", last: Last = "") -> dict[str, Any]:
        """Emissions of connected firms by gas and scope, shares measured, estimated and missing, factors."""
        return m.emissions(rights.place(request, where).id, m.span(first, last), ("carrier",)).as_record()

    @router.get("/monitor/emissions", **listed(view.EmissionLine))
    def emissions(request: Request, asked: Asked, where: Where = "", first: First = "", last: Last = "") -> Any:
        """Masses of gas by carrier [kg]."""
        found = view.emission_lines(m, rights.place(request, where).id, m.span(first, last))
        return asked.answer(found, view.EmissionLine)

    @router.get("/monitor/places", **listed(view.PlaceLine))
    def places(request: Request, asked: Asked, where: Where = "", first: First = "", last: Last = "") -> Any:
        """Emissions of the units or regions one level below [kg CO2e]."""
        found = view.place_lines(m, rights.place(request, where).id, m.span(first, last))[1]
        return asked.answer(found, view.PlaceLine)

    @router.get("/monitor/units")
    def units(request: Request, asked: Asked, where: Where = "", kind: UnitKind | None = None) -> Any:
        """Units and regions below one, with their parents."""
        found = m.registry.below(rights.place(request, where).id)
        rows = [
            {"id": u.id, "kind": u.kind.value, "parent": u.parent, "zh": u.zh, "en": u.en, "region": u.region, "sector": u.sector,
             "uscc": u.uscc}
            for u in found
            if kind in (None, u.kind)
        ]  # fmt: skip
        return asked.answer_plain(rows, UNIT_COLUMNS, "units")

    @router.get("/monitor/readings", **listed(meter_view.ReadingLine))
    def readings(
        request: Request,
        asked: Asked,
        id: str,
        first: First = "",
        last: Last = "",
        known: Annotated[str, Query(description="Day on whose evening they were known.")] = "",
    ) -> Any:
        """Readings of a meter that count, as known now or on a date."""
        rights.check(request, READ)
        meter = view.meter_of(m, id)
        rights.check(request, READ, meter.unit)
        lines = meter_view.reading_lines(m, meter, m.span(first, last), meter_view.known_moment(known))
        return asked.answer(lines, meter_view.ReadingLine)


def _add_judgements(router: APIRouter, m: Monitoring, rights: MonitorRights) -> None:
    @router.get("/monitor/quality")
    def quality(request: Request, where: Where = "", month: str = "", lang: Lang = "zh") -> dict[str, Any]:
        """Findings of the rules of data quality with their evidence, and scores of firms."""
        return m.quality(rights.place(request, where).id, m.month(month)).as_record(lang)

    @router.get("/monitor/cases", **listed(view.CaseLine))
    def cases(request: Request, asked: Asked) -> Any:
        """Suspicions, open ones first."""
        rights.check(request, SUSPICIONS)
        sees = rights.seen(request, SUSPICIONS)
        return asked.answer([line for line in view.case_lines(m) if sees(line.enterprise)], view.CaseLine)

    @router.get("/monitor/cases/{case}")
    def case(request: Request, case: str) -> dict[str, Any]:
        """One suspicion with its evidence and history."""
        rights.check(request, SUSPICIONS)
        item = view.case_of(m, case)
        rights.check(request, SUSPICIONS, item.record["enterprise"])
        events = [
            {"at": e.at, "person": e.person, "action": e.action, "reason": e.reason, "note": e.note}
            for e in item.events
        ]
        return {**item.record, "id": item.id, "state": m.cases().state(item), "events": events}  # fmt: skip

    @router.get("/monitor/alerts")
    def alerts(request: Request, asked: Asked) -> Any:
        """Alerts with their state."""
        rights.check(request, ALERTS)
        desk, sees = m.alerts(), rights.seen(request, ALERTS)
        found = (i for i in desk.items() if sees(i.record["where"]))
        rows = [{**i.record, "id": i.id, "at": i.at, "state": desk.state(i)} for i in found]
        return asked.answer_plain(rows, ALERT_COLUMNS, "alerts")


def _add_stream(router: APIRouter, m: Monitoring, rights: MonitorRights) -> None:
    pulse = Pulse(m)

    def _told(request: Request) -> frozenset[str]:
        """Return the events that somebody is sent."""
        if not m.exists:
            raise NotFoundError("portal.missing.ledger", str(m.folder))
        may = {"intake": rights.may(request, INTAKE), "live": rights.sees_whole(request)}
        return frozenset(kind for kind, allowed in may.items() if allowed)

    @router.get("/monitor/intake")
    def intake(request: Request) -> dict[str, Any]:
        """What the listeners said last; empty where none ever ran."""
        rights.check(request, INTAKE)
        if not m.exists:
            raise NotFoundError("portal.missing.ledger", str(m.folder))
        return m.intake()

    @router.get("/monitor/live")
    def live(request: Request) -> dict[str, Any]:
        """Load of the last 24 hours that have arrived, and emissions of the day so far [t CO2e]."""
        rights.check_whole(request)
        return live_record(m)

    @router.get("/monitor/stream", response_class=StreamingResponse)
    async def stream(request: Request) -> Response:
        """Server-sent events, at most once a second: ``intake`` (counters of the listeners), ``live`` (load and emissions so far).

        The id names the last state of both; a listener that comes back with it as Last-Event-ID is sent what has changed since. Each is
        sent to those who may see it.
        """
        told = await run_in_threadpool(_told, request)
        seen = request.headers.get("last-event-id", "")
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(
            events(pulse, request.is_disconnected, seen, told), media_type="text/event-stream", headers=headers
        )


def _add_charts(router: APIRouter, m: Monitoring, rights: MonitorRights) -> None:
    @router.get(
        "/charts/monitor-{name}.{form}",
        response_class=Response,
        openapi_extra=texts(dict.fromkeys((*view.PARAMETERS, *energy.PARAMETERS))),
    )
    def chart(request: Request, name: str, form: ChartForm, lang: Lang = "zh", theme: ThemeAsked = "light") -> Response:
        """A chart of monitoring: ``json`` is the Vega-Lite specification, ``csv`` its table.

        Names: sectors-day, sectors-month, days, tiles, load, meter, evidence, energy-heat, energy-typical, energy-baseline. Parameters
        by chart: id, from, to, carrier, number, base_from, base_to. Those of sectors are public, the others for those who may see what
        they are about.
        """
        source = energy if name.startswith("energy-") else view
        given = {k: v for k in source.PARAMETERS if (v := request.query_params.get(k, ""))}
        if name.startswith("sectors"):
            inside = rights.may(request, READ, m.ledger().province)
            made = view.chart(m, name, lang, given, by_meters=inside)
        else:
            made = source.chart(m, name, lang, _within_reach(request, name, given))
        return chart_answer(request, made, form, theme)

    def _within_reach(request: Request, name: str, given: dict[str, str]) -> dict[str, str]:
        """Return the parameters of a chart, with the place that is meant where they name none."""
        if name == "evidence":
            rights.check(request, SUSPICIONS)
            rights.check(request, SUSPICIONS, view.case_of(m, given.get("id", "")).record["enterprise"])
        elif name == "meter":
            rights.check(request, READ)
            rights.check(request, READ, view.meter_of(m, given.get("id", "")).unit)
        elif (place := rights.place(request, given.get("id", "")).id) != m.ledger().province:
            return {**given, "id": place}
        return given
