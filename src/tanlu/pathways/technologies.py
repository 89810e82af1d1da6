"""Every technology of the plan: the lever that it moves, how far and from when, or the reason why it has no abatement term of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.core.errors import DataError, Problem
from tanlu.core.provenance import Grade
from tanlu.pathways.analysis.learning import wright_cost
from tanlu.pathways.levers import Lever
from tanlu.pathways.parameters import Floats
from tanlu.pathways.readiness import market_year
from tanlu.pathways.tabular import Columns, Tabular, of_records
from tanlu.plan import Technology

Bools = NDArray[np.bool_]
FILE: Final = "technologies.csv"
RELATIONS: Final = ("moves", "enables")
REASONS: Final = (
    "measurement", "management", "enabling", "research", "policy", "adaptation", "outside", "counted", "other_gas", "local_pollutant",
)  # fmt: skip
"""Why a technology has no lever; texts under ``pathways.reason.*``."""
LEARNING: Final = 8
"""Level from which cost follows deployment: below it the first plants double many times."""
READY_SHARE: Final = 0.25
"""Share of what its technologies can do together that must be in the market before a lever can begin; grade D."""


@dataclass(frozen=True, slots=True)
class Link:
    """What a technology does to a lever.

    ``size`` is the share of the lever's range, from its value in the frozen world to its far end, that full deployment of the
    technology brings (``moves``) or that cannot be had without it (``enables``).
    """

    lever: str
    relation: str
    size: float


@dataclass(frozen=True, slots=True)
class Cost:
    """Investment cost per unit, with price year, source and grade."""

    value: float
    unit: str
    price_year: int
    source: str
    grade: Grade


@dataclass(frozen=True, slots=True)
class Learning:
    """Fall of the cost per doubling of the world's deployment, and the share of the province in that deployment."""

    rate: float
    source: str
    grade: Grade
    provincial_share: float


@dataclass(frozen=True, slots=True)
class Assessment(Tabular):
    """The judgement of one technology of the plan.

    Attributes
    ----------
    technology : Technology
        The first item of the plan with this name.
    links : tuple of Link
        The main lever first; empty where ``reason`` stands.
    reason : str
        One of `REASONS`, empty where there is a lever.
    refers : tuple of str
        Technologies that it enables or under which it is counted.
    trl, trl_low, trl_high : float or None
        Readiness in 2024, levels of the IEA.
    stated : int or None
        First year in the market where it was not taken from the readiness.
    lifetime : float or None
        Years.
    """

    technology: Technology
    links: tuple[Link, ...]
    reason: str
    refers: tuple[str, ...]
    trl: float | None
    trl_low: float | None
    trl_high: float | None
    stated: int | None
    lifetime: float | None
    cost: Cost | None
    learning: Learning | None
    source: str
    grade: Grade
    note_zh: str
    note_en: str

    @property
    def id(self) -> str:
        """Id of the technology in the plan."""
        return self.technology.id

    @property
    def earliest(self) -> int | None:
        """First year in the market: as stated, else by `tanlu.pathways.readiness.market_year`."""
        if self.stated is not None or self.trl is None:
            return self.stated
        return market_year(self.trl)

    def learned_cost(self, elsewhere: float, here: float) -> float | None:
        """Return the unit cost after deployment has grown, in the unit of `Cost`.

        Parameters
        ----------
        elsewhere, here : float
            Cumulative deployment in the rest of the world and in the province over that of the price year.

        Returns
        -------
        float or None
            Cost by `tanlu.pathways.analysis.learning.wright_cost` with the world's deployment; unchanged without a learning rate and below
            level `LEARNING`, where the curve says nothing. None without a cost.
        """
        if self.cost is None:
            return None
        if self.learning is None or self.trl is None or self.trl < LEARNING:
            return self.cost.value
        share = self.learning.provincial_share
        return float(wright_cost(self.cost.value, (1 - share) * elsewhere + share * here, 1.0, self.learning.rate))

    def on(self, lever: str) -> Link | None:
        """Return what it does to a lever, or None."""
        return next((a for a in self.links if a.lever == lever), None)

    def columns(self) -> Columns:
        """Return field and value."""
        told: dict[str, object] = {
            "id": self.id, "reason": self.reason, "trl": self.trl, "trl_low": self.trl_low, "trl_high": self.trl_high,
            "lifetime": self.lifetime, "earliest": self.earliest, "source": self.source, "grade": self.grade.value,
            "levers": ", ".join(link.lever for link in self.links), "cost": self.cost.value if self.cost else None,
            "cost_unit": self.cost.unit if self.cost else None,
        }  # fmt: skip
        return {"field": list(told), "value": list(told.values())}


@dataclass(frozen=True)
class Assessments(Tabular):
    """The judgements of all technologies of a plan, each distinct name once, with the levers they act on."""

    by_id: Mapping[str, Assessment]
    first: Mapping[str, str]
    """Id of the first item of the same name, for every technology of the plan."""
    levers: Mapping[str, Lever]

    def __len__(self) -> int:
        return len(self.by_id)

    def of(self, technology: str) -> Assessment:
        """Return the judgement of a technology, which may be a repetition of an earlier name.

        Raises
        ------
        DataError
            If the plan has no such technology.
        """
        if technology not in self.first:
            details = {"refers_to": "plan/technologies.csv", "some": ", ".join(list(self.first)[:6])}
            raise DataError([Problem("unknown_choice", FILE, None, "technology", technology, details)])
        return self.by_id[self.first[technology]]

    def search(self, text: str) -> list[Assessment]:
        """Return the judgements whose id, Chinese or English name holds a text, whatever its case."""
        sought = text.casefold()
        names = {i: sought in i.casefold() for i in self.first}
        return [
            a
            for a in self.by_id.values()
            if sought in f"{a.technology.zh}\n{a.technology.en}".casefold()
            or any(hit and self.first[i] == a.id for i, hit in names.items())
        ]

    @cached_property
    def by_lever(self) -> dict[str, list[Assessment]]:
        """Technologies that act on each lever, the largest move first."""
        out: dict[str, list[Assessment]] = {lever: [] for lever in self.levers}
        for a in self.by_id.values():
            for link in a.links:
                out.setdefault(link.lever, []).append(a)
        for lever, found in out.items():
            found.sort(key=lambda a: (_link(a, lever).relation != "moves", -_link(a, lever).size))
        return out

    def movers(self, lever: str) -> list[tuple[Assessment, float]]:
        """Return the technologies that move a lever, with their sizes."""
        links = [(a, _link(a, lever)) for a in self.by_lever[lever]]
        return [(a, link.size) for a, link in links if link.relation == "moves"]

    def ready_share(self, lever: str, year: int) -> float:
        """Return the share of a lever's range, 0 to 1, that is at hand with the technologies in the market in a year, in the central case.

        What moves the lever adds up to 1 at most, since sizes overlap; an enabling technology that is not in the market takes its
        share away.
        """
        found = self.by_lever[lever]
        ready = np.array([a.earliest is not None and a.earliest <= year for a in found])
        return float(self.share_at_hand(lever, ready[None, :])[0])

    def share_at_hand(self, lever: str, ready: Bools) -> Floats:
        """Return the share of a lever's range that is at hand, [n], with those of its technologies that are in the market, [n, K]."""
        links = [_link(a, lever) for a in self.by_lever[lever]]
        size = np.array([link.size for link in links])
        moves = np.array([link.relation == "moves" for link in links])
        missing = np.where(ready | moves, 0.0, size).max(axis=1, initial=0.0)
        out: Floats = np.minimum(np.minimum(1.0, (ready * moves * size).sum(axis=1)), 1.0 - missing)
        return out

    def opening_year(self, lever: str) -> int | None:
        """Return the first year in which `READY_SHARE` of what all technologies of a lever can do is at hand, in the central case.

        None where nothing moves the lever.
        """
        if not self.movers(lever):
            return None
        years = sorted({a.earliest for a in self.by_lever[lever] if a.earliest is not None})
        wanted = READY_SHARE * self.ready_share(lever, years[-1])
        return next(y for y in years if self.ready_share(lever, y) >= wanted)

    def columns(self) -> Columns:
        """Return one row a technology."""
        tables = (one.columns() for one in self.by_id.values())
        return of_records([dict(zip(map(str, t["field"]), t["value"], strict=True)) for t in tables])


def _link(assessment: Assessment, lever: str) -> Link:
    link = assessment.on(lever)
    assert link is not None
    return link
