"""A system as a folder that `System.read` reads back: system.yaml, tables and profiles."""

from __future__ import annotations

import csv
import dataclasses
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tanlu.core.errors import DataError, Problem
from tanlu.core.schema import SOURCES
from tanlu.energy.components import Asset, Carrier, Component
from tanlu.energy.interop.traced import PARAMETERS, QUALITY, Traced
from tanlu.energy.parameters import Quantity, declared
from tanlu.energy.policies import Policy
from tanlu.energy.problem import Floats
from tanlu.energy.reading.amounts import by_mass
from tanlu.energy.reading.parts import component_types, policy_types
from tanlu.energy.reading.slices import HEADER, SLICES
from tanlu.energy.system import System

PROFILES = "hours.csv"


def write_system(system: System, path: Path | str) -> None:
    """Write a system as a folder.

    Values that are still those that were read with a source stand in parameters.csv and assets.csv with source, grade and notes; the
    others stand in system.yaml with their units, as assumptions. What lies outside the usual range of its parameter is listed there as
    meant.

    Parameters
    ----------
    system : System
        Any system.
    path : Path or str
        Folder, made where it is not there.

    Raises
    ------
    DataError
        When the folder holds another system.
    """
    folder = Path(path)
    if (folder / "system.yaml").exists():
        raise DataError([Problem("energy_folder_taken", folder.name)])
    written = _Written(system)
    document = written.document()
    (folder / "profiles").mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(document, allow_unicode=True, sort_keys=False, width=140)
    (folder / "system.yaml").write_text(text, encoding="utf-8")
    _write_csv(
        folder / "assets.csv",
        ["component", "name", "capacity", "energy", "unit", "commissioned", "retires", *QUALITY],
        written.assets,
    )
    _write_csv(folder / "parameters.csv", list(PARAMETERS), written.traced.rows)
    _write_csv(folder / SOURCES.file, [column.name for column in SOURCES.columns], written.traced.sources())
    if system.lengths is not None or system.occurrences is not None:
        grid = system.grid()
        _write_csv(
            folder / SLICES,
            list(HEADER),
            [
                [h, repr(float(d)), repr(float(y / d))]
                for h, (d, y) in enumerate(zip(grid.durations, grid.annual_hours, strict=True))
            ],
        )
    if written.profiles:
        columns = list(written.profiles.values())
        rows = [[hour, *(repr(float(column[hour])) for column in columns)] for hour in range(system.hours)]
        _write_csv(folder / "profiles" / PROFILES, ["hour", *written.profiles], rows)


def _write_csv(file: Path, header: list[str], rows: list[list[Any]]) -> None:
    """Write a table, where it has rows."""
    if rows:
        with file.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(header)
            writer.writerows(rows)


class _Written:
    """What goes into the files of a folder, as it is gathered."""

    def __init__(self, system: System) -> None:
        self.system = system
        self.masses = {carrier.name for carrier in system.carriers if carrier.unit == "t"}
        self.profiles: dict[str, Floats] = {_without_dots(name): np.asarray(v) for name, v in system.profiles.items()}
        self.assets: list[list[Any]] = []
        self.traced = Traced(system)
        self.unusual: list[str] = []
        self.types = {cls: name for name, cls in {**component_types(), **policy_types()}.items()}

    def document(self) -> dict[str, Any]:
        """Return what system.yaml says."""
        system = self.system
        rate = (
            {}
            if self.traced.take("system", "discount_rate", system.discount_rate, "1")
            else {"discount_rate": system.discount_rate}
        )
        result: dict[str, Any] = {
            "id": system.name, "zh": system.labels[0], "en": system.labels[1], "price_year": system.price_year,
            **rate, "periods": list(system.periods), "hours": system.hours, "annual": system.annual,
            "carriers": {carrier.name: self.carrier(carrier) for carrier in system.carriers},
            "nodes": {
                node.name: {
                    k: v
                    for k, v in (("region", node.region), ("latitude", node.latitude), ("longitude", node.longitude))
                    if v not in ("", None)
                }
                for node in system.nodes
            },
            "components": [self.part(component) for component in system.components],
            "policies": [self.part(policy) for policy in system.policies],
        }  # fmt: skip
        return {**result, **({"unusual": self.unusual} if self.unusual else {})}

    def carrier(self, carrier: Carrier) -> dict[str, Any]:
        """Return the entry of a carrier."""
        entry: dict[str, Any] = {
            key: getattr(carrier, key)
            for key in ("market", "biogenic", "surplus", "non_fossil")
            if getattr(carrier, key)
        }
        if carrier.unit != "MWh":
            entry["unit"] = carrier.unit
        return entry | self.quantities(carrier, carrier.unit == "t")

    def part(self, part: Component | Policy) -> dict[str, Any]:
        """Return the entry of a component or policy."""
        entry: dict[str, Any] = {"type": self.types[type(part)]}
        numbers = declared(type(part))
        for field in dataclasses.fields(part):
            value = getattr(part, field.name)
            if field.name in numbers or value == field.default or (field.name in {"places", "credits"} and not value):
                continue
            entry[field.name] = self.setting(part.name, field.name, value)
        carrier = getattr(part, "carrier", "") or next(iter(getattr(part, "outputs", None) or ()), "")
        return entry | self.quantities(part, carrier in self.masses)

    def setting(self, owner: str, key: str, value: Any) -> Any:
        """Return a field that is no quantity."""
        if isinstance(value, Mapping) and key in {"inputs", "outputs"}:
            return {name: self.hourly(owner, f"{key}.{name}", v) for name, v in value.items()}
        if isinstance(value, Mapping):
            return dict(value)
        if isinstance(value, tuple):
            # the only pairs are shares with a willingness to pay
            return [[item[0], f"{item[1]!r} CNY/MWh"] if isinstance(item, tuple) else item for item in value]
        return value

    def hourly(self, owner: str, key: str, value: Any) -> Any:
        """Return a number as it is, the name of a profile as the folder has it, and a name for an array."""
        if isinstance(value, str):
            return _without_dots(value)
        if isinstance(value, np.ndarray):
            name = _without_dots(f"{owner}.{key}")
            self.profiles[name] = value
            return name
        return value

    def quantities(self, part: Carrier | Component | Policy, mass: bool) -> dict[str, Any]:
        """Return the quantities of a part that differ from their defaults, with units."""
        result: dict[str, Any] = {}
        defaults = {field.name: field.default for field in dataclasses.fields(part)}
        for name, quantity in declared(type(part)).items():
            value = getattr(part, name)
            if quantity.kind == "hourly":
                value = self.hourly(part.name, name, value)
            unit = by_mass(quantity.unit) if mass else quantity.unit
            usual = not isinstance(value, Mapping | tuple) and value == defaults[name]
            if value is None:
                continue
            if usual:
                self.traced.take(part.name, name, value, unit)
                continue
            if isinstance(value, tuple):
                self._list_assets(part.name, value, mass)
                continue
            amount = self.amount(part.name, name, value, quantity, unit)
            if not self.traced.take(part.name, name, value, unit):
                result[name] = amount
        return result

    def _list_assets(self, owner: str, assets: tuple[Asset, ...], mass: bool) -> None:
        """Add the plants that stand already."""
        unit = "t/h" if mass else "MW"
        for position, asset in enumerate(assets):
            born, gone = ("" if year is None else year for year in (asset.commissioned, asset.retires))
            row = [owner, asset.name, asset.capacity, asset.energy or "", unit, born, gone]
            self.assets.append([*row, *self.traced.of_asset(owner, position, asset, unit)])

    def amount(self, owner: str, name: str, value: Any, quantity: Quantity, unit: str) -> Any:
        """Return a value with its unit, a profile by its name, or values by year."""
        if isinstance(value, str):
            return value
        if isinstance(value, Mapping):
            return {int(year): self.amount(owner, name, v, quantity, unit) for year, v in value.items()}
        usual = quantity.usual
        if usual is not None and value and math.isfinite(value) and not usual[0] <= value <= usual[1]:
            label = f"{owner}.{name}"
            if label not in self.unusual:
                self.unusual.append(label)
        number = repr(float(value)) if not isinstance(value, int) else str(value)
        return number if unit == "1" else f"{number} {unit}"


def _without_dots(name: str) -> str:
    """Return the name of a profile that stands for itself: a dot would make its first part that of a node."""
    return name.replace(".", "-")
