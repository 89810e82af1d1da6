"""Solve the optimised power systems to which the pathway engine's power rule is calibrated; write them into the province folder.

    python tools/power_systems.py hunan [--points 24]

The systems are points of a scrambled Sobol sequence over demand, share of wind and solar, share of wind in it, storage and price of
CO2, in three years. Each is the province on one node: the capacities of wind, solar and storage are pinned, all others are chosen at
least cost over segments of the year, and the whole is then run hour by hour. About a minute a system.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from scipy.stats import qmc

from tanlu.core.province import province_folder
from tanlu.energy.answers import adequacy
from tanlu.energy.certificate import NoPlanError, solve
from tanlu.energy.components import Demand, Store
from tanlu.energy.parameters import at_years
from tanlu.energy.policies import CapacityTarget, EmissionLimit
from tanlu.energy.reading import read_system
from tanlu.energy.results import Period, periods_of, system_hash
from tanlu.energy.system import System
from tanlu.job.energy_compare import electricity_of, power_capacities, read_generators, spilt_energy
from tanlu.job.energy_step import energy_folder
from tanlu.pathways.power_systems import COLUMNS, FILE, HOURS, PowerSystem, write_power_systems

SEED = 20
SEGMENTS = 150
BATTERY_HOURS = 4.0
"""Duration of batteries: with a power alone the plan would build them for the reserve, without energy."""
YEARS = (2030, 2040, 2060)
RANGES = {
    "demand": (0.8, 1.3), "share": (0.12, 0.95), "wind": (0.25, 0.65), "storage": (0.05, 0.8), "price": (0.0, 1000.0)
}  # fmt: skip
"""Load over that of the system's own data; energy of wind and sun over load; wind in it; storage power over mean load; CNY/t CO2."""
FREE = ("pv", "wind", "phs")
STORES = ("battery", "phs")
OUTPUTS = ("wind", "solar", "hydro", "biomass", "imports", "coal", "gas")
CAPACITIES = (*OUTPUTS, "storage")


def points(number: int) -> list[dict[str, float]]:
    """Return the design: a scrambled Sobol sequence, its years in turn."""
    sample = qmc.Sobol(len(RANGES), seed=SEED).random(1 << math.ceil(math.log2(number)))[:number]
    out = []
    for i, row in enumerate(sample.tolist()):
        point = {name: low + u * (high - low) for (name, (low, high)), u in zip(RANGES.items(), row, strict=True)}
        out.append({"year": YEARS[i % len(YEARS)], **point})
    return out


def pinned(system: System, point: dict[str, float]) -> System:
    """Return the system of a point: load scaled, wind, solar and storage pinned from nothing, CO2 priced and not capped."""
    year = int(point["year"])
    parts = []
    for part in system.components:
        if isinstance(part, Store) and part.kind == "battery":
            part = replace(part, hours=BATTERY_HOURS, existing=(), potential=math.inf, build_rate=math.inf)
        elif isinstance(part, Demand) and part.kind == "load":
            part = replace(part, annual=float(at_years(part.annual, [year])[0]) * point["demand"])
        elif part.kind in FREE:
            part = replace(part, existing=(), potential=math.inf, build_rate=math.inf)  # type: ignore[call-arg]
        elif part.kind == "gas":
            part = replace(part, potential=math.inf, build_rate=math.inf)  # type: ignore[call-arg]
        parts.append(part)
    load = sum(float(at_years(p.annual, [year])[0]) for p in parts if isinstance(p, Demand) and p.kind == "load")
    hours = {name: float(system.profiles[f"{name}.availability"].mean()) * HOURS for name in ("pv", "wind")}
    energy = {"wind": load * point["share"] * point["wind"], "pv": load * point["share"] * (1.0 - point["wind"])}
    sizes = {name: energy[name] / hours[name] for name in energy}
    targets = [
        CapacityTarget(name=f"pinned_{name}", technologies=(name,), least=size, most=size)
        for name, size in sizes.items()
    ]
    stored = load / HOURS * point["storage"]
    targets.append(CapacityTarget(name="pinned_storage", technologies=STORES, least=stored, most=stored))
    kept = [p for p in system.policies if not isinstance(p, EmissionLimit)]
    price = EmissionLimit(name="co2_price", price=point["price"])
    return system.with_changes(components=tuple(parts), policies=(*kept, price, *targets))


def measured(
    number: int, point: dict[str, float], period: Period, generators: dict[str, str], hash_: str
) -> PowerSystem:
    """Return what the power rule is fitted to."""
    made, _ = electricity_of(period, generators)
    stands = power_capacities(period, generators)
    found = adequacy(period.programme, period.solution, period.position)
    capacities = {f"{k}_gw": stands.get(k, 0.0) for k in CAPACITIES}
    return PowerSystem(
        number=number, year=int(point["year"]), demand=point["demand"], co2_price=point["price"], **capacities,
        **{f"{k}_twh": made.get(k, 0.0) for k in OUTPUTS}, curtailed_twh=spilt_energy(period, generators),
        storage_loss_twh=-made.get("storage", 0.0), peak_gw=found.peak / 1e3, unserved_twh=found.unserved / 1e6,
        hours=period.source, hash=hash_,
    )  # fmt: skip


def solved(system: System, folder: Path, number: int) -> Iterator[PowerSystem]:
    """Solve the points one by one; one without a plan is left out and said so."""
    generators = read_generators(folder)
    for i, point in enumerate(points(number)):
        asked = pinned(system, point)
        try:
            result = solve(asked, asked.grid([int(point["year"])]), SEGMENTS, certify=True)
        except NoPlanError as error:
            print(i, "no plan", error.solution.status, flush=True)
            continue
        text = json.dumps({"system": system_hash(asked), "segments": SEGMENTS, "point": point}, sort_keys=True)
        found = measured(i, point, periods_of(result)[0], generators, hashlib.sha256(text.encode()).hexdigest()[:16])
        print(i, {k: round(v, 2) for k, v in point.items()}, f"gap {result.gap:.3f}", found.hours, flush=True)
        yield found


def main() -> None:
    """Solve all points and write them in one step."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("province")
    parser.add_argument("--points", type=int, default=24)
    given = parser.parse_args()
    province = province_folder(given.province)
    folder = energy_folder(province)
    if folder is None:
        raise SystemExit(f"{given.province}: no energy system")
    system = read_system(folder).aggregate()
    target = province / "pathways" / FILE
    part = target.with_suffix(".part")
    rows: list[PowerSystem] = []
    for row in solved(system, folder, given.points):
        rows.append(row)
        write_power_systems(part, rows)
    part.replace(target)
    print(f"{target}: {len(rows)} rows, {len(COLUMNS)} columns")


if __name__ == "__main__":
    main()
