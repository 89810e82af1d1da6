"""The reference approach for a province: CO2 from the supply of fuels in the years with a balance, beside the sum of the sectors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tanlu.accounts.methods.reference_approach import EXPLAIN_ABOVE, reference_co2, reference_gap
from tanlu.accounts.province.energy_use import CarbonFactor, carbon_factor
from tanlu.accounts.province.reconcile import Comparison
from tanlu.accounts.province.records import Inventory
from tanlu.accounts.province.settings import load_settings
from tanlu.accounts.province.shape import check_entry
from tanlu.accounts.province.spec import Settings
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import catalogue
from tanlu.core.provenance import Fact
from tanlu.core.province import Province, read_yaml

FILE: Final = "accounts/reference_approach.yaml"
DIMENSION: Final = "approach"
TOTAL: Final = "all_fuels"
_KEYS: Final = {
    "supply": "text!", "production": "text!", "imports": "text", "exports": "text", "inflow": "text", "outflow": "text",
    "non_energy": "text", "groups": "mapping!",
}  # fmt: skip
FLOWS: Final = {"imports": 1, "exports": -1, "inflow": 1, "outflow": -1}
"""Rows of the balance beside production, with the sign that the balance gives them."""
GJ_PER_PJ: Final = 1e6


@dataclass(frozen=True, slots=True)
class Supply:
    """Rows of a balance that say where fuels come from; a balance writes what leaves as negative.

    Parameters
    ----------
    supply : str
        Total primary supply, which holds production, trade and the change of stocks.
    production, imports, exports, inflow, outflow : str
        Its parts; what they leave of the supply is the change of stocks.
    non_energy : str
        Use that stores carbon.
    groups : dict
        Fuels by group, in the names of the inventory settings.
    """

    supply: str
    production: str
    groups: dict[str, tuple[str, ...]]
    imports: str = ""
    exports: str = ""
    inflow: str = ""
    outflow: str = ""
    non_energy: str = ""


def load_supply(province: Province) -> Supply | None:
    """Read the settings of the reference approach of a province; None if it has none.

    Raises
    ------
    DataError
        With every problem of the file: keys and kinds, fuels that the inventory does not know, rows without a fact, names of groups.
    """
    if not (province.folder / Path(FILE)).is_file():
        return None
    problems: list[Problem] = []
    data = read_yaml(province.folder / Path(FILE), province.folder, problems)
    if not problems and check_entry(data, _KEYS, "", FILE, problems):
        problems += _reference_problems(data, province)
    if problems:
        raise DataError(problems)
    groups = {name: tuple(fuels) for name, fuels in data["groups"].items()}
    return Supply(**{**data, "groups": groups})


def _reference_problems(data: dict[str, object], province: Province) -> list[Problem]:
    rows = {v.rpartition("|")[0] for v in province.variables()}
    problems = [
        Problem("missing_series", FILE, field=key, value=str(data[key]))
        for key in _KEYS
        if key in data and key != "groups" and data[key] not in rows
    ]
    fuels, groups = load_settings(province).fuels, data["groups"]
    names = [k.partition(".")[2] for k in catalogue() if k.startswith(f"{DIMENSION}.")]
    for name, members in groups.items() if isinstance(groups, dict) else ():
        wrong = [] if name in names and name != TOTAL else [(str(name), names, "groups")]
        found = members if isinstance(members, list) else [members]
        wrong += [(str(m), list(fuels), "fuels") for m in found if m not in fuels]
        for value, known, where in wrong:
            details = {"refers_to": where, "some": ", ".join(known[:6])}
            problems.append(Problem("unknown_choice", FILE, field=f"groups.{name}", value=value, details=details))
    return problems


def reference_approach(inventory: Inventory, province: Province) -> list[Comparison]:
    """Compare the sum of the sectors with the CO2 that the supply of fuels implies, by group of fuels.

    Parameters
    ----------
    inventory : Inventory
    province : Province

    Returns
    -------
    list of Comparison
        Sectoral CO2 of fuels as own, that of the reference approach as reference [kt], in the years of complete balances; a gap of more
        than 5 % is marked. Empty without settings.

    Notes
    -----
    2006 IPCC Guidelines, volume 2, chapter 6. Secondary fuels count by their net inflow only: the carbon of what is made of coal in the
    province is in the coal.
    """
    spec = load_supply(province)
    if spec is None:
        return []
    settings = load_settings(province)
    found = []
    for year in (y for y in settings.complete_balances if y in inventory.years):
        parts = [_group(inventory, province, settings, spec, name, year) for name in spec.groups]
        total = Comparison(
            year, DIMENSION, TOTAL, sum(p.own for p in parts), sum(p.reference for p in parts), (),
            tuple(dict.fromkeys(i for p in parts for i in p.parents)),
        )  # fmt: skip
        found += [_marked(p) for p in (*parts, total)]
    return sorted(found, key=lambda c: (c.item, c.year))


def _marked(comparison: Comparison) -> Comparison:
    """Return a comparison with the reasons that a reader must know."""
    gap = float(reference_gap(comparison.reference, comparison.own)) if comparison.own else 0.0
    codes = ("supply", "gap") if abs(gap) > EXPLAIN_ABOVE else ("supply",)
    return Comparison(
        comparison.year,
        comparison.dimension,
        comparison.item,
        comparison.own,
        comparison.reference,
        codes,
        comparison.parents,
    )


def _group(
    inventory: Inventory, province: Province, settings: Settings, spec: Supply, name: str, year: int
) -> Comparison:
    """Return both approaches for a group of fuels in a year."""
    fuels = spec.groups[name]
    uses = [u for u in inventory.energy if u.year == year and u.fuel in fuels and u.co2 is not None]
    reference, parents = 0.0, [u.id for u in uses]
    for fuel in fuels:
        factor = carbon_factor(province, settings.fuels[fuel])
        if factor is not None:
            co2, facts = _of_supply(province, spec, settings.fuels[fuel].columns, factor, year)
            reference += co2
            parents += [*facts, *(f"factor:{f}" for f in factor.factors)]
    return Comparison(
        year, DIMENSION, name, sum(u.co2 or 0.0 for u in uses), reference, (), tuple(dict.fromkeys(parents))
    )


def _of_supply(
    province: Province, spec: Supply, columns: Iterable[str], factor: CarbonFactor, year: int
) -> tuple[float, list[str]]:
    """Return the CO2 of the supply of a fuel [kt] and the ids of its facts."""
    facts: list[str] = []

    def row(name: str) -> float:
        found = [_fact(province, f"{name}|{column}", year) for column in columns] if name else []
        facts.extend(f.id for f in found if f is not None)
        return sum(f.value for f in found if f is not None) * GJ_PER_PJ

    amounts = {key: sign * row(str(getattr(spec, key))) for key, sign in FLOWS.items()}
    production, supply = row(spec.production), row(spec.supply)
    net = production + sum(FLOWS[k] * v for k, v in amounts.items())
    # carbon content and oxidation are in the one factor [kt/PJ]; 12/44 turns it back into the carbon that is oxidised
    content = factor.value * 12 / 44 / 1e3
    stored = row(spec.non_energy) * content
    co2 = reference_co2(
        production, amounts["imports"], amounts["exports"], amounts["inflow"], amounts["outflow"], 0.0, net - supply, stored, 1.0,
        content, 1.0,
    )  # fmt: skip
    return float(co2) / 1000, facts


def _fact(province: Province, variable: str, year: int) -> Fact | None:
    return province.series(variable, "PJ").get(year)
