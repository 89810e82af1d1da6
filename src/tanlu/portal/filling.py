"""Long tables of pages: the pattern of a row is made once by a macro of the template and filled in for every row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from markupsafe import Markup, escape

FIRST: Final = 0xE000
"""First of the private characters of Unicode, which stand in the pattern where the cells belong."""
APART: Final = "\x1f"
"""Stands between texts that are escaped together."""


def filled(
    pattern: Callable[..., str],
    rows: Sequence[Sequence[Any]],
    made: Mapping[int, Callable[[Any], str]] | None = None,
) -> Markup:
    """Return the rows of a table.

    A macro that is called for every row, and text that is escaped cell by cell, cost many times as much.

    Parameters
    ----------
    pattern : callable
        Macro of the template with one parameter for each cell; it may use each where text or the value of an attribute stands, as often as
        it likes, but not look at it.
    rows : sequence
        Cells of the rows: texts, or for columns of ``made`` what can be a key.
    made : mapping of int to callable, optional
        By the place of a column, the macro that makes its cells, called once for each value.
    """
    if not rows:
        return Markup("")
    made, known = made or {}, dict[tuple[int, Any], str]()
    places: list[int] = []

    def place(found: re.Match[str]) -> str:
        places.append(ord(found[0]) - FIRST)
        return "%s"

    stands = [chr(FIRST + i) for i in range(len(rows[0]))]
    text = str(pattern(*stands)).replace("%", "%%")
    shape = re.sub(f"[{stands[0]}-{stands[-1]}]", place, text)
    plain = [i for i in range(len(rows[0])) if i not in made]
    texts = iter(_escaped([str(row[i]) for row in rows for i in plain]))
    lines = []
    for row in rows:
        cells = {i: next(texts) for i in plain}
        for column, macro in made.items():
            key = (column, row[column])
            if key not in known:
                known[key] = str(macro(row[column]))
            cells[column] = known[key]
        lines.append(shape % tuple(cells[i] for i in places))
    return Markup("".join(lines))


def _escaped(texts: list[str]) -> list[str]:
    """Return texts escaped for HTML."""
    found = str(escape(APART.join(texts))).split(APART)
    # a text may hold what stands between them
    return found if len(found) == len(texts) else [str(escape(text)) for text in texts]
