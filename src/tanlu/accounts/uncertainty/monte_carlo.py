"""Approach 2: Monte Carlo through the functions of the methods, one random number a cause of error."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from tanlu.accounts.rulebook.method import Method
from tanlu.accounts.rulebook.result import Block, Results
from tanlu.accounts.uncertainty.cause_draws import Distribution, Draws, cause_distributions
from tanlu.accounts.uncertainty.estimates import BY_CATEGORY, Key

Floats = NDArray[np.float64]
LOWER: Final = 0.025
UPPER: Final = 0.975
NUMBERS_AT_A_TIME: Final = 2_000_000
"""Random numbers held at once, which bounds the memory next to the sums (groups × draws)."""
MEMORY_OF_SUMS: Final = 250_000_000
"""Largest number of sums (groups × draws)."""


class Spread(NamedTuple):
    """Distribution of a sum over the draws.

    Parameters
    ----------
    key : tuple of str
        Fields of `Result` that the sum stands for; empty for the total.
    value : float
        The computed value, without draws.
    mean, median, deviation : float
    low, high : float
        2.5 and 97.5 percentiles.
    low_error, high_error : float
        Standard errors of the two percentiles: how far they would move with another seed.
    """

    key: Key
    value: float
    mean: float
    median: float
    deviation: float
    low: float
    high: float
    low_error: float
    high_error: float

    @property
    def half_width(self) -> float:
        """The larger side of the 95 % interval as a share of the mean [%]; 0 for a mean of zero."""
        wider = max(self.mean - self.low, self.high - self.mean)
        return 100 * wider / abs(self.mean) if self.mean else 0.0


@dataclass(frozen=True, slots=True)
class MonteCarlo:
    """What the draws gave.

    Parameters
    ----------
    rows : tuple of Spread
        By ``by`` [t CO2e], of the current period.
    total : Spread
        [t CO2e]
    base_rows, base_total : tuple of Spread, Spread or None
        The same of the base period.
    trend_rows, trend : tuple of Spread, Spread or None
        Change of each row and of the total from the base period, both as a share of the total of the base period [%].
    by : tuple of str
    draws, valid, seed : int
        Draws that were taken, draws in which every formula had a finite value (the others are left out), and the seed.
    """

    rows: tuple[Spread, ...]
    total: Spread
    base_rows: tuple[Spread, ...]
    base_total: Spread | None
    trend_rows: tuple[Spread, ...]
    trend: Spread | None
    by: tuple[str, ...]
    draws: int
    valid: int
    seed: int


def monte_carlo(
    results: Results,
    *,
    draws: int = 10_000,
    seed: int = 1,
    gwp: str = "rule",
    by: Sequence[str] = BY_CATEGORY,
    period: str = "",
    base: Results | None = None,
    base_period: str = "",
    chunk: int | None = None,
) -> MonteCarlo:
    """Return the distribution of the categories, of the total, and of the trend if there is a base period.

    Parameters
    ----------
    results : Results
        Memo items stay outside, except those that the rule counts.
    draws, seed : int
        The same seed gives the same numbers, whatever the chunk.
    gwp : str
        GWP set; ``rule`` is the one that the method set fixes.
    by : sequence of str
        Fields of `Result` by which rows are added up.
    period, base_period : str
        Year or month; an empty period stands for everything.
    base : Results, optional
        Results of the base period; those of ``results`` if ``base_period`` alone is given.
    chunk : int, optional
        Draws at a time; chosen for memory if not given.

    Raises
    ------
    ValueError
        If the sums would not fit into memory, there are fewer than 100 draws, or no draw has a finite value.

    Notes
    -----
    IPCC 2006 vol. 1 ch. 3, sec. 3.2.3.2. A cause is drawn once and acts on every result that it stands in, in both periods: a factor
    that 300 plants use is one number. Methods that round are evaluated without rounding.
    """
    if draws < 100:
        raise ValueError(f"{draws} draws are too few for a percentile; at least 100")
    name = results.method_set.gwp if gwp == "rule" else gwp
    with_base = base is not None or bool(base_period)
    sources = [results] if base is None else [results, base]
    wanted = [(0, period)] + ([(len(sources) - 1, base_period)] if with_base else [])
    sums = [_Sums.of(sources[at], word, tuple(by), name) for at, word in wanted]
    if sum(len(s.keys) for s in sums) * draws > MEMORY_OF_SUMS:
        raise ValueError(
            f"{sum(len(s.keys) for s in sums)} rows × {draws} draws: choose fewer fields in `by`, or fewer draws"
        )
    distributions, positions = _joined(sources)
    jobs = [
        job
        for number, source in enumerate(sources)
        for block in source.blocks
        for job in _jobs(block, positions[number], [(n, sums[n]) for n, (at, _) in enumerate(wanted) if at == number])
    ]
    distributions = _only_used(distributions, jobs)
    drawn = [np.zeros((len(s.keys), draws)) for s in sums]
    step = chunk or _chunk(len(distributions), jobs, draws)
    for part, numbers in Draws(distributions, seed).take(draws, step):
        for job in jobs:
            job.add(numbers, part, drawn)
    return _told(sums, drawn, tuple(by), seed)


@dataclass(frozen=True, slots=True)
class _Sums:
    """The rows of one period: their keys, computed values, and the weight of each result in its row."""

    keys: list[Key]
    values: Floats
    row: NDArray[np.int64]
    weight: Floats

    @classmethod
    def of(cls, results: Results, period: str, by: tuple[str, ...], gwp: str) -> _Sums:
        weights = results.gwp(gwp)
        chosen = {r.id for r in results if results.in_total(r) and r.period.startswith(period)}
        keys: dict[Key, int] = {}
        # one more than there are results, for those that were left out
        row = np.full(len(results) + 1, -1, dtype=np.int64)
        weight = np.zeros(len(results) + 1)
        for n, r in enumerate(results):
            if r.id in chosen:
                row[n] = keys.setdefault(tuple(str(getattr(r, field)) for field in by), len(keys))
                weight[n] = 1.0 if r.gas == "CO2e" else weights[r.gas]
        order = sorted(keys)
        place = np.empty(len(keys) + 1, dtype=np.int64)
        place[-1] = -1
        for n, key in enumerate(order):
            place[keys[key]] = n
        row = place[row]
        values = np.zeros(len(order))
        computed = np.array([*(r.value for r in results), 0.0])
        np.add.at(values, row[row >= 0], (computed * weight)[row >= 0])
        return cls(order, values, row, weight)


def _joined(sources: Sequence[Results]) -> tuple[list[Distribution], list[NDArray[np.int64]]]:
    """Return the distributions of the causes of all sources, each cause once, and where the causes of each source stand among them."""
    known: dict[str, int] = {}
    distributions: list[Distribution] = []
    positions: list[NDArray[np.int64]] = []
    for source in sources:
        for cause, found in zip(source.causes, cause_distributions(source), strict=True):
            if cause not in known:
                known[cause] = len(distributions)
                distributions.append(found)
        # the last place is that of exact values, index −1
        positions.append(np.array([*(known[c] for c in source.causes), -1], dtype=np.int64))
    return distributions, positions


@dataclass(slots=True)
class _Job:
    """Records to evaluate: values and causes, and for each set of sums and output the shape and the matrix that adds the output up."""

    method: Method
    values: Mapping[str, Any]
    causes: dict[str, NDArray[np.int64]]
    adders: tuple[tuple[int, int, tuple[int, ...], Any], ...]

    @property
    def size(self) -> int:
        """Numbers that one draw needs."""
        return sum(c.size for c in self.causes.values()) + sum(math.prod(shape) for _, _, shape, _ in self.adders)

    def add(self, numbers: Floats, part: slice, drawn: Sequence[Floats]) -> None:
        """Evaluate the method for some draws and add the outputs to the sums."""
        values: dict[str, Any] = dict(self.values)
        for name, causes in self.causes.items():
            values[name] = self.values[name] * _drawn_for(causes, numbers)
        with np.errstate(all="ignore"):
            outputs = self.method.evaluate(values)
        count = part.stop - part.start
        for number, output, shape, adder in self.adders:
            found = np.broadcast_to(np.asarray(outputs[output], dtype=float), (count, *shape))
            # results as rows and draws as columns, the layout in which the numbers were made
            drawn[number][:, part] += adder @ np.moveaxis(found, 0, -1).reshape(-1, count)


def _jobs(block: Block, places: NDArray[np.int64], sums: Sequence[tuple[int, _Sums]]) -> Iterator[_Job]:
    """Yield what is to be evaluated of a block: the records of which a sum needs a result."""
    needed = np.zeros(len(block.rows[0]), dtype=bool)
    for _, chosen in sums:
        for rows in block.rows:
            needed |= (chosen.row[rows] >= 0).reshape(len(rows), -1).any(axis=1)
    records = np.flatnonzero(needed)
    if not records.size:
        return
    adders = []
    for number, chosen in sums:
        for output, rows in enumerate(block.rows):
            flat = rows[records].ravel()
            row = chosen.row[flat]
            used = np.flatnonzero(row >= 0)
            if used.size:
                matrix = csr_array((chosen.weight[flat][used], (row[used], used)), shape=(len(chosen.keys), flat.size))
                adders.append((number, output, rows[records].shape, matrix))
    causes = {name: places[found[records]] for name, found in block.causes.items() if (found[records] >= 0).any()}
    yield _Job(block.method, {name: v[records] for name, v in block.values.items()}, causes, tuple(adders))


def _only_used(distributions: Sequence[Distribution], jobs: Sequence[_Job]) -> list[Distribution]:
    """Return the distributions of the causes that the jobs need, and renumber the causes of the jobs."""
    used = np.zeros(len(distributions) + 1, dtype=bool)
    for job in jobs:
        for causes in job.causes.values():
            used[causes] = True
    # the place after the last is that of exact values, index −1
    used[-1] = False
    number = np.where(used, np.cumsum(used) - 1, -1)
    for job in jobs:
        job.causes = {name: number[causes] for name, causes in job.causes.items()}
    return [distributions[n] for n in np.flatnonzero(used).tolist()]


def _drawn_for(causes: NDArray[np.int64], numbers: Floats) -> Floats:
    """Return the random numbers of causes with a leading axis of draws; one shared cause is not repeated."""
    first = causes.flat[0]
    if causes.size > 1 and (causes == first).all():
        shared: Floats = numbers[first].reshape(-1, *(1,) * causes.ndim)
        return shared
    return np.moveaxis(numbers[causes], -1, 0)


def _chunk(causes: int, jobs: Sequence[_Job], draws: int) -> int:
    widest = max((job.size for job in jobs), default=1)
    return max(1, min(draws, NUMBERS_AT_A_TIME // (2 * causes + widest + 1)))


def _told(sums: Sequence[_Sums], drawn: Sequence[Floats], by: tuple[str, ...], seed: int) -> MonteCarlo:
    """Return the distributions over the draws in which everything is finite."""
    draws = drawn[0].shape[1]
    finite = np.logical_and.reduce([np.isfinite(d.sum(axis=0)) for d in drawn])
    valid = int(finite.sum())
    if not valid:
        raise ValueError("no draw gives a finite value")
    kept = [d if valid == draws else d[:, finite] for d in drawn]
    spreads = [
        tuple(_spread(k, v, d) for k, v, d in zip(s.keys, s.values, x, strict=True))
        for s, x in zip(sums, kept, strict=True)
    ]
    totals = [_spread((), float(s.values.sum()), x.sum(axis=0)) for s, x in zip(sums, kept, strict=True)]
    if len(sums) == 1:
        return MonteCarlo(spreads[0], totals[0], (), None, (), None, by, draws, valid, seed)
    rows, trend = _trend(sums, kept)
    return MonteCarlo(spreads[0], totals[0], spreads[1], totals[1], rows, trend, by, draws, valid, seed)


def _trend(sums: Sequence[_Sums], drawn: Sequence[Floats]) -> tuple[tuple[Spread, ...], Spread | None]:
    """Return the change from the base period by row and in total, as shares of the total of the base period."""
    (now, then), (current, base) = sums, drawn
    old, old_draws = float(then.values.sum()), base.sum(axis=0)
    if not old or not (np.abs(old_draws) > 0).all():
        return (), None
    places = [{k: n for n, k in enumerate(s.keys)} for s in sums]
    rows = []
    for key in sorted({*now.keys, *then.keys}):
        change, change_draws = 0.0, np.zeros_like(old_draws)
        for place, s, x, sign in ((places[0], now, current, 1), (places[1], then, base, -1)):
            if key in place:
                change += sign * float(s.values[place[key]])
                change_draws += sign * x[place[key]]
        rows.append(_spread(key, 100 * change / old, 100 * change_draws / old_draws))
    total = _spread((), 100 * (float(now.values.sum()) / old - 1), 100 * (current.sum(axis=0) / old_draws - 1))
    return tuple(rows), total


def _spread(key: Key, value: float, numbers: Floats) -> Spread:
    """Return the distribution of some numbers.

    Notes
    -----
    The standard error of a percentile is half of the distance between the order statistics one binomial standard deviation
    below and above it.
    """
    ordered = np.sort(numbers)
    errors = []
    for share in (LOWER, UPPER):
        middle, step = share * (ordered.size - 1), math.sqrt(ordered.size * share * (1 - share))
        below, above = max(0, math.floor(middle - step)), min(ordered.size - 1, math.ceil(middle + step))
        errors.append(float(ordered[above] - ordered[below]) / 2)
    low, median, high = (_percentile(ordered, p) for p in (LOWER, 0.5, UPPER))
    return Spread(
        key, float(value), float(ordered.mean()), median, float(ordered.std(ddof=1)), low, high, errors[0], errors[1]
    )


def _percentile(ordered: Floats, share: float) -> float:
    """Return a percentile of sorted numbers, interpolated linearly."""
    at = share * (ordered.size - 1)
    below = math.floor(at)
    above = min(below + 1, ordered.size - 1)
    return float(ordered[below] + (at - below) * (ordered[above] - ordered[below]))
