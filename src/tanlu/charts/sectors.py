"""Sectors of the results, the groups in which charts show them, and their names in the IAMC format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

GROUPS: Final[dict[str, tuple[str, ...]]] = {
    "power": ("power",),
    "steel": ("steel",),
    "cement": ("cement",),
    "chemicals": ("chemicals",),
    "other_industry": ("other_industry", "nonferrous", "energy_industry"),
    "transport": ("transport",),
    "buildings": ("residential", "services"),
    "agriculture": ("agriculture", "waste"),
}
"""Stacking order of the chart groups, and the sectors in each. Land is not a part of the stack: removals are shown apart."""


_ENERGY: Final = "Emissions|CO2|Energy|"
_PROCESS: Final = "Emissions|CO2|Industrial Processes|"
SECTOR_VARIABLES: Final[dict[str, tuple[str, ...]]] = {
    "power": (_ENERGY + "Supply|Electricity", _ENERGY + "Supply|Heat"),
    "energy_industry": (_ENERGY + "Supply|Other",),
    "steel": (_ENERGY + "Demand|Industry|Steel", _PROCESS + "Steel"),
    "cement": (_ENERGY + "Demand|Industry|Non-Metallic Minerals", _PROCESS + "Non-Metallic Minerals"),
    "nonferrous": (_ENERGY + "Demand|Industry|Non-Ferrous Metals", _PROCESS + "Non-Ferrous Metals"),
    "chemicals": (_ENERGY + "Demand|Industry|Chemicals", _PROCESS + "Chemicals"),
    "other_industry": (_ENERGY + "Demand|Industry|Other", _PROCESS + "Other"),
    "transport": (_ENERGY + "Demand|Transportation",),
    "residential": (_ENERGY + "Demand|Residential",),
    "services": (_ENERGY + "Demand|Commercial",),
    "agriculture": (_ENERGY + "Demand|AFOFI",),
    "waste": ("Emissions|CO2|Waste",),
}
"""IAMC variables whose sum is the scope 1 CO2 of a sector: fuel burnt and process; one that a run does not have counts as absent."""

_BY_CATEGORY: Final = (
    ("1.A.1.a", "power"), ("1.A.1", "energy_industry"), ("1.A.2.a", "steel"), ("1.A.2.b", "nonferrous"), ("1.A.2.c", "chemicals"),
    ("1.A.2.f", "cement"), ("1.A.2", "other_industry"), ("1.A.3", "transport"), ("1.A.4.a", "services"), ("1.A.4.b", "residential"),
    ("1.A.4.c", "agriculture"), ("1.B", "energy_industry"), ("2.A", "cement"), ("2.B", "chemicals"), ("2.C.1", "steel"),
    ("2.C.2", "steel"), ("2.C", "nonferrous"), ("2", "other_industry"), ("3.B", "land"), ("3.D.1", "land"), ("3", "agriculture"),
    ("4", "waste"),
)  # fmt: skip
"""Sector of an IPCC 2006 category, most specific first."""


def sector_of_category(category: str, known: Mapping[str, str]) -> str:
    """Return the sector of an IPCC category.

    Parameters
    ----------
    category : str
    known : mapping
        Sectors of categories that the run itself states; they win over the IPCC structure.
    """
    if category in known:
        return known[category]
    found = (s for prefix, s in _BY_CATEGORY if category == prefix or category.startswith(prefix + "."))
    return next(found, "other_industry")
