"""Experts: the pool, what binds them, and conflicts with applications: declared, pinned, decided."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import select

from tanlu.portal.programme.api.calls import readable_call
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Body, Key, Row, Words
from tanlu.programme.cycle import Expert, ExpertTie, ReviewConflict
from tanlu.programme.cycle.assigning import applications_to_review
from tanlu.programme.cycle.experts import decide_hint, declare_conflict, enrol, note_tie, pin_conflict, pool_of
from tanlu.records import Columns, local_day

router = records_api("programme")


class ExpertRow(Row):
    """An expert of the pool."""

    person_id: str
    region: str
    knows: list[str]
    most_reviews: int
    most_rounds_year: int
    active: bool


class Enrolment(Body):
    """What the pool says of an expert: ids of actions and technologies of the plan, and how much may be asked."""

    region: Key
    knows: Annotated[list[Key], Field(max_length=600)] = Field(default_factory=list)
    most_reviews: Annotated[int, Field(ge=1, le=1000)] = 8
    most_rounds_year: Annotated[int, Field(ge=1, le=100)] = 6
    active: bool = True


class TieRow(Row):
    """What binds an expert to a person or an organisation."""

    id: str
    person_id: str
    kind: str
    other: str
    last: date | None


class TieSent(Body):
    """A tie; the last day of joint work where there is one."""

    kind: Literal["kin", "adviser", "cowork", "interest"]
    other: Key
    last: date | None = None


class ConflictRow(Row):
    """A conflict between an application and an expert."""

    application_id: str
    expert_id: str
    kind: str
    source: str
    pinned: bool
    holds: bool
    reason: str
    decided_by: str
    at: datetime


class OwnConflict(Body):
    """Why one may not judge an application."""

    reason: Words


class Pinned(OwnConflict):
    """A conflict that an officer pins; with ``hint`` what a hint means, and whether it excludes."""

    expert_id: Key
    hint: Annotated[str, Field(max_length=80)] = ""
    excludes: bool = True


class PoolShown(Row):
    """Who may judge the applications of a call, and what stands between."""

    experts: list[str]
    units: dict[str, str]
    conflicts: list[dict[str, Any]]
    hints: list[dict[str, Any]]


@router.get("/programme/experts", **needs("expert.read"), **paged(ExpertRow))
def list_experts(records: Kept, who: Who, asked: Paged, active: bool | None = None) -> Any:
    """Experts whom one may see; an expert sees oneself."""
    columns = Columns(region=Expert.__table__.c.region, person_id=Expert.__table__.c.person_id)
    statement = select(Expert).where(records.rights.condition(who, "expert.read", columns)).order_by(Expert.person_id)
    if active is not None:
        statement = statement.where(Expert.active.is_(active))
    with records.database.read() as session:
        return asked.sliced(ExpertRow, list(session.execute(statement).scalars()))


@router.put("/programme/experts/{expert_id}", **needs("expert.manage"), response_model=ExpertRow)
def enrolled(expert_id: str, sent: Enrolment, records: Kept, who: Who) -> Any:
    """Put a person into the pool, or change what the pool says."""
    return enrol(
        records, who, expert_id, sent.region, sent.knows, most_reviews=sent.most_reviews, most_rounds_year=sent.most_rounds_year,
        active=sent.active,
    )  # fmt: skip


@router.get(
    "/programme/experts/{expert_id}/ties", **needs("expert.manage", "expert.declare"), response_model=list[TieRow]
)
def ties(expert_id: str, records: Kept, who: Who) -> Any:
    """Ties of an expert, for officers and for the expert."""
    if who.person_id != expert_id:
        records.rights.require(who, "expert.manage")
    with records.database.read() as session:
        statement = select(ExpertTie).where(ExpertTie.person_id == expert_id).order_by(ExpertTie.id)
        return list(session.execute(statement).scalars())


@router.post(
    "/programme/experts/{expert_id}/ties",
    **needs("expert.manage", "expert.declare"),
    response_model=TieRow,
    status_code=201,
)
def tie(expert_id: str, sent: TieSent, records: Kept, who: Who) -> Any:
    """Note a tie; experts for themselves, officers for all."""
    return note_tie(records, who, expert_id, sent.kind, sent.other, sent.last)


@router.get("/programme/calls/{call_id}/pool", **needs("review.read"), response_model=PoolShown)
def pool(call_id: str, records: Kept, who: Who) -> Any:
    """Who may judge the applications of a call today: conflicts, and hints about which nobody has decided."""
    with records.database.read() as session:
        call = readable_call(session, records, who, call_id, "review.read")
        found = pool_of(session, call, applications_to_review(session, call_id), local_day(records.database.clock()))

    def told(conflicts: list[Any]) -> list[dict[str, Any]]:
        return [
            {"application": c.proposal, "expert": c.expert, "kind": str(c.kind), "pinned": c.pinned} for c in conflicts
        ]

    return {
        "experts": [e.person_id for e in found.experts], "units": found.units, "conflicts": told(found.conflicts),
        "hints": told(found.hints),
    }  # fmt: skip


@router.get(
    "/programme/applications/{application_id}/conflicts", **needs("review.read"), response_model=list[ConflictRow]
)
def conflicts(application_id: str, records: Kept, who: Who) -> Any:
    """Conflicts of an application that somebody declared, pinned or decided."""
    from tanlu.portal.programme.api.applications import readable_application

    with records.database.read() as session:
        readable_application(session, records, who, application_id)
        statement = select(ReviewConflict).where(ReviewConflict.application_id == application_id)
        return list(session.execute(statement.order_by(ReviewConflict.expert_id, ReviewConflict.kind)).scalars())


@router.post(
    "/programme/applications/{application_id}/own-conflict", **needs("expert.declare"), response_model=ConflictRow
)
def declared(application_id: str, sent: OwnConflict, records: Kept, who: Who) -> Any:
    """Declare one's own conflict; the review, if there is one, is given back."""
    return declare_conflict(records, who, application_id, sent.reason)


@router.post("/programme/applications/{application_id}/conflicts", **needs("expert.manage"), response_model=ConflictRow)
def pinned(application_id: str, sent: Pinned, records: Kept, who: Who) -> Any:
    """Pin a conflict as an officer, or decide what a hint means."""
    if sent.hint:
        return decide_hint(records, who, application_id, sent.expert_id, sent.hint, sent.reason, excludes=sent.excludes)
    return pin_conflict(records, who, application_id, sent.expert_id, sent.reason)
