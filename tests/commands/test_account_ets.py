"""``tanlu account plans``, ``allocate`` and ``compliance``."""

from __future__ import annotations

import csv
import json
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from tests.commands.test_account_totals import invoke

POWER = "id,fuel,capacity,emissions,generation,heat,load,previous_emissions\n"


def units(folder: Path, *lines: str, head: str = POWER) -> Path:
    path = folder / "units.csv"
    path.write_text(head + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_a_power_unit_by_hand(tmp_path: Path) -> None:
    """3,000,000 MWh × 0.791 × 1.015^(16 − 20 · 0.62) + 500,000 GJ × 0.1033, cut to whole tonnes; 70 % of last year's in advance."""
    path = units(tmp_path, "u1,bituminous_coal,600,2500000,3000000,500000,0.62,2450000")
    done = invoke(
        "allocate", path, "--plan", "cn-ets-power-2023", "--year", "2024", "--json", "--out", tmp_path / "s.csv"
    )
    found = json.loads(done.stdout)
    assert found["allocation"] == int(3_000_000 * 0.791 * 1.015**3.6 + 500_000 * 0.1033)
    assert found["pre_allocation"] == 1_715_000 and found["status"] == "final"
    with (tmp_path / "s.csv").open(encoding="utf-8-sig") as file:
        steps = {r["step"]: r for r in csv.DictReader(file)}
    assert float(steps["heat_part"]["value"]) == pytest.approx(51_650) and steps["heat_part"]["factors"]
    text = invoke("allocate", path, "--plan", "cn-ets-power-2023", "--year", "2024", "--lang", "en").stdout
    assert f"{found['allocation']:,} t" in text and "0.791" in text and "draft" not in text


@pytest.mark.parametrize(("language", "said"), [("zh", "征求意见稿，未定稿"), ("en", "draft for comment, not final")])
def test_a_draft_is_marked(tmp_path: Path, language: str, said: str) -> None:
    path = units(tmp_path, "line 1,cement,1300000,1500000,0.86", head="编号,sector,emissions,output,balance_value\n")
    done = invoke("allocate", path, "--plan", "cn-ets-industry-2026-draft", "--lang", language)
    assert done.exit_code == 0 and said in done.stdout
    assert (
        json.loads(invoke("allocate", path, "--plan", "cn-ets-industry-2026-draft", "--json").stdout)["status"]
        == "draft"
    )


@pytest.mark.parametrize("plan", ["cn-ets-power-2023", "cn-ets-power-2025-draft", "cn-ets-industry-2026-draft"])
def test_a_template_is_filled_in_and_read(tmp_path: Path, plan: str) -> None:
    path = tmp_path / "t.csv"
    assert invoke("allocate", "--template", "--plan", plan, "--out", path).exit_code == 0
    empty = invoke("allocate", path, "--plan", plan, "--year", "2024" if "2023" in plan else "2026", "--lang", "en")
    assert empty.exit_code == 2 and "example row" in empty.stderr
    rows = list(csv.reader(path.read_text(encoding="utf-8-sig").splitlines()))
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([*rows[:2], ["mine", *rows[2][1:]]])
    year = "2024" if "2023" in plan else "2026"
    found = json.loads(invoke("allocate", path, "--plan", plan, "--year", year, "--json").stdout)
    assert [u["id"] for u in found["units"]] == ["mine"] and found["allocation"] > 0


def test_a_template_does_not_overwrite_by_its_default_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert invoke("allocate", "--template").exit_code == 0
    assert invoke("allocate", "--template").exit_code == 2


def test_every_problem_has_file_row_and_column(tmp_path: Path) -> None:
    path = units(
        tmp_path, "u1,bituminous_coal,600,2500000,3000000,0,62,", "u2,peat,600,1,1,0,0.6,", "u2,烟煤,300,x,1,0,0.6,",
    )  # fmt: skip
    done = invoke("allocate", path, "--year", "2024", "--json")
    assert done.exit_code == 2
    found = {(p["file"], p["row"], p["field"]) for p in json.loads(done.stdout)["problems"]}
    assert {("units.csv", 2, "load"), ("units.csv", 4, "emissions"), ("units.csv", 4, "id")} <= found
    assert {p["field"] for p in json.loads(done.stdout)["problems"]} >= {"fuel"}


def test_cells_that_must_be_filled_and_columns_that_are_unknown(tmp_path: Path) -> None:
    path = units(tmp_path, "u1,bituminous_coal,,2500000,1,1,0.5,", ",bituminous_coal,1,1,1,1,0.5,")
    done = invoke("allocate", path, "--year", "2024", "--json")
    assert [(p["row"], p["field"]) for p in json.loads(done.stdout)["problems"]] == [(2, "capacity"), (3, "id")]
    path = units(tmp_path, "u1,1", head="id,colour\n")
    problems = json.loads(invoke("allocate", path, "--year", "2024", "--json").stdout)["problems"]
    assert {p["field"] for p in problems} == {"colour", "fuel", "capacity", "emissions"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--plan", "x"), "cn-ets-power-2023"),
        (("--plan", "cn-ets-power-2023"), "2023, 2024"),
        (("--year", "1990"), "2023, 2024"),
    ],
)
def test_an_unknown_plan_or_year(tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    path = units(tmp_path, "u1,bituminous_coal,600,1,1,0,0.6,")
    done = invoke("allocate", path, *arguments, "--lang", "en")
    assert done.exit_code == 2 and said in done.stderr
    assert (
        invoke("allocate").exit_code == 2 and invoke("allocate", tmp_path / "none.csv", "--year", "2024").exit_code == 2
    )


def test_a_company_that_is_short(tmp_path: Path) -> None:
    """5 % of 1,000,000 t may be offsets: 950,000 are owed, 900,000 there."""
    asked = ("compliance", "--emissions", "1000000", "--allocated", "900000", "--offsets", "60000")
    found = json.loads(invoke(*asked, "--json", "--out", tmp_path / "c.csv").stdout)
    assert (found["offsets"], found["shortage"], found["surplus"]) == (50_000, 50_000, 0)
    assert "short by 50,000 t" in invoke(*asked, "--lang", "en").stdout
    assert "shortage" in (tmp_path / "c.csv").read_text(encoding="utf-8-sig")


def test_carry_over_by_hand() -> None:
    """10,000 + 1.5 × 4,000 = 16,000 of the 20,000 that are left may be carried over."""
    asked = ("compliance", "--emissions", "100000", "--allocated", "120000", "--net-sales", "4000")
    found = json.loads(invoke(*asked, "--json").stdout)
    assert (found["surplus"], found["carried"], found["lapsed"]) == (20_000, 16_000, 4_000)
    assert "carried over 16,000 t" in invoke(*asked, "--lang", "en").stdout


def test_all_wrong_numbers_are_told() -> None:
    done = invoke("compliance", "--emissions", "x", "--allocated", "9.5", "--offsets", "-3", "--json")
    assert done.exit_code == 2
    assert {p["field"] for p in json.loads(done.stdout)["problems"]} == {"emissions", "allocated", "offsets"}


def test_plans_are_listed_with_their_status() -> None:
    found = {p["id"]: p for p in json.loads(invoke("plans", "--json").stdout)["plans"]}
    assert found["cn-ets-power-2025-draft"]["status"] == "draft" and found["cn-ets-power-2023"]["years"] == [2023, 2024]
    assert (
        "draft for comment" in invoke("plans", "--lang", "en").stdout
        and "征求意见稿" in invoke("plans", "--lang", "zh").stdout
    )


def filled(folder: Path, *rows: list[object], plan: str = "cn-ets-power-2023") -> tuple[Path, openpyxl.Workbook]:
    """The Excel template of a plan with rows below its example."""
    path = folder / "units.xlsx"
    assert invoke("allocate", "--template", "--plan", plan, "--out", path).exit_code == 0
    book = openpyxl.load_workbook(path)
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    return path, book


UNIT = ["u1", "bituminous_coal", 600, 2_500_000, 3_000_000, None, 500_000, 0.62, None, "water", None, None, 2_450_000]


def test_a_workbook_gives_what_the_csv_gives(tmp_path: Path) -> None:
    path, _ = filled(tmp_path)
    assert invoke("allocate", path, "--year", "2024").exit_code == 2
    path, book = filled(tmp_path, UNIT)
    assert [c.value for c in book.worksheets[0][1]][:4] == ["id", "fuel", "capacity", "emissions"]
    text = units(tmp_path, "u1,烟煤,600,2500000,3000000,500000,0.62,2450000")
    of_book, of_text = (json.loads(invoke("allocate", p, "--year", "2024", "--json").stdout) for p in (path, text))
    assert of_book["allocation"] == of_text["allocation"] == int(3_000_000 * 0.791 * 1.015**3.6 + 500_000 * 0.1033)


def test_the_words_of_the_lists_are_read(tmp_path: Path) -> None:
    row = ["u1", "bituminous_coal · 烟煤 · bituminous coal", *UNIT[2:]]
    path, _ = filled(tmp_path, row)
    assert invoke("allocate", path, "--year", "2024").exit_code == 0


@pytest.mark.parametrize("language", ["zh", "en"])
def test_faults_of_a_workbook_have_sheet_cell_and_mend(tmp_path: Path, language: str) -> None:
    path, book = filled(tmp_path, UNIT, ["u2", *UNIT[1:]], ["u3", *UNIT[1:]], ["u4", *UNIT[1:]], ["u5", *UNIT[1:]])
    sheet = book.worksheets[0]
    sheet["D4"], sheet["E5"], sheet["E6"], sheet["D7"], sheet["H8"] = "#REF!", date(2024, 5, 1), "=1+1", "2,500,000", 62
    sheet["D4"].data_type = "e"
    sheet.merge_cells("A9:B9")
    book.save(path)
    found = json.loads(invoke("allocate", path, "--year", "2024", "--json", "--lang", language).stdout)["problems"]
    assert {(p["row"], p["field"]) for p in found} == {
        (4, "D4 emissions"), (5, "E5 generation"), (6, "E6 generation"), (7, "D7 emissions"), (9, "A9:B9"),
    }  # fmt: skip
    assert {p["file"] for p in found} == {"units.xlsx[cn-ets-power-2023]"} and all(p["mend"] for p in found)
    assert any("2500000" in p["mend"] for p in found)


def test_a_fault_that_the_plan_finds_has_the_cell_too(tmp_path: Path) -> None:
    path, _ = filled(tmp_path, [*UNIT[:7], 62, *UNIT[8:]])
    [problem] = json.loads(invoke("allocate", path, "--year", "2024", "--json").stdout)["problems"]
    assert (problem["row"], problem["field"], problem["value"]) == (4, "H4 load", "62")


def test_files_that_hold_no_units(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active["A1"] = "notes"
    book.save(tmp_path / "other.xlsx")
    (tmp_path / "u.pdf").write_text("x", encoding="utf-8")
    (tmp_path / "semicolon.csv").write_text("id;fuel\nu1;coal\n", encoding="utf-8")
    for name, said in (("other.xlsx", "--template"), ("u.pdf", ".xlsx"), ("semicolon.csv", "';'")):
        done = invoke("allocate", tmp_path / name, "--year", "2024", "--lang", "en")
        assert done.exit_code == 2 and said in done.stderr
