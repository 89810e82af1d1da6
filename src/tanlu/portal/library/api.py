"""REST API of the factor library and the catalogue of methods; it needs no run."""

from __future__ import annotations

from dataclasses import asdict, fields
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Query, Request, Response

from tanlu.accounts.rulebook.method import Input
from tanlu.core.library import load_library
from tanlu.portal.api import Lang
from tanlu.portal.chart_files import ChartForm, ThemeAsked, chart_answer
from tanlu.portal.library import catalogue
from tanlu.portal.library import factors as shelf
from tanlu.portal.library.catalogue import MethodLine, SetLine
from tanlu.portal.library.factors import FactorLine
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.platform.listing import Asked, listed

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILTERS: Final = ("q", "set", "parameter", "region", "year", "gas", "grade", "evidence", "status")


def library_router() -> APIRouter:
    """Return the routes of the library."""
    router = APIRouter(prefix="/api/v1", route_class=LateRoute)
    _add_factors(router)
    _add_methods(router)
    _add_chart(router)
    return router


def _add_factors(router: APIRouter) -> None:
    @router.get("/factors", tags=["factors"], **listed(FactorLine))
    def factors(
        asked: Asked,
        request: Request,
        q: Annotated[str, Query(description="Words in id, names, source, locator or notes.")] = "",
        set: str = "",
        parameter: str = "",
        region: str = "",
        year: Annotated[str, Query(description="A year in which the factor holds.")] = "",
        gas: str = "",
        grade: str = "",
        evidence: str = "",
        status: Annotated[str, Query(description="in_use, draft or superseded.")] = "",
    ) -> Any:
        """Factors of the library that pass the filters, with source, validity, grade and evidence."""
        wanted = {name: request.query_params.get(name, "") for name in FILTERS}
        return asked.answer(shelf.search(shelf.query_of(wanted)), FactorLine)

    @router.get("/factors/{factor_id}", tags=["factors"])
    def factor(factor_id: str) -> dict[str, Any]:
        """One factor with its source, the same quantity in other sets and years, and the methods that take it."""
        return factor_record(factor_id)

    @router.get("/factors/{factor_id}/history", tags=["factors"], **listed(FactorLine))
    def history(asked: Asked, factor_id: str) -> Any:
        """The same quantity, subject and gas in all sets and years."""
        lines = [shelf.line_of(f, load_library()) for f in shelf.history(shelf.find_factor(factor_id))]
        return asked.answer(lines, FactorLine)


def factor_record(factor_id: str) -> dict[str, Any]:
    """Return a factor as plain data."""
    library = load_library()
    found = shelf.find_factor(factor_id)
    source = library.sources[found.source]
    return {
        **asdict(shelf.line_of(found, library)),
        "source": {**asdict(source), "grade": source.grade.value},
        "history": [asdict(shelf.line_of(f, library)) for f in shelf.history(found)],
        "uses": [asdict(u) for u in shelf.uses(found)],
    }


def _add_methods(router: APIRouter) -> None:
    @router.get("/method-sets", tags=["methods"], **listed(SetLine))
    def method_sets(asked: Asked) -> Any:
        """Method sets with status, GWP set and limits; an incomplete one refuses to compute."""
        return asked.answer(catalogue.set_lines(), SetLine)

    @router.get("/methods", tags=["methods"], **listed(MethodLine))
    def methods(asked: Asked, set: str) -> Any:
        """Methods of a set by sector."""
        return asked.answer(catalogue.method_lines(set), MethodLine)

    @router.get("/methods/{method_id}", tags=["methods"])
    def method(method_id: str) -> dict[str, Any]:
        """One method: formula, clause, inputs with units, plausible ranges and where defaults come from, outputs."""
        return method_record(method_id)

    @router.get("/templates/{method_set}.{form}", tags=["methods"], response_class=Response)
    def template(
        method_set: str, form: Literal["xlsx", "csv"], method: Annotated[list[str] | None, Query()] = None
    ) -> Response:
        """A template for methods of a set (all of them by default; CSV holds one method)."""
        content = catalogue.template(method_set, tuple(method or ()), form)
        name = f"{method_set}-{method[0]}" if method and len(method) == 1 else method_set
        headers = {"content-disposition": f'attachment; filename="tanlu-{name}.{form}"'}
        return Response(content, media_type=XLSX if form == "xlsx" else "text/csv; charset=utf-8", headers=headers)


def method_record(method_id: str) -> dict[str, Any]:
    """Return a method as plain data."""
    m = shelf.method_of(method_id)
    said = {
        name: getattr(m, name)
        for name in ("id", "topic", "sets", "formula", "clause", "source", "tier", "version", "hash")
    }
    return {
        **said,
        "rounding": None if m.rounding is None else asdict(m.rounding),
        "inputs": [_input_record(i) for i in m.inputs],
        "outputs": [asdict(o) for o in m.outputs],
    }  # fmt: skip


def _input_record(wanted: Input) -> dict[str, Any]:
    return {f.name: getattr(wanted, f.name) for f in fields(Input)}


def _add_chart(router: APIRouter) -> None:
    @router.get("/charts/factor.{form}", tags=["charts"], response_class=Response)
    def chart(
        request: Request,
        id: Annotated[str, Query(description="Id of a factor.")],
        form: ChartForm,
        lang: Lang = "zh",
        theme: ThemeAsked = "light",
    ) -> Response:
        """A factor beside the same quantity in other sets and years."""
        return chart_answer(request, shelf.history_chart(shelf.find_factor(id), lang), form, theme)
