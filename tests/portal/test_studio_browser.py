"""The studio in a real browser: a moved slider changes the charts and the address, and the address brings everything back.

Opening the page takes seconds, so the tests of a language share one page and each begins with all levers reset.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import expect
from tests.portal.browsing import OUTSIDE, Visit, context, drawn, place, violations
from tests.portal.conftest import serving

from tanlu.core.messages import translate
from tanlu.pathways import Model, Setting, load_model
from tanlu.pathways.scenario_link import decode

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
LEVER = "solar_capacity"
CARD = "section[aria-labelledby=title-studio-{}]"
DATA = "figure => Object.fromEntries(['wide', 'former-wide'].map(n => [n, JSON.parse(JSON.stringify(figure.view.data(n)))]))"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, synthetic: Path, address: str) -> Iterator[str]:
    """A portal without a run; the script of the charts is the one that the other portal has packed."""
    folder = tmp_path_factory.mktemp("studio")
    (folder / "cache").symlink_to(synthetic / "cache")
    with pytest.MonkeyPatch.context() as patch:
        # what the draws are is tested elsewhere
        patch.setattr("tanlu.portal.studio.service.DRAWS", 64)
        with serving(folder) as found:
            yield found


@pytest.fixture(scope="module")
def screen(browser: Browser, server: str) -> Iterator[Visit]:
    with context(browser, 1440, 900) as made:
        yield Visit(made, server)


@pytest.fixture(scope="module")
def english(screen: Visit) -> Page:
    return opened(screen, "en")


@pytest.fixture
def tab(english: Page) -> Page:
    """The English page with all levers reset and nothing waiting."""
    english.locator("#reset-all").click()
    rested(english)
    return english


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


def opened(visit: Visit, language: str, query: str = "") -> Page:
    tab = visit.go(place("/studio", language) + query)
    tab.evaluate("document.querySelectorAll('.action').forEach(d => { d.open = true; }); scrollTo(0, 0)")
    return tab


def rested(tab: Page) -> str:
    """Wait until charts and draws are those of the address; return its link."""
    tab.wait_for_function(
        """() => { const s = document.getElementById('studio').dataset;
            return s.rested && s.rested === s.at && [s.at, null].includes(new URL(location.href).searchParams.get('s')); }""",
        timeout=30_000,
    )
    return tab.evaluate("document.getElementById('studio').dataset.at")


def setting(tab: Page, model: Model) -> Setting:
    return decode(rested(tab), model.data, model.data_hash).setting


def shown(tab: Page, key: str) -> str:
    return tab.locator(f"[data-key={key}] .value").inner_text()


def fits(tab: Page) -> None:
    """Nothing moves sideways on a telephone, and no text of a chart sticks out."""
    tab.set_viewport_size({"width": 390, "height": 844})
    tab.wait_for_function(
        "() => [...document.querySelectorAll('.plot svg')].every(s => s.getBoundingClientRect().right <= 391)"
    )
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert tab.evaluate(OUTSIDE) == []


def test_a_moved_slider_changes_charts_figures_and_address_and_undo_brings_them_back(tab: Page, model: Model) -> None:
    emissions = tab.locator(f"{CARD.format('emissions')} figure")
    before: dict[str, Any] = emissions.evaluate(DATA)
    title, figure = tab.locator("#title-studio-emissions").inner_text(), shown(tab, "co2")
    slider = tab.locator(f"#lever-{LEVER}")
    slider.focus()
    for key in ("PageUp", "PageUp", "ArrowRight", "ArrowLeft"):
        tab.keyboard.press(key)
    found = setting(tab, model)
    lever = next(x for x in model.data.levers if x.id == LEVER)
    steps = 2 * round((lever.maximum - lever.minimum) / lever.step / 10)
    assert found.levers == {LEVER: lever.default + steps * lever.step}
    assert parse_qs(urlsplit(tab.url).query)["s"] == [rested(tab)]
    after = emissions.evaluate(DATA)
    total = model.central(found).total[0]
    assert [r["total"] for r in after["wide"]][-len(total) :] == pytest.approx(total, abs=0.01)
    assert after["former-wide"] == before["wide"] != after["wide"]
    assert shown(tab, "co2") != figure and "%" in shown(tab, "chance")
    assert slider.get_attribute("aria-valuetext") == f"{found.levers[LEVER]:.0f} GW"
    assert "Plan" in tab.locator(f"#level-{LEVER}").inner_text()
    tab.locator("#undo").click()
    tab.wait_for_function("t => document.querySelector('[data-key=co2] .value').textContent === t", arg=figure)
    assert setting(tab, model).levers == {}
    assert emissions.evaluate(DATA)["wide"] == before["wide"]
    assert tab.locator("#title-studio-emissions").inner_text() == title
    assert float(slider.input_value()) == lever.default


def test_the_panel_finds_levers_resets_them_and_tells_a_schedule_that_cannot_be(tab: Page, model: Model) -> None:
    tab.locator("#find").fill("solar")
    assert tab.locator(".lever:visible").count() < 5 and tab.locator(f"#lever-{LEVER}").is_visible()
    own = tab.locator(f".lever[data-lever={LEVER}]")
    own.locator("summary").click()
    own.locator(".full").fill("2024")
    own.locator(".full").press("Tab")
    expect(own.locator(".span-bad")).to_be_visible()
    own.locator(".full").fill("2040")
    own.locator(".full").press("Tab")
    start = next(x for x in model.data.levers if x.id == LEVER).schedule.start
    assert setting(tab, model).schedules == {LEVER: (start, 2040)}
    own.locator(".reset").click()
    assert setting(tab, model).schedules == {}
    expect(own.locator(".reset")).to_be_hidden()
    tab.locator("#find").fill("")
    expect(tab.locator(".lever:visible")).to_have_count(len(model.data.every))


def test_tables_and_another_group_of_sectors_are_those_of_the_setting(tab: Page) -> None:
    card = tab.locator(CARD.format("emissions"))
    card.locator("summary").first.click()
    before = card.locator("tbody").inner_text()
    tab.locator(f"#lever-{LEVER}").focus()
    tab.keyboard.press("End")
    rested(tab)
    tab.wait_for_function(
        f"t => document.querySelector('{CARD.format('emissions')} tbody').innerText !== t", arg=before
    )
    tab.locator("#sector-group").select_option("power")
    tab.wait_for_function("() => document.getElementById('title-studio-sector').innerText.startsWith('Power and heat')")
    tab.locator(CARD.format("sector")).scroll_into_view_if_needed()
    tab.wait_for_selector(f"{CARD.format('sector')} [data-drawn=yes]")
    assert parse_qs(urlsplit(tab.url).query)["group"] == ["power"]


def test_the_pointer_is_told_the_figures_of_its_year_as_they_are_now(tab: Page, model: Model) -> None:
    figure = tab.locator(f"{CARD.format('emissions')} figure")
    tab.locator(f"#lever-{LEVER}").focus()
    tab.keyboard.press("End")
    run = model.central(setting(tab, model))
    tab.evaluate("scrollTo(0, 0)")
    box = figure.locator(".plot svg").bounding_box()
    assert box is not None
    tab.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 0.5 * box["height"])
    lines = tab.locator(".tip div").all_inner_texts()
    told = {name: text for name, _, text in (line.rpartition(" ") for line in lines)}
    at = int(told["Year"]) - int(run.years[0])
    assert 0 < at < len(run.years)
    assert float(told["Total"]) == pytest.approx(float(run.total[0, at]), abs=0.06)
    assert float(told["Net"].replace("−", "-")) == pytest.approx(float(run.net[0, at]), abs=0.06)
    tab.mouse.move(0, 0)
    expect(tab.locator(".tip")).to_have_count(0)


BOTH = """async ([spec, names]) => {
    const { expressions } = await import('/static/expressions.js');
    const found = [];
    for (const expr of [undefined, expressions]) {
        const place = document.createElement('div');
        place.style.width = '600px';
        document.body.append(place);
        const options = { ast: true, expr, actions: false, defaultStyle: false, renderer: 'svg' };
        const { view } = await window.tanluCharts.embed(place, structuredClone(spec), options);
        const drawn = (await view.toSVG()).replace(/clip\\d+/g, 'clip');
        found.push(names.length ? names.map(n => String(JSON.stringify(view.signal(n)))) : drawn);
        view.finalize();
        place.remove();
    }
    return found;
}"""
"""Draws a specification with the interpreter of the chart library and with our functions."""

EXPRESSIONS = (
    "1 + 2 * 3 - 4 / 5 % 6",
    "-width + +'3' - ~5",
    "1 < 2 && !(2 <= 1) || 3 > 4",
    "7 & 3 | 8 ^ 1",
    "1 << 5 >> 2 >>> 1",
    "'a' + PI",
    "width > 3 ? 'wide' : 'narrow'",
    "if(width < 3, 'a', 'b')",
    "[1, width, 'x'][1]",
    "{'a': 1, b: [width]}['b'][0]",
    "{a: {c: 2}}.a.c",
    "clamp(width, 0, 10) + max(1, 2, 3) + round(sqrt(2))",
    "isNaN(0 / 0) ? isFinite(1 / 0) : 0",
    "length([1, 2])",
    "join(slice([3, 1, 2], 1), '-')",
    "sort([3, 1, 2])",
    "reverse([1, 2])",
    "indexof('abcb', 'b') + lastindexof('abcb', 'b')",
    "upper('a') + lower('B') + trim(' c ')",
    "substring('abcdef', 1, 3)",
    "split('a-b', '-')",
    "replace('a-b', '-', '+')",
    "test(regexp('b+'), 'abb')",
    "parseFloat('1.5') + parseInt('7')",
    "year(datetime(2030, 0, 2)) + month(datetime(2030, 5)) + date(datetime(2030, 0, 9))",
    "utcyear(utc(2030, 1)) + utchours(utc(2030, 1))",
    "format(1234.5, ',.1f')",
    "scale('s', 5)",
    "domain('s')",
    "isValid(null)",
    "merge({a: 1}, {b: 2})",
    "1 == '1' && 1 !== '1'",
    "btoa(atob('YQ=='))",
)


def test_expressions_give_what_the_interpreter_of_the_chart_library_gives(tab: Page) -> None:
    names = [f"e{i}" for i in range(len(EXPRESSIONS))]
    spec = {
        "$schema": "https://vega.github.io/schema/vega/v6.json", "width": 5,
        "scales": [{"name": "s", "type": "linear", "domain": [0, 10], "range": [0, 100]}],
        "signals": [{"name": n, "update": e} for n, e in zip(names, EXPRESSIONS, strict=True)],
    }  # fmt: skip
    theirs, ours = tab.evaluate(BOTH, [spec, names])
    assert dict(zip(EXPRESSIONS, ours, strict=True)) == dict(zip(EXPRESSIONS, theirs, strict=True))


@pytest.mark.parametrize("name", ["emissions", "flows"])
def test_charts_are_those_that_the_interpreter_of_the_chart_library_draws(tab: Page, name: str) -> None:
    spec = tab.evaluate(f"fetch('/api/v1/charts/studio-{name}.json?lang=en').then(r => r.json())")
    theirs, ours = tab.evaluate(BOTH, [spec, []])
    assert ours == theirs and ours.count("<path") > 10


@pytest.mark.parametrize("text", ["'a'.constructor", "{a: 'b'}['constr' + 'uctor']", "[].concat"])
def test_an_expression_has_no_way_out_of_the_language(tab: Page, screen: Visit, text: str) -> None:
    spec = {"$schema": "https://vega.github.io/schema/vega/v6.json", "signals": [{"name": "a", "update": text}]}
    told = tab.evaluate(
        """async (spec) => {
            const { expressions } = await import('/static/expressions.js');
            const place = document.createElement('div');
            const options = { ast: true, expr: expressions, actions: false, defaultStyle: false };
            return window.tanluCharts.embed(place, spec, options).then(({ view }) => String(view.signal('a')), e => e.message);
        }""",
        spec,
    )
    assert told in ("a member that is a function", "undefined")
    screen.faults.clear()


def test_a_server_that_is_gone_is_told_and_one_that_is_back_is_asked_again(tab: Page, screen: Visit) -> None:
    assert not tab.locator("#studio-failed").is_visible() and screen.faults == []
    tab.route("**/api/v1/pathways/**", lambda route: route.abort())
    tab.locator(f"#lever-{LEVER}").focus()
    tab.keyboard.press("End")
    tab.wait_for_selector("#studio-failed:visible")
    assert "does not answer" in tab.locator("#studio-failed").inner_text()
    tab.unroute("**/api/v1/pathways/**")
    tab.keyboard.press("ArrowLeft")
    rested(tab)
    expect(tab.locator("#studio-failed")).to_be_hidden()
    screen.faults.clear()


def test_the_english_studio_is_accessible_and_fits_a_phone(tab: Page, screen: Visit) -> None:
    assert drawn(tab) == tab.locator("[data-chart]").count() and tab.evaluate(OUTSIDE) == []
    fits(tab)
    assert violations(tab) == []
    assert screen.foreign == [] and screen.faults == []


@pytest.mark.thorough
def test_the_chinese_studio_opens_what_its_address_says_is_accessible_and_fits_a_phone(
    browser: Browser, server: str
) -> None:
    with context(browser, 1440, 900) as made:
        visit = Visit(made, server)
        tab = opened(visit, "zh")
        tab.locator("select[name=base]").select_option("plan")
        tab.locator(f"#lever-{LEVER}").focus()
        tab.keyboard.press("Home")
        link = rested(tab)
        again = opened(visit, "zh", f"?s={link}")
        rested(again)
        assert again.locator("select[name=base]").input_value() == "plan"
        slider = again.locator(f"#lever-{LEVER}")
        assert slider.input_value() == slider.get_attribute("min")
        expect(again.locator("#changed-count")).to_have_text("1")
        assert link in str(again.locator("a.language").get_attribute("href"))
        waiting = translate("charts.studio.fan.waiting", "zh")
        assert again.locator("#title-studio-fan").inner_text() not in ("", waiting)
        fits(again)
        assert violations(again) == []
        assert visit.foreign == [] and visit.faults == []


def test_the_comparison_is_accessible_and_fits_a_phone(browser: Browser, server: str) -> None:
    with context(browser, 390, 844) as made:
        visit = Visit(made, server)
        tab = visit.go("/en/studio/compare?s=frozen-mid&s=plan-mid")
        assert drawn(tab) == 1
        fits(tab)
        assert violations(tab) == [] and visit.foreign == [] and visit.faults == []
