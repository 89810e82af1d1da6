"""What a refused form says: its fields are called as on the page."""

from __future__ import annotations

import pytest

from tanlu.core.errors import Problem
from tanlu.core.messages import catalogue
from tanlu.portal.session.wording import LABELS, SHARED, wording

EMPTY = Problem("empty", "call", field="deadline")


@pytest.mark.parametrize(("language", "label"), [("zh", "截止时间（北京时间）："), ("en", "Deadline (Beijing time): ")])
def test_a_field_is_called_as_on_its_page(language: str, label: str) -> None:
    said = wording(EMPTY, language, "/programme/call/edit")
    assert said.startswith(label)
    assert "[deadline]" not in said and said.endswith(str(EMPTY.as_record(language)["mend"]))


def test_a_field_without_a_label_and_a_row_of_a_file_keep_their_place() -> None:
    unknown, row = Problem("empty", "call", field="no_such"), Problem("empty", "filings.csv", 3, "value")
    assert wording(unknown, "en", "/programme/call/edit") == unknown.text("en")
    assert wording(row, "en", "/assessment/filings") == row.text("en")


def test_the_labels_of_each_page_are_in_the_catalogue() -> None:
    heads = {key.split(".")[1] for key in catalogue() if key.startswith("portal.")}
    assert {room for rooms in LABELS.values() for room in rooms} | {SHARED} <= heads
