"""Masses of gas per amount of a carrier: from the factor library by place and year, and from what a workspace adds, by date and version.

Fuels: CO2 = NCV · CC · OF · 44/12 (2006 IPCC Guidelines, volume 2, equation 2.1, as the Chinese enterprise guidelines write it), CH4 and
N2O per heat (table 2.3, manufacturing industries). Purchased electricity and heat: the factor of the nearest area and year. Gas measured in
a stack is its own mass. Which factor is taken, and why, is decided by `tanlu.accounts.rulebook.resolver`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.core.gases import GASES
from tanlu.core.schema import TableSchema
from tanlu.core.tables import Column, read_table
from tanlu.monitor.carriers import Carrier, carriers
from tanlu.monitor.meter_table import BURNT_IN
from tanlu.monitor.schema import day_number

if TYPE_CHECKING:
    from tanlu.accounts.rulebook.method import Input
    from tanlu.accounts.rulebook.resolver import Match, Resolver

FILE: Final = "factors.csv"
"""Name of the table of own factors in a ledger."""
OWN: Final = TableSchema(
    FILE,
    "Factors of a workspace that go before those of the library: measured ones of an enterprise, or a new version for all",
    (
        Column("carrier", note="id in carriers.csv"),
        Column("gas", "choice", choices=GASES, note="gas"),
        Column("unit", required=False, note="id of the enterprise; empty for all"),
        Column("kg", "number", minimum=0, note="kg of gas per unit of the carrier"),
        Column("valid_from", note="first day, YYYY-MM-DD"),
        Column("valid_to", required=False, note="last day; empty where it still holds"),
        Column("recorded_at", note="day on which it became known, YYYY-MM-DD"),
        Column("source", note="document, or tanlu-assumption"),
        Column("grade", "grade", note="A official, B peer-reviewed, C other, D assumption"),
    ),
    ("carrier", "gas", "unit", "valid_from", "recorded_at"),
)
DIRECT, PURCHASED, BIOGENIC = "scope_1", "purchased", "biogenic"
SCOPES: Final = (DIRECT, PURCHASED, BIOGENIC)
"""What is emitted on the spot, what is emitted elsewhere for bought power and heat, and CO2 of biomass, which totals leave out."""
_FIRST_DAY, _LAST_DAY = day_number("1992-01-01"), day_number("2100-12-31")
_SECTOR: Final = "industry_other"
_HEAT_UNITS: Final = ("GJ",)


@dataclass(frozen=True, slots=True)
class Rate:
    """Mass of a gas per amount of a carrier.

    Parameters
    ----------
    carrier : int
        Number of the carrier.
    gas : str
    kg : float
        kg per unit of the carrier.
    scope : str
        One of `SCOPES`.
    first, last : int
        Days of its validity.
    ids : tuple of str
        Ids of the factors that it is made of.
    grade : str
        The weakest of them.
    reasons : tuple of str
        Why they were taken (`tanlu.accounts.rulebook.resolver.Reason`).
    unit : str
        Enterprise that it holds for; empty for all.
    recorded : int
        Moment from which on it was known [µs].
    """

    carrier: int
    gas: str
    kg: float
    scope: str
    first: int
    last: int
    ids: tuple[str, ...]
    grade: str
    reasons: tuple[str, ...] = ()
    unit: str = ""
    recorded: int = 0


@dataclass(frozen=True)
class FactorBook:
    """Rates by carrier, gas, place and day, of one factor set and a place, with own factors in front.

    Parameters
    ----------
    factor_set : str
        Set of the account library that is asked first.
    place : str
        Province, as the library names it.
    own : tuple of Rate
        Rates that go before the library.
    """

    factor_set: str
    place: str
    own: tuple[Rate, ...] = ()
    _kept: dict[tuple[int, int, int], tuple[Rate, ...]] = field(default_factory=dict, compare=False, repr=False)

    def version(self, known_at: int | None = None) -> str:
        """Return a hash over the library and the own factors that were known at a moment [µs]."""
        from tanlu.core.hashing import hash_json
        from tanlu.core.library import load_library

        own = sorted(repr(rate) for rate in self.own if known_at is None or rate.recorded <= known_at)
        return hash_json([load_library().data_hash, self.factor_set, self.place, own])[:12]

    def units(self, known_at: int | None = None) -> list[str]:
        """Return the enterprises that have factors of their own."""
        return sorted({r.unit for r in self.own if r.unit and (known_at is None or r.recorded <= known_at)})

    def edges(self, first: int, last: int) -> list[int]:
        """Return the days from first to last on which a rate begins to hold, the first day among them."""
        found = {first, *(day_number(f"{year}-01-01") for year in range(_year(first), _year(last) + 1))}
        found |= {day for r in self.own for day in (r.first, r.last + 1)}
        return sorted(day for day in found if first <= day <= last)

    def rates(
        self, carrier: int, day: int, unit: str = "", known_at: int | None = None, burnt_in: int = 0
    ) -> dict[tuple[str, str], Rate]:
        """Return the rates of a carrier on a day by gas and scope.

        Parameters
        ----------
        carrier : int
            Number.
        day : int
        unit : str
            Enterprise whose own factors are asked first.
        known_at : int, optional
            Moment of knowledge of own factors [µs].
        burnt_in : int
            Place in `tanlu.monitor.meter_table.BURNT_IN`: CH4 and N2O of a fuel depend on where it is burnt.
        """
        found = {(r.gas, r.scope): r for r in self._library(carrier, _year(day), burnt_in)}
        own = [
            r for r in self.own
            if r.carrier == carrier and r.first <= day <= r.last and r.unit in ("", unit) and (known_at is None or r.recorded <= known_at)
        ]  # fmt: skip
        # what holds for one enterprise goes before what holds for all, then the later recorded
        for rate in sorted(own, key=lambda r: (r.unit != "", r.recorded)):
            found[rate.gas, rate.scope] = rate
        return found

    def _library(self, number: int, year: int, burnt_in: int) -> tuple[Rate, ...]:
        key = number, year, burnt_in
        if key not in self._kept:
            from tanlu.monitor.carriers import carriers_by_number

            carrier = carriers_by_number()[number]
            self._kept[key] = tuple(_library_rates(carrier, self.factor_set, self.place, year, BURNT_IN[burnt_in]))
        return self._kept[key]


def factor_book(province: str, own: Path | None = None) -> FactorBook:
    """Return the factors of a province: those of the factor set that its folder names, and own ones of a file where there is one.

    Raises
    ------
    DataError
        If the province is not known, or with every problem of the file.
    """
    settings = province_settings(province)
    rows = read_own(own) if own is not None and own.is_file() else ()
    return FactorBook(str(settings["factor_set"]), str(settings["id"]), tuple(rows))


def province_settings(province: str) -> dict[str, Any]:
    """Return what ``province.yaml`` of a province says; its tables are not read.

    Raises
    ------
    DataError
        If the province is not known or its file cannot be read.
    """
    from tanlu.core.province import province_folder, read_yaml

    folder = province_folder(province)
    problems: list[Problem] = []
    settings: dict[str, Any] = read_yaml(folder / "province.yaml", folder, problems) or {}
    if problems:
        raise DataError(problems)
    return settings


def read_own(path: Path) -> list[Rate]:
    """Return the own factors of a file.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    table = read_table(path, OWN.columns, key=OWN.key, root=path.parent)
    problems, rates = list(table.problems), []
    for row, line in zip(table.rows, table.lines, strict=True):
        days = {
            name: _day(str(row[name] or ""), name, table.file, line, problems)
            for name in ("valid_from", "valid_to", "recorded_at")
        }
        carrier = carriers().get(str(row["carrier"]))
        if carrier is None:
            problems.append(Problem("unknown_choice", table.file, line, "carrier", str(row["carrier"]), _SOME))
            continue
        moment = (
            int(datetime.combine(days["recorded_at"] or date(1992, 1, 1), datetime.min.time(), UTC).timestamp())
            * 1_000_000
        )
        rates.append(_own(row, carrier, days, moment, f"{table.file}:{line}"))
    if problems:
        raise DataError(problems)
    return rates


_SOME: Final = {"refers_to": "carriers.csv", "some": "electricity, raw_coal, natural_gas"}


def _own(row: dict[str, Any], carrier: Carrier, days: dict[str, date | None], moment: int, name: str) -> Rate:
    first, last = days["valid_from"], days["valid_to"]
    return Rate(
        carrier.number, str(row["gas"]), float(row["kg"]), _scope(carrier, str(row["gas"])),
        day_number(first.isoformat()) if first else _FIRST_DAY, day_number(last.isoformat()) if last else _LAST_DAY,
        (name,), str(row["grade"].value), ("own",), str(row["unit"] or ""), moment,
    )  # fmt: skip


def _day(text: str, column: str, file: str, line: int, problems: list[Problem]) -> date | None:
    if not text and column == "valid_to":
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        problems.append(Problem("not_a_day", file, line, column, text))
        return None


def _scope(carrier: Carrier, gas: str) -> str:
    if carrier.kind in ("electricity", "heat"):
        return PURCHASED
    return BIOGENIC if carrier.biogenic and gas == "CO2" else DIRECT


@cache
def _resolver(factor_set: str) -> Resolver:
    from tanlu.accounts.rulebook.method_sets import MethodSet, method_sets
    from tanlu.accounts.rulebook.resolver import Resolver
    from tanlu.core.library import load_library

    enterprise = method_sets()["cn-enterprise"]
    own = tuple(dict.fromkeys((factor_set, *enterprise.factor_sets)))
    fallback = tuple(s for s in enterprise.fallback if s not in own)
    chosen = MethodSet("monitor", "", "", "enterprise", "in_force", enterprise.gwp, own, fallback)
    return Resolver(load_library(), chosen)


def _library_rates(carrier: Carrier, factor_set: str, place: str, year: int, burnt_in: str) -> Iterator[Rate]:
    first, last = day_number(f"{year}-01-01"), day_number(f"{year}-12-31")
    for gas, kg, matches in _masses(carrier, _resolver(factor_set), place, year, burnt_in):
        ids = tuple(m.factor.id for m in matches)
        if carrier.heat is not None or not matches:
            ids = (*ids, f"carriers.{carrier.id}")
        grade = max([carrier.grade or "A", *(m.factor.grade.value for m in matches)])
        reasons = tuple(dict.fromkeys(r for m in matches for r in m.reasons))
        yield Rate(carrier.number, gas, kg, _scope(carrier, gas), first, last, ids, grade, reasons)


def _masses(
    carrier: Carrier, resolver: Resolver, place: str, year: int, burnt_in: str
) -> Iterator[tuple[str, float, Sequence[Match]]]:
    """Yield gas, kg per unit of the carrier, and the factors behind."""
    match carrier.kind:
        case "emission":
            yield carrier.subject, 1.0, ()
        case "electricity":
            yield from _purchased(resolver, "electricity", "t CO2/MWh", 1.0, place, year)
        case "heat":
            # a factor per GJ in t: 1000 kg, times the heat of the unit
            heat = 1.0 if carrier.unit in _HEAT_UNITS else carrier.heat
            if heat is not None:
                yield from _purchased(resolver, "heat", "t CO2/GJ", 1000.0 * heat, place, year)
        case "fuel":
            yield from _burnt(carrier, resolver, place, year, burnt_in)


def _purchased(
    resolver: Resolver, subject: str, unit: str, kg: float, place: str, year: int
) -> Iterator[tuple[str, float, Sequence[Match]]]:
    from tanlu.accounts.rulebook.method import factor

    wanted = factor("co2_factor", unit, subject=subject, gas="CO2")
    found = resolver.find((wanted,), 0, {}, place, year)
    if found is not None:
        yield "CO2", found[0].factor.in_unit(unit) * kg, found


def _burnt(
    carrier: Carrier, resolver: Resolver, place: str, year: int, burnt_in: str
) -> Iterator[tuple[str, float, Sequence[Match]]]:
    from tanlu.accounts.methods.combustion import NON_CO2, combustion_co2, combustion_non_co2
    from tanlu.accounts.methods.fuels import carbon_content, heating_value, oxidation_factor

    alternative = 0 if carrier.unit == "t" else 1
    # one unit of the carrier as the method measures it: t, or 10^4 Nm3
    amount = 1.0 if carrier.unit == "t" else 1e-4
    words = {"fuel": carrier.subject, "sector": _SECTOR}
    bundle = (heating_value(), carbon_content(), oxidation_factor())
    carbon = resolver.find(bundle, alternative, words, place, year)
    if carbon is None:
        return
    values = [_value(wanted, match, alternative) for wanted, match in zip(bundle, carbon, strict=True)]
    yield "CO2", float(combustion_co2(amount, *values)) * 1000, carbon
    others = resolver.find(NON_CO2, alternative, words | {"sector": burnt_in}, place, year)
    if others is not None:
        per_heat = [_value(wanted, match, alternative) for wanted, match in zip(NON_CO2, others, strict=True)]
        for match, mass in zip(others, combustion_non_co2(amount, values[0], *per_heat), strict=True):
            yield match.factor.gas, float(mass) * 1000, (carbon[0], match)


def _value(wanted: Input, match: Match, alternative: int) -> float:
    unit = wanted.units[min(alternative, len(wanted.units) - 1)] or "1"
    return match.factor.in_unit(unit)


def _year(day: int) -> int:
    from tanlu.monitor.schema import day_name

    return int(day_name(day)[:4])
