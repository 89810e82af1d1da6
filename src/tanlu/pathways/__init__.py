"""Levers → sector services and stocks → energy, electricity and CO2 to 2060, with the chance of a peak.

In: an inventory, a province and its pathway folder (parameters, levers, worlds, growth). Out: arrays by draw, year and
sector; nine scenarios with fans and peaks; IAMC rows; lineage nodes. The engine is a pure function with a compiled
and a plain-numpy implementation.
It must not know targets, scores or pages, and no province or technology by name.
"""

from tanlu.pathways.baseline import Baseline, Check, baseline_from_inventory
from tanlu.pathways.build import engine_parameters
from tanlu.pathways.checks import AnchorCheck, anchor_checks, anchor_rows, calibration_rows
from tanlu.pathways.data import PathwayData, load_pathways
from tanlu.pathways.engine import Parameters, run, warm_up
from tanlu.pathways.iamc import iamc_rows
from tanlu.pathways.levers import Lever
from tanlu.pathways.lineage import fan_id, lineage_nodes, scenario_name
from tanlu.pathways.peak import PeakChance, PeakTest, mann_kendall, peak_test, sen_slope
from tanlu.pathways.scenarios import QUANTILES, Fan, Scenario, ScenarioSet, run_scenario, scenario_runs
from tanlu.pathways.tables import Result

__all__ = [
    "QUANTILES",
    "AnchorCheck",
    "Baseline",
    "Check",
    "Fan",
    "Lever",
    "Parameters",
    "PathwayData",
    "PeakChance",
    "PeakTest",
    "Result",
    "Scenario",
    "ScenarioSet",
    "anchor_checks",
    "anchor_rows",
    "baseline_from_inventory",
    "calibration_rows",
    "engine_parameters",
    "fan_id",
    "iamc_rows",
    "lineage_nodes",
    "load_pathways",
    "mann_kendall",
    "peak_test",
    "run",
    "run_scenario",
    "scenario_name",
    "scenario_runs",
    "sen_slope",
    "warm_up",
]
