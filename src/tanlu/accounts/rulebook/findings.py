"""What quality control found: accepted, but to be looked at."""

from __future__ import annotations

from functools import cache, lru_cache
from string import Formatter
from typing import Final, NamedTuple

from tanlu.accounts.rulebook.input_names import input_label
from tanlu.core.messages import catalogue, in_language, translate

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
        said = tuple(
            (name, input_label(self.input, language) if name == "input" else getattr(self, name))
            for name in _names_used(self.code, language)
        )
        return _sentence(self.code, language, said, self.details)

    def as_row(self) -> dict[str, str]:
        """Return the columns of ``qc.csv``."""
        said = (
            self.severity, self.code, self.record, self.place, self.period, self.method, self.input, self.value,
            self.text("zh"), self.text("en"),
        )  # fmt: skip
        return dict(zip(COLUMNS, said, strict=True))


@cache
def _names_used(code: str, language: str) -> tuple[str, ...]:
    """Return the columns that the sentence of a check names."""
    parts = Formatter().parse(catalogue()[f"qc.{code}"][language])
    named = {name for _, name, _, _ in parts}
    return tuple(name for name in COLUMNS[2:-2] if name in named)


@lru_cache(maxsize=4096)
def _sentence(code: str, language: str, said: tuple[tuple[str, str], ...], details: tuple[tuple[str, str], ...]) -> str:
    """Return a sentence; most records of one make have the same."""
    fields = {**dict(said), **in_language(dict(details), language)}
    return translate(f"qc.{code}", language, **fields)
