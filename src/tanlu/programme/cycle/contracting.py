"""Contracts (任务书): drafted with targets no lower than those of the call, signed by the lead, started when every share is promised."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import find, move, project_target, refuse
from tanlu.programme.cycle.eligibility import INDIRECT, RUNNING, largest_indirect
from tanlu.programme.cycle.ledger import contract_of, gaps, milestones_of, post
from tanlu.programme.cycle.tables.applications import ApplicationTarget, BudgetLine
from tanlu.programme.cycle.tables.calls import Call, CallFunder, CallTarget
from tanlu.programme.cycle.tables.projects import Contract, ContractKpi, Project, ProjectMilestone
from tanlu.programme.money import Account
from tanlu.records import Change, Principal, Records, RefusedError, Target, local_day, new_id, require_other

FEN = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class MilestoneTerms:
    """A milestone: when its work begins and is due, what part of the grant it releases [%], the code of the one it waits for."""

    code: str
    zh: str
    en: str
    start: date
    due: date
    pays: Decimal
    after: str = ""


def draft_contract(
    records: Records,
    principal: Principal,
    project_id: str,
    start: date,
    end: date,
    milestones: Sequence[MilestoneTerms],
    *,
    kpis: Mapping[str, Decimal] | None = None,
    budget: Mapping[str, Decimal] | None = None,
) -> Contract:
    """Draft the first version of a contract, or draft it anew before it is signed.

    Parameters
    ----------
    kpis : mapping of str to Decimal, optional
        Targets; by default those that the applicant promised. A hard one is never below the call.
    budget : mapping of str to Decimal, optional
        Line → amount paid by the grant; by default that of the application, which fits only where all was granted that was asked for.

    Raises
    ------
    RefusedError
        With everything that is wrong: dates, parts that do not add up to 100 %, a target below the call, a budget that is not the grant,
        indirect costs above the rule.
    """
    with records.database.change(principal.person_id, "contract.draft", f"project:{project_id}") as change:
        session = change.session
        project = find(session, Project, project_id)
        records.rights.require(principal, "contract.draft", project_target(project))
        if project.state != "contracting":
            raise refuse("contract_signed", "contract", "project", project.state)
        call = find(session, Call, project.call_id)
        grant = first_grant(project, call)
        lines = dict(budget) if budget is not None else _asked_lines(session, project.application_id)
        targets = _targets(session, project, kpis or {})
        problems = milestone_problems(start, end, milestones)
        problems += target_problems(session, call.id, {t.code: t.target for t in targets})
        problems += budget_problems(session, lines, grant, local_day(change.at))
        if problems:
            raise RefusedError(*problems)
        for old in milestones_of(session, project_id):
            session.delete(old)
        session.flush()
        for m in milestones:
            session.add(_milestone(project_id, m))
        contract = add_version(
            change, project, grant, start, end, lines, shares_of(session, call, project, grant), targets, ""
        )
    return contract


def first_grant(project: Project, call: Call) -> Decimal:
    """Return what the contract begins with: the grant, in a horse race its part for the first stage [yuan]."""
    if call.kind != "horse_race" or project.stage > 1:
        return project.grant
    return (project.grant * call.first_stage_share).quantize(FEN, ROUND_DOWN)


def suggested_budget(session: Session, project: Project) -> dict[str, Decimal]:
    """Return the lines that the applicant asked for, in proportion where the contract begins with less [yuan].

    The last line takes what rounding leaves; indirect costs are rounded down, so that they keep the rule that they kept.
    """
    asked = _asked_lines(session, project.application_id)
    grant = first_grant(project, find(session, Call, project.call_id))
    whole = sum(asked.values(), Decimal(0))
    if whole in (grant, 0):
        return asked
    found = {code: (amount * grant / whole).quantize(FEN, ROUND_DOWN) for code, amount in asked.items()}
    last = max((code for code in found if code != INDIRECT), default=INDIRECT)
    found[last] += grant - sum(found.values(), Decimal(0))
    return found


def shares_of(session: Session, call: Call, project: Project, grant: Decimal) -> dict[str, str]:
    """Return what each funder pays of a grant [yuan, as text]; the last one pays what rounding leaves. A prefecture is that of the lead."""
    funders = session.execute(select(CallFunder).where(CallFunder.call_id == call.id).order_by(CallFunder.funder))
    found, left = {}, grant
    rows = list(funders.scalars())
    for n, row in enumerate(rows, 1):
        name = project.region if row.funder == "prefecture" else row.funder
        part = left if n == len(rows) else (grant * row.share).quantize(FEN, ROUND_DOWN)
        found[name] = str(part)
        left -= part
    return found


def add_version(
    change: Change,
    project: Project,
    grant: Decimal,
    start: date,
    end: date,
    budget: Mapping[str, Decimal],
    shares: Mapping[str, str],
    targets: Sequence[ContractKpi],
    reason: str,
) -> Contract:
    """Add a contract version with copies of its targets."""
    project.version += 1
    contract = Contract(
        id=new_id(),
        project_id=project.id,
        version=project.version,
        grant=grant,
        start=start,
        end=end,
        budget={code: str(amount) for code, amount in budget.items()},
        shares=dict(shares),
        reason=reason,
        drafted_by=change.actor,
        drafted_at=change.at,
    )
    change.session.add(contract)
    change.session.flush()
    for t in targets:
        change.session.add(
            ContractKpi(
                contract_id=contract.id, code=t.code, zh=t.zh, en=t.en, unit=t.unit, baseline=t.baseline, target=t.target,
                hard=t.hard,
            )
        )  # fmt: skip
    change.session.flush()
    return contract


def _targets(session: Session, project: Project, wanted: Mapping[str, Decimal]) -> list[ContractKpi]:
    """Return the targets of a first version, not added to anything."""
    promised = {
        row.code: row.promised
        for row in session.execute(
            select(ApplicationTarget).where(ApplicationTarget.application_id == project.application_id)
        ).scalars()
    }
    rows = session.execute(
        select(CallTarget).where(CallTarget.call_id == project.call_id).order_by(CallTarget.code)
    ).scalars()
    return [
        ContractKpi(
            contract_id="", code=t.code, zh=t.zh, en=t.en, unit=t.unit, baseline=t.baseline, hard=t.hard,
            target=wanted.get(t.code, promised.get(t.code, t.target)),
        )
        for t in rows
    ]  # fmt: skip


def target_problems(session: Session, call_id: str, targets: Mapping[str, Decimal]) -> list[Problem]:
    """Return a problem for every hard target of the call that a contract would fall short of."""
    found = []
    for t in session.execute(select(CallTarget).where(CallTarget.call_id == call_id, CallTarget.hard)).scalars():
        given = targets.get(t.code)
        upward = t.target >= t.baseline
        if given is None or (given < t.target if upward else given > t.target):
            details = {"least": f"{t.target:f}"}
            found.append(Problem("target_below", "contract", field=t.code, value=str(given), details=details))
    return found


def budget_problems(session: Session, budget: Mapping[str, Decimal], grant: Decimal, day: date) -> list[Problem]:
    """Return what is wrong with a budget: another sum than the grant, or indirect costs above the rule."""
    found = []
    total = sum(budget.values(), Decimal(0))
    if total != grant:
        details = {"grant": f"{grant:f}"}
        found.append(Problem("budget_sum", "contract", field="budget", value=f"{total:f}", details=details))
    largest = largest_indirect(session, {code: (amount, Decimal(0)) for code, amount in budget.items()}, day)
    if budget.get(INDIRECT, Decimal(0)) > largest:
        details = {"largest": f"{largest:f}"}
        found.append(
            Problem("indirect_high", "contract", field=INDIRECT, value=f"{budget[INDIRECT]:f}", details=details)
        )
    return found


def milestone_problems(start: date, end: date, milestones: Sequence[MilestoneTerms]) -> list[Problem]:
    """Return what is wrong with the dates and parts of milestones."""
    problems = []
    if end <= start:
        problems.append(
            Problem("span_backward", "contract", field="end", value=str(end), details={"first": start.isoformat()})
        )
    codes = Counter(m.code for m in milestones)
    problems += [Problem("name_twice", "contract", field="milestones", value=c) for c, n in codes.items() if n > 1]
    total = sum((m.pays for m in milestones), Decimal(0))
    if total != 100:
        problems.append(Problem("parts_sum", "contract", field="milestones", value=f"{total:f}"))
    for m in milestones:
        if not start <= m.start <= m.due <= end or m.pays < 0:
            problems.append(Problem("milestone_dates", "contract", field=m.code, value=f"{m.start} – {m.due}"))
        if m.after and (m.after not in codes or m.after == m.code):
            details = {"refers_to": "milestones", "some": ", ".join(codes)}
            problems.append(Problem("unknown_choice", "contract", field=m.code, value=m.after, details=details))
    return problems


def _asked_lines(session: Session, application_id: str) -> dict[str, Decimal]:
    rows = session.execute(select(BudgetLine).where(BudgetLine.application_id == application_id)).scalars()
    return {row.code: row.grant for row in rows}


def _milestone(project_id: str, m: MilestoneTerms) -> ProjectMilestone:
    return ProjectMilestone(
        id=new_id(), project_id=project_id, code=m.code, zh=m.zh, en=m.en, start=m.start, due=m.due, first_due=m.due, after=m.after,
        pays=m.pays, state="open", submitted_by="", accepted_by="",
    )  # fmt: skip


def commit_share(records: Records, principal: Principal, project_id: str, funder: str) -> Decimal:
    """Promise what is missing of a funder's share; the bureau of a prefecture promises that of the prefecture.

    Returns
    -------
    Decimal
        What was promised [yuan].
    """
    with records.database.change(principal.person_id, "funds.commit", f"project:{project_id}") as change:
        project = find(change.session, Project, project_id)
        place = funder if "/" in funder else find(change.session, Call, project.call_id).region
        records.rights.require(principal, "funds.commit", Target(region=place))
        contract = contract_of(change.session, project)
        missing = gaps(change.session, project, contract.shares).get(funder)
        if missing is None:
            raise refuse("share_committed", "contract", "funder", funder)
        post(change, project, f"funder:{funder}", Account.COMMITTED, missing, f"contract:{contract.version}")
        change.details |= {"funder": funder, "amount": str(missing)}
    return missing


def sign(records: Records, principal: Principal, project_id: str) -> Project:
    """Sign the contract as its lead."""
    with records.database.change(principal.person_id, "contract.sign", f"project:{project_id}") as change:
        project = find(change.session, Project, project_id)
        contract = contract_of(change.session, project)
        change.details["version"] = contract.version
        move(change, records, principal, "project", project, "sign", project_target(project))
    return project


def start(records: Records, principal: Principal, project_id: str) -> Project:
    """Countersign and start a project, as another officer than the one who drafted the contract.

    Raises
    ------
    RefusedError
        If a funder's share is not promised, or the chief runs another project as chief.
    """
    with records.database.change(principal.person_id, "contract.start", f"project:{project_id}") as change:
        session = change.session
        project = find(session, Project, project_id)
        move(change, records, principal, "project", project, "start", project_target(project))
        contract = contract_of(session, project)
        require_other(principal.person_id, contract.drafted_by)
        problems = [
            Problem("share_missing", "contract", field=funder, value=f"{amount:f}")
            for funder, amount in gaps(session, project, contract.shares).items()
        ]
        problems += chief_problems(session, project, project.chief_id)
        if problems:
            raise RefusedError(*problems)
        project.start, project.end = contract.start, contract.end
    return project


def chief_problems(session: Session, project: Project, chief_id: str) -> list[Problem]:
    """Return a problem if a chief expert runs another project as chief."""
    if project.kind != "chief_expert":
        return []
    statement = select(Project.number).where(
        Project.kind == "chief_expert",
        Project.chief_id == chief_id,
        Project.id != project.id,
        Project.state.in_(RUNNING[2:]),
    )
    other = session.execute(statement.limit(1)).scalar_one_or_none()
    return [] if other is None else [Problem("chief_busy", "contract", field="chief", value=other)]
