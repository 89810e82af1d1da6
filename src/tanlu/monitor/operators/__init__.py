"""The closed set of operators between readings and figures: one SQL text each, in a subset that every engine reads alike.

In: tables of readings, meters, hours, facts, factors. Out: SQL. An engine lends only its `Dialect`; what an operator means is written here
once, and the compiled kernel must give the same. Operators know no engine, no file and no catalogue.
"""

from collections.abc import Callable
from typing import Final

from tanlu.monitor.operators.dialects import DIALECTS, Dialect
from tanlu.monitor.operators.over_facts import balance, compare, factor_join, fill, shape
from tanlu.monitor.operators.templates import clean, difference, hourly, meter_hours, resample, roll_up, spread

OPERATORS: Final[dict[str, Callable[..., str]]] = {
    "clean": clean,
    "difference": difference,
    "spread": spread,
    "hourly": hourly,
    "resample": resample,
    "fill": fill,
    "shape": shape,
    "balance": balance,
    "factor_join": factor_join,
    "roll_up": roll_up,
    "compare": compare,
}
"""SQL of each operator by name."""

__all__ = ["DIALECTS", "OPERATORS", "Dialect", "meter_hours"]
