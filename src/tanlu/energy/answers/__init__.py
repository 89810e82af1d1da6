"""What a solved system says: capacities, flows, prices, curtailment, adequacy, emissions and cost."""

from tanlu.energy.answers.adequacy import Adequacy, adequacy
from tanlu.energy.answers.balance import energy_balance, sankey
from tanlu.energy.answers.capacities import capacities
from tanlu.energy.answers.costs import costs
from tanlu.energy.answers.dispatch import curtailment, dispatch_series, prices
from tanlu.energy.answers.emissions import emissions, imported_emissions
from tanlu.energy.answers.frame import Frame

__all__ = [
    "Adequacy",
    "Frame",
    "adequacy",
    "capacities",
    "costs",
    "curtailment",
    "dispatch_series",
    "emissions",
    "energy_balance",
    "imported_emissions",
    "prices",
    "sankey",
]
