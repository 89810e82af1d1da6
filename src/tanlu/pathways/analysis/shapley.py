"""Fair division of a joint result: the Shapley value, exact over all coalitions."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tanlu.pathways.analysis.lmdi import Floats

MOST_PLAYERS: Final = 20
"""Over a million coalitions: more would not fit in memory with any useful result behind each."""


def coalitions(players: int) -> NDArray[np.bool_]:
    """Return who takes part in each coalition, [2^players, players].

    The number of a coalition has a bit for each player, the first player the lowest.

    Raises
    ------
    ValueError
        If there is no player or more than `MOST_PLAYERS`.
    """
    if not 1 <= players <= MOST_PLAYERS:
        raise ValueError(f"{players} players: 1 to {MOST_PLAYERS} can be divided exactly")
    numbers = np.arange(1 << players)[:, None]
    out: NDArray[np.bool_] = (numbers >> np.arange(players) & 1).astype(bool)
    return out


def shapley(values: ArrayLike) -> Floats:
    """Return what each player contributes on average over all orders in which they may join.

    Parameters
    ----------
    values : [2^k, ...]
        Result of each coalition, in the order of `coalitions`; the first is the result of none. Any unit; further axes (years) are
        divided one by one.

    Returns
    -------
    [k, ...]
        Shares in the unit of the values. They add up to the result of all less that of none; a player who never changes anything gets
        nothing, equal players get the same.

    Raises
    ------
    ValueError
        If the number of coalitions is not a power of two, 2 at least.

    Notes
    -----
    Shapley 1953, Contributions to the Theory of Games II:307: φ_i = Σ_S |S|!(k − |S| − 1)!/k! · (v(S ∪ i) − v(S)). Measures taken
    last in or first in do not add up where they interact; the Shapley value takes the mean of all orders (for emissions: Albrecht,
    François & Schoors 2002, Energy Policy 30:727).
    """
    v = np.asarray(values, float)
    players = len(v).bit_length() - 1
    if players < 1 or len(v) != 1 << players:
        raise ValueError(f"{len(v)} results: one for each coalition is needed, a power of two")
    numbers = np.arange(len(v))
    size = coalitions(players).sum(axis=1)
    weight = np.array([1.0 / (players * math.comb(players - 1, s)) for s in range(players)])
    out = np.empty((players, *v.shape[1:]))
    for i in range(players):
        without = numbers[numbers >> i & 1 == 0]
        gain = v[without | 1 << i] - v[without]
        out[i] = np.tensordot(weight[size[without]], gain, axes=1)
    return out
