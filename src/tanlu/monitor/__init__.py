"""Meter and stack readings → hourly facts → emissions as they happen; data quality; nowcast.

The way of a reading: a **registry** says what each meter measures and whom it belongs to; the **ledger** keeps every reading as it came,
append-only, with the moment it became known; closed **operators** turn readings into hourly facts; emissions are a view of facts and
factors. What late data touched is computed again, nothing else.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tanlu.monitor.batch import Batch as Batch
    from tanlu.monitor.batch import Receipt as Receipt
    from tanlu.monitor.emissions import Emissions as Emissions
    from tanlu.monitor.facts import Facts as Facts
    from tanlu.monitor.ledger import Ledger as Ledger
    from tanlu.monitor.registry import Meter as Meter
    from tanlu.monitor.registry import Registry as Registry
    from tanlu.monitor.registry import Unit as Unit
    from tanlu.monitor.rollup import refresh as refresh

_HOME = {
    "Batch": "batch",
    "Emissions": "emissions",
    "Facts": "facts",
    "Ledger": "ledger",
    "Meter": "registry",
    "Receipt": "batch",
    "Registry": "registry",
    "Unit": "registry",
    "refresh": "rollup",
}
"""Public names that no module bears; ``emissions.emissions`` and ``rollup.rollup`` are asked of their modules."""
__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
