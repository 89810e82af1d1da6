"""The shipped figures close with each other where their publishers say that they do."""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from tanlu.core.province import Province, load_province, province_folder

FOLDER = Path(__file__).parents[2] / "src" / "tanlu" / "provinces" / "hunan"
FINAL = ("Agriculture", "Industry", "Construction", "Transport", "Commerce", "Other Services", "Residential")
UNALLOCATED = "Material Producing Sectors (unallocated in source)"


@pytest.fixture(scope="module")
def figures() -> dict[str, dict[int, float]]:
    """Values of the province by variable and year, as they stand in the file."""
    found: dict[str, dict[int, float]] = defaultdict(dict)
    with (FOLDER / "statistics.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["region"] == "hunan":
                found[row["variable"]][int(row["year"])] = float(row["value"])
    return found


@pytest.fixture(scope="module")
def province() -> Province:
    return load_province(province_folder("hunan"))


@pytest.mark.parametrize(
    ("year", "sum_of_sectors", "total"),
    [(2005, 72.135, 72.137), (2010, 100.960, 100.957), (2013, 107.955, 107.955), (2014, 112.148, 112.148)],
)
def test_final_energy_of_the_sectors_adds_up(
    figures: dict[str, dict[int, float]], year: int, sum_of_sectors: float, total: float
) -> None:
    """Both sums were added up when the balances were transcribed [Mtce]."""
    rows = (*FINAL, UNALLOCATED)
    assert sum(figures[f"Final Energy|{r}|Total"].get(year, 0) for r in rows) == pytest.approx(sum_of_sectors, abs=6e-4)
    assert figures["Final Energy|All Sectors|Total"][year] == pytest.approx(total, abs=6e-4)


@pytest.mark.parametrize("year", [2005, 2010, 2013, 2014])
@pytest.mark.parametrize("fuel", ["Coal", "Coke", "Oil Products", "Natural Gas", "Electricity", "Heat", "Other Energy"])
def test_every_fuel_of_the_sectors_adds_up(figures: dict[str, dict[int, float]], year: int, fuel: str) -> None:
    rows = (*FINAL, UNALLOCATED)
    found = sum(figures.get(f"Final Energy|{r}|{fuel}", {}).get(year, 0) for r in rows)
    # the source prints some totals of 2005 with one decimal
    assert found == pytest.approx(
        figures[f"Final Energy|All Sectors|{fuel}"][year], abs=0.05 if year == 2005 else 0.005
    )


@pytest.mark.parametrize("year", range(2005, 2016))
def test_the_outside_inventory_closes_by_sector_and_by_fuel(figures: dict[str, dict[int, float]], year: int) -> None:
    """CEADs: sectors = fuels + process = total within 0.01 Mt."""
    prefix = "Emissions|CO2 (CEADs)|"
    total = figures[f"{prefix}Total"][year]
    for kind in ("Sector", "Fuel"):
        parts = [v[year] for name, v in figures.items() if name.startswith(f"{prefix}{kind}|") and year in v]
        assert len(parts) > 10 and sum(parts) == pytest.approx(total, abs=0.01), kind


def test_process_co2_per_cement_is_the_known_one(figures: dict[str, dict[int, float]]) -> None:
    """0.29–0.30 t/t in 2005, 2008, 2010, 2012–2015 [Mt over 10^4 t]."""
    for year in (2005, 2008, 2010, 2012, 2013, 2014, 2015):
        ratio = figures["Emissions|CO2 (CEADs)|Fuel|Process"][year] / figures["Production|Cement"][year] * 100
        assert 0.285 <= ratio <= 0.305, year


def test_the_people_of_the_prefectures_add_up(province: Province) -> None:
    """14 rounded values of end 2021 add to 6,624 × 10^4; the province published 6,622."""
    variable = "Population|Resident (year-end)"
    people = [province.series(variable, "10^4 persons", r)[2021].value for r in province.regions if "/" in r]
    assert len(people) == 14 and sum(people) == 6624
    assert province.series(variable, "10^4 persons")[2021].value == 6622


def test_thermal_plants_of_the_balances_are_as_efficient_as_was_found(figures: dict[str, dict[int, float]]) -> None:
    """Electricity out over coal in, 2005, 2010, 2013, 2014."""
    row = "Energy Balance|Thermal Power|"
    for year, efficiency in {2005: 0.405, 2010: 0.372, 2013: 0.411, 2014: 0.438}.items():
        assert -figures[f"{row}Electricity"][year] / figures[f"{row}Coal"][year] == pytest.approx(efficiency, abs=6e-4)


def test_net_imports_of_electricity_of_2014_agree_between_two_sources(figures: dict[str, dict[int, float]]) -> None:
    """20.0 TWh from the balance at 0.1229 kgce/kWh; 20.2 TWh as consumption less published generation."""
    imports = figures["Energy Balance|Interprovincial Imports|Electricity"][2014]
    exports = figures["Energy Balance|Interprovincial Exports|Electricity"][2014]
    assert (imports - abs(exports)) / 0.1229 * 1e3 == pytest.approx(20_000, abs=50)
    generated = sum(figures[f"Secondary Energy|Electricity|{n}"][2014] for n in ("Thermal", "Hydro", "Wind"))
    assert figures["Electricity Consumption|Total"][2014] - generated == pytest.approx(20_200, abs=60)


def test_published_energy_intensity_follows_from_published_growth(figures: dict[str, dict[int, float]]) -> None:
    """(1 + energy growth)/(1 + GDP growth) − 1 = −5.4, −5.3, −2.0 % against published −5.34, −5.24, −1.98 %."""
    for year, published in {2016: -5.34, 2017: -5.24, 2020: -1.98}.items():
        energy, gdp = figures["Energy Consumption|Growth"][year], figures["GDP|Growth (constant prices)"][year]
        assert figures["Energy Intensity|Yearly Change"][year] == published
        assert ((1 + energy / 100) / (1 + gdp / 100) - 1) * 100 == pytest.approx(published, abs=0.08)


def test_shares_of_the_branches_add_up_to_one(province: Province) -> None:
    shares: dict[tuple[str, int], float] = defaultdict(float)
    for (variable, _, year), fact in province.facts.items():
        if variable.startswith("Share|Industry Combustion|"):
            shares[variable.split("|")[2], year] += fact.value
    assert len(shares) == 5 * 11
    assert all(total == pytest.approx(100, abs=1e-4) for total in shares.values())


def test_a_factor_lies_in_its_interval(province: Province) -> None:
    for factor in province.factors.values():
        if factor.low is not None and factor.high is not None:
            assert factor.low <= factor.value <= factor.high, factor.id


def test_the_tile_grid_has_one_prefecture_a_tile(province: Province) -> None:
    tiles = [r.tile for r in province.regions.values() if r.parent]
    assert None not in tiles and len(set(tiles)) == len(tiles) == 14
