"""Lists of the system of record: a page is read from the database, and comes as JSON, CSV or Parquet like every list of the API.

In JSON a page says how many rows there are; files hold all rows unless a limit is given. A page is named by its number and size, or by
``offset`` and ``limit`` as in the other lists; the headers X-Total-Count and Link are the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel

from tanlu.portal.platform.listing import FORMATS, MOST_ROWS, answer_file, form_of, list_description, page_head
from tanlu.portal.platform.tables import Form

Item = TypeVar("Item", bound=BaseModel)
LARGEST: Final = 500
"""Rows of a page in JSON."""


class Listed(BaseModel, Generic[Item]):
    """A page of a list."""

    total: int
    page: int
    size: int
    rows: list[Item]


class Paging:
    """Which rows of a list a request wants, and in which format.

    Parameters
    ----------
    request : Request
    form : {"json", "csv", "parquet"}
    offset, limit : int
    mark : bool
        Whether CSV begins with a byte-order mark.
    """

    def __init__(self, request: Request, form: Form, offset: int, limit: int, mark: bool) -> None:
        self.request, self.form, self.offset, self.limit, self.mark = request, form, offset, limit, mark

    def answer(self, kind: type[Item], rows: Iterable[Any], total: int) -> Response:
        """Return the rows of the page, which were read, as rows of a kind; ``total`` is the number of rows of the list."""
        shown = [kind.model_validate(row) for row in rows]
        head = page_head(self.request, total, self.offset, self.limit)
        if self.form != "json":
            return answer_file(shown, kind, self.form, head, mark=self.mark)
        page = Listed[kind](  # type: ignore[valid-type]
            total=total, page=self.offset // self.limit + 1, size=self.limit, rows=shown
        )
        return Response(page.model_dump_json(), headers=head, media_type="application/json")

    def sliced(self, kind: type[Item], rows: Sequence[Any]) -> Response:
        """Return the page of a list that was read whole."""
        return self.answer(kind, rows[self.offset : self.offset + self.limit], len(rows))


async def _asked(
    request: Request,
    page: Annotated[int, Query(ge=1, le=100_000, description="Page, from 1.")] = 1,
    size: Annotated[int, Query(ge=1, le=LARGEST, description="Rows a page.")] = 50,
    limit: Annotated[
        int | None,
        Query(ge=1, le=MOST_ROWS, description=f"Most rows instead of ``size``; at most {LARGEST} in JSON."),
    ] = None,
    offset: Annotated[
        int | None, Query(ge=0, le=10**9, description="Rows that are left out at the start, instead of ``page``.")
    ] = None,
    format: Annotated[FORMATS | None, Query(description="Format; without it the header Accept decides.")] = None,
    bom: Annotated[
        bool, Query(description="Whether CSV begins with a byte-order mark, by which Excel knows UTF-8.")
    ] = True,
) -> Paging:
    form = form_of(request, format)
    if form == "json":
        rows = min(limit or size, LARGEST)
    else:
        rows = limit or (size if "size" in request.query_params else MOST_ROWS)
    return Paging(request, form, (page - 1) * rows if offset is None else offset, rows, bom)


Paged = Annotated[Paging, Depends(_asked)]
"""Parameter of a route that answers a list."""


def paged(kind: type[BaseModel]) -> dict[str, Any]:
    """Return what the decorator of a route is given, so that the API is described with the formats and headers of the list."""
    return {"response_model": Listed[kind], "responses": {200: list_description()}}  # type: ignore[valid-type]
