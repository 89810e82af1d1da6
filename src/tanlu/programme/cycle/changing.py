"""Formal changes of a contract: chief, lead, targets, budget, extension. An approved one is a new version; the old ones stay."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import begin, done_before, find, move, note_once, project_target, refuse
from tanlu.programme.cycle.contracting import add_version, budget_problems, chief_problems, target_problems
from tanlu.programme.cycle.ledger import contract_of, kpis_of
from tanlu.programme.cycle.rulebook import limits
from tanlu.programme.cycle.running import require_running
from tanlu.programme.cycle.tables.projects import ChangeRequest, Contract, ContractKpi, Project
from tanlu.programme.tracking import ExtensionRule, extension_refusals
from tanlu.records import (
    Principal,
    Records,
    RefusedError,
    find_organisation,
    find_person,
    local_day,
    new_id,
    require_other,
)

KINDS: Final = {"chief": "chief_id", "unit": "lead_id", "kpi": "targets", "budget": "budget", "extension": "end"}
"""What may be changed, and the key of what shall hold after it."""


@dataclass
class _Wanted:
    """What a request asks for, read and checked."""

    end: date | None = None
    chief_id: str | None = None
    lead_id: str | None = None
    targets: dict[str, Decimal] = field(default_factory=dict)
    budget: dict[str, Decimal] = field(default_factory=dict)


def request_change(
    records: Records,
    principal: Principal,
    project_id: str,
    kind: str,
    content: Mapping[str, Any],
    reason: str,
    *,
    key: str = "",
) -> ChangeRequest:
    """Ask for a change.

    Parameters
    ----------
    kind : str
        ``chief`` {chief_id}, ``unit`` {lead_id}, ``kpi`` {targets}, ``budget`` {budget}, ``extension`` {end}; numbers and dates as text.

    Raises
    ------
    RefusedError
        With everything that forbids it now: an extension too late, too long or once too often, a target below the call, a budget that does
        not fit.
    """
    request_id = new_id()
    with records.database.change(principal.person_id, "change.request", f"change-request:{request_id}") as change:
        session = change.session
        earlier = done_before(change, principal, key)
        if earlier is not None:
            return find(session, ChangeRequest, earlier)
        project = find(session, Project, project_id)
        records.rights.require(principal, "project.change", project_target(project))
        require_running(project)
        if not reason.strip():
            raise refuse("reason_needed", "change", "reason")
        if kind not in KINDS:
            raise refuse("unknown_choice", "change", "kind", kind, refers_to="kind", some=", ".join(KINDS))
        _require_allowed(session, project, kind, _read(kind, content), local_day(change.at))
        request = ChangeRequest(
            id=request_id,
            project_id=project_id,
            kind=kind,
            content=dict(content),
            reason=reason.strip(),
            asked_by=principal.person_id,
            asked_at=change.at,
        )
        begin(request, "change-request")
        session.add(request)
        note_once(change, principal, key, request_id)
    return request


def decide_change(
    records: Records, principal: Principal, request_id: str, *, approve: bool, reason: str = ""
) -> ChangeRequest:
    """Approve a change, which adds a contract version, or reject it with a reason; never one's own.

    An extension is judged by the day on which it was asked for, everything else as things stand now.
    """
    step = "approve" if approve else "reject"
    subject = f"change-request:{request_id}"
    with records.database.change(principal.person_id, f"change.{step}", subject, reason=reason) as change:
        session = change.session
        request = find(session, ChangeRequest, request_id)
        project = find(session, Project, request.project_id)
        target = project_target(project)
        require_other(principal.person_id, request.asked_by)
        records.rights.require(principal, "change.decide", target)
        wanted = _read(request.kind, request.content)
        if approve and request.state == "requested":
            require_running(project)
            _require_allowed(session, project, request.kind, wanted, local_day(request.asked_at))
        move(change, records, principal, "change-request", request, step, target, reason=reason)
        if approve:
            contract = contract_of(session, project)
            targets = [_with(k, wanted) for k in kpis_of(session, contract)]
            budget = wanted.budget or {code: Decimal(amount) for code, amount in contract.budget.items()}
            project.end = wanted.end or project.end
            project.chief_id = wanted.chief_id or project.chief_id
            project.lead_id = wanted.lead_id or project.lead_id
            end = wanted.end or contract.end
            why = f"{subject} {request.kind}"
            add_version(change, project, contract.grant, contract.start, end, budget, contract.shares, targets, why)
    return request


def withdraw_change(records: Records, principal: Principal, request_id: str) -> ChangeRequest:
    """Take a request back."""
    with records.database.change(principal.person_id, "change.withdraw", f"change-request:{request_id}") as change:
        request = find(change.session, ChangeRequest, request_id)
        project = find(change.session, Project, request.project_id)
        move(change, records, principal, "change-request", request, "withdraw", project_target(project))
    return request


def _with(kpi: ContractKpi, wanted: _Wanted) -> ContractKpi:
    return ContractKpi(
        contract_id="", code=kpi.code, zh=kpi.zh, en=kpi.en, unit=kpi.unit, baseline=kpi.baseline,
        target=wanted.targets.get(kpi.code, kpi.target), hard=kpi.hard,
    )  # fmt: skip


def _read(kind: str, content: Mapping[str, Any]) -> _Wanted:
    """Return what a request asks for; whatever else it holds is refused."""
    name = KINDS[kind]
    if set(content) != {name}:
        raise refuse("unknown_key", "change", ", ".join(sorted(content)), "", allowed=name)
    value = content[name]
    try:
        if kind == "extension":
            return _Wanted(end=date.fromisoformat(str(value)))
        if kind in ("kpi", "budget"):
            numbers = {str(k): Decimal(str(v)) for k, v in dict(value).items()}
            if not all(n.is_finite() for n in numbers.values()):
                raise ValueError(str(value))
            return _Wanted(targets=numbers) if kind == "kpi" else _Wanted(budget=numbers)
    except (ValueError, TypeError, InvalidOperation):
        raise refuse("not_a_number", "change", name, str(value)[:40]) from None
    return _Wanted(chief_id=str(value)) if kind == "chief" else _Wanted(lead_id=str(value))


def _require_allowed(session: Session, project: Project, kind: str, wanted: _Wanted, asked_on: date) -> None:
    contract = contract_of(session, project)
    problems: list[Problem] = []
    if wanted.end is not None:
        problems += _extension_problems(session, contract, wanted.end, asked_on)
    if wanted.chief_id is not None:
        find_person(session, wanted.chief_id)
        problems += chief_problems(session, project, wanted.chief_id)
    if wanted.lead_id is not None:
        find_organisation(session, wanted.lead_id)
    if kind == "kpi":
        kpis = {k.code: k.target for k in kpis_of(session, contract)}
        problems += [
            Problem("no_record", "change", field="target", value=code) for code in sorted(wanted.targets.keys() - kpis)
        ]
        problems += target_problems(session, project.call_id, kpis | wanted.targets)
    if kind == "budget":
        problems += budget_problems(session, wanted.budget, contract.grant, asked_on)
    if problems:
        raise RefusedError(*problems)


def _extension_problems(session: Session, contract: Contract, end: date, asked_on: date) -> list[Problem]:
    limit = limits(session, "changes", asked_on)
    earlier = (
        select(func.count())
        .select_from(ChangeRequest)
        .where(
            ChangeRequest.project_id == contract.project_id,
            ChangeRequest.kind == "extension",
            ChangeRequest.state == "approved",
        )
    )
    rule = ExtensionRule(limit.whole("extension_times"), limit.whole("extension_months"), limit.whole("extension_days"))
    found = extension_refusals(contract.end, end, asked_on, session.execute(earlier).scalar_one(), rule)
    return [Problem(f"extension_{reason}", "change", field="end", value=end.isoformat()) for reason in found]
