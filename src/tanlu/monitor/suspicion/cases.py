"""From verdicts to ranked cases: one p-value by enterprise, the false discovery rate, evidence in words and numbers."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.desk import Desk, Workflow
from tanlu.monitor.period import read_period, scan_readings
from tanlu.monitor.schema import day_name
from tanlu.monitor.suspicion.collection import Outcome, outcomes
from tanlu.monitor.suspicion.probability import cauchy_combination, false_discovery_rate

if TYPE_CHECKING:
    from tanlu.monitor.catalog import Catalog
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.registry import Registry

VERSION: Final = "2026-11-1"
"""Of the tests and their weights."""
USUAL_RATE: Final = 0.10
"""False discovery rate at which cases are opened: of ten cases one may be honest."""
_SHOWN: Final = 0.01
"""p-value below which a test is told as evidence; the strongest one always is."""
_EXCERPT: Final = 96
REASONS: Final = frozenset({"confirmed", "explained", "false_alarm", "instrument"})
WORKFLOW: Final = Workflow(
    "open",
    {
        ("open", "take"): "in_review",
        ("open", "note"): "open",
        ("in_review", "note"): "in_review",
        ("open", "close"): "closed",
        ("in_review", "close"): "closed",
        ("closed", "reopen"): "open",
    },
    {"close": REASONS},
)
"""States of a case; closing needs a reason."""


@dataclass(frozen=True)
class Evidence:
    """One test that a case rests on.

    Parameters
    ----------
    test : str
    meters : tuple of str
    p, value, low, high : float
        p-value, statistic, and the interval expected of honest ones (nan: open).
    start, end : int
        Spell that it is about [s UTC].
    excerpt : tuple of float
        Values of the spell, nan where there is none.
    excerpt_start, excerpt_step : int
        First stamp and interval of the excerpt [s].
    """

    test: str
    meters: tuple[str, ...]
    p: float
    value: float
    low: float
    high: float
    start: int
    end: int
    excerpt: tuple[float, ...]
    excerpt_start: int
    excerpt_step: int

    def text(self, language: str) -> str:
        """Return the evidence as a sentence."""
        return evidence_text(self.as_record(), language)

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data; nan becomes None."""
        record: dict[str, Any] = {
            k: getattr(self, k) for k in ("test", "start", "end", "excerpt_start", "excerpt_step")
        }
        record |= {k: _plain(getattr(self, k)) for k in ("p", "value", "low", "high")}
        return record | {"meters": list(self.meters), "excerpt": [_plain(v) for v in self.excerpt]}


@dataclass(frozen=True)
class Case:
    """An enterprise whose readings do not fit together.

    Parameters
    ----------
    enterprise : str
    first, last : int
        Days.
    p, q : float
        Combined p-value, and the false discovery rate at which the case would just be opened.
    evidence : tuple of Evidence
        Strongest first.
    """

    enterprise: str
    first: int
    last: int
    p: float
    q: float
    evidence: tuple[Evidence, ...]

    @property
    def id(self) -> str:
        """Identifier: enterprise and days."""
        return f"{self.enterprise}:{day_name(self.first)}:{day_name(self.last)}"

    def as_record(self) -> dict[str, Any]:
        """Return the case as plain data."""
        return {
            "id": self.id, "enterprise": self.enterprise, "first": day_name(self.first), "last": day_name(self.last),
            "p": self.p, "q": self.q, "version": VERSION, "evidence": [e.as_record() for e in self.evidence],
        }  # fmt: skip


@dataclass(frozen=True)
class Suspicions:
    """Result of a search.

    Parameters
    ----------
    rate : float
        False discovery rate.
    cases : tuple of Case
        Strongest first.
    tested : int
        Enterprises of which some test could say something.
    p : mapping
        Combined p-value by enterprise.
    """

    rate: float
    cases: tuple[Case, ...]
    tested: int
    p: Mapping[str, float]


def search(
    ledger: Ledger,
    region: str,
    first: int,
    last: int,
    *,
    rate: float = USUAL_RATE,
    progress: Callable[[int, int], None] | None = None,
) -> Suspicions:
    """Look for enterprises whose readings do not fit together.

    Peers are those of the whole ledger, whatever the region: a city with one cement works has none of its own. The rate is held among the
    enterprises of the region.

    Parameters
    ----------
    ledger : Ledger
        With facts of the days.
    region : str
        Id of a region or unit.
    first, last : int
        Days, by number.
    rate : float
        Expected share of honest enterprises among the cases, at most.
    progress : callable, optional

    Raises
    ------
    DataError
        If a file of the ledger cannot be read.
    KeyError
        If there is no such unit.
    """
    from tanlu.monitor.factors import FILE, factor_book

    registry = ledger.registry
    within = {unit.number for unit in registry.below(region)}
    period = read_period(ledger, first, last)
    scan = scan_readings(ledger, period, progress)
    found = outcomes(ledger, period, scan, factor_book(ledger.province, ledger.path / FILE))
    return judge(found, registry, first, last, period.begin, rate, within)


def judge(
    found: Sequence[Outcome], registry: Registry, first: int, last: int, begin: int, rate: float, within: Container[int]
) -> Suspicions:
    """Combine the verdicts of each enterprise among some units (numbers) and open cases at a false discovery rate."""
    by_enterprise: dict[int, list[tuple[float, float, Outcome, int]]] = {}
    for outcome in found:
        for row, p in enumerate(outcome.verdicts.p.tolist()):
            if np.isfinite(p) and int(outcome.enterprise[row]) in within:
                by_enterprise.setdefault(int(outcome.enterprise[row]), []).append(
                    (p, outcome.verdicts.weight, outcome, row)
                )
    numbers = sorted(by_enterprise)
    combined = np.array([_combine(by_enterprise[n]) for n in numbers])
    q = false_discovery_rate(combined)
    order = np.argsort(combined, kind="stable")
    name = {n: registry.units_by_number[n].id for n in numbers}
    cases = tuple(
        Case(
            name[numbers[i]], first, last, float(combined[i]), float(q[i]), _evidence(by_enterprise[numbers[i]], begin)
        )
        for i in order.tolist()
        if q[i] <= rate
    )
    return Suspicions(rate, cases, len(numbers), {name[n]: float(p) for n, p in zip(numbers, combined, strict=True)})


def _combine(verdicts: list[tuple[float, float, Outcome, int]]) -> float:
    p, weights = (np.array([v[i] for v in verdicts], dtype=float) for i in (0, 1))
    return float(cauchy_combination(p[None, :], weights)[0])


def _evidence(verdicts: list[tuple[float, float, Outcome, int]], begin: int) -> tuple[Evidence, ...]:
    """Return the tests that speak against the enterprise, cross-source ones before others of the same strength."""
    ranked = sorted(verdicts, key=lambda v: (v[0], -v[1], v[2].verdicts.test))
    return tuple(_one(o, row, begin) for n, (p, _, o, row) in enumerate(ranked) if n == 0 or p < _SHOWN)


def _one(outcome: Outcome, row: int, begin: int) -> Evidence:
    v = outcome.verdicts
    start, end = int(v.start[row]), int(v.end[row])
    from_place = start // v.series_step
    if v.series.shape[1] <= _EXCERPT:
        from_place, count = 0, v.series.shape[1]
    else:
        # a little of what came before shows the change
        from_place = max(0, min(from_place - _EXCERPT // 8, v.series.shape[1] - _EXCERPT))
        count = _EXCERPT
    excerpt = tuple(float(x) for x in v.series[row, from_place : from_place + count])
    return Evidence(
        v.test, outcome.meters[row], float(v.p[row]), float(v.value[row]), float(v.low[row]), float(v.high[row]),
        begin + start, begin + end, excerpt, begin + (from_place + 1) * v.series_step, v.series_step,
    )  # fmt: skip


def evidence_text(record: Mapping[str, Any], language: str) -> str:
    """Return a piece of evidence, as plain data, as a sentence in a language."""
    from datetime import UTC, datetime

    from tanlu.core.messages import translate
    from tanlu.monitor.schema import CIVIL_OFFSET
    from tanlu.monitor.wording import in_sentence

    def civil(stamp: int) -> str:
        return datetime.fromtimestamp(stamp + CIVIL_OFFSET, UTC).strftime("%Y-%m-%d %H:%M")

    nothing = float("nan")
    values = {k: nothing if record[k] is None else record[k] for k in ("value", "low", "high", "p")}
    times = {"start": civil(record["start"]), "end": civil(record["end"])}
    return translate(f"suspicion.test.{record['test']}", language, **in_sentence(values), **times)


def case_desk(catalog: Catalog) -> Desk:
    """Return where cases are kept and closed."""
    return Desk(catalog, "case", WORKFLOW)


def open_cases(catalog: Catalog, found: Suspicions, at: int | None = None) -> list[str]:
    """Keep the cases that are not known yet; return their ids."""
    return case_desk(catalog).add({case.id: case.as_record() for case in found.cases}, at)


def _plain(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
