"""Pages of projects: the board, the list, the time line, and one project from contract to acceptance."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any, Final

from fastapi import Response
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from tanlu.portal.plan.records import plan_of
from tanlu.portal.programme.applications import files_of
from tanlu.portal.programme.dispatch import dispatch_desks
from tanlu.portal.programme.outbox import outbox_desks
from tanlu.portal.programme.portfolio import portfolio_desks
from tanlu.portal.programme.view import (
    applications_seen,
    log_of,
    matching,
    names,
    plain,
    projects_seen,
    rows_by_number,
    rows_of,
    state_name,
    step_name,
)
from tanlu.portal.records.tables import FORMATS, table_answer
from tanlu.portal.session.desks import Act, Ask, Desk, money
from tanlu.portal.session.forms import Posted
from tanlu.programme.cycle import (
    Acceptance,
    Application,
    ChangeRequest,
    Contract,
    ContractKpi,
    DispatchTask,
    KpiReport,
    Project,
    ProjectMilestone,
    ProjectSignal,
)
from tanlu.programme.cycle.accepting import approve_result, ask_acceptance, propose_result, return_result
from tanlu.programme.cycle.acting import find, project_target
from tanlu.programme.cycle.budgeting import FIXED, move_budget
from tanlu.programme.cycle.changing import KINDS, decide_change, request_change
from tanlu.programme.cycle.contracting import (
    MilestoneTerms,
    commit_share,
    draft_contract,
    sign,
    start,
    suggested_budget,
)
from tanlu.programme.cycle.dispatch import close_task, report_task
from tanlu.programme.cycle.ledger import balance_of, gaps, postings_of
from tanlu.programme.cycle.rulebook import workflow
from tanlu.programme.cycle.running import (
    check_report,
    decide_milestone,
    pay,
    reached,
    report_spending,
    report_targets,
    steer,
    submit_milestone,
)
from tanlu.programme.money import Account
from tanlu.records import Target, local_day

COLOURS: Final = ("green", "amber", "red")
COLUMN: Final = 30
"""Cards shown in a column of the board; the rest is in the list."""
STEERING: Final = ("suspend", "resume", "terminate", "revoke")
VERDICTS: Final = ("verified", "rejected", "falsified")
EMPTY_MILESTONES: Final = 4
LISTED: Final = (
    Project.id, Project.number, Project.zh, Project.en, Project.lead_id, Project.chief_id, Project.state, Project.colour, Project.grant,
    Project.start, Project.end,
)  # fmt: skip
"""Columns of the list."""
PICTURE, NAMES = 1000, 140
"""Width of the time line, and of the numbers of projects at its left [units of the picture]."""


def project_desks() -> list[Desk]:
    """Return these pages, those of meetings and of the outbox, and that of the whole portfolio."""
    acts: dict[str, Act] = {
        "contract": _contract, "commit": _commit, "sign": _sign, "start": _start,
        "milestone": _milestone, "judge_milestone": _judge_milestone,
        "report": _report, "check": _check, "pay": _pay, "spend": _spend, "change": _change, "decide_change": _decide_change,
        "move_budget": _move_budget, "steer": _steer, "report_task": _report_task,
        "close_task": _close_task, "ask_acceptance": _ask_acceptance, "propose": _propose, "approve": _approve, "return": _return,
    }  # fmt: skip
    return [
        *dispatch_desks(),
        *portfolio_desks(),
        *outbox_desks(),
        Desk("/programme/board", show_board, right="dispatch.read"),
        Desk("/programme/projects", show_projects, public=True),
        Desk("/programme/gantt", show_gantt, right="dispatch.read"),
        Desk("/programme/project", show_project, acts, public=True),
    ]


def show_board(ask: Ask) -> Response:
    """Applications and projects by state, each with the way to move it on."""
    with ask.records.database.read() as session:
        columns: list[tuple[str, str, int, list[Any]]] = []
        units: set[str] = set()
        for kind, table, seen in (
            ("application", Application, applications_seen(ask)),
            ("project", Project, projects_seen(ask)),
        ):
            for state, described in workflow(kind).states.items():
                if described.final or state == "draft":
                    continue
                rows, place = rows_of(session, ask, table, seen & (table.state == state), (table.number.desc(),))
                if rows:
                    columns.append((kind, state, place["count"], rows[:COLUMN]))
                    units |= {row.lead_id for row in rows[:COLUMN]}
        known = names(session, ask, units)
    return ask.page(
        "programme_board.html", columns=columns, known=known, colours=COLOURS,
        moves={kind: _moves(ask, kind) for kind in ("application", "project")},
        state_name=lambda kind, state: state_name(ask, kind, state),
    )  # fmt: skip


def _moves(ask: Ask, kind: str) -> dict[str, list[tuple[str, str]]]:
    """Return by state which ways lead on for the person who asks: transition and name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for step in workflow(kind).transitions.values():
        if ask.may(step.right):
            for state in step.sources:
                found.setdefault(state, []).append((step.id, step_name(ask, kind, step.id)))
    return found


def show_projects(ask: Ask) -> Response:
    """Projects that one may see."""
    words, state, colour = ask.query("q").strip(), ask.query("state"), ask.query("colour")
    with ask.records.database.read() as session:
        all_rows = ask.query("format") in FORMATS
        about = ("projects page", words, state, colour)
        found, place = rows_by_number(
            session, ask, LISTED, Project.number, lambda: _wanted(ask, words, state, colour), about, all_rows=all_rows
        )
        known = names(session, ask, {p.lead_id for p in found}, {p.chief_id for p in found})
    if all_rows:
        head = [
            ask.text(f"portal.project.{k}")
            for k in ("number", "name", "lead", "chief", "state", "grant", "start", "end")
        ]
        head[5] += f" [{ask.text('portal.yuan')}]"
        rows: list[list[object]] = [
            [p.number, ask.name(p), known.get(p.lead_id, ""), known.get(p.chief_id, ""), state_name(ask, "project", p.state), p.grant,
             p.start, p.end]
            for p in found
        ]  # fmt: skip
        return table_answer(ask.query("format"), "projects", head, rows)
    steering = ask.may("dispatch.read")
    lines = [
        (p.number, p.id, ask.shown_name(p), known.get(p.lead_id, ""), known.get(p.chief_id, ""),
         (p.state, COLOURS[p.colour] if steering and p.state == "running" else ""), money(p.grant), p.end or "–")
        for p in found
    ]  # fmt: skip
    return ask.page(
        "programme_projects.html", lines=lines, words=words, state=state, colour=colour, colours=COLOURS, graph=workflow("project"),
        steering=steering, **place,
    )  # fmt: skip


def _wanted(ask: Ask, words: str, state: str, colour: str) -> ColumnElement[bool]:
    """Return which projects are asked for, as a condition."""
    condition = projects_seen(ask) & matching(Project, words)
    if state:
        condition &= Project.state == state
    if colour in COLOURS:
        condition &= (Project.colour == COLOURS.index(colour)) & (Project.state == "running")
    return condition


def show_gantt(ask: Ask) -> Response:
    """Milestones of running projects on a time line, with the baseline of the contract."""
    with ask.records.database.read() as session:
        condition = projects_seen(ask) & Project.state.in_(("running", "suspended", "closing"))
        found, place = rows_of(session, ask, Project, condition, (Project.number,))
        milestones: dict[str, list[ProjectMilestone]] = {}
        statement = select(ProjectMilestone).where(ProjectMilestone.project_id.in_([p.id for p in found]))
        for row in session.execute(statement.order_by(ProjectMilestone.due)).scalars():
            milestones.setdefault(row.project_id, []).append(row)
    days = [d for p in found for d in (p.start, p.end) if d] + [m.due for group in milestones.values() for m in group]
    first, last = (min(days), max(days)) if days else (date.min, date.min)
    span = max((last - first).days, 1)
    return ask.page(
        "programme_gantt.html", found=found, milestones=milestones, first=first, last=last,
        at=lambda day: round(NAMES + (PICTURE - NAMES - 8) * (day - first).days / span, 1), today=local_day(ask.records.database.clock()),
        years=range(first.year + 1, last.year + 1),
        **place,
    )  # fmt: skip


def show_project(ask: Ask) -> Response:
    """One project; the public sees what it is about, those who have to do with it everything."""
    with ask.records.database.read() as session:
        project = find(session, Project, ask.query("id"))
        target = project_target(project)
        ask.require("project.read", target)
        inside = any(
            ask.may(action, target) for action in ("project.verify", "project.report", "dispatch.read")
        ) or ask.may("log.read")
        log = log_of(session, ask, f"project:{project.id}") if inside and ask.may("log.receipt", target) else None
        known = names(session, ask, {project.lead_id}, {project.chief_id})
        parts = _inside(session, project) if inside else {}
        drafting = project.state == "contracting" and ask.may("contract.draft", target)
        suggested = suggested_budget(session, project) if drafting else {}
        acceptance = session.get(Acceptance, project.id)
    if acceptance is not None and not inside and acceptance.approved_at is None:
        acceptance = None
    graph = workflow("project")
    steps = {s.id for s in graph.available(project.state, ask.principal, ask.records.rights, target)}
    may = {
        name: ask.may(action, target)
        for name, action in (
            ("draft", "contract.draft"), ("commit", "funds.commit"), ("pay", "funds.pay"), ("spend", "funds.spend"),
            ("report", "project.report"), ("verify", "project.verify"), ("judge", "project.steer"), ("change", "project.change"),
            ("decide", "change.decide"), ("budget", "project.budget"),
        )
    }  # fmt: skip
    return ask.page(
        "programme_project.html", project=project, known=known, inside=inside, log=log, graph=graph, steps=steps, can=may,
        acceptance=acceptance, steering=[(s, step_name(ask, "project", s)) for s in STEERING if s in steps], colours=COLOURS,
        kinds=list(KINDS),
        verdicts=VERDICTS, empty=range(EMPTY_MILESTONES), today=local_day(ask.records.database.clock()),
        suggested=suggested, fixed=FIXED, plain=plain, decimal=Decimal, action=_action_name(ask, project.action),
        target=lambda region: Target(region=region), account=lambda code: _account_name(ask, code),
        labels={k.code: ask.shown_name(k) for group in parts.get("kpis", {}).values() for k in group},
        units={k.code: k.unit for group in parts.get("kpis", {}).values() for k in group},
        subjects={x.code: ask.shown_name(x) for group in (*parts.get("kpis", {}).values(), parts.get("milestones", [])) for x in group},
        **({"contracts": [], "kpis": {}, "gaps": {},
            "milestones": [], "reports": [], "postings": [], "money_in": {}, "changes": [], "signals": [],
            "tasks": [], "files": [], "values": {}} | parts),
    )  # fmt: skip


def _account_name(ask: Ask, code: str) -> str:
    """Return what an account of the ledger is called: that of a funder, or one of the project."""
    kind, _, funder = code.partition(":")
    if kind == "funder":
        return ask.text(f"portal.funder.{'prefecture' if '/' in funder else funder}")
    return ask.text(f"portal.account.{code}") if code in {a.value for a in Account} else code


def _action_name(ask: Ask, action: str) -> str:
    actions = plan_of(ask.records.settings.province).actions()
    return next((a.name(ask.language) for a in actions if a.id == action), action)


def _inside(session: Session, project: Project) -> dict[str, Any]:
    """Return what only those see who have to do with a project."""

    def rows(kind: Any, order: Any) -> list[Any]:
        return list(session.execute(select(kind).where(kind.project_id == project.id).order_by(order)).scalars())

    contracts = rows(Contract, Contract.version)
    kpis = {
        c.id: list(session.execute(select(ContractKpi).where(ContractKpi.contract_id == c.id).order_by(ContractKpi.code)).scalars())
        for c in contracts
    }  # fmt: skip
    files = files_of(session, "project", project.id)
    milestones = rows(ProjectMilestone, ProjectMilestone.due)
    for milestone in milestones:
        files += files_of(session, "milestone", milestone.id)
    files += files_of(session, "acceptance", project.id)
    return {
        "contracts": contracts, "kpis": kpis,
        "gaps": gaps(session, project, contracts[-1].shares) if contracts else {},
        "milestones": milestones, "reports": rows(KpiReport, KpiReport.reported_at),
        "postings": postings_of(session, project.id), "money_in": {a.value: balance_of(session, project.id, a) for a in Account},
        "changes": rows(ChangeRequest, ChangeRequest.asked_at), "signals": rows(ProjectSignal, ProjectSignal.since),
        "tasks": rows(DispatchTask, DispatchTask.due), "files": files,
        "values": {k.id: k for k in reached(session, project)} if contracts else {},
    }  # fmt: skip


def _back(ask: Ask) -> str:
    return f"/programme/project?id={ask.query('id')}"


def _contract(ask: Ask, form: Posted) -> str:
    first, last = form.day("start"), form.day("end")
    terms = []
    columns = {k: form.fields.get(f"m.{k}", []) for k in ("code", "zh", "en", "start", "due", "pays")}
    for n, code in enumerate(columns["code"]):
        if code.strip():
            part = Posted(
                {f"m.{code}.{k}": [values[n] if n < len(values) else ""] for k, values in columns.items()}, ()
            )
            terms.append(
                MilestoneTerms(
                    code.strip(),
                    part.needed(f"m.{code}.zh"),
                    part.text(f"m.{code}.en"),
                    part.day(f"m.{code}.start"),
                    part.day(f"m.{code}.due"),
                    part.number(f"m.{code}.pays"),
                )
            )
            form.problems += part.problems
    budget = _lines(form)
    form.check()
    draft_contract(ask.records, ask.principal, ask.query("id"), first, last, terms, budget=budget or None)
    return _back(ask)


def _lines(form: Posted) -> dict[str, Decimal]:
    """Return the budget lines of a form; a line that is left empty is not among them."""
    written = [name for name in form.fields if name.startswith("line.") and form.text(name)]
    return {name.partition(".")[2]: form.number(name) for name in written}


def _move_budget(ask: Ask, form: Posted) -> str:
    lines = _lines(form)
    form.check()
    move_budget(ask.records, ask.principal, ask.query("id"), lines, form.text("reason"), key=form.text("once"))
    return _back(ask)


def _commit(ask: Ask, form: Posted) -> str:
    commit_share(ask.records, ask.principal, ask.query("id"), form.text("funder"))
    return _back(ask)


def _sign(ask: Ask, form: Posted) -> str:
    sign(ask.records, ask.principal, ask.query("id"))
    return _back(ask)


def _start(ask: Ask, form: Posted) -> str:
    start(ask.records, ask.principal, ask.query("id"))
    return _back(ask)


def _milestone(ask: Ask, form: Posted) -> str:
    with ask.records.database.read() as session:
        milestone = find(session, ProjectMilestone, form.text("milestone"))
        ask.require("project.report", project_target(find(session, Project, milestone.project_id)))
    submit_milestone(ask.records, ask.principal, milestone.id, form.store(ask.records.evidence))
    return _back(ask)


def _judge_milestone(ask: Ask, form: Posted) -> str:
    accept = form.text("accept") == "yes"
    decide_milestone(ask.records, ask.principal, form.text("milestone"), accept=accept, reason=form.text("reason"))
    return _back(ask)


def _report(ask: Ask, form: Posted) -> str:
    with ask.records.database.read() as session:
        ask.require("project.report", project_target(find(session, Project, ask.query("id"))))
    values: dict[str, Decimal] = {
        name.partition(".")[2]: form.number(name)
        for name in form.fields
        if name.startswith("value.") and form.text(name)
    }
    form.check()
    report_targets(ask.records, ask.principal, ask.query("id"), values, form.store(ask.records.evidence))
    return _back(ask)


def _check(ask: Ask, form: Posted) -> str:
    check_report(ask.records, ask.principal, form.text("report"), form.text("verdict"), reason=form.text("reason"))
    return _back(ask)


def _pay(ask: Ask, form: Posted) -> str:
    pay(ask.records, ask.principal, ask.query("id"), key=form.text("once"))
    return _back(ask)


def _spend(ask: Ask, form: Posted) -> str:
    amount, reference = form.number("amount"), form.needed("reference")
    form.check()
    report_spending(ask.records, ask.principal, ask.query("id"), amount, reference, key=form.text("once"))
    return _back(ask)


def _change(ask: Ask, form: Posted) -> str:
    kind, value = form.needed("kind"), form.needed("value")
    reason = form.needed("reason")
    form.check()
    content: Any = value
    if kind in ("kpi", "budget"):
        # written as "code=number", separated by commas or lines
        pairs = [part.partition("=") for part in value.replace("\n", ",").replace("，", ",").split(",") if part.strip()]
        content = {key.strip(): number.strip() for key, _, number in pairs}
    name = KINDS.get(kind, kind)
    request_change(ask.records, ask.principal, ask.query("id"), kind, {name: content}, reason, key=form.text("once"))
    return _back(ask)


def _decide_change(ask: Ask, form: Posted) -> str:
    approve = form.text("approve") == "yes"
    decide_change(ask.records, ask.principal, form.text("change"), approve=approve, reason=form.text("reason"))
    return _back(ask)


def _steer(ask: Ask, form: Posted) -> str:
    steer(ask.records, ask.principal, ask.query("id"), form.text("step"), form.text("reason"))
    return _back(ask)


def _report_task(ask: Ask, form: Posted) -> str:
    report_task(ask.records, ask.principal, form.text("task"), form.text("report"))
    return _back(ask)


def _close_task(ask: Ask, form: Posted) -> str:
    done = form.text("done") != "no"
    close_task(ask.records, ask.principal, form.text("task"), done=done, reason=form.text("reason"))
    return _back(ask)


def _ask_acceptance(ask: Ask, form: Posted) -> str:
    with ask.records.database.read() as session:
        ask.require("acceptance.ask", project_target(find(session, Project, ask.query("id"))))
    ask_acceptance(ask.records, ask.principal, ask.query("id"), form.store(ask.records.evidence))
    return _back(ask)


def _propose(ask: Ask, form: Posted) -> str:
    excusable = form.text("excusable") == "yes"
    propose_result(ask.records, ask.principal, ask.query("id"), form.text("opinion"), excusable=excusable)
    return _back(ask)


def _approve(ask: Ask, form: Posted) -> str:
    approve_result(ask.records, ask.principal, ask.query("id"))
    return _back(ask)


def _return(ask: Ask, form: Posted) -> str:
    return_result(ask.records, ask.principal, ask.query("id"), form.text("reason"))
    return _back(ask)
