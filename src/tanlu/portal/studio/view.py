"""The levers as a page shows them: grouped by action, in units of readers, with ticks of the worlds and what their ranges rest on."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tanlu.charts.energy_units import scale
from tanlu.charts.format import Shown, capital, gap, spaced, subscript
from tanlu.core.errors import DataError
from tanlu.core.messages import translate
from tanlu.core.units import unit_label
from tanlu.pathways import Lever, Model, Setting
from tanlu.pathways.ambition import Level, ambition_levels, level_text
from tanlu.pathways.levers import IN_PERCENT
from tanlu.pathways.parameters import BY_NAME
from tanlu.plan import load_plan


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the track of a slider: the value of a world."""

    world: str
    value: float
    place: float
    """In percent of the track."""


@dataclass(frozen=True, slots=True)
class Slider:
    """A lever as it is shown."""

    lever: Lever
    name: str
    unit: str
    factor: float
    """From the unit of the lever to the unit shown."""
    digits: int
    value: float
    start: int
    full: int
    ticks: tuple[Tick, ...]
    source: tuple[str, str]
    """Title and id."""
    source_of_max: tuple[str, str]
    note: str
    quantity: str
    """What its value is the value of; empty where the name of the lever is all that is said about it."""
    levels: tuple[tuple[Level, str], ...]
    """Levels of ambition and what they mean."""

    @property
    def worlds(self) -> dict[str, float]:
        """Value in each world."""
        return dict(self.lever.worlds)

    @property
    def gap(self) -> str:
        """What stands between a figure and the unit."""
        return gap(self.unit)

    def shown(self, value: float) -> str:
        """Return a value in the unit shown."""
        return f"{value * self.factor:,.{self.digits}f}".replace("-", "−")


@dataclass(frozen=True, slots=True)
class Group:
    """The levers of an action of the plan."""

    action: str
    name: str
    sliders: tuple[Slider, ...]


def groups(model: Model, setting: Setting, language: str) -> list[Group]:
    """Return the levers by action, in the order of the plan."""
    names = action_names(model, language)
    by_action: dict[str, list[Lever]] = {}
    for lever in sorted(model.data.every, key=lambda x: x.action):
        by_action.setdefault(lever.action, []).append(lever)
    titles = source_titles(model, language)
    return [
        Group(action, names.get(action, action), tuple(slider(x, setting, titles, language) for x in members))
        for action, members in by_action.items()
    ]


def action_names(model: Model, language: str) -> dict[str, str]:
    """Return the names of the actions of the plan, empty where the province has no plan."""
    return {a: zh if language == "zh" else en for a, (zh, en) in _action_names(model.province.folder).items()}


@lru_cache(maxsize=4)
def _action_names(folder: Path) -> dict[str, tuple[str, str]]:
    try:
        return {a.id: (a.zh, a.en) for a in load_plan(folder).actions()}
    except DataError:
        return {}


def source_titles(model: Model, language: str) -> Mapping[str, str]:
    """Return the titles of the sources by id."""
    known = model.sources
    return {k: s.title_zh if language == "zh" else s.title_en for k, s in known.items()}


def lever_scale(unit: str, language: str) -> tuple[float, str]:
    """Return the factor to the unit in which levers of ``unit`` are shown in a language, and that unit."""
    if unit == "GW":
        factor, shown = scale("MW", language)
        return factor * 1e3, shown
    factor = 100.0 if unit in IN_PERCENT else 1.0
    return factor, subscript(unit_label(IN_PERCENT.get(unit, unit), language))


def slider(lever: Lever, setting: Setting, titles: Mapping[str, str], language: str) -> Slider:
    """Return a lever as it is shown."""
    factor, label = lever_scale(lever.unit, language)
    step = lever.step * factor
    digits = max(0, min(4, math.ceil(-math.log10(step) - 1e-9))) if step > 0 else 0
    start, full = setting.schedules.get(lever.id, (lever.schedule.start, lever.schedule.full))

    def amount(value: float) -> str:
        return str(Shown(f"{value * factor:,.{digits}f}".replace("-", "−"), label))

    levels = tuple((x, subscript(level_text(lever, x, amount, language))) for x in ambition_levels(lever))
    return Slider(
        lever, subscript(lever.name(language)), label, factor, digits,
        setting.levers.get(lever.id, lever.worlds[setting.base]), start, full, ticks(lever),
        (titles.get(lever.source, lever.source), lever.source), (titles.get(lever.source_of_max, lever.source_of_max), lever.source_of_max),
        spaced(subscript(lever.note_zh if language == "zh" else lever.note_en)),
        quantity(lever, language), levels,
    )  # fmt: skip


def quantity(lever: Lever, language: str) -> str:
    """Return what the value of a lever is the value of."""
    declared = BY_NAME.get(lever.parameter)
    if declared is None:
        return ""
    return capital(spaced(subscript(declared.zh if language == "zh" else declared.en)))


def ticks(lever: Lever) -> tuple[Tick, ...]:
    """Return the marks of the worlds on the track."""
    span = lever.maximum - lever.minimum
    return tuple(
        Tick(w, v, round(100 * (v - lever.minimum) / span, 2) if span > 0 else 0.0) for w, v in lever.worlds.items()
    )


def level_words(worlds: Sequence[str], names: Mapping[str, str], language: str) -> dict[str, str]:
    """Return the words by which a page says where a lever stands between the worlds."""
    words = {f"at:{w}": names[w] for w in worlds}
    pairs = [(a, b) for i, a in enumerate(worlds) for b in worlds[i + 1 :]]
    words |= {
        f"between:{a}:{b}": translate("portal.studio.level.between", language, one=names[a], two=names[b])
        for a, b in pairs
    }
    words |= {f"beyond:{w}": translate("portal.studio.level.beyond", language, world=names[w]) for w in worlds}
    return {key: capital(text) for key, text in words.items()}
