"""``tanlu account plans``, ``allocate`` and ``compliance``."""

from __future__ import annotations

import csv
import json
from pathlib import Path

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
