"""What inventory settings consist of, as `tanlu.accounts.province.settings` reads them from a province folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Fuel:
    """A fuel: its columns in the balance and where its carbon comes from.

    ``subject`` names factors of the province's factor set; ``mix`` weighs the factors of several subjects by a fact variable each;
    with neither the fuel has no fossil CO2 of its own. ``error`` is the relative standard uncertainty of its CO2 factor.
    """

    name: str
    columns: tuple[str, ...]
    subject: str = ""
    mix: Mapping[str, str] = field(default_factory=dict)
    error: float = 0.0


@dataclass(frozen=True, slots=True)
class Driver:
    """A driver of the years without a balance.

    ``variables`` holds (variable, unit, multiplier), tried in order; ``growth`` names a variable of yearly growth [%/yr] instead.
    ``elasticity`` None means: estimate it, with ``fallback`` where it cannot be told. ``volatility`` as in `drivers.bridge_error`;
    ``own_volatility`` is that of the single category around what the driver says, see `allocation.held_total`.
    """

    name: str
    variables: tuple[tuple[str, str, float], ...] = ()
    growth: str = ""
    elasticity: float | None = None
    fallback: float = 1.0
    volatility: float = 0.0
    own_volatility: float = 0.0
    zh: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """A row of the balance and where its energy goes; with ``split`` it goes to the branches of that split."""

    row: str
    error: float
    sign: int = 1
    less: str = ""
    sector: str = ""
    category: str = ""
    driver: str = ""
    split: str = ""
    fuels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch of industry; ``shares`` holds assumed shares of fuels for which no split is published."""

    name: str
    sector: str
    category: str
    driver: str
    shares: Mapping[str, float]
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Split:
    """How a row is divided: the branches, and the variable of published shares; fuels without any take the assumed shares."""

    error: float
    branches: tuple[Branch, ...]
    variable: str = ""


@dataclass(frozen=True, slots=True)
class Electricity:
    """Electricity by sector: the variable of the yearly total, and, where there are any, the reports by sector of one year."""

    total: str
    error: float
    year_of_reports: int | None = None
    reports: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class CombustionGas:
    """CH4 or N2O of burning fuels in a category: a factor by fuel; ``error`` is the relative standard uncertainty of the factors."""

    category: str
    gas: str
    error: float
    factors: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Output:
    """A category that follows from one series of activity data and the factors of a formula.

    Parameters
    ----------
    category, gas, sector : str
    method : str
        Id of a method of the rulebook; its first activity that must be given takes the series.
    factors : mapping
        Ids of the factors of its other inputs; several ids are dated values of one quantity.
    activity_error : float
        Relative standard uncertainty of the activity.
    variable : str
        The series of activity data. Years without a figure take the one that ``driver`` has for the year.
    driver : str
        Without a variable, the activity itself: between its figures it is interpolated, after the last one it is held.
    scale : mapping
        Ids of the factors with which the series is multiplied before it enters the method, by a name of one's own.
    intervals : mapping
        Id of the factor whose interval stands for that of a role.
    taken_from : str
        Category in which the same carbon was counted as fuel, from which it is taken out.
    note_zh, note_en : str
        What a reader of the number must know.
    """

    category: str
    gas: str
    sector: str
    method: str
    factors: Mapping[str, tuple[str, ...]]
    activity_error: float
    variable: str = ""
    driver: str = ""
    scale: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    intervals: Mapping[str, str] = field(default_factory=dict)
    taken_from: str = ""
    note_zh: str = ""
    note_en: str = ""


@dataclass(frozen=True, slots=True)
class ByHours:
    """Generation of years in which it is not published: capacity at the end of the year times utilisation hours."""

    variable: str
    capacity: str
    hours: str


@dataclass(frozen=True, slots=True)
class Imports:
    """Electricity from other provinces: use less generation, times the factor of a grid.

    ``generation`` holds the variables without which nothing can be said of a year, ``also`` those that count where they are published;
    ``grid`` is the area whose factors ``co2_factor`` of electricity count.
    """

    use: str
    generation: tuple[str, ...]
    grid: str
    also: tuple[str, ...] = ()
    by_hours: tuple[ByHours, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings of the inventory of a province; what is left out is empty."""

    complete_balances: tuple[int, ...] = ()
    fuels: Mapping[str, Fuel] = field(default_factory=dict)
    drivers: Mapping[str, Driver] = field(default_factory=dict)
    cells: tuple[Cell, ...] = ()
    splits: Mapping[str, Split] = field(default_factory=dict)
    electricity: Electricity | None = None
    combustion_gases: tuple[CombustionGas, ...] = ()
    outputs: tuple[Output, ...] = ()
    imports: Imports | None = None
