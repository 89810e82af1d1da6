"""REST API under ``/api/v1``: everything that the pages show, as JSON, CSV or Parquet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request, Response

from tanlu.charts.records import (
    FanRecord,
    IntensityRecord,
    KeyCategoryRecord,
    LeverRecord,
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
from tanlu.portal import service
from tanlu.portal.chart_files import ChartForm, ThemeAsked, chart_answer
from tanlu.portal.platform.caching import frozen
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.platform.listing import Asked, listed
from tanlu.portal.platform.parameters import texts
from tanlu.portal.platform.tables import columns_of, csv_of, csv_response, file_stem
from tanlu.portal.service import Figure, InventoryLine, InventoryTotal, NotFoundError, RunInfo, Workspace

__all__ = ["Format", "Lang", "Run", "api_router", "csv_of", "csv_response", "table"]

Run = Annotated[str, Query(description="Run id; the latest run by default.")]
Lang = Annotated[Literal["zh", "en"], Query(description="Language of titles and labels.")]
Format = Annotated[Literal["json", "csv"], Query(description="JSON, or CSV with a header.")]
CHART_PARAMETERS = ("scenario", "indicator", "sector", "gas", "category", "gwp", "view", "region", "scope", "item")


def table(records: Sequence[Any], record: type[Any], form: str) -> Any:
    """Return records as they are, or as the CSV file that is named after their class."""
    if form != "csv":
        return records
    return csv_response(csv_of(records, columns_of(record)), f"{file_stem(record)}.csv")


def api_router(workspace: Workspace) -> APIRouter:
    """Return the routes of the API over a workspace."""
    router = APIRouter(prefix="/api/v1", route_class=LateRoute)
    of_a_run = APIRouter(prefix=router.prefix, dependencies=[frozen(workspace)], route_class=LateRoute)
    _add_runs(router, of_a_run, workspace)
    _add_series(of_a_run, workspace)
    _add_targets(of_a_run, workspace)
    _add_uncertainty(of_a_run, workspace)
    _add_inventory(of_a_run, workspace)
    _add_lineage(of_a_run, workspace)
    _add_charts(of_a_run, workspace)
    router.routes.extend(of_a_run.routes)
    return router


def _add_runs(router: APIRouter, of_a_run: APIRouter, workspace: Workspace) -> None:
    @router.get("/runs", tags=["runs"], **listed(RunInfo))
    def runs(asked: Asked) -> Any:
        """All runs of the workspace, the youngest first."""
        return asked.answer(workspace.runs(), RunInfo, name="runs")

    @of_a_run.get("/manifest", tags=["runs"])
    def manifest(run: Run = "") -> Manifest:
        """What a run was made with."""
        return workspace.results(run).manifest

    @of_a_run.get("/figures", tags=["results"], **listed(Figure))
    def figures(asked: Asked, run: Run = "") -> Any:
        """The headline figures."""
        return asked.answer(service.figures(workspace.results(run)), Figure, name="figures")

    @of_a_run.get("/prefectures", tags=["results"], **listed(PrefectureRecord))
    def prefectures(asked: Asked, run: Run = "") -> Any:
        """Indicators of the prefectures."""
        return asked.answer(workspace.results(run).prefectures, PrefectureRecord, name="prefectures")


def _add_inventory(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/inventory", tags=["inventory"], **listed(InventoryLine))
    def inventory(
        asked: Asked,
        year: str = "",
        sector: str = "",
        gas: str = "",
        category: Annotated[str, Query(description="Category, with all that are below it.")] = "",
        gwp: Annotated[str, Query(description="GWP set of the CO2-equivalents.")] = "AR5",
        region: Annotated[
            str, Query(description="Province (default), a prefecture, or what is left of the province.")
        ] = "",
        run: Run = "",
    ) -> Any:
        """Mass of each gas by category and year [kt], with CO2-equivalents under a GWP set. A notation key has no value."""
        results = workspace.results(run)
        lines = service.inventory(results, service.inventory_query(year, sector, gas, category, gwp, region=region))
        return asked.answer(lines, InventoryLine, name="inventory")

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

    @router.get("/totals", tags=["inventory"], **listed(TotalRecord))
    def totals(asked: Asked, run: Run = "") -> Any:
        """Totals by year with their 95 % interval."""
        return asked.answer(workspace.results(run).totals, TotalRecord, name="totals")

    @router.get("/sectors", tags=["inventory"], **listed(SectorRecord))
    def sectors(asked: Asked, run: Run = "") -> Any:
        """Emissions by sector and year."""
        return asked.answer(workspace.results(run).sectors, SectorRecord, name="sectors")

    @router.get("/reconciliation", tags=["inventory"], **listed(ReconciliationRecord))
    def reconciliation(asked: Asked, item: str = "", year: str = "", run: Run = "") -> Any:
        """This inventory beside a reference inventory; ``item`` is ``dimension:name``."""
        return asked.answer(service.reconciliation(workspace.results(run), item, year), ReconciliationRecord)


def _add_series(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/pathways", tags=["pathways"], **listed(Pathway))
    def pathways(asked: Asked, run: Run = "") -> Any:
        """Scenario series with IAMC names; files are in the wide IAMC layout, one column a year."""
        found = asked.answer(workspace.results(run).pathways, Pathway, name="pathways")
        # JSON knows dictionaries, not packed series
        return [replace(p, values=dict(p.values)) for p in found] if isinstance(found, list) else found

    @router.get("/fan", tags=["pathways"], **listed(FanRecord))
    def fan(asked: Asked, run: Run = "") -> Any:
        """Quantiles over the draws by year."""
        return asked.answer(workspace.results(run).fan, FanRecord)

    @router.get("/peaks", tags=["pathways"], **listed(PeakRecord))
    def peaks(asked: Asked, run: Run = "") -> Any:
        """Peak year and level of every scenario, and the probability of a peak by 2030."""
        return asked.answer(workspace.results(run).peaks, PeakRecord, name="peaks")

    @router.get("/levers", tags=["pathways"], **listed(LeverRecord))
    def levers(asked: Asked, run: Run = "") -> Any:
        """Levers with their range and their setting in each world."""
        return asked.answer(workspace.results(run).levers, LeverRecord, name="levers")


def _add_targets(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/scoreboard", tags=["targets"], **listed(TargetRecord))
    def scoreboard(
        asked: Asked,
        status: str = "",
        deadline: str = "",
        action: Annotated[str, Query(description="Action of the plan, for example A01.")] = "",
        run: Run = "",
    ) -> Any:
        """Where every target of the plan stands."""
        found = service.targets(workspace.results(run), status, deadline, action)
        return asked.answer(found, TargetRecord, name="targets")

    @router.get("/intensity", tags=["targets"], **listed(IntensityRecord))
    def intensity(asked: Asked, run: Run = "") -> Any:
        """Energy intensity by the official rule and from physical energy."""
        return asked.answer(workspace.results(run).intensity, IntensityRecord)


def _add_uncertainty(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/uncertainty", tags=["uncertainty"], **listed(UncertaintyRecord))
    def uncertainty(asked: Asked, scope: str = "without_land", run: Run = "") -> Any:
        """Approach 1 in the layout of IPCC table 3.2 (columns C to M), the total last."""
        return asked.answer(service.uncertainty(workspace.results(run), scope), UncertaintyRecord)

    @router.get("/key-categories", tags=["uncertainty"], **listed(KeyCategoryRecord))
    def key_categories(asked: Asked, scope: str = "without_land", list: str = "L1", run: Run = "") -> Any:
        """Key categories of a list: L1, T1 (approach 1), L2, T2 (weighted with uncertainty)."""
        return asked.answer(service.key_list(workspace.results(run), scope, list), KeyCategoryRecord)

    @router.get("/measure-next", tags=["uncertainty"], **listed(MeasureRecord))
    def measure_next(asked: Asked, run: Run = "") -> Any:
        """Measurements that narrow the interval of the total, the best first."""
        return asked.answer(service.measures(workspace.results(run)), MeasureRecord)


@dataclass(frozen=True, slots=True)
class LineageLine:
    """A node of the chain of a number, and how many steps it stands below the number."""

    depth: int
    id: str
    kind: str
    zh: str
    en: str
    value: float | str | None
    unit: str
    grade: str
    note_zh: str
    note_en: str
    url: str
    parents: tuple[str, ...]


def _add_lineage(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/lineage/{node_id:path}", tags=["lineage"], **listed(LineageLine))
    def lineage(node_id: str, asked: Asked, run: Run = "") -> Any:
        """The chain of a number, depth first: depth and node; a node met again is not unfolded again."""
        results = workspace.results(run)
        if node_id not in results.lineage.nodes:
            raise NotFoundError("portal.missing.number", node_id)
        lines = [LineageLine(depth, **asdict(node)) for depth, node in results.lineage.walk(node_id)]
        return asked.answer(lines, LineageLine, name="lineage")

    @router.get("/sources", tags=["lineage"], **listed(SourceRecord))
    def sources(
        asked: Asked,
        grade: str = "",
        q: Annotated[str, Query(description="Words in id, title or publisher.")] = "",
        used: Annotated[bool, Query(description="Only those on which results rest.")] = False,
        run: Run = "",
    ) -> Any:
        """Sources, and how many results rest on each."""
        return asked.answer(service.sources(workspace.results(run), grade, q, used), SourceRecord, name="sources")


def _add_charts(router: APIRouter, workspace: Workspace) -> None:
    @router.get("/charts", tags=["charts"])
    def charts() -> list[str]:
        """Names of the charts."""
        return list(service.CHARTS)

    @router.get(
        "/charts/{name}.{form}", tags=["charts"], response_class=Response, openapi_extra=texts(CHART_PARAMETERS)
    )
    def chart(
        request: Request,
        name: str,
        form: ChartForm,
        lang: Lang = "zh",
        run: Run = "",
        theme: ThemeAsked = "light",
    ) -> Response:
        """A chart card: ``json`` is a Vega-Lite specification with words, table and sources in ``usermeta.card``, ``csv`` its table.

        ``svg`` and ``png`` are pictures, ``pdf``, ``docx`` and ``xlsx`` documents of one chart. Parameters: scenario, indicator or
        inventory filters.
        """
        given = {k: v for k in CHART_PARAMETERS if (v := request.query_params.get(k, ""))}
        return chart_answer(request, service.chart(workspace.results(run), name, lang, given), form, theme)
