"""Pages of the energy system: what to build, where, how it runs, what it costs, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from fastapi import Request, Response
from markupsafe import Markup

from tanlu.charts import Chart
from tanlu.charts.energy_balance import carriers
from tanlu.charts.energy_base import Study
from tanlu.charts.energy_compare import compared_figures
from tanlu.charts.energy_dispatch import WINDOWS
from tanlu.charts.energy_map import INDICATORS, indicator_label, indicator_unit, indicators, node_values, placed
from tanlu.charts.energy_plan import VIEWS
from tanlu.charts.energy_prices import period_means, priced_nodes
from tanlu.charts.energy_records import AdequacyRecord, ParameterRecord
from tanlu.charts.energy_units import scale, show
from tanlu.charts.results import Results
from tanlu.core.messages import catalogue, translate
from tanlu.portal.addresses import Handler, csv_address, paged
from tanlu.portal.api import table
from tanlu.portal.energy import service
from tanlu.portal.energy.service import MOST_COMPARED, Studies
from tanlu.portal.rendering import Addresses, Renderer, own_half, text_or_code
from tanlu.portal.service import NotFoundError, Workspace

Shown = Callable[[Request, str, Results, Study], Response]


class EnergyPages:
    """Handlers of these pages."""

    def __init__(self, workspace: Workspace, renderer: Renderer, studies: Studies) -> None:
        self.workspace, self.renderer, self.studies = workspace, renderer, studies

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        pages: dict[str, Shown] = {
            "/energy": self.plan, "/energy/map": self.map, "/energy/dispatch": self.dispatch, "/energy/prices": self.prices,
            "/energy/adequacy": self.adequacy, "/energy/balance": self.balance, "/energy/compare": self.compare,
            "/energy/assumptions": self.assumptions,
        }  # fmt: skip
        return {path: partial(self._answer, page) for path, page in pages.items()}

    def _answer(self, page: Shown, request: Request, language: str) -> Response:
        """Show a page, or that the run has no study and which runs have."""
        run = request.query_params.get("run", "")
        results = self.workspace.results(run)
        if self.studies.has(results.manifest.run_id):
            return page(request, language, results, self.studies.study(results.manifest.run_id))
        return self.renderer.page(request, "energy_none.html", language, results, runs=self.studies.runs())

    def _page(
        self,
        request: Request,
        template: str,
        language: str,
        results: Results,
        study: Study,
        charts: Sequence[Chart],
        **more: Any,
    ) -> Response:
        addresses = Addresses(language, request.query_params.get("run", ""))
        return self.renderer.page(
            request, template, language, results, study=study, charts={c.name.removeprefix("energy-"): c for c in charts},
            figure=partial(figure_text, language), amount=lambda v, unit="": show(v, unit, language),
            unit_scale=lambda unit: scale(unit, language),
            source_address=lambda s: addresses.page("/energy/assumptions", source=s.removeprefix("source:")),
            period_pairs=[(str(p), str(p)) for p in study.results.periods], **more,
        )  # fmt: skip

    def _chart(self, run: str, name: str, language: str, asked: Mapping[str, str]) -> Chart:
        return service.chart(
            self.studies, run, name, language, {k: v for k, v in asked.items() if k in service.PARAMETERS}
        )

    def plan(self, request: Request, language: str, results: Results, study: Study) -> Response:
        """What is built by when, what it costs and emits, and the proof."""
        asked, run = request.query_params, results.manifest.run_id
        view = asked.get("view", "") or VIEWS[0]
        charts = [
            self._chart(run, "capacities", language, {"view": view}), self._chart(run, "costs", language, {}),
            self._chart(run, "emissions", language, {}),
        ]  # fmt: skip
        return self._page(
            request, "energy.html", language, results, study, charts, figures=service.figures(study), view=view,
            view_pairs=[(v, translate(f"portal.energy.view.{v}", language)) for v in VIEWS], proof=_proof(study, language),
            uncertified=[_uncertified(str(u), language) for u in study.results.summary.get("uncertified") or ()],
        )  # fmt: skip

    def map(self, request: Request, language: str, results: Results, study: Study) -> Response:
        """Places and lines: capacity, what is built, curtailed share, price."""
        asked = request.query_params
        year = service.chosen_period(study, asked.get("period", ""), study.results.periods)
        indicator = asked.get("indicator", "") or indicators(study)[0]
        chart = self._chart(results.manifest.run_id, "map", language, {"indicator": indicator, "period": str(year)})
        shown = [i for i in INDICATORS if i in indicators(study)]
        columns = {i: node_values(study, i, year) for i in shown}
        rows = [
            (study.node(n.node, language), [(columns[i].get(n.node), indicator_unit(i)) for i in shown])
            for n in placed(study)
        ]
        return self._page(
            request, "energy_map.html", language, results, study, [chart], year=year, indicator=indicator, rows=rows,
            heads=[(indicator_label(study, i, language), scale(indicator_unit(i), language)[1]) for i in shown],
            indicator_pairs=[(i, indicator_label(study, i, language)) for i in indicators(study)],
        )  # fmt: skip

    def dispatch(self, request: Request, language: str, results: Results, study: Study) -> Response:
        """The year by day, and a window of it by hour."""
        asked, run = request.query_params, results.manifest.run_id
        if not study.results.hourly_periods:
            return self._page(request, "energy_dispatch.html", language, results, study, [], window=None)
        year = service.chosen_period(study, asked.get("period", ""), study.results.hourly_periods)
        part = service.window(study, year, asked.get("day", ""), asked.get("days", ""))
        given = {"period": str(year), "day": str(part.day), "days": str(part.days)}
        charts = [self._chart(run, name, language, given) for name in ("year", "window")]
        jumps = [
            (translate(f"portal.energy.dispatch.{k}", language), day) for k, day in service.jumps(study, year).items()
        ]
        return self._page(
            request, "energy_dispatch.html", language, results, study, charts, window=part, year=year, jumps=jumps,
            hourly_pairs=[(str(p), str(p)) for p in study.results.hourly_periods], from_segments=_from_segments(study, year),
            length_pairs=[(str(w), translate(f"portal.energy.dispatch.length.{w}", language)) for w in WINDOWS],
        )  # fmt: skip

    def prices(self, request: Request, language: str, results: Results, study: Study) -> Response:
        """Duration curve, heat map, and the mean of every place."""
        asked, run = request.query_params, results.manifest.run_id
        if not study.results.hourly_periods:
            return self._page(request, "energy_prices.html", language, results, study, [])
        year = service.chosen_period(study, asked.get("period", ""), study.results.hourly_periods)
        node = asked.get("node", "")
        charts = [
            self._chart(run, name, language, {"period": str(year), "node": node}) for name in ("duration", "heat")
        ]
        return self._page(
            request, "energy_prices.html", language, results, study, charts, year=year, node=node, means=period_means(study),
            hourly_pairs=[(str(p), str(p)) for p in study.results.hourly_periods], from_segments=_from_segments(study, year),
            node_pairs=[(n, study.node(n, language)) for n in priced_nodes(study)],
        )  # fmt: skip

    def adequacy(self, request: Request, language: str, results: Results, study: Study) -> Response:
        """Weeks of stress, load that is not met, and the reserve."""
        asked = request.query_params
        if asked.get("format") == "csv":
            answer: Response = table(study.results.adequacy, AdequacyRecord, "csv")
            return answer
        year = service.chosen_period(study, asked.get("period", ""), study.results.periods)
        chart = self._chart(results.manifest.run_id, "stress", language, {"period": str(year)})
        return self._page(
            request, "energy_adequacy.html", language, results, study, [chart], year=year, rows=study.results.adequacy,
            csv_address=csv_address(request), from_segments=_from_segments(study, year),
        )  # fmt: skip

    def balance(self, request: Request, language: str, results: Results, study: Study) -> Response:
        """Supply and use of a carrier, and the flows of a year."""
        asked, run = request.query_params, results.manifest.run_id
        carrier = asked.get("carrier", "") or carriers(study)[0]
        year = service.chosen_period(study, asked.get("period", ""), study.results.periods)
        charts = [
            self._chart(run, "balance", language, {"carrier": carrier}), self._chart(run, "sankey", language, {"period": str(year)}),
        ]  # fmt: skip
        return self._page(
            request, "energy_balance.html", language, results, study, charts, year=year, carrier=carrier,
            carrier_pairs=[(c, study.name(c, language)) for c in carriers(study)],
        )  # fmt: skip

    def compare(self, request: Request, language: str, results: Results, study: Study) -> Response:
        """Studies of several runs, and this study beside the pathway model."""
        asked, own = request.query_params, results.manifest.run_id
        named = [r for part in asked.getlist("runs") for r in part.split(",") if r]
        found = self.studies.compared(named, own, language)
        periods = found[0].study.results.periods
        year = service.chosen_period(found[0].study, asked.get("period", ""), periods)
        charts = [self._chart(own, "compare", language, {"runs": ",".join(c.run for c in found), "period": str(year)})]
        for name in ("link-demand", "link-emissions"):
            try:
                charts.append(self._chart(own, name, language, {}))
            except NotFoundError:
                continue
        labels = {c.run: c.label for c in self.studies.compared(self.studies.runs()[:MOST_COMPARED], own, language)}
        return self._page(
            request, "energy_compare.html", language, results, study, charts, year=year, rows=compared_figures(found, year),
            compared=[r for r in study.results.comparison if r.period == year],
            item=lambda r: text_or_code(f"charts.energy.item.{r.item}", r.item, language),
            quantity=lambda q: text_or_code(f"charts.energy.quantity_of.{q}", q, language),
            why=lambda code: text_or_code(f"energy.compare.{code}", code, language),
            labels=labels, chosen=[c.run for c in found], most=MOST_COMPARED, compare_pairs=[(str(p), str(p)) for p in periods],
        )  # fmt: skip

    def assumptions(self, request: Request, language: str, results: Results, study: Study) -> Response:
        """Every number of the study with its source and grade."""
        asked = request.query_params
        grade, text, source = asked.get("grade", ""), asked.get("q", ""), asked.get("source", "")
        found = service.parameters(study.results, grade, text, source)
        if asked.get("format") == "csv":
            answer: Response = table(found, ParameterRecord, "csv")
            return answer
        page, pages, shown = paged(found, asked.get("page", "1"))
        return self._page(
            request, "energy_assumptions.html", language, results, study, [], rows=shown, count=len(found), page=page, pages=pages,
            grade_asked=grade, text=text, source_asked=source, csv_address=csv_address(request), of=partial(_of, study, language),
            parameter=lambda p: _parameter(p, language), note=lambda text: own_half(text, language),
            grade_pairs=[(g, translate(f"charts.grade.{g}", language)) for g in "ABCD"],
            source_pairs=[(n.id.removeprefix("source:"), n.label(language)) for n in study.sources],
            source_name=lambda s: next((n.label(language) for n in study.sources if n.id == f"source:{s}"), s),
        )  # fmt: skip


def figure_text(language: str, value: float | str | None, unit: str = "", _id: str = "", bare: bool = False) -> Markup:
    """Return a figure in the units of energy, and its exact value for machines."""
    shown = show(value, unit, language)
    text = shown.text if bare else str(shown)
    if value is None or value == "":
        return Markup('<span class="none">—</span>')
    if isinstance(value, float):
        return Markup('<data value="{}">{}</data>').format(repr(value), text)
    return Markup("{}").format(text)


def _proof(study: Study, language: str) -> dict[str, str] | None:
    """Return the bounds and their distance as text, or None where there is no gap."""
    told = study.results.summary
    gap, lower, upper = told.get("gap"), told.get("lower"), told.get("upper")
    if gap is None or lower is None or upper is None:
        return None
    percent = f"{100 * float(gap):.2g}" if gap < 0.1 else f"{100 * float(gap):.0f}"
    return {
        "gap": f"{percent}%", "lower": str(show(float(lower), "MCNY", language)),
        "upper": str(show(float(upper), "MCNY", language)), "between": str(show(float(upper) - float(lower), "MCNY", language)),
    }  # fmt: skip


def _uncertified(code: str, language: str) -> str:
    return text_or_code(f"portal.energy.uncertified.{code}", code, language)


def _from_segments(study: Study, period: int) -> bool:
    """Return whether the hours of a period are those of segments, constant within each."""
    return dict(study.results.summary.get("hours_from") or {}).get(str(period)) == "segments"


def _of(study: Study, language: str, component: str) -> str:
    """Return the name of a component: its technology and place."""
    node, _, technology = component.partition(".")
    if not technology:
        entry = catalogue().get(f"portal.energy.object.{component}")
        return entry[language] if entry else study.name(component, language)
    return f"{study.name(technology, language)} · {study.node(node, language)}"


def _parameter(name: str, language: str) -> str:
    return text_or_code(f"portal.energy.parameter.{name}", name, language)
