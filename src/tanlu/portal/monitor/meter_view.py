"""What a page or an answer of the API shows of one meter beside its chart: readings, and hours that were filled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import fsum
from typing import TYPE_CHECKING, Final

from tanlu.core.messages import translate
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, MeterKind, Quality, day_number
from tanlu.portal.monitor.reads import filled_amounts, readings_of
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
    fills = m.read(filled_amounts, meter.number, span)
    amounts = [amount for amount, _ in fills]
    if meter.kind is not MeterKind.REGISTER:
        return FilledHours(sum(slots > 0 for _, slots in fills), fsum(amounts), 0, 0.0, 0)
    shaped = sum(amount != 0 for amount in amounts)
    return FilledHours(0, 0.0, shaped, fsum(map(abs, amounts)) / 2, len(amounts) - shaped)


def reading_lines(m: Monitoring, meter: Meter, span: Span, known_at: int | None) -> list[ReadingLine]:
    """Return the readings of a meter that count, as known now or at a moment [µs since 1970 UTC]."""
    return [
        ReadingLine(_civil(ts), value / 10**meter.decimals, Quality(quality).name.lower(), _civil(known // 1_000_000))
        for ts, value, quality, known in m.read(readings_of, meter.number, span, known_at)
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
