"""Intervals of many results at once are those of one result after another."""

from __future__ import annotations

import numpy as np
import pytest

from tanlu.accounts.rulebook.intervals import intervals
from tanlu.core.inventory import interval


@pytest.mark.parametrize("signed", [False, True])
def test_intervals_are_to_the_last_bit_those_of_single_results(signed: bool) -> None:
    draw = np.random.default_rng(3)
    values = draw.normal(0, 1e4, 400)
    errors = np.where(draw.random(400) < 0.2, 0.0, draw.uniform(0, 0.6, 400))
    low, high = intervals(values, errors, signed)
    expected = [interval(v, e, signed) for v, e in zip(values.tolist(), errors.tolist(), strict=True)]
    assert list(zip(low, high, strict=True)) == expected
