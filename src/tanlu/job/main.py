"""The main job: inventory → pathways → targets → frozen results → report."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tanlu import __version__
from tanlu.accounts import Inventory
from tanlu.accounts.province.lineage import complete_parents, inventory_lineage
from tanlu.accounts.province.prefecture_lineage import add_prefectures
from tanlu.accounts.province.prefectures import PrefectureRow, prefecture_rows
from tanlu.accounts.province.reconcile import Comparison, reconcile
from tanlu.accounts.province.reference_check import reference_approach
from tanlu.accounts.province.totals import Total, scope_totals, sector_totals
from tanlu.assessment import Assessment, assess
from tanlu.assessment.intensity_chance import intensity_chance
from tanlu.assessment.target_outlooks import chances_of, outlooks, required_values
from tanlu.core.errors import Notice
from tanlu.core.lineage import Lineage
from tanlu.job import inventory_tables, pathway_tables
from tanlu.job.effects_step import scenario_effects, write_effects
from tanlu.job.energy_step import FOLDER, EnergyMode, EnergyStudy, energy_folder, read_study, solve_study, write_study
from tanlu.job.inventory_step import make_inventory
from tanlu.job.loading import Folder, load_folder
from tanlu.job.manifest import Manifest, new_run_id
from tanlu.job.progress import Advance
from tanlu.job.registry_step import RegistryCounts, registry_counts, write_counts
from tanlu.job.summary import Summary, summarise
from tanlu.job.tables import write_json
from tanlu.job.uncertainty_tables import UncertaintyTables, uncertainty_tables, write_uncertainty
from tanlu.job.wedge_table import scenario_wedges, wedge_nodes, write_wedges
from tanlu.pathways import ScenarioSet, baseline_from_inventory, lineage_nodes, scenario_runs
from tanlu.pathways.effects import Effects
from tanlu.pathways.effects.lineage import effect_nodes
from tanlu.pathways.wedges import Wedges
from tanlu.plan import Action, Technology, plan_node
from tanlu.workspace import Workspace, write_atomically

if TYPE_CHECKING:
    from tanlu.energy.system import System

PLAN_SOURCE_KEY: Final = "plan_source"
REPORT: Final = "report.html"


@dataclass(frozen=True, slots=True)
class RunResult:
    """What the main job leaves behind."""

    run_id: str
    workspace: Path
    summary: Summary
    manifest: Manifest
    notices: tuple[Notice, ...]
    energy: EnergyStudy | None = None

    def as_record(self) -> dict[str, Any]:
        """Return the result as plain data for ``--json``."""
        return {
            "run_id": self.run_id,
            "results": str(self.workspace / "results" / self.run_id),
            "report": str(self.workspace / "report.html"),
            "lines": self.summary.lines,
            "figures": self.summary.figures,
            "energy": None if self.energy is None else self.energy.brief(),
            "steps": self.manifest.as_record()["steps"],
        }


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a run computed, before it is written."""

    folder: Folder
    inventory: Inventory
    totals: tuple[Total, ...]
    comparisons: tuple[Comparison, ...]
    prefectures: tuple[PrefectureRow, ...]
    uncertainty: UncertaintyTables
    scenarios: ScenarioSet
    effects: dict[str, Effects]
    wedges: Wedges
    assessment: Assessment
    lineage: Lineage


def run_main_job(
    name: str,
    out: Path | None,
    seed: int,
    draws: int,
    advance: Advance,
    energy: EnergyMode = "none",
    certify: bool = False,
) -> RunResult:
    """Compute a province and freeze the results.

    Parameters
    ----------
    name : str
        Name of a province, or path of its folder.
    out : Path or None
        Workspace; None takes ``tanlu-<province>`` in the current folder.
    seed : int
        Of the draws; equal data and seed give the same bytes in every CSV file.
    draws : int
        A power of two.
    advance : callable
        Called with the name of each step as it begins.
    energy : {"none", "one-node", "all-nodes"}
        How the energy system of the province is solved with the demands of the reference pathway; a province without one goes on without.
    certify : bool
        Whether its capacities are run over every hour.

    Raises
    ------
    DataError
        With every problem of the province folder, before anything is written; or if the workspace cannot be used.
    """
    advance("data")
    manifest = Manifest("", datetime.now(UTC).isoformat(timespec="seconds"), "", seed, draws, __version__, "", "", "")
    with manifest.timed("data"):
        folder = load_folder(name)
        system = None if energy == "none" else read_study(folder.province.folder)
    path, province = out or Path(f"tanlu-{folder.province.id}"), folder.province.id
    Workspace.check(path, province)
    counts = registry_counts(path, folder)
    findings = _compute(folder, manifest, advance, counts)
    study, notices = _energy(folder, system, findings.scenarios, (energy, certify), manifest, advance)
    workspace = Workspace.create(path, province)
    _describe(manifest, folder, workspace)
    manifest.records = counts.known
    run = {"run_id": manifest.run_id, "seed": seed, "data_hash": manifest.data_hash}
    summary = summarise(
        folder.province, findings.inventory, findings.totals, findings.scenarios, findings.assessment, run
    )
    advance("results")
    with workspace.staging(manifest.run_id) as staging:
        with manifest.timed("results"):
            _write_tables(staging, findings)
            write_counts(staging, counts)
            write_json(staging / "summary.json", {"lines": summary.lines, "figures": summary.figures})
            if study is not None:
                write_study(study, findings.scenarios.reference, staging)
        # a run without a manifest is not a run, so that it comes last; the report is made from the frozen files
        write_json(staging / "manifest.json", manifest.as_record())
        advance("report")
        with manifest.timed("report"):
            report = _report(staging)
        (staging / REPORT).write_text(report, encoding="utf-8", newline="\n")
        write_json(staging / "manifest.json", manifest.as_record())
    write_atomically(workspace.path / REPORT, report)
    notices = (*folder.province.notices, *notices)
    return RunResult(manifest.run_id, workspace.path, summary, manifest, notices, study)


def _energy(
    folder: Folder,
    system: System | None,
    scenarios: ScenarioSet,
    how: tuple[EnergyMode, bool],
    manifest: Manifest,
    advance: Advance,
) -> tuple[EnergyStudy | None, tuple[Notice, ...]]:
    """Solve the energy system with the demands of the reference; what keeps the run from having one is a notice."""
    place, (mode, certify) = energy_folder(folder.province.folder), how
    if mode == "none":
        return None, ()
    if system is None or place is None:
        return None, (Notice("energy_no_folder", FOLDER, {"province": folder.province.id}),)
    advance("energy")
    with manifest.timed("energy"):
        found = solve_study(system, place, scenarios.reference, mode, certify)
    return (None, (found,)) if isinstance(found, Notice) else (found, found.notices)


def _describe(manifest: Manifest, folder: Folder, workspace: Workspace) -> None:
    province = folder.province
    manifest.province, manifest.data_hash = province.id, province.data_hash
    manifest.factor_set, manifest.gwp = str(province.settings["factor_set"]), str(province.settings["gwp"])
    manifest.run_id = new_run_id(province.data_hash, manifest.seed, workspace.runs())


def _compute(folder: Folder, manifest: Manifest, advance: Advance, counts: RegistryCounts) -> Findings:
    province = folder.province
    advance("inventory")
    with manifest.timed("inventory"):
        _, inventory = make_inventory(province)
        totals = (*sector_totals(inventory), *scope_totals(inventory))
        comparisons = (*reconcile(inventory, province), *reference_approach(inventory, province))
        lineage = inventory_lineage(inventory, totals, comparisons, province)
        prefectures = tuple(prefecture_rows(province, inventory))
        add_prefectures(lineage, prefectures, province)
        uncertainty = uncertainty_tables(inventory, province, lineage)
    advance("pathways")
    with manifest.timed("pathways"):
        baseline = baseline_from_inventory(inventory, province, folder.pathways.parameters)
        scenarios = scenario_runs(folder.pathways, baseline, manifest.seed, manifest.draws)
        wedges = scenario_wedges(scenarios)
        effects = scenario_effects(folder.effects, scenarios, inventory)
        for node in (*lineage_nodes(scenarios), *wedge_nodes(wedges)):
            lineage.add(node)
        for node in effect_nodes(folder.effects, effects, scenarios) if folder.effects else ():
            lineage.add(node)
    advance("assessment")
    with manifest.timed("assessment"):
        plan_source = str(province.settings[PLAN_SOURCE_KEY])
        assessment = _assess(folder, inventory, scenarios, plan_source, manifest.seed, counts)
        for node in (*counts.nodes, *assessment.nodes):
            lineage.add(node)
        _add_plan_records(lineage, folder, plan_source)
        complete_parents(lineage, province)
    return Findings(
        folder,
        inventory,
        totals,
        comparisons,
        prefectures,
        uncertainty,
        scenarios,
        effects,
        wedges,
        assessment,
        lineage,
    )


def _add_plan_records(lineage: Lineage, folder: Folder, plan_source: str) -> None:
    """Add the actions and technologies of the plan that targets and levers name."""
    for parent in sorted({p for _, p in lineage.missing() if p.startswith("plan:")}):
        record = folder.plan[parent.removeprefix("plan:")]
        if isinstance(record, Action | Technology):
            lineage.add(plan_node(record, plan_source))


def _assess(
    folder: Folder, inventory: Inventory, scenarios: ScenarioSet, plan_source: str, seed: int, counts: RegistryCounts
) -> Assessment:
    """Score the targets; the chance of the intensity needs the intensity first."""
    required = required_values(folder.plan, folder.indicators, folder.province)
    found = outlooks(scenarios.reference, scenarios.baseline, required)
    chances = chances_of(found, scenarios.reference.name, scenarios.baseline.base_year)
    first = assess(folder.province, folder.plan, inventory, chances, plan_source)
    target = folder.plan.targets_by_id[folder.rule.target]
    base_year = scenarios.baseline.base_year
    if target.deadline and isinstance(target.value, int | float):
        chance = intensity_chance(
            scenarios.reference, first.intensities, base_year, target.deadline, float(target.value), seed
        )
        if chance:
            chances[f"energy_intensity_{target.deadline}"] = chance
    return assess(folder.province, folder.plan, inventory, chances, plan_source, counts.measures)


def _write_tables(staging: Path, found: Findings) -> None:
    province, inventory = found.folder.province, found.inventory
    inventory_tables.write_inventory(staging, inventory)
    inventory_tables.write_energy(staging, inventory.region, inventory.energy)
    inventory_tables.write_totals(staging, found.totals)
    inventory_tables.write_reconciliation(staging, found.comparisons)
    inventory_tables.write_prefectures(staging, province, found.lineage)
    inventory_tables.write_prefecture_inventory(staging, found.prefectures)
    write_uncertainty(staging, found.uncertainty)
    region = f"China|{province.settings['en']}"
    pathway_tables.write_pathways(staging, found.scenarios, region, f"Tanlu {__version__}", found.effects)
    write_effects(staging, found.effects)
    pathway_tables.write_fans(staging, found.scenarios)
    pathway_tables.write_peaks(staging, found.scenarios)
    pathway_tables.write_levers(staging, found.scenarios)
    write_wedges(staging, found.wedges)
    pathway_tables.write_scoreboard(staging, found.assessment.scores, found.assessment.intensities)
    complete_parents(found.lineage, province)
    inventory_tables.write_sources(staging, province.sources.values(), found.lineage)
    write_json(staging / "lineage.json", {"nodes": found.lineage.as_records()})


def _report(run: Path) -> str:
    from tanlu.charts.results import Results
    from tanlu.reports import report_html

    return report_html(Results.load(run))
