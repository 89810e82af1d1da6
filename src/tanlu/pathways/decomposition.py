"""Why CO2 changed between two years, of the inventory, of a run or across both: Kaya and sector decomposition by LMDI, and decoupling."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from tanlu.core.errors import DataError, Problem
from tanlu.pathways.analysis.kaya import kaya
from tanlu.pathways.analysis.lmdi import Method, lmdi, lmdi_by_category
from tanlu.pathways.analysis.tapio import Decoupling, tapio
from tanlu.pathways.parameters import Floats
from tanlu.pathways.snapshots import Snapshot
from tanlu.pathways.tabular import Columns, Tabular

Basis = Literal["energy", "service"]
FACTORS: Final = ("activity", "structure", "intensity", "fuel_mix", "fuel_factor", "electricity_factor", "capture")
"""Factors of the sector decomposition, in the order of the equation."""


@dataclass(frozen=True)
class Decomposition(Tabular):
    """Effects of the factors on the change of CO2 between two years, in Mt CO2.

    Attributes
    ----------
    first, last : int
    years : tuple of int
        Years at which the decomposition is chained; the two ends alone if it is direct.
    change : float
        Of the CO2 within the province without land.
    kaya : dict or None
        Effects of population, GDP per head, energy per GDP and CO2 per energy, and the change of process CO2; they add up to ``change``.
        None where primary energy is not known.
    sectors : dict
        Effects of `FACTORS` on energy CO2 and the change of process CO2; they add up to ``change``.
    by_sector : dict of dict
        Effects of `FACTORS` in each sector, its electricity included; only for LMDI-I, which is consistent in aggregation. Where the
        years lie on both sides of the base year, sectors of the inventory (``inventory:<sector>``) stand beside those of the run.
    imports : float or None
        Change of the CO2 of imported power, which is no part of ``change``.
    decoupling : Decoupling
        Of the CO2 from GDP.
    basis : {"energy", "service"}
        What structure means: shares of final energy, or services per GDP.
    """

    first: int
    last: int
    years: tuple[int, ...]
    method: Method
    basis: Basis
    change: float
    kaya: dict[str, float] | None
    sectors: dict[str, float]
    by_sector: dict[str, dict[str, float]]
    imports: float | None
    decoupling: Decoupling

    def columns(self) -> Columns:
        """Return what each factor changed, of the whole (sector empty) and by sector, and the factors of Kaya, Mt CO2."""
        rows = [("sectors", "", factor, value) for factor, value in self.sectors.items()]
        rows += [("kaya", "", factor, value) for factor, value in (self.kaya or {}).items()]
        rows += [
            ("sectors", sector, factor, value)
            for sector, parts in self.by_sector.items()
            for factor, value in parts.items()
        ]
        names = ("identity", "sector", "factor", "value")
        return {name: [row[i] for row in rows] for i, name in enumerate(names)} | {"unit": ["Mt CO2"] * len(rows)}


def decompose(
    history: Mapping[int, Snapshot],
    projection: Mapping[int, Snapshot],
    first: int,
    last: int,
    *,
    method: Method = "lmdi1",
    chained: bool = False,
) -> Decomposition:
    """Decompose the change of CO2 between any two years.

    Parameters
    ----------
    history, projection : mapping
        Years of the inventory and of a run (`tanlu.pathways.snapshots`), which share the base year.
    first, last : int
        The later one may come first: effects then change their signs.
    method : {"lmdi1", "lmdi2"}
    chained : bool
        Year by year over all years between, or the ends alone.

    Returns
    -------
    Decomposition

    Raises
    ------
    DataError
        If the years are equal or one of them is not known.

    Notes
    -----
    Energy CO2 is Σ over sectors s and carriers f of

        G · (A_s/G) · (E_s/A_s) · (E_sf/E_s) · (C_sf/E_sf) · (1 − captured share)

    with GDP G, services A, final energy E. Where a year belongs to the inventory, services are not known and total final energy stands for
    them: G · (E/G) · (E_s/E) · …; structure then means the shares of the sectors in final energy. CO2 of power and heat plants stands with
    the sectors that use their output, so that its factor (`electricity_factor`) holds mix, efficiency, losses and imports of power.
    Across the base year the decomposition is chained there, because the inventory and the model define sectors and energy differently.
    LMDI: Ang 2005, Energy Policy 33:867; Ang 2015, Energy Policy 86:233. Tapio 2005, Transport Policy 12:137.
    """
    _check(history, projection, first, last)
    stages = _stages(history, projection, first, last, chained)
    of_inventory = [start.service is None for start, _ in stages]
    basis: Basis = "energy" if any(of_inventory) else "service"
    # sectors of the inventory and of the model may share a name and still differ in what they hold
    prefix = "inventory:" if not all(of_inventory) else ""
    sums = dict.fromkeys((*FACTORS, "process"), 0.0)
    by_sector: dict[str, dict[str, float]] = {}
    of_kaya: dict[str, float] | None = {}
    for start, end in stages:
        _add(sums, by_sector, start, end, method, basis, prefix if start.service is None else "")
        of_kaya = _add_kaya(of_kaya, start, end, method)
    ends = stages[0][0], stages[-1][1]
    imports: float | None = None
    if all(s.imports_co2 is not None for stage in stages for s in stage):
        imports = sum((b.imports_co2 or 0.0) - (a.imports_co2 or 0.0) for a, b in stages)
    return Decomposition(
        first, last, (stages[0][0].year, *(end.year for _, end in stages)), method, basis, ends[1].co2 - ends[0].co2,
        of_kaya, sums, by_sector, imports, tapio(ends[0].co2, ends[1].co2, ends[0].gdp, ends[1].gdp),
    )  # fmt: skip


def _check(history: Mapping[int, Snapshot], projection: Mapping[int, Snapshot], first: int, last: int) -> None:
    known = sorted({*history, *projection})
    details = {"first": known[0], "last": known[-1]}
    problems = [
        Problem("decompose_year", option, value=str(year), details=details)
        for option, year in (("--from", first), ("--to", last))
        if year not in known
    ]
    if first == last:
        problems.append(Problem("decompose_same_year", "--to", value=str(last), details=details))
    if problems:
        raise DataError(problems)


def _stages(
    history: Mapping[int, Snapshot], projection: Mapping[int, Snapshot], first: int, last: int, chained: bool
) -> list[tuple[Snapshot, Snapshot]]:
    """Return the steps, each within the inventory or within the run, from the first to the last year."""
    low, high = min(first, last), max(first, last)
    steps: list[tuple[Snapshot, Snapshot]] = []
    base = min(projection)
    for part, start, end in ((history, low, min(high, base)), (projection, max(low, base), high)):
        years = sorted(y for y in part if start <= y <= end) if start < end else []
        if years and not chained:
            years = [years[0], years[-1]]
        steps += [(part[a], part[b]) for a, b in itertools.pairwise(years)]
    return steps if first < last else [(b, a) for a, b in reversed(steps)]


def _add(
    sums: dict[str, float],
    by_sector: dict[str, dict[str, float]],
    start: Snapshot,
    end: Snapshot,
    method: Method,
    basis: Basis,
    prefix: str,
) -> None:
    before, after = _factors(start, end, basis)
    for name, effect in zip(FACTORS, lmdi(before, after, method=method), strict=True):
        sums[name] += float(effect)
    sums["process"] += end.process_co2 - start.process_co2
    if method == "lmdi1":
        effects = lmdi_by_category(before, after).sum(axis=2)
        for s, sector in enumerate(start.sectors):
            row = by_sector.setdefault(prefix + sector, dict.fromkeys(FACTORS, 0.0))
            for name, effect in zip(FACTORS, effects[:, s], strict=True):
                row[name] += float(effect)


def _factors(start: Snapshot, end: Snapshot, basis: Basis) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """Return the factors of both years in the order of `FACTORS`, each [S, C] or a part of it that is broadcast."""
    years = (start, end)
    of_carrier = [_energy(s) for s in years]
    of_sector = [s.energy.sum(axis=1, keepdims=True) for s in years]
    structure, intensity = _activity(years, of_sector, basis)
    mix = _ratios(of_carrier, of_sector)
    factor = _ratios([s.carbon for s in years], of_carrier)
    power = np.zeros(start.energy.shape, bool)
    power[:, -1] = True
    # capture at power plants is part of the factor of electricity
    kept = [np.where(power, 1.0, s.kept[:, None]) for s in years]
    fuel, electricity = ([np.where(chosen, f, 1.0) for f in factor] for chosen in (~power, power))
    parts = ([np.array(s.gdp) for s in years], structure, intensity, mix, fuel, electricity, kept)
    before, after = ({n: p[i] for n, p in zip(FACTORS, parts, strict=True)} for i in (0, 1))
    return before, after


def _energy(snapshot: Snapshot) -> Floats:
    """Return the energy behind each number of ``carbon``; what no fuel explains goes with the energy of its sector."""
    out = snapshot.energy.copy()
    out[:, -2] = snapshot.energy.sum(axis=1)
    return out


def _activity(
    years: tuple[Snapshot, Snapshot], energy: Sequence[Floats], basis: Basis
) -> tuple[list[Floats], list[Floats]]:
    """Return structure and intensity: A/G and E/A of each sector, or E_s/E and E/G where services are not known."""
    if basis == "service":
        level = [np.asarray(s.service)[:, None] for s in years]
        return [a / s.gdp for a, s in zip(level, years, strict=True)], _ratios(energy, level)
    total = [np.array(e.sum()) for e in energy]
    return _ratios(energy, total), [e / s.gdp for e, s in zip(total, years, strict=True)]


def _ratios(above: Sequence[Floats], below: Sequence[Floats]) -> list[Floats]:
    """Return ratios of both years; where there is nothing in one year its ratio is that of the other, so that it explains no change."""
    shape = np.broadcast_shapes(*(np.shape(v) for v in (*above, *below)))
    first, second = (
        np.divide(a, b, out=np.full(shape, np.nan), where=np.broadcast_to(b, shape) > 0)
        for a, b in zip(above, below, strict=True)
    )
    pair = (np.where(np.isnan(first), second, first), np.where(np.isnan(second), first, second))
    return [np.nan_to_num(v, nan=1.0) for v in pair]


def _add_kaya(
    so_far: dict[str, float] | None, start: Snapshot, end: Snapshot, method: Method
) -> dict[str, float] | None:
    """Add the effects of a step; None as soon as primary energy is not known."""
    if so_far is None or start.primary is None or end.primary is None:
        return None
    years = (start, end)
    effects = kaya(
        [s.population for s in years], [s.gdp for s in years], [s.primary for s in years if s.primary is not None],
        [s.energy_co2 for s in years], apart={"process": [s.process_co2 for s in years]}, method=method,
    )  # fmt: skip
    return {name: so_far.get(name, 0.0) + value for name, value in effects.items()}
