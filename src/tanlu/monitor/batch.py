"""A batch: readings that came together, and the receipt that says what became of them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COLUMN_TYPES: Final[dict[str, np.dtype[Any]]] = {
    "meter": np.dtype("<i4"),
    "ts": np.dtype("<i8"),
    "value": np.dtype("<i8"),
    "quality": np.dtype("<i1"),
}
"""Columns of a batch as they are kept in the journal."""
_SMALL: Final = 1_000
"""Readings up to which it is quicker to copy the columns of a batch than to look at each."""
_NONE: Final[Mapping[str, int]] = {}


@dataclass(slots=True, eq=False)
class Batch:
    """Readings that came together from one source; not to be changed.

    Batches and receipts are made for every packet, and one that is frozen takes three times as long to make.

    Parameters
    ----------
    source : str
        Where they came from, for example ``hj212:10.0.0.7`` or a file name.
    meter : array of int32, or sequence of str
        Numbers or ids of the meters, shape (n,).
    ts : array of int64
        Stamps: ends of intervals [s since 1970 UTC], shape (n,).
    value : array of int64
        Values shown × 10^decimals of the meter, shape (n,).
    quality : array of int8, optional
        Codes of `tanlu.monitor.schema.Quality`, shape (n,); all good where nothing is said.
    id : str
        Name that the sender gave. A batch of the same source, id and content is taken once; who wants to state the same again, after
        something else was stated in between, gives another id.
    known_at : int, optional
        Moment at which the readings became known [µs since 1970 UTC], for readings taken over from elsewhere; never later than now.
    """

    source: str
    meter: NDArray[np.int32] | Sequence[str]
    ts: NDArray[np.int64]
    value: NDArray[np.int64]
    quality: NDArray[np.int8] | None = None
    id: str = ""
    known_at: int | None = None


@dataclass(slots=True)
class Receipt:
    """What became of a batch; it is durable when the receipt is there.

    Parameters
    ----------
    batch : int
        Number of the batch in the ledger.
    hash : str
        Hash of source, id and content.
    known_at : int
        Moment at which its readings count as known [µs since 1970 UTC].
    rows, accepted : int
        Readings that came and that were taken.
    refused : mapping
        Number of readings refused, by reason (``refused.<reason>`` in the catalogue of messages).
    repeated : int
        Readings whose meter and stamp stand in the same batch already; all are kept, the last one counts.
    duplicate : bool
        Whether this batch had been taken before; then nothing changed.
    """

    batch: int
    hash: str
    known_at: int
    rows: int
    accepted: int
    refused: Mapping[str, int] = field(default_factory=lambda: _NONE)
    repeated: int = 0
    duplicate: bool = False


def hash_of(source: str, name: str, known_at: int | None, columns: Sequence[NDArray[Any]]) -> bytes:
    """Return the hash (16 bytes) of a batch: source, id, stated moment and columns."""
    head = f"{len(source)}:{source}|{len(name)}:{name}|{known_at}|{len(columns[0])}|"
    if len(columns[0]) <= _SMALL:
        parts: list[Any] = [head.encode(), *columns]
        return hashlib.blake2b(b"".join(parts), digest_size=16).digest()
    digest = hashlib.blake2b(head.encode(), digest_size=16)
    for column in columns:
        digest.update(column.data)
    return digest.digest()
