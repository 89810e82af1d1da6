"""What a pathway brings besides carbon: direct jobs, and SO2, NOx and fine particles from burning fuels.

In: fuel by place, capacities built and in service, money invested. Out: arrays. No concentrations, no health, no indirect jobs.
"""

from tanlu.pathways.coeffects.combustion import combustion_emissions, controlled_factor
from tanlu.pathways.coeffects.declared import FUELS, JOB_GROUPS, POLLUTANTS, SUBSTANCES
from tanlu.pathways.coeffects.jobs import direct_jobs

__all__ = [
    "FUELS",
    "JOB_GROUPS",
    "POLLUTANTS",
    "SUBSTANCES",
    "combustion_emissions",
    "controlled_factor",
    "direct_jobs",
]
