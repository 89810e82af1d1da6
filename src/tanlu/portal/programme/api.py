"""REST API of the programme, the registries and the assessment: what the pages show, for programs with a token and for the public.

A request without token is the public. What a token may do is the right of its person, limited to the actions of the token.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Generic, Literal, TypeVar

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from tanlu.assessment.filing.lists import list_filings, list_runs
from tanlu.assessment.filing.plain import score_as_data, target_as_data
from tanlu.assessment.filing.scoring import find_run, read_scoreboard, table_of
from tanlu.assessment.filing.targets import numeric_targets
from tanlu.portal.api import Lang
from tanlu.portal.session.identity import Identity
from tanlu.programme.cycle import Application, Call, Project
from tanlu.programme.cycle.acting import application_target, call_target, find, project_target
from tanlu.programme.cycle.applying import submit
from tanlu.programme.cycle.calls import move_call
from tanlu.programme.cycle.formal import check_formally, outcomes, recommend
from tanlu.programme.cycle.forms import form_from
from tanlu.programme.cycle.lists import (
    ApplicationFilter,
    Page,
    ProjectFilter,
    applications,
    calls,
    notices,
    projects,
)
from tanlu.programme.cycle.rulebook import workflow
from tanlu.programme.registry.places import regions_of
from tanlu.programme.registry.reading import Filter, kind_counts, list_entries
from tanlu.records import Principal, Records, Target, verify
from tanlu.workspace import Workspace

Item = TypeVar("Item", bound=BaseModel)
Number = Annotated[int, Query(ge=1, le=100_000, alias="page", description="Page, from 1.")]
Size = Annotated[int, Query(ge=1, le=500, alias="size", description="Rows a page.")]


class Row(BaseModel):
    """A row that is read from a record; money and other decimals are text."""

    model_config = ConfigDict(from_attributes=True)


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
    pot: Decimal
    largest_grant: Decimal
    deadline: datetime


class ApplicationRow(Row):
    """An application."""

    id: str
    number: str
    call_id: str
    state: str
    lead_id: str
    region: str
    pi_id: str
    zh: str
    en: str
    asked: Decimal
    months: int
    submitted_at: datetime


class ProjectRow(Row):
    """A project; ``colour`` is the signal: 0 green, 1 amber, 2 red."""

    id: str
    number: str
    call_id: str
    state: str
    kind: str
    region: str
    lead_id: str
    zh: str
    en: str
    action: str
    start: date | None
    end: date | None
    grant: Decimal
    colour: int


class NoticeRow(Row):
    """A public notice."""

    id: str
    call_id: str
    zh: str
    en: str
    first: date
    last: date
    state: str


class OutcomeRow(Row):
    """What a rule said of an application, with the value seen and its source."""

    code: str
    result: str
    seen: str
    zh: str
    en: str
    source: str
    status: str
    decided: str | None


class Listed(BaseModel, Generic[Item]):
    """A page of a list."""

    total: int
    page: int
    size: int
    rows: list[Item]


class Step(BaseModel):
    """A transition that is to be made."""

    transition: Literal["submit", "return", "approve", "publish", "close", "cancel"]
    reason: str = Field("", max_length=2000)


class Reason(BaseModel):
    """Why."""

    reason: str = Field("", max_length=2000)


class Decisions(BaseModel):
    """Decisions of a person on rules that need one: code → (``pass`` or ``fail``, reason)."""

    decisions: dict[str, tuple[Literal["pass", "fail"], str]] = Field(default_factory=dict)
    reason: str = Field("", max_length=2000)


class Submission(BaseModel):
    """The steps of a form as in the wizard, and a key: the same key hands it in once."""

    steps: dict[str, dict[str, Any]]
    key: str = Field(min_length=8, max_length=60)


def programme_router(identity: Identity) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/api/v1", tags=["programme"])
    _add_cycle(router, identity)
    _add_steps(router, identity)
    _add_registry(router, identity)
    _add_assessment(router, identity)
    _add_records(router, identity)
    return router


def _listed(kind: type[Item], page: Page[Any]) -> Any:
    rows = [kind.model_validate(row) for row in page.rows]
    return Listed[kind](total=page.total, page=page.number, size=page.size, rows=rows)  # type: ignore[valid-type]


def _add_cycle(router: APIRouter, identity: Identity) -> None:
    reading = Depends(identity.principal)

    @router.get("/programme/calls", response_model=Listed[CallRow])
    def list_calls(
        who: Principal = reading,
        state: str = "",
        year: int = 0,
        page: Number = 1,
        size: Size = 50,
    ) -> Any:
        """Calls that one may read."""
        with identity.records.database.read() as session:
            return _listed(
                CallRow, calls(session, identity.records.rights, who, state=state, year=year, page=page, size=size)
            )

    @router.get("/programme/calls/{call_id}", response_model=CallRow)
    def one_call(call_id: str, who: Principal = reading) -> Any:
        """One call."""
        with identity.records.database.read() as session:
            call = find(session, Call, call_id)
            identity.records.rights.require(who, "call.read", call_target(call))
            return call

    @router.get("/programme/applications", response_model=Listed[ApplicationRow])
    def list_applications(
        who: Principal = reading, call: str = "", state: str = "", region: str = "", q: str = "",
        page: Number = 1, size: Size = 50,
    ) -> Any:  # fmt: skip
        """Applications that one may read."""
        wanted = ApplicationFilter(call_id=call, state=state, region=region, words=q)
        with identity.records.database.read() as session:
            identity.records.rights.require(who, "application.read")
            return _listed(
                ApplicationRow, applications(session, identity.records.rights, who, wanted, page=page, size=size)
            )

    @router.get("/programme/applications/{application_id}", response_model=ApplicationRow)
    def one_application(application_id: str, who: Principal = reading) -> Any:
        """One application."""
        with identity.records.database.read() as session:
            return _readable(session, identity.records, who, application_id)

    @router.get("/programme/applications/{application_id}/eligibility", response_model=list[OutcomeRow])
    def eligibility(application_id: str, who: Principal = reading) -> Any:
        """What each rule said, with the value seen."""
        with identity.records.database.read() as session:
            _readable(session, identity.records, who, application_id)
            return outcomes(session, application_id)

    @router.get("/programme/projects", response_model=Listed[ProjectRow])
    def list_projects(
        who: Principal = reading, state: str = "", region: str = "", action: str = "", call: str = "",
        q: str = "", page: Number = 1, size: Size = 50,
    ) -> Any:  # fmt: skip
        """Projects that one may read; the public those that run or ran."""
        wanted = ProjectFilter(state=state, region=region, action=action, call_id=call, words=q)
        with identity.records.database.read() as session:
            return _listed(ProjectRow, projects(session, identity.records.rights, who, wanted, page=page, size=size))

    @router.get("/programme/projects/{project_id}", response_model=ProjectRow)
    def one_project(project_id: str, who: Principal = reading) -> Any:
        """One project."""
        with identity.records.database.read() as session:
            project = find(session, Project, project_id)
            identity.records.rights.require(who, "project.read", project_target(project))
            return project

    @router.get("/programme/notices", response_model=Listed[NoticeRow])
    def list_notices(state: str = "", page: Number = 1, size: Size = 50) -> Any:
        """Public notices."""
        with identity.records.database.read() as session:
            return _listed(NoticeRow, notices(session, state=state, page=page, size=size))

    @router.get("/programme/workflows/{name}")
    def one_workflow(
        name: Literal["call", "application", "project", "decision-batch", "change-request"],
    ) -> dict[str, Any]:
        """States and transitions with their names and rights."""
        graph = workflow(name)
        return {
            "id": graph.id, "initial": graph.initial,
            "states": {s.id: {"zh": s.zh, "en": s.en, "final": s.final} for s in graph.states.values()},
            "transitions": [
                {"id": t.id, "from": list(t.sources), "to": t.to, "zh": t.zh, "en": t.en, "right": t.right, "four_eyes": list(t.four_eyes)}
                for t in graph.transitions.values()
            ],
        }  # fmt: skip


def _readable(session: Any, records: Records, who: Principal, application_id: str) -> Application:
    """Return an application that the person may read; who may read none learns nothing of which there are."""
    records.rights.require(who, "application.read")
    application = find(session, Application, application_id)
    records.rights.require(who, "application.read", application_target(session, application, who.person_id))
    return application


def _add_steps(router: APIRouter, identity: Identity) -> None:
    writing = Depends(identity.writer)

    @router.post("/programme/calls/{call_id}/steps", response_model=CallRow)
    def step_of_call(call_id: str, step: Step, who: Principal = writing) -> Any:
        """Move a call on."""
        return move_call(identity.records, who, call_id, step.transition, reason=step.reason)

    @router.post("/programme/calls/{call_id}/applications", response_model=ApplicationRow, status_code=201)
    def hand_in(call_id: str, sent: Submission, who: Principal = writing) -> Any:
        """Hand an application in; the same key hands it in once."""
        return submit(identity.records, who, call_id, form_from(sent.steps), key=sent.key)

    @router.post("/programme/applications/{application_id}/recommendation", response_model=ApplicationRow)
    def recommended(application_id: str, sent: Reason, who: Principal = writing) -> Any:
        """Recommend an application as the bureau of its prefecture."""
        return recommend(identity.records, who, application_id, reason=sent.reason)

    @router.post("/programme/applications/{application_id}/formal-check", response_model=ApplicationRow)
    def checked(application_id: str, sent: Decisions, who: Principal = writing) -> Any:
        """Finish the formal check."""
        return check_formally(identity.records, who, application_id, sent.decisions, reason=sent.reason)


def _add_registry(router: APIRouter, identity: Identity) -> None:
    reading = Depends(identity.principal)

    @router.get("/registry/entries")
    def entries(
        who: Principal = reading, kind: str = "", state: str = "", region: str = "", q: str = "",
        page: Number = 1, size: Size = 50,
    ) -> dict[str, Any]:  # fmt: skip
        """Entries that one may read, newest report first."""
        wanted = Filter(kind=kind, state=state, region=region, words=q)
        with identity.records.database.read() as session:
            found = list_entries(session, identity.records.rights, who, wanted, offset=(page - 1) * size, limit=size)
        return {"total": found.total, "page": page, "size": size, "rows": _plain(found.items)}

    @router.get("/registry/counts")
    def counts(kind: str = "") -> dict[str, Any]:
        """Stock of each registry now: reported and verified, by prefecture, with what belongs to none."""
        with identity.records.database.read() as session:
            found = kind_counts(session, identity.records.database.clock(), kind)
        return {
            k.value: {
                "reported": c.province.reported, "verified": c.province.verified,
                "parts": [{"region": p.prefecture, "reported": p.reported, "verified": p.verified} for p in c.parts],
            }
            for k, c in found.items()
        }  # fmt: skip


def _plain(items: Sequence[Any]) -> list[dict[str, Any]]:
    return [{name: getattr(item, name) for name in item.__dataclass_fields__} for item in items]


def _add_assessment(router: APIRouter, identity: Identity) -> None:
    reading = Depends(identity.principal)

    @router.get("/assessment/targets")
    def targets(lang: Lang = "zh") -> list[dict[str, Any]]:
        """The numeric targets of the plan: reported, verified, forecast."""
        records = identity.records
        workspace = Workspace.open(records.folder)
        physical = read_scoreboard(workspace.latest()) if workspace.runs() else None
        with records.database.read() as session:
            found = numeric_targets(session, records.settings.province, records.database.clock(), physical)
        return [target_as_data(t, lang) for t in found]

    @router.get("/assessment/filings")
    def filings(
        who: Principal = reading, year: int | None = None, region: str = "", state: str = "",
        page: Number = 1, size: Size = 50,
    ) -> dict[str, Any]:  # fmt: skip
        """Filings that one may read."""
        identity.records.rights.require(who, "filing.read")
        with identity.records.database.read() as session:
            found = list_filings(
                session,
                identity.records.rights,
                who,
                year=year,
                region=region,
                state=state,
                offset=(page - 1) * size,
                limit=size,
            )
        return {"total": found.total, "page": page, "size": size, "rows": _plain(found.items)}

    @router.get("/assessment/runs")
    def runs(who: Principal = reading, year: int | None = None) -> list[dict[str, Any]]:
        """Frozen score runs that one may read; the public those that were published."""
        with identity.records.database.read() as session:
            found = list_runs(session, identity.records.rights, who, year=year)
        return [{"id": r.id, "year": r.year, "as_of": r.as_of, "state": r.state, "sha256": r.sha256} for r in found]

    @router.get("/assessment/runs/{run_id}")
    def run(run_id: str, who: Principal = reading, lang: Lang = "zh") -> dict[str, Any]:
        """One score run with its table."""
        with identity.records.database.read() as session:
            found = find_run(session, run_id)
            identity.records.rights.require(who, "score.read", Target(published=found.state == "published"))
            table = table_of(session, found)
        return score_as_data(table, regions_of(identity.records.settings.province), lang)


def _add_records(router: APIRouter, identity: Identity) -> None:
    reading = Depends(identity.principal)

    @router.get("/records/verification", tags=["records"])
    def verification(who: Principal = reading, lang: Lang = "zh") -> dict[str, Any]:
        """What the verifier says of log, rows and evidence."""
        records = identity.records
        records.rights.require(who, "log.read")
        report = verify(records.log.folder, records.log.key.verifier, records.database, records.evidence)
        return report.as_record(lang)
