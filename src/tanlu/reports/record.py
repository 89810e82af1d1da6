"""A record of the programme as a printable document: facts first, then text and tables in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tanlu.charts.base import Cell, Column
from tanlu.reports.document import Block, Document, Heading, Paragraph, Run, Table


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a record.

    Parameters
    ----------
    title : str
        Empty for a part without a heading.
    text : str
        Paragraphs are parted by an empty line.
    head, rows : sequence
        Table, with its figures written as they are to be read: amounts of money are not rounded.
    """

    title: str
    text: str = ""
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


def record_document(
    name: str,
    language: str,
    title: str,
    made: str,
    origin: str,
    facts: Sequence[tuple[str, str]],
    sections: Sequence[Section],
) -> Document:
    """Return the document of a record.

    Parameters
    ----------
    name : str
        Kind of document.
    made : str
        When the record was as it is printed (ISO 8601).
    origin : str
        Number of the record and what proves it, at the foot of each page.
    facts : sequence of (str, str)
        Label and value.
    sections : sequence of Section
    """
    blocks: list[Block] = [Heading(1, (Run(title),))]
    blocks += [Paragraph((Run(f"{label}: ", "strong"), Run(value or "–"))) for label, value in facts]
    for number, section in enumerate(sections):
        if section.title:
            blocks.append(Heading(2, (Run(section.title),)))
        blocks += [Paragraph((Run(" ".join(part.split())),)) for part in section.text.split("\n\n") if part.strip()]
        if section.head:
            columns = tuple(Column(f"c{n}", label) for n, label in enumerate(section.head))
            rows = tuple(tuple(Cell(cell or "–") for cell in row) for row in section.rows)
            blocks.append(Table(f"{name}-{number}", section.title or title, columns, rows))
    return Document(name, language, title, made, origin, tuple(blocks))
