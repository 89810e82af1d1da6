"""The shipped system of Hunan: totals of 2024 as published, full-load hours, peak, seasons, costs, and honesty about assumptions.

Published figures are typed here from their sources, independently of the tables of the folder.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from tanlu.energy.components import Contract, Demand, Fleet, Line, Reservoir, Source
from tanlu.energy.parameters import at_years
from tanlu.energy.policies import CapacityTarget
from tanlu.energy.system import System
from tanlu.energy.weather.noise import monthly_means

FOLDER = Path(__file__).parents[2] / "src" / "tanlu" / "provinces" / "hunan" / "energy"
YEAR = 2024
POOL = "hunan"


@pytest.fixture(scope="module")
def system() -> System:
    return System.read(FOLDER)


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def capacity(system: System) -> dict[str, float]:
    """Capacity by technology at the end of 2024 [MW]."""
    found: dict[str, float] = defaultdict(float)
    for component in system.components:
        if not isinstance(component, Line) and hasattr(component, "standing"):
            found[component.kind] += float(component.standing([YEAR])[0])
    return found


RESERVOIRS = ("wuqiangxi", "fengtan", "tuokou", "zhexi", "dongjiang", "jiangya")


@pytest.mark.parametrize(
    ("technologies", "published"),
    [
        (("coal", "own_generation", "gas", "biomass", "waste"), 29_510),
        (("biomass", "waste"), 1_430),
        (("wind", "pv"), 29_950),
        (("pv",), 18_733.7),
        ((*RESERVOIRS, "run_of_river", "phs"), 17_890),
        (("phs",), 1_200),
        (("battery",), 2_880),
    ],
)
def test_capacity_of_2024_is_that_of_the_grid_report(
    capacity: dict[str, float], technologies: tuple[str, ...], published: float
) -> None:
    """Hunan Energy Development Report 2025 (State Grid Hunan) [MW]; solar by the monthly series of the province."""
    assert sum(capacity[t] for t in technologies) == pytest.approx(published, abs=1.0)


def test_all_plants_of_2024_add_up_to_the_published_total(capacity: dict[str, float]) -> None:
    """77,350 MW without batteries; lines from outside the province are no plants of it."""
    outside = (
        "battery",
        "qishao",
        "ningxia",
        "hubei",
        "co2_storage",
        "coal_stove",
        "gas_boiler",
        "coal_steam",
        "gas_steam",
    )
    plants = sum(value for name, value in capacity.items() if name not in (*outside, "reforming"))
    assert plants == pytest.approx(77_350, abs=2.0)


def test_coal_units_are_those_of_the_unit_list(system: System) -> None:
    """Global Coal Plant Tracker, July 2023: 22,505 MW in units of 30 MW and more that operate."""
    listed = [row for row in table("assets.csv") if row["source"] == "gem-coal-2023"]
    assert sum(float(row["capacity"]) for row in listed) == pytest.approx(22_505)
    assert {row["component"].split(".")[1] for row in listed} == {"coal"}


def annual_load(system: System, year: int) -> float:
    """Load and charging of cars of all prefectures [MWh]."""
    total = 0.0
    for component in system.components:
        if isinstance(component, Demand) and component.carrier == "electricity":
            total += float(at_years(component.annual, [year])[0])
        elif isinstance(component, Fleet):
            cars = float(at_years(component.vehicles, [year])[0])
            total += cars * float(at_years(component.annual_driving, [year])[0]) / component.efficiency
    return total


def test_electricity_use_of_2024_is_the_published_one(system: System) -> None:
    """237,396 GWh; cars of 2024 are those of 2025, 0.2 TWh more than assumed for 2024."""
    assert annual_load(system, YEAR) == pytest.approx(237_396e3, rel=0.002)


def provincial_load(system: System) -> np.ndarray:
    total = np.zeros(8760)
    for component in system.components:
        if isinstance(component, Demand) and component.carrier == "electricity":
            mean = float(at_years(component.annual, [YEAR])[0]) / 8760
            total += mean * system.profiles[component.profile]
    return total


def test_peak_of_2024_is_the_published_one_on_a_summer_evening(system: System) -> None:
    """46.11 GW on 24 July 2024, 21:21; electric cars, not counted here, are below 1 %."""
    load = provincial_load(system)
    hour = int(load.argmax())
    assert load.max() == pytest.approx(46_110, rel=0.01)
    assert 181 <= hour // 24 < 243 and 19 <= hour % 24 <= 22


def test_seasons_of_the_load_are_the_published_ones(system: System) -> None:
    """Consumption of 2022 [TWh], NBS via CREA: July 22.9 and August 24.9 against April and May 15.7, of 223.6 in the year."""
    months = monthly_means(provincial_load(system)) / provincial_load(system).mean()
    assert months[7] > months[6] > months[0] > months[4]
    assert months[7] / months[4] == pytest.approx(24.9 / 15.7, rel=0.15)


def full_load_hours(system: System, technology: str) -> float:
    sites = [c for c in system.components if isinstance(c, Source) and c.kind == technology]
    sizes = np.array([c.standing([YEAR])[0] for c in sites])
    return float(sizes @ [system.profiles[c.availability].sum() for c in sites] / sizes.sum())


@pytest.mark.parametrize(("technology", "hours", "low", "high"), [("wind", 2200, 2144, 2271), ("pv", 950, 902, 950)])
def test_full_load_hours_are_calibrated_within_what_was_published(
    system: System, technology: str, hours: float, low: float, high: float
) -> None:
    """Wind 2,144 h in 2022 and 2,271 h in 2023; sun 902 to 933 h in 2018–2020, and 949 h in January to November 2024."""
    found = full_load_hours(system, technology)
    assert found == pytest.approx(hours, rel=0.01)
    assert low * 0.99 <= found <= high * 1.01


def test_hydropower_can_make_its_mean_year(system: System, capacity: dict[str, float]) -> None:
    """2,950 h a year on 16,690 MW, by counting natural inflow and what runs on from the upper reservoirs."""
    river = full_load_hours(system, "run_of_river") * capacity["run_of_river"]
    reservoirs = {c.name: c for c in system.components if isinstance(c, Reservoir)}
    assert {c.kind for c in reservoirs.values()} == set(RESERVOIRS)
    inflow = {name: float(at_years(c.annual_inflow, [YEAR])[0]) for name, c in reservoirs.items()}
    for name, upper in reservoirs.items():
        if upper.downstream:
            inflow[upper.downstream] += inflow[name] * upper.downstream_ratio
    hydro = capacity["run_of_river"] + sum(capacity[r] for r in RESERVOIRS)
    assert (river + sum(inflow.values())) / hydro == pytest.approx(2950, rel=0.01)


def test_run_of_river_follows_the_published_seasons(system: System) -> None:
    """April to July had 42.9 % of the output of 2015–2024 [NBS via CREA]: 20,530 of 47,896 GWh."""
    share = monthly_means(system.profiles["run_of_river_xiang"]) * np.array(
        [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    )
    assert share[3:7].sum() / share.sum() == pytest.approx(20_530 / 47_896, abs=0.01)


def test_reservoirs_fill_with_the_monsoon(system: System) -> None:
    for name, flow in system.profiles.items():
        if name.startswith("inflow_"):
            months = monthly_means(flow)
            assert months[4:7].min() > 1.3 and max(months[0], months[11]) < 0.6


def test_firm_capacity_of_2025_is_a_little_above_the_peak(system: System, capacity: dict[str, float]) -> None:
    """Credits of the usual kind: neither far short of the load nor far above it."""
    credits = {
        "coal": 0.9,
        "own_generation": 0.5,
        "biomass": 0.8,
        "waste": 0.7,
        "run_of_river": 0.35,
        "phs": 0.95,
        "battery": 0.5,
    }
    credits |= dict.fromkeys(RESERVOIRS, 0.8) | {"qishao": 0.75, "hubei": 0.7, "wind": 0.08}
    firm = sum(share * capacity[name] for name, share in credits.items()) + 1000 * 0.9 + 8000 * 0.35
    assert 1.0 < firm / (provincial_load(system).max() * annual_load(system, 2025) / annual_load(system, YEAR)) < 1.25


@pytest.mark.parametrize(
    ("technology", "year", "low", "high"),
    [
        ("pv", 2030, 2200, 2800),
        ("pv", 2060, 1500, 2000),
        ("wind", 2030, 4200, 5800),
        ("wind", 2060, 2800, 4500),
        ("coal", 2030, 3500, 3950),
        ("coal_ccs", 2030, 7000, 7000),
        ("nuclear", 2030, 19500, 20100),
        ("phs", 2030, 5250, 5250),
        ("beccs", 2030, 12000, 12000),
    ],
)
def test_investment_lies_within_the_studies_of_china(
    system: System, technology: str, year: int, low: int, high: int
) -> None:
    """Ranges of Zhu et al., Sun et al., Li et al., NREL ATB and LBNL [CNY/kW], with 3.1 % from prices of 2020 to 2023."""
    component = next(c for c in system.components if c.kind == technology)
    assert low * 0.999e3 <= float(at_years(component.investment, [year])[0]) <= high * 1.032e3


def test_nodes_are_the_prefectures_and_one_where_heat_is_pooled(system: System) -> None:
    with (FOLDER.parent / "regions.csv").open(encoding="utf-8") as lines:
        regions = {row["id"] for row in csv.DictReader(lines) if row["parent"]}
    assert {n.region for n in system.nodes if n.name != POOL} == regions and len(regions) == 14
    assert not [
        c for c in system.components if getattr(c, "carrier", "") == "electricity" and getattr(c, "node", "") == POOL
    ]


def test_the_grid_connects_all_prefectures(system: System) -> None:
    lines = [c for c in system.components if isinstance(c, Line)]
    reached, before = {"changsha"}, 0
    while len(reached) > before:
        before = len(reached)
        reached |= {a for x in lines for a in (x.from_node, x.to_node) if {x.from_node, x.to_node} & reached}
    assert reached == {n.name for n in system.nodes} - {POOL}


def test_lines_from_outside_bring_what_they_are_designed_for(system: System) -> None:
    """Ningxia–Hunan: 8 GW and 36 TWh a year; from Gansu 8 GW and 40 TWh."""
    contracts = {c.kind: c for c in system.components if isinstance(c, Contract)}
    for name, energy in (("ningxia", 36e6), ("qishao", 40e6)):
        size, most = contracts[name].standing([2025])[0], at_years(contracts[name].maximum_take, [2030])[0]
        assert size == 8000 and 0.9 * energy <= size * 8760 * most <= 1.06 * energy


def test_inland_nuclear_power_is_held_at_zero_by_a_switch(system: System) -> None:
    policy = next(p for p in system.policies if p.name == "no_inland_nuclear")
    assert isinstance(policy, CapacityTarget) and policy.active and policy.most == 0
    assert set(policy.technologies) == {"nuclear", "smr"}


@pytest.mark.parametrize(
    "name", ["parameters.csv", "assets.csv", "lines.csv", "weather/parameters.csv", "weather/shapes.csv"]
)
def test_every_assumption_says_why(name: str) -> None:
    rows = table(name)
    assert all(row["source"] and row["grade"] for row in rows)
    assert [row for row in rows if row["grade"] == "D" and not (row["note_zh"] and row["note_en"])] == []


def test_profiles_are_small_and_rounded() -> None:
    files = list((FOLDER / "profiles").glob("*.csv"))
    assert sum(f.stat().st_size for f in files) < 4_000_000
    for file in files:
        lines = file.read_text(encoding="utf-8").splitlines()
        assert len(lines) == 8761
        assert max(len(cell.partition(".")[2]) for cell in ",".join(lines[1:]).split(",")) <= 4


def test_near_places_have_like_weather(system: System) -> None:
    """Xiangtan is 40 km from Changsha, Xiangxi 320 km."""
    for kind in ("wind", "pv"):
        here, near, far = (system.profiles[f"{p}.{kind}"] for p in ("changsha", "xiangtan", "xiangxi"))
        assert np.corrcoef(here, near)[0, 1] > np.corrcoef(here, far)[0, 1] + 0.05


def test_the_example_of_three_nodes_is_read_and_solved() -> None:
    example = System.read(Path(__file__).parent / "systems" / "three_nodes")
    result = example.solve(segments=None, certify=False)
    assert (example.hours, len(example.nodes)) == (168, 3)
    assert result.capacities["river.hydro.capacity"] == pytest.approx([0.4, 0.4])
    assert np.all(result.capacities["hills.wind.capacity"] <= 1.5 + 1e-6)
