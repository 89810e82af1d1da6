"""Rows of processes, mines, farms and net imports: one year of each by hand, from the printed figures."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tanlu.accounts import Inventory, InventoryRow, Status
from tanlu.accounts.province.energy_rows import net_import_rows
from tanlu.accounts.province.output_rows import output_rows
from tanlu.accounts.province.spec import Output, Settings
from tanlu.accounts.province.totals import scope_totals
from tanlu.core.provenance import Fact, Grade
from tanlu.core.province import Province


def row(inventory: Inventory, year: int, category: str, gas: str = "CO2") -> InventoryRow:
    (found,) = [r for r in inventory.rows if (r.year, r.category, r.gas) == (year, category, gas)]
    return found


def with_facts(province: Province, values: dict[tuple[str, int], tuple[float, str]]) -> Province:
    """Return the province with some facts replaced or added."""
    source = next(s.id for s in province.sources.values() if s.grade is Grade.B)
    facts = dict(province.facts)
    for (variable, year), (value, unit) in values.items():
        facts[variable, province.id, year] = Fact(
            variable, province.id, year, value, unit, source, Grade.B, "2026-01-01"
        )
    return replace(province, facts=facts)


def test_cement_between_the_dated_clinker_ratios_by_hand(inventory: Inventory, province: Province) -> None:
    """2017 is two fifths of the way from 0.57 (2015) to 0.66 (2020): 0.606; × 0.535 = 0.32421 t/t."""
    cement = province.series("Production|Cement", "kt")[2017].value
    assert row(inventory, 2017, "2.A.1").value == pytest.approx(cement * 0.32421)


@pytest.mark.parametrize(("year", "ratio"), [(2005, 0.57), (2015, 0.57), (2020, 0.66), (2024, 0.66)])
def test_the_clinker_ratio_is_held_outside_its_dates(
    inventory: Inventory, province: Province, year: int, ratio: float
) -> None:
    cement = province.series("Production|Cement", "kt")[year].value
    assert row(inventory, year, "2.A.1").value == pytest.approx(cement * ratio * 0.535)


def test_glass_of_a_million_weight_cases_by_hand(province: Province) -> None:
    """100 × 10^4 weight cases of 50 kg are 50 kt; × 0.21 × 0.85 = 8.925 kt."""
    from tanlu.accounts import build_inventory

    changed = with_facts(province, {("Production|Flat Glass", 2020): (100.0, "10^4 weight cases")})
    assert row(build_inventory(changed), 2020, "2.A.3").value == pytest.approx(8.925)


def test_crude_steel_stands_in_for_pig_iron_that_is_not_published(inventory: Inventory, province: Province) -> None:
    """Pig iron is published from 2007 on, crude steel from 2006: 11.918 Mt × 0.93 × 0.2 × 0.44 = 975.37 kt; 2005 has neither."""
    assert min(province.series("Production|Pig Iron", "kt")) == 2007
    statuses = {y: row(inventory, y, "2.C.1").status for y in (2005, 2006, 2007)}
    assert statuses == {2005: Status.NE, 2006: Status.ESTIMATED, 2007: Status.CALCULATED}
    found = row(inventory, 2006, "2.C.1")
    assert found.value == pytest.approx(975.37, abs=0.01) and found.grade is Grade.D
    assert found.facts == (f"fact:{province.id}:Production|Crude Steel:2006", "assumption:driver:pig_iron")
    assert found.relative_error > row(inventory, 2007, "2.C.1").relative_error


def test_lime_needs_no_more_than_a_series_and_a_row_of_the_settings(province: Province, settings: Settings) -> None:
    """2,000 kt × 0.75 t/t = 1,500 kt; the year without a figure says NE."""
    changed = with_facts(province, {("Production|Lime", 2020): (200.0, "10^4 t")})
    lime = Output(
        "2.A.2",
        "CO2",
        "cement",
        "lime-production",
        {"lime_factor": ("ipcc-2006.emission_factor.lime",)},
        0.05,
        "Production|Lime",
    )
    rows = {r.year: r for r in output_rows(changed, settings, lime)}
    assert rows[2020].value == pytest.approx(1500) and rows[2020].status is Status.CALCULATED
    assert rows[2019].status is Status.NE


def test_pigs_by_hand(inventory: Inventory) -> None:
    """37.346 million pigs at the end of 2020: × 1.5, 5.85 and 0.157 kg."""
    assert row(inventory, 2020, "3.A.1", "CH4").value == pytest.approx(56.019)
    assert row(inventory, 2020, "3.A.2", "CH4").value == pytest.approx(218.4741)
    assert row(inventory, 2020, "3.A.2", "N2O").value == pytest.approx(5.863322)


def test_early_rice_by_hand(inventory: Inventory, province: Province) -> None:
    """1.30 × 0.78 × 1.22 × 80 d = 98.9664 kg/ha."""
    area = province.series("Sown Area|Rice|Early", "10^3 ha")[2019].value
    assert row(inventory, 2019, "3.C.7", "CH4").value == pytest.approx(area * 0.0989664)


def test_coal_methane_of_a_published_output_by_hand(inventory: Inventory) -> None:
    """2021: 7.2338 Mt × 20.5 m3/t × 0.67 kg/m3 = 99.356 kt. 2014: 39.6497766 Mtce × 1.4 t/tce = 55.5097 Mt: 762.43 kt."""
    assert row(inventory, 2021, "1.B.1.a", "CH4").value == pytest.approx(99.3562, abs=1e-3)
    assert row(inventory, 2014, "1.B.1.a", "CH4").value == pytest.approx(762.4256, abs=1e-3)


def test_mines_without_any_output_before_a_year_say_ne(province: Province, settings: Settings) -> None:
    """A folder whose first output is that of 2012 says nothing about the years before."""
    names = ("Energy Balance|Indigenous Production|Coal", "Production|Raw Coal")
    facts = {k: f for k, f in province.facts.items() if k[0] not in names or k[2] >= 2012}
    (mines,) = [o for o in settings.outputs if o.method == "coal-mine-methane-ipcc"]
    rows = {r.year: r for r in output_rows(replace(province, facts=facts), settings, mines)}
    assert sorted(rows) == list(range(2005, 2025))
    assert {rows[y].status for y in range(2005, 2012)} == {Status.NE} and rows[2012].value is not None


def test_net_imports_by_hand(province: Province, settings: Settings) -> None:
    """2014: use less thermal, hydro and wind is 20.18 TWh; × 0.5354 t/MWh, the oldest factor of the grid."""
    (found,) = [r for r in net_import_rows(province, settings) if r.year == 2014]
    used = province.series("Electricity Consumption|Total", "GWh")[2014].value
    made = sum(
        province.series(f"Secondary Energy|Electricity|{n}", "GWh")[2014].value for n in ("Thermal", "Hydro", "Wind")
    )
    assert found.value == pytest.approx((used - made) * 0.5354) and found.value == pytest.approx(10_804, abs=1)
    assert (
        found.status is Status.MEMO
        and found.grade is Grade.D
        and found.factors == ("cn-grid.co2_factor.central_grid.2021",)
    )


def test_wind_that_is_not_published_comes_from_capacity_and_hours(province: Province, settings: Settings) -> None:
    """10 GW at 2,000 h are 20 TWh, which is not bought: the row falls by 20,000 GWh × 0.5395."""
    base = {("Capacity|Electricity|Wind", 2022): (0.0, "GW"), ("Utilisation Hours|Wind", 2022): (2000.0, "h/yr")}
    more = base | {("Capacity|Electricity|Wind", 2022): (10.0, "GW")}
    without, with_wind = (
        next(r.value for r in net_import_rows(with_facts(province, facts), settings) if r.year == 2022)
        for facts in (base, more)
    )
    assert without is not None and with_wind is not None
    assert without - with_wind == pytest.approx(20_000 * 0.5395)


def test_net_imports_have_the_weakest_grade_of_their_terms(province: Province, settings: Settings) -> None:
    grades = {r.year: r.grade for r in net_import_rows(province, settings)}
    assert grades[2022] is Grade.C and grades[2014] is Grade.D, "a factor of another year is an assumption"
    variable = "Secondary Energy|Electricity|Hydro"
    facts = dict(province.facts)
    facts[variable, province.id, 2022] = replace(facts[variable, province.id, 2022], grade=Grade.D)
    weaker = {r.year: r.grade for r in net_import_rows(replace(province, facts=facts), settings)}
    assert weaker[2022] is Grade.D


def test_a_difference_that_nearly_vanishes_does_not_know_its_sign(inventory: Inventory) -> None:
    """In 2010 use and generation of about 117 TWh differ by 1.5; 3 % of the generation is 3.6."""
    near, far = row(inventory, 2010, "memo.imports"), row(inventory, 2022, "memo.imports")
    assert near.low is not None and near.high is not None and near.low < 0 < near.high
    assert far.low is not None and far.low > 0
    total = next(t for t in scope_totals(inventory) if (t.scope, t.year) == ("imports", 2010))
    assert (total.low, total.high) == pytest.approx((near.low, near.high))
