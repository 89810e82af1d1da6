"""Results made by hand: products of activity data and factors whose errors are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.method import Method, Output, activity, factor
from tanlu.accounts.rulebook.method_sets import MethodSet
from tanlu.accounts.rulebook.result import Block, Result, Results
from tanlu.core.inventory import Z95

SET = MethodSet("hand", "手", "hand", "inventory", "in_force", "AR5", (), ())


@dataclass(frozen=True)
class Source:
    """Emissions of one category: ``amount × ef``, with half-widths of 95 % intervals [%] and the names of the two causes."""

    category: str
    amount: float
    ef: float
    activity_cause: str
    factor_cause: str
    activity_width: float = 0.0
    factor_width: float = 0.0
    gas: str = "CO2"
    period: str = "2020"
    place: str = "cn"


def product(amount: Any, ef: Any) -> Any:
    return amount * ef


def product_method(gas: str = "CO2", *, amount: Any = None, ef: Any = None, name: str = "product") -> Method:
    """A method that is not registered: amount times factor."""
    inputs = (amount or activity("amount", "t"), ef or factor("ef", "t/t"))
    return Method(name, name, ("hand",), product, inputs, (Output(gas, "1.A"),), "E = A · EF", "", "")


def make(sources: Sequence[Source], method: Method | None = None) -> Results:
    """Make the results of some sources; equal names of causes are one cause."""
    causes: dict[str, float] = {}

    def cause(name: str, width: float) -> int:
        if not width:
            return -1
        causes.setdefault(name, width / 100 / Z95)
        return list(causes).index(name)

    found = {
        "amount": [cause(s.activity_cause, s.activity_width) for s in sources],
        "ef": [cause(s.factor_cause, s.factor_width) for s in sources],
    }
    names = list(causes)
    results = []
    for n, s in enumerate(sources):
        errors: dict[str, float] = {}
        for column in found.values():
            if column[n] >= 0:
                errors[names[column[n]]] = errors.get(names[column[n]], 0.0) + causes[names[column[n]]]
        value = s.amount * s.ef
        results.append(
            Result(
                f"r{n}", s.place, s.period, s.category, s.gas, value, "t", value, value, "product", (), (f"activity:{n}",), "B",
                tuple(errors.items()), f"result:{n}:{s.period}",
            )
        )  # fmt: skip
    values = {"amount": np.array([s.amount for s in sources]), "ef": np.array([s.ef for s in sources])}
    block = Block(
        method or product_method(),
        values,
        {name: np.array(column, dtype=np.int64) for name, column in found.items()},
        (np.arange(len(sources), dtype=np.int64),),
    )
    given = {
        f"activity:{n}": Activity(f"r{n}", s.place, s.period, "product", "amount", str(s.amount), "t")
        for n, s in enumerate(sources)
    }
    return Results(SET, tuple(results), (), given, {}, {}, tuple(names), np.array(list(causes.values())), (block,))
