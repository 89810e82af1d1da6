"""The public pages: progress in plain language, the catalogue of open data, and the glossary."""

from __future__ import annotations

from itertools import islice
from typing import Any, Final

from fastapi import Request, Response

from tanlu.charts.results import Results
from tanlu.portal import service
from tanlu.portal.addresses import Handler
from tanlu.portal.public.datasets import THEMES, available, dataset, fields_of, meaning
from tanlu.portal.public.files import FORMS, DataFiles, header_of, rows_of
from tanlu.portal.public.glossary import glossary, search
from tanlu.portal.public.progress import sentences, standings
from tanlu.portal.public.settings import PublicSettings
from tanlu.portal.rendering import Renderer
from tanlu.portal.service import Workspace

BASIC: Final = (
    "carbon-peak",
    "carbon-neutrality",
    "greenhouse-gas",
    "co2e",
    "interval-95",
    "scenario",
    "grade",
    "removal",
)
"""Terms that the page in plain language explains."""
FIRST_ROWS: Final = 5
"""Rows of a data set that its page shows."""


class PublicPages:
    """Handlers of these pages."""

    def __init__(self, workspace: Workspace, renderer: Renderer, files: DataFiles, settings: PublicSettings) -> None:
        self.workspace, self.renderer, self.files, self.settings = workspace, renderer, files, settings

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {"/public": self.progress, "/public/data": self.data, "/glossary": self.terms}

    def _results(self, request: Request) -> Results:
        return self.workspace.results(request.query_params.get("run", ""))

    def progress(self, request: Request, language: str) -> Response:
        """Where emissions and promises stand, what the words mean, how figures are made, what a citizen can do."""
        results = self._results(request)
        judged = standings(results, language)
        return self.renderer.page(
            request, "public.html", language, results, said=sentences(results, language), standings=judged,
            all=len(results.scoreboard), chart=service.chart(results, "fan", language, {}),
            words=[glossary()[name] for name in BASIC], settings=self.settings,
        )  # fmt: skip

    def data(self, request: Request, language: str) -> Response:
        """The catalogue of open data, or one data set with its dictionary and first rows."""
        results, name = self._results(request), request.query_params.get("id", "")
        if name:
            return self._one(request, language, results, name)
        sets = available(results)
        sizes = {d.id: _size(self.files.size(d, "csv", results)) for d in sets}
        return self.renderer.page(
            request, "public_data.html", language, results, sizes=sizes, settings=self.settings, forms=FORMS,
            themes=[(theme, [d for d in sets if d.theme == theme]) for theme in THEMES],
        )  # fmt: skip

    def _one(self, request: Request, language: str, results: Results, name: str) -> Response:
        found = dataset(results, name)
        path = found.path(results)
        columns = fields_of(found, header_of(path))
        return self.renderer.page(
            request, "public_dataset.html", language, results, found=found, columns=_shortened(columns), settings=self.settings,
            meaning=lambda column: meaning(found, column, language), names=[c.name for c in columns],
            first=list(islice(rows_of(path, columns), FIRST_ROWS)), count=sum(1 for _ in rows_of(path, columns)),
            request_root=str(request.base_url).rstrip("/"),
            sizes=[(form, _size(self.files.size(found, form, results))) for form in FORMS],
        )  # fmt: skip

    def terms(self, request: Request, language: str) -> Response:
        """All terms, or those that hold the words of a query."""
        words = request.query_params.get("q", "").strip()[:200]
        return self.renderer.page(
            request, "glossary.html", language, None, keep_run=True, words=words, terms=search(words, language),
            all=len(glossary()),
        )  # fmt: skip


def _shortened(columns: list[Any]) -> list[Any]:
    """Return the columns without all years but the first: they mean the same."""
    years = [c.name for c in columns if c.name.isdigit()]
    return [c for c in columns if not c.name.isdigit() or c.name == years[0]]


def _size(count: int) -> str:
    """Return a size in the unit in which it is read, powers of 1000."""
    return f"{count / 1_000_000:.1f} MB" if count >= 1_000_000 else f"{max(1, round(count / 1000))} kB"
