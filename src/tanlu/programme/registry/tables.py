"""The tables of the registries: who is registered as what, and every version of it that was reported.

A version is never altered but for its check. What was known at a moment is therefore told by the times of report and check alone.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from tanlu.records import Base, Id, Line, Plain, Word, new_id


class RegistryTeam(Base):
    """An innovation team: a name, the unit that hosts it, and its leader."""

    __tablename__ = "registry_team"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    zh: Mapped[Line] = mapped_column(index=True)
    en: Mapped[Line]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    leader_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))


class RegistryEntry(Base):
    """A subject registered as a kind; a subject is registered once as each kind, whatever happens to it later.

    ``subject`` is the id of a unit, a person or a team, as the kind says; ``organisation_id`` is the unit itself or the one that hosts it;
    ``latest`` is the number of the newest version.
    """

    __tablename__ = "registry_entry"
    __table_args__ = (UniqueConstraint("kind", "subject"),)

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[Word]
    subject: Mapped[str] = mapped_column(String(32), index=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    latest: Mapped[int]
    demonstration: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class RegistryVersion(Base):
    """What was reported about an entry, and whether a second person found it proved.

    Parameters
    ----------
    event : str
        One of `tanlu.programme.registry.versions.EVENTS`.
    replaces : int or None
        Number of the version that this one stands for from now on; None when it follows it.
    region : str
        Prefecture at that time; the province for what belongs to none.
    valid_from, valid_to : date
        Days on which it holds, the last one included; no end when it does not lapse.
    first : bool
        Whether the recognition was the subject's first, in this province or elsewhere.
    leader_id : str or None
        Leader of a team.
    facts : dict
        What rules look at, for example months a year.
    """

    __tablename__ = "registry_version"
    __table_args__ = (
        UniqueConstraint("entry_id", "number"),
        # lists show the newest report first
        Index(None, "reported_at", "id"),
        CheckConstraint("checked_by IS NULL OR checked_by <> reported_by", name="four_eyes"),
        CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="span"),
    )

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    entry_id: Mapped[str] = mapped_column(ForeignKey("registry_entry.id"), index=True)
    number: Mapped[int]
    event: Mapped[Word]
    replaces: Mapped[int | None]
    region: Mapped[Word] = mapped_column(index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    first: Mapped[bool]
    leader_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"))
    facts: Mapped[dict[str, Any]] = mapped_column(Plain())
    note: Mapped[Line] = mapped_column(default="")
    state: Mapped[Word] = mapped_column(index=True)
    reported_by: Mapped[Word]
    reported_at: Mapped[datetime]
    checked_by: Mapped[str | None] = mapped_column(String(80))
    checked_at: Mapped[datetime | None]
