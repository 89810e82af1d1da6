"""Checks that hold meters against each other: main against sub-meters, days against the month, fuel, efficiency, stops."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tanlu.monitor.carriers import Carrier, carriers, carriers_by_number
from tanlu.monitor.period import Period, Scan
from tanlu.monitor.quality.meter_checks import finding, is_instrument
from tanlu.monitor.quality.rules import Finding, Rule
from tanlu.monitor.schema import DAY, HOUR

if TYPE_CHECKING:
    from tanlu.core.library import Library

_UNIFORM = np.sqrt(3.0)
"""A class bounds the error; as a rectangular distribution its standard deviation is the bound over √3 (GUM, 4.3.7)."""
RECEIVED = "#received"
"""Ending of the position of a monthly form with fuel received."""
STOCK = "#stock"
"""Ending of the position of a monthly form with the stock at its stamp."""


def main_and_subs(period: Period, known: float) -> Iterator[tuple[int, NDArray[np.int64], NDArray[np.bool_]]]:
    """Yield main meters (row), their sub-meters (rows) and the hours in which all are measured, where those are enough."""
    parents = period.columns["parent"]
    for number in np.unique(parents[parents >= 0]):
        if int(number) not in period.row:
            continue
        main = period.row[int(number)]
        subs = np.flatnonzero(parents == number)
        alive = subs[period.expected[subs] > 0]
        rows = np.append(alive, main)
        both = (np.isfinite(period.quantity[rows]) & (period.missing[rows] == 0)).all(axis=0)
        if both.mean() >= known:
            yield main, alive, both


def class_error(period: Period, rows: NDArray[Any], amounts: NDArray[Any]) -> float:
    """Return the standard deviation of a sum of amounts, from the classes of the meters [unit of the carrier]."""
    accuracy = period.columns["accuracy"][rows] / 100
    return float(np.sqrt(np.nansum((accuracy * amounts / _UNIFORM) ** 2)))


def balance(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Main meter less sub-meters: below nothing by more than twice the class error, or above a usual loss by as much."""
    loss, known = rule.parameters["loss"], rule.parameters["known"]
    for main, subs, both in main_and_subs(period, known):
        amounts = period.quantity[np.append(subs, main)][:, both].astype(float).sum(axis=1)
        total, parts = amounts[-1], amounts[:-1].sum()
        if total <= 0:
            continue
        error = 2 * class_error(period, np.append(subs, main), amounts) / total
        rest = 1 - parts / total
        if rest < -error or rest > loss + error:
            limit = -error if rest < 0 else loss + error
            yield finding(period, rule, main, rest * 100, limit * 100, count=len(subs))


def day_against_month(period: Period, scan: Scan, rule: Rule, forms: Mapping[int, float]) -> Iterator[Finding]:
    """Amounts of the instruments against the form of the month.

    Parameters
    ----------
    forms : mapping
        Amount of the period by row of monthly meters, in the unit of the carrier.
    """
    most, c = rule.parameters["most"], period.columns
    for row, stated in forms.items():
        place = period.registry.meters_by_number[int(period.meters[row])].place
        if place.endswith((RECEIVED, STOCK)) or stated <= 0:
            continue
        same = (
            (c["owner"] == c["owner"][row]) & (c["carrier"] == c["carrier"][row]) & c["counted"] & is_instrument(period)
        )
        if same.any():
            measured = float(np.nansum(period.quantity[same].astype(float)))
            if abs(measured / stated - 1) > most:
                yield finding(
                    period, rule, row, (measured / stated - 1) * 100, most * 100, measured=measured, stated=stated,
                    unit=carriers_by_number()[int(c["carrier"][row])].unit,
                )  # fmt: skip


def fuel_gap(received: float, opening: float, closing: float, burnt: float) -> float:
    """Return what was burnt by the meter over what receipts and stock leave, minus 1.

    received + opening − closing = burnt (GB/T 32151: net consumption of a fuel).
    """
    return burnt / (received + opening - closing) - 1


def fuel_balance(
    period: Period, scan: Scan, rule: Rule, forms: Mapping[int, float], stocks: Mapping[int, tuple[float, float]]
) -> Iterator[Finding]:
    """Fuel received, less what went to stock, against the meter of what was burnt.

    Parameters
    ----------
    forms : mapping
        Amount received in the period by row of monthly meters.
    stocks : mapping
        Stock at the begin and at the end of the period by row of monthly meters.
    """
    most, c = rule.parameters["most"], period.columns
    for row, received in forms.items():
        if not period.registry.meters_by_number[int(period.meters[row])].place.endswith(RECEIVED):
            continue
        same = (c["unit"] == c["unit"][row]) & (c["carrier"] == c["carrier"][row])
        stock = [stocks[r] for r in np.flatnonzero(same).tolist() if r in stocks]
        burnt = float(np.nansum(period.quantity[same & c["counted"] & is_instrument(period)].astype(float)))
        opening, closing = (sum(s[i] for s in stock) for i in (0, 1))
        if received + opening - closing > 0 and burnt > 0:
            gap = fuel_gap(received, opening, closing, burnt)
            if abs(gap) > most:
                yield finding(period, rule, row, gap * 100, most * 100, burnt=burnt, left=received + opening - closing,
                              unit=carriers_by_number()[int(c["carrier"][row])].unit)  # fmt: skip


def heat_of(carrier: Carrier, library: Library, factor_set: str) -> float | None:
    """Return the heat of one unit of a fuel [GJ], from the net calorific value of a factor set; None where the set has none."""
    from tanlu.core.units import conversion_factor

    factor = library.factors.get(f"{factor_set}.net_calorific_value.{carrier.subject}")
    if factor is None or factor.value is None:
        return None
    per = factor.unit.removeprefix("GJ/")
    return float(factor.value) / conversion_factor(per, carrier.unit)


def efficiency(period: Period, scan: Scan, rule: Rule, heat: Mapping[int, float]) -> Iterator[Finding]:
    """Heat of the fuels over output of a furnace, outside the interval that plants can have.

    Parameters
    ----------
    heat : mapping
        Heat of one unit by number of the carrier [GJ].
    """
    c = period.columns
    fuel = np.isin(c["carrier"], list(heat)) & c["counted"] & is_instrument(period)
    for name, (low, high) in rule.parameters.items():
        number = carriers()[name].number
        for row in np.flatnonzero((c["carrier"] == number) & is_instrument(period)).tolist():
            mine = np.flatnonzero(fuel & (c["owner"] == c["owner"][row]))
            if not len(mine):
                continue
            both = np.isfinite(period.quantity[np.append(mine, row)]).all(axis=0)
            output = float(period.quantity[row, both].astype(float).sum())
            burnt = sum(float(period.quantity[r, both].astype(float).sum()) * heat[int(c["carrier"][r])] for r in mine)
            if output <= 0 or both.mean() < 0.5:
                continue
            ratio = burnt / output
            if not low <= ratio <= high:
                limit = low if ratio < low else high
                yield finding(period, rule, int(row), ratio, limit, unit=f"GJ/{carriers()[name].unit}")


def stopped_but_burning(period: Period, scan: Scan, rule: Rule) -> Iterator[Finding]:
    """Hours in which a stack says that its source stands while fuel is burnt."""
    hours, share = rule.parameters["hours"], rule.parameters["share"]
    c = period.columns
    fuels = [x.number for x in carriers().values() if x.kind == "fuel"]
    for row in np.flatnonzero(scan.stopped.any(axis=1) & (c["counted"])).tolist():
        mine = np.flatnonzero(np.isin(c["carrier"], fuels) & (c["owner"] == c["owner"][row]))
        if not len(mine):
            continue
        burnt = np.nansum(period.quantity[mine].astype(float), axis=0)
        running = burnt[~scan.stopped[row]]
        usual = float(running.mean()) if len(running) else 0.0
        both = scan.stopped[row] & (burnt > share * usual) & (usual > 0)
        if both.sum() >= hours:
            where = np.flatnonzero(both)
            start, end = period.begin + int(where[0]) * HOUR, period.begin + (int(where[-1]) + 1) * HOUR
            yield finding(period, rule, int(row), int(both.sum()), hours, start, end)


def monthly_forms(period: Period, table: Any) -> tuple[dict[int, float], dict[int, tuple[float, float]]]:
    """Read the forms of a month out of its readings.

    Parameters
    ----------
    table : pyarrow.Table
        Readings of meters that are read less often than daily, from one step before the period to its end.

    Returns
    -------
    forms, stocks : dicts
        Amounts of the period, and stocks at its begin and end, by row.
    """
    forms: dict[int, float] = {}
    stocks: dict[int, tuple[float, float]] = {}
    c = period.columns
    rows = {number: row for number, row in period.row.items() if c["step"][row] > DAY}
    meter, ts, value = (table.column(name).to_numpy() for name in ("meter", "ts", "value"))
    for number, row in rows.items():
        mine = meter == number
        stamps, amounts = ts[mine], value[mine] * float(c["factor"][row])
        near = np.abs(stamps - period.end) <= DAY
        if not near.any():
            continue
        if period.registry.meters_by_number[number].place.endswith(STOCK):
            before = np.abs(stamps - period.begin) <= DAY
            if before.any():
                stocks[row] = (float(amounts[before][-1]), float(amounts[near][-1]))
        else:
            forms[row] = float(amounts[near][-1])
    return forms, stocks
