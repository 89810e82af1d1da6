"""Every fault of a document of readings, by row."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from tanlu.core.errors import Problem
from tanlu.monitor.document_lists import MOST_PROBLEMS, QUALITIES, Lists, shown, stamp_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

Fault = tuple[int, str, str, object]
"""Place, code of the problem, field, cell."""


def has_more_decimals(scaled: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Return where a value has more decimals than its meter keeps; nothing is rounded on the way.

    Parameters
    ----------
    scaled : array of float64
        Values × 10^decimals.
    """
    away = np.abs(scaled - np.rint(scaled))
    more: NDArray[np.bool_] = away > np.maximum(1e-6, 4 * np.finfo(np.float64).eps * np.abs(scaled))
    return more


@dataclass(frozen=True, slots=True)
class Rules:
    """What is known of the meters.

    Parameters
    ----------
    numbers : mapping
        Numbers of the meters by id.
    scales : array of float64
        10^decimals by number.
    limits : mapping of arrays
        See `tanlu.monitor.checking.check`.
    now : int
        The clock [s since 1970 UTC].
    allowed : array of bool, optional
        By number: whether the sender may write it.
    """

    numbers: Mapping[str, int]
    scales: NDArray[np.float64]
    limits: Mapping[str, NDArray[Any]]
    now: int
    allowed: NDArray[np.bool_] | None = None


@dataclass(slots=True)
class _Sound:
    """Rows whose cells are sound one by one."""

    places: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    stamps: list[int] = field(default_factory=list)
    values: list[float] = field(default_factory=list)


def problems_of(lists: Lists, rules: Rules, file: str) -> list[Problem]:
    """Return everything that is wrong with a document, in the order of its rows; of very many faults the first thousand."""
    found = _problems_of_columns(lists, rules, file)
    if not lists.broken:
        return found
    # what a record lacks is told once, and of what is no record nothing else
    told = {(p.row, p.field) for p in lists.broken} | {(p.row, None) for p in lists.broken if not p.field}
    others = [p for p in found if (p.row, p.field) not in told and (p.row, None) not in told]
    return sorted([*lists.broken, *others], key=lambda p: p.row or 0)[:MOST_PROBLEMS]


def _problems_of_columns(lists: Lists, rules: Rules, file: str) -> list[Problem]:
    count = len(lists.meter)
    columns = (("time", lists.time), ("value", lists.value), ("quality", lists.quality))
    problems = [
        Problem("monitor_column_length", file, None, name, details={"count": len(column), "wanted": count})
        for name, column in columns
        if column is not None and len(column) != count
    ]
    if not count:
        problems.append(Problem("monitor_no_readings", file))
    if problems:
        return problems
    faults: list[Fault] = []
    sound = _Sound()
    looked = 0
    for looked in range(1, count + 1):
        faults += _faults_of_cells(lists, looked - 1, rules, sound)
        if len(faults) >= MOST_PROBLEMS:
            break
    refused = _refusals(rules, sound)
    problems = [
        Problem(code, file, place + lists.first_row, name, shown(cell), refused.get(place, {}))
        for place, code, name, cell in sorted(
            [*faults, *_faults_of_refusals(lists, refused)], key=lambda fault: fault[0]
        )
    ][:MOST_PROBLEMS]
    left = count - (looked if len(problems) < MOST_PROBLEMS else (problems[-1].row or 0) - lists.first_row + 1)
    if left:
        problems.append(Problem("monitor_more_problems", file, value=str(left)))
    return problems


def _faults_of_cells(lists: Lists, place: int, rules: Rules, sound: _Sound) -> list[Fault]:
    meter, time, value = lists.meter[place], lists.time[place], lists.value[place]
    quality = None if lists.quality is None else lists.quality[place]
    faults: list[Fault] = []
    number = rules.numbers.get(meter) if isinstance(meter, str) else None
    if number is None:
        faults.append((place, "monitor_row_meter", "meter", meter))
    elif rules.allowed is not None and not rules.allowed[number]:
        faults.append((place, "monitor_row_not_yours", "meter", meter))
    stamp = stamp_of(time)
    if stamp is None:
        faults.append((place, "monitor_row_time", "time", time))
    if type(value) not in (int, float) or not math.isfinite(value):
        faults.append((place, "monitor_row_value", "value", value))
    if type(quality) not in (str, int, type(None)) or quality not in QUALITIES:
        faults.append((place, "monitor_row_quality", "quality", quality))
    if not faults and number is not None and stamp is not None:
        sound.places.append(place)
        sound.numbers.append(number)
        sound.stamps.append(stamp)
        sound.values.append(min(max(value * float(rules.scales[number]), -(2.0**62)), 2.0**62))
    return faults


def _refusals(rules: Rules, sound: _Sound) -> dict[int, dict[str, object]]:
    """Return why the ledger would refuse rows, in both languages, by place."""
    from tanlu.core.messages import LANGUAGES, translate
    from tanlu.monitor.checking import REASONS, check

    if not sound.places:
        return {}
    scaled = np.array(sound.values)
    columns = (
        np.array(sound.numbers, np.int32), np.array(sound.stamps, np.int64), np.rint(scaled).astype(np.int64),
        np.zeros(len(scaled), np.int8),
    )  # fmt: skip
    verdict = check(columns, rules.limits, rules.now).verdict
    more = has_more_decimals(scaled)
    found: dict[int, dict[str, object]] = {}
    for at in np.flatnonzero(more | (verdict >= 0)).tolist():
        reason = "more_decimals" if more[at] else REASONS[verdict[at]]
        words = {f"reason_{code}": translate(f"refused.{reason}", code) for code in LANGUAGES}
        found[sound.places[at]] = {"reason": reason, **words}
    return found


def _faults_of_refusals(lists: Lists, refused: Mapping[int, Mapping[str, object]]) -> list[Fault]:
    faults: list[Fault] = []
    for place, why in refused.items():
        name = "value" if why["reason"] in ("value_too_large", "more_decimals") else "time"
        faults.append((place, "monitor_row_refused", name, getattr(lists, name)[place]))
    return faults
