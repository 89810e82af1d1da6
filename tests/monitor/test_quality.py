"""Rules of data quality against hand-made meters: each finds what is wrong and leaves alone what is right."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tanlu.core.library import load_library
from tanlu.core.messages import LANGUAGES
from tanlu.monitor.carriers import carriers
from tanlu.monitor.period import Period, Scan, Scanner
from tanlu.monitor.quality.assessment import find, score
from tanlu.monitor.quality.balance_checks import fuel_gap, heat_of
from tanlu.monitor.quality.meter_checks import fallen_registers
from tanlu.monitor.quality.rules import Finding, load_rules
from tanlu.monitor.registry import Meter, Registry, Unit
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR, MeterKind, Quality, UnitKind, readings_schema
from tanlu.monitor.wording import Amount

JULY_1 = 19_905
"""Number of 2024-07-01."""
DAYS = 31
UNITS = [
    Unit("land", 1, UnitKind.PROVINCE, "", "某省", "Land", "land"),
    Unit("plant", 2, UnitKind.ENTERPRISE, "land", "厂", "Plant", "land", "power"),
    Unit("furnace", 3, UnitKind.DEVICE, "plant", "炉", "Furnace", "land"),
]


def meter(number: int, carrier: str = "electricity", unit: str = "plant", **more: Any) -> Meter:
    fields = {"kind": MeterKind.REGISTER, "step": 900, "rating": 200.0, "accuracy": 0.5, "roll": 1e6, **more}
    return Meter(f"m{number}", number, unit, carrier, **fields)


class World:
    """Meters with hours and a scan that are all right; tests spoil them."""

    def __init__(self, *meters: Meter, days: int = DAYS, amount: float = 100.0) -> None:
        registry = Registry(UNITS, meters)
        numbers = np.array([m.number for m in meters], dtype=np.int32)
        shape = (len(meters), days * 24)
        rng = np.random.default_rng(1)
        quantity = (amount * rng.uniform(0.8, 1.2, shape)).astype(np.float32)
        slots = np.full(shape, 4, dtype=np.uint16)
        none = np.zeros(shape, dtype=np.uint16)
        self.period = Period(registry, JULY_1, JULY_1 + days - 1, numbers, quantity, slots, none.copy(), none.copy())
        m = len(meters)
        counts = [np.full(m, days * 96, dtype=np.int64), *(np.zeros(m, dtype=np.int64) for _ in range(5))]
        empty = {k: np.empty(0, dtype=np.int64) for k in ("meter", "ts", "before", "after")}
        self.scan = Scan(*counts, np.zeros(shape, dtype=bool), empty)
        self.forms: list[tuple[int, int, int]] = []

    def found(self, rule: str) -> list[Finding]:
        rows = sorted(self.forms)
        columns = [*(list(c) for c in zip(*rows, strict=True))] if rows else [[], [], []]
        zeros = [0] * len(rows)
        table = pa.Table.from_arrays(
            [pa.array(c, t) for c, t in zip([*columns, zeros, zeros, zeros], readings_schema().types, strict=True)],
            schema=readings_schema(),
        )
        findings = [f for f in find(self.period, self.scan, table, library()) if f.rule == rule]
        for f in findings:
            assert all(f.text(language) for language in LANGUAGES)
        return findings

    def drop(self, row: int, before: int, after: int) -> None:
        new = {"meter": row, "ts": self.period.begin + 900, "before": before, "after": after}
        drops = {k: np.append(v, new[k]) for k, v in self.scan.drops.items()}
        self.scan = replace(self.scan, drops=drops)


@cache
def library() -> Any:
    return load_library()


def test_what_is_right_is_left_alone() -> None:
    world = World(meter(1), meter(2, "stack_co2", "furnace", kind=MeterKind.RATE))
    assert all(not world.found(rule) for rule in load_rules().rules)


def test_every_rule_says_where_it_comes_from() -> None:
    rules = load_rules()
    for rule in rules.rules.values():
        assert rule.source in rules.sources and rule.grade in "ABCD" and rule.severity in rules.points
        assert (rule.grade == "D") == (rule.source == "tanlu-assumption")
        assert all(rule.name(language) and rule.action(language) for language in LANGUAGES)


def test_completeness_below_nine_of_ten() -> None:
    """2,976 readings are due in 31 days of 15 minutes; 2,678 are 89.99 %, 2,679 are 90.02 %."""
    world = World(meter(1), meter(2))
    world.scan.readings[:] = [2678, 2679]
    (one,) = world.found("completeness")
    assert one.meter == "m1" and one.seen == pytest.approx(89.99, abs=0.01) and one.limit == 90
    assert one.details == {"received": 2678, "due": 2976}


def test_a_meter_that_came_later_owes_only_what_came_after() -> None:
    begin = JULY_1 * DAY - CIVIL_OFFSET
    world = World(meter(1, valid_from=begin + 30 * DAY))
    world.scan.readings[:] = 96
    assert world.found("completeness") == []


def test_valid_days_of_a_stack_follow_45_minutes_20_hours_25_days() -> None:
    """Two slots of an hour are 30 minutes: not valid. Seven days with five such hours have 19 valid ones: 24 valid days stay."""
    world = World(meter(1, "stack_co2", "furnace", kind=MeterKind.RATE))
    for day in range(7):
        world.period.good[0, day * 24 : day * 24 + 5] = 2
    (one,) = world.found("stack_hours")
    assert (one.seen, one.limit, one.details["hours"]) == (24, 25, 35)
    world.period.good[0, :5] = 3
    assert world.found("stack_hours") == []


def test_declared_stops_are_not_lost_hours() -> None:
    world = World(meter(1, "stack_co2", "furnace", kind=MeterKind.RATE))
    world.period.good[0, : 10 * 24] = 0
    world.scan.stopped[0, : 10 * 24] = True
    assert world.found("stack_hours") == []


def test_an_hour_above_thirteen_tenths_of_the_rating() -> None:
    world = World(meter(1))
    world.period.quantity[0, [5, 7]] = 261.0
    (one,) = world.found("range")
    assert one.limit == 260 and one.details["hours"] == 2
    assert one.start == world.period.begin + 5 * HOUR and one.end == world.period.begin + 8 * HOUR


def test_a_meter_that_stands_while_its_parent_moves() -> None:
    world = World(meter(1), meter(2, parent="m1", counted=False))
    world.period.quantity[1, 100:124] = 0
    (one,) = world.found("stuck")
    assert one.meter == "m2" and one.seen == 24
    assert one.start == world.period.begin + 100 * HOUR and one.end == world.period.begin + 124 * HOUR
    world.period.quantity[0, 110:112] = 0
    assert world.found("stuck") == []


def test_a_clock_two_minutes_away() -> None:
    world = World(meter(1), meter(2))
    world.scan.offset[:] = [120, 30]
    world.scan.off_grid[:] = [2976, 10]
    (one,) = world.found("clock")
    assert one.meter == "m1" and one.seen == 120


def test_registers_that_roll_over_reset_and_are_turned_back_are_told_apart() -> None:
    """Rating 200 an hour; with a day of grace 1.3 × 200 × 25 = 6,500 units, 650,000 whole numbers of two decimals, pass between readings.

    From 999,990.00 to 3.00 (roll 1,000,000) 13 passed: roll-over. From 800,000.00 to 2.00: reset. From 800,000.00 to 799,500.00: neither.
    """
    world = World(meter(1))
    world.drop(0, 99_999_000, 300)
    world.drop(0, 80_000_000, 200)
    world.drop(0, 80_000_000, 79_950_000)
    turned, reset, rolled = fallen_registers(world.period, world.scan)
    assert (turned.tolist(), reset.tolist(), rolled.tolist()) == ([2], [1], [0])
    (fell,) = world.found("register_fell")
    assert fell.seen == pytest.approx(500.0) and fell.details["times"] == 1
    assert len(world.found("register_reset")) == 1


def test_sub_meters_that_see_more_than_the_main_meter() -> None:
    """Classes 0.5 and 1.0: twice the combined standard error of 100 and 2 × 52.5 is 2 √(0.289² + 2 × 0.303²) = 1.03 % of the main meter."""
    subs = {"parent": "m1", "counted": False, "accuracy": 1.0}
    world = World(meter(1), meter(2, **subs), meter(3, **subs))
    q = world.period.quantity
    q[0] = 100
    q[1] = q[2] = 50.4
    assert world.found("balance") == []
    q[1] = q[2] = 52.5
    (one,) = world.found("balance")
    assert one.seen == pytest.approx(-5.0, abs=0.01) and one.limit == pytest.approx(-1.03, abs=0.01)
    q[1] = q[2] = 40
    (one,) = world.found("balance")
    assert one.seen == pytest.approx(20, abs=0.01)


def test_days_that_do_not_add_to_the_form_of_the_month() -> None:
    """The form says 744 × 100 / 1.06; the difference of 6 % is above 5 %."""
    form = meter(2, kind=MeterKind.INTERVAL, step=31 * DAY, decimals=0, counted=False, rating=None, roll=None)
    world = World(meter(1), form)
    world.period.quantity[0] = 100
    world.forms = [(2, world.period.end, round(744 * 100 / 1.06))]
    (one,) = world.found("day_against_month")
    assert one.seen == pytest.approx(6.0, abs=0.01)
    world.forms = [(2, world.period.end, round(744 * 100 / 1.04))]
    assert world.found("day_against_month") == []


def test_fuel_received_less_stock_change_is_what_was_burnt() -> None:
    """Received 1,000 t, stock from 300 to 200 t: 1,100 t were burnt; a belt scale that says 1,000 t is 9.1 % short."""
    assert fuel_gap(1000, 300, 200, 1100) == pytest.approx(0.0)
    monthly = {
        "kind": MeterKind.INTERVAL,
        "step": 31 * DAY,
        "decimals": 0,
        "counted": False,
        "rating": None,
        "roll": None,
    }
    world = World(
        meter(1, "raw_coal", "furnace"),
        meter(2, "raw_coal", position="coal#received", **monthly),
        meter(3, "raw_coal", position="coal#stock", **monthly),
    )
    world.period.quantity[0] = 1000 / 744
    p = world.period
    world.forms = [(2, p.end, 1000), (3, p.begin, 300), (3, p.end, 200)]
    (one,) = world.found("fuel_balance")
    assert one.seen == pytest.approx(-9.09, abs=0.01)
    world.period.quantity[0] = 1090 / 744
    assert world.found("fuel_balance") == []


def test_a_power_plant_cannot_be_twice_as_good_as_carnot_allows() -> None:
    """1 t of coal of 19.57 GJ for 4 MWh is 4.9 GJ/MWh, an efficiency of 74 %: not plausible; for 2.2 MWh it is 8.9 GJ/MWh, 40 %."""
    coal = heat_of(carriers()["raw_coal"], library(), load_rules().calorific_set)
    gas = heat_of(carriers()["natural_gas"], library(), load_rules().calorific_set)
    assert coal == pytest.approx(19.57) and gas == pytest.approx(389.31e-4)
    world = World(meter(1, "raw_coal", "furnace"), meter(2, "electricity_output", "furnace", rating=1e6))
    world.period.quantity[0], world.period.quantity[1] = 100, 400
    (one,) = world.found("efficiency")
    assert one.seen == pytest.approx(19.57 / 4) and one.limit == 7.0
    world.period.quantity[1] = 220
    assert world.found("efficiency") == []


def test_a_stop_that_burns_coal() -> None:
    world = World(meter(1, "raw_coal", "furnace"), meter(2, "stack_co2", "furnace", kind=MeterKind.RATE))
    world.scan.stopped[1, 200:224] = True
    (one,) = world.found("stopped_but_burning")
    assert one.meter == "m2" and one.seen == 24
    world.period.quantity[0, 200:224] = 0
    assert world.found("stopped_but_burning") == []


def test_calibration_that_expired_in_the_period() -> None:
    """Calibrated on 2023-07-15 for 12 months: expired 16 days before the end of July 2024."""
    world = World(
        meter(1, calibrated_on=datetime.date(2023, 7, 15), calibration_months=12),
        meter(2, calibrated_on=datetime.date(2023, 9, 1), calibration_months=12),
    )
    (one,) = world.found("calibration")
    assert one.meter == "m1" and one.seen == 16 and one.details["due"] == "2024-07-15"


def test_much_that_is_estimated() -> None:
    world = World(meter(1))
    world.period.estimated[0, :100] = 4
    world.period.good[0, :100] = 0
    (one,) = world.found("estimated")
    assert one.seen == pytest.approx(100 / 744 * 100)


def test_repeated_readings_above_a_share() -> None:
    world = World(meter(1), meter(2))
    world.scan.repeated[:] = [30, 3]
    (one,) = world.found("repeated")
    assert one.meter == "m1" and one.details["count"] == 30


def test_a_score_loses_points_once_a_rule_and_meter() -> None:
    """Two resets of one meter and one of another lose 1 point each; completeness loses 15."""
    made = [Finding("register_reset", "plant", m, 0, 0, 1.0, 0.0, {}) for m in ("m1", "m1", "m2")]
    made.append(Finding("completeness", "plant", "m1", 0, 0, 1.0, 0.0, {}))
    assert score(made, ["plant", "other"], load_rules()) == {"plant": 83.0, "other": 100.0}


def scanned(rows: list[tuple[int, int, int, int]], meters: tuple[Meter, ...], days: int = 2) -> Scan:
    """Scan readings (number, seconds after the begin, value, quality), day by day."""
    world = World(*meters, days=days)
    scanner = Scanner(world.period)
    begin = world.period.begin
    for day in range(days):
        mine = sorted((m, begin + t, v, q) for m, t, v, q in rows if day * DAY < t <= (day + 1) * DAY)
        columns = [np.array([r[i] for r in mine], dtype=np.int64) for i in range(4)]
        scanner.take(*columns)
    return scanner.result()


def test_the_scan_follows_registers_and_stretches_over_midnight() -> None:
    slots = [(1, DAY - 1800 + n * 900, v, 0) for n, v in enumerate([5, 7, 7, 7, 4])]
    scan = scanned(slots, (meter(1),))
    assert scan.run.tolist() == [3] and scan.readings.tolist() == [5]
    assert [v.tolist() for v in scan.drops.values()][2:] == [[7], [4]]
    assert scan.run_end.tolist() == [JULY_1 * DAY - CIVIL_OFFSET + DAY + 900]


@pytest.mark.parametrize("size", [1, 2, 3, 7])
def test_a_day_may_come_in_parts(size: int) -> None:
    rng = np.random.default_rng(8)
    rows = [(m, 900 * t, int(v), 0) for m in (1, 2) for t, v in enumerate(rng.integers(0, 3, 40), 1)]
    meters = (meter(1), meter(2))
    world = World(*meters, days=1)
    scanner = Scanner(world.period)
    for begin in range(0, len(rows), size):
        part = np.array(rows[begin : begin + size], dtype=np.int64).T
        scanner.take(part[0], part[1] + world.period.begin, part[2], part[3])
    whole, parts = scanned(rows, meters, days=1), scanner.result()
    assert parts.run.tolist() == whole.run.tolist() and parts.run_end.tolist() == whole.run_end.tolist()
    assert {k: v.tolist() for k, v in parts.drops.items()} == {k: v.tolist() for k, v in whole.drops.items()}


def test_the_scan_passes_over_readings_that_are_no_data() -> None:
    rows = [(1, 900, 5, 0), (1, 1800, 0, int(Quality.CALIBRATION)), (1, 2700, 6, 0), (1, 3600, 0, int(Quality.STOPPED))]
    scan = scanned(rows, (meter(1),))
    assert len(scan.drops["ts"]) == 0 and scan.stopped[0].nonzero()[0].tolist() == [0]


def test_the_scan_measures_the_distance_from_the_grid() -> None:
    scan = scanned([(1, 910, 1, 0), (1, 1780, 2, 0), (1, 2700, 3, 0)], (meter(1),))
    assert (scan.off_grid.tolist(), scan.offset.tolist()) == ([2], [20])


def test_the_scan_equals_a_plain_loop() -> None:
    """A second implementation, reading by reading, on random readings of three meters."""
    rng = np.random.default_rng(4)
    meters = tuple(meter(n) for n in (1, 2, 5))
    rows = [
        (int(m), int(t), int(rng.integers(0, 4)), int(rng.choice([0, 0, 0, 4])))
        for m in (1, 2, 5)
        for t in np.sort(rng.choice(np.arange(1, 192), 120, replace=False)) * 900
    ]
    scan = scanned(rows, meters)
    for place, number in enumerate((1, 2, 5)):
        last, run, longest, drops = -1, 0, 0, 0
        for _, _, value, quality in sorted(r for r in rows if r[0] == number):
            if quality > Quality.ESTIMATED:
                continue
            drops += value < last
            run = run + 1 if value == last else 1
            longest, last = max(longest, run), value
        assert scan.run[place] == longest
        assert (scan.drops["meter"] == place).sum() == drops


def test_texts_of_all_rules_are_in_both_languages() -> None:
    from tanlu.core.messages import catalogue

    known: Mapping[str, Any] = catalogue()
    assert all(f"quality.found.{name}" in known for name in load_rules().rules)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [(1_234_567.8, ".4g", "1,234,568"), (1e6, ".4g", "1,000,000"), (0.01236, ".3g", "0.0124"),
     (12.3456, ".3g", "12.3"), (0.0, ".4g", "0"),
     (-2500000.0, ".6g", "-2,500,000"), (3.0, ".4g", "3"), (99.96, ".1f", "100.0")],
)  # fmt: skip
def test_numbers_in_sentences_are_never_powers_of_ten(value: float, spec: str, text: str) -> None:
    assert format(Amount(value), spec) == text
