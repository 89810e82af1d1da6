"""Pages of the documentation are read alike by the repository's host and by the site: lists stay lists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted(
    str(page.relative_to(ROOT))
    for page in (ROOT / "docs").rglob("*.md")
    if "reference" not in page.parts and page.name != "answer-book.md"
)
ITEM = re.compile(r"([-*+]|\d+\.)\s")
INSIDE = (" ", "#", "|", ">")
"""What a line begins with that a list may follow: a part of an item, a heading, a table, a quotation."""


def torn_lists(text: str) -> list[str]:
    """Return lines that begin a list right under a paragraph, and blocks of an item that are indented by less than the site asks for."""
    found, fenced, before = [], False, ""
    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and ITEM.match(line) and before.strip() and not ITEM.match(before):
            found += [line] * (not before.startswith(INSIDE))
        if not before.strip() and re.match(r" {1,3}\S", line):
            found.append(line)
        before = line
    return found


@pytest.mark.parametrize("page", PAGES)
def test_lists_stay_lists_on_the_site(page: str) -> None:
    """A list needs an empty line before it, and four blanks before what belongs to an item (Python-Markdown)."""
    assert torn_lists((ROOT / page).read_text(encoding="utf-8")) == []


def test_a_torn_list_is_found() -> None:
    assert torn_lists("A sentence.\n- an item\n") == ["- an item"]
    assert torn_lists("1. an item\n\n   ```\n   code\n") == ["   ```"]
    assert torn_lists("1. an item\n   goes on\n\n    code of it\n\n- another\n") == []


def test_the_picture_of_the_architecture_has_every_room() -> None:
    rooms = {path.parent.name for path in (ROOT / "src" / "tanlu").glob("*/__init__.py")} - {
        "library",
        "messages",
        "provinces",
    }
    drawn = (ROOT / "docs" / "architecture.svg").read_text(encoding="utf-8")
    assert [room for room in sorted(rooms) if not re.search(rf"\b{room}\b", drawn)] == []
