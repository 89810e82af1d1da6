"""What the commands on energy systems share: reading, changes of rules, years, nodes, and why there is no plan."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tanlu.energy.certificate import NoPlanError
    from tanlu.energy.system import System

EXIT_NO_PLAN = 3
ONE_NODE_SEGMENTS = 400
MANY_NODES_SEGMENTS = 288

SystemName = Annotated[
    str,
    typer.Argument(metavar="SYSTEM", help="系统文件夹，或省份。Folder of a system, or a province."),
]
Nodes = Annotated[int | None, typer.Option(min=1, help="节点数：1 为合成一个节点。Nodes; 1 puts all on one.")]
Periods = Annotated[str | None, typer.Option(help="年份，逗号分隔。Years, by commas; default all of the system.")]
Solver = Annotated[str, typer.Option(help="求解器。Solver: auto, clarabel, structured, highs-simplex, …")]
TimeLimit = Annotated[float | None, typer.Option(min=1, help="求解时限，秒。Limit for a solver [s].")]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set", metavar="policy.NAME.FIELD=VALUE", help="政策开关或数值，可重复。Rule on, off or other number."
    ),
]
Caps = Annotated[
    list[str] | None,
    typer.Option("--co2-cap", metavar="YEAR=MT", help="碳排放上限，Mt CO2/a。Cap of CO2 [Mt/a]; others stay."),
]
Prices = Annotated[
    list[str] | None,
    typer.Option("--co2-price", metavar="YEAR=CNY", help="碳价，CNY/t。Price of CO2 [CNY/t]; others stay."),
]


@dataclass(frozen=True)
class Changes:
    """What a user changes on the command line."""

    settings: list[str] | None = None
    caps: list[str] | None = None
    prices: list[str] | None = None

    def apply(self, system: System) -> System:
        """Return the changed system.

        Raises
        ------
        DataError
            With everything that is wrong in the options.
        """
        from tanlu.core.errors import DataError, Problem
        from tanlu.energy.changes import by_year, with_carbon, with_settings

        problems: list[Problem] = []
        numbers: dict[str, dict[int, float]] = {}
        for option, texts in (("--co2-cap", self.caps), ("--co2-price", self.prices)):
            try:
                numbers[option] = by_year(texts or (), option)
            except DataError as error:
                problems += error.problems
        try:
            system = with_settings(system, self.settings or ())
        except DataError as error:
            problems += error.problems
        if problems:
            raise DataError(problems)
        return with_carbon(system, numbers["--co2-cap"], numbers["--co2-price"])

    def record(self) -> dict[str, list[str]]:
        """Return what was changed, as plain data; empty where nothing was."""
        options = {"set": self.settings, "co2_cap": self.caps, "co2_price": self.prices}
        return {name: list(texts) for name, texts in options.items() if texts}


def read(name: str) -> tuple[System, float]:
    """Return a system and the seconds of reading it."""
    from tanlu.energy.reading import read_system, system_folder

    start = perf_counter()
    return read_system(system_folder(name)), perf_counter() - start


def status(text: str, quiet: bool) -> Any:
    """Show a spinner with a text on standard error while a block runs."""
    from rich.console import Console

    return Console(stderr=True, quiet=quiet).status(text)


def years(text: str | None) -> list[int] | None:
    """Return the years of ``2030,2040``; None where nothing is said."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.tables import FIRST_YEAR, LAST_YEAR

    if text is None:
        return None
    parts = [part.strip() for part in text.replace("，", ",").split(",")]
    found = [int(part) for part in parts if part.isdecimal()]
    rising = found == sorted(set(found))
    if len(found) != len(parts) or not rising or not all(FIRST_YEAR <= y <= LAST_YEAR for y in found):
        raise DataError([Problem("energy_years", "--periods", value=text)])
    return found


def with_nodes(system: System, nodes: int | None) -> System:
    """Return the system on all its nodes or on one; a node where only other carriers are pooled need not be counted."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.energy.components import Line

    if nodes is None or nodes == len(system.nodes):
        return system
    if nodes == 1:
        return system.aggregate()
    joined = {end for line in system.components if isinstance(line, Line) for end in (line.from_node, line.to_node)}
    if nodes == len(joined):
        return system
    details = {"known": len(joined) or len(system.nodes)}
    raise DataError([Problem("energy_nodes", "--nodes", value=str(nodes), details=details)])


def require_varying(system: System, technologies: Sequence[str], option: str) -> None:
    """Require technologies of sources whose availability varies.

    Raises
    ------
    DataError
        With every other name.
    """
    from tanlu.core.errors import DataError, Problem
    from tanlu.energy.answers.hosting import varying

    known = varying(system) if technologies else []
    details = {"refers_to": "availability", "some": ", ".join(known) or "–"}
    wrong = [
        Problem("unknown_choice", option, value=name, details=details) for name in technologies if name not in known
    ]
    if wrong:
        raise DataError(wrong)


def default_segments(system: System) -> int:
    """Return how many segments a year a plan has where nothing is said."""
    return ONE_NODE_SEGMENTS if len(system.nodes) == 1 else MANY_NODES_SEGMENTS


def print_json(data: dict[str, Any]) -> None:
    """Print plain data as JSON."""
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    print()


def label(system: System, technology: str, language: str) -> str:
    """Return the name of a technology in a language."""
    return system.technologies.get(technology, ("", ""))[0 if language == "zh" else 1] or technology


def cannot_write(path: Path, error: OSError) -> Any:
    """Return the problem of a file or folder that cannot be written."""
    from tanlu.core.errors import DataError, Problem

    return DataError([Problem("cannot_write", str(path), value=error.strerror or str(error))])


def explain_no_plan(error: NoPlanError, language: str, as_json: bool) -> None:
    """Print why there is no plan: what is short, what would have to give, what contradicts, or what else went wrong."""
    from tanlu.core.messages import translate
    from tanlu.energy.answers.explain import explain

    found = error.solution.status.value
    explanation = explain(error.programme) if found == "infeasible" else None
    if as_json:
        sentences = [] if explanation is None else [s.as_record(language) for s in explanation.statements]
        conflict, whole = conflict_of(error)
        print_json(
            {
                "system": error.programme.system.name, "status": found, "explanation": sentences,
                "irreducible": whole, "conflict": conflict,
            }
        )  # fmt: skip
        return
    if explanation is None:
        print(translate(f"energy.command.{found}", language), file=sys.stderr)
        return
    print(translate("energy.command.no_plan", language), file=sys.stderr)
    for sentence in explanation.statements:
        print("  " + sentence.text(language), file=sys.stderr)


def conflict_of(error: NoPlanError) -> tuple[list[dict[str, Any]], bool]:
    """Return the rows that contradict each other, by name and period, and whether none of them can be spared."""
    from tanlu.energy.checks.wording import moment
    from tanlu.energy.problem import BORDER
    from tanlu.energy.solvers.infeasible import irreducible_rows

    programme = error.programme
    if error.solution.status.value != "infeasible":
        return [], False
    problem, grid = programme.problem, programme.grid
    found = irreducible_rows(problem)
    if found is None:
        return [], False
    groups: dict[tuple[str, int | None], list[int]] = {}
    rows = ((problem.row(i)[0].name, problem.row_period[i], problem.row_step[i]) for i in found.rows.tolist())
    columns = (
        (problem.column(i)[0].name, problem.column_period[i], problem.column_step[i]) for i in found.columns.tolist()
    )
    for name, period, step in (*rows, *columns):
        year = None if period == BORDER else grid.years[period]
        steps = groups.setdefault((name, year), [])
        if step != BORDER:
            steps.append(int(step))
    conflict = [
        {
            "name": name,
            "year": year,
            "count": len(steps) or 1,
            "when": moment(int(grid.starts[min(steps)]), programme.system.hours) if steps else "",
        }
        for (name, year), steps in groups.items()
    ]
    return conflict, found.irreducible
