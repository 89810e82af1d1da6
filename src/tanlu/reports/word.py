"""A document as a Word file: styles, headings and tables that an office goes on editing."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tanlu.charts.render import to_png
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import HTML_LANG, translate
from tanlu.reports.document import Block, Bullets, Document, Heading, Paragraph, Picture, Run, Table
from tanlu.reports.tables import cell_text, is_number, label

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.text.paragraph import Paragraph as WordParagraph

_FONTS: Final = {"zh": ("Calibri", "微软雅黑"), "en": ("Calibri", "Microsoft YaHei")}
_WIDTH: Final = 16.0
"""Width of pictures [cm]."""
_SHORT: Final = 9
_WIDEST: Final = 60
_MARGIN: Final = 2.5
"""Texts that no column breaks, the longest by which a column's width is chosen, and what its margins take [half-width characters]."""
_DIGIT: Final = 0.18
"""Width of such a character [cm] at the size of a table's text."""
_SIZE, _SMALL_SIZE = 8.5, 7.5
_MANY: Final = 6
"""Columns above which a table is set smaller."""
_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def word(document: Document, style: Path | None = None) -> bytes:
    """Return the document as a Word file; the same document gives the same bytes.

    Parameters
    ----------
    document : Document
    style : Path, optional
        A Word file of the office whose styles, letterhead, margins and footers are used; its text is left out.

    Raises
    ------
    DataError
        If the office's file is no Word file.
    """
    made = _opened(style)
    if style is None:
        _set_fonts(made, document.language)
    for block in document.blocks:
        _add(made, block, document.language)
    if style is None:
        _set_foot(made, translate("reports.office.foot", document.language, origin=document.origin))
    _set_properties(made, document)
    buffer = io.BytesIO()
    made.save(buffer)
    return _dated(buffer.getvalue())


def _opened(style: Path | None) -> WordDocument:
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    if style is None:
        made: WordDocument = docx.Document()
        return made
    try:
        made = docx.Document(str(style))
    except (PackageNotFoundError, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise DataError([Problem("report_word_style", str(style), value=style.name)]) from error
    body = made.element.body
    for element in list(body):
        # the last section holds page size, margins, header and footer
        if not element.tag.endswith("}sectPr"):
            body.remove(element)
    return made


def _set_fonts(made: WordDocument, language: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    latin, chinese = _FONTS[language]
    for style in made.styles:
        properties = getattr(style.element, "rPr", None)
        if style.name == "Normal" or (properties is not None and properties.rFonts is not None):
            style.font.name = latin
            style.element.rPr.rFonts.set(qn("w:eastAsia"), chinese)
    made.styles["Normal"].font.size = Pt(10.5)
    section = made.sections[0]
    section.page_width, section.page_height = Cm(21.0), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.4)


def _set_foot(made: WordDocument, text: str) -> None:
    """Write the foot of each page: where the figures come from, and the number of the page at the right."""
    from docx.enum.text import WD_TAB_ALIGNMENT
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    foot = made.sections[0].footer.paragraphs[0]
    stops = foot.paragraph_format.tab_stops
    # those of the style, in the middle and beyond the margin, would take the number
    for stop in foot.style.paragraph_format.tab_stops if foot.style is not None else ():
        stops.add_tab_stop(stop.position, WD_TAB_ALIGNMENT.CLEAR)
    stops.add_tab_stop(Cm(_WIDTH), WD_TAB_ALIGNMENT.RIGHT)
    foot.add_run(f"{text}\t").font.size = Pt(_SIZE)
    number: Any = OxmlElement("w:fldSimple")
    number.set(qn("w:instr"), "PAGE")
    shown = foot.add_run("1")
    shown.font.size = Pt(_SIZE)
    number.append(shown._r)
    foot._p.append(number)


def _set_properties(made: WordDocument, document: Document) -> None:
    own = made.core_properties
    own.title, own.author, own.language = document.title, "Tanlu", HTML_LANG[document.language]
    own.comments, own.last_modified_by, own.revision = document.origin, "Tanlu", 1
    own.created = own.modified = document.moment


def _add(made: WordDocument, block: Block, language: str) -> None:
    match block:
        case Heading(level, runs):
            _write(made.add_heading("", 0 if level == 1 else level - 1), runs)
        case Paragraph(runs):
            _write(made.add_paragraph(), runs)
        case Bullets(items, ordered):
            for item in items:
                _write(made.add_paragraph(style="List Number" if ordered else "List Bullet"), item)
        case Picture():
            _add_picture(made, block, language)
        case Table():
            _add_table(made, block, language)


def _write(paragraph: WordParagraph, runs: tuple[Run, ...]) -> None:
    for run in runs:
        piece = paragraph.add_run(run.text + (f" ({run.link})" if run.link.startswith("http") else ""))
        piece.bold, piece.italic = run.emphasis == "strong" or None, run.emphasis == "em" or None


def _add_picture(made: WordDocument, picture: Picture, language: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Cm

    chart = picture.chart
    head = made.add_paragraph()
    head.add_run(chart.title).bold = True
    head.add_run(f"\n{chart.subtitle}")
    head.paragraph_format.keep_with_next = True
    made.add_picture(io.BytesIO(to_png(chart.spec, 720)), width=Cm(_WIDTH))
    for properties in made.paragraphs[-1]._p.iter(qn("wp:docPr")):
        properties.set("descr", chart.summary)
        properties.set("title", chart.title)
    caption = translate("charts.caption", language, sources=chart.sources_line, badge=chart.badge)
    _small(made, " ".join(text for text in (chart.summary, chart.note, caption) if text))


def _small(made: WordDocument, text: str) -> None:
    from docx.shared import Pt

    made.add_paragraph().add_run(text).font.size = Pt(_SIZE)


def _add_table(made: WordDocument, table: Table, language: str) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    head = made.add_paragraph()
    head.add_run(table.caption).bold = True
    head.paragraph_format.keep_with_next = True
    sheet = made.add_table(rows=1, cols=len(table.columns))
    if "Table Grid" in [s.name for s in made.styles]:
        sheet.style = "Table Grid"
    texts = [[label(c, language) for c in table.columns]]
    texts += [[cell_text(cell, c, language) for cell, c in zip(row, table.columns, strict=True)] for row in table.rows]
    right = [is_number(i, table) for i in range(len(table.columns))]
    many = len(table.columns) > _MANY
    size = _SMALL_SIZE if many else _SIZE
    widths = _widths(texts, _DIGIT * size / _SIZE)
    sheet.autofit = False
    for column, width in zip(sheet.columns, widths, strict=True):
        column.width = width
    for number, line in enumerate(texts):
        row = sheet.rows[0] if number == 0 else sheet.add_row()
        # a row that is cut by the end of a page is hard to read
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        for cell, text, at_right, width in zip(row.cells, line, right, widths, strict=True):
            cell.width = width
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
            piece = paragraph.add_run(text)
            piece.font.size, piece.bold = Pt(size), number == 0 or None
            if at_right:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    repeated: Any = OxmlElement("w:tblHeader")
    sheet.rows[0]._tr.get_or_add_trPr().append(repeated)
    for note in table.notes:
        _small(made, note)
    made.add_paragraph()


def _widths(texts: list[list[str]], digit: float) -> list[Any]:
    """Return the widths of columns: room for short texts in each, what is left in proportion to the longest texts, within bounds."""
    from docx.shared import Cm

    longest = [
        max(sum(2 if ord(c) >= 0x2E80 else 1 for c in text) for text in column) for column in zip(*texts, strict=True)
    ]
    needed = [digit * (min(size, _SHORT) + _MARGIN) for size in longest]
    more = [max(0, min(size, _WIDEST) - _SHORT) for size in longest]
    left = _WIDTH - sum(needed)
    if left <= 0 or not any(more):
        return [Cm(_WIDTH * width / sum(needed)) for width in needed]
    return [Cm(width + left * part / sum(more)) for width, part in zip(needed, more, strict=True)]


def _dated(content: bytes) -> bytes:
    """Return the package with its entries in the same order and all of one date: the clock has no part in the file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(zipfile.ZipInfo(entry.filename, _EPOCH), source.read(entry), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
