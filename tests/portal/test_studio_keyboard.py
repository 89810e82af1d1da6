"""The studio by the keyboard alone, and as a screen reader is told it: names, roles, and what is said when something changes."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from tests.portal.browsing import Visit, context, place
from tests.portal.conftest import serving
from tests.portal.test_studio_browser import LEVER, rested, shown

from tanlu.core.messages import translate
from tanlu.pathways import Model, load_model
from tanlu.pathways.scenario_link import decode

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Download, Page

pytestmark = pytest.mark.browser
STOPS = 400
"""Stops of the tabulator that reach any place of the page with few actions open."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, synthetic: Path, address: str) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("studio")
    (folder / "cache").symlink_to(synthetic / "cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tanlu.portal.studio.service.DRAWS", 64)
        with serving(folder) as found:
            yield found


@pytest.fixture(scope="module")
def screen(browser: Browser, server: str) -> Iterator[Visit]:
    rights = ["clipboard-read", "clipboard-write"]
    with context(browser, 1280, 900, permissions=rights, accept_downloads=True) as made:
        yield Visit(made, server)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


def reach(tab: Page, selector: str, back: bool = False) -> None:
    """Press the tabulator until the focus is on what the selector names; it must be seen there."""
    for _ in range(STOPS):
        if tab.evaluate("s => document.activeElement?.matches(s) ?? false", selector):
            ring = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert ring != "none", f"the focus on {selector} is not to be seen"
            return
        tab.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"the tabulator does not reach {selector}")


def taken(tab: Page, selector: str) -> Path:
    """Take the file of a link by the keyboard."""
    reach(tab, selector)
    with tab.expect_download() as waiting:
        tab.keyboard.press("Enter")
    found: Download = waiting.value
    return Path(found.path())


def save(tab: Page, name: str) -> None:
    reach(tab, "#save [name=name]")
    tab.keyboard.press("ControlOrMeta+A")
    tab.keyboard.type(name)
    reach(tab, "#save button")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    expect(tab.locator("#saved").get_by_role("checkbox", name=name, exact=True)).to_have_count(1)


def test_the_studio_is_walked_by_the_keyboard_alone(screen: Visit, model: Model) -> None:
    tab = screen.go(place("/studio", "en"))
    rested(tab)
    tab.evaluate("document.activeElement?.blur()")
    action = next(x.action for x in model.data.levers if x.id == LEVER)
    summary = f".action[data-action={action}] > summary"
    if not tab.locator(f"#lever-{LEVER}").is_visible():
        reach(tab, summary)
        tab.keyboard.press("Enter")
    reach(tab, f"#lever-{LEVER}")
    before = shown(tab, "co2")
    tab.keyboard.press("PageUp")
    first = rested(tab)
    assert shown(tab, "co2") != before and "%" in shown(tab, "chance")
    expect(tab.locator("[data-key=chance]")).not_to_have_class("stale")
    assert shown(tab, "co2") in tab.locator("#studio-said").inner_text()

    reach(tab, "#share")
    tab.keyboard.press("Enter")
    expect(tab.locator("#studio-said")).to_have_text(translate("portal.chart.copied", "en"))
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert parse_qs(urlsplit(copied).query)["s"] == [first]

    save(tab, "first")
    # a fork: the saved one is opened, changed, and saved under another name
    reach(tab, "#saved .saved-item a")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    rested(tab)
    tab.evaluate("document.activeElement?.blur()")
    reach(tab, f"#lever-{LEVER}")
    tab.keyboard.press("PageUp")
    second = rested(tab)
    assert second != first
    save(tab, "second")
    rested(tab)

    reach(tab, "#compare input[value=first]")
    for name in ("first", "second"):
        reach(tab, f"#compare input[value={name}]")
        tab.keyboard.press("Space")
    boxes = tab.locator("#compare [name=s]")
    assert boxes.evaluate_all("all => all.filter(b => b.checked).length") == 4
    assert boxes.evaluate_all("all => all.filter(b => !b.checked).every(b => b.disabled)")
    reach(tab, "#compare button")
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert len(parse_qs(urlsplit(tab.url).query)["s"]) == 4
    heads = " ".join(tab.locator("th").all_inner_texts())
    assert "first" in heads and "second" in heads
    values = [decode(s, model.data, model.data_hash).setting.levers[LEVER] for s in (first, second)]
    assert values[0] != values[1]
    assert screen.foreign == [] and screen.faults == []


def test_files_are_taken_by_the_keyboard_and_are_those_of_the_setting(screen: Visit, model: Model) -> None:
    tab = screen.go(place("/studio", "en"))
    link = rested(tab)
    tab.evaluate("document.activeElement?.blur()")
    picture = taken(tab, "section[aria-labelledby=title-studio-emissions] a[download$='.png']")
    assert picture.read_bytes().startswith(b"\x89PNG")
    rows = list(csv.reader(io.StringIO(taken(tab, "#downloads a[href*='.csv']").read_text("utf-8-sig"))))
    series = {row[3]: row for row in rows}["Emissions|CO2"]
    year = rows[0].index("2030")
    run = model.central(decode(link, model.data, model.data_hash).setting)
    assert float(series[year]) == pytest.approx(run.total[0, 2030 - run.years[0]], abs=1e-3)
    book = taken(tab, "#downloads a[href*='.xlsx']")
    assert "xl/workbook.xml" in zipfile.ZipFile(book).namelist()
    assert screen.foreign == [] and screen.faults == []


@pytest.mark.parametrize("language", ["zh", pytest.param("en", marks=pytest.mark.thorough)])
def test_a_screen_reader_is_told_names_roles_and_changes(screen: Visit, language: str) -> None:
    tab = screen.go(place("/studio", language))
    rested(tab)

    def say(key: str, **words: object) -> str:
        return translate(f"portal.studio.{key}", language, **words)

    tab.evaluate("document.querySelectorAll('.action').forEach(d => { d.open = true; })")
    levers = tab.locator("#levers")
    sliders = levers.get_by_role("slider")
    names = sliders.evaluate_all("all => all.map(s => s.labels[0].textContent.trim())")
    assert len(names) == len(set(names)) > 40 and all(names)
    told = sliders.evaluate_all("all => all.map(s => s.getAttribute('aria-valuetext'))")
    assert all(told)
    slider = tab.locator(f"#lever-{LEVER}")
    own = names[sliders.evaluate_all("(all, id) => all.findIndex(s => s.id === id)", f"lever-{LEVER}")]
    expect(slider).to_have_role("slider")
    expect(slider).to_have_accessible_name(own)
    expect(slider).to_have_accessible_description(tab.locator(f"#level-{LEVER}").inner_text())
    expect(levers).to_match_aria_snapshot(
        f"""
        - form "{say("levers")}":
          - heading "{say("levers")}" [level=2]
          - combobox "{say("world")}"
          - combobox "{say("growth")}"
          - searchbox "{say("find")}"
          - checkbox
          - button "{say("undo")}" [disabled]
          - button "{say("reset_all")}"
        """
    )
    figures = tab.locator("#figures")
    expect(figures).to_have_accessible_name(say("figures"))
    assert figures.get_by_role("listitem").count() == 6
    for box in tab.locator("#compare").get_by_role("checkbox").all():
        expect(box).not_to_have_accessible_name("")
    for figure in tab.locator("[data-chart]").all():
        expect(figure).not_to_have_accessible_name("")
    said = tab.get_by_role("status")
    before = tab.locator("#studio-said").inner_text()
    slider.focus()
    tab.keyboard.press("End")
    rested(tab)
    expect(said.filter(has_text=shown(tab, "co2")).first).to_be_attached()
    assert tab.locator("#studio-said").inner_text() != before
    tab.route("**/api/v1/pathways/**", lambda route: route.abort())
    tab.keyboard.press("Home")
    expect(
        tab.get_by_role("alert").filter(
            has_text=tab.locator("#studio").page.locator("#studio-failed").get_attribute("data-lost")
        )
    ).to_be_visible()
    tab.unroute("**/api/v1/pathways/**")
    screen.faults.clear()


@pytest.mark.parametrize("language", [pytest.param("zh", marks=pytest.mark.thorough), "en"])
def test_figures_are_read_whole_on_a_telephone(browser: Browser, server: str, language: str) -> None:
    with context(browser, 390, 844) as made:
        tab = Visit(made, server).go(place("/studio", language))
        rested(tab)
        cut = "all => all.filter(n => n.scrollWidth > n.clientWidth + 1 || n.scrollHeight > n.clientHeight + 1).map(n => n.textContent)"
        assert tab.locator("#figures .name").evaluate_all(cut) == []
        lines = "all => all.map(n => Math.round(n.getBoundingClientRect().height / parseFloat(getComputedStyle(n).lineHeight)))"
        assert max(tab.locator("#figures .name").evaluate_all(lines)) <= 2
