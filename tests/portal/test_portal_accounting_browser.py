"""Pages of accounting in a real headless Chromium: accessible, quiet, narrow enough, and usable from upload to download."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import openpyxl
import pytest
from tests.portal.browsing import OUTSIDE, Visit, drawn, place, telephone, violations
from tests.portal.test_portal_accounting import BAD, FACTOR, GOOD
from tests.results_fixture import REGION

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.browser

CHARTS = [
    "/uncertainty?list=T1", "/reconciliation?item=sector:steel&year=all", f"/factor?id={FACTOR}", f"/inventory?region={REGION}/changsha",
]  # fmt: skip
TEXTS = [
    "/factors?q=anthracite", "/methods?set=cn-enterprise", "/method?id=fuel-combustion-carbon&set=cn-enterprise", "/account",
    "/account?set=cn-province-2025", "/inventory?gwp=cn-province-2025",
]  # fmt: skip
every_page = pytest.mark.parametrize("page", [*CHARTS, *TEXTS])
every_language = pytest.mark.parametrize("language", [pytest.param("zh", marks=pytest.mark.thorough), "en"])


def upload(visit: Visit, language: str, name: str, content: str, button: str) -> Page:
    tab = visit.go(place("/account?set=cn-enterprise", language))
    tab.locator("#files").set_input_files([{"name": name, "mimeType": "text/csv", "buffer": content.encode()}])
    with tab.expect_navigation(wait_until="load"):
        tab.locator(f"button[value={button}]").click()
    return tab


@every_page
@every_language
def test_a_page_is_accessible_asks_nobody_else_draws_its_charts_and_fits_a_phone(
    desk: Visit, page: str, language: str
) -> None:
    """English, whose words are longer and do not break, is opened on a telephone, which is then turned into a desk."""
    with telephone(desk, language == "en"):
        tab = desk.go(place(page, language))
        assert drawn(tab) > 0 or page not in CHARTS
        if language == "en":
            for details in tab.locator("details").all()[:6]:
                details.evaluate("d => d.open = true")
            assert tab.evaluate("document.documentElement.scrollWidth") <= 390
        assert tab.evaluate(OUTSIDE) == []
    if language == "en":
        assert tab.evaluate(OUTSIDE) == []
    assert violations(tab) == []
    assert (desk.foreign, desk.faults) == ([], [])


@every_language
def test_a_good_file_goes_from_dry_run_to_address_lineage_and_downloads(
    desk: Visit, language: str, tmp_path: Path
) -> None:
    tab = upload(desk, language, f"works-{language}.csv", GOOD, "check")
    assert tab.locator(".card-ok").count() == 1 and tab.locator("#problems").count() == 0
    assert violations(tab) == []
    total = tab.locator("[data-total=co2e] data").get_attribute("value")
    tab = upload(desk, language, f"works-{language}.csv", GOOD, "keep")
    address = tab.url
    assert "/account/" in address
    assert tab.locator("[data-total=co2e] data").get_attribute("value") == total
    assert violations(tab) == []
    with tab.expect_download() as workbook:
        tab.locator(".downloads a.button").click()
    workbook.value.save_as(tmp_path / "book.xlsx")
    assert "results" in openpyxl.load_workbook(tmp_path / "book.xlsx").sheetnames
    with tab.expect_download() as folder:
        tab.locator("a[href$='folder.zip']").click()
    folder.value.save_as(tmp_path / "folder.zip")
    assert zipfile.ZipFile(tmp_path / "folder.zip").testzip() is None
    tab.locator("#results a.num").first.click()
    tab.wait_for_selector("#data")
    assert f"works-{language}.csv:4" in tab.locator("#data").inner_text()
    heads = tab.locator("#data thead th").count()
    shown = "[...document.querySelectorAll('#data tbody tr')].map(r => [...r.cells].filter(c => c.offsetParent).length)"
    assert set(tab.evaluate(shown)) == {heads}, "no column falls out of the table"
    assert violations(tab) == []
    tab.locator("#data a[href*='factor?id=']").first.click()
    tab.wait_for_selector("#history")
    tab.goto(address)
    assert tab.locator("[data-total=co2e] data").get_attribute("value") == total
    assert (desk.foreign, desk.faults) == ([], [])


@every_language
def test_the_pages_of_an_account_fit_a_phone(phone: Visit, language: str) -> None:
    for button in ("check", "keep"):
        tab = upload(phone, language, "works.csv", GOOD, button)
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    tab.locator("#results a.num").first.click()
    tab.wait_for_selector("#data")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


@every_language
def test_a_bad_file_is_answered_with_its_problems(desk: Visit, phone: Visit, language: str) -> None:
    for visit in (desk, phone):
        tab = upload(visit, language, "works.csv", BAD, "keep")
        assert tab.locator("#problems tbody tr").count() == 2
        assert "parsec" in tab.locator("#problems").inner_text()
        assert tab.locator("[role=alert]").inner_text()
        assert violations(tab) == []
        assert tab.evaluate("document.documentElement.scrollWidth") <= 390 or visit is desk


def test_too_large_a_file_is_told_before_it_is_sent(desk: Visit, tmp_path: Path) -> None:
    with (tmp_path / "works.csv").open("wb") as file:
        file.truncate(21_000_000)
    tab = desk.go("/en/account")
    tab.locator("#files").set_input_files(tmp_path / "works.csv")
    assert "20 MB" in tab.locator("#files").evaluate("f => f.validationMessage")


def test_the_account_can_be_made_with_the_keyboard_alone(desk: Visit) -> None:
    tab = desk.go("/en/account")
    tab.locator("#files").set_input_files([{"name": "works.csv", "mimeType": "text/csv", "buffer": GOOD.encode()}])
    tab.locator("#files").focus()
    tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.value") == "check"
    tab.keyboard.press("Tab")
    tab.keyboard.press("Enter")
    tab.wait_for_url("**/en/account/*")
    assert tab.locator("#results tbody tr").count() == 1


def test_a_search_stands_in_the_address_and_back_returns_to_it(desk: Visit) -> None:
    tab = desk.go("/en/factors")
    tab.locator("input[name=q]").fill("anthracite calorific")
    tab.locator("form.filters button").click()
    tab.wait_for_url("**q=anthracite+calorific*")
    assert tab.locator("#rows tbody tr").count() >= 3
    tab.locator("#rows tbody a").first.click()
    tab.wait_for_selector("#history")
    tab.go_back()
    assert tab.locator("input[name=q]").input_value() == "anthracite calorific"
