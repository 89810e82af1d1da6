"""Reading activity data: both formats, both languages, and every way in which a file can be wrong."""

from __future__ import annotations

import csv
import datetime
import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tanlu.accounts.files.activity_file import read_activities, read_activity_files
from tanlu.accounts.rulebook.activity import COLUMNS, Activity
from tanlu.core.errors import DataError, Problem

ROW = ("kiln", "hunan/changsha", "2024", "liming", "limestone", "1000", "t", "ledger", "B", "5", "")
CHINESE = ("记录", "地点", "时期", "方法", "输入项", "数值", "单位", "来源", "等级", "不确定度", "备注")


def with_cell(column: str, value: object) -> list[object]:
    """Return the row with one cell changed."""
    row: list[object] = list(ROW)
    row[COLUMNS.index(column)] = value
    return row


def write_csv(
    path: Path, rows: Sequence[Sequence[object]], header: Sequence[str] = COLUMNS, encoding: str = "utf-8"
) -> Path:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([header, *rows])
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def sheet(
    path: Path, rows: Sequence[Sequence[object]], header: Sequence[str] = COLUMNS
) -> tuple[openpyxl.Workbook, Worksheet]:
    """Return a workbook with the rows on the sheet 'data', not yet saved."""
    book = openpyxl.Workbook()
    found = book.active
    assert isinstance(found, Worksheet)
    found.title = "data"
    for row in [header, *rows]:
        found.append(list(row))
    return book, found


def write_xlsx(path: Path, rows: Sequence[Sequence[object]], header: Sequence[str] = COLUMNS) -> Path:
    book, _ = sheet(path, rows, header)
    book.save(path)
    return path


def problems_of(*paths: Path) -> list[Problem]:
    with pytest.raises(DataError) as caught:
        read_activities(paths)
    return list(caught.value.problems)


def only(*paths: Path) -> Problem:
    found = problems_of(*paths)
    assert len(found) == 1, [p.text("en") for p in found]
    return found[0]


def expected(file: str, row: int) -> Activity:
    return Activity(*ROW[:9], uncertainty=5.0, note="", file=file, row=row)  # type: ignore[arg-type]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("header", [COLUMNS, CHINESE], ids=["en", "zh"])
def test_csv_is_read_in_both_languages(tmp_path: Path, encoding: str, header: Sequence[str]) -> None:
    path = write_csv(tmp_path / "a.csv", [ROW], header, encoding)
    assert read_activities([path]) == [expected("a.csv", 2)]


@pytest.mark.parametrize("header", [COLUMNS, CHINESE], ids=["en", "zh"])
def test_xlsx_is_read_in_both_languages(tmp_path: Path, header: Sequence[str]) -> None:
    row = [*ROW]
    numbers: list[object] = [*row[:2], 2024, *row[3:5], 1000, *row[6:9], 5, None]
    path = write_xlsx(tmp_path / "a.xlsx", [numbers], header)
    assert read_activities([path]) == [expected("a.xlsx[data]", 2)]


def test_gbk_is_read_with_a_notice(tmp_path: Path) -> None:
    path = write_csv(tmp_path / "a.csv", [with_cell("source", "统计年鉴")], CHINESE, "gbk")
    found = read_activity_files([path])
    assert found.activities[0].source == "统计年鉴"
    assert "GB 18030" in found.notices[0].text("en")


def test_columns_may_stand_in_any_order_and_optional_ones_may_be_missing(tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "a.csv", [("t", "1.50", "limestone", "liming", "2024-05", "cn")],
        ("unit", "value", "input", "method", "period", "place"),
    )  # fmt: skip
    [found] = read_activities([path])
    assert found == Activity("", "cn", "2024-05", "liming", "limestone", "1.50", "t", file="a.csv", row=2)


def test_numbers_keep_their_decimals_and_sheets_show_fifteen_digits(tmp_path: Path) -> None:
    text = write_csv(tmp_path / "a.csv", [with_cell("value", "0.10")])
    assert read_activities([text])[0].value == "0.10"
    cells = write_xlsx(tmp_path / "a.xlsx", [with_cell("value", 0.1 + 0.2)])
    assert read_activities([cells])[0].value == "0.3"


def test_lines_are_those_that_an_editor_shows(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    first = ",".join([*ROW[:10], '"two\nlines"'])
    path.write_text(f"{','.join(COLUMNS)}\n{first}\n\n{','.join(ROW)}\n", encoding="utf-8")
    assert [a.row for a in read_activities([path])] == [2, 5]


MISTAKES = [
    ("period", "2024年5月", "date_as_text", "write 2024-05"),
    ("period", "2024/5/1", "date_as_text", "write 2024-05"),
    ("period", "2024.05", "date_as_text", "write 2024-05"),
    ("period", "2024年", "date_as_text", "write 2024"),
    ("period", "20240531", "date_as_text", "write 2024-05"),
    ("period", "45413", "date_as_text", "write 2024-05"),
    ("period", "２０２４", "date_as_text", "write 2024"),
    ("period", "2024-13", "not_a_period", "write 2024 or 2024-05"),
    ("period", "May 24", "not_a_period", "write 2024 or 2024-05"),
    ("period", "", "empty", "remove the row"),
    ("value", "1,234.5", "number_as_text", "write 1234.5"),
    ("value", "１２３．５", "number_as_text", "write 123.5"),
    ("value", "1 234 567", "number_as_text", "write 1234567"),
    ("value", "−12", "number_as_text", "write -12"),
    ("value", "1,5", "not_a_number", "without unit, spaces or thousands separators"),
    ("value", "12-15", "not_a_number", "write digits only"),
    ("value", "25%", "not_a_number", "without unit"),
    ("value", "1_000", "not_a_number", "write digits only"),
    ("value", "", "empty", "missing is not zero"),
    ("value", "inf", "not_finite", "remove the row"),
    ("value", "#DIV/0!", "formula_error", "correct the formula"),
    ("unit", "#N/A", "formula_error", "correct the formula"),
    ("grade", "E", "unknown_grade", "write A (official)"),
    ("uncertainty", "5 %", "not_a_number", "write digits only"),
    ("place", "", "empty", "fill it in"),
    ("method", "", "empty", "fill it in"),
    ("input", " ", "empty", "fill it in"),
]


@pytest.mark.parametrize(("column", "value", "code", "mend"), MISTAKES)
def test_a_wrong_cell_of_a_csv_is_told_with_column_and_mend(
    tmp_path: Path, column: str, value: str, code: str, mend: str
) -> None:
    problem = only(write_csv(tmp_path / "a.csv", [ROW, with_cell(column, value)]))
    assert (problem.code, problem.file, problem.row, problem.field) == (code, "a.csv", 3, column)
    assert problem.value == value.strip()
    assert mend in problem.text("en")
    assert str(problem.as_record("zh")["mend"])


@pytest.mark.parametrize(("column", "value", "code", "mend"), [m for m in MISTAKES if m[1].strip()])
def test_a_wrong_cell_of_a_sheet_is_told_with_its_address(
    tmp_path: Path, column: str, value: str, code: str, mend: str
) -> None:
    problem = only(write_xlsx(tmp_path / "a.xlsx", [ROW, with_cell(column, value)]))
    address = f"{'ABCDEFGHIJK'[COLUMNS.index(column)]}3"
    assert (problem.code, problem.file, problem.row, problem.field) == (code, "a.xlsx[data]", 3, address)
    assert problem.value == value and mend in problem.text("en")


def test_all_problems_of_all_files_come_together(tmp_path: Path) -> None:
    first = write_csv(tmp_path / "a.csv", [with_cell("value", "1,000"), with_cell("period", "2024年"), ROW])
    second = write_xlsx(tmp_path / "b.xlsx", [with_cell("grade", "X"), with_cell("place", None)])
    found = {(p.file, p.row, p.field) for p in problems_of(first, second, tmp_path / "none.csv")}
    assert found == {
        ("a.csv", 2, "value"), ("a.csv", 3, "period"), ("b.xlsx[data]", 2, "I2"), ("b.xlsx[data]", 3, "B3"), ("none.csv", None, ""),
    }  # fmt: skip


def test_a_date_cell_where_a_period_is_wanted(tmp_path: Path) -> None:
    problem = only(write_xlsx(tmp_path / "a.xlsx", [with_cell("period", datetime.date(2024, 5, 1))]))
    assert (problem.code, problem.field, problem.value) == ("date_cell", "C2", "2024-05-01")
    assert "write 2024-05 (month) or 2024 (year)" in problem.text("en")


def test_a_date_cell_where_a_number_is_wanted(tmp_path: Path) -> None:
    problem = only(write_xlsx(tmp_path / "a.xlsx", [with_cell("value", datetime.datetime(2024, 1, 2))]))
    assert (problem.code, problem.field, problem.value) == ("date_for_number", "F2", "2024-01-02")
    assert "format the cell as number or text" in problem.text("en")


def test_a_formula_without_its_result(tmp_path: Path) -> None:
    problem = only(write_xlsx(tmp_path / "a.xlsx", [with_cell("value", "=SUM(1,2)")]))
    assert (problem.code, problem.field, problem.value) == ("formula_without_value", "F2", "=SUM(1,2)")
    assert "recalculate and save" in problem.text("en")


def test_a_formula_with_its_result_is_a_number(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("data")
    page.write_row(0, 0, COLUMNS)
    page.write_row(1, 0, ROW)
    page.write_formula("F2", "=500+0.5", None, 500.5)
    book.close()
    assert read_activities([path])[0].value == "500.5"


def test_an_error_cell_of_a_formula(tmp_path: Path) -> None:
    import xlsxwriter

    path = tmp_path / "a.xlsx"
    book = xlsxwriter.Workbook(str(path))
    page = book.add_worksheet("data")
    page.write_row(0, 0, COLUMNS)
    page.write_row(1, 0, ROW)
    page.write_formula("F2", "=1/0", None, "#DIV/0!")
    book.close()
    problem = only(path)
    assert (problem.code, problem.field, problem.value) == ("formula_error", "F2", "#DIV/0!")


def test_merged_cells(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book, page = sheet(path, [ROW, ROW])
    page.merge_cells("B2:B3")
    book.save(path)
    found = problems_of(path)
    merged = found[0]
    assert (merged.code, merged.file, merged.row, merged.field) == ("merged_cells", "a.xlsx[data]", 2, "B2:B3")
    assert "unmerge them" in merged.text("en") and "hunan/changsha" in merged.text("en")
    # the cell that merging emptied is told too
    assert [(p.code, p.field) for p in found[1:]] == [("empty", "B3")]


def test_a_percent_cell_under_the_unit_percent(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    row = with_cell("unit", "%")
    row[COLUMNS.index("value")] = 0.05
    book, page = sheet(path, [row])
    page["F2"].number_format = "0%"
    book.save(path)
    problem = only(path)
    assert (problem.code, problem.field, problem.value) == ("percent_cell", "F2", "0.05")
    assert "write 5" in problem.text("en")


def test_a_hidden_sheet_is_not_read_and_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    book, _ = sheet(path, [ROW])
    other = book.copy_worksheet(book["data"])
    other.title, other.sheet_state = "old", "hidden"
    book.create_sheet("remarks")["A1"] = "see the ledger"
    book.save(path)
    found = read_activity_files([path])
    assert len(found.activities) == 1
    assert [(n.code, n.details["sheet"]) for n in found.notices] == [
        ("hidden_sheet", "old"),
        ("sheet_not_read", "remarks"),
    ]


def test_a_row_of_another_width(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(
        f"{','.join(COLUMNS)}\n{','.join(ROW)}\n{','.join(ROW[:-2])}\n{','.join(ROW)},,\n", encoding="utf-8"
    )
    problem = only(path)
    assert (problem.code, problem.row) == ("wrong_width", 3)
    assert "9 cells instead of 11" in problem.text("en") and "check commas" in problem.text("en")
    cells = write_xlsx(tmp_path / "a.xlsx", [[*ROW[:-1], "note", "and more"]])
    problem = only(cells)
    assert (problem.code, problem.file, problem.field) == ("wrong_width", "a.xlsx[data]", "L2")


def test_unknown_missing_and_double_columns(tmp_path: Path) -> None:
    header = ["record", "place", "period", "method", "input", "amount", "unit", "unit"]
    found = problems_of(write_csv(tmp_path / "a.csv", [], header))
    assert {(p.code, p.field) for p in found} == {
        ("missing_column", "value"), ("unknown_column", "amount"), ("double_column", "unit"),
    }  # fmt: skip
    assert all(p.row == 1 for p in found)


def test_a_file_without_rows_is_empty(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"")
    (tmp_path / "b.xlsx").write_bytes(b"")
    write_csv(tmp_path / "c.csv", [])
    write_xlsx(tmp_path / "d.xlsx", [])
    found = problems_of(*(tmp_path / n for n in ("a.csv", "b.xlsx", "c.csv", "d.xlsx")))
    assert [(p.code, p.file) for p in found] == [
        ("empty_file", "a.csv"), ("empty_file", "b.xlsx"), ("empty_file", "c.csv"), ("empty_file", "d.xlsx[data]"),
    ]  # fmt: skip


def test_files_that_are_no_workbooks(tmp_path: Path) -> None:
    (tmp_path / "text.xlsx").write_text("record,place")
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(600)
    (tmp_path / "old.xlsx").write_bytes(ole)
    (tmp_path / "locked.xlsx").write_bytes(ole + "EncryptedPackage".encode("utf-16-le"))
    with zipfile.ZipFile(tmp_path / "zip.xlsx", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    (tmp_path / "data.ods").write_bytes(b"x")
    names = ("text.xlsx", "old.xlsx", "locked.xlsx", "zip.xlsx", "data.ods")
    found = {p.file: p for p in problems_of(*(tmp_path / n for n in names))}
    assert {n: found[n].code for n in names} == {
        "text.xlsx": "not_xlsx", "old.xlsx": "not_xlsx", "locked.xlsx": "encrypted_xlsx", "zip.xlsx": "not_xlsx",
        "data.ods": "unknown_file_type",
    }  # fmt: skip
    assert "old xls format" in found["old.xlsx"].text("en") and "旧的 xls" in found["old.xlsx"].text("zh")
    assert "without the password" in found["locked.xlsx"].text("en")


def test_a_damaged_workbook_is_answered(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [ROW])
    with zipfile.ZipFile(path) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = parts["xl/worksheets/sheet1.xml"][:300]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    assert only(path).code == "not_xlsx"


def test_files_that_are_too_large(tmp_path: Path) -> None:
    for name, size in (("a.csv", 201_000_000), ("a.xlsx", 51_000_000)):
        with (tmp_path / name).open("wb") as file:
            file.truncate(size)
    found = problems_of(tmp_path / "a.csv", tmp_path / "a.xlsx")
    assert [(p.code, p.value, p.details["limit"]) for p in found] == [
        ("too_large", "201", 200),
        ("too_large", "51", 50),
    ]
    assert "split it by year or place" in found[0].text("en")


def test_a_small_workbook_that_unpacks_to_much_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    block = bytes(10_000_000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for n in range(101):
            archive.writestr(f"xl/{n}.xml", block)
    assert path.stat().st_size < 10_000_000
    assert only(path).code == "too_large"


def test_text_that_is_no_csv(tmp_path: Path) -> None:
    semicolons = tmp_path / "a.csv"
    semicolons.write_text(";".join(COLUMNS) + "\n" + ";".join(ROW) + "\n", encoding="utf-8")
    problem = only(semicolons)
    assert (problem.code, problem.row, problem.value) == ("wrong_delimiter", 1, ";") and "with commas" in problem.text(
        "en"
    )
    quote = tmp_path / "b.csv"
    quote.write_text(",".join(COLUMNS) + "\n" + '"kiln' + ",".join(ROW[1:]) + "\n", encoding="utf-8")
    assert (only(quote).code, only(quote).row) == ("not_csv", 2)
    utf16 = tmp_path / "c.csv"
    utf16.write_bytes(",".join(COLUMNS).encode("utf-16"))
    assert only(utf16).code == "encoding"


def test_a_workbook_without_activity_data_names_the_columns(tmp_path: Path) -> None:
    path = write_xlsx(tmp_path / "a.xlsx", [], ("year", "coal", "oil"))
    problem = only(path)
    assert problem.code == "no_activity_sheet" and "record, place, period" in problem.text("en")


def test_every_row_of_a_large_file_is_read(tmp_path: Path) -> None:
    rows = [
        (
            f"r{n // 4}",
            f"cn/p{n % 300}",
            str(2005 + n % 20),
            *ROW[3:5],
            f"{n * 1.37:.3f}",
            "t",
            f"book {n % 50}",
            "B",
            "",
            "",
        )
        for n in range(20_000)
    ]
    path = write_csv(tmp_path / "a.csv", rows)
    found = read_activities([path])
    assert len(found) == 20_000 and found[-1].value == f"{19_999 * 1.37:.3f}"


def test_one_wrong_cell_among_many_is_found(tmp_path: Path) -> None:
    rows = [list(ROW) for _ in range(5000)]
    rows[4321][COLUMNS.index("value")] = "1,000"
    problem = only(write_csv(tmp_path / "a.csv", rows))
    assert (problem.row, problem.value) == (4323, "1,000")


def test_files_of_one_name_are_told_apart(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write_csv(tmp_path / folder / "x.csv", [with_cell("value", "1,000") if folder == "b" else ROW])
    assert only(tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv").file == (tmp_path / "b" / "x.csv").as_posix()
