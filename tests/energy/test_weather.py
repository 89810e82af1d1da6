"""Synthetic weather: what is calibrated holds, places are alike as they should be, and files of users are read or refused."""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
import pytest

from tanlu.core.errors import DataError
from tanlu.energy import weather
from tanlu.energy.weather.air import degree_hours, heat_pump_cop
from tanlu.energy.weather.load import RESTDAY, WORKDAY, day_types
from tanlu.energy.weather.noise import DAYS, distances, fit_months, from_months, monthly_means, noise, smoothed, stream
from tanlu.energy.weather.profiles import pv_profiles, river_profiles, wind_profiles
from tanlu.energy.weather.wind import WindFarm, hub_speed

SYSTEM = Path(weather.__file__).parents[2] / "provinces" / "hunan" / "energy"
FARM = WindFarm(cut_in=3, rated=12, cut_out=25, hub=100, spread=0.0, losses=0.0)


def shipped(file: str) -> dict[str, np.ndarray]:
    with (SYSTEM / "profiles" / f"{file}.csv").open(encoding="utf-8") as lines:
        rows = list(csv.reader(lines))
    values = np.array(rows[1:], float)
    return {name: values[:, j] for j, name in enumerate(rows[0]) if name != "hour"}


def worst(made: dict[str, np.ndarray], kept: dict[str, np.ndarray]) -> float:
    assert list(made) == list(kept)
    return max(float(np.max(np.abs(np.round(made[k], 4) - kept[k]))) for k in made)


def test_a_degree_of_longitude_on_the_equator_is_as_long_as_geometry_says() -> None:
    """2π · 6371 km / 360 = 111.19 km; a pole is a quarter of the circumference away."""
    apart = distances(np.array([0.0, 0.0, 90.0]), np.array([0.0, 1.0, 0.0]))
    assert apart[0, 1] == pytest.approx(2 * np.pi * 6371 / 360)
    assert apart[0, 2] == pytest.approx(np.pi * 6371 / 2)


def test_noise_has_the_memory_and_the_likeness_that_were_asked_for() -> None:
    """Standard errors of 100,000 steps with memory 0.9 are below 0.01."""
    apart = np.array([[0.0, 100.0], [100.0, 0.0]])
    series = noise(stream(1, "test"), 100_000, apart, length=200.0, memory=0.9)
    assert series.mean(axis=0) == pytest.approx([0, 0], abs=0.06)
    assert series.std(axis=0) == pytest.approx([1, 1], abs=0.03)
    assert np.corrcoef(series[:-1, 0], series[1:, 0])[0, 1] == pytest.approx(0.9, abs=0.01)
    assert np.corrcoef(series.T)[0, 1] == pytest.approx(np.exp(-0.5), abs=0.03)


def test_streams_are_the_same_for_the_same_seed_and_name_only() -> None:
    first, again, other = (stream(s, n).standard_normal(3) for s, n in ((5, "sky"), (5, "sky"), (5, "rain")))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_series_is_brought_to_its_monthly_means() -> None:
    raw = 1 + 0.5 * np.sin(np.arange(8760) / 50)
    wanted = np.linspace(0.5, 1.5, 12)
    knots = fit_months(lambda k: monthly_means(raw * from_months(k)), np.ones(12), wanted)
    assert monthly_means(raw * from_months(knots)) == pytest.approx(wanted, rel=1e-6)


def test_monthly_means_weigh_months_by_their_days() -> None:
    series = np.repeat(np.arange(12.0), np.array(DAYS) * 24)
    assert monthly_means(series) == pytest.approx(np.arange(12.0))


def test_smoothing_a_constant_changes_nothing_and_a_jump_dies_away() -> None:
    """After one time constant 1/e of the distance to the new level is left; the series starts at its mean."""
    assert smoothed(np.full(10, 3.0), 5.0) == pytest.approx(np.full(10, 3.0))
    step = smoothed(np.concatenate([np.zeros(2000), np.ones(2000)]), 10.0)
    assert 1 - step[2009] == pytest.approx(np.exp(-1), rel=1e-3)


def test_power_curve_by_hand() -> None:
    """(8³ − 3³)/(12³ − 3³) = 485/1701; nothing below cut-in and above cut-out."""
    speeds = np.array([2.9, 8.0, 12.0, 24.9, 25.1])
    assert FARM.output(speeds) == pytest.approx([0, 485 / 1701, 1, 1, 0])


def test_wind_rises_with_height_by_the_power_law() -> None:
    """5 m/s at 10 m and an exponent of 0.2: 5 · 10^0.2 = 7.924 m/s at 100 m."""
    assert hub_speed(np.array([5.0]), 10, 100, 0.2) == pytest.approx([7.9245], rel=1e-4)


def test_heat_pump_follows_the_published_regression() -> None:
    """Staffell et al. 2012 for 45 °C and 7 °C: 6.81 − 0.121 · 38 + 0.000630 · 38² = 3.1217; differences are held at 15 and 60 K."""
    assert heat_pump_cop(np.array([7.0]), 45) == pytest.approx([3.12172])
    assert heat_pump_cop(np.array([40.0, 30.0]), 45) == pytest.approx([6.81 - 1.815 + 0.14175] * 2)


def test_degree_hours_count_one_side_of_the_base() -> None:
    air = np.array([10.0, 18.0, 30.0])
    assert degree_hours(air, 18, "heating").tolist() == [8, 0, 0]
    assert degree_hours(air, 26, "cooling").tolist() == [0, 0, 4]


def test_days_follow_the_week_unless_the_calendar_says_otherwise() -> None:
    """1 January 2025 was a Wednesday: the first Saturday is day 3."""
    types = day_types(2, {3: WORKDAY})
    assert types[:7].tolist() == [WORKDAY, WORKDAY, WORKDAY, WORKDAY, RESTDAY, WORKDAY, WORKDAY]


@pytest.fixture(scope="module")
def year() -> weather.WeatherYear:
    return weather.read_weather_year(SYSTEM)


def test_wind_made_again_is_the_shipped_one(year: weather.WeatherYear) -> None:
    made = wind_profiles(year, ["yongzhou", "xiangxi"])
    assert worst(made, {name: shipped("wind")[name] for name in made}) <= 1.01e-4


def test_rivers_made_again_are_the_shipped_ones(year: weather.WeatherYear) -> None:
    inflow, hydro = river_profiles(year)
    assert worst(inflow, shipped("inflow")) <= 1.01e-4
    assert worst(hydro, shipped("hydro")) <= 1.01e-4


def test_sun_made_again_is_the_shipped_one(year: weather.WeatherYear) -> None:
    pytest.importorskip("pvlib")
    made, factors = pv_profiles(year, ["changsha"])
    assert worst(made, {name: shipped("pv")[name] for name in made}) <= 1.01e-4
    assert np.all((factors > 0.7) & (factors < 0.95)), (
        "the losses that meet the full-load hours are those of real plants"
    )


def test_without_pvlib_the_way_out_is_named(year: weather.WeatherYear, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pvlib", None)
    with pytest.raises(DataError) as caught:
        pv_profiles(year)
    assert "tanlu[weather]" in str(caught.value)


def copy_of_tables(target: Path) -> Path:
    (target / "weather").mkdir(parents=True)
    for file in [SYSTEM / "nodes.csv", *(SYSTEM / "weather").glob("*.csv")]:
        (target / file.relative_to(SYSTEM)).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    return target


def replace(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_all_faults_of_the_tables_are_told_at_once(tmp_path: Path) -> None:
    folder = copy_of_tables(tmp_path) / "weather"
    replace(folder / "parameters.csv", "sky.length", "sky.lenght")
    replace(folder / "calendar.csv", "2025-01-01", "2024-01-01")
    replace(folder / "basins.csv", "lei,chenzhou,1.0", "lei,chenzhou,0.9")
    replace(folder / "shapes.csv", "industry,workday", "industrie,workday")
    with pytest.raises(DataError) as caught:
        weather.read_weather_year(tmp_path)
    found = {(p.code, p.file, p.value) for p in caught.value.problems}
    assert found == {
        ("missing_series", "weather/parameters.csv", "sky.length"),
        ("not_in_year", "weather/calendar.csv", "2024-01-01"),
        ("shares_not_one", "weather/basins.csv", "lei"),
        ("missing_series", "weather/shapes.csv", "industry"),
    }


def epw(rows: list[list[str]]) -> str:
    head = ["LOCATION,Somewhere,-,CHN,SRC,0,28.1,112.8,8.0,120.0"] + [f"LINE {n}" for n in range(2, 9)]
    return "\n".join(head + [",".join(r) for r in rows]) + "\n"


def epw_row(hour: int) -> list[str]:
    row = ["0"] * 35
    row[0:5] = ["2007", "1", "1", str(hour % 24 + 1), "0"]
    row[6], row[8], row[9], row[13], row[14], row[15], row[21] = "20.5", "60", "101325", "300", "200", "150", "4.0"
    return row


def test_an_epw_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "a.epw"
    file.write_text(epw([epw_row(h) for h in range(8760)]), encoding="utf-8")
    station = weather.read_epw(file)
    assert (station.place, station.latitude, station.timezone, station.altitude) == ("Somewhere", 28.1, 8.0, 120.0)
    assert station.air.shape == (8760,) and station.air[0] == 20.5 and station.wind[-1] == 4.0
    flat = WindFarm(cut_in=3, rated=12, cut_out=25, hub=10, spread=0.0, losses=0.0)
    assert station.wind_power(flat, 0.2)[0] == pytest.approx((4**3 - 27) / (12**3 - 27))


def test_sun_of_an_epw_station_is_bounded_and_dark_at_night(tmp_path: Path, year: weather.WeatherYear) -> None:
    pytest.importorskip("pvlib")
    file = tmp_path / "a.epw"
    rows = [epw_row(h) for h in range(8760)]
    for hour, row in enumerate(rows):
        if not 7 <= hour % 24 < 17:
            row[13] = row[14] = row[15] = "0"
    file.write_text(epw(rows), encoding="utf-8")
    output = weather.read_epw(file).pv(year.plant).reshape(365, 24)
    assert np.all(output[:, :5] == 0) and np.all(output[:, 12] > 0.2) and output.max() <= 1


def test_all_faults_of_an_epw_file_are_told_at_once(tmp_path: Path) -> None:
    rows = [epw_row(h) for h in range(8784)]
    rows[10][6], rows[20][13], rows[30][21] = "99.9", "-5", "fast"
    file = tmp_path / "bad.epw"
    file.write_text(epw(rows), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        weather.read_epw(file)
    assert {(p.code, p.row, p.field) for p in caught.value.problems} == {
        ("not_a_year_of_hours", None, ""),
        ("epw_missing", 19, "air"),
        ("epw_outside", 29, "global_horizontal"),
        ("epw_missing", 39, "wind"),
    }


def test_another_file_is_not_taken_for_epw(tmp_path: Path) -> None:
    file = tmp_path / "table.csv"
    file.write_text("hour,pv\n0,0\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        weather.read_epw(file)
    assert caught.value.problems[0].code == "not_epw"
    with pytest.raises(DataError):
        weather.read_epw(tmp_path / "absent.epw")
