"""A document as PDF that a screen reader can read (PDF/UA-1), with its fonts inside."""

from __future__ import annotations

import hashlib
from typing import Final

from tanlu.core.errors import DataError, Problem
from tanlu.reports.document import Document
from tanlu.reports.page import page

_VARIANT: Final = "pdf/ua-1"
_FIRST_WIDE: Final = 0x2E80
"""From here on Unicode has the characters of Chinese."""


def pdf(document: Document) -> bytes:
    """Return the document as PDF; the same document gives the same bytes.

    Raises
    ------
    DataError
        If the library that sets text is not on the machine, or none of its fonts has Chinese characters.
    """
    try:
        from weasyprint import HTML
    except OSError as error:
        # the Python package is there, but it finds Pango on the machine
        raise DataError([Problem("report_pango", "", value="libpango-1.0-0")]) from error
    from weasyprint.urls import URLFetcher

    text = page(document)
    identifier = hashlib.sha256(text.encode()).hexdigest()[:32].encode()
    # pictures are inside; nothing is fetched, whatever a template links to
    source = HTML(string=text, url_fetcher=URLFetcher(allowed_protocols=("data",)))
    options = {"pdf_variant": _VARIANT, "pdf_tags": True}
    rendered = source.render(**options)
    content: bytes = rendered.write_pdf(pdf_identifier=identifier, **options)
    if any(code >= _FIRST_WIDE for font in rendered.fonts.values() for code in font.missing):
        raise DataError([Problem("report_font", "", value="fonts-noto-cjk")])
    return content
