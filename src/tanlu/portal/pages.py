"""The pages: each is one question to the service and one template, in Chinese at its path and in English under ``/en``."""

from __future__ import annotations

from dataclasses import fields
from typing import Any
from urllib.parse import urlencode

from fastapi import Request, Response

from tanlu.charts.format import Shown, capital, digits, show, subscript
from tanlu.charts.inventory import STACKINGS
from tanlu.charts.records import SourceRecord, TargetRecord
from tanlu.charts.results import Results
from tanlu.charts.scenarios import MOST, default_scenarios
from tanlu.charts.scoreboard import MEASURED, status_counts
from tanlu.charts.tiles import indicator_name, indicators
from tanlu.core.lineage import Node
from tanlu.core.messages import translate
from tanlu.portal import service
from tanlu.portal.addresses import Handler, csv_address, paged
from tanlu.portal.api import csv_of, csv_response
from tanlu.portal.public.changes import ChangeDesk
from tanlu.portal.rendering import Renderer, localised, text_or_code
from tanlu.portal.service import InventoryLine, NotFoundError, Workspace
from tanlu.portal.studio.view import lever_scale
from tanlu.portal.tree import children, tree


class Pages:
    """Handlers of the pages over a workspace."""

    def __init__(self, workspace: Workspace, renderer: Renderer) -> None:
        self.workspace, self.renderer = workspace, renderer
        self.changes = ChangeDesk(workspace, renderer.identity)

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {
            "/": self.overview, "/inventory": self.inventory, "/sources": self.sources, "/scenarios": self.scenarios,
            "/targets": self.targets, "/number": self.number, "/about": self.about,
        }  # fmt: skip

    def _results(self, request: Request) -> Results:
        return self.workspace.results(request.query_params.get("run", ""))

    def overview(self, request: Request, language: str) -> Response:
        """Scoreboard, emissions with fan and peak, prefectures, headline figures."""
        results = self._results(request)
        indicator = request.query_params.get("indicator", "")
        names = ("emissions", "fan", "prefectures", "scoreboard", "intensity")
        given = {"indicator": indicator} if indicator else {}
        charts = {n: service.chart(results, n, language, given if n == "prefectures" else {}) for n in names}
        return self.renderer.page(
            request, "overview.html", language, results, charts=charts, figures=service.figures(results),
            counts=status_counts(results), highlights=_highlights(results),
            changes=self.changes.since(results.folder.name, results.reference),
            indicator=charts["prefectures"].parameters.get("indicator", ""),
            indicator_pairs=[(i, indicator_name(i, language)) for i in indicators(results)],
        )  # fmt: skip

    def inventory(self, request: Request, language: str) -> Response:
        """Table and chart of the inventory; all filters are in the address."""
        results, asked = self._results(request), request.query_params
        year = asked.get("year", str(results.years[-1]))
        given = {k: asked[k] for k in ("sector", "gas", "category", "gwp", "view", "region") if asked.get(k)}
        query = service.inventory_query("" if year == "all" else year, **given)
        lines = service.inventory(results, query)
        if asked.get("format") == "csv":
            return csv_response(csv_of(lines, [f.name for f in fields(InventoryLine)]), "inventory.csv")
        page, pages, shown = paged(lines, asked.get("page", "1"))
        names, without = service.categories(results, language), service.gases_without_gwp(results, query)
        return self.renderer.page(
            request, "inventory.html", language, results, query=query, year=year, lines=shown, count=len(lines), page=page,
            pages=pages, total=service.inventory_total(lines, query.gwp) if query.year else None, names=names,
            csv_address=csv_address(request), **_inventory_choices(results, names, language),
            gwp_choices=[(g, missing) for g, missing in without.items()], without=without[query.gwp],
            chart=None if without[query.gwp] else service.chart(results, "inventory", language, query.chart_parameters()),
            gwp_source=service.gwp_source(query.gwp, language), region_name=region_name(results, query.region, language),
        )  # fmt: skip

    def sources(self, request: Request, language: str) -> Response:
        """Every source, its grade and what rests on it."""
        results, asked = self._results(request), request.query_params
        grade, text, used = asked.get("grade", ""), asked.get("q", ""), asked.get("used", "") == "1"
        found = service.sources(results, grade, text, used)
        if asked.get("format") == "csv":
            return csv_response(csv_of(found, [f.name for f in fields(SourceRecord)]), "sources.csv")
        page, pages, shown = paged(found, asked.get("page", "1"))
        return self.renderer.page(
            request, "sources.html", language, results, sources=shown, count=len(found), all=len(results.sources), page=page,
            pages=pages, grade_asked=grade, text=text, used=used, csv_address=csv_address(request),
            grade_pairs=[(g, translate(f"charts.grade.{g}", language)) for g in "ABCD"],
        )  # fmt: skip

    def scenarios(self, request: Request, language: str) -> Response:
        """Scenarios, their peaks, and the levers."""
        results = self._results(request)
        chosen = [s for part in request.query_params.getlist("scenario") for s in part.split(",") if s]
        unknown = next((s for s in chosen if s not in results.scenarios), None)
        if unknown is not None:
            raise NotFoundError("portal.missing.scenario", unknown)
        chosen = list(dict.fromkeys(chosen))[:MOST]
        parameters = {"scenario": ",".join(chosen)} if chosen else {}
        return self.renderer.page(
            request, "scenarios.html", language, results, chart=service.chart(results, "scenarios", language, parameters),
            wedges=service.chart(results, "wedges", language, {}),
            chosen=chosen or default_scenarios(results), most=MOST,
            worlds=list(results.levers[0].worlds) if results.levers else [], lever_scale=lambda unit: lever_scale(unit, language),
        )  # fmt: skip

    def targets(self, request: Request, language: str) -> Response:
        """All targets of the plan with filters."""
        results, asked = self._results(request), request.query_params
        given = {k: asked.get(k, "") for k in ("status", "deadline", "action")}
        found = service.targets(results, **given)
        if asked.get("format") == "csv":
            return csv_response(csv_of(found, [f.name for f in fields(TargetRecord)]), "targets.csv")
        options = service.target_options(results)
        return self.renderer.page(
            request, "targets.html", language, results, targets=found, all=len(results.scoreboard), given=given,
            csv_address=csv_address(request), chart=service.chart(results, "scoreboard", language, {}),
            status_pairs=[(s, translate(f"charts.status.{s}", language)) for s in options["status"]],
            deadline_pairs=[(d, d) for d in options["deadline"]],
            action_pairs=[(a, f"{a} {results.lineage.nodes['plan:' + a].label(language)}") for a in options["action"]],
        )  # fmt: skip

    def number(self, request: Request, language: str) -> Response:
        """Where a number comes from, down to its sources."""
        results, node_id = self._results(request), request.query_params.get("id", "")
        if node_id not in results.lineage.nodes:
            raise NotFoundError("portal.missing.number", node_id)
        made, node = children(results.lineage, node_id), results.lineage.nodes[node_id]
        return self.renderer.page(
            request, "number.html", language, results, node=node, root=tree(results.lineage, node_id),
            interval=_interval(results, node_id), sources=results.sources_of([node_id]), made=made[:50], made_count=len(made),
            target=next((s for s in results.scoreboard if s.id == node_id), None),
            amount=lambda x: _amount(x, language),
            due=next((i for i in results.intensity if i.id in node.parents and i.required_percent is not None), None),
        )  # fmt: skip

    def about(self, request: Request, language: str) -> Response:
        """What the figures are, and how they were made."""
        results = self._results(request)
        return self.renderer.page(
            request, "about.html", language, results, runs=self.workspace.runs(), methods=_methods(results),
            run_address=lambda run: localised("/", language) + "?" + urlencode({"run": run}),
            step_name=lambda step: text_or_code(f"step.{step}", step, language),
        )  # fmt: skip


def _inventory_choices(results: Results, names: dict[str, str], language: str) -> dict[str, Any]:
    options = service.inventory_options(results)
    return {
        "year_pairs": [*((y, y) for y in options["year"]), ("all", translate("portal.filter.all_years", language))],
        "sector_pairs": [(s, capital(translate(f"sector.{s}", language))) for s in options["sector"]],
        "gas_pairs": [(g, subscript(g)) for g in options["gas"]],
        "category_pairs": [(c, f"{c} {capital(subscript(names[c]))}") for c in options["category"]],
        "region_pairs": [(r, region_name(results, r, language)) for r in service.regions(results)],
        "view_pairs": [(v, translate(f"charts.by.{v}", language)) for v in STACKINGS],
    }


def region_name(results: Results, region: str, language: str) -> str:
    """Return the name of a region of the inventory: the whole province, a prefecture, or what no prefecture has."""
    if region in ("", results.province):
        return translate("portal.region.whole", language)
    if region.endswith("/unallocated"):
        return translate("portal.region.unallocated", language)
    return next((p.name(language) for p in results.prefectures if p.region == region), region)


def _methods(results: Results) -> list[Node]:
    return sorted(results.lineage.of_kind("method"), key=lambda n: n.id)


def _highlights(results: Results) -> list[TargetRecord]:
    """Return the targets that have a value: those that can be assessed first, the worst on top."""
    rank = {status: i for i, status in enumerate(("off_track", "at_risk", "on_track", "met"))}
    found = (t for t in results.scoreboard if t.status in MEASURED or t.value is not None)
    return sorted(found, key=lambda t: (rank.get(t.status, len(rank)), t.deadline, t.target))


def _amount(node: Node, language: str) -> Shown:
    """Return the value of a node as it is shown: a lever in the unit in which the studio has it."""
    if node.id.startswith("lever:") and isinstance(node.value, float):
        factor, unit = lever_scale(node.unit, language)
        return Shown(digits(factor * node.value), unit)
    return show(node.value, node.unit, language)


def _interval(results: Results, node_id: str) -> tuple[float | None, float | None]:
    """Return the interval of a result, if a table of the run has one."""
    tables = (results.inventory, results.totals, results.sectors, results.prefectures_inventory)
    found = next((r for table in tables for r in table if r.id == node_id), None)
    if found is not None:
        return found.low, found.high
    fan = next((r for r in results.fan if r.id == node_id), None)
    return (fan.p05, fan.p95) if fan else (None, None)
