"""The tables of a PyPSA network, without PyPSA: components by list, series over snapshots, weightings.

The format is that of `pypsa.Network.export_to_csv_folder` and `export_to_netcdf` of PyPSA 1: one table a list of components with the
attributes that differ from their defaults, and one a list and attribute that varies over the snapshots.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from tanlu.energy.problem import Floats

Cell = str | float | bool
"""A value of a table: text, a number, or true and false."""
WEIGHTINGS: Final = ("objective", "stores", "generators")
"""Weightings of snapshots: in the objective, in the content of stores, in limits over all snapshots."""
DEFAULTS: Final[Mapping[str, Cell]] = {
    "carrier": "", "p_nom": 0.0, "p_nom_extendable": False, "p_nom_min": 0.0, "p_nom_max": np.inf, "p_min_pu": 0.0, "p_max_pu": 1.0,
    "e_nom": 0.0, "e_nom_extendable": False, "e_nom_min": 0.0, "e_nom_max": np.inf, "e_min_pu": 0.0, "e_max_pu": 1.0, "e_initial": 0.0,
    "e_cyclic": False, "s_nom": 0.0, "s_nom_extendable": False, "s_nom_min": 0.0, "s_nom_max": np.inf, "s_max_pu": 1.0,
    "marginal_cost": 0.0, "capital_cost": 0.0, "efficiency": 1.0, "sign": 1.0, "active": True, "lifetime": np.inf, "build_year": 0.0,
    "e_sum_min": -np.inf, "e_sum_max": np.inf, "committable": False, "start_up_cost": 0.0, "min_up_time": 0.0, "min_down_time": 0.0,
    "ramp_limit_up": np.nan, "ramp_limit_down": np.nan, "p_set": 0.0, "inflow": 0.0, "max_hours": 1.0, "efficiency_store": 1.0,
    "efficiency_dispatch": 1.0, "standing_loss": 0.0, "state_of_charge_initial": 0.0, "cyclic_state_of_charge": False,
    "co2_emissions": 0.0, "type": "primary_energy", "carrier_attribute": "co2_emissions", "sense": "==", "constant": 0.0,
    "investment_period": np.nan, "x": 0.0, "y": 0.0, "cyclic_state_of_charge_per_period": False, "e_cyclic_per_period": False,
    "discount_rate": np.nan, "overnight_cost": np.nan, "fom_cost": 0.0,
}  # fmt: skip
"""Values of attributes where a table does not say; of a storage unit, `p_min_pu` is −1."""


@dataclass
class Network:
    """Tables of a network.

    Parameters
    ----------
    name : str
        Its name.
    snapshots : list of str
        Labels of the time steps.
    weightings : mapping of str to (H,) array
        Hours that each stands for, by `WEIGHTINGS`.
    periods : mapping of int to mapping
        Investment periods with their weightings ``objective`` and ``years``; empty where there is one period.
    static : mapping
        Attributes by list of components (``generators``), name and attribute.
    series : mapping
        Values over snapshots, of every period one after the other, by list, attribute and name, (P·H,).
    """

    name: str
    snapshots: list[str]
    weightings: dict[str, Floats]
    periods: dict[int, dict[str, float]] = field(default_factory=dict)
    static: dict[str, dict[str, dict[str, Cell]]] = field(default_factory=dict)
    series: dict[str, dict[str, dict[str, Floats]]] = field(default_factory=dict)

    def add(self, kind: str, name: str, **attributes: Cell | Floats) -> None:
        """Add a component; an array becomes a series, a number that is the default is left out."""
        row = self.static.setdefault(kind, {}).setdefault(name, {})
        for attribute, value in attributes.items():
            if isinstance(value, np.ndarray):
                if np.all(value == value[0]):
                    value = float(value[0])
                else:
                    self.series.setdefault(kind, {}).setdefault(attribute, {})[name] = value
                    continue
            if value != DEFAULTS.get(attribute) or (kind, attribute) == ("storage_units", "p_min_pu"):
                row[attribute] = value

    def names(self, kind: str) -> Iterator[str]:
        """Yield the components of a list."""
        yield from self.static.get(kind, {})

    def get(self, kind: str, name: str, attribute: str, default: Cell | None = None) -> Cell:
        """Return an attribute that does not vary, its default where the table does not say."""
        fallback = DEFAULTS[attribute] if default is None else default
        return self.static[kind][name].get(attribute, fallback)

    def number(self, kind: str, name: str, attribute: str, default: float | None = None) -> float:
        """Return an attribute that is a number."""
        return float(self.get(kind, name, attribute, default))

    def text(self, kind: str, name: str, attribute: str) -> str:
        """Return an attribute that is text."""
        return str(self.get(kind, name, attribute, ""))

    def flag(self, kind: str, name: str, attribute: str) -> bool:
        """Return an attribute that is true or false."""
        value = self.get(kind, name, attribute)
        return value.strip().lower() in {"true", "1", "1.0"} if isinstance(value, str) else bool(value)

    def varying(self, kind: str, name: str, attribute: str, default: float | None = None) -> float | Floats:
        """Return a series where there is one, else the number."""
        found = self.series.get(kind, {}).get(attribute, {}).get(name)
        return self.number(kind, name, attribute, default) if found is None else found
