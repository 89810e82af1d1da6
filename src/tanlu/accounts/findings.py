"""What quality control found: accepted, but to be looked at."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from tanlu.core.messages import in_language, translate

COLUMNS: Final = (
    "severity",
    "code",
    "record",
    "place",
    "period",
    "method",
    "input",
    "value",
    "message_zh",
    "message_en",
)
"""Columns of ``qc.csv``."""


class Finding(NamedTuple):
    """One line of the quality-control log.

    Parameters
    ----------
    code : str
        Name of the check; the catalogue holds ``qc.<code>``.
    severity : {"note", "review", "warning"}
        A note informs; a review item is a choice that a person should confirm; a warning may be a mistake.
    details : tuple of (name, value)
        Fields of the message.
    """

    code: str
    severity: str
    record: str
    place: str
    period: str
    method: str
    input: str
    value: str
    details: tuple[tuple[str, str], ...] = ()

    def text(self, language: str) -> str:
        """Return the finding as one sentence."""
        fields: dict[str, object] = {
            "record": self.record,
            "place": self.place,
            "period": self.period,
            "method": self.method,
        }
        fields |= {"input": self.input, "value": self.value, **_details(self.details, language)}
        return translate(f"qc.{self.code}", language, **fields)

    def as_row(self) -> dict[str, str]:
        """Return the columns of ``qc.csv``."""
        said = (
            self.severity, self.code, self.record, self.place, self.period, self.method, self.input, self.value,
            self.text("zh"), self.text("en"),
        )  # fmt: skip
        return dict(zip(COLUMNS, said, strict=True))


@lru_cache(maxsize=4096)
def _details(details: tuple[tuple[str, str], ...], language: str) -> dict[str, object]:
    """Return the fields that the records of a make share, in one language."""
    return in_language(dict(details), language)
