"""The site planner: a form, and the schedule of a day beside what the site would do without one; all that was entered is in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from tanlu.charts import Chart
from tanlu.charts.energy_site import device_name, site_chart
from tanlu.charts.energy_units import in_shown_units, scale, show
from tanlu.charts.format import capital
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import translate
from tanlu.portal.addresses import Handler, form_router
from tanlu.portal.api import Lang
from tanlu.portal.chart_files import ChartForm, ThemeAsked, chart_answer
from tanlu.portal.energy import site
from tanlu.portal.energy.pages import figure_text
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.platform.listing import BadQueryError
from tanlu.portal.platform.parameters import texts
from tanlu.portal.rendering import Renderer, localised
from tanlu.portal.service import NotFoundError, Workspace
from tanlu.portal.session.forgery import FIELD, STAND_IN, FormTokens
from tanlu.portal.session.form_filling import with_form
from tanlu.portal.uploads import RateLimit, RefusedError, address_of, read_form

if TYPE_CHECKING:
    from tanlu.energy.site import Schedule

COSTS: Final = ("energy", "demand", "gas", "carbon", "wear", "unserved", "total")
FORM_BYTES: Final = 20_000
GROUPS: Final = {
    "needs": ("electricity", "heat", "cooling"), "devices": ("connection", "pv", "battery_power", "battery_energy"),
    "heat": ("heat_pump", "gas_boiler", "chiller"), "vehicles": ("vehicles", "vehicle_energy", "arrival", "departure"),
    "prices": ("carbon",),
}  # fmt: skip


class Planner:
    """Computes schedules for pages and API; a visitor may ask for so many in a minute."""

    def __init__(self, workspace: Workspace, rate: RateLimit) -> None:
        self.workspace, self.rate = workspace, rate

    def options(self) -> site.Options:
        """Return what can be chosen.

        Raises
        ------
        NotFoundError
            If no province has tables for sites.
        """
        try:
            province = self.workspace.results().province
        except (NotFoundError, DataError):
            province = ""
        found = site.options(province)
        if found is None:
            raise NotFoundError("portal.missing.site_tables", province)
        return found

    def entered(self, request: Request, found: site.Options) -> dict[str, str]:
        """Return what the address says, with the defaults for what it leaves out."""
        return {**site.defaults(found), **{k: v for k, v in request.query_params.items() if k in site.NAMES}}

    def schedule(
        self, request: Request, entered: Mapping[str, str], found: site.Options
    ) -> tuple[Schedule | None, dict[str, Problem]]:
        """Return the schedule, or what is wrong by field.

        Raises
        ------
        RefusedError
            If this visitor asked too often.
        """
        from tanlu.energy.operation import OperationError

        problems = site.check(entered, found)
        if problems:
            return None, problems
        self.rate.check(address_of(request))
        key = tuple((name, entered[name].replace(",", "").strip()) for name in site.NAMES)
        try:
            return site.scheduled(key, found.province), {}
        except DataError as error:
            return None, site.by_field(error)
        except OperationError:
            return None, {"connection": Problem("site_field_no_plan", "connection", field="connection")}

    def chart(self, day: Schedule, entered: Mapping[str, str], found: site.Options, language: str) -> Chart:
        """Return the chart of a schedule."""
        name = found.places[entered["place"]][0 if language == "zh" else 1]
        kind = site.choice_name("type", entered["type"], language)
        return site_chart(day, f"{name} · {kind}", language, {k: entered[k] for k in site.NAMES})


class SitePages:
    """Handlers of the planner."""

    def __init__(self, renderer: Renderer, planner: Planner) -> None:
        self.renderer, self.planner = renderer, planner
        self.tokens = FormTokens()

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path of what is only read."""
        return {"/energy/site": self.page}

    def router(self) -> APIRouter:
        """Return the routes that take the form."""
        return form_router("/energy/site", self.send)

    async def send(self, request: Request, language: str) -> Response:
        """Take the form: the address of its schedule, or the form with what is wrong in it."""
        found = self.planner.options()
        entered = site.defaults(found)
        try:
            form = await read_form(request, FORM_BYTES)
            entered |= {k: v for k, v in form.fields.items() if k in site.NAMES}
            if not self.tokens.holds(request, form.fields.get(FIELD, "")):
                raise RefusedError(403, "forged")
            day, problems = await run_in_threadpool(self.planner.schedule, request, entered, found)
        except RefusedError as error:
            said = translate(f"portal.refused.{error.what}", language, **error.values)
            return await run_in_threadpool(self._page, request, language, found, entered, {}, None, said, error.status)
        if day is None:
            return await run_in_threadpool(self._page, request, language, found, entered, problems, None, "", 422)
        run = request.query_params.get("run", "")
        pairs = {k: entered[k] for k in site.NAMES} | ({"run": run} if run else {})
        return RedirectResponse(localised("/energy/site", language) + "?" + urlencode(pairs), 303)

    def page(self, request: Request, language: str) -> Response:
        """The form, and the schedule where the address holds a site."""
        found = self.planner.options()
        entered = self.planner.entered(request, found)
        day, problems, refusal, status = None, dict[str, Problem](), "", 200
        if "type" in request.query_params:
            try:
                day, problems = self.planner.schedule(request, entered, found)
            except RefusedError as error:
                refusal, status = translate(f"portal.refused.{error.what}", language, **error.values), error.status
        return self._page(request, language, found, entered, problems, day, refusal, 422 if problems else status)

    def _page(
        self, request: Request, language: str, found: site.Options, entered: Mapping[str, str], problems: Mapping[str, Problem],
        day: Schedule | None, refusal: str, status: int,
    ) -> Response:  # fmt: skip
        fields = {f.name: f for f in site.NUMBERS}
        at = 0 if language == "zh" else 1
        answer = self.renderer.page(
            request, "energy_site.html", language, None, keep_run=self.planner.workspace.has(request.query_params.get("run", "")),
            entered=entered, problems={k: _said(p, language) for k, p in problems.items()}, refusal=refusal, token=STAND_IN, field=FIELD,
            groups_of_fields=GROUPS, fields=fields, year=site.YEAR, shown_unit=lambda unit: scale(unit, language)[1],
            place_pairs=[(k, names[at]) for k, names in found.places.items()],
            type_pairs=[(k, site.choice_name("type", k, language)) for k in found.types],
            tariff_pairs=[(k, site.tariff_name(k, found, language)) for k in found.tariffs],
            figure=partial(figure_text, language), unit_scale=lambda unit: scale(unit, language),
            day=None if day is None else _result(day, language),
            chart=None if day is None else self.planner.chart(day, entered, found, language),
        )  # fmt: skip
        answer.status_code = status
        return with_form(answer)


def _said(problem: Problem, language: str) -> str:
    """Return fault and mend without the place, which the page shows."""
    return capital(problem.text(language).partition(": ")[2])


def _settled(before: float, after: float) -> float:
    """Return the figure after, or the one before where they differ by the tolerance of a solver only."""
    return before if abs(after - before) <= 1e-6 * max(1.0, abs(before)) else after


def _result(day: Schedule, language: str) -> dict[str, Any]:
    """Return the tables of a schedule: costs, indicators, what to do when, and the numbers that it rests on."""
    one, two = day.costs_unscheduled, day.costs
    actions: dict[str, list[str]] = {}
    for a in day.actions:
        said = {"mean": show(a.mean * 1e3, "kW", language).text, "unit": scale("kW", language)[1]}
        span = translate("portal.energy.site.span", language, start=f"{a.start:02d}", end=f"{a.end:02d}", **said)
        actions.setdefault(device_name(a.series, language), []).append(span)
    rows = [(k, float(getattr(one, k)), _settled(float(getattr(one, k)), float(getattr(two, k)))) for k in COSTS]
    i, j = day.indicators_unscheduled, day.indicators
    return {
        "costs": [(k, a, b) for k, a, b in rows if k == "total" or abs(a) > 0.005 or abs(b) > 0.005],
        "saved": float(one.total - two.total), "actions": actions, "date": day.day.isoformat(),
        "indicators": [
            ("peak", "kW", i.peak * 1e3, _settled(i.peak * 1e3, j.peak * 1e3)), ("purchase", "kWh", i.purchase * 1e3, j.purchase * 1e3),
            ("sale", "kWh", i.sale * 1e3, j.sale * 1e3), ("self_consumption", "share", i.self_consumption, j.self_consumption),
            ("self_sufficiency", "share", i.self_sufficiency, j.self_sufficiency),
            ("emissions", "kg", i.emissions * 1e3, j.emissions * 1e3),
        ],
        "numbers": [
            (n.owner, n.parameter, n.value, n.source, n.grade, n.note_zh if language == "zh" else n.note_en) for n in day.site.numbers
        ],
        "assumed": sum(n.grade == "D" for n in day.site.numbers),
    }  # fmt: skip


def site_router(planner: Planner) -> APIRouter:
    """Return the routes of the API for the planner."""
    router = APIRouter(prefix="/api/v1", tags=["energy"], route_class=LateRoute)
    said = site.said()

    def computed(request: Request) -> tuple[Schedule, dict[str, str], site.Options]:
        found = planner.options()
        entered = planner.entered(request, found)
        day, problems = planner.schedule(request, entered, found)
        if day is None:
            raise BadQueryError(replace(p, file="query", field=k) for k, p in problems.items())
        return day, entered, found

    @router.get("/energy/site", openapi_extra=texts(site.NAMES, said))
    def schedule(
        request: Request,
        place: Annotated[str, Query(description="Node of the energy system whose weather holds.")] = "",
        type: Annotated[str, Query(description="Type of load.")] = "",
        electricity: Annotated[str, Query(description="Electricity a year [MWh].")] = "",
        pv: Annotated[str, Query(description="Solar power [kW].")] = "",
        day: Annotated[str, Query(description="Date of the schedule.")] = "",
    ) -> dict[str, Any]:
        """The schedule of a day of a site: power by hour [MW], price [CNY/MWh], cost with and without it [CNY], what to do when [h, MW]."""
        made, _, _ = computed(request)
        return {
            "day": made.day.isoformat(), "price_CNY_MWh": [round(float(p), 4) for p in made.prices],
            "costs": made.costs.as_record(), "costs_unscheduled": made.costs_unscheduled.as_record(),
            "actions": [{"series": a.series, "start": a.start, "end": a.end, "mean": round(a.mean, 6)} for a in made.actions],
            "hours": {k: [round(float(v), 6) for v in series] for k, series in made.scheduled.series.items() if series.any()},
        }  # fmt: skip

    @router.get(
        "/charts/energy-site.{form}", tags=["charts"], response_class=Response, openapi_extra=texts(site.NAMES, said)
    )
    def chart(request: Request, form: ChartForm, lang: Lang = "zh", theme: ThemeAsked = "light") -> Response:
        """The day of a site; the parameters are those of ``/energy/site``."""
        made, entered, found = computed(request)
        return chart_answer(request, planner.chart(made, entered, found, lang), form, theme, on_paper=in_shown_units)

    return router
