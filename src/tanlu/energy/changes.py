"""Changes to a system that is read already: rules on or off, other limits and prices of CO2."""

from __future__ import annotations

import dataclasses
import difflib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.energy.parameters import Value, at_years, declared
from tanlu.energy.policies import EmissionLimit, Policy
from tanlu.energy.system import System

POLICY: Final = "policy"
CO2_RULE: Final = "co2_cap"
"""Name of the rule that is added where a system has none on CO2."""
_WORDS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_TONNES: Final = 1e6


def with_settings(system: System, settings: Sequence[str], option: str = "--set") -> System:
    """Return a system with settings like ``policy.reserve.active=true`` or ``policy.reserve.margin=0.1``.

    Numbers are in the unit in which the policy holds them, and hold for every year.

    Raises
    ------
    DataError
        With every setting that says nothing that the system knows.
    """
    problems: list[Problem] = []
    policies = {policy.name: policy for policy in system.policies}
    for text in settings:
        found = _setting(text, policies, option)
        if isinstance(found, Problem):
            problems.append(found)
        else:
            policies[found.name] = found
    if problems:
        raise DataError(problems)
    return replace(system, policies=tuple(policies.values()))


def _setting(text: str, policies: Mapping[str, Policy], option: str) -> Policy | Problem:
    """Return the policy that a setting changes."""
    path, sign, value = text.partition("=")
    name, _, field = path.strip().removeprefix(f"{POLICY}.").rpartition(".")
    if not sign or not name:
        return Problem(
            "energy_setting", option, value=text, details={"some": f"policy.{next(iter(policies), 'name')}.active=true"}
        )
    if name not in policies:
        return _unknown(option, name, list(policies))
    policy = policies[name]
    numbers = declared(type(policy))
    switches = [f.name for f in dataclasses.fields(policy) if isinstance(getattr(policy, f.name), bool)]
    if field not in (*switches, *numbers):
        return _unknown(option, field, [*switches, *numbers])
    switched = field in switches
    change: Any = _WORDS.get(value.strip().lower()) if switched else _number(value)
    if change is None:
        wanted = "true, false" if switched else numbers[field].unit
        return Problem("energy_setting_value", option, field=path.strip(), value=value, details={"wanted": wanted})
    if not switched and not numbers[field].low <= change <= numbers[field].high:
        limits = {"low": numbers[field].low, "high": numbers[field].high, "unit": numbers[field].unit}
        return Problem("energy_out_of_range", option, field=path.strip(), value=value, details=limits)
    return replace(policy, **{field: change})


def _unknown(option: str, name: str, known: Sequence[str]) -> Problem:
    close = difflib.get_close_matches(name, known, 3, 0.6) or list(known)[:12]
    return Problem("unknown_choice", option, value=name, details={"refers_to": POLICY, "some": ", ".join(close) or "–"})


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def by_year(texts: Sequence[str], option: str) -> dict[int, float]:
    """Return the numbers of ``2030=150,2040=100``, given once or several times.

    Raises
    ------
    DataError
        With every part that is no year with a number.
    """
    from tanlu.core.tables import FIRST_YEAR, LAST_YEAR

    found, problems = {}, []
    for part in (part for text in texts for part in text.replace("，", ",").split(",")):
        year, _, value = part.partition("=")
        number = _number(value)
        if year.strip().isdecimal() and FIRST_YEAR <= int(year) <= LAST_YEAR and number is not None:
            found[int(year)] = number
        else:
            problems.append(Problem("energy_by_year", option, value=part.strip(), details={"option": option}))
    if problems:
        raise DataError(problems)
    return found


def with_carbon(system: System, caps: Mapping[int, float], prices: Mapping[int, float]) -> System:
    """Return a system with another cap [Mt/a] and price of CO2 [CNY/t] in some years.

    Years that are not named keep what the system says; where it says nothing, the numbers given hold between and beyond as those of a
    folder do: linear between, the nearest beyond. The first rule on CO2 is changed and switched on, or one is added.
    """
    if not caps and not prices:
        return system
    rules = [policy for policy in system.policies if isinstance(policy, EmissionLimit)]
    rule = next((r for r in rules if r.active), rules[0] if rules else EmissionLimit(name=_free(system)))
    tonnes = {year: cap * _TONNES for year, cap in caps.items()}
    changed = replace(
        rule,
        active=True,
        cap=_merged(rule.cap, tonnes, system.periods) if tonnes else rule.cap,
        price=_merged(rule.price, prices, system.periods) if prices else rule.price,
    )
    others = [changed if policy is rule else policy for policy in system.policies]
    return replace(system, policies=tuple(others if rule in system.policies else [*others, changed]))


def _free(system: System) -> str:
    """Return a name for a rule that nothing in the system has."""
    taken = {part.name for part in system.components} | {part.name for part in system.policies}
    name = CO2_RULE
    while name in taken:
        name += "_"
    return name


def _merged(own: Value, given: Mapping[int, float], periods: Sequence[int]) -> dict[int, float]:
    """Return own values by year with those that are given in their place."""
    years = sorted({*periods, *(own if isinstance(own, Mapping) else ())})
    known = dict(zip(years, at_years(own, years).tolist(), strict=True))
    nothing = all(math.isinf(value) or value == 0.0 for value in known.values())
    merged = dict(given) if nothing else {**{y: v for y, v in known.items() if math.isfinite(v)}, **given}
    return dict(sorted(merged.items()))
