"""What to measure next: by how much the interval of the total shrinks if one datum or factor is measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal, NamedTuple

from tanlu.accounts.uncertainty.estimates import CauseKind, Estimates, cause_kinds, in_scope
from tanlu.core.errors import DataError, Problem
from tanlu.core.inventory import Z95, interval
from tanlu.core.library import load_library
from tanlu.core.province import check_keys, read_yaml

FILE: Final = "measuring.yaml"
KEYS: Final = ("zh", "en", "of", "scope", "half_width", "rank")
GRADE: Final = "D"
"""Grade of the half-widths that efforts are assumed to reach."""


@dataclass(frozen=True, slots=True)
class Effort:
    """A way of making a datum more certain.

    Parameters
    ----------
    of : {"activity", "factor"}
    scope : {"whole", "record"}
        Whether all users of the datum gain, or one record at a time.
    half_width : float
        Half of the 95 % interval of the new value [%], an assumption.
    rank : int
        Order of effort, least first.
    """

    id: str
    zh: str
    en: str
    of: CauseKind
    scope: Literal["whole", "record"]
    half_width: float
    rank: int

    def name(self, language: str) -> str:
        """Return the name in the given language."""
        return self.zh if language == "zh" else self.en


class Proposal(NamedTuple):
    """One measurement and what it brings.

    Parameters
    ----------
    effort : Effort
    cause : str
        Datum (``activity:…``) or factor (``factor:…``).
    record, place : str
        Of the record; empty where all users of the cause gain.
    users : int
        Results that gain.
    half_width : float
        Half of the 95 % interval of the cause today [%].
    width, new_width : float
        Length of the 95 % interval of the total now and then [t CO2e].
    grade : str
        D: it rests on an assumed half-width.
    """

    effort: Effort
    cause: str
    record: str
    place: str
    users: int
    half_width: float
    width: float
    new_width: float
    grade: str = GRADE

    @property
    def reduction(self) -> float:
        """Share by which the interval of the total shrinks [%]."""
        return 100 * (1 - self.new_width / self.width) if self.width else 0.0


@cache
def efforts() -> tuple[Effort, ...]:
    """Return the efforts that the library knows, least effort first.

    Raises
    ------
    DataError
        If the file has problems.
    """
    folder = load_library().folder
    problems: list[Problem] = []
    data: dict[str, dict[str, Any]] = read_yaml(folder / FILE, folder, problems) or {}
    for entry in data.values():
        check_keys(entry, KEYS, KEYS, FILE, problems)
    if problems:
        raise DataError(problems)
    return tuple(sorted((Effort(name, **entry) for name, entry in data.items()), key=lambda e: (e.rank, e.id)))


def measure_next(
    results: Estimates,
    *,
    gwp: str = "rule",
    period: str = "",
    choices: Sequence[Effort] | None = None,
    top: int = 10,
) -> tuple[Proposal, ...]:
    """Return the measurements that narrow the total most, the best ``top`` of each effort, least effort first.

    Parameters
    ----------
    results : Estimates
        Memo items stay outside.
    gwp : str
        GWP set; ``rule`` is the one that the method set fixes.
    period : str
        Year or month; empty for everything.
    choices : sequence of Effort, optional
        Those of the library if not given.
    top : int

    Notes
    -----
    First-order propagation: the variance of the total is ``Σ_k s_k²`` over the causes. If the half-width of cause k falls from U to U',
    ``s_k`` becomes ``s_k·U'/U``. A measurement for one record takes its part out of the shared cause and adds ``(part·U'/U)²`` of its own.
    """
    parts, total = _parts(results, gwp, period)
    sums = {cause: sum(p for p, _, _ in by_record.values()) for cause, by_record in parts.items()}
    variance = sum(s * s for s in sums.values())
    errors = results.relative_errors
    kinds = cause_kinds(results)
    width = _width(total, variance)
    proposals: list[Proposal] = []
    for effort in efforts() if choices is None else choices:
        found: list[Proposal] = []
        for cause, by_record in parts.items():
            today = 100 * Z95 * errors.get(cause, 0.0)
            if kinds[cause] != effort.of or today <= effort.half_width:
                continue
            ratio, whole = effort.half_width / today, sums[cause]
            if effort.scope == "whole":
                users = sum(count for _, _, count in by_record.values())
                new = variance - whole**2 + (whole * ratio) ** 2
                found.append(Proposal(effort, cause, "", "", users, today, width, _width(total, new)))
                continue
            for record, (part, place, count) in by_record.items():
                new = variance - whole**2 + (whole - part) ** 2 + (part * ratio) ** 2
                found.append(Proposal(effort, cause, record, place, count, today, width, _width(total, new)))
        found.sort(key=lambda p: (p.new_width, p.cause, p.record))
        proposals.extend(p for p in found[:top] if p.new_width < width)
    return tuple(proposals)


def _parts(results: Estimates, gwp: str, period: str) -> tuple[dict[str, dict[str, tuple[float, str, int]]], float]:
    """Return for each cause and record (standard uncertainty of the total [t CO2e], place, number of results), and the total."""
    weights = results.gwp(gwp)
    parts: dict[str, dict[str, tuple[float, str, int]]] = {}
    total = 0.0
    for r in in_scope(results, period):
        value = r.value * (1.0 if r.gas == "CO2e" else weights[r.gas])
        total += value
        for cause, relative in r.errors:
            by_record = parts.setdefault(cause, {})
            before, _, count = by_record.get(r.record, (0.0, r.place, 0))
            by_record[r.record] = (before + value * relative, r.place, count + 1)
    return parts, total


def _width(total: float, variance: float) -> float:
    """Return the length of the 95 % interval of a total [t CO2e]."""
    spread = math.sqrt(max(variance, 0.0))
    low, high = interval(total, spread / abs(total)) if total else (-Z95 * spread, Z95 * spread)
    return high - low


def by_effort(proposals: Sequence[Proposal]) -> Mapping[str, Proposal]:
    """Return the best measurement of each effort, by its id."""
    best: dict[str, Proposal] = {}
    for p in proposals:
        if p.effort.id not in best or p.new_width < best[p.effort.id].new_width:
            best[p.effort.id] = p
    return best
