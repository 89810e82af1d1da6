"""Totals of several years and of land use: `tanlu account compute` and `tanlu account compare`."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from tanlu.accounts.files.figures import decimals_of, mass_text
from tanlu.accounts.rulebook.activity import COLUMNS
from tanlu.cli import app

COAL = 20 * 0.025 * 44 / 12
"""t CO2/t of a coal of 20 GJ/t, 25 kg C/GJ, oxidised in full."""


def invoke(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["account", *map(str, arguments)])


def coal(year: int, tonnes: float, record: str = "boiler", unit: str = "t") -> list[list[object]]:
    given = [
        ("fuel", "bituminous_coal", ""), ("fuel_amount", tonnes, unit), ("net_calorific_value", 20, "GJ/t"),
        ("carbon_content", 25, "kg C/GJ"), ("oxidation_factor", 1, "1"),
    ]  # fmt: skip
    return [[record, "cn/plant", year, "fuel-combustion", *row, "ledger", "B", "", ""] for row in given]


def write(path: Path, *parts: list[list[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(COLUMNS), *(row for part in parts for row in part)])
    return path


def computed(folder: Path, name: str, *parts: list[list[object]]) -> dict[str, Any]:
    path = write(folder / f"{name}.csv", *parts)
    done = invoke("compute", path, "--set", "ipcc-2006", "--out", folder / name, "--json")
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_years_are_told_apart_and_not_added_up(tmp_path: Path) -> None:
    found = computed(tmp_path, "a", coal(2021, 100), coal(2022, 300))
    assert [(y["year"], y["CO2e"]["value"]) for y in found["years"]] == [
        (2021, pytest.approx(100 * COAL)), (2022, pytest.approx(300 * COAL)),
    ]  # fmt: skip
    assert all(y["CO2e"]["low"] < y["gases"]["CO2"] < y["CO2e"]["high"] for y in found["years"])
    assert found["totals"] is None and found["interval"] is None
    assert found["by_year"] == {
        "2021": {"CO2": pytest.approx(100 * COAL), "CO2e": pytest.approx(100 * COAL)},
        "2022": {"CO2": pytest.approx(300 * COAL), "CO2e": pytest.approx(300 * COAL)},
    }
    assert json.loads((tmp_path / "a" / "manifest.json").read_text(encoding="utf-8"))["years"] == found["years"]
    text = invoke("compute", tmp_path / "a.csv", "--set", "ipcc-2006", "--out", tmp_path / "a", "--lang", "en").stdout
    lines = [line.split() for line in text.splitlines()]
    assert ["year", "CO2", "CO2e", "low", "high"] in lines
    assert [line[:3] for line in lines if line[:1] in (["2021"], ["2022"])] == [
        ["2021", "183.333", "183.333"], ["2022", "550.000", "550.000"],
    ]  # fmt: skip
    assert "733" not in text and "total" not in text.splitlines()[0]


def test_a_month_belongs_to_its_year(tmp_path: Path) -> None:
    rows = [[*row[:2], f"2022-0{month}", *row[3:]] for month in (1, 2) for row in coal(2022, 50)]
    [year] = computed(tmp_path, "a", rows)["years"]
    assert (year["year"], year["CO2e"]["value"]) == (2022, pytest.approx(100 * COAL))


EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"


def test_totals_stand_with_and_without_land_use(tmp_path: Path) -> None:
    path = EXAMPLES / "inventory-2020.csv"
    done = invoke("compute", path, "--set", "cn-province-2011", "--out", tmp_path / "a", "--json")
    [year] = json.loads(done.stdout)["years"]
    with (tmp_path / "a" / "results.csv").open(encoding="utf-8") as file:
        land = sum(float(r["value"]) for r in csv.DictReader(file) if r["category"].startswith("3.B"))
    assert land < 0
    assert year["CO2e"]["value"] == pytest.approx(year["CO2e_without_land"]["value"] + land)
    text = invoke("compute", path, "--set", "cn-province-2011", "--out", tmp_path / "a", "--lang", "en").stdout
    assert f"without land use (3.B, 3.D.1): {year['CO2e_without_land']['value']:,.0f} t CO2e" in text
    assert computed(tmp_path, "b", coal(2022, 1))["years"][0]["CO2e_without_land"] is None


def test_the_log_of_quality_control_holds_what_all_checks_find(tmp_path: Path) -> None:
    """A heating value of 29 GJ/t lies outside what is published for lignite."""
    rows = coal(2022, 100)
    rows[0][5], rows[2][5] = "lignite", 29
    found = computed(tmp_path, "a", rows)
    with (tmp_path / "a" / "qc.csv").open(encoding="utf-8") as file:
        log = list(csv.DictReader(file))
    assert "published_range" in {line["code"] for line in log}
    counts = {s: sum(line["severity"] == s for line in log) for s in ("warning", "review", "note")}
    assert found["findings"] == counts


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1.5e8, "150,000,000"), (123_456.7, "123,457"), (12_345.67, "12,345.7"), (189.2, "189.200"), (-1.0, "-1.000"),
     (0.00123456, "0.00123"), (0.0, "0.000"), (-2e-9, "-2e-09")],
)  # fmt: skip
def test_masses_have_the_digits_of_their_size(value: float, shown: str) -> None:
    assert mass_text(value) == shown


def test_numbers_that_stand_together_have_the_same_digits() -> None:
    assert decimals_of(1.0, 250_000.0) == 0 and mass_text(-1e-9, 0) == "0"


def test_two_years_are_not_compared_line_by_line(tmp_path: Path) -> None:
    computed(tmp_path, "a", coal(2021, 100))
    computed(tmp_path, "b", coal(2022, 300))
    found = json.loads(invoke("compare", tmp_path / "a", tmp_path / "b", "--json").stdout)
    assert (found["comparable"], found["changed"], found["rows"], found["difference"]) == (False, 0, [], None)
    assert (found["before"]["years"], found["after"]["years"]) == ([2021], [2022])
    text = invoke("compare", tmp_path / "a", tmp_path / "b", "--lang", "en").stdout
    assert "no year in common (2021 and 2022)" in text and "total 2022: 550.000 t CO2e" in text
    assert "record" not in text and "tanlu account uncertainty" in text
    assert "没有共同的年份" in invoke("compare", tmp_path / "a", tmp_path / "b", "--lang", "zh").stdout


def test_a_comparison_has_the_totals_of_the_computation_and_those_without_land_use(tmp_path: Path) -> None:
    path = EXAMPLES / "inventory-2020.csv"
    sums = []
    for name in ("cn-province-2011", "ipcc-2006"):
        done = invoke("compute", path, "--set", name, "--out", tmp_path / name, "--gwp", "AR5", "--json")
        [year] = json.loads(done.stdout)["years"]
        sums.append((year["CO2e"]["value"], year["CO2e_without_land"]["value"]))
    arguments = ("compare", tmp_path / "cn-province-2011", tmp_path / "ipcc-2006", "--gwp", "AR5")
    found = json.loads(invoke(*arguments, "--json").stdout)
    apart = found["without_land"]
    assert (found["total_before"], found["total_after"]) == (pytest.approx(sums[0][0]), pytest.approx(sums[1][0]))
    assert (apart["total_before"], apart["total_after"]) == (pytest.approx(sums[0][1]), pytest.approx(sums[1][1]))
    memo = [row["category"].startswith("memo.") for row in found["rows"]]
    assert any(memo) and memo == sorted(memo)
    text = invoke(*arguments, "--lang", "en").stdout
    assert f"{sums[0][0]:,.0f} → {sums[1][0]:,.0f}" in text and f"{sums[0][1]:,.0f} → {sums[1][1]:,.0f}" in text


def test_a_quantity_has_one_unit_in_a_comparison(tmp_path: Path) -> None:
    computed(tmp_path, "a", coal(2022, 100))
    computed(tmp_path, "b", coal(2022, 0.2, unit="kt"))
    text = invoke("compare", tmp_path / "a", tmp_path / "b", "--lang", "en").stdout
    assert "0.1 kt → 0.2 kt" in text and "100 t" not in text


def test_a_factor_that_took_the_place_of_another_is_one_change_in_one_unit(tmp_path: Path) -> None:
    """IPCC 2006 vol. 2 table 1.3 has 25.8 kg C/GJ of other bituminous coal, the enterprise guidelines 26.18."""
    path = EXAMPLES / "inventory-2020.csv"
    for name in ("cn-province-2011", "ipcc-2006"):
        invoke("compute", path, "--set", name, "--out", tmp_path / name)
    text = invoke(
        "compare", tmp_path / "cn-province-2011", tmp_path / "ipcc-2006", "--gwp", "AR5", "--lang", "en"
    ).stdout
    assert "26.18 kg C/GJ → 25.8 kg C/GJ" in text and "t C/GJ → none" not in text


@pytest.mark.parametrize(("language", "said"), [("zh", "不从别的组补"), ("en", "never filled up from another")])
def test_a_gas_without_gwp_in_the_rule_is_refused_with_the_sets_that_serve(
    tmp_path: Path, language: str, said: str
) -> None:
    """The set of the enterprise guidelines is known for CO2, CH4 and N2O; sulphur hexafluoride has 23,500 in AR5 (table 8.A.1)."""
    given = [(n, v, "kg") for n, v in (("sf6_stock_start", 100), ("sf6_stock_end", 60), ("sf6_bought", 10))]
    path = write(
        tmp_path / "sf6.csv",
        [["gis", "cn/grid", 2023, "sf6-user-balance", *row, "ledger", "B", "", ""] for row in given],
    )
    done = invoke("compute", path, "--set", "cn-enterprise", "--out", tmp_path / "o", "--lang", language)
    assert done.exit_code == 2 and said in done.stderr and "SF6" in done.stderr and "AR5" in done.stderr
    assert not (tmp_path / "o").exists()
    done = invoke("compute", path, "--set", "cn-enterprise", "--gwp", "AR5", "--out", tmp_path / "o", "--json")
    assert json.loads(done.stdout)["totals"]["CO2e"] == pytest.approx(0.05 * 23_500)


def test_what_is_audited_must_be_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = invoke("audit", "nowhere", "--lang", "en")
    assert done.exit_code == 2 and "'nowhere' is no folder of results" in done.stderr
