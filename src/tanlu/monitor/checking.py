"""What the ledger refuses of a batch, by rule and with a reason; everything else is kept as it came."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from tanlu.monitor.batch import COLUMN_TYPES, Batch
from tanlu.monitor.registry import Registry
from tanlu.monitor.schema import FIRST_STAMP, Quality

if TYPE_CHECKING:
    from numpy.typing import NDArray

REASONS: Final = (
    "unknown_meter", "before_1992", "in_future", "outside_validity", "unknown_quality", "value_too_large",
    "no_moment", "no_value", "not_a_number", "more_decimals", "known_later", "wrong_width",
)  # fmt: skip
"""Reasons for which a reading is refused; ``refused.<reason>`` in the catalogue of messages. `check` gives the first six, in the order of
its tests; the others are those of files."""
FUTURE_S: Final = 3600
"""How far a stamp may be ahead of the clock [s]: an hour, for clocks of instruments that are fast."""
LARGEST: Final = 2**53
"""Whole numbers up to here are exact as floats in every engine."""
ACCEPTED: Final = np.int8(-1)
_KINDS: Final = tuple(COLUMN_TYPES.values())
_WORST: Final = int(max(Quality))


@dataclass(frozen=True, slots=True)
class Checked:
    """Rows after the check: meter, ts, value, quality; and −1 where a row is taken, else the index of its reason in `REASONS` (int8)."""

    columns: tuple[NDArray[Any], ...]
    verdict: NDArray[np.int8]


@dataclass(slots=True)
class Found:
    """A batch after the check.

    Parameters
    ----------
    columns : tuple of arrays
        meter, ts, value, quality of the rows that are taken, in the types of the journal.
    verdict : array of int8
        Of all its rows: −1 where a row is taken, else the index of its reason in `REASONS`.
    refused : dict
        Number of refused rows by reason.
    repeated, most_repeated : int
        Rows whose meter and stamp came before in the batch, and how often one did.
    """

    columns: tuple[NDArray[Any], ...]
    verdict: NDArray[np.int8]
    refused: dict[str, int]
    repeated: int = 0
    most_repeated: int = 0

    @property
    def rows(self) -> int:
        """Rows that came."""
        return len(self.verdict)


def check_each(parts: Sequence[tuple[NDArray[Any], ...]], limits: Mapping[str, NDArray[Any]], now: int) -> list[Found]:
    """Check batches, all in one go: for small ones the calls would cost more than the work.

    Parameters
    ----------
    parts : sequence of tuples of arrays
        meter, ts, value, quality of each batch (`columns_of`).
    limits, now
        See `check`.
    """
    if not parts:
        return []
    lengths = np.array([len(part[0]) for part in parts])
    whole = parts[0] if len(parts) == 1 else tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))
    meter, ts, value, quality = whole
    verdict = check(whole, limits, now).verdict
    owner = np.repeat(np.arange(len(parts)), lengths)
    faulty = set(owner[verdict != ACCEPTED].tolist())
    twice = _with_repeats(owner, meter, ts)
    ends = np.cumsum(lengths).tolist()
    found = []
    for at, part in enumerate(parts):
        rows = slice(ends[at] - len(part[0]), ends[at])
        own, columns, refused = verdict[rows], (meter[rows], ts[rows], value[rows], quality[rows]), dict[str, int]()
        if at in faulty:
            columns = tuple(c[own == ACCEPTED] for c in part)
            refused = counts_of(own)
        if at in twice:
            ranks = repeats(columns[0], columns[1])
            found.append(Found(columns, own, refused, int(np.count_nonzero(ranks)), int(ranks.max(initial=0))))
        else:
            found.append(Found(columns, own, refused))
    return found


def counts_of(verdict: NDArray[np.int8]) -> dict[str, int]:
    """Return the number of refused rows by reason."""
    counts = np.bincount(verdict[verdict >= 0], minlength=len(REASONS)).tolist()
    return {reason: n for reason, n in zip(REASONS, counts, strict=True) if n}


def _with_repeats(owner: NDArray[np.int64], meter: NDArray[np.int32], ts: NDArray[np.int64]) -> set[int]:
    """Return the batches in which some meter and stamp come twice."""
    if _rising(meter, ts, np.diff(owner) != 0):
        return set()
    order = np.lexsort((ts, meter, owner))
    same = (np.diff(owner[order]) == 0) & (np.diff(meter[order]) == 0) & (np.diff(ts[order]) == 0)
    return set(owner[order][1:][same].tolist())


def _rising(meter: NDArray[np.int32], ts: NDArray[np.int64], border: NDArray[np.bool_] | bool = False) -> bool:
    """Tell whether rows stand in the order of meters and stamps, or of stamps and meters, with no key twice; borders apart."""
    over, later = np.diff(meter), np.diff(ts)
    by_meter = border | (over > 0) | ((over == 0) & (later > 0))
    return bool(by_meter.all() or (border | (later > 0) | ((later == 0) & (over > 0))).all())


def columns_of(batch: Batch, registry: Registry) -> tuple[NDArray[Any], ...]:
    """Return meter, ts, value, quality of a batch as arrays of the types of the journal; unknown meters are −1.

    Raises
    ------
    ValueError
        If the columns have different lengths: a fault of the caller, not of the data.
    """
    meter = batch.meter
    if not isinstance(meter, np.ndarray) or meter.dtype.kind not in "iu":
        known = registry.meters
        meter = np.array([known[str(name)].number if str(name) in known else -1 for name in meter], np.int32)
    quality = np.zeros(len(meter), np.int8) if batch.quality is None else batch.quality
    told = (meter, batch.ts, batch.value, quality)
    if _ready(told):
        return told
    # a number that is too large for its type would come back as another one
    columns = (_within(meter, np.int32), batch.ts, batch.value, _within(quality, np.int8))
    if len({len(c) for c in columns}) != 1:
        raise ValueError(f"columns of {len(meter)}, {len(batch.ts)}, {len(batch.value)}, {len(quality)} rows")
    return tuple(
        np.ascontiguousarray(np.asarray(c).astype(kind, copy=False))
        for c, kind in zip(columns, COLUMN_TYPES.values(), strict=True)
    )


def _ready(columns: tuple[Any, ...]) -> bool:
    """Tell whether columns are arrays of the types of the journal, of one length and without holes."""
    length = len(columns[0])
    for column, kind in zip(columns, _KINDS, strict=True):
        # the usual types are the same objects: looking at them costs less than comparing
        if type(column) is not np.ndarray or (column.dtype is not kind and column.dtype != kind):
            return False
        if len(column) != length or not column.flags.c_contiguous:
            return False
    return True


def _within(numbers: NDArray[Any], kind: type[np.int32] | type[np.int8]) -> NDArray[Any]:
    """Return numbers with −1 in the place of those that a type cannot hold."""
    numbers = np.asarray(numbers)
    if numbers.dtype.itemsize <= np.dtype(kind).itemsize and numbers.dtype.kind == "i":
        return numbers
    return np.where((numbers >= 0) & (numbers <= np.iinfo(kind).max), numbers, -1)


def check(columns: tuple[NDArray[Any], ...], limits: Mapping[str, NDArray[Any]], now: int) -> Checked:
    """Check rows against the registry and the clock.

    Parameters
    ----------
    columns : tuple of arrays
        meter, ts, value, quality.
    limits : mapping of arrays
        ``unit``, ``valid_from``, ``valid_to`` by number of the meter (`Registry.columns`).
    now : int
        The clock [s since 1970 UTC].

    Notes
    -----
    A stamp may equal both ends of the validity of a meter: the register that is taken over stands at the moment of the change.
    """
    meter, ts, value, quality = columns
    known = (meter >= 0) & (meter < len(limits["unit"]))
    number = meter if known.all() else np.where(known, meter, 0)
    known &= limits["unit"][number] >= 0
    faults = (
        ~known,
        ts < FIRST_STAMP,
        ts > now + FUTURE_S,
        known & ((ts < limits["valid_from"][number]) | (ts > limits["valid_to"][number])),
        (quality < 0) | (quality > _WORST),
        (value > LARGEST) | (value < -LARGEST),
    )
    verdict = np.full(len(meter), ACCEPTED)
    for code in range(len(faults) - 1, -1, -1):
        if faults[code].any():
            verdict[faults[code]] = code
    return Checked(columns, verdict)


def repeats(meter: NDArray[np.int32], ts: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return for each row how many rows before it in the batch have the same meter and stamp; empty if none has.

    Such rows get moments of knowledge one microsecond apart, so that the last of them counts everywhere.
    """
    if _rising(meter, ts):
        return np.empty(0, np.int64)
    order = np.lexsort((ts, meter))
    same = (meter[order][1:] == meter[order][:-1]) & (ts[order][1:] == ts[order][:-1])
    if not same.any():
        return np.empty(0, np.int64)
    place = np.arange(len(order))
    first = np.where(np.concatenate(([True], ~same)), place, 0)
    count = np.empty(len(order), np.int64)
    count[order] = place - np.maximum.accumulate(first)
    return count
