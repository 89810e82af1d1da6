"""A document as one HTML page without script or request; the PDF is made of the same page."""

from __future__ import annotations

import base64
from html import escape
from pathlib import Path
from typing import Final

from tanlu.charts.base import Spec
from tanlu.charts.render import to_svg
from tanlu.charts.tokens import css_variables
from tanlu.core.messages import HTML_LANG, translate
from tanlu.reports.document import Block, Bullets, Document, Heading, Paragraph, Picture, Run, Table
from tanlu.reports.tables import cell_text, is_number, label

STYLE: Final = Path(__file__).parent / "templates" / "office.css"
PICTURE_WIDTH: Final = 680
_HEIGHT: Final = 0.72
"""Height of a picture on paper for one on a screen: two stand on a page with their words."""
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
            svg = to_svg(_lower(chart.spec), PICTURE_WIDTH, f"p{number}-").encode()
            data = base64.b64encode(svg).decode()
            caption = translate("charts.caption", language, sources=chart.sources_line, badge=chart.badge)
            note = f'<p class="small">{escape(chart.note)}</p>' if chart.note else ""
            return (
                f'<figure class="{chart.name}"><figcaption><strong>{escape(chart.title)}</strong><br>{escape(chart.subtitle)}</figcaption>'
                f'<img alt="{escape(chart.summary, quote=True)}" src="data:image/svg+xml;base64,{data}">'
                f'<p class="small">{escape(chart.summary)}</p>{note}<p class="small">{escape(caption)}</p></figure>'
            )
        case Table():
            return _table(block, language)


def _lower(spec: Spec) -> Spec:
    """Return a specification as high as paper has room for; one whose bars have a height of their own stays."""
    height = spec.get("height")
    return {**spec, "height": round(height * _HEIGHT)} if isinstance(height, int) else spec


def _line(runs: tuple[Run, ...]) -> str:
    made = []
    for run in runs:
        text = escape(run.text)
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


def _table(table: Table, language: str) -> str:
    right = [_side(i, table, language) for i in range(len(table.columns))]
    head = "".join(
        f'<th scope="col"{side}>{escape(label(c, language))}</th>' for c, side in zip(table.columns, right, strict=True)
    )
    lines = []
    for row in table.rows:
        cells = [escape(cell_text(cell, c, language)) for cell, c in zip(row, table.columns, strict=True)]
        first = f'<th scope="row"{right[0]}>{cells[0]}</th>'
        lines.append(
            f"<tr>{first}" + "".join(f"<td{s}>{t}</td>" for t, s in zip(cells[1:], right[1:], strict=True)) + "</tr>"
        )
    kinds = ("wide", len(table.columns) > _WIDE), ("dense", len(table.rows) > _LONG), ("whole", len(table.rows) <= _FEW)
    named = " ".join(kind for kind, holds in kinds if holds)
    small = f' class="{named}"' if named else ""
    notes = "".join(f'<p class="small">{escape(note)}</p>' for note in table.notes)
    return (
        f"<table{small}><caption>{escape(table.caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(lines)}</tbody></table>{notes}"
    )
