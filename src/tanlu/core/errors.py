"""Problems of input data, collected over a whole file or folder and answered together."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tanlu.core.messages import in_language, translate


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input, where it is, and how to mend it.

    Parameters
    ----------
    code : str
        Name of the problem; the catalogue holds ``problem.<code>`` (what is wrong) and ``mend.<code>`` (how to mend it).
    file : str
        File, relative to the folder that was read.
    row : int or None
        Line of the file as an editor shows it (the header is line 1); None when the whole file is meant.
    field : str
        Column or key.
    value : str
        The offending value as it stands in the file.
    details : mapping
        Further values that the message needs, for example the allowed range.
    """

    code: str
    file: str
    row: int | None = None
    field: str = ""
    value: str = ""
    details: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def where(self) -> str:
        """Return ``file:row`` and the field."""
        place = self.file if self.row is None else f"{self.file}:{self.row}"
        return f"{place} [{self.field}]" if self.field else place

    def text(self, language: str = "zh") -> str:
        """Return place, fault and mend as one line in the given language."""
        values = {"value": self.value, "field": self.field, "file": self.file, **in_language(self.details, language)}
        fault = translate(f"problem.{self.code}", language, **values)
        mend = translate(f"mend.{self.code}", language, **values)
        return f"{self.where()}: {fault} → {mend}"

    def as_record(self, language: str = "zh") -> dict[str, object]:
        """Return the problem as plain data for ``--json``."""
        values = {"value": self.value, "field": self.field, "file": self.file, **in_language(self.details, language)}
        return {
            "file": self.file,
            "row": self.row,
            "field": self.field,
            "value": self.value,
            "problem": translate(f"problem.{self.code}", language, **values),
            "mend": translate(f"mend.{self.code}", language, **values),
        }


@dataclass(frozen=True, slots=True)
class Notice:
    """Something that was accepted but that the user should know, for example a file in GB 18030."""

    code: str
    file: str
    details: Mapping[str, object] = dataclasses.field(default_factory=dict)

    def text(self, language: str = "zh") -> str:
        """Return the notice as one line."""
        return f"{self.file}: " + translate(f"notice.{self.code}", language, file=self.file, **self.details)


class DataError(Exception):
    """All problems of an input, raised once at the border.

    Parameters
    ----------
    problems : iterable of Problem
        Everything that was found; never empty.
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(p.text("en") for p in self.problems))
