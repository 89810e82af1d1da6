"""What a form of a signed-in person brings: fields, read with every fault at once, and files, which are not held in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Final, TypeVar
from zoneinfo import ZoneInfo

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException
from starlette.requests import ClientDisconnect, Request

from tanlu.core.errors import Problem
from tanlu.portal.uploads import Counted, RefusedError
from tanlu.records import EvidenceStore, Stored
from tanlu.records import RefusedError as RecordsRefusedError

MOST_FIELDS: Final = 1_000
LONGEST_FIELD: Final = 100_000
MOST_FILES: Final = 10
ENVELOPE: Final = 2_000_000
"""Bytes that fields and boundaries may add to the files."""
CHUNK: Final = 1 << 20
MEGABYTE: Final = 1 << 20
CIVIL: Final = ZoneInfo("Asia/Shanghai")
Value = TypeVar("Value")


@dataclass
class Posted:
    """Fields and files of a form.

    Reading a value notes what is wrong; `check` raises it all.
    """

    fields: dict[str, list[str]]
    files: tuple[UploadFile, ...]
    problems: list[Problem] = field(default_factory=list)

    def text(self, name: str, instead: str = "") -> str:
        """Return a field without spaces around it."""
        return self.fields.get(name, [instead])[-1].strip()

    def all(self, name: str) -> list[str]:
        """Return every value of a field that may occur more than once, empty ones left out."""
        return [v.strip() for v in self.fields.get(name, []) if v.strip()]

    def needed(self, name: str) -> str:
        """Return a field that must be filled in."""
        found = self.text(name)
        if not found:
            self.problems.append(Problem("empty", "form", field=name))
        return found

    def _read(self, name: str, read: Callable[[str], Value], code: str, instead: Value) -> Value:
        text = self.needed(name)
        if not text:
            return instead
        try:
            return read(text)
        except (ValueError, InvalidOperation):
            self.problems.append(Problem(code, "form", field=name, value=text[:40]))
            return instead

    def whole(self, name: str) -> int:
        """Return a whole number."""
        return self._read(name, int, "not_an_integer", 0)

    def number(self, name: str) -> Decimal:
        """Return a decimal number."""
        return self._read(name, finite, "not_a_number", Decimal(0))

    def day(self, name: str) -> date:
        """Return a day."""
        return self._read(name, date.fromisoformat, "not_a_date", date.min)

    def day_or_none(self, name: str) -> date | None:
        """Return a day, None if the field is empty."""
        return self.day(name) if self.text(name) else None

    def moment(self, name: str) -> datetime:
        """Return a moment that was typed in civil time (Asia/Shanghai)."""
        return self._read(name, _moment, "not_a_date", datetime(1, 1, 2, tzinfo=CIVIL))

    def check(self) -> None:
        """Do nothing if all values that were read are good.

        Raises
        ------
        RefusedError
            With everything that was wrong.
        """
        if self.problems:
            raise RecordsRefusedError(*self.problems)

    def store(self, evidence: EvidenceStore) -> list[tuple[Stored, str]]:
        """Put the files into the store and return each with the name that the sender gave it."""
        return [(evidence.put(_chunks(sent)), sent.filename or "-") for sent in self.files]

    def close(self) -> None:
        """Give back the temporary files."""
        for sent in self.files:
            sent.file.close()


def finite(text: str) -> Decimal:
    """Return a number that is written with or without separators of thousands."""
    found = Decimal(text.replace(",", "").replace("，", ""))
    if not found.is_finite():
        raise ValueError(text)
    return found


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=CIVIL)


def _chunks(sent: UploadFile) -> Iterator[bytes]:
    sent.file.seek(0)
    while chunk := sent.file.read(CHUNK):
        yield chunk


async def posted(request: Request, largest: int) -> Posted:
    """Return the form of a request; its body is not read further than files of ``largest`` bytes allow.

    Raises
    ------
    RefusedError
        If it is too large, has too many files, or is no form.
    """
    limit, said = largest + ENVELOPE, request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > limit:
        raise RefusedError(413, "too_large", limit=largest // MEGABYTE)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise RefusedError(415, "no_form")
    bounded = Request(request.scope, Counted(request, limit).receive)
    files: list[UploadFile] = []
    try:
        form = await bounded.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=LONGEST_FIELD)
    except (MultiPartException, HTTPException, ClientDisconnect) as error:
        raise RefusedError(400, "bad_form", files=MOST_FILES) from error
    fields: dict[str, list[str]] = {}
    for name, value in form.multi_items():
        if isinstance(value, UploadFile):
            if value.filename:
                files.append(value)
        else:
            fields.setdefault(name, []).append(value)
    return Posted(fields, tuple(files))
