"""The tables of uncertainty of a run: hand calculations on a small inventory, and a real run that agrees with its own totals."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tanlu.accounts import Inventory
from tanlu.accounts.province.records import InventoryRow, Status
from tanlu.accounts.uncertainty.inventory_estimates import inventory_estimates
from tanlu.accounts.uncertainty.inventory_uncertainty import analyse
from tanlu.charts.results import Results
from tanlu.core.inventory import Z95
from tanlu.core.provenance import Grade

VALUES = {
    ("1.A.2.a", "steel"): ((80.0, 100.0), {"activity:x": 0.05, "factor:coal": 0.03}),
    ("2.A.1", "cement"): ((20.0, 50.0), {"factor:coal": 0.03, "activity:y": 0.10}),
    ("2.C.1", "steel"): ((None, 10.0), {"activity:z": 0.2}),
    ("3.B.1.a", "land"): ((-30.0, -40.0), {"survey:w": 0.1}),
    ("memo.imports", "power"): ((7.0, 9.0), {"activity:m": 0.5}),
}
YEARS = (2010, 2020)


def small() -> Inventory:
    """CO2 of five categories in two years [kt]; one has no number in the first year, one is land, one a memo item."""
    rows = [
        InventoryRow(
            "testland", year, category, "CO2", sector, value,
            Status.NE if value is None else Status.MEMO if category.startswith("memo") else Status.CALCULATED, Grade.B, "m",
            {} if value is None else errors,
        )
        for (category, sector), (values, errors) in VALUES.items()
        for year, value in zip(YEARS, values, strict=True)
    ]  # fmt: skip
    return Inventory("testland", YEARS, tuple(rows), ())


def test_the_level_adds_shared_causes_first() -> None:
    """160 kt; by cause x 5, coal 3 + 1.5, y 5, z 2: variance 25 + 20.25 + 25 + 4 = 74.25."""
    table = analyse(small(), "AR5").tables["without_land"]
    assert table.current == pytest.approx(160_000)
    assert table.uncertainty == pytest.approx(100 * Z95 * 74.25**0.5 / 160)


def test_land_use_is_in_the_other_scope_only() -> None:
    """120 kt net; land adds 4² to the variance."""
    found = analyse(small(), "AR5")
    assert {r.category for r in found.tables["with_land"].rows} - {
        r.category for r in found.tables["without_land"].rows
    } == {"3.B.1.a"}
    assert found.tables["with_land"].uncertainty == pytest.approx(100 * Z95 * (74.25 + 16) ** 0.5 / 120)


def test_the_trend_leaves_out_what_one_year_does_not_know() -> None:
    """100 → 150 kt without 2.C.1: +50 %; x (5 − 1.5·4)/100 = −0.01, coal (4.5 − 1.5·3)/100 = 0, y (5 − 1.5·2)/100 = 0.02."""
    table = analyse(small(), "AR5").tables["without_land"]
    assert (table.base, table.trend) == (pytest.approx(100_000), pytest.approx(50.0))
    assert table.trend_uncertainty == pytest.approx(100 * Z95 * (0.01**2 + 0.02**2) ** 0.5)
    late = next(r for r in table.rows if r.category == "2.C.1")
    assert (late.base, late.type_a, late.trend_variance) == (None, None, None)


def test_memo_items_are_nowhere() -> None:
    found = analyse(small(), "AR5")
    named = {r.category for t in found.tables.values() for r in t.rows}
    named |= {r.category for x in found.keys.lists for r in x.rows}
    assert "memo.imports" not in named
    assert not any(p.cause == "activity:m" for p in found.proposals)


def test_key_categories_have_every_list_with_and_without_land() -> None:
    """Level without land: 100, 50, 10 of 160, so that 62.5 % and 93.75 % are reached and the third crosses 95 %."""
    keys = analyse(small(), "AR5").keys
    assert {(x.name, x.land) for x in keys.lists} == {
        (n, land) for n in ("L1", "L2", "T1", "T2") for land in (False, True)
    }
    level = keys.find(1, "level", land=False)
    assert level is not None
    assert [(r.category, r.is_key) for r in level.rows] == [("1.A.2.a", True), ("2.A.1", True), ("2.C.1", True)]
    assert [r.cumulative for r in level.rows] == pytest.approx([0.625, 0.9375, 1.0])


def test_a_measurement_narrows_the_total_by_what_it_takes_from_its_cause() -> None:
    """Cause y has ±19.6 %; checked to ±10 % its 5 kt become 5·10/19.6, the variance 74.25 − 25 + 6.508."""
    found = analyse(small(), "AR5").proposals
    best = next(p for p in found if p.effort.id == "check_statistics" and p.cause == "activity:y")
    new = 74.25 - 25 + (5 * best.effort.half_width / (100 * Z95 * 0.10)) ** 2
    assert best.reduction == pytest.approx(100 * (1 - (new / 74.25) ** 0.5))


def test_a_cause_is_as_uncertain_as_its_largest_effect() -> None:
    estimates = inventory_estimates(small(), [2020], "AR5")
    assert estimates.relative_errors["factor:coal"] == 0.03
    assert estimates.relative_errors["activity:y"] == 0.10


def test_a_gas_without_a_gwp_value_is_left_out_of_the_estimates() -> None:
    row = InventoryRow("testland", 2020, "2.B.9", "HFC-23", "chemicals", 1.0, Status.CALCULATED, Grade.B, "m")
    inventory = Inventory("testland", (2020,), (*small().rows, row), ())
    assert len(inventory_estimates(inventory, [2020], "cn-enterprise-2013").rows) == len(VALUES)
    assert len(inventory_estimates(inventory, [2020], "AR5").rows) == len(VALUES) + 1


def test_one_year_alone_has_no_trend() -> None:
    inventory = Inventory("testland", (2020,), tuple(r for r in small().rows if r.year == 2020), ())
    found = analyse(inventory, "AR5")
    assert found.tables["without_land"].trend is None
    assert {x.kind for x in found.keys.lists} == {"level"}


def test_the_tables_of_a_run_agree_with_its_totals(run_folder: Path) -> None:
    """The total without land and its interval are those of the scope of all gases, which other code adds up."""
    results = Results.load(run_folder)
    total = next(r for r in results.uncertainty if r.scope == "without_land" and r.category == "total")
    own = results.total(f"ghg_{results.manifest.gwp}", total.year)
    assert own is not None and own.value is not None and own.high is not None
    assert total.current == pytest.approx(own.value, rel=1e-6)
    assert total.combined == pytest.approx(100 * (own.high - own.value) / own.value, rel=1e-4)


def test_every_row_of_the_tables_is_in_the_lineage_and_named_in_both_languages(run_folder: Path) -> None:
    results = Results.load(run_folder)
    rows = (*results.uncertainty, *results.key_categories, *results.measure_next)
    assert len(rows) > 100
    for row in rows:
        node = results.lineage.nodes[row.id]
        assert node.parents and node.zh and node.en
    names = [(r.cause_zh, r.cause_en) for r in results.measure_next]
    assert all(zh and en and zh != en and "{" not in zh + en for zh, en in names)


def test_shares_of_a_list_add_up_to_one(run_folder: Path) -> None:
    with (run_folder / "key_categories.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    lists = {(r["list"], r["scope"]) for r in rows}
    assert len(lists) == 8
    for key in lists:
        own = [float(r["share"]) for r in rows if (r["list"], r["scope"]) == key]
        assert sum(own) == pytest.approx(1, abs=1e-4)
        assert own == sorted(own, reverse=True)
