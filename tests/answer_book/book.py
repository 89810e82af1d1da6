"""The answer book: published worked examples as data, and how a case is computed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.result import Result
from tanlu.core.units import conversion_factor

FOLDER = Path(__file__).parent
KEYS = {"id", "title", "source", "set", "records", "expect"}
OPTIONAL = {"place", "period", "note"}


@dataclass(frozen=True)
class Answer:
    """What a case expects and what the methods give, in the unit of the print."""

    gas: str
    category: str
    period: str
    unit: str
    printed: float
    computed: float
    within: float

    @property
    def holds(self) -> bool:
        return abs(self.computed - self.printed) <= self.within


def cases() -> list[dict[str, Any]]:
    """Return all cases with the name of their file, sorted by it; the files of other tests begin with another key."""
    found = []
    for path in sorted(FOLDER.glob("*.yaml")):
        # the compiled parser: the file is read while tests are collected
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        for case in yaml.load(path.read_text(encoding="utf-8"), Loader=loader):
            if "records" in case:
                found.append({**case, "file": path.name})
    return found


def activities(case: dict[str, Any]) -> list[Activity]:
    """Return the rows of a case, as a user would write them."""
    place, period = str(case.get("place", "cn")), str(case.get("period", "2020"))
    rows = []
    for number, record in enumerate(case["records"]):
        for name, given in record["inputs"].items():
            by_period = given if isinstance(given, dict) else {period: given}
            for when, datum in by_period.items():
                value, unit = datum if isinstance(datum, list) else (datum, "")
                rows.append(
                    Activity(
                        f"{case['id']}/{number}", str(record.get("place", place)), str(record.get("period", when)),
                        record["method"], name, str(value), str(unit), case["source"]["document"], "A", 0.0,
                    )
                )  # fmt: skip
    return rows


def answers(case: dict[str, Any]) -> list[Answer]:
    """Compute a case and return each expected number beside the computed one."""
    results = compute(activities(case), case["set"])
    found = []
    for expected in case["expect"]:
        chosen = [r for r in results if _meant(r, expected)]
        assert chosen, f"{case['id']}: no result for {expected}"
        computed = sum(r.value * conversion_factor(r.unit, expected["unit"]) for r in chosen)
        found.append(
            Answer(
                expected["gas"], str(expected.get("category", "")), str(expected.get("period", "")), expected["unit"],
                float(expected["value"]), computed, float(expected["within"]),
            )
        )  # fmt: skip
    return found


def _meant(result: Result, expected: dict[str, Any]) -> bool:
    return result.gas == expected["gas"] and all(
        getattr(result, key) == str(expected[key]) for key in ("category", "period") if key in expected
    )
