"""Forest biomass: a hand calculation, the sign, and surveys of one definition only."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.accounts import Status
from tanlu.accounts.methods.forest_biomass import biomass_change_by_volume
from tanlu.core.errors import DataError
from tanlu.core.provenance import Fact, Grade
from tanlu.core.province import Province, load_province, province_folder
from tanlu.land import ForestSettings, forest_rows, load_forest
from tanlu.land.forest import change_error
from tanlu.land.settings import FILE

VOLUMES = st.floats(1.0, 2000.0)
SURVEYS = ("Forest|Standing Stock", "Forest|Stock Volume")


@pytest.fixture(scope="module")
def province() -> Province:
    return load_province(province_folder("hunan"))


@pytest.fixture(scope="module")
def settings(province: Province) -> ForestSettings:
    found = load_forest(province)
    assert found is not None and found.surveys == SURVEYS
    return found


def with_surveys(province: Province, surveys: dict[tuple[str, int], float]) -> Province:
    """Return the province with other surveys [10^6 m3]."""
    facts = {k: f for k, f in province.facts.items() if k[0] not in SURVEYS}
    for (variable, year), volume in surveys.items():
        fact = Fact(variable, province.id, year, volume, "10^6 m3", next(iter(province.sources)), Grade.B, "2026-01-01")
        facts[variable, province.id, year] = fact
    return replace(province, facts=facts)


def test_stock_change_by_hand() -> None:
    """100 → 120 Mm3 in 5 years: 4 Mm3/yr × 0.5 t/m3 = 2 Mt stem; × 1.5 = 3 Mt above ground; × 1.2 = 3.6 Mt with roots;
    × 0.5 = 1.8 Mt C; × 44/12 = 6.6 Mt CO2 removed a year."""
    assert biomass_change_by_volume(100e6, 120e6, 5, 0.5, 1.5, 0.2, 0.5) == pytest.approx(-6_600_000, rel=1e-12)


@given(VOLUMES, VOLUMES, st.integers(1, 20))
def test_growth_is_a_removal_and_loss_an_emission(start: float, end: float, years: int) -> None:
    there, back = (biomass_change_by_volume(a, b, years, 0.45, 1.5, 0.2, 0.47) for a, b in ((start, end), (end, start)))
    assert there == pytest.approx(-back)
    assert (there < 0) == (end > start) or there == 0


def test_the_error_of_a_change_by_hand() -> None:
    """Surveys of 300 and 400 with 2 % each: √(6² + 8²) = 10 on a change of 100 is 10 %."""
    assert change_error(300, 400, 0.02) == pytest.approx(0.10)
    assert change_error(400, 300, 0.02) == pytest.approx(0.10)
    assert change_error(390, 400, 0.02) > change_error(300, 400, 0.02)


def test_definitions_are_never_mixed(province: Province, settings: ForestSettings) -> None:
    """One survey of each definition makes no pair, however the stocks compare."""
    mixed = with_surveys(province, {(SURVEYS[0], 2013): 300.0, (SURVEYS[1], 2020): 600.0})
    assert {r.status for r in forest_rows(mixed, settings)} == {Status.NE}


def test_a_pair_covers_the_years_after_its_first_survey_to_its_second(
    province: Province, settings: ForestSettings
) -> None:
    rows = forest_rows(with_surveys(province, {(SURVEYS[0], 2010): 300.0, (SURVEYS[0], 2015): 350.0}), settings)
    numbers = {r.year: r.value for r in rows if r.value is not None}
    assert sorted(numbers) == [2011, 2012, 2013, 2014, 2015]
    assert len(set(numbers.values())) == 1
    assert [r.year for r in rows] == list(range(2005, 2025))


def test_the_yearly_changes_of_a_pair_add_up_to_the_difference_of_the_stocks(
    province: Province, settings: ForestSettings
) -> None:
    rows = forest_rows(with_surveys(province, {(SURVEYS[0], 2010): 300.0, (SURVEYS[0], 2015): 350.0}), settings)
    f = {k: province.factors[k].value for r in rows for k in r.factors}
    per_volume = (
        f["tanlu.wood_density.forest"] * f["tanlu.biomass_expansion.forest"] * f["ipcc-2006.carbon_fraction.wood"]
    )
    per_volume *= (1 + f["ipcc-2006.root_shoot_ratio.forest"]) * 44 / 12
    assert sum(r.value or 0 for r in rows) == pytest.approx(-50e6 * per_volume / 1e3)


def test_rows_name_their_surveys_and_factors_and_their_interval_holds_the_value(province: Province) -> None:
    for row in forest_rows(province):
        if row.value is None:
            assert row.status is Status.NE and row.note_zh and row.note_en
            continue
        assert len(row.facts) == 2 and len({f.rsplit(":", 1)[0] for f in row.facts}) == 1, "one variable, two years"
        assert len(row.factors) == 4 and set(row.factors) <= province.factors.keys()
        assert row.low is not None and row.high is not None and row.low < row.value < row.high < 0
        grades = [province.factors[f].grade for f in row.factors]
        grades += [f.grade for f in province.facts.values() if f.id in row.facts]
        assert row.grade is Grade.worst(grades)


def test_a_folder_without_forest_settings_says_ne_in_every_year(province: Province, tmp_path: Path) -> None:
    rows = forest_rows(replace(province, folder=tmp_path))
    assert [r.year for r in rows] == list(range(2005, 2025))
    assert {r.status for r in rows} == {Status.NE} and all(FILE in r.note_zh and FILE in r.note_en for r in rows)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- surveys\n", {("not_a_mapping", "forest")}),
        (
            "surveys: Forest\nfactors: []\nerror: 1\n",
            {
                ("missing_key", "survey_error"), ("unknown_key", "error"), ("not_a_list", "surveys"), ("not_a_mapping", "factors"),
            },
        ),
        (
            "surveys: [Forest, Production|Cement]\nsurvey_error: 0.02\n"
            "factors: {density: none, expansion: tanlu.wood_density.forest, "
            "root_shoot: ipcc-2006.root_shoot_ratio.forest, carbon: ipcc-2006.carbon_fraction.wood}\n",
            {
                ("missing_series", "surveys"), ("wrong_unit", "surveys"), ("unknown_choice", "factors.density"),
                ("wrong_unit", "factors.expansion"),
            },
        ),
    ],
)  # fmt: skip
def test_faults_of_the_settings_are_told_together(
    province: Province, tmp_path: Path, text: str, told: set[tuple[str, str]]
) -> None:
    (tmp_path / "land").mkdir()
    (tmp_path / FILE).write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_forest(replace(province, folder=tmp_path))
    assert {(p.code, p.field) for p in caught.value.problems} == told
    assert all(p.text("zh") and p.text("en") for p in caught.value.problems)
