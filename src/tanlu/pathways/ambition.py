"""Four levels of ambition for a lever, in plain words: what they are follows from the range, the worlds and the sources of its record.

Level 1 is where the frozen world has the lever, level 2 the policy in force, level 3 the plan, level 4 the end of the range on the
side of the plan, whose source the record names (``source_of_max``). Four levels of ambition are the habit of the 2050 Calculator of the
United Kingdom (DECC 2010); here worlds of the model stand in place of its panels of experts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tanlu.core.messages import translate
from tanlu.pathways.levers import Lever

WORLDS: Final = ("frozen", "current", "plan")
_SAME: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Level:
    """A level: its number, the value of the lever in its unit, where that comes from, and the level of the same value before it."""

    number: int
    value: float
    source: str
    same_as: int = 0


def ambition_levels(lever: Lever) -> tuple[Level, ...]:
    """Return the levels 1 to 4 of a lever.

    A lever whose plan stands where the frozen world has it has its far end where the policy in force points; one that no world moves,
    at its maximum.
    """
    frozen, current, plan = (lever.worlds[w] for w in WORLDS)
    direction = next((d for d in (plan - frozen, current - frozen) if abs(d) > _SAME), 1.0)
    end, source = (lever.maximum, lever.source_of_max) if direction > 0 else (lever.minimum, lever.source)
    out: list[Level] = []
    for number, (value, of) in enumerate(
        [(frozen, lever.source), (current, lever.source), (plan, lever.source), (end, source)], 1
    ):
        before = next((x.number for x in out if abs(x.value - value) <= _SAME), 0)
        out.append(Level(number, value, of, before))
    return tuple(out)


def level_text(lever: Lever, level: Level, amount: Callable[[float], str], language: str) -> str:
    """Return what a level means.

    Parameters
    ----------
    lever : Lever
    level : Level
    amount : callable
        Gives a value of the lever, without its sign, as text with its unit.
    language : {"zh", "en"}
    """
    shown = amount(abs(level.value) if lever.op == "add" else level.value)
    words = {"name": lever.name(language), "amount": shown}
    if lever.op == "add":
        sign = translate(f"pathways.level.sign.{'up' if level.value >= 0 else 'down'}", language)
        value = translate("pathways.level.added", language, sign=sign, **words)
    else:
        key = {"set": "of", "scale": "times", "cap": "capped"}[lever.op]
        value = translate(f"pathways.level.{key}", language, **words)
    meaning = translate(f"pathways.level.{level.number}", language)
    if level.same_as:
        return translate("pathways.level.same", language, meaning=meaning, other=level.same_as, value=value)
    return translate("pathways.level.text", language, meaning=meaning, full=lever.schedule.full, value=value)
