"""Cases of the operators over facts; engines that only make hourly facts, such as the compiled kernel, are not asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from tanlu.monitor.meter_table import MAXIMUM, NEIGHBOURS
from tanlu.monitor.operators import OPERATORS

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.conformance import Answer
    from tanlu.monitor.engines.base import Engine

_CLOSE: Final = 1e-12
_REAL: Final = ("quantity", "kg", "accuracy", "estimated", "scale", "ceiling")
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """Tables given to an operator, and the rows that it must return, in any order."""

    name: str
    operator: str
    given: Mapping[str, Rows]
    expected: Rows
    options: Mapping[str, Any]


def _hours(meter: int, amounts: list[float | None], quarter: int = 0) -> Rows:
    return [
        {"meter": meter, "hour": 3600 * h, "quantity": a, "valid": int(a is not None), "quarter": quarter}
        for h, a in enumerate(amounts)
    ]


def _fact(unit: int, carrier: int, day: int, quantity: float | None, estimated: float = 0.0) -> dict[str, Any]:
    return {"unit": unit, "carrier": carrier, "day": day, "quantity": quantity, "estimated": estimated}


def _factor(carrier: int, gas: str, kg: float, first: int, last: int, known: int = 0, gone: int = 99) -> dict[str, Any]:
    days = {"first_day": first, "last_day": last, "known_from": known, "known_to": gone}
    return {"carrier": carrier, "gas": gas, "kg": kg, **days}


def _meter_hour(meter: int, quantity: float | None, good: int = 1) -> dict[str, Any]:
    counts = {"n_good": good, "n_estimated": 0, "n_missing": 1 - good}
    return {"meter": meter, "hour": 0, "quantity": quantity, "estimated": 0.0, **counts}


def _place(meter: int, unit: int, carrier: int = 1) -> dict[str, Any]:
    return {"meter": meter, "unit": unit, "carrier": carrier, "stack": 0}


def _kin(*rows: tuple[int, int, float]) -> Rows:
    return [{"meter": m, "parent": p, "accuracy": a} for m, p, a in rows]


def _amounts(*rows: tuple[int, float | None]) -> Rows:
    return [{"unit": u, "carrier": 1, "quantity": q} for u, q in rows]


def _reading(meter: int, ts: int, value: int) -> dict[str, Any]:
    return {"meter": meter, "ts": ts, "value": value, "doubt": 0}


def _span(meter: int, start: int, end: int, amount: int) -> dict[str, Any]:
    return {"meter": meter, "start_ts": start, "end_ts": end, "whole": end - start, "amount": amount, "doubt": 0}


def _silent_hour(hour: int, quantity: float, even: int, day: int, place: int) -> dict[str, Any]:
    flags = {"even": even, "measured": 1 - even}
    return {"meter": 1, "hour": 3600 * hour, "quantity": quantity, "day": day, "place": place, **flags}


def _week(days: Mapping[int, tuple[float, float, float]]) -> Rows:
    """Three measured hours of some days, then the same three hours of day 30 in silence, 4 each."""
    measured = [
        _silent_hour(24 * day + h, amount, 0, day, h)
        for day, amounts in days.items()
        for h, amount in enumerate(amounts)
    ]
    return [*measured, *(_silent_hour(24 * 30 + h, 4.0, 1, 30, h) for h in range(3))]


_SHORT_GAP: Final[list[float | None]] = [9.0, *[1.0] * 180, None, 3.0]
"""The largest hour lies 181 valid hours before the gap: outside the tier of 180."""
CASES: Final = (
    Case(
        "difference_needs_a_reading_of_the_same_meter_before", "difference",
        {"cleaned": [_reading(1, 3600, 500), _reading(2, 9000, 600), _reading(1, 7200, 501), _reading(2, 12600, 602)],
         "meters": [{"meter": m, "kind": 0, "roll": 0, "most": 0, "step": 3600} for m in (1, 2, 3)]},
        [_span(1, 3600, 7200, 1), _span(2, 9000, 12600, 2)], {},
    ),
    Case(
        "fill_takes_the_largest_of_180_hours", "fill",
        {"hours": _hours(1, _SHORT_GAP), "meters": [{"meter": 1, "fill": MAXIMUM}]},
        [{"meter": 1, "hour": 181 * 3600, "level": 1.0}], {},
    ),
    Case(
        "fill_below_nine_tenths_looks_farther", "fill",
        {"hours": _hours(1, [9.0, *[1.0] * 180, *[None] * 24, 3.0]), "meters": [{"meter": 1, "fill": MAXIMUM}]},
        [{"meter": 1, "hour": (181 + k) * 3600, "level": 9.0} for k in range(24)], {},
    ),
    Case(
        "fill_by_neighbours", "fill",
        {"hours": _hours(1, [None, 2.0, None, None, 6.0, None]), "meters": [{"meter": 1, "fill": NEIGHBOURS}]},
        [{"meter": 1, "hour": 7200, "level": 4.0}, {"meter": 1, "hour": 10800, "level": 4.0}], {},
    ),
    Case(
        "fill_beyond_a_day_takes_the_mean_before", "fill",
        {"hours": _hours(1, [2.0, 4.0, *[None] * 25, 60.0]), "meters": [{"meter": 1, "fill": NEIGHBOURS}]},
        [{"meter": 1, "hour": (2 + k) * 3600, "level": 3.0} for k in range(25)], {},
    ),
    Case(
        # means of three like days are 1, 2, 3; day 1 lies too far back, and another hour of the day tells nothing
        "shape_of_like_days", "shape",
        {"hours": [*_week({1: (50.0, 0.0, 0.0), 10: (0.0, 1.0, 3.0), 20: (1.0, 2.0, 3.0), 29: (2.0, 3.0, 3.0)}),
                   _silent_hour(24 * 29 + 9, 70.0, 0, 29, 9)],
         "meters": [{"meter": 1, "ceiling": 6.0}]},
        [{"meter": 1, "hour": 3600 * (720 + h), "level": 2.0 * (h + 1)} for h in range(3)], {},
    ),
    Case(
        "shape_needs_three_like_days", "shape",
        {"hours": _week({20: (1.0, 2.0, 3.0), 29: (1.0, 2.0, 3.0)}), "meters": [{"meter": 1, "ceiling": 0.0}]}, [], {},
    ),
    Case(
        "shape_keeps_to_the_rating", "shape",
        {"hours": _week(dict.fromkeys((10, 20, 29), (1.0, 2.0, 3.0))), "meters": [{"meter": 1, "ceiling": 5.9}]}, [], {},
    ),
    Case(
        # the second silence has other amounts: two runs of two and three hours, of which only the longer one has a shape
        "shape_parts_silences", "shape",
        {"hours": [*_week(dict.fromkeys((10, 20, 29), (1.0, 2.0, 3.0))), _silent_hour(24 * 30 + 3, 5.0, 1, 30, 3),
                   _silent_hour(24 * 30 + 4, 5.0, 1, 30, 4)],
         "meters": [{"meter": 1, "ceiling": 0.0}]},
        [{"meter": 1, "hour": 3600 * (720 + h), "level": 2.0 * (h + 1)} for h in range(3)], {},
    ),
    Case(
        "balance_within_the_classes", "balance",
        {"facts": [_meter_hour(1, 100.0), _meter_hour(2, 60.0), _meter_hour(3, 39.0)],
         "kin": _kin((1, -1, 0.5), (2, 1, 1.0), (3, 1, 2.0))},
        [{"meter": 1, "hour": 0, "quantity": 100.0, "below": 99.0, "residual": 1.0, "allowed": 1.88}], {},
    ),
    Case(
        "balance_needs_all_meters", "balance",
        {"facts": [_meter_hour(1, 100.0), _meter_hour(2, 60.0), _meter_hour(3, None, 0)],
         "kin": _kin((1, -1, 0.5), (2, 1, 1.0), (3, 1, 2.0))},
        [], {},
    ),
    Case(
        "factor_changes_in_the_month", "factor_join",
        {"facts": [_fact(1, 1, 10, 2.0, 1.0), _fact(1, 1, 11, 2.0)],
         "factors": [_factor(1, "CO2", 3.0, 0, 10), _factor(1, "CO2", 5.0, 11, 20)]},
        [{"unit": 1, "carrier": 1, "gas": "CO2", "day": 10, "kg": 6.0, "estimated": 3.0},
         {"unit": 1, "carrier": 1, "gas": "CO2", "day": 11, "kg": 10.0, "estimated": 0.0}], {"known_at": 5},
    ),
    Case(
        "factor_as_it_was_known", "factor_join",
        {"facts": [_fact(1, 1, 10, 2.0), _fact(1, 2, 10, 2.0)],
         "factors": [_factor(1, "CO2", 3.0, 0, 20, 0, 5), _factor(1, "CO2", 4.0, 0, 20, 5)]},
        [{"unit": 1, "carrier": 1, "gas": "CO2", "day": 10, "kg": 8.0, "estimated": 0.0}], {"known_at": 5},
    ),
    Case(
        "roll_up_of_unknown_is_unknown", "roll_up",
        {"facts": [_meter_hour(1, 2.0), _meter_hour(2, None, 0), _meter_hour(3, None, 0), _meter_hour(4, 5.0)],
         "places": [_place(1, 7), _place(2, 7), _place(3, 8)]},
        [{"unit": 7, "carrier": 1, "hour": 0, "quantity": 2.0, "estimated": 0.0, "n_good": 1, "n_missing": 1},
         {"unit": 8, "carrier": 1, "hour": 0, "quantity": None, "estimated": 0.0, "n_good": 0, "n_missing": 1}],
        {},
    ),
    Case(
        "compare_knows_what_is_not_there", "compare",
        {"before": _amounts((1, 2.0), (2, 3.0)), "after": _amounts((1, 5.0), (3, 4.0))},
        [{"unit": 1, "carrier": 1, "was": 2.0, "became": 5.0, "difference": 3.0},
         {"unit": 2, "carrier": 1, "was": 3.0, "became": None, "difference": None},
         {"unit": 3, "carrier": 1, "was": None, "became": 4.0, "difference": None}], {},
    ),
)  # fmt: skip


def examine_operators(engine: Engine) -> list[Answer]:
    """Return what an engine answers to the cases of operators over facts."""
    from tanlu.monitor.conformance import Answer

    query: Callable[..., pa.Table] | None = getattr(engine, "query", None)
    dialect = getattr(engine, "dialect", None)
    if query is None or dialect is None:
        return []
    answers = []
    for case in CASES:
        tables = {name: _table(rows) for name, rows in case.given.items()}
        got = query(OPERATORS[case.operator](dialect, **case.options), tables).to_pylist()
        answers.append(Answer(case.name, _difference(case.expected, got)))
    return answers


def _table(rows: Rows) -> pa.Table:
    import pyarrow as pa

    def kind(name: str) -> pa.DataType:
        return pa.float64() if name in _REAL else pa.string() if name == "gas" else pa.int64()

    names = list(rows[0])
    fields = [pa.field(name, kind(name), nullable=any(r[name] is None for r in rows)) for name in names]
    return pa.Table.from_pylist(rows, schema=pa.schema(fields))


def _difference(expected: Rows, got: Rows) -> str:
    def key(row: dict[str, Any]) -> list[str]:
        return [str(value) for name, value in row.items() if isinstance(value, int | str) and name in expected_keys]

    expected_keys = {"meter", "hour", "unit", "carrier", "gas", "day", "end_ts"}
    if len(expected) != len(got):
        return f"{len(got)} rows instead of {len(expected)}"
    for a, b in zip(sorted(expected, key=key), sorted(got, key=key), strict=True):
        for name, value in a.items():
            if not _same(value, b.get(name)):
                return f"{name} is {b.get(name)} instead of {value} in {a}"
    return ""


def _same(expected: Any, got: Any) -> bool:
    if expected is None or got is None or isinstance(expected, str):
        return bool(expected == got)
    return bool(abs(expected - got) <= _CLOSE * max(1.0, abs(expected)))
