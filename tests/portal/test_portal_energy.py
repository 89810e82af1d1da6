"""Pages and API of the energy system: same figures, all state in the address, light, accessible, and usable with the keyboard."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import openpyxl
import pytest
from fastapi.testclient import TestClient
from tests.energy_study_fixture import HOURS, SUMMARY, write_study
from tests.portal.browsing import OUTSIDE, Visit, context, drawn, violations
from tests.portal.conftest import serving
from tests.portal.test_portal_pages import HAN, Reader, place
from tests.results_fixture import write_results

from tanlu.core.messages import LANGUAGES, translate
from tanlu.portal import create_app

if TYPE_CHECKING:
    from playwright.sync_api import Browser

FIRST = "20260101T000000Z-synthetic"
SECOND = "20260102T000000Z-second"
WITHOUT = "20250101T000000Z-without"
PAGES = [
    "/energy?view=built", "/energy/map?indicator=curtailed&period=2040", "/energy/dispatch?period=2030&day=200&days=3",
    "/energy/prices?node=changsha",
    "/energy/adequacy?period=2060", "/energy/balance?carrier=hydrogen&period=2040",
    f"/energy/compare?runs={SECOND}", "/energy/assumptions?grade=D",
]  # fmt: skip
SITE = "/energy/site?type=two_shift_industry&electricity=8000&battery_power=500&battery_energy=2000"
every_page = pytest.mark.parametrize("page", PAGES)
every_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs with a study and one without."""
    folder = tmp_path_factory.mktemp("energy-portal")
    for run in (WITHOUT, SECOND):
        write_results(folder, run)
    latest = write_results(folder, FIRST)
    write_study(latest)
    (folder / "results" / SECOND / "energy").symlink_to(latest / "energy")
    (folder / "results" / "latest").unlink()
    (folder / "results" / "latest").symlink_to(latest.name)
    return folder


@pytest.fixture(scope="module")
def energy(workspace: Path) -> TestClient:
    return TestClient(create_app(workspace))


@every_page
@every_language
def test_a_page_is_served_in_its_language_with_safe_headers(energy: TestClient, page: str, language: str) -> None:
    answer = energy.get(place(page, language))
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1 and re.search(r"<title>[^<]+</title>", answer.text)
    assert "unsafe" not in answer.headers["content-security-policy"]
    read = Reader(answer.text)
    assert language == "zh" or not [t for t in read.texts if HAN.search(t)]
    assert not [values for _, values in read.tags if "style" in values or any(k.startswith("on") for k in values)]
    other = next(values["href"] for tag, values in read.tags if tag == "a" and values.get("class") == "language")
    assert parse_qs(urlsplit(other).query) == parse_qs(urlsplit(page).query)


@every_page
def test_every_link_of_a_page_leads_somewhere(energy: TestClient, page: str) -> None:
    links = {a for a in Reader(energy.get(page).text).attributes("a", "href") if "/energy" in a and "/charts/" not in a}
    links = {a if a.startswith("/") else urlsplit(page).path + a for a in links}
    assert links and not [a for a in sorted(links)[:25] if energy.get(a).status_code != 200]


@pytest.mark.parametrize("page", [p for p in PAGES if "assumptions" not in p])
def test_a_page_with_its_charts_is_light(energy: TestClient, page: str) -> None:
    """Page and specifications as they are sent; the chart library of 305 kB and style come once for all pages."""
    text = energy.get(page).text
    charts = [energy.get(a.replace("&amp;", "&")).content for a in re.findall(r'data-chart="([^"]+)"', text)]
    assert charts
    assert len(gzip.compress(text.encode())) + sum(len(gzip.compress(c)) for c in charts) < 200_000


def test_the_state_of_the_controls_is_that_of_the_address(energy: TestClient) -> None:
    text = energy.get("/energy/dispatch?period=2030&day=200&days=3").text
    assert re.search(r'<option value="2030" selected>', text) and re.search(r'<option value="3" selected>', text)
    assert re.search(r'name="day" min="1" max="363" value="200"', text)
    for address in re.findall(r'data-chart="([^"]+)"', text):
        asked = parse_qs(urlsplit(address.replace("&amp;", "&")).query)
        assert (asked["period"], asked["day"], asked["days"]) == (["2030"], ["200"], ["3"])


@every_language
def test_figures_and_gap_of_the_page_are_those_of_the_api(energy: TestClient, language: str) -> None:
    html = energy.get(place("/energy", language)).text
    for figure in energy.get("/api/v1/energy/figures").json():
        card = html[html.index(f'data-figure="{figure["key"]}"') :].split("</li>")[0]
        assert float(re.findall(r'<data value="([^"]+)"', card)[0]) == figure["value"]
    assert energy.get("/api/v1/energy").json()["gap"] == SUMMARY["gap"]
    assert ("超过 1.2%" if language == "zh" else "by more than 1.2%") in html


def test_a_study_without_a_gap_claims_none(tmp_path: Path) -> None:
    folder = write_study(write_results(tmp_path))
    told = {**SUMMARY, "gap": None, "upper": None, "uncertified": ["upper"]}
    (folder / "summary.json").write_text(json.dumps(told), encoding="utf-8")
    html = TestClient(create_app(tmp_path)).get("/en/energy").text
    assert "No plan can be cheaper" not in html and "not proven" in html and "was not run through every hour" in html


def test_a_run_without_a_study_says_so_and_names_those_with_one(energy: TestClient) -> None:
    answer = energy.get(f"/en/energy/map?run={WITHOUT}")
    assert answer.status_code == 200
    assert f"/en/energy/map?run={SECOND}" in answer.text
    refused = energy.get(f"/api/v1/energy/capacities?run={WITHOUT}")
    assert refused.status_code == 404 and WITHOUT in refused.json()["detail"]


@pytest.mark.parametrize(
    "asked",
    ["/energy/map?period=1999", "/energy/dispatch?period=2040", "/energy/prices?node=x", "/energy?view=x", "/energy/compare?runs=x"],
)  # fmt: skip
@every_language
def test_what_is_not_there_is_a_page_that_says_so(energy: TestClient, asked: str, language: str) -> None:
    assert energy.get(place(asked, language)).status_code == 404


@pytest.mark.parametrize(
    "table", ["capacities", "costs", "emissions", "carbon-price", "balance", "flows", "parameters", "nodes", "lines", "technologies",
              "curtailment", "adequacy", "stress", "comparison"],
)  # fmt: skip
def test_a_table_of_the_api_is_the_same_as_json_and_csv(energy: TestClient, table: str) -> None:
    found = energy.get(f"/api/v1/energy/{table}").json()
    text = energy.get(f"/api/v1/energy/{table}?format=csv").text.removeprefix("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(found) == len(rows) > 0
    assert list(found[0]) == list(rows[0])


def test_filters_of_the_api_leave_the_rest_out(energy: TestClient) -> None:
    found = energy.get("/api/v1/energy/capacities?period=2040&technology=pv&node=changsha").json()
    assert [(r["period"], r["technology"], r["node"]) for r in found] == [(2040, "pv", "changsha")]
    assert {r["grade"] for r in energy.get("/api/v1/energy/parameters?grade=D").json()} == {"D"}
    hours = energy.get("/api/v1/energy/hours/dispatch?period=2060&start=8750&count=48").json()
    assert {h["hour"] for h in hours} == set(range(8750, HOURS))
    assert energy.get("/api/v1/energy/hours/dispatch?period=2040").status_code == 404
    assert energy.get("/api/v1/energy/hours/dispatch?period=2060&count=9000").status_code == 422


def test_the_csv_of_a_chart_of_hours_has_all_of_them(energy: TestClient) -> None:
    text = energy.get("/api/v1/charts/energy-heat.csv?period=2060&lang=en").text
    assert len(text.splitlines()) == HOURS + 1
    part = energy.get("/api/v1/charts/energy-window.csv?period=2060&day=10&days=1").text
    assert [line.split(",")[0] for line in part.splitlines()[1:]] == [str(h) for h in range(216, 240)]


def test_a_workbook_of_a_chart_has_the_units_of_its_picture(energy: TestClient) -> None:
    """Stored prices are by the megawatt hour: a thousandth of each is that of a kilowatt hour."""
    asked = {"lang": "zh", "period": "2060"}
    card = energy.get("/api/v1/charts/energy-heat.json", params=asked).json()["usermeta"]["card"]
    answer = energy.get("/api/v1/charts/energy-heat.xlsx", params=asked)
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).worksheets[1]
    cells = [[c for c in row if c is not None] for row in sheet.values]
    assert ["单位：元/千瓦时"] in cells
    first = next(row for row in cells if row[:1] == [card["rows"][0][0]])
    assert first[1:] == pytest.approx([cell / 1000.0 for cell in card["rows"][0][1:]])


def test_the_comparison_holds_the_figures_of_every_run(energy: TestClient) -> None:
    html = energy.get(f"/en/energy/compare?runs={FIRST}&runs={SECOND}&period=2030").text
    table = html[html.index('id="compared"') :]
    assert table.split("</table>")[0].count("<tr>") == 3
    assert html.count(" checked>") == 2
    assert 'value="2030" selected' in html


def form_of(client: TestClient, language: str) -> dict[str, str]:
    """What the form holds before anything is entered, with its token."""
    read = Reader(client.get(place("/energy/site", language)).text)
    inputs = {v["name"]: v.get("value", "") for tag, v in read.tags if tag == "input" and "name" in v}
    picked: dict[str, str] = {}
    name = ""
    for tag, values in read.tags:
        if tag == "select":
            name = values["name"]
        if tag == "option" and "selected" in values:
            picked[name] = values["value"]
    return {**inputs, **picked}


def post(client: TestClient, language: str, fields: dict[str, str]) -> Any:
    files = {name: (None, value) for name, value in fields.items()}
    return client.post(place("/energy/site", language), files=files, follow_redirects=False)


@every_language
def test_the_pathway_model_stands_beside_the_system_with_the_reason(energy: TestClient, language: str) -> None:
    html = energy.get(place("/energy/compare?period=2040", language)).text
    table = html[html.index('id="why"') :].split("</table>")[0]
    values = [float(v) for v in re.findall(r'<data value="([^"]+)"', table)]
    assert values[:3] == [300.0, 310.0, 10.0] and table.count("<tr>") == 4
    assert translate("energy.compare.no_cost", language).replace("'", "&#39;") in table


@every_language
def test_a_site_that_is_entered_has_an_address_with_its_schedule(energy: TestClient, language: str) -> None:
    entered = form_of(energy, language)
    answer = post(energy, language, entered)
    assert answer.status_code == 303
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert asked["electricity"] == [entered["electricity"]] and "form_token" not in asked
    page = energy.get(answer.headers["location"])
    assert page.status_code == 200 and 'id="todo"' in page.text and 'id="costs"' in page.text
    assert language == "zh" or not [t for t in Reader(page.text).texts if HAN.search(t)]
    table = energy.get("/api/v1/charts/energy-site.csv?" + urlsplit(answer.headers["location"]).query).text
    assert len(table.splitlines()) == 25


def test_the_schedule_of_the_api_meets_the_need_and_costs_no_more_than_none(energy: TestClient) -> None:
    """Balance of every hour: purchase, sun and battery give what need, sale, battery and vehicles take."""
    found = energy.get(SITE.replace("/energy/site", "/api/v1/energy/site")).json()
    hours = {k: found["hours"].get(k, [0.0] * 24) for k in (
        "purchase", "pv", "battery_discharge", "electricity_need", "sale", "battery_charge", "vehicles")}  # fmt: skip
    for h in range(24):
        given = sum(hours[k][h] for k in ("purchase", "pv", "battery_discharge"))
        taken = sum(hours[k][h] for k in ("electricity_need", "sale", "battery_charge", "vehicles"))
        assert given == pytest.approx(taken, abs=1e-5)
    assert float(found["costs"]["total"]) <= float(found["costs_unscheduled"]["total"])
    page = energy.get(SITE).text
    total = page[page.index('<tbody class="sum">') :]
    values = [float(v) for v in re.findall(r'<data value="([^"]+)"', total)]
    assert values[:2] == [float(found["costs_unscheduled"]["total"]), float(found["costs"]["total"])]


@pytest.mark.parametrize(
    ("name", "value"),
    [("electricity", "much"), ("pv", "-1"), ("connection", "1e99"), ("vehicles", "2.5"), ("day", "2025-02-30"), ("place", "atlantis"),
     ("heat", "900"), ("type", "<script>"), ("battery_power", "nan"), ("carbon", "inf")],
)  # fmt: skip
@every_language
def test_what_is_wrong_in_the_form_is_said_at_its_field(
    energy: TestClient, name: str, value: str, language: str
) -> None:
    entered = {**form_of(energy, language), name: value}
    answer = post(energy, language, entered)
    assert answer.status_code == 422
    assert f'id="bad-{name}"' in answer.text and f'aria-describedby="bad-{name}"' in answer.text
    assert "<script>" not in answer.text.replace('<script type="module"', "")
    kept = entered["electricity"]
    assert f'name="electricity" value="{kept}"' in answer.text


@every_language
def test_what_the_site_cannot_be_given_is_said_in_the_units_of_the_form(energy: TestClient, language: str) -> None:
    """Devices are entered in kW, so what they lack is told in kW; a vehicle of 60 kWh takes no 90 kWh a day."""
    entered = {
        **form_of(energy, language),
        "heat": "900",
        "heat_pump": "0.5",
        "vehicle_energy": "90",
        "arrival": "0",
        "departure": "24",
    }
    told = post(energy, language, entered).text.split('id="bad-heat"')[1].split("</label>")[0]
    assert ("0.500 千瓦" if language == "zh" else "0.500 kW") in told and "MW" not in told
    vehicles = (
        post(energy, language, {**entered, "heat": "0"}).text.split('id="bad-vehicle_energy"')[1].split("</label>")[0]
    )
    assert "60" in vehicles and "90" in vehicles and "energy_per_day" not in vehicles


def test_a_form_of_another_site_is_refused(energy: TestClient) -> None:
    entered = {**form_of(energy, "en"), "form_token": "0" * 64}
    assert post(energy, "en", entered).status_code == 403
    assert energy.post("/en/energy/site", data={"electricity": "1"}).status_code == 415


def test_schedules_are_limited_in_a_minute(workspace: Path) -> None:
    client = TestClient(create_app(workspace))
    answers = [client.get("/api/v1/energy/site").status_code for _ in range(31)]
    assert answers[:30] == [200] * 30 and answers[30] == 429


@pytest.fixture(scope="module")
def visit(browser: Browser, workspace: Path) -> Iterator[Visit]:
    with serving(workspace) as address, context(browser, 1440, 900) as made:
        yield Visit(made, address)


@pytest.mark.browser
@pytest.mark.wider
@pytest.mark.parametrize(
    ("page", "language"),
    [
        pytest.param(p, language, marks=[] if n == i % 2 else pytest.mark.thorough)
        for i, p in enumerate([*PAGES, SITE])
        for n, language in enumerate(LANGUAGES)
    ],
)
def test_a_page_is_accessible_quiet_and_fits_a_phone(visit: Visit, page: str, language: str) -> None:
    """One visit for all; `test_a_page_is_served_in_its_language_with_safe_headers` reads each page in the other language too."""
    visit.faults.clear()
    visit.tab.set_viewport_size({"width": 1440, "height": 900})
    tab = visit.go(place(page, language))
    assert drawn(tab) > 0 or "assumptions" in page
    assert tab.evaluate(OUTSIDE) == []
    assert violations(tab, in_turn=True) == []
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.wait_for_timeout(300)
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert (visit.foreign, visit.faults) == ([], [])


@pytest.mark.browser
def test_the_window_of_the_dispatch_moves_by_key_and_click_and_stays_in_the_address(visit: Visit) -> None:
    visit.faults.clear()
    visit.tab.set_viewport_size({"width": 1280, "height": 900})
    tab = visit.go("/en/energy/dispatch?period=2060&day=100&days=3")
    before = tab.locator("#window-card h2").inner_text()
    slider = tab.locator("input[name=day]")
    slider.focus()
    tab.keyboard.press("ArrowRight")
    tab.wait_for_url(re.compile(r"day=101"))
    assert slider.get_attribute("aria-valuetext") == "11 Apr"
    assert tab.locator("#window-card h2").inner_text() != before
    tab.wait_for_selector("#window-card [data-drawn=yes]")
    address = tab.locator("#window-card figure").get_attribute("data-chart")
    assert address is not None and "day=101" in address
    box = tab.locator("#year-card .plot svg").bounding_box()
    assert box is not None
    tab.mouse.click(box["x"] + box["width"] * 0.75, box["y"] + 40)
    tab.wait_for_url(re.compile(r"day=2\d\d"))
    assert "day=2" in str(tab.locator("a.language").get_attribute("href"))
    assert visit.faults == []
