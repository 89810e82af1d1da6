"""The gate of a horse race (赛马争先): the best team goes on with the rest of the grant, the others leave without stain."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import call_target, find, move, project_target, refuse
from tanlu.programme.cycle.contracting import add_version, shares_of
from tanlu.programme.cycle.ledger import contract_of, give_back, kpis_of
from tanlu.programme.cycle.tables.calls import Call
from tanlu.programme.cycle.tables.projects import Project
from tanlu.programme.cycle.tables.review import ReviewScore
from tanlu.records import Change, Principal, Records, RefusedError


def decide_gate(
    records: Records, principal: Principal, call_id: str, scores: Mapping[str, Decimal], reason: str
) -> Project:
    """Decide a gate: scores rank the teams that run, ties go to the better rank of the review.

    What the others have not spent goes back to the call; the winner's contract gets a version with its whole grant.

    Parameters
    ----------
    scores : mapping of str to Decimal
        Project → score, for every running team of the call.

    Raises
    ------
    RefusedError
        If the call is no race, fewer than two teams run, or a team has no score.
    """
    subject = f"call:{call_id}"
    with records.database.change(principal.person_id, "race.gate", subject, reason=reason) as change:
        session = change.session
        call = find(session, Call, call_id)
        records.rights.require(principal, "project.race", call_target(call))
        if call.kind != "horse_race":
            raise refuse("not_a_race", "race", "kind", call.number)
        if not reason.strip():
            raise refuse("reason_needed", "race", "reason")
        teams = _teams(session, call_id, scores)
        winner, *others = sorted(teams, key=lambda p: (-scores[p.id], _rank(session, p), p.number))
        for project in others:
            move(change, records, principal, "project", project, "leave_race", project_target(project))
            give_back(change, project, "race")
        _raise_stage(change, call, winner)
        change.details |= {"winner": winner.id, "scores": {p: str(s) for p, s in scores.items()}}
    return winner


def _teams(session: Session, call_id: str, scores: Mapping[str, Decimal]) -> list[Project]:
    statement = select(Project).where(Project.call_id == call_id, Project.state == "running", Project.stage == 1)
    teams = list(session.execute(statement.order_by(Project.number)).scalars())
    if len(teams) < 2:
        raise refuse("no_race", "race", "teams", len(teams))
    problems = [Problem("score_missing", "race", field="scores", value=p.number) for p in teams if p.id not in scores]
    known = {p.id for p in teams}
    problems += [Problem("no_record", "race", field="scores", value=p) for p in sorted(scores.keys() - known)]
    if problems:
        raise RefusedError(*problems)
    return teams


def _rank(session: Session, project: Project) -> int:
    found = session.get(ReviewScore, project.application_id)
    return 0 if found is None else found.rank


def _raise_stage(change: Change, call: Call, winner: Project) -> None:
    session = change.session
    contract = contract_of(session, winner)
    winner.stage += 1
    shares = shares_of(session, call, winner, winner.grant)
    # the rest goes to the lines of the first stage in proportion; the last line takes what rounding leaves
    budget, left = {}, winner.grant
    lines = sorted(contract.budget.items())
    for n, (code, amount) in enumerate(lines, 1):
        part = left if n == len(lines) else (Decimal(amount) * winner.grant / contract.grant).quantize(Decimal("0.01"))
        budget[code] = part
        left -= part
    targets = kpis_of(session, contract)
    add_version(
        change, winner, winner.grant, contract.start, contract.end, budget, shares, targets, f"race:{call.number}"
    )
