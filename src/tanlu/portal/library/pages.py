"""Pages of the factor library and of the catalogue of methods; they work in a workspace without a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fastapi import Request, Response

from tanlu.accounts.files.sectoral_table import category_name
from tanlu.accounts.files.template_content import input_label, method_text
from tanlu.charts.format import capital
from tanlu.core.library import load_library
from tanlu.core.messages import translate
from tanlu.portal.addresses import Handler, csv_address, paged
from tanlu.portal.api import table
from tanlu.portal.library import catalogue
from tanlu.portal.library import factors as shelf
from tanlu.portal.library.catalogue import MethodLine, SetLine
from tanlu.portal.library.factors import FactorLine
from tanlu.portal.rendering import Renderer
from tanlu.portal.service import Workspace

MOST_HISTORY: Final = 30
"""Rows of a history on the page; its CSV has all."""


class LibraryPages:
    """Handlers of the pages of the library."""

    def __init__(self, workspace: Workspace, renderer: Renderer) -> None:
        self.workspace, self.renderer = workspace, renderer

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {"/factors": self.factors, "/factor": self.factor, "/methods": self.methods, "/method": self.method}

    def factors(self, request: Request, language: str) -> Response:
        """Search in the library; all filters are in the address."""
        asked = request.query_params
        if asked.get("id"):
            return self.factor(request, language)
        query = shelf.query_of({k: v for k, v in asked.items() if k in shelf.FactorQuery.__slots__})
        found = shelf.search(query)
        if asked.get("format") == "csv":
            return table_response(found, FactorLine)
        page, pages, shown = paged(found, asked.get("page", "1"))
        return self.renderer.page(
            request, "factors.html", language, None, keep_run=self._keeps(request), query=query, factors=shown, count=len(found),
            all=len(load_library().factors), page=page, pages=pages, csv_address=csv_address(request), pairs=_pairs(language),
            region=lambda r: shelf.region_name(r, language, load_library()),
        )  # fmt: skip

    def factor(self, request: Request, language: str) -> Response:
        """One factor: value, validity, source, history, and the methods that take it."""
        library = load_library()
        found = shelf.find_factor(request.query_params.get("id", ""))
        history = [shelf.line_of(f, library) for f in shelf.history(found)]
        if request.query_params.get("format") == "csv":
            return table_response(history, FactorLine)
        return self.renderer.page(
            request, "factor.html", language, None, keep_run=self._keeps(request), factor=shelf.line_of(found, library),
            source=library.sources[found.source], history=history[:MOST_HISTORY], history_count=len(history),
            chart=shelf.history_chart(found, language), uses=shelf.uses(found), csv_address=csv_address(request),
            region=lambda r: shelf.region_name(r, language, library), method_name=lambda m: _method_name(m, language),
            set_name=lambda s: shelf.set_of(s).name(language), input_name=lambda n: input_label(n, language),
        )  # fmt: skip

    def methods(self, request: Request, language: str) -> Response:
        """Method sets, and the methods of one of them by sector."""
        sets = catalogue.set_lines()
        asked = request.query_params
        chosen = asked.get("set", "")
        lines = catalogue.method_lines(chosen) if chosen else []
        if asked.get("format") == "csv":
            return table_response(lines, MethodLine) if chosen else table_response(sets, SetLine)
        return self.renderer.page(
            request, "methods.html", language, None, keep_run=self._keeps(request), sets=sets,
            chosen=next((s for s in sets if s.id == chosen), None), lines=lines, csv_address=csv_address(request),
            sectors=[s for s in catalogue.SECTORS if any(x.sector == s for x in lines)],
            category=lambda code: category_name(code, language) or code,
        )  # fmt: skip

    def method(self, request: Request, language: str) -> Response:
        """One method in one of its sets."""
        asked, library = request.query_params, load_library()
        found = shelf.method_of(asked.get("id", ""))
        rules = shelf.set_of(asked.get("set", "") or found.sets[0])
        return self.renderer.page(
            request, "method.html", language, None, keep_run=self._keeps(request), chosen=found, rules=rules,
            inputs=catalogue.input_lines(found, rules), source=library.sources.get(found.source),
            text=lambda part: method_text(found, part, language), input_name=lambda n: input_label(n, language),
            word=lambda w: library.label(w, language), category=lambda code: category_name(code, language) or code,
            set_name=lambda s: shelf.set_of(s).name(language),
            factor_label=lambda f: shelf.factor_name(f, language, library),
            quantity=lambda p: library.label(p, language, shelf.WHOLE_NAME),
        )  # fmt: skip

    def _keeps(self, request: Request) -> bool:
        return self.workspace.has(request.query_params.get("run", ""))


def table_response(records: list[FactorLine] | list[MethodLine] | list[SetLine], record: type[object]) -> Response:
    """Return records as a CSV file."""
    answer: Response = table(records, record, "csv")
    return answer


def _method_name(method_id: str, language: str) -> str:
    return capital(method_text(shelf.method_of(method_id), "name", language))


def _pairs(language: str) -> dict[str, list[tuple[str, str]]]:
    """Return the options of each filter with their names, sorted by name where the order is not one of rank."""
    library, options = load_library(), shelf.options()
    named: dict[str, Callable[[str], str]] = {
        "set": lambda v: library.label(v, language, shelf.WHOLE_NAME),
        "parameter": lambda v: capital(library.label(v, language, shelf.WHOLE_NAME)),
        "region": lambda v: shelf.region_name(v, language, library),
        "gas": lambda v: v,
        "grade": lambda v: translate(f"charts.grade.{v}", language),
        "evidence": lambda v: translate(f"portal.evidence.{v}", language),
        "status": lambda v: translate(f"portal.factor_status.{v}", language),
    }
    pairs = {key: [(v, named[key](v)) for v in values] for key, values in options.items()}
    for key in ("set", "parameter", "region"):
        pairs[key].sort(key=lambda pair: pair[1])
    return pairs
