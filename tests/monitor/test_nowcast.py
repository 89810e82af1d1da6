"""Near-real-time account: the base year adds up, meters count as measured, bands follow their causes, revisions are kept."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitor.ledger_fixture import new_ledger

from tanlu.core.errors import DataError
from tanlu.core.province import load_province, province_folder
from tanlu.monitor.nowcast.account import (
    Z95,
    Estimate,
    Inventory,
    Metered,
    chance_above,
    nowcast,
    shared_variance,
)
from tanlu.monitor.nowcast.proxies import (
    Proxy,
    ProxyData,
    Statistic,
    index_of,
    month_days,
    monthly_means,
    months_before,
    read_proxies,
    read_statistics,
)
from tanlu.monitor.nowcast.vintages import (
    add_statistics,
    kept_statistics,
    publication_desk,
    publish,
    revision_error,
    triangle,
)

LATER = datetime.date(2030, 1, 1)
YEAR = [datetime.date(2023, 1, 1) + datetime.timedelta(days=n) for n in range(365)]


def statistic(month: str, value: float, months: int = 1, published: str = "", variable: str = "Output") -> Statistic:
    day = published or f"{months_before(month, -1)}-18"
    return Statistic(variable, month, months, value, "t", datetime.date.fromisoformat(day), "s")


def proxy(sector: str = "steel", kind: str = "series", elasticity: float = 1.0, weather: float = 0.0) -> Proxy:
    return Proxy(sector, kind, "Output", elasticity, weather, 0.05, 0.18, "s", "D", "", "")


def year_of(values: list[float], year: int = 2023) -> list[Statistic]:
    return [statistic(f"{year}-{m:02d}", v * month_days(f"{year}-{m:02d}")) for m, v in enumerate(values, 1)]


RISING = [float(n) for n in range(10, 22)]
DATA = ProxyData({"steel": proxy()}, tuple(year_of(RISING)), {m: 5.0 + 2 * m for m in range(1, 13)})
INVENTORY = Inventory(2023, {"steel": 36_500.0, "transport": 7_300.0}, {"steel": 0.10, "transport": 0.20}, 0.10)


def test_the_days_of_the_base_year_add_up_to_the_inventory() -> None:
    made = nowcast(INVENTORY, DATA, {}, YEAR, LATER)
    assert made.total(YEAR[0], YEAR[-1]).value == pytest.approx(43_800.0, rel=1e-12)
    assert made.sector("steel", YEAR[0], YEAR[-1]).value == pytest.approx(36_500.0, rel=1e-12)


@settings(max_examples=15, deadline=None)
@given(
    values=st.lists(st.floats(1.0, 100.0), min_size=12, max_size=12),
    elasticity=st.floats(0.2, 1.5),
    share=st.floats(0.05, 0.9),
)
def test_metered_plants_do_not_change_the_sum_of_the_base_year_when_their_own_is_known(
    values: list[float], elasticity: float, share: float
) -> None:
    """Whatever the proxy: ΣM + (I − B)/D Σp = I if ΣM = B."""
    data = ProxyData({"steel": proxy(elasticity=elasticity)}, tuple(year_of(values)), {})
    base = share * 36_500.0
    measured = np.linspace(0.5, 1.5, 365)
    meters = Metered(measured * base / measured.sum(), np.zeros(365), base)
    made = nowcast(INVENTORY, data, {"steel": meters}, YEAR, LATER)
    assert made.sector("steel", YEAR[0], YEAR[-1]).value == pytest.approx(36_500.0, rel=1e-9)


def test_a_day_is_what_meters_measured_and_the_rest_by_the_proxy() -> None:
    """Steel 100 kt a day, 60 of it metered; in December the proxy is 21/15.46 of its mean; meters show 70: 70 + 40 × 1.358."""
    days = [datetime.date(2023, 12, 5)]
    meters = Metered(np.array([70.0]), np.zeros(1), 0.6 * 36_500)
    made = nowcast(INVENTORY, DATA, {"steel": meters}, days, LATER)
    mean = sum(v * month_days(f"2023-{m:02d}") for m, v in enumerate(RISING, 1)) / 365
    found = made.sector("steel", days[0], days[0])
    assert found.value == pytest.approx(70 + 40 * 21 / mean, rel=1e-9)
    assert found.metered == 70.0


def test_silent_meters_are_not_plants_that_stand() -> None:
    days = [datetime.date(2023, 6, 1), datetime.date(2023, 6, 2)]
    meters = Metered(np.array([60.0, np.nan]), np.zeros(2), 0.6 * 36_500)
    made = nowcast(INVENTORY, DATA, {"steel": meters}, days, LATER)
    whole = nowcast(INVENTORY, DATA, {}, days, LATER)
    assert made.sector("steel", days[1], days[1]).value == pytest.approx(whole.sector("steel", days[1], days[1]).value)


def test_meters_above_the_inventory_leave_nothing_for_the_rest_and_say_so() -> None:
    days = [datetime.date(2023, 6, 1)]
    made = nowcast(INVENTORY, DATA, {"steel": Metered(np.array([130.0]), np.zeros(1), 40_000.0)}, days, LATER)
    assert made.sectors[0].exceeds and made.sector("steel", days[0], days[0]).value == 130.0
    assert made.as_record(days[0], days[0])["sectors"]["steel"]["exceeds_inventory"] is True


def test_the_band_of_the_whole_year_is_that_of_the_inventory_and_the_months() -> None:
    """Transport is constant with unknown proxy: σ = √((0.2 · 7300)² + Σ over months (0.2 · 20 · days)² + 365 · 20² (0.4² − 0.2²)) kt."""
    made = nowcast(INVENTORY, DATA, {}, YEAR, LATER).sector("transport", YEAR[0], YEAR[-1])
    months = sum((0.2 * 20 * month_days(f"2023-{m:02d}")) ** 2 for m in range(1, 13))
    error = np.sqrt((0.2 * 7300) ** 2 + months + 365 * 400 * (0.16 - 0.04))
    assert (made.high - made.value) / Z95 == pytest.approx(error, rel=1e-6)


def test_what_is_not_known_of_the_base_year_of_meters_widens_the_band() -> None:
    """B = 21,900 ± 5 % leaves the rest uncertain by 1,095 kt a year: on a day with p = 1, 3 kt, besides the other causes."""
    days = [YEAR[180]]
    data = ProxyData({}, (), {})
    bands = []
    for error in (0.0, 0.05):
        meters = Metered(np.array([60.0]), np.zeros(1), 21_900.0, error)
        found = nowcast(INVENTORY, data, {"steel": meters}, days, LATER).sector("steel", days[0], days[0])
        bands.append((found.high - found.value) / Z95)
    assert np.sqrt(bands[1] ** 2 - bands[0] ** 2) == pytest.approx(3.0)


def test_a_day_is_less_certain_than_a_month() -> None:
    made = nowcast(INVENTORY, DATA, {}, YEAR, LATER)
    day, month = (made.total(datetime.date(2023, 7, 1), datetime.date(2023, 7, n)) for n in (1, 31))
    assert (day.high - day.low) / day.value > (month.high - month.low) / month.value


def test_months_that_are_not_published_are_less_certain() -> None:
    days = [datetime.date(2023, 12, 5)]
    known, early = (
        nowcast(INVENTORY, DATA, {}, days, d).sector("steel", days[0], days[0])
        for d in (LATER, datetime.date(2023, 11, 20))
    )
    assert (early.high - early.low) / early.value > (known.high - known.low) / known.value


def test_the_variance_of_a_sum_of_sectors_meets_the_total_of_the_inventory() -> None:
    """σ = 3650 and 1460: independent 3931 kt, together 5110 kt; a total error of 10 % is 4380 kt."""
    sds = np.array([3650.0, 1460.0])
    assert np.sqrt(shared_variance(sds, INVENTORY)) == pytest.approx(4380.0)
    split = Inventory(2023, INVENTORY.values, INVENTORY.errors, 0.05)
    assert np.sqrt(shared_variance(sds, split)) == pytest.approx(2190.0)
    loose = Inventory(2023, INVENTORY.values, INVENTORY.errors, 0.5)
    assert np.sqrt(shared_variance(sds, loose)) == pytest.approx(5110.0)


def test_history_of_revisions_widens_the_band() -> None:
    day = datetime.date(2023, 7, 1)
    made = nowcast(INVENTORY, DATA, {}, [day], LATER, revision_error=0.5).total(day, day)
    assert made.high - made.value == pytest.approx(Z95 * 0.5 * made.value)


def test_a_figure_of_two_months_gives_both_the_same_daily_mean() -> None:
    """59 days of January and February with 590 t: 10 t a day."""
    means = monthly_means([statistic("2023-02", 590.0, months=2)], "Output", LATER)
    assert means == {"2023-01": 10.0, "2023-02": 10.0}


def test_only_what_had_been_published_is_used_and_the_last_publication_counts() -> None:
    figures = [statistic("2023-05", 310.0), statistic("2023-05", 341.0, published="2023-09-01")]
    assert monthly_means(figures, "Output", datetime.date(2023, 6, 17)) == {}
    assert monthly_means(figures, "Output", datetime.date(2023, 7, 1)) == {"2023-05": 10.0}
    assert monthly_means(figures, "Output", LATER) == {"2023-05": 11.0}


def test_a_month_to_come_is_that_of_the_year_before_times_recent_growth() -> None:
    """2024 runs at 1.2 times 2023 until March; April 2024 is then 1.2 × 13, three months of 2023's mean base."""
    figures = (*year_of(RISING), *year_of([1.2 * v for v in RISING[:3]], 2024))
    data = ProxyData({"steel": proxy()}, figures, {})
    found = index_of(data, "steel", [datetime.date(2024, 4, 10)], 2023, LATER)
    mean = sum(v * month_days(f"2023-{m:02d}") for m, v in enumerate(RISING, 1)) / 365
    assert found.values[0] == pytest.approx(1.2 * 13 / mean) and found.extrapolated[0] == 1


def test_without_any_statistics_the_account_refuses() -> None:
    with pytest.raises(DataError, match="2023"):
        index_of(DATA, "steel", YEAR[:1], 2023, datetime.date(2020, 1, 1))


def test_degree_days_move_only_their_share() -> None:
    """Bases of 18 °C and months of 7, 9, … 17, 19 °C: HDD 11, 9, 7, 5, 3, 1, then 0; half of the year follows them."""
    data = ProxyData({"steel": proxy(kind="degree_days", weather=0.5)}, (), {m: 5.0 + 2 * m for m in range(1, 13)})
    cold = {m: max(18 - (5 + 2 * m), 0) for m in range(1, 13)}
    mean = sum(cold[m] * month_days(f"2023-{m:02d}") for m in cold) / 365
    found = index_of(data, "steel", [datetime.date(2023, 1, 9), datetime.date(2023, 8, 9)], 2023, LATER)
    assert found.values == pytest.approx([0.5 + 0.5 * 11 / mean, 0.5])


def test_chances_are_those_of_a_normal_error() -> None:
    estimate = Estimate(100.0, 100 - Z95 * 10, 100 + Z95 * 10, 0.0)
    assert chance_above(estimate, 100.0) == pytest.approx(0.5)
    assert chance_above(estimate, 110.0) == pytest.approx(0.158655, abs=1e-5)
    assert chance_above(Estimate(5.0, 5.0, 5.0, 5.0), 4.0) == 1.0


def test_the_tables_of_the_province_are_sound_and_add_up_to_its_yearly_statistics() -> None:
    """Monthly figures of a year against the yearly fact of the same variable, read separately, within 0.1 %."""
    province = load_province(province_folder("hunan"))
    data = read_proxies(province)
    for variable in {p.variable for p in data.proxies.values() if p.kind == "series"}:
        unit = next(s.unit for s in data.statistics if s.variable == variable)
        yearly = province.series(variable, unit)
        for year in range(2021, 2025):
            monthly = sum(s.value for s in data.statistics if s.variable == variable and s.month.startswith(str(year)))
            assert monthly == pytest.approx(yearly[year].value, rel=1e-3), (variable, year)


def test_every_problem_of_a_file_of_statistics_is_told(tmp_path: Path) -> None:
    path = tmp_path / "new.csv"
    path.write_text(
        "variable,month,months,value,unit,published,source,grade,note_zh,note_en\n"
        "Output,2024-13,1,5,t,2024-02-01,s,B,,\nOutput,2024-03,1,x,t,2024-04-01,s,B,,\nOutput,2024-04,1,5,t,soon,s,B,,\n"
    )
    with pytest.raises(DataError) as caught:
        read_statistics(path)
    assert sorted((p.row, p.code) for p in caught.value.problems) == [
        (2, "nowcast_date"),
        (3, "not_a_number"),
        (4, "nowcast_date"),
    ]


def test_publications_are_kept_and_make_a_triangle(tmp_path: Path) -> None:
    """July is said to be 100, later 110; August only once. What was said stands until it is revised."""

    def account(value: float) -> dict[str, object]:
        return {"total": {"value": value}, "sectors": {"steel": {"value": value / 2}}}

    day = 86_400_000_000
    with new_ledger(tmp_path / "ledger") as ledger:
        base = ledger.catalog
        assert publish(base, "land", "2024-07", account(100.0), at=20_000 * day)
        assert publish(base, "land", "2024-07", account(100.0), at=20_001 * day) is None
        assert publish(base, "land", "2024-08", account(90.0), at=20_002 * day)
        assert publish(base, "land", "2024-07", account(110.0), at=20_003 * day)
        found = triangle(publication_desk(base).items(), "land")
        steel = triangle(publication_desk(base).items(), "land", "steel")
    assert found.periods == ("2024-07", "2024-08")
    assert found.vintages == ("2024-10-04", "2024-10-06", "2024-10-07")
    assert np.array_equal(found.values, [[100, 100, 110], [np.nan, 90, 90]], equal_nan=True)
    assert np.array_equal(steel.values, found.values / 2, equal_nan=True)
    assert revision_error(found) == 0.0


def test_the_revision_error_is_the_root_mean_square_of_eight_revisions() -> None:
    from tanlu.monitor.nowcast.vintages import Triangle

    values = np.array([[100.0, 100.0 * np.exp(0.03 * (-1) ** n)] for n in range(8)])
    periods = tuple(f"2024-{m:02d}" for m in range(1, 9))
    assert revision_error(Triangle(periods, ("a", "b"), values)) == pytest.approx(0.03)


def test_statistics_that_arrive_are_kept_once(tmp_path: Path) -> None:
    with new_ledger(tmp_path / "ledger") as ledger:
        assert len(add_statistics(ledger.catalog, [statistic("2024-05", 3.0)])) == 1
        assert add_statistics(ledger.catalog, [statistic("2024-05", 3.0)]) == []
        assert kept_statistics(ledger.catalog) == [statistic("2024-05", 3.0)]
