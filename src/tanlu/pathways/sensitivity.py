"""Which unknown the fan comes from: Morris screening, then Sobol indices, of everything that a draw draws.

Screening ranks all quantities and deliveries with few runs; the Sobol indices follow for those that matter, for all others together, for
the errors of the inventory, the weather, and for everything that is an assumption of grade D.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from tanlu.core.kept import kept
from tanlu.core.messages import translate
from tanlu.pathways.analysis.morris import MorrisEffects, morris_design, morris_effects
from tanlu.pathways.analysis.sobol import Bools, SobolIndices, sequence, sobol_design, sobol_indices
from tanlu.pathways.dimensions import LAST_YEAR
from tanlu.pathways.parameters import Floats
from tanlu.pathways.scenarios import PEAK_DEADLINE
from tanlu.pathways.tabular import Columns, Tabular, long_table, stacked
from tanlu.pathways.uncertain_outputs import OUTPUTS, UNITS, FanFunction, Input, LeverFunction
from tanlu.pathways.uncertainty import Z_LIMIT, normal_sizes, versions

__all__ = [
    "CLASSES", "OUTPUTS", "UNITS", "FanFunction", "Input", "LeverFunction", "Narrowing", "Sensitivity", "Share", "output_name",
    "sensitivity_of", "share_records", "share_text", "variance_shares",
]  # fmt: skip

Progress = Callable[[int, int], None]
CLASSES: Final = ("grade_d", "other_grades", "inventory", "weather")
"""Where variance may come from: assumptions of grade D, inputs of a better grade, errors of the inventory, and the water."""
CHUNK: Final = 256
"""Draws that are computed together, by two threads; more do not fit the cache."""
SCREENED: Final = (0.05, 0.95)
"""Screening moves an input between these points of its distribution."""


@dataclass(frozen=True)
class Share:
    """Share of the variance of an output that a class of inputs carries [1], with its 95 % interval.

    ``first`` would go if the class were known, ``total`` would stay if it alone were unknown.
    """

    output: str
    source_class: str
    first: float
    total: float
    total_low: float
    total_high: float


@dataclass(frozen=True)
class Narrowing:
    """What knowing an input would do to the fan of an output.

    ``first`` is the share of the variance that would go [1] with its 95 % interval, ``narrower`` the share by which the standard deviation
    would shrink, 1 − √(1 − first).
    """

    input: Input
    first: float
    first_low: float
    first_high: float
    total: float
    narrower: float


@dataclass(frozen=True)
class Sensitivity(Tabular):
    """Result of `sensitivity_of`.

    Attributes
    ----------
    inputs : tuple of Input
        All d inputs that have an effect to search for.
    effects : MorrisEffects
        Screening, [d, outputs]; zeros for the series, which are not screened.
    kept : tuple of Input
        Those with indices of their own, in the order of the first rows of ``indices``.
    indices : SobolIndices
        [kept + others + classes, outputs].
    deviation : [outputs]
        Standard deviation of each output in its unit.
    runs : int
        Runs of the engine.
    """

    inputs: tuple[Input, ...]
    effects: MorrisEffects
    kept: tuple[Input, ...]
    indices: SobolIndices
    deviation: Floats
    runs: int

    def narrowing(self, output: str) -> list[Narrowing]:
        """Return what would narrow the fan of an output, the most first; inputs in the group of the others are left out."""
        o, s = OUTPUTS.index(output), self.indices
        found = []
        for i, one in enumerate(self.kept):
            first = float(s.first[i, o])
            narrower = 1.0 - math.sqrt(max(0.0, 1.0 - max(0.0, first)))
            low, high = (float(v) for v in s.first_interval[:, i, o])
            found.append(Narrowing(one, first, low, high, float(s.total[i, o]), narrower))
        return sorted(found, key=lambda n: -n.first)

    def others(self, output: str) -> float:
        """Return the total index of all inputs without an index of their own together [1]."""
        return float(self.indices.total[len(self.kept), OUTPUTS.index(output)])

    def shares(self) -> list[Share]:
        """Return the shares of the classes in the variance of each output."""
        return _shares(self.indices, len(self.kept) + 1)

    def columns(self) -> Columns:
        """Return input, output and the indices of first order and total [1] with their intervals; groups of inputs behind the inputs."""
        names = [one.id for one in self.kept]
        names += [f"group {i + 1}" for i in range(len(self.indices.first) - len(names))]
        axes = {"input": names, "output": list(OUTPUTS)}
        s = self.indices
        parts = {
            "first": s.first, "first_low": s.first_interval[0], "first_high": s.first_interval[1], "total": s.total,
            "total_low": s.total_interval[0], "total_high": s.total_interval[1],
        }  # fmt: skip
        return stacked([long_table(axes, values, index=name) for name, values in parts.items()])


def sensitivity_of(
    function: FanFunction,
    *,
    size: int = 1024,
    trajectories: int = 16,
    keep: int = 8,
    seed: int = 7,
    progress: Progress | None = None,
) -> Sensitivity:
    """Find which inputs the fan of a scenario comes from, or which levers decide a result.

    Parameters
    ----------
    function : FanFunction or LeverFunction
    size : int
        Base sample of the Sobol indices, a power of two; the engine runs about ``keep + 8`` times as often.
    trajectories : int
        Of the screening.
    keep : int
        How many inputs of the screening get indices of their own; the series always do.
    seed : int
    progress : callable, optional
        Called with the runs done and the runs in all.

    Raises
    ------
    ValueError
        If the size is not a power of two or a number is too small.

    Notes
    -----
    Morris 1991 and Campolongo et al. 2007; Saltelli et al. 2010; Jansen 1999; see `tanlu.pathways.analysis.morris` and `.sobol`. All
    inputs are independent, as in the fan. An input counts as important if it is so for any output.
    """
    inputs, active = function.inputs(), function.active()
    groups_of = min(keep, len(active)) + function.series + 1 + 2
    count = _Counter((len(active) + 1) * trajectories + (groups_of + 2) * size, progress)
    effects = _screen(function, inputs, active, trajectories, seed, count)
    ranked = sorted(active, key=lambda i: -float(_importance(effects)[i]))
    series = list(range(len(inputs) - function.series, len(inputs)))
    chosen = [*ranked[:keep], *series]
    rest = ranked[keep:]
    groups = np.zeros((len(chosen) + 1 + len(CLASSES), len(inputs)), bool)
    groups[np.arange(len(chosen)), chosen] = True
    groups[len(chosen), rest] = True
    groups[len(chosen) + 1 :] = _class_groups(inputs)
    indices = _indices(function, groups, size, seed, count)
    kept = tuple(inputs[i] for i in chosen)
    searched = [*active, *series]
    parts = (v[searched] for v in (effects.mean, effects.size, effects.spread, effects.size_error))
    return Sensitivity(
        tuple(inputs[i] for i in searched),
        MorrisEffects(*parts),
        kept,
        indices,
        np.sqrt(indices.variance),
        count.done,
    )


def variance_shares(function: FanFunction, *, size: int = 256, seed: int = 7) -> list[Share]:
    """Return which share of the variance of each output comes from assumptions of grade D, the inventory and the weather.

    A fraction of the runs of `sensitivity_of`, so that the share can stand beside every result.

    Raises
    ------
    ValueError
        If the size is not a power of two.
    """
    indices = _indices(function, _class_groups(function.inputs()), size, seed, _Counter(0, None))
    return _shares(indices, 0, function.names)


def output_name(output: str, language: str, **words: object) -> str:
    """Return the name of an output of a function; ``words`` are further fields of the name."""
    return translate(
        f"pathways.sensitivity.{output}", language, **{"deadline": PEAK_DEADLINE, "last": LAST_YEAR, **words}
    )


def share_text(shares: Sequence[Share], output: str, language: str, **words: object) -> str:
    """Return the sentence that says how much of the variance of an output rests on assumptions, for any page with a result.

    ``words`` are fields of the name of the output, such as the years of a change.
    """
    of = {s.source_class: s for s in shares if s.output == output}
    d, name = of["grade_d"], output_name(output, language, **words)
    if not any(s.total for s in of.values()):
        return translate("pathways.sensitivity.constant_share", language, output=name)
    said = {
        "output": name,
        "d": f"{100 * min(1.0, d.total):.0f}",
        "low": f"{100 * max(0.0, d.total_low):.0f}",
        "high": f"{100 * min(1.0, d.total_high):.0f}",
        "inventory": f"{100 * min(1.0, of['inventory'].total):.0f}",
        "weather": f"{100 * min(1.0, of['weather'].total):.0f}",
    }
    return translate("pathways.sensitivity.share", language, **said)


def share_records(shares: Sequence[Share]) -> dict[str, dict[str, float]]:
    """Return the total shares by output and class as plain data, rounded."""
    outputs = dict.fromkeys(s.output for s in shares)
    return {o: {s.source_class: round(s.total, 6) for s in shares if s.output == o} for o in outputs}


def _shares(indices: SobolIndices, first_row: int, outputs: Sequence[str] = OUTPUTS) -> list[Share]:
    return [
        Share(output, name, *(float(v) for v in (indices.first[row, o], indices.total[row, o], *ends[:, row, o])))
        for o, output in enumerate(outputs)
        for row, name in enumerate(CLASSES, first_row)
        for ends in (indices.total_interval,)
    ]


def _class_groups(inputs: Sequence[Input]) -> Bools:
    return np.array([[one.source_class == name for one in inputs] for name in CLASSES])


@dataclass
class _Counter:
    """Runs done, told to whoever shows the progress."""

    total: int
    progress: Progress | None
    done: int = 0

    def add(self, runs: int) -> None:
        self.done += runs
        if self.progress is not None:
            self.progress(self.done, max(self.total, self.done))


def _evaluate(function: FanFunction, points: Floats, hydro: Floats, walk: Floats, count: _Counter) -> Floats:
    """Return the outputs at many points, in chunks that fit the memory."""
    out = np.empty((len(points), len(function.names)))
    for start in range(0, len(points), CHUNK):
        part = slice(start, start + CHUNK)
        out[part] = function.outputs(points[part], hydro[part], walk[part])
        count.add(len(points[part]))
    return out


def _screen(
    function: FanFunction, inputs: Sequence[Input], active: list[int], trajectories: int, seed: int, count: _Counter
) -> MorrisEffects:
    """Screen the active inputs in mean weather and without a walk; all others have effects of zero."""
    design = morris_design(trajectories, len(active), seed)
    points = np.full((len(design), len(inputs) - function.series), 0.5)
    low, high = SCREENED
    points[:, active] = low + (high - low) * design
    years, steps = normal_sizes(function.baseline)
    y = _evaluate(function, points, np.zeros((len(design), years)), np.zeros((len(design), steps)), count)
    found = morris_effects(design, y)
    out = []
    for part in (found.mean, found.size, found.spread, found.size_error):
        whole = np.zeros((len(inputs), len(OUTPUTS)))
        whole[active] = part
        out.append(whole)
    return MorrisEffects(*out)


def _importance(effects: MorrisEffects) -> Floats:
    """Return the largest share of an input in the sum of all sizes over the outputs, [inputs]."""
    total = effects.size.sum(axis=0)
    shares = np.divide(effects.size, total, out=np.zeros(effects.size.shape), where=total > 0)
    out: Floats = shares.max(axis=1)
    return out


def _indices(function: FanFunction, groups: Bools, size: int, seed: int, count: _Counter) -> SobolIndices:
    """Return the indices of groups of inputs, the last of which are the series.

    Equal groups are computed once; a group without inputs is the sample itself.
    """
    scalars = groups.shape[1] - function.series
    made_from = [str(x) for x in (size, scalars, seed, *versions())]
    known_points = kept("sobol-design", made_from, lambda: sequence(size, 2 * scalars, np.random.default_rng(seed)))
    points = sobol_design(size, scalars, seed, groups[:, :scalars], known_points).reshape(-1, size, scalars)
    years, steps = normal_sizes(function.baseline)
    rng = np.random.default_rng([seed, 1])
    walk, hydro = (np.clip(rng.standard_normal((2, size, n)), -Z_LIMIT, Z_LIMIT) for n in (steps, years))
    known_years = len(function.baseline.driver_error)
    first = _evaluate(function, points[0], hydro[0], walk[0], count)
    second = _evaluate(function, points[1], hydro[1], walk[1], count)
    known = {np.zeros(len(groups.T), bool).tobytes(): first, np.ones(len(groups.T), bool).tobytes(): second}
    blocks = []
    for group, at in zip(groups, points[2:], strict=True):
        key = group.tobytes()
        if key not in known:
            past, ahead, water = group[scalars:].astype(int) if function.series else (0, 0, 0)
            known[key] = _evaluate(
                function,
                at,
                hydro[water],
                np.hstack([walk[past, :, :known_years], walk[ahead, :, known_years:]]),
                count,
            )
        blocks.append(known[key])
    return sobol_indices(np.concatenate([first, second, *blocks]), size, seed=seed)
