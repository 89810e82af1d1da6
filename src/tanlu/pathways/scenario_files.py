"""Scenarios as small YAML files: what is chosen, with which model and data, by whom; read with all errors at once, written in one step."""

from __future__ import annotations

import dataclasses
import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from tanlu import __version__
from tanlu.core.errors import DataError, Notice, Problem
from tanlu.core.hashing import hash_json
from tanlu.core.province import check_keys, read_yaml
from tanlu.pathways.data import PathwayData
from tanlu.pathways.dimensions import LAST_YEAR
from tanlu.pathways.levers import Schedule, lever_values

FOLDER: Final = "scenarios"
"""Folder of saved scenarios in a workspace."""
KEYS: Final = (
    "name", "base", "growth", "levers", "schedules", "seed", "model_version", "data_hash", "author", "created", "note",
)  # fmt: skip
REQUIRED: Final = ("name", "base", "growth")
NAME: Final = re.compile(r"\w[\w\-. ]{0,58}\w|\w")
"""Letters of any script, digits, hyphen, dot, blank; it is the name of the file too."""
DIGITS: Final = 12
"""Decimals to which the value of a lever is kept."""
SEED: Final = 7


@dataclass(frozen=True)
class Setting:
    """What a scenario runs: a world, a growth case, and what differs from the world.

    Attributes
    ----------
    base, growth : str
    levers : mapping
        Value by lever id, in the unit of the lever; a lever that is absent stands where the world has it.
    schedules : mapping
        (start, full) by lever id: years between which the lever comes into force, in place of those of its record.
    """

    base: str
    growth: str
    levers: Mapping[str, float] = dataclasses.field(default_factory=dict)
    schedules: Mapping[str, tuple[int, int]] = dataclasses.field(default_factory=dict)

    def changed(self, data: PathwayData) -> Setting:
        """Return the same setting without what the world says already, in the order of the ids: one form for one meaning."""
        known = {lever.id: lever for lever in data.every}
        levers = {k: round(float(v), DIGITS) + 0.0 for k, v in sorted(self.levers.items())}
        kept = {k: v for k, v in levers.items() if k not in known or v != known[k].worlds.get(self.base)}
        spans = {
            k: (int(v[0]), int(v[1]))
            for k, v in sorted(self.schedules.items())
            if k not in known or tuple(v) != (known[k].schedule.start, known[k].schedule.full)
        }
        return Setting(self.base, self.growth, kept, spans)

    def problems(self, data: PathwayData, file: str) -> list[Problem]:
        """Return everything that is wrong with the setting: world, growth case, levers, ranges, schedules."""
        out: list[Problem] = []
        if self.base not in data.worlds:
            some = {"some": ", ".join(data.worlds)}
            out.append(Problem("unknown_world", file, None, "base", self.base, some))
        cases = list(dict.fromkeys(point.case for point in data.growth))
        if self.growth not in cases:
            out.append(Problem("unknown_growth", file, None, "growth", self.growth, {"some": ", ".join(cases)}))
        try:
            lever_values(data.every, {}, self.levers)
        except DataError as error:
            out += [dataclasses.replace(p, file=file, field=p.field or p.value) for p in error.problems]
        return out + self.schedule_problems(data, file)

    def schedule_problems(self, data: PathwayData, file: str) -> list[Problem]:
        """Return what is wrong with the schedules: an unknown lever, an end before the start, years outside the model."""
        out: list[Problem] = []
        known = {lever.id for lever in data.every}
        # before the first year of any lever lies the base year, which is the inventory's
        first = min((lever.schedule.start for lever in data.levers), default=LAST_YEAR)
        for lever, (start, full) in self.schedules.items():
            if lever not in known:
                some = {"lever": lever, "some": ", ".join(sorted(known)[:3])}
                out.append(Problem("lever_unknown", file, None, f"schedules.{lever}", lever, some))
            if not first <= start < full <= LAST_YEAR:
                details = {"lever": lever, "first": first, "last": LAST_YEAR}
                out.append(Problem("scenario_schedule", file, None, f"schedules.{lever}", f"{start}–{full}", details))
        return out

    def scheduled(self, data: PathwayData) -> PathwayData:
        """Return the data with the schedules of the setting in its levers."""
        if not self.schedules:
            return data

        def moved(schedule: Schedule, start: int, full: int) -> Schedule:
            # points of a table keep their place between start and full
            scale = (full - start) / (schedule.full - schedule.start)
            table = tuple((round(start + (y - schedule.start) * scale), v) for y, v in schedule.table)
            return Schedule(start, full, schedule.shape, table)

        levers, side = (
            tuple(
                dataclasses.replace(lever, schedule=moved(lever.schedule, *self.schedules[lever.id]))
                if lever.id in self.schedules
                else lever
                for lever in own
            )
            for own in (data.levers, data.side)
        )
        return dataclasses.replace(data, levers=levers, side=side)


@dataclass(frozen=True)
class ScenarioFile:
    """A scenario with its provenance.

    ``data_hash`` is that of `data_hash`; ``model_version`` the version of the package; both are empty in a file that does not say.
    """

    name: str
    setting: Setting
    seed: int = SEED
    model_version: str = ""
    data_hash: str = ""
    author: str = ""
    created: str = ""
    note: str = ""

    def as_record(self) -> dict[str, Any]:
        """Return the content of the file; what is empty is left out."""
        setting = self.setting
        record: dict[str, Any] = {
            "name": self.name, "base": setting.base, "growth": setting.growth, "levers": dict(setting.levers),
            "schedules": {k: {"start": a, "full": b} for k, (a, b) in setting.schedules.items()}, "seed": self.seed,
            "model_version": self.model_version, "data_hash": self.data_hash, "author": self.author,
            "created": self.created, "note": self.note,
        }  # fmt: skip
        kept = {"name", "base", "growth", "levers", "seed"}
        return {k: v for k, v in record.items() if v or k in kept}

    def as_yaml(self) -> str:
        """Return the text of the file."""
        return yaml.safe_dump(self.as_record(), sort_keys=False, allow_unicode=True, width=120)


def data_hash(data: PathwayData, history: Sequence[float]) -> str:
    """Return hashes of what decides the answer, part by part, so that two can be compared: ``levers:… parameters:… …``.

    Parameters
    ----------
    data : PathwayData
        Notes and sources do not count, numbers do.
    history : sequence of float
        CO2 of the inventory years, Mt.
    """
    parts = {
        "levers": [
            [
                x.id, x.parameter, x.op, x.minimum, x.default, x.maximum, dict(x.worlds), list(x.applies_to),
                dataclasses.astuple(x.schedule),
            ]
            for x in sorted(data.every, key=lambda lever: lever.id)
        ],
        "parameters": sorted([*key, value.value] for key, value in data.parameters.values.items()),
        "growth": sorted([p.case, p.variable, p.year, p.value] for p in data.growth),
        "inventory": [round(float(v), 6) for v in history],
    }  # fmt: skip
    return " ".join(f"{name}:{hash_json(content)[:8]}" for name, content in parts.items())


def differing_parts(one: str, two: str) -> list[str]:
    """Return the parts in which two data hashes differ; ``all`` where they have no part in common."""
    a, b = (dict(p.partition(":")[::2] for p in text.split()) for text in (one, two))
    common = [name for name in b if name in a]
    return [name for name in common if a[name] != b[name]] if common else ["all"]


def read_scenario(path: Path, data: PathwayData, present_hash: str = "", *, migrate: bool = False) -> ScenarioFile:
    """Read and check a scenario file.

    Parameters
    ----------
    path : Path
    data : PathwayData
    present_hash : str
        Hash of the present data; without it the file is not compared with them.
    migrate : bool
        Whether a file of another version is taken over, see `migrated`.

    Raises
    ------
    DataError
        With every problem: unknown keys, world, growth case, levers, values outside their ranges, schedules that end before they start,
        another model or data version and what differs.
    """
    problems: list[Problem] = []
    root = path.parent
    content = read_yaml(path, root, problems)
    if problems:
        raise DataError(problems)
    found = parse_scenario(content, path.name, problems, data)
    if found is not None and migrate:
        return migrated(found, data, present_hash)[0]
    problems += [] if found is None else differences(found, present_hash, path.name)
    problems += [] if found is None else found.setting.problems(data, path.name)
    if found is None or problems:
        raise DataError(problems)
    return dataclasses.replace(found, setting=found.setting.changed(data))


def parse_scenario(
    content: Any, file: str, problems: list[Problem], data: PathwayData | None = None
) -> ScenarioFile | None:
    """Return a scenario from the content of its file; problems of form are appended and None returned.

    With ``data``, what can be read of a file with such problems is checked as well, so that all its errors are told at once.
    """
    before = len(problems)
    check_keys(content, KEYS, REQUIRED, file, problems)
    if not isinstance(content, dict):
        return None
    texts = {
        k: _text(content.get(k))
        for k in ("name", "base", "growth", "model_version", "data_hash", "author", "created", "note")
    }
    problems += [Problem("empty", file, None, key) for key in REQUIRED if key in content and not texts[key]]
    if texts["name"]:
        problems += name_problems(texts["name"], file)
    seed = _year(content.get("seed", SEED), file, "seed", problems)
    setting = Setting(
        texts.pop("base"), texts.pop("growth"), _levers(content, file, problems), _spans(content, file, problems)
    )
    if len(problems) == before:
        return ScenarioFile(setting=setting, seed=seed or 0, **texts)
    if data is not None:
        told = setting.problems(data, file)
        problems += [p for p in told if p.field not in REQUIRED or p.value]
    return None


def _levers(content: Mapping[str, Any], file: str, problems: list[Problem]) -> dict[str, float]:
    found = _mapping(content, "levers", file, problems)
    values = {k: _number(v, file, f"levers.{k}", problems) for k, v in found.items()}
    return {k: v for k, v in values.items() if v is not None}


def _spans(content: Mapping[str, Any], file: str, problems: list[Problem]) -> dict[str, tuple[int, int]]:
    out = dict[str, tuple[int, int]]()
    for lever, span in _mapping(content, "schedules", file, problems).items():
        told = list[Problem]()
        if check_keys(span, ("start", "full"), ("start", "full"), file, told):
            start, full = (_year(span[end], file, f"schedules.{lever}.{end}", problems) for end in ("start", "full"))
            if start is not None and full is not None:
                out[lever] = start, full
        problems += [dataclasses.replace(p, field=f"schedules.{lever}.{p.field}") for p in told]
    return out


def name_problems(name: str, file: str) -> list[Problem]:
    """Return a problem if a name cannot be that of a scenario."""
    return (
        [] if NAME.fullmatch(name) and ".." not in name else [Problem("scenario_name", file, None, "name", name[:80])]
    )


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip()


def _mapping(content: Mapping[str, Any], key: str, file: str, problems: list[Problem]) -> dict[str, Any]:
    found = content.get(key) or {}
    if not isinstance(found, dict):
        problems.append(Problem("scenario_mapping", file, None, key, str(found)[:60]))
        return {}
    return {str(k): v for k, v in found.items()}


def _number(value: Any, file: str, field: str, problems: list[Problem]) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        problems.append(Problem("not_a_number", file, None, field, str(value)[:60]))
        return None
    return float(value)


def _year(value: Any, file: str, field: str, problems: list[Problem]) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int):
        problems.append(Problem("not_an_integer", file, None, field, str(value)[:60]))
        return None
    if value < 0:
        problems.append(Problem("below_minimum", file, None, field, str(value)[:60], {"minimum": "0"}))
        return None
    return value


def differences(file: ScenarioFile, present_hash: str, name: str) -> list[Problem]:
    """Return in what the model and the data of a scenario differ from the present ones; none where the file does not say."""
    out = []
    if present_hash and file.model_version and file.model_version != __version__:
        out.append(
            Problem("scenario_version", name, None, "model_version", file.model_version, {"present": __version__})
        )
    if present_hash and file.data_hash and file.data_hash != present_hash:
        from tanlu.core.messages import translate

        parts = differing_parts(file.data_hash, present_hash)
        said = {
            f"parts_{lang}": "、,"[lang == "en"].join(translate(f"pathways.part.{p}", lang) for p in parts)
            for lang in ("zh", "en")
        }
        said["parts_en"] = said["parts_en"].replace(",", ", ")
        out.append(Problem("scenario_data", name, None, "data_hash", file.data_hash, said))
    return out


def migrated(file: ScenarioFile, data: PathwayData, present_hash: str) -> tuple[ScenarioFile, tuple[Notice, ...]]:
    """Return a scenario of another version as one of this version, and what had to change.

    Levers that are no more are left out, values outside a range go to its nearest end, schedules that cannot be are left out; the name and
    the seed stay, version and hash become the present ones.

    Raises
    ------
    DataError
        If the world or the growth case is unknown: there is nothing near to it.
    """
    known = {lever.id: lever for lever in data.every}
    levers, notices = dict[str, float](), list[Notice]()
    for name, value in file.setting.levers.items():
        if name not in known:
            notices.append(Notice("scenario_lever_gone", f"{file.name}.yaml", {"lever": name, "value": f"{value:g}"}))
            continue
        near = min(max(value, known[name].minimum), known[name].maximum)
        if near != value:
            details = {"lever": name, "value": f"{value:g}", "near": f"{near:g}"}
            notices.append(Notice("scenario_lever_moved", f"{file.name}.yaml", details))
        levers[name] = near
    alone = {k: Setting(file.setting.base, file.setting.growth, {}, {k: v}) for k, v in file.setting.schedules.items()}
    spans = {k: file.setting.schedules[k] for k, one in alone.items() if not one.schedule_problems(data, "")}
    notices += [
        Notice("scenario_schedule_gone", f"{file.name}.yaml", {"lever": k})
        for k in file.setting.schedules
        if k not in spans
    ]
    setting = Setting(file.setting.base, file.setting.growth, levers, spans)
    problems = setting.problems(data, f"{file.name}.yaml")
    if problems:
        raise DataError(problems)
    fresh = dataclasses.replace(file, setting=setting.changed(data), model_version=__version__, data_hash=present_hash)
    return fresh, tuple(notices)


def read_folder(folder: Path, data: PathwayData) -> tuple[dict[str, ScenarioFile], list[Problem]]:
    """Return the scenarios of a folder by name, and what is wrong with those that cannot be read.

    A file of another version is read as it is: `differences` says what differs.
    """
    found: dict[str, ScenarioFile] = {}
    problems: list[Problem] = []
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        content = read_yaml(path, folder, problems)
        file = parse_scenario(content, path.name, problems) if content is not None else None
        if file is None:
            continue
        first = places.setdefault(file.name.casefold(), path.name)
        if first != path.name:
            problems.append(Problem("scenario_repeated", path.name, None, "name", file.name, {"other": first}))
            continue
        found[file.name] = file
    return found, problems


def write_scenario(folder: Path, file: ScenarioFile, data: PathwayData) -> Path:
    """Write a scenario into a folder, whole or not at all, and return its path.

    Raises
    ------
    DataError
        If the name is not one, the setting is not sound, or a scenario of this name is there already; nothing is written then.
    """
    name = f"{file.name}.yaml"
    problems = [*name_problems(file.name, name), *file.setting.problems(data, name)]
    if file.name.casefold() in {known.casefold() for known in read_folder(folder, data)[0]}:
        problems.append(Problem("scenario_exists", name, None, "name", file.name))
    if problems:
        raise DataError(problems)
    folder.mkdir(parents=True, exist_ok=True)
    path, part = folder / name, folder / f".{os.getpid()}-{hash_json(file.as_record())[:12]}.part"
    try:
        with part.open("w", encoding="utf-8", newline="\n") as out:
            out.write(file.as_yaml())
            out.flush()
            os.fsync(out.fileno())
        # a link is made only if the name is free, so of two who save at once one is told
        os.link(part, path)
    except FileExistsError:
        raise DataError([Problem("scenario_exists", name, None, "name", file.name)]) from None
    finally:
        part.unlink(missing_ok=True)
    return path
