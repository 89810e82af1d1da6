"""Lists as files: every row, names instead of codes, units in the heads, and sheets that show and print whole."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from decimal import Decimal

import pytest
from openpyxl import load_workbook
from tests.portal.office import HOME, SINCE, Office, open_office

from tanlu.portal.records.pages import PER_PAGE
from tanlu.portal.records.tables import workbook
from tanlu.records import register_organisation


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("lists") / "work")
    yield made
    made.records.close()


def test_a_list_longer_than_a_page_is_exported_whole_in_words(office: Office) -> None:
    with office.records.database.change("system", "test.people", "test") as change:
        for n in range(PER_PAGE):
            register_organisation(
                change, zh=f"大学{n}", en="", kind="university", region=HOME, uscc=None, valid_from=SINCE
            )
    text = office.client("officer").get("/admin/organisations?format=csv").text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert len(rows) == PER_PAGE + 2, "those of this test and the two of the office"
    assert {row["类别"] for row in rows} == {"高校", "企业"}
    assert {row["地区"] for row in rows} == {"长沙市", "株洲市"}


@pytest.mark.parametrize(
    ("page", "head"), [("calls", "总经费 [元]"), ("applications", "申请经费 [元]"), ("projects", "资助 [元]")]
)
def test_amounts_have_their_unit_in_the_head(office: Office, page: str, head: str) -> None:
    text = office.client("officer").get(f"/programme/{page}?format=csv").text
    assert head in text.removeprefix("\ufeff").splitlines()[0].split(",")


def test_a_sheet_is_as_wide_as_its_texts_and_prints_whole() -> None:
    """Ten Chinese characters are twenty wide, and two are left free."""
    book = load_workbook(io.BytesIO(workbook("t", ["甲", "b"], [["一二三四五六七八九十", Decimal("1234.5")]])))
    sheet = book.active
    assert sheet.column_dimensions["A"].width >= 22
    assert sheet["B2"].number_format == "#,##0.00"
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0, "as many pages down as it takes"
