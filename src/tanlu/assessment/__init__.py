"""Scores of the plan: every target with its value, status and chance, or why it cannot be measured.

In: the plan, the indicators of the province, measured values by year, forecasts of models. Out: the scoreboard, the intensities of energy
and CO2 by the official rule and by the physical number, and their lineage.
It must not know how a value was measured or a forecast computed.
"""

from tanlu.assessment.amounts import emissions, total_energy_use
from tanlu.assessment.indicators import Indicator, collect, load_indicators
from tanlu.assessment.intensity import (
    INTENSITY_COLUMNS,
    IntensityYear,
    carbon_intensity,
    cumulative_series,
    energy_intensity,
)
from tanlu.assessment.lineage import energy_nodes, intensity_nodes, score_nodes
from tanlu.assessment.province import Assessment, assess, inventory_totals
from tanlu.assessment.rule import Deduction, IntensityRule, load_rule
from tanlu.assessment.scoreboard import SCORE_COLUMNS, STATUSES, Score, scoreboard
from tanlu.assessment.series import Chance, Measured, Series, from_facts

__all__ = [
    "INTENSITY_COLUMNS",
    "SCORE_COLUMNS",
    "STATUSES",
    "Assessment",
    "Chance",
    "Deduction",
    "Indicator",
    "IntensityRule",
    "IntensityYear",
    "Measured",
    "Score",
    "Series",
    "assess",
    "carbon_intensity",
    "collect",
    "cumulative_series",
    "emissions",
    "energy_intensity",
    "energy_nodes",
    "from_facts",
    "intensity_nodes",
    "inventory_totals",
    "load_indicators",
    "load_rule",
    "score_nodes",
    "scoreboard",
    "total_energy_use",
]
