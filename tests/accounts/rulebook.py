"""A small invented rulebook: a library, a method set and three methods, none of which is in the registry."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.evaluate import evaluate
from tanlu.accounts.rulebook.intake import take_in
from tanlu.accounts.rulebook.method import Input, Method, Output, Rounding, activity, choice, factor
from tanlu.accounts.rulebook.method_sets import MethodSet
from tanlu.accounts.rulebook.result import Results
from tanlu.core.errors import DataError
from tanlu.core.factors import Factor
from tanlu.core.labels import Label
from tanlu.core.library import Area, Library
from tanlu.core.provenance import Grade


def burnt(fuel_amount: Any, heating_value: Any, carbon: Any, oxidised: Any) -> Any:
    return fuel_amount * heating_value * carbon * oxidised * 44 / 12


def rounded(fuel_amount: Any, heating_value: Any, carbon: Any) -> Any:
    return fuel_amount * heating_value * carbon * 44 / 12


def decayed(waste: Any, rate: Any) -> Any:
    return np.cumsum(waste, axis=-1) * rate


def two_gases(distance: Any, ch4: Any, n2o: Any) -> tuple[Any, Any]:
    return distance * ch4, distance * n2o


FUEL = (
    choice("fuel", "coal", "gas"),
    activity("fuel_amount", "t", "10^4 Nm3", "GJ"),
    factor("heating_value", "GJ/t", "GJ/10^4 Nm3", None, subject="{fuel}", bundle="fuel", low=5.0, high=60.0),
    factor("carbon", "t C/GJ", subject="{fuel}", bundle="fuel", low=0.012, high=0.03),
    factor("oxidised", "1", subject="{fuel}", bundle="fuel", low=0.8, high=1.0),
)


def declared(
    name: str,
    function: Callable[..., Any],
    inputs: tuple[Input, ...],
    *outputs: Output,
    rounding: Rounding | None = None,
) -> Method:
    return Method(name, name, ("book",), function, inputs, outputs, "E = …", "1", "source", rounding=rounding)


METHODS = {
    m.topic: m
    for m in (
        declared("burning", burnt, FUEL, Output("CO2", by="fuel", categories={"coal": "1.A.1", "gas": "1.A.2"})),
        declared(
            "rounding", rounded,
            (activity("fuel_amount", "t"), factor("heating_value", "GJ/t", subject="coal"), factor("carbon", "t C/GJ", subject="coal")),
            Output("CO2", "1.A.1"), rounding=Rounding({"fuel_amount": 2, "heating_value": 1}, 2),
        ),
        declared("decay", decayed, (activity("waste", "t", series=True), factor("rate", "1", default=0.1)), Output("CH4", "4.A")),
        declared(
            "road", two_gases, (activity("distance", "km"), factor("ch4", "t/km", default=2e-9), factor("n2o", "t/km", default=1e-9)),
            Output("CH4", "1.A.3"), Output("N2O", "1.A.3"),
        ),
    )
}  # fmt: skip


def made_factor(
    factor_set: str,
    parameter: str,
    subject: str,
    value: float,
    unit: str,
    *,
    region: str = "",
    year: int | None = None,
    last: int | None = None,
    low: float | None = None,
    high: float | None = None,
    status: str = "",
) -> Factor:
    name = ".".join(str(p) for p in (factor_set, parameter, subject, region, year) if p)
    return Factor(
        name, factor_set, parameter, subject, "", value, unit, low, high, year, last, "source", "", Grade.A, "", "", region,
        "primary_text", status,
    )  # fmt: skip


FACTORS = (
    made_factor("own", "heating_value", "coal", 20.0, "GJ/t", low=18.0, high=22.0),
    made_factor("own", "carbon", "coal", 0.025, "t C/GJ"),
    made_factor("own", "oxidised", "coal", 0.95, "1"),
    # a set without the oxidation of gas: not to be completed from another one
    made_factor("own", "heating_value", "gas", 380.0, "GJ/10^4 Nm3"),
    made_factor("own", "carbon", "gas", 0.0153, "t C/GJ"),
    made_factor("other", "heating_value", "gas", 389.31, "GJ/10^4 Nm3"),
    made_factor("other", "carbon", "gas", 0.015, "t C/GJ"),
    made_factor("other", "oxidised", "gas", 0.99, "1"),
)


def library(*factors: Factor, aliases: dict[tuple[str, str], str] | None = None) -> Library:
    areas = {
        a.id: a
        for a in (
            Area("world", (), "世界", "World"), Area("cn", ("world",), "中国", "China"),
            Area("middle", ("cn",), "中部", "Middle"), Area("first", ("middle",), "甲省", "First"),
            Area("second", ("middle",), "乙省", "Second"), Area("*", ("cn",), "其他", "other"),
        )
    }  # fmt: skip
    labels = {"coal": Label("coal", "煤", "Coal"), "gas": Label("gas", "天然气", "Natural gas")}
    return Library(Path(), {f.id: f for f in (*FACTORS, *factors)}, {}, labels, areas, aliases or {})


def rules(methods: dict[str, Method] | None = None) -> MethodSet:
    book = MethodSet("book", "册", "Book", "inventory", "in_force", "AR5", ("own",), ("other",))
    # in place of what the registry holds
    book.__dict__["methods"] = METHODS if methods is None else methods
    return book


def row(record: str, method: str, name: str, value: object, unit: str = "", **more: Any) -> Activity:
    given = {"place": "first/city", "period": "2020", "grade": "A", "uncertainty": 5.0, "file": "a.csv", **more}
    return Activity(record=record, method=method, input=name, value=str(value), unit=unit, **given)


def calculated(rows: list[Activity], shelf: Library | None = None, book: MethodSet | None = None) -> Results:
    book = book or rules()
    taken = take_in(rows, book, shelf or library())
    if taken.problems:
        raise DataError(taken.problems)
    return evaluate(taken, book)


def told(rows: list[Activity], shelf: Library | None = None) -> list[tuple[str, int | None, str, str]]:
    """Return (code, row, field, value) of every problem."""
    return [(p.code, p.row, p.field, p.value) for p in take_in(rows, rules(), shelf or library()).problems]
