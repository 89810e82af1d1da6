"""Decisions: what the rules propose, the choice of an owner, batches that one officer locks and another approves, the gate of a race."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import Field
from sqlalchemy import select

from tanlu.portal.programme.api.calls import readable_call
from tanlu.portal.programme.api.projects import ProjectRow
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Amount, Body, Key, Quantity, Reason, Row, Words, Yuan
from tanlu.programme.cycle import DecisionBatch
from tanlu.programme.cycle.acting import find
from tanlu.programme.cycle.deciding import (
    approve_batch,
    choose,
    items_of,
    lock_batch,
    make_batch,
    propose,
    reject_batch,
)
from tanlu.programme.cycle.racing import decide_gate

router = records_api("programme")


class ProposalRow(Row):
    """What the rules of a call would make of an application."""

    application_id: str
    number: str
    rank: int
    score: Decimal
    verdict: str
    amount: Amount


class BatchRow(Row):
    """A batch of decisions; ``digest`` is the SHA-256 of its locked items."""

    id: str
    call_id: str
    state: str
    created_by: str
    created_at: datetime
    digest: str


class ItemRow(Row):
    """What becomes of an application."""

    application_id: str
    rank: int
    verdict: str
    amount: Amount
    reason: str


class BatchDetail(BatchRow):
    """A batch with its items."""

    items: list[ItemRow]


class Override(Body):
    """What an officer decides otherwise than the rules, and why."""

    verdict: Literal["fund", "wait", "decline"]
    amount: Yuan = Decimal(0)
    reason: Words


class BatchSent(Body):
    """Applications to decide on (all that are open by default), and where an officer decides otherwise."""

    only: Annotated[list[Key], Field(max_length=2000)] | None = None
    overrides: dict[str, Override] = Field(default_factory=dict)


class BatchStep(Reason):
    """A step of a batch; rejecting needs a reason."""

    transition: Literal["lock", "approve", "reject"]


class Choice(Body):
    """Applications that the owner of a challenge chooses, best first, and why."""

    applications: Annotated[list[Key], Field(min_length=1, max_length=500)]
    reason: Words


class ChoiceRow(Row):
    """A choice of the owner of a challenge."""

    application_id: str
    rank: int
    reason: str


class Gate(Body):
    """Scores of the teams of a race by project, and why."""

    scores: dict[str, Quantity]
    reason: Words


@router.get("/programme/calls/{call_id}/proposal", **needs("review.read"), response_model=list[ProposalRow])
def proposal(call_id: str, records: Kept, who: Who) -> Any:
    """What the rules would decide: rank, threshold, money left, choice of the owner."""
    with records.database.read() as session:
        call = readable_call(session, records, who, call_id, "review.read")
        return [
            {
                "application_id": p.application.id, "number": p.application.number, "rank": p.rank, "score": p.score,
                "verdict": p.verdict, "amount": p.amount,
            }
            for p in propose(session, call)
        ]  # fmt: skip


@router.get("/programme/calls/{call_id}/batches", **needs("review.read"), **paged(BatchRow))
def batches(call_id: str, records: Kept, who: Who, asked: Paged) -> Any:
    """The batches of a call."""
    with records.database.read() as session:
        readable_call(session, records, who, call_id, "review.read")
        statement = select(DecisionBatch).where(DecisionBatch.call_id == call_id)
        rows = session.execute(statement.order_by(DecisionBatch.created_at, DecisionBatch.id)).scalars()
        return asked.sliced(BatchRow, list(rows))


@router.post("/programme/calls/{call_id}/batches", **needs("decision.edit"), response_model=BatchRow, status_code=201)
def made(call_id: str, sent: BatchSent, records: Kept, who: Who) -> Any:
    """Put decisions together as the rules propose them."""
    overrides = {key: (o.verdict, o.amount, o.reason) for key, o in sent.overrides.items()}
    return make_batch(records, who, call_id, overrides=overrides, only=sent.only)


@router.get("/programme/batches/{batch_id}", **needs("review.read"), response_model=BatchDetail)
def one_batch(batch_id: str, records: Kept, who: Who) -> Any:
    """One batch with its items."""
    with records.database.read() as session:
        batch = find(session, DecisionBatch, batch_id)
        readable_call(session, records, who, batch.call_id, "review.read")
        return BatchRow.model_validate(batch).model_dump() | {"items": items_of(session, batch_id)}


@router.post(
    "/programme/batches/{batch_id}/steps", **needs("decision.edit", "decision.approve"), response_model=BatchRow
)
def step_of_batch(batch_id: str, sent: BatchStep, records: Kept, who: Who) -> Any:
    """Lock a batch, approve it as another officer, or reject it."""
    if sent.transition == "lock":
        return lock_batch(records, who, batch_id)
    if sent.transition == "approve":
        return approve_batch(records, who, batch_id)
    return reject_batch(records, who, batch_id, sent.reason)


@router.post("/programme/calls/{call_id}/choice", **needs("decision.choose"), response_model=list[ChoiceRow])
def chosen(call_id: str, sent: Choice, records: Kept, who: Who) -> Any:
    """Choose among the applications that the experts let pass, as the owner of the challenge."""
    return choose(records, who, call_id, sent.applications, sent.reason)


@router.post("/programme/calls/{call_id}/gate", **needs("project.race"), response_model=ProjectRow)
def gate(call_id: str, sent: Gate, records: Kept, who: Who) -> Any:
    """Decide the gate of a horse race; returns the winner."""
    return decide_gate(records, who, call_id, sent.scores, sent.reason)
