"""Pages in a real headless Chromium that can reach nothing but this machine."""

from __future__ import annotations

import base64
import csv
import io
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from tests.portal.browsing import OUTSIDE, Visit, context, drawn, place, telephone, violations
from tests.results_fixture import REGION

from tanlu.portal.rendering import NAVIGATION

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser

CHART_PAGES = ["/", "/inventory", "/inventory?view=sector&gwp=AR6", "/scenarios", "/targets"]
TEXT_PAGES = [
    "/sources", f"/number?id=total:{REGION}:2024:co2", "/number?id=peak:current-mid", "/about", "/nothing",
    "/inventory?sector=waste&gas=N2O", "/styleguide", "/plan", "/reports", "/studio/targets",
]  # fmt: skip
every_page = pytest.mark.parametrize("page", [*CHART_PAGES, *TEXT_PAGES, "/docs", "/docs?tag=inventory"])
every_language = pytest.mark.parametrize("language", ["zh", "en"])


@every_page
@pytest.mark.parametrize("language", [pytest.param("zh", marks=pytest.mark.thorough), "en"])
def test_a_page_is_accessible_asks_nobody_else_draws_its_charts_and_fits_a_phone(
    desk: Visit, page: str, language: str
) -> None:
    """One visit for all that is to be seen on a page; what it asks for is judged last, when axe has given it time to ask.

    English, whose words are longer and do not break, is opened on a telephone, which is then turned into a desk.
    """
    with telephone(desk, language == "en"):
        tab = desk.go(place(page, language))
        assert drawn(tab) > 0 or page not in CHART_PAGES
        if language == "en":
            assert tab.evaluate("document.documentElement.scrollWidth") <= 390
            for box in (svg.bounding_box() for svg in tab.locator(".plot svg").all()):
                assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 391
        assert tab.evaluate(OUTSIDE) == []
    if language == "en":
        assert tab.evaluate(OUTSIDE) == []
    assert violations(tab) == []
    assert desk.foreign == []
    assert [f for f in desk.faults if not (page == "/nothing" and "404" in f)] == []


def test_every_page_of_the_navigation_is_looked_at() -> None:
    """Pages that no browser opens could have barriers that nobody finds."""
    here = Path(__file__).parent
    texts = [t for t in (p.read_text(encoding="utf-8") for p in sorted(here.glob("test_*.py"))) if "violations(" in t]
    assert [page for page in NAVIGATION if not any(f'"{page}' in t or f'"/en{page}' in t for t in texts)] == []


def test_charts_have_ink_on_the_screen(desk: Visit) -> None:
    """The picture of the plot itself, counted on an empty page: enough of it is not the most frequent colour."""
    share = """async address => {
        const picture = await createImageBitmap(await (await fetch(address)).blob());
        const canvas = new OffscreenCanvas(picture.width, picture.height), pen = canvas.getContext('2d');
        pen.drawImage(picture, 0, 0);
        const dots = new Uint32Array(pen.getImageData(0, 0, picture.width, picture.height).data.buffer), counts = new Map();
        for (const dot of dots) counts.set(dot, (counts.get(dot) || 0) + 1);
        return 1 - Math.max(...counts.values()) / dots.length;
    }"""
    tab = desk.go("/")
    names = ("emissions", "fan", "prefectures", "intensity")
    pictures = {name: base64.b64encode(tab.locator(f".plot-{name}").screenshot()).decode() for name in names}
    tab.goto("about:blank")
    for name, png in pictures.items():
        assert tab.evaluate(share, f"data:image/png;base64,{png}") > 0.02, name


def test_chinese_glyphs_are_drawn_not_boxes(desk: Visit) -> None:
    """Two different characters of a font without Chinese would be the same box."""
    tab = desk.go("/")
    pictures = tab.evaluate("""() => [...'碳钢'].map(c => {
        const canvas = document.createElement('canvas'); canvas.width = canvas.height = 40;
        const pen = canvas.getContext('2d'); pen.font = `32px ${getComputedStyle(document.body).fontFamily}`; pen.fillText(c, 2, 32);
        return canvas.toDataURL();
    })""")
    assert pictures[0] != pictures[1], "no Chinese font; on Debian: apt-get install -y fonts-noto-cjk"


def test_without_scripts_pictures_and_tables_are_there(browser: Browser, address: str) -> None:
    with context(browser, 1280, 900, java_script_enabled=False) as made:
        off = Visit(made, address)
        off.tab.goto(address + "/en", wait_until="networkidle")
        for picture in off.tab.locator("noscript img, img.picture").all():
            assert picture.get_attribute("alt")
        assert off.tab.locator("img.picture").first.evaluate("i => i.complete") in (True, None)
        assert off.tab.locator(".tools table").count() >= 4


@every_language
def test_the_language_switch_keeps_page_and_filters(desk: Visit, language: str) -> None:
    tab = desk.go(place("/inventory?year=2014&gas=CH4&gwp=AR6", language))
    tab.locator("a.language").click()
    tab.wait_for_url(re.compile(r"gas=CH4"))
    there = urlsplit(tab.url)
    assert there.path == ("/en/inventory" if language == "zh" else "/inventory")
    assert parse_qs(there.query) == {"year": ["2014"], "gas": ["CH4"], "gwp": ["AR6"]}
    assert tab.locator("html").get_attribute("lang") == ("en" if language == "zh" else "zh-CN")


def test_chosen_filters_go_into_the_address_and_come_back(desk: Visit) -> None:
    tab = desk.go("/en/inventory")
    tab.locator("select[name=gas]").select_option("CH4")
    tab.locator("select[name=year]").select_option("all")
    tab.locator("select[name=gwp]").select_option("AR4")
    tab.get_by_role("button", name="Show").click()
    tab.wait_for_url(re.compile(r"gas=CH4"))
    asked = parse_qs(urlsplit(tab.url).query)
    assert (asked["gas"], asked["year"], asked["gwp"]) == (["CH4"], ["all"], ["AR4"])
    again = desk.go(tab.url.removeprefix(desk.address))
    assert again.locator("select[name=gas]").input_value() == "CH4"
    assert again.locator("select[name=year]").input_value() == "all"


def test_the_downloaded_csv_holds_the_rows_of_the_table(desk: Visit) -> None:
    tab = desk.go("/en/inventory?year=2014&sector=agriculture")
    with tab.expect_download() as download:
        tab.get_by_role("link", name="Download these rows").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    table = list(csv.DictReader(io.StringIO(text)))
    rows = tab.locator("#rows tbody tr")
    assert [r["id"] for r in table] == [rows.nth(i).get_attribute("data-id") for i in range(rows.count())]
    values = tab.locator("#rows td:nth-of-type(4) data").evaluate_all("all => all.map(d => d.value)")
    assert [float(v) for v in values] == [float(r["value"]) for r in table if r["value"]]


def test_a_figure_leads_to_its_chain_and_the_chain_to_a_source(desk: Visit) -> None:
    tab = desk.go("/en")
    tab.locator("[data-figure=co2] a.num").click()
    tab.wait_for_url(re.compile(r"/en/number\?id=total"))
    folded = tab.locator(".tree details:not([open])")
    while folded.count():
        folded.first.evaluate("d => d.open = true")
    assert tab.locator(".tree .kind-source:visible").count() > 0
    assert "Synthetic source yearbook" in tab.locator(".tree").inner_text()


def test_the_main_actions_can_be_reached_with_the_keyboard(desk: Visit) -> None:
    """Tab from the top: the skip link first, then navigation, filters, the button, the chart's table, the download."""
    tab = desk.go("/en/inventory")
    reached: list[str] = []
    for _ in range(60):
        tab.keyboard.press("Tab")
        reached.append(
            tab.evaluate("(e => (e.textContent || e.name || '').trim().slice(0, 40))(document.activeElement)")
        )
    wanted = [
        "Skip to content",
        "Scenarios",
        "中文",
        "Show",
        "Clear filters",
        "Table",
        "CSV",
        "Copy link",
        "Download these rows (CSV)",
    ]
    places = [reached.index(w) for w in wanted]
    assert places == sorted(places)
    ring = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert ring != "none"


def test_a_table_opens_with_the_keyboard_and_holds_what_hovering_shows(desk: Visit) -> None:
    tab = desk.go("/en/scenarios")
    card = tab.locator("section.chart")
    card.locator("summary").first.focus()
    tab.keyboard.press("Enter")
    assert card.locator("table").first.is_visible()
    box = card.locator(".plot svg").bounding_box()
    assert box is not None
    tip = tab.locator(".tip")
    for step in range(40):
        tab.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + 20 + step * 6)
        if tip.count():
            break
    assert tip.count() == 1
    year, *lines = [line for line in tip.inner_text().splitlines() if line.strip()]
    head = card.locator("thead th").all_inner_texts()[1:]
    row = card.locator("tbody tr", has_text=year.removeprefix("Year ").strip()).first.locator("td").all_inner_texts()
    assert len(lines) == len(head) == len(row)
    for line, label, cell in zip(lines, head, row, strict=True):
        name, _, value = line.rpartition(" ")
        assert label.startswith(name.strip())
        assert float(value.replace(",", "")) == pytest.approx(float(cell.replace(",", "")), rel=0.01)


def test_the_link_of_a_chart_can_be_copied(desk: Visit) -> None:
    desk.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = desk.go("/en/inventory?gas=CH4")
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#said")).to_have_text("Link copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == f"{desk.address}/en/inventory?gas=CH4#title-inventory"
    page.context.clear_permissions()


def test_an_indicator_is_chosen_on_the_overview(desk: Visit) -> None:
    tab = desk.go("/en")
    tab.locator("select[name=indicator]").select_option("energy_use")
    tab.locator("form.inline button").click()
    tab.wait_for_url(re.compile("indicator=energy_use"))
    assert "Energy use" in tab.locator("#title-prefectures").inner_text()


SEEN = """() => {
    const pale = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number); return (r + g + b) / 3; };
    const fills = [...document.querySelectorAll('.plot-emissions svg path')].map(p => getComputedStyle(p).fill);
    return [pale(getComputedStyle(document.documentElement).backgroundColor), fills.filter(f => f.startsWith('rgb(')).join(' ')];
}"""
"""How pale the page is, and the fills of a chart."""


def test_the_theme_is_changed_in_place_kept_and_accessible(desk: Visit) -> None:
    """Overview and filters in the dark theme: the chart follows without being drawn anew, the next page has the theme at once."""
    tab = desk.go("/en?indicator=energy_use")
    light, fills = tab.evaluate(SEEN)
    svg = tab.locator(".plot-emissions svg").element_handle()
    tab.get_by_role("link", name="Dark or light").click()
    expect(tab.locator("#said")).to_have_text("Dark theme")
    dark, turned = tab.evaluate(SEEN)
    assert light > 200 and dark < 60 and fills != turned
    assert tab.url.endswith("indicator=energy_use") and svg is not None and svg.evaluate("e => e.isConnected")
    tab.emulate_media(media="print")
    assert tab.evaluate(SEEN) == [255, fills], "paper is light"
    tab.emulate_media(media="screen")
    assert violations(tab) == []
    tab = desk.go("/en/inventory")
    assert tab.locator("html").get_attribute("data-theme") == "dark"
    assert violations(tab) == []
    tab.goto(f"{desk.address}/theme?to=light&back=//example.org")
    assert tab.url.rstrip("/") == desk.address, "another place is not gone to"
    assert tab.locator("html").get_attribute("data-theme") == "light"
    assert desk.foreign == [] and desk.faults == []


def test_the_system_decides_the_theme_until_it_is_chosen(desk: Visit) -> None:
    tab = desk.tab
    tab.emulate_media(color_scheme="dark")
    try:
        tab.goto(f"{desk.address}/en/about")
        assert tab.evaluate(SEEN)[0] < 60
    finally:
        tab.emulate_media(color_scheme="light")


def test_the_arrow_keys_read_a_chart_year_by_year(desk: Visit) -> None:
    """What is said is a row of the table, and the line stands at its year."""
    tab = desk.go("/en/inventory")
    key = tab.get_by_role("slider").first
    key.focus()
    rows = tab.locator(".chart .tools tbody tr")
    key.press("ArrowRight")
    cells = rows.nth(1).locator("th, td").all_text_contents()
    told = key.get_attribute("aria-valuetext") or ""
    assert told.startswith(cells[0].strip()) and all(c.strip() in told for c in cells)
    assert key.get_attribute("aria-valuenow") == "1" and key.inner_text() == told
    first = tab.locator(".plot .line").bounding_box()
    key.press("End")
    last = tab.locator(".plot .line").bounding_box()
    assert first is not None and last is not None and last["x"] > first["x"] + 300
    assert key.get_attribute("aria-valuenow") == key.get_attribute("aria-valuemax") == str(rows.count() - 1)


def test_a_chart_is_cited_with_its_sources_and_address(desk: Visit) -> None:
    desk.tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab = desk.go("/en/inventory?gas=CH4")
    tab.get_by_role("button", name="Copy citation").click()
    expect(tab.locator("#said")).to_have_text("Citation copied")
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(tab.locator("#title-inventory").inner_text()) and "Sources: " in copied
    assert f"{desk.address}/en/inventory?gas=CH4#title-inventory" in copied
    tab.context.clear_permissions()


def test_the_navigation_of_a_telephone_opens_and_closes(phone: Visit) -> None:
    tab = phone.go("/en/about")
    menu, link = tab.get_by_role("button", name="Menu"), tab.locator("#navigation a").first
    expect(link).to_be_hidden()
    menu.press("Enter")
    expect(link).to_be_visible()
    assert menu.get_attribute("aria-expanded") == "true"
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    menu.click()
    expect(link).to_be_hidden()


def test_paper_has_no_navigation_and_cuts_no_table(desk: Visit) -> None:
    tab = desk.go("/inventory?year=all")
    tab.emulate_media(media="print")
    tab.set_viewport_size({"width": 690, "height": 976})
    try:
        for part in (".top nav", ".second", ".tools", ".filters", "button", ".button"):
            assert tab.locator(f"{part}:visible").count() == 0, part
        assert tab.locator(".paper:visible").count() >= 3
        assert tab.evaluate("document.documentElement.scrollWidth") <= 690
    finally:
        tab.emulate_media(media="screen")
        tab.set_viewport_size({"width": 1440, "height": 900})
