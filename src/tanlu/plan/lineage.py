"""Records of the plan as nodes of the lineage, so that a lever can be followed to the section of the plan it comes from."""

from __future__ import annotations

from tanlu.core.lineage import Node
from tanlu.core.messages import translate
from tanlu.plan.records import Action, Mechanism, System, Target, Technology


def plan_node(record: Action | Technology | Target | Mechanism | System, plan_source: str) -> Node:
    """Return the node ``plan:<id>`` of a record.

    Parameters
    ----------
    record : Action, Technology, Target, Mechanism or System
    plan_source : str
        Id in sources.csv of the plan document, which becomes the parent ``source:<id>``.
    """
    zh, en = (translate("plan.node", language, section=record.section(language)) for language in ("zh", "en"))
    return Node(
        f"plan:{record.id}", "fact", record.zh, record.en, note_zh=zh, note_en=en, parents=(f"source:{plan_source}",)
    )
