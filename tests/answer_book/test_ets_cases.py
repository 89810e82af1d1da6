"""Published examples of allocation, compliance, rounding and the enterprise frame, which are no methods of the engine."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tanlu.accounts.ets.allocation import compliance, gap_relief, issuance, plans
from tanlu.accounts.methods.enterprise_frame import PowerUse, purchased_power_emissions, steam_heat
from tanlu.accounts.rulebook.rounding import as_fraction, round_down, round_half_even, round_half_up
from tests.sharing import read_yaml

CASES: list[dict[str, Any]] = read_yaml(Path(__file__).parent / "ets.yaml")


def relief(plan: str, year: int, initial: str, emissions: str) -> dict[str, object]:
    cap = plans()[plan].factor("gap_cap", "power_company", year)
    added = gap_relief(Decimal(initial), Decimal(emissions), cap.decimal)
    allocation = Decimal(initial) + added
    return {"relief": added, "allocation": allocation, "gap_share": 1 - allocation / Decimal(emissions)}


def benchmark_change(**ends: list[Any]) -> dict[str, object]:
    plan = plans()["cn-ets-power-2023"]
    first, last = (plan.factor(*ends[e]).decimal for e in ("from", "to"))
    # the print says "about" and gives one decimal
    return {"percent": round_half_up(as_fraction(last) / as_fraction(first) * 100 - 100, 1)}


def purchased_power(grid_factor: str, **use: str) -> dict[str, object]:
    return {"emissions": purchased_power_emissions(PowerUse(**use), grid_factor)[0]}


def purchased_steam(mass: str, enthalpy: str, heat_factor: str) -> dict[str, object]:
    return {"emissions": steam_heat(mass, enthalpy) * as_fraction(heat_factor)}


def fields(found: object) -> dict[str, object]:
    return {name: getattr(found, name) for name in found.__slots__}  # type: ignore[attr-defined]


KINDS: dict[str, Callable[..., dict[str, object]]] = {
    "gap_relief": relief,
    "round_down": lambda **given: {"value": round_down(**given)},
    "round_half_even": lambda **given: {"value": round_half_even(**given)},
    "issuance": lambda **given: fields(issuance(**given)),
    "compliance": lambda **given: fields(compliance(**given)),
    "benchmark_change": benchmark_change,
    "purchased_power": purchased_power,
    "purchased_steam": purchased_steam,
}


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_a_published_example_comes_out_as_printed(case: dict[str, Any]) -> None:
    found = KINDS[case["kind"]](**case["inputs"])
    for name, printed in case["expect"].items():
        assert as_fraction(found[name]) == as_fraction(printed), (name, found[name])  # type: ignore[arg-type]


@pytest.mark.parametrize("case", CASES, ids=[c["id"] for c in CASES])
def test_a_case_says_where_it_was_printed(case: dict[str, Any]) -> None:
    assert case["title"]["zh"] and case["title"]["en"]
    assert case["source"]["document"] and case["source"]["locator"]


def test_every_case_has_its_own_name() -> None:
    names = [c["id"] for c in CASES]
    assert len(names) == len(set(names))
