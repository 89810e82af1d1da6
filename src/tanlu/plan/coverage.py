"""How far the plan's technologies are tied to a model, and where the ties are missing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from tanlu.plan.plan import Plan
from tanlu.plan.records import Technology


@dataclass(frozen=True, slots=True)
class Coverage:
    """Counts and gaps of a plan.

    Attributes
    ----------
    actions, boxes, directions, technologies, targets, mechanisms, systems, hooks : int
        Numbers of records.
    distinct, items : int
        Different technology names; rows without group nouns.
    with_term : int
        Technologies whose hook names a term of a model of the province (prefix other than ``none``).
    hook_objects : int
        Different hooks.
    by_action, by_role, by_prefix : dict
        (technologies, of these with a model term) by action, carbon role and hook prefix.
    targets_by_kind : dict
        Number of targets by kind.
    without_term, undetailed, software_without_system, targets_without_system, empty_directions, unused_hooks : tuple of str
        Gaps: technologies without a model term; key and early topics that no direction of the box details; software items and targets
        that no system serves; directions without a technology; hook prefixes that nothing uses.
    """

    actions: int
    boxes: int
    directions: int
    technologies: int
    distinct: int
    items: int
    targets: int
    mechanisms: int
    systems: int
    hooks: int
    with_term: int
    hook_objects: int
    by_action: dict[str, tuple[int, int]]
    by_role: dict[str, tuple[int, int]]
    by_prefix: dict[str, tuple[int, int]]
    targets_by_kind: dict[str, int]
    without_term: tuple[str, ...]
    undetailed: tuple[str, ...]
    software_without_system: tuple[str, ...]
    targets_without_system: tuple[str, ...]
    empty_directions: tuple[str, ...]
    unused_hooks: tuple[str, ...]


def _counts(pairs: Iterable[tuple[str, Technology]]) -> dict[str, tuple[int, int]]:
    total, tied = Counter[str](), Counter[str]()
    for key, technology in pairs:
        total[key] += 1
        tied[key] += technology.has_model_term
    return {key: (n, tied[key]) for key, n in total.items()}


def coverage(plan: Plan) -> Coverage:
    """Return counts and gaps of a plan.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    Coverage
    """
    rows = plan.technologies()
    served = {t for s in plan.systems() for t in s.targets}
    filled = {t.direction for t in rows}
    used = {t.hook.prefix for t in rows} | {s.hook.prefix for a in plan.actions() for s in a.scenarios}
    topics = ("key", "early")
    return Coverage(
        actions=len(plan.actions()),
        boxes=len(plan.boxes()),
        directions=len(plan.directions()),
        technologies=len(rows),
        distinct=len({t.zh for t in rows}),
        items=sum(t.level != "group" for t in rows),
        targets=len(plan.targets()),
        mechanisms=len(plan.mechanisms()),
        systems=len(plan.systems()),
        hooks=len(plan.hooks_by_prefix),
        with_term=sum(t.has_model_term for t in rows),
        hook_objects=len({t.hook for t in rows}),
        by_action=_counts((t.action, t) for t in rows),
        by_role=_counts((t.carbon_role, t) for t in rows),
        by_prefix=dict(sorted(_counts((t.hook.prefix, t) for t in rows).items(), key=lambda kv: -kv[1][0])),
        targets_by_kind=dict(Counter(t.kind for t in plan.targets())),
        without_term=tuple(t.id for t in rows if not t.has_model_term),
        undetailed=tuple(t.id for t in rows if t.level in topics and not t.box and not t.detailed_in),
        software_without_system=tuple(t.id for t in rows if t.software and not t.systems),
        targets_without_system=tuple(t.id for t in plan.targets() if t.id not in served),
        empty_directions=tuple(d.id for d in plan.directions() if d.id not in filled),
        unused_hooks=tuple(p for p in plan.hooks_by_prefix if p not in used),
    )
