"""The rows of a frozen study of an energy system, typed: one record class a file, its fields the columns of the file."""

# ruff: noqa: N815 - fields are named as the columns of the files, whose names carry units

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class CapacityRecord:
    """What stands of a component in a period, and what of it is built in that period, in ``unit``."""

    component: str
    technology: str
    node: str
    kind: str
    period: int
    capacity: float
    built: float | None
    unit: str


@dataclass(frozen=True, slots=True)
class BalanceRecord:
    """Energy of a year that a component supplies (positive) or takes (negative) [MWh; t for a carrier by mass]."""

    component: str
    technology: str
    quantity: str
    node: str
    carrier: str
    period: int
    energy: float


@dataclass(frozen=True, slots=True)
class EmissionRecord:
    """CO2 of a component in a year of a period [t]; what is removed is negative."""

    component: str
    technology: str
    period: int
    emission_t: float


@dataclass(frozen=True, slots=True)
class CarbonPriceRecord:
    """What the last tonne of CO2 costs in a period [CNY/t], and the limit on CO2 where the study has one [t]."""

    period: int
    price_CNY_t: float | None
    cap_t: float | None = None


@dataclass(frozen=True, slots=True)
class CostRecord:
    """Discounted cost of a component, by kind [million CNY]."""

    component: str
    technology: str
    kind: str
    cost_MCNY: float


@dataclass(frozen=True, slots=True)
class CurtailmentRecord:
    """What a varying source could have supplied in a year and what of it was not taken [MWh]."""

    component: str
    technology: str
    node: str
    period: int
    available_MWh: float
    curtailed_MWh: float
    share: float | None


@dataclass(frozen=True, slots=True)
class AdequacyRecord:
    """Peak, load that is not met, and firm capacity over the peak in a period."""

    period: int
    peak_MW: float
    unserved_MWh: float
    unserved_share: float | None
    unserved_hours: float
    firm_MW: float | None
    margin: float | None


@dataclass(frozen=True, slots=True)
class StressRecord:
    """A week and its load less what sun, wind and run of river could give."""

    period: int
    week: int
    residual_peak_MW: float
    residual_mean_MW: float
    unserved_MWh: float


@dataclass(frozen=True, slots=True)
class EnergyFlowRecord:
    """Energy of a year from a carrier to a technology or from a technology to a carrier [MWh]."""

    period: int
    start: str
    end: str
    energy_MWh: float


@dataclass(frozen=True, slots=True)
class EnergyNodeRecord:
    """A place of the system; what is pooled for all has no coordinates."""

    node: str
    region: str
    zh: str
    en: str
    latitude: float | None
    longitude: float | None

    def name(self, language: str) -> str:
        """Return the name in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class TechnologyRecord:
    """Names of a technology."""

    technology: str
    zh: str
    en: str

    def name(self, language: str) -> str:
        """Return the name in a language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class LineRecord:
    """A line between two nodes."""

    line: str
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class ParameterRecord:
    """A number that the study was made with, its source and its grade."""

    component: str
    parameter: str
    year: int | None
    value: str
    unit: str
    source: str
    grade: str
    note: str


@dataclass(frozen=True, slots=True)
class ComparisonRecord:
    """A quantity of the pathway model beside that of the energy system, and a code that says why they differ."""

    period: int
    quantity: str
    item: str
    unit: str
    pathway: float | None
    system: float | None
    difference: float | None
    why: str
