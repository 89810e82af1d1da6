"""The report in a real browser, opened as a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.portal.browsing import violations

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

pytestmark = pytest.mark.browser


@pytest.fixture(scope="session")
def tab(browser: Browser) -> Iterator[Page]:
    """One tab for all tests: a window of its own costs Chromium more than the page in it."""
    opened = browser.new_page()
    yield opened
    opened.close()


@pytest.fixture
def page(tab: Page, file: Path) -> Iterator[Page]:
    faults: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        faults.append(message.text)

    def watch(request: Request) -> None:
        faults.extend([] if request.url.startswith(("file:", "data:")) else [request.url])

    tab.goto("about:blank")
    tab.set_viewport_size({"width": 1000, "height": 900})
    tab.on("console", listen)
    tab.on("request", watch)
    tab.goto(file.as_uri())
    yield tab
    tab.remove_listener("console", listen)
    tab.remove_listener("request", watch)
    assert faults == []


def test_the_language_is_switched_without_server_or_script(page: Page) -> None:
    assert page.locator(".part-zh").is_visible() and not page.locator(".part-en").is_visible()
    page.locator("label[for=show-en]").click()
    assert page.locator(".part-en").is_visible() and not page.locator(".part-zh").is_visible()


def test_the_language_is_switched_with_the_keyboard(page: Page) -> None:
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowRight")
    assert page.locator(".part-en").is_visible()


@pytest.mark.parametrize("language", [pytest.param("zh", marks=pytest.mark.thorough), "en"])
def test_it_passes_wcag_a_and_aa(page: Page, language: str) -> None:
    page.locator(f"label[for=show-{language}]").click()
    assert violations(page) == []


def test_it_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_it_prints_on_several_pages_in_one_language(page: Page, tmp_path: Path) -> None:
    content = page.pdf(prefer_css_page_size=True)
    assert content.startswith(b"%PDF")
    assert 4 <= content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") <= 20
