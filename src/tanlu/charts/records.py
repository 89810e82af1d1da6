"""The rows of a frozen run, typed: one record class a file, its fields the columns of the file."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tanlu.core.provenance import Grade, Source


@dataclass(frozen=True, slots=True)
class InventoryRecord:
    """Mass of one gas of one category in one year [kt], or a notation key in ``status`` and no value."""

    region: str
    year: int
    category: str
    gas: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    status: str
    grade: Grade
    method: str
    id: str


@dataclass(frozen=True, slots=True)
class EnergyRecord:
    """Energy of one fuel in one sector and year, and the CO2 from burning it."""

    region: str
    year: int
    sector: str
    category: str
    fuel: str
    energy: float | None
    energy_unit: str
    co2: float | None
    co2_unit: str
    status: str
    grade: Grade
    id: str


@dataclass(frozen=True, slots=True)
class SectorRecord:
    """Emissions of one gas of one sector in one year, without memo items."""

    region: str
    year: int
    sector: str
    gas: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    id: str


@dataclass(frozen=True, slots=True)
class TotalRecord:
    """A total of the inventory in one year with its 95 % interval."""

    region: str
    year: int
    scope: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    id: str


@dataclass(frozen=True, slots=True)
class Pathway:
    """One variable of one scenario over the years, as in the IAMC format."""

    model: str
    scenario: str
    region: str
    variable: str
    unit: str
    values: Mapping[int, float]


class YearSeries(Mapping[int, float]):
    """Numbers by year, packed: a run has thousands of series, and a dictionary of each takes eight times the room.

    Parameters
    ----------
    years : tuple of int
        Shared by the series that have the same ones.
    numbers : iterable of float
        One a year.
    """

    __slots__ = ("_numbers", "_years")

    def __init__(self, years: tuple[int, ...], numbers: Iterable[float]) -> None:
        self._years, self._numbers = years, array("d", numbers)
        if len(self._numbers) != len(years):
            raise ValueError(f"{len(self._numbers)} numbers for {len(years)} years")

    def __getitem__(self, year: int) -> float:
        try:
            return self._numbers[self._years.index(year)]
        except ValueError:
            raise KeyError(year) from None

    def __iter__(self) -> Iterator[int]:
        return iter(self._years)

    def __len__(self) -> int:
        return len(self._years)


@dataclass(frozen=True, slots=True)
class FanRecord:
    """Quantiles over the draws of a variable in one year."""

    scenario: str
    variable: str
    unit: str
    year: int
    p05: float
    p25: float
    p50: float
    p75: float
    p95: float
    id: str


@dataclass(frozen=True, slots=True)
class PeakRecord:
    """When and how high a scenario peaks, 5-95 % of the draws, and the probability that it does so by 2030."""

    scenario: str
    world: str
    growth: str
    peak_year: int | None
    peak_year_low: int | None
    peak_year_high: int | None
    level: float | None
    level_low: float | None
    level_high: float | None
    unit: str
    probability: float | None
    stderr: float | None
    test: str
    id: str


@dataclass(frozen=True, slots=True)
class LeverRecord:
    """A lever of the pathways: its range and its setting in each world."""

    id: str
    name_zh: str
    name_en: str
    action: str
    unit: str
    minimum: float | None
    default: float | None
    maximum: float | None
    worlds: dict[str, float | None]
    grade: Grade
    source: str

    def name(self, language: str) -> str:
        """Return the name in the given language."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class WedgeRecord:
    """What an action of the plan takes off in a year; ``part`` is CO2 within the province, of imported power, or uptake of land."""

    action: str
    part: str
    year: int
    value: float
    unit: str
    id: str


@dataclass(frozen=True, slots=True)
class TargetRecord:
    """The standing of one target of the plan."""

    target: str
    name_zh: str
    name_en: str
    deadline: int
    required: str
    value: float | None
    unit: str
    as_of: str
    status: str
    probability: float | None
    stderr: float | None
    reason: str
    id: str

    def name(self, language: str) -> str:
        """Return the name in the given language."""
        return self.name_zh if language == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class IntensityRecord:
    """Change of energy intensity in one year, by the official rule or from physical energy."""

    year: int
    basis: str
    change_percent: float | None
    cumulative_percent: float | None
    required_percent: float | None
    status: str
    note_code: str
    id: str


@dataclass(frozen=True, slots=True)
class ReconciliationRecord:
    """A figure of this inventory beside the reference inventory's."""

    year: int
    dimension: str
    item: str
    tanlu: float | None
    reference: float | None
    difference: float | None
    unit: str
    explanation: str
    id: str


@dataclass(frozen=True, slots=True)
class PrefectureRecord:
    """An indicator of a prefecture with its place in the schematic tile grid."""

    region: str
    zh: str
    en: str
    tile_x: int
    tile_y: int
    indicator: str
    year: int | None
    value: float | None
    unit: str
    grade: Grade | None
    id: str

    def name(self, language: str) -> str:
        """Return the name in the given language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class PrefectureInventoryRecord:
    """An inventory row of a prefecture, or what is left of the province, and the proxy by which it was divided."""

    region: str
    year: int
    category: str
    gas: str
    value: float | None
    unit: str
    low: float | None
    high: float | None
    status: str
    proxy: str
    grade: Grade
    id: str


@dataclass(frozen=True, slots=True)
class UncertaintyRecord:
    """A row of Approach 1 (IPCC 2006 vol. 1 ch. 3, table 3.2); ``category`` is "total" in the last row of a scope."""

    region: str
    scope: str
    base_year: int
    year: int
    category: str
    gas: str
    base: float | None
    current: float
    unit: str
    activity: float | None
    factor: float | None
    combined: float
    variance: float
    type_a: float | None
    type_b: float | None
    trend_factor: float | None
    trend_activity: float | None
    trend_variance: float | None
    trend: float | None
    trend_uncertainty: float | None
    gwp: str
    id: str


@dataclass(frozen=True, slots=True)
class KeyCategoryRecord:
    """A category in one of the lists L1, T1, L2, T2, in descending order."""

    region: str
    list: str
    scope: str
    base_year: int
    year: int
    rank: int
    category: str
    gas: str
    base: float | None
    current: float
    unit: str
    assessment: float
    share: float
    cumulative: float
    is_key: str
    gwp: str
    id: str


@dataclass(frozen=True, slots=True)
class MeasureRecord:
    """A measurement, and by how much it narrows the interval of the total."""

    region: str
    year: int
    effort: str
    effort_zh: str
    effort_en: str
    rank: int
    of: str
    cause: str
    cause_zh: str
    cause_en: str
    category: str
    gas: str
    half_width: float
    new_half_width: float
    width: float
    new_width: float
    unit: str
    reduction: float
    grade: Grade
    gwp: str
    id: str

    def effort_name(self, language: str) -> str:
        """Return the name of the effort in the given language."""
        return self.effort_zh if language == "zh" else self.effort_en

    def cause_name(self, language: str) -> str:
        """Return the name of the datum or factor in the given language."""
        return self.cause_zh if language == "zh" else self.cause_en


@dataclass(frozen=True, slots=True)
class SourceRecord(Source):
    """A source, and how many results rest on it."""

    feeds: int = 0


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a run was made with."""

    run_id: str
    created: str
    province: str
    seed: int
    code_version: str
    data_hash: str
    factor_set: str
    gwp: str
    python: str
    packages: dict[str, str]
    steps: tuple[dict[str, Any], ...]
