"""Seeded linear programmes with the structure of a province's power system, made with NumPy alone.

A node has ten plants (seven of them expandable), a battery, a pumped storage and a reservoir; nodes form a ring with chords. Several
periods share vintages: a capacity is the sum of the builds that are alive. Figures are of the right size and nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from tanlu.energy.problem import BORDER, Block, LinearProblem

Floats = NDArray[np.float64]

INVESTMENT = {
    "pv": 330.0, "wind": 520.0, "coal": 330.0, "capture": 800.0, "gas": 240.0, "biomass": 700.0, "nuclear": 1300.0,
    "battery": 110.0, "pumped": 190.0, "line": 60.0,
}  # fmt: skip
"""Annuity of a technology [million CNY per GW and year]."""
RUNNING = {"pv": 0.0, "wind": 0.0, "coal": 0.28, "capture": 0.38, "gas": 0.60, "biomass": 0.50, "nuclear": 0.09}
"""Running cost [million CNY/GWh]."""
EMISSION = {"coal": 0.85, "capture": 0.10, "gas": 0.40}
"""Emission factor [kt/GWh]."""
LIFETIME = {
    "pv": 25,
    "wind": 25,
    "coal": 40,
    "capture": 40,
    "gas": 30,
    "biomass": 30,
    "nuclear": 60,
    "battery": 15,
    "pumped": 50,
    "line": 50,
}
"""Lifetime [a]."""
PLANTS = tuple(RUNNING)


@dataclass
class Maker:
    """Collects columns, rows and coefficients of a problem."""

    columns: list[Block] = field(default_factory=list)
    rows: list[Block] = field(default_factory=list)
    column_parts: list[tuple[Floats, ...]] = field(default_factory=list)
    row_parts: list[tuple[Floats, ...]] = field(default_factory=list)
    entries: list[tuple[Floats, ...]] = field(default_factory=list)

    def _block(self, blocks: list[Block], name: str, size: int) -> NDArray[np.int32]:
        start = blocks[-1].start + blocks[-1].size if blocks else 0
        blocks.append(Block(name, start, (size,), ("item",), "GW"))
        return blocks[-1].index

    def column(
        self, name: str, size: int, cost: object, lower: object, upper: object, period: int, step: object
    ) -> NDArray[np.int32]:
        """Add columns and return their indices."""
        self.column_parts.append(
            tuple(np.broadcast_to(np.asarray(v, float), size) for v in (cost, lower, upper, period, step))
        )
        return self._block(self.columns, name, size)

    def row(self, name: str, size: int, lower: object, upper: object, period: int, step: object) -> NDArray[np.int32]:
        """Add rows and return their indices."""
        self.row_parts.append(tuple(np.broadcast_to(np.asarray(v, float), size) for v in (lower, upper, period, step)))
        return self._block(self.rows, name, size)

    def add(self, rows: object, columns: object, values: object) -> None:
        """Add coefficients."""
        parts = np.broadcast_arrays(rows, columns, values)
        self.entries.append(tuple(np.asarray(p).ravel() for p in parts))

    def problem(self) -> LinearProblem:
        """Return the problem."""
        cost, lower, upper, column_period, column_step = (
            np.concatenate(p) for p in zip(*self.column_parts, strict=True)
        )
        row_lower, row_upper, row_period, row_step = (np.concatenate(p) for p in zip(*self.row_parts, strict=True))
        i, j, v = (np.concatenate(p) for p in zip(*self.entries, strict=True))
        matrix = sparse.csc_array((v, (i, j)), shape=(len(row_lower), len(cost)))
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
        tags = [t.astype(np.int32) for t in (column_period, column_step, row_period, row_step)]
        return LinearProblem(
            cost, matrix, row_lower, row_upper, lower, upper, tuple(self.columns), tuple(self.rows), *tags
        )


def series(nodes: int, hours: int, seed: int) -> dict[str, Floats]:
    """Return hourly load [GW] and shares of capacity of every node, of shape (hours, nodes)."""
    rng = np.random.default_rng(seed)
    hour = np.arange(hours)[:, None]
    day, year = 2 * np.pi * (hour % 24) / 24, 2 * np.pi * hour / 8760
    size = 0.5 + rng.random(nodes)
    noise = lambda scale, memory: _red_noise(rng, hours, nodes, memory) * scale  # noqa: E731
    load = (
        size
        * 30
        / nodes
        / size.mean()
        * (1 + 0.18 * np.sin(day - 2.2) + 0.10 * np.cos(2 * year) + 0.05 * np.cos(year) + noise(0.04, 0.8))
    )
    cloud = np.clip(0.65 + noise(0.35, 0.96), 0.1, 1)
    pv = np.clip(np.sin(day - np.pi / 2), 0, None) * cloud * (0.75 - 0.25 * np.cos(year))
    wind = np.clip(0.24 + 0.06 * np.cos(year) + noise(0.22, 0.97), 0, 1)
    river = np.clip(0.45 - 0.3 * np.cos(year + 0.4) + noise(0.1, 0.99), 0.05, 1)
    return {"load": load, "pv": pv, "wind": wind, "river": river}


def _red_noise(rng: np.random.Generator, hours: int, nodes: int, memory: float) -> Floats:
    """Return first-order autoregressive noise of unit variance, half of it common to all nodes."""
    from scipy.signal import lfilter

    white = rng.normal(size=(hours, nodes)) * 0.7 + rng.normal(size=(hours, 1)) * 0.7
    return np.asarray(lfilter([np.sqrt(1 - memory**2)], [1, -memory], white, axis=0))


def segments(data: dict[str, Floats], steps: int, seed: int) -> tuple[dict[str, Floats], Floats]:
    """Average hourly series over `steps` contiguous segments of varied length; return them and the durations [h]."""
    hours = len(data["load"])
    if steps >= hours:
        return data, np.ones(hours)
    cuts = np.sort(np.random.default_rng(seed + 1).choice(np.arange(1, hours), steps - 1, replace=False))
    edges = np.concatenate([[0], cuts, [hours]])
    length = np.diff(edges).astype(float)
    return {k: np.add.reduceat(v, edges[:-1], axis=0) / length[:, None] for k, v in data.items()}, length


def power_system(
    nodes: int = 14,
    steps: int = 288,
    years: tuple[int, ...] = (2030,),
    seed: int = 0,
    fixed: bool = False,
    lines: int | None = None,
) -> LinearProblem:
    """Return a problem over `nodes`, `steps` and periods; with `fixed`, capacities are given and stand in the bounds.

    The cap on CO2 falls from 95 Mt in the first year to 4 Mt in 2060.
    """
    make, rng = Maker(), np.random.default_rng(seed + 7)
    data, duration = segments(series(nodes, 8760, seed), steps, seed)
    lines = (24 * nodes // 14 if nodes > 2 else nodes - 1) if lines is None else lines
    ends = _lines(nodes, lines, rng)
    capacities: dict[tuple[str, int], NDArray[np.int32]] = {}
    for p, year in enumerate(years):
        _period(make, p, year, years, data, duration, ends, capacities, fixed, rng)
    if not fixed and len(years) > 1:
        _vintages(make, years, capacities)
    return make.problem()


def _lines(nodes: int, lines: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the ends of the lines: a ring, then chords."""
    ring = [(n, (n + 1) % nodes) for n in range(nodes)][:lines]
    chords = [
        (int(a), int((a + 2 + b) % nodes))
        for a, b in zip(rng.integers(0, nodes, 200), rng.integers(0, max(nodes - 3, 1), 200), strict=True)
    ]
    return np.array((ring + [c for c in dict.fromkeys(chords) if c not in ring])[:lines], dtype=np.int64).reshape(-1, 2)


def _period(
    make: Maker, p: int, year: int, years: tuple[int, ...], data: dict[str, Floats], duration: Floats,
    ends: NDArray[np.int64], capacities: dict[tuple[str, int], NDArray[np.int32]], fixed: bool, rng: np.random.Generator,
) -> None:  # fmt: skip
    """Add the columns and rows of a period; every array over (step, node) in C order."""
    steps, nodes = data["load"].shape
    single = len(years) == 1
    weight = 1.0 if single else (1.06 ** -(year - years[0])) * 8
    step = np.repeat(np.arange(steps), nodes)
    hours = np.repeat(duration, nodes)
    node = np.tile(np.arange(nodes), steps)
    demand = data["load"].ravel() * (1 + 0.012 * (year - 2025))
    balance = make.row(f"{p}.balance", steps * nodes, demand, demand, p, step)
    share = rng.uniform(0.7, 1.3, nodes)
    given = {
        "pv": 3.0,
        "wind": 1.6,
        "coal": 1.2,
        "capture": 0.3,
        "gas": 0.5,
        "biomass": 0.15,
        "nuclear": 0.3,
        "battery": 0.9,
        "pumped": 0.4,
    }

    def capacity(name: str, size: int, investment: Floats) -> NDArray[np.int32]:
        cost = weight * investment * (1.0 if single else 0.02)
        capacities[name, p] = make.column(
            f"{p}.{name}.capacity", size, cost, 0.0, 40.0 if name != "nuclear" else 0.6, p, BORDER
        )
        return capacities[name, p]

    def limited(
        name: str,
        column: NDArray[np.int32],
        columns: NDArray[np.int32],
        item: NDArray[np.int64],
        share: object,
        at: NDArray[np.int64],
    ) -> None:
        row = make.row(name, len(column), -np.inf, 0.0, p, at)
        make.add(row, column, 1.0)
        make.add(row, columns[item], -np.asarray(share))

    emissions: list[tuple[NDArray[np.int32], Floats]] = []
    for name in PLANTS:
        available = data[name].ravel() if name in data else np.full(steps * nodes, 0.9)
        cost = weight * hours * (RUNNING[name] * (0.9 + 0.1 * share[node]) + 1e-4)
        upper = given[name] * share[node] * available * 30 / nodes / 2 if fixed else np.inf
        column = make.column(f"{p}.{name}", steps * nodes, cost, 0.0, upper, p, step)
        make.add(balance, column, 1.0)
        if not fixed:
            limited(f"{p}.{name}.limit", column, capacity(name, nodes, INVESTMENT[name] * share), node, available, step)
        if name in EMISSION:
            emissions.append((column, hours * EMISSION[name]))
    river = make.column(f"{p}.river", steps * nodes, 0.0, 0.0, 0.4 * data["river"].ravel() * 14 / nodes, p, step)
    imports = make.column(
        f"{p}.import",
        steps * nodes,
        weight * hours * 0.32,
        0.0,
        np.where(node < max(nodes // 5, 1), 2.5 * 14 / nodes, 0.0) * 0.5,
        p,
        step,
    )
    shed = make.column(f"{p}.shed", steps * nodes, weight * hours * 20.0, 0.0, np.inf, p, step)
    for column in (river, imports, shed):
        make.add(balance, column, 1.0)
    _stores(make, p, data, duration, balance, capacity, limited, given, share, weight, fixed)
    if len(ends):
        _flows(make, p, steps, nodes, ends, balance, capacity, limited, weight, hours, fixed, rng)
    cap = np.interp(year, [years[0], 2060], [95_000.0, 4_000.0]) if year <= 2060 else 4_000.0
    limit = make.row(f"{p}.co2", 1, -np.inf, cap * (1.2 if fixed else 1.0), p, BORDER)
    for column, factor in emissions:
        make.add(limit, column, factor)


def _stores(
    make: Maker,
    p: int,
    data: dict[str, Floats],
    duration: Floats,
    balance,
    capacity,
    limited,
    given,
    share,
    weight,
    fixed,
) -> None:  # type: ignore[no-untyped-def]
    """Add battery, pumped storage and reservoir of every node, cyclic over the year."""
    steps, nodes = data["load"].shape
    step, node, hours = np.repeat(np.arange(steps), nodes), np.tile(np.arange(nodes), steps), np.repeat(duration, nodes)
    for name, energy, charging, discharging in (
        ("battery", 4.0, 0.95, 0.95),
        ("pumped", 8.0, 0.88, 0.88),
        ("reservoir", 400.0, 0.0, 1.0),
    ):
        expandable = not fixed and name != "reservoir"
        power = (
            np.full(steps * nodes, 0.6 * 14 / nodes)
            if name == "reservoir"
            else given.get(name, 0.0) * share[node] * 30 / nodes / 2
        )
        open_ = np.inf if expandable else power
        discharge = make.column(f"{p}.{name}.discharge", steps * nodes, weight * hours * 1e-3, 0.0, open_, p, step)
        level = make.column(
            f"{p}.{name}.level", steps * nodes, 0.0, 0.0, np.inf if expandable else power * energy, p, step
        )
        inflow = 0.35 * data["river"].ravel() * power * hours if name == "reservoir" else np.zeros(steps * nodes)
        row = make.row(f"{p}.{name}.content", steps * nodes, inflow, inflow, p, step)
        make.add(row, level, 1.0)
        before = np.roll(level.reshape(steps, nodes), 1, axis=0).ravel()
        if steps > 1:
            make.add(row, before, -1.0)
        else:
            make.add(row, before, -1.0 + 1e-3)
        make.add(row, discharge, hours / discharging)
        make.add(balance, discharge, 1.0)
        second = make.column(
            f"{p}.{name}.{'charge' if charging else 'spill'}",
            steps * nodes,
            0.0,
            0.0,
            open_ if charging else np.inf,
            p,
            step,
        )
        make.add(row, second, -hours * charging if charging else hours)
        if charging:
            make.add(balance, second, -1.0)
        if expandable:
            size = capacity(name, nodes, INVESTMENT[name] * share)
            limited(f"{p}.{name}.discharge.limit", discharge, size, node, 1.0, step)
            limited(f"{p}.{name}.charge.limit", second, size, node, 1.0, step)
            limited(f"{p}.{name}.level.limit", level, size, node, energy, step)


def _flows(
    make: Maker, p: int, steps: int, nodes: int, ends, balance, capacity, limited, weight, hours, fixed, rng
) -> None:  # type: ignore[no-untyped-def]
    """Add a flow in each direction of every line, with a loss of 2 % and a small cost."""
    lines = len(ends)
    step, line = np.repeat(np.arange(steps), lines), np.tile(np.arange(lines), steps)
    size = None if fixed else capacity("line", lines, INVESTMENT["line"] * rng.uniform(0.5, 2.0, lines))
    grid = balance.reshape(steps, nodes)
    for k, (a, b) in enumerate(((0, 1), (1, 0))):
        flow = make.column(
            f"{p}.flow.{k}",
            steps * lines,
            weight * 1e-3 * hours[::nodes].repeat(lines),
            0.0,
            1.5 if fixed else np.inf,
            p,
            step,
        )
        make.add(grid[:, ends[:, a]].ravel(), flow, -1.0)
        make.add(grid[:, ends[:, b]].ravel(), flow, 0.98)
        if size is not None:
            limited(f"{p}.flow.{k}.limit", flow, size, line, 1.0, step)


def _vintages(make: Maker, years: tuple[int, ...], capacities: dict[tuple[str, int], NDArray[np.int32]]) -> None:
    """Add builds, and rows that make a capacity the sum of builds alive and of what exists."""
    for name in dict.fromkeys(key for key, _ in capacities):
        size = len(capacities[name, 0])
        builds = []
        for p, year in enumerate(years):
            cost = INVESTMENT[name] * 1.06 ** -(year - years[0]) * min(LIFETIME[name], 2070 - year) * 0.6
            builds.append(make.column(f"{name}.build.{p}", size, cost, 0.0, np.inf, BORDER, BORDER))
        for p, year in enumerate(years):
            existing = {"coal": 1.5, "line": 0.8, "pv": 0.7, "wind": 0.6}.get(name, 0.0) * max(
                0.0, 1 - (year - 2025) / 30
            )
            row = make.row(f"{name}.link.{p}", size, existing, existing, p, BORDER)
            make.add(row, capacities[name, p], 1.0)
            for v, start in enumerate(years[: p + 1]):
                if start + LIFETIME[name] > year:
                    make.add(row, builds[v], -1.0)
