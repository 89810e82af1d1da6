"""Files of readings: what is taken, what is refused and why, and what a second time changes (nothing)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from tests.monitor.ledger_fixture import DAY_START, JULY_1, NOW, REGIONS, Clock, new_ledger, plant, register_of
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.core.errors import DataError
from tanlu.monitor import bulk, compaction, reading_tables, spill
from tanlu.monitor.batch import Batch
from tanlu.monitor.bulk import AT_STAMP
from tanlu.monitor.ingest import default_known_at, ingest_file
from tanlu.monitor.ledger import FOLDER, Ledger
from tanlu.monitor.meter_finder import NOT_FOUND, MeterFinder
from tanlu.monitor.schema import Quality
from tanlu.monitor.stamps import stamp_of
from tanlu.monitor.verifying import verify
from tanlu.workspace import Workspace

HEADER = "meter,time,value,quality\n"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    with new_ledger(tmp_path / "ledger") as opened:
        yield opened


def file(folder: Path, text: str, name: str = "readings.csv", encoding: str = "utf-8") -> Path:
    path = folder / name
    path.write_text(text, encoding=encoding)
    return path


def values(ledger: Ledger, known_at: int | None = None) -> list[tuple[int, int, int, int]]:
    table = ledger.readings(JULY_1 - 1, JULY_1 + 2, known_at=known_at)
    stamps = [ts - DAY_START for ts in table.column("ts").to_pylist()]
    columns = [table.column(name).to_pylist() for name in ("meter", "value", "quality")]
    return [(m, ts, v, q) for m, ts, v, q in zip(columns[0], stamps, *columns[1:], strict=True)]


def test_english_and_chinese_files_in_all_their_forms_say_the_same(tmp_path: Path) -> None:
    wanted = [(1, 900, 1234, Quality.GOOD), (1, 86400, 1300, Quality.STOPPED), (2, 4500, 50, Quality.MANUAL)]
    english = (
        HEADER + "m1,2024-07-01 00:15,12.34,\nm1,2024-07-02T00:00:00+08:00,13,stopped\nm2,2024-06-30T17:15:00Z,0.5,1\n"
    )
    chinese = (
        "表号;采集时间;读数;状态;备注\nm1;2024年7月1日0时15分;12.34;正常;\n"
        "m1;2024/7/1 24:00;13;停产;无\nm2;2024-07-01 01:15:00;0.50;手工;\n"
    )
    book = Workbook()
    book.active.append(["表号", "时间", "读数", "状态"])
    book.active.append(["m1", datetime(2024, 7, 1, 0, 15), 12.34, None])
    book.active.append(["m1", "2024-07-02", 13, "F"])
    book.active.append([])
    book.active.append(["m2", datetime(2024, 7, 1, 1, 15), "0.5", "S"])
    book.save(tmp_path / "sheet.xlsx")
    frame = pa.table(
        {
            "meter": ["m1", "m1", "m2"],
            "time": pa.array([datetime(2024, 7, 1, 0, 15), datetime(2024, 7, 2), datetime(2024, 7, 1, 1, 15)]),
            "value": [12.34, 13.0, 0.5],
            "quality": [0, 8, 1],
        }
    )
    pq.write_table(frame, tmp_path / "frame.parquet")
    whole = {
        "ts": np.array([DAY_START + 900, DAY_START + 86400, DAY_START + 4500]),
        "value": np.array([1234, 1300, 50]),
    }
    pq.write_table(pa.table({"meter": ["m1", "m1", "m2"], **whole, "quality": [0, 8, 1]}), tmp_path / "whole.parquet")
    paths = [
        file(tmp_path, english, "english.csv"),
        file(tmp_path, english.replace("\n", "\r\n"), "windows.csv", "utf-8-sig"),
        file(tmp_path, chinese, "chinese.csv", "gb18030"),
        tmp_path / "sheet.xlsx",
        tmp_path / "frame.parquet",
        tmp_path / "whole.parquet",
    ]
    for number, path in enumerate(paths):
        with new_ledger(tmp_path / f"ledger{number}") as ledger:
            report = ingest_file(ledger, path)
            assert (report.rows, report.accepted, report.refused, report.batch) == (3, 3, {}, 1), path.name
            assert values(ledger) == wanted, path.name
            codes = {n.code for n in report.notices}
            assert codes == ({"gb18030", "readings_columns_unused"} if number == 2 else set())


def test_each_refused_row_has_its_line_and_reason_and_the_others_are_taken(ledger: Ledger, tmp_path: Path) -> None:
    rows = [
        ("m1,2024-07-01 00:15,1.5,", None), ("m9,2024-07-01 00:15,1,", "unknown_meter"), ("m1,tomorrow,1,", "no_moment"),
        ("m1,2024-02-30 00:15,1,", "no_moment"), ("m1,2024-07-01 00:30,abc,", "not_a_number"),
        ("m1,2024-07-01 00:45,,", "no_value"), ("m1,2024-07-01 01:00,,D", None), ("m1,2024-07-01 01:15,1.2345,", "more_decimals"),
        ("m1,2024-07-01 01:30,1,splendid", "unknown_quality"), ("", None), ("m1,2024-07-01 01:45,1,0,0", "wrong_width"),
        ("m1,1991-07-01 00:15,1,", "before_1992"), ("m1,2031-07-01 00:15,1,", "in_future"),
        ("m1,2024-07-01 02:00,1e30,", "value_too_large"),
        ("m1,2024-07-01 02:15,0.1,", None),
    ]  # fmt: skip
    report = ingest_file(ledger, file(tmp_path, HEADER + "\n".join(row for row, _ in rows) + "\n"))
    told = {row.line: row.reason for row in report.shown}
    assert told == {line: reason for line, (_, reason) in enumerate(rows, 2) if reason}
    assert sum(report.refused.values()) == len(told) and report.accepted == 3 and report.rows == 14
    assert values(ledger) == [(1, 900, 150, 0), (1, 3600, 0, Quality.FAULT), (1, 8100, 10, 0)]
    kept = [json.loads(line) for line in ledger.aside.path.read_text(encoding="utf-8").splitlines()]
    assert {(k["line"], k["reason"]) for k in kept} == set(told.items())


def test_the_same_file_twice_changes_nothing_and_another_file_with_the_same_rows_neither(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = file(tmp_path, HEADER + "m1,2024-07-01 00:15,1,\nm2,2024-07-01 00:15,2,\n")
    assert ingest_file(ledger, path).accepted == 2
    before = ledger.catalog.files(0, 10**6), ledger.catalog.batches()
    again = ingest_file(ledger, path)
    assert again.known and (again.rows, again.accepted, again.duplicates) == (2, 0, 2)
    other = ingest_file(
        ledger, file(tmp_path, HEADER + "m2,2024-07-01 00:15,2.0,\nm1,2024-07-01 00:15,1,\n", "other.csv")
    )
    assert (other.batch, other.accepted, other.duplicates) == (0, 0, 2)
    assert (ledger.catalog.files(0, 10**6), ledger.catalog.batches()) == before


def test_a_file_with_refused_rows_is_read_again_because_a_meter_may_be_registered_since(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = file(tmp_path, HEADER + "m1,2024-07-01 00:15,1,\nm7,2024-07-01 00:15,2,\n")
    assert ingest_file(ledger, path).refused == {"unknown_meter": 1}
    ledger.register([], [register_of(7)])
    again = ingest_file(ledger, path)
    assert (again.accepted, again.duplicates, again.refused) == (1, 1, {})
    assert ingest_file(ledger, path).known


def test_corrections_are_counted_and_the_last_of_repeated_rows_counts(ledger: Ledger, tmp_path: Path) -> None:
    ingest_file(ledger, file(tmp_path, HEADER + "m1,2024-07-01 00:15,1,\nm1,2024-07-01 00:30,2,\n"))
    moment = ledger.catalog.meta("last_known_at")
    text = HEADER + "m1,2024-07-01 00:15,1,\nm1,2024-07-01 00:30,3,\nm1,2024-07-01 00:45,4,\nm1,2024-07-01 00:45,5,\n"
    report = ingest_file(ledger, file(tmp_path, text, "second.csv"))
    assert (report.accepted, report.changed, report.duplicates, report.repeated) == (3, 1, 1, 1)
    assert [v for _, _, v, _ in values(ledger)] == [100, 300, 500]
    assert [v for _, _, v, _ in values(ledger, moment)] == [100, 200]
    assert {day: m.tolist() for day, m in ledger.dirty_keys().days.items()} == {JULY_1: [1]}


def test_a_first_load_counts_as_known_at_its_own_time_and_a_later_one_from_then_on(
    ledger: Ledger, tmp_path: Path
) -> None:
    path = file(tmp_path, HEADER + "m1,2024-07-01 00:15,1,\nm1,2024-07-01 00:30,2,\n")
    assert default_known_at(ledger) == AT_STAMP
    ingest_file(ledger, path, known_at=default_known_at(ledger))
    at_first = (DAY_START + 900) * 1_000_000
    assert [v for _, _, v, _ in values(ledger, at_first)] == [100]
    assert default_known_at(ledger) is None
    assert ingest_file(ledger, path, known_at=default_known_at(ledger)).known, "the default differs, the file does not"
    answered = ledger.catalog.meta("last_known_at")
    ingest_file(
        ledger, file(tmp_path, HEADER + "m1,2024-07-01 00:15,7,\n", "late.csv"), known_at=default_known_at(ledger)
    )
    assert [v for _, _, v, _ in values(ledger, answered)] == [100, 200]
    assert [v for _, _, v, _ in values(ledger)] == [700, 200]


def test_a_first_load_that_another_batch_overtakes_counts_from_then_on(
    ledger: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the file is read another one begins the ledger, and answers may be given: July was not known in July any more."""

    @contextmanager
    def overtaken() -> Iterator[None]:
        number = ledger.registry.meters["m2"].number
        ledger.append(Batch("other", np.array([number], np.int32), np.array([DAY_START + 900]), np.array([1])))
        yield

    path = file(tmp_path, "meter,time,value\nm1,2024-07-01 01:00,5\n")
    monkeypatch.setattr(ledger, "given_back", overtaken)
    report = ingest_file(ledger, path, known_at=default_known_at(ledger))
    assert (report.accepted, report.at_stamp) == (1, False)
    assert min(ledger.readings(JULY_1, JULY_1).column("known_at").to_pylist()) > NOW


def test_a_dry_run_tells_the_same_and_writes_nothing(ledger: Ledger, tmp_path: Path) -> None:
    path = file(tmp_path, HEADER + "m1,2024-07-01 00:15,1,\nm9,2024-07-01 00:15,2,\n")
    dry = ingest_file(ledger, path, dry=True)
    assert (dry.accepted, dry.refused, dry.batch) == (1, {"unknown_meter": 1}, 0)
    assert values(ledger) == [] and ledger.catalog.batches() == [] and not ledger.aside.path.exists()
    assert list((ledger.path / "readings").iterdir()) == []
    assert ingest_file(ledger, path).accepted == 1


@pytest.mark.parametrize("day_parts", [True, False])
def test_blocks_and_what_is_kept_on_disk_do_not_change_the_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, day_parts: bool
) -> None:
    rows = [f"m{1 + i % 4},{DAY_START + 900 * (1 + i // 4)},{i}.5," for i in range(1200)]
    rows[700] = "m1,never,1,"
    path = file(tmp_path, HEADER + "\n".join(rows))
    changes = [f"m{1 + i % 3},{DAY_START + 900 * (1 + i // 4)},7.5," for i in range(0, 1200, 5 if day_parts else 200)]
    later = file(tmp_path, HEADER + "\n".join(changes), "later.csv")
    with new_ledger(tmp_path / "whole") as ledger:
        whole = ingest_file(ledger, path)
        wanted = ledger.readings(0, 10**6)
        second = ingest_file(ledger, later)
        then = ledger.readings(0, 10**6)
    monkeypatch.setattr(reading_tables, "BLOCK_BYTES", 700)
    for module in (spill, bulk, compaction):
        monkeypatch.setattr(module, "GROUP_BITS", 1)
    for module in (spill, compaction):
        monkeypatch.setattr(module, "IN_MEMORY", 100)
    with new_ledger(tmp_path / "parts") as ledger:
        parts = ingest_file(ledger, path)
        assert parts == whole and whole.shown[0].line == 702
        assert ledger.readings(0, 10**6).equals(wanted) and wanted.num_rows == 1199
        assert list((ledger.path / "staging").iterdir()) == []
        assert replace(ingest_file(ledger, later), batch=0) == replace(second, batch=0)
        for _ in range(2):
            found = ledger.readings(0, 10**6)
            assert all(found.column(c).equals(then.column(c)) for c in ("meter", "ts", "value", "quality", "batch"))
            ledger.compact()
        assert all(ledger.day_files(day).plain for day in ledger.days()) and verify(ledger) == []


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "empty_file"),
        ("a.csv", b"meter,value\nm1,2\n", "readings_column"),
        ("a.csv", b"meter,time,value,reading\nm1,1,2,2\n", "double_column"),
        ("a.csv", b"meter,time,value\nm1,2024-07-01,1\n" + b"\x81\xff\n", "encoding"),
        ("a.parquet", b"PAR1 is not enough", "readings_not_parquet"),
        ("a.xlsx", b"PK is not enough", "not_xlsx"),
    ],
)
def test_what_is_no_table_of_readings_is_told_and_nothing_is_taken(
    ledger: Ledger, tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DataError) as error:
        ingest_file(ledger, tmp_path / name)
    assert error.value.problems[0].code == code
    assert all(p.text("zh") and p.text("en") for p in error.value.problems)
    assert ledger.catalog.batches() == []


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2024-07-01 00:00", DAY_START), ("2024-07-01", DAY_START), ("2024-06-30 24:00:00", DAY_START),
        ("20240701000000", DAY_START),
        ("2024.7.1 0:00:00", DAY_START), ("2024年07月01日 00:00", DAY_START), ("2024年7月1日0时", DAY_START),
        ("２０２４－０７－０１", DAY_START),
        ("2024-06-30T16:00:00.000Z", DAY_START), ("2024-07-01T02:00+10:00", DAY_START), (str(DAY_START), DAY_START),
        (str(DAY_START * 1000), DAY_START), ("2017-01-01 07:59:60", 1_483_228_800), ("2016-12-31T23:59:60Z", 1_483_228_800),
        ("2024-07-01 00:00:60", None), ("2024-07-01 24:30", None), ("2024-02-30", None), ("2024-07-01 00:61", None), ("", None),
        ("07/01/2024", None), ("2024-07-01T00:00+25:00", None),
    ],
)  # fmt: skip
def test_moments_are_read_by_rule(text: str, seconds: int | None) -> None:
    """1,483,228,800 is 2017-01-01 00:00:00 UTC, right after the leap second of 2016-12-31 (IERS Bulletin C 52)."""
    assert stamp_of(text) == seconds


@given(
    st.dictionaries(st.text("ab表1", min_size=1, max_size=12), st.integers(1, 10**6), max_size=20),
    st.lists(st.text("ab表1 ", max_size=13), max_size=20),
)
def test_meters_are_found_by_id_as_in_a_dictionary(numbers: dict[str, int], asked: list[str]) -> None:
    """Ids of up to 36 bytes, so that some are longer than the words of the hash table; texts that are no ids among them."""
    texts = [*asked, *numbers, *(f" {name} " for name in numbers)]
    found = MeterFinder(numbers).find(pa.array([*texts, None], pa.string()))
    assert found.tolist() == [*(numbers.get(text.strip(), NOT_FOUND) for text in texts), NOT_FOUND]


def test_the_command_tells_sums_reasons_and_days(tmp_path: Path) -> None:
    Workspace.create(tmp_path / "w", "land")
    with Ledger.create(tmp_path / "w" / FOLDER, "land", REGIONS, Clock(NOW)) as ledger:
        ledger.register([plant()], [register_of(n) for n in (1, 2)])
    (tmp_path / "in").mkdir()
    file(tmp_path / "in", HEADER + "m1,2024-07-01 00:15,1,\nm9,2024-07-01 00:15,1,\n", "a.csv")
    file(tmp_path / "in", HEADER + "m2,2024-07-02 00:15,1,\n", "b.csv")
    runner = CliRunner()
    where = ["--workspace", str(tmp_path / "w"), "--lang", "en"]
    done = runner.invoke(app, ["monitor", "ingest", str(tmp_path / "in"), *where, "--json"])
    told = json.loads(done.output)
    assert (done.exit_code, told["rows"], told["accepted"], told["refused"], told["days"]) == (0, 3, 2, 1, 2)
    assert told["files"][0]["first_refused"] == [
        {"line": 3, "reason": "unknown_meter", "text": "m9, 2024-07-01 00:15:00, 1.0, "}
    ]
    again = json.loads(runner.invoke(app, ["monitor", "ingest", str(tmp_path / "in"), *where, "--json"]).output)
    assert (again["accepted"], again["duplicates"], again["days"]) == (0, 2, 0)
    # a pattern without files, as that of the forms of a fleet of two weeks, is passed over beside others and a fault alone
    none = str(tmp_path / "forms" / "*.parquet")
    beside = json.loads(runner.invoke(app, ["monitor", "ingest", str(tmp_path / "in"), none, *where, "--json"]).output)
    assert (beside["rows"], beside["notices"]) == (3, [f"{none}: no files of readings, passed over"])
    alone = runner.invoke(app, ["monitor", "ingest", none, *where, "--json"])
    assert alone.exit_code == 2 and "no files of readings" in alone.output
    wrong = runner.invoke(app, ["monitor", "ingest", str(tmp_path / "in"), *where, "--known-at", "yesterday"])
    assert wrong.exit_code == 2
    shown = runner.invoke(app, ["monitor", "ledger", "--verify", *where])
    assert shown.exit_code == 0 and "2024-07-01 to 2024-07-02" in shown.output
