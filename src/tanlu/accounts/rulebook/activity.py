"""Activity data as a user gives them: one datum a row, never overwritten."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from tanlu.core.inventory import Z95

COLUMNS: Final = (
    "record",
    "place",
    "period",
    "method",
    "input",
    "value",
    "unit",
    "source",
    "grade",
    "uncertainty",
    "note",
)
"""Columns of an activity file; the rows of one record share ``record``, ``place``, ``period`` and ``method``."""
DEFAULT_UNCERTAINTY: Final = {"A": 5.0, "B": 10.0, "C": 15.0, "D": 30.0}
"""Half-width of the 95 % interval [%] of a datum whose row gives none, by its grade (assumption)."""


class Activity(NamedTuple):
    """One datum: a number with its unit, or the word of a choice.

    Parameters
    ----------
    record : str
        Rows with the same record (and place and method) belong together; empty when the row stands alone.
    place : str
        Path of slugs, widest first: province, prefecture, park, enterprise, unit.
    period : str
        ``2024`` or ``2024-05``.
    method, input : str
        Topic or id of a method, and name of one of its inputs.
    value : str
        As printed; numbers keep their decimals.
    grade : str
        A–D; empty counts as D.
    uncertainty : float or None
        Half-width of the 95 % interval [%].
    file, row : str, int
        Where the datum stands.
    """

    record: str
    place: str
    period: str
    method: str
    input: str
    value: str
    unit: str = ""
    source: str = ""
    grade: str = ""
    uncertainty: float | None = None
    note: str = ""
    file: str = ""
    row: int | None = None

    @property
    def id(self) -> str:
        """Content hash of the datum, the same wherever it stands."""
        return activity_ids([self])[0]

    @property
    def year(self) -> int:
        """Calendar year of the period."""
        return int(self.period[:4])

    @property
    def relative_error(self) -> float:
        """Relative standard uncertainty."""
        return relative_error(self.grade, self.uncertainty)


def relative_error(grade: str, uncertainty: float | None) -> float:
    """Return the relative standard uncertainty of a datum from its grade and the half-width of its 95 % interval [%], if it has one."""
    half = DEFAULT_UNCERTAINTY[grade or "D"] if uncertainty is None else uncertainty
    return half / 100 / Z95


def activity_ids(rows: Sequence[Activity]) -> list[str]:
    """Return the content hashes of data, see `Activity.id`; column by column, which takes a third of the time for many rows."""
    return ids_of_columns(list(zip(*rows, strict=True))) if rows else []


def ids_of_columns(columns: Sequence[Sequence[Any]]) -> list[str]:
    """Return the content hashes of data from the columns of `Activity`."""
    # file and row say where a datum was found, not what it is
    *said, uncertainty, note, _, _ = columns
    halves = {u: repr(None if u is None else float(u) + 0.0) for u in set(uncertainty)}
    texts = map("\x1f".join, zip(*said, [halves[u] for u in uncertainty], note, strict=True))
    return ["activity:" + blake2b(text.encode(), digest_size=8).hexdigest() for text in texts]
