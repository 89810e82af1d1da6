"""How many rows a list has: counted anew only when the log has grown."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from tanlu.records.entries import LogHead

KEPT: Final = 2_000
"""Counts that are remembered."""
_COUNTS: Final[OrderedDict[Hashable, int]] = OrderedDict()
_LOCK: Final = Lock()


def counted(session: Session, statement: Select[Any], about: Hashable) -> int:
    """Return what a statement counts.

    Parameters
    ----------
    session : Session
        That of `tanlu.records.Database.read`: log and rows are of one moment.
    statement : Select
        Counts rows that only changes of the log write.
    about : hashable
        What is counted, and for whom; the same for the same statement only.
    """
    head = session.execute(select(LogHead.size, LogHead.frontier)).one()
    # the frontier holds hashes of the log, which no other database has
    key = (about, head.size, bytes(head.frontier))
    with _LOCK:
        if key in _COUNTS:
            _COUNTS.move_to_end(key)
            return _COUNTS[key]
    found = int(session.execute(statement).scalar_one())
    with _LOCK:
        _COUNTS[key] = found
        while len(_COUNTS) > KEPT:
            _COUNTS.popitem(last=False)
    return found
