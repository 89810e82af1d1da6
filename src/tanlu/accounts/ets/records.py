"""Records of allocation and compliance in the national emission trading system: what goes in, and every step of what comes out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final, Literal

from tanlu.accounts.ets.plans import LoadCorrection, Plan
from tanlu.accounts.rulebook.rounding import Exact, as_fraction
from tanlu.core.library import load_library
from tanlu.core.messages import translate

CONVENTIONAL_COAL: Final = ("anthracite", "bituminous_coal", "lignite", "conventional_coal")
UNCONVENTIONAL_COAL: Final = ("coal_gangue", "coal_slime", "coal_water_slurry", "unconventional_coal")
GAS: Final = ("natural_gas",)
FLUIDISED_BED: Final = "fluidised_bed"
CLASS_LIMIT_MW: Final = 400
"""Rated power from which a unit is above the 300 MW class (plan 2023–2024, annex 1)."""
Sector = Literal["steel", "cement", "aluminium"]


def exact(value: Exact) -> Decimal:
    """Return a number as the decimal that is written.

    Raises
    ------
    ValueError
        If it is no finite number.
    """
    fraction = as_fraction(value)
    return Decimal(fraction.numerator) / Decimal(fraction.denominator)


@dataclass(frozen=True, slots=True)
class PowerUnit:
    """A generating unit in one year.

    Parameters
    ----------
    id : str
        Number of the unit in the report.
    fuel : str
        Main fuel: one of `CONVENTIONAL_COAL`, `UNCONVENTIONAL_COAL` or `GAS`.
    capacity : number
        Rated power [MW].
    emissions : number
        Verified emissions [t CO2]; until 2022 with those of purchased power.
    generation, supply : number, optional
        Gross generation and power supplied net of own use [MWh]; a plan asks for one of them.
    heat : number
        Heat supplied [GJ].
    load : number, optional
        Load factor, a fraction; asked for where the plan corrects by it.
    technology : {"", "fluidised_bed"}
    cooling : {"water", "air"}
    heat_ratio : number, optional
        Heat supply ratio, a fraction; asked for by plans until 2022 where heat is supplied.
    special : str
        Case of the plan in which the allocation equals the verified emissions.
    previous_emissions : number, optional
        Verified emissions of the year before [t CO2], for the pre-allocation.
    """

    id: str
    fuel: str
    capacity: Exact
    emissions: Exact
    generation: Exact | None = None
    supply: Exact | None = None
    heat: Exact = 0
    load: Exact | None = None
    technology: str = ""
    cooling: str = "water"
    heat_ratio: Exact | None = None
    special: str = ""
    previous_emissions: Exact | None = None

    @property
    def unit_class(self) -> str:
        """Class of the unit: subject of its power benchmark; empty for a fuel that no plan covers."""
        if self.fuel in GAS:
            return "gas_unit"
        if self.fuel in UNCONVENTIONAL_COAL or (self.fuel in CONVENTIONAL_COAL and self.technology == FLUIDISED_BED):
            return "unconventional_coal"
        if self.fuel not in CONVENTIONAL_COAL:
            return ""
        large = exact(self.capacity) >= CLASS_LIMIT_MW
        return "conventional_coal_above_300mw" if large else "conventional_coal_up_to_300mw"


def needs_load(plan: Plan, unit: PowerUnit) -> bool:
    """Return whether a plan corrects the allowances of a unit by its load."""
    conventional = unit.unit_class.startswith("conventional_coal")
    return bool(plan.load) and conventional and (plan.load_scope != "condensing" or exact(unit.heat) == 0)


@dataclass(frozen=True, slots=True)
class IndustrialUnit:
    """A steel company, a clinker line or an aluminium electrolysis in one year.

    Parameters
    ----------
    id : str
    sector : {"steel", "cement", "aluminium"}
    emissions : number
        Verified emissions [t CO2e].
    output : number
        Product of the ironmaking process, clinker or liquid aluminium [t].
    balance_value : number, optional
        Balance value of the sector in that year [t CO2e/t], shown on the platform of the national market.
    process_emissions : number, optional
        Steel: verified emissions of the ironmaking and sintering processes [t CO2e].
    special, previous_emissions
        As of `PowerUnit`.
    """

    id: str
    sector: Sector
    emissions: Exact
    output: Exact
    balance_value: Exact | None = None
    process_emissions: Exact | None = None
    special: str = ""
    previous_emissions: Exact | None = None

    @property
    def intensity(self) -> Decimal:
        """Emissions of the main process per tonne of product [t CO2e/t]."""
        above = self.emissions if self.process_emissions is None else self.process_emissions
        return exact(above) / exact(self.output)


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a calculation.

    Parameters
    ----------
    key : str
        Name; catalogue entry ``ets.step.<key>``.
    value : Decimal
    unit : str
    formula : str
        The calculation with its numbers.
    factors : tuple of str
        Ids of the benchmarks and constants.
    of : str
        Unit that it is about; empty for the company.
    """

    key: str
    value: Decimal
    unit: str = "t"
    formula: str = ""
    factors: tuple[str, ...] = ()
    of: str = ""

    def label(self, language: str) -> str:
        """Return the name of the step in the given language."""
        return translate(f"ets.step.{self.key}", language)

    def as_record(self, language: str) -> dict[str, object]:
        """Return the step as plain data."""
        return {
            "of": self.of,
            "step": self.key,
            "label": self.label(language),
            "value": plain(self.value),
            "unit": self.unit,
            "formula": self.formula,
            "factors": list(self.factors),
        }


def plain(value: Decimal) -> str:
    """Return a decimal without exponent and without idle zeros, at most ten decimals."""
    text = f"{value:.10f}".rstrip("0").rstrip(".")
    return text if text not in ("-0", "") else "0"


@dataclass(frozen=True, slots=True)
class UnitAllocation:
    """Allowances of one unit, line or company.

    Parameters
    ----------
    id : str
    unit_class : str
        Class of a generating unit, or the sector.
    emissions : Decimal
        Verified emissions [t].
    initial : Decimal
        Allowances by the formula [t].
    allocation : Decimal
        Allowances after relief of the unit [t].
    load : LoadCorrection, optional
    steps : tuple of Step
    """

    id: str
    unit_class: str
    emissions: Decimal
    initial: Decimal
    allocation: Decimal
    load: LoadCorrection | None = None
    steps: tuple[Step, ...] = ()

    @property
    def relief(self) -> Decimal:
        """Allowances that were added so that the unit is not short [t]."""
        return self.allocation - self.initial


@dataclass(frozen=True)
class Allocation:
    """Allowances of a company under a plan, with every step.

    Parameters
    ----------
    plan : Plan
    year : int
    units : tuple of UnitAllocation
    initial : Decimal
        Sum over the units [t].
    allocation : int
        Whole allowances that are issued [t].
    emissions : Decimal
        Verified emissions, which are to be surrendered [t].
    pre_allocation : int or None
        Whole allowances that are issued in advance; None where the emissions of the year before are not given or the plan has none.
    steps : tuple of Step
        Steps of the company, after those of the units.
    """

    plan: Plan
    year: int
    units: tuple[UnitAllocation, ...]
    initial: Decimal
    allocation: int
    emissions: Decimal
    pre_allocation: int | None = None
    steps: tuple[Step, ...] = field(default=())

    @property
    def gap(self) -> Decimal:
        """Emissions above allowances [t]; negative is a surplus."""
        return self.emissions - self.allocation

    @property
    def gap_share(self) -> Decimal:
        """Gap as a share of the verified emissions."""
        return self.gap / self.emissions if self.emissions else Decimal(0)

    @property
    def all_steps(self) -> tuple[Step, ...]:
        """Steps of the units, then of the company."""
        return (*(s for u in self.units for s in u.steps), *self.steps)

    @property
    def factors(self) -> tuple[str, ...]:
        """Ids of all benchmarks and constants."""
        return unique(f for s in self.all_steps for f in s.factors)

    @property
    def sources(self) -> tuple[str, ...]:
        """Ids of the documents of the plan and of its numbers."""
        return unique((*self.plan.sources, *sources_of(self.factors)))

    def as_record(self, language: str) -> dict[str, Any]:
        """Return everything as plain data, with the texts in the given language."""
        return {
            "plan": self.plan.id,
            "title": self.plan.name(language),
            "status": self.plan.status,
            "limits": self.plan.limits(language),
            "year": self.year,
            "emissions": plain(self.emissions),
            "initial": plain(self.initial),
            "allocation": self.allocation,
            "gap": plain(self.gap),
            "gap_share": plain(self.gap_share),
            "pre_allocation": self.pre_allocation,
            "units": [
                {"id": u.id, "class": u.unit_class, "emissions": plain(u.emissions), "allocation": plain(u.allocation)}
                for u in self.units
            ],
            "steps": [s.as_record(language) for s in self.all_steps],
            "factors": list(self.factors),
            "sources": list(self.sources),
        }


def unique(names: Iterable[str]) -> tuple[str, ...]:
    """Return names once each, in their order."""
    return tuple(dict.fromkeys(names))


def sources_of(factors: Iterable[str]) -> tuple[str, ...]:
    """Return the sources of factors of the library."""
    known = load_library().factors
    return unique(known[f].source for f in factors)
