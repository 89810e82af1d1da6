"""Activity data as a user gives them: one datum a row, never overwritten."""

from __future__ import annotations

import hashlib
from typing import Final, NamedTuple

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
        # file and row say where it was found, not what it is
        half = None if self.uncertainty is None else float(self.uncertainty)
        text = "\x1f".join((*self[:9], repr(half), self.note))
        return "activity:" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()

    @property
    def year(self) -> int:
        """Calendar year of the period."""
        return int(self.period[:4])

    @property
    def relative_error(self) -> float:
        """Relative standard uncertainty."""
        half = DEFAULT_UNCERTAINTY[self.grade or "D"] if self.uncertainty is None else self.uncertainty
        return half / 100 / Z95
