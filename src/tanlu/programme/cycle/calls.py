"""Calls: drafted, approved by a second officer, published, closed. The rules of each kind are rule packs, not code."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import begin, call_target, done_before, find, move, note_once, refuse, require_texts
from tanlu.programme.cycle.rulebook import pack
from tanlu.programme.cycle.tables.calls import Call, CallFunder, CallTarget, CallTechnology
from tanlu.records import (
    Change,
    Outcome,
    Principal,
    Records,
    RefusedError,
    find_organisation,
    in_time,
    judge,
    local_day,
    new_id,
)
from tanlu.records.predicates import TESTS, parameter_fault

KINDS: Final = ("challenge", "horse_race", "chief_expert", "guideline")
"""揭榜挂帅, 赛马争先, 首席专家负责制, 指南."""
FUNDERS: Final = ("province", "ministry", "prefecture")
LINES: Final = ("strict", "skip_to_smaller")
PERSON_FACTS: Final = frozenset({"pi_title", "pi_degree", "pi_age", "pi_rank", "pi_post", "pi_honours", "lead_rank"})
"""Facts of an application that say who somebody is; an open challenge may not ask for them."""


@dataclass(frozen=True, slots=True)
class TargetTerms:
    """A target: the direction is from baseline to target; a hard one is the least that a contract promises."""

    code: str
    zh: str
    en: str
    unit: str
    baseline: Decimal
    target: Decimal
    hard: bool = True


@dataclass(frozen=True, slots=True)
class RubricItem:
    """An item of the marks: weight out of 1, full marks, and what the marks mean."""

    id: str
    zh: str
    en: str
    weight: Fraction
    full: int = 100
    anchors: str = ""


RUBRIC: Final = (
    RubricItem("route", "技术路线", "technical route", Fraction(3, 10)),
    RubricItem("targets", "指标与减排效果", "targets and abatement", Fraction(3, 10)),
    RubricItem("team", "团队与条件", "team and means", Fraction(2, 10)),
    RubricItem("landing", "落地与推广", "deployment", Fraction(2, 10)),
)
"""Marks that a call uses when it names none (assumption)."""


@dataclass(frozen=True, slots=True)
class CallTerms:
    """What a call says; money in yuan, ``funders`` are shares that add up to 1."""

    kind: str
    year: int
    region: str
    zh: str
    en: str
    text_zh: str
    text_en: str
    pot: Decimal
    largest_grant: Decimal
    deadline: datetime
    technologies: Sequence[str]
    targets: Sequence[TargetTerms] = ()
    funders: Mapping[str, Decimal] = field(default_factory=lambda: {"province": Decimal(1)})
    owner_id: str | None = None
    recommend_until: datetime | None = None
    line: str = "strict"
    threshold: Decimal = Decimal(60)
    panel_size: int = 5
    stages: int = 1
    first_stage_share: Decimal = Decimal(1)
    rubric: Sequence[RubricItem] = RUBRIC
    gates: Sequence[Mapping[str, Any]] = ()


def draft_call(
    records: Records, principal: Principal, terms: CallTerms, *, known: Mapping[str, str] | None = None, key: str = ""
) -> Call:
    """Make a call as a draft.

    Parameters
    ----------
    known : mapping of str to str, optional
        Technologies of the plan and the action of each; others are refused.
    key : str
        The same key makes the call once.

    Raises
    ------
    RefusedError
        With everything that is wrong, and every rule of its kind that the call breaks.
    """
    call_id = new_id()
    with records.database.change(principal.person_id, "call.draft", f"call:{call_id}") as change:
        earlier = done_before(change, principal, key)
        if earlier is not None:
            return find(change.session, Call, earlier)
        call = Call(id=call_id, number=_number(change, terms), created_by=principal.person_id, created_at=change.at)
        begin(call, "call")
        _write(call, terms)
        records.rights.require(principal, "call.edit", call_target(call))
        _require_terms(change, terms, known)
        change.session.add(call)
        change.session.flush()
        _write_parts(change, call.id, terms, known or {})
        note_once(change, principal, key, call.id)
    return call


def edit_call(
    records: Records, principal: Principal, call_id: str, terms: CallTerms, *, known: Mapping[str, str] | None = None
) -> Call:
    """Write a draft anew.

    Raises
    ------
    RefusedError
        If the call is no draft, or with everything that is wrong.
    """
    with records.database.change(principal.person_id, "call.edit", f"call:{call_id}") as change:
        call = find(change.session, Call, call_id)
        records.rights.require(principal, "call.edit", call_target(call))
        if call.state != "draft":
            raise refuse("call_fixed", "call", "state", call.state)
        _require_terms(change, terms, known)
        _write(call, terms)
        records.rights.require(principal, "call.edit", call_target(call))
        for part in (CallFunder, CallTarget, CallTechnology):
            for row in change.session.execute(select(part).where(part.call_id == call_id)).scalars():
                change.session.delete(row)
        change.session.flush()
        _write_parts(change, call.id, terms, known or {})
    return call


def move_call(records: Records, principal: Principal, call_id: str, transition: str, *, reason: str = "") -> Call:
    """Move a call: ``submit``, ``return``, ``approve`` (by a second officer), ``publish``, ``close``, ``cancel``.

    Raises
    ------
    RefusedError
        If right, state, second person or reason is missing; if the call would be published after its deadline or closed before it; and
        with every rule that the call breaks on the day it is submitted or published.
    """
    if transition not in MOVES:
        raise refuse("unknown_choice", "call", "transition", transition, refers_to="call", some=", ".join(MOVES))
    with records.database.change(principal.person_id, f"call.{transition}", f"call:{call_id}", reason=reason) as change:
        call = find(change.session, Call, call_id)
        move(change, records, principal, "call", call, transition, call_target(call), reason=reason)
        if transition in ("submit", "publish"):
            _require_rules(change.session, terms_of(change.session, call), change.at)
        if transition == "publish":
            if not in_time(change.at, call.deadline):
                raise refuse("deadline_passed", "call", "deadline", call.deadline.isoformat())
            call.published_at = change.at
        if transition == "close" and in_time(change.at, call.deadline):
            raise refuse("deadline_ahead", "call", "deadline", call.deadline.isoformat())
    return call


MOVES: Final = ("submit", "return", "approve", "publish", "close", "cancel")
"""Transitions that an officer makes by hand; the others follow from review, decision and notice."""


def terms_of(session: Session, call: Call) -> CallTerms:
    """Return what a call says."""
    funders = session.execute(select(CallFunder).where(CallFunder.call_id == call.id)).scalars()
    targets = session.execute(select(CallTarget).where(CallTarget.call_id == call.id).order_by(CallTarget.code))
    technologies = session.execute(
        select(CallTechnology.technology).where(CallTechnology.call_id == call.id).order_by(CallTechnology.technology)
    )
    return CallTerms(
        call.kind,
        call.year,
        call.region,
        call.zh,
        call.en,
        call.text_zh,
        call.text_en,
        call.pot,
        call.largest_grant,
        call.deadline,
        list(technologies.scalars()),
        [TargetTerms(t.code, t.zh, t.en, t.unit, t.baseline, t.target, t.hard) for t in targets.scalars()],
        {f.funder: f.share for f in funders},
        call.owner_id,
        call.recommend_until,
        call.line,
        call.threshold,
        call.panel_size,
        call.stages,
        call.first_stage_share,
        [RubricItem(i["id"], i["zh"], i["en"], Fraction(i["weight"]), i["full"], i["anchors"]) for i in call.rubric],
        call.gates,
    )


def call_outcomes(session: Session, terms: CallTerms, at: datetime) -> list[Outcome]:
    """Return what the rule packs of calls say of a call, with the values seen."""
    facts = {
        "pot": terms.pot,
        "shares_total": f"{sum(terms.funders.values(), Decimal(0)):.4f}",
        "technologies": len(set(terms.technologies)),
        "panel_size": terms.panel_size,
        "days_open": (local_day(terms.deadline) - local_day(at)).days,
        "has_owner": terms.owner_id is not None,
        "hard_targets": sum(t.hard for t in terms.targets),
        "person_gates": sum(str(gate.get("field")) in PERSON_FACTS for gate in terms.gates),
        "stages": terms.stages,
        "first_stage_share": terms.first_stage_share,
        "has_text": bool(terms.text_zh.strip() and terms.text_en.strip()),
    }
    day = local_day(at)
    packs = [pack(session, name, day) for name in ("call-common", f"call-{terms.kind.replace('_', '-')}")]
    return [outcome for chosen in packs for outcome in judge(chosen, facts)]


def _number(change: Change, terms: CallTerms) -> str:
    statement = select(func.count()).select_from(Call).where(Call.year == terms.year)
    return f"{terms.year}-{change.session.execute(statement).scalar_one() + 1:03d}"


def _write(call: Call, terms: CallTerms) -> None:
    for name in (
        "year", "kind", "region", "zh", "en", "text_zh", "text_en", "owner_id", "pot", "largest_grant", "deadline",
        "recommend_until", "line", "threshold", "panel_size", "stages", "first_stage_share",
    ):  # fmt: skip
        setattr(call, name, getattr(terms, name))
    call.rubric = [
        {"id": i.id, "zh": i.zh, "en": i.en, "weight": str(i.weight), "full": i.full, "anchors": i.anchors}
        for i in terms.rubric
    ]
    call.gates = [{str(k): v for k, v in gate.items()} for gate in terms.gates]


def _write_parts(change: Change, call_id: str, terms: CallTerms, actions: Mapping[str, str]) -> None:
    add = change.session.add
    for funder, share in terms.funders.items():
        add(CallFunder(call_id=call_id, funder=funder, share=share))
    for t in terms.targets:
        add(
            CallTarget(
                call_id=call_id, code=t.code, zh=t.zh, en=t.en, unit=t.unit, baseline=t.baseline, target=t.target,
                hard=t.hard,
            )
        )  # fmt: skip
    for technology in sorted(set(terms.technologies)):
        add(CallTechnology(call_id=call_id, technology=technology, action=actions.get(technology, "")))
    change.session.flush()


def _require_terms(change: Change, terms: CallTerms, known: Mapping[str, str] | None) -> None:
    """Refuse terms that no call can have, then those that the rules of its kind forbid."""
    problems = require_texts("call", zh=terms.zh, en=terms.en, region=terms.region)
    for name, value, allowed in (("kind", terms.kind, KINDS), ("line", terms.line, LINES)):
        if value not in allowed:
            details = {"refers_to": name, "some": ", ".join(allowed)}
            problems.append(Problem("unknown_choice", "call", field=name, value=value, details=details))
    for funder, share in terms.funders.items():
        if funder not in FUNDERS:
            details = {"refers_to": "funder", "some": ", ".join(FUNDERS)}
            problems.append(Problem("unknown_choice", "call", field="funders", value=funder, details=details))
        if not 0 < share <= 1:
            problems.append(Problem("not_a_share", "call", field="funders", value=str(share)))
    if not 0 < terms.first_stage_share <= 1:
        problems.append(Problem("not_a_share", "call", field="first_stage_share", value=str(terms.first_stage_share)))
    for technology in terms.technologies:
        if known is not None and technology not in known:
            details = {"refers_to": "plan", "some": ", ".join(sorted(known)[:4])}
            problems.append(Problem("unknown_choice", "call", field="technologies", value=technology, details=details))
    codes = Counter(t.code for t in terms.targets)
    problems += [Problem("name_twice", "call", field="targets", value=c) for c, n in codes.items() if n > 1]
    if terms.recommend_until is not None and terms.recommend_until < terms.deadline:
        details = {"first": terms.deadline.isoformat()}
        problems.append(
            Problem("span_backward", "call", field="recommend_until", value=str(terms.recommend_until), details=details)
        )
    problems += _rubric_problems(terms.rubric) + [p for gate in terms.gates for p in _gate_problems(gate)]
    if problems:
        raise RefusedError(*problems)
    if terms.owner_id is not None:
        find_organisation(change.session, terms.owner_id)
    _require_rules(change.session, terms, change.at)


def _rubric_problems(rubric: Sequence[RubricItem]) -> list[Problem]:
    from tanlu.programme.review import Item, Rubric

    try:
        Rubric(tuple(Item(i.id, i.weight, i.full) for i in rubric))
    except ValueError as error:
        return [Problem("rule_limit", "call", field="rubric", value="", details={"reason": str(error)})]
    return []


def _gate_problems(gate: Mapping[str, Any]) -> list[Problem]:
    """Return what is wrong with a condition that the call adds to those of its kind."""
    problems = [
        Problem("missing_key", "call", field=f"gates.{k}") for k in ("code", "zh", "en", "test") if not gate.get(k)
    ]
    test = str(gate.get("test", ""))
    if test and test not in TESTS:
        details = {"refers_to": "tests", "some": ", ".join(TESTS)}
        problems.append(Problem("unknown_choice", "call", field="gates.test", value=test, details=details))
    elif test:
        problems += [Problem("missing_key", "call", field=f"gates.{k}") for k in TESTS[test].needs if k not in gate]
        reason = parameter_fault(test, gate)
        if reason:
            problems.append(
                Problem("rule_limit", "call", field="gates", value=str(gate.get("code")), details={"reason": reason})
            )
    return problems


def _require_rules(session: Session, terms: CallTerms, at: datetime) -> None:
    problems = [
        Problem(
            "guard_fails", o.pack, field=o.predicate.code, value=o.seen or "-",
            details={"guard_zh": o.predicate.zh, "guard_en": o.predicate.en},
        )
        for o in call_outcomes(session, terms, at)
        if o.result != "pass"
    ]  # fmt: skip
    if problems:
        raise RefusedError(*problems)
