"""Nodes of the lineage for targets and intensities, so that every score can be followed to its sources."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tanlu.assessment.intensity import IntensityYear
from tanlu.assessment.rule import IntensityRule
from tanlu.assessment.scoreboard import Score
from tanlu.assessment.series import Measured, Series
from tanlu.core.lineage import Node
from tanlu.core.messages import translate
from tanlu.plan import Plan

SCOREBOARD_METHOD = "method:scoreboard"
INTENSITY_METHOD = "method:energy-intensity"


def _method(node_id: str, key: str, page: str, parents: tuple[str, ...] = ()) -> Node:
    texts = {f"{part}_{lang}": translate(f"{key}.{part}", lang) for part in ("name", "note") for lang in ("zh", "en")}
    return Node(
        node_id, "method", texts["name_zh"], texts["name_en"], note_zh=texts["note_zh"], note_en=texts["note_en"], url=page,
        parents=parents,
    )  # fmt: skip


def score_nodes(plan: Plan, scores: Iterable[Score], plan_source: str) -> list[Node]:
    """Return the node of every score and of the method.

    Parameters
    ----------
    plan : Plan
    scores : iterable of Score
    plan_source : str
        Id in sources.csv of the plan document.

    Returns
    -------
    list of Node
        ``target:<id>`` with the values, the method, the action and the plan document as parents. The nodes of the values, of the action
        (``plan:<id>``) and of the source are expected from those who make them.
    """
    nodes = [_method(SCOREBOARD_METHOD, "assessment.method.scoreboard", "docs/methods/scoreboard.md")]
    for s in scores:
        target = plan.targets_by_id[s.target]
        zh, en = (
            translate(
                "assessment.node.target",
                language,
                section=target.section(language),
                indicator=target.indicator.name(language),
                status=translate(f"assessment.status.{s.status}", language),
                reason=translate(f"assessment.reason.{s.reason}", language),
            )
            for language in ("zh", "en")
        )
        action = (f"plan:{target.action}",) if target.action else ()
        parents = (*s.parents, SCOREBOARD_METHOD, *action, f"source:{plan_source}")
        unit = s.unit if s.value is not None else ""
        nodes.append(Node(s.id, "result", s.zh, s.en, s.value, unit, "", zh, en, parents=parents))
    return nodes


def energy_nodes(region: str, energy: Series) -> tuple[dict[int, Measured], list[Node]]:
    """Return the total energy use with one id a year, and the nodes of these ids.

    The nodes are ``total:<region>:<year>:energy_use``, with the uses and facts that the totals were made from as parents.
    """
    named: dict[int, Measured] = {}
    nodes: list[Node] = []
    for year, amount in energy.items():
        node_id = f"total:{region}:{year}:energy_use"
        zh, en = (translate("assessment.node.energy_use", language, year=year) for language in ("zh", "en"))
        note_zh, note_en = (translate("assessment.intensity.physical_estimate", language) for language in ("zh", "en"))
        nodes.append(
            Node(
                node_id,
                "result",
                zh,
                en,
                amount.value,
                amount.unit,
                amount.grade.value,
                note_zh,
                note_en,
                parents=amount.ids,
            )
        )
        named[year] = replace(amount, ids=(node_id,))
    return named, nodes


def intensity_nodes(rows: Iterable[IntensityYear], rule: IntensityRule) -> list[Node]:
    """Return the node of every intensity row and of the method, which rests on the sources of the rule.

    The value of a row is the cumulative change where there is one, otherwise the change on the year before.
    """
    sources = tuple(dict.fromkeys(f"source:{d.source}" for d in (*rule.deductions, *rule.superseded)))
    page = "docs/methods/energy-intensity.md"
    nodes = [_method(INTENSITY_METHOD, "assessment.method.energy_intensity", page, sources)]
    for r in rows:
        value = r.cumulative if r.cumulative is not None else r.change
        zh, en = (translate(f"assessment.node.{r.basis}", language, year=r.year) for language in ("zh", "en"))
        note_zh, note_en = (translate(f"assessment.intensity.{r.note}", language) for language in ("zh", "en"))
        grade, unit = (r.grade.value if r.grade else ""), ("%" if value is not None else "")
        parents = (*r.parents, INTENSITY_METHOD)
        nodes.append(Node(r.id, "result", zh, en, value, unit, grade, note_zh, note_en, parents=parents))
    return nodes
