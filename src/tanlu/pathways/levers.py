"""Levers: what policy and technology can move, each a YAML record with range, schedule, source and the plan technologies behind it."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.core.provenance import Grade
from tanlu.core.province import check_keys, read_yaml
from tanlu.pathways.dimensions import LAST_YEAR, WORLDS
from tanlu.pathways.parameters import BY_NAME, CONTROL_ROWS, INDEX, Floats, Parameter

Op = Literal["set", "scale", "add", "cap"]
OPS: Final = ("set", "add", "scale", "cap")
"""In the order in which they act on a control."""
IN_PERCENT: Final = {"1": "%", "1/yr": "%/yr"}
"""Units of levers whose values are shown in percent, and the unit shown."""
SHAPES: Final = ("linear", "s", "table")
KEYS: Final = (
    "id", "name_zh", "name_en", "action", "parameter", "op", "unit", "minimum", "default", "maximum", "step", "schedule", "worlds",
    "applies_to", "overlap_group", "technologies", "source", "source_of_max", "grade", "note_zh", "note_en", "uncertainty",
)  # fmt: skip
OPTIONAL: Final = {"note_zh", "note_en"}
_TEXTS: Final = (
    "id",
    "name_zh",
    "name_en",
    "action",
    "parameter",
    "op",
    "unit",
    "overlap_group",
    "source",
    "source_of_max",
    "grade",
)
_NUMBERS: Final = ("minimum", "default", "maximum", "step")


@dataclass(frozen=True, slots=True)
class Schedule:
    """How a lever comes into force between the years ``start`` (0) and ``full`` (1); ``table`` gives further points."""

    start: int
    full: int
    shape: str
    table: tuple[tuple[int, float], ...] = ()

    def values(self, years: Sequence[int]) -> Floats:
        """Return the strength in force, 0 to 1, in each year."""
        x = np.clip((np.asarray(years, float) - self.start) / (self.full - self.start), 0.0, 1.0)
        if self.shape == "s":
            return x * x * (3.0 - 2.0 * x)
        if self.shape == "table":
            points = [(self.start, 0.0), *self.table, (self.full, 1.0)]
            x = np.interp(np.asarray(years, float), [p[0] for p in points], [p[1] for p in points])
        out: Floats = x
        return out


@dataclass(frozen=True, slots=True)
class Lever:
    """One lever.

    ``value`` of op ``set`` is the level that the control reaches, of ``add`` what is added, of ``scale`` the factor, of ``cap`` the upper
    limit; all in ``unit`` and at full strength of the schedule. ``delivery`` are the (low, mode, high) shares of the step from the frozen
    world that are delivered, used in the fan only.
    """

    id: str
    name_zh: str
    name_en: str
    action: str
    parameter: str
    op: Op
    unit: str
    minimum: float
    default: float
    maximum: float
    step: float
    schedule: Schedule
    worlds: Mapping[str, float]
    applies_to: tuple[str, ...]
    overlap_group: str
    technologies: tuple[str, ...]
    source: str
    source_of_max: str
    grade: Grade
    note_zh: str
    note_en: str
    uncertainty: str
    delivery: tuple[float, float, float]
    file: str

    def name(self, language: str) -> str:
        """Return the name in the given language."""
        return self.name_zh if language == "zh" else self.name_en

    @property
    def rows(self) -> tuple[int, ...]:
        """Rows of the control array that the lever moves."""
        return tuple(CONTROL_ROWS[self.parameter, s] for s in self.applies_to or ("",))

    def check(self, value: float) -> list[Problem]:
        """Return a problem if the value is outside the range of the lever."""
        if np.isfinite(value) and self.minimum <= value <= self.maximum:
            return []
        details = {"lever": self.id, "minimum": f"{self.minimum:g}", "maximum": f"{self.maximum:g}", "unit": self.unit}
        return [Problem("lever_range", self.file, None, self.id, f"{value:g}", details)]


def read_levers(
    folder: Path,
    root: Path,
    sources: Sequence[str],
    problems: list[Problem],
    controls: Mapping[str, Parameter] = BY_NAME,
) -> tuple[Lever, ...]:
    """Read every ``*.yaml`` of a folder of levers, sorted by op and file name; problems are appended.

    A file may hold one record or a list of records. ``controls`` are the parameters that its levers may move, by name.
    """
    if not folder.is_dir():
        problems.append(Problem("missing_file", folder.relative_to(root).as_posix()))
        return ()
    levers: list[Lever] = []
    for path in sorted(folder.glob("*.yaml")):
        content = read_yaml(path, root, problems)
        if content is None:
            continue
        file = path.relative_to(root).as_posix()
        for record in content if isinstance(content, list) else [content]:
            lever = _read(record, file, sources, problems, controls)
            if lever is None:
                continue
            if any(other.id == lever.id for other in levers):
                problems.append(Problem("lever_repeated", file, field="id", value=lever.id))
            levers.append(lever)
    _conflicts(levers, problems)
    return tuple(sorted(levers, key=lambda lever: OPS.index(lever.op)))


def _conflicts(levers: Sequence[Lever], problems: list[Problem]) -> None:
    """Report levers that set the same control: their steps would add up."""
    owner: dict[tuple[str, str], str] = {}
    for lever in levers:
        for member in lever.applies_to or ("",) if lever.op == "set" else ():
            control = (lever.parameter, member)
            if owner.setdefault(control, lever.id) != lever.id:
                details = {"lever": lever.id, "other": owner[control]}
                problems.append(
                    Problem("lever_conflict", lever.file, field=lever.id, value=lever.parameter, details=details)
                )


def _read(
    record: Any, file: str, sources: Sequence[str], problems: list[Problem], controls: Mapping[str, Parameter]
) -> Lever | None:
    before = len(problems)
    if not check_keys(record, KEYS, set(KEYS) - OPTIONAL, file, problems):
        return None
    _check_numbers(record, _NUMBERS, str(record["id"]), file, problems)
    for key in ("applies_to", "technologies"):
        if not isinstance(record[key], list):
            problems.append(Problem("not_a_list", file, field=f"{record['id']}.{key}", value=str(record[key])))
    for key in _TEXTS:
        if not isinstance(record[key], str) or not record[key]:
            problems.append(Problem("empty", file, field=f"{record['id']}.{key}", value=str(record[key])))
    if len(problems) > before:
        return None
    schedule = _schedule(record["schedule"], record["id"], file, problems)
    delivery = _delivery(record["uncertainty"], record["id"], file, problems)
    _references(record, file, sources, problems, controls)
    if check_keys(record["worlds"], WORLDS, WORLDS, file, problems):
        _check_numbers(record["worlds"], WORLDS, f"{record['id']}.worlds", file, problems)
    if len(problems) == before:
        assert schedule is not None and delivery is not None
        lever = Lever(
            **{k: record[k] for k in _TEXTS if k != "grade"},
            minimum=float(record["minimum"]),
            default=float(record["default"]),
            maximum=float(record["maximum"]),
            step=float(record["step"]),
            schedule=schedule,
            worlds={w: float(record["worlds"][w]) for w in WORLDS},
            applies_to=tuple(record["applies_to"]),
            technologies=tuple(record["technologies"]),
            grade=Grade(record["grade"]),
            note_zh=record.get("note_zh", ""),
            note_en=record.get("note_en", ""),
            uncertainty=record["uncertainty"]["dist"],
            delivery=delivery,
            file=file,
        )
        _ranges(lever, problems)
        return lever if len(problems) == before else None
    return None


def _check_numbers(
    found: Mapping[Any, Any], keys: Iterable[Any], place: str, file: str, problems: list[Problem]
) -> bool:
    """Report every value that is not a number; return whether all are."""
    wrong = [k for k in keys if isinstance(found[k], bool) or not isinstance(found[k], int | float)]
    problems.extend(Problem("not_a_number", file, field=f"{place}.{key}", value=str(found[key])) for key in wrong)
    return not wrong


def _schedule(found: Any, lever: str, file: str, problems: list[Problem]) -> Schedule | None:
    if not check_keys(found, ("start", "full", "shape", "table"), ("start", "full", "shape"), file, problems):
        return None
    start, full, shape = found["start"], found["full"], found["shape"]
    if not (isinstance(start, int) and isinstance(full, int) and start < full <= LAST_YEAR):
        details = {"lever": lever, "last": LAST_YEAR}
        problems.append(
            Problem("lever_schedule", file, field=f"{lever}.schedule", value=f"{start}–{full}", details=details)
        )
        return None
    if shape not in SHAPES:
        details = {"refers_to": "shape", "some": ", ".join(SHAPES)}
        problems.append(
            Problem("unknown_choice", file, field=f"{lever}.schedule.shape", value=str(shape), details=details)
        )
        return None
    table = found.get("table", {}) or {}
    if not isinstance(table, dict) or not all(isinstance(year, int) for year in table):
        details = {"lever": lever, "last": LAST_YEAR}
        problems.append(
            Problem("lever_schedule", file, field=f"{lever}.schedule.table", value=str(table), details=details)
        )
        return None
    if not _check_numbers(table, table, f"{lever}.schedule.table", file, problems):
        return None
    points = tuple(sorted((int(y), float(v)) for y, v in table.items()))
    rising = all(a[1] <= b[1] for a, b in itertools.pairwise(points))
    inside = all(start < y < full and 0 <= v <= 1 for y, v in points)
    if (shape == "table") != bool(points) or not (rising and inside):
        details = {"lever": lever, "last": LAST_YEAR}
        problems.append(
            Problem("lever_schedule", file, field=f"{lever}.schedule.table", value=str(table), details=details)
        )
        return None
    return Schedule(start, full, shape, points)


def _delivery(found: Any, lever: str, file: str, problems: list[Problem]) -> tuple[float, float, float] | None:
    if not check_keys(found, ("dist", "low", "mode", "high"), ("dist", "low", "high"), file, problems):
        return None
    if not _check_numbers(found, [k for k in found if k != "dist"], f"{lever}.uncertainty", file, problems):
        return None
    low, high = float(found["low"]), float(found["high"])
    mode = float(found.get("mode", 1.0))
    if found["dist"] not in {"triangular", "uniform"} or not 0 <= low <= mode <= high or low == high:
        details = {
            "refers_to": "triangular, uniform; 0 ≤ low ≤ mode ≤ high",
            "some": "{dist: triangular, low: 0.7, high: 1.1}",
        }
        problems.append(
            Problem("unknown_choice", file, field=f"{lever}.uncertainty", value=str(found), details=details)
        )
        return None
    return low, mode, high


def _references(
    record: Mapping[str, Any],
    file: str,
    sources: Sequence[str],
    problems: list[Problem],
    controls: Mapping[str, Parameter],
) -> None:
    movable = {p.name for p in controls.values() if p.control}
    choices: list[tuple[str, object, Sequence[str] | set[str]]] = [
        ("parameter", record["parameter"], movable),
        ("op", record["op"], OPS),
        ("grade", record["grade"], tuple(Grade.__members__)),
        ("source", record["source"], sources),
        ("source_of_max", record["source_of_max"], sources),
    ]
    if record["parameter"] in movable:
        declared = controls[record["parameter"]]
        members = INDEX[declared.index] if declared.index else ()
        choices += [("applies_to", s, members) for s in record["applies_to"]]
        if declared.index and not record["applies_to"]:
            choices.append(("applies_to", "", members))
        unit = "1" if record["op"] == "scale" else declared.unit
        choices.append(("unit", record["unit"], (unit,)))
    for field, value, allowed in choices:
        if value not in allowed:
            details = {"refers_to": field, "some": ", ".join(sorted(allowed)[:12])}
            problems.append(
                Problem("unknown_choice", file, field=f"{record['id']}.{field}", value=str(value), details=details)
            )


def _ranges(lever: Lever, problems: list[Problem]) -> None:
    for value in (lever.default, *lever.worlds.values()):
        problems.extend(lever.check(value))
    if lever.worlds["current"] != lever.default:
        details = {"lever": lever.id, "default": f"{lever.default:g}"}
        problems.append(Problem("lever_default", lever.file, None, lever.id, f"{lever.worlds['current']:g}", details))
    if not 0 < lever.step <= lever.maximum - lever.minimum:
        details = {"lever": lever.id, "range": f"{lever.maximum - lever.minimum:g}"}
        problems.append(Problem("lever_step", lever.file, None, f"{lever.id}.step", f"{lever.step:g}", details))
    if lever.op == "scale" and lever.minimum <= 0:
        details = {"minimum": "0", "lever": lever.id}
        problems.append(Problem("below_minimum", lever.file, None, lever.id, f"{lever.minimum:g}", details))


def lever_values(
    levers: Sequence[Lever], base: Mapping[str, float], changes: Mapping[str, float] | None = None
) -> Floats:
    """Return the vector of lever values, in the order of the levers.

    Parameters
    ----------
    levers : sequence of Lever
    base : mapping
        Value by lever id; a lever that is absent stands at its default.
    changes : mapping, optional
        Values that replace those of the base.

    Raises
    ------
    DataError
        For every unknown lever and every value outside its range.
    """
    merged = {**base, **(changes or {})}
    known = {lever.id: lever for lever in levers}
    problems = [
        Problem(
            "lever_unknown", "levers", None, name, f"{value:g}", {"lever": name, "some": ", ".join(_near(name, known))}
        )
        for name, value in merged.items()
        if name not in known
    ]
    for name, value in merged.items():
        if name in known:
            problems.extend(known[name].check(value))
    if problems:
        raise DataError(problems)
    return np.array([float(merged.get(lever.id, lever.default)) for lever in levers])


def _near(name: str, known: Mapping[str, Lever]) -> list[str]:
    import difflib

    return difflib.get_close_matches(name, list(known), n=3, cutoff=0.3) or sorted(known)[:3]
