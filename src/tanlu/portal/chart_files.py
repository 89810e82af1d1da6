"""Charts as files: specification, table, pictures, and a document with one chart that Word, Excel or a printer opens."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import fields
from hashlib import sha256
from threading import Lock
from typing import Annotated, Final, Literal

from fastapi import Query, Request
from fastapi.responses import JSONResponse
from starlette.responses import Response

from tanlu.charts import Chart
from tanlu.charts.render import to_png, to_svg
from tanlu.charts.theme import themed
from tanlu.portal.beside import DOCUMENTS
from tanlu.portal.platform.tables import csv_response
from tanlu.portal.security import DOCUMENT_POLICY
from tanlu.portal.uploads import RateLimit, address_of
from tanlu.reports.office import FORMATS

ChartForm = Literal["json", "csv", "svg", "png", "pdf", "docx", "xlsx"]
"""Forms of a chart: Vega-Lite specification, its table, pictures, and a document of one chart."""
Theme = Literal["light", "dark"]
ThemeAsked = Annotated[Theme, Query(description="Colours of specification and picture.")]
PICTURES: Final = {"svg": "image/svg+xml", "png": "image/png"}
"""Forms of pictures and their media types."""
KEPT: Final = 64
"""Files that are kept; the same chart is asked for again by the page that shows it."""


class ChartFiles:
    """Makes files of charts, one at a time, and keeps the last ones; documents are limited by address, as each takes a second or more."""

    def __init__(self) -> None:
        self._kept: OrderedDict[str, bytes] = OrderedDict()
        self._lock, self._making = Lock(), Lock()
        self._rate = RateLimit()

    def content(self, chart: Chart, form: str, theme: str, address: str) -> bytes:
        """Return a chart as a picture or a document.

        Parameters
        ----------
        chart : Chart
        form : {"svg", "png", "pdf", "docx", "xlsx"}
        theme : {"light", "dark"}
            Colours of pictures; documents are for paper and stay light.
        address : str
            Whoever asks.

        Raises
        ------
        RefusedError
            If the address asks for documents too often.
        """
        key = sha256(json.dumps([form, theme, chart.card]).encode()).hexdigest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        if form not in PICTURES:
            self._rate.check(address)
            made = DOCUMENTS.do(document_file, _on_paper(chart), form)
        else:
            spec = themed(chart.with_title, theme)
            with self._making:
                made = to_png(spec) if form == "png" else to_svg(spec).encode()
        with self._lock:
            self._kept[key] = made
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return made


def _on_paper(chart: Chart) -> Chart:
    """Return what a document shows of a chart: the hours behind a table of days stay in the process that holds their study."""
    return Chart(**{part.name: getattr(chart, part.name) for part in fields(Chart)})


def document_file(chart: Chart, form: str) -> bytes:
    """Return a chart as PDF, Word file or workbook, with its words, sources and table.

    Raises
    ------
    DataError
        If the library that sets text, or a font with Chinese characters, is not on the machine.
    """
    from tanlu.reports.document import Document, Picture
    from tanlu.reports.office import render
    from tanlu.reports.twin import twin

    # a workbook has the table on the sheet of the picture
    blocks = (Picture(chart),) if form == "xlsx" else (Picture(chart), *twin(chart))
    return render(Document(chart.name, chart.language, chart.title, "", chart.name, blocks), form)


def chart_answer(
    request: Request,
    chart: Chart,
    form: ChartForm,
    theme: Theme = "light",
    on_paper: Callable[[Chart], Chart] | None = None,
) -> Response:
    """Answer with a chart in a form; a file is named after the chart, and a document shows what ``on_paper`` makes of it."""
    if on_paper is not None and form in FORMATS:
        chart = on_paper(chart)
    if form == "json":
        return JSONResponse(themed(chart.card, theme))
    if form == "csv":
        return csv_response(chart.as_csv(), f"{chart.name}.csv")
    files: ChartFiles = request.app.state.chart_files
    content = files.content(chart, form, theme, address_of(request))
    headers = {"content-security-policy": DOCUMENT_POLICY}
    if form not in PICTURES:
        headers["content-disposition"] = f'attachment; filename="{chart.name}.{form}"'
    return Response(content, media_type={**FORMATS, **PICTURES}[form], headers=headers)
