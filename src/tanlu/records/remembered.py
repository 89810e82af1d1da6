"""What was read from the records is read again only when the log has grown.

Every row that counts is written with an entry of the log (`tanlu.records.database.Database.change`), so a state of the log is a state of
those rows. What is made from rows of `tanlu.records.base.Working`, which stand outside the log, must not be kept here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Final, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.records.entries import LogHead

Value = TypeVar("Value")


_STATE: Final = "tanlu_state"
_HEAD: Final = select(LogHead.size, LogHead.frontier)


def state_of_log(session: Session) -> tuple[int, bytes]:
    """Return size and frontier of the log as a session of `tanlu.records.database.Database.read` sees them; no other database has both."""
    found = session.info.get(_STATE)
    if found is None:
        # a session that reads sees one moment, so it need not look again
        size, frontier = session.connection().execute(_HEAD).one()
        found = session.info[_STATE] = (int(size), bytes(frontier))
    return found


class Remembered(Generic[Value]):
    """Values by the state of the log and by what they are about; safe to share among threads.

    Parameters
    ----------
    most : int
        Weight that is kept; the values that were not asked for longest go first.
    weight : callable
        Gives the weight of a value, 1 by default.
    """

    def __init__(self, most: int, weight: Callable[[Value], int] = lambda value: 1) -> None:
        self._most, self._weight, self._held = most, weight, 0
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self._lock = Lock()

    def get(self, session: Session, about: Hashable, make: Callable[[], Value]) -> Value:
        """Return a value, made if the log has grown since it was.

        Parameters
        ----------
        session : Session
            That of `tanlu.records.database.Database.read`: log and rows are of one moment.
        about : hashable
            What the value is, and for whom; the same for the same value only.
        make : callable
            Reads the value through the session.
        """
        key = (about, *state_of_log(session))
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        found = make()
        with self._lock:
            if key not in self._values:
                self._held += self._weight(found)
            self._values[key] = found
            while self._held > self._most and len(self._values) > 1:
                self._held -= self._weight(self._values.popitem(last=False)[1])
        return found
