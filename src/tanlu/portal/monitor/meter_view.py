"""What a page or an answer of the API shows of one meter beside its chart: readings, and hours that were filled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import numpy as np

from tanlu.core.messages import translate
from tanlu.monitor.facts import Facts
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, MeterKind, Quality, day_number
from tanlu.portal.service import NotFoundError

if TYPE_CHECKING:
    from tanlu.monitor.registry import Meter
    from tanlu.portal.monitor.service import Monitoring, Span

MOST_READINGS: Final = 35 * 96


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """A reading as the ledger keeps it; times in civil time, UTC+8."""

    at: str
    value: float
    quality: str
    known_at: str


@dataclass(frozen=True, slots=True)
class FilledHours:
    """Hours of a meter in some days that were filled: by the rule of its kind, or moved in a silence to the shape of like days.

    ``unshaped`` are hours of silences whose even spread stays. Amounts in the unit of the carrier: what the rule added, what was moved.
    """

    filled: int
    added: float
    shaped: int
    moved: float
    unshaped: int


def filled_hours(m: Monitoring, meter: Meter, span: Span) -> FilledHours:
    """Return what was filled of a meter."""
    fills = Facts(m.ledger()).fills(span.first, span.last, [meter.number])
    amount, slots = fills.column("quantity").to_numpy(), fills.column("slots").to_numpy()
    if meter.kind is not MeterKind.REGISTER:
        return FilledHours(int((slots > 0).sum()), float(amount.sum()), 0, 0.0, 0)
    shaped = amount != 0
    return FilledHours(0, 0.0, int(shaped.sum()), float(np.abs(amount).sum()) / 2, int((~shaped).sum()))


def reading_lines(m: Monitoring, meter: Meter, span: Span, known_at: int | None) -> list[ReadingLine]:
    """Return the readings of a meter that count, as known now or at a moment [µs since 1970 UTC]."""
    table = m.ledger().readings(span.first, span.last, [meter.number], known_at)
    columns = (table.column(name).to_pylist() for name in ("ts", "value", "quality", "known_at"))
    return [
        ReadingLine(_civil(ts), value / 10**meter.decimals, Quality(quality).name.lower(), _civil(known // 1_000_000))
        for ts, value, quality, known in zip(*columns, strict=True)
    ]


def _civil(stamp: int) -> str:
    return datetime.fromtimestamp(stamp + CIVIL_OFFSET, UTC).strftime("%Y-%m-%d %H:%M:%S")


def known_moment(day: str) -> int | None:
    """Return the end of a civil day [µs since 1970 UTC]; None without one.

    Raises
    ------
    NotFoundError
        If the text is no date.
    """
    if not day:
        return None
    try:
        return ((day_number(day) + 1) * DAY - CIVIL_OFFSET) * 1_000_000
    except ValueError:
        raise NotFoundError("portal.missing.day", day) from None


def kind_name(kind: MeterKind, language: str) -> str:
    """Return the name of a kind of meter."""
    return translate(f"portal.monitor.meter.kind.{kind.value}", language)
