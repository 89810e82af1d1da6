"""STIRPAT: known elasticities are found again, and the penalty is that of a direct computation."""

from __future__ import annotations

import numpy as np
import pytest

from tanlu.pathways import stirpat
from tanlu.pathways.analysis.stirpat import PENALTIES

YEARS = 20
RNG = np.random.default_rng(4)
REGRESSORS = {
    "population": np.exp(0.01 * np.arange(YEARS) + 0.02 * RNG.standard_normal(YEARS)),
    "affluence": np.exp(0.08 * np.arange(YEARS) + 0.05 * RNG.standard_normal(YEARS)),
    "technology": np.exp(-0.03 * np.arange(YEARS) + 0.05 * RNG.standard_normal(YEARS)),
}
TRUE = np.array([1.2, 0.6, 0.9])
EXACT = 3.0 * np.prod([x**b for x, b in zip(REGRESSORS.values(), TRUE, strict=True)], axis=0)


def test_an_exact_law_is_found_without_a_penalty() -> None:
    found = stirpat(EXACT, REGRESSORS)
    assert found.elasticities == pytest.approx(TRUE, abs=1e-9) and found.penalty == 0.0
    assert np.exp(found.constant) == pytest.approx(3.0, abs=1e-9)
    assert found.explained == pytest.approx(1.0, abs=1e-12) and found.names == tuple(REGRESSORS)


def test_without_penalty_it_is_least_squares(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tanlu.pathways.analysis.stirpat.PENALTIES", np.array([0.0]))
    noisy = EXACT * np.exp(0.05 * np.random.default_rng(6).standard_normal(YEARS))
    matrix = np.column_stack([np.ones(YEARS), *(np.log(x) for x in REGRESSORS.values())])
    expected = np.linalg.lstsq(matrix, np.log(noisy), rcond=None)[0]
    found = stirpat(noisy, REGRESSORS)
    assert [found.constant, *found.elasticities] == pytest.approx(expected.tolist(), abs=1e-9)


def test_penalty_is_the_least_error_of_generalised_cross_validation() -> None:
    """A second way: hat matrices with the mean as a column of its own."""
    noisy = EXACT * np.exp(0.3 * np.random.default_rng(7).standard_normal(YEARS))
    x = np.log(np.column_stack(list(REGRESSORS.values())))
    z, y = (x - x.mean(axis=0)) / x.std(axis=0), np.log(noisy)
    scores = []
    for penalty in PENALTIES:
        hat = z @ np.linalg.inv(z.T @ z + YEARS * penalty * np.eye(3)) @ z.T + np.full((YEARS, YEARS), 1 / YEARS)
        rest = y - hat @ y
        scores.append(YEARS * rest @ rest / (YEARS - np.trace(hat)) ** 2)
    found = stirpat(noisy, REGRESSORS)
    assert found.penalty == pytest.approx(PENALTIES[int(np.argmin(scores))])
    assert (found.low <= found.elasticities).all() and (found.elasticities <= found.high).all()


def test_regressors_that_grow_alike_are_told() -> None:
    alike = {"a": REGRESSORS["affluence"], "b": REGRESSORS["affluence"] ** 1.001}
    assert stirpat(EXACT, alike).condition > 1000 > stirpat(EXACT, REGRESSORS).condition


@pytest.mark.parametrize(
    ("impact", "regressors", "words"),
    [
        ([1.0, -1.0, 2.0], {"a": [1.0, 2.0, 3.0]}, "above zero"),
        ([1.0, 2.0], {"a": [1.0, 2.0]}, "years"),
        ([1.0, 2.0, 3.0], {"a": [2.0, 2.0, 2.0]}, "vary"),
    ],
)
def test_bad_series_are_refused(impact: list[float], regressors: dict[str, list[float]], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        stirpat(impact, regressors)
