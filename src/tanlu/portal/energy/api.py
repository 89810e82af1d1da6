"""REST API of the energy system: everything that its pages show, as JSON or CSV."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

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
from tanlu.charts.energy_units import in_shown_units
from tanlu.portal.api import Lang, Run
from tanlu.portal.chart_files import ChartForm, ThemeAsked, chart_answer
from tanlu.portal.energy import service
from tanlu.portal.energy.service import EnergyFigure, HourValue, Studies
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.platform.listing import Asked, listed
from tanlu.portal.platform.parameters import texts

Period = Annotated[int | None, Query(description="A year of the study; all of them by default.")]
MOST_HOURS = 1344
"""Hours of one answer: eight weeks."""


def energy_router(studies: Studies) -> APIRouter:
    """Return the routes of the energy system."""
    router = APIRouter(prefix="/api/v1", tags=["energy"], route_class=LateRoute)
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

    @router.get("/energy/figures", **listed(EnergyFigure))
    def figures(asked: Asked, run: Run = "") -> Any:
        """The headline figures."""
        return asked.answer(service.figures(studies.study(run)), EnergyFigure, name="figures")

    @router.get("/energy/capacities", **listed(CapacityRecord))
    def capacities(asked: Asked, period: Period = None, technology: str = "", node: str = "", run: Run = "") -> Any:
        """Capacity of every component and period, and what of it is built in the period."""
        found = [
            r for r in _in(_of(studies, run).capacities, period) if technology in ("", r.technology) and node in ("", r.node)
        ]  # fmt: skip
        return asked.answer(found, CapacityRecord)

    @router.get("/energy/costs", **listed(CostRecord))
    def costs(asked: Asked, run: Run = "") -> Any:
        """Discounted cost of every component by kind [million CNY]."""
        return asked.answer(_of(studies, run).costs, CostRecord)

    @router.get("/energy/emissions", **listed(EmissionRecord))
    def emissions(asked: Asked, period: Period = None, run: Run = "") -> Any:
        """CO2 of every component and period [t]."""
        return asked.answer(_in(_of(studies, run).emissions, period), EmissionRecord)

    @router.get("/energy/carbon-price", **listed(CarbonPriceRecord))
    def carbon_price(asked: Asked, run: Run = "") -> Any:
        """What the last tonne of CO2 costs in each period [CNY/t]."""
        return asked.answer(_of(studies, run).carbon_price, CarbonPriceRecord)

    @router.get("/energy/balance", **listed(BalanceRecord))
    def balance(asked: Asked, period: Period = None, carrier: str = "", run: Run = "") -> Any:
        """Supply (positive) and use (negative) of every component in a year [MWh; t for a carrier by mass]."""
        found = [r for r in _in(_of(studies, run).balance, period) if carrier in ("", r.carrier)]
        return asked.answer(found, BalanceRecord)

    @router.get("/energy/flows", **listed(EnergyFlowRecord))
    def flows(asked: Asked, period: Period = None, run: Run = "") -> Any:
        """Flows of a year between carriers and technologies [MWh]."""
        return asked.answer(_in(_of(studies, run).flows, period), EnergyFlowRecord)

    @router.get("/energy/comparison", **listed(ComparisonRecord))
    def comparison(asked: Asked, period: Period = None, quantity: str = "", run: Run = "") -> Any:
        """The pathway model of the run beside the energy system; ``why`` is a code of the reason for the difference."""
        found = [r for r in _in(_of(studies, run).comparison, period) if quantity in ("", r.quantity)]
        return asked.answer(found, ComparisonRecord)

    @router.get("/energy/parameters", **listed(ParameterRecord))
    def parameters(asked: Asked, grade: str = "", q: str = "", source: str = "", run: Run = "") -> Any:
        """Every number that the study was made with, its source and grade."""
        return asked.answer(service.parameters(_of(studies, run), grade, q, source), ParameterRecord)


def _add_places(router: APIRouter, studies: Studies) -> None:
    @router.get("/energy/nodes", **listed(EnergyNodeRecord))
    def nodes(asked: Asked, run: Run = "") -> Any:
        """Places of the system."""
        return asked.answer(_of(studies, run).nodes, EnergyNodeRecord)

    @router.get("/energy/lines", **listed(LineRecord))
    def lines(asked: Asked, run: Run = "") -> Any:
        """Lines between places; their capacities are among those of components."""
        return asked.answer(_of(studies, run).lines, LineRecord)

    @router.get("/energy/technologies", **listed(TechnologyRecord))
    def technologies(asked: Asked, run: Run = "") -> Any:
        """Names of technologies."""
        return asked.answer(_of(studies, run).technologies, TechnologyRecord)

    @router.get("/energy/curtailment", **listed(CurtailmentRecord))
    def curtailment(asked: Asked, period: Period = None, node: str = "", run: Run = "") -> Any:
        """What varying sources could supply and what of it is not taken [MWh]."""
        found = [r for r in _in(_of(studies, run).curtailment, period) if node in ("", r.node)]
        return asked.answer(found, CurtailmentRecord)

    @router.get("/energy/adequacy", **listed(AdequacyRecord))
    def adequacy(asked: Asked, run: Run = "") -> Any:
        """Peak, load that is not met, and reserve margin of every period."""
        return asked.answer(_of(studies, run).adequacy, AdequacyRecord)

    @router.get("/energy/stress", **listed(StressRecord))
    def stress(asked: Asked, period: Period = None, run: Run = "") -> Any:
        """Residual load of the weeks, those of most stress first."""
        return asked.answer(_in(_of(studies, run).stress, period), StressRecord)


def _add_hours(router: APIRouter, studies: Studies) -> None:
    @router.get("/energy/hours/{kind}", **listed(HourValue))
    def hours(
        asked: Asked,
        kind: Literal["dispatch", "prices"],
        period: Annotated[int, Query(description="A year of the study.")],
        start: Annotated[int, Query(ge=0, description="First hour of the year, from 0.")] = 0,
        count: Annotated[int, Query(ge=1, le=MOST_HOURS, description="How many hours.")] = 168,
        run: Run = "",
    ) -> Any:
        """Dispatch of electricity by technology [MW] or its price by node [CNY/MWh], hour by hour."""
        return asked.answer(service.hour_values(_of(studies, run), kind, period, start, start + count), HourValue)


def _add_charts(router: APIRouter, studies: Studies) -> None:
    @router.get("/charts/energy-{name}.{form}", response_class=Response, openapi_extra=texts(service.PARAMETERS))
    def chart(
        request: Request, name: str, form: ChartForm, lang: Lang = "zh", run: Run = "", theme: ThemeAsked = "light"
    ) -> Response:
        """A chart of the energy system: ``json`` is the Vega-Lite specification, ``csv`` its full table.

        Parameters by chart: view, indicator, period, day, days, node, carrier, runs.
        """
        given = {k: v for k in service.PARAMETERS if (v := request.query_params.get(k, ""))}
        made = service.chart(studies, run or studies.workspace.latest_id(), name, lang, given)
        return chart_answer(request, made, form, theme, on_paper=in_shown_units)
