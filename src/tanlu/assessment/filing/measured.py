"""A numeric target that is measured: the office's number where a second person checked it, beside the estimate of the main job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from tanlu.assessment.count_forecast import Outlook
from tanlu.assessment.filing.official import Statement, Statements
from tanlu.assessment.filing.scoring import Physical
from tanlu.assessment.filing.target_state import Change, TargetState
from tanlu.assessment.pace import LIKELY, OPEN
from tanlu.plan import Target

OUTLOOK_OF_STATUS: Final = {
    "met": Outlook.REACHED,
    "on_track": Outlook.LIKELY,
    "at_risk": Outlook.UNCERTAIN,
    "off_track": Outlook.UNLIKELY,
}


def measured_state(target: Target, row: Mapping[str, str], physical: Physical | None, said: Statements) -> TargetState:
    """Return a target that is a cumulative change: the office's number where a second person checked it, and the scoreboard's estimate."""
    scored = _scored(row)
    estimate = None if scored is None or scored.official else scored
    published = scored if scored is not None and scored.official else None
    verified = _newest(published, _stated(said.verified))
    reported = _newest(verified, _stated(said.filed)) or estimate
    decided = verified is not None and verified.year >= target.deadline
    # what has happened has no chance any more
    chance = None if decided or not row.get("probability") else float(row["probability"])
    latest = verified or reported
    needed = (
        None
        if latest is None
        else _yearly_change(float(target.value or 0), latest.value, target.deadline - latest.year)
    )
    # an invented number is no official one, whoever checked it
    demonstration = any(s.demonstration for s in (said.verified, said.filed) if s is not None)
    return TargetState(
        target,
        "scoreboard",
        None if reported is None else reported.value,
        None if verified is None else verified.value,
        _outlook_of(target, row, chance, verified),
        chance,
        needed,
        tuple(_changes_measured(target, physical, None if decided else estimate, verified, said, needed)),
        target.unit,
        "A" if verified is not None and not demonstration else "D",
        _source_of(verified or reported, physical),
        target.indicator,
        year_reported=None if reported is None else reported.year,
        year_verified=None if verified is None else verified.year,
        demonstration=demonstration,
    )


@dataclass(frozen=True, slots=True)
class _Reading:
    """A cumulative change [%] of a year; ``filing`` is empty where it comes from the scoreboard."""

    year: int
    value: float
    official: bool
    filing: str = ""


def _scored(row: Mapping[str, str]) -> _Reading | None:
    if not row.get("value") or not row.get("as_of"):
        return None
    return _Reading(int(row["as_of"]), float(row["value"]), not row.get("reason", "").startswith("physical"))


def _stated(said: Statement | None) -> _Reading | None:
    return None if said is None else _Reading(said.year, float(said.value), True, said.filing)


def _newest(*found: _Reading | None) -> _Reading | None:
    """Return the change of the last year; of the same year the later argument."""
    known = [change for change in found if change is not None]
    return max(reversed(known), key=lambda change: change.year, default=None)


def _source_of(used: _Reading | None, physical: Physical | None) -> str:
    if used is not None and used.filing:
        return f"filing:{used.filing}"
    return f"run:{physical.run}" if physical else ""


def _outlook_of(target: Target, row: Mapping[str, str], chance: float | None, verified: _Reading | None) -> Outlook:
    if verified is not None and verified.year == target.deadline:
        return Outlook.REACHED if _met(target, verified.value) else Outlook.MISSED
    found = OUTLOOK_OF_STATUS.get(row.get("status", ""), Outlook.INSUFFICIENT)
    if chance is not None and found not in (Outlook.REACHED, Outlook.INSUFFICIENT):
        return _of_chance(chance)
    return found


def _met(target: Target, value: float) -> bool:
    wanted = float(target.value or 0)
    return value >= wanted if target.operator == ">=" else value <= wanted


def _changes_measured(
    target: Target, physical: Physical | None, estimate: _Reading | None, verified: _Reading | None, said: Statements, needed: float | None
) -> Iterator[Change]:  # fmt: skip
    waiting = said.filed if said.filed is not None and said.filed != said.verified else None
    if physical is None:
        yield Change("run", {})
    if waiting is not None:
        yield Change("check_official", {"year": str(waiting.year), "value": f"{waiting.value.normalize():f}"})
    elif verified is None and estimate is not None:
        yield Change("official", {"year": str(estimate.year)})
    if verified is not None and estimate is not None:
        yield Change("estimate", {"year": str(estimate.year), "value": f"{estimate.value:.1f}"})
    if needed is not None:
        yield Change("change", {"needed": f"{needed:.1f}", "due": str(target.deadline)})


def _yearly_change(required: float, value: float, years: int) -> float | None:
    """Return the change [%/yr] in each year left that leads from a cumulative change to the required one; None where no year is left."""
    if years <= 0:
        return None
    ratio = (1 + required / 100) / (1 + value / 100)
    return float(100 * (ratio ** (1 / years) - 1))


def _of_chance(chance: float) -> Outlook:
    return Outlook.LIKELY if chance >= LIKELY else Outlook.UNLIKELY if chance < OPEN else Outlook.UNCERTAIN
