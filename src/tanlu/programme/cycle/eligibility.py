"""The facts of an application that rules look at, and what the rules say of them, each with the value seen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from tanlu.programme.cycle.rulebook import limits, pack
from tanlu.programme.cycle.tables.applications import Application
from tanlu.programme.cycle.tables.calls import Call, CallTarget, CallTechnology
from tanlu.programme.cycle.tables.closing import IntegrityRecord
from tanlu.programme.cycle.tables.projects import Project
from tanlu.records import Outcome, Predicate, RulePack, in_time, judge, local_day, related
from tanlu.records.predicates import step_sum

if TYPE_CHECKING:
    from tanlu.programme.cycle.calls import TargetTerms
    from tanlu.programme.cycle.forms import ApplicationForm

PENDING: Final = (
    "submitted", "recommended", "formal_ok", "in_review", "scored", "shortlisted", "site_visited", "proposed", "noticed", "waiting",
)  # fmt: skip
"""States of an application about which nothing is decided yet."""
RUNNING: Final = ("contracting", "signed", "running", "suspended", "closing", "judged")
"""States of a project that has not ended."""
INDIRECT: Final = "indirect"
EQUIPMENT: Final = "equipment"


def largest_indirect(session: Session, budget: dict[str, tuple[Decimal, Decimal]], day: date) -> Decimal:
    """Return the largest indirect costs that the budget rule allows for the direct costs paid by the grant [yuan]."""
    direct = sum((grant for code, (grant, _) in budget.items() if code != INDIRECT), Decimal(0))
    equipment = budget.get(EQUIPMENT, (Decimal(0), Decimal(0)))[0]
    return step_sum(limits(session, "budget", day).steps("indirect"), direct - equipment)


def is_floor(target: CallTarget | TargetTerms) -> bool:
    """Tell whether a target is the least that is to be reached (it lies above its baseline), not the most."""
    return target.target >= target.baseline


def facts_of(session: Session, call: Call, form: ApplicationForm, at: datetime, *, besides: str = "") -> dict[str, Any]:
    """Return the facts of a form on which it is judged at a moment.

    Parameters
    ----------
    besides : str
        Id of an application that does not count among the others of its people and units.
    """
    day = local_day(at)
    members = [form.lead_id, *form.partners]
    people = {form.pi_id, *form.people}
    hard = session.execute(select(CallTarget).where(CallTarget.call_id == call.id, CallTarget.hard)).scalars()
    wanted = set(session.execute(select(CallTechnology.technology).where(CallTechnology.call_id == call.id)).scalars())
    indirect = form.budget.get(INDIRECT, (Decimal(0), Decimal(0)))[0]
    facts: dict[str, Any] = dict(form.facts)
    facts |= {
        "in_time": in_time(at, call.deadline),
        "bans": _bans(session, people, members, day),
        "pi_other": _others(session, Application.pi_id == form.pi_id, besides) + _projects(session, form.pi_id),
        "lead_in_call": _others(
            session, (Application.lead_id == form.lead_id) & (Application.call_id == call.id), besides
        )
        + 1,
        "asked_above_largest": max(Decimal(0), form.asked - call.largest_grant),
        "indirect": indirect,
        "indirect_in_limit": indirect <= largest_indirect(session, dict(form.budget), day),
        "technologies_of_call": len(wanted & set(form.technologies)),
        "targets_below": sum(_falls_short(t, form.targets.get(t.code)) for t in hard),
        "members_related_to_owner": sum(
            call.owner_id is not None and related(session, member, call.owner_id) is not None for member in members
        ),
        "chief_running": _projects(session, form.pi_id, kind="chief_expert"),
        "months": form.months,
        "members": len(set(members)),
    }
    return facts


def outcomes_of(session: Session, call: Call, facts: dict[str, Any], day: date) -> list[Outcome]:
    """Return what the packs of all applications, of the kind of the call, and the gates of the call say."""
    packs = [pack(session, name, day) for name in ("apply-common", f"apply-{call.kind.replace('_', '-')}")]
    if call.gates:
        packs.append(_gates(call))
    return [outcome for chosen in packs for outcome in judge(chosen, facts)]


def _gates(call: Call) -> RulePack:
    keys = ("code", "zh", "en", "source", "test", "unit")
    predicates = tuple(
        Predicate(
            f"gate.{g['code']}", str(g["zh"]), str(g["en"]), str(g.get("source") or call.number), str(g["test"]),
            {k: v for k, v in g.items() if k not in keys}, str(g.get("unit") or ""),
        )
        for g in call.gates
    )  # fmt: skip
    day = local_day(call.created_at)
    return RulePack(
        f"call-{call.number}", "application", call.zh, call.en, call.number, "", "verified", day, None, predicates
    )


def _falls_short(target: CallTarget, promised: Decimal | None) -> bool:
    if promised is None:
        return True
    return promised < target.target if is_floor(target) else promised > target.target


def _bans(session: Session, people: Iterable[str], members: Iterable[str], day: date) -> int:
    statement = (
        select(func.count())
        .select_from(IntegrityRecord)
        .where(
            IntegrityRecord.first <= day,
            IntegrityRecord.last >= day,
            or_(
                IntegrityRecord.person_id.in_(sorted(people)), IntegrityRecord.organisation_id.in_(sorted(set(members)))
            ),
        )
    )
    return session.execute(statement).scalar_one()


def _others(session: Session, condition: Any, besides: str) -> int:
    statement = (
        select(func.count())
        .select_from(Application)
        .where(condition, Application.state.in_(PENDING), Application.id != besides)
    )
    return session.execute(statement).scalar_one()


def _projects(session: Session, chief_id: str, kind: str | None = None) -> int:
    statement = (
        select(func.count()).select_from(Project).where(Project.chief_id == chief_id, Project.state.in_(RUNNING))
    )
    if kind is not None:
        statement = statement.where(Project.kind == kind)
    return session.execute(statement).scalar_one()
