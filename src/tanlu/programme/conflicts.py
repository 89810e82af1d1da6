"""Conflicts of interest between proposals and experts: typed, with their evidence, hard ones apart from those a person must look at.

A hard conflict excludes the pair. Units are compared through the organisation tree: two units conflict when one is above the other or both
stand under the same body below the level that is told to be the limit. Every member of a consortium counts, and the owner of an open
challenge too, not the lead alone. The kinds and periods are those of the rule given by the caller, because they differ between programmes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class ConflictKind(StrEnum):
    """Why an expert should not judge a proposal."""

    SAME_UNIT = "same_unit"
    KIN = "kin"
    ADVISER = "adviser"
    COWORK = "cowork"
    INTEREST = "interest"
    NAMED = "named_by_applicant"
    DECLARED = "self_declared"
    ADMINISTRATIVE = "administrative"
    SAME_REGION = "same_region"
    SIMILAR_NAME = "similar_name"


SOFT = frozenset({ConflictKind.SAME_REGION, ConflictKind.SIMILAR_NAME})
"""Hints: they exclude nobody until a person has decided."""


@dataclass(frozen=True, slots=True)
class ConflictRule:
    """Periods and limits of a programme.

    Parameters
    ----------
    unit_years : int
        How long a left unit still counts [years].
    cowork_years : int
        How long joint projects, papers and patents count, the last day included [years].
    named_experts : int
        How many experts an applicant may exclude by name.
    """

    unit_years: int = 2
    cowork_years: int = 3
    named_experts: int = 3


@dataclass(frozen=True, slots=True)
class Affiliation:
    """A unit to which a person belongs or belonged; `end` is None while it lasts."""

    unit: str
    start: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Tie:
    """What binds a person to another person or to a unit: kin, adviser and interest last, co-work counts from its last day."""

    kind: ConflictKind
    other: str
    last: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Expert:
    """An expert as far as conflicts are concerned."""

    id: str
    name: str
    affiliations: tuple[Affiliation, ...] = ()
    ties: tuple[Tie, ...] = ()
    region: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A proposal as far as conflicts are concerned.

    Parameters
    ----------
    id : str
    people : sequence of str
        Ids of the applicant and of all members of the team.
    units : sequence of str
        Lead and consortium.
    owner : str
        Unit that set the challenge, where there is one.
    names : mapping
        Name of each person, for hints; ids alone give none.
    excluded : sequence of str
        Experts that the applicant wishes to exclude.
    region : str
    """

    id: str
    people: tuple[str, ...]
    units: tuple[str, ...]
    owner: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    excluded: tuple[str, ...] = ()
    region: str = ""


@dataclass(frozen=True, slots=True)
class Conflict:
    """One reason, with what it rests on. A pinned one was set by an officer and cannot be taken back by an applicant."""

    proposal: str
    expert: str
    kind: ConflictKind
    evidence: str
    pinned: bool = False

    @property
    def hard(self) -> bool:
        """Whether the pair is excluded by it."""
        return self.kind not in SOFT


class UnitTree:
    """The organisation tree: who stands above whom.

    Parameters
    ----------
    parents : mapping of str to str
        Parent of each unit; units without one are roots.
    open_roots : collection of str
        Bodies under which units do not count as related, for example the provincial government.

    Raises
    ------
    ValueError
        If a unit stands above itself.
    """

    def __init__(self, parents: Mapping[str, str], open_roots: Iterable[str] = ()) -> None:
        self._open = frozenset(open_roots)
        self._chain: dict[str, tuple[str, ...]] = {}
        for unit in parents:
            chain, at = [unit], parents.get(unit, "")
            while at:
                if at in chain:
                    raise ValueError(f"unit {unit!r} stands above itself")
                chain.append(at)
                at = parents.get(at, "")
            self._chain[unit] = tuple(chain)

    def root(self, unit: str) -> str:
        """Return the highest body to which a unit belongs below the open roots; two units are related when it is the same."""
        chain = [u for u in self._chain.get(unit, (unit,)) if u not in self._open]
        return chain[-1] if chain else unit


def years_before(day: date, years: int) -> date:
    """Return the same day some years earlier; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def find_conflicts(
    proposals: Sequence[Proposal],
    experts: Sequence[Expert],
    tree: UnitTree,
    on: date,
    rule: ConflictRule | None = None,
    declared: Iterable[Conflict] = (),
) -> list[Conflict]:
    """Return every conflict between proposals and experts, hard and soft, sorted by proposal, expert and kind.

    Parameters
    ----------
    proposals, experts : sequence
    tree : UnitTree
    on : date
        Day of the judgement, from which periods are counted back.
    rule : ConflictRule, optional
    declared : iterable of Conflict
        What experts declared and officers pinned; taken over as it is.

    Raises
    ------
    ValueError
        If an applicant excludes more experts than the rule allows.
    """
    rule = rule or ConflictRule()
    by_root: dict[str, list[tuple[int, str]]] = defaultdict(list)
    by_other: dict[str, list[tuple[int, Tie]]] = defaultdict(list)
    by_name: dict[str, list[int]] = defaultdict(list)
    for number, expert in enumerate(experts):
        for affiliation in expert.affiliations:
            if affiliation.end is None or affiliation.end >= years_before(on, rule.unit_years):
                by_root[tree.root(affiliation.unit)].append((number, affiliation.unit))
        for tie in expert.ties:
            if tie.kind is not ConflictKind.COWORK or (tie.last or on) >= years_before(on, rule.cowork_years):
                by_other[tie.other].append((number, tie))
        by_name[expert.name].append(number)
    known = {expert.id: number for number, expert in enumerate(experts)}
    found: dict[tuple[str, str, ConflictKind], Conflict] = {(c.proposal, c.expert, c.kind): c for c in declared}
    for proposal in proposals:
        if len(proposal.excluded) > rule.named_experts:
            raise ValueError(
                f"{proposal.id} excludes {len(proposal.excluded)} experts; {rule.named_experts} are allowed"
            )
        for number, kind, evidence in _of(proposal, experts, tree, by_root, by_other, by_name, known):
            key = (proposal.id, experts[number].id, kind)
            found.setdefault(key, Conflict(*key, evidence))
    return [found[key] for key in sorted(found)]


def _of(
    proposal: Proposal,
    experts: Sequence[Expert],
    tree: UnitTree,
    by_root: Mapping[str, Sequence[tuple[int, str]]],
    by_other: Mapping[str, Sequence[tuple[int, Tie]]],
    by_name: Mapping[str, Sequence[int]],
    known: Mapping[str, int],
) -> Iterator[tuple[int, ConflictKind, str]]:
    """Yield (expert, kind, evidence) of one proposal."""
    units = [u for u in (*proposal.units, proposal.owner) if u]
    for unit in units:
        for number, own in by_root.get(tree.root(unit), ()):
            yield number, ConflictKind.SAME_UNIT, own if own == unit else f"{own} ~ {unit}"
        for number, tie in by_other.get(unit, ()):
            yield number, tie.kind, tie.note or unit
    for person in proposal.people:
        if person in known:
            yield known[person], ConflictKind.DECLARED, person
        for number, tie in by_other.get(person, ()):
            yield number, tie.kind, tie.note or person
        for number in by_name.get(proposal.names.get(person, ""), ()):
            if experts[number].id != person:
                yield number, ConflictKind.SIMILAR_NAME, proposal.names[person]
    for name in proposal.excluded:
        if name in known:
            yield known[name], ConflictKind.NAMED, name
    if proposal.region:
        for number, expert in enumerate(experts):
            if expert.region == proposal.region:
                yield number, ConflictKind.SAME_REGION, proposal.region
