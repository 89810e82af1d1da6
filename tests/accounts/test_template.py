"""Templates: what they say, and the way from a filled template to results."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tanlu.accounts.files.activity_file import read_activities, read_activity_files
from tanlu.accounts.files.template import template_csv, template_workbook
from tanlu.accounts.files.template_content import MethodContent
from tanlu.accounts.files.template_layout import EXAMPLE, EXAMPLE_ROW, HEAD_ROW, NAME_ROW, units_of
from tanlu.accounts.rulebook.activity import COLUMNS
from tanlu.accounts.rulebook.computation import compute, find_set
from tanlu.accounts.rulebook.method_search import find_method
from tanlu.core.errors import DataError
from tanlu.core.library import load_library

SETS = ("ipcc-2006", "cn-province-2011", "cn-enterprise", "cn-ets-2024")


def content(topic: str, method_set: str = "ipcc-2006") -> MethodContent:
    chosen = find_set(method_set)
    return MethodContent(find_method(topic, chosen), chosen, load_library(), 2022, "cn")


def save(path: Path, *contents: MethodContent) -> Path:
    path.write_bytes(template_workbook(contents))
    return path


def fill(path: Path, sheet: str, *rows: dict[str, Any]) -> Path:
    """Write rows below the example, by the names in the row of names."""
    book = openpyxl.load_workbook(path)
    page = book[sheet]
    names = {str(c.value): c.column for c in page[NAME_ROW]}
    for number, row in enumerate(rows, EXAMPLE_ROW + 1):
        for name, value in row.items():
            page.cell(number, names[name]).value = value
    book.save(path)
    return path


def test_a_filled_template_gives_the_result_of_the_hand_calculation(tmp_path: Path) -> None:
    """Liming: (1000 t × 0.12 + 200 t × 0.13) × 44/12 = 535.33 t CO2, IPCC 2006 vol. 4 eq. 11.12."""
    path = save(tmp_path / "t.xlsx", content("liming"))
    row = {"record": "field", "place": "cn", "period": "2022", "limestone|t": 1000, "dolomite|t": 200, "grade": "B",
           "source": "ledger", "uncertainty": 10, "limestone_carbon|t C/t": 0.12, "dolomite_carbon|t C/t": 0.13}  # fmt: skip
    [result] = compute(read_activities([fill(path, "liming", row)]), "ipcc-2006")
    assert result.value == pytest.approx((1000 * 0.12 + 200 * 0.13) * 44 / 12)
    [limestone] = [a for a in read_activities([path]) if a.input == "limestone"]
    assert (limestone.file, limestone.row, limestone.source) == ("t.xlsx[liming]", EXAMPLE_ROW + 1, "ledger")
    assert (limestone.grade, limestone.uncertainty, limestone.unit) == ("B", 10.0, "t")


@pytest.mark.parametrize("method_set", SETS)
def test_the_example_of_every_method_computes(tmp_path: Path, method_set: str) -> None:
    """The example row, copied under another name, is complete: nothing is missing, no unit and no word is wrong."""
    chosen = find_set(method_set)
    assert chosen.methods
    contents = [content(topic, method_set) for topic in chosen.methods]
    path = save(tmp_path / "t.xlsx", *contents)
    book = openpyxl.load_workbook(path)
    for page in book.worksheets[: len(contents)]:
        for column in range(1, page.max_column + 1):
            page.cell(EXAMPLE_ROW + 1, column).value = page.cell(EXAMPLE_ROW, column).value
        page.cell(EXAMPLE_ROW + 1, 1).value = page.title
    book.save(path)
    results = compute(read_activities([path]), method_set)
    assert {r.record for r in results} == {page.title for page in book.worksheets[: len(contents)]}


def test_the_example_row_alone_is_no_data(tmp_path: Path) -> None:
    path = save(tmp_path / "t.xlsx", content("liming"))
    with pytest.raises(DataError) as caught:
        read_activities([path])
    [problem] = caught.value.problems
    assert (problem.code, problem.file) == ("only_example_row", "t.xlsx[liming]")


def test_units_that_are_alternatives_have_a_column_with_a_list(tmp_path: Path) -> None:
    shown = content("fuel-combustion")
    units = units_of(shown.method.by_name["fuel_amount"])
    assert units == ["t", "10^4 Nm3", "GJ"]
    path = save(tmp_path / "t.xlsx", shown)
    book = openpyxl.load_workbook(path)
    page = book["fuel-combustion"]
    names = {str(c.value): c.column_letter for c in page[NAME_ROW]}
    lists = {str(v.sqref).partition(":")[0]: v for v in page.data_validations.dataValidation if v.type == "list"}

    def entries(name: str) -> list[str]:
        source = lists[f"{names[name]}{EXAMPLE_ROW + 1}"].formula1
        cells = book["lists"][source.partition("!")[2].replace("$", "")]
        return [str(c[0].value) for c in cells]

    assert entries("fuel_amount.unit") == units
    assert entries("grade") == ["A", "B", "C", "D"]
    [coal] = [e for e in entries("fuel") if e.startswith("bituminous_coal ")]
    assert "烟煤" in coal and "bituminous coal" in coal
    row = {"record": "boiler", "place": "cn", "period": "2022", "fuel_amount": 1, "fuel_amount.unit": "10^4 Nm3",
           "fuel": coal, "net_calorific_value": 389.31, "net_calorific_value.unit": "GJ/10^4 Nm3"}  # fmt: skip
    activities = read_activities([fill(path, "fuel-combustion", row)])
    assert {(a.input, a.value, a.unit) for a in activities} == {
        ("fuel_amount", "1", "10^4 Nm3"), ("fuel", "bituminous_coal", ""),
        ("net_calorific_value", "389.31", "GJ/10^4 Nm3"),
    }  # fmt: skip


def test_headers_are_frozen_commented_and_in_both_languages(tmp_path: Path) -> None:
    shown = content("fuel-combustion")
    path = save(tmp_path / "t.xlsx", shown)
    book = openpyxl.load_workbook(path)
    page = book["fuel-combustion"]
    assert page.freeze_panes == f"D{HEAD_ROW + 1}"
    names = {str(c.value): c.column for c in page[NAME_ROW]}
    head = page.cell(HEAD_ROW, names["carbon_content|t C/GJ"])
    assert "[t C/GJ]" in str(head.value) and "\n" in str(head.value)
    remark = str(head.comment.text)
    # plausible range of the declaration, default factor of the library with its locator, in both languages
    wanted = shown.method.by_name["carbon_content"]
    factor = shown.defaults["carbon_content"].factor
    for text in (
        f"{wanted.low:g}",
        f"{wanted.high:g}",
        f"{factor.value:g}",
        factor.locator,
        "合理范围",
        "plausible range",
    ):
        assert text in remark
    assert page.cell(EXAMPLE_ROW, 1).value == EXAMPLE


def test_numbers_are_validated_within_the_plausible_range(tmp_path: Path) -> None:
    shown = content("fuel-combustion")
    book = openpyxl.load_workbook(save(tmp_path / "t.xlsx", shown))
    page = book["fuel-combustion"]
    column = next(c.column_letter for c in page[NAME_ROW] if c.value == "carbon_content|t C/GJ")
    [check] = [
        v for v in page.data_validations.dataValidation if str(v.sqref).startswith(f"{column}{EXAMPLE_ROW + 1}:")
    ]
    wanted = shown.method.by_name["carbon_content"]
    assert (check.type, float(check.formula1), float(check.formula2)) == ("decimal", wanted.low, wanted.high)


def test_the_notes_give_rule_clause_and_formula_in_both_languages(tmp_path: Path) -> None:
    shown = content("liming")
    book = openpyxl.load_workbook(save(tmp_path / "t.xlsx", shown))
    cells = [str(c.value) for row in book.worksheets[1].iter_rows() for c in row if c.value]
    for text in (shown.method.formula, shown.method.clause):
        assert cells.count(text) == 2
    assert any("Missing is not zero" in c for c in cells) and any("缺失不是零" in c for c in cells)


def test_the_same_template_is_the_same_file() -> None:
    assert template_workbook([content("liming")]) == template_workbook([content("liming")])


def test_a_template_that_was_changed_is_told(tmp_path: Path) -> None:
    path = save(tmp_path / "t.xlsx", content("liming"))
    book = openpyxl.load_workbook(path)
    page = book["liming"]
    page.cell(NAME_ROW, 4).value = "chalk|t"
    book.save(path)
    with pytest.raises(DataError) as caught:
        read_activities([path])
    [problem] = caught.value.problems
    assert (problem.code, problem.field, problem.value) == ("template_changed", f"D{NAME_ROW}", "chalk|t")
    assert "tanlu account template liming" in problem.text("en")


def test_wrong_cells_of_a_template_are_told_with_their_address(tmp_path: Path) -> None:
    path = save(tmp_path / "t.xlsx", content("liming"))
    good = {"record": "r", "place": "cn", "period": "2022", "limestone|t": 1}
    fill(path, "liming", {**good, "limestone|t": "1,000"}, {**good, "period": "2022年"}, {**good, "record": None},
         {"record": "empty", "place": "cn", "period": "2022"})  # fmt: skip
    book = openpyxl.load_workbook(path)
    book["liming"].merge_cells("A6:A7")
    book.save(path)
    with pytest.raises(DataError) as caught:
        read_activities([path])
    first = EXAMPLE_ROW + 1
    assert {(p.code, p.field) for p in caught.value.problems} == {
        ("number_as_text", f"D{first}"), ("date_as_text", f"C{first + 1}"), ("empty", f"A{first + 2}"),
        ("empty", f"D{first + 3}"), ("merged_cells", "A6:A7"),
    }  # fmt: skip


def test_a_problem_of_the_computation_is_located_in_the_template(tmp_path: Path) -> None:
    """The carbon content of CO2 in place of carbon (× 44/12) is found in its cell."""
    path = save(tmp_path / "t.xlsx", content("fuel-combustion"))
    row = {"record": "boiler", "place": "cn", "period": "2022", "fuel_amount": 1, "fuel_amount.unit": "t",
           "fuel": "bituminous_coal", "carbon_content|t C/GJ": 0.0946}  # fmt: skip
    read = read_activity_files([fill(path, "fuel-combustion", row)])
    with pytest.raises(DataError) as caught:
        compute(read.activities, "ipcc-2006")
    [problem] = read.located(caught.value).problems
    page = openpyxl.load_workbook(path)["fuel-combustion"]
    column = next(c.column_letter for c in page[NAME_ROW] if c.value == "carbon_content|t C/GJ")
    assert (problem.code, problem.field) == ("carbon_slip", f"{column}{EXAMPLE_ROW + 1}")
    assert "divide by 44/12" in problem.text("en")


def test_the_csv_template_names_every_input_and_its_example_is_left_out(tmp_path: Path) -> None:
    shown = content("fuel-combustion")
    text = template_csv(shown)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == list(COLUMNS)
    assert [r["input"] for r in rows] == [i.name for i in shown.method.inputs]
    # filled: another name for the record, values where they must be given, optional rows removed
    lines = [r | {"record": "boiler"} for r in rows if r["value"]]
    path = tmp_path / "t.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows([*rows, *lines])
    read = read_activities([path])
    assert {a.record for a in read} == {"boiler"}
    assert len(compute(read, "ipcc-2006")) == 1


def test_a_source_that_is_cited_as_a_whole_leaves_no_empty_place() -> None:
    text = template_csv(content("fuel-combustion", "cn-enterprise"))
    assert "24.515" in text and not {sign for sign in ("，；", ", ;") if sign in text}


def test_a_method_that_a_set_does_not_have() -> None:
    with pytest.raises(DataError) as caught:
        find_method("electricity-location-based", find_set("ipcc-2006"))
    assert caught.value.problems[0].code == "method_not_in_set"
    with pytest.raises(DataError) as caught:
        find_method("limeing", find_set("ipcc-2006"))
    assert "liming" in caught.value.problems[0].text("en")
