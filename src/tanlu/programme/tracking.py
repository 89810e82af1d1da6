"""Tracking of a running project: green, amber or red, each with its cause; extensions; the verdict at its end.

A signal is the worst of its causes. The limits are those of the rule given by the caller (a rule pack), not of the code.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import IntEnum, StrEnum


class Colour(IntEnum):
    """A signal, worst last."""

    GREEN = 0
    AMBER = 1
    RED = 2


@dataclass(frozen=True, slots=True)
class Milestone:
    """A milestone: when it is due, when its evidence was accepted, and what part of the money it releases [%]."""

    id: str
    due: date
    accepted: date | None = None
    pays: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Kpi:
    """A target of the contract, frozen with its version.

    Parameters
    ----------
    id : str
    baseline, target : Decimal
        The direction is from baseline to target.
    hard : bool
        Whether missing it fails the project.
    reached : Decimal, optional
        Last value with evidence; None when nothing was reported.
    verified : bool
        Whether its evidence was checked by a second person.
    """

    id: str
    baseline: Decimal
    target: Decimal
    hard: bool = False
    reached: Decimal | None = None
    verified: bool = False

    @property
    def progress(self) -> Decimal | None:
        """Share of the way from baseline to target; None when nothing was reported."""
        if self.reached is None:
            return None
        if self.target == self.baseline:
            return Decimal(1) if self.reached == self.target else Decimal(0)
        return (self.reached - self.baseline) / (self.target - self.baseline)

    @property
    def met(self) -> bool:
        """Whether the target is reached with verified evidence."""
        return self.verified and self.progress is not None and self.progress >= 1


@dataclass(frozen=True, slots=True)
class TrackingRule:
    """Limits of the signals.

    Parameters
    ----------
    amber_delay, red_delay : int
        Days by which an open milestone is late.
    amber_spend, red_spend : Decimal
        By how much the share of money spent may lie away from the share of time gone.
    amber_trend, red_trend : Decimal
        By how much the progress of a target may lag behind the share of time gone.
    amber_silence, red_silence : int
        Days since the last report.
    """

    amber_delay: int = 30
    red_delay: int = 90
    amber_spend: Decimal = Decimal("0.25")
    red_spend: Decimal = Decimal("0.5")
    amber_trend: Decimal = Decimal("0.25")
    red_trend: Decimal = Decimal("0.5")
    amber_silence: int = 120
    red_silence: int = 240


@dataclass(frozen=True, slots=True)
class RunningProject:
    """What a signal is made from."""

    start: date
    end: date
    milestones: tuple[Milestone, ...]
    kpis: tuple[Kpi, ...]
    paid: Decimal
    spent: Decimal
    last_report: date | None


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a signal is not green: the rule, what it looked at, the value seen and the limit it passed."""

    rule: str
    subject: str
    seen: Decimal
    limit: Decimal
    colour: Colour


def time_share(project: RunningProject, on: date) -> Decimal:
    """Return the share of the project's time that is gone, in [0, 1]."""
    whole = (project.end - project.start).days
    return min(Decimal(1), max(Decimal(0), Decimal((on - project.start).days) / whole)) if whole > 0 else Decimal(1)


def signal(project: RunningProject, on: date, rule: TrackingRule | None = None) -> tuple[Colour, list[Cause]]:
    """Return the signal of a project and its causes, worst first."""
    rule = rule or TrackingRule()
    gone = time_share(project, on)
    seen: list[tuple[str, str, Decimal, Decimal, Decimal]] = []
    for milestone in project.milestones:
        if milestone.accepted is None:
            late = Decimal((on - milestone.due).days)
            seen.append(("milestone_late", milestone.id, late, Decimal(rule.amber_delay), Decimal(rule.red_delay)))
    if project.paid > 0:
        # of the money that was paid, which is released by milestones, not of the whole grant
        away = abs(project.spent / project.paid - gone)
        seen.append(("spending_off", "", away, rule.amber_spend, rule.red_spend))
    for kpi in project.kpis:
        lag = gone - min(Decimal(1), kpi.progress or Decimal(0))
        seen.append(("target_lags", kpi.id, lag, rule.amber_trend, rule.red_trend))
    silent = Decimal((on - (project.last_report or project.start)).days)
    seen.append(("report_missing", "", silent, Decimal(rule.amber_silence), Decimal(rule.red_silence)))
    causes = [
        Cause(name, subject, value, red if value > red else amber, Colour.RED if value > red else Colour.AMBER)
        for name, subject, value, amber, red in seen
        if value > amber
    ]
    causes.sort(key=lambda c: (-c.colour, c.rule, c.subject))
    return max((c.colour for c in causes), default=Colour.GREEN), causes


def payable(milestones: Iterable[Milestone], grant: Decimal, paid: Decimal, colour: Colour) -> Decimal:
    """Return what may be paid now: the parts of accepted milestones less what was paid; nothing while the signal is red [yuan]."""
    if colour is Colour.RED:
        return Decimal(0)
    released = sum((m.pays for m in milestones if m.accepted is not None), Decimal(0))
    return max(Decimal(0), (grant * released / 100 - paid).quantize(Decimal("0.01")))


@dataclass(frozen=True, slots=True)
class ExtensionRule:
    """How often, how long and how early an extension may be asked for."""

    times: int = 1
    months: int = 12
    days_before_end: int = 90


def extension_refusals(
    end: date, wanted: date, asked_on: date, earlier: int, rule: ExtensionRule | None = None
) -> list[str]:
    """Return why an extension is not allowed (``too_often``, ``too_long``, ``too_late``, ``not_later``); empty when it is."""
    rule = rule or ExtensionRule()
    found = []
    if earlier >= rule.times:
        found.append("too_often")
    if wanted <= end:
        found.append("not_later")
    months = (wanted.year - end.year) * 12 + wanted.month - end.month + (wanted.day > end.day)
    if months > rule.months:
        found.append("too_long")
    if (end - asked_on).days < rule.days_before_end:
        found.append("too_late")
    return found


class Result(StrEnum):
    """How a project ends: 通过, 结题, 未通过."""

    ACCEPTED = "accepted"
    CLOSED = "closed"
    FAILED = "failed"


def acceptance(kpis: Sequence[Kpi], *, falsified: bool, excusable: bool) -> tuple[Result, list[str]]:
    """Return the result and the targets it rests on.

    Accepted when every target is met with verified evidence; failed when evidence was falsified or a hard target is missed without an
    excusable cause; otherwise closed without acceptance.

    Parameters
    ----------
    kpis : sequence of Kpi
    falsified : bool
        Whether evidence was found to be falsified.
    excusable : bool
        Whether a panel found that hard targets were missed for a cause outside the project, after diligent work.
    """
    missed = [kpi for kpi in kpis if not kpi.met]
    names = [kpi.id for kpi in missed]
    if falsified:
        return Result.FAILED, names
    if not missed:
        return Result.ACCEPTED, []
    if any(kpi.hard for kpi in missed) and not excusable:
        return Result.FAILED, names
    return Result.CLOSED, names
