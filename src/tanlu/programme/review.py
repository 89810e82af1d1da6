"""Scores of a review: rubric, trimmed mean, spread, normalisation by panel, ranking and the funding line.

All arithmetic is in fractions of the marks given, so that ties are ties; what is shown is rounded at the end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from statistics import mean, pstdev


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a rubric: full marks, weight and the words that anchor its marks (kept with the form)."""

    id: str
    weight: Fraction
    full: int = 100


@dataclass(frozen=True, slots=True)
class Rubric:
    """Weighted items; the weights add up to 1.

    Raises
    ------
    ValueError
        If weights do not add up to 1, one is not positive, or an id stands twice.
    """

    items: tuple[Item, ...]

    def __post_init__(self) -> None:
        """Refuse weights that do not add up."""
        if sum((i.weight for i in self.items), Fraction()) != 1 or any(
            i.weight <= 0 or i.full <= 0 for i in self.items
        ):
            raise ValueError("weights of a rubric are positive and add up to 1")
        if len({i.id for i in self.items}) != len(self.items):
            raise ValueError("an item stands twice in the rubric")

    def total(self, marks: Mapping[str, int]) -> Fraction:
        """Return the weighted total out of 100.

        Raises
        ------
        ValueError
            If an item is missing, unknown, or its marks are outside 0…full.
        """
        if marks.keys() != {i.id for i in self.items}:
            raise ValueError(f"marks for {sorted(marks)}; the rubric has {[i.id for i in self.items]}")
        for item in self.items:
            if not 0 <= marks[item.id] <= item.full:
                raise ValueError(f"{item.id}: {marks[item.id]} is outside 0…{item.full}")
        return sum((i.weight * Fraction(100 * marks[i.id], i.full) for i in self.items), Fraction())


def trimmed_mean(totals: Sequence[Fraction], least: int = 5) -> Fraction:
    """Return the mean without one highest and one lowest total where there are at least `least`, else the plain mean.

    Raises
    ------
    ValueError
        If there is no total.
    """
    if not totals:
        raise ValueError("no review")
    kept = sorted(totals)[1:-1] if len(totals) >= least else list(totals)
    return sum(kept, Fraction()) / len(kept)


def needs_third_review(totals: Sequence[Fraction], limit: Fraction) -> bool:
    """Return whether reviews of one proposal lie further apart than the limit."""
    return len(totals) > 1 and max(totals) - min(totals) > limit


def z_scores(by_panel: Mapping[str, Mapping[str, Fraction]]) -> dict[str, float]:
    """Return each proposal's distance from the mean of its panel in standard deviations of that panel (population).

    A panel whose proposals all have the same score gives 0. Panels are made comparable only as far as their proposals are of like quality;
    that is why the raw score is always shown beside it.
    """
    found: dict[str, float] = {}
    for scores in by_panel.values():
        values = [float(v) for v in scores.values()]
        middle, spread = mean(values), pstdev(values)
        for proposal, value in scores.items():
            found[proposal] = 0.0 if spread == 0 else (float(value) - middle) / spread
    return found


@dataclass(frozen=True, slots=True)
class Ranked:
    """A proposal in the ranking: what it scored, the sub-score that decides ties, and what it asks for [yuan]."""

    id: str
    score: Fraction
    tie_score: Fraction
    asked: Decimal


def ranking(proposals: Sequence[Ranked]) -> list[Ranked]:
    """Return proposals best first: by score, then by the sub-score named for ties, then by id."""
    return sorted(proposals, key=lambda p: (-p.score, -p.tie_score, p.id))


class Line(StrEnum):
    """What happens when the next proposal asks for more than is left."""

    STRICT = "strict"
    """The line is drawn; the rest waits."""
    SKIP = "skip_to_smaller"
    """It waits, and smaller ones after it may still be funded."""


class Verdict(StrEnum):
    """Where a proposal ends."""

    FUNDED = "funded"
    WAITING = "waiting"
    BELOW = "below_threshold"


def funding_line(
    proposals: Sequence[Ranked], pot: Decimal, threshold: Fraction, line: Line = Line.STRICT
) -> list[tuple[Ranked, Verdict]]:
    """Return proposals best first with what becomes of each.

    Parameters
    ----------
    proposals : sequence of Ranked
    pot : Decimal
        Money of the call [yuan].
    threshold : Fraction
        Score under which nothing is funded.
    line : Line
    """
    left, drawn = pot, False
    found = []
    for proposal in ranking(proposals):
        if proposal.score < threshold:
            verdict = Verdict.BELOW
        elif not drawn and proposal.asked <= left:
            verdict = Verdict.FUNDED
            left -= proposal.asked
        else:
            verdict = Verdict.WAITING
            drawn = drawn or line is Line.STRICT
        found.append((proposal, verdict))
    return found
