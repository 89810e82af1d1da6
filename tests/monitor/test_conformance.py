"""Engines: each answers every case, a bug planted in one is found and the engine refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.errors import DataError
from tanlu.monitor.conformance import accept, cases, examine
from tanlu.monitor.engines import embedded
from tanlu.monitor.engines.base import DayFacts, DayReadings, start_of
from tanlu.monitor.engines.choice import open_engine
from tanlu.monitor.engines.embedded import DuckDB
from tanlu.monitor.fill import gaps_of
from tanlu.monitor.meter_table import MAXIMUM, NEIGHBOURS, NO_FILL, MeterTable
from tanlu.monitor.operators import DIALECTS, OPERATORS, Dialect
from tanlu.monitor.schema import DAY, HOUR, day_number, readings_schema
from tanlu.monitor.silence import civil_day, clock_of, is_weekend, silences_of

SAME_METER = "difference_needs_a_reading_of_the_same_meter_before"
FIRST = day_number("2024-07-01")
DAYS = 3


@pytest.mark.parametrize("name", ["kernel", "duckdb", "clickhouse"])
def test_an_engine_in_this_process_answers_every_case(name: str) -> None:
    answers = examine(open_engine(name))
    assert [a for a in answers if not a.right] == []
    assert len(answers) >= 40


def test_there_are_forty_cases_and_a_dialect_is_small() -> None:
    assert len(cases()) >= 40
    assert all(len(vars(dialect)) <= 15 for dialect in DIALECTS.values())
    assert set(OPERATORS) >= {
        "clean",
        "difference",
        "spread",
        "resample",
        "fill",
        "shape",
        "balance",
        "factor_join",
        "roll_up",
        "compare",
    }


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("bug", "case"),
    [
        ({"lag": "COALESCE(LAG({a}) OVER ({w}), 0)"}, SAME_METER),
        ({"lag": "LAG({a}) OVER (ORDER BY meter, ts)"}, SAME_METER),
        ({"whole": "CAST(ROUND(CAST({a} AS DOUBLE) / {b}) AS BIGINT)"}, "unequal_parts"),
        ({"real": "CAST({a} AS REAL)"}, "large_whole_numbers"),
    ],
)
def test_an_engine_with_a_bug_is_refused_by_name(bug: dict[str, str], case: str) -> None:
    """ClickHouse's ``lagInFrame`` answers 0 on columns that cannot be null; others mix meters, round, or lose digits."""

    class Wrong(DuckDB):
        name = "wrong"
        dialect = Dialect("wrong", **bug)

    wrong = {answer.case for answer in examine(Wrong()) if not answer.right}
    assert case in wrong
    with pytest.raises(DataError, match="wrong") as told:
        accept(Wrong())
    assert told.value.problems[0].code == "engine_wrong"


def test_the_command_tells_which_engine_is_accepted() -> None:
    done = CliRunner().invoke(app, ["monitor", "conformance", "kernel", "--json"])
    assert done.exit_code == 0
    assert '"accepted": true' in done.stdout
    unknown = CliRunner().invoke(app, ["monitor", "conformance", "abacus"])
    assert unknown.exit_code == 2
    assert "abacus" in unknown.output


class Given:
    """Readings of days in memory."""

    def __init__(self, table: pa.Table) -> None:
        self.table = table

    def day(self, day: int) -> DayReadings:
        ts = self.table.column("ts").to_numpy()
        keep = (ts > start_of(day)) & (ts <= start_of(day) + DAY)
        return DayReadings(day, (), False, self.table.filter(pa.array(keep)))


def fleet(seed: int) -> tuple[MeterTable, pa.Table]:
    """Return 60 meters of every kind and their readings of three days: gaps, bad and estimated ones, falls, jumps, jitter."""
    rng = np.random.default_rng(seed)
    n = 60
    kind = (np.arange(n) % 3 > 0).astype(np.int8)
    step = rng.choice([300, 900, 3600, 7200], n)
    rolls = np.where((kind == 0) & (rng.random(n) < 0.5), 100_000, 0)
    most = np.where(rng.random(n) < 0.7, 20_000, 0)
    valid_from = np.where(rng.random(n) < 0.2, start_of(FIRST) + 20_000, 0)
    valid_to = np.where(rng.random(n) < 0.2, start_of(FIRST) + 2 * DAY + 1234, 2**52)
    table = MeterTable(
        np.arange(1, n + 1, dtype=np.int32), kind, rng.choice([0.01, -0.5, 3.0], n), rolls, most, step,
        np.where(kind == 1, NEIGHBOURS, NO_FILL).astype(np.int8), valid_from, valid_to,
        np.where(rng.random(n) < 0.9, np.arange(n) % 7 + 1, -1).astype(np.int32), (np.arange(n) % 2 + 1).astype(np.int16),
        np.zeros(n, np.int8),
    )  # fmt: skip
    columns: list[list[np.ndarray]] = [[], [], [], []]
    for m in range(n):
        stamps = start_of(FIRST) + np.arange(0, DAYS * DAY + 1, step[m])
        stamps = stamps[rng.random(len(stamps)) < 0.8]
        if rng.random() < 0.3:
            stamps = stamps[(stamps < start_of(FIRST) + 30_000) | (stamps > start_of(FIRST) + 2 * DAY + 5000)]
        stamps = np.unique(stamps + (rng.random(len(stamps)) < 0.2) * rng.integers(-60, 60, len(stamps)))
        value = rng.integers(0, 500, len(stamps))
        if kind[m] == 0:
            value = (np.cumsum(value) + 90_000) % (rolls[m] or 10**12)
            value = np.where(rng.random(len(stamps)) < 0.02, 0, value)
        quality = rng.choice([0, 1, 2, 5, 8], len(stamps), p=[0.8, 0.05, 0.05, 0.05, 0.05])
        for column, part in zip(columns, (np.full(len(stamps), m + 1), stamps, value, quality), strict=True):
            column.append(part)
    joined = [np.concatenate(column) for column in columns]
    joined += [np.zeros_like(joined[0]), np.zeros_like(joined[0])]
    readings = pa.table(dict(zip(readings_schema().names, joined, strict=True))).cast(readings_schema())
    ts = readings.column("ts").to_numpy()
    return table, readings.filter(pa.array((ts > start_of(FIRST)) & (ts <= start_of(FIRST + DAYS))))


def facts_of(
    engine: Any, meters: MeterTable, readings: pa.Table
) -> tuple[list[DayFacts], dict[tuple[int, int], dict[str, float]]]:
    days, late = [], {}
    for piece in engine.days(Given(readings), meters, range(FIRST, FIRST + DAYS)):
        if isinstance(piece, DayFacts):
            days.append(piece)
        else:
            late |= {(r["meter"], r["hour"]): r for r in piece.parts.to_pylist()}
    return days, late


def assert_equal(a: pa.Table, b: pa.Table) -> None:
    assert a.schema.equals(b.schema)
    for name in a.schema.names:
        x, y = a.column(name).to_numpy(), b.column(name).to_numpy()
        np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-9, equal_nan=True, err_msg=name)


def test_shares_of_meters_and_readings_out_of_order_change_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shares lean on the order of rows: where it is not what it should be, they must see it."""
    meters, readings = fleet(0)
    whole, late_whole = facts_of(open_engine("duckdb"), meters, readings)
    monkeypatch.setattr(embedded, "SHARE", 30)
    monkeypatch.setattr(embedded.os, "cpu_count", lambda: 2)
    shuffled = readings.take(np.random.default_rng(1).permutation(len(readings)))
    for order in (readings, shuffled):
        shared, late_shared = facts_of(open_engine("duckdb"), meters, order)
        for a, b in zip(whole, shared, strict=True):
            assert_equal(a.meters, b.meters)
            assert_equal(a.units, b.units)
        assert late_whole.keys() == late_shared.keys()


@pytest.mark.parametrize("seed", [0])
def test_the_kernel_equals_duckdb_day_by_day_and_both_equal_one_query(seed: int) -> None:
    meters, readings = fleet(seed)
    kernel, late_kernel = facts_of(open_engine("kernel"), meters, readings)
    duckdb, late_duckdb = facts_of(open_engine("duckdb"), meters, readings)
    for a, b in zip(kernel, duckdb, strict=True):
        assert_equal(a.meters, b.meters)
        assert_equal(a.units, b.units)
        assert a.readings == b.readings
    assert late_kernel.keys() == late_duckdb.keys()
    for key, row in late_kernel.items():
        assert row == pytest.approx(late_duckdb[key], rel=1e-12)
    assert late_kernel, "some meters were silent for more than a day"
    windows = [open_engine(name).window(readings, meters, FIRST, FIRST + DAYS - 1) for name in ("kernel", "duckdb")]
    assert_equal(*windows)
    whole = windows[0].filter(pa.array(windows[0].column("hour").to_numpy() >= start_of(FIRST + DAYS - 1)))
    assert_equal(whole, kernel[-1].meters)


def test_clickhouse_makes_the_facts_of_the_kernel() -> None:
    meters, readings = fleet(9)
    clickhouse, _ = facts_of(open_engine("clickhouse"), meters, readings)
    window = open_engine("kernel").window(readings, meters, FIRST, FIRST + DAYS - 1)
    assert_equal(
        pa.concat_tables([d.meters for d in clickhouse]).sort_by([("meter", "ascending"), ("hour", "ascending")]),
        window,
    )


hours = st.lists(st.one_of(st.none(), st.integers(0, 50)), min_size=1, max_size=60)


@settings(max_examples=10)
@given(amounts=hours, rule=st.sampled_from([MAXIMUM, NEIGHBOURS]), edge=st.integers(0, 60))
def test_filling_by_sql_equals_filling_by_arrays(amounts: list[int | None], rule: int, edge: int) -> None:
    """Quarters change in the middle, so that shares of valid hours differ."""
    start = int(np.datetime64("2024-09-30T16", "s").astype(np.int64)) - edge * HOUR
    hour = start + HOUR * np.arange(len(amounts))
    valid = np.array([a is not None for a in amounts])
    quantity = np.array([np.nan if a is None else float(a) for a in amounts])
    expected = {
        int(hour[i]): gap.level for gap in gaps_of(hour, quantity, valid, rule) for i in range(gap.start, gap.stop)
    }
    table = pa.table(
        {
            "meter": np.ones(len(hour), np.int64), "hour": hour, "quantity": pa.array(quantity, mask=~valid),
            "valid": valid.astype(np.int64), "quarter": (hour >= start + edge * HOUR).astype(np.int64),
        }
    )  # fmt: skip
    engine = DUCKDB
    found = engine.query(
        OPERATORS["fill"](engine.dialect), {"hours": table, "meters": pa.table({"meter": [1], "fill": [rule]})}
    )
    got = {row["hour"]: row["level"] for row in found.to_pylist()}
    assert got == pytest.approx(expected)


amounts_of_days = st.lists(st.lists(st.integers(0, 3), min_size=24, max_size=24), min_size=5, max_size=5)
silent_spans = st.lists(st.tuples(st.integers(0, 40 * 24), st.integers(1, 200), st.integers(1, 4)), max_size=3)


@settings(max_examples=10)
@given(
    week=amounts_of_days, spans=silent_spans, lost=st.sets(st.integers(0, 45 * 24)), ceiling=st.sampled_from([0.0, 4.0])
)
def test_shapes_of_silences_by_sql_equal_those_by_arrays(
    week: list[list[int]], spans: list[tuple[int, int, int]], lost: set[int], ceiling: float
) -> None:
    """Five days repeat over nine weeks, so that workdays and weekends differ; silences meet, reach the ends, and some hours are lost."""
    n = 63 * 24
    hour = FIRST * DAY - 8 * HOUR + HOUR * np.arange(n)
    quantity = np.array([week[h // 24 % 5][h % 24] for h in range(n)], float)
    even, measured = np.zeros(n, bool), np.ones(n, bool)
    measured[sorted(lost)] = False
    for start, length, level in spans:
        here = slice(15 * 24 + start, 15 * 24 + start + length)
        quantity[here], even[here], measured[here] = level, True, False
    expected = {
        int(hour[i]): level
        for s in silences_of(hour, quantity, even, measured, ceiling)
        if s.levels is not None
        for i, level in enumerate(s.levels, s.start)
    }
    day = civil_day(hour)
    table = pa.table(
        {
            "meter": np.ones(n, np.int64), "hour": hour, "quantity": quantity, "day": day,
            "place": clock_of(hour) + 24 * is_weekend(day), "even": even.astype(np.int64), "measured": measured.astype(np.int64),
        }
    )  # fmt: skip
    found = DUCKDB.query(
        OPERATORS["shape"](DUCKDB.dialect), {"hours": table, "meters": pa.table({"meter": [1], "ceiling": [ceiling]})}
    )
    got = {row["hour"]: row["level"] for row in found.to_pylist()}
    assert got == pytest.approx(expected)


DUCKDB = DuckDB()


def test_engines_that_do_not_answer_are_told_by_name(tmp_path: Path) -> None:
    for address in ("clickhouse://nobody@127.0.0.1:9/x", "postgresql://nobody@127.0.0.1:9/x"):
        with pytest.raises(DataError) as told:
            accept(open_engine(address))
        assert told.value.problems[0].code == "engine_silent"
