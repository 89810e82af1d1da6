"""What engines spell differently, and nothing else: at most fifteen functions.

`LAG` stands only on nullable columns: ClickHouse otherwise answers the default of the type, which is zero, where the standard says NULL.
What else an engine leaves off, its own module puts on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Dialect:
    """Spelling of an engine.

    Parameters
    ----------
    name : str
    whole : str
        Integer division of two positive expressions, with ``{a}`` and ``{b}``.
    real : str
        Conversion to a double, with ``{a}``.
    integer : str
        Conversion to a 64-bit integer, with ``{a}``.
    lag : str
        The value of the row before in a window, NULL where there is none, with ``{a}`` and ``{w}`` (partition and order).
    nothing : str
        A NULL double.
    """

    name: str
    whole: str = "({a} // {b})"
    real: str = "CAST({a} AS DOUBLE)"
    integer: str = "CAST({a} AS BIGINT)"
    lag: str = "LAG({a}) OVER ({w})"
    nothing: str = "CAST(NULL AS DOUBLE)"

    def div(self, a: str, b: str) -> str:
        """Return the quotient of two positive whole numbers, rounded down."""
        return self.whole.format(a=a, b=b)

    def double(self, a: str) -> str:
        """Return an expression as a double."""
        return self.real.format(a=a)

    def bigint(self, a: str) -> str:
        """Return an expression as a 64-bit integer."""
        return self.integer.format(a=a)

    def before(self, a: str, window: str) -> str:
        """Return the value of the row before in a window."""
        return self.lag.format(a=a, w=window)


DIALECTS: Final = {
    d.name: d
    for d in (
        Dialect("duckdb"),
        Dialect("spark", whole="({a} div {b})"),
        Dialect(
            "postgresql",
            whole="({a} / {b})",
            real="CAST({a} AS DOUBLE PRECISION)",
            nothing="CAST(NULL AS DOUBLE PRECISION)",
        ),
        Dialect(
            "clickhouse",
            whole="intDiv({a}, {b})",
            real="CAST({a} AS Nullable(Float64))",
            integer="CAST({a} AS Nullable(Int64))",
            lag="lagInFrame(toNullable({a})) OVER ({w} ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)",
            nothing="CAST(NULL AS Nullable(Float64))",
        ),
    )
}
"""Spellings by engine."""
