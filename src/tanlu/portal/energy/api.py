"""REST API of the energy system: everything that its pages show, as JSON or CSV."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from threading import Lock
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse

from tanlu.charts.energy_records import (
    AdequacyRecord,
    BalanceRecord,
    CapacityRecord,
    CarbonPriceRecord,
    ComparisonRecord,
    CostRecord,
    CurtailmentRecord,
    EmissionRecord,
    EnergyFlowRecord,
    EnergyNodeRecord,
    LineRecord,
    ParameterRecord,
    StressRecord,
    TechnologyRecord,
)
from tanlu.charts.energy_results import EnergyResults
from tanlu.charts.render import to_png, to_svg
from tanlu.portal.api import Format, Lang, Run, csv_response, table
from tanlu.portal.energy import service
from tanlu.portal.energy.service import EnergyFigure, HourValue, Studies
from tanlu.portal.security import DOCUMENT_POLICY

Period = Annotated[int | None, Query(description="A year of the study; all of them by default.")]
MOST_HOURS = 1344
"""Hours of one answer: eight weeks."""


def energy_router(studies: Studies) -> APIRouter:
    """Return the routes of the energy system."""
    router = APIRouter(prefix="/api/v1", tags=["energy"])
    _add_plan(router, studies)
    _add_places(router, studies)
    _add_hours(router, studies)
    _add_charts(router, studies)
    return router


def _of(studies: Studies, run: str) -> EnergyResults:
    return studies.results(run or studies.workspace.latest_id())


def _in(rows: Sequence[Any], period: int | None) -> list[Any]:
    return [r for r in rows if period in (None, r.period)]


def _add_plan(router: APIRouter, studies: Studies) -> None:
    @router.get("/energy")
    def summary(run: Run = "") -> dict[str, Any]:
        """What the study is: system, periods, bounds and gap [million CNY], solver, effort, assumptions by grade."""
        return _of(studies, run).summary

    @router.get("/energy/runs")
    def runs() -> list[str]:
        """Runs that hold results of an energy system, the youngest first."""
        return list(studies.runs())

    @router.get("/energy/figures")
    def figures(run: Run = "") -> list[EnergyFigure]:
        """The headline figures."""
        return service.figures(studies.study(run))

    @router.get("/energy/capacities", response_model=list[CapacityRecord])
    def capacities(
        period: Period = None, technology: str = "", node: str = "", format: Format = "json", run: Run = ""
    ) -> Any:
        """Capacity of every component and period, and what of it is built in the period."""
        found = [
            r for r in _in(_of(studies, run).capacities, period) if technology in ("", r.technology) and node in ("", r.node)
        ]  # fmt: skip
        return table(found, CapacityRecord, format)

    @router.get("/energy/costs", response_model=list[CostRecord])
    def costs(format: Format = "json", run: Run = "") -> Any:
        """Discounted cost of every component by kind [million CNY]."""
        return table(_of(studies, run).costs, CostRecord, format)

    @router.get("/energy/emissions", response_model=list[EmissionRecord])
    def emissions(period: Period = None, format: Format = "json", run: Run = "") -> Any:
        """CO2 of every component and period [t]."""
        return table(_in(_of(studies, run).emissions, period), EmissionRecord, format)

    @router.get("/energy/carbon-price", response_model=list[CarbonPriceRecord])
    def carbon_price(format: Format = "json", run: Run = "") -> Any:
        """What the last tonne of CO2 costs in each period [CNY/t]."""
        return table(_of(studies, run).carbon_price, CarbonPriceRecord, format)

    @router.get("/energy/balance", response_model=list[BalanceRecord])
    def balance(period: Period = None, carrier: str = "", format: Format = "json", run: Run = "") -> Any:
        """Supply (positive) and use (negative) of every component in a year [MWh; t for a carrier by mass]."""
        found = [r for r in _in(_of(studies, run).balance, period) if carrier in ("", r.carrier)]
        return table(found, BalanceRecord, format)

    @router.get("/energy/flows", response_model=list[EnergyFlowRecord])
    def flows(period: Period = None, format: Format = "json", run: Run = "") -> Any:
        """Flows of a year between carriers and technologies [MWh]."""
        return table(_in(_of(studies, run).flows, period), EnergyFlowRecord, format)

    @router.get("/energy/comparison", response_model=list[ComparisonRecord])
    def comparison(period: Period = None, quantity: str = "", format: Format = "json", run: Run = "") -> Any:
        """The pathway model of the run beside the energy system; ``why`` is a code of the reason for the difference."""
        found = [r for r in _in(_of(studies, run).comparison, period) if quantity in ("", r.quantity)]
        return table(found, ComparisonRecord, format)

    @router.get("/energy/parameters", response_model=list[ParameterRecord])
    def parameters(grade: str = "", q: str = "", source: str = "", format: Format = "json", run: Run = "") -> Any:
        """Every number that the study was made with, its source and grade."""
        return table(service.parameters(_of(studies, run), grade, q, source), ParameterRecord, format)


def _add_places(router: APIRouter, studies: Studies) -> None:
    @router.get("/energy/nodes", response_model=list[EnergyNodeRecord])
    def nodes(format: Format = "json", run: Run = "") -> Any:
        """Places of the system."""
        return table(_of(studies, run).nodes, EnergyNodeRecord, format)

    @router.get("/energy/lines", response_model=list[LineRecord])
    def lines(format: Format = "json", run: Run = "") -> Any:
        """Lines between places; their capacities are among those of components."""
        return table(_of(studies, run).lines, LineRecord, format)

    @router.get("/energy/technologies", response_model=list[TechnologyRecord])
    def technologies(format: Format = "json", run: Run = "") -> Any:
        """Names of technologies."""
        return table(_of(studies, run).technologies, TechnologyRecord, format)

    @router.get("/energy/curtailment", response_model=list[CurtailmentRecord])
    def curtailment(period: Period = None, node: str = "", format: Format = "json", run: Run = "") -> Any:
        """What varying sources could supply and what of it is not taken [MWh]."""
        found = [r for r in _in(_of(studies, run).curtailment, period) if node in ("", r.node)]
        return table(found, CurtailmentRecord, format)

    @router.get("/energy/adequacy", response_model=list[AdequacyRecord])
    def adequacy(format: Format = "json", run: Run = "") -> Any:
        """Peak, load that is not met, and reserve margin of every period."""
        return table(_of(studies, run).adequacy, AdequacyRecord, format)

    @router.get("/energy/stress", response_model=list[StressRecord])
    def stress(period: Period = None, format: Format = "json", run: Run = "") -> Any:
        """Residual load of the weeks, those of most stress first."""
        return table(_in(_of(studies, run).stress, period), StressRecord, format)


def _add_hours(router: APIRouter, studies: Studies) -> None:
    @router.get("/energy/hours/{kind}", response_model=list[HourValue])
    def hours(
        kind: Literal["dispatch", "prices"],
        period: Annotated[int, Query(description="A year of the study.")],
        start: Annotated[int, Query(ge=0, description="First hour of the year, from 0.")] = 0,
        count: Annotated[int, Query(ge=1, le=MOST_HOURS, description="How many hours.")] = 168,
        format: Format = "json",
        run: Run = "",
    ) -> Any:
        """Dispatch of electricity by technology [MW] or its price by node [CNY/MWh], hour by hour."""
        return table(service.hour_values(_of(studies, run), kind, period, start, start + count), HourValue, format)


def _add_charts(router: APIRouter, studies: Studies) -> None:
    pictures = _pictures(studies)

    @router.get("/charts/energy-{name}.{form}", response_class=Response)
    def chart(
        request: Request, name: str, form: Literal["json", "svg", "png", "csv"], lang: Lang = "zh", run: Run = ""
    ) -> Response:
        """A chart of the energy system: ``json`` is the Vega-Lite specification, ``csv`` its full table.

        Parameters by chart: view, indicator, period, day, days, node, carrier, runs.
        """
        given = tuple((k, v) for k in service.PARAMETERS if (v := request.query_params.get(k, "")))
        own = run or studies.workspace.latest_id()
        made = service.chart(studies, own, name, lang, dict(given))
        if form == "json":
            return JSONResponse(made.spec)
        if form == "csv":
            return csv_response(made.as_csv(), f"energy-{name}.csv")
        media = "image/png" if form == "png" else "image/svg+xml"
        content = pictures(own, name, form, lang, given)
        return Response(content, media_type=media, headers={"content-security-policy": DOCUMENT_POLICY})


def _pictures(studies: Studies) -> Callable[[str, str, str, str, tuple[tuple[str, str], ...]], bytes]:
    """Return a function that draws a picture of a chart once and keeps the last ones; one is drawn at a time."""
    lock = Lock()

    @lru_cache(maxsize=32)
    def draw(run: str, name: str, form: str, lang: str, given: tuple[tuple[str, str], ...]) -> bytes:
        spec = service.chart(studies, run, name, lang, dict(given)).with_title
        with lock:
            return to_png(spec) if form == "png" else to_svg(spec).encode()

    return draw
