"""Hindcast: it meets its base year, takes what was observed as it was, and its errors are what they say."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
from tools import hindcast_page

from tanlu.accounts import Inventory
from tanlu.core.errors import DataError
from tanlu.core.province import Province
from tanlu.pathways import PathwayData
from tanlu.pathways.dimensions import GENERATORS
from tanlu.pathways.hindcast import ELECTRICITY, TOTAL, Hindcast, error_tables, hindcast_errors
from tanlu.pathways.observed import FILE, observed_drivers

SPAN = {"base": 2022, "last": 2024}


@pytest.fixture(scope="module")
def found(data: PathwayData, inventory: Inventory, province: Province) -> Hindcast:
    return hindcast_errors(data, inventory, province, **SPAN)


def test_it_meets_the_inventory_in_its_base_year(found: Hindcast) -> None:
    for name in found.predicted:
        if name != ELECTRICITY:
            assert found.predicted[name][0] == pytest.approx(found.observed[name][0], abs=1e-9), name
    sectors = [v for n, v in found.observed.items() if n not in {TOTAL, ELECTRICITY}]
    assert np.sum(sectors, axis=0) == pytest.approx(found.observed[TOTAL], abs=1e-9)


def test_hydro_and_imports_are_as_observed(found: Hindcast, province: Province, data: PathwayData) -> None:
    seen, generation = observed_drivers(province, data, 2022, 2024), found.result.generation[0, :3]
    assert generation[:, GENERATORS.index("hydro")] == pytest.approx(seen["hydro"], rel=1e-9)
    parts = {g: generation[:, GENERATORS.index(g)] for g in ("wind", "solar", "imports")}
    rest = seen["electricity"] - seen["thermal"] - seen["hydro"] - parts["wind"] - parts["solar"]
    assert parts["imports"][1:] == pytest.approx(rest[1:], abs=0.5)


def test_growth_is_as_observed(found: Hindcast, province: Province) -> None:
    growth = province.series("GDP|Growth (constant prices)", "1/yr")
    gdp = found.result.indicator("gdp")[0]
    assert gdp[2] / gdp[0] == pytest.approx((1 + growth[2023].value) * (1 + growth[2024].value), rel=1e-12)
    ratio = found.naive["with_gdp"][2] / found.naive["persistence"][2]
    assert ratio == pytest.approx(gdp[2] / gdp[0], rel=1e-12)


def test_saving_brought_forward_lowers_co2(
    found: Hindcast, data: PathwayData, inventory: Inventory, province: Province
) -> None:
    policy = hindcast_errors(data, inventory, province, variant="policy", **SPAN)
    assert policy.predicted[TOTAL][2] < found.predicted[TOTAL][2]
    assert policy.predicted[TOTAL][0] == pytest.approx(found.predicted[TOTAL][0], abs=1e-9)


def test_errors_by_hand(found: Hindcast) -> None:
    """Predicted 110, 90, 126 for 100, 100, 120: +10 %, −10 %, +5 %; mean 1.67 %, amounts 8.33 %, last 6 or 5 %."""
    made = dataclasses.replace(
        found,
        years=(2009, 2010, 2011, 2012),
        predicted={TOTAL: np.array([100.0, 110.0, 90.0, 126.0]), "a": np.array([0.0, 30.0, 0.0, 2.0])},
        observed={TOTAL: np.array([100.0, 100.0, 100.0, 120.0]), "a": np.array([0.0, 0.0, 10.0, 1.0])},
        last_balance=2011,
        naive={},
    )
    assert made.periods() == [(2010, 2011), (2012, 2012)]
    total = made.errors(2010, 2012)[0]
    assert (total.mean, total.absolute) == (pytest.approx(0.05 / 3), pytest.approx(0.25 / 3))
    assert (total.last, total.last_relative) == (pytest.approx(6.0), pytest.approx(0.05))
    assert made.offset(2011) == 10.0
    assert "2012–2012, estimated" in error_tables([made])


def test_faults_of_the_drivers_are_told_together(
    tmp_path: Path, data: PathwayData, inventory: Inventory, province: Province
) -> None:
    """A wrong unit and an unknown source; without them, each driver that does not reach the first year."""
    text = (data.folder / FILE).read_text(encoding="utf-8")
    (tmp_path / FILE).write_text(text.replace("1.11,GW,regulator-2021", "1.11,MW,nobody"), encoding="utf-8")
    with pytest.raises(DataError) as error:
        observed_drivers(
            dataclasses.replace(province, folder=tmp_path), dataclasses.replace(data, folder=tmp_path), 2022, 2024
        )
    assert [(p.code, p.field) for p in error.value.problems] == [("wrong_unit", "unit"), ("unknown_choice", "source")]
    with pytest.raises(DataError) as gaps:
        observed_drivers(province, data, 2006, 2024)
    assert {"capacity.solar", "capacity.biomass", "urbanisation"} <= {p.value for p in gaps.value.problems}
    with pytest.raises(DataError) as years:
        hindcast_errors(data, inventory, province, base=2024, last=2010)
    assert [p.code for p in years.value.problems] == ["hindcast_years", "hindcast_years"]


def test_errors_of_the_page_are_those_of_the_program() -> None:
    """Mend with: python tools/hindcast_page.py"""
    text = hindcast_page.PAGE.read_text(encoding="utf-8")
    assert text.split(hindcast_page.BEGIN)[1].split(hindcast_page.END)[0] == hindcast_page.tables()
