"""The forms of what programs send and read: rows, pages of lists, amounts, and files named by their upload."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Final, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field

from tanlu.records import Principal, Records, Stored
from tanlu.records.requests import uploads_of

Item = TypeVar("Item", bound=BaseModel)
Number = Annotated[int, Query(ge=1, le=100_000, alias="page", description="Page, from 1.")]
Size = Annotated[int, Query(ge=1, le=500, alias="size", description="Rows a page.")]
Year = Annotated[int, Field(ge=2000, le=2100)]
Name = Annotated[str, Field(max_length=400)]
Key = Annotated[str, Field(min_length=1, max_length=80)]
Words = Annotated[str, Field(max_length=20_000)]
Yuan = Annotated[Decimal, Field(ge=0, lt=Decimal(10) ** 13, decimal_places=2)]
Quantity = Annotated[Decimal, Field(gt=-(Decimal(10) ** 12), lt=Decimal(10) ** 12, decimal_places=6)]
MOST_FILES: Final = 20
Evidence = Annotated[list[str], Field(max_length=MOST_FILES, description="Ids of uploads (POST /api/v1/uploads).")]


class Row(BaseModel):
    """A row that is read from a record; money and other decimals are text."""

    model_config = ConfigDict(from_attributes=True)


class Body(BaseModel):
    """What is sent; a key that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class Reason(Body):
    """Why."""

    reason: Words = ""


class Listed(BaseModel, Generic[Item]):
    """A page of a list."""

    total: int
    page: int
    size: int
    rows: list[Item]


def listed(kind: type[Item], rows: Iterable[Any], total: int, page: int, size: int) -> Listed[Item]:
    """Return a page of rows of a kind."""
    return Listed[kind](total=total, page=page, size=size, rows=[kind.model_validate(row) for row in rows])  # type: ignore[valid-type]


def sliced(kind: type[Item], rows: list[Any], page: int, size: int) -> Listed[Item]:
    """Return a page of a list that was read whole."""
    return listed(kind, rows[(page - 1) * size : page * size], len(rows), page, size)


def proofs(records: Records, who: Principal, uploads: list[str]) -> list[tuple[Stored, str]]:
    """Return the files of uploads; see `tanlu.records.requests.uploads_of`."""
    with records.database.read() as session:
        return uploads_of(session, who.person_id, uploads)
