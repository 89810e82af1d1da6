"""Roll-up: what late data touch is made anew, and the facts are then those of a full roll-up."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitor.ledger_fixture import DAY_START, JULY_1, Clock
from tests.monitor.plain_hours import all_hours

from tanlu.core.regions import Region
from tanlu.monitor.batch import Batch
from tanlu.monitor.carriers import carriers
from tanlu.monitor.engines.choice import open_engine
from tanlu.monitor.fact_files import FILL, METER_HOUR, REGION_HOUR, UNIT_DAY, UNIT_HOUR, FactFiles
from tanlu.monitor.facts import Facts
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.registry import Meter, Unit
from tanlu.monitor.rollup import refresh, rollup
from tanlu.monitor.schema import HOUR, MeterKind, UnitKind

REGIONS = (Region("land", "", "某省", "Land"), Region("land/town", "land", "某市", "Town"))
UNITS = [
    Unit("county", 0, UnitKind.COUNTY, "land/town", "县", "County", "land/town"),
    Unit("plant1", 0, UnitKind.ENTERPRISE, "county", "厂1", "Plant 1", "land/town"),
    Unit("plant2", 0, UnitKind.ENTERPRISE, "land/town", "厂2", "Plant 2", "land/town"),
    Unit("boiler", 0, UnitKind.DEVICE, "plant1", "炉", "Boiler", "land/town"),
]
SWAP = DAY_START + 30 * HOUR
METERS = [
    Meter("power", 0, "plant1", "electricity", MeterKind.REGISTER, 3600, ratio=10.0, decimals=1, roll=100.0, rating=400.0),
    Meter("old", 0, "plant2", "electricity", MeterKind.REGISTER, 3600, decimals=0, position="p", rating=50.0, valid_to=SWAP),
    Meter("new", 0, "plant2", "electricity", MeterKind.REGISTER, 3600, decimals=0, position="p", rating=50.0, valid_from=SWAP),
    Meter("stack", 0, "boiler", "stack_co2", MeterKind.RATE, 900, decimals=0, rating=100.0),
    Meter("coal", 0, "boiler", "raw_coal", MeterKind.INTERVAL, 3600, decimals=2),
    Meter("town", 0, "land/town", "natural_gas", MeterKind.REGISTER, 7200, decimals=0, counted=True),
]  # fmt: skip
NAMES = [m.id for m in METERS]
DAYS = 3


def ledger_at(folder: Path) -> Ledger:
    ledger = Ledger.create(folder / "ledger", "land", REGIONS, Clock())
    ledger.register(UNITS, METERS)
    return ledger


def batch(name: str, rows: list[tuple[str, int, int, int]]) -> Batch:
    meter, ts, value, quality = zip(*rows, strict=True)
    return Batch("test", list(meter), np.array(ts), np.array(value), np.array(quality, np.int8), name)


stamps = st.integers(1, DAYS * 96).map(lambda k: DAY_START + k * 900)
"""Whole quarters of an hour, so that days and hours are met exactly."""
reading = st.tuples(st.sampled_from(NAMES), stamps, st.integers(0, 1200), st.sampled_from([0, 0, 0, 0, 2, 5, 8, 9]))
batches = st.lists(st.lists(reading, min_size=1, max_size=25), min_size=2, max_size=4)


def tables(ledger: Ledger, kind: object) -> pa.Table:
    store = FactFiles(ledger)
    found = [store.read(kind, stack) for stack in store.stacks(kind, JULY_1 - 40, JULY_1 + 40).values()]  # type: ignore[arg-type]
    return pa.concat_tables([t for t in found if t is not None])


def assert_same(a: pa.Table, b: pa.Table) -> None:
    assert a.num_rows == b.num_rows
    for name in a.schema.names:
        x, y = a.column(name).to_numpy(), b.column(name).to_numpy()
        np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-9, equal_nan=True, err_msg=name)


@settings(max_examples=6)
@given(rows=batches, engine=st.sampled_from(["kernel", "kernel", "duckdb"]))
def test_refresh_after_any_corrections_equals_a_full_roll_up(
    rows: list[list[tuple[str, int, int, int]]], engine: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Corrections fall on adjacent days, on midnight, before and after all others, on swapped meters, on gaps that are filled."""
    ledger = ledger_at(tmp_path_factory.mktemp("any"))
    for number, part in enumerate(rows):
        ledger.append(batch(str(number), part))
        refresh(ledger, open_engine(engine))
    kinds = (METER_HOUR, UNIT_HOUR, REGION_HOUR, UNIT_DAY)
    late = [tables(ledger, kind) for kind in kinds]
    fills = tables(ledger, FILL)
    rollup(ledger, open_engine(engine))
    for kind, table in zip(kinds, late, strict=True):
        assert_same(table, tables(ledger, kind))
    full = tables(ledger, FILL)
    assert_same(*(t.filter(pa.array(t.column("slots").to_numpy() > 0)) for t in (fills, full)))
    check_against_plain_hours(ledger, rows)
    check_regions_against_their_units(ledger)
    ledger.close()


def check_regions_against_their_units(ledger: Ledger) -> None:
    """Each region holds, by carrier, stack and hour, the sums of the units that lie in it; added up here one by one."""
    registry = ledger.registry
    expected: dict[tuple[int, ...], list[float | None]] = {}
    for row in tables(ledger, UNIT_HOUR).to_pylist():
        unit = registry.units_by_number[row["unit"]]
        for above in [unit, *registry.ancestors(unit.id)]:
            if above.kind not in (UnitKind.DEVICE, UnitKind.ENTERPRISE):
                sums = expected.setdefault(
                    (above.number, row["carrier"], row["stack"], row["hour"]), [None, 0, 0, 0, 0]
                )
                if row["quantity"] is not None:
                    sums[0] = (sums[0] or 0.0) + row["quantity"]
                for place, name in enumerate(("estimated", "n_good", "n_estimated", "n_missing"), 1):
                    sums[place] = (sums[place] or 0) + row[name]
    names = ("quantity", "estimated", "n_good", "n_estimated", "n_missing")
    found = {
        (r["unit"], r["carrier"], r["stack"], r["hour"]): [r[n] for n in names]
        for r in tables(ledger, REGION_HOUR).to_pylist()
    }
    assert found.keys() == expected.keys()
    for key, sums in expected.items():
        assert (found[key][0] is None) == (sums[0] is None)
        assert [x or 0.0 for x in found[key]] == pytest.approx([x or 0.0 for x in sums], rel=1e-12, abs=1e-9)


def test_hours_of_a_region_are_told_where_facts_of_an_older_version_hold_none(tmp_path: Path) -> None:
    """Their days are added up from units; a correction then writes those of its day."""
    ledger = ledger_at(tmp_path)
    rows = [("coal", DAY_START + h * HOUR, 100 * h, 0) for h in range(1, 49)]
    ledger.append(batch("first", rows))
    rollup(ledger)
    told = Facts(ledger).unit_hours("county", DAY_START, DAY_START + 48 * HOUR)
    with ledger.catalog.writing() as base:
        base.execute("DELETE FROM fact_files WHERE kind = ?", (REGION_HOUR.name,))
    assert_same(told, Facts(ledger).unit_hours("county", DAY_START, DAY_START + 48 * HOUR))
    ledger.append(batch("second", [("coal", DAY_START + 30 * HOUR, 9000, 0)]))
    refresh(ledger)
    assert set(FactFiles(ledger).stacks(REGION_HOUR, JULY_1, JULY_1 + 3)) == {JULY_1 + 1}
    found = {
        (r["carrier"], r["hour"]): r["quantity"]
        for r in Facts(ledger).unit_hours("county", DAY_START, DAY_START + 48 * HOUR).to_pylist()
    }
    coal = ledger.registry.meters["coal"].carrier
    number = carriers()[coal].number
    expected = {(number, DAY_START + h * HOUR): float(h + 1) for h in range(48)} | {
        (number, DAY_START + 29 * HOUR): 90.0
    }
    assert {k: v for k, v in found.items() if k[0] == number} == pytest.approx(expected)
    ledger.close()


def check_against_plain_hours(ledger: Ledger, rows: list[list[tuple[str, int, int, int]]]) -> None:
    current: dict[str, dict[int, tuple[int, int, int]]] = {}
    for part in rows:
        for name, ts, value, quality in part:
            current.setdefault(name, {})[ts] = (ts, value, quality)
    days = ledger.days()
    readings = {name: list(found.values()) for name, found in current.items()}
    expected = all_hours(ledger.registry.meters.values(), readings, range(days[0], days[-1] + 1))
    facts = tables(ledger, METER_HOUR).to_pylist()
    assert len(facts) == len(expected)
    for row in facts:
        hour = expected[row["meter"], row["hour"]]
        assert (row["n_good"], row["n_estimated"], row["n_missing"]) == (hour.good, hour.guessed, hour.missing), row
        assert row["estimated"] == pytest.approx(float(hour.estimated), rel=1e-12, abs=1e-12)
        assert (row["quantity"] is None) == (hour.quantity is None)
        if hour.quantity is not None:
            assert row["quantity"] == pytest.approx(float(hour.quantity), rel=1e-12, abs=1e-12)
