"""Allocation plans of the national emission trading system: which rules and constants hold in which year.

The plans are data (``library/ets_plans.yaml``); benchmarks and constants are factors of the library, so every number has its source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

from tanlu.accounts.rulebook.rounding import round_half_up
from tanlu.core.errors import DataError, Problem
from tanlu.core.factors import Factor
from tanlu.core.library import load_library
from tanlu.core.province import check_keys, read_yaml

FILE: Final = "ets_plans.yaml"
DIGITS: Final = 40
"""Significant digits of powers and exponentials, far beyond what allowances need."""
Status = Literal["final", "draft", "superseded"]
LoadForm = Literal["", "tiers", "power", "exponential"]
REQUIRED: Final = ("zh", "en", "sector", "status", "years", "set", "round", "special", "sources")
OPTIONAL: Final = (
    "output",
    "load",
    "load_scope",
    "cooling",
    "heat_ratio",
    "verified_years",
    "pre_set",
    "limits_zh",
    "limits_en",
)


@dataclass(frozen=True)
class Plan:
    """An allocation plan.

    Parameters
    ----------
    id, zh, en : str
    sector : {"power", "industry"}
    status : {"final", "draft", "superseded"}
    years : tuple of int
        Years of the emissions that it covers.
    set : str
        Factor set with its benchmarks and constants.
    round : {"parts", "total"}
        Whether every part of a unit is cut to whole tonnes, or only the total of the company.
    special : tuple of str
        Cases in which the allocation equals the verified emissions.
    sources : tuple of str
        Documents, ids in the library.
    output : {"supplied", "generated"}
        Power that the benchmark multiplies.
    load : {"", "tiers", "power", "exponential"}
        Form of the load correction.
    load_scope : {"condensing", "conventional"}
        Conventional coal units without heat supply only, or all of them.
    cooling, heat_ratio : bool
        Whether air cooling and the heat supply ratio correct the allowances.
    verified_years : tuple of int
        Years in which every allocation equals the verified emissions.
    pre_set : str
        Factor set of the pre-allocation, where it is another one.
    limits_zh, limits_en : str
        What a user must know before trusting it.
    """

    id: str
    zh: str
    en: str
    sector: str
    status: Status
    years: tuple[int, ...]
    set: str
    round: str
    special: tuple[str, ...]
    sources: tuple[str, ...]
    output: str = "generated"
    load: LoadForm = ""
    load_scope: str = "conventional"
    cooling: bool = False
    heat_ratio: bool = False
    verified_years: tuple[int, ...] = ()
    pre_set: str = ""
    limits_zh: str = ""
    limits_en: str = ""

    def name(self, language: str) -> str:
        """Return the title in the given language."""
        return self.zh if language == "zh" else self.en

    def limits(self, language: str) -> str:
        """Return what a user must know, in the given language."""
        return self.limits_zh if language == "zh" else self.limits_en

    def factor(self, parameter: str, subject: str, year: int, factor_set: str = "") -> Factor:
        """Return the benchmark or constant of a year.

        Raises
        ------
        LookupError
            If the plan has none: a fault of the data that ship with the program.
        """
        wanted = factor_set or self.set
        index = load_library().index
        for gas in ("CO2", ""):
            for factor in index.get((wanted, parameter, subject, gas), ()):
                if factor.holds_in(year):
                    return factor
        raise LookupError(f"{wanted}: no {parameter} of {subject} in {year}")

    def pre_allocation(self, year: int) -> Factor | None:
        """Return the share of last year's verified emissions that is issued in advance; None where the plan has none."""
        subject = "power_company" if self.sector == "power" else "industrial_company"
        try:
            return self.factor("pre_allocation", subject, year, self.pre_set)
        except LookupError:
            return None


def _plan(name: str, entry: dict[str, Any]) -> Plan:
    lists = {k: tuple(v) for k, v in entry.items() if isinstance(v, list)}
    return Plan(name, **{**entry, **lists})


@cache
def plans() -> Mapping[str, Plan]:
    """Return all plans by id, the oldest first.

    Raises
    ------
    DataError
        If the file of the plans has problems.
    """
    folder: Path = load_library().folder
    problems: list[Problem] = []
    data: dict[str, dict[str, Any]] = read_yaml(folder / FILE, folder, problems) or {}
    for entry in data.values():
        check_keys(entry, (*REQUIRED, *OPTIONAL), REQUIRED, FILE, problems)
    if problems:
        raise DataError(problems)
    return {name: _plan(name, entry) for name, entry in data.items()}


@dataclass(frozen=True, slots=True)
class LoadCorrection:
    """The load correction of a unit, and the step at the threshold that lies nearest.

    Parameters
    ----------
    load : Decimal
        Load factor, a fraction.
    value : Decimal
        Correction that the power allowances are multiplied with.
    threshold : Decimal
        Load from which the correction is 1.
    below, above : Decimal
        Correction just below the threshold, and at it.
    factors : tuple of str
        Ids of the constants.
    """

    load: Decimal
    value: Decimal
    threshold: Decimal
    below: Decimal
    above: Decimal
    factors: tuple[str, ...]

    @property
    def jump(self) -> Decimal:
        """Step of the correction at the threshold: what a unit loses that crosses it upward."""
        return self.below - self.above


TIERS: Final = ((Decimal("0.80"), Decimal(85), "load_80_85"), (Decimal("0.75"), Decimal(80), "load_75_80"))
"""Lower load of a tier, the load [%] at its upper end, and its subject in the library."""


def load_correction(plan: Plan, load: Decimal, year: int) -> LoadCorrection:
    """Return the load correction of a conventional coal unit.

    2023–2024: ``Ff = 1.015^(16 − 20 F)`` below 65 %. 2025–2026 draft: ``Ff = a − b(1 − e^(−F/c)) − d(1 − e^(−F/e))`` below 50 %, six
    decimals. 2019–2022: ``1 + 0.0014 (85 − 100 F)`` from 80 %, ``1.007 + 0.0016 (80 − 100 F)`` from 75 %, ``1.015^(16 − 20 F)`` below.

    Parameters
    ----------
    plan : Plan
    load : Decimal
        Load factor F, a fraction.
    year : int
    """
    if not plan.load:
        one = Decimal(1)
        return LoadCorrection(load, one, Decimal(0), one, one, ())
    threshold = plan.factor("load_threshold", "conventional_coal", year)
    curve, used = _curve(plan, year)
    edge = threshold.decimal
    value = Decimal(1) if load >= edge else curve(load)
    return LoadCorrection(load, value, edge, curve(edge), Decimal(1), (threshold.id, *used))


def _curve(plan: Plan, year: int) -> tuple[Any, tuple[str, ...]]:
    """Return the correction below the threshold as a function of the load, and the ids of its constants."""
    if plan.load == "exponential":
        constants = [plan.factor(f"load_constant_{c}", "conventional_coal", year) for c in "abcde"]
        a, b, c, d, e = (f.decimal for f in constants)

        def exponential(load: Decimal) -> Decimal:
            with localcontext() as context:
                context.prec = DIGITS
                percent = load * 100
                return round_half_up(a - b * (1 - (-percent / c).exp()) - d * (1 - (-percent / e).exp()), 6)

        return exponential, tuple(f.id for f in constants)
    base = plan.factor("load_correction_base", "conventional_coal", year)

    def power(load: Decimal) -> Decimal:
        with localcontext() as context:
            context.prec = DIGITS
            return Decimal(base.decimal ** (16 - 20 * load))

    if plan.load == "power":
        return power, (base.id,)
    steps = [
        (low, top, plan.factor("load_tier_base", tier, year), plan.factor("load_tier_slope", tier, year))
        for low, top, tier in TIERS
    ]

    def tiers(load: Decimal) -> Decimal:
        for low, top, start, slope in steps:
            if load >= low:
                return start.decimal + slope.decimal * (top - 100 * load)
        return power(load)

    return tiers, (base.id, *(f.id for step in steps for f in step[2:]))
