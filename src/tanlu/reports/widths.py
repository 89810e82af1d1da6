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
_ROOM: Final = {"zh": (95.0, 108.0), "en": (88.9, 100.7)}
"""What the paper has for a table in the letters of a language, and for one that is set smaller."""
_FIGURE: Final = 18
"""Longest figure by which a column's width is chosen."""
_STAGES: Final = ((15, (1, 1), 0.2), (9, (2, 1), 0.1), (9, (2, 2), -math.inf))
"""Up to which length words stay on a line, lines of a heading above words and above figures, and the share of the room to be left."""
_NEAR: Final = 10
"""What a text may lack to be whole for it to come before longer ones."""
_BEFORE: Final = 0.6
"""Share of what is left that they may take."""
_WHOLE: Final = 8
"""Length up to which the name of a heading is not divided."""
_LONGEST: Final = 16
"""Length up to which a Latin word is not broken."""
_WIDEST: Final = 200
_BOLD: Final = 1.1
"""How much wider bold type is."""
_SLACK: Final = {"zh": (1.15, 1.15), "en": (1.0, 1.1)}
"""How much wider short words and figures may be in a font that stands in for the one that is named."""
_FIRST_WIDE: Final = 0x2E80
_BROAD: Final = frozenset("MWmw@")
_WORD: Final = re.compile(r"[^\s\u2e80-\uffff-]+-?")
"""What no line breaks: a Latin word."""
_YEARS: Final = re.compile(r"(?:，|, )(?=\d{4}\b)")


def room(columns: int, language: str) -> float:
    """Return what the paper has for a table of so many columns."""
    return _ROOM[language][columns > MANY]


def size(text: str) -> float:
    """Return the width of a text."""
    return sum(2.0 if ord(c) >= _FIRST_WIDE else 1.5 if c in _BROAD else 1.0 for c in text)


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


def fits(texts: list[list[str]], right: list[bool], language: str) -> bool:
    """Return whether a table has room on paper; see `shares`."""
    needed, _ = _needed(texts, right, language, *_STAGES[-1][:2])
    return sum(needed) <= room(len(right), language)


def shares(texts: list[list[str]], right: list[bool], language: str) -> list[float]:
    """Return the widths of columns: room for short texts in each, what is left in proportion to the longest texts, within bounds.

    Parameters
    ----------
    texts : list of list of str
        The headings, then the rows.
    right : list of bool
        Which columns hold figures, which no line breaks.
    language : {"zh", "en"}
    """
    whole = room(len(right), language)
    needed, more, left = [0.0], [0.0], 0.0
    for short, lines, share in _STAGES:
        needed, more = _needed(texts, right, language, short, lines)
        left = whole - sum(needed)
        # short words stay on one line where the long ones have enough left
        if left > whole * share:
            break
    if left <= 0:
        return [whole * width / sum(needed) for width in needed]
    near, far = ([part if (part <= _NEAR) == which else 0.0 for part in more] for which in (True, False))
    # what lacks little is whole first, but not at the cost of long texts
    if sum(near) <= (_BEFORE * left if any(far) else left):
        needed, more = list(map(sum, zip(needed, near, strict=True))), far
        left -= sum(near)
    weights = more if any(more) else needed
    return [width + left * part / sum(weights) for width, part in zip(needed, weights, strict=True)]


def _needed(
    texts: list[list[str]], right: list[bool], language: str, short: int, lines: tuple[int, int]
) -> tuple[list[float], list[float]]:
    """Return what columns need, and how much longer their longest texts are."""
    slack = _SLACK[language]
    heads = [_heading(text, lines[figures]) for text, figures in zip(texts[0], right, strict=True)]
    columns = list(zip(*([text.partition("\n")[::2] for text in row] for row in texts[1:]), strict=True))
    body = [max(size(name) for name, _ in column) for column in columns] or [0] * len(heads)
    codes = [_CODE * max(size(code) for _, code in column) for column in columns] or [0] * len(heads)
    longest = [
        max(head, wide * slack[figures] if figures or wide <= short else wide)
        for head, wide, figures in zip(heads, body, right, strict=True)
    ]
    words = [max((size(word) for name, _ in column for word in _WORD.findall(name)), default=0.0) for column in columns]
    words = words or [0.0] * len(heads)
    least = [
        _FIGURE if figures else max(short, min(word, _LONGEST)) for word, figures in zip(words, right, strict=True)
    ]
    # a code is not broken, and a name above one may take two lines
    needed = [max(min(wide, most), code) + MARGIN for wide, most, code in zip(longest, least, codes, strict=True)]
    more = [0.0 if code else min(wide, _WIDEST) - most for wide, most, code in zip(longest, least, codes, strict=True)]
    return needed, [max(0.0, part) for part in more]


def _heading(text: str, lines: int) -> float:
    """Return the width of a heading, which is bold: its years and its unit may stand on lines of their own, a long name on some."""
    name, *others = (piece.strip() for piece in _pieces(text))
    return _BOLD * max(size(name) / lines, min(size(name), _WHOLE), *map(size, [*others, *_WORD.findall(name)]), 0.0)
