"""Index decomposition by the logarithmic mean Divisia index, LMDI-I and LMDI-II, with zeros and changes of sign."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Literal, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Method = Literal["lmdi1", "lmdi2"]
Form = Literal["additive", "multiplicative"]
METHODS: tuple[Method, ...] = get_args(Method)
LEAST_WEIGHT = 1e-3
"""Sum of the weights of LMDI-II, which is near one where sub-categories last; below this its indices mean nothing."""


def logarithmic_mean(a: ArrayLike, b: ArrayLike) -> Floats:
    """Return the logarithmic mean of two numbers, elementwise.

    Parameters
    ----------
    a, b : array_like
        Of one sign where a mean exists; any unit.

    Returns
    -------
    ndarray
        (a − b)/(ln a − ln b), a where both are equal, 0 where one is zero or the signs differ.

    Notes
    -----
    As defined in Ang 2004, Energy Policy 32:1131. The limit for b → a is a, which a program that returns 0 there loses: effects that offset
    each other would vanish. For two negative numbers the mean is that of their amounts, negative (Ang & Liu 2007, Energy Policy 35:739).
    """
    a, b = np.broadcast_arrays(np.asarray(a, float), np.asarray(b, float))
    out = np.zeros(a.shape)
    same = np.sign(a) * np.sign(b) > 0
    small, large = np.where(np.abs(a) < np.abs(b), a, b), np.where(np.abs(a) < np.abs(b), b, a)
    # log1p of a number above zero keeps all digits where a and b are close and where they are far apart
    logarithm = np.log1p(np.divide(large - small, small, out=np.zeros(a.shape), where=same))
    out[same] = small[same]
    np.divide(large - small, logarithm, out=out, where=same & (logarithm != 0.0))
    return out


def lmdi(
    start: ArrayLike | Mapping[str, ArrayLike],
    end: ArrayLike | Mapping[str, ArrayLike],
    *,
    method: Method = "lmdi1",
    form: Form = "additive",
) -> Floats:
    """Decompose the change of a sum of products into the effects of its factors.

    The aggregate is V = Σ_i Π_k x_k,i over sub-categories i and factors k.

    Parameters
    ----------
    start, end : [K, ...] or mapping of arrays
        Factors of the first and the last year; all axes but the first are sub-categories. The arrays of a mapping are broadcast
        against each other, so that a factor that all sub-categories share may be a single number. Any units.
    method : {"lmdi1", "lmdi2"}
        LMDI-I is consistent in aggregation: effects of sub-categories add up. LMDI-II has weights that add up to one, so that a factor
        which grows alike everywhere has exactly its own ratio as its index.
    form : {"additive", "multiplicative"}

    Returns
    -------
    [K]
        Effects in the unit of V that add up to its change, or indices whose product is the ratio of V.

    Raises
    ------
    ValueError
        If shapes or names differ, a number is not finite, the method or form is unknown, an aggregate of zero or a change of its sign
        leaves a multiplicative or an LMDI-II decomposition without meaning, or for LMDI-II hardly any sub-category is there in both years.

    Notes
    -----
    Ang 2005, Energy Policy 33:867, eqs. 4 and 5 (LMDI-I); Ang & Choi 1997, Energy Journal 18(3):59 (LMDI-II); all models beside each
    other in Ang 2015, Energy Policy 86:233. The additive effect is L(V_T, V_0)·ln D of the index D of the same method.

    Zeros take their analytical limits, not a small number (Ang, Zhang & Choi 1998, Energy 23:489, table 2; Ang & Liu 2007, Energy Policy
    35:238): where a sub-category appears or vanishes, its whole change belongs to the factor that leaves or reaches zero. Several such
    factors share it equally, the limit when they approach zero alike. A factor that changes its sign passes through zero and is treated
    in the same way (Ang & Liu 2007, Energy Policy 35:739).
    """
    x0, x1 = _factors(start), _factors(end)
    _check(start, end, x0, x1, method, form)
    v0, v1 = x0.prod(axis=0), x1.prod(axis=0)
    total0, total1 = float(v0.sum()), float(v1.sum())
    if form == "additive" and method == "lmdi1":
        effects: Floats = _terms(x0, x1, v0, v1).sum(axis=1)
        return effects
    if total0 * total1 <= 0:
        raise ValueError(f"{method}, {form}: the aggregate goes from {total0:g} to {total1:g}; use additive LMDI-I")
    if method == "lmdi1":
        logarithms = _terms(x0, x1, v0, v1).sum(axis=1) / logarithmic_mean(total1, total0)
    else:
        shares0, shares1 = v0 / total0, v1 / total1
        weight = float(logarithmic_mean(shares1, shares0).sum())
        if abs(weight) < LEAST_WEIGHT:
            raise ValueError(
                "hardly any sub-category is there in both years, so that LMDI-II has no weights; use LMDI-I"
            )
        logarithms = _terms(x0, x1, shares0, shares1).sum(axis=1) / weight
    out: Floats = np.exp(logarithms) if form == "multiplicative" else logarithmic_mean(total1, total0) * logarithms
    return out


def lmdi_by_category(start: ArrayLike | Mapping[str, ArrayLike], end: ArrayLike | Mapping[str, ArrayLike]) -> Floats:
    """Return the additive LMDI-I effect of every factor in every sub-category, [K, ...] in the unit of the aggregate.

    LMDI-I is consistent in aggregation (Ang & Liu 2001, Energy 26:537), so that any sum over sub-categories is itself a decomposition.

    Raises
    ------
    ValueError
        As `lmdi`.
    """
    x0, x1 = _factors(start), _factors(end)
    _check(start, end, x0, x1, "lmdi1", "additive")
    shape = np.broadcast_shapes(*(np.shape(v) for v in _parts(start)), *(np.shape(v) for v in _parts(end)))
    return _terms(x0, x1, x0.prod(axis=0), x1.prod(axis=0)).reshape(len(x0), *shape)


def lmdi_chain(path: ArrayLike, *, method: Method = "lmdi1", form: Form = "additive") -> Floats:
    """Decompose year by year along a path.

    Parameters
    ----------
    path : [T, K, ...]
        Factors of every year.
    method, form
        As in `lmdi`.

    Returns
    -------
    [T - 1, K]
        Effect of each step. Their sum (product) is the chained decomposition of the whole path, which differs from the direct one of
        its ends: chaining uses the years between, direct decomposition does not (Ang, Mu & Zhou 2010, Energy Economics 32:1209).

    Raises
    ------
    ValueError
        As `lmdi`, or if there are fewer than two years.
    """
    years = np.asarray(path, float)
    if len(years) < 2:
        raise ValueError("a chain needs at least two years")
    return np.array([lmdi(a, b, method=method, form=form) for a, b in itertools.pairwise(years)])


def _parts(factors: ArrayLike | Mapping[str, ArrayLike]) -> list[Floats]:
    values = list(factors.values()) if isinstance(factors, Mapping) else list(np.asarray(factors, float))
    return [np.asarray(v, float) for v in values]


def _factors(factors: ArrayLike | Mapping[str, ArrayLike]) -> Floats:
    """Return the factors as [K, categories]."""
    parts = np.broadcast_arrays(*_parts(factors))
    return np.array(parts).reshape(len(parts), -1)


def _check(
    start: ArrayLike | Mapping[str, ArrayLike],
    end: ArrayLike | Mapping[str, ArrayLike],
    x0: Floats,
    x1: Floats,
    method: str,
    form: str,
) -> None:
    if isinstance(start, Mapping) and isinstance(end, Mapping) and list(start) != list(end):
        raise ValueError(f"the factors of both years differ: {', '.join(start)} and {', '.join(end)}")
    if x0.shape != x1.shape:
        raise ValueError(f"both years must have the same shape, not {x0.shape} and {x1.shape}")
    if not (np.isfinite(x0).all() and np.isfinite(x1).all()):
        raise ValueError("a factor is not a finite number; leave out what is not known in both years")
    if method not in METHODS or form not in get_args(Form):
        raise ValueError(f"unknown method or form: {method}, {form}")


def _terms(x0: Floats, x1: Floats, v0: Floats, v1: Floats) -> Floats:
    """Return L(v1, v0)·ln(x1/x0) of every factor and category with the limits at zeros and changes of sign, [K, N]."""
    crossing = np.sign(x0) * np.sign(x1) <= 0
    regular = ~crossing.any(axis=0)
    ratio = np.divide(x1, x0, out=np.ones(x0.shape), where=regular & ~crossing)
    terms = np.where(regular, logarithmic_mean(v1, v0) * np.log(ratio), 0.0)
    moves = ~regular & ((v0 != 0) | (v1 != 0))
    # a factor that is zero in both years cannot be the reason for a change
    reason = crossing & (x0 != x1) & moves
    share = np.divide(v1 - v0, reason.sum(axis=0), out=np.zeros(v0.shape), where=moves)
    out: Floats = np.where(reason, share, terms)
    return out
