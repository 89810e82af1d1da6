"""Which rows a list has, in their order: read anew only when the log has grown."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Final

from sqlalchemy import Select
from sqlalchemy.orm import Session

from tanlu.records import Remembered

KEPT: Final = 400_000
"""Keys of rows that are remembered, of all lists together; each takes some 60 bytes."""
_LISTS: Final = Remembered[tuple[str, ...]](KEPT, len)


def keys_of(session: Session, statement: Callable[[], Select[str]], about: Hashable) -> tuple[str, ...]:
    """Return the keys of the rows of a list.

    A page far down in a list is then read by its keys, without the rows before it, and a list of few rows without those that are not in it.

    Parameters
    ----------
    session : Session
        That of `tanlu.records.Database.read`: log and rows are of one moment.
    statement : callable
        Gives the keys in the order of the list; of rows that only changes of the log write.
    about : hashable
        What is listed, and for whom; the same for the same statement only.
    """
    return _LISTS.get(session, about, lambda: tuple(session.connection().execute(statement()).scalars()))
