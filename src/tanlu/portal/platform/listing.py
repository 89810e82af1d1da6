"""Lists of the API: the same format, filters, order and paging for each, and what the description of the API says of them.

A route names the record class of its rows twice: ``**listed(Record)`` in its decorator describes it, ``asked.answer(rows, Record)``
answers. Columns that the route has no parameter of its own for filter by equality, columns of numbers also by ``_min`` and ``_max``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from operator import itemgetter
from typing import Annotated, Any, Final, Literal, get_args, get_origin
from urllib.parse import urlencode

from fastapi import Depends, Query, Request, Response
from fastapi.routing import APIRoute

from tanlu.core.errors import DataError, Problem
from tanlu.portal.platform.tables import (
    CSV,
    JSON,
    PARQUET,
    Form,
    NotAcceptableError,
    columns_of,
    csv_of,
    csv_response,
    file_stem,
    parquet_of,
    parquet_response,
    plain,
    types_of,
    wanted_form,
)

MOST_ROWS: Final = 10_000
"""Rows of one JSON answer; CSV and Parquet hold all rows unless a limit is given."""
MOST_TERMS: Final = 8
LONGEST_LINKS: Final = 8_000
"""Characters of links in the head of an answer; proxies and clients refuse a head that is much longer."""
"""Columns that an order may name."""
FORMATS = Literal["json", "csv", "parquet"]
TOTAL: Final = "x-total-count"
COMMON: Final = ("format", "limit", "offset", "sort", "bom")
NUMBERS: Final = (int, float)
TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}


class BadQueryError(DataError):
    """Parameters that cannot be used; all of them are told."""


class Listing:
    """What a request wants of a list.

    Parameters
    ----------
    request : Request
    response : Response
        Head of the answer, to which total and links are added.
    form : {"json", "csv", "parquet"}
    limit : int or None
        Most rows; None for all (files) or ``MOST_ROWS`` (JSON).
    offset : int
    sort : str
        Columns with commas, a minus before those that fall.
    mark : bool
        Whether CSV begins with a byte-order mark.
    """

    def __init__(
        self, request: Request, response: Response, form: Form, limit: int | None, offset: int, sort: str, mark: bool
    ) -> None:
        self.request, self.response = request, response
        self.form, self.limit, self.offset, self.sort, self.mark = form, limit, offset, sort, mark

    def answer(self, records: Iterable[Any], record: type[Any], *, name: str = "") -> Any:
        """Return the rows that are asked for, as records (JSON) or as a file.

        Parameters
        ----------
        records : iterable
            All rows, in their natural order.
        record : type
            Class of the rows.
        name : str
            Name of the file without ending; by default that of the class.

        Raises
        ------
        BadQueryError
            If a filter or the order cannot be used.
        """
        rows = self._select(list(records), record)
        return self._finish(rows, columns_of(record), types_of(record), name or file_stem(record))

    def answer_plain(self, rows: Sequence[Any], columns: Sequence[str], name: str) -> Any:
        """Return rows of columns that only the data know; they are paged, not filtered."""
        return self._finish(list(rows), columns, {}, name)

    def _finish(self, rows: list[Any], columns: Sequence[str], types: Mapping[str, Any], name: str) -> Any:
        limit = self.limit if self.limit is not None else MOST_ROWS if self.form == "json" else max(1, len(rows))
        shown = rows[self.offset : self.offset + limit]
        head = page_head(self.request, len(rows), self.offset, limit)
        if self.form == "json":
            self.response.headers.update(head)
            return shown
        return _file(shown, columns, types, name, self.form, head, self.mark)

    def _select(self, rows: list[Any], record: type[Any]) -> list[Any]:
        problems: list[Problem] = []
        tests = self._tests(record, problems)
        order = self._order(record, problems)
        if problems:
            raise BadQueryError(problems)
        found = [r for r in rows if all(test(r) for test in tests)]
        for column, falls in reversed(order):
            # what is missing stands last, whichever way the column is ordered
            there = [(_ordered(v), r) for r in found if (v := getattr(r, column)) is not None]
            missing = [r for r in found if getattr(r, column) is None]
            found = [r for _, r in sorted(there, key=itemgetter(0), reverse=falls)] + missing
        return found

    def _tests(self, record: type[Any], problems: list[Problem]) -> list[Callable[[Any], bool]]:
        own = own_parameters(self.request.scope["route"])
        asked = self.request.query_params
        tests: list[Callable[[Any], bool]] = []
        for name, (column, bound, kind) in filters_of(record).items():
            if name in own or name not in asked:
                continue
            values = [v for text in asked.getlist(name) if (v := _read(name, text, kind, problems)) is not None]
            if values:
                tests.append(_test(column, bound, values))
        return tests

    def _order(self, record: type[Any], problems: list[Problem]) -> list[tuple[str, bool]]:
        known = [c for c, kind in _scalars(record).items() if kind is not None]
        terms = [t.strip() for t in self.sort.split(",") if t.strip()]
        order = [(t.removeprefix("-"), t.startswith("-")) for t in terms]
        wrong = [column for column, _ in order if column not in known]
        if wrong or len(terms) > MOST_TERMS:
            details = {"allowed": ", ".join(known), "most": MOST_TERMS}
            problems.append(Problem("api_sort", "query", field="sort", value=self.sort[:80], details=details))
            return []
        return order


def answer_file(rows: Sequence[Any], record: type[Any], form: Form, head: Mapping[str, str], *, mark: bool) -> Response:
    """Return rows of a record class as a file, CSV or Parquet, with the headers of the page."""
    return _file(rows, columns_of(record), types_of(record), file_stem(record), form, head, mark)


def _file(
    rows: Sequence[Any], columns: Sequence[str], types: Mapping[str, Any], name: str, form: Form, head: Mapping[str, str], mark: bool
) -> Response:  # fmt: skip
    if form == "csv":
        made = csv_response(csv_of(rows, columns), f"{name}.csv", mark=mark)
    else:
        made = parquet_response(parquet_of(rows, columns, types), f"{name}.parquet")
    made.headers.update(head)
    return made


def form_of(request: Request, named: str | None) -> Any:
    """Return the format of a list: the one that is named, or the one that the header Accept prefers.

    Raises
    ------
    BadQueryError
        If the header accepts none of them.
    """
    if named is not None:
        return named
    try:
        return wanted_form(request.headers.get("accept", ""))
    except NotAcceptableError as error:
        raise BadQueryError([Problem("api_accept", "header", field="accept", value=str(error)[:80])]) from None


def list_description() -> dict[str, Any]:
    """Return what the description of the API says of an answer that is a list: its formats and headers."""
    headers = {
        "X-Total-Count": {"description": "Rows of all pages.", "schema": {"type": "integer"}},
        "Link": {"description": "Pages beside this one (RFC 8288).", "schema": {"type": "string"}},
        "ETag": {"description": "Tag of this content.", "schema": {"type": "string"}},
    }
    content = {CSV: {"schema": {"type": "string"}}, PARQUET: {"schema": {"type": "string", "format": "binary"}}}
    return {"content": {JSON: {}, **content}, "headers": headers}


def page_head(request: Request, total: int, offset: int, limit: int) -> dict[str, str]:
    """Return the headers of a page of a list: how many rows there are, and links to the pages beside it (RFC 8288).

    A request of many thousand characters, which the links would repeat, is answered without them.
    """
    kept = [(k, v) for k, v in request.query_params.multi_items() if k not in ("offset", "limit")]

    def link(start: int, relation: str) -> str:
        query = urlencode([*kept, ("limit", str(limit)), ("offset", str(start))])
        return f'<{request.url.path}?{query}>; rel="{relation}"'

    head = {TOTAL: str(total)}
    if total > limit or offset:
        links = [link(0, "first"), link(max(0, (total - 1) // limit * limit), "last")]
        if offset:
            links.append(link(max(0, offset - limit), "prev"))
        if offset + limit < total:
            links.append(link(offset + limit, "next"))
        if sum(map(len, links)) <= LONGEST_LINKS:
            head["link"] = ", ".join(links)
    return head


async def _asked(
    request: Request,
    response: Response,
    format: Annotated[FORMATS | None, Query(description="Format; without it the header Accept decides.")] = None,
    limit: Annotated[
        int | None,
        Query(ge=1, le=MOST_ROWS, description=f"Most rows; {MOST_ROWS} in JSON, all of them in files by default."),
    ] = None,
    offset: Annotated[int, Query(ge=0, le=10**9, description="Rows that are left out at the start.")] = 0,
    sort: Annotated[
        str,
        Query(max_length=400, description="Columns with commas, a minus before those that fall.", examples=["-year"]),
    ] = "",
    bom: Annotated[
        bool, Query(description="Whether CSV begins with a byte-order mark, by which Excel knows UTF-8.")
    ] = True,
) -> Listing:
    return Listing(request, response, form_of(request, format), limit, offset, sort, bom)


Asked = Annotated[Listing, Depends(_asked)]
"""Parameter of a route that answers a list."""


def listed(record: type[Any]) -> dict[str, Any]:
    """Return what the decorator of a route is given, so that the API is described with formats, filters and headers of the list.

    Parameters
    ----------
    record : type
        Class of the rows, a dataclass or a model.
    """
    return {
        "response_model": list[record],  # type: ignore[valid-type]
        "responses": {200: list_description()},
        "openapi_extra": {"parameters": [_described(n, *f) for n, f in filters_of(record).items()]},
    }


def _described(name: str, column: str, bound: str, kind: type[Any]) -> dict[str, Any]:
    words = {"": "equals this; repeated: any of these", "min": "is at least this", "max": "is at most this"}
    basic = {int: "integer", float: "number", bool: "boolean"}.get(kind, "string")
    schema: dict[str, Any] = {"type": basic}
    if basic == "string":
        schema["maxLength"] = 400
    if not bound:
        schema = {"type": "array", "items": schema}
    return {
        "name": name, "in": "query", "required": False, "schema": schema, "description": f"Column {column} {words[bound]}.",
    }  # fmt: skip


def _scalars(record: type[Any]) -> Mapping[str, type[Any] | None]:
    """Return the basic type by column; None for a column with nested values."""
    return {c: _basic(declared) for c, declared in types_of(record).items()}


def _basic(declared: Any) -> type[Any] | None:
    if get_origin(declared) is Literal:
        return str
    parts = [p for p in get_args(declared) if p is not type(None)]
    if (parts and len(parts) > 1) or get_origin(declared) in (list, tuple, dict, set, frozenset, Mapping, Sequence):
        return None
    kind = parts[0] if parts else declared
    if not isinstance(kind, type):
        return _basic(kind) if kind is not declared else None
    for basic in (bool, int, float):
        if issubclass(kind, basic):
            return basic
    return str if issubclass(kind, str | Enum) or kind.__module__ in ("datetime", "decimal") else None


_FILTERS: Final[dict[type[Any], dict[str, tuple[str, str, type[Any]]]]] = {}


def filters_of(record: type[Any]) -> Mapping[str, tuple[str, str, type[Any]]]:
    """Return the filters of a record class: parameter → column, ``""``, ``min`` or ``max``, basic type."""
    if record in _FILTERS:
        return _FILTERS[record]
    found = _FILTERS[record] = {}
    scalars = {c: k for c, k in _scalars(record).items() if k is not None}
    for column, kind in scalars.items():
        if column not in COMMON:
            found[column] = (column, "", kind)
        for bound in ("min", "max") if kind in NUMBERS else ():
            if f"{column}_{bound}" not in scalars:
                found[f"{column}_{bound}"] = (column, bound, kind)
    return found


def own_parameters(route: APIRoute) -> set[str]:
    """Return the names of the query parameters that a route declares itself, without those of lists."""
    return {field.alias for field in route.dependant.query_params}


def _read(name: str, text: str, kind: type[Any], problems: list[Problem]) -> Any:
    try:
        if kind is bool:
            return TRUTH[text.lower()]
        value = kind(text)
        if kind is float and not math.isfinite(value):
            raise ValueError
    except (ValueError, KeyError):
        details = {"wanted": {int: "integer", float: "number", bool: "true or false"}.get(kind, "text")}
        problems.append(Problem("api_value", "query", field=name, value=text[:80], details=details))
        return None
    return value


def _test(column: str, bound: str, values: list[Any]) -> Callable[[Any], bool]:
    if bound == "min":
        return lambda r: (v := getattr(r, column)) is not None and v >= max(values)
    if bound == "max":
        return lambda r: (v := getattr(r, column)) is not None and v <= min(values)
    wanted = set(values)
    return lambda r: plain(getattr(r, column)) in wanted


def _ordered(value: Any) -> Any:
    return value.value if isinstance(value, Enum) else value
