"""Silences of counters: the total is counted, its hours follow like days, and what late data touch is shaped anew."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitor.ledger_fixture import Clock

from tanlu.core.regions import Region
from tanlu.monitor.batch import Batch
from tanlu.monitor.engines.choice import open_engine
from tanlu.monitor.fact_files import FILL, METER_HOUR, REGION_HOUR, UNIT_DAY, UNIT_HOUR, FactFiles
from tanlu.monitor.facts import Facts
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.registry import Meter, Unit
from tanlu.monitor.rollup import refresh, rollup
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR, MeterKind, UnitKind, day_number
from tanlu.monitor.silence import is_weekend, silences_of
from tanlu.portal.monitor.meter_view import filled_hours
from tanlu.portal.monitor.service import Monitoring, Span

REGIONS = (Region("land", "", "某省", "Land"), Region("land/town", "land", "某市", "Town"))
UNITS = [Unit("plant", 0, UnitKind.ENTERPRISE, "land/town", "厂", "Plant", "land/town")]
METERS = [
    Meter("power", 0, "plant", "electricity", MeterKind.REGISTER, 3600, decimals=0, rating=100.0),
    Meter("other", 0, "plant", "electricity", MeterKind.REGISTER, 1800, decimals=0),
]
MONDAY = day_number("2024-07-01")
BEGIN = MONDAY * DAY - CIVIL_OFFSET
"""First second of Monday, 2024-07-01, in civil time."""


def ledger_at(folder: Path, clock: Clock | None = None) -> Ledger:
    ledger = Ledger.create(folder / "ledger", "land", REGIONS, clock or Clock())
    ledger.register(UNITS, METERS)
    return ledger


def amount(hour: int) -> int:
    """Amount of an hour since Monday: 10 at night; in the eight hours from 8 o'clock 40 on workdays, 20 on weekends."""
    day, clock = divmod(hour, 24)
    if not 8 <= clock < 16:
        return 10
    return 20 if day % 7 >= 5 else 40


def register(hours: int) -> np.ndarray:
    """Standing of the counter at the end of each hour, beginning with 0."""
    return np.concatenate(([0], np.cumsum([amount(h) for h in range(hours)])))


def batch(name: str, hours: list[int], values: np.ndarray, meter: str = "power") -> Batch:
    stamps = BEGIN + HOUR * np.array(hours)
    return Batch("test", [meter] * len(hours), stamps, values, np.zeros(len(hours), np.int8), name)


def test_weekends() -> None:
    """2024-07-06 and 2024-07-07 were a Saturday and a Sunday; 1970-01-01 a Thursday."""
    assert is_weekend(np.arange(MONDAY, MONDAY + 7)).tolist() == [False] * 5 + [True] * 2
    assert is_weekend(np.arange(7)).tolist() == [False, False, True, True, False, False, False]


def test_a_silence_is_told_by_hand() -> None:
    """Four days of 1, 2, 3, 4 in the first hours, then 5 each in the first four hours of the fifth: 20 · (1, 2, 3, 4) / 10."""
    hour = BEGIN + HOUR * np.arange(5 * 24)
    quantity = np.tile(np.concatenate(([1.0, 2.0, 3.0, 4.0], np.zeros(20))), 5)
    quantity[96:100] = 5.0
    even = np.zeros(120, bool)
    even[96:100] = True
    found = list(silences_of(hour, quantity, even, ~even, 0.0))
    assert [(s.start, s.stop) for s in found] == [(96, 100)]
    assert found[0].levels is not None
    np.testing.assert_allclose(found[0].levels, [2.0, 4.0, 6.0, 8.0])
    assert [s.levels for s in silences_of(hour, quantity, even, ~even, 7.9)] == [None]
    measured = ~even & (hour != hour[49]) & (hour != hour[25])
    assert [s.levels for s in silences_of(hour, quantity, even, measured, 0.0)] == [None]
    even[98] = False
    assert list(silences_of(hour, quantity, even, ~even, 0.0)) == []


def test_hours_of_a_silence_follow_like_days_and_keep_their_total(tmp_path: Path) -> None:
    """Three weeks repeat; silent from Friday 6 o'clock to Saturday 20 o'clock of the fourth: shaped hours are those that were."""
    ledger, hours = ledger_at(tmp_path), 28 * 24
    start, stop = (21 + 4) * 24 + 6, (21 + 5) * 24 + 20
    kept = [h for h in range(hours + 1) if not start < h < stop]
    ledger.append(batch("first", kept, register(hours)[kept]))
    rollup(ledger)
    facts = Facts(ledger)
    table = facts.meter_hours("power", BEGIN, BEGIN + hours * HOUR)
    expected = [float(amount(h)) for h in range(hours)]
    np.testing.assert_allclose(table.column("quantity").to_numpy(), expected, rtol=1e-12)
    # marked as estimated, every one of them and no other
    silent = (np.arange(hours) >= start) & (np.arange(hours) < stop)
    np.testing.assert_allclose(table.column("estimated").to_numpy(), np.where(silent, expected, 0.0), rtol=1e-12)
    assert (table.column("n_estimated").to_numpy() == silent).all()
    days = facts.unit_days("land", MONDAY, MONDAY + 27)
    of_day = dict(zip(days.column("day").to_pylist(), days.column("quantity").to_pylist(), strict=True))
    assert of_day[MONDAY + 25] == pytest.approx(8 * 40 + 16 * 10)
    assert of_day[MONDAY + 26] == pytest.approx(8 * 20 + 16 * 10)
    for where in ("plant", "land/town", "land"):
        of_hour = facts.unit_hours(where, BEGIN, BEGIN + hours * HOUR)
        known = of_hour.column("quantity").to_numpy()
        np.testing.assert_allclose(known, expected, rtol=1e-12)
    ledger.close()


def test_the_page_of_a_meter_tells_its_filled_hours(tmp_path: Path) -> None:
    """38 hours share 700, 18.4 each; 8 hours of 40 and 8 of 20 get 8 · (40 − 18.4) + 8 · (20 − 18.4) more, the others as much less."""
    ledger, hours = ledger_at(tmp_path), 28 * 24
    start, stop = (21 + 4) * 24 + 6, (21 + 5) * 24 + 20
    kept = [h for h in range(hours + 1) if not start < h < stop]
    ledger.append(batch("first", kept, register(hours)[kept]))
    rollup(ledger)
    ledger.close()
    monitoring = Monitoring(tmp_path)
    told = filled_hours(monitoring, monitoring.registry.meters["power"], Span(MONDAY, MONDAY + 27))
    assert (told.filled, told.shaped, told.unshaped) == (0, 38, 0)
    assert told.moved == pytest.approx(8 * (40 - 700 / 38) + 8 * (20 - 700 / 38))


def test_without_weeks_before_the_even_spread_stays(tmp_path: Path) -> None:
    ledger = ledger_at(tmp_path)
    values = register(48)
    kept = [h for h in range(49) if not 30 < h < 42]
    ledger.append(batch("first", kept, values[kept]))
    rollup(ledger)
    told = Facts(ledger).meter_hours("power", BEGIN + 30 * HOUR, BEGIN + 42 * HOUR)
    np.testing.assert_allclose(told.column("quantity").to_numpy(), np.full(12, (values[42] - values[30]) / 12))
    ledger.close()


def test_a_shape_as_known_before_a_correction_of_like_days(tmp_path: Path) -> None:
    """On all 20 workdays before, 20 move from the ninth to the tenth hour later: of a silence from 6 to 12 the two hours get 20 and 60."""
    clock, hours = Clock(), 29 * 24
    ledger = ledger_at(tmp_path, clock)
    start, stop, values = 28 * 24 + 6, 28 * 24 + 12, register(hours)
    kept = [h for h in range(hours + 1) if not start < h < stop]
    ledger.append(batch("first", kept, values[kept]))
    rollup(ledger)
    moment = clock.now
    corrected = [24 * day + 9 for day in range(28) if day % 7 < 5]
    ledger.append(batch("second", corrected, values[corrected] - 20))
    refresh(ledger)
    span = (BEGIN + start * HOUR, BEGIN + stop * HOUR)
    for facts, expected in (
        (Facts(ledger), [10, 10, 20, 60, 40, 40]),
        (Facts(ledger, moment), [10, 10, 40, 40, 40, 40]),
    ):
        assert facts.meter_hours("power", *span).column("quantity").to_pylist() == pytest.approx(expected)
    ledger.close()


events = st.lists(
    st.tuples(st.sampled_from(["power", "other"]), st.integers(0, 42 * 24), st.integers(1, 60), st.booleans()),
    min_size=2, max_size=6,
)  # fmt: skip


@settings(max_examples=2)
@given(events=events, engine=st.sampled_from(["kernel", "duckdb"]))
def test_refresh_after_late_data_equals_a_full_roll_up(
    events: list[tuple[str, int, int, bool]], engine: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Readings of six weeks come with holes; parts of the holes come later, or readings are withdrawn, one event after the other."""
    ledger, hours = ledger_at(tmp_path_factory.mktemp("late")), 42 * 24
    values = register(hours)
    missing = {("power", h) for h in range(30 * 24, 31 * 24 + 5)} | {("other", h) for h in range(24 * 24, 25 * 24)}
    for meter in ("power", "other"):
        kept = [h for h in range(hours + 1) if (meter, h) not in missing]
        ledger.append(batch(meter, kept, values[kept], meter))
    refresh(ledger, open_engine(engine))
    for number, (meter, start, length, withdrawn) in enumerate(events):
        span = list(range(start, min(start + length, hours) + 1))
        quality = np.full(len(span), 9 if withdrawn else 0, np.int8)
        stamps = BEGIN + HOUR * np.array(span)
        ledger.append(Batch("test", [meter] * len(span), stamps, values[span], quality, f"late{number}"))
        refresh(ledger, open_engine(engine))
    kinds = (METER_HOUR, UNIT_HOUR, REGION_HOUR, UNIT_DAY)
    late, fills = [tables(ledger, kind) for kind in kinds], told(tables(ledger, FILL))
    rollup(ledger, open_engine(engine))
    for kind, table in zip(kinds, late, strict=True):
        assert_same(table, tables(ledger, kind))
    assert_same(fills, told(tables(ledger, FILL)))
    ledger.close()


def tables(ledger: Ledger, kind: object) -> pa.Table:
    store = FactFiles(ledger)
    found = [store.read(kind, stack) for stack in store.stacks(kind, MONDAY - 40, MONDAY + 80).values()]  # type: ignore[arg-type]
    return pa.concat_tables([t for t in found if t is not None])


def told(fills: pa.Table) -> pa.Table:
    """Return the fills that say something."""
    keep = (fills.column("slots").to_numpy() > 0) | (np.abs(fills.column("quantity").to_numpy()) > 1e-6)
    return fills.filter(pa.array(keep)).sort_by([("meter", "ascending"), ("hour", "ascending")])


def assert_same(a: pa.Table, b: pa.Table) -> None:
    assert a.num_rows == b.num_rows
    for name in a.schema.names:
        x, y = a.column(name).to_numpy(), b.column(name).to_numpy()
        np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-9, equal_nan=True, err_msg=name)
