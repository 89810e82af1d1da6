"""What a first-time user types: words apart, Chinese names, years without a factor; and what is printed then."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import openpyxl
import pytest
from rich.cells import cell_len
from typer.testing import CliRunner, Result

from tanlu.accounts.rulebook.activity import COLUMNS
from tanlu.accounts.rulebook.near_names import spaced_unit
from tanlu.cli import app
from tanlu.core.labels import Label, compose


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["account", *map(str, arguments)])


def test_words_may_stand_apart_and_a_name_of_the_trade_is_known() -> None:
    """热值 is what a stoker calls the net calorific value."""
    apart = json.loads(invoke("factors", "无烟煤", "热值", "--json").stdout)
    assert apart == json.loads(invoke("factors", "无烟煤 热值", "--json").stdout)
    parameters = [f["parameter"] for f in apart["factors"]]
    assert parameters[0] == "net_calorific_value" and "carbon_content" in parameters
    assert parameters == sorted(parameters, key=lambda p: p != "net_calorific_value")
    assert {"anthracite"} == {
        part for f in apart["factors"] for part in f["subject"].split(".") if part == "anthracite"
    }


def test_a_year_without_a_factor_names_the_years_there_are_and_what_is_taken() -> None:
    """The announcements end with 2023; a computation of 2060 takes that of Hunan of 2023, 0.4976 t/MWh."""
    asked = ("factors", "电网", "--year", "2060", "--region", "hunan")
    found = json.loads(invoke(*asked, "--json").stdout)
    assert found["count"] == 0
    grid = next(n for n in found["nearest"] if n["taken"]["id"] == "cn-grid.co2_factor.hunan.2023")
    assert grid["years"] == ["2021", "2022", "2023"] and "hunan" in grid["areas"]
    text = invoke(*asked, "--lang", "en").stdout
    assert "2021, 2022, 2023" in text and "takes cn-grid.co2_factor.hunan.2023 = 0.4976 t CO2/MWh" in text
    before = json.loads(invoke("factors", "电网", "--year", "1990", "--region", "hunan", "--json").stdout)
    assert before["nearest"] and all(n["taken"] is None for n in before["nearest"])
    assert "no later year" in invoke("factors", "电网", "--year", "1990", "--region", "hunan", "--lang", "en").stdout


def test_what_is_nowhere_in_the_library_is_said() -> None:
    text = invoke("factors", "no", "such", "thing", "--lang", "en").stdout
    assert "no factor holds all of these words: no such thing" in text


def test_nothing_is_printed_for_what_is_not_known() -> None:
    for language in ("zh", "en"):
        lines = invoke("factors", "--lang", language).stdout.splitlines()
        assert len(lines) > 500
        assert not [
            x
            for x in lines
            if "，；" in x or "； ；" in x or x.strip() in ("–", "-", ",") or x.rstrip().endswith(("，", "–", ", "))
        ]


def test_a_name_with_dots_is_whole() -> None:
    labels = {"a.1": Label("a.1", "整", "whole"), "a": Label("a", "甲", "first")}
    assert compose(labels, "a.1", "en", ".") == "whole" and compose(labels, "a.2", "en", ".") == "first | 2"
    text = invoke("factors", "--set", "gb-t-32151.22-2024", "--lang", "en").stdout
    assert "national standard GB/T 32151.22-2024 (gb-t-32151.22-2024): " in text and "22-2024 |" not in text


def test_methods_that_are_called_so_come_first() -> None:
    found = [m["topic"] for m in json.loads(invoke("methods", "水泥", "--json").stdout)["methods"]]
    named = ["水泥" in m["name_zh"] for m in json.loads(invoke("methods", "水泥", "--json").stdout)["methods"]]
    assert "cement-clinker" in found and any(named)
    assert named == sorted(named, reverse=True)
    assert json.loads(invoke("methods", "lime", "--json").stdout)["methods"][0]["topic"].startswith("lim")


@pytest.mark.parametrize("name", ["liming", "CO2 OF LIMING", "施用石灰二氧化碳"])
def test_a_template_takes_the_name_of_a_method(tmp_path: Path, name: str) -> None:
    done = invoke("template", name, "--out", tmp_path / "t.xlsx")
    assert done.exit_code == 0, done.output
    assert openpyxl.load_workbook(tmp_path / "t.xlsx").worksheets[0].title == "liming"


def test_near_names_are_told_and_never_the_alphabet(tmp_path: Path) -> None:
    several = invoke("template", "水泥", "--out", tmp_path / "t", "--lang", "zh")
    assert several.exit_code == 2 and "cement-clinker（水泥熟料" in several.stderr and "aluminium" not in several.stderr
    near = invoke("template", "limeing", "xyzzy", "--out", tmp_path / "t", "--lang", "en")
    assert near.exit_code == 2 and "liming (" in near.stderr and "tanlu account methods xyzzy" in near.stderr
    assert list(tmp_path.iterdir()) == []


def test_several_methods_are_sheets_of_one_workbook_and_may_stay_empty(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    assert (
        invoke("template", "liming", "fuel-combustion", "--place", "cn", "--year", "2022", "--out", path).exit_code == 0
    )
    book = openpyxl.load_workbook(path)
    assert book.sheetnames[:2] == ["liming", "fuel-combustion"]
    page = book["fuel-combustion"]
    for column in range(1, page.max_column + 1):
        page.cell(5, column).value = page.cell(4, column).value
    page.cell(5, 1).value = "boiler"
    book.save(path)
    done = invoke("compute", path, "--set", "ipcc-2006", "--out", tmp_path / "out", "--lang", "en")
    assert done.exit_code == 0, done.output
    assert "t.xlsx[liming]: holds only the example row" in done.stderr


def test_several_methods_are_rows_of_one_csv(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    assert invoke("template", "liming", "fuel-combustion", "--format", "csv", "--out", path).exit_code == 0
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))
    assert {r["method"] for r in rows} == {"liming", "fuel-combustion"}


@pytest.mark.parametrize(
    ("language", "said"), [("en", "give its record another name"), ("zh", "把它的记录名改成自己的")]
)
def test_data_in_the_example_row_are_mended_by_another_name(tmp_path: Path, language: str, said: str) -> None:
    path = tmp_path / "t.csv"
    invoke("template", "liming", "--format", "csv", "--out", path)
    done = invoke("compute", path, "--set", "ipcc-2006", "--out", tmp_path / "out", "--lang", language)
    assert done.exit_code == 2 and said in done.stderr
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    with path.open("w", encoding="utf-8", newline="") as file:
        kept = [r for r in rows[1:] if r[COLUMNS.index("value")]]
        csv.writer(file).writerows([rows[0], *(["field", "cn", *r[2:]] for r in kept)])
    assert invoke("compute", path, "--set", "ipcc-2006", "--out", tmp_path / "out").exit_code == 0


def test_a_factor_that_fits_is_not_called_exact(tmp_path: Path) -> None:
    path = Path(__file__).parents[2] / "docs" / "examples" / "cement-works.csv"
    invoke("compute", path, "--set", "cn-enterprise", "--out", tmp_path / "out")
    text = invoke("audit", "kiln 1", "--out", tmp_path / "out", "--lang", "en").stdout
    assert "of that place and year" in text and "(exact)" not in text
    assert "–, " not in text and ", –" not in text


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_reconciliation_is_readable_in_80_columns(language: str) -> None:
    lines = invoke("reconcile", "--lang", language).stdout.splitlines()
    assert len(lines) > 15 and max(cell_len(line) for line in lines) <= 80
    assert any(line.startswith("[1] ") for line in lines) and not [x for x in lines if "│" in x]


@pytest.mark.parametrize(
    ("words", "topic"),
    [
        ("六氟化硫", "magnesium-sf6"),
        ("SF₆", "magnesium-sf6"),
        ("sulphur hexafluoride", "sf6-production"),
        ("氢氟碳化物", "hfc23"),
        ("全氟碳化物", "aluminium-pfc"),
        ("电子工业", "electronics-area"),
        ("氧化亚氮", "nitric-acid"),
    ],
)
def test_methods_are_found_by_the_names_of_their_gases_and_categories(words: str, topic: str) -> None:
    found = json.loads(invoke("methods", words, "--json").stdout)["methods"]
    assert topic in [m["topic"] for m in found]


def test_methods_of_a_gas_all_give_it() -> None:
    found = json.loads(invoke("methods", "六氟化硫", "--json").stdout)["methods"]
    assert found and all("SF6" in [o["gas"] for o in m["outputs"]] for m in found)


def problems_of(folder: Path, *rows: str) -> list[str]:
    """What is told in Chinese of rows that are wrong, a line each."""
    path = folder / "a.csv"
    path.write_text("record,place,period,method,input,value,unit,source,grade\n" + "\n".join(rows), encoding="utf-8")
    done = invoke("compute", path, "--set", "cn-enterprise", "--out", folder / "out", "--lang", "zh")
    assert done.exit_code == 2, done.output
    return [line for line in done.stderr.splitlines() if "a.csv:" in line]


def test_near_methods_and_inputs_are_shown_by_their_chinese_names(tmp_path: Path) -> None:
    method, wrong, missing = problems_of(
        tmp_path,
        "a,hunan,2022,净购入热,heat,1,GJ,x,C",
        "b,hunan,2022,fuel-combustion,燃料量,1,t,x,C",
        "b,hunan,2022,fuel-combustion,fuel_amount,1,t,x,C",
    )
    assert "heat-purchased（净购入热力CO2）" in method
    assert "fuel_amount（燃料消耗量）" in wrong and "heat" not in wrong
    assert "bituminous_coal（烟煤）" in missing


@pytest.mark.parametrize("unit", ["t CO2/t", "tCO2/t"])
def test_a_factor_of_co2_in_place_of_a_calorific_value_is_called_so(tmp_path: Path, unit: str) -> None:
    rows = ("fuel,bituminous_coal,", "fuel_amount,100,t", f"net_calorific_value,2.1,{unit}")
    (told,) = problems_of(tmp_path, *(f"a,hunan,2022,fuel-combustion,{r},x,C" for r in rows))
    assert f"单位 {unit} 是二氧化碳排放因子" in told and "低位发热量" in told and "carbon_content" in told


@pytest.mark.parametrize(
    ("unit", "spaced"), [("tCO2/TJ", "t CO2/TJ"), ("kgCH4/t", "kg CH4/t"), ("t C/GJ", "t C/GJ"), ("tonnen", "")]
)
def test_a_unit_written_together_is_read_apart(unit: str, spaced: str) -> None:
    assert spaced_unit(unit) == spaced


def test_the_help_says_where_the_totals_of_several_years_are() -> None:
    assert "by_year" in invoke("compute", "--help").stdout
