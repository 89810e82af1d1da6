"""The plan as one indexed object that answers questions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from tanlu.plan.records import Action, Box, Direction, Hook, Mechanism, Named, System, Target, Technology


@dataclass(frozen=True)
class Plan:
    """All records of a plan by id, in the order of its files.

    Attributes
    ----------
    actions_by_id, technologies_by_id, targets_by_id, mechanisms_by_id, systems_by_id, hooks_by_prefix : mapping
    """

    actions_by_id: Mapping[str, Action]
    technologies_by_id: Mapping[str, Technology]
    targets_by_id: Mapping[str, Target]
    mechanisms_by_id: Mapping[str, Mechanism]
    systems_by_id: Mapping[str, System]
    hooks_by_prefix: Mapping[str, Hook]

    @cached_property
    def _index(self) -> dict[str, Named | Hook]:
        index: dict[str, Named | Hook] = {**self.hooks_by_prefix}
        for action in self.actions_by_id.values():
            box = action.box
            for item in (action, *action.focus, *action.scenarios, *action.aims, box, *box.directions):
                index[item.id] = item
        for group in (self.technologies_by_id, self.targets_by_id, self.mechanisms_by_id, self.systems_by_id):
            index.update(group)
        index.update({s.key: s for s in self.systems_by_id.values()})
        return index

    def __getitem__(self, key: str) -> Named | Hook:
        """Return the record of an id, of a system's key or of a hook prefix.

        Raises
        ------
        KeyError
            If the plan has no such record.
        """
        return self._index[key]

    def __contains__(self, key: object) -> bool:
        return key in self._index

    def __iter__(self) -> Iterator[str]:
        return iter(self._index)

    def actions(self) -> list[Action]:
        """Return the actions in their order."""
        return list(self.actions_by_id.values())

    def boxes(self) -> list[Box]:
        """Return the boxes in the order of their actions."""
        return [a.box for a in self.actions_by_id.values()]

    def directions(self) -> list[Direction]:
        """Return the directions of all boxes."""
        return [d for box in self.boxes() for d in box.directions]

    def technologies(
        self,
        action: str | None = None,
        level: str | None = None,
        role: str | None = None,
        hook_prefix: str | None = None,
        hook_object: str | None = None,
        abates: str | None = None,
        box: str | None = None,
        direction: str | None = None,
        distinct: bool = False,
        groups: bool = True,
        software: bool | None = None,
    ) -> list[Technology]:
        """Return the technologies that meet all conditions, in the order of the plan.

        Parameters
        ----------
        action, box, direction, level, role : str, optional
        hook_prefix, hook_object : str, optional
        abates : str, optional
            An emission stream of `tanlu.plan.schema.STREAMS`.
        distinct : bool
            Leave out items that repeat the name of an earlier item *of the result*, so that a sum counts each once.
        groups : bool
            False leaves out umbrella nouns.
        software : bool, optional

        Returns
        -------
        list of Technology
        """
        found = [
            t
            for t in self.technologies_by_id.values()
            if action in (None, t.action)
            and box in (None, t.box)
            and direction in (None, t.direction)
            and level in (None, t.level)
            and role in (None, t.carbon_role)
            and hook_prefix in (None, t.hook.prefix)
            and hook_object in (None, t.hook.object)
            and (abates is None or abates in t.abates)
            and (groups or t.level != "group")
            and software in (None, t.software)
        ]
        if not distinct:
            return found
        first: dict[str, Technology] = {}
        for t in found:
            first.setdefault(t.same_as or t.id, t)
        return list(first.values())

    def targets(
        self, due: int | None = None, action: str | None = None, kind: str | None = None, basis: str | None = None
    ) -> list[Target]:
        """Return the targets that meet all conditions; ``due`` is the deadline, ``action=""`` means targets of the whole plan."""
        return [
            t
            for t in self.targets_by_id.values()
            if due in (None, t.deadline)
            and action in (None, t.action)
            and kind in (None, t.kind)
            and basis in (None, t.basis)
        ]

    def mechanisms(self, kind: str | None = None, action: str | None = None) -> list[Mechanism]:
        """Return the mechanisms that meet all conditions."""
        return [m for m in self.mechanisms_by_id.values() if kind in (None, m.kind) and action in (None, m.action)]

    def systems(
        self,
        action: str | None = None,
        layer: str | None = None,
        tier: str | None = None,
        explicitness: str | None = None,
        target: str | None = None,
    ) -> list[System]:
        """Return the systems that meet all conditions; ``target`` is a target that the system serves."""
        return [
            s
            for s in self.systems_by_id.values()
            if (action is None or action in s.actions)
            and layer in (None, s.layer)
            and tier in (None, s.tier)
            and explicitness in (None, s.explicitness)
            and (target is None or target in s.targets)
        ]

    def build_order(self) -> list[System]:
        """Return the systems so that each stands after those whose data it needs, otherwise in the order of the plan."""
        from graphlib import TopologicalSorter

        order = TopologicalSorter({s.id: s.depends_on for s in self.systems_by_id.values()}).static_order()
        return [self.systems_by_id[i] for i in order]
