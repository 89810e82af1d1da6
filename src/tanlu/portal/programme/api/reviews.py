"""Review: the draw that can be checked, panels, reviews of experts, where each application stands, and the scores."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import Field
from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.portal.programme.api.applications import readable_application
from tanlu.portal.programme.api.calls import readable_call
from tanlu.portal.session.paging import Paged, paged
from tanlu.portal.session.records_api import Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Body, Key, Name, Row, Words
from tanlu.programme.cycle import Call, Draw, Review, ReviewScore, ReviewTask
from tanlu.programme.cycle.acting import application_target, find
from tanlu.programme.cycle.assigning import commit_draw, draw, plan_assignment
from tanlu.programme.cycle.lists import reviews_due
from tanlu.programme.cycle.reviewing import close_review, order_further_review, set_panel, standings, write_review
from tanlu.records import NotPermittedError, Principal, local_day

router = records_api("programme")


class DrawRow(Row):
    """A draw: hashes of seed and pool before, seed and result after."""

    id: str
    call_id: str
    number: int
    seed_hash: str
    pool_hash: str
    pool: list[str]
    committed_by: str
    committed_at: datetime
    reason: str
    seed: str | None
    revealed_at: datetime | None
    voided: bool
    result: dict[str, Any] | None


class DrawSent(Body):
    """A seed of one's own (at least 16 characters), or none; a reason where the call was drawn before."""

    seed: Annotated[str, Field(max_length=80)] = ""
    reason: Words = ""


class PanelSent(Body):
    """Applications and the experts who judge all of them."""

    name: Name
    applications: Annotated[list[Key], Field(min_length=1, max_length=500)]
    experts: Annotated[list[Key], Field(min_length=1, max_length=99)]


class PanelRow(Row):
    """A panel."""

    id: str
    call_id: str
    name: str


class ReviewRow(Row):
    """A review that an expert has to write, or has written."""

    id: str
    call_id: str
    application_id: str
    expert_id: str
    draw_id: str | None
    panel_id: str | None
    extra: bool
    state: str
    due: date


class ReviewDetail(ReviewRow):
    """A review with the rubric that it follows, and what was written."""

    rubric: list[dict[str, Any]]
    marks: dict[str, int] | None
    total: Decimal | None
    opinion: str | None


class ReviewSent(Body):
    """Marks by item of the rubric, and reasons in words."""

    marks: dict[str, Annotated[int, Field(ge=0, le=1000)]]
    opinion: Words


class StandingRow(Row):
    """Where the review of an application stands; totals are exact fractions as text."""

    application_id: str
    number: str
    totals: list[str]
    waiting: int
    spread: str
    apart: bool


class ScoreRow(Row):
    """The score of an application when the review of its call was closed."""

    application_id: str
    rank: int
    score: Decimal
    exact: str
    z: Decimal
    spread: Decimal
    reviews: int
    pack: str
    version: int


class FurtherSent(Body):
    """An expert, or none: then the one who fits best."""

    expert_id: str | None = None


@router.get("/programme/calls/{call_id}/assignment", **needs("review.assign"))
def assignment(
    call_id: str, records: Kept, who: Who, seed: Annotated[str, Field(min_length=1, max_length=80)] = "preview"
) -> dict[str, Any]:
    """The panels that a seed would draw today, with loads, conflicts and objective; nothing is written."""
    with records.database.read() as session:
        call = readable_call(session, records, who, call_id, "review.assign")
        return plan_assignment(session, call, seed, local_day(records.database.clock())).as_record()


@router.get("/programme/calls/{call_id}/draws", **needs("review.read"), response_model=list[DrawRow])
def draws(call_id: str, records: Kept, who: Who) -> Any:
    """The draws of a call."""
    with records.database.read() as session:
        readable_call(session, records, who, call_id, "review.read")
        return list(session.execute(select(Draw).where(Draw.call_id == call_id).order_by(Draw.number)).scalars())


@router.post("/programme/calls/{call_id}/draws", **needs("review.assign"), response_model=DrawRow, status_code=201)
def committed(call_id: str, sent: DrawSent, records: Kept, who: Who) -> Any:
    """Commit to a draw: the hashes are recorded, the seed stays secret."""
    return commit_draw(records, who, call_id, seed=sent.seed, reason=sent.reason)


@router.post("/programme/draws/{draw_id}/drawing", **needs("review.assign"), response_model=DrawRow)
def drawn(draw_id: str, records: Kept, who: Who) -> Any:
    """Carry a draw out and reveal its seed."""
    return draw(records, who, draw_id)


@router.post("/programme/calls/{call_id}/panels", **needs("review.assign"), response_model=PanelRow, status_code=201)
def panel(call_id: str, sent: PanelSent, records: Kept, who: Who) -> Any:
    """Give applications to a panel."""
    return set_panel(records, who, call_id, sent.name, sent.applications, sent.experts)


@router.get("/programme/calls/{call_id}/standings", **needs("review.read"), response_model=list[StandingRow])
def standing(call_id: str, records: Kept, who: Who) -> Any:
    """Where the review of each application stands."""
    with records.database.read() as session:
        call = readable_call(session, records, who, call_id, "review.read")
        found = standings(session, call, local_day(records.database.clock()))
    return [
        {
            "application_id": s.application.id, "number": s.application.number, "totals": [str(t) for t in s.totals],
            "waiting": s.waiting, "spread": str(s.spread), "apart": s.apart,
        }
        for s in found
    ]  # fmt: skip


@router.post("/programme/calls/{call_id}/review-end", **needs("review.close"), response_model=list[ScoreRow])
def ended(call_id: str, records: Kept, who: Who) -> Any:
    """End the review of a call: scores and ranks."""
    return close_review(records, who, call_id)


@router.get("/programme/calls/{call_id}/scores", **needs("review.read"), response_model=list[ScoreRow])
def scores(call_id: str, records: Kept, who: Who) -> Any:
    """Scores and ranks of a call whose review was closed."""
    from tanlu.programme.cycle import Application

    with records.database.read() as session:
        readable_call(session, records, who, call_id, "review.read")
        statement = select(ReviewScore).join(Application, Application.id == ReviewScore.application_id)
        return list(
            session.execute(statement.where(Application.call_id == call_id).order_by(ReviewScore.rank)).scalars()
        )


@router.get(
    "/programme/applications/{application_id}/reviews", **needs("review.read"), response_model=list[ReviewDetail]
)
def reviews_of_application(application_id: str, records: Kept, who: Who) -> Any:
    """The reviews of an application, for officers and auditors."""
    with records.database.read() as session:
        application = readable_application(session, records, who, application_id)
        records.rights.require(who, "review.read", application_target(session, application))
        statement = select(ReviewTask).where(ReviewTask.application_id == application_id).order_by(ReviewTask.id)
        return [_detail(session, task) for task in session.execute(statement).scalars()]


@router.post(
    "/programme/applications/{application_id}/further-review",
    **needs("review.assign"),
    response_model=ReviewRow,
    status_code=201,
)
def further(application_id: str, sent: FurtherSent, records: Kept, who: Who) -> Any:
    """Ask one more expert."""
    return order_further_review(records, who, application_id, expert_id=sent.expert_id)


@router.get("/programme/reviews", **needs("review.write"), **paged(ReviewRow))
def own_reviews(records: Kept, who: Who, asked: Paged) -> Any:
    """One's own reviews, the earliest due first; those that were handed in last."""
    with records.database.read() as session:
        return asked.sliced(ReviewRow, [task for task, _ in reviews_due(session, who)])


@router.get("/programme/reviews/{review_id}", **needs("review.write"), response_model=ReviewDetail)
def own_review(review_id: str, records: Kept, who: Who) -> Any:
    """One of one's own reviews with its rubric."""
    with records.database.read() as session:
        return _detail(session, _own(session, who, review_id))


@router.post("/programme/reviews/{review_id}", **needs("review.write"), response_model=ReviewDetail)
def written(review_id: str, sent: ReviewSent, records: Kept, who: Who) -> Any:
    """Hand in a review, once."""
    write_review(records, who, review_id, sent.marks, sent.opinion)
    with records.database.read() as session:
        return _detail(session, _own(session, who, review_id))


def _own(session: Session, who: Principal, review_id: str) -> ReviewTask:
    task = find(session, ReviewTask, review_id)
    if task.expert_id != who.person_id:
        raise NotPermittedError(Problem("not_permitted", "review", field="review.write", value=review_id))
    return task


def _detail(session: Session, task: ReviewTask) -> dict[str, Any]:
    review = session.get(Review, task.id)
    return ReviewRow.model_validate(task).model_dump() | {
        "rubric": find(session, Call, task.call_id).rubric,
        "marks": review.marks if review else None,
        "total": review.total if review else None,
        "opinion": review.opinion if review else None,
    }
