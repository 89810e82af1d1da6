"""The ledger: nothing is lost, nothing counts twice, and the past can be asked about."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.monitor.ledger_fixture import DAY_START, JULY_1, NOW, Clock, new_ledger, register_of

from tanlu.core.errors import DataError
from tanlu.monitor.batch import Batch
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.schema import Quality

Triple = tuple[int, int, int]


def batch(rows: Sequence[Triple], source: str = "test", name: str = "", known_at: int | None = None) -> Batch:
    """Return a batch of (meter, quarter of an hour of 2024-07-01, value)."""
    meter, slot, value = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    return Batch(source, meter.astype(np.int32), DAY_START + 900 * slot, value, id=name, known_at=known_at)


def values(ledger: Ledger, known_at: int | None = None, days: tuple[int, int] = (JULY_1, JULY_1)) -> list[Triple]:
    table = ledger.readings(*days, known_at=known_at)
    slots = (table.column("ts").to_numpy() - DAY_START) // 900
    return list(zip(table.column("meter").to_pylist(), slots.tolist(), table.column("value").to_pylist(), strict=True))


def code_of(error: pytest.ExceptionInfo[DataError]) -> str:
    return error.value.problems[0].code


def test_what_was_acknowledged_is_read_before_and_after_it_is_flushed(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        receipt = ledger.append(batch([(2, 1, 20), (1, 1, 10), (1, 2, 11)]))
        assert (receipt.rows, receipt.accepted, receipt.refused, receipt.duplicate) == (3, 3, {}, False)
        wanted = [(1, 1, 10), (1, 2, 11), (2, 1, 20)]
        assert values(ledger) == wanted
        ledger.flush()
        assert values(ledger) == wanted
        assert ledger.day_files(JULY_1).plain


def test_a_batch_that_comes_twice_changes_nothing(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        first = ledger.append(batch([(1, 1, 10)]))
        assert ledger.append(batch([(1, 1, 10)])).duplicate
        ledger.flush()
        again = ledger.append(batch([(1, 1, 10)]))
        assert again.duplicate and again.batch == first.batch and again.known_at == first.known_at
        assert len(ledger.catalog.batches()) == 1


def test_a_correction_counts_from_the_moment_it_became_known(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        first = ledger.append(batch([(1, 1, 10), (1, 2, 11)]))
        second = ledger.append(batch([(1, 1, 9)]))
        for _ in range(3):
            assert values(ledger) == [(1, 1, 9), (1, 2, 11)]
            assert values(ledger, first.known_at) == [(1, 1, 10), (1, 2, 11)]
            assert values(ledger, second.known_at - 1) == [(1, 1, 10), (1, 2, 11)]
            ledger.flush()
            assert ledger.compact() in {0, 1}
        assert ledger.day_files(JULY_1).plain
        assert not ledger.day_files(JULY_1, first.known_at).plain


def test_of_two_values_of_one_stamp_in_a_batch_the_later_counts_and_both_are_kept(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        receipt = ledger.append(batch([(1, 1, 10), (2, 1, 5), (1, 1, 12)]))
        assert receipt.repeated == 1
        assert values(ledger) == [(1, 1, 12), (2, 1, 5)]
        assert values(ledger, receipt.known_at) == [(1, 1, 10), (2, 1, 5)]
        ledger.compact()
        assert values(ledger) == [(1, 1, 12), (2, 1, 5)]
        assert values(ledger, receipt.known_at) == [(1, 1, 10), (2, 1, 5)]


def test_readings_that_cannot_be_are_refused_with_their_reason_and_the_others_taken(tmp_path: Path) -> None:
    clock = Clock()
    with new_ledger(tmp_path / "ledger", clock=clock) as ledger:
        second = NOW // 1_000_000
        bad = Batch(
            "test",
            ["m1", "m9", "m1", "m1", "m1", "m2"],
            np.array([DAY_START, DAY_START, 694_195_199, second + 7200, DAY_START, DAY_START]),
            np.array([1, 2, 3, 4, 2**60, 6]),
            np.array([0, 0, 0, 0, 0, 77], np.int8),
        )
        receipt = ledger.append(bad)
        assert receipt.accepted == 1
        assert receipt.refused == {
            "unknown_meter": 1, "before_1992": 1, "in_future": 1, "value_too_large": 1, "unknown_quality": 1
        }  # fmt: skip
        assert ledger.aside.path.read_text(encoding="utf-8").count("\n") == 5


def test_the_sender_may_use_its_arrays_again_and_no_number_turns_into_another(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        one = batch([(1, 1, 10)])
        ledger.append(one)
        one.value[:] = 99
        assert values(ledger) == [(1, 1, 10)]
        numbers = np.array([1, 2**32 + 1, 1], np.int64)
        wide = Batch("test", numbers, np.full(3, DAY_START + 1800), np.arange(3), np.array([0, 0, 256]))  # type: ignore[arg-type]
        assert ledger.append(wide).refused == {"unknown_meter": 1, "unknown_quality": 1}
        names = Batch("test", np.array(["m2", "m9"]), np.full(2, DAY_START + 900), np.arange(2))  # type: ignore[arg-type]
        assert ledger.append(names).refused == {"unknown_meter": 1}
        assert values(ledger) == [(1, 1, 10), (1, 2, 0), (2, 1, 0)]


def test_a_clock_that_jumps_back_does_not_make_new_knowledge_old(tmp_path: Path) -> None:
    clock = Clock()
    with new_ledger(tmp_path / "ledger", clock=clock) as ledger:
        first = ledger.append(batch([(1, 1, 10)]))
        clock.now = NOW - 3_600_000_000
        second = ledger.append(batch([(1, 1, 11)]))
        assert second.known_at == first.known_at + 1
        ledger.flush()
    with Ledger.open(tmp_path / "ledger", clock=clock) as ledger:
        assert ledger.append(batch([(1, 1, 12)])).known_at == first.known_at + 2
        assert values(ledger) == [(1, 1, 12)]


def test_the_past_before_the_ledger_can_be_asked_about_and_the_past_since_never_changes(tmp_path: Path) -> None:
    """History that is loaded later counts, for questions about moments before the ledger began, as known at its stamp."""
    clock = Clock()
    with new_ledger(tmp_path / "ledger", clock=clock) as ledger:
        first = ledger.append(batch([(1, 1, 10), (1, 2, 11)]))
        ledger.append(batch([(1, 1, 9)]))
        late = ledger.append(batch([(2, 1, 20)]))
        at_first_stamp = (DAY_START + 900) * 1_000_000
        for _ in range(2):
            assert values(ledger, at_first_stamp - 1) == []
            assert values(ledger, at_first_stamp) == [(1, 1, 10), (2, 1, 20)]
            assert values(ledger, at_first_stamp + 900_000_000) == [(1, 1, 10), (1, 2, 11), (2, 1, 20)]
            assert values(ledger, late.known_at - 1) == [(1, 1, 9), (1, 2, 11)]
            assert values(ledger, first.known_at) == [(1, 1, 10), (1, 2, 11)]
            ledger.compact()


def test_a_withdrawn_reading_stays_what_was_known_before(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        first = ledger.append(batch([(1, 1, 10)]))
        gone = batch([(1, 1, 10)])
        ledger.append(Batch("officer", gone.meter, gone.ts, gone.value, np.array([Quality.REFUSED], np.int8)))
        assert ledger.readings(JULY_1, JULY_1).column("quality").to_pylist() == [Quality.REFUSED]
        assert ledger.readings(JULY_1, JULY_1, known_at=first.known_at).column("quality").to_pylist() == [Quality.GOOD]


def test_only_one_process_writes_and_readers_see_what_was_acknowledged(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        ledger.append(batch([(1, 1, 10)]))
        with pytest.raises(DataError) as locked:
            Ledger.open(tmp_path / "ledger")
        assert code_of(locked) == "ledger_locked"
        with Ledger.open(tmp_path / "ledger", read_only=True) as reader:
            assert values(reader) == [(1, 1, 10)]
            with pytest.raises(DataError) as refused:
                reader.append(batch([(1, 2, 10)]))
            assert code_of(refused) == "ledger_read_only"
            ledger.flush()
            ledger.append(batch([(1, 2, 11)]))
            assert values(reader) == [(1, 1, 10), (1, 2, 11)]
            assert "m9" not in reader.registry.meters
            ledger.register([], [register_of(9)])
            assert "m9" in reader.registry.meters


def test_a_meter_that_reads_otherwise_is_computed_again_on_all_days(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        ledger.append(batch([(1, 1, 10), (2, 97, 10)]))
        ledger.settle(ledger.dirty_keys(), [])
        meter = ledger.registry.meters["m2"]
        ledger.register([], [replace(meter, ratio=20.0), ledger.registry.meters["m1"]])
        assert {day: m.tolist() for day, m in ledger.dirty_keys().days.items()} == {JULY_1: [2], JULY_1 + 1: [2]}


def test_dirty_keys_are_told_until_they_are_settled(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        ledger.append(batch([(1, 1, 10), (3, 97, 10)]))
        dirty = ledger.dirty_keys()
        assert {day: meters.tolist() for day, meters in dirty.days.items()} == {JULY_1: [1], JULY_1 + 1: [3]}
        ledger.append(batch([(1, 1, 11)]))
        ledger.flush()
        ledger.settle(dirty, [])
        assert {day: meters.tolist() for day, meters in ledger.dirty_keys().days.items()} == {JULY_1: [1]}


def test_a_reader_beside_a_busy_writer_always_sees_what_was_acknowledged_before_it_asked(tmp_path: Path) -> None:
    """Files are replaced under the reader's hands; the grace time is over at once."""
    done, told = threading.Event(), [0]
    with new_ledger(tmp_path / "ledger") as ledger, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tanlu.monitor.recovery.GRACE_S", -1)
        ledger.append(batch([(1, 1, 0)]))

        def write() -> None:
            for number in range(1, 30):
                ledger.append(batch([(1, 1, number)]))
                told[0] = number
                if number % 3 == 0:
                    ledger.flush()
                if number % 7 == 0:
                    ledger.compact()
            done.set()

        writer = threading.Thread(target=write)
        writer.start()
        with Ledger.open(tmp_path / "ledger", read_only=True) as reader:
            while not done.is_set():
                before = told[0]
                ((_, _, value),) = values(reader)
                assert value >= before
        writer.join()
        assert values(ledger) == [(1, 1, 29)]
