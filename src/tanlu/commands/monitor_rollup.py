"""``tanlu monitor rollup``: readings to hourly facts to emissions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.energy_common import print_json
from tanlu.commands.monitor_common import WorkspaceFolder, open_ledger

if TYPE_CHECKING:
    from tanlu.monitor.emissions import Emissions
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.rollup import RollupReport


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("rollup")(rollup)


def rollup(
    workspace: WorkspaceFolder = default_workspace(),
    engine: Annotated[
        str, typer.Option("--engine", help="kernel、duckdb、spark://…、clickhouse://…、postgresql://…。Engine.")
    ] = "kernel",
    late: Annotated[
        bool, typer.Option("--late", help="只重算迟到数据涉及的部分。Only what late data touched.")
    ] = False,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """由读数计算逐时事实和排放；中途停止不改变已有结果。Make hourly facts and emissions from readings; to stop it changes nothing.

    例 Example: tanlu monitor rollup --workspace tanlu-hunan --engine kernel --json
    """
    from tanlu.core.errors import DataError

    check_language(language)
    try:
        with open_for_facts(workspace) as ledger:
            from tanlu.monitor import rollup as work

            with _progress(language, as_json) as told:
                report = (work.refresh if late else work.rollup)(ledger, engine, progress=told)
            result = _emissions(ledger)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        print_json(_record(report, result))
    else:
        _print(report, result, language)


def open_for_facts(workspace: Path) -> Ledger:
    """Open a ledger to make facts: for writing, or for reading beside a process that receives readings.

    Raises
    ------
    DataError
        If there is no ledger, or it cannot be read.
    """
    from tanlu.core.errors import DataError

    try:
        return open_ledger(workspace, borrow=False)
    except DataError as error:
        if all(problem.code == "ledger_locked" for problem in error.problems):
            return open_ledger(workspace, read_only=True)
        raise


def _emissions(ledger: Ledger) -> Emissions | None:
    """Return the emissions of the province over all days of the ledger."""
    from tanlu.monitor.emissions import emissions
    from tanlu.monitor.facts import Facts
    from tanlu.monitor.schema import UnitKind

    days = ledger.days()
    top = [u.id for u in ledger.registry.units.values() if u.kind is UnitKind.PROVINCE]
    return emissions(Facts(ledger), top[0], days[0], days[-1]) if days and top else None


@contextmanager
def _progress(language: str, quiet: bool) -> Iterator[Callable[[int, int], None]]:
    from rich.console import Console
    from rich.progress import Progress

    from tanlu.core.messages import translate

    with Progress(console=Console(stderr=True, quiet=quiet), transient=True) as progress:
        task = progress.add_task(translate("monitor.rollup.working", language), total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def peak_memory_mb() -> float | None:
    """Return the largest memory of this process so far [MB], where the system tells."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return None
    lines = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return next((round(int(line.split()[1]) / 1024, 1) for line in lines), None)


def _record(report: RollupReport, result: Emissions | None) -> dict[str, Any]:
    told = result.as_record() if result is not None else {}
    return {
        "engine": report.engine,
        "rows": report.rows,
        "days": report.days,
        "touched": report.touched,
        "seconds": round(report.seconds, 3),
        "rows_per_second": round(report.rate),
        "peak_memory_mb": peak_memory_mb(),
        "generation": report.generation,
        "kg": result.kg() if result is not None else {},
        "co2e_kg": result.co2e() if result is not None else None,
        "emissions": told,
    }


def _print(report: RollupReport, result: Emissions | None, language: str) -> None:
    from tanlu.core.messages import translate

    key = "monitor.rollup.done" if report.generation else "monitor.rollup.nothing"
    print(
        translate(
            key, language, engine=report.engine, days=report.days, rows=report.rows, touched=report.touched,
            seconds=f"{report.seconds:.1f}", rate=f"{report.rate / 1e6:.1f}",
        )
    )  # fmt: skip
    if result is not None:
        from tanlu.commands.monitor_total import print_emissions

        print_emissions(result, language)
