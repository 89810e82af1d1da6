"""What has changed since last month: two kept runs compared, and what came in between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select

from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.public.digest import Amount, Digest, digest
from tanlu.portal.service import RunInfo, Workspace
from tanlu.portal.session.identity import Identity
from tanlu.programme.cycle import Project

MONTH: Final = timedelta(days=28)
SMALLEST: Final = 1e-4
"""Relative change of a total below which it counts as the same: figures are shown to about three digits."""
SCOPES: Final = ("co2", "ghg_AR5", "land", "imports")
HIDDEN: Final = ("contracting", "signed")
"""States of projects that are not public yet."""


@dataclass(frozen=True, slots=True)
class Turned:
    """A target that stands elsewhere than before; ``before`` is empty if it was not there."""

    target: str
    zh: str
    en: str
    before: str
    after: str
    id: str

    def name(self, language: str) -> str:
        """Return its name in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Revised:
    """A total that was revised: in how many years, and the year revised most."""

    scope: str
    years: int
    year: int
    before: Amount
    after: Amount


@dataclass(frozen=True, slots=True)
class FactorChange:
    """A factor that came in, went out, or has another value."""

    kind: str
    zh: str
    en: str
    id: str

    def name(self, language: str) -> str:
        """Return its name in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything between two runs.

    Parameters
    ----------
    before, after : Digest
    targets, totals, factors
        What differs.
    peak : tuple or None
        Peak year and probability of the reference scenario before and after, if one of them differs.
    alerts : int or None
        Alerts raised since the earlier run; None without monitoring.
    projects : tuple of (id, zh, en) or None
        Projects begun since; None without a system of record.
    """

    before: Digest
    after: Digest
    targets: tuple[Turned, ...]
    totals: tuple[Revised, ...]
    factors: tuple[FactorChange, ...]
    peak: tuple[tuple[int | None, float | None], tuple[int | None, float | None]] | None
    alerts: int | None = None
    projects: tuple[tuple[str, str, str], ...] | None = None

    @property
    def nothing(self) -> bool:
        """Whether nothing has changed."""
        return not (self.targets or self.totals or self.factors or self.peak or self.alerts or self.projects)


def earlier_run(runs: Sequence[RunInfo], latest: str) -> str:
    """Return the run to compare with: the youngest that is four weeks older, else the oldest; empty if there is no other.

    Parameters
    ----------
    runs : sequence of RunInfo
        The youngest first.
    latest : str
        Id of the run that is shown.
    """
    shown = next(r for r in runs if r.run_id == latest)
    others = [r for r in runs if r.province == shown.province and r.created < shown.created and r.run_id != latest]
    old = [r for r in others if _moment(shown.created) - _moment(r.created) >= MONTH]
    found = old[:1] or others[-1:]
    return found[0].run_id if found else ""


def compare(before: Digest, after: Digest, reference: str) -> Changes:
    """Return what differs between two runs; ``reference`` is the scenario whose peak is told."""
    turned = tuple(
        Turned(t, s.zh, s.en, before.targets[t].status if t in before.targets else "", s.status, s.id)
        for t, s in after.targets.items()
        if t not in before.targets or before.targets[t].status != s.status
    )
    peaks = before.peaks.get(reference), after.peaks.get(reference)
    peak = (peaks[0], peaks[1]) if peaks[0] is not None and peaks[1] is not None and peaks[0] != peaks[1] else None
    return Changes(before, after, turned, tuple(_revised(before, after)), tuple(_factors(before, after)), peak)


def _revised(before: Digest, after: Digest) -> list[Revised]:
    found = []
    for scope in SCOPES:
        both = [
            (y, before.totals[(s, y)], a)
            for (s, y), a in after.totals.items()
            if s == scope and (s, y) in before.totals
        ]
        moved = [(_relative(b, a), y, b, a) for y, b, a in both if _relative(b, a) > SMALLEST]
        if moved:
            _, year, was, is_now = max(moved, key=lambda m: (m[0], m[1]))
            found.append(Revised(scope, len(moved), year, was, is_now))
    return found


def _relative(before: Amount, after: Amount) -> float:
    size = max(abs(before.value), abs(after.value))
    return abs(after.value - before.value) / size if size else 0.0


def _factors(before: Digest, after: Digest) -> list[FactorChange]:
    found = []
    for node_id, factor in after.factors.items():
        known = before.factors.get(node_id)
        if known is None or (known.value, known.unit) != (factor.value, factor.unit):
            found.append(FactorChange("new" if known is None else "value", factor.zh, factor.en, node_id))
    gone = (i for i in before.factors if i not in after.factors)
    return found + [FactorChange("gone", before.factors[i].zh, before.factors[i].en, "") for i in gone]


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class ChangeDesk:
    """Tells what has changed in a workspace.

    Parameters
    ----------
    workspace : Workspace
    identity : Identity
        Its system of record, if it has one.
    """

    def __init__(self, workspace: Workspace, identity: Identity) -> None:
        self.workspace, self.identity = workspace, identity
        self.monitoring = Monitoring(workspace.folder)

    def since(self, latest: str, reference: str) -> Changes | None:
        """Return what has changed up to a run (its folder's name), or None if there is none before it that can be compared."""
        earlier = earlier_run(self.workspace.runs(), latest)
        if not earlier:
            return None
        folder = self.workspace.folder / "results"
        try:
            found = compare(digest(folder / earlier), digest(folder / latest), reference)
        except (OSError, KeyError, ValueError):
            # a run of another version may lack a table or a column; the run that is shown was checked when it was loaded
            return None
        moment = _moment(found.before.created)
        told = (found.before, found.after, found.targets, found.totals, found.factors, found.peak)
        return Changes(*told, self._alerts(moment), self._projects(moment))

    def _alerts(self, since: datetime) -> int | None:
        if not self.monitoring.exists:
            return None
        return sum(item.at >= since.timestamp() * 1_000_000 for item in self.monitoring.alerts().items())

    def _projects(self, since: datetime) -> tuple[tuple[str, str, str], ...] | None:
        if not self.identity.present:
            return None
        statement = (
            select(Project.id, Project.zh, Project.en)
            .where(Project.start >= since.date(), Project.state.not_in(HIDDEN))
            .order_by(Project.number)
        )
        with self.identity.records.database.read() as session:
            return tuple((row.id, row.zh, row.en) for row in session.execute(statement))
