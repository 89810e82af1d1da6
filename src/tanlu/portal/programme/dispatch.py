"""Dispatch meetings (工作调度): recording what was decided as tasks with owner and due date, and leading the tasks to their closure."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from fastapi import Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.province import province_folder
from tanlu.portal.programme.applications import files_of_each
from tanlu.portal.programme.view import names, page_number, projects_seen
from tanlu.portal.records.tables import FORMATS, table_answer
from tanlu.portal.records.view import regions
from tanlu.portal.session.desks import Act, Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.programme.cycle import DispatchMeeting, DispatchTask, Project
from tanlu.programme.cycle.dispatch import TaskTerms, close_task, record_meeting, report_task
from tanlu.programme.cycle.lists import PAGE
from tanlu.programme.cycle.lists import tasks as listed
from tanlu.records import Columns, RoleAssignment, Target, local_day

EMPTY: Final = 4
"""Lines for tasks in the form of a meeting."""
STATES: Final = ("open", "reported", "closed")
SHOWN: Final = 20
OFFICES: Final = ("province_officer", "prefecture_officer")
MOST_ROWS: Final = 10_000
LIVE: Final = ("contracting", "signed", "running", "suspended", "closing", "judged")


def dispatch_desks() -> list[Desk]:
    """Return this page."""
    acts: dict[str, Act] = {"record": _record, "report": _report, "close": _close}
    return [Desk("/programme/dispatch", show_dispatch, acts, right="dispatch.read")]


def show_dispatch(ask: Ask) -> Response:
    """Show tasks, the earliest due first, and meetings with the form for another one."""
    today, state = local_day(ask.records.database.clock()), ask.query("state")
    every, number = ask.query("format") in FORMATS, page_number(ask)
    with ask.records.database.read() as session:
        page = listed(
            session, ask.records.rights, ask.principal, state=state if state in STATES else "",
            overdue_on=today if state == "late" else None, offset=0 if every else (number - 1) * PAGE, limit=MOST_ROWS if every else PAGE,
        )  # fmt: skip
        meetings = _meetings(session, ask)
        projects = _projects(session, {task.project_id for task, _ in page.rows if task.project_id})
        people = names(session, ask, set(), {task.owner_id for task, _ in page.rows})
        recording = ask.may("dispatch.record")
        choices = _choices(session, ask, today) if recording else {}
        files = {} if every else files_of_each(session, "task", (task.id for task, _ in page.rows))
    if every:
        return _table(ask, page.rows, people, projects)
    return ask.page(
        "programme_dispatch.html", found=page.rows, count=page.total, page=number, pages=max(1, -(-page.total // PAGE)), meetings=meetings,
        files=files,
        projects=projects, known=people, today=today, state=state, states=STATES, recording=recording, empty=range(EMPTY),
        regions=regions(province_folder(ask.records.settings.province), ask.language), target=lambda region: Target(region=region),
        **({"owners": [], "running": []} | choices),
    )  # fmt: skip


def _table(
    ask: Ask, rows: list[tuple[DispatchTask, DispatchMeeting]], people: dict[str, str], projects: dict[str, Project]
) -> Response:
    head = [ask.text(f"portal.dispatch.{k}") for k in ("task", "owner", "project", "due", "state", "meeting", "held")]
    cells: list[list[object]] = [
        [ask.name(task), people.get(task.owner_id, ""), projects[task.project_id].number if task.project_id in projects else "",
         task.due, ask.text(f"portal.task.{task.state}"), ask.name(meeting), meeting.held_on]
        for task, meeting in rows
    ]  # fmt: skip
    return table_answer(ask.query("format"), "tasks", head, cells)


def _meetings(session: Session, ask: Ask) -> list[DispatchMeeting]:
    table = DispatchMeeting.__table__.c
    seen = ask.records.rights.condition(ask.principal, "dispatch.read", Columns(region=table.region))
    statement = select(DispatchMeeting).where(seen).order_by(DispatchMeeting.held_on.desc(), DispatchMeeting.id)
    return list(session.execute(statement.limit(SHOWN)).scalars())


def _projects(session: Session, ids: set[str]) -> dict[str, Project]:
    return {p.id: p for p in session.execute(select(Project).where(Project.id.in_(sorted(ids)))).scalars()}


def _choices(session: Session, ask: Ask, today: date) -> dict[str, Any]:
    """Return whom a task can be given to (chiefs of live projects, officers) and which project it can be about."""
    statement = select(Project).where(projects_seen(ask), Project.state.in_(LIVE)).order_by(Project.number).limit(500)
    live = list(session.execute(statement).scalars())
    offices = select(RoleAssignment.person_id).where(
        RoleAssignment.role.in_(OFFICES), (RoleAssignment.valid_to.is_(None)) | (RoleAssignment.valid_to >= today)
    )
    people = {p.chief_id for p in live} | set(session.execute(offices).scalars())
    return {"running": live, "owners": sorted(names(session, ask, set(), people).items(), key=lambda pair: pair[1])}


def _record(ask: Ask, form: Posted) -> str:
    region, held_on = form.needed("region"), form.day("held_on")
    zh, en = form.needed("zh"), form.text("en")
    columns = {k: form.fields.get(f"task.{k}", []) for k in ("zh", "en", "owner", "due", "project")}
    terms = []
    for n, text in enumerate(columns["zh"]):
        if not text.strip():
            continue
        cell = {k: (values[n:] or [""])[0].strip() for k, values in columns.items()}
        part = Posted({f"task[{n + 1}].{k}": [v] for k, v in cell.items()}, ())
        due = part.day(f"task[{n + 1}].due")
        owner = part.needed(f"task[{n + 1}].owner")
        form.problems += part.problems
        terms.append(TaskTerms(owner, cell["zh"], cell["en"], due, cell["project"] or None))
    form.check()
    record_meeting(ask.records, ask.principal, region, held_on, zh, en, terms)
    return "/programme/dispatch"


def _report(ask: Ask, form: Posted) -> str:
    with ask.records.database.read() as session:
        task = session.get(DispatchTask, form.text("task"))
        ask.require("dispatch.report", Target(person_id=task.owner_id if task else None))
    report_task(ask.records, ask.principal, form.text("task"), form.text("report"), form.store(ask.records.evidence))
    return "/programme/dispatch"


def _close(ask: Ask, form: Posted) -> str:
    done = form.text("done") != "no"
    close_task(ask.records, ask.principal, form.text("task"), done=done, reason=form.text("reason"))
    return "/programme/dispatch"
