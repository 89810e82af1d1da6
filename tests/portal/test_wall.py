"""The wall: what the public may see, without scrolling, turning by itself, still when asked."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient
from playwright.sync_api import expect
from tests.portal.browsing import Visit, place, violations

from tanlu.charts.tokens import DARK, LIGHT

if TYPE_CHECKING:
    from playwright.sync_api import Page

SCENES = ["peak", "sectors", "targets", "prefectures"]
OVERFLOW = """() => {
    const over = e => e.scrollHeight > e.clientHeight + 2 || e.scrollWidth > e.clientWidth + 2;
    const boxes = 'main, footer, .scene, .scene-body, .scene-body > *';
    const seen = e => e === document.documentElement || e.offsetParent;
    const all = [document.documentElement, ...document.querySelectorAll(boxes)];
    return all.filter(e => seen(e) && over(e)).map(e => e.outerHTML.slice(0, 80));
}"""
SMALLEST = """() => Math.min(...[...document.querySelectorAll('.scene:not([hidden]) :is(td, dt, dd, th, h2, figcaption)')]
    .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
DRAWN = "() => [...document.querySelectorAll('.scene:not([hidden]) .on-screen')].every(i => i.complete && i.naturalWidth > 0)"


def test_a_workspace_without_meters_and_programme_has_the_scenes_of_its_run(client: TestClient) -> None:
    page = client.get("/wall").text
    assert re.findall(r'<section class="scene scene-(\w+)"', page) == SCENES
    assert "<form" not in page and "<nav" not in page and 'href="/me"' not in page


@pytest.mark.parametrize(
    ("asked", "seconds"), [("", 30), ("12", 12), ("0", 0), ("1", 5), ("99999", 3600), ("soon", 30), ("-4", 30)]
)
def test_the_address_says_how_long_a_scene_stays(client: TestClient, asked: str, seconds: int) -> None:
    assert f'data-rotate="{seconds}"' in client.get("/en/wall", params={"rotate": asked}).text


def test_a_picture_is_dark_and_stays_the_same(client: TestClient) -> None:
    address = re.findall(r'<img class="on-screen" src="([^"]+)"', client.get("/en/wall").text)[0].replace("&amp;", "&")
    one = client.get(address)
    assert one.headers["content-type"] == "image/svg+xml"
    assert DARK.card.lower() in one.text.lower() and LIGHT.ink.lower() not in one.text.lower()
    assert client.get(address).content == one.content
    assert client.get("/wall/picture?scene=nothing").status_code == 404


def test_paper_gets_pictures_in_the_light_theme_which_are_there_before_somebody_prints(client: TestClient) -> None:
    page = client.get("/en/wall").text
    assert 'loading="lazy"' not in page
    found = re.findall(r'<img class="on-paper"[^>]* src="([^"]+)"', page)
    assert len(found) == page.count('class="on-screen"') > 0
    picture = client.get(found[0].replace("&amp;", "&")).text.lower()
    assert LIGHT.ink.lower() in picture and DARK.card.lower() not in picture


def test_names_of_sectors_on_the_wall_are_those_of_the_picture_beside_them(client: TestClient) -> None:
    page = client.get("/en/wall").text
    table = page[page.index('id="sectors"') :].split("</table>")[0]
    names = re.findall(r'<th scope="row"[^>]*>([^<]+)', table)
    drawn = client.get("/en/wall/picture?scene=sectors").text
    assert names and all(name in drawn for name in names)


def shown(tab: Page) -> list[str]:
    found: list[str] = tab.evaluate("[...document.querySelectorAll('.scene:not([hidden])')].map(s => s.id)")
    return found


@pytest.mark.browser
@pytest.mark.parametrize("language", [pytest.param("zh", marks=pytest.mark.thorough), "en"])
@pytest.mark.parametrize(("width", "count"), [(1920, 1), (3840, 2)])
def test_nothing_scrolls_and_a_double_screen_shows_two_scenes(
    desk: Visit, width: int, count: int, language: str
) -> None:
    tab = desk.tab
    tab.set_viewport_size({"width": width, "height": 1080})
    try:
        tab.goto(desk.address + place("/wall?rotate=0", language), wait_until="domcontentloaded", timeout=120_000)
        for scene in SCENES[::count]:
            assert shown(tab)[0] == scene and len(shown(tab)) == count
            tab.wait_for_function(DRAWN)
            assert tab.evaluate(OVERFLOW) == []
            assert tab.evaluate(SMALLEST) >= 18
            tab.keyboard.press("ArrowRight")
        if count == 1:
            assert violations(tab) == []
        assert desk.foreign == [] and desk.faults == []
    finally:
        tab.set_viewport_size({"width": 1440, "height": 900})


@pytest.mark.browser
def test_scenes_turn_pause_and_follow_the_server(desk: Visit) -> None:
    """Turns by a clock that the test moves; a scene that says something else is taken over, a server that is gone is told."""
    tab = desk.tab
    tab.clock.install()
    tab.goto(f"{desk.address}/en/wall?rotate=10&scene=sectors", wait_until="domcontentloaded", timeout=120_000)
    assert shown(tab) == ["sectors"]
    tab.clock.run_for(10_500)
    assert shown(tab) == ["targets"]
    assert "scene=targets" in tab.url
    tab.keyboard.press(" ")
    expect(tab.locator("[data-act=pause]")).to_have_text("Resume")
    tab.clock.run_for(25_000)
    assert shown(tab) == ["targets"]
    tab.locator("[data-act=pause]").click()
    tab.clock.run_for(10_500)
    assert shown(tab) == ["prefectures"]
    tab.keyboard.press("ArrowRight")
    assert shown(tab) == ["peak"]
    tab.evaluate("document.querySelector('#peak h2').textContent = 'old'")
    tab.evaluate("document.dispatchEvent(new Event('tanlu:look'))")
    expect(tab.locator("#peak h2")).not_to_have_text("old")
    assert shown(tab) == ["peak"]
    assert desk.faults == []
    tab.route("**/wall**", lambda route: route.abort())
    tab.evaluate("document.dispatchEvent(new Event('tanlu:look'))")
    expect(tab.locator(".offline")).to_be_visible()
    tab.unroute("**/wall**")
    tab.evaluate("document.dispatchEvent(new Event('tanlu:look'))")
    expect(tab.locator(".offline")).to_be_hidden()
    desk.faults.clear()
