"""Charts of a study of an energy system: what is drawn is what the folder holds."""

from __future__ import annotations

import csv
import datetime
import io
import itertools
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from tests.charts.test_pictures import places
from tests.energy_study_fixture import HOURS, LINES, NODES, PERIODS, SIZES, dispatch, prices, write_study
from tests.results_fixture import write_results

from tanlu.charts import Chart
from tanlu.charts.base import SCHEMA, Spec, theme
from tanlu.charts.colour import VISIONS, distance
from tanlu.charts.energy_balance import balance_sums
from tanlu.charts.energy_base import Study, date, legend, month_of
from tanlu.charts.energy_compare import told_apart
from tanlu.charts.energy_dispatch import window_chart, year_chart
from tanlu.charts.energy_map import map_chart, node_values
from tanlu.charts.energy_plan import capacities_chart, capacity_sums, emissions_chart
from tanlu.charts.energy_prices import duration_chart, heat_chart
from tanlu.charts.energy_results import EnergyResults
from tanlu.charts.energy_sankey import _ROW, _Box, _free, sankey_chart
from tanlu.charts.energy_series import FILLS, OTHER_FILL, UNSERVED_FILL, electric, supply_by_band, use_by_band
from tanlu.charts.format import spaced
from tanlu.charts.render import WIDTH, to_svg
from tanlu.core.errors import DataError
from tanlu.portal.energy import service as energy_service
from tanlu.portal.energy.service import Studies
from tanlu.portal.service import NotFoundError, Workspace
from tanlu.reports.document import Picture

RUN = "20260101T000000Z-synthetic"
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(scope="module")
def studies(tmp_path_factory: pytest.TempPathFactory) -> Studies:
    folder = tmp_path_factory.mktemp("energy")
    run = write_results(folder)
    # the pathway model of a real run has a demand for electricity
    table = run / "pathways.csv"
    head, first, *rest = table.read_text(encoding="utf-8").splitlines()
    years = [c for c in head.split(",") if c.isdigit()]
    scenario = next(line.split(",")[1] for line in rest if "current-mid" in line)
    demand = ",".join(
        ["Synthetic", scenario, "China|Synthetic", "Electricity Consumption", "TWh/yr", *("300" for _ in years)]
    )
    table.write_text("\n".join([head, first, *rest, demand, ""]), encoding="utf-8")
    write_study(run)
    return Studies(Workspace(folder))


@pytest.fixture(scope="module")
def study(studies: Studies) -> Study:
    return studies.study()


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


@pytest.mark.parametrize("name", energy_service.CHARTS)
def test_a_chart_has_words_table_sources_and_is_plain_data_in_both_languages(studies: Studies, name: str) -> None:
    zh, en = (energy_service.chart(studies, RUN, name, language, {}) for language in ("zh", "en"))
    for chart in (zh, en):
        assert chart.name == f"energy-{name}"
        assert chart.title and chart.subtitle and chart.summary and chart.badge and chart.sources
        assert chart.rows and all(len(row) == len(chart.columns) for row in chart.rows)
        assert json.loads(json.dumps(chart.with_title)) == chart.with_title
        assert [t for t in texts(chart.spec) if re.match(r"(https?:)?//", t)] == [SCHEMA]
        assert "nan" not in chart.as_csv() and "NaN" not in json.dumps(chart.spec)
    assert HAN.search(zh.title) and HAN.search(zh.summary)
    shown = [en.title, en.subtitle, en.summary, en.note, *(c.label for c in en.columns), *texts(en.spec)]
    assert not [t for t in shown if HAN.search(t)]


def test_bands_hold_all_capacity_that_supplies_electricity_and_no_line(study: Study) -> None:
    sums = capacity_sums(study)
    for p, period in enumerate(PERIODS):
        assert sum(own[period] for own in sums.values()) == pytest.approx(sum(s[p] for s in SIZES.values()), rel=1e-5)
    assert "ac" not in electric(study.results) and "load" not in electric(study.results)
    assert {"reservoirs", "contracts"} <= set(study.bands.supply)


def test_a_stack_stands_on_what_hardly_moves(study: Study) -> None:
    """Constant output has no spread, sun at night none at all and so the largest."""
    order = list(study.bands.supply)
    assert order[0] == "nuclear"
    assert order.index("nuclear") < order.index("wind") < order.index("pv")
    assert order[-1] == "other"


def test_any_two_fills_stay_apart_for_everybody() -> None:
    fills = [*FILLS, OTHER_FILL, UNSERVED_FILL]
    pairs = [(a, b, v) for i, a in enumerate(fills) for b in fills[:i] for v in VISIONS]
    assert min(distance(a, b, v) for a, b, v in pairs) > 20


def test_supply_meets_load_and_other_use_in_every_hour(study: Study) -> None:
    hourly = study.results.dispatch(2060)
    supply, use = supply_by_band(hourly, study.bands.of), use_by_band(hourly, study.bands.uses)
    assert sum(supply.values()) == pytest.approx(sum(use.values()) - hourly.of("load"), abs=2.0)


def test_the_year_shows_means_of_days_and_its_csv_every_hour(study: Study) -> None:
    chart = year_chart(study, "en", 2060, (9, 7))
    rows = data(chart, "hours")
    load = -dispatch(2060)["load"]
    assert len(rows) == 365
    assert [r["load"] for r in rows[:3]] == pytest.approx(
        (load[:72].reshape(3, 24).mean(axis=1) / 1000).tolist(), abs=2e-3
    )
    table = list(csv.reader(io.StringIO(chart.as_csv())))
    assert len(table) == HOURS + 1
    column = table[0].index("load [MW]")
    assert [float(r[column]) for r in table[1:]] == pytest.approx((-load).tolist(), rel=1e-4)
    day = 86_400_000
    (marked,) = data(chart, "window")
    assert marked["t2"] - marked["t"] == 7 * day and (marked["t"] - rows[0]["t"] + day // 2) == 9 * day


def test_the_table_of_the_year_sums_months(study: Study) -> None:
    chart = year_chart(study, "zh", 2060)
    total = sum(float(row[-1].value or 0) for row in chart.rows)
    assert len(chart.rows) == 12 and total == pytest.approx(float(-dispatch(2060)["load"].sum()), rel=1e-5)


def test_a_window_holds_its_hours_only(study: Study) -> None:
    chart = window_chart(study, "en", 2060, 100, 3)
    rows = data(chart, "hours")
    load = -dispatch(2060)["load"][2400:2472] / 1000
    # the last hour once more, as its end
    assert [r["load"] for r in rows] == pytest.approx([*load, load[-1]], abs=2e-3)
    assert len(chart.rows) == 72 and chart.rows[0][0].value == "11 Apr 00:00"


@pytest.mark.parametrize(
    ("day", "days", "wanted"),
    [("1", "7", (1, 7)), ("365", "7", (359, 7)), ("0", "7", (1, 7)), ("99999", "28", (1, 28)), ("x", "5", None), ("-3", "1", None)],
)  # fmt: skip
def test_a_window_that_is_asked_for_is_moved_into_the_year(
    study: Study, day: str, days: str, wanted: tuple[int, int] | None
) -> None:
    """What is no day, or has too many digits for one, is the week of the highest load."""
    found = energy_service.window(study, 2060, day, days)
    if wanted is None or day == "99999":
        wanted = (energy_service.jumps(study, 2060)["peak"], found.days)
    assert (found.day, found.days) == wanted
    assert 1 <= found.day <= found.last == 365 - found.days + 1


def test_the_highest_load_lies_in_the_window_that_is_named_after_it(study: Study) -> None:
    part = energy_service.window(study, 2060, "", "")
    peak = int((-dispatch(2060)["load"]).argmax()) // 24 + 1
    assert part.day <= peak < part.day + part.days


def test_days_of_the_year_are_those_of_the_calendar() -> None:
    for offset in range(365):
        day = datetime.date(2023, 1, 1) + datetime.timedelta(offset)
        assert month_of(offset) == day.month
        assert date(offset, "en") == f"{day.day} {day:%b}"


def test_a_duration_curve_falls_and_has_the_ends_of_the_prices(study: Study) -> None:
    chart = duration_chart(study, "en", NODES[0])
    curve = [r["value"] for r in data(chart, "prices") if r["year"] == "2030"]
    assert all(a >= b for a, b in itertools.pairwise(curve))
    assert curve[-1] == pytest.approx(float(prices(2030).min()) * 0.92, rel=1e-3)
    assert chart.rows[0][1].value == pytest.approx(float(prices(2030).max()) * 0.92, rel=1e-4)


def test_the_heat_map_covers_every_hour_once_with_the_class_of_its_price(study: Study) -> None:
    chart = heat_chart(study, "en", 2060)
    cells = np.zeros((365, 24), int)
    free = np.zeros((365, 24), bool)
    for run in data(chart, "hours"):
        cells[run["d"] : run["e"], run["h"]] += 1
        free[run["d"] : run["e"], run["h"]] = run["k"] == "almost free"
    assert (cells == 1).all()
    assert np.array_equal(free, (prices(2060) < 1.0).reshape(365, 24))
    assert len(list(csv.reader(io.StringIO(chart.as_csv())))) == HOURS + 1


def test_the_map_has_every_place_and_line_and_leaves_the_pooled_node_out(study: Study) -> None:
    chart = map_chart(study, "en", "capacity", 2040)
    assert len(chart.rows) == len(NODES)
    assert len(data(chart, "lines")) == len(LINES)
    found = node_values(study, "capacity", 2040)
    assert sum(v or 0 for v in found.values()) == pytest.approx(sum(s[1] for s in SIZES.values()), rel=1e-5)
    assert list(node_values(study, "curtailed", 2040).values()) == pytest.approx([0.06] * len(NODES))


@pytest.mark.parametrize("width", [500, 680, 880, 1100])
def test_no_name_of_a_legend_is_cut_by_the_edge_of_the_picture(width: int) -> None:
    """Names as long as those of Hunan in English, drawn; a letter of twelve pixels is five wide at least."""
    names = [
        "Photovoltaics", "Wind power", "Run-of-river hydropower", "Imports by contract", "Reservoir hydropower (composite)",
        "Pumped hydropower storage", "Coal power", "Gas power", "Electric cars (use)", "Air-source heat pump (use)",
    ]  # fmt: skip
    shown: Spec = {
        "$schema": SCHEMA, "width": "container", "height": 300, "autosize": {"type": "fit", "contains": "padding"},
        "config": theme(), "data": {"values": [{"name": n, "value": 1} for n in names]}, "mark": "bar",
        "encoding": {
            "x": {"field": "value", "type": "quantitative"},
            "color": {"field": "name", "type": "nominal", "sort": None, "legend": legend(6, names, title=None)},
        },
    }  # fmt: skip
    drawn = places(ElementTree.fromstring(to_svg(shown, width)))
    assert {w for w, _, _ in drawn} >= set(names)
    assert [w for w, x, _ in drawn if w in names and x + 5 * len(w) > width] == []


def test_the_map_of_a_province_in_one_node_says_that_there_are_no_places(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tanlu.charts.energy_map.placed", lambda study: [])
    chart = map_chart(study, "en", "capacity", 2040)
    assert (chart.rows, "no places" in chart.title, "all-nodes" in chart.summary) == ((), True, True)


def test_the_balance_of_a_carrier_is_even(study: Study) -> None:
    for carrier, tolerance in (("electricity", 1e-4), ("hydrogen", 1e-4)):
        sums = balance_sums(study, carrier)
        for period in PERIODS:
            given = sum(own[period] for own in sums.values() if own[period] > 0)
            assert sum(own[period] for own in sums.values()) == pytest.approx(0, abs=tolerance * given)


def test_ribbons_keep_their_width_and_boxes_do_not_overlap(study: Study) -> None:
    chart = sankey_chart(study, "en", 2060)
    spec = chart.spec
    assert Picture(chart).printed["height"] == spec["height"], "a lower picture would lay labels over each other"
    assert Picture(chart).width(WIDTH // 2) == WIDTH, "and a narrower one over boxes"
    boxes = spec["layer"][1]["data"]["values"]
    for column in {b["x"] for b in boxes}:
        stack = sorted((b["y"], b["y2"]) for b in boxes if b["x"] == column)
        assert all(above[1] <= below[0] for above, below in itertools.pairwise(stack))
        assert stack[0][0] >= -1e-9 and stack[-1][1] <= 1 + 1e-9
    ribbons: dict[int, set[float]] = {}
    for point in spec["layer"][0]["data"]["values"]:
        ribbons.setdefault(point["n"], set()).add(round(point["y2"] - point["y"], 4))
    assert all(max(widths) - min(widths) < 2e-4 for widths in ribbons.values())


def test_all_faults_of_a_folder_are_told_together(study: Study, tmp_path: Path) -> None:
    folder = shutil.copytree(study.results.folder, tmp_path / "energy")
    (folder / "costs.csv").unlink()
    (folder / "summary.json").write_text('{"system": "x"}', encoding="utf-8")
    text = (folder / "nodes.csv").read_text(encoding="utf-8")
    (folder / "nodes.csv").write_text(text.replace("26,", "north,", 1), encoding="utf-8")
    with pytest.raises(DataError) as error:
        EnergyResults.load(folder)
    found = {(p.code, p.file) for p in error.value.problems}
    assert {("missing_file", "costs.csv"), ("missing_key", "summary.json"), ("not_a_number", "nodes.csv")} <= found
    assert all(p.text(language) for p in error.value.problems for language in ("zh", "en"))


@pytest.mark.parametrize("line", ["0,1,x", "0,1", "0,nan,1", ""])
def test_damaged_hours_are_a_fault_when_they_are_asked_for(study: Study, tmp_path: Path, line: str) -> None:
    (tmp_path / "dispatch").mkdir()
    (tmp_path / "dispatch" / "2030.csv").write_text(f"hour,pv,load\n{line}\n", encoding="utf-8")
    results = replace(study.results, folder=tmp_path, _hourly={})
    with pytest.raises(DataError) as error:
        results.dispatch(2030)
    assert [p.code for p in error.value.problems] == ["bad_hours"]


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("nothing", {}), ("sankey", {"period": "2031"}), ("window", {"period": "2040"}), ("heat", {"node": "atlantis"}),
        ("map", {"indicator": "joy"}), ("balance", {"carrier": "joy"}), ("compare", {"runs": "no-run"}), ("capacities", {"view": "joy"}),
    ],
)  # fmt: skip
def test_what_a_study_does_not_have_is_not_found(studies: Studies, name: str, given: dict[str, str]) -> None:
    with pytest.raises(NotFoundError):
        energy_service.chart(studies, RUN, name, "en", given)


def test_a_limit_that_is_used_up_is_not_called_idle(study: Study) -> None:
    """Without a price the words go by the limit: 5 Mt of 5 Mt is used up, 5 Mt of 6 Mt is not."""
    for cap, wanted in ((5e6, "used up"), (6e6, "no limit binds")):
        rows = tuple(
            replace(r, price_CNY_t=0.0, cap_t=cap if r.period == 2060 else None) for r in study.results.carbon_price
        )
        told = emissions_chart(Study(replace(study.results, carbon_price=rows)), "en")
        assert wanted in told.title


def test_numbers_stand_apart_from_chinese_words_and_dates_stay_close() -> None:
    """As 2030 年 everywhere: a space where a Chinese character meets a number, a minus sign or a Latin word; none inside 2月9日."""
    assert spaced("光伏由1,873\u00a0万千瓦增至14,190\u00a0万千瓦") == "光伏由 1,873\u00a0万千瓦增至 14,190\u00a0万千瓦"
    assert spaced("变化为\u22125.1%的") == "变化为 \u22125.1% 的"
    assert spaced("1.A.2.k 建筑业（燃料） CO₂") == "1.A.2.k 建筑业（燃料）CO₂"
    assert spaced("2027年45 %、2035年50 %以上") == "2027 年 45%、2035 年 50% 以上"
    assert spaced("从2月9日 07时开始") == "从 2月9日 07时开始"
    assert spaced("Wind power 37% in 2060") == "Wind power 37% in 2060"


def test_an_english_name_begins_small_inside_a_sentence_unless_it_is_that_of_a_place(study: Study) -> None:
    """Photovoltaics is a word, AC line an abbreviation; a name joined by a dash is one of places."""
    assert study.within("pv", "en") == "photovoltaics"
    assert study.within("ac", "en") == "AC line"
    assert study.within("pv", "zh") == "光伏"
    title = capacities_chart(study, "en").title
    assert title[0].isupper() and " Photovoltaics" not in title


def test_a_label_of_the_last_column_of_flows_gives_way_to_those_of_the_column_before() -> None:
    """A tall box from 0 to 1 whose middle is taken puts its label the height of a label away; a low one has no other place."""
    tall, low = _Box(3, 1.0), _Box(3, 0.01, top=0.5)
    assert abs(_free(tall, [0.5]) - 0.5) >= _ROW
    assert _free(tall, []) == 0.5
    assert _free(low, [0.505]) == pytest.approx(0.505)


def test_no_two_technologies_of_compared_studies_share_a_fill() -> None:
    """Two studies that number their technologies anew give their first fill to coal and to gas."""
    one, two, three = FILLS[:3]
    told = told_apart({"coal": one, "wind": two, "gas": one}, ("coal", "wind", "gas"))
    assert told == {"coal": one, "wind": two, "gas": three}
