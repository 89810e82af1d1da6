"""Is a figure that meters give fit for use? Rules as data, one function each, findings with evidence, scores of enterprises.

In: hourly facts and readings of a period, the registry, ``rules.yaml``. Out: findings (meter, unit, spell, value seen, limit,
rule, version) and scores. It must not know who tampers: that is the business of `tanlu.monitor.suspicion`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tanlu.monitor.quality.assessment import QualityReport as QualityReport
    from tanlu.monitor.quality.assessment import assess as assess
    from tanlu.monitor.quality.rules import Finding as Finding
    from tanlu.monitor.quality.rules import Rule as Rule
    from tanlu.monitor.quality.rules import load_rules as load_rules

_HOME = {
    "Finding": "rules",
    "QualityReport": "assessment",
    "Rule": "rules",
    "assess": "assessment",
    "load_rules": "rules",
}
__all__ = ["Finding", "QualityReport", "Rule", "assess", "load_rules"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
