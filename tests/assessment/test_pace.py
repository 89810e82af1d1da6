"""The required path and the distance from it."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.assessment.pace import (
    MARGIN,
    change_progress,
    level_progress,
    required_change,
    required_rate,
    status_of_chance,
    status_of_progress,
)

changes = st.floats(-60, -0.5)


def test_fourteen_per_cent_in_five_years_is_2_97_per_cent_a_year() -> None:
    """0.86 ** 0.2 = 0.970286."""
    assert required_rate(-14, 5) == pytest.approx(-2.97, abs=0.005)


def test_required_path_by_hand() -> None:
    """0.86 ** (2/5) = 0.941455; 0.86 ** (4/5) = 0.886337."""
    assert required_change(-14, 2020, 2025, 2022) == pytest.approx(-5.8545, abs=5e-4)
    assert required_change(-14, 2020, 2025, 2024) == pytest.approx(-11.3663, abs=5e-4)
    assert required_change(-14, 2020, 2025, 2031) == pytest.approx(-14)


@given(changes, st.integers(1, 20), st.integers(0, 20))
def test_required_path_is_the_yearly_rate_compounded(total: float, years: int, year: int) -> None:
    year = min(year, years)
    compounded = 100 * ((1 + required_rate(total, years) / 100) ** year - 1)
    assert required_change(total, 0, years, year) == pytest.approx(compounded, abs=1e-9)


@given(changes, st.integers(1, 5))
def test_progress_is_one_on_the_path_and_grows_with_the_reduction(total: float, year: int) -> None:
    path = required_change(total, 2020, 2025, 2020 + year)
    assert change_progress(path, path) == pytest.approx(1)
    assert change_progress(path - 1, path) > 1 > change_progress(path + 0.4, path)


@pytest.mark.parametrize(
    ("achieved", "year", "status"),
    [(-11.4, 2024, "on_track"), (-9.3, 2024, "at_risk"), (-9.1, 2024, "off_track"), (-14.1, 2025, "met"), (-13.9, 2025, "off_track")],
)  # fmt: skip
def test_status_by_hand(achieved: float, year: int, status: str) -> None:
    """The path asks for -11.366 % in 2024; 80 % of it in logarithms is 0.886337 ** 0.8 - 1 = -9.201 %."""
    progress = change_progress(achieved, required_change(-14, 2020, 2025, year))
    assert status_of_progress(progress, year, 2025) == status


def test_being_behind_inside_the_error_is_a_risk_until_the_due_year() -> None:
    assert status_of_progress(0.1, 2024, 2025, within_error=True) == "at_risk"
    assert status_of_progress(0.1, 2025, 2025, within_error=True) == "off_track"


def test_level_progress_by_hand() -> None:
    """From 21 to 25 in ten years the path stands at 21.8 after two; 23.5 is (23.5 - 21) / 0.8 of it."""
    assert level_progress(23.5, 21, 25, 2020, 2030, 2022) == pytest.approx(2.5 / 0.8)
    assert level_progress(21, 21, 25, 2020, 2030, 2020) == 1
    assert level_progress(20, 21, 25, 2020, 2030, 2020) == 0


@given(st.floats(0, 100), st.floats(0, 100).filter(lambda x: x > 1), st.integers(2021, 2030))
def test_a_level_on_the_straight_path_has_progress_one(start: float, step: float, year: int) -> None:
    on_path = start + step * (year - 2020) / 10
    assert level_progress(on_path, start, start + step, 2020, 2030, year) == pytest.approx(1)


def test_chances_are_graded_at_the_stated_limits() -> None:
    assert [status_of_chance(p) for p in (0.8, 0.79, 0.5, 0.49)] == ["on_track", "at_risk", "at_risk", "off_track"]
    assert MARGIN < 1 and math.isclose(MARGIN, 0.8)
