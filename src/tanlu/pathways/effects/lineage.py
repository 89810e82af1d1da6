"""Nodes of the chain behind other gases, costs, jobs and air pollutants of a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tanlu.core.lineage import Node, NodeKind
from tanlu.core.messages import LANGUAGES, catalogue, translate
from tanlu.core.provenance import Grade
from tanlu.pathways.assumptions import AssumedValue, Assumptions
from tanlu.pathways.effects.data import EffectsData
from tanlu.pathways.effects.iamc import effect_variables, family
from tanlu.pathways.effects.run import Effects
from tanlu.pathways.lineage import ENGINE, fan_id, lever_node, scenario_name
from tanlu.pathways.noncarbon.declared import ROWS
from tanlu.pathways.scenarios import ScenarioSet

SHOWN: Final = (2030, 2040, 2050, 2060)
"""Years that have nodes, after the first; the years between are in ``pathways.csv``."""
METHODS: Final = {
    "gases": "method:pathway-other-gases", "costs": "method:pathway-costs", "jobs": "method:pathway-jobs",
    "pollutants": "method:pathway-pollutants",
}  # fmt: skip
Row = tuple[str, str, str, int, float, str, str]
"""Scenario, variable, unit, year, value, grade and id."""


def effect_rows(found: Mapping[str, Effects]) -> Iterator[Row]:
    """Yield the figures of the shown years by scenario: scenario, variable, unit, year, value, grade, id."""
    for scenario, effects in found.items():
        years = effects.years.tolist()
        at = [0, *(years.index(y) for y in SHOWN if y in years[1:])]
        for variable, unit, values in effect_variables(effects, len(years)):
            grade = grade_of(variable, effects).value
            for i in at:
                value = round(float(values[i]), 6) + 0.0
                yield scenario, variable, unit, years[i], value, grade, fan_id(scenario, variable, years[i])


def grade_of(variable: str, effects: Effects) -> Grade:
    """Return the weakest grade behind a variable; a gas is as weak as its weakest source."""
    kind = family(variable)
    if kind != "gases":
        return effects.grades[kind]
    return Grade.worst([grade for name, grade in effects.grades.items() if ":" in name])


def effect_nodes(data: EffectsData, found: Mapping[str, Effects], scenarios: ScenarioSet) -> Iterator[Node]:
    """Yield the nodes of methods, assumptions, own levers and of the figures of `effect_rows`.

    Parents reach down to ``scenario:…``, ``plan:…`` and ``source:<id>``, which pathways and province add.
    """
    sets = {"gases": data.noncarbon, "costs": data.costs}
    jobs = {v.id for v in _values(data.coeffects) if v.name.startswith("jobs.")}
    parents = {kind: [v.id for v in _values(values)] for kind, values in sets.items()}
    parents["gases"] += [f"lever:{lever.id}" for lever in data.levers]
    parents["jobs"] = sorted(jobs)
    parents["pollutants"] = [v.id for v in _values(data.coeffects) if v.id not in jobs]
    # burning fuel gives CH4 and N2O as well
    parents["gases"] += parents["pollutants"]
    for kind, method in METHODS.items():
        titles = {x: translate(f"pathways.effects.{kind}", x) for x in LANGUAGES}
        notes = {f"note_{x}": translate(f"pathways.effects.{kind}.note", x, sources=len(ROWS)) for x in LANGUAGES}
        yield Node(method, "method", **titles, **notes, parents=(ENGINE, *parents[kind]))
    for rows in (data.noncarbon, data.costs, data.coeffects):
        for row in _values(rows):
            yield _assumption(row, rows)
    yield from (lever_node(lever) for lever in data.levers)
    names = {s.name: {x: scenario_name(s, scenarios.data, x) for x in LANGUAGES} for s in scenarios}
    for scenario, variable, unit, year, value, grade, id_ in effect_rows(found):
        labels = {
            x: translate(
                "pathways.effects.figure", x, variable=_label(variable, x), scenario=names[scenario][x], year=year
            )
            for x in LANGUAGES
        }
        method = METHODS[family(variable)]
        yield Node(
            id_, "result", **labels, value=value, unit=unit, grade=grade, parents=(method, f"scenario:{scenario}")
        )


def used_sources(data: EffectsData) -> set[str]:
    """Return the ids of all sources that the folder refers to."""
    sets = (data.noncarbon, data.costs, data.coeffects)
    used = {value.source for values in sets for value in _values(values)}
    return used | {s for lever in data.levers for s in (lever.source, lever.source_of_max)}


def _values(values: Assumptions) -> Iterator[AssumedValue]:
    for points in values.values.values():
        yield from points


def _assumption(value: AssumedValue, values: Assumptions) -> Node:
    declared = values.declared[value.name]
    labels = {x: _placed(name, value, x) for x, name in (("zh", declared.zh), ("en", declared.en))}
    kind: NodeKind = "assumption" if value.grade is Grade.D else "fact"
    return Node(
        value.id, kind, labels["zh"], labels["en"], value.value, value.unit, value.grade.value, value.note_zh, value.note_en,
        parents=(f"source:{value.source}",),
    )  # fmt: skip


def _placed(name: str, value: AssumedValue, language: str) -> str:
    """Return the name of an assumption with its members and its year."""
    places = [_word("effects.index", part, language) for part in value.index.split("|") if part]
    if value.year is not None:
        places.append(translate("effects.index.year", language, year=value.year))
    if not places:
        return name
    place = translate("effects.index.comma", language).join(places)
    return translate("effects.index.placed", language, name=name, place=place)


def _label(variable: str, language: str) -> str:
    """Return a variable part by part; formulas and the like are the same in every language."""
    return "|".join(_word("effects.part", part, language) for part in variable.split("|"))


def _word(group: str, part: str, language: str) -> str:
    key = f"{group}.{part.replace(' ', '_')}"
    return translate(key, language) if key in catalogue() else part
