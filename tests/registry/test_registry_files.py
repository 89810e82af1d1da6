"""Lists that bureaus send and take away: all errors of a file at once, a dry run that leaves nothing, no formula in an export."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter
from tests.registry.conftest import Office

from tanlu.programme.registries import Kind
from tanlu.programme.registry.exporting import as_csv, guarded, registry_workbook, rows_of_items
from tanlu.programme.registry.importing import import_entries
from tanlu.programme.registry.places import regions_of
from tanlu.programme.registry.reading import count_flow, count_stock, list_entries
from tanlu.records import NotPermittedError

GOOD = """名录类别,名称（姓名）,统一社会信用代码,依托单位,市州,认定日期,有效期至,是否首次认定,团队带头人
绿色低碳高新技术企业,丙科技,91430100MA4L00000F,,长沙市,2023-05-01,2026-04-30,是,
key_laboratory,丁实验室,,戊大学,hunan/changsha,2024-01-15,,1,
科技创新团队,己团队,,戊大学,长沙市,2024-02-01,,是,庚
leading talent,庚,,戊大学,长沙市,2024-02-01,,是,
leading S&T talent,辛,,戊大学,长沙市,2024-02-01,,否,
"""
BAD = """kind,name,region,valid_from,code,first
green_high_tech_firm,甲,hunan/nowhere,2023-13-01,91430100MA4L00000X,perhaps
young_talent,乙,hunan/changsha,2023-01-01,,1
star,,hunan/changsha,2023-01-01,,1
green_high_tech_firm,丙,hunan/changsha,2023-01-01,,1,extra
"""


def test_a_list_is_imported_after_a_dry_run_that_leaves_nothing(office: Office, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(GOOD.replace("leading talent,", "科技领军人才,").encode("gb18030"))
    size = office.records.database.size()
    dry = import_entries(office.records, office.bureau, file, dry_run=True)
    assert (dry.rows, dry.written, dry.problems, office.records.database.size()) == (5, 0, (), size)
    done = import_entries(office.records, office.bureau, file)
    assert (done.written, done.problems) == (5, ()) and len(done.sha256) == 64
    moment = datetime.now(UTC) + timedelta(days=1)
    with office.records.database.read() as session:
        teams = count_stock(session, [Kind.TEAM, Kind.LEADING_TALENT], date(2025, 1, 1), moment)
        new = count_flow(session, [Kind.LEADING_TALENT], date(2024, 1, 1), date(2024, 12, 31), moment)
        page = list_entries(session, office.records.rights, office.bureau)
    assert teams.province.reported == 2, "the leader of the team is not counted again"
    assert new.province.reported == 1, "a recognition that is not the first is no flow"
    assert page.total == 5
    again = import_entries(office.records, office.bureau, file)
    assert again.written == 0 and {p.code for p in again.problems} == {"registry_known"}
    assert [p.row for p in again.problems] == [2, 3, 4, 5, 6]


def test_all_errors_of_a_list_are_told_at_once_and_nothing_is_written(desk: Office, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(BAD, encoding="utf-8")
    size = desk.records.database.size()
    report = import_entries(desk.records, desk.bureau, file)
    assert {(p.row, p.field) for p in report.problems} == {
        (2, "region"), (2, "valid_from"), (2, "code"), (2, "first"), (3, "host"), (4, "name"), (5, ""),
    }  # fmt: skip
    assert desk.records.database.size() == size
    with pytest.raises(NotPermittedError):
        import_entries(desk.records, desk.unit, file)


def test_rows_of_another_prefecture_are_refused_at_their_line(desk: Office, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("kind,name,region,valid_from\nincubator,壬,株洲市,2024-01-01\n", encoding="utf-8")
    report = import_entries(desk.records, desk.bureau, file)
    assert [(p.code, p.row) for p in report.problems] == [("not_permitted", 2)]


def test_a_workbook_is_read_and_what_it_hides_is_a_problem(desk: Office, tmp_path: Path) -> None:
    file = tmp_path / "list.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["名录类别", "名称（姓名）", "市州", "认定日期"])
        sheet.write_row(2, 0, ["孵化器、众创空间", "癸", "长沙市"])
        sheet.write_datetime(2, 3, datetime(2024, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    assert import_entries(desk.records, desk.bureau, file).written == 1
    broken = tmp_path / "broken.xlsx"
    with xlsxwriter.Workbook(broken) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["kind", "name", "region", "valid_from"])
        sheet.write_row(1, 0, ["incubator", "子", "长沙市"])
        sheet.write_formula(1, 3, "=1/0", None, "#DIV/0!")
        sheet.merge_range("A3:B3", "丑")
    codes = {p.code for p in import_entries(desk.records, desk.bureau, broken).problems}
    assert codes == {"formula_error", "merged_cells"}
    text = tmp_path / "text.xlsx"
    text.write_text("no workbook", encoding="utf-8")
    assert [p.code for p in import_entries(desk.records, desk.bureau, text).problems] == ["not_xlsx"]


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+86 731", "'+86 731"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        ("＝1", "'＝1"),
        ("-12.5", "-12.5"),
        ("+1", "'+1"),
        (None, ""),
        ("长沙", "长沙"),
    ],
)
def test_no_cell_of_an_export_is_a_formula(cell: str | None, written: str) -> None:
    assert guarded(cell) == written


def test_an_export_holds_the_entries_the_counts_and_the_method(desk: Office, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("kind,name,region,valid_from\nincubator,=1+1,长沙市,2024-01-01\n", encoding="utf-8")
    assert import_entries(desk.records, desk.bureau, file).written == 1
    regions, moment = regions_of("hunan"), datetime.now(UTC) + timedelta(days=1)
    with desk.records.database.read() as session:
        items = list_entries(session, desk.records.rights, desk.bureau).items
        stock = count_stock(session, [Kind.INCUBATOR], date(2025, 1, 1), moment)
    for language in ("zh", "en"):
        header, rows = rows_of_items(items, regions, language)
        (line,) = list(csv.reader(io.StringIO(as_csv(header, rows).lstrip("\ufeff"))))[1:]
        assert line[1] == "'=1+1"
        content = registry_workbook(items, [("incubator", stock)], regions, language, moment.isoformat())
        book = openpyxl.load_workbook(io.BytesIO(content))
        assert [len(list(sheet.rows)) for sheet in book] == [2, 3, 6]
        assert (book.worksheets[0]["B2"].value, book.worksheets[0]["B2"].data_type) == ("=1+1", "s")
