"""What an office document consists of, before it is a PDF, a Word file, a workbook or a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from tanlu.charts.base import Cell, Chart, Column, Spec
from tanlu.core.messages import translate

_UNDATED: Final = datetime(1980, 1, 1)
_HEIGHT: Final = 0.72
"""Height of a picture on paper for one on a screen: two stand on a page with their words."""
_ORDERED: Final = {"emissions": "upwards", "inventory": "upwards", "wedges": "downwards"}
"""Which way the bands of stacked pictures follow their legend."""
Emphasis = Literal["", "strong", "em", "code"]


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line in one kind of type; ``link`` is an address or empty."""

    text: str
    emphasis: Emphasis = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading of level 1 (title of a part) to 4."""

    level: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of running text."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Bullets:
    """A list of one level; ``ordered`` gives numbers."""

    items: tuple[tuple[Run, ...], ...]
    ordered: bool = False


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its title, words, sources and table twin."""

    chart: Chart

    def width(self, usual: int) -> int:
        """Return the width [px] at which the picture is drawn before it is fitted to the paper: the usual one, unless it needs more."""
        needed: int = self.chart.spec.get("usermeta", {}).get("width", 0)
        return max(usual, needed)

    @property
    def printed(self) -> Spec:
        """The specification as high as paper has room for; one whose bars have a height of their own stays, and a listed legend.

        A picture whose labels need their room says how much of its height is kept.
        """
        spec = self.chart.spec
        height, told = spec.get("height"), spec.get("usermeta", {})
        kept = told.get("kept", told.get("legend", 0))
        return {**spec, "height": round((height - kept) * _HEIGHT) + kept} if isinstance(height, int) else spec

    @property
    def note(self) -> str:
        """What must be printed below the picture, and how its bands are told apart where paper has no colours."""
        chart = self.chart
        order = _ORDERED.get(chart.name)
        told = translate(f"reports.note.{order}", chart.language) if order else ""
        return ("" if chart.language == "zh" else " ").join(text for text in (chart.note, told) if text)


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose figures keep their stored value and unit.

    Parameters
    ----------
    name : str
        Stable name, also of its sheet in a workbook.
    caption : str
    columns, rows
        As of a chart's table twin: every row has a cell for each column.
    notes : tuple of str
        Lines below the table, which its cells refer to by number.
    paper : Table, optional
        The same facts drawn together for reading on paper; a workbook keeps one figure a row. What follows a line break in a text of it
        is a code: it stands small below the name and is not broken.
    """

    name: str
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    paper: Table | None = None

    @property
    def printed(self) -> Table:
        """The table as it stands on paper."""
        return self.paper or self


Block = Heading | Paragraph | Bullets | Picture | Table


@dataclass(frozen=True, slots=True)
class Document:
    """A document of one language.

    Parameters
    ----------
    name : str
        Kind of the report.
    language : {"zh", "en"}
    title : str
    made : str
        When the results were frozen (ISO 8601), or empty; it stands in the properties of the file, so that the same results give the
        same bytes.
    origin : str
        Run or folder that the figures come from, printed at the foot of each page.
    blocks : tuple
    """

    name: str
    language: str
    title: str
    made: str
    origin: str
    blocks: tuple[Block, ...]

    @property
    def moment(self) -> datetime:
        """When the results were frozen, for properties that must have a date."""
        return datetime.fromisoformat(self.made).replace(tzinfo=None) if self.made else _UNDATED

    def pictures(self) -> Iterator[Picture]:
        """Yield the pictures in their order."""
        return (b for b in self.blocks if isinstance(b, Picture))

    def tables(self) -> Iterator[Table]:
        """Yield the tables in their order, without the twins of pictures."""
        return (b for b in self.blocks if isinstance(b, Table))


def plain(runs: tuple[Run, ...]) -> str:
    """Return the text of runs without type and links."""
    return "".join(run.text for run in runs)
