"""Full disk, damaged and missing files, a damaged journal: named, nothing half-written, the rest still readable."""

from __future__ import annotations

import json
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from tests.monitor.ledger_fixture import DAY_START, JULY_1, Clock, new_ledger

from tanlu.core.errors import DataError
from tanlu.monitor import durable, journal
from tanlu.monitor.aside import Aside
from tanlu.monitor.batch import Batch
from tanlu.monitor.engines.choice import open_engine
from tanlu.monitor.ingest import ingest_file
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.recovery import GRACE_S
from tanlu.monitor.rollup import rollup
from tanlu.monitor.verifying import give_up, verify


def batch(slot: int, value: int = 5, rows: int = 1) -> Batch:
    ts = DAY_START + 900 * (slot + np.arange(rows))
    return Batch("test", np.full(rows, 1, np.int32), ts, np.full(rows, value))


def values(ledger: Ledger) -> list[int]:
    return [int(v) for v in ledger.readings(JULY_1, JULY_1 + 1).column("value").to_pylist()]


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """Let no file grow beyond a size, as on a full disk: the system refuses the write (the signal is ignored by Python)."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files(ledger: Ledger) -> set[str]:
    return {p.relative_to(ledger.path).as_posix() for p in ledger.path.rglob("*.parquet")}


def test_a_full_disk_is_named_and_no_batch_is_half_taken(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        ledger.append(batch(1))
        size = (ledger.path / "journal").stat().st_size
        with disk_of(4000), pytest.raises(DataError) as error:
            ledger.append_many([batch(2), batch(10, rows=500)])
        assert [p.code for p in error.value.problems] == ["ledger_disk"]
        assert values(ledger) == [5]
        assert ledger.append(batch(3, 7)).batch == 2
        assert (ledger.path / "journal").stat().st_size >= size
    with Ledger.open(tmp_path / "ledger") as ledger:
        assert values(ledger) == [5, 7]


def test_a_full_disk_at_a_flush_leaves_the_batches_in_the_journal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        ledger.append(batch(90, rows=20))
        with monkeypatch.context() as patch:
            patch.setattr(durable, "write_all", _full_after(1))
            with pytest.raises(DataError) as error:
                ledger.flush()
        assert error.value.problems[0].code == "ledger_disk"
        assert values(ledger) == [5] * 20 and files(ledger) == set()
        assert ledger.flush() == 20 and verify(ledger) == []
    with Ledger.open(tmp_path / "ledger") as ledger:
        assert values(ledger) == [5] * 20
        assert len(files(ledger)) == 2


def test_a_full_disk_at_an_ingest_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [f"m1,{DAY_START + 900 * i},{i}" for i in range(1, 200)]
    (tmp_path / "a.csv").write_text("meter,time,value\n" + "\n".join(rows), encoding="utf-8")
    with new_ledger(tmp_path / "ledger") as ledger:
        with monkeypatch.context() as patch:
            patch.setattr(durable, "write_all", _full_after(1))
            with pytest.raises(DataError):
                ingest_file(ledger, tmp_path / "a.csv")
        assert files(ledger) == set() and ledger.catalog.batches() == []
        assert ingest_file(ledger, tmp_path / "a.csv").accepted == 199


def _full_after(writes: int) -> object:
    """Return a stand-in for writing that finds the disk full after some writes; the real one cannot be filled in a test."""
    done = 0

    def write(handle: int, content: memoryview | bytes) -> None:
        nonlocal done
        done += 1
        if done > writes:
            raise OSError(28, "No space left on device")
        os.write(handle, content)

    return write


def two_days(folder: Path) -> Ledger:
    ledger = new_ledger(folder)
    ledger.append_many([batch(1, rows=3), batch(97, 6, rows=3)])
    ledger.flush()
    return ledger


@pytest.mark.parametrize("damage", ["short", "flipped", "missing"])
def test_a_damaged_file_is_named_the_other_days_are_read_and_life_goes_on_without_it(
    tmp_path: Path, damage: str
) -> None:
    with two_days(tmp_path / "ledger") as ledger:
        name = ledger.catalog.files(JULY_1, JULY_1)[0].name
        path = ledger.path / "readings" / name
        content = bytearray(path.read_bytes())
        if damage == "short":
            path.write_bytes(content[: len(content) // 2])
        elif damage == "flipped":
            content[40] ^= 0xFF
            path.write_bytes(content)
        else:
            path.unlink()
        code = "ledger_file_missing" if damage == "missing" else "ledger_file_changed"
        assert [(p.code, p.value) for p in verify(ledger)] == [(code, name)]
        with pytest.raises(DataError) as error:
            ledger.readings(JULY_1, JULY_1)
        assert (error.value.problems[0].code, error.value.problems[0].value) == ("ledger_file_unreadable", path.name)
        for engine in ("kernel", "duckdb"):
            with pytest.raises(DataError) as error:
                rollup(ledger, open_engine(engine))
            assert error.value.problems[0].code == "ledger_file_unreadable"
        assert ledger.readings(JULY_1 + 1, JULY_1 + 1).num_rows == 3
        assert give_up(ledger, name)[1] == ["test"]
        assert verify(ledger) == [] and values(ledger) == [6, 6, 6]
        assert ledger.append(batch(1, rows=3)).duplicate is False, "its source can be taken again"
        assert values(ledger) == [5, 5, 5, 6, 6, 6]


def test_debris_of_a_crash_is_removed_and_replaced_files_go_after_a_while(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with two_days(tmp_path / "ledger") as ledger:
        ledger.append(batch(1, 9))
        ledger.compact()
        assert len(files(ledger)) == 5, "the two files of the first day stay for those who are reading them"
        debris = ledger.path / "readings" / "day=2024-07-01" / "x.parquet"
        debris.write_bytes(b"half")
    monkeypatch.setattr("tanlu.monitor.recovery.GRACE_S", -GRACE_S)
    with Ledger.open(tmp_path / "ledger") as ledger:
        assert not debris.exists() and len(files(ledger)) == 3
        assert values(ledger) == [9, 5, 5, 6, 6, 6]


def test_the_torn_end_of_a_journal_is_left_out(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        ledger.append_many([batch(1), batch(2)])
        (segment,) = (ledger.path / "journal").iterdir()
    whole = segment.read_bytes()
    half = len(whole) // 2
    for cut in (half + 5, half, half - 1, 3, 0):
        segment.write_bytes(whole[:cut])
        found = journal.read_segment(segment)
        assert (len(found.entries), found.damaged) == (cut // half, ())


def test_damage_inside_a_journal_is_stepped_over_told_and_kept_aside(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        ledger.append_many([batch(1), batch(2), batch(3)])
        (segment,) = (ledger.path / "journal").iterdir()
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 0xFF
    segment.write_bytes(content)
    with Ledger.open(tmp_path / "ledger") as ledger:
        assert len(values(ledger)) == 2
        assert [n.code for n in ledger.notices] == ["ledger_journal_damaged"]
        assert all(n.text("zh") and n.text("en") for n in ledger.notices)
        assert (ledger.path / "aside" / segment.name).read_bytes() == content


def test_a_journal_that_outlives_its_flush_counts_once(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        ledger.append(batch(1))
        (segment,) = (ledger.path / "journal").iterdir()
        content = segment.read_bytes()
        ledger.flush()
        assert not segment.exists()
    segment.write_bytes(content)
    with Ledger.open(tmp_path / "ledger", read_only=True) as reader:
        assert values(reader) == [5]
    with Ledger.open(tmp_path / "ledger") as ledger:
        assert values(ledger) == [5] and len(ledger.catalog.files(0, 10**6)) == 1


def test_a_creation_that_was_cut_off_is_begun_again_but_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "ledger" / "readings").mkdir(parents=True)
    (tmp_path / "ledger" / "catalog.db.new-journal").write_bytes(b"half")
    with new_ledger(tmp_path / "ledger") as ledger:
        ledger.append(batch(1))
        with pytest.raises(DataError) as error:
            new_ledger(tmp_path / "ledger")
        assert error.value.problems[0].code == "ledger_exists"
        assert values(ledger) == [5]


def test_a_damaged_catalogue_is_named(tmp_path: Path) -> None:
    two_days(tmp_path / "ledger").close()
    (tmp_path / "ledger" / "catalog.db").write_bytes(b"no database" * 1000)
    with pytest.raises(DataError) as error:
        Ledger.open(tmp_path / "ledger")
    assert error.value.problems[0].code == "ledger_catalog_damaged"
    with pytest.raises(DataError) as missing:
        Ledger.open(tmp_path / "nowhere")
    assert missing.value.problems[0].code == "ledger_missing"


def test_what_is_kept_aside_is_bounded_and_the_latest_is_there(tmp_path: Path) -> None:
    aside = Aside(tmp_path / "aside", file_bytes=50_000, files=2)
    aside.put({"source": "test", "reason": "in_future", "line": n} for n in range(20_000))
    assert len(aside.closed()) == 2
    assert sum(p.stat().st_size for p in (tmp_path / "aside").iterdir()) < 3 * 120_000
    last = (aside.path if aside.path.exists() else aside.closed()[-1]).read_text(encoding="utf-8").splitlines()[-1]
    assert json.loads(last)["line"] == 19_999


def test_batches_claimed_to_be_known_later_than_now_are_refused_as_a_whole(tmp_path: Path) -> None:
    clock = Clock()
    with new_ledger(tmp_path / "ledger", clock=clock) as ledger:
        late = Batch("test", np.array([1], np.int32), np.array([DAY_START]), np.array([1]), known_at=clock.now + 10**12)
        with pytest.raises(DataError) as error:
            ledger.append_many([batch(1), late])
        assert error.value.problems[0].code == "known_at_future"
        assert values(ledger) == []
