"""Statutory results in exact decimals: the same function of a method, evaluated in fractions and rounded as the rule says."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.rulebook.method import Method, Rounding
from tanlu.accounts.rulebook.rounding import round_half_even, round_half_up

HALVES: Final = {"up": round_half_up, "even": round_half_even}


def exact_outputs(method: Method, values: Mapping[str, NDArray[Any]], rounding: Rounding) -> list[NDArray[np.float64]]:
    """Return the outputs of a method that rounds.

    Parameters
    ----------
    method : Method
    values : mapping
        Object arrays of `fractions.Fraction` by input, and arrays of words.
    rounding : Rounding
        Of inputs before, of results after the formula.
    """
    rounded = dict(values)
    for name, places in rounding.inputs.items():
        rounded[name] = _each(values[name], places, rounding.half)
    outputs = [np.asarray(o, dtype=object) for o in _evaluated(method, rounded)]
    if rounding.result is not None:
        outputs = [_each(o, rounding.result, rounding.half) for o in outputs]
    return [o.astype(float) for o in outputs]


def _evaluated(method: Method, values: Mapping[str, NDArray[Any]]) -> list[Any]:
    """Return the outputs of a method; fractions have no infinity, so a record that divides by zero is NaN."""
    try:
        return list(method.evaluate(values))
    except ZeroDivisionError:
        count = max(len(v) for v in values.values())
        if count == 1:
            return [np.full(1, np.nan, dtype=object)] * len(method.outputs)
        alone = [_evaluated(method, {k: v[n : n + 1] for k, v in values.items()}) for n in range(count)]
        return [np.concatenate([np.asarray(o, dtype=object) for o in each]) for each in zip(*alone, strict=True)]


def _each(values: NDArray[Any], places: int, half: str) -> NDArray[Any]:
    rounded = np.empty(values.size, dtype=object)
    # NaN is the only value that differs from itself
    rounded[:] = [Fraction(HALVES[half](v, places)) if v == v else v for v in values.ravel()]
    return rounded.reshape(values.shape)
