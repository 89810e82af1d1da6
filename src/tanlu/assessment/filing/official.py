"""What the statistics office says of a measured target: filed by the province with its document, and checked by a second person.

The main job estimates a measured target physically (grade D). The office's own number comes in as a filing of the province itself, with
the id of the target for its indicator, and passes the same two pairs of eyes as what a prefecture files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import groupby

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu.assessment.filing.states import state_known
from tanlu.assessment.filing.tables import AssessmentFiling
from tanlu.assessment.score_tree import FilingState
from tanlu.plan import Plan, Target

PERCENT = "%"


@dataclass(frozen=True, slots=True)
class Statement:
    """A number of the statistics office for a target.

    Parameters
    ----------
    year : int
    value : Decimal
        Cumulative change since the base year of the target [%].
    filing : str
        Id of the filing, from which one comes to its document.
    """

    year: int
    value: Decimal
    filing: str
    demonstration: bool


@dataclass(frozen=True, slots=True)
class Statements:
    """The newest statement that was filed, and the newest that a second person verified; None where there is none."""

    filed: Statement | None = None
    verified: Statement | None = None


def measured_targets(plan: Plan) -> list[Target]:
    """Return the targets that are a cumulative change with a number in the plan: the ones that the office can speak of."""
    return [t for t in plan.targets(kind="quantitative") if t.unit == PERCENT and t.value is not None]


def years_of(target: Target, this_year: int) -> range:
    """Return the years of which something can be said: after the base year, to the deadline or this year."""
    return range((target.baseline_year or target.deadline) + 1, min(target.deadline, this_year) + 1)


def known_statements(session: Session, as_of: datetime, targets: list[Target]) -> Mapping[str, Statements]:
    """Return what had been filed for targets by a moment; drafts and what was returned are not seen.

    Parameters
    ----------
    targets : list of Target
        See `measured_targets`.
    """
    table = AssessmentFiling
    statement = (
        select(table.indicator, table.year, table.value, table.id, table.state, table.checked_at, table.demonstration)
        .where(table.indicator.in_([t.id for t in targets]), table.filed_at.is_not(None), table.filed_at <= as_of)
        .order_by(table.indicator, table.year, table.number)
    )
    found = {}
    for target, group in groupby(session.execute(statement), key=lambda row: row.indicator):
        pairs = [
            (Statement(r.year, r.value, r.id, r.demonstration), state_known(r.state, r.checked_at, as_of))
            for r in group
        ]
        standing = [pair for pair in pairs if pair[1] is not FilingState.REJECTED]
        verified = [s for s, state in standing if state is FilingState.VERIFIED]
        found[target] = Statements(standing[-1][0] if standing else None, verified[-1] if verified else None)
    return found
