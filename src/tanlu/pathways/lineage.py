"""Nodes of the chain behind every figure of the pathways."""

from __future__ import annotations

from collections.abc import Iterator

from tanlu.core.lineage import Node, NodeKind
from tanlu.core.messages import translate
from tanlu.core.provenance import Grade
from tanlu.pathways.data import PathwayData
from tanlu.pathways.levers import Lever
from tanlu.pathways.parameters import BY_NAME
from tanlu.pathways.scenarios import (
    CHART_SECTORS,
    ENERGY,
    NET,
    PROCESS,
    SECTOR_FAN,
    TOTAL,
    WITH_IMPORTS,
    Fan,
    Scenario,
    ScenarioSet,
)

ENGINE = "method:pathway-engine"
FAN = "method:pathway-fan"
PEAK = "method:peak-test"
_SCOPE = {TOTAL: "co2", ENERGY: "energy_co2", PROCESS: "process_co2", NET: "co2", WITH_IMPORTS: "co2"}
_SECTOR_OF = {variable: sector for sector, variable in SECTOR_FAN.items()}


def lineage_nodes(scenarios: ScenarioSet) -> list[Node]:
    """Return the nodes of methods, parameters, levers, growth, scenarios, fan rows and peaks.

    Parents reach down to ``total:<region>:<year>:co2``, ``sector:<region>:<year>:<sector>:CO2``, ``fact:…`` and ``source:<id>``, which the
    accounts and the province add.
    """
    data, baseline = scenarios.data, scenarios.baseline
    nodes = [*_methods(scenarios), *_parameters(data), *(lever_node(lever) for lever in data.levers), *_growth(data)]
    for scenario in scenarios:
        nodes.append(_scenario(scenario))
        nodes.append(_peak(scenario))
        for fan in scenario.fans.values():
            nodes.extend(_fan(scenario, fan, baseline.region, baseline.base_year))
    return nodes


def _both(key: str, **values: object) -> dict[str, str]:
    return {"zh": translate(key, "zh", **values), "en": translate(key, "en", **values)}


def _note(key: str, **values: object) -> dict[str, str]:
    return {"note_zh": translate(key, "zh", **values), "note_en": translate(key, "en", **values)}


def _methods(scenarios: ScenarioSet) -> Iterator[Node]:
    baseline = scenarios.baseline
    base = f"total:{baseline.region}:{baseline.base_year}:co2"
    parameters = tuple(v.id for v in scenarios.data.parameters.values.values())
    facts = baseline.facts
    yield Node(
        ENGINE,
        "method",
        **_both("pathways.method.engine"),
        **_note("pathways.method.engine.note"),
        parents=(base, *facts, *parameters),
    )
    count = scenarios.draws
    yield Node(
        FAN,
        "method",
        **_both("pathways.method.fan"),
        **_note("pathways.method.fan.note", draws=count, seed=scenarios.seed),
        parents=(ENGINE,),
    )
    yield Node(PEAK, "method", **_both("pathways.method.peak"), **_note("pathways.method.peak.note"), parents=(FAN,))


def _parameters(data: PathwayData) -> Iterator[Node]:
    for value in data.parameters.values.values():
        declared = BY_NAME[value.name]
        suffix = f" [{value.index}]" if value.index else ""
        yield Node(
            value.id, _kind(value.grade), declared.zh + suffix, declared.en + suffix, value.value, value.unit, value.grade.value,
            value.note_zh, value.note_en, parents=(f"source:{value.source}",),
        )  # fmt: skip


def _kind(grade: Grade) -> NodeKind:
    return "assumption" if grade is Grade.D else "fact"


def lever_node(lever: Lever) -> Node:
    """Return the node of a lever: an assumption with range, worlds, source and grade."""
    worlds = {w: f"{v:g}" for w, v in lever.worlds.items()}
    note = {"minimum": f"{lever.minimum:g}", "maximum": f"{lever.maximum:g}", **worlds}
    return Node(
        f"lever:{lever.id}", "assumption", lever.name_zh, lever.name_en, lever.default, lever.unit, lever.grade.value,
        "；".join(t for t in (translate("pathways.lever.note", "zh", **note), lever.note_zh) if t),
        "; ".join(t for t in (translate("pathways.lever.note", "en", **note), lever.note_en) if t),
        parents=tuple(dict.fromkeys((f"source:{lever.source}", f"source:{lever.source_of_max}"))),
    )  # fmt: skip


def _growth(data: PathwayData) -> Iterator[Node]:
    for point in data.growth:
        label = _both(f"pathways.growth.{point.variable}", case=point.case, year=point.year)
        yield Node(
            point.id, "assumption", **label, value=point.value, unit=point.unit, grade=point.grade.value,
            note_zh=point.note_zh, note_en=point.note_en, parents=(f"source:{point.source}",),
        )  # fmt: skip
    for case in dict.fromkeys(p.case for p in data.growth):
        parents = tuple(p.id for p in data.growth if p.case == case)
        yield Node(
            f"growth:{case}", "assumption", **_both("pathways.growth.case", case=case), grade="D", parents=parents
        )
    for world in data.worlds.values():
        parents = tuple(f"lever:{lever.id}" for lever in data.levers)
        yield Node(
            f"world:{world.id}",
            "assumption",
            world.zh,
            world.en,
            grade="D",
            note_zh=world.note_zh,
            note_en=world.note_en,
            parents=parents,
        )


def _scenario(scenario: Scenario) -> Node:
    parents = (FAN, f"world:{scenario.world}", f"growth:{scenario.growth}")
    return Node(
        f"scenario:{scenario.name}", "method", **_both("pathways.scenario", name=scenario.name), parents=parents
    )


def _peak(scenario: Scenario) -> Node:
    chance = scenario.chance
    note = _note(
        "pathways.peak.note", level=f"{scenario.peak.level:.1f}", probability=f"{100 * chance.probability:.1f}",
        stderr=f"{100 * chance.stderr:.2f}", low=chance.year_low, high=chance.year_high,
    )  # fmt: skip
    label = _both("pathways.peak", name=scenario.name)
    return Node(
        f"peak:{scenario.name}", "result", **label, value=float(scenario.peak.year), unit="year", grade="D", **note,
        parents=(PEAK, f"scenario:{scenario.name}"),
    )  # fmt: skip


def fan_id(scenario: str, variable: str, year: int) -> str:
    """Return the id of a fan row."""
    return f"pathway:{scenario}:{variable}:{year}"


def _fan(scenario: Scenario, fan: Fan, region: str, base: int) -> Iterator[Node]:
    sector = _SECTOR_OF.get(fan.variable)
    for year, values in zip(fan.years.tolist(), fan.values, strict=True):
        parents: tuple[str, ...] = (f"scenario:{scenario.name}",)
        if year <= base:
            total = (
                f"sector:{region}:{year}:{sector}:CO2" if sector else f"total:{region}:{year}:{_SCOPE[fan.variable]}"
            )
            extra = {NET: (f"total:{region}:{year}:land",), WITH_IMPORTS: (f"total:{region}:{year}:imports",)}
            parents = (FAN, total, *extra.get(fan.variable, ()))
            if year == base and fan.variable == NET:
                parents = (FAN, total)
        label = f"{fan.variable}, {scenario.name}, {year}"
        yield Node(
            fan_id(scenario.name, fan.variable, year),
            "result",
            label,
            label,
            round(float(values[2]), 6),
            fan.unit,
            "D",
            parents=parents,
        )


__all__ = ["CHART_SECTORS", "fan_id", "lever_node", "lineage_nodes"]
