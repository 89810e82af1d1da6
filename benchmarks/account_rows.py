"""Seeded activity rows of twelve methods for some thousand enterprises, as CSV in the columns of the contract."""

from __future__ import annotations

import csv
import random
from collections.abc import Callable, Sequence
from pathlib import Path

from tanlu.accounts.rulebook.activity import COLUMNS

METHOD_SET = "cn-province-2011"
PROVINCES = ("hunan", "hubei", "guangdong", "jiangxi", "henan", "sichuan")
YEARS = tuple(str(year) for year in range(2014, 2024))
GRID_YEARS = ("2021", "2022", "2023")
ENTERPRISES = 5_000
SOLIDS = ("anthracite", "bituminous_coal", "coke", "diesel", "fuel_oil", "gasoline")
GASES = ("natural_gas", "coke_oven_gas")
SECTORS = ("industry_iron_steel", "industry_chemicals", "industry_minerals", "industry_other", "electricity_heat")
ANIMALS = ("dairy_cattle", "other_cattle", "buffalo", "sheep", "goat", "pig")
MINES = ("state_key", "local_state", "township")
PATHS = ("aerobic_plant_managed", "anaerobic_deep_lagoon", "septic_system", "water_body")
Datum = tuple[str, str, str]
"""Input, value and unit of a row."""


class Maker:
    """Draws the data of one record of each method."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def pick(self, words: Sequence[str]) -> str:
        """Return one of some words."""
        return self.random.choice(words)

    def amount(self, low: float, high: float, decimals: int = 3) -> str:
        """Return a number as it would be printed."""
        return f"{self.random.uniform(low, high):.{decimals}f}"

    def fuel(self) -> list[Datum]:
        """Burnt solids and liquids in t or 万吨, gases in 10^4 Nm3; every fifth with a measured heat and carbon."""
        gas = self.random.random() < 0.25
        name = self.pick(GASES if gas else SOLIDS)
        many = self.random.random() < 0.3
        unit = "10^4 Nm3" if gas else ("万吨" if many else "t")
        data = [("fuel", name, ""), ("sector", self.pick(SECTORS), "")]
        data.append(("fuel_amount", self.amount(1, 40) if many else self.amount(50, 90_000, 1), unit))
        if not gas and self.random.random() < 0.2:
            data += [
                ("net_calorific_value", self.amount(20, 40), "GJ/t"),
                ("carbon_content", self.amount(0.018, 0.03, 5), "t C/GJ"),
                ("oxidation_factor", self.amount(0.9, 0.99), "1"),
            ]
        return data

    def electricity(self) -> list[Datum]:
        """Electricity bought."""
        return [("electricity", self.amount(100, 9_000, 1), self.pick(("MWh", "万千瓦时", "kWh")))]

    def clinker(self) -> list[Datum]:
        """Clinker, sometimes with carbide slag."""
        data = [("clinker", self.amount(1e5, 2e6, 0), "t")]
        return [*data, ("carbide_slag_clinker", self.amount(0, 5e4, 0), "t")] if self.random.random() < 0.3 else data

    def steel(self) -> list[Datum]:
        """Fluxes and carbon of pig iron."""
        names = ("limestone_flux", "dolomite_flux", "pig_iron_used", "steel_made")
        return [(name, self.amount(1_000, 900_000, 1), "t") for name in names]

    def coal(self) -> list[Datum]:
        """Coal mined."""
        data = [("coal_production", self.amount(1, 300), "万吨"), ("mine", self.pick(MINES), "")]
        return [*data, ("gas_class", self.pick(("high_gas", "low_gas")), "")]

    def incineration(self) -> list[Datum]:
        """Waste burnt."""
        return [("waste_burnt", self.amount(100, 400_000, 1), "t"), ("burnt_component", "municipal_waste", "")]

    def wastewater(self) -> list[Datum]:
        """COD of domestic wastewater, with a measured share of BOD."""
        data = [("domestic_cod", self.amount(10, 30_000, 1), "t"), ("bod_cod_ratio", self.amount(0.4, 0.6), "1")]
        return [*data, ("wastewater_path", self.pick(PATHS), "")]

    def rice(self) -> list[Datum]:
        """Rice fields."""
        season = self.pick(("single_rice", "early_rice", "late_rice"))
        return [("area", self.amount(1, 600, 2), self.pick(("ha", "万亩"))), ("season", season, "")]

    def animals(self) -> list[Datum]:
        """Stock of animals."""
        return [("heads", self.amount(100, 90_000, 0), "head"), ("animal", self.pick(ANIMALS), "")]

    def straw(self) -> list[Datum]:
        """Crops of which the straw is burnt."""
        numbers = (("crop_output", 1_000, 90_000, "t"), ("straw_ratio", 0.6, 1.9, "1"), ("burnt_share", 0.02, 0.3, "1"))
        data = [(name, self.amount(low, high), unit) for name, low, high, unit in numbers]
        return [("crop", self.pick(("rice", "wheat", "maize")), ""), *data]

    def urea(self) -> list[Datum]:
        """Urea applied to soils."""
        return [("urea", self.amount(10, 5_000, 1), "t")]


def _shares(maker: Maker) -> list[tuple[str, float, Callable[[], list[Datum]]]]:
    """Return topic, share of the records, and what makes its data."""
    return [
        ("fuel-combustion", 0.34, maker.fuel), ("electricity-location-based", 0.20, maker.electricity),
        ("cement-clinker", 0.05, maker.clinker), ("steel-process", 0.04, maker.steel),
        ("coal-mine-methane", 0.04, maker.coal), ("incineration", 0.05, maker.incineration),
        ("domestic-wastewater-ch4", 0.05, maker.wastewater), ("rice-methane", 0.06, maker.rice),
        ("enteric-fermentation", 0.06, maker.animals), ("manure-methane", 0.05, maker.animals),
        ("straw-burning", 0.03, maker.straw), ("urea-application", 0.03, maker.urea),
    ]  # fmt: skip


def write_rows(path: Path, count: int, seed: int = 7) -> None:
    """Write ``count`` rows, or up to five more, so that the last record is whole."""
    maker = Maker(seed)
    shares = _shares(maker)
    weights = [share for _, share, _ in shares]
    written = number = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(COLUMNS)
        while written < count:
            topic, _, make = maker.random.choices(shares, weights)[0]
            enterprise = maker.random.randrange(ENTERPRISES)
            place = f"{PROVINCES[enterprise % len(PROVINCES)]}/city-{enterprise % 97:02}/enterprise-{enterprise:04}"
            year = maker.pick(GRID_YEARS if topic == "electricity-location-based" else YEARS)
            for name, value, unit in make():
                grade, error = maker.pick(("A", "B", "C", "")), maker.pick(("", "", "2", "5"))
                row = (f"r{number}", place, year, topic, name, value, unit, f"report {year}", grade, error, "")
                writer.writerow(row)
                written += 1
            number += 1
