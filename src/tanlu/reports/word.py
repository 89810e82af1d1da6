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
from tanlu.reports.tables import cell_text, headings, is_number
from tanlu.reports.widths import CODE_SIZE, MANY, MARGIN, folded, shares

if TYPE_CHECKING:
    from docx.document import Document as WordDocument
    from docx.table import Table as WordTable
    from docx.table import _Row as WordRow
    from docx.text.paragraph import Paragraph as WordParagraph

_FONTS: Final = {"zh": ("微软雅黑", "微软雅黑"), "en": ("Calibri", "Microsoft YaHei")}
"""Fonts of Latin and Chinese text; in Chinese they are one, as figures beside words would stand higher in a row."""
_LATIN, _CHINESE = "en-US", "zh-CN"
"""Languages of the two scripts: Latin words and numbers that are said to be Chinese are broken between any two characters."""
_WIDTH: Final = 16.0
"""Width of pictures [cm]."""
_PICTURE_WIDTH: Final = 720
"""Width at which they are drawn [px]."""
_SIZE, _SMALL_SIZE = 8.5, 7.5
_LEADING: Final = {"zh": 1.4, "en": 1.2}
"""Height of a line of a table, in sizes of its type."""
_TITLE_SIZE: Final = 20
_HEAD, _LINE = "E1EEF9", "B8C4D0"
"""Ground of a table's head and its lines."""
_PROPERTIES: Final = (
    "tblStyle", "tblpPr", "tblOverlap", "bidiVisual", "tblStyleRowBandSize", "tblStyleColBandSize", "tblW", "jc", "tblCellSpacing",
    "tblInd", "tblBorders", "shd", "tblLayout", "tblCellMar", "tblLook",
)  # fmt: skip
"""Properties of a table in the order that the format (ISO/IEC 29500, CT_TblPr) fixes."""
_FEW, _FIRST = 10, 2
"""Rows up to which a table stays on one page, and rows that stay with the head of a longer one."""
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
    made.styles["Normal"].font.name = latin
    for fonts in made.styles.element.iter(qn("w:rFonts")):
        # a font of the theme would go before the one that is named
        for kind in [key for key in fonts.attrib if key.endswith("Theme")]:
            del fonts.attrib[kind]
        for script, font in (("ascii", latin), ("hAnsi", latin), ("eastAsia", chinese)):
            fonts.set(qn(f"w:{script}"), font)
    made.styles["Normal"].font.size = Pt(10.5)
    made.styles["Title"].font.size = Pt(_TITLE_SIZE)
    # Chinese characters are drawn as in the mainland, and words and numbers among them stay whole
    for spoken in made.styles.element.iter(qn("w:lang")):
        spoken.set(qn("w:val"), _LATIN)
        spoken.set(qn("w:eastAsia"), _CHINESE)
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
            _add_table(made, block.printed, language)


def _write(paragraph: WordParagraph, runs: tuple[Run, ...]) -> None:
    for run in runs:
        piece = paragraph.add_run(run.text + (f" ({run.link})" if run.link.startswith("http") else ""))
        piece.bold, piece.italic = run.emphasis == "strong" or None, run.emphasis == "em" or None


def _add_picture(made: WordDocument, picture: Picture, language: str) -> None:
    from docx.oxml.ns import qn
    from docx.shared import Cm, Pt

    chart = picture.chart
    head = made.add_paragraph()
    head.add_run(chart.title).bold = True
    head.add_run(f"\n{chart.subtitle}")
    head.paragraph_format.keep_with_next = True
    # two pictures with their notes have room on a sheet
    head.paragraph_format.space_before, head.paragraph_format.space_after = Pt(10), Pt(3)
    head.paragraph_format.line_spacing = 1.0
    made.add_picture(io.BytesIO(to_png(picture.printed, picture.width(_PICTURE_WIDTH))), width=Cm(_WIDTH))
    shown = made.paragraphs[-1]
    shown.paragraph_format.keep_with_next = True
    shown.paragraph_format.space_after = Pt(3)
    for properties in shown._p.iter(qn("wp:docPr")):
        properties.set("descr", chart.summary)
        properties.set("title", chart.title)
    _small(made, "\n".join(text for text in (chart.summary, picture.note, chart.caption) if text))


def _small(made: WordDocument, text: str) -> None:
    from docx.shared import Pt

    paragraph = made.add_paragraph()
    form = paragraph.paragraph_format
    form.space_before, form.space_after, form.line_spacing, form.keep_together = Pt(2), Pt(2), 1.0, True
    paragraph.add_run(text).font.size = Pt(_SIZE)


def _add_table(made: WordDocument, table: Table, language: str) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Cm, Pt

    caption, heads = headings(table, language)
    above = made.add_paragraph()
    above.add_run(caption).bold = True
    above.paragraph_format.keep_with_next = True
    above.paragraph_format.space_before = Pt(10)
    sheet = made.add_table(rows=1, cols=len(table.columns))
    if "Table Grid" in [s.name for s in made.styles]:
        sheet.style = "Table Grid"
    _rule(sheet)
    texts = [list(heads)]
    texts += [[cell_text(cell, c, language) for cell, c in zip(row, table.columns, strict=True)] for row in table.rows]
    right = [is_number(i, table) for i in range(len(table.columns))]
    size = _SMALL_SIZE if len(table.columns) > MANY else _SIZE
    wide = shares(texts, right, language)
    texts[0] = [folded(text, width - MARGIN) for text, width in zip(heads, wide, strict=True)]
    widths = [Cm(_WIDTH * width / sum(wide)) for width in wide]
    sheet.autofit = False
    for column, width in zip(sheet.columns, widths, strict=True):
        column.width = width
    for number, line in enumerate(texts):
        row = sheet.rows[0] if number == 0 else sheet.add_row()
        # a row that is cut by the end of a page is hard to read
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
        _fill(row, line, right, widths, Pt(size), number == 0)
        for cell in row.cells:
            # lines as high as the font would have them stand lower for words than for figures where the font is another
            cell.paragraphs[0].paragraph_format.line_spacing = Pt(round(2 * _LEADING[language] * size) / 2)
        # a small table stays whole, and a head with its first rows
        last = len(texts) - 1 if len(texts) <= _FEW + 1 else _FIRST
        if number < last:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    sheet.rows[0]._tr.get_or_add_trPr().append(_element("w:tblHeader"))
    for note in table.notes:
        _small(made, note)
    if not table.notes:
        # two tables without a paragraph between them would become one
        made.add_paragraph().paragraph_format.space_after = Pt(0)


def _element(name: str, **attributes: str) -> Any:
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    made: Any = OxmlElement(name)
    for key, value in attributes.items():
        made.set(qn(f"w:{key}"), value)
    return made


def _rule(sheet: WordTable) -> None:
    """Draw thin lines between the rows, as in the PDF, and none between the columns."""
    lines = _element("w:tblBorders")
    for side in ("top", "bottom", "insideH"):
        lines.append(_element(f"w:{side}", val="single", sz="4", space="0", color=_LINE))
    for side in ("left", "right", "insideV"):
        lines.append(_element(f"w:{side}", val="nil"))
    # the order of the borders' sides is fixed by the format
    order = ("top", "left", "bottom", "right", "insideH", "insideV")
    lines[:] = sorted(lines, key=lambda line: order.index(line.tag.rpartition("}")[2]))
    layout = sheet._tbl.tblPr
    # the ground of the head begins where the text of the page does
    layout.append(_element("w:tblInd", w="108", type="dxa"))
    layout.append(lines)
    layout[:] = sorted(layout, key=lambda part: _PROPERTIES.index(part.tag.rpartition("}")[2]))


def _fill(row: WordRow, texts: list[str], right: list[bool], widths: list[Any], size: Any, head: bool) -> None:
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.shared import Pt

    for cell, text, at_right, width in zip(row.cells, texts, right, widths, strict=True):
        cell.width = width
        if head:
            cell._tc.get_or_add_tcPr().append(_element("w:shd", val="clear", color="auto", fill=_HEAD))
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1.5)
        # a heading has its unit on a line of its own, other texts the code of what they name
        name, _, code = (text, "", "") if head else text.partition("\n")
        piece = paragraph.add_run(name)
        piece.font.size, piece.bold = size, head or None
        if code:
            paragraph.add_run(f"\n{code}").font.size = round(CODE_SIZE * size)
        # an empty cell is as high as the mark of its paragraph
        mark = _element("w:rPr")
        mark.append(_element("w:sz", val=str(round(2 * size.pt))))
        paragraph._p.get_or_add_pPr().append(mark)
        if at_right:
            paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT


def _dated(content: bytes) -> bytes:
    """Return the package with its entries in the same order and all of one date: the clock has no part in the file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(zipfile.ZipInfo(entry.filename, _EPOCH), source.read(entry), zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
