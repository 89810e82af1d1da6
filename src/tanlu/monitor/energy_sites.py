"""What is registered of buildings and plants besides their meters: use, floor area, product; and the temperature outside, day by day.

Both are appended to the catalogue of the ledger: a later statement counts, an earlier one stays.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.core.schema import TableSchema
from tanlu.core.tables import Column, Table, read_table
from tanlu.monitor.carriers import carriers
from tanlu.monitor.desk import Desk, Workflow, now_us

if TYPE_CHECKING:
    from tanlu.monitor.catalog import Catalog
    from tanlu.monitor.registry import Registry

USES: Final = ("office", "school", "hospital", "hotel", "shop", "dwelling", "data_centre", "plant", "other")
"""Uses of a building or plant; peers have the same one."""
PRODUCTS: Final = ("product", "reference", "heat")
"""Kinds of carriers that can be the output of a plant."""
SITES: Final = TableSchema(
    "sites.csv",
    "Use, floor area and product of buildings and plants",
    (
        Column("unit", note="id of the enterprise in the registry"),
        Column("use", "choice", choices=USES, note="use; peers have the same one"),
        Column("area", "number", required=False, minimum=1, note="floor area [m2]"),
        Column("product", required=False, note="carrier of its output, where a meter counts it"),
        Column("source", note="where area and use were read"),
        Column("grade", "grade", note="A official, B peer-reviewed, C other, D assumption"),
    ),
    ("unit",),
)
TEMPERATURES: Final = TableSchema(
    "temperature.csv",
    "Mean outdoor temperature by day",
    (
        Column("region", note="id of a region of the ledger; it holds for what lies in it"),
        Column("date", note="YYYY-MM-DD"),
        Column("temperature", "number", minimum=-60, maximum=60, note="mean of the day [°C]"),
        Column("source", note="station or data set"),
        Column("grade", "grade", note="A official, B peer-reviewed, C other, D assumption"),
    ),
    ("region", "date"),
)
_NO_STEPS: Final = Workflow("registered", {}, {})


@dataclass(frozen=True, slots=True)
class Site:
    """A building or plant.

    Parameters
    ----------
    unit : str
        Id in the registry.
    use : str
        One of `USES`.
    area : float or None
        Floor area [m²].
    product : str
        Carrier of its output; may be empty.
    source, grade : str
    """

    unit: str
    use: str
    area: float | None
    product: str
    source: str
    grade: str


@dataclass(frozen=True)
class Temperatures:
    """Mean outdoor temperature of a region by number of the civil day [°C]."""

    region: str
    days: Mapping[int, float]
    source: str
    grade: str


def read_sites(path: Path, registry: Registry) -> list[Site]:
    """Read a table of sites.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    table = read_table(path, SITES.columns, key=SITES.key, root=path.parent)
    problems, found = list(table.problems), []
    products = {n for n, c in carriers().items() if c.kind in PRODUCTS}
    rows: list[dict[str, Any]] = table.rows
    for row, line in zip(rows, table.lines, strict=True):
        problems += _unknown(table, line, "unit", row["unit"], registry.units)
        if row["product"]:
            problems += _unknown(table, line, "product", row["product"], products)
        if row["area"] is None and not row["product"]:
            problems.append(Problem("energy_site_bare", table.file, line, "area"))
        if not problems:
            site = Site(
                row["unit"], row["use"], row["area"], row["product"] or "", row["source"], _letter(row["grade"])
            )
            found.append(site)
    if problems:
        raise DataError(problems)
    return found


def read_temperatures(path: Path, registry: Registry) -> list[Temperatures]:
    """Read a table of temperatures, one record a region and month.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    table = read_table(path, TEMPERATURES.columns, key=TEMPERATURES.key, root=path.parent)
    problems = list(table.problems)
    months: dict[tuple[str, str, str, str], dict[int, float]] = {}
    rows: list[dict[str, Any]] = table.rows
    for row, line in zip(rows, table.lines, strict=True):
        problems += _unknown(table, line, "region", row["region"], registry.units)
        try:
            day = datetime.date.fromisoformat(row["date"])
        except ValueError:
            problems.append(Problem("energy_date", table.file, line, "date", row["date"]))
            continue
        key = (row["region"], f"{day:%Y-%m}", row["source"], _letter(row["grade"]))
        months.setdefault(key, {})[day.toordinal() - _EPOCH] = row["temperature"]
    if problems:
        raise DataError(problems)
    return [Temperatures(region, days, source, grade) for (region, _, source, grade), days in months.items()]


_EPOCH: Final = datetime.date(1970, 1, 1).toordinal()


def _letter(grade: Any) -> str:
    return str(getattr(grade, "value", grade))


def _unknown(table: Table, line: int, field: str, value: str, known: Collection[str]) -> list[Problem]:
    if value in known:
        return []
    details = {"refers_to": field, "some": ", ".join(sorted(known)[:5])}
    return [Problem("unknown_choice", table.file, line, field, value, details)]


def add_sites(catalog: Catalog, sites: Sequence[Site], at: int | None = None) -> int:
    """Keep sites that say something else than what is kept; return their number."""
    moment, before = now_us() if at is None else at, kept_sites(catalog)
    fresh = {f"{s.unit}:{moment}": asdict(s) for s in sites if before.get(s.unit) != s}
    Desk(catalog, "site", _NO_STEPS).add(fresh, moment)
    return len(fresh)


def kept_sites(catalog: Catalog) -> dict[str, Site]:
    """Return the sites as last stated, by unit."""
    return {i.record["unit"]: Site(**i.record) for i in Desk(catalog, "site", _NO_STEPS).items()}


def add_temperatures(catalog: Catalog, found: Sequence[Temperatures], at: int | None = None) -> int:
    """Keep temperatures that are not kept yet; return the number of days."""
    moment, before, fresh, count = now_us() if at is None else at, kept_temperatures(catalog), {}, 0
    for number, part in enumerate(found):
        known = before[part.region].days if part.region in before else {}
        days = {str(d): t for d, t in part.days.items() if known.get(d) != t}
        if days:
            count += len(days)
            record = {"region": part.region, "days": days, "source": part.source, "grade": part.grade}
            fresh[f"{part.region}:{min(part.days)}:{moment}:{number}"] = record
    Desk(catalog, "temperature", _NO_STEPS).add(fresh, moment)
    return count


def kept_temperatures(catalog: Catalog) -> dict[str, Temperatures]:
    """Return the temperatures as last stated, by region; source and weakest grade of all its days."""
    found: dict[str, Temperatures] = {}
    for item in Desk(catalog, "temperature", _NO_STEPS).items():
        r = item.record
        days = {int(d): float(t) for d, t in r["days"].items()}
        before = found.get(r["region"], Temperatures(r["region"], {}, r["source"], r["grade"]))
        sources = before.source if r["source"] in before.source.split("; ") else f"{before.source}; {r['source']}"
        grade = max(before.grade, r["grade"])
        found[r["region"]] = Temperatures(r["region"], {**before.days, **days}, sources, grade)
    return found


def temperatures_of(kept: Mapping[str, Temperatures], registry: Registry, unit: str) -> Temperatures | None:
    """Return the temperatures of the nearest region above a unit that has some."""
    chain = [unit, *(u.id for u in registry.ancestors(unit))]
    return next((kept[name] for name in chain if name in kept), None)
