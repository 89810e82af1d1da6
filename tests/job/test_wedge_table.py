"""The wedges that a run freezes: they add up to the difference of two scenarios, and lead to levers and actions."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from tanlu.charts import Results, wedges_chart


@pytest.fixture(scope="module")
def results(run_folder: Path) -> Results:
    return Results.load(run_folder)


def test_the_wedges_add_up_to_the_difference_of_the_central_runs(run_folder: Path, results: Results) -> None:
    sums: dict[tuple[str, int], float] = defaultdict(float)
    with (run_folder / "wedges.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            sums[row["part"], int(row["year"])] += float(row["value"])
    frozen, plan = (results.pathway(name, "Emissions|CO2") for name in ("frozen-mid", "plan-mid"))
    assert frozen is not None and plan is not None
    years = [year for part, year in sums if part == "scope1"]
    assert years[-1] == 2060 and len(years) == 2060 - results.years[-1] + 1
    for year in years:
        assert sums["scope1", year] == pytest.approx(frozen.values[year] - plan.values[year], abs=1e-4)


def test_a_wedge_leads_to_both_scenarios_and_to_its_action(results: Results) -> None:
    below = {node.id for _, node in results.lineage.walk("wedge:A01:scope1:2060")}
    assert {"method:wedges", "scenario:frozen-mid", "scenario:plan-mid", "plan:A01"} <= below


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_chart_has_every_action_in_its_table_and_the_small_ones_in_one_band(
    results: Results, language: str
) -> None:
    chart = wedges_chart(results, language)
    assert {c.key for c in chart.columns} == {"year", "frozen", "plan", *(r.action for r in results.wedges)}
    stack = chart.spec["layer"][0]["data"]["values"]
    last = [row["value"] for row in stack if row["year"] == 2060]
    frozen = next(row["value"] for row in chart.spec["layer"][1]["data"]["values"] if row["year"] == 2060)
    assert sum(last) == pytest.approx(frozen, rel=1e-6)
    assert len(last) < len(chart.columns)


def test_a_run_without_wedges_says_so(synthetic: Path) -> None:
    chart = wedges_chart(Results.load(synthetic / "results" / "latest"), "en")
    assert chart.rows == () and chart.title == "This run has no wedges"
