"""A document as one HTML page without script or request; the PDF is made of the same page."""

from __future__ import annotations

import base64
import re
from html import escape
from pathlib import Path
from typing import Final

from tanlu.charts.render import to_svg
from tanlu.charts.tokens import css_variables
from tanlu.core.messages import HTML_LANG, translate
from tanlu.reports.document import Block, Bullets, Document, Heading, Paragraph, Picture, Run, Table
from tanlu.reports.tables import cell_text, headings, is_number

STYLE: Final = Path(__file__).parent / "templates" / "office.css"
PICTURE_WIDTH: Final = 680
_UNIT: Final = re.compile(r"（[^（）]*）$|（[^（）]{1,10}）|\([^()]*\)$|\([^()]{1,14}\)")
"""The unit at the end of a heading, and other short words in brackets."""
_YEARS: Final = re.compile(r"\b\d{4}–\d{4}( 年)?|\b\d{4} 年")
_CODE: Final = r"(?<![\w./-])[a-z0-9]+(?:-[a-z0-9]+)+(?:\.\w+)+"
_RANGE: Final = r"\d[\d,.]*%?–−?\d[\d,.]*%?"
_NUMBERED: Final = r"\b[A-Z]{2,}(?:-[A-Z0-9.]+){2,}"
_DATED: Final = r"−?\d[\d,.]*(?:（\d{4}[ \u00a0]年）|[ \u00a0]\(\d{4}\))"
_UNBROKEN: Final = re.compile(f"(?P<code>{_CODE})|{_RANGE}|{_NUMBERED}|{_DATED}", re.ASCII)
"""A code (``cn-grid.co2_factor.hunan.2023``), ``5–95%``, the number of a document (``CETS-AG-03.01-V01-2024``), ``4.5 (2030)``."""
_SHORT: Final = 16
_WIDE, _LONG = 6, 100
"""Columns and rows above which a table is set smaller."""
_FEW: Final = 10
"""Rows up to which a table stays on one page."""
_TAGS: Final = {"strong": "strong", "em": "em", "code": "code"}


def page(document: Document) -> str:
    """Return the document as HTML with its pictures and styles inside."""
    language = document.language
    style = css_variables() + STYLE.read_text(encoding="utf-8")
    body = "\n".join(_block(b, number, language) for number, b in enumerate(document.blocks))
    foot = escape(translate("reports.office.foot", language, origin=document.origin))
    return (
        f'<!doctype html>\n<html lang="{HTML_LANG[language]}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{escape(document.title)}</title>\n'
        f'<meta name="dcterms.created" content="{document.made}">\n<meta name="generator" content="Tanlu">\n'
        f'<style>{style}</style>\n</head>\n<body>\n<header class="foot">{foot}</header>\n<main>\n{body}\n</main>\n</body>\n</html>\n'
    )


def _block(block: Block, number: int, language: str) -> str:
    match block:
        case Heading(level, runs):
            return f"<h{level}>{_line(runs)}</h{level}>"
        case Paragraph(runs):
            return f"<p>{_line(runs)}</p>"
        case Bullets(items, ordered):
            tag = "ol" if ordered else "ul"
            return f"<{tag}>" + "".join(f"<li>{_line(item)}</li>" for item in items) + f"</{tag}>"
        case Picture(chart):
            svg = to_svg(block.printed, block.width(PICTURE_WIDTH), f"p{number}-").encode()
            data = base64.b64encode(svg).decode()
            note = f'<p class="small">{_whole(block.note)}</p>' if block.note else ""
            return (
                f'<figure class="{chart.name}"><figcaption><strong>{_whole(chart.title)}</strong><br>{_whole(chart.subtitle)}</figcaption>'
                f'<img alt="{escape(chart.summary, quote=True)}" src="data:image/svg+xml;base64,{data}">'
                f'<p class="small">{_whole(chart.summary)}</p>{note}<p class="small">{_whole(chart.caption)}</p></figure>'
            )
        case Table():
            return _table(block.printed, language)


def _line(runs: tuple[Run, ...]) -> str:
    made = []
    for run in runs:
        text = _whole(run.text)
        if run.emphasis:
            text = f"<{_TAGS[run.emphasis]}>{text}</{_TAGS[run.emphasis]}>"
        made.append(f'<a href="{escape(run.link, quote=True)}">{text}</a>' if run.link else text)
    return "".join(made)


def _side(column: int, table: Table, language: str) -> str:
    """Return the class of a column: figures stand at the right, short words stay on one line."""
    if is_number(column, table):
        return ' class="right"'
    texts = (cell_text(row[column], table.columns[column], language) for row in table.rows)
    return ' class="short"' if max((len(t) for t in texts), default=0) <= _SHORT else ""


def _unbroken(heading: str) -> str:
    """Return a heading whose unit and other words in brackets stay on one line, as do years."""
    whole = r'<span class="unit">\g<0></span>'
    return _YEARS.sub(whole, _UNIT.sub(whole, escape(heading)))


def _whole(text: str) -> str:
    """Return a text whose codes, ranges, numbers of documents and dated figures are not broken; codes are after their dots."""

    def marked(found: re.Match[str]) -> str:
        return f'<span class="unit">{found[0].replace(".", ".<wbr>") if found["code"] else found[0]}</span>'

    return _UNBROKEN.sub(marked, escape(text))


def _text(text: str) -> str:
    """Return a text of a table: a code below a name is small and not broken."""
    name, _, code = text.partition("\n")
    return f'{_whole(name)}<br><span class="code">{escape(code)}</span>' if code else _whole(name)


def _table(table: Table, language: str) -> str:
    right = [_side(i, table, language) for i in range(len(table.columns))]
    caption, heads = headings(table, language)
    head = "".join(f'<th scope="col"{side}>{_unbroken(text)}</th>' for text, side in zip(heads, right, strict=True))
    lines = []
    for row in table.rows:
        cells = [_text(cell_text(cell, c, language)) for cell, c in zip(row, table.columns, strict=True)]
        first = f'<th scope="row"{right[0]}>{cells[0]}</th>'
        lines.append(
            f"<tr>{first}" + "".join(f"<td{s}>{t}</td>" for t, s in zip(cells[1:], right[1:], strict=True)) + "</tr>"
        )
    kinds = ("wide", len(table.columns) > _WIDE), ("dense", len(table.rows) > _LONG), ("whole", len(table.rows) <= _FEW)
    named = " ".join((table.name, *(kind for kind, holds in kinds if holds)))
    notes = "".join(f'<p class="small">{_whole(note)}</p>' for note in table.notes)
    return (
        f'<table class="{escape(named, quote=True)}"><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table>{notes}"
    )
