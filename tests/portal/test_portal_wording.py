"""What a refused form says: its fields are called as on the page."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from tanlu.core.errors import Problem
from tanlu.core.messages import catalogue
from tanlu.portal.session.wording import LABELS, SHARED, wording

TEMPLATES = Path(str(files("tanlu.portal"))) / "templates"
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


def test_what_a_token_lacks_is_called_by_the_words_of_the_right() -> None:
    said = wording(Problem("token_lacks", "–", field="role.read"), "en")
    assert "Read people and roles (role.read)" in said and not said.startswith("[")


def test_the_labels_of_each_page_are_in_the_catalogue() -> None:
    heads = {key.split(".")[1] for key in catalogue() if key.startswith("portal.")}
    assert {room for rooms in LABELS.values() for room in rooms} | {SHARED} <= heads


def test_a_chip_or_a_cell_begins_with_a_large_letter() -> None:
    """Messages are written as inside a sentence; where one stands alone, the template raises its first letter."""
    alone = re.compile(
        r'(?:<td(?: [^>]*)?>|<span class="(?:kind|status)[^>]*>(?:<span aria-hidden="true">.*?</span> )?)(?:{%[^%]*%})?({{ \(?t\(.*?}})'
    )
    rooms = ("programme", "records", "registry", "assessment", "account", "webhooks", "outbox")
    small = [
        (path.name, found)
        for path in TEMPLATES.glob("*.html")
        if path.name.startswith(rooms)
        for found in alone.findall(path.read_text(encoding="utf-8"))
        if "|capital" not in found
    ]
    assert small == []
