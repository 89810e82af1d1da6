"""Comparison of an inventory with an outside one, by sector and fuel, with the reasons of the difference."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tanlu.accounts.province.records import SECTORS, Inventory, InventoryRow, Status
from tanlu.accounts.province.settings import load_settings
from tanlu.accounts.province.shape import check_entry
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import catalogue
from tanlu.core.provenance import Fact
from tanlu.core.province import Province, read_yaml

FILE: Final = "accounts/reconciliation.yaml"
_TOP: Final = {"reference": "text!", "total": "mapping!", "sectors": "mapping!", "fuels": "mapping!"}
_ENTRY: Final = {"items": "texts!", "reasons": "texts!"}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One item in one year: own and outside CO2 [kt], and codes of the reasons (catalogue ``recon.<code>``)."""

    year: int
    dimension: str
    item: str
    own: float
    reference: float
    reasons: tuple[str, ...]
    parents: tuple[str, ...]

    @property
    def id(self) -> str:
        """Identifier, the same in every run on the same data."""
        return f"recon:{self.year}:{self.dimension}:{self.item}"

    @property
    def difference(self) -> float:
        """Own less outside CO2 [kt]."""
        return self.own - self.reference


def load_reconciliation(province: Province) -> dict[str, Any] | None:
    """Read the reconciliation settings of a province; None if it has none.

    Raises
    ------
    DataError
        With every problem of the file: keys and kinds, series of the outside inventory, codes of reasons.
    """
    path = province.folder / Path(FILE)
    if not path.is_file():
        return None
    problems: list[Problem] = []
    data = read_yaml(path, province.folder, problems)
    if not problems and check_entry(data, _TOP, "", FILE, problems):
        _check_items(data, province, problems)
    if problems:
        raise DataError(problems)
    return dict(data)


def _check_items(data: dict[str, Any], province: Province, problems: list[Problem]) -> None:
    """Items are series of the outside inventory; sectors, fuels and reasons have a name in the catalogue."""
    variables = {v for v, _, _ in province.facts}
    known = {"sectors": SECTORS, "fuels": [k.partition(".")[2] for k in catalogue() if k.startswith("fuel.")]}
    codes = [k.partition(".")[2] for k in catalogue() if k.startswith("recon.")]

    def name(value: str, names: Sequence[str], where: str) -> None:
        if value not in names:
            details = {"refers_to": where, "some": ", ".join(names[:6])}
            problems.append(Problem("unknown_choice", FILE, field=where, value=value, details=details))

    entries = [("total", "total", data["total"], {"reasons": "texts!"})]
    for dimension in ("sectors", "fuels"):
        entries += [(dimension, f"{dimension}.{n}", entry, _ENTRY) for n, entry in data[dimension].items()]
        for item in data[dimension]:
            name(item, known[dimension], dimension)
    for dimension, label, entry, keys in entries:
        if not check_entry(entry, keys, label, FILE, problems):
            continue
        for code in entry["reasons"]:
            name(code, codes, f"{label}.reasons")
        wanted = [f"{data['reference']}|{dimension[:-1].capitalize()}|{item}" for item in entry.get("items", ())]
        problems += [Problem("missing_series", FILE, field=label, value=w) for w in wanted if w not in variables]


def _own(inventory: Inventory, year: int, where: Callable[[InventoryRow], bool]) -> tuple[float, bool, list[str]]:
    rows = [
        r for r in inventory.rows
        if r.year == year and r.gas == "CO2" and r.value is not None and r.status is not Status.MEMO and where(r)
    ]  # fmt: skip
    return sum(r.value or 0.0 for r in rows), any(r.status is Status.ESTIMATED for r in rows), [r.id for r in rows]


def _own_fuel(inventory: Inventory, year: int, fuel: str, reductants: set[str]) -> tuple[float, bool, list[str]]:
    if fuel == "process":
        # the carbon of reducing agents stands under the fuels already
        return _own(inventory, year, lambda r: r.category.startswith("2.") and r.category not in reductants)
    uses = [u for u in inventory.energy if u.year == year and u.fuel == fuel and u.co2 is not None]
    return sum(u.co2 or 0.0 for u in uses), any(u.status is Status.ESTIMATED for u in uses), [u.id for u in uses]


def reconcile(inventory: Inventory, province: Province) -> list[Comparison]:
    """Compare the CO2 of an inventory with the outside one that the province names.

    Parameters
    ----------
    inventory : Inventory
    province : Province

    Returns
    -------
    list of Comparison
        The total, every sector and every fuel in every year that both have; empty without reconciliation settings.
    """
    data = load_reconciliation(province)
    if data is None:
        return []
    prefix = data["reference"]
    reductants = {o.category for o in load_settings(province).outputs if o.taken_from}

    def outside(kind: str, items: list[str]) -> dict[int, list[Fact]]:
        years: dict[int, list[Fact]] = {}
        for item in items:
            for year, fact in province.series(
                f"{prefix}|{kind}|{item}" if item else f"{prefix}|{kind}", "kt CO2"
            ).items():
                years.setdefault(year, []).append(fact)
        return years

    result: list[Comparison] = []

    def add(
        dimension: str, item: str, facts: dict[int, list[Fact]], own: Callable[[int], tuple[float, bool, list[str]]]
    ) -> None:
        reasons = data["total"]["reasons"] if dimension == "total" else data[dimension + "s"][item]["reasons"]
        for year in (y for y in inventory.years if y in facts):
            value, estimated, parents = own(year)
            codes = (*reasons, "estimate") if estimated else tuple(reasons)
            reference = sum(f.value for f in facts[year])
            ids = (*parents, *(f.id for f in facts[year]))
            result.append(Comparison(year, dimension, item, value, reference, codes, ids))

    def own_sector(sector: str) -> Callable[[int], tuple[float, bool, list[str]]]:
        return lambda year: _own(inventory, year, lambda row: row.sector == sector)

    def own_fuel(fuel: str) -> Callable[[int], tuple[float, bool, list[str]]]:
        return lambda year: _own_fuel(inventory, year, fuel, reductants)

    add("total", "total", outside("Total", [""]), lambda y: _own(inventory, y, lambda r: r.sector != "land"))
    for sector, entry in data["sectors"].items():
        add("sector", sector, outside("Sector", entry["items"]), own_sector(sector))
    for fuel, entry in data["fuels"].items():
        add("fuel", fuel, outside("Fuel", entry["items"]), own_fuel(fuel))
    return sorted(result, key=lambda c: (c.dimension, c.item, c.year))
