"""The chief expert (首席专家) moves money between lines of the budget: grant and equipment stay, indirect costs keep the rule.

Source: 国办发〔2021〕32号 (二): lines other than equipment are for the leader of a project to move; equipment is for the lead unit.
Here the leader of a chief-expert project has this right; other projects, and equipment, take a formal change (`changing`).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

from tanlu.core.errors import Problem
from tanlu.programme.cycle.acting import done_before, find, note_once, project_target, refuse
from tanlu.programme.cycle.contracting import add_version, budget_problems
from tanlu.programme.cycle.ledger import contract_of, kpis_of
from tanlu.programme.cycle.running import require_running
from tanlu.programme.cycle.tables.projects import Contract, Project
from tanlu.records import Principal, Records, RefusedError, local_day

FIXED: Final = "equipment"
"""Line that the chief does not move."""


def move_budget(
    records: Records, principal: Principal, project_id: str, lines: Mapping[str, Decimal], reason: str, *, key: str = ""
) -> Contract:
    """Move money between lines, as the chief of a running project led by a chief expert; the contract gets a version at once.

    Parameters
    ----------
    lines : mapping of str to Decimal
        What the lines that change shall be [yuan]; the others stay.

    Raises
    ------
    NotPermittedError
        If the person is not the chief.
    RefusedError
        With everything that forbids it: another kind of project, equipment, an unknown line, another sum than the grant, indirect
        costs above the rule, no reason.
    """
    with records.database.change(
        principal.person_id, "budget.move", f"project:{project_id}", reason=reason.strip()
    ) as change:
        session = change.session
        project = find(session, Project, project_id)
        records.rights.require(principal, "project.budget", project_target(project))
        require_running(project)
        contract = contract_of(session, project)
        if done_before(change, principal, key) is not None:
            return contract
        if project.kind != "chief_expert":
            raise refuse("not_chief_project", "budget", "kind", project.number)
        if not reason.strip():
            raise refuse("reason_needed", "budget", "reason")
        before = {code: Decimal(amount) for code, amount in contract.budget.items()}
        after = before | dict(lines)
        problems = [Problem("no_record", "budget", field=code) for code in sorted(lines.keys() - before.keys())]
        problems += [
            Problem("not_an_amount", "budget", field=code, value=f"{amount:f}")
            for code, amount in sorted(lines.items())
            if amount < 0 or amount != round(amount, 2)
        ]
        if after.get(FIXED) != before.get(FIXED):
            problems.append(Problem("line_fixed", "budget", field=FIXED, value=f"{after[FIXED]:f}"))
        problems += budget_problems(session, after, contract.grant, local_day(change.at))
        if not problems and after == before:
            raise refuse("nothing_moved", "budget", "lines", project.number)
        if problems:
            raise RefusedError(*problems)
        moved = {c: str(a) for c, a in after.items() if a != before[c]}
        change.details["lines"] = moved
        note_once(change, principal, key, project_id)
        return add_version(
            change, project, contract.grant, contract.start, contract.end, after, contract.shares, kpis_of(session, contract),
            "budget.move",
        )  # fmt: skip
