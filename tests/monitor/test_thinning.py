"""Readings that are left out before differences say nothing about any hour."""

from __future__ import annotations

import duckdb
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.monitor.engines.shard import NUMBERS, following
from tanlu.monitor.engines.thinning import thin
from tanlu.monitor.operators.dialects import DIALECTS
from tanlu.monitor.operators.templates import difference, hourly, spread
from tanlu.monitor.schema import HOUR

PLAIN = DIALECTS["duckdb"]
BEGIN = 19_905 * 86_400
METERS = pa.table(
    {
        "meter": pa.array([1, 2, 3], pa.int32()),
        "kind": pa.array([0, 0, 1], pa.int8()),
        "scale": [0.1, 1.0, 0.01],
        "roll": [1000, 0, 0],
        "most": [400, 0, 0],
        "step": [900, 600, 900],
    }
)
rises = st.sampled_from([0, 0, 1, 5, 30, 30, 90, 101, 500, -20, -700])
steps = st.sampled_from([300, 900, 900, 900, 1200, 1800, 5400, 9000])
rows = st.lists(st.tuples(st.integers(1, 3), steps, rises, st.sampled_from([0] * 9 + [1])), min_size=1, max_size=60)


def cleaned(drawn: list[tuple[int, int, int, int]]) -> pa.Table:
    """Readings of three meters in order, from the steps and rises that were drawn."""
    found: list[tuple[int, int, int, int]] = []
    for meter in (1, 2, 3):
        ts, value = BEGIN, 200
        for _, step, rise, doubt in (row for row in drawn if row[0] == meter):
            ts, value = ts + step, (value + rise) % 1000
            found.append((meter, ts, value, doubt))
    columns = zip(*found, strict=True)
    kinds = (pa.int32(), pa.int64(), pa.int64(), pa.int32())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    return pa.table(arrays, names=["meter", "ts", "value", "doubt"])


def hours(con: duckdb.DuckDBPyConnection, readings: str) -> dict[tuple[int, int], tuple[float, ...]]:
    con.execute(f"CREATE OR REPLACE TEMP TABLE spans AS {difference(following(PLAIN), readings)}")
    con.execute("DELETE FROM spans WHERE start_ts >= end_ts")
    query = f"WITH parts AS ({spread(PLAIN)}) SELECT meter, hour, quantity, estimated, n_good, n_estimated FROM ({hourly(PLAIN)})"
    return {(row[0], row[1]): row[2:] for row in con.execute(query).fetchall()}


@settings(max_examples=40)
@given(rows)
def test_hours_are_the_same_with_fewer_readings(drawn: list[tuple[int, int, int, int]]) -> None:
    """Falls, estimates, leaps beyond the rating, long silences and meters of intervals stand between."""
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("meters", METERS)
        con.execute(f"CREATE TABLE numbers AS {NUMBERS}")
        con.register("readings", cleaned(drawn))
        con.execute(
            "CREATE TABLE whole AS SELECT r.*, m.kind, m.most FROM readings r JOIN meters m USING (meter) ORDER BY meter, ts"
        )
        con.execute(f"CREATE TABLE thinned AS {thin('whole')}")
        expected, found = hours(con, "whole"), hours(con, "thinned")
        assert found.keys() == expected.keys()
        for key, amounts in expected.items():
            assert all(abs(a - b) <= 1e-12 * max(abs(b), 1) for a, b in zip(found[key], amounts, strict=True))


def test_of_an_hour_of_minutes_two_readings_stay() -> None:
    """61 readings from 0:00 to 1:00 of a register that rises: the first one and the last one tell the hour."""
    readings = pa.table(
        {
            "meter": pa.array([1] * 61, pa.int32()),
            "ts": [BEGIN + 60 * k for k in range(61)],
            "value": list(range(61)),
            "doubt": pa.array([0] * 61, pa.int32()),
            "kind": pa.array([0] * 61, pa.int8()),
            "most": [400] * 61,
        }
    )
    with duckdb.connect(config={"threads": 1}) as con:
        con.register("readings", readings)
        kept = con.execute(thin("readings")).fetchall()
    assert kept == [(1, BEGIN, 0, 0), (1, BEGIN + HOUR, 60, 0)]
