"""Tables on the terminal: a title as a line, columns that never break a number, long texts below their row."""

from __future__ import annotations

from collections.abc import Sequence

GAP = "  "


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
    from rich.text import Text

    console = Console()
    room = max(20, console.width - cell_len(indent))
    for line in Text(text).wrap(console, room):
        print(indent + line.plain.rstrip())
