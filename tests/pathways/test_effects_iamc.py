"""Effects as IAMC variables: parts add up to their totals, units are those of the numbers, the code lists hold for every row."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from tanlu.pathways import Simulation, simulate
from tanlu.pathways.effects import Effects
from tanlu.pathways.nomenclature import write_definitions
from tanlu.pathways.noncarbon.declared import ROWS

Table = dict[str, tuple[str, np.ndarray]]


@pytest.fixture(scope="module")
def found() -> Simulation:
    return simulate(world="plan", draws=16)


@pytest.fixture(scope="module")
def effects(found: Simulation) -> Effects:
    assert found.effects is not None
    return found.effects


@pytest.fixture(scope="module")
def table(found: Simulation, effects: Effects) -> Table:
    _, *rows = found.iamc()
    return {r[3]: (r[4], np.array([float(v) for v in r[-len(effects.years) :]])) for r in rows}


@pytest.mark.parametrize(
    "total",
    ["Emissions|CH4", "Emissions|N2O", "Emissions|Sulfur|Energy", "Emissions|NOx|Energy", "Total Energy System Cost"],
)
def test_the_parts_of_an_effect_add_up_to_it(table: Table, total: str) -> None:
    parts = [name for name in table if name.startswith(f"{total}|")]
    lowest = [name for name in parts if not any(other.startswith(f"{name}|") for other in parts)]
    assert len(lowest) > 1 and {table[name][0] for name in parts} == {table[total][0]}
    assert sum(table[name][1] for name in lowest) == pytest.approx(table[total][1], abs=1e-4)


def test_masses_are_in_the_unit_that_stands_beside_them(table: Table, effects: Effects) -> None:
    """The sources of a gas in kt; methane is written in Mt."""
    for gas, name, unit, factor in (
        ("CH4", "Emissions|CH4", "Mt CH4/yr", 1e-3), ("N2O", "Emissions|N2O", "kt N2O/yr", 1.0),
        ("HFC-134a", "Emissions|HFC|HFC134a", "kt HFC134a/yr", 1.0), ("SF6", "Emissions|SF6", "kt SF6/yr", 1.0),
    ):  # fmt: skip
        kt = effects.masses[0][:, [i for i, row in enumerate(ROWS) if row.gas == gas]].sum(axis=1)
        assert table[name][0] == unit and table[name][1] == pytest.approx(factor * kt, abs=1e-6)
    assert table["Employment|Energy"][1] == pytest.approx(effects.jobs[0].sum(axis=1), abs=1e-5)


def test_nomenclature_accepts_the_table_with_the_code_lists_beside_it(found: Simulation, tmp_path: Path) -> None:
    nomenclature = pytest.importorskip("nomenclature")
    import pyam

    rows = found.iamc()
    write_definitions(tmp_path / "definitions", rows)
    with (tmp_path / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    frame = pyam.IamDataFrame(str(tmp_path / "table.csv"))
    nomenclature.DataStructureDefinition(tmp_path / "definitions").validate(frame)
