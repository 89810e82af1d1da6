"""What charts say, in picture, words and table."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.results_fixture import SECTORS, level, projected

from tanlu.charts import (
    Chart,
    Results,
    fan_chart,
    intensity_chart,
    inventory_chart,
    scenarios_chart,
    scoreboard_chart,
    sectors_chart,
    tiles_chart,
)  # fmt: skip
from tanlu.charts.base import SCHEMA, Cell, wrapped
from tanlu.charts.emissions import group_series
from tanlu.charts.format import digits, percent, show, subscript
from tanlu.charts.render import to_png, to_svg
from tanlu.charts.sectors import GROUPS, SECTOR_VARIABLES, sector_of_category
from tanlu.core.messages import LANGUAGES

Maker = Callable[[Results, str], Chart]
MAKERS: dict[str, Maker] = {
    "emissions": sectors_chart,
    "fan": fan_chart,
    "prefectures": tiles_chart,
    "scoreboard": scoreboard_chart,
    "scenarios": scenarios_chart,
    "intensity": intensity_chart,
    "inventory": lambda results, language: inventory_chart(results, language, results.inventory, "AR5"),
}
every_chart = pytest.mark.parametrize("name", MAKERS)
every_language = pytest.mark.parametrize("language", LANGUAGES)


def texts(part: Any) -> list[str]:
    """All strings of a specification."""
    if isinstance(part, dict):
        return [t for v in part.values() for t in texts(v)]
    if isinstance(part, list):
        return [t for v in part for t in texts(v)]
    return [part] if isinstance(part, str) else []


def data(chart: Chart, name: str) -> list[dict[str, Any]]:
    """The named inline data of a chart."""
    places = [chart.spec, *chart.spec["layer"]]
    found: list[dict[str, Any]] = next(p["data"]["values"] for p in places if p.get("data", {}).get("name") == name)
    return found


@every_chart
@every_language
def test_a_chart_has_words_table_sources_and_status(results: Results, name: str, language: str) -> None:
    chart = MAKERS[name](results, language)
    assert chart.name == name
    assert chart.title and chart.subtitle and chart.summary and chart.badge
    assert chart.sources and chart.sources_line
    assert chart.rows and all(len(row) == len(chart.columns) for row in chart.rows)


@every_chart
@every_language
def test_a_chart_is_plain_json_and_names_no_other_address(results: Results, name: str, language: str) -> None:
    spec = MAKERS[name](results, language).with_title
    assert json.loads(json.dumps(spec)) == spec
    assert [t for t in texts(spec) if re.match(r"(https?:)?//", t)] == [SCHEMA]
    assert "url" not in json.dumps({k: v for k, v in spec.items() if k != "$schema"})


@every_chart
def test_chinese_charts_hold_chinese_and_english_charts_none(results: Results, name: str) -> None:
    han = re.compile(r"[\u4e00-\u9fff]")
    zh, en = MAKERS[name](results, "zh"), MAKERS[name](results, "en")
    assert han.search(zh.title) and han.search(zh.summary)
    shown = [en.title, en.subtitle, en.summary, en.badge, en.note, *(c.label for c in en.columns), *texts(en.spec)]
    assert not [t for t in shown if han.search(t)]


def test_the_stack_adds_up_to_the_sectors_of_the_scenario(results: Results) -> None:
    rows = [r for r in data(sectors_chart(results, "en"), "sectors") if r["year"] == 2040]
    wanted = sum(projected(s, 2040, "current", "mid") for s in SECTORS if s != "land")
    assert sum(r["value"] for r in rows) == pytest.approx(wanted, abs=0.01)


def test_every_sector_with_emissions_stands_in_one_group_and_land_in_none() -> None:
    grouped = [s for sectors in GROUPS.values() for s in sectors]
    assert sorted(grouped) == sorted(set(SECTORS) - {"land"}) == sorted(SECTOR_VARIABLES)


def test_a_process_variable_counts_with_the_fuel_of_its_sector(results: Results) -> None:
    assert group_series(results, "plan-mid")["steel"][2024] == pytest.approx(level("steel", 2024) / 1000, abs=1e-5)


@every_language
def test_the_headline_names_year_and_kind_of_the_peak(results: Results, language: str) -> None:
    peak = results.peak("current-mid")
    assert peak is not None and peak.peak_year is not None
    chart = sectors_chart(results, language)
    assert str(peak.peak_year) in chart.title
    assert "55%" in chart.summary and f"{peak.peak_year_low}–{peak.peak_year_high}" in chart.summary
    assert chart.title != sectors_chart(results, language, "frozen-mid").title
    assert "2060" in sectors_chart(results, language, "frozen-mid").title


def test_a_scenario_without_a_peak_has_no_peak_mark(results: Results) -> None:
    marked = {
        name: sum(layer["mark"].get("type") == "point" for layer in sectors_chart(results, "en", name).spec["layer"])
        for name in ("current-mid", "frozen-mid")
    }
    assert marked == {"current-mid": 1, "frozen-mid": 0}


def test_the_table_holds_the_quantiles_of_every_year(results: Results) -> None:
    chart = fan_chart(results, "zh")
    fan = {str(r.year): r for r in results.fan_of("current-mid", "Emissions|CO2")}
    for row in chart.rows:
        record = fan[str(row[0].value)]
        assert [c.value for c in row[1:]] == [record.p50, record.p05, record.p25, record.p75, record.p95]
        assert row[1].id == record.id


@pytest.mark.parametrize("by", ["category", "sector", "gas"])
def test_bars_add_up_to_the_inventory_under_the_gwp_set(results: Results, by: Any) -> None:
    """AR5: CO2 1, CH4 28, N2O 265 (IPCC AR5 WG1 table 8.A.1)."""
    chart = inventory_chart(results, "en", results.inventory, "AR5", by)
    gwp = {"CO2": 1, "CH4": 28, "N2O": 265}
    wanted = sum(r.value * gwp[r.gas] for r in results.inventory if r.year == 2010 and r.value is not None) / 1000
    assert sum(r["value"] for r in data(chart, "bars") if r["year"] == 2010) == pytest.approx(wanted, rel=1e-4)


def test_what_land_takes_up_is_not_taken_off_the_bars_of_a_gas(results: Results) -> None:
    """The CO2 of 2024 is the sum of all sectors but land, whose removals stand below zero by themselves."""
    bars = {
        r["part"]: r["value"]
        for r in data(inventory_chart(results, "en", results.inventory, "AR5", "gas"), "bars")
        if r["year"] == 2024
    }
    rows = [r for r in results.inventory if r.year == 2024 and r.gas == "CO2" and r.value is not None]
    assert bars["CO₂"] == pytest.approx(
        sum(r.value or 0.0 for r in rows if not r.category.startswith("3.B")) / 1000, rel=1e-4
    )
    assert bars["Land and forest"] < 0


def test_a_notation_key_is_counted_and_never_drawn_as_zero(results: Results) -> None:
    missing = [r for r in results.inventory if r.value is None]
    chart = inventory_chart(results, "en", missing, "AR5")
    assert data(chart, "bars") == []
    assert "3 pairs of category and gas" in chart.summary


def test_the_headline_compares_what_both_years_have(results: Results) -> None:
    """A category that begins in 2015 and removals of land are no rise: the headline is the rise of the rest, computed here by hand."""
    late = [r for r in results.inventory if not (r.category == "1.A.1.a" and r.year < 2015)]
    kept = [s for s in SECTORS if s not in ("land", "power")]
    rows = [r for r in late if r.gas == "CO2"]
    rise = sum(level(s, 2024) for s in kept) / sum(level(s, 2005) for s in kept) - 1
    assert inventory_chart(results, "en", rows, "AR5").title.startswith(
        f"Greenhouse gas emissions rose by {rise * 100:.1f}%"
    )


def test_memo_rows_stay_out_of_the_bars(results: Results) -> None:
    rows = [replace(r, status="memo") for r in results.inventory]
    assert data(inventory_chart(results, "en", rows, "AR5"), "bars") == []


def test_a_prefecture_without_a_figure_is_grey_and_says_so(results: Results) -> None:
    tile = next(t for t in data(tiles_chart(results, "en", "energy_use"), "tiles") if t["name"] == "Chenzhou")
    assert tile["value"] == "no figure"
    assert tile["fill"] not in {t["fill"] for t in data(tiles_chart(results, "en", "forest_cover"), "tiles")}


def test_a_prefecture_that_an_indicator_leaves_out_has_its_tile(results: Results) -> None:
    few = replace(
        results,
        prefectures=tuple(
            r for r in results.prefectures if r.indicator != "energy_use" or r.region.endswith("changsha")
        ),
    )
    tiles = data(tiles_chart(few, "en", "energy_use"), "tiles")
    assert len(tiles) == 14 and [t["name"] for t in tiles if t["value"] != "no figure"] == ["Changsha"]


@every_language
def test_the_tile_grid_says_that_it_is_not_a_map(results: Results, language: str) -> None:
    assert tiles_chart(results, language).note == {
        "zh": "瓦片示意图，非测绘地图",
        "en": "Schematic tiles, not a surveyed map",
    }[language]  # fmt: skip


def test_no_two_tiles_share_a_place(results: Results) -> None:
    places = [(t["x"], t["y"]) for t in data(tiles_chart(results, "zh"), "tiles")]
    assert len(set(places)) == len(places) == 14


def test_at_most_six_scenarios_are_compared_each_with_a_dash_of_its_own(results: Results) -> None:
    chart = scenarios_chart(results, "en", results.scenarios)
    scale = chart.spec["layer"][0]["encoding"]["strokeDash"]["scale"]
    assert len(scale["domain"]) == 6
    assert len({tuple(d) for d in scale["range"]}) == 6
    with pytest.raises(KeyError, match="nowhere-mid"):
        scenarios_chart(results, "en", ["nowhere-mid"])


def test_the_status_counts_add_up_to_all_targets(results: Results) -> None:
    assert sum(int(str(row[1].value)) for row in scoreboard_chart(results, "en").rows) == 73


@every_chart
def test_the_table_as_csv_has_the_rows_of_the_table(results: Results, name: str) -> None:
    chart = MAKERS[name](results, "en")
    rows = list(csv.reader(io.StringIO(chart.as_csv())))
    assert len(rows) == len(chart.rows) + 1
    assert rows[0][-1] == "id"
    assert {r[-1] for r in rows[1:]} - {""} <= set(results.lineage.nodes)


def test_a_table_that_leaves_has_ten_digits_without_the_noise_of_binary_fractions(results: Results) -> None:
    """0.1 + 0.2 is 0.30000000000000004 as a binary fraction; a third has no end."""
    chart = scoreboard_chart(results, "en")
    made = replace(chart, rows=((Cell("a"), Cell(0.1 + 0.2)), (Cell("b"), Cell(1 / 3)), (Cell("c"), Cell(None))))
    assert [row[1] for row in csv.reader(io.StringIO(made.as_csv()))][1:] == ["0.3", "0.3333333333", ""]


@every_chart
@every_language
def test_a_chart_can_be_drawn_without_a_browser(results: Results, name: str, language: str) -> None:
    svg = to_svg(MAKERS[name](results, language).with_title)
    assert svg.startswith("<svg") and svg.count("<path") + svg.count("<text") > 15
    assert not re.findall(r'(?:href|src)="(?!#)', svg)


def test_a_png_is_a_png_of_twice_the_width(results: Results) -> None:
    png = to_png(scoreboard_chart(results, "zh").with_title, width=400)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(png[16:20], "big") >= 800


def test_ids_of_two_pictures_in_one_document_differ(results: Results) -> None:
    spec = scoreboard_chart(results, "en").spec
    one, two = (set(re.findall(r'\bid="([^"]+)"', to_svg(spec, prefix=p))) for p in ("a-", "b-"))
    assert one and not one & two


@pytest.mark.parametrize(
    ("value", "unit", "language", "text"),
    [
        (287_654.3, "kt", "zh", "28,765\u00a0万吨"),
        (287_654.3, "kt", "en", "288\u00a0Mt"),
        (290.4, "Mt CO2/yr", "zh", "29,040\u00a0万吨"),
        (-48_000.0, "kt", "en", "−48.0\u00a0Mt"),
        (2031.0, "year", "zh", "2031\u00a0年"),
        (10.0, "count", "zh", "10\u00a0个"),
        (1234.0, "count", "en", "1,234"),
        (2.4, "count", "zh", "2.40\u00a0个"),
        (None, "kt", "en", "—"),
        (0.0, "%", "en", "0%"),
        (12.8, "%/yr", "en", "12.8%/yr"),
        (-12.2, "Mtce", "zh", "−1,220\u00a0万吨标准煤"),
        (-0.0001, "%", "en", ">−0.001%"),
        (12.345, "t CO2/t", "en", "12.3\u00a0t CO₂/t"),
    ],
)
def test_numbers_are_written_for_the_reader(value: float | None, unit: str, language: str, text: str) -> None:
    assert str(show(value, unit, language)) == text


def test_a_probability_is_never_rounded_to_certainty() -> None:
    """Draws that all agree are no certainty either."""
    assert [percent(p) for p in (0.001, 0.999, 0.0, 1.0, None)] == ["<1%", ">99%", "<1%", ">99%", "—"]
    assert percent(0.553, 0.011) == "55%\u00a0±1.1"


def test_digits_keep_about_three_figures() -> None:
    assert [digits(v) for v in (12345.6, 99.95, 1.234, 0.01234, 0.0001)] == [
        "12,346",
        "100.0",
        "1.23",
        "0.012",
        "<0.001",
    ]


def test_long_titles_break_into_lines() -> None:
    assert wrapped("一二三四五六，七八", 8) == ["一二三四", "五六，七", "八"]
    assert wrapped("one two three", 8) == ["one two", "three"]


@pytest.mark.parametrize(
    ("category", "sector"),
    [("1.A.1.a", "power"), ("1.A.1.c", "energy_industry"), ("1.A.2.k", "other_industry"), ("2.A.4", "cement"), ("2.C.1", "steel"),
     ("2.C.6", "nonferrous"), ("3.B.1.a", "land"), ("3.C.7", "agriculture"), ("4.D", "waste"), ("1.B.1.a", "energy_industry")],
)  # fmt: skip
def test_the_sector_of_a_category_follows_ipcc_2006(category: str, sector: str) -> None:
    assert sector_of_category(category, {}) == sector


def test_a_sector_that_the_run_states_wins() -> None:
    assert sector_of_category("1.A.2.a", {"1.A.2.a": "nonferrous"}) == "nonferrous"


def test_indices_of_formulas_are_subscript_and_numbers_of_refrigerants_are_not() -> None:
    said = {
        "CO2e": "CO₂e",
        "kg CF4/t": "kg CF₄/t",
        "C6F14": "C₆F₁₄",
        "kg C3F8/m2": "kg C₃F₈/m²",
        "HFC-23": "HFC-23",
        "HCFC-22": "HCFC-22",
    }
    assert {plain: subscript(plain) for plain in said} == said
