"""Calls: read, drafted, edited, moved on; what the rules of their kind say; the workflows of the programme."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.portal.plan.records import plan_of
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import ANYBODY, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Amount, Body, Key, Name, Quantity, Row, Words, Year, YearAsked, Yuan
from tanlu.programme.cycle import Call
from tanlu.programme.cycle.acting import call_target, find
from tanlu.programme.cycle.calls import (
    RUBRIC,
    CallTerms,
    RubricItem,
    TargetTerms,
    call_outcomes,
    draft_call,
    edit_call,
    move_call,
    terms_of,
)
from tanlu.programme.cycle.lists import calls
from tanlu.programme.cycle.rulebook import workflow
from tanlu.records import Principal, Records, RefusedError

router = records_api("programme")


class CallRow(Row):
    """A call."""

    id: str
    number: str
    year: int
    kind: str
    state: str
    region: str
    zh: str
    en: str
    pot: Amount
    largest_grant: Amount
    deadline: datetime


class Target(Body):
    """A target of a call; a hard one is the least that a contract promises."""

    code: Key
    zh: Name
    en: Name = ""
    unit: Annotated[str, Field(max_length=80)]
    baseline: Quantity = Decimal(0)
    target: Quantity
    hard: bool = True


class Item(Body):
    """An item of the marks; weights are fractions as text and add up to 1."""

    id: Key
    zh: Name
    en: Name = ""
    weight: Annotated[str, Field(pattern=r"^\d{1,6}(/[1-9]\d{0,5})?$", description="For example 3/10.")]
    full: Annotated[int, Field(ge=1, le=1000)] = 100
    anchors: Words = ""


class CallSent(Body):
    """What a call says; money in yuan, shares of the funders add up to 1."""

    kind: Literal["challenge", "horse_race", "chief_expert", "guideline"]
    year: Year
    region: Key
    zh: Name
    en: Name = ""
    text_zh: Words = ""
    text_en: Words = ""
    pot: Yuan
    largest_grant: Yuan
    deadline: AwareDatetime
    technologies: Annotated[list[Key], Field(max_length=600)]
    targets: Annotated[list[Target], Field(max_length=100)] = Field(default_factory=list)
    funders: dict[str, Annotated[Decimal, Field(ge=0, le=1, decimal_places=4)]] = Field(
        default_factory=lambda: {"province": Decimal(1)}
    )
    owner_id: str | None = None
    recommend_until: AwareDatetime | None = None
    line: Literal["strict", "skip_to_smaller"] = "strict"
    threshold: Annotated[Decimal, Field(ge=0, le=1000, decimal_places=2)] = Decimal(60)
    panel_size: Annotated[int, Field(ge=1, le=99)] = 5
    stages: Annotated[int, Field(ge=1, le=9)] = 1
    first_stage_share: Annotated[Decimal, Field(gt=0, le=1, decimal_places=4)] = Decimal(1)
    rubric: Annotated[list[Item], Field(max_length=30)] | None = None
    gates: Annotated[list[dict[str, Any]], Field(max_length=30)] = Field(default_factory=list)

    def terms(self) -> CallTerms:
        """Return the terms as the programme takes them."""
        plain = {
            name: getattr(self, name) for name in type(self).model_fields if name not in ("targets", "rubric", "gates")
        }
        items = [RubricItem(i.id, i.zh, i.en, Fraction(i.weight), i.full, i.anchors) for i in self.rubric or ()]
        return CallTerms(
            **plain,
            targets=[TargetTerms(t.code, t.zh, t.en, t.unit, t.baseline, t.target, t.hard) for t in self.targets],
            rubric=items or RUBRIC,
            gates=[{k: repr(v) if isinstance(v, float) else v for k, v in gate.items()} for gate in self.gates],
        )


class CallDetail(CallRow):
    """A call with all that it says."""

    text_zh: str
    text_en: str
    owner_id: str | None
    recommend_until: datetime | None
    line: str
    threshold: Decimal
    panel_size: int
    stages: int
    first_stage_share: Decimal
    rubric: list[dict[str, Any]]
    gates: list[dict[str, Any]]
    technologies: list[str]
    targets: list[dict[str, Any]]
    funders: dict[str, Decimal]


class RuleSeen(Row):
    """What a rule says, with the value seen and its source."""

    pack: str
    version: int
    status: str
    code: str
    result: str
    seen: str
    zh: str
    en: str
    source: str


class Step(Body):
    """A transition that is to be made."""

    transition: Literal["submit", "return", "approve", "publish", "close", "cancel"]
    reason: Annotated[str, Field(max_length=2000)] = ""


def known_technologies(records: Records) -> dict[str, str]:
    """Return the technologies of the plan and the action of each."""
    plan = plan_of(records.settings.province)
    return {key: technology.action for key, technology in plan.technologies_by_id.items()}


def readable_call(session: Session, records: Records, who: Principal, call_id: str, action: str = "call.read") -> Call:
    """Return a call to which a person has a right."""
    call = find(session, Call, call_id)
    records.rights.require(who, action, call_target(call))
    return call


@router.get("/programme/calls", **needs(ANYBODY), **paged(CallRow))
def list_calls(records: Kept, who: Who, asked: Paged, state: str = "", year: YearAsked = 0) -> Any:
    """Calls that one may read."""
    with records.database.read() as session:
        found = calls(session, records.rights, who, state=state, year=year, offset=asked.offset, limit=asked.limit)
        return asked.answer(CallRow, found.rows, found.total)


@router.get("/programme/calls/{call_id}", **needs(ANYBODY), response_model=CallDetail)
def one_call(call_id: str, records: Kept, who: Who) -> Any:
    """One call."""
    with records.database.read() as session:
        call = readable_call(session, records, who, call_id)
        terms = terms_of(session, call)
    row = CallRow.model_validate(call).model_dump()
    own = (
        "text_zh",
        "text_en",
        "owner_id",
        "recommend_until",
        "line",
        "threshold",
        "panel_size",
        "stages",
        "first_stage_share",
    )
    return row | {name: getattr(call, name) for name in (*own, "rubric", "gates")} | {
        "technologies": list(terms.technologies),
        "targets": [{n: getattr(t, n) for n in Target.model_fields} for t in terms.targets],
        "funders": dict(terms.funders),
    }  # fmt: skip


@router.get("/programme/calls/{call_id}/rules", **needs("call.edit"), response_model=list[RuleSeen])
def rules_of_call(call_id: str, records: Kept, who: Who) -> Any:
    """What the rule packs say of a call now."""
    with records.database.read() as session:
        call = readable_call(session, records, who, call_id, "call.edit")
        found = call_outcomes(session, terms_of(session, call), records.database.clock())
    return [
        {
            "pack": o.pack, "version": o.version, "status": o.status, "code": o.predicate.code, "result": o.result, "seen": o.seen,
            "zh": o.predicate.zh, "en": o.predicate.en, "source": o.predicate.source,
        }
        for o in found
    ]  # fmt: skip


@router.post("/programme/calls", **needs("call.edit"), response_model=CallRow, status_code=201)
def draft(sent: CallSent, records: Kept, who: Who) -> Any:
    """Draft a call."""
    return draft_call(records, who, sent.terms(), known=known_technologies(records))


@router.put("/programme/calls/{call_id}", **needs("call.edit"), response_model=CallRow)
def edit(call_id: str, sent: CallSent, records: Kept, who: Who) -> Any:
    """Write a draft anew."""
    return edit_call(records, who, call_id, sent.terms(), known=known_technologies(records))


@router.post("/programme/calls/{call_id}/steps", **needs("call.edit", "call.approve"), response_model=CallRow)
def step_of_call(call_id: str, step: Step, records: Kept, who: Who) -> Any:
    """Move a call on."""
    return move_call(records, who, call_id, step.transition, reason=step.reason)


@router.get("/programme/workflows/{name}", **needs(ANYBODY))
def one_workflow(name: str) -> dict[str, Any]:
    """States and transitions with their names and rights."""
    if name not in ("call", "application", "project", "decision-batch", "change-request"):
        raise RefusedError(Problem("no_record", "workflow", field="name", value=name[:40]))
    graph = workflow(name)
    return {
        "id": graph.id, "initial": graph.initial,
        "states": {s.id: {"zh": s.zh, "en": s.en, "final": s.final} for s in graph.states.values()},
        "transitions": [
            {"id": t.id, "from": list(t.sources), "to": t.to, "zh": t.zh, "en": t.en, "right": t.right, "four_eyes": list(t.four_eyes)}
            for t in graph.transitions.values()
        ],
    }  # fmt: skip
