"""REST API under ``/api/v1``: everything that the pages show, as JSON or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, fields
from functools import lru_cache
from threading import Lock
from typing import Annotated, Any, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response

from tanlu.charts.records import (
    FanRecord,
    IntensityRecord,
    KeyCategoryRecord,
    Manifest,
    MeasureRecord,
    Pathway,
    PeakRecord,
    PrefectureRecord,
    ReconciliationRecord,
    SectorRecord,
    SourceRecord,
    TargetRecord,
    TotalRecord,
    UncertaintyRecord,
)
from tanlu.charts.render import to_png, to_svg
from tanlu.charts.results import Results
from tanlu.core.lineage import Node
from tanlu.portal import service
from tanlu.portal.security import DOCUMENT_POLICY
from tanlu.portal.service import Figure, InventoryLine, InventoryTotal, RunInfo, Workspace

Run = Annotated[str, Query(description="Run id; the latest run by default.")]
Lang = Annotated[Literal["zh", "en"], Query(description="Language of titles and labels.")]
Format = Annotated[Literal["json", "csv"], Query(description="JSON, or CSV with a header.")]
CHART_PARAMETERS = ("scenario", "indicator", "sector", "gas", "category", "gwp", "view", "region", "scope", "item")


def csv_of(records: Sequence[Any], columns: Sequence[str]) -> str:
    """Return records as CSV with the given columns; a missing value is an empty cell."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for record in records:
        writer.writerow(["" if (v := getattr(record, c)) is None else v for c in columns])
    return buffer.getvalue()


def table(records: Sequence[Any], record: type[Any], form: str) -> Any:
    """Return records as they are, or as the CSV file that is named after their class."""
    if form != "csv":
        return records
    name = record.__name__.removesuffix("Record").removesuffix("Line").lower()
    return csv_response(csv_of(records, [f.name for f in fields(record)]), f"{name}.csv")


def csv_response(text: str, name: str) -> Response:
    """Return CSV as a download, with a byte-order mark so that spreadsheets read it as UTF-8."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + text, media_type="text/csv; charset=utf-8", headers=headers)


def api_router(workspace: Workspace) -> APIRouter:
    """Return the routes of the API over a workspace."""
    router = APIRouter(prefix="/api/v1")
    _add_results(router, workspace)
    _add_inventory(router, workspace)
    _add_lineage(router, workspace)
    _add_charts(router, workspace)
    return router


def _add_inventory(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/inventory", tags=["inventory"], response_model=list[InventoryLine])
    def inventory(
        year: str = "",
        sector: str = "",
        gas: str = "",
        category: str = "",
        gwp: str = "AR5",
        region: str = "",
        format: Format = "json",
        run: Run = "",
    ) -> Any:
        """Mass of each gas by category and year [kt], with CO2-equivalents under a GWP set. A notation key has no value."""
        results = workspace.results(run)
        lines = service.inventory(results, service.inventory_query(year, sector, gas, category, gwp, region=region))
        if format == "csv":
            return csv_response(csv_of(lines, [f.name for f in fields(InventoryLine)]), "inventory.csv")
        return lines

    @router.get("/inventory/total", tags=["inventory"])
    def inventory_total(
        year: str,
        sector: str = "",
        gas: str = "",
        category: str = "",
        gwp: str = "AR5",
        region: str = "",
        run: Run = "",
    ) -> InventoryTotal:
        """Sums of the chosen rows of a year in kt CO2e, memo rows left out, land use apart."""
        query = service.inventory_query(year, sector, gas, category, gwp, region=region)
        lines = service.inventory(workspace.results(run), query)
        return service.inventory_total(lines, gwp)


def _add_results(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/runs", tags=["runs"])
    def runs() -> list[RunInfo]:
        """All runs of the workspace, the youngest first."""
        return workspace.runs()

    @router.get("/manifest", tags=["runs"])
    def manifest(run: Run = "") -> Manifest:
        """What a run was made with."""
        return workspace.results(run).manifest

    @router.get("/figures", tags=["results"])
    def figures(run: Run = "") -> list[Figure]:
        """The headline figures."""
        return service.figures(workspace.results(run))

    @router.get("/totals", tags=["inventory"])
    def totals(scope: str = "", run: Run = "") -> list[TotalRecord]:
        """Totals by year with their 95 % interval."""
        return [t for t in workspace.results(run).totals if not scope or t.scope == scope]

    @router.get("/sectors", tags=["inventory"])
    def sectors(year: int | None = None, run: Run = "") -> list[SectorRecord]:
        """Emissions by sector and year."""
        return [s for s in workspace.results(run).sectors if year in (None, s.year)]

    @router.get("/pathways", tags=["pathways"])
    def pathways(scenario: str = "", variable: str = "", run: Run = "") -> list[Pathway]:
        """Scenario series with IAMC names."""
        found = workspace.results(run).pathways
        return [p for p in found if scenario in ("", p.scenario) and variable in ("", p.variable)]

    @router.get("/fan", tags=["pathways"])
    def fan(scenario: str = "", variable: str = "", run: Run = "") -> list[FanRecord]:
        """Quantiles over the draws by year."""
        found = workspace.results(run).fan
        return [r for r in found if scenario in ("", r.scenario) and variable in ("", r.variable)]

    @router.get("/peaks", tags=["pathways"])
    def peaks(run: Run = "") -> list[PeakRecord]:
        """Peak year and level of every scenario, and the probability of a peak by 2030."""
        return list(workspace.results(run).peaks)

    @router.get("/levers", tags=["pathways"])
    def levers(run: Run = "") -> list[dict[str, Any]]:
        """Levers with their range and their setting in each world."""
        return [asdict(lever) for lever in workspace.results(run).levers]

    @router.get("/scoreboard", tags=["targets"])
    def scoreboard(status: str = "", deadline: str = "", action: str = "", run: Run = "") -> list[TargetRecord]:
        """Where every target of the plan stands."""
        return service.targets(workspace.results(run), status, deadline, action)

    @router.get("/intensity", tags=["targets"])
    def intensity(run: Run = "") -> list[IntensityRecord]:
        """Energy intensity by the official rule and from physical energy."""
        return list(workspace.results(run).intensity)

    @router.get("/reconciliation", tags=["inventory"], response_model=list[ReconciliationRecord])
    def reconciliation(item: str = "", year: str = "", format: Format = "json", run: Run = "") -> Any:
        """This inventory beside a reference inventory; ``item`` is ``dimension:name``."""
        return table(service.reconciliation(workspace.results(run), item, year), ReconciliationRecord, format)

    @router.get("/uncertainty", tags=["uncertainty"], response_model=list[UncertaintyRecord])
    def uncertainty(scope: str = "without_land", format: Format = "json", run: Run = "") -> Any:
        """Approach 1 in the layout of IPCC table 3.2 (columns C to M), the total last."""
        return table(service.uncertainty(workspace.results(run), scope), UncertaintyRecord, format)

    @router.get("/key-categories", tags=["uncertainty"], response_model=list[KeyCategoryRecord])
    def key_categories(scope: str = "without_land", list: str = "L1", format: Format = "json", run: Run = "") -> Any:
        """Key categories of a list: L1, T1 (approach 1), L2, T2 (weighted with uncertainty)."""
        return table(service.key_list(workspace.results(run), scope, list), KeyCategoryRecord, format)

    @router.get("/measure-next", tags=["uncertainty"], response_model=list[MeasureRecord])
    def measure_next(format: Format = "json", run: Run = "") -> Any:
        """Measurements that narrow the interval of the total, the best first."""
        return table(service.measures(workspace.results(run)), MeasureRecord, format)

    @router.get("/prefectures", tags=["results"])
    def prefectures(indicator: str = "", run: Run = "") -> list[PrefectureRecord]:
        """Indicators of the prefectures."""
        return [p for p in workspace.results(run).prefectures if indicator in ("", p.indicator)]

    @router.get("/sources", tags=["lineage"], response_model=list[SourceRecord])
    def sources(grade: str = "", q: str = "", used: bool = False, format: Format = "json", run: Run = "") -> Any:
        """Sources, and how many results rest on each."""
        found = service.sources(workspace.results(run), grade, q, used)
        return (
            csv_response(csv_of(found, [f.name for f in fields(SourceRecord)]), "sources.csv")
            if format == "csv"
            else found
        )


def _add_lineage(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/lineage/{node_id:path}", tags=["lineage"])
    def lineage(node_id: str, run: Run = "") -> list[dict[str, Any]]:
        """The chain of a number, depth first: depth and node; a node met again is not unfolded again."""
        results = workspace.results(run)
        if node_id not in results.lineage.nodes:
            raise HTTPException(404, f"no number {node_id!r} in this run")
        return [{"depth": depth, **_node(node)} for depth, node in results.lineage.walk(node_id)]


def _node(node: Node) -> dict[str, Any]:
    return asdict(node)


def _add_charts(router: APIRouter, workspace: Workspace) -> None:
    pictures = _pictures(workspace)

    @router.get("/charts", tags=["charts"])
    def charts() -> list[str]:
        """Names of the charts."""
        return list(service.CHARTS)

    @router.get("/charts/{name}.{form}", tags=["charts"], response_class=Response)
    def chart(
        request: Request,
        name: str,
        form: Literal["json", "svg", "png", "csv"],
        lang: Lang = "zh",
        run: Run = "",
    ) -> Response:
        """A chart: ``json`` is the Vega-Lite specification, ``csv`` its table. Parameters: scenario, indicator or inventory filters."""
        given = tuple((k, v) for k in CHART_PARAMETERS if (v := request.query_params.get(k, "")))
        results = workspace.results(run)
        if form == "json":
            return _json(service.chart(results, name, lang, dict(given)).spec)
        if form == "csv":
            return csv_response(service.chart(results, name, lang, dict(given)).as_csv(), f"{name}.csv")
        service.chart(results, name, lang, dict(given))
        content = pictures(results.manifest.run_id, name, form, lang, given)
        media = "image/png" if form == "png" else "image/svg+xml"
        return Response(content, media_type=media, headers={"content-security-policy": DOCUMENT_POLICY})


def _json(spec: dict[str, Any]) -> Response:
    from fastapi.responses import JSONResponse

    return JSONResponse(spec)


def _pictures(workspace: Workspace) -> Callable[[str, str, str, str, tuple[tuple[str, str], ...]], bytes]:
    """Return a function that draws a picture of a chart once and keeps the last ones; one is drawn at a time."""
    lock = Lock()

    @lru_cache(maxsize=64)
    def draw(run: str, name: str, form: str, lang: str, given: tuple[tuple[str, str], ...]) -> bytes:
        results: Results = workspace.results(run)
        spec = service.chart(results, name, lang, dict(given)).with_title
        with lock:
            return to_png(spec) if form == "png" else to_svg(spec).encode()

    return draw
