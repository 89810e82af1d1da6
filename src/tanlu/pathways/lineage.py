"""Nodes of the chain behind every figure of the pathways."""

from __future__ import annotations

from collections.abc import Iterator

from tanlu.core.lineage import Node, NodeKind
from tanlu.core.messages import translate
from tanlu.core.provenance import Grade
from tanlu.core.punctuation import PUNCTUATION
from tanlu.core.units import unit_label
from tanlu.pathways.baseline import Baseline
from tanlu.pathways.data import PathwayData
from tanlu.pathways.levers import IN_PERCENT, Lever
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
from tanlu.pathways.uncertainty import mean_delivery

ENGINE = "method:pathway-engine"
FAN = "method:pathway-fan"
PEAK = "method:peak-test"
_VARIABLE = {TOTAL: "co2", ENERGY: "energy", PROCESS: "process", NET: "net", WITH_IMPORTS: "with_imports"}
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
        nodes.append(_scenario(scenario, data))
        nodes.append(_peak(scenario, data))
        for fan in scenario.fans.values():
            nodes.extend(_fan(scenario, data, fan, baseline))
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
    count, mean = scenarios.draws, f"{100 * mean_delivery(scenarios.data.levers):.0f}"
    yield Node(
        FAN,
        "method",
        **_both("pathways.method.fan"),
        **_note("pathways.method.fan.note", draws=f"{count:,}", seed=scenarios.seed, mean=mean),
        parents=(ENGINE,),
    )
    yield Node(PEAK, "method", **_both("pathways.method.peak"), **_note("pathways.method.peak.note"), parents=(FAN,))


def _parameters(data: PathwayData) -> Iterator[Node]:
    for value in data.parameters.values.values():
        declared = BY_NAME[value.name]
        names = {"zh": declared.zh, "en": declared.en}
        if value.index:
            members = _member(value.index)
            names = {
                lang: translate("pathways.parameter", lang, name=names[lang], member=members[lang]) for lang in names
            }
        yield Node(
            value.id, _kind(value.grade), names["zh"], names["en"], value.value, value.unit, value.grade.value,
            value.note_zh, value.note_en, parents=(f"source:{value.source}",),
        )  # fmt: skip


def _member(index: str) -> dict[str, str]:
    """Return the name of a member of a set; a sector and a carrier, ``sector:carrier``, are named one after the other."""
    parts = [_both(f"pathways.member.{part}") for part in index.split(":")]
    return {lang: joint.listing.join(part[lang] for part in parts) for lang, joint in PUNCTUATION.items()}


def _kind(grade: Grade) -> NodeKind:
    return "assumption" if grade is Grade.D else "fact"


def _amount(value: float, lever: Lever, language: str) -> str:
    """Return a value of a lever as a figure, shares in percent."""
    percent = IN_PERCENT.get(lever.unit)
    return f"{value:g}" if percent is None else f"{100.0 * value:g}{unit_label(percent, language)}"


def lever_node(lever: Lever) -> Node:
    """Return the node of a lever: an assumption with range, worlds, source, grade and the technologies of the plan that move it."""

    def note(language: str) -> str:
        values = {"minimum": lever.minimum, "maximum": lever.maximum, **lever.worlds}
        return translate("pathways.lever.note", language, **{k: _amount(v, lever, language) for k, v in values.items()})

    records = (f"plan:{name}" for name in (lever.action, *lever.technologies))
    return Node(
        f"lever:{lever.id}", "assumption", lever.name_zh, lever.name_en, lever.default, lever.unit, lever.grade.value,
        PUNCTUATION["zh"].phrases(note("zh"), lever.note_zh), PUNCTUATION["en"].phrases(note("en"), lever.note_en),
        parents=tuple(dict.fromkeys((f"source:{lever.source}", f"source:{lever.source_of_max}", *records))),
    )  # fmt: skip


def _growth(data: PathwayData) -> Iterator[Node]:
    for point in data.growth:
        cases = _both(f"pathways.case.{point.case}")
        label = {x: translate(f"pathways.growth.{point.variable}", x, case=cases[x], year=point.year) for x in cases}
        yield Node(
            point.id, "assumption", **label, value=point.value, unit=point.unit, grade=point.grade.value,
            note_zh=point.note_zh, note_en=point.note_en, parents=(f"source:{point.source}",),
        )  # fmt: skip
    for case in dict.fromkeys(p.case for p in data.growth):
        parents = tuple(p.id for p in data.growth if p.case == case)
        yield Node(f"growth:{case}", "assumption", **_both(f"pathways.case.{case}"), grade="D", parents=parents)
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


def scenario_name(scenario: Scenario, data: PathwayData, language: str) -> str:
    """Return world and growth case of a scenario in a language."""
    world = data.worlds[scenario.world]
    growth = translate(f"pathways.case.{scenario.growth}", language)
    return translate(
        "pathways.scenario_name", language, world=world.zh if language == "zh" else world.en, growth=growth
    )


def _of_scenario(key: str, scenario: Scenario, data: PathwayData) -> dict[str, str]:
    return {x: translate(key, x, name=scenario_name(scenario, data, x)) for x in ("zh", "en")}


def _scenario(scenario: Scenario, data: PathwayData) -> Node:
    parents = (FAN, f"world:{scenario.world}", f"growth:{scenario.growth}")
    label = _of_scenario("pathways.scenario", scenario, data)
    return Node(f"scenario:{scenario.name}", "method", **label, parents=parents)


def _peak(scenario: Scenario, data: PathwayData) -> Node:
    chance = scenario.chance
    words = {
        "probability": f"{100 * chance.probability:.1f}", "stderr": f"{100 * chance.stderr:.2f}", "low": chance.year_low,
        "high": chance.year_high,
    }  # fmt: skip
    # 1 Mt are 100 万吨
    levels = {"zh": (f"{100 * scenario.peak.level:,.0f}", "万吨"), "en": (f"{scenario.peak.level:.1f}", "Mt")}
    note = {
        f"note_{lang}": translate("pathways.peak.note", lang, level=level, unit=unit, **words)
        for lang, (level, unit) in levels.items()
    }
    label = _of_scenario("pathways.peak_past" if scenario.peak_is_past else "pathways.peak", scenario, data)
    return Node(
        f"peak:{scenario.name}", "result", **label, value=float(scenario.peak.year), unit="year", grade="D", **note,
        parents=(PEAK, f"scenario:{scenario.name}"),
    )  # fmt: skip


def fan_id(scenario: str, variable: str, year: int) -> str:
    """Return the id of a fan row."""
    return f"pathway:{scenario}:{variable}:{year}"


def _fan_label(fan: Fan, language: str) -> str:
    sector = _SECTOR_OF.get(fan.variable)
    if sector is None:
        return translate(f"pathways.variable.{_VARIABLE[fan.variable]}", language)
    return translate("pathways.variable.sector", language, sector=translate(f"sector.{sector}", language))


def _fan(scenario: Scenario, data: PathwayData, fan: Fan, baseline: Baseline) -> Iterator[Node]:
    region, base = baseline.region, baseline.base_year
    sector = _SECTOR_OF.get(fan.variable)
    words = {x: {"variable": _fan_label(fan, x), "scenario": scenario_name(scenario, data, x)} for x in ("zh", "en")}
    for year, values in zip(fan.years.tolist(), fan.values, strict=True):
        parents: tuple[str, ...] = (f"scenario:{scenario.name}",)
        if year <= base:
            total = (
                f"sector:{region}:{year}:{sector}:CO2" if sector else f"total:{region}:{year}:{_SCOPE[fan.variable]}"
            )
            parents = (FAN, total)
            if fan.variable == NET and year != base:
                parents = (*parents, f"total:{region}:{year}:land")
            elif fan.variable == WITH_IMPORTS and year in baseline.imports_co2:
                parents = (*parents, f"total:{region}:{year}:imports")
        yield Node(
            fan_id(scenario.name, fan.variable, year),
            "result",
            translate("pathways.fan", "zh", year=year, **words["zh"]),
            translate("pathways.fan", "en", year=year, **words["en"]),
            round(float(values[2]), 6),
            fan.unit,
            "D",
            parents=parents,
        )


__all__ = ["CHART_SECTORS", "fan_id", "lever_node", "lineage_nodes", "scenario_name"]
