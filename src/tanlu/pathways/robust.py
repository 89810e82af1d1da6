"""Choice between candidates when nobody can say how likely the futures are: regret, Hurwicz, satisficing.

Sources: Wald 1950 (worst case), Savage 1951, J. Am. Stat. Assoc. 46:55–67 (regret), Hurwicz 1951, Cowles Commission Discussion Paper 370
(degree of optimism), Laplace (equal weights); Simon 1956 and Lempert, Popper & Bankes 2003, RAND MR-1626 (share of futures in which targets
are met, robust decision making). The criteria disagree by nature: all of them are shown, none is called the right one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from tanlu.core.errors import DataError, Problem
from tanlu.pathways.parameters import Floats
from tanlu.pathways.tabular import Columns, Tabular, long_table, stacked

CRITERIA: Final = ("regret", "worst", "hurwicz", "laplace", "satisficing")


def regret(losses: Floats) -> Floats:
    """Return by how much each candidate is worse than the best one of the same future, [c, f] (Savage 1951).

    Parameters
    ----------
    losses : [c, f]
        Loss of each candidate in each future; less is better.
    """
    out: Floats = losses - losses.min(axis=0)
    return out


def hurwicz(losses: Floats, optimism: float) -> Floats:
    """Return a·(best) + (1 − a)·(worst) loss of each candidate, [c] (Hurwicz 1951).

    Parameters
    ----------
    losses : [c, f]
    optimism : float
        a, from 0 (only the worst future counts) to 1.

    Raises
    ------
    ValueError
        If a is not between 0 and 1.
    """
    if not 0.0 <= optimism <= 1.0:
        raise ValueError(f"a degree of optimism lies between 0 and 1, not {optimism}")
    out: Floats = optimism * losses.min(axis=1) + (1.0 - optimism) * losses.max(axis=1)
    return out


def satisficing(met: NDArray[np.bool_], weights: Floats | None = None) -> Floats:
    """Return the share of futures in which each candidate meets every target, [c].

    Parameters
    ----------
    met : [c, f] or [c, f, k] bool
        Whether the target (each of k targets) is met.
    weights : [f], optional
        Weights of the futures; equal if absent. They are no probabilities.
    """
    whole = all_met(met)
    weights = np.ones(whole.shape[1]) if weights is None else weights
    out: Floats = (whole * weights).sum(axis=1) / weights.sum()
    return out


def all_met(met: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether every target is met, [c, f]."""
    return np.logical_and.reduce(met, axis=2) if met.ndim == 3 else met


def dominated(losses: Floats) -> NDArray[np.bool_]:
    """Return which candidates another one never loses against and beats somewhere, [c]."""
    never_worse = (losses[:, None] <= losses[None, :]).all(axis=2)
    somewhere_better = (losses[:, None] < losses[None, :]).any(axis=2)
    out: NDArray[np.bool_] = np.logical_or.reduce(never_worse & somewhere_better, axis=0)
    return out


@dataclass(frozen=True)
class RobustChoice(Tabular):
    """Scores of candidates over futures.

    Attributes
    ----------
    candidates, futures : tuple of str
    losses, regrets : [c, f]
    met : [c, f] bool or None
        Whether all targets are met; None without targets.
    scores : mapping
        [c] by criterion of `CRITERIA`; less is better but for ``satisficing``, the share of futures in which all targets are met.
    dominated : [c] bool
    """

    candidates: tuple[str, ...]
    futures: tuple[str, ...]
    losses: Floats
    regrets: Floats
    met: NDArray[np.bool_] | None
    scores: Mapping[str, Floats]
    dominated: NDArray[np.bool_]

    def best(self, criterion: str) -> tuple[str, ...]:
        """Return the candidates that are best by a criterion; several if they are equal."""
        score = -self.scores[criterion] if criterion == "satisficing" else self.scores[criterion]
        tied = np.isclose(score, score.min(), rtol=1e-12, atol=1e-12)
        return tuple(name for name, first in zip(self.candidates, tied, strict=True) if first)

    def columns(self) -> Columns:
        """Return candidate, future, quantity (loss, regret) and value, then the scores by criterion (future empty)."""
        axes = {"candidate": list(self.candidates), "future": list(self.futures)}
        parts = [long_table(axes, v, quantity=k) for k, v in (("loss", self.losses), ("regret", self.regrets))]
        one = {"candidate": list(self.candidates), "future": [""]}
        parts += [long_table(one, np.asarray(v)[:, None], quantity=k) for k, v in self.scores.items()]
        return stacked(parts)


def robust_choice(
    candidates: Sequence[str],
    futures: Sequence[str],
    losses: Floats,
    met: NDArray[np.bool_] | None = None,
    optimism: float = 0.5,
) -> RobustChoice:
    """Return the scores of candidates over futures by every criterion.

    Parameters
    ----------
    candidates, futures : sequence of str
    losses : [c, f]
        Less is better.
    met : [c, f] or [c, f, k] bool, optional
        Whether targets are met.
    optimism : float
        Degree of optimism of the Hurwicz criterion.

    Raises
    ------
    ValueError
        If the shapes do not fit.
    """
    if losses.shape != (len(candidates), len(futures)) or (met is not None and met.shape[:2] != losses.shape):
        raise ValueError(f"losses {losses.shape} do not fit {len(candidates)} candidates and {len(futures)} futures")
    regrets = regret(losses)
    scores = {
        "regret": regrets.max(axis=1),
        "worst": losses.max(axis=1),
        "hurwicz": hurwicz(losses, optimism),
        "laplace": losses.mean(axis=1),
    }
    whole = None
    if met is not None:
        scores["satisficing"] = satisficing(met)
        whole = all_met(met)
    return RobustChoice(tuple(candidates), tuple(futures), losses, regrets, whole, scores, dominated(losses))


COMPARISONS: Final[Mapping[str, Callable[[Floats, float], NDArray[np.bool_]]]] = {
    "<=": lambda values, limit: values <= limit,
    ">=": lambda values, limit: values >= limit,
}


@dataclass(frozen=True, slots=True)
class Target:
    """A limit of a measure, as in ``net_with_imports:2060<=50``."""

    measure: str
    comparison: str
    limit: float

    def met(self, values: Floats) -> NDArray[np.bool_]:
        """Return whether values meet the limit."""
        return COMPARISONS[self.comparison](values, self.limit)


def read_target(text: str) -> Target:
    """Return the target that a text writes.

    Raises
    ------
    DataError
        If the text is no target.
    """
    for comparison in COMPARISONS:
        name, found, limit = text.partition(comparison)
        if found:
            try:
                return Target(name.strip(), comparison, float(limit))
            except ValueError:
                break
    raise DataError([Problem("choice_target", "--target", value=text)])
