"""How wide the columns of a table are on paper, in half-width characters: figures are not broken, nor short words where there is room."""

from __future__ import annotations

import math
import re
from typing import Final

MANY: Final = 6
"""Columns above which a table is set smaller."""
MARGIN: Final = 2.8
"""What the margins of a column take."""
CODE_SIZE: Final = 0.8
"""Size of a code below the name of what it stands for, of that of the name."""
_CODE: Final = 0.7
"""Width of a letter of a code: they are small, and narrow beside capitals and figures."""
_ROOM, _ROOM_SMALL = 88.9, 100.7
"""What the paper has for a table, and for one that is set smaller."""
_FIGURE: Final = 18
"""Longest figure by which a column's width is chosen."""
_STAGES: Final = ((15, 1, 0.2), (9, 1, 0.0), (9, 2, -math.inf))
"""Up to which length words stay on a line, how many lines each part of a heading may take, and the share of the room that must be left."""
_WIDEST: Final = 200
_BOLD: Final = 1.1
"""How much wider bold type is."""
_FIRST_WIDE: Final = 0x2E80
_WORD: Final = re.compile(r"[^\s\u2e80-\uffff-]+-?")
"""What no line breaks in a heading: a Latin word."""
_YEARS: Final = re.compile(r"(?:，|, )(?=\d{4}\b)")


def room(columns: int) -> float:
    """Return what the paper has for a table of so many columns."""
    return _ROOM_SMALL if columns > MANY else _ROOM


def size(text: str) -> int:
    """Return the width of a text."""
    return sum(2 if ord(c) >= _FIRST_WIDE else 1 for c in text)


def folded(heading: str, width: float) -> str:
    """Return a heading with its years and its unit on lines of their own where they have no room on one."""
    lines = [""]
    for piece in _pieces(heading):
        if _BOLD * size(lines[-1] + piece) <= width:
            lines[-1] += piece
        else:
            lines.append(piece)
    return "\n".join(line.strip() for line in lines if line.strip())


def _pieces(heading: str) -> list[str]:
    """Return the parts of a heading: its name, the years of its figures, and the unit in brackets at its end."""
    at = max(heading.rfind("（"), heading.rfind(" ("))
    name, unit = (heading, "") if at < 1 else (heading[:at], heading[at:])
    years = [found.end() for found in _YEARS.finditer(name)]
    parts = [name[: years[-1]], name[years[-1] :]] if years else [name]
    return [*parts, unit] if unit else parts


def fits(texts: list[list[str]], right: list[bool]) -> bool:
    """Return whether a table has room on paper; see `shares`."""
    needed, _ = _needed(texts, right, *_STAGES[-1][:2])
    return sum(needed) <= room(len(right))


def shares(texts: list[list[str]], right: list[bool]) -> list[float]:
    """Return the widths of columns: room for short texts in each, what is left in proportion to the longest texts, within bounds.

    Parameters
    ----------
    texts : list of list of str
        The headings, then the rows.
    right : list of bool
        Which columns hold figures, which no line breaks.
    """
    whole = room(len(right))
    needed, more, left = [0.0], [0.0], 0.0
    for short, lines, share in _STAGES:
        needed, more = _needed(texts, right, short, lines)
        left = whole - sum(needed)
        # short words stay on one line where the long ones have enough left
        if left > whole * share:
            break
    if left <= 0 or not any(more):
        return [whole * width / sum(needed) for width in needed]
    return [width + left * part / sum(more) for width, part in zip(needed, more, strict=True)]


def _needed(texts: list[list[str]], right: list[bool], short: int, lines: int) -> tuple[list[float], list[float]]:
    """Return what columns need, and how much longer their longest texts are."""
    # a heading is bold, and its years and its unit may stand on lines of their own
    words = [_BOLD * max(map(size, _WORD.findall(text)), default=0) for text in texts[0]]
    parts = [_BOLD * max(size(piece.strip()) for piece in _pieces(text)) / lines for text in texts[0]]
    heads = list(map(max, words, parts))
    columns = list(zip(*([text.partition("\n")[::2] for text in row] for row in texts[1:]), strict=True))
    body = [max(size(name) for name, _ in column) for column in columns] or [0] * len(heads)
    codes = [_CODE * max(size(code) for _, code in column) for column in columns] or [0] * len(heads)
    longest = [
        max(head, wide * _BOLD if figures else wide) for head, wide, figures in zip(heads, body, right, strict=True)
    ]
    least = [_FIGURE if figures else short for figures in right]
    # a code is not broken, and a name above one may take two lines
    needed = [max(min(wide, most), code) + MARGIN for wide, most, code in zip(longest, least, codes, strict=True)]
    more = [0.0 if code else min(wide, _WIDEST) - most for wide, most, code in zip(longest, least, codes, strict=True)]
    return needed, [max(0.0, part) for part in more]
