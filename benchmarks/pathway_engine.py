"""Speed of the pathway engine against C, a pandas program and PySD, on the same equations and data, in one run.

    python benchmarks/pathway_engine.py [--province hunan] [--write]

All implementations compute scope 1 CO2 of every year for the same levers; the run stops if they disagree. The
peers get the controls after the levers as ready time series (our engine computes them in the timed call) and leave out
imported CO2, sinks and primary energy, so they do slightly less. Times are CPU times of one process, best of several,
of pandas and PySD of one run; PySD's time excludes writing, parsing and loading the model, C's excludes compiling;
without gcc it is left out.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from pathlib import Path

import numpy as np

from peers import pathway_c, pathway_pandas, pathway_vensim
from sections import best, machine, timed, versions, write
from tanlu.accounts import build_inventory
from tanlu.core.province import load_province, province_folder
from tanlu.land import forest_rows
from tanlu.pathways import Parameters, baseline_from_inventory, engine_parameters, load_pathways, run, warm_up
from tanlu.pathways.reference import control_paths
from tanlu.pathways.scenario_files import ScenarioFile, Setting
from tanlu.pathways.simulation import load_model, simulate_file

DRAWS = 2048
FAN = 4096
AGREEMENT = 1e-7
HEADING = "## Pathway engine"


def prepare(name: str) -> tuple[Parameters, np.ndarray]:
    """Return the engine's parameters and a lever vector in which every lever acts (the plan world)."""
    folder = province_folder(name)
    province, data = load_province(folder), load_pathways(folder)
    baseline = baseline_from_inventory(build_inventory(province, forest_rows(province)), province, data.parameters)
    return engine_parameters(data, baseline), data.world("plan")


def pysd_model(parameters: Parameters, controls: np.ndarray, folder: Path) -> tuple[object, float]:
    """Return the loaded PySD model and the seconds that writing, parsing and loading took."""
    import pysd

    start = time.process_time()
    path = folder / "pathway.mdl"
    pathway_vensim.write_model(path, parameters.tables, controls, parameters.years.tolist())
    model = pysd.read_vensim(str(path))
    return model, time.process_time() - start


def measure(province: str) -> tuple[list[tuple[str, float, str]], str]:
    """Return (implementation, seconds a run, remark) and a note on agreement.

    Raises
    ------
    SystemExit
        If the implementations disagree.
    """
    parameters, levers = prepare(province)
    start = time.process_time()
    warm_up(parameters)
    first = time.process_time() - start
    controls = control_paths(parameters.tables, parameters.program, levers[None])[0]
    sheets = pathway_pandas.sheets(parameters.tables, controls)
    many = np.tile(levers, (DRAWS, 1))
    with tempfile.TemporaryDirectory() as folder:
        model, loading = pysd_model(parameters, controls, Path(folder))
        frame, pysd_time = timed(lambda: model.run(return_columns=["total co2"]))  # type: ignore[attr-defined]
        sheet, pandas_time = timed(lambda: pathway_pandas.simulate(parameters.tables, *sheets))
        ours = run(parameters, levers).total[0]
        answers = {
            "numpy": run(parameters, levers, implementation="reference").total[0],
            "pandas": np.array(sheet),
            "PySD": frame["total co2"].to_numpy(),
        }
        compiled = pathway_c.run(Path(folder), parameters.tables, controls) if pathway_c.available() else None
        if compiled is not None:
            answers["C"] = compiled[0]
        gaps = {name: float(np.max(np.abs(values / ours - 1))) for name, values in answers.items()}
        if max(gaps.values()) > AGREEMENT:
            raise SystemExit(f"the implementations disagree: {gaps}")
        rows = [
            (
                "numba kernel, one run",
                best(lambda: run(parameters, levers), 2000),
                f"first call {first:.1f} s (compiling, or loading the cache)",
            ),
            (
                f"numba kernel, {DRAWS} draws, per run",
                best(lambda: run(parameters, many, detail=False, parts=False), 20) / DRAWS,
                "one thread",
            ),
            *(
                [("C, gcc -O3 -march=native -ffast-math, one run", compiled[1], "controls ready, total of a year only")]
                if compiled is not None
                else []
            ),
            ("numpy definition, one run", best(lambda: run(parameters, levers, implementation="reference"), 10), ""),
            (
                f"numpy definition, {DRAWS} draws, per run",
                best(lambda: run(parameters, many, detail=False, implementation="reference"), 1) / DRAWS,
                "",
            ),
            ("pandas, cell by cell, one run", pandas_time.cpu, "once"),
            ("PySD, one run", pysd_time.cpu, f"once; loading {loading:.1f} s more"),
        ]
    note = ", ".join(f"{name} {gap:.0e}" for name, gap in gaps.items())
    if compiled is None:
        print("no gcc here: the C peer is left out")
    return rows, f"Largest relative difference from the kernel in any year: {note}."


def fan(province: str) -> float:
    """Return the seconds of a fan, as a user asks for it."""
    model, file = load_model(province), ScenarioFile("fan", Setting("plan", "mid"), 7)
    return min(simulate_file(file, model, FAN).cpu_seconds for _ in range(20))


def report(rows: list[tuple[str, float, str]], note: str, fan_seconds: float, load: float) -> str:
    """Return the section of RESULTS.md."""
    single = rows[0][1]
    lines = [
        HEADING,
        "",
        f"`python benchmarks/pathway_engine.py`; {machine()}; {versions('numpy', 'numba', 'pandas', 'pysd')}.",
        "",
        note,
        "",
    ]
    lines += ["| implementation | CPU time a run | ratio to one kernel run | remark |", "|---|---|---|---|"]
    lines += [
        f"| {name} | {1e3 * seconds:.3f} ms | {seconds / single:,.2f} | {remark} |" for name, seconds, remark in rows
    ]
    lines += [
        "",
        f"A fan of {FAN:,} draws, with draws, quantiles of five series and the chance of a peak, takes {fan_seconds:.3f} s CPU.",
        f"Load of the machine by other programs at the start {load:.1f}: CPU times are longer by it.",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    """Measure, print and, when asked, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--province", default="hunan")
    parser.add_argument("--write", action="store_true", help="write the section of benchmarks/RESULTS.md")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    rows, note = measure(arguments.province)
    section = report(rows, note, fan(arguments.province), load)
    print(section)
    if arguments.write:
        write(HEADING, section)


if __name__ == "__main__":
    main()
