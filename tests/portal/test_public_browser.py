"""The tour and the marked terms in a real browser, by keyboard alone; the public pages with axe and on a telephone."""

from __future__ import annotations

import pytest
from tests.portal.browsing import Visit, place, telephone, violations


def test_the_tour_is_taken_by_keyboard_and_remembered(desk: Visit) -> None:
    tab = desk.go("/en")
    tab.evaluate("localStorage.removeItem('tanlu-tour')")
    tab = desk.go("/en")
    tab.wait_for_selector(".tour-invite")
    tab.get_by_role("button", name="Official").focus()
    tab.keyboard.press("Enter")
    panel = tab.get_by_role("dialog")
    assert panel.evaluate("e => e === document.activeElement")
    first = panel.locator("h2").inner_text()
    tab.keyboard.press("ArrowRight")
    assert tab.get_by_role("dialog").locator("h2").inner_text() != first
    assert tab.locator("#changes.tour-target").count() == 1
    tab.keyboard.press("Escape")
    assert tab.get_by_role("dialog").count() == 0
    assert tab.evaluate("localStorage.getItem('tanlu-tour')") == "done"
    tab = desk.go("/en/glossary?tour=citizen")
    tab.wait_for_selector(".tour-panel a")
    assert tab.get_by_role("link", name="Open this page").count() == 1
    tab.keyboard.press("Escape")
    assert desk.foreign == [] and desk.faults == []


def test_a_marked_term_opens_and_closes_by_keyboard(desk: Visit) -> None:
    tab = desk.go("/en/scenarios")
    term = tab.locator("dfn button").first
    note = tab.locator(f"#{term.get_attribute('popovertarget')}")
    term.focus()
    tab.keyboard.press("Enter")
    assert note.is_visible() and note.get_by_role("link").is_visible()
    tab.keyboard.press("Escape")
    assert not note.is_visible()


@pytest.mark.parametrize("language", [pytest.param("zh", marks=pytest.mark.thorough), "en"])
@pytest.mark.parametrize("page", ["/public", "/public/data", "/public/data?id=peaks", "/glossary", "/tour"])
def test_a_public_page_fits_a_telephone_and_has_no_barrier(desk: Visit, page: str, language: str) -> None:
    tab = desk.go(place(page, language))
    with telephone(desk):
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert violations(tab) == []
    assert desk.foreign == [] and desk.faults == []
