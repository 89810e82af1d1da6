"""The ledger of a project on the system of record: postings are checked by `tanlu.programme.money` and added, never altered."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.programme.cycle.acting import refuse
from tanlu.programme.cycle.tables.projects import Contract, ContractKpi, LedgerPosting, Project, ProjectMilestone
from tanlu.programme.money import Account, Posting, PostingError, balances, shares_committed
from tanlu.programme.tracking import Milestone
from tanlu.records import Change, local_day, new_id


def postings_of(session: Session, project_id: str) -> list[Posting]:
    """Return the postings of a project in order."""
    statement = select(LedgerPosting).where(LedgerPosting.project_id == project_id).order_by(LedgerPosting.number)
    return [
        Posting(r.project_id, r.day, r.source, r.target, r.amount, r.reference)
        for r in session.execute(statement).scalars()
    ]


def balance_of(session: Session, project_id: str, account: Account) -> Decimal:
    """Return the balance of an account of a project [yuan]."""
    return balances(postings_of(session, project_id)).get(account, Decimal(0))


def paid_of(session: Session, project_id: str) -> Decimal:
    """Return what was paid to a project [yuan]."""
    moves = postings_of(session, project_id)
    return sum((p.amount for p in moves if (p.source, p.target) == (Account.COMMITTED, Account.HELD)), Decimal(0))


def post(change: Change, project: Project, source: str, target: str, amount: Decimal, reference: str) -> None:
    """Add a posting.

    Raises
    ------
    RefusedError
        If the money may not move this way, the amount is not positive and whole fen, or there is not so much.
    """
    earlier = postings_of(change.session, project.id)
    posting = Posting(project.id, local_day(change.at), source, target, amount, reference)
    try:
        balances([*earlier, posting])
    except PostingError as error:
        raise refuse(
            f"posting_{error.reason}", "ledger", "amount", f"{amount:f}", source=source, target=target
        ) from None
    row = LedgerPosting(
        id=new_id(),
        project_id=project.id,
        number=len(earlier) + 1,
        day=posting.day,
        source=str(source),
        target=str(target),
        amount=amount,
        reference=reference,
        posted_by=change.actor,
    )
    change.session.add(row)
    change.session.flush()


def contract_of(session: Session, project: Project) -> Contract:
    """Return the contract version in force, or the one that is being signed.

    Raises
    ------
    RefusedError
        If nothing was drafted yet.
    """
    statement = select(Contract).where(Contract.project_id == project.id).order_by(Contract.version.desc()).limit(1)
    found = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise refuse("no_contract", "contract", "project", project.number)
    return found


def kpis_of(session: Session, contract: Contract) -> list[ContractKpi]:
    """Return the targets of a contract version by code."""
    statement = select(ContractKpi).where(ContractKpi.contract_id == contract.id).order_by(ContractKpi.code)
    return list(session.execute(statement).scalars())


def milestones_of(session: Session, project_id: str) -> list[ProjectMilestone]:
    """Return the milestones of a project by due date."""
    statement = select(ProjectMilestone).where(ProjectMilestone.project_id == project_id)
    return list(session.execute(statement.order_by(ProjectMilestone.due, ProjectMilestone.code)).scalars())


def as_tracked(milestone: ProjectMilestone) -> Milestone:
    """Return a milestone as tracking sees it."""
    accepted = None if milestone.accepted_at is None else local_day(milestone.accepted_at)
    return Milestone(milestone.code, milestone.due, accepted, milestone.pays)


def gaps(session: Session, project: Project, shares: Mapping[str, str]) -> dict[str, Decimal]:
    """Return what is still missing of each funder's share [yuan]."""
    wanted = {funder: Decimal(amount) for funder, amount in shares.items()}
    return shares_committed(wanted, postings_of(session, project.id))


def give_back(change: Change, project: Project, reference: str) -> Decimal:
    """Return what is held and release what is promised and not paid, each funder its part; what was returned [yuan]."""
    session = change.session
    held = balance_of(session, project.id, Account.HELD)
    if held > 0:
        post(change, project, Account.HELD, Account.RETURNED, held, reference)
    promised = balance_of(session, project.id, Account.COMMITTED)
    contract = contract_of(session, project)
    whole = sum((Decimal(a) for a in contract.shares.values()), Decimal(0))
    left = promised
    for funder, amount in sorted(contract.shares.items()):
        part = (promised * Decimal(amount) / whole).quantize(Decimal("0.01"))
        part = min(part, left) if funder != max(contract.shares) else left
        if part > 0:
            post(change, project, Account.COMMITTED, f"funder:{funder}", part, reference)
            left -= part
    return held
