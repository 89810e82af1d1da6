"""The forms of what programs send and read: rows, amounts, and files named by their upload."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from tanlu.records import Principal, Records, Stored
from tanlu.records.requests import uploads_of

Year = Annotated[int, Field(ge=2000, le=2100)]
YearAsked = Annotated[int, Field(ge=0, le=9999)]
"""A year that rows are chosen by: none may have it, but no database is asked for more than its integers hold."""
Name = Annotated[str, Field(max_length=400)]
Key = Annotated[str, Field(min_length=1, max_length=80)]
Words = Annotated[str, Field(max_length=20_000)]
Yuan = Annotated[Decimal, Field(ge=0, lt=Decimal(10) ** 13, decimal_places=2)]
Amount = Annotated[Decimal, PlainSerializer(lambda yuan: f"{yuan:.2f}", return_type=str)]
"""An amount [yuan] that is answered: text with two decimals, whether it was read from the database or has just been made."""
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


def proofs(records: Records, who: Principal, uploads: list[str]) -> list[tuple[Stored, str]]:
    """Return the files of uploads; see `tanlu.records.requests.uploads_of`."""
    with records.database.read() as session:
        return uploads_of(session, who.person_id, uploads)
