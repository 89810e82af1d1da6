"""The definition that facts are made by, as one hash: it stands with every figure and changes when a rule changes."""

from __future__ import annotations

from functools import cache
from typing import Final

EDITION: Final = "1"
"""Number of the edition of the rules; the hash changes with every rule, the edition when figures of before can no longer be compared."""


@cache
def definition() -> str:
    """Return edition and hash over the SQL of the operators and the parameters of rules."""
    from tanlu.core.hashing import hash_json
    from tanlu.monitor import fill, meter_table, silence
    from tanlu.monitor.operators.dialects import DIALECTS
    from tanlu.monitor.operators.templates import FOREVER, meter_hours, roll_up

    dialect = DIALECTS["duckdb"]
    rules = {
        "sql": [meter_hours(dialect, FOREVER), roll_up(dialect)],
        "fill": [fill.SHORT, fill.LONG, fill.GOOD, fill.FAIR, *fill.TIERS],
        "silence": [silence.SHORTEST, silence.LONGEST, silence.BEFORE, silence.LIKE_DAYS, silence.EVEN],
        "margin": meter_table.MARGIN,
        "burnt_in": [*meter_table.BURNT_IN],
    }
    return f"{EDITION}-{hash_json(rules)[:12]}"
