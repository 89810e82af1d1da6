"""Hours told from the two ends of a register are those that the operators make reading by reading."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.monitor.engines.base import DayFacts, DayReadings, start_of
from tanlu.monitor.engines.embedded import DuckDB
from tanlu.monitor.engines.whole_hours import WholeHours, in_cells, whole_hours
from tanlu.monitor.meter_table import MeterTable
from tanlu.monitor.schema import DAY, HOUR, readings_schema

FIRST = 19_905
BEGIN = start_of(FIRST) + 20 * HOUR
"""Four hours before midnight, so that registers are read across it."""
COPIES = 20
KINDS = 3
N = COPIES * KINDS
METERS = MeterTable(
    np.arange(1, N + 1, dtype=np.int32),
    np.tile(np.array([0, 0, 1], np.int8), COPIES),
    np.tile([0.1, 1.0, 0.01], COPIES),
    np.tile([1000, 0, 0], COPIES),
    np.tile([400, 0, 0], COPIES),
    np.tile([900, 600, 900], COPIES),
    np.tile(np.array([0, 0, 2], np.int8), COPIES),
    np.tile([0, BEGIN + 5000, 0], COPIES),
    np.tile([2**52, BEGIN + 10 * HOUR, 2**52], COPIES),
    np.arange(N, dtype=np.int32) % 5,
    np.ones(N, np.int16),
    np.zeros(N, np.int8),
)


def readings_of(seed: int) -> pa.Table:
    """Up to 80 readings of each meter in order: rises that the rating allows, leaps, falls, estimates, faults, short and long silences."""
    rng = np.random.default_rng(seed)
    columns: list[list[np.ndarray]] = [[], [], [], []]
    for meter in METERS.meter:
        n = int(rng.integers(1, 80))
        regular, clean = rng.choice([0.5, 0.95]), rng.choice([0.6, 0.98])
        step = np.where(rng.random(n) < regular, 900, rng.choice([300, 1800, 5400, 9000], n))
        rise = np.where(rng.random(n) < clean, rng.choice([0, 1, 30, 90, 100], n), rng.choice([101, 500, -20, -700], n))
        quality = np.where(rng.random(n) < clean, 0, rng.choice([0, 1, 2, 5, 8], n))
        parts = (np.full(n, meter), BEGIN + np.cumsum(step), (200 + np.cumsum(rise)) % 1000, quality)
        for column, part in zip(columns, parts, strict=True):
            column.append(part)
    joined = [np.concatenate(column) for column in columns]
    joined += [np.zeros_like(joined[0]), np.zeros_like(joined[0])]
    return pa.table(dict(zip(readings_schema().names, joined, strict=True))).cast(readings_schema())


class ByDay:
    """Readings of days in memory."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def day(self, day: int) -> DayReadings:
        ts = self.table.column("ts").to_numpy()
        inside = (ts > start_of(day)) & (ts <= start_of(day) + DAY)
        return DayReadings(day, (), False, self.table.filter(pa.array(inside)))


@settings(max_examples=4)
@given(st.integers(0, 2**32))
def test_facts_day_by_day_are_those_of_one_query_over_all_readings(seed: int) -> None:
    """Falls, estimates, faults, leaps beyond the rating, long silences, ends of validity and meters of intervals stand between."""
    readings = readings_of(seed)
    days = range(FIRST, (int(readings.column("ts").to_numpy().max()) + 8 * HOUR - 1) // DAY + 1)
    engine = DuckDB()
    given_days = list(engine.days(ByDay(readings), METERS, days))
    late = [piece for piece in given_days if not isinstance(piece, DayFacts)]
    facts = pa.concat_tables([piece.meters for piece in given_days if isinstance(piece, DayFacts)])
    found = {(r["meter"], r["hour"]): r for r in facts.to_pylist()}
    reached = {
        (m, h)
        for piece in late
        for m, h in zip(*(piece.parts.column(n).to_pylist() for n in ("meter", "hour")), strict=True)
    }
    expected = engine.window(readings, METERS, FIRST, days[-1]).to_pylist()
    assert len(found) == len(expected)
    for row in expected:
        if (row["meter"], row["hour"]) in reached:
            continue
        got = found[row["meter"], row["hour"]]
        assert (got["quantity"] is None) == (row["quantity"] is None)
        assert [got[n] for n in ("n_good", "n_estimated", "n_missing")] == [
            row[n] for n in ("n_good", "n_estimated", "n_missing")
        ]
        for name in ("quantity", "estimated"):
            assert abs((got[name] or 0) - (row[name] or 0)) <= 1e-12 * max(abs(row[name] or 0), 1)


def told(values: list[int], stamps: list[int], qualities: list[int] | None = None) -> WholeHours:
    columns = {
        "meter": np.full(len(values), 1, np.int32),
        "ts": np.array(stamps, np.int64),
        "value": np.array(values, np.int64),
        "quality": np.array(qualities or [0] * len(values), np.int8),
    }
    readings = in_cells(pa.table(columns), METERS, FIRST)
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("given", readings)
        con.register("meters", METERS.arrow())
        return WholeHours.of(con.sql(whole_hours(FIRST)).to_arrow_table(), METERS, FIRST)


def test_an_hour_of_minutes_is_told_by_its_first_and_last_reading() -> None:
    """61 readings from 20:00 to 21:00 of a register that rises by 1 of 0.1 kWh a minute: 6 kWh, four slots of a quarter."""
    whole = told(list(range(61)), [BEGIN + 60 * k for k in range(61)])
    assert (whole.cell.tolist(), whole.quantity.tolist(), whole.slots.tolist()) == ([20], [6.0], [4])
    assert whole.ends().to_pylist() == [{"meter": 1, "ts": BEGIN + HOUR, "value": 60, "quality": 0}]


def test_an_hour_is_not_whole_where_a_rule_has_to_decide() -> None:
    """An estimate, a fall, more than 400 an hour, a silent begin, a silent end."""
    stamps = [BEGIN + 900 * k for k in range(5)]
    assert len(told([0, 1, 2, 3, 4], stamps).cell) == 1
    assert len(told([0, 1, 2, 3, 4], stamps, [0, 0, 2, 0, 0]).cell) == 0
    assert len(told([4, 5, 2, 3, 4], stamps).cell) == 0
    assert len(told([0, 101, 102, 103, 104], stamps).cell) == 0
    assert len(told([0, 1, 2, 3], stamps[1:]).cell) == 0
    assert len(told([0, 1, 2, 3], stamps[:-1]).cell) == 0
