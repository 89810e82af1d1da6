"""Pages of monitoring in a real headless Chromium."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect
from tests.portal.browsing import OUTSIDE, Visit, context, drawn, place, violations
from tests.portal.conftest import serving
from tests.portal.monitor_fixture import workspace_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def place_of_meters(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = shutil.copytree(workspace_of(tmp_path_factory), tmp_path_factory.mktemp("meters") / "workspace")
    with serving(Path(folder)) as found:
        yield found


def pages(visit: Visit) -> dict[str, int]:
    """Return the pages and the least number of charts on each."""
    ask = visit.tab.context.request
    base = f"{visit.address}/api/v1/monitor"
    case = ask.get(f"{base}/cases").json()[0]["id"]
    alert = ask.get(f"{base}/alerts").json()[0]["id"]
    firm = ask.get(f"{base}/units?kind=enterprise").json()[0]["id"]
    return {
        "/monitor": 3, "/monitor/unit": 3, f"/monitor/unit?id={firm}": 2, f"/monitor/meter?id={firm}-main": 1, "/monitor/quality": 0,
        "/monitor/energy": 0, f"/monitor/energy/{firm}": 2,
        "/monitor/cases": 0, f"/monitor/case?id={case}": 1, "/monitor/alerts": 0, f"/monitor/alert?id={alert}": 0, "/monitor/ingest": 0,
    }  # fmt: skip


@pytest.mark.parametrize(("language", "width"), [pytest.param("zh", 1440, marks=pytest.mark.thorough), ("en", 390)])
def test_pages_are_accessible_ask_nobody_else_and_draw_their_charts(
    browser: Browser, place_of_meters: str, language: str, width: int
) -> None:
    """Chinese on a desk, English, whose words are longer and do not break, on a telephone."""
    with context(browser, width, 900) as made:
        visit = Visit(made, place_of_meters)
        for page, charts in pages(visit).items():
            visit.begin()
            shown = visit.go(place(page, language))
            assert drawn(shown) >= charts, page
            assert shown.evaluate("document.documentElement.scrollWidth") <= width, page
            assert shown.evaluate(OUTSIDE) == [], page
            assert violations(shown) == [], page
            assert (visit.foreign, visit.faults) == ([], []), page


def test_what_comes_in_can_be_paused(browser: Browser, place_of_meters: str) -> None:
    with context(browser, 1440, 900) as made:
        shown = Visit(made, place_of_meters).go("/en/monitor/ingest")
        shown.get_by_role("button", name="Pause").click()
        expect(shown.get_by_role("button", name="Resume")).to_be_visible()
