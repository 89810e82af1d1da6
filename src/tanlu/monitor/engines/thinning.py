"""Fewer readings, the same facts: what a register shows in the middle of an hour in which it only rises is left out before differences.

A span between two readings of a register becomes an amount, and the amounts of an hour are added. Where the register rises in two spans
that follow each other inside one hour, neither is doubtful, and each is within what the rating allows, then the one span over both is so
as well (what the rating allows is proportional to time), and its amount, seconds and slots are the sums of theirs: the reading between them
says nothing about the hour. By induction all such readings of an hour may go. What is not a register, falls, is estimated, or is more than
the rating allows stays as it is, with the readings beside it, and so does a row that is out of order with the one before it.
"""

from __future__ import annotations

from typing import Final

from tanlu.monitor.operators.templates import REGISTER
from tanlu.monitor.schema import HOUR

ALSO: Final = ("m.kind AS kind", "m.most AS most")
"""What cleaned readings have to carry beside their own columns."""
_COLUMNS: Final = (("meter", -1), ("ts", 0), ("value", 0), ("doubt", 0))


def thin(cleaned: str) -> str:
    """Return the SQL of the cleaned readings that are needed, ``meter, ts, value, doubt``, from a table that stands in order."""
    # a row before the first and one after the last belong to no meter
    beside = ", ".join(f"LAG({c}, 1, {v}) OVER () AS {c}0, LEAD({c}, 1, {v}) OVER () AS {c}1" for c, v in _COLUMNS)
    return f"""
SELECT meter, ts, value, doubt FROM (SELECT *, {beside} FROM {cleaned}) c
WHERE meter0 <> meter OR meter1 <> meter OR ts0 >= ts OR ts >= ts1 OR ts1 - ts0 + ts0 % {HOUR} > {HOUR}
   OR value0 > value OR value > value1 OR kind <> {REGISTER} OR doubt0 + doubt + doubt1 > 0
   OR (most > 0 AND ((value - value0) * {HOUR} > most * (ts - ts0) OR (value1 - value) * {HOUR} > most * (ts1 - ts)))"""
