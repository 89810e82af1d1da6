"""Where the numbers of an energy system come from: source, grade and place of every parameter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tanlu.core.errors import Notice
from tanlu.core.provenance import Grade, Source


@dataclass(frozen=True, slots=True)
class Origin:
    """One number as it was written.

    Parameters
    ----------
    owner : str
        Component, technology, carrier or policy that it was written for.
    parameter : str
        Parameter of it.
    year : int or None
        Year for which it holds; None for every year.
    value, unit : str
        The number as written, and its unit.
    source : str
        Id of the source; empty where none is named.
    grade : Grade
        Quality; D where nothing is said.
    note_zh, note_en : str
        What else was said.
    file : str
        File, relative to the folder of the system.
    row : int or None
        Line of the file.
    """

    owner: str
    parameter: str
    year: int | None
    value: str
    unit: str
    source: str
    grade: Grade
    note_zh: str
    note_en: str
    file: str
    row: int | None

    def note(self, language: str) -> str:
        """Return the note in a language."""
        return self.note_zh if language == "zh" else self.note_en


@dataclass(frozen=True, eq=False)
class Provenance:
    """The origins of all numbers of a system; empty for one that was made in Python.

    Parameters
    ----------
    origins : mapping of (component, parameter) to origins
        Numbers of each parameter of each component, carrier and policy, also where they were written for its technology; by year.
    sources : mapping of str to Source
        Sources by id.
    profiles : mapping of str to str
        File of each profile.
    notices : tuple of Notice
        What was accepted but should be known, for example a file in GB 18030.
    """

    origins: Mapping[tuple[str, str], tuple[Origin, ...]] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    profiles: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()

    def of(self, component: str, parameter: str) -> tuple[Origin, ...]:
        """Return the numbers of a parameter as they were written; empty where the default holds or nothing is known."""
        return self.origins.get((component, parameter), ())

    def table(self) -> list[dict[str, object]]:
        """Return one row for each component, parameter and year, with source and grade."""
        return [
            {
                "component": component,
                "parameter": parameter,
                "year": origin.year,
                "value": origin.value,
                "unit": origin.unit,
                "source": origin.source,
                "grade": origin.grade.value,
                "note_zh": origin.note_zh,
                "note_en": origin.note_en,
                "file": origin.file,
                "row": origin.row,
            }
            for (component, parameter), found in self.origins.items()
            for origin in found
        ]

    def assumptions(self) -> list[Assumption]:
        """Return the numbers of grade D, each once, with all that use it."""
        users: dict[Origin, list[str]] = {}
        for (component, _), found in self.origins.items():
            for origin in found:
                if origin.grade == Grade.D:
                    users.setdefault(origin, []).append(component)
        return [Assumption(origin, tuple(names)) for origin, names in users.items()]


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number of grade D and who uses it.

    Parameters
    ----------
    origin : Origin
        The number.
    components : sequence of str
        Components, carriers and policies that use it.
    """

    origin: Origin
    components: Sequence[str]
