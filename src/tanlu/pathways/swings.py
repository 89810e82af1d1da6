"""Parameters that the fan holds fixed: how far a result moves when each goes from its low to its high value.

The fan draws a few broad factors; the parameters behind them (elasticities of a sector, saturation, hours, losses) stay at their values.
Those with a low and a high value are moved one at a time, which shows what the fan leaves out. An elasticity of a sector is partly in
the fan already, through the factor that all elasticities share.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tanlu.core.provenance import Grade
from tanlu.pathways.baseline import Baseline
from tanlu.pathways.build import engine_parameters
from tanlu.pathways.data import PathwayData
from tanlu.pathways.dimensions import LAST_YEAR
from tanlu.pathways.engine import run
from tanlu.pathways.parameters import DRAWS, Floats, ParameterSet, ParameterValue
from tanlu.pathways.scenarios import PEAK_DEADLINE, all_years
from tanlu.pathways.sensitivity import OUTPUTS, Progress
from tanlu.pathways.uncertainty import Z95

Calibration = Callable[[ParameterSet], Baseline]


@dataclass(frozen=True)
class Swing:
    """Outputs of the central run with a parameter at its low and its high value, [outputs] by `OUTPUTS`."""

    parameter: ParameterValue
    low: Floats
    high: Floats

    @property
    def change(self) -> Floats:
        """High less low, [outputs]."""
        return self.high - self.low

    @property
    def variance(self) -> Floats:
        """Variance that the parameter would add if the output were linear in it: its 5 and 95 % points lie 2·1.645 deviations apart."""
        out: Floats = (self.change / (2.0 * Z95)) ** 2
        return out


class _Traced(Mapping[tuple[str, str], ParameterValue]):
    """Values that remember which of them were asked for."""

    def __init__(self, values: Mapping[tuple[str, str], ParameterValue]) -> None:
        self.values_read = set[tuple[str, str]]()
        self._values = values

    def __getitem__(self, key: tuple[str, str]) -> ParameterValue:
        self.values_read.add(key)
        return self._values[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def parameter_swings(
    data: PathwayData,
    calibrate: Calibration,
    levers: Floats,
    growth: str,
    *,
    progress: Progress | None = None,
) -> list[Swing]:
    """Move every parameter with a low and a high value that is not drawn, one at a time, in the central run of a scenario.

    Parameters
    ----------
    data : PathwayData
    calibrate : callable
        Returns the baseline under other parameters. It is called again only for parameters that it reads, so that the base year still meets
        the inventory.
    levers : [L]
        Lever values of the scenario.
    growth : str
    progress : callable, optional
        Called with the parameters done and in all.

    Returns
    -------
    list of Swing
        In the order of the parameters.

    Raises
    ------
    DataError
        If the growth case is unknown or a calibration fails.
    """
    traced = _Traced(data.parameters.values)
    baseline = calibrate(ParameterSet(traced))
    drawn = {p.name for p in DRAWS}
    wanted = [v for (name, _), v in data.parameters.values.items() if name not in drawn and None not in (v.low, v.high)]
    out = []
    for i, parameter in enumerate(wanted):
        key = (parameter.name, parameter.index)
        ends = []
        for value in (parameter.low, parameter.high):
            assert value is not None
            changed = ParameterSet({**data.parameters.values, key: dataclasses.replace(parameter, value=value)})
            base = calibrate(changed) if key in traced.values_read else baseline
            ends.append(_outputs(dataclasses.replace(data, parameters=changed), base, levers, growth))
        out.append(Swing(parameter, *ends))
        if progress is not None:
            progress(i + 1, len(wanted))
    return out


def _outputs(data: PathwayData, baseline: Baseline, levers: Floats, growth: str) -> Floats:
    parameters = engine_parameters(data, baseline, growth)
    central = run(parameters, levers, detail=False, parts=False)
    years = all_years(baseline, parameters.years)
    path = np.concatenate([baseline.total[:-1], central.total[0]])
    deadline = path[int(np.flatnonzero(years == PEAK_DEADLINE)[0])]
    net = central.net[0, int(np.flatnonzero(parameters.years == LAST_YEAR)[0])]
    return np.array([path.max(), deadline, net, float(years[path.argmax()])])


def share_with_swings(share: float, fan_variance: float, swings: list[Swing], output: str) -> tuple[float, float]:
    """Return the share of grade-D assumptions with the fixed parameters counted in, and by how much these would widen the fan.

    Parameters
    ----------
    share : float
        Share of grade D within the fan [1].
    fan_variance : float
        Variance of the output in the fan.
    swings : list of Swing
    output : str
        One of `OUTPUTS`.

    Returns
    -------
    tuple of float
        Share [1] and factor on the standard deviation [1]. A linear estimate: interactions and curvature are left out.
    """
    place = OUTPUTS.index(output)
    added = [(float(s.variance[place]), s.parameter.grade) for s in swings]
    total = fan_variance + sum(v for v, _ in added)
    if total <= 0:
        return 0.0, 1.0
    of_d = share * fan_variance + sum(v for v, grade in added if grade is Grade.D)
    return of_d / total, (total / fan_variance) ** 0.5 if fan_variance > 0 else 1.0
