"""Reading a site from YAML: amounts with units, usual numbers from the province's tables, and everything that is wrong at once."""

from __future__ import annotations

import dataclasses
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import numpy as np
import yaml

from tanlu.core.errors import DataError, Problem
from tanlu.core.province import read_yaml
from tanlu.core.units import IncompatibleUnitsError, UnknownUnitError
from tanlu.energy.checks.wording import figure
from tanlu.energy.parameters import Quantity, declared
from tanlu.energy.problem import Floats
from tanlu.energy.reading.amounts import factor_to, split_amount
from tanlu.energy.reading.report import Place, Report
from tanlu.energy.site.checks import check_site
from tanlu.energy.site.devices import Vehicles
from tanlu.energy.site.model import DEVICES, USES, Grid, Number, Site
from tanlu.energy.site.profiles import Surroundings, own_profiles
from tanlu.energy.site.tables import SITES, Tables, read_tables
from tanlu.energy.site.tariff import Tariff
from tanlu.energy.timegrid import HOURS_PER_YEAR

_KEYS: Final = ("id", "zh", "en", "year", "province", "node", "tariff", "prices", "grid", "loads", "profiles", "vehicles",
                "discount_rate", "unserved", *DEVICES)  # fmt: skip
_LOAD_KEYS: Final = ("type", *USES)
_CHARGES: Final = ("demand_charge", "transformer_charge", "feed_in", "gas", "fuel", "carbon")
_ENERGY: Final = Quantity("MWh", usual=None)
_PRICE: Final = Quantity("CNY/MWh", low=-1e5, usual=(-500.0, 5e3))


class SiteReport(Report):
    """Problems of the file of a site, with its lines."""

    def __init__(self, path: Path) -> None:
        super().__init__(path.parent)
        self.path = path

    @cached_property
    def document(self) -> Any:
        """What the file says; None where it cannot be read."""
        return read_yaml(self.path, self.path.parent, self.problems)

    @cached_property
    def _tree(self) -> Any:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return yaml.compose(self.path.read_text(encoding="utf-8-sig"), Loader=loader)

    def entry(self, code: str, place: Place, value: object = "", **details: object) -> None:
        """Add a problem of an entry of the file."""
        name = ".".join(str(step) for step in place)
        self.cell(code, self.path.name, self.line(place) or 1, name, value, **details)


def shipped_sites() -> dict[str, Path]:
    """Return the example sites of all provinces by id."""
    shipped = Path(str(files("tanlu.provinces")))
    return {path.stem: path for path in sorted(shipped.glob(f"*/energy/{SITES}/*.yaml"))}


def read_site(path: Path | str) -> Site:
    """Read a site from a YAML file, or an example by its id.

    Raises
    ------
    DataError
        With everything that is wrong in it.
    """
    file = Path(path)
    if not file.is_file():
        known = shipped_sites()
        if str(path) not in known:
            raise DataError([Problem("site_missing", str(path), details={"known": ", ".join(known) or "–"})])
        file = known[str(path)]
    report = SiteReport(file)
    site = _Reader(report).site() if report.is_mapping(report.document, ()) else None
    if site is not None and not report.problems:
        check_site(report, site)
    if report.problems or site is None:
        raise DataError(report.problems)
    return site


class _Reader:
    """Turns the document of a site into a `Site`."""

    def __init__(self, report: SiteReport) -> None:
        self.report, self.document = report, report.document
        self.numbers: list[Number] = []
        self.tables = Tables()

    def site(self) -> Site | None:
        """Return the site; None after telling what is wrong."""
        document, report = self.document, self.report
        report.keys(document, _KEYS, (), ("id", "province", "node"))
        if report.problems and not {"province", "node"} <= set(document):
            return None
        tables = read_tables(report, str(document["province"]))
        if tables is None:
            return None
        self.tables = tables
        around = Surroundings.read(report, tables.folder, str(document["node"]), document.get("year"))
        own = own_profiles(report, document.get("profiles"))
        devices = self._devices()
        needs = self._needs(around, own)
        tariff = self._tariff()
        grid = self._grid()
        vehicles = self._vehicles()
        if around is None or tariff is None or report.problems:
            return None
        profiles = around.profiles(set(devices) - set(own) - ({"hydro"} if "inflow" in own else set())) | {
            k: v for k, v in own.items() if k not in USES
        }
        return Site(
            name=str(document["id"]),
            labels=(str(document.get("zh", "")), str(document.get("en", ""))),
            year=around.year,
            tariff=tariff,
            grid=grid,
            needs=needs,
            profiles=profiles,
            restday=around.restday,
            vehicles=vehicles,
            gas_emission_factor=tables.fuel_factor("gas", self.numbers),
            fuel_emission_factor=tables.fuel_factor("coal", self.numbers),
            unserved=self._general("unserved", Quantity("CNY/MWh", low=1.0)),
            discount_rate=self._general("discount_rate", Quantity("1", high=0.5)),
            numbers=tuple(dict.fromkeys(self.numbers)),
            **devices,
        )

    def _devices(self) -> dict[str, Any]:
        found = {}
        for name, kind in DEVICES.items():
            if name in self.document:
                device = self._record(kind, name, self.document[name], (name,))
                if device is not None:
                    found[name] = device
        return found

    def _vehicles(self) -> tuple[Vehicles, ...]:
        written = self.document.get("vehicles", [])
        groups = written if isinstance(written, list) else [written]
        read = [self._record(Vehicles, "vehicles", group, ("vehicles", k)) for k, group in enumerate(groups)]
        return tuple(group for group in read if group is not None)

    def _grid(self) -> Grid:
        written = self.document.get("grid", {})
        grid = self._record(Grid, "grid", written, ("grid",))
        if grid is None:
            return Grid()
        if "emission_factor" not in written:
            factor = self.tables.grid_factor(self.numbers)
            if factor is None:
                self.report.entry("site_no_grid_factor", ("grid", "emission_factor"))
            else:
                grid = dataclasses.replace(grid, emission_factor=factor)
        return grid  # type: ignore[no-any-return]

    def _record(self, kind: type, owner: str, written: Any, place: Place) -> Any:
        """Return a device from a mapping, with usual numbers where it gives none; None after telling what is wrong."""
        report = self.report
        if not report.is_mapping(written, place):
            return None
        before = len(report.problems)
        fields = {field.name: field for field in dataclasses.fields(kind)}
        report.keys(written, fields, place)
        values: dict[str, Any] = {}
        for name, quantity in declared(kind).items():
            inner = (*place, name)
            if name in written:
                values[name] = self._amount(written[name], quantity, inner)
            elif self.tables.has(owner, name):
                values[name] = self.tables.number(report, owner, name, quantity, self.numbers)
            elif fields[name].default is dataclasses.MISSING:
                report.entry("energy_missing", inner, name)
        for name, field in fields.items():
            if field.type == "bool" and name in written:
                if not isinstance(written[name], bool):
                    report.entry("energy_not_yes_or_no", (*place, name), written[name])
                values[name] = written[name]
            elif field.type == "int" and values.get(name) is not None:
                values[name] = round(values[name])
        return None if len(report.problems) > before else kind(**values)

    def _amount(self, text: Any, quantity: Quantity, place: Place) -> float | None:
        """Return a number with a unit, in the unit of a parameter and within its range; None after telling what is wrong."""
        split = split_amount(str(text)) if isinstance(text, str | int | float) and not isinstance(text, bool) else None
        if split is None:
            self.report.entry("energy_not_an_amount", place, text, wanted=quantity.unit)
            return None
        number, unit = split
        if not unit and quantity.unit not in {"1", "h"} and number != 0:
            self.report.entry("energy_no_unit", place, figure(number), wanted=quantity.unit)
            return None
        try:
            value = number * (factor_to(unit, quantity.unit)[0] if unit else 1.0)
        except UnknownUnitError as error:
            suggestions = ", ".join(error.suggestions) or quantity.unit
            self.report.entry("unknown_unit", place, unit, suggestions=suggestions)
            return None
        except IncompatibleUnitsError:
            self.report.entry("wrong_unit", place, unit, wanted=quantity.unit)
            return None
        return self._in_range(value, quantity, place)

    def _in_range(self, value: float, quantity: Quantity, place: Place) -> float | None:
        limits = {"unit": quantity.unit, "low": figure(quantity.low), "high": figure(quantity.high)}
        if not np.isfinite(value):
            self.report.entry("energy_not_finite", place, figure(value), **limits)
            return None
        if not quantity.low <= value <= quantity.high:
            self.report.entry("energy_out_of_range", place, figure(value), **limits)
            return None
        usual = quantity.usual
        if usual is not None and value != 0 and not usual[0] <= value <= usual[1]:
            self.report.entry(
                "site_unusual", place, figure(value), unit=quantity.unit, low=figure(usual[0]), high=figure(usual[1])
            )
            return None
        return value

    def _general(self, name: str, quantity: Quantity) -> float:
        if name in self.document:
            return self._amount(self.document[name], quantity, (name,)) or 0.0
        return self.tables.number(self.report, "site", name, quantity, self.numbers) or 0.0

    def _tariff(self) -> Tariff | None:
        """Return the tariff of the tables with the prices that the file gives instead."""
        report, known = self.report, self.tables.tariff_names()
        name = str(self.document.get("tariff", known[0] if known else ""))
        if name not in known:
            report.unknown("tariff", name, known, ("tariff",))
            return None
        hours = self.tables.tariff_hours(name, self.numbers)
        periods = sorted({period for day in hours for period in day})
        written = self.document.get("prices", {})
        if not report.is_mapping(written, ("prices",)):
            return None
        report.keys(written, (*periods, *_CHARGES), ("prices",))
        quantities = {**dict.fromkeys(periods, _PRICE), **declared(Tariff)}
        found: dict[str, float | None] = {}
        for item, quantity in quantities.items():
            if item in written:
                found[item] = self._amount(written[item], quantity, ("prices", item))
            elif self.tables.has(name, item):
                found[item] = self.tables.number(report, name, item, quantity, self.numbers)
            elif item in periods:
                report.entry("energy_missing", ("prices", item), item)
        numbers = {item: value for item, value in found.items() if value is not None}
        if len(numbers) < len(found) or not set(periods) <= set(numbers):
            return None
        prices = {item: numbers.pop(item) for item in periods}
        return Tariff(name=name, hours=hours, prices=prices, **numbers)

    def _needs(self, around: Surroundings | None, own: dict[str, Floats]) -> dict[str, Floats]:
        """Return what the site needs: own profiles, or yearly amounts in the shapes of their types."""
        report = self.report
        total: dict[str, Floats] = {use: own[use].copy() for use in USES if use in own}
        loads = self.document.get("loads", [])
        if not report.is_list(loads, ("loads",)):
            return {}
        types = self.tables.load_types()
        for k, load in enumerate(loads):
            place = ("loads", k)
            if not report.is_mapping(load, place):
                continue
            report.keys(load, _LOAD_KEYS, place, ("type",))
            if load.get("type") not in types:
                if "type" in load:
                    report.unknown("load_type", load["type"], types, (*place, "type"))
                continue
            for use in USES:
                amount = self._amount(load[use], _ENERGY, (*place, use)) if use in load else None
                if amount and around is not None:
                    shape = self.tables.shape(load["type"], use, around, self.numbers)
                    total[use] = total.get(use, np.zeros(HOURS_PER_YEAR)) + amount / shape.sum() * shape
        if not total and not loads:
            report.entry("energy_missing", ("loads",), "loads")
        return total
