"""Results as IAMC tables and Parquet: the figures of a plan that is computed by hand."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tanlu.energy.certificate import solve
from tanlu.energy.components import Carrier, Converter, Demand, Node, Store
from tanlu.energy.interop.iamc import IamcRow, to_iamc, write_iamc, write_parquet
from tanlu.energy.system import System


@pytest.fixture(scope="module")
def rows() -> list[IamcRow]:
    """Return the table of 1,000 MW of load on coal of 0.4: 8.76 TWh = 0.031536 EJ, 7.4460 Mt CO2, 100/0.4 = 250 CNY/MWh."""
    system = System(
        name="province",
        carriers=[Carrier(name="electricity"), Carrier(name="coal", market=True, price=100.0, emission_factor=0.34)],
        nodes=[Node(name="town")],
        components=[
            Converter(name="town.coal", technology="coal", node="town", inputs={"coal": 1.0}, outputs={"electricity": 1.0}, efficiency=0.4,
                      existing=2_000.0),
            Store(name="town.battery", technology="battery", node="town", carrier="electricity", hours=2.0, existing=50.0),
            Demand(name="town.load", node="town", carrier="electricity", annual=8.76e6),
        ],
        periods=(2030, 2035),
        hours=4,
    )  # fmt: skip
    return to_iamc(solve(system, system.grid(), None, solver="highs-simplex"), scenario="base")


@pytest.mark.parametrize(
    ("variable", "unit", "value"),
    [
        ("Capacity|Electricity|Coal", "GW", 2.0),
        ("Capacity|Electricity|Battery", "GW", 0.05),
        ("Storage Capacity|Electricity|Battery", "GWh", 0.1),
        ("Secondary Energy|Electricity", "EJ/yr", 0.031536),
        ("Secondary Energy|Electricity|Coal", "EJ/yr", 0.031536),
        ("Emissions|CO2", "Mt CO2/yr", 7.446),
        ("Price|Secondary Energy|Electricity", "CNY/MWh", 250.0),
    ],
)
def test_a_plan_has_the_figures_of_the_hand(rows: list[IamcRow], variable: str, unit: str, value: float) -> None:
    found = [row for row in rows if row.variable == variable and row.region == "town"]
    assert [(row.unit, row.year) for row in found] == [(unit, 2030), (unit, 2035)]
    assert [row.value for row in found] == pytest.approx([value, value], rel=1e-6)


def test_long_and_wide_tables_and_parquet_say_the_same(rows: list[IamcRow], tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    write_iamc(rows, tmp_path / "long.csv")
    write_iamc(rows, tmp_path / "wide.csv", wide=True)
    write_parquet(rows, tmp_path / "rows.parquet")
    with (tmp_path / "long.csv").open(encoding="utf-8") as stream:
        long = {(r["region"], r["variable"], int(r["year"])): float(r["value"]) for r in csv.DictReader(stream)}
    with (tmp_path / "wide.csv").open(encoding="utf-8") as stream:
        wide = {
            (r["region"], r["variable"], year): float(r[str(year)])
            for r in csv.DictReader(stream)
            for year in (2030, 2035)
        }
    stored = pq.read_table(tmp_path / "rows.parquet").to_pylist()
    assert long == wide == {(r["region"], r["variable"], r["year"]): r["value"] for r in stored}
