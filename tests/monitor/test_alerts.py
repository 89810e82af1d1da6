"""Alerts on thresholds and targets, and the energy of buildings: hand calculations and second implementations."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitor.ledger_fixture import DAY_START, new_ledger, plant

from tanlu.core.errors import DataError
from tanlu.core.messages import LANGUAGES
from tanlu.monitor.alerts import (
    Alert,
    TargetWatch,
    alert_desk,
    alert_text,
    period_of,
    raise_alerts,
    read_alert_rules,
    spells_above,
    watch_targets,
)
from tanlu.monitor.baseline import avoided_use, fit_baseline, fit_output, intensity, load_curve, percentile_among
from tanlu.monitor.nowcast.account import Inventory, nowcast
from tanlu.monitor.nowcast.proxies import ProxyData

RULES = """
thresholds:
  - {id: a, zh: 甲, en: A, where: plant1, quantity: electricity, period: day, above: 100, severity: high}
targets:
  - {id: t, zh: 乙, en: B, target: TG01, year: 2023, limit: 400, chance: 0.3, severity: medium}
"""


def test_rules_are_read(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(RULES)
    rules = read_alert_rules(path, ["plant1"], ["TG01"])
    assert rules.thresholds[0].above == 100.0 and rules.targets[0].target == "TG01"


def test_every_problem_of_a_file_of_rules_is_told(tmp_path: Path) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(
        "thresholds:\n"
        "  - {id: a, zh: 甲, en: A, where: nowhere, quantity: gold, period: week, above: much, severity: high}\n"
        "  - {id: a, zh: 甲, en: A, where: plant1, quantity: co2, period: day, severity: high, colour: red}\n"
        "targets:\n  - {id: t, zh: 乙, en: B, target: TG99, year: 2023, limit: -4, chance: 1.3, severity: x}\nmore: 1\n"
    )
    with pytest.raises(DataError) as caught:
        read_alert_rules(path, ["plant1"], ["TG01"])
    codes = sorted((p.code, p.field) for p in caught.value.problems)
    assert codes == sorted(
        [
            ("unknown_key", "more"), ("unknown_choice", "where"), ("unknown_choice", "quantity"), ("unknown_choice", "period"),
            ("not_a_number", "above"), ("missing_key", "above"), ("unknown_key", "colour"), ("alert_twice", "id"),
            ("unknown_choice", "target"), ("alert_range", "limit"), ("alert_range", "chance"), ("unknown_choice", "severity"),
        ]
    )  # fmt: skip


@pytest.mark.parametrize("text", ["[1, 2]", "{thresholds: 3}", "a: [", "thresholds: [5]"])
def test_files_that_are_no_rules_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "alerts.yaml"
    path.write_text(text)
    with pytest.raises(DataError):
        read_alert_rules(path, [], [])


def test_hours_lie_in_the_day_and_month_of_civil_time() -> None:
    """The first second of 2024-07-01 civil is 16:00 UTC of the day before."""
    assert period_of(DAY_START, "hour") == "2024-07-01T00"
    assert period_of(DAY_START - 3600, "day") == "2024-06-30"
    assert period_of(DAY_START, "month") == "2024-07"


def test_spells_above_a_limit_are_one_alert() -> None:
    amounts = {"1": 5.0, "2": 7.0, "3": 6.0, "4": 1.0, "5": 9.0}
    assert spells_above(amounts, 5.5) == [("2", 7.0, 2), ("5", 9.0, 1)]
    assert spells_above({}, 1.0) == [] and spells_above(amounts, 9.0) == []


def test_a_target_is_in_danger_when_its_chance_is_high() -> None:
    """380 ± σ kt, σ² = (0.1 · 380)² of the inventory and the days' own; the chance of passing 400 lies between 0.2 and 0.35."""
    days = [datetime.date(2023, 1, 1) + datetime.timedelta(days=n) for n in range(365)]
    inventory = Inventory(2023, {"transport": 380.0}, {"transport": 0.10}, 0.10)
    made = nowcast(inventory, ProxyData({}, (), {}), {}, days, datetime.date(2024, 6, 1))
    low = TargetWatch("t", "乙", "B", "TG01", 2023, 400.0, 0.2, "high")
    (alert,) = watch_targets(made, [low])
    assert 0.2 < alert.seen < 0.40 and alert.period == "2023"
    assert watch_targets(made, [TargetWatch("t", "乙", "B", "TG01", 2023, 600.0, 0.2, "high")]) == []
    assert watch_targets(made, [TargetWatch("t", "乙", "B", "TG01", 2024, 1.0, 0.2, "high")]) == []


def test_alerts_are_raised_once_and_acknowledged_by_somebody(tmp_path: Path) -> None:
    alert = Alert("a", "甲", "A", "high", "plant1", "2024-07-01", 120.0, 100.0, "kWh")
    with new_ledger(tmp_path / "ledger") as ledger:
        assert raise_alerts(ledger.catalog, [alert]) == ["a:2024-07-01"]
        assert raise_alerts(ledger.catalog, [alert]) == []
        desk = alert_desk(ledger.catalog)
        item = desk.act("a:2024-07-01", "acknowledge", "Li", note="maintenance")
        assert desk.state(item) == "acknowledged" and item.events[0].person == "Li"
        with pytest.raises(DataError, match="acknowledge"):
            desk.act("a:2024-07-01", "acknowledge", "Li")
    for record in (alert.as_record(), Alert("t", "乙", "B", "high", "TG01", "2023", 0.4, 0.3, "1").as_record()):
        assert all(alert_text(record, language, {}) for language in LANGUAGES)
    assert [
        alert_text(alert.as_record(), language, {"plant1": plant()}).count(plant().name(language))
        for language in LANGUAGES
    ] == [1, 1]


def days(n: int = 365) -> np.ndarray:
    return 16 + 12 * np.sin(np.arange(n) / 365 * 2 * np.pi - 1.8)


def test_a_noiseless_building_is_found_again() -> None:
    """500 kWh a day, 30 per kelvin below 14 °C, 45 above 24 °C."""
    t = days()
    use = 500 + 30 * np.maximum(14 - t, 0) + 45 * np.maximum(t - 24, 0)
    model = fit_baseline(use, t)
    assert model.kind == "both"
    assert model.heating_point == pytest.approx(14, abs=0.8) and model.cooling_point == pytest.approx(24, abs=0.8)
    assert model.predict(t) == pytest.approx(use, rel=0.05) and model.is_fit()


@pytest.mark.parametrize(
    ("heating", "cooling", "kind"), [(0.0, 40.0, "cooling"), (40.0, 0.0, "heating"), (0.0, 0.0, "mean")]
)
def test_the_kind_of_building_is_told(heating: float, cooling: float, kind: str) -> None:
    t = days()
    noise = np.random.default_rng(3).normal(0, 15, 365)
    use = 500 + heating * np.maximum(15 - t, 0) + cooling * np.maximum(t - 23, 0) + noise
    assert fit_baseline(use, t).kind == kind


def test_the_cooling_model_equals_a_non_linear_fit() -> None:
    """A second implementation: straight lines by numpy over a fine grid of change points."""
    t = days()
    use = 500 + 40 * np.maximum(t - 23, 0) + np.random.default_rng(4).normal(0, 20, 365)
    model = fit_baseline(use, t)
    tried = []
    for point in np.arange(20.0, 26.0, 0.05):
        warm = np.maximum(t - point, 0)
        slope, base = np.polyfit(warm, use, 1)
        tried.append((((use - base - slope * warm) ** 2).sum(), base, slope, point))
    _, base, slope, point = min(tried)
    assert model.base == pytest.approx(base, rel=0.01) and model.cooling == pytest.approx(slope, rel=0.05)
    assert model.cooling_point == pytest.approx(point, abs=0.4)


def test_use_by_output_is_a_line_and_what_lies_below_it_is_saved() -> None:
    """50 + 2 a unit of output, by hand; with a tenth less use afterwards the savings are a tenth of the baseline."""
    output = np.arange(20.0, 50.0)
    model = fit_output(50 + 2 * output, output)
    assert (model.base, model.slope, model.n) == (pytest.approx(50), pytest.approx(2), 30)
    assert model.cv_rmse == pytest.approx(0, abs=1e-9) and model.is_fit()
    saved = avoided_use(model, 0.9 * (50 + 2 * output), output)
    assert saved.value == pytest.approx(0.1 * float((50 + 2 * output).sum()))
    with pytest.raises(ValueError, match="never changes"):
        fit_output(50 + output, np.ones(30))


def test_avoided_use_is_baseline_less_use_and_its_band_holds() -> None:
    """A tenth is saved in the second year: over repetitions the 90 % band holds the truth about as often as it says."""
    rng, t = np.random.default_rng(5), days()
    inside = 0
    truth = 0.1 * (500 + 40 * np.maximum(t - 23, 0)).sum()
    for _ in range(6):
        use, later = (s * (500 + 40 * np.maximum(t - 23, 0)) + rng.normal(0, 25, 365) for s in (1.0, 0.9))
        found = avoided_use(fit_baseline(use, t), later, t)
        inside += found.low <= truth <= found.high
    assert inside >= 4


def test_a_baseline_needs_twelve_periods() -> None:
    with pytest.raises(ValueError, match="12"):
        fit_baseline(np.ones(11), np.arange(11.0))


def test_the_load_curve_of_hand_made_days() -> None:
    """Two workdays of 1 and 3 at noon, a rest day of 0.5."""
    hours = np.ones(72)
    hours[12], hours[36], hours[48:] = 1.0, 3.0, 0.5
    curve = load_curve(hours, np.array([False, False, True]))
    assert curve.workday[12] == 2.0 and curve.workday[0] == 1.0 and (curve.rest_day == 0.5).all()
    assert curve.base == 0.5 and curve.factor == pytest.approx(hours.mean() / curve.peak)
    with pytest.raises(ValueError):
        load_curve(np.full(24, np.nan), np.array([False]))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(1, 1e3), min_size=5, max_size=30), st.floats(1, 1e3))
def test_places_among_peers_are_mirrored(peers: list[float], own: float) -> None:
    """Turning all signs turns the place around: p + p' = 100."""
    values = np.array(peers)
    place, mirrored = percentile_among(own, values), percentile_among(-own, -values)
    assert place is not None and mirrored is not None and place + mirrored == pytest.approx(100)


def test_few_peers_are_not_told_and_nothing_is_divided_by_nothing() -> None:
    assert percentile_among(3.0, np.array([1.0, 2.0, 4.0, np.nan, 5.0])) is None
    assert percentile_among(3.0, np.array([1.0, 2.0, 3.0, 4.0, 5.0])) == 50.0
    assert intensity(300.0, 3.0) == 100.0
    with pytest.raises(ValueError):
        intensity(300.0, 0.0)
