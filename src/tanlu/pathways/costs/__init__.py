"""What a pathway costs, by who bears it, in money of a stated price year.

In: capacities, energy and captured CO2 of a run, unit costs and prices. Out: investment, capital charge, operation, fuel and stranded value
by actor, and transfers apart. Partial costs: no effect on growth, no taxes, no cost of damage.
"""

from tanlu.pathways.costs.compare import average_abatement_cost, incremental_cost
from tanlu.pathways.costs.declared import ACTORS, COMPONENTS, PLANTS, ROUTES, TRANSFERS
from tanlu.pathways.costs.discounting import capital_recovery_factor, present_value

__all__ = [
    "ACTORS",
    "COMPONENTS",
    "PLANTS",
    "ROUTES",
    "TRANSFERS",
    "average_abatement_cost",
    "capital_recovery_factor",
    "incremental_cost",
    "present_value",
]
