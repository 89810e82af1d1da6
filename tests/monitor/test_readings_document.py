"""Documents of readings: the quick way and the careful way say the same, and every fault is told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.monitor.listening import NOW, T0, ledger_of

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.document_lists import MOST_PROBLEMS
from tanlu.monitor.ledger import Ledger
from tanlu.monitor.quick_document import MeterIndex, quick_columns
from tanlu.monitor.readings_document import CSV, JSON, LINES, DocumentReader


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with ledger_of(tmp_path_factory.mktemp("documents")) as made:
        yield made


@pytest.fixture(scope="module")
def reader(ledger: Ledger) -> DocumentReader:
    return DocumentReader(ledger.registry)


def rows_of(reader: DocumentReader, body: bytes | str | Any, kind: str = JSON) -> list[tuple[int, int, int, int]]:
    raw = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
    batch = reader.read(raw, kind, "http:x", NOW)
    assert batch.quality is not None
    columns = (np.asarray(batch.meter), batch.ts, batch.value, batch.quality)
    return list(zip(*(c.tolist() for c in columns), strict=True))


def problems_of(reader: DocumentReader, body: bytes | str | Any, kind: str = JSON) -> list[Problem]:
    with pytest.raises(DataError) as error:
        rows_of(reader, body, kind)
    assert all(p.text(language) for p in error.value.problems for language in ("zh", "en"))
    return list(error.value.problems)


def told(problems: list[Problem]) -> list[tuple[int | None, str, str]]:
    return [(p.row, p.field, p.code.removeprefix("monitor_")) for p in problems]


ISO = "2026-01-01T08:00:00+08:00"
"""1767225600 seconds since 1970."""
STAMP = 1_767_225_600


def test_all_forms_say_the_same(ledger: Ledger, reader: DocumentReader) -> None:
    """By hand: 1.25 and 2 with two decimals are 125 and 200; 08:00 in China is midnight UTC; M is 3."""
    m1, m2 = (ledger.registry.meters[m].number for m in ("m1", "m2"))
    wanted = [(m1, STAMP, 125, 0), (m2, STAMP + 900, 200, 3)]
    cells = [("m1", ISO, 1.25, "N"), ("m2", "2026-01-01T00:15:00Z", 2, "M")]
    records = [dict(zip(("meter", "time", "value", "quality"), cell, strict=True)) for cell in cells]
    columns = {name: [r[name] for r in records] for name in records[0]}
    numbered = columns | {"time": [STAMP, STAMP + 900], "quality": [0, 3]}
    table = "meter,time,value,quality\n" + "".join(f"{m},{t},{v},{q}\n" for m, t, v, q in cells)
    assert rows_of(reader, {"batch": "b", "readings": records}) == wanted
    assert rows_of(reader, records) == wanted
    assert rows_of(reader, columns) == wanted
    assert rows_of(reader, numbered) == wanted
    assert rows_of(reader, "\n".join(map(json.dumps, records)), LINES) == wanted
    assert rows_of(reader, table, CSV) == wanted
    assert rows_of(reader, "\ufeff" + table.replace("\n", "\r\n"), CSV) == wanted


def test_the_quality_may_be_left_out_of_all_rows_or_of_some(ledger: Ledger, reader: DocumentReader) -> None:
    number = ledger.registry.meters["m1"].number
    plain = {"meter": "m1", "time": STAMP, "value": 1}
    assert rows_of(reader, [plain, plain | {"quality": "estimated"}]) == [
        (number, STAMP, 100, 0),
        (number, STAMP, 100, 2),
    ]


def test_the_name_of_the_batch_is_that_of_the_document(reader: DocumentReader) -> None:
    rows = [{"meter": "m1", "time": STAMP, "value": 1}]
    assert reader.read(json.dumps({"batch": "b7", "readings": rows}).encode(), JSON, "x", NOW, "other").id == "b7"
    assert reader.read(json.dumps({"readings": rows}).encode(), JSON, "x", NOW, "other").id == "other"


def test_every_fault_of_every_row_is_told(reader: DocumentReader) -> None:
    good = {"meter": "m1", "time": ISO, "value": 1}
    rows = [
        good, good | {"meter": "mx"}, good | {"time": "2026-01-01T08:00:00"}, good | {"value": "1"},
        good | {"value": True, "meter": 7}, good | {"value": None, "quality": "Z"}, good | {"time": NOW + 7200},
        good | {"value": 1e300}, good | {"time": 1.5}, good | {"time": "2026-02-30T00:00:00Z"}, good | {"quality": True},
    ]  # fmt: skip
    assert told(problems_of(reader, {"readings": rows})) == [
        (2, "meter", "row_meter"), (3, "time", "row_time"), (4, "value", "row_value"), (5, "meter", "row_meter"),
        (5, "value", "row_value"), (6, "value", "row_value"), (6, "quality", "row_quality"), (7, "time", "row_refused"),
        (8, "value", "row_refused"), (9, "time", "row_time"), (10, "time", "row_time"), (11, "quality", "row_quality"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "kind", "wanted"),
    [
        (b"{", JSON, [(None, "", "not_json")]),
        (b"\xff", JSON, [(None, "", "not_json")]),
        (b'{"meter": ["m1"], "time": ["\xff"], "value": [1]}', JSON, [(None, "", "not_json")]),
        (b"meter,time,value\nm1," + b"9" * 5000 + b",1\n", CSV, [(2, "time", "row_time")]),
        (b"7", JSON, [(None, "", "not_json")]),
        (b"[]", JSON, [(None, "", "no_readings")]),
        (b"[7]", JSON, [(1, "", "not_json")]),
        (b"[" * 100_000, JSON, [(None, "", "not_json")]),
        (b'{"readings": 1}', JSON, [(None, "readings", "missing_field")]),
        (b'{"readings": [], "unit": 1}', JSON, [(None, "unit", "field")]),
        (b'{"meter": ["m1"], "time": [1]}', JSON, [(None, "value", "missing_field")]),
        (b'{"meter": ["m1"], "time": [1], "value": [1, 2]}', JSON, [(None, "value", "column_length")]),
        (b'[{"meter": "m1", "time": 1}]', JSON, [(1, "value", "missing_field")]),
        (b'[{"meter": "m1", "time": 1767225600, "value": 1, "qualty": 1}]', JSON, [(1, "qualty", "field")]),
        (
            b'[{"meter": "mx", "time": "yesterday", "value": "a"}, {"meter": "m1", "time": "soon"}, 7]',
            JSON,
            [
                (1, "meter", "row_meter"),
                (1, "time", "row_time"),
                (1, "value", "row_value"),
                (2, "value", "missing_field"),
                (2, "time", "row_time"),
                (3, "", "not_json"),
            ],
        ),
        (b'[{"meter": "m1", "time": 1, "value": NaN}]', JSON, [(None, "", "not_json")]),
        (b'{"meter": "m1", "time": 1, "value": 1}\n{\n', LINES, [(2, "", "not_json")]),
        (b"meter,time\nm1,1\n", CSV, [(1, "value", "missing_field")]),
        (b"meter,time,value,x\nm1,1,1,1\n", CSV, [(1, "x", "field")]),
        (b"meter,time,value\nm1,1\n", CSV, [(2, "", "wrong_width")]),
        (b"meter,time,value\nm1,1767225600,1\nm1,1767225600,n/a\n", CSV, [(3, "value", "row_value")]),
        (
            b"meter,time,value\nm1,--5,1\nm1,0001-01-01T00:00:00+14:00,1\n",
            CSV,
            [(2, "time", "row_time"), (3, "time", "row_refused")],
        ),
        (b"meter,time,value\n", CSV, [(None, "", "no_readings")]),
        (b"", CSV, [(1, "meter", "missing_field"), (1, "time", "missing_field"), (1, "value", "missing_field")]),
    ],
)
def test_documents_that_are_none_are_told(
    reader: DocumentReader, body: bytes, kind: str, wanted: list[tuple[int | None, str, str]]
) -> None:
    assert told(problems_of(reader, body, kind)) == wanted


def test_more_decimals_than_the_meter_keeps_are_not_rounded_away(reader: DocumentReader) -> None:
    """Two decimals are kept: 0.07 and 1234567.89 are whole hundredths, though not as floats; 0.075 is not."""
    body = {"meter": ["m1"] * 4, "time": [STAMP] * 4, "value": [0.07, 1234567.89, 0.075, 29.95]}
    (problem,) = problems_of(reader, body)
    assert (problem.row, problem.field, problem.code) == (3, "value", "monitor_row_refused")
    body["value"][2] = 0.08
    assert [value for _, _, value, _ in rows_of(reader, body)] == [7, 123_456_789, 8, 2995]


def test_not_more_than_a_thousand_faults_are_told(reader: DocumentReader) -> None:
    body = {"meter": ["mx"] * 1500, "time": [STAMP] * 1500, "value": [1] * 1500}
    problems = problems_of(reader, body)
    assert len(problems) == MOST_PROBLEMS + 1
    assert (problems[-1].code, problems[-1].value) == ("monitor_more_problems", "500")


cells = st.fixed_dictionaries(
    {
        "meter": st.sampled_from(["m1", "m2", "mx", "", 7]),
        "time": st.sampled_from([STAMP, ISO, "2026-01-01T00:15:00Z", 10**12, None, T0]),
        "value": st.one_of(st.integers(-(10**6), 10**6), st.floats(-1e9, 1e9), st.sampled_from([None, "1", 1e300])),
    },
    optional={"quality": st.sampled_from(["N", "M", 3, 12, None, "good"])},
)


@given(st.lists(cells, min_size=1, max_size=4), st.booleans())
def test_the_quick_way_and_the_careful_way_agree(
    reader: DocumentReader, rows: list[dict[str, Any]], by_row: bool
) -> None:
    """Whatever the quick way takes, the careful way takes with the same result; and what is refused is refused with a reason."""
    names = ("meter", "time", "value", "quality") if all("quality" in r for r in rows) else ("meter", "time", "value")
    document: dict[str, Any] = {"readings": rows} if by_row else {n: [r[n] for r in rows] for n in names}
    body = json.dumps(document).encode()
    try:
        quick = rows_of(reader, body)
    except DataError as error:
        assert error.problems
        return
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tanlu.monitor.readings_document.quick_columns", lambda *_: None)
        assert rows_of(reader, body) == quick


def test_usual_documents_go_the_quick_way() -> None:
    """Otherwise the speed would be lost without anybody noticing."""
    rows = '{"meter": "m1", "time": "2026-01-01T00:15:00Z", "value": 1, "quality": "N"}'
    columns = '{"meter": ["m1"], "time": [1767225600], "value": [1]}'
    table = "meter,time,value\nm1,1767225600,1.5\n"
    for body, form in (
        (f'{{"batch": "b", "readings": [{rows}, {rows}]}}', "rows"),
        (columns, "columns"),
        (f"{rows}\n{rows}\n", "lines"),
        (table, "csv"),
    ):
        assert quick_columns(body.encode(), form) is not None, form


def test_meters_are_found_in_small_and_in_large_registries() -> None:
    import pyarrow as pa

    column = pa.chunked_array([pa.array(["m3", "m1", "nobody", "m3"])])
    for size in (10, 10_000):
        index = MeterIndex({f"m{i}": i + 100 for i in range(size)})
        assert index.numbers_of(column).tolist() == [103, 101, -1, 103]
