"""The table reader tells every fault of a file, on the line that an editor shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanlu.core.errors import Problem
from tanlu.core.provenance import Grade
from tanlu.core.tables import Column, Table, read_table

COLUMNS = (
    Column("crop"),
    Column("region", "choice", choices=["north", "south"], refers_to="regions.csv"),
    Column("year", "year"),
    Column("area", "number", minimum=0, maximum=1e6),
    Column("unit", "unit"),
    Column("plots", "integer", False),
    Column("grade", "grade"),
    Column("note", required=False),
)
HEADER = "crop,region,year,area,unit,plots,grade,note\n"
GOOD = "rice,north,2020,12.5,10^3 ha,4,A,\n"


def read(tmp_path: Path, text: str | bytes) -> Table:
    path = tmp_path / "areas.csv"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return read_table(path, COLUMNS, key=("crop", "region", "year"), root=tmp_path)


def told(table: Table) -> list[tuple[str, int | None, str, str]]:
    return [(p.code, p.row, p.field, p.value) for p in table.problems]


def test_a_sound_row_is_typed(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + GOOD + "rape,south,2021,0,mu,,D,毛地\n")
    assert not table.problems and not table.notices and table.lines == [2, 3]
    assert table.rows[0] == {
        "crop": "rice", "region": "north", "year": 2020, "area": 12.5, "unit": "10^3 ha", "plots": 4, "grade": Grade.A, "note": "",
    }  # fmt: skip
    assert table.rows[1]["plots"] is None and table.rows[1]["note"] == "毛地"


BAD_CELLS = [
    ("rice,north,2020,much,ha,1,A,\n", ("not_a_number", 2, "area", "much")),
    ("rice,north,2020,12 500,ha,1,A,\n", ("not_a_number", 2, "area", "12 500")),
    ("rice,north,2020,nan,ha,1,A,\n", ("not_finite", 2, "area", "nan")),
    ("rice,north,2020,-3,ha,1,A,\n", ("below_minimum", 2, "area", "-3")),
    ("rice,north,2020,2e6,ha,1,A,\n", ("above_maximum", 2, "area", "2e6")),
    ("rice,north,2020,1,hectare,1,A,\n", ("unknown_unit", 2, "unit", "hectare")),
    ("rice,north,20,1,ha,1,A,\n", ("not_a_year", 2, "year", "20")),
    ("rice,north,2020.5,1,ha,1,A,\n", ("not_an_integer", 2, "year", "2020.5")),
    ("rice,north,2020,1,ha,1.5,A,\n", ("not_an_integer", 2, "plots", "1.5")),
    ("rice,west,2020,1,ha,1,A,\n", ("unknown_choice", 2, "region", "west")),
    ("rice,north,2020,1,ha,1,E,\n", ("unknown_grade", 2, "grade", "E")),
    ("rice,north,2020,,ha,1,A,\n", ("empty", 2, "area", "")),
    ("rice,north,2020,1,ha,1\n", ("wrong_width", 2, "", "")),
    ("rice,north,2020,1,ha,1,A,x,y\n", ("wrong_width", 2, "", "")),
]


@pytest.mark.parametrize(("row", "problem"), BAD_CELLS, ids=[p[0] + "-" + p[2] for _, p in BAD_CELLS])
def test_each_kind_of_bad_cell_is_told(tmp_path: Path, row: str, problem: tuple[str, int, str, str]) -> None:
    table = read(tmp_path, HEADER + row)
    assert told(table) == [problem] and not table.rows


def test_all_faults_of_a_file_are_told_together_and_good_rows_are_kept(tmp_path: Path) -> None:
    table = read(tmp_path, HEADER + "".join(row for row, _ in BAD_CELLS) + GOOD)
    assert told(table) == [
        (code, line, field, value) for line, (_, (code, _, field, value)) in enumerate(BAD_CELLS, start=2)
    ]
    assert table.lines == [len(BAD_CELLS) + 2]


def test_two_faults_of_one_row_are_both_told(tmp_path: Path) -> None:
    assert [p.field for p in read(tmp_path, HEADER + "rice,west,2020,x,ha,1,A,\n").problems] == ["region", "area"]


def test_a_repeated_key_names_the_line_that_it_repeats(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, HEADER + GOOD + "\n" + GOOD.replace("12.5", "13")).problems
    assert (problem.code, problem.row, problem.value) == ("duplicate", 4, "rice, north, 2020")
    assert problem.details["first"] == 2
    assert "2" in problem.text("zh") and "2" in problem.text("en")


def test_columns_that_are_missing_unknown_or_double_are_told_together(tmp_path: Path) -> None:
    text = HEADER.replace("area", "arae").replace("note", "unit") + GOOD
    assert told(read(tmp_path, text)) == [
        ("missing_column", 1, "area", ""),
        ("missing_column", 1, "note", ""),
        ("unknown_column", 1, "arae", ""),
        ("double_column", 1, "unit", ""),
    ]


def test_an_empty_file_misses_every_column_and_a_missing_file_says_so(tmp_path: Path) -> None:
    assert [p.code for p in read(tmp_path, "").problems] == ["missing_column"] * len(COLUMNS)
    (problem,) = read_table(tmp_path / "none.csv", COLUMNS).problems
    assert (problem.code, problem.file) == ("missing_file", "none.csv")


def test_lines_are_those_of_an_editor_also_after_cells_of_several_lines(tmp_path: Path) -> None:
    """The second record starts on line 4 because the note of the first spans lines 2 and 3; lines 7 and 8 are blank."""
    text = (
        HEADER
        + 'rice,north,2020,1,ha,1,A,"two\nlines"\nrape,north,x,1,ha,1,A,"three\n\nlines"\n\n\nmaize,north,y,1,ha,1,A,\n'
    )
    assert [(p.row, p.value) for p in read(tmp_path, text).problems] == [(4, "x"), (9, "y")]


def test_windows_lines_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    table = read(tmp_path, b"\xef\xbb\xbf" + (HEADER + GOOD).replace("\n", "\r\n").encode())
    assert not table.problems and table.lines == [2]


def test_gbk_is_read_with_a_notice(tmp_path: Path) -> None:
    table = read(tmp_path, (HEADER + GOOD.rstrip("\n") + "早稻\n").encode("gbk"))
    assert table.rows[0]["note"] == "早稻"
    (notice,) = table.notices
    assert notice.code == "gb18030" and "areas.csv" in notice.text("zh") and "GB 18030" in notice.text("en")


def test_bytes_of_no_known_encoding_are_refused_with_their_line(tmp_path: Path) -> None:
    table = read(tmp_path, (HEADER + GOOD).encode() + b"rape,\xff\xff,2020,1,ha,1,A,\n")
    assert told(table) == [("encoding", 3, "", "ff ff 2c 32")]


def test_an_open_quote_does_not_swallow_the_rest_of_the_file(tmp_path: Path) -> None:
    """Without strict quoting the open note would hold the remaining rows and nothing would be said."""
    text = HEADER + GOOD + GOOD.replace("2020", "2021").rstrip("\n") + '"open\n' + GOOD.replace("2020", "2022")
    (problem,) = read(tmp_path, text).problems
    assert (problem.code, problem.row) == ("not_csv", 3)


def test_a_huge_cell_is_a_fault_of_the_file_not_a_crash(tmp_path: Path) -> None:
    (problem,) = read(tmp_path, HEADER + '"' + "x" * 200_000 + '",north,2020,1,ha,1,A,\n').problems
    assert (problem.code, problem.row) == ("not_csv", 2)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_fault_says_place_fault_and_mend(tmp_path: Path, language: str) -> None:
    for problem in read(tmp_path, HEADER + "".join(row for row, _ in BAD_CELLS)).problems:
        text = problem.text(language)
        assert text.startswith(f"areas.csv:{problem.row}") and " → " in text and "{" not in text
        record = problem.as_record(language)
        assert record["row"] == problem.row and record["problem"] and record["mend"]


def test_where_names_file_line_and_field() -> None:
    assert Problem("empty", "a.csv", 7, "x").where() == "a.csv:7 [x]"
    assert Problem("missing_file", "a.csv").where() == "a.csv"


def test_a_text_given_in_one_language_only_is_a_fault(tmp_path: Path) -> None:
    path = tmp_path / "notes.csv"
    path.write_text("id,note_zh,note_en\na,注,note\nb,,\nc,注,\nd,,note\n", encoding="utf-8")
    columns = [Column("id"), Column("note_zh", required=False), Column("note_en", required=False)]
    table = read_table(path, columns)
    assert [(p.code, p.row, p.field, p.details["other"]) for p in table.problems] == [
        ("one_language", 4, "note_en", "note_zh"),
        ("one_language", 5, "note_zh", "note_en"),
    ]
    assert [row["id"] for row in table.rows] == ["a", "b"]
