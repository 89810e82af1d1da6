"""From the province's data and the baseline to the arrays of the engine."""

from __future__ import annotations

import numpy as np

from tanlu.pathways.analysis.survival import weibull_scale, weibull_survivors
from tanlu.pathways.baseline import Baseline
from tanlu.pathways.coflow import AgeProfile, age_profile
from tanlu.pathways.data import PathwayData
from tanlu.pathways.dimensions import BUILDINGS, DEMAND, EMITTERS, FIRST, FOSSIL, GENERATORS, LAST_YEAR, SECTOR
from tanlu.pathways.engine import CAP, Parameters
from tanlu.pathways.levers import Lever
from tanlu.pathways.parameters import CONTROL_ROWS, DRAWS, SCALAR_CONTROLS, SECTOR_CONTROLS, Floats, ParameterSet
from tanlu.pathways.sectors import steel
from tanlu.pathways.tables import Ints, Program, Tables

OLDEST = 300
"""Ages that are counted in the stock of the base year [yr]."""
_OP_CODE = {"set": 0, "add": 0, "scale": 1, "cap": CAP}


def engine_parameters(data: PathwayData, baseline: Baseline, growth: str = "mid") -> Parameters:
    """Return what the engine needs for a growth case.

    Raises
    ------
    DataError
        If the growth case is unknown.
    """
    years = np.arange(baseline.base_year, LAST_YEAR + 1)
    program = _program(data.levers, years, data.parameters)
    return Parameters(
        years=years,
        tables=_tables(data, baseline, growth, years),
        program=program,
        defaults=np.array([lever.default for lever in data.levers]),
        central=central_draws(data, baseline),
    )


def central_draws(data: PathwayData, baseline: Baseline) -> Floats:
    """Return the central value of each uncertain quantity, [U]."""
    return np.array([data.parameters.scalar(p.name) for p in DRAWS])


def reference_controls(
    levers: tuple[Lever, ...], years: Ints, parameters: ParameterSet, *, caps: bool = True
) -> Floats:
    """Return the controls [K, T] with every lever at its default; without caps if the kernel is to apply them."""
    paths = np.empty((len(CONTROL_ROWS), len(years)))
    for p in SECTOR_CONTROLS:
        for sector in DEMAND:
            paths[CONTROL_ROWS[p.name, sector]] = parameters.values[p.name, sector].value
    for p in SCALAR_CONTROLS:
        paths[CONTROL_ROWS[p.name, ""]] = parameters.scalar(p.name)
    start = paths[:, 0].copy()
    for lever in levers:
        schedule = lever.schedule.values(years.tolist())
        for row in lever.rows:
            if lever.op == "set":
                paths[row] += (lever.default - start[row]) * schedule
            elif lever.op == "add":
                paths[row] += lever.default * schedule
            elif lever.op == "scale":
                paths[row] *= 1.0 + (lever.default - 1.0) * schedule
            elif caps:
                paths[row] = np.where(schedule > 0, np.minimum(paths[row], lever.default), paths[row])
    return paths


def _program(levers: tuple[Lever, ...], years: Ints, parameters: ParameterSet) -> Program:
    entries = [(i, row, lever) for i, lever in enumerate(levers) for row in lever.rows]
    schedule = [lever.schedule.values(years.tolist()) for _, _, lever in entries]
    return Program(
        lever=np.array([i for i, _, _ in entries], np.int64),
        row=np.array([row for _, row, _ in entries], np.int64),
        op=np.array([_OP_CODE[lever.op] for _, _, lever in entries], np.int64),
        default=np.array([lever.default for _, _, lever in entries], float),
        schedule=np.array(schedule, float).reshape(len(entries), len(years)),
    )


def _growth(data: PathwayData, case: str, years: Ints) -> tuple[Floats, Floats, Floats]:
    calendar = years.tolist()
    return tuple(data.growth_path(case, v, calendar) for v in ("gdp_growth", "population_growth", "urbanisation"))  # type: ignore[return-value]


def _elasticity(parameters: ParameterSet, service: str, passed: Floats) -> Floats:
    """Return the income elasticities [T, S], linear from the base year to the last one."""
    early, late = (parameters.array(f"elasticity.{service}{x}") for x in ("", ".late"))
    out: Floats = early + (late - early) * (passed / passed[-1])[:, None]
    return out


def _population(urban: Floats) -> Floats:
    """Return the share of the people who drive a sector, over that of the base year, [T, S]."""
    share = {"total": urban, "urban": urban, "rural": 1.0 - urban}
    return np.column_stack([share[SECTOR[s].population] / share[SECTOR[s].population][0] for s in DEMAND])


def _drive(p: ParameterSet, urban: Floats, passed: Floats) -> tuple[Floats, Floats]:
    """Return what drives fuel and power services besides income and saturation, base year = 1, both [T, S] (eq. 4 and 4a)."""
    people = _population(urban) ** p.array("urbanisation.exponent")
    fuel, power = people.copy(), people.copy()
    area, level = p.array("floor.area"), p.array("floor.area.level")
    area = (level + (area - level) * np.exp(-passed[:, None] * p.array("floor.area.rate"))) / area
    part = passed[:, None] / passed[-1]
    warm, hot = (
        1.0 + part * (p.scalar(f"{kind}.days.late") / p.scalar(f"{kind}.days") - 1.0) for kind in ("heating", "cooling")
    )
    places = [DEMAND.index(s) for s in BUILDINGS]
    heating, cooling = p.array("heating.electricity"), p.array("cooling.electricity")
    fuel[:, places] *= area * (1.0 + p.array("heating.fuel") * (warm - 1.0))
    power[:, places] *= area * (1.0 + heating * (warm - 1.0) + cooling * (hot - 1.0))
    return fuel, power


def _survival(p: ParameterSet, years: int, service: str) -> tuple[Floats, AgeProfile]:
    """Return which share of new equipment is left at each age, [T, S], and the stock of the base year by age (eq. 5 and 6).

    The ages of the stock are those of sales that grew at ``age.growth``: vintage a stands for S(a)·e^(−γa) of it.
    """
    shape, life = p.array("lifetime.shape"), p.array("lifetime" if service == "fuel" else "lifetime.electricity")
    scale = np.array([weibull_scale(float(m), float(k)) for m, k in zip(life, shape, strict=True)])
    left = weibull_survivors(np.arange(OLDEST + years)[:, None], scale, shape)
    fall, retrofit = p.array(f"efficiency.{service}"), p.array("efficiency.retrofit")
    return np.ascontiguousarray(left[:years]), age_profile(left, p.array("age.growth"), fall, retrofit, years)


def _electric_limit(p: ParameterSet, passed: Floats) -> Floats:
    """Return the highest stock of the electric route, [T, S], base-year stock = 1 (eq. 6a)."""
    limit = np.full((len(passed), len(DEMAND)), np.inf)
    scrap = steel.scrap_available(passed, *(p.scalar(f"scrap.{k}") for k in ("base", "level", "rate")))
    limit[:, DEMAND.index(steel.SECTOR.id)] = scrap
    return limit


def _tables(data: PathwayData, baseline: Baseline, growth: str, years: Ints) -> Tables:
    p, passed = data.parameters, (years - years[0]).astype(float)
    gdp_growth, population_growth, urban = _growth(data, growth, years)
    drive_fuel, drive_power = _drive(p, urban, passed)
    survival, base = _survival(p, len(years), "fuel")
    survival_power, power = _survival(p, len(years), "electricity")
    generation = baseline.generation
    gas = float(generation[GENERATORS.index("gas")])
    sink = -baseline.land[baseline.base_year] if baseline.base_year in baseline.land else p.scalar("sink.base")
    return Tables(
        gdp=baseline.gdp[baseline.base_year],
        population=baseline.population[baseline.base_year],
        gdp_growth=gdp_growth,
        population_growth=population_growth,
        drive_fuel=drive_fuel,
        drive_power=drive_power,
        maturity_decay=np.exp(-passed[:, None] * p.array("maturity.rate")),
        maturity_level=p.array("maturity.level"),
        elasticity_fuel=_elasticity(p, "fuel", passed),
        elasticity_electricity=_elasticity(p, "electricity", passed),
        controls=np.ascontiguousarray(reference_controls(data.levers, years, p, caps=False)),
        survival=survival,
        survival_base=base.left,
        survival_power=survival_power,
        survival_power_base=power.left,
        need_base=base.energy,
        need_power_base=power.energy,
        new=base.new,
        new_power=power.new,
        retrofit=p.array("efficiency.retrofit"),
        floor=p.array("intensity.floor"),
        ratio_electricity=p.array("ratio.electricity"),
        ratio_hydrogen=p.array("ratio.hydrogen"),
        ratio_gas=p.array("ratio.gas"),
        process_shifted=p.array("process.shifted"),
        process_fuel=p.array("process.fuel"),
        electric_limit=_electric_limit(p, passed),
        follows=np.array([[float(f in SECTOR[s].follows) for f in FOSSIL] for s in DEMAND]),
        final=baseline.final,
        factor=baseline.factor,
        residual=baseline.residual,
        process=np.ascontiguousarray(baseline.process[-1, FIRST : FIRST + len(DEMAND)]),
        waste=float(baseline.process[-1, EMITTERS.index("waste")]),
        supply_link=p.scalar("supply.link"),
        generation=generation,
        losses=baseline.losses,
        power_coal=baseline.power_coal,
        power_coal_factor=float(baseline.power_coal_factor),
        power_other=baseline.power_other,
        power_process=float(baseline.process[-1, 0]),
        gas_rate=baseline.gas_fuel / gas if gas > 0 else 3.6 / p.scalar("gas.efficiency"),
        gas_factor=float(baseline.gas_factor),
        heat_fuel=p.scalar("heat.fuel"),
        hours=np.array([p.scalar(f"hours.{k}") for k in ("wind", "solar", "hydro", "biomass", "nuclear")]),
        hours_imports=p.scalar("hours.imports"),
        hours_imports_maximum=p.scalar("hours.imports.maximum"),
        hours_thermal_maximum=p.scalar("hours.thermal.maximum"),
        coal_capacity=p.scalar("capacity.coal"),
        build=np.array([p.scalar(f"build.{k}") for k in ("wind", "solar", *["other"] * 5)]),
        decline=p.scalar("decline.capacity"),
        curtailment_free=p.scalar("curtailment.free"),
        curtailment_storage=p.scalar("curtailment.storage"),
        curtailment_slope=p.scalar("curtailment.slope"),
        storage_losses=p.scalar("storage.losses"),
        thermal_minimum=p.scalar("thermal.minimum"),
        gas_share_maximum=p.scalar("gas.share.maximum"),
        electrolysis_efficiency=p.scalar("electrolysis.efficiency"),
        reforming_efficiency=p.scalar("reforming.efficiency"),
        capture_electricity=p.scalar("capture.electricity"),
        capture_penalty=p.scalar("capture.penalty"),
        primary_equivalent=p.scalar("primary.equivalent"),
        imports_fossil=p.scalar("imports.fossil"),
        sink=float(sink),
        sink_decay=np.exp(-passed * p.scalar("sink.rate")),
        sink_level=p.scalar("sink.level"),
    )
