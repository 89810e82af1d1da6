"""Demands from a pathway: amounts by the table of the link, places and hours of the system, and every fault of the table at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from tanlu.core.errors import DataError
from tanlu.energy.components import Demand
from tanlu.energy.demand import FinalEnergy, linked_demands
from tanlu.energy.parameters import at_years
from tanlu.energy.reading import system_folder
from tanlu.energy.system import System

VALLEY = Path(__file__).parent / "systems" / "valley"
HEADER = "technology,sector,carrier,factor,constant,source,grade,note_zh,note_en\n"
FINAL = FinalEnergy(
    "mine",
    (2025, 2026, 2030),
    ("homes", "works"),
    ("electricity", "heat"),
    # homes and works, each electricity and heat [PJ]
    np.array([[[0.18, 1.0], [0.36, 2.0]], [[9.0, 9.0], [9.0, 9.0]], [[0.36, 1.0], [0.72, 2.0]]]),
)


def folder_with(tmp_path: Path, rows: str) -> Path:
    folder = Path(shutil.copytree(VALLEY, tmp_path / "valley"))
    (folder / "link").mkdir()
    (folder / "link" / "demands.csv").write_text(HEADER + rows, encoding="utf-8")
    return folder


def loads(system: System, year: int) -> dict[str, float]:
    return {c.name: float(at_years(c.annual, [year])[0]) for c in system.components if isinstance(c, Demand)}


def test_the_sum_is_of_the_pathway_and_the_split_of_the_system(tmp_path: Path) -> None:
    """0.18 PJ are 50 GWh and 0.36 PJ 100 GWh; half of the works count, and 10 GWh are added: 110 GWh in 2025, 210 in 2030."""
    folder = folder_with(tmp_path, "load,homes,electricity,1,0.01,,D,,\nload,works,electricity,0.5,,,D,,\n")
    system = System.read(folder)
    found = linked_demands(system, folder, FINAL)
    assert found is not None
    for year, amount in ((2025, 110e3), (2030, 210e3)):
        own, now = loads(system, year), loads(found.system, year)
        assert sum(now.values()) == pytest.approx(amount)
        assert now["town.load"] / now["mill.load"] == pytest.approx(own["town.load"] / own["mill.load"])
    assert found.record()["scenario"] == "mine"
    origin = found.system.provenance.of("town.load", "annual")[0]
    assert (origin.source, origin.grade.value, origin.year) == ("tanlu-pathways", "D", 2025)


def test_an_amount_of_another_technology_can_be_taken_off_but_not_below_zero(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "load,all,electricity,1,-1,,D,,\n")
    found = linked_demands(System.read(folder), folder, FINAL)
    assert found is not None and set(found.asked["load"].values()) == {0.0}


def test_years_that_the_pathway_does_not_reach_keep_the_own_amount(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "load,all,electricity,1,,,D,,\n")
    system = System.read(folder)
    early = FinalEnergy("short", FINAL.years[:2], FINAL.sectors, FINAL.carriers, FINAL.values[:2])
    found = linked_demands(system, folder, early)
    assert found is not None
    assert sum(loads(found.system, 2025).values()) == pytest.approx(150e3)
    assert loads(found.system, 2030) == pytest.approx(loads(system, 2030))


def test_without_a_link_the_system_keeps_its_own_demands() -> None:
    assert linked_demands(System.read(VALLEY), VALLEY, FINAL) is None


def test_all_names_that_are_wrong_are_told_at_once(tmp_path: Path) -> None:
    folder = folder_with(tmp_path, "lod,all,electricity,1,,,D,,\nload,farms,heat,1,,,D,,\nload,demand,ev,-1,,,D,,\n")
    with pytest.raises(DataError) as caught:
        linked_demands(System.read(folder), folder, FINAL)
    told = {(p.row, p.field, p.value) for p in caught.value.problems}
    assert told == {(2, "technology", "lod"), (3, "sector", "farms"), (4, "carrier", "ev")}


def test_the_link_of_the_province_gives_what_its_own_loads_were_made_from() -> None:
    """The loads of the folder were taken from the same pathway and rounded; the link must come to the same."""
    from tanlu.job.inventory_step import make_inventory
    from tanlu.job.loading import load_folder
    from tanlu.pathways import baseline_from_inventory, engine_parameters, run
    from tanlu.pathways.dimensions import CARRIERS, DEMAND

    folder = load_folder("hunan")
    baseline = baseline_from_inventory(make_inventory(folder.province)[1], folder.province, folder.pathways.parameters)
    found = run(engine_parameters(folder.pathways, baseline, "mid"), folder.pathways.world("current"))
    final = FinalEnergy("current-mid", tuple(map(int, found.years)), DEMAND, CARRIERS, found.final[0])
    place = system_folder("hunan")
    linked = linked_demands(System.read(place), place, final)
    assert linked is not None
    for technology, by_year in linked.asked.items():
        for year, amount in by_year.items():
            assert amount == pytest.approx(linked.own[technology][year], rel=0.012, abs=6e3), (technology, year)
