"""The plan as data: actions, technologies, targets, mechanisms and systems, and how they hang together.

In: the ``plan`` folder of a province. Out: typed records with names in both languages and the section of the plan; queries; coverage.
It must not know how anything is counted, modelled or scored: those rooms refer to the ids of this one and keep no list of their own.
"""

from tanlu.plan.coverage import Coverage, coverage
from tanlu.plan.lineage import plan_node
from tanlu.plan.load import load_plan
from tanlu.plan.plan import Plan
from tanlu.plan.records import (
    Action,
    Aim,
    Box,
    Direction,
    Hook,
    HookUse,
    Mechanism,
    Named,
    Placed,
    Scenario,
    System,
    Target,
    Technology,
    Text,
)

__all__ = [
    "Action",
    "Aim",
    "Box",
    "Coverage",
    "Direction",
    "Hook",
    "HookUse",
    "Mechanism",
    "Named",
    "Placed",
    "Plan",
    "Scenario",
    "System",
    "Target",
    "Technology",
    "Text",
    "coverage",
    "load_plan",
    "plan_node",
]
