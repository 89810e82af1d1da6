"""Tiny cases with answers worked out by hand: an engine is used only when it answers all of them rightly, each time it is connected.

Engines go wrong silently: a default of zero where the standard says NULL, a sum of nothing that is zero, a tie broken by chance. The cases
are in ``conformance_cases.yaml`` (readings to hourly facts) and in `tanlu.monitor.conformance_facts` (operators over facts).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import yaml

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.engines.base import start_of
from tanlu.monitor.meter_table import NEIGHBOURS, NO_FILL, MeterTable
from tanlu.monitor.schema import HOUR, day_number, readings_schema

if TYPE_CHECKING:
    import pyarrow as pa

    from tanlu.monitor.engines.base import Engine

FIRST: Final = day_number("2024-07-01")
DAYS: Final = 2
_CLOSE: Final = 1e-12
_ALWAYS: Final = 2**52
_KINDS: Final = {"register": 0, "interval": 1, "rate": 1}
_NAMES: Final = ("quantity", "estimated", "n_good", "n_estimated", "n_missing")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an engine answered to a case: ``fault`` is empty where it was right."""

    case: str
    fault: str

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return not self.fault


@cache
def cases() -> dict[str, dict[str, Any]]:
    """Return the cases of readings by name."""
    text = files("tanlu.monitor").joinpath("conformance_cases.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, Any]] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    return loaded


def examine(engine: Engine) -> list[Answer]:
    """Return what an engine answers to every case.

    All cases of readings are asked at once, each with a meter of its own: an engine that mixes meters fails them too.
    """
    from tanlu.monitor.conformance_facts import examine_operators

    meters, readings = _meters(), _readings()
    facts = engine.window(readings, meters, FIRST, FIRST + DAYS - 1)
    found = {(row["meter"], row["hour"]): row for row in facts.to_pylist()}
    answers = [Answer(name, _fault(number, case, meters, found)) for number, name, case in _numbered()]
    return [*answers, *examine_operators(engine)]


def accept(engine: Engine) -> Engine:
    """Return the engine.

    Raises
    ------
    DataError
        If it answers any case wrongly.
    """
    wrong = [answer for answer in examine(engine) if not answer.right]
    if wrong:
        details = {"count": len(wrong), "cases": ", ".join(a.case for a in wrong[:3])}
        raise DataError([Problem("engine_wrong", "--engine", value=engine.name, details=details)])
    return engine


def _numbered() -> Iterator[tuple[int, str, dict[str, Any]]]:
    for number, (name, case) in enumerate(cases().items(), start=1):
        yield number, name, case


def _meters() -> MeterTable:
    start, all_cases = start_of(FIRST), list(cases().values())
    n = len(all_cases)
    direct = np.array([_KINDS[c["kind"]] for c in all_cases], np.int8)
    step = np.array([c["step"] * 60 for c in all_cases], np.int64)
    hours = np.array([c["step"] / 60 if c["kind"] == "rate" else 1.0 for c in all_cases])

    def whole(name: str, missing: int, factor: int = 1, offset: int = 0) -> np.ndarray:
        return np.array([c[name] * factor + offset if name in c else missing for c in all_cases], np.int64)

    return MeterTable(
        np.arange(1, n + 1, dtype=np.int32), direct, np.array([c.get("scale", 1.0) for c in all_cases]) * hours,
        whole("roll", 0), whole("most", 0), step, np.where(direct == 1, NEIGHBOURS, NO_FILL).astype(np.int8),
        whole("from", 0, 60, start), whole("to", _ALWAYS, 60, start), np.full(n, 1, np.int32), np.full(n, 1, np.int16),
        np.zeros(n, np.int8),
    )  # fmt: skip


def _readings() -> pa.Table:
    import pyarrow as pa

    rows = [
        (number, *reading, *(0, 0, 0)[len(reading) - 2 :])
        for number, _, case in _numbered()
        for reading in case["readings"]
    ]
    meter, minute, *rest = (np.array(column, np.int64) for column in zip(*rows, strict=True))
    columns = [meter, minute * 60 + start_of(FIRST), *rest]
    table = pa.table(dict(zip(readings_schema().names, columns, strict=True))).cast(readings_schema())
    # rows in an order of no meaning: what is asked must not rest on it
    order = np.argsort((np.arange(len(table)) * 7919) % 1009, kind="stable")
    return table.take(pa.array(order))


def _fault(number: int, case: dict[str, Any], meters: MeterTable, found: dict[tuple[int, int], dict[str, Any]]) -> str:
    start, step = start_of(FIRST), case["step"] * 60
    begin, end = int(meters.valid_from[number - 1]), int(meters.valid_to[number - 1])
    for h in range(DAYS * 24):
        hour = start + h * HOUR
        row = found.get((number, hour))
        if begin >= hour + HOUR or end <= hour:
            if row is not None:
                return f"hour {h}: a row outside the validity of the meter"
            continue
        slots = min(end, hour + HOUR) // step - max(begin, hour) // step
        expected = case["hours"].get(h, [None, 0, 0, 0, slots])
        if row is None:
            return f"hour {h}: no row"
        got = [row[name] for name in _NAMES]
        if not all(_same(a, b) for a, b in zip(expected, got, strict=True)):
            return f"hour {h}: {got} instead of {expected}"
    return ""


def _same(expected: float | None, got: float | None) -> bool:
    if expected is None or got is None:
        return expected is None and got is None
    return abs(expected - got) <= _CLOSE * max(1.0, abs(expected))
