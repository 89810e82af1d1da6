"""Every method takes a leading axis of draws: all at once gives what one draw after another gives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tanlu.accounts.rulebook.method import Input, Method, methods

DRAWS, RECORDS, PERIODS = 3, 2, 4


def middle(wanted: Input) -> float:
    """A plausible value of an input."""
    low = wanted.low if wanted.low is not None else 0.5
    high = wanted.high if wanted.high is not None and math.isfinite(wanted.high) else low + 1
    return low + 0.6 * (high - low)


def values_of(method: Method, word_of: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return words by choice, and numbers by input with axes of draws and records (and periods)."""
    noise = np.random.default_rng(7)
    words: dict[str, Any] = {}
    numbers: dict[str, Any] = {}
    for wanted in method.inputs:
        if wanted.name not in method.arguments:
            continue
        if wanted.kind == "choice":
            chosen = np.array([wanted.options[word_of % len(wanted.options)]] * RECORDS)
            words[wanted.name] = chosen[:, None] if method.is_series else chosen
        else:
            shape: tuple[int, ...] = (DRAWS, RECORDS)
            if method.is_series:
                shape = (DRAWS, RECORDS, PERIODS if wanted.series else 1)
            numbers[wanted.name] = middle(wanted) * noise.uniform(0.95, 1.0, shape)
    return words, numbers


@pytest.mark.parametrize("name", methods())
def test_all_draws_at_once_and_one_by_one_agree(name: str) -> None:
    method = methods()[name]
    options = max(
        (len(i.options) for i in method.inputs if i.kind == "choice" and i.name in method.arguments), default=1
    )
    for word in range(options):
        words, numbers = values_of(method, word)
        with np.errstate(all="ignore"):
            together = method.evaluate({**words, **numbers})
            for draw in range(DRAWS):
                alone = method.evaluate({**words, **{k: v[draw] for k, v in numbers.items()}})
                for whole, single in zip(together, alone, strict=True):
                    width = (RECORDS, PERIODS) if method.is_series else (RECORDS,)
                    got = np.broadcast_to(np.asarray(whole, dtype=float), (DRAWS, *width))[draw]
                    assert got == pytest.approx(
                        np.broadcast_to(np.asarray(single, dtype=float), width), rel=1e-12, nan_ok=True
                    )
