"""The pathway model as a C program: inputs written as a header, compiled with gcc where there is one."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np

from tanlu.pathways.dimensions import CARRIERS, DEMAND, SHIFTS
from tanlu.pathways.parameters import CONTROL_ROWS, SCALAR_CONTROLS
from tanlu.pathways.tables import Tables

SOURCE = Path(__file__).with_name("pathway_model.c")
FLAGS = ("-O3", "-march=native", "-ffast-math")
Array = np.ndarray[Any, Any]


def available() -> bool:
    """Return whether a C compiler is at hand."""
    return shutil.which("gcc") is not None


def run(folder: Path, tables: Tables, controls: Array, repeats: int = 200) -> tuple[Array, float]:
    """Write inputs, compile and run; return scope 1 CO2 by year [Mt] and the CPU seconds of one run."""
    (folder / "inputs.h").write_text(_inputs(tables, controls), encoding="utf-8")
    program = folder / "pathway"
    subprocess.run(["gcc", *FLAGS, "-I", str(folder), str(SOURCE), "-o", str(program), "-lm"], check=True)
    done = subprocess.run([str(program), str(repeats)], capture_output=True, text=True, check=True)
    *years, seconds = (float(line) for line in done.stdout.split())
    return np.array(years), seconds


def _inputs(q: Tables, controls: Array) -> str:
    def by_sector(name: str) -> Array:
        first = CONTROL_ROWS[name, DEMAND[0]]
        return controls[first : first + len(DEMAND)].T

    def of(name: str) -> Array:
        return controls[CONTROL_ROWS[name, ""]]

    arrays: dict[str, Any] = {
        "efficiency_fuel": by_sector("efficiency.fuel"), "efficiency_power": by_sector("efficiency.electricity"),
        "activity": by_sector("activity.scale"), "capture": by_sector("capture"), "process_factor": by_sector("process.factor"),
        "shift": np.array([by_sector(f"shift.{k}") for k in SHIFTS]),
        "capacity": np.array([of(p.name) for p in SCALAR_CONTROLS[:7]]),
        "coal_rate": of("coal.rate"), "coal_cofiring": of("coal.cofiring"), "gas_generation": of("gas.generation"),
        "grid_losses": of("grid.losses"), "heat_clean": of("heat.clean"), "hydrogen_green": of("hydrogen.green"),
        "capture_power": of("capture.power"), "elasticity_power": q.elasticity_electricity, "start_fuel": q.new, "start_power": q.new_power,
        "floor_": q.floor, "base": q.final, "process0": q.process, "supplies": q.follows.any(axis=1).astype(float),
        "electric_limit": np.minimum(q.electric_limit, 1e9),
    }  # fmt: skip
    for name in (
        "gdp_growth", "population_growth", "drive_fuel", "drive_power", "maturity_decay", "maturity_level", "elasticity_fuel", "survival",
        "survival_base", "survival_power", "survival_power_base", "need_base", "need_power_base", "retrofit", "ratio_electricity",
        "ratio_hydrogen", "ratio_gas", "process_shifted", "process_fuel", "follows", "factor", "residual", "generation", "hours", "build",
    ):  # fmt: skip
        arrays[name] = getattr(q, name)
    numbers = {"gdp0": q.gdp, "population0": q.population}
    for name in (
        "waste", "supply_link", "losses", "power_coal", "power_coal_factor", "power_other", "power_process", "gas_rate", "gas_factor",
        "heat_fuel", "hours_imports", "hours_imports_maximum", "decline", "curtailment_free", "curtailment_storage", "curtailment_slope",
        "storage_losses", "thermal_minimum", "gas_share_maximum", "electrolysis_efficiency", "reforming_efficiency", "capture_electricity",
        "capture_penalty",
    ):  # fmt: skip
        numbers[name] = getattr(q, name)
    sizes = {"T": controls.shape[1], "S": len(DEMAND), "C": len(CARRIERS), "REFINING": DEMAND.index("refining")}
    lines = [f"#define {name} {value}" for name, value in sizes.items()]
    lines += [f"static const double {name} = {float(value)!r};" for name, value in numbers.items()]
    return "\n".join([*lines, *(_array(name, np.asarray(values, float)) for name, values in arrays.items())]) + "\n"


def _array(name: str, values: Array) -> str:
    shape = "".join(f"[{n}]" for n in values.shape)
    return f"static const double {name}{shape} = {_literal(values)};"


def _literal(values: Array) -> str:
    inner = (_literal(v) for v in values) if values.ndim > 1 else (repr(float(v)) for v in values)
    return "{" + ", ".join(inner) + "}"
