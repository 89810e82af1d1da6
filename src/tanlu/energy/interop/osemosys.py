r"""An OSeMOSYS model in otoole's folder of CSV files as an energy system.

Each year is a period, each time slice a step of its own length that occurs once a year, each technology a plant. OSeMOSYS counts cost in
its own way (Howells et al. 2011, Energy Policy 39, 5850–5870): operation is discounted to the middle of the year, investment is paid when
it is made, and what outlives the last year is worth a salvage value. With the rate r, first year :math:`y_0` and last year :math:`y_T`
(sinking fund, lifetime n):

.. math::
    \frac{C_v}{(1+r)^{v-y_0}} - \frac{S_v}{(1+r)^{y_T-y_0+1}}, \qquad
    S_v = C_v \left(1 - \frac{(1+r)^{y_T-v+1}-1}{(1+r)^n-1}\right) \text{ if } v + n - 1 > y_T

The investment of the system is chosen so that its annuities add up to just that, and running cost carries :math:`(1+r)^{-1/2}`; so the
least cost is that of OSeMOSYS. Its units are PJ a year, GW and million of its currency; here they are MWh, MW and single units.
"""

from __future__ import annotations

import csv
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np

from tanlu.core.errors import DataError, Notice, Problem
from tanlu.energy.components import Asset, Carrier, Component, Converter, Demand, Line, Node, Source, Store
from tanlu.energy.interop.pypsa_import import Imported
from tanlu.energy.parameters import Hourly
from tanlu.energy.policies import EmissionLimit, Policy, ReserveMargin
from tanlu.energy.problem import Floats
from tanlu.energy.system import System
from tanlu.energy.timegrid import HOURS_PER_YEAR, annuity, period_weights

PJ: Final = 1e9 / 3600
"""MWh of a PJ."""
MW_OF_PJ_A_YEAR: Final = PJ / HOURS_PER_YEAR
"""Power of a PJ a year [MW]."""
MILLION: Final = 1e6
UNLIMITED: Final = 1e5
"""Capacities from here on, in units of OSeMOSYS, limit nothing."""
_SETS: Final = ("YEAR", "TIMESLICE", "TECHNOLOGY", "FUEL", "REGION", "MODE_OF_OPERATION")
_DEFAULTS: Final[Mapping[str, float]] = {
    "CapacityToActivityUnit": 1.0, "CapacityFactor": 1.0, "AvailabilityFactor": 1.0, "OperationalLife": 1.0, "DiscountRate": 0.05,
    "DepreciationMethod": 1.0, "TotalAnnualMaxCapacity": -1.0, "TotalAnnualMaxCapacityInvestment": -1.0, "ReserveMargin": 1.0,
    "TotalTechnologyAnnualActivityUpperLimit": -1.0, "AnnualEmissionLimit": -1.0, "ModelPeriodEmissionLimit": -1.0,
}  # fmt: skip
_READ: Final = frozenset(
    [
        "YearSplit",
        "DiscountRate",
        "DepreciationMethod",
        "SpecifiedAnnualDemand",
        "SpecifiedDemandProfile",
        "AccumulatedAnnualDemand",
        "CapacityToActivityUnit",
        "CapacityFactor",
        "AvailabilityFactor",
        "OperationalLife",
        "ResidualCapacity",
        "InputActivityRatio",
        "OutputActivityRatio",
        "CapitalCost",
        "VariableCost",
        "FixedCost",
        "TotalAnnualMaxCapacity",
        "TotalAnnualMinCapacity",
        "TotalAnnualMaxCapacityInvestment",
        "TotalTechnologyAnnualActivityUpperLimit",
        "ReserveMargin",
        "ReserveMarginTagFuel",
        "ReserveMarginTagTechnology",
        "EmissionActivityRatio",
        "EmissionsPenalty",
        "AnnualExogenousEmission",
        "AnnualEmissionLimit",
        "ModelPeriodEmissionLimit",
        "TradeRoute",
    ]
)
_SILENT: Final = frozenset(["EMISSION", "STORAGE", "SEASON", "DAYTYPE", "DAILYTIMEBRACKET", "UDC", "default_values"])
_SILENT_PARAMETERS: Final = frozenset(["Conversionls", "Conversionld", "Conversionlh", "DaySplit", "DaysInDayType"])


def read_osemosys(path: Path | str, *, price_year: int = 2023, defaults: Mapping[str, float] | None = None) -> Imported:
    """Read a folder of otoole's CSV files.

    Parameters
    ----------
    path : Path or str
        Folder with one file a set and a parameter, in long form with the column ``VALUE``.
    price_year : int
        Year of its prices, which it does not say.
    defaults : mapping of str to float, optional
        Defaults of parameters that differ from otoole's, as its configuration gives them; a file ``default_values.csv`` with the columns
        name and ``VALUE`` is read too.

    Raises
    ------
    DataError
        With every set that is missing and every value that is no number.
    """
    tables = _Tables(Path(path), {**_DEFAULTS, **(defaults or {})})
    return _Importer(tables, price_year).run()


@dataclass
class _Tables:
    """Sets and parameters of a folder."""

    path: Path
    defaults: dict[str, float]
    sets: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, dict[tuple[str, ...], float]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        problems: list[Problem] = []
        for file in sorted(self.path.glob("*.csv")):
            self._read(file, problems)
        for name in _SETS:
            if not self.sets.get(name):
                problems.append(Problem("osemosys_no_set", f"{name}.csv", value=name))
        if problems:
            raise DataError(problems)

    def _read(self, file: Path, problems: list[Problem]) -> None:
        """Read a set or a parameter."""
        with file.open(encoding="utf-8-sig", newline="") as stream:
            rows = [row for row in csv.reader(stream) if row]
        if not rows:
            return
        header, body = rows[0], rows[1:]
        if header == ["VALUE"]:
            self.sets[file.stem] = [row[0] for row in body]
            return
        table = self.values.setdefault(file.stem, {})
        for line, row in enumerate(body, 2):
            try:
                value = float(row[-1])
            except ValueError:
                problems.append(Problem("network_not_number", file.name, line, header[-1], row[-1]))
                continue
            if file.stem == "default_values":
                self.defaults[row[0]] = value
            else:
                table[tuple(row[:-1])] = value

    def get(self, name: str, *key: str) -> float:
        """Return a value of a parameter, its default where there is none."""
        return self.values.get(name, {}).get(key, self.defaults.get(name, 0.0))

    def rows(self, name: str) -> Iterator[tuple[tuple[str, ...], float]]:
        """Yield what a parameter says that is not zero."""
        for key, value in self.values.get(name, {}).items():
            if value:
                yield key, value


@dataclass
class _Importer:
    """The system as it grows."""

    tables: _Tables
    price_year: int
    notices: list[Notice] = field(default_factory=list)
    components: list[Component] = field(default_factory=list)
    policies: list[Policy] = field(default_factory=list)
    profiles: dict[str, Floats] = field(default_factory=dict)
    carriers: dict[str, Carrier] = field(default_factory=dict)

    def __post_init__(self) -> None:
        sets = self.tables.sets
        self.regions, self.slices, self.fuels = sets["REGION"], sets["TIMESLICE"], sets["FUEL"]
        self.years = tuple(sorted(int(year) for year in sets["YEAR"]))
        region = self.regions[0]
        self.rate = self.tables.get("DiscountRate", region)
        self.straight = self.tables.get("DepreciationMethod", region) == 2.0
        self.middle = (1.0 + self.rate) ** -0.5
        split = np.array([[self.tables.get("YearSplit", s, str(y)) for s in self.slices] for y in self.years])
        self.split = split[0]
        if np.any(np.abs(split - self.split) > 1e-12):
            self.tell("osemosys_year_split")

    def run(self) -> Imported:
        """Return the whole system."""
        for name in sorted(set(self.tables.values) - _READ - _SILENT - _SILENT_PARAMETERS):
            if any(True for _ in self.tables.rows(name)) and name not in self.tables.defaults:
                self.tell("osemosys_parameter", parameter=name)
        if len(self.regions) > 1 and len({self.tables.get("DiscountRate", r) for r in self.regions}) > 1:
            self.tell("osemosys_discount_rates")
        for fuel in self.fuels:
            # production only has to reach demand and use: what is too much is let go
            self.carriers[fuel] = Carrier(name=fuel, surplus=True)
        for region in self.regions:
            self._demands(region)
            for technology in self.tables.sets["TECHNOLOGY"]:
                self._technology(region, technology)
            self._reserve(region)
        self._trade()
        self._emissions()
        system = System(
            name=self.tables.path.name, carriers=list(self.carriers.values()), nodes=[Node(name=region) for region in self.regions],
            components=self.components, policies=self.policies, profiles=self.profiles, periods=self.years, discount_rate=self.rate,
            price_year=self.price_year, hours=len(self.slices), annual=False, lengths=self.split * HOURS_PER_YEAR,
            occurrences=np.ones(len(self.slices)),
        )  # fmt: skip
        return Imported(system, tuple(self.notices))

    def tell(self, code: str, **details: object) -> None:
        """Note what was not carried over."""
        self.notices.append(Notice(code, self.tables.path.name, details))

    def by_year(self, name: str, *key: str) -> Floats:
        """Return a parameter whose last index is the year, (P,)."""
        return np.array([self.tables.get(name, *key, str(year)) for year in self.years])

    def value(self, values: Floats) -> Any:
        """Return values by year as one number, or as a mapping."""
        return (
            float(values[0]) if np.all(values == values[0]) else dict(zip(self.years, map(float, values), strict=True))
        )

    def hourly(self, label: str, values: Floats) -> Hourly:
        """Return values by slice as one number, or as a profile; (P, S) that differ by year are told."""
        if np.any(np.abs(values - values[0]) > 1e-12):
            self.tell("osemosys_years_differ", parameter=label)
        if np.ptp(values[0]) == 0:
            return float(values[0, 0])
        self.profiles[label] = values[0]
        return label

    def _demands(self, region: str) -> None:
        """Add demand by slice, and demand that only the year has to meet."""
        for fuel in self.fuels:
            annual = self.by_year("SpecifiedAnnualDemand", region, fuel)
            if np.any(annual):
                shares = np.array(
                    [
                        [self.tables.get("SpecifiedDemandProfile", region, fuel, s, str(y)) for s in self.slices]
                        for y in self.years
                    ]
                )
                profile = self.hourly(f"{region}.{fuel}.demand", shares / self.split)
                self.components.append(
                    Demand(
                        name=f"{region}.{fuel}.demand", technology=fuel, node=region, carrier=fuel, annual=self.value(annual * PJ),
                        profile=profile,
                        value_of_lost_load=math.inf,
                    )
                )  # fmt: skip
            whole = self.by_year("AccumulatedAnnualDemand", region, fuel)
            if np.any(whole):
                self._accumulated(region, fuel, whole)

    def _accumulated(self, region: str, fuel: str, whole: Floats) -> None:
        """Add a demand of the year as an even one behind a store that costs nothing."""
        name, end = f"{region}.{fuel}.accumulated", f"{fuel}.accumulated"
        self.carriers[end] = Carrier(name=end)
        size = float(whole.max()) * MW_OF_PJ_A_YEAR / float(self.split.min()) * 2
        self.components += [
            Converter(name=f"{name}.in", technology=fuel, node=region, inputs={fuel: 1.0}, outputs={end: 1.0}, existing=size),
            Store(name=f"{name}.year", technology=fuel, node=region, carrier=end, hours=float(HOURS_PER_YEAR), existing=size),
            Demand(name=name, technology=fuel, node=region, carrier=end, annual=self.value(whole * PJ / self.split.sum()),
            value_of_lost_load=math.inf),
        ]  # fmt: skip

    def _technology(self, region: str, technology: str) -> None:
        """Add a technology: a plant, or a capacity that several modes share."""
        modes = {
            mode: (
                self._ratios("InputActivityRatio", region, technology, mode),
                self._ratios("OutputActivityRatio", region, technology, mode),
            )
            for mode in self.tables.sets["MODE_OF_OPERATION"]
        }
        modes = {mode: ratios for mode, ratios in modes.items() if ratios[0] or ratios[1]}
        if not modes:
            return
        name = f"{region}.{technology}"
        size = self._size(region, technology)
        factor = np.array(
            [
                [self.tables.get("CapacityFactor", region, technology, s, str(y)) for s in self.slices]
                for y in self.years
            ]
        )
        limit = self.by_year("TotalTechnologyAnnualActivityUpperLimit", region, technology)
        capacity: dict[str, Any] = {
            "availability": self.hourly(f"{name}.factor", factor), "annual_limit": self.value(np.where(limit < 0, np.inf,
            limit * PJ)), **size,
        }  # fmt: skip
        if np.any(self.by_year("AvailabilityFactor", region, technology) < 1):
            self.tell("osemosys_availability", technology=technology)
        if len(modes) == 1:
            mode, (taken, given) = next(iter(modes.items()))
            self._mode(name, region, technology, mode, taken, given, capacity)
            return
        own = f"{technology}.activity"
        self.carriers[own] = Carrier(name=own, surplus=True)
        self.components.append(Source(name=name, technology=technology, node=region, carrier=own, **capacity))
        for mode, (taken, given) in modes.items():
            self._mode(
                f"{name}.{mode}",
                region,
                technology,
                mode,
                {own: 1.0, **taken},
                given,
                {"existing": self._plenty(size)},
                mode,
            )

    def _plenty(self, size: Mapping[str, Any]) -> float:
        """Return a capacity that limits no mode more than the technology itself is [MW]."""
        standing = (
            max((a.capacity for a in size["existing"]), default=0.0)
            if isinstance(size["existing"], tuple)
            else size["existing"]
        )
        return float(standing) + 1e6

    def _ratios(self, name: str, region: str, technology: str, mode: str) -> dict[str, float]:
        """Return what a mode takes or gives, by fuel."""
        result = {}
        for fuel in self.fuels:
            ratio = self.by_year(name, region, technology, fuel, mode)
            if np.any(ratio):
                if np.ptp(ratio) > 1e-12:
                    self.tell("osemosys_years_differ", parameter=f"{name} {technology} {fuel}")
                result[fuel] = float(ratio[0])
        return result

    def _mode(
        self,
        name: str,
        region: str,
        technology: str,
        mode: str,
        taken: Mapping[str, float],
        given: Mapping[str, float],
        capacity: dict[str, Any],
        suffix: str = "",
    ) -> None:
        """Add a plant of one mode; what only takes lets go of what it makes."""
        if not given:
            self.carriers.setdefault("released", Carrier(name="released", surplus=True))
            given = {"released": 1.0}
        cost = self.by_year("VariableCost", region, technology, mode) * MILLION / PJ * self.middle
        carbon = self.by_year("EmissionActivityRatio", region, technology, "CO2", mode) * self._tonnes
        self.components.append(
            Converter(
                name=name, technology=f"{technology}.{suffix}" if suffix else technology, node=region, inputs=dict(taken),
                outputs=dict(given), variable_om=self.value(cost),
                process_emission=self.value(carbon), **capacity,
            )
        )  # fmt: skip

    @property
    def _tonnes(self) -> float:
        """CO2 of a MWh for one of the model's unit a PJ, taken as Mt."""
        return MILLION / PJ

    def _size(self, region: str, technology: str) -> dict[str, Any]:
        """Return the capacity of a technology [MW of activity] and what it costs."""
        unit = self.tables.get("CapacityToActivityUnit", region, technology) * MW_OF_PJ_A_YEAR
        life = self.tables.get("OperationalLife", region, technology)
        standing = self.by_year("ResidualCapacity", region, technology) * unit
        most = self.by_year("TotalAnnualMaxCapacity", region, technology)
        fixed = self.by_year("FixedCost", region, technology) * MILLION / unit * self.middle
        assets = tuple(
            Asset(float(size), commissioned=year, retires=year + 1)
            for year, size in zip(self.years, standing, strict=True)
            if size
        )
        capital = self.by_year("CapitalCost", region, technology) * MILLION / unit
        rate = self.by_year("TotalAnnualMaxCapacityInvestment", region, technology)
        potential = np.where((most < 0) | (most >= UNLIMITED), np.inf, most * unit)
        result: dict[str, Any] = {
            "existing": assets, "expandable": True, "fixed_om": self.value(fixed), "lifetime": life, "minimum": self.value(
                self.by_year("TotalAnnualMinCapacity", region, technology) * unit
            ),
            "investment": self.value(self._investment(capital, life)),
        }  # fmt: skip
        # between years is no year: a step from a number to no limit needs no care
        result["potential"] = self.value(np.where(np.isinf(potential), 1e9, potential))
        if np.any(rate >= 0):
            result["build_rate"] = self.value(np.where(rate < 0, 1e9, rate * unit))
        return result

    def _investment(self, capital: Floats, life: float) -> Floats:
        """Return the investment whose annuities cost what OSeMOSYS counts: what is paid less what is left over at the end."""
        r, first, last = self.rate, self.years[0], self.years[-1]
        weights = period_weights(self.years, r)
        result = np.zeros(len(self.years))
        for at, (year, paid) in enumerate(zip(self.years, capital, strict=True)):
            used = last - year + 1
            left = 0.0
            if year + life - 1 > last:
                share = used / life if self.straight or r == 0 else ((1 + r) ** used - 1) / ((1 + r) ** life - 1)
                left = paid * (1 - share)
            net = paid * (1 + r) ** -(year - first) - left * (1 + r) ** -(last - first + 1)
            alive = sum(w for y, w in zip(self.years, weights, strict=True) if 0 <= y - year < life)
            result[at] = net / (annuity(r, life) * alive)
        return result

    def _reserve(self, region: str) -> None:
        """Add the reserve margin over what is made of the tagged fuels in any slice."""
        margin = self.by_year("ReserveMargin", region)
        fuels = [f for f in self.fuels if np.any(self.by_year("ReserveMarginTagFuel", region, f))]
        credits = {
            t: float(self.by_year("ReserveMarginTagTechnology", region, t)[0])
            for t in self.tables.sets["TECHNOLOGY"]
            if np.any(self.by_year("ReserveMarginTagTechnology", region, t))
        }
        if not fuels or not credits or not any(True for _ in self.tables.rows("ReserveMargin")):
            return
        if len(fuels) > 1 or len(self.regions) > 1:
            self.tell("osemosys_parameter", parameter="ReserveMargin")
            return
        self.policies.append(
            ReserveMargin(
                name=f"{region}.reserve",
                carrier=fuels[0],
                margin=self.value(margin - 1.0),
                credits=credits,
                of_production=True,
            )
        )

    def _trade(self) -> None:
        """Add free trade between regions."""
        done = set()
        for (a, b, fuel, _), open_ in self.tables.rows("TradeRoute"):
            pair = (*sorted((a, b)), fuel)
            if open_ and pair not in done:
                done.add(pair)
                self.components.append(
                    Line(name=f"{pair[0]}-{pair[1]}.{fuel}", technology="trade", from_node=pair[0], to_node=pair[1], carrier=fuel,
                    existing=1e6, variable_om=0.0)
                )  # fmt: skip

    def _emissions(self) -> None:
        """Add price, cap and budget of CO2; other emissions are told."""
        others = defaultdict(set)
        for name in ("EmissionsPenalty", "AnnualEmissionLimit", "ModelPeriodEmissionLimit"):
            for key, value in self.tables.rows(name):
                if key[1] != "CO2" and value > 0:
                    others[key[1]].add(name)
        for emission in sorted(others):
            self.tell("osemosys_emission", emission=emission)
        region = self.regions[0]
        price = self.by_year("EmissionsPenalty", region, "CO2") * self.middle
        cap = self.by_year("AnnualEmissionLimit", region, "CO2")
        budget = self.tables.get("ModelPeriodEmissionLimit", region, "CO2")
        if np.any(price) or np.any(cap >= 0) or budget >= 0:
            exogenous = self.by_year("AnnualExogenousEmission", region, "CO2")
            self.policies.append(
                EmissionLimit(
                    name="CO2", price=self.value(price), cap=self.value(np.where(cap < 0, 1e12, (cap - exogenous) * MILLION)),
                    budget=budget * MILLION if budget >= 0 else math.inf,
                )
            )  # fmt: skip
