"""Levers → sector services and stocks → energy, electricity and CO2 to 2060, with the chance of a peak.

In: an inventory, a province and its pathway folder (parameters, levers, worlds, growth). Out: arrays by draw, year and
sector; nine scenarios with fans and peaks; IAMC rows; lineage nodes. The engine is a pure function with a compiled
and a plain-numpy implementation.
It must not know targets, scores or pages, and no province or technology by name.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from tanlu.pathways.baseline import Baseline, Check, baseline_from_inventory
from tanlu.pathways.build import engine_parameters
from tanlu.pathways.checks import AnchorCheck, anchor_checks, anchor_rows, calibration_rows
from tanlu.pathways.data import PathwayData, load_pathways
from tanlu.pathways.engine import Parameters, run, warm_up
from tanlu.pathways.iamc import iamc_rows
from tanlu.pathways.levers import Lever
from tanlu.pathways.lineage import fan_id, lineage_nodes, scenario_name
from tanlu.pathways.peak import PeakChance, PeakTest, mann_kendall, peak_test, sen_slope, serial_factor
from tanlu.pathways.scenarios import QUANTILES, Fan, Scenario, ScenarioSet, run_scenario, scenario_runs
from tanlu.pathways.tables import Result

if TYPE_CHECKING:
    from tanlu.pathways.analysis.decay import first_order_decay as first_order_decay
    from tanlu.pathways.analysis.diffusion import bass as bass
    from tanlu.pathways.analysis.diffusion import bass_peak as bass_peak
    from tanlu.pathways.analysis.diffusion import bass_rate as bass_rate
    from tanlu.pathways.analysis.diffusion import logistic as logistic
    from tanlu.pathways.analysis.kaya import kaya as kaya
    from tanlu.pathways.analysis.kaya import kaya_factors as kaya_factors
    from tanlu.pathways.analysis.learning import learning_rate_of as learning_rate_of
    from tanlu.pathways.analysis.learning import wright_cost as wright_cost
    from tanlu.pathways.analysis.lmdi import lmdi as lmdi
    from tanlu.pathways.analysis.lmdi import lmdi_by_category as lmdi_by_category
    from tanlu.pathways.analysis.lmdi import lmdi_chain as lmdi_chain
    from tanlu.pathways.analysis.lmdi import logarithmic_mean as logarithmic_mean
    from tanlu.pathways.analysis.morris import morris_design as morris_design
    from tanlu.pathways.analysis.morris import morris_effects as morris_effects
    from tanlu.pathways.analysis.shapley import coalitions as coalitions
    from tanlu.pathways.analysis.shapley import shapley as shapley
    from tanlu.pathways.analysis.sobol import sobol_design as sobol_design
    from tanlu.pathways.analysis.sobol import sobol_indices as sobol_indices
    from tanlu.pathways.analysis.stirpat import Stirpat as Stirpat
    from tanlu.pathways.analysis.stirpat import stirpat as stirpat
    from tanlu.pathways.analysis.survival import weibull_scale as weibull_scale
    from tanlu.pathways.analysis.survival import weibull_survivors as weibull_survivors
    from tanlu.pathways.analysis.tapio import Decoupling as Decoupling
    from tanlu.pathways.analysis.tapio import tapio as tapio
    from tanlu.pathways.compare import Comparison as Comparison
    from tanlu.pathways.compare import compare_scenarios as compare_scenarios
    from tanlu.pathways.decomposition import Decomposition as Decomposition
    from tanlu.pathways.decomposition import decompose as decompose
    from tanlu.pathways.hindcast import Hindcast as Hindcast
    from tanlu.pathways.hindcast import hindcast_errors as hindcast_errors
    from tanlu.pathways.macc import abatement_curve as abatement_curve
    from tanlu.pathways.macc import least_cost as least_cost
    from tanlu.pathways.overlap import Overlap as Overlap
    from tanlu.pathways.overlap import overlap_groups as overlap_groups
    from tanlu.pathways.overlap import overlaps as overlaps
    from tanlu.pathways.portfolio import best_plan as best_plan
    from tanlu.pathways.portfolio import tail_mean as tail_mean
    from tanlu.pathways.readiness import chance_of_market as chance_of_market
    from tanlu.pathways.readiness import market_year as market_year
    from tanlu.pathways.readiness import time_to_market as time_to_market
    from tanlu.pathways.robust import regret as regret
    from tanlu.pathways.robust import robust_choice as robust_choice
    from tanlu.pathways.scenario_files import ScenarioFile as ScenarioFile
    from tanlu.pathways.scenario_files import Setting as Setting
    from tanlu.pathways.scenario_files import read_scenario as read_scenario
    from tanlu.pathways.scenario_files import write_scenario as write_scenario
    from tanlu.pathways.sensitivity import FanFunction as FanFunction
    from tanlu.pathways.sensitivity import LeverFunction as LeverFunction
    from tanlu.pathways.sensitivity import Sensitivity as Sensitivity
    from tanlu.pathways.sensitivity import sensitivity_of as sensitivity_of
    from tanlu.pathways.sensitivity import share_text as share_text
    from tanlu.pathways.sensitivity import variance_shares as variance_shares
    from tanlu.pathways.simulation import Model as Model
    from tanlu.pathways.simulation import Simulation as Simulation
    from tanlu.pathways.simulation import load_model as load_model
    from tanlu.pathways.simulation import simulate as simulate
    from tanlu.pathways.snapshots import Snapshot as Snapshot
    from tanlu.pathways.snapshots import history_snapshots as history_snapshots
    from tanlu.pathways.snapshots import run_snapshots as run_snapshots
    from tanlu.pathways.swings import parameter_swings as parameter_swings
    from tanlu.pathways.technologies import Assessment as Assessment
    from tanlu.pathways.technologies import Assessments as Assessments
    from tanlu.pathways.technology_file import load_technologies as load_technologies
    from tanlu.pathways.wedges import Wedges as Wedges
    from tanlu.pathways.wedges import wedges_between as wedges_between

_HOMES = {
    "analysis.decay": ("first_order_decay",),
    "analysis.diffusion": ("bass", "bass_peak", "bass_rate", "logistic"),
    "analysis.kaya": ("kaya", "kaya_factors"),
    "analysis.learning": ("learning_rate_of", "wright_cost"),
    "analysis.lmdi": ("lmdi", "lmdi_by_category", "lmdi_chain", "logarithmic_mean"),
    "analysis.morris": ("morris_design", "morris_effects"),
    "analysis.shapley": ("coalitions", "shapley"),
    "analysis.sobol": ("sobol_design", "sobol_indices"),
    "analysis.stirpat": ("Stirpat", "stirpat"),
    "analysis.survival": ("weibull_scale", "weibull_survivors"),
    "analysis.tapio": ("Decoupling", "tapio"),
    "compare": ("Comparison", "compare_scenarios"),
    "decomposition": ("Decomposition", "decompose"),
    "hindcast": ("Hindcast", "hindcast_errors"),
    "macc": ("abatement_curve", "least_cost"),
    "overlap": ("Overlap", "overlap_groups", "overlaps"),
    "portfolio": ("best_plan", "tail_mean"),
    "readiness": ("chance_of_market", "market_year", "time_to_market"),
    "robust": ("regret", "robust_choice"),
    "scenario_files": ("ScenarioFile", "Setting", "read_scenario", "write_scenario"),
    "sensitivity": ("FanFunction", "LeverFunction", "Sensitivity", "sensitivity_of", "share_text", "variance_shares"),
    "simulation": ("Model", "Simulation", "load_model", "simulate"),
    "snapshots": ("Snapshot", "history_snapshots", "run_snapshots"),
    "swings": ("parameter_swings",),
    "technologies": ("Assessment", "Assessments"),
    "technology_file": ("load_technologies",),
    "wedges": ("Wedges", "wedges_between"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "QUANTILES",
    "AnchorCheck",
    "Assessment",
    "Assessments",
    "Baseline",
    "Check",
    "Comparison",
    "Decomposition",
    "Decoupling",
    "Fan",
    "FanFunction",
    "Hindcast",
    "Lever",
    "LeverFunction",
    "Model",
    "Overlap",
    "Parameters",
    "PathwayData",
    "PeakChance",
    "PeakTest",
    "Result",
    "Scenario",
    "ScenarioFile",
    "ScenarioSet",
    "Sensitivity",
    "Setting",
    "Simulation",
    "Snapshot",
    "Stirpat",
    "Wedges",
    "abatement_curve",
    "anchor_checks",
    "anchor_rows",
    "baseline_from_inventory",
    "bass",
    "bass_peak",
    "bass_rate",
    "best_plan",
    "calibration_rows",
    "chance_of_market",
    "coalitions",
    "compare_scenarios",
    "decompose",
    "engine_parameters",
    "fan_id",
    "first_order_decay",
    "hindcast_errors",
    "history_snapshots",
    "iamc_rows",
    "kaya",
    "kaya_factors",
    "learning_rate_of",
    "least_cost",
    "lineage_nodes",
    "lmdi",
    "lmdi_by_category",
    "lmdi_chain",
    "load_model",
    "load_pathways",
    "load_technologies",
    "logarithmic_mean",
    "logistic",
    "mann_kendall",
    "market_year",
    "morris_design",
    "morris_effects",
    "overlap_groups",
    "overlaps",
    "parameter_swings",
    "peak_test",
    "read_scenario",
    "regret",
    "robust_choice",
    "run",
    "run_scenario",
    "run_snapshots",
    "scenario_name",
    "scenario_runs",
    "sen_slope",
    "sensitivity_of",
    "serial_factor",
    "shapley",
    "share_text",
    "simulate",
    "sobol_design",
    "sobol_indices",
    "stirpat",
    "tail_mean",
    "tapio",
    "time_to_market",
    "variance_shares",
    "warm_up",
    "wedges_between",
    "weibull_scale",
    "weibull_survivors",
    "wright_cost",
    "write_scenario",
]


def __getattr__(name: str) -> Any:
    """Import a method of analysis where it is first used: most programs need none of them."""
    if name not in _HOME_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME_OF[name]}"), name)
