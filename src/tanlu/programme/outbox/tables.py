"""The tables of the outbox; they may be lost without loss to the records, so they stand outside the log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from tanlu.records import Id, Plain, Word, Working, new_id


class LogPlace(Working):
    """How far the log was read for letters: the number of the next entry."""

    __tablename__ = "outbox_place"

    id: Mapped[Id] = mapped_column(primary_key=True)
    following: Mapped[int]


class Letter(Working):
    """A letter to a person.

    Parameters
    ----------
    key : str
        What it is about and to whom: the same key is written once.
    kind : str
        Kind of letter, ``mail.<kind>`` of the catalogue.
    person_id : str
        Who gets it; the address is looked up when it is sent.
    path : str
        Page of the portal.
    content : dict
        Values of its text.
    state : str
        ``waiting``, ``sending``, ``sent``, ``failed`` or ``no_address``.
    """

    __tablename__ = "outbox_letter"
    __table_args__ = (Index("ix_outbox_letter_state_created", "state", "created_at"),)

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    key: Mapped[Word] = mapped_column(unique=True)
    kind: Mapped[Word]
    person_id: Mapped[Word] = mapped_column(index=True)
    path: Mapped[Word]
    content: Mapped[dict[str, Any]] = mapped_column(Plain())
    state: Mapped[Word]
    attempts: Mapped[int]
    fault: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]
    tried_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
