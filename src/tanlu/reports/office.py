"""Office documents: template and content to bytes of a format."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tanlu.core.errors import DataError, Problem
from tanlu.reports.composing import Content, compose
from tanlu.reports.document import Document

FOLDER: Final = Path(__file__).parent / "templates"
KINDS: Final = ("annual", "prefecture", "targets", "scenarios", "account")
FORMATS: Final[Mapping[str, str]] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html; charset=utf-8",
}
"""Formats and their media types."""


def template_text(kind: str, language: str) -> str:
    """Return the template of a report that the package ships, for an office to begin with."""
    return (FOLDER / f"{kind}.{language}.md").read_text(encoding="utf-8")


def document(content: Content, template: Path | None = None) -> Document:
    """Return the document of a report, made with the office's template or with the one that the package ships.

    Raises
    ------
    DataError
        If the template cannot be read or is faulty.
    """
    if template is None:
        return compose(template_text(content.name, content.language), content, f"{content.name}.{content.language}.md")
    try:
        text = template.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise DataError([Problem("missing_file", str(template))]) from error
    except UnicodeDecodeError as error:
        raise DataError([Problem("report_template", str(template), details={"reason": str(error)})]) from error
    return compose(text, content, str(template))


def render(made: Document, form: str, word_style: Path | None = None) -> bytes:
    """Return a document as the bytes of a file.

    Parameters
    ----------
    made : Document
    form : str
        One of `FORMATS`.
    word_style : Path, optional
        A Word file whose styles and letterhead are used; only for ``docx``.

    Raises
    ------
    DataError
        If the format is unknown, or the machine lacks what the format needs.
    """
    from tanlu.reports.page import page
    from tanlu.reports.pdf import pdf
    from tanlu.reports.word import word
    from tanlu.reports.workbook import workbook

    writers: dict[str, Callable[[], bytes]] = {
        "pdf": lambda: pdf(made),
        "docx": lambda: word(made, word_style),
        "xlsx": lambda: workbook(made),
        "html": lambda: page(made).encode(),
    }
    if form not in writers:
        raise DataError([Problem("report_format", "", value=form)])
    return writers[form]()
