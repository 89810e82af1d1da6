"""Folders of systems: what is written is what the components hold, in their units, with source and grade."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
from tests.energy.folders import SYSTEMS, change, copied

from tanlu.core.provenance import Grade
from tanlu.energy.components import Asset, Converter, Demand, Line, Reservoir, Sequestration, Source, Store
from tanlu.energy.parameters import at_years
from tanlu.energy.policies import EmissionLimit
from tanlu.energy.reading import read_system, system_folder
from tanlu.energy.reading.amounts import by_mass, factor_to, split_amount
from tanlu.energy.system import System


@pytest.fixture(scope="module")
def campus() -> System:
    return read_system(SYSTEMS / "campus")


def test_a_small_system_needs_one_file_and_a_profile(campus: System) -> None:
    """Values by hand: 8.76 GWh a year are 1 MW on average; 3500 CNY/kW are 3.5 million CNY/MW; 0.02 元/千瓦时 are 20 CNY/MWh."""
    load, pv, engine, battery = (campus.component(f"site.{t}") for t in ("load", "pv", "engine", "battery"))
    assert isinstance(load, Demand) and load.annual == 8760.0 and load.profile == "load"
    assert isinstance(pv, Source) and pv.investment == 3.5e6 and pv.fixed_om == 45_000 and pv.potential == 2.0
    assert pv.availability == "pv" and pv.expandable and pv.non_fossil and pv.lifetime == 25.0
    assert isinstance(engine, Converter) and engine.efficiency == 0.4 and engine.variable_om == pytest.approx(20.0)
    assert isinstance(battery, Store) and battery.investment == {2025: 2e6, 2035: 1e6} and battery.hours == 2.0
    assert campus.discount_rate == 0.06 and campus.periods == (2030,) and campus.hours == 48
    policy = campus.policies[0]
    assert isinstance(policy, EmissionLimit) and policy.price == 100.0 and policy.cap == math.inf


def test_profiles_are_the_columns_of_their_file(campus: System) -> None:
    assert set(campus.profiles) == {"load", "pv"}
    assert campus.profiles["load"][:9].tolist() == [0.75] * 8 + [1.25]
    assert campus.profiles["pv"][12] == 1.0


def test_a_system_that_was_read_is_solved(campus: System) -> None:
    result = campus.solve(segments=None, solver="highs-simplex")
    assert result.gap < 1e-6 and result.objective > 0


def test_numbers_without_a_source_are_assumptions(campus: System) -> None:
    """Every number of the campus but the switches: nobody says where they come from."""
    assumptions = campus.provenance.assumptions()
    assert {a.origin.grade for a in assumptions} == {Grade.D}
    assert ("battery", "investment", 2035) in {(a.origin.owner, a.origin.parameter, a.origin.year) for a in assumptions}


@pytest.fixture(scope="module")
def valley() -> System:
    return read_system(SYSTEMS / "valley")


def test_tables_give_numbers_in_the_units_of_their_rows(valley: System) -> None:
    """By hand: 900 元/tce over 29.3076/3.6 MWh/tce; 3 万千瓦 are 30 MW; 120 GWh are 120,000 MWh; 876 万千瓦时 are 8,760 MWh."""
    upper = valley.component("upper")
    assert isinstance(upper, Reservoir)
    assert (upper.existing, upper.volume, upper.annual_inflow, upper.delay) == (30.0, 500.0, 120_000.0, 2)
    coal = next(c for c in valley.carriers if c.name == "coal")
    assert isinstance(coal.price, dict) and coal.price[2025] == pytest.approx(900 / (29.3076 / 3.6))
    assert coal.emission_factor == pytest.approx(0.34)
    mill = valley.component("mill.load")
    assert isinstance(mill, Demand) and mill.annual == pytest.approx(8760.0)
    assert valley.discount_rate == pytest.approx(0.07)


def test_a_row_for_a_component_beats_the_row_for_its_technology(valley: System) -> None:
    potentials = {c.node: c.potential for c in valley.components if isinstance(c, Source)}
    assert potentials == {"town": 200.0, "mill": 50.0, "dam": 50.0}


def test_a_profile_of_a_node_beats_the_one_for_all(valley: System) -> None:
    profiles = {c.node: c.profile for c in valley.components if isinstance(c, Demand)}
    assert profiles == {"town": "load", "mill": "mill.load"}


def test_numbers_by_year_are_interpolated_between_and_held_beyond(valley: System) -> None:
    """87,600 MWh in 2025 and 175,200 in 2030: 131,400 half way, and the ends beyond."""
    town = valley.component("town.load")
    assert isinstance(town, Demand)
    assert at_years(town.annual, (2020, 2025, 2030, 2040)) == pytest.approx([87_600, 87_600, 175_200, 175_200])


def test_plants_are_joined_by_component_with_their_years(valley: System) -> None:
    plant = valley.component("town.coal_plant")
    assert isinstance(plant, Converter) and isinstance(plant.existing, tuple)
    assert plant.existing[1] == Asset(30.0, 2028, None, "二号机")
    assert plant.standing((2025, 2030, 2035)).tolist() == [25.0, 55.0, 30.0]


def test_prices_for_a_kilometre_are_multiplied_by_the_length(valley: System) -> None:
    """4 CNY/kW/km over 100 km are 400,000 CNY/MW; 3 % per 1000 km over 100 km are 0.3 %."""
    line = valley.component("town-dam")
    assert isinstance(line, Line) and line.expandable and (line.from_node, line.to_node) == ("town", "dam")
    assert (line.existing, line.investment) == (40.0, pytest.approx(400_000.0))
    assert line.loss == pytest.approx(0.003)


def test_carriers_counted_by_mass_have_tonnes_for_megawatt_hours(valley: System) -> None:
    """100 CNY for a tonne a year are 876,000 CNY for a tonne an hour."""
    formation = valley.component("town.formation")
    assert isinstance(formation, Sequestration)
    assert (formation.investment, formation.variable_om) == (pytest.approx(876_000.0), 60.0)
    policy = valley.policies[0]
    assert isinstance(policy, EmissionLimit) and (policy.cap, policy.price) == (pytest.approx(2e5), 100.0)


def test_every_number_knows_source_grade_and_line(valley: System) -> None:
    (origin,) = valley.provenance.of("mill.load", "annual")
    text = (SYSTEMS / "valley" / "parameters.csv").read_text(encoding="utf-8").splitlines()
    assert (origin.source, origin.grade, origin.unit, origin.file) == ("book", Grade.B, "万千瓦时", "parameters.csv")
    assert origin.row is not None and text[origin.row - 1].startswith("mill.load,annual")
    assert valley.provenance.sources["book"].title("en") == "A book"
    assumed = {(a.origin.owner, a.origin.parameter): a for a in valley.provenance.assumptions()}
    worth = assumed["load", "value_of_lost_load"]
    assert worth.origin.note("en") == "usual in studies" and set(worth.components) == {"town.load", "mill.load"}
    rows = valley.provenance.table()
    assert {"component": "town.load", "year": 2030, "grade": "B"}.items() <= next(
        r for r in rows if r["component"] == "town.load" and r["year"] == 2030
    ).items()


def test_the_origin_of_a_number_shows_all_its_digits(tmp_path: Path) -> None:
    folder = copied("valley", tmp_path)
    table = folder / "parameters.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    row = next(k for k, line in enumerate(lines) if line.startswith("mill.load,annual"))
    cells = lines[row].split(",")
    cells[3] = "876.0123456"
    table.write_text("\n".join([*lines[:row], ",".join(cells), *lines[row + 1 :]]) + "\n", encoding="utf-8")
    (origin,) = read_system(folder).provenance.of("mill.load", "annual")
    assert origin.value == "876.0123456"


def test_only_profiles_that_are_used_come_along(tmp_path: Path) -> None:
    """Segments follow every profile of a system: a column that nothing uses must not change them."""
    folder = copied("campus", tmp_path)
    (folder / "profiles" / "more.csv").write_text(
        "hour,unused\n" + "".join(f"{h},0.5\n" for h in range(48)), encoding="utf-8"
    )
    system = read_system(folder)
    assert set(system.profiles) == {"load", "pv"}
    assert [(n.code, n.file, n.details["names"]) for n in system.provenance.notices] == [
        ("energy_unused", "profiles/more.csv", "unused")
    ]


def test_numbers_with_source_may_stand_in_the_one_file(tmp_path: Path) -> None:
    folder = copied("campus", tmp_path)
    change(
        folder / "system.yaml", "lifetime: 25 a", "lifetime: {value: 25 a, source: book, grade: C, note_en: a guide}"
    )
    shutil.copy(SYSTEMS / "valley" / "sources.csv", folder)
    (origin,) = read_system(folder).provenance.of("site.pv", "lifetime")
    assert (origin.grade, origin.note("en"), origin.value, origin.unit) == (Grade.C, "a guide", "25", "a")


def test_tables_in_gb18030_and_with_other_line_ends_are_read(tmp_path: Path) -> None:
    folder = copied("valley", tmp_path)
    file = folder / "assets.csv"
    file.write_bytes(file.read_text(encoding="utf-8").encode("gb18030"))
    day = folder / "profiles" / "day.csv"
    day.write_bytes(day.read_bytes().replace(b"\n", b"\r\n"))
    system = read_system(folder)
    plant = system.component("town.coal_plant")
    assert isinstance(plant, Converter) and isinstance(plant.existing, tuple) and plant.existing[0].name == "一号机"
    assert [(n.code, n.file) for n in system.provenance.notices] == [("gb18030", "assets.csv")]


def test_the_system_of_the_province_is_read_whole() -> None:
    """Every prefecture has load, sun and wind, and every number a grade and, above D, a source."""
    system = read_system(system_folder("hunan"))
    loads = [c for c in system.components if isinstance(c, Demand) and c.technology == "load"]
    assert len(loads) == 14 and len(system.nodes) == 15
    for load in loads:
        assert {f"{load.node}.pv", f"{load.node}.wind"} <= {c.name for c in system.components}
    sourced = [o for found in system.provenance.origins.values() for o in found if o.grade != Grade.D]
    assert sourced and all(o.source in system.provenance.sources for o in sourced)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("3500 CNY/kW", (3500.0, "CNY/kW")),
        ("8GW", (8.0, "GW")),
        ("0.9", (0.9, "")),
        ("-5 %", (-5.0, "%")),
        ("1e3 MW", (1000.0, "MW")),
        (".5", (0.5, "")),
        ("12 百万千瓦", (12.0, "百万千瓦")),
        ("inf", (math.inf, "")),
        ("1,000 MW", None),
        ("1.2.3 MW", None),
        ("inflow", None),
        ("two", None),
    ],
)
def test_amounts_are_numbers_with_a_unit(text: str, amount: tuple[float, str] | None) -> None:
    assert split_amount(text) == amount


@pytest.mark.parametrize(
    ("unit", "target", "factor", "per_length"),
    [
        ("g CO2/kWh", "t/MWh", 1e-3, False),
        ("亿千瓦时", "MWh/a", 1e5, False),
        ("万辆", "1", 1e4, False),
        ("kWh/辆", "MWh", 1e-3, False),
        ("CNY/kW/km", "CNY/MW", 1e3, True),
        ("元/(千瓦·月)", "CNY/MW/month", 1e3, False),
    ],
)
def test_units_are_those_that_people_write(unit: str, target: str, factor: float, per_length: bool) -> None:
    assert factor_to(unit, target) == (pytest.approx(factor), per_length)


def test_carbon_is_not_taken_for_co2() -> None:
    with pytest.raises(ValueError, match="cannot be expressed"):
        factor_to("t C/MWh", "t/MWh")


def test_units_by_mass() -> None:
    assert [by_mass(u) for u in ("MW", "MWh/a", "CNY/MW/a", "CNY/MWh", "a")] == [
        "t/h", "t/a", "CNY/(t/h)/a", "CNY/t", "a",
    ]  # fmt: skip


@pytest.mark.parametrize("guide", ["energy-system.md", "energy-system.zh-CN.md"])
def test_the_example_of_the_guide_is_a_system(guide: str, tmp_path: Path) -> None:
    """Both languages write the same numbers, each in its units."""
    folder = copied("campus", tmp_path)
    page = (Path(__file__).parents[2] / "docs" / "guides" / guide).read_text(encoding="utf-8")
    (folder / "system.yaml").write_text(page.split("```yaml\n")[1].split("```")[0], encoding="utf-8")
    system = read_system(folder)
    load, pv, engine = (system.component(f"site.{t}") for t in ("load", "pv", "engine"))
    assert isinstance(load, Demand) and load.annual == pytest.approx(8760.0)
    assert isinstance(pv, Source) and pv.investment == pytest.approx(3.5e6) and pv.potential == pytest.approx(2.0)
    assert isinstance(engine, Converter) and engine.existing == pytest.approx(2.0)
