"""The frozen results of an energy study: one folder of tables that pages, reports and other tools read.

========================  ==========================================================================================
file                      what it holds
========================  ==========================================================================================
``summary.json``          names, periods, bounds and gap, solver and effort, hash of the system, assumptions by grade
``capacities.csv``        what stands and is built, by component and period
``balance.csv``           who supplies (positive) and takes (negative) how much in a year [MWh or t]
``emissions.csv``         CO2 by component and period [t]; ``imported_emissions.csv``: of imported energy, where it is made
``carbon_price.csv``      what the last tonne costs in each period [CNY/t]
``costs.csv``             discounted cost by component and kind [million CNY]
``curtailment.csv``       what sources that vary could have supplied, and what of it was not taken
``adequacy.csv``          peak, load that is not met, firm capacity
``hosting.csv``           what every node can host of sources that vary, by period, where it was asked for
``stress.csv``            weeks of each period by the peak of their residual load
``dispatch/<year>.csv``   electricity by hour [MW] by technology; ``technology.quantity`` where it is not what it mainly does
``prices/<year>.csv``     marginal cost of electricity by hour and node [CNY/MWh]
``sankey.csv``            flows of a year between carriers and plants [MWh]
``nodes.csv``             places; ``technologies.csv`` and ``lines.csv`` likewise
``sources.csv``           every number of the system with source and grade
========================  ==========================================================================================

Where capacities were run over every hour, amounts, hours and prices are of that run; otherwise they are those of the segments, constant
within each. ``summary.json`` says which under ``hours_from``.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import json
import math
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from tanlu import __version__
from tanlu.core.errors import DataError, Problem
from tanlu.core.provenance import Grade
from tanlu.energy.answers import (
    Frame,
    adequacy,
    capacities,
    costs,
    curtailment,
    dispatch_series,
    emissions,
    energy_balance,
    imported_emissions,
    prices,
    sankey,
)
from tanlu.energy.answers.emissions import carbon_price
from tanlu.energy.answers.hosting import hosting_in_plan
from tanlu.energy.certificate import EnergyResult
from tanlu.energy.components import Line
from tanlu.energy.parameters import at_years
from tanlu.energy.pathway import MyopicPathway
from tanlu.energy.policies import CapacityTarget, EmissionLimit, EnergyLimit, NonFossilShare, Policy, ReserveMargin
from tanlu.energy.problem import Floats
from tanlu.energy.solvers.answer import KEPT, Solution
from tanlu.energy.system import Programme, System

SUMMARY: Final = "summary.json"
ELECTRICITY: Final = "electricity"
CURRENCY: Final = "10^6 CNY"
_PLACES: Final = 6
"""Significant digits of hourly values."""


@dataclass(frozen=True, eq=False)
class Period:
    """One period of a study as it runs.

    Parameters
    ----------
    year : int
        The period.
    programme : Programme
        Hourly run of its capacities where there is one, else the plan.
    solution : Solution
        Its solution.
    position : int
        Position of the period in that programme.
    source : str
        ``hours`` or ``segments``.
    """

    year: int
    programme: Programme
    solution: Solution
    position: int
    source: str


def write_results(
    result: EnergyResult | MyopicPathway,
    folder: Path,
    *,
    about: Mapping[str, Any] | None = None,
    read_seconds: float = 0.0,
    hosting: Sequence[str] = (),
) -> None:
    """Write the frozen results of a study; the folder is there as a whole or not at all.

    Parameters
    ----------
    result : EnergyResult or MyopicPathway
        A solved study.
    folder : Path
        Where; an earlier study that it holds is replaced, a folder with anything else is not touched.
    about : mapping, optional
        Further entries of ``summary.json``: ``scenario``, ``link``.
    read_seconds : float
        Time of reading the system [s].
    hosting : sequence of str
        Technologies of varying sources for which hosting capacity is computed (`tanlu.energy.answers.hosting`).

    Raises
    ------
    DataError
        When the folder holds something else.
    OSError
        When it cannot be written.
    """
    if folder.exists() and not is_study(folder) and (not folder.is_dir() or any(folder.iterdir())):
        raise DataError([Problem("folder_in_use", str(folder), value=str(folder))])
    folder.parent.mkdir(parents=True, exist_ok=True)
    fresh = folder.with_name(f".{folder.name}.{os.getpid()}")
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        fresh.mkdir()
        _write(fresh, result, {**summary(result, read_seconds), **(about or {})})
        if hosting:
            found = [hosting_in_plan(p.programme, p.solution, hosting) for p in plans(result)]
            _table(fresh / "hosting.csv", _renamed(_joined(found)))
        _put_in_place(fresh, folder)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def is_study(folder: Path) -> bool:
    """Tell whether a folder holds the results of an energy study."""
    return (folder / SUMMARY).is_file() and (folder / "capacities.csv").is_file()


def _put_in_place(fresh: Path, folder: Path) -> None:
    """Let a finished folder take the place of an earlier one."""
    old = folder.with_name(f".{folder.name}.{os.getpid()}.old")
    if folder.exists():
        folder.rename(old)
    try:
        fresh.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
    shutil.rmtree(old, ignore_errors=True)


def plans(result: EnergyResult | MyopicPathway) -> tuple[EnergyResult, ...]:
    """Return the plans of a study: one, or one a period where each was decided for itself."""
    return result.steps if isinstance(result, MyopicPathway) else (result,)


def periods_of(result: EnergyResult | MyopicPathway) -> list[Period]:
    """Return the periods of a study as they run: hour by hour where that was computed."""
    found = []
    for plan in plans(result):
        runs = {run.year: run for run in plan.dispatches if run.solution.status in KEPT}
        for position, year in enumerate(plan.programme.grid.years):
            if year in runs:
                found.append(Period(year, runs[year].programme, runs[year].solution, 0, "hours"))
            else:
                source = "hours" if plan.programme.grid.is_hourly else "segments"
                found.append(Period(year, plan.programme, plan.solution, position, source))
    return found


def summary(result: EnergyResult | MyopicPathway, read_seconds: float = 0.0) -> dict[str, Any]:
    """Return what a study is and how sure it is, as plain data."""
    found, system = plans(result), result.system
    bounds = _bounds(result)
    solvers = dict.fromkeys(plan.solution.solver for plan in found)
    seconds = Counter[str]()
    for plan in found:
        seconds.update(dict(plan.seconds))
    return {
        "system": system.name,
        "labels": {"zh": system.labels[0] or system.name, "en": system.labels[1] or system.name},
        "foresight": "myopic" if isinstance(result, MyopicPathway) else "perfect",
        "nodes": len(system.nodes),
        "periods": [period.year for period in periods_of(result)],
        "segments": found[0].programme.grid.steps,
        "hourly": found[0].programme.grid.is_hourly,
        "hours": system.hours,
        "hours_from": {str(period.year): period.source for period in periods_of(result)},
        "solver": ", ".join(solvers),
        "replaced": [{"solver": name, "reason": reason} for plan in found for name, reason in plan.solution.replaced],
        **bounds,
        "currency": CURRENCY,
        "price_year": system.price_year,
        "discount_rate": system.discount_rate,
        "seconds": {key: round(value, 4) for key, value in {"read": read_seconds, **seconds}.items()},
        "peak_memory_MB": peak_memory(),
        "hash": system_hash(system),
        "version": __version__,
        "grades": grades(system),
        "policies": [_policy(policy, system.periods) for policy in system.policies],
    }


def _bounds(result: EnergyResult | MyopicPathway) -> dict[str, Any]:
    """Return cost, bounds and gap, and which bound is not certified."""
    if isinstance(result, MyopicPathway):
        # each period was decided without the next, so that nothing bounds the cost of all together from below
        return {"objective": result.cost, "lower": None, "upper": None, "gap": None, "uncertified": ["lower", "upper"]}
    proven = math.isfinite(result.upper)
    return {
        "objective": result.objective,
        "lower": result.lower if math.isfinite(result.lower) else None,
        "upper": result.upper if proven else None,
        "gap": result.gap if proven and math.isfinite(result.gap) else None,
        "uncertified": ([] if math.isfinite(result.lower) else ["lower"]) + ([] if proven else ["upper"]),
    }


def grades(system: System) -> dict[str, int]:
    """Return how many numbers of a system have which grade."""
    numbers = {origin for found in system.provenance.origins.values() for origin in found}
    return {grade.value: sum(origin.grade == grade for origin in numbers) for grade in Grade}


def _policy(policy: Policy, periods: Sequence[int]) -> dict[str, Any]:
    """Return what a policy asks for, as plain data."""
    kinds = {EmissionLimit: "emission_limit", NonFossilShare: "non_fossil_share", CapacityTarget: "capacity_target",
             EnergyLimit: "energy_limit", ReserveMargin: "reserve_margin"}  # fmt: skip
    record: dict[str, Any] = {
        "name": policy.name,
        "kind": kinds.get(type(policy), type(policy).__name__),
        "active": policy.active,
    }
    for field in dataclasses.fields(policy):
        value = getattr(policy, field.name)
        if (
            field.name not in record
            and value not in ((), None)
            and not (isinstance(value, float) and math.isinf(value))
        ):
            record[field.name] = _by_name(value) if isinstance(value, Mapping) else value
    return record


def _by_name(values: Mapping[Any, float]) -> dict[str, float | None]:
    """Return values by year or name for JSON, which has no infinity."""
    return {str(key): value if math.isfinite(value) else None for key, value in values.items()}


def system_hash(system: System) -> str:
    """Return a hash of everything that decides the answer: parts, policies, profiles, periods and prices (SHA-256, hex)."""
    digest = hashlib.sha256()
    facts = (system.name, system.periods, system.discount_rate, system.price_year, system.hours, system.annual)
    for part in (facts, *system.carriers, *system.nodes, *system.components, *system.policies):
        digest.update(repr(part).encode())
    for name in sorted(system.profiles):
        digest.update(name.encode() + np.ascontiguousarray(system.profiles[name], float).tobytes())
    for array in (system.lengths, system.occurrences):
        digest.update(b"" if array is None else np.ascontiguousarray(array, float).tobytes())
    return digest.hexdigest()


def peak_memory() -> float | None:
    """Return the most memory that the process had [MB]; None where the operating system does not tell."""
    try:
        import resource
    except ImportError:
        return None
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)


def _write(folder: Path, result: EnergyResult | MyopicPathway, about: Mapping[str, Any]) -> None:
    """Write all files."""
    found, running = plans(result), periods_of(result)
    _table(folder / "capacities.csv", _joined([capacities(p.programme, p.solution) for p in found]))
    _table(folder / "costs.csv", _renamed(_joined([costs(p.programme, p.solution) for p in found])))
    _yearly(folder, running)
    _adequacy(folder, running)
    _carbon_price(folder / "carbon_price.csv", found)
    for name in ("dispatch", "prices"):
        (folder / name).mkdir()
    for period in running:
        _hours(folder / "dispatch" / f"{period.year}.csv", *_dispatch(period))
        _hours(folder / "prices" / f"{period.year}.csv", *_prices(period))
    _names(folder, result.system)
    _sources(folder / "sources.csv", result.system)
    text = json.dumps(about, ensure_ascii=False, indent=1)
    (folder / SUMMARY).write_text(text + "\n", encoding="utf-8", newline="\n")


def _yearly(folder: Path, running: Sequence[Period]) -> None:
    """Write what a year sums up to: balance, emissions, curtailment and the flows of a Sankey diagram."""
    answers = {
        "balance": energy_balance, "emissions": emissions, "imported_emissions": imported_emissions, "curtailment": curtailment
    }  # fmt: skip
    for name, answer in answers.items():
        parts = [answer(p.programme, p.solution).where(period=p.year) for p in running]
        _table(folder / f"{name}.csv", _renamed(_joined(parts)))
    flows = []
    for p in running:
        frame = sankey(p.programme, p.solution, p.position)
        flows.append(Frame({"period": np.full(len(frame), p.year), **frame.columns}))
    _table(folder / "sankey.csv", _renamed(_joined(flows)))


def _adequacy(folder: Path, running: Sequence[Period]) -> None:
    """Write how well the load of electricity is met, and the weeks of stress."""
    found = [adequacy(p.programme, p.solution, p.position) for p in running]
    header = ["period", "peak_MW", "unserved_MWh", "unserved_share", "unserved_hours", "firm_MW", "margin"]
    _rows(
        folder / "adequacy.csv",
        header,
        ([a.period, a.peak, a.unserved, a.unserved_share, a.unserved_hours, a.firm, a.margin] for a in found),
    )
    weeks = [Frame({"period": np.full(len(a.stress), a.period), **a.stress.columns}) for a in found]
    _table(folder / "stress.csv", _renamed(_joined(weeks)))


def _carbon_price(path: Path, found: Sequence[EnergyResult]) -> None:
    """Write price and cap of CO2 of the plan; a run of given capacities would not count in the price what capacity costs."""
    years = [year for plan in found for year in plan.programme.grid.years]
    price = np.concatenate([carbon_price(plan.programme, plan.solution) for plan in found])
    caps = [
        at_years(policy.cap, years)
        for policy in found[0].system.policies
        if isinstance(policy, EmissionLimit) and policy.active
    ]
    cap = np.min(caps, axis=0) if caps else np.full(len(years), np.inf)
    most = [value if math.isfinite(value) else None for value in cap.tolist()]
    _rows(path, ["period", "price_CNY_t", "cap_t"], zip(years, price.tolist(), most, strict=True))


def _dispatch(period: Period) -> tuple[list[str], Floats]:
    """Return electricity by hour, a row for each technology [MW]."""
    series = dispatch_series(period.programme, period.solution, carrier=ELECTRICITY, period=period.position)
    return list(series.names), period.programme.grid.to_hours(series.values)


def _prices(period: Period) -> tuple[list[str], Floats]:
    """Return the marginal cost of electricity by hour, a row for each node [CNY/MWh]."""
    series = prices(period.programme, period.solution, period.position)
    ending = f".{ELECTRICITY}"
    at = [i for i, name in enumerate(series.names) if name.endswith(ending)]
    names = [series.names[i].removesuffix(ending) for i in at]
    return names, period.programme.grid.to_hours(series.values[at])


def _hours(path: Path, names: Sequence[str], values: Floats) -> None:
    """Write one row an hour."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["hour", *names])
        for hour, row in enumerate(values.T.tolist()):
            # adding 0.0 turns a negative zero into zero
            writer.writerow([hour, *(f"{value + 0.0:.{_PLACES}g}" for value in row)])


def _names(folder: Path, system: System) -> None:
    """Write the places, the technologies in the order in which charts stack them, and the lines."""
    _rows(
        folder / "nodes.csv",
        ["node", "region", "zh", "en", "latitude", "longitude"],
        (
            [n.name, n.region, n.labels[0] or n.name, n.labels[1] or n.name, n.latitude, n.longitude]
            for n in system.nodes
        ),
    )
    used = dict.fromkeys(component.kind for component in system.components)
    order = [*(t for t in system.technologies if t in used), *(t for t in used if t not in system.technologies)]
    labels = [(t, *system.technologies.get(t, ("", ""))) for t in order]
    _rows(
        folder / "technologies.csv",
        ["technology", "zh", "en"],
        ([t, zh or t, en or t] for t, zh, en in labels),
    )
    lines = [c for c in system.components if isinstance(c, Line)]
    _rows(
        folder / "lines.csv",
        ["line", "from", "to"],
        ([line.name, line.from_node, line.to_node] for line in lines),
    )


def _sources(path: Path, system: System) -> None:
    """Write every number with its source and grade."""
    names = ("component", "parameter", "year", "value", "unit", "source", "grade")
    rows = (
        [*(row[name] for name in names), _both(row["note_zh"], row["note_en"])] for row in system.provenance.table()
    )
    _rows(path, [*names, "note"], rows)


def _both(zh: object, en: object) -> str:
    """Return a note in both languages, once where they are the same."""
    return " / ".join(dict.fromkeys(str(note) for note in (zh, en) if note))


def _joined(frames: Sequence[Frame]) -> Frame:
    """Return frames of the same columns one below the other."""
    filled = [frame for frame in frames if len(frame)] or list(frames[:1])
    return Frame({name: np.concatenate([frame[name] for frame in filled]) for name in filled[0].columns})


def _renamed(frame: Frame) -> Frame:
    """Return a frame whose units are joined to the names of its columns: ``emission [t]`` is ``emission_t``."""
    units = {"MCNY": "MCNY", "CNY/t": "CNY_t"}

    def short(name: str) -> str:
        head, _, unit = name.rstrip("]").partition(" [")
        return "_".join([*head.split(), *([units.get(unit, unit)] if unit else [])])

    return Frame({short(name): column for name, column in frame.columns.items()})


def _table(path: Path, frame: Frame) -> None:
    """Write a frame."""
    columns = [column.tolist() for column in frame.columns.values()]
    _rows(path, list(frame.columns), zip(*columns, strict=True))


def _rows(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a table: numbers with at most six decimals, what is not known as an empty cell."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: object) -> object:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    return repr(round(value, 6) + 0.0) if isinstance(value, float) else value
