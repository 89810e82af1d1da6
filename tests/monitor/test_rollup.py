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
from tanlu.monitor.engines.choice import open_engine
from tanlu.monitor.fact_files import FILL, METER_HOUR, UNIT_DAY, UNIT_HOUR, FactFiles
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
    kinds = (METER_HOUR, UNIT_HOUR, UNIT_DAY)
    late = [tables(ledger, kind) for kind in kinds]
    fills = tables(ledger, FILL)
    rollup(ledger, open_engine(engine))
    for kind, table in zip(kinds, late, strict=True):
        assert_same(table, tables(ledger, kind))
    full = tables(ledger, FILL)
    assert_same(*(t.filter(pa.array(t.column("slots").to_numpy() > 0)) for t in (fills, full)))
    check_against_plain_hours(ledger, rows)
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
