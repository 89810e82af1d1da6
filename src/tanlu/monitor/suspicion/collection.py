"""From the ledger to the series that the tests of suspicion take."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.monitor.carriers import carriers
from tanlu.monitor.factors import DIRECT, FactorBook
from tanlu.monitor.period import HOURS_A_DAY, Period, Scan
from tanlu.monitor.quality.balance_checks import class_error
from tanlu.monitor.quality.meter_checks import fallen_registers, is_instrument
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR, USABLE
from tanlu.monitor.suspicion.meter_tests import main_meter_tests, turned_back_test
from tanlu.monitor.suspicion.probability import Array
from tanlu.monitor.suspicion.stack_tests import (
    CROSS_SOURCE,
    StackSeries,
    Verdicts,
    all_stack_tests,
    balance_tests,
)

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.ledger import Ledger

GAS: Final = ("stack_co2_fraction", "stack_o2", "stack_flow")
_OUTPUTS: Final = ("product", "reference")
_SOUND: Final = 0.7
"""Share of the slots of an hour that must be measured for the hour to be held against another."""


@dataclass(frozen=True)
class Outcome:
    """Verdicts on subjects, and which enterprise and meters each subject is.

    Parameters
    ----------
    verdicts : Verdicts
    enterprise : array of int32, shape (n,)
        Number of the enterprise.
    meters : list of tuple of str
        Ids of the meters of each subject.
    """

    verdicts: Verdicts
    enterprise: NDArray[np.int32]
    meters: list[tuple[str, ...]]


def outcomes(ledger: Ledger, period: Period, scan: Scan, book: FactorBook) -> list[Outcome]:
    """Run all tests on a period.

    Parameters
    ----------
    ledger : Ledger
    period : Period
    scan : Scan
    book : FactorBook
        For the carbon of fuels, as on the first day.
    """
    sound = _sound(period)
    return [
        *_stacks(ledger, period, sound, book),
        *_electricity(period, sound),
        *_mains(period, sound),
        _registers(period, scan),
    ]


def _sound(period: Period) -> Array:
    """Return the amounts of hours that were measured, nan for the others; shape (m, hours)."""
    per_hour = np.maximum(HOUR / np.maximum(period.columns["step"], 1), 1)
    measured = period.good >= (_SOUND * per_hour)[:, None]
    return np.where(measured, period.quantity, np.float32(np.nan))


def at_positions(amounts: Array, positions: NDArray[np.int64]) -> Array:
    """Return the hours of each position, of whichever of its meters was there; nan where none was.

    Parameters
    ----------
    amounts : array, shape (meters, hours)
        nan where a meter does not measure.
    positions : array of int, shape (meters,)
        Meters of one position followed each other.

    Returns
    -------
    array, shape (positions, hours)
        In the order in which positions first stand there.
    """
    _, first, place = np.unique(positions, return_index=True, return_inverse=True)
    found = np.full((len(first), amounts.shape[1]), np.nan)
    for row, values in zip(np.argsort(np.argsort(first))[place].tolist(), amounts.astype(float), strict=True):
        found[row] = np.where(np.isfinite(found[row]), found[row], values)
    return found


@dataclass(frozen=True)
class _Furnace:
    """One stack: rows of its gas meters, mass, fuels, output; its enterprise, and what it is compared with."""

    gas: tuple[int, ...]
    mass: int
    fuels: tuple[int, ...]
    output: int
    enterprise: int
    peers: tuple[object, ...]


def _furnaces(period: Period) -> list[_Furnace]:
    """Return the stacks of which CO2, O2 and flow are reported, each of one meter."""
    c, registry = period.columns, period.registry
    by_number = registry.meters_by_number
    names = {x.number: x for x in carriers().values()}
    found = []
    gas_numbers = [carriers()[g].number for g in GAS]
    for owner in np.unique(c["owner"][c["carrier"] == gas_numbers[0]]).tolist():
        rows = np.flatnonzero((c["owner"] == owner) & is_instrument(period)).tolist()
        gas = [[r for r in rows if c["carrier"][r] == g] for g in gas_numbers]
        mass = [r for r in rows if names[int(c["carrier"][r])].id == "stack_co2"]
        if any(len(g) != 1 for g in gas) or len(mass) != 1:
            continue
        fuels = tuple(r for r in rows if names[int(c["carrier"][r])].kind == "fuel" and c["counted"][r])
        output = [
            r for r in rows if names[int(c["carrier"][r])].kind in _OUTPUTS and c["carrier"][r] not in gas_numbers
        ]
        account = registry.account_of(by_number[int(period.meters[mass[0]])].unit)
        kinds = tuple(sorted({int(c["carrier"][r]) for r in fuels}))
        made = int(c["carrier"][output[0]]) if output else -1
        found.append(
            _Furnace(
                tuple(g[0] for g in gas), mass[0], fuels, output[0] if output else -1, account.number,
                (account.sector, kinds, made, int(c["step"][mass[0]]), int(c["decimals"][gas[0][0]])),
            )
        )  # fmt: skip
    return found


def _stacks(ledger: Ledger, period: Period, sound: Array, book: FactorBook) -> list[Outcome]:
    """Test stacks, those of one step and number of digits together."""
    furnaces = _furnaces(period)
    found: list[Outcome] = []
    for kind in sorted({f.peers[3:] for f in furnaces}, key=str):
        mine = [f for f in furnaces if f.peers[3:] == kind]
        series = _series(ledger, period, sound, mine, book)
        enterprise = np.array([f.enterprise for f in mine], dtype=np.int32)
        meters = [tuple(_name(period, r) for r in (*f.gas, f.mass, *f.fuels)) for f in mine]
        found += [Outcome(v, enterprise, meters) for v in all_stack_tests(series)]
    return found


def _series(ledger: Ledger, period: Period, sound: Array, furnaces: list[_Furnace], book: FactorBook) -> StackSeries:
    step = int(period.columns["step"][furnaces[0].mass])
    rows = np.array([f.gas for f in furnaces])
    wanted = period.meters[rows.ravel()]
    table = ledger.readings(period.first, period.last, wanted.tolist())
    grid = slots_of(table, wanted, period.begin, period.days * DAY // step, step)
    grid *= np.abs(period.columns["factor"][rows.ravel()])[:, None]
    fraction, oxygen, flow = (grid[i::3] for i in range(3))
    co2 = {r: _carbon_dioxide(period, book, r) for f in furnaces for r in f.fuels}
    fuel = np.full((len(furnaces), sound.shape[1]), np.nan)
    output = np.full_like(fuel, np.nan)
    for n, furnace in enumerate(furnaces):
        if furnace.fuels and all(co2[r] is not None for r in furnace.fuels):
            rows_of = list(furnace.fuels)
            burnt = sound[rows_of] * np.array([co2[r] for r in rows_of], dtype=float)[:, None]
            fuel[n] = at_positions(burnt, period.columns["position"][rows_of]).sum(axis=0)
        if furnace.output >= 0:
            output[n] = sound[furnace.output]
    keys = {peers: number for number, peers in enumerate(sorted({f.peers for f in furnaces}, key=str))}
    group = np.array([keys[f.peers] for f in furnaces], dtype=np.int64)
    digits = int(period.columns["decimals"][furnaces[0].gas[0]])
    return StackSeries(group, fraction, oxygen, flow, fuel, output, digits, step)


def _carbon_dioxide(period: Period, book: FactorBook, row: int) -> float | None:
    """Return the direct CO2 of one unit of what a meter measures [kg]; None where the factors have none."""
    meter = period.registry.meters_by_number[int(period.meters[row])]
    account = period.registry.account_of(meter.unit)
    rate = book.rates(int(period.columns["carrier"][row]), period.first, account.id).get(("CO2", DIRECT))
    return None if rate is None else rate.kg


def slots_of(table: pa.Table, meters: NDArray[np.int32], begin: int, slots: int, step: int) -> Array:
    """Lay usable readings on the grid of slots.

    Parameters
    ----------
    table : pyarrow.Table
        Readings, any order of meters.
    meters : array of int32, shape (n,)
        Numbers of the meters, one row each.
    begin : int
        First second of the first slot.
    slots, step : int
        Number of slots and their length [s].

    Returns
    -------
    array, shape (n, slots)
        Whole numbers as sent; nan where there is none. A stamp counts for the slot whose end is nearest.
    """
    grid = np.full((len(meters), slots), np.nan)
    order = np.argsort(meters)
    meter, ts = table.column("meter").to_numpy(), table.column("ts").to_numpy()
    place = order[np.searchsorted(meters[order], meter).clip(0, max(len(meters) - 1, 0))]
    slot = (ts - begin + step // 2) // step - 1
    kept = (table.column("quality").to_numpy() <= USABLE) & (slot >= 0) & (slot < slots)
    grid[place[kept], slot[kept]] = table.column("value").to_numpy()[kept]
    return grid


def _electricity(period: Period, sound: Array) -> list[Outcome]:
    """Hold the electricity of an enterprise against its output, among peers of its trade."""
    c = period.columns
    names = {x.number: x for x in carriers().values()}
    electricity = carriers()["electricity"].number
    gas = {carriers()[g].number for g in GAS}
    made = np.array([names[int(n)].kind in _OUTPUTS and int(n) not in gas for n in c["carrier"]], dtype=bool)
    rows, keys = [], []
    for unit in np.unique(c["unit"][made & is_instrument(period)]).tolist():
        mine = (c["unit"] == unit) & is_instrument(period)
        mains = np.flatnonzero(mine & (c["carrier"] == electricity) & c["counted"])
        outputs = np.flatnonzero(mine & made)
        kinds = {int(k) for k in c["carrier"][outputs]}
        sector = period.registry.units_by_number[unit].sector
        if len(mains) and len(kinds) == 1:
            rows.append((unit, mains, outputs))
            keys.append((sector, kinds.pop()))
    if not rows:
        return []
    positions = period.columns["position"]
    bought, output = (np.stack([at_positions(sound[r[i]], positions[r[i]]).sum(axis=0) for r in rows]) for i in (1, 2))
    number = {key: place for place, key in enumerate(sorted(set(keys)))}
    group = np.array([number[k] for k in keys], dtype=np.int64)
    enterprise = np.array([r[0] for r in rows], dtype=np.int32)
    meters = [tuple(_name(period, x) for x in (*m, *o)) for _, m, o in rows]
    return [Outcome(v, enterprise, meters) for v in balance_tests(group, bought, output, "electricity")]


def _mains(period: Period, sound: Array) -> list[Outcome]:
    """Test main meters against their sub-meters, in the hours in which all were measured."""
    parents = period.columns["parent"]
    main_rows, main_days, sub_days, errors, meters = [], [], [], [], []
    for number in np.unique(parents[parents >= 0]).tolist():
        if number not in period.row:
            continue
        main = period.row[number]
        subs = np.flatnonzero((parents == number) & (period.expected > 0))
        rows = np.append(subs, main)
        values = at_positions(sound[rows], period.columns["position"][rows])
        both = np.isfinite(values).all(axis=0)
        days = np.where(both, values, 0.0).reshape(len(values), -1, HOURS_A_DAY).sum(axis=2)
        few = both.reshape(-1, HOURS_A_DAY).sum(axis=1) < HOURS_A_DAY // 2
        total = np.where(both & np.isfinite(sound[rows]), sound[rows], 0.0).astype(float).sum(axis=1)
        if total[-1] <= 0 or total[:-1].sum() <= 0:
            continue
        main_rows.append(main)
        main_days.append(np.where(few, np.nan, days[-1]))
        sub_days.append(np.where(few, np.nan, days[:-1].sum(axis=0)))
        errors.append(class_error(period, rows, total) / total[-1])
        meters.append(tuple(_name(period, r) for r in (main, *subs.tolist())))
    if not main_rows:
        return []
    enterprise = period.columns["unit"][main_rows].astype(np.int32)
    verdicts = main_meter_tests(np.stack(main_days), np.stack(sub_days), np.maximum(np.array(errors), 1e-4))
    return [Outcome(v, enterprise, meters) for v in verdicts]


def _registers(period: Period, scan: Scan) -> Outcome:
    """Test the counted registers, by what fell unexplained."""
    turned, _, _ = fallen_registers(period, scan)
    d, c = scan.drops, period.columns
    rows = np.flatnonzero(c["counted"] & (c["roll"] > 0) & (period.expected > 0))
    place = np.full(len(period.meters), -1)
    place[rows] = np.arange(len(rows))
    mine = turned[place[d["meter"][turned]] >= 0]
    at = place[d["meter"][mine]]
    falls = np.bincount(at, minlength=len(rows)).astype(np.int64)
    day = np.clip((d["ts"][mine] + CIVIL_OFFSET - 1) // DAY - period.first, 0, period.days - 1)
    lost = np.zeros((len(rows), period.days))
    np.add.at(lost, (at, day), (d["before"][mine] - d["after"][mine]) * np.abs(c["factor"][d["meter"][mine]]))
    verdicts = replace(turned_back_test(falls, lost, period.days), weight=CROSS_SOURCE)
    return Outcome(verdicts, c["unit"][rows].astype(np.int32), [(_name(period, r),) for r in rows.tolist()])


def _name(period: Period, row: int) -> str:
    return period.registry.meters_by_number[int(period.meters[row])].id
