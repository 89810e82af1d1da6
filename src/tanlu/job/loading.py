"""A province folder with all its rooms, checked together: every problem of every file is told at once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from tanlu.accounts.province.prefecture_settings import load_prefecture_settings
from tanlu.accounts.province.reconcile import load_reconciliation
from tanlu.accounts.province.reference_check import load_supply
from tanlu.accounts.province.settings import load_settings
from tanlu.assessment import Indicator, IntensityRule, load_indicators, load_rule
from tanlu.core.errors import DataError, Problem
from tanlu.core.province import Province, load_province, province_folder, room_sources
from tanlu.job.energy_step import FOLDER as ENERGY
from tanlu.land import load_forest
from tanlu.pathways import PathwayData, load_pathways
from tanlu.pathways.data import FOLDER as PATHWAYS
from tanlu.pathways.effects import EffectsData, load_effects
from tanlu.pathways.effects.declared import FOLDER as EFFECTS
from tanlu.plan import Plan, load_plan

T = TypeVar("T")


@dataclass(frozen=True)
class Folder:
    """Everything that a province folder says, room by room."""

    province: Province
    plan: Plan
    indicators: Mapping[str, Indicator]
    rule: IntensityRule
    pathways: PathwayData
    effects: EffectsData | None = None
    """Other gases, costs, jobs and air pollutants; None where the province has no data on them."""

    @property
    def used_sources(self) -> set[str]:
        """Sources that rooms other than the accounts refer to."""
        used = {d.source for d in (*self.rule.deductions, *self.rule.superseded)}
        used |= {s for lever in self.pathways.levers for s in (lever.source, lever.source_of_max)}
        used |= {point.source for point in self.pathways.growth}
        if self.effects is not None:
            from tanlu.pathways.effects.lineage import used_sources

            used |= used_sources(self.effects)
        return used | {value.source for value in self.pathways.parameters.values.values()}


def load_folder(name: str) -> Folder:
    """Load and check a province folder.

    Parameters
    ----------
    name : str
        Name of a province that ships with the package, or path of a folder.

    Raises
    ------
    DataError
        With every problem that the readers of all rooms found.
    """
    path = province_folder(name)
    problems: list[Problem] = []

    def read(reader: Callable[[], T]) -> T | None:
        try:
            return reader()
        except DataError as error:
            problems.extend(p for p in error.problems if p not in problems)
            return None

    province = read(lambda: load_province(path))
    plan = read(lambda: load_plan(path))
    pathways = read(lambda: load_pathways(path))
    effects = read(lambda: load_effects(path)) if (path / PATHWAYS / EFFECTS).is_dir() else None
    indicators = read(lambda: load_indicators(path, plan)) if plan else None
    rule = read(lambda: load_rule(path, plan)) if plan else None
    if province:
        found = province
        read(lambda: load_settings(found))
        read(lambda: load_forest(found))
        read(lambda: load_reconciliation(found))
        read(lambda: load_supply(found))
        read(lambda: load_prefecture_settings(found))
    if province and pathways:
        province = replace(province, sources={**province.sources, **{s.id: s for s in pathways.sources}})
    if province and effects:
        province = replace(province, sources={**{s.id: s for s in effects.sources}, **province.sources})
    if plan and pathways:
        every = replace(pathways, side=effects.levers if effects else ())
        problems.extend(_unknown_technologies(plan, every))
    if province:
        found_sources = read(lambda: room_sources(path, ENERGY)) or {}
        province = replace(province, sources={**found_sources, **province.sources})
    if problems or not (province and plan and pathways and rule and indicators is not None):
        raise DataError(problems)
    return Folder(province, plan, indicators, rule, pathways, effects)


def _unknown_technologies(plan: Plan, pathways: PathwayData) -> list[Problem]:
    """A lever names actions and technologies of the plan; those that it does not have are problems."""
    return [
        Problem(
            "unknown_choice", "pathways/levers", field=f"{lever.id}.technologies", value=name,
            details={"refers_to": "plan/technologies.csv", "some": "tanlu plan list technologies"},
        )
        for lever in pathways.every
        for name in (lever.action, *lever.technologies)
        if name not in plan
    ]  # fmt: skip
