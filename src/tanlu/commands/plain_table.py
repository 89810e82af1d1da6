"""Tables on the terminal: a title as a line, columns that never break a number, long texts below their row."""

from __future__ import annotations

import re
from collections.abc import Sequence

GAP = "  "
_PIECES = re.compile(r"[\u2e80-\uffff]|[^\s\u2e80-\uffff]+\s*|\s+")
"""What a line may end after: each Chinese character, and each word with the spaces behind it."""
_NEVER_FIRST = "，。；、：！？）”》"


def print_table(title: str, header: Sequence[str], rows: Sequence[Sequence[str]], words: Sequence[int] = (0,)) -> None:
    """Print a table.

    Parameters
    ----------
    title : str
        A line of its own; none if empty.
    header : sequence of str
    rows : sequence of sequence of str
    words : sequence of int
        Columns of words, which start at the left; the others are numbers and end at the right.
    """
    from rich.cells import cell_len

    lines = [header, *rows]
    widths = [max(cell_len(line[n]) for line in lines) for n in range(len(header))]

    def padded(text: str, column: int) -> str:
        room = " " * (widths[column] - cell_len(text))
        return text + room if column in words else room + text

    if title:
        print(title)
    for line in lines:
        print(GAP.join(padded(text, n) for n, text in enumerate(line)).rstrip())


def print_wrapped(text: str, indent: str = "") -> None:
    """Print a text in lines as wide as the terminal, the further ones indented."""
    from rich.cells import cell_len
    from rich.console import Console

    room = max(20, Console().width - cell_len(indent))
    for line in wrapped(text, room):
        print(indent + line)


def wrapped(text: str, room: int) -> list[str]:
    """Return a text in lines of at most ``room`` half-width columns: broken at spaces, and between Chinese characters as print does."""
    from rich.cells import cell_len

    lines, used = [""], 0
    for piece in _PIECES.findall(text):
        size = cell_len(piece.rstrip())
        if used and used + size > room and piece not in _NEVER_FIRST:
            lines, used = [*lines, ""], 0
        lines[-1] += piece
        used += cell_len(piece)
    return [line.rstrip() for line in lines]
