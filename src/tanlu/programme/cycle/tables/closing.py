"""How projects end: acceptance, integrity records with their ban, and the transfer record that the catalogue reads."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from tanlu.records import Base, Fen, Id, Line, Plain, Word, new_id


class Acceptance(Base):
    """The result of a project: ``accepted`` (通过), ``closed`` (结题) or ``failed`` (未通过), with the targets it rests on."""

    __tablename__ = "programme_acceptance"

    project_id: Mapped[str] = mapped_column(ForeignKey("programme_project.id"), primary_key=True)
    result: Mapped[Word]
    falsified: Mapped[bool]
    excusable: Mapped[bool]
    missed: Mapped[list[str]] = mapped_column(Plain())
    kpis: Mapped[list[dict[str, Any]]] = mapped_column(Plain())
    left: Mapped[Decimal] = mapped_column(Fen())
    recovered: Mapped[Decimal] = mapped_column(Fen())
    opinion: Mapped[str] = mapped_column(Text)
    proposed_by: Mapped[Word]
    proposed_at: Mapped[datetime]
    approved_by: Mapped[Word]
    approved_at: Mapped[datetime | None]


class IntegrityRecord(Base):
    """A breach of integrity and the days on which its person or organisation may not apply."""

    __tablename__ = "programme_integrity_record"

    id: Mapped[Id] = mapped_column(primary_key=True, default=new_id)
    project_id: Mapped[str] = mapped_column(ForeignKey("programme_project.id"), index=True)
    person_id: Mapped[str | None] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    cause: Mapped[Word]
    first: Mapped[date]
    last: Mapped[date]
    pack: Mapped[Word]
    version: Mapped[int]
    recorded_by: Mapped[Word]


class TransferRecord(Base):
    """What an accepted project hands on: holder, technologies with the readiness reached, targets reached with evidence.

    ``technologies`` is a list of ``{technology, trl}`` and ``results`` one of ``{code, zh, en, unit, value}``, numbers as text.
    """

    __tablename__ = "programme_transfer_record"

    project_id: Mapped[str] = mapped_column(ForeignKey("programme_project.id"), primary_key=True)
    holder_id: Mapped[str] = mapped_column(ForeignKey("organisation.id"), index=True)
    region: Mapped[Word] = mapped_column(index=True)
    zh: Mapped[Line]
    en: Mapped[Line]
    technologies: Mapped[list[dict[str, str]]] = mapped_column(Plain())
    results: Mapped[list[dict[str, str]]] = mapped_column(Plain())
    result: Mapped[Word]
    at: Mapped[datetime]
