"""Overlaps of levers: which of them meet in the same parameter or the same sector, and how the equations keep them from counting twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from tanlu.pathways.levers import Lever
from tanlu.pathways.parameters import BY_NAME
from tanlu.pathways.tabular import Tabular
from tanlu.pathways.technologies import Assessments

SHARES: Final = ("shift.electricity", "shift.hydrogen", "shift.gas", "shift.biomass", "capture")
"""Parameters that take, in this order, a share of what the one before leaves (equations 7 and 9)."""
PARAMETER, SECTOR, POWER = "same_parameter", "same_sector", "balance"
KINDS: Final = (PARAMETER, SECTOR, POWER)


@dataclass(frozen=True, slots=True)
class Overlap(Tabular):
    """A lever that meets another one.

    Attributes
    ----------
    lever, other : str
    kind : str
        ``same_parameter``, ``same_sector`` (another parameter of a common sector) or ``balance`` (both act on the power balance).
    members : tuple of str
        The sectors in common; empty for parameters of the whole province.
    handled : str
        How the equations deal with it: ``add``, ``scale`` or ``cap`` on the parameter that another lever sets, ``sequence``, ``product``
        or ``balance``; texts under ``pathways.overlap.handled.*``.
    technologies : tuple of str
        Technologies that act on both.
    """

    lever: str
    other: str
    kind: str
    members: tuple[str, ...]
    handled: str
    technologies: tuple[str, ...]


def overlaps(lever: str, known: Assessments) -> list[Overlap]:
    """Return every lever that meets a given one, the closest kind first, in the order of the levers.

    Raises
    ------
    KeyError
        If there is no such lever.
    """
    chosen = known.levers[lever]
    found = [o for other in known.levers.values() if other is not chosen and (o := _overlap(chosen, other, known))]
    return sorted(found, key=lambda o: KINDS.index(o.kind))


def overlap_groups(known: Assessments) -> list[tuple[str, ...]]:
    """Return the groups of levers that are linked by moving the same parameter of the same sector, or shares of the same fuel or CO2.

    Within a group the levers share one quantity; a lever that shares none stands alone and is left out.
    """
    groups: list[set[str]] = []
    for lever in known.levers:
        near = {o.other for o in overlaps(lever, known) if o.kind == PARAMETER or o.handled == "sequence"}
        if near:
            near.add(lever)
            touching = [g for g in groups if g & near]
            groups = [g for g in groups if not g & near] + [near.union(*touching)]
    order = list(known.levers)
    return sorted((tuple(sorted(g, key=order.index)) for g in groups), key=lambda g: order.index(g[0]))


def _overlap(a: Lever, b: Lever, known: Assessments) -> Overlap | None:
    common = _common(a, b)
    shared = tuple(x.id for x in known.by_lever[a.id] if x.on(b.id))
    if a.parameter == b.parameter and (common or not a.applies_to):
        # one of them may set the parameter; the op of the other says how it comes on top
        return Overlap(a.id, b.id, PARAMETER, common, max(a.op, b.op, key=("set", "add", "scale", "cap").index), shared)
    if common:
        both_shares = a.parameter in SHARES and b.parameter in SHARES
        return Overlap(a.id, b.id, SECTOR, common, "sequence" if both_shares else "product", shared)
    if _on_power(a) and _on_power(b):
        return Overlap(a.id, b.id, POWER, (), "balance", shared)
    return None


def _common(a: Lever, b: Lever) -> tuple[str, ...]:
    return tuple(s for s in a.applies_to if s in b.applies_to)


def _on_power(lever: Lever) -> bool:
    """Whether a lever acts on the power balance as a whole: what it does to a sector's own demand meets the others there, too."""
    name = lever.parameter
    return name in BY_NAME and BY_NAME[name].index == "" and not name.startswith(("sink.", "heat.", "hydrogen."))
