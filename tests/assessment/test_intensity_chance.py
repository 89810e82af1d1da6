"""What the reference run says about targets."""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tanlu.assessment import IntensityYear
from tanlu.assessment.intensity_chance import intensity_chance
from tanlu.core.provenance import Grade


@dataclass
class Reference:
    """Stands for a scenario: only the change of the next year and the name are asked for."""

    intensity_step: NDArray[np.float64]
    name: str = "current-mid"


def physical(cumulative: float, low: float, high: float) -> IntensityYear:
    return IntensityYear(2024, "physical", None, cumulative, -11.4, "at_risk", "x", low, high, Grade.D)


def chance(reference: Reference, row: IntensityYear, required: float = -14.0, deadline: int = 2025):  # type: ignore[no-untyped-def]
    return intensity_chance(reference, [row], 2024, deadline, required, 7)  # type: ignore[arg-type]


def test_a_known_change_and_a_known_step_leave_no_doubt() -> None:
    """By hand: 0.90 · 0.95 = 0.855, a fall of 14.5 %."""
    found = chance(Reference(np.full(100, 0.95)), physical(-10.0, -10.0, -10.0))
    assert found.value == pytest.approx(-14.5)
    assert found.probability == 1.0
    assert chance(Reference(np.full(100, 0.96)), physical(-10.0, -10.0, -10.0)).probability == 0.0


def test_half_of_the_draws_pass_where_the_middle_is_what_is_required() -> None:
    """An interval symmetric in logarithms around exactly what is required: p = 0.5, standard error √(0.25/n)."""
    middle = 100 * (0.86 / 0.95 - 1)
    low, high = (100 * (0.86 / 0.95 * np.exp(s) - 1) for s in (-0.05, 0.05))
    found = chance(Reference(np.full(40_000, 0.95)), physical(middle, low, high))
    assert found.probability == pytest.approx(0.5, abs=0.0125)
    assert found.stderr == pytest.approx(0.0025, rel=0.01)


def test_only_a_deadline_of_the_next_year_is_judged() -> None:
    assert chance(Reference(np.full(10, 0.95)), physical(-10, -11, -9), deadline=2030) is None


def test_targets_with_a_forecast_carry_a_chance_with_its_error(run_folder: Path) -> None:
    with (run_folder / "scoreboard.csv").open(encoding="utf-8", newline="") as file:
        scores = [row for row in csv.DictReader(file) if row["probability"]]
    chances = {row["target"]: (float(row["probability"]), float(row["stderr"])) for row in scores}
    assert chances
    assert all(0 <= p <= 1 and (e > 0 or p in (0.0, 1.0)) for p, e in chances.values())
    figures = json.loads((run_folder / "summary.json").read_text(encoding="utf-8"))["figures"]
    peak = figures["peaks"]["reference"]["probability"]
    assert any(p == pytest.approx(peak, abs=1e-6) for p, _ in chances.values())
