"""Pages of monitoring in a real headless Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from tests.portal.browsing import OUTSIDE, Visit, context, drawn, place, violations
from tests.portal.conftest import serving
from tests.portal.monitor_fixture import workspace_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place_of_meters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(workspace_of(tmp_path_factory)) as found:
        yield found


@pytest.fixture(scope="module")
def tab(browser: Browser, place_of_meters: str) -> Iterator[Visit]:
    with context(browser, 1440, 900) as made:
        yield Visit(made, place_of_meters)


def pages(visit: Visit) -> dict[str, int]:
    """Return the pages and the least number of charts on each."""
    ask = visit.tab.context.request
    base = f"{visit.address}/api/v1/monitor"
    case = ask.get(f"{base}/cases").json()[0]["id"]
    alert = ask.get(f"{base}/alerts").json()[0]["id"]
    firm = ask.get(f"{base}/units?kind=enterprise").json()[0]["id"]
    return {
        "/monitor": 2, "/monitor/unit": 2, f"/monitor/unit?id={firm}": 2, f"/monitor/meter?id={firm}-main": 1, "/monitor/quality": 0,
        "/monitor/cases": 0, f"/monitor/case?id={case}": 1, "/monitor/alerts": 0, f"/monitor/alert?id={alert}": 0, "/monitor/ingest": 0,
    }  # fmt: skip


@pytest.mark.parametrize("language", ["zh", "en"])
def test_pages_are_accessible_ask_nobody_else_and_draw_their_charts(tab: Visit, language: str) -> None:
    for page, charts in pages(tab).items():
        tab.begin()
        shown = tab.go(place(page, language))
        assert drawn(shown) >= charts, page
        assert shown.evaluate(OUTSIDE) == [], page
        assert violations(shown) == [], page
        assert (tab.foreign, tab.faults) == ([], []), page


def test_pages_fit_a_phone(browser: Browser, place_of_meters: str) -> None:
    with context(browser, 390, 844) as made:
        phone = Visit(made, place_of_meters)
        for page in pages(phone):
            shown = phone.go(place(page, "en"))
            assert shown.evaluate("document.documentElement.scrollWidth") <= 390, page


def test_the_intake_is_shown_as_it_comes_and_can_be_paused(
    tab: Visit, tmp_path_factory: pytest.TempPathFactory
) -> None:
    tab.begin()
    shown = tab.go("/en/monitor/ingest")
    button = shown.get_by_role("button", name="Pause")
    button.click()
    assert shown.get_by_role("button", name="Resume").is_visible()
