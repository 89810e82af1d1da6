"""What a sector of the pathway model declares about itself; the sets of the model are made from these declarations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["supply", "demand", "waste"]
Population = Literal["total", "urban", "rural"]


@dataclass(frozen=True, slots=True)
class Sector:
    """A sector of the pathway model.

    Attributes
    ----------
    id : str
        Identifier; its names are the texts ``pathways.member.<id>`` of the message catalogue.
    variable : str
        IAMC variable of its energy CO2 after ``Emissions|CO2|``; parents in the IAMC tree are sums of their children.
    inventory : str
        Sector of the inventory from which its base year and history come.
    categories : tuple of str
        IPCC categories whose rows belong to it alone, with all below them.
    main : bool
        Whether it takes what no other sector takes of the inventory sector: so the parts always add up to the rows.
    carriers : tuple of str
        Final energy that it can have in the base year. A sector that shares an inventory sector has an ``inventory.share`` for each.
    population : {"total", "urban", "rural"}
        Whose number drives its services; the urban or rural share acts with ``urbanisation.exponent``.
    follows : tuple of str
        Fossil carriers whose final use elsewhere it follows (eq. 8), for the sectors that mine and refine them.
    floor_area : bool
        Whether its services go with floor area and degree days: buildings (eq. 4a).
    role : {"demand", "supply", "waste"}
        ``supply`` for electricity and heat, ``waste`` for fossil CO2 of waste treatment; all others have final energy.
    """

    id: str
    variable: str
    inventory: str
    categories: tuple[str, ...] = ()
    main: bool = False
    carriers: tuple[str, ...] = ()
    population: Population = "total"
    follows: tuple[str, ...] = ()
    floor_area: bool = False
    role: Role = "demand"

    def owns(self, category: str) -> bool:
        """Whether rows of an IPCC category belong to this sector alone."""
        return any(category == own or category.startswith(f"{own}.") for own in self.categories)
