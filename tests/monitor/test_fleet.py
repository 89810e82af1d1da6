"""The demonstration fleet: marked, the same for one seed, physically sound where it is honest, and its truth is true."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from tanlu.core.errors import DataError
from tanlu.monitor.fleet import Surroundings, design_fleet, simulate_days, write_fleet
from tanlu.monitor.fleet.design import CO2_DENSITY, Fleet
from tanlu.monitor.fleet.incidents import TAMPERING, Incident, IncidentKind
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, MeterKind, Quality

AROUND = Surroundings(
    ("p", "某省", "Some province"),
    (("p/a", "甲市", "A"), ("p/b", "乙市", "B")),
    temperature={month: 10.0 + 2 * month for month in range(1, 13)},
    emissions={"power": 50_000.0, "cement": 20_000.0},
)


def small(days: int = 3, *, incidents: bool = True, step: int = 900, meters: int = 120, seed: int = 1) -> Fleet:
    return design_fleet(AROUND, meters=meters, days=days, step=step, seed=seed, incidents=incidents)


def with_incident(kind: IncidentKind, target: int, start: int, end: int, value: float = 0.0, days: int = 3) -> Fleet:
    """A fleet to which one thing happens and nothing else."""
    fleet = small(days, incidents=False)
    fleet.incidents = (Incident(kind, target, start, end, value),)
    return fleet


def matrix(fleet: Fleet) -> np.ndarray:
    """Whole numbers of an honest fleet, shape (positions, slots of all days)."""
    days = [d.rows.value.reshape(fleet.size, -1) for d in simulate_days(fleet)]
    return np.concatenate(days, axis=1)


def test_the_fleet_has_exactly_the_meters_that_were_asked_for() -> None:
    for wanted in (1, 2, 7, 60, 61, 400):
        assert design_fleet(AROUND, meters=wanted, days=1, seed=3).size == wanted


def test_every_id_and_name_of_what_is_invented_says_demonstration() -> None:
    fleet = small()
    regions = {"p", "p/a", "p/b"}
    for unit in fleet.units:
        if unit["id"] not in regions:
            assert unit["id"].startswith("demo-")
            assert "演示" in unit["zh"] or unit["kind"] == "device"
    assert all(m["id"].startswith("demo-") for m in fleet.meters)


def test_equal_seeds_write_equal_bytes_and_other_seeds_do_not(tmp_path: Path) -> None:
    for name, seed in (("a", 5), ("b", 5), ("c", 6)):
        write_fleet(small(1, seed=seed, meters=60, step=3600), tmp_path / name)
    files = sorted(p.relative_to(tmp_path / "a") for p in (tmp_path / "a").rglob("*") if p.is_file())
    assert len(files) >= 5
    assert all((tmp_path / "a" / f).read_bytes() == (tmp_path / "b" / f).read_bytes() for f in files)
    readings = next(f for f in files if f.parent.name == "readings")
    assert (tmp_path / "a" / readings).read_bytes() != (tmp_path / "c" / readings).read_bytes()


def test_files_carry_the_mark_and_the_rows_of_their_day(tmp_path: Path) -> None:
    fleet = small(2)
    told = write_fleet(fleet, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "demonstration.json").read_text())["demonstration"] is True
    rows = 0
    for number, file in enumerate(sorted((tmp_path / "out" / "readings").iterdir())):
        table = pq.read_table(file)
        assert table.schema.metadata[b"demonstration"] == b"true" and "demonstration" in file.name
        ts = table["ts"].to_numpy()
        begin = (fleet.start + number) * DAY - CIVIL_OFFSET
        assert (ts > begin - 301).all() and (ts <= begin + DAY + 300).all()
        rows += len(table)
    assert rows == told["rows"]


def test_a_folder_in_use_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(DataError, match="folder"):
        write_fleet(small(1), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]


def test_what_is_not_finished_leaves_nothing(tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_fleet(small(2), tmp_path / "out", progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_a_main_meter_sees_its_sub_meters_within_the_classes() -> None:
    """Class 0.5 above class 1 and 2 % that no sub-meter sees: the difference lies between 0 and 4 %."""
    fleet = small(2, incidents=False)
    rates = np.concatenate([d.rates for d in simulate_days(fleet)], axis=1).sum(axis=1) * (1 + fleet.gain)
    for main, first, count in zip(fleet.mains, fleet.sub_starts, fleet.sub_counts, strict=True):
        if count:
            rest = 1 - rates[first : first + count].sum() / rates[main]
            assert 0.0 < rest < 0.04


def test_an_honest_load_of_a_hot_month_stays_below_what_is_refused_as_impossible() -> None:
    """Meters are rated for the highest load of their trade; 1.3 times the rating is the limit beyond which a reading is none."""
    around = replace(AROUND, temperature=dict.fromkeys(range(1, 13), 29.0))
    fleet = design_fleet(
        around, meters=300, days=10, step=3600, seed=5, incidents=False, trades=frozenset({"services"})
    )
    limit = 1.3 * np.array([m["rating"] for m in fleet.meters])
    assert all((day.rates <= limit[:, None]).all() for day in simulate_days(fleet))


def test_registers_rise_by_what_passed_and_start_again_at_their_roll() -> None:
    fleet = small(2, incidents=False)
    shown = matrix(fleet)
    rates = np.concatenate([d.rates for d in simulate_days(fleet)], axis=1)
    for position in np.flatnonzero(fleet.is_register)[:40]:
        meter = fleet.meters[position]
        roll = int(meter["roll"]) * 10 ** meter["decimals"]
        counted = np.diff(shown[position].astype(np.int64)) % roll
        amount = counted.sum() * meter["ratio"] / 10 ** meter["decimals"]
        passed = rates[position, 1:].astype(float).sum() * fleet.step / 3600 * (1 + fleet.gain[position])
        # float32 rates, and less than one digit at each end
        assert amount == pytest.approx(passed, rel=2e-5, abs=2 * meter["ratio"] / 10 ** meter["decimals"])


def test_the_co2_of_a_stack_is_its_fraction_times_its_flow() -> None:
    fleet = small(1, incidents=False)
    rates = next(iter(simulate_days(fleet))).rates.astype(float)
    for mass, fraction, oxygen, flow, *_ in fleet.stacks:
        assert rates[mass] == pytest.approx(CO2_DENSITY * rates[fraction] / 100 * rates[flow], rel=1e-5)
        assert np.corrcoef(rates[fraction], rates[oxygen])[0, 1] < -0.7


def test_a_trade_emits_its_coverage_of_the_inventory() -> None:
    """Cement: 20,000 kt × 0.60 × 120/33,600 in a year; a July of 31 days is 31/365 of it, loads wander by some per cent."""
    fleet = small(31, incidents=False, step=3600)
    trades = fleet.activity_trade[fleet.activity[fleet.stacks[:, 0]]]
    cement = fleet.stacks[trades == 1, 0]
    total = sum(d.rates[cement].astype(float).sum() for d in simulate_days(fleet)) / 1e6
    assert total == pytest.approx(20_000 * 0.60 * 120 / 33_600 * 31 / 365, rel=0.12)


def test_buildings_follow_the_week() -> None:
    """2024-07-06 is a Saturday; offices then draw three quarters. At 22 °C nobody cools or heats."""
    mild = Surroundings(AROUND.province, AROUND.regions, temperature=dict.fromkeys(range(1, 13), 22.0), deviation=0.0)
    fleet = design_fleet(mild, meters=400, days=6, step=3600, seed=1, incidents=False)
    main = next(
        p
        for p, m in enumerate(fleet.meters)
        if m["id"].endswith("-main") and fleet.activity_trade[fleet.activity[p]] == 7
    )
    days = [d.rates[main].astype(float).sum() for d in simulate_days(fleet)]
    assert days[5] < 0.9 * days[4]


@pytest.mark.parametrize("kind", [IncidentKind.RESET, IncidentKind.TURNED_BACK])
def test_a_reset_register_starts_at_zero_and_one_turned_back_does_not(kind: IncidentKind) -> None:
    honest = matrix(small(incidents=False))
    position = 0
    fleet = with_incident(kind, position, 100, 101, value=50.0)
    shown = np.full(3 * fleet.slots, -1)
    for day in simulate_days(fleet):
        mine = day.rows.meter == position
        begin = (fleet.start * DAY - CIVIL_OFFSET) // fleet.step
        shown[day.rows.ts[mine] // fleet.step - begin - 1] = day.rows.value[mine]
    sent = shown >= 0
    before, after = np.arange(len(shown)) < 100, np.arange(len(shown)) >= 100
    assert (shown[sent & before] == honest[position][sent & before]).all()
    lost = honest[position][sent & after] - shown[sent & after]
    meter = fleet.meters[position]
    if kind is IncidentKind.RESET:
        # what it stood at before is gone
        assert lost == pytest.approx(honest[position][99], abs=1)
    else:
        assert lost == pytest.approx(50.0 / meter["ratio"] * 100 * (1 + fleet.gain[position]), abs=1)


def test_a_copied_week_is_the_week_before() -> None:
    fleet = with_incident(IncidentKind.COPIED, 0, 7 * 96, 14 * 96, days=14)
    flow = fleet.stacks[0, 3]
    days = [d.rates[flow].copy() for d in simulate_days(fleet)]
    assert all((days[n] == days[n - 7]).all() for n in range(7, 14))
    assert not (days[6] == days[5]).all()


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [(IncidentKind.SCALED, 0.85, 0.85), (IncidentKind.FLOW, 0.88, 0.88), (IncidentKind.DILUTED, 0.15, 1 / 1.15)],
)
def test_tampering_takes_from_the_co2_what_it_says(kind: IncidentKind, value: float, expected: float) -> None:
    mass = small(1, incidents=False).stacks[0, 0]
    honest = next(iter(simulate_days(small(1, incidents=False)))).rates[mass].astype(float)
    tampered = next(iter(simulate_days(with_incident(kind, 0, 0, 96, value, days=1)))).rates[mass].astype(float)
    assert tampered.sum() / honest.sum() == pytest.approx(expected, rel=2e-3)


def test_late_days_are_not_among_the_timely_and_nothing_is_sent_from_nowhere() -> None:
    fleet = small(4, meters=2000, step=3600)
    late = 0
    for day in simulate_days(fleet):
        timely = set(zip(day.rows.meter.tolist(), day.rows.ts.tolist(), strict=True))
        for arrives, rows in day.late.items():
            assert arrives >= day.day
            assert timely.isdisjoint(zip(rows.meter.tolist(), rows.ts.tolist(), strict=True))
            late += len(rows)
        assert (np.diff(day.rows.meter) >= 0).all()
        assert len(timely) <= fleet.size * fleet.slots
    assert late > 0


def test_analysers_are_calibrated_once_a_day() -> None:
    fleet = small(1, incidents=False)
    rows = next(iter(simulate_days(fleet))).rows
    marked = rows.quality == Quality.CALIBRATION
    kinds = {fleet.meters[m]["kind"] for m in rows.meter[marked]}
    assert kinds == {MeterKind.RATE} and marked.sum() == fleet.stacks[:, :4].size


def test_the_truth_names_what_was_done_and_where(tmp_path: Path) -> None:
    fleet = design_fleet(AROUND, meters=600, days=14, step=3600, seed=2, tampering=0.5)
    write_fleet(fleet, tmp_path / "out")
    with (tmp_path / "out" / "truth.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == len(fleet.incidents)
    units = {u["id"] for u in fleet.units}
    assert all(r["unit"] in units and r["is_tampering"] == str(int(r["kind"] in TAMPERING)) for r in rows)
    assert len(TAMPERING & {r["kind"] for r in rows}) >= 6


def test_impossible_sizes_are_refused() -> None:
    for wrong in ({"meters": 0}, {"days": 0}, {"step": 7}, {"tampering": 2.0}):
        with pytest.raises(ValueError, match="at least 1"):
            design_fleet(AROUND, **{"meters": 5, "days": 1, **wrong})
