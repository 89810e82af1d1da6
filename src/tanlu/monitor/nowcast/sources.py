"""What the account takes from elsewhere: the last inventory of the province, and what the meters of the ledger measured."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.monitor.carriers import carriers_by_number
from tanlu.monitor.factors import DIRECT, FactorBook
from tanlu.monitor.meter_table import STACK_BITS
from tanlu.monitor.nowcast.account import LEAST_DAYS, Inventory, Metered
from tanlu.monitor.nowcast.proxies import ProxyData, index_of
from tanlu.monitor.schema import HOUR, UnitKind, day_of

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.core.province import Province
    from tanlu.monitor.ledger import Ledger

_Z95: Final = 1.959964
_EPOCH: Final = datetime.date(1970, 1, 1)
CALIBRATION_DAYS: Final = 28
"""Metered days, the first ones of a sector, from which the base year of its metered plants is derived."""


def last_inventory(province: Province) -> Inventory:
    """Return the CO2 of the last inventory year by sector, sinks of land left out, with the errors of its intervals."""
    from tanlu.accounts import build_inventory
    from tanlu.accounts.province.totals import scope_totals, sector_totals

    made = build_inventory(province)
    totals = sector_totals(made)
    year = max(t.year for t in totals)
    mine = {t.scope: t for t in totals if t.year == year and t.scope != "land" and t.value > 0}
    whole = next(t for t in scope_totals(made) if t.scope == "co2" and t.year == year)
    return Inventory(
        year,
        {name: t.value for name, t in mine.items()},
        {name: (t.high - t.low) / 2 / _Z95 / t.value for name, t in mine.items()},
        (whole.high - whole.low) / 2 / _Z95 / whole.value,
    )


def metered_sectors(
    ledger: Ledger, region: str, first: int, last: int, book: FactorBook, data: ProxyData, base_year: int, known_on: datetime.date
) -> dict[str, Metered]:  # fmt: skip
    """Return the direct CO2 that meters of enterprises measured, by sector and day.

    Where the CO2 of a fuel is measured at a stack, the stack counts and the fuel does not. Biogenic carbon is left out.

    Parameters
    ----------
    ledger : Ledger
    region : str
    first, last : int
        Days, by number.
    book : FactorBook
    data : ProxyData
    base_year : int
    known_on : date
    """
    from tanlu.monitor.facts import Facts

    days = ledger.days()
    if not days:
        return {}
    # the first metered days of all tell what the plants emitted in the base year
    begin = min(days[0] + 1, first)
    table = Facts(ledger).unit_days(region, begin, last, level=UnitKind.ENTERPRISE)
    daily = daily_co2(ledger, table, begin, last, book)
    found = {}
    for sector, (values, estimated) in daily.items():
        base, error = _base_year(values, sector, begin, data, base_year, known_on)
        share = np.divide(estimated, values, out=np.zeros_like(values), where=values > 0)
        found[sector] = Metered(values[first - begin :], share[first - begin :], base, error)
    return found


def daily_co2(
    ledger: Ledger, table: pa.Table, first: int, last: int, book: FactorBook
) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return CO2 and its estimated part [kt] by sector and day from the daily facts of enterprises; nan on days without any."""
    registry = ledger.registry
    units = table.column("unit").to_numpy()
    quantity, guessed, counts = co2_of(table, book, {n: u.id for n, u in registry.units_by_number.items()})
    day = table.column("day").to_numpy() - first
    found: dict[str, tuple[np.ndarray, np.ndarray]] = {}
    sectors = {int(u): registry.units_by_number[int(u)].sector for u in np.unique(units)}
    names = np.array([sectors[int(u)] for u in units], dtype=object)
    for sector in sorted({s for s in sectors.values() if s}):
        mine = (names == sector) & counts
        length = last - first + 1
        values, part, seen = (
            np.bincount(day[mine], weights=w[mine], minlength=length) for w in (quantity, guessed, np.ones(len(day)))
        )
        found[sector] = (np.where(seen > 0, values, np.nan), part)
    return found


def co2_of(table: pa.Table, book: FactorBook, units: Mapping[int, str]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the direct CO2 of each row of facts of units [kt], its estimated part, and whether the row counts at all.

    Parameters
    ----------
    table : pyarrow.Table
        Daily facts, or hourly ones.
    book : FactorBook
        Factors by day, with those of single enterprises.
    units : mapping
        Ids of units by number, for factors of their own; of tables without the column ``unit`` none is asked for.
    """
    names = table.schema.names
    days = (
        table.column("day").to_numpy() if "day" in names else np.asarray(day_of(table.column("hour").to_numpy() + HOUR))
    )
    carrier = table.column("carrier").to_numpy()
    unit = table.column("unit").to_numpy() if "unit" in names else np.zeros(len(carrier), dtype=np.int32)
    own = {n for n, name in units.items() if name in set(book.units())}
    factor = np.zeros(len(carrier))
    if len(days):
        edges = np.array([*book.edges(int(days.min()), int(days.max())), int(days.max()) + 1])
        part = np.searchsorted(edges, days, side="right") - 1
        special = np.where(np.isin(unit, list(own)), unit, 0)
        keys, where = np.unique(np.stack([part, carrier, special]), axis=1, return_inverse=True)
        rates = [
            _kilograms(book, int(edges[p]), int(c), units.get(int(u), "") if u else "") for p, c, u in keys.T.tolist()
        ]
        factor = np.array(rates)[where.ravel()] / 1e6
    fuel = np.isin(carrier, [n for n, c in carriers_by_number().items() if c.kind == "fuel"])
    factor = np.where(fuel & ((table.column("stack").to_numpy() & STACK_BITS["CO2"]) > 0), 0.0, factor)
    quantity = np.nan_to_num(table.column("quantity").to_numpy(zero_copy_only=False))
    return quantity * factor, table.column("estimated").to_numpy() * factor, factor > 0


def _kilograms(book: FactorBook, day: int, carrier: int, unit: str) -> float:
    """Return the direct fossil CO2 of one unit of a carrier [kg]."""
    rate = book.rates(carrier, day, unit).get(("CO2", DIRECT))
    return 0.0 if rate is None else rate.kg


def _base_year(
    values: np.ndarray, sector: str, first: int, data: ProxyData, base_year: int, known_on: datetime.date
) -> tuple[float | None, float]:
    """Return what the metered plants emitted in the base year, from their first metered days and the proxy, and its relative error.

    None where these days are few. The error is that of a month of the proxy: the days lie in one or two months.
    """
    days = [_EPOCH + datetime.timedelta(days=first + n) for n in range(len(values))]
    chosen = np.flatnonzero(np.isfinite(values))[:CALIBRATION_DAYS]
    if len(chosen) < LEAST_DAYS:
        return None, 0.0
    index = index_of(data, sector, [days[n] for n in chosen], base_year, known_on)
    length = (datetime.date(base_year + 1, 1, 1) - datetime.date(base_year, 1, 1)).days
    return length * float(values[chosen].sum()) / float(index.values.sum()), index.month_error
