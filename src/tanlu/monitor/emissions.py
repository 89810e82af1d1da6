"""Emissions as a view of facts and factors: masses of gas by unit, carrier, scope and time, with what was estimated and what is missing.

Nothing is stored: a new version of a factor needs no new facts. A gas that a stack measures is not computed again from the fuels below that
stack. Power and heat that were bought stand apart from what is emitted on the spot; CO2 of biomass is told and left out of totals.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from tanlu.core.gases import gwp_set
from tanlu.monitor.definition import definition
from tanlu.monitor.emission_sums import Adding
from tanlu.monitor.factors import BIOGENIC, DIRECT, PURCHASED, SCOPES, FactorBook, factor_book
from tanlu.monitor.facts import Day, Facts, day
from tanlu.monitor.levels import COUNTS, Sums
from tanlu.monitor.schema import UnitKind, day_name

if TYPE_CHECKING:
    import pyarrow as pa

BY: Final = ("unit", "carrier", "day", "month")
"""What emissions may be told apart by, besides gas and scope."""


class Emission(NamedTuple):
    """Mass of a gas.

    Parameters
    ----------
    unit, carrier, period : str
        Ids, and the day or month; empty where they are not told apart.
    gas, scope : str
    kg : float
    estimated : float
        Part of it that rests on filled or estimated readings [kg].
    missing : float
        Share of the readings due that are missing and not filled; what they would have told is not in ``kg``.
    factors : tuple of str
        Ids of the factors.
    grade : str
        Weakest grade of the factors.
    """

    unit: str
    carrier: str
    period: str
    gas: str
    scope: str
    kg: float
    estimated: float
    missing: float
    factors: tuple[str, ...]
    grade: str


@dataclass(frozen=True)
class Emissions:
    """Masses of gas of a unit or region over days, and what they rest on.

    Parameters
    ----------
    where : str
        Id of the unit or region.
    first, last : int
        Days.
    rows : tuple of Emission
    gwp : str
        GWP set of CO2-equivalents.
    definition, factor_version : str
        Versions of the rules of facts and of the factors.
    generation : int
        Of the facts.
    known_at : int or None
        Moment of knowledge [µs]; None for the latest.
    without : tuple of str
        Carriers that were measured and have no factor: their emissions are unknown, not zero.
    """

    where: str
    first: int
    last: int
    rows: tuple[Emission, ...]
    gwp: str
    definition: str
    factor_version: str
    generation: int
    known_at: int | None
    without: tuple[str, ...]

    def kg(self, scope: str | None = None) -> dict[str, float]:
        """Return kg by gas; of one scope, or of what is emitted on the spot and bought together."""
        found: dict[str, float] = {}
        for row in self.rows:
            if row.scope == scope or (scope is None and row.scope != BIOGENIC):
                found[row.gas] = found.get(row.gas, 0.0) + row.kg
        return found

    def co2e(self, scope: str | None = None) -> float:
        """Return CO2-equivalents [kg] through the GWP set; of one scope, or of both that count."""
        return float(sum(kg * self._gwp[gas] for gas, kg in self.kg(scope).items()))

    @cached_property
    def _gwp(self) -> Any:
        return gwp_set(self.gwp)

    @property
    def shares(self) -> dict[str, float]:
        """Shares of the CO2-equivalents that are measured and estimated, and the share of readings due that are missing.

        Measured and estimated add up to 1; the missing share weighs each row by its CO2-equivalents.
        """
        weights = [(abs(r.kg) * self._gwp[r.gas], r) for r in self.rows if r.scope != BIOGENIC]
        total = sum(weight for weight, _ in weights)
        if total == 0:
            return {
                "measured": 0.0,
                "estimated": 0.0,
                "missing": 1.0 if not weights else max(r.missing for _, r in weights),
            }
        estimated = sum(abs(r.estimated) * self._gwp[r.gas] for _, r in weights) / total
        missing = sum(weight * r.missing for weight, r in weights) / total
        return {"measured": 1.0 - estimated, "estimated": estimated, "missing": missing}

    def as_record(self) -> dict[str, Any]:
        """Return the figures as plain data, for ``--json`` and for the record of a published number."""
        return {
            "where": self.where,
            "first_day": day_name(self.first),
            "last_day": day_name(self.last),
            "kg": {scope: self.kg(scope) for scope in SCOPES},
            "co2e_kg": {"total": self.co2e(), **{scope: self.co2e(scope) for scope in SCOPES}},
            "gwp": self.gwp,
            "shares": self.shares,
            "factors": sorted({name for row in self.rows for name in row.factors}),
            "without_factor": list(self.without),
            "definition": self.definition,
            "factor_version": self.factor_version,
            "generation": self.generation,
            "known_at": self.known_at,
        }


def emissions(
    facts: Facts,
    where: str,
    start: Day,
    end: Day,
    by: Collection[str] = ("carrier",),
    level: UnitKind | str | None = None,
    factors: FactorBook | None = None,
    gwp: str = "AR5",
) -> Emissions:
    """Return the emissions of a unit or region from the first to the last day.

    Parameters
    ----------
    facts : Facts
        Their moment of knowledge is that of own factors too.
    where : str
        Id of a device, enterprise, park, county, prefecture or province.
    start, end : int, str or date
        First and last civil day.
    by : collection of str
        What is told apart, of `BY`.
    level : UnitKind or str, optional
        Tell the units of this level in ``where`` apart (with ``unit`` in ``by``).
    factors : FactorBook, optional
        Those of the province of the ledger and of its own table where nothing is said.
    gwp : str
        GWP set of CO2-equivalents.

    Raises
    ------
    DataError
        If facts or factors cannot be read.
    KeyError
        If there is no such unit or GWP set.
    ValueError
        If ``by`` names something else, or a date is none.
    """
    wrong = set(by) - set(BY)
    if wrong:
        raise ValueError(f"cannot tell apart by {sorted(wrong)}; known: {', '.join(BY)}")
    gwp_set(gwp)
    book = factors or factor_book(facts.ledger.province, facts.ledger.path / "factors.csv")
    first, last = day(start), day(end)
    rows, without = _View(facts, book, first, last, tuple(by)).rows(where, level)
    version = book.version(facts.known_at)
    return Emissions(where, first, last, rows, gwp, definition(), version, facts.generation, facts.known_at, without)


@dataclass(frozen=True)
class _View:
    facts: Facts
    book: FactorBook
    first: int
    last: int
    by: tuple[str, ...]

    def rows(self, where: str, level: UnitKind | str | None) -> tuple[tuple[Emission, ...], tuple[str, ...]]:
        registry, known_at = self.facts.registry, self.facts.known_at
        adding = Adding(self.book, np.array(self.book.edges(self.first, self.last)), self.by, known_at)
        sums = self._sums(where, level)
        adding.add(sums)
        for name in self.book.units(known_at):
            # an enterprise with factors of its own is taken out of every unit above it and counted with them
            if name not in registry.units:
                continue
            own = self.facts.unit_days(name, self.first, self.last)
            for unit in np.unique(sums.keys["unit"]).tolist():
                chain = {registry.units[name].number, *(u.number for u in registry.ancestors(name))}
                if unit in chain:
                    mine = _as_unit(Sums.read(own), unit)
                    adding.add(mine, sign=-1.0)
                    adding.add(mine, name)
        rows = tuple(map(Emission._make, adding.masses(registry.units_by_number).rows()))
        return rows, tuple(sorted(adding.without))

    def _sums(self, where: str, level: UnitKind | str | None) -> Sums:
        """Return the daily facts of a unit, or of the units of a level in it; of a device those of its meters."""
        registry = self.facts.registry
        unit = registry.units[where]
        if level is None and unit.kind is UnitKind.DEVICE and unit.number not in self.facts.accounts(where):
            return _device_days(self.facts, where, self.first, self.last)
        table = self.facts.unit_days(where, self.first, self.last, level)
        return Sums.read(table)


def _as_unit(sums: Sums, unit: int) -> Sums:
    return Sums({**sums.keys, "unit": np.full_like(sums.keys["unit"], unit)}, sums.values)


def _device_days(facts: Facts, where: str, first: int, last: int) -> Sums:
    """Return the daily facts of a device from the hours of its meters."""
    from tanlu.monitor.engines.base import start_of

    registry, m = facts.registry, facts.meters
    number = registry.units[where].number
    meters = [meter.number for meter in registry.meters_of(where) if meter.counted]
    table: pa.Table = facts.hours_of_meters(meters, start_of(first), start_of(last + 1))
    from tanlu.monitor.engines.merging import days_in

    days = days_in(table)
    row = m.position[table.column("meter").to_numpy()]
    stack = np.zeros(len(row), np.int8)
    for one in np.unique(days).tolist():
        stack[days == one] = m.stack(one)[row[days == one]]
    quantity = table.column("quantity").to_numpy()
    known = ~np.isnan(quantity)
    keys = {"unit": np.full(len(row), number, np.int32), "carrier": m.carrier[row], "stack": stack, "day": days}
    values = {name: table.column(name).to_numpy() for name in ("estimated", *COUNTS)}
    return Sums.summed(keys, {"quantity": np.where(known, quantity, 0.0), "known": known, **values})


__all__ = ["BIOGENIC", "DIRECT", "PURCHASED", "Emission", "Emissions", "emissions"]
