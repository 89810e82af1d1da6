"""The mapped base classes and column types of every table in the system of record.

- `Base`: rows that count. Each is sealed: an entry of the log holds a salted digest of the row, so that a row changed by hand is found.
- `Working`: rows that do not (sessions, counters of failed logins). They are written outside the log and may be lost.

Dates and times are UTC, money is whole fen, and there are no floats, so that a row has one canonical form on every database.
"""

from __future__ import annotations

import json
import secrets
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from sqlalchemy import BigInteger, DateTime, Dialect, LargeBinary, MetaData, String, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

from tanlu.records.log.canonical import canonical

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
ROW_SALT: Final = "row_salt"
ROW_SALT_SIZE: Final = 16
ID_LENGTH: Final = 32

Id = Annotated[str, mapped_column(String(ID_LENGTH))]
Word = Annotated[str, mapped_column(String(80))]
Line = Annotated[str, mapped_column(String(400))]


def new_id() -> str:
    """Return a fresh id of 128 random bits in hexadecimal: it says nothing about the record."""
    return secrets.token_hex(ID_LENGTH // 2)


class UtcDateTime(TypeDecorator[datetime]):
    """A moment, stored in UTC; a moment without a time zone is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        moment = value.astimezone(UTC)
        # SQLite keeps no time zone
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Scaled(TypeDecorator[Decimal]):
    """A decimal number with a fixed number of places, stored as a whole number of the smallest unit.

    Parameters
    ----------
    places : int
        Decimal places; a value with more is refused, never rounded.
    """

    impl = BigInteger
    cache_ok = True

    def __init__(self, places: int) -> None:
        super().__init__()
        self.places = places

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if not isinstance(value, Decimal | int) or isinstance(value, bool):
            raise TypeError(f"not a Decimal: {value!r}")
        scaled = Decimal(value).scaleb(self.places)
        if scaled != scaled.to_integral_value():
            raise ValueError(f"{value} has more than {self.places} decimal places")
        return int(scaled)

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.places)


class Fen(Scaled):
    """An amount of money: `Decimal` yuan in the program, whole fen in the database."""

    cache_ok = True

    def __init__(self) -> None:
        super().__init__(2)


class Plain(TypeDecorator[Any]):
    """Plain data (lists, mappings, text, integers) as canonical JSON text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else canonical(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Root(DeclarativeBase):
    """Common ancestor: one registry, one naming of constraints."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UtcDateTime(), bytes: LargeBinary()}  # noqa: RUF012


class Base(Root):
    """A row that counts; it can be written only within `tanlu.records.database.Database.change`."""

    __abstract__ = True

    row_salt: Mapped[bytes] = mapped_column(LargeBinary(ROW_SALT_SIZE), sort_order=1000)


class Working(Root):
    """A row that may be lost; it stands outside the log."""

    __abstract__ = True
