"""``tanlu monitor ingest``: files of readings into the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.energy_common import print_json
from tanlu.commands.monitor_common import WorkspaceFolder, open_ledger

if TYPE_CHECKING:
    from collections.abc import Callable

    from tanlu.monitor.ingest import IngestReport
    from tanlu.monitor.ledger import Ledger


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("ingest")(ingest)


def ingest(
    files: Annotated[
        list[Path],
        typer.Argument(metavar="FILE…", help="CSV、Excel、Parquet，或含这些文件的文件夹。Files or folders of them."),
    ],
    workspace: WorkspaceFolder = default_workspace(),
    known_at: Annotated[
        str,
        typer.Option(
            "--known-at",
            help="何时获知：auto（空账本按读数时刻，否则现在）、now、stamp 或时刻。When the readings became known.",
        ),
    ] = "auto",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查，不写入。Check only, write nothing.")] = False,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """读数文件入账：逐行校验，同一文件再来一次不改变任何东西。Take files of readings; the same file again changes nothing.

    例 Example: tanlu monitor ingest readings.csv --workspace tanlu-hunan --json
    """
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.monitor.ingest import ingest_file

    check_language(language)
    reports: list[IngestReport] = []
    try:
        with open_ledger(workspace) as ledger:
            known, at_stamp = _known_at(ledger, known_at)
            found, without = _files(files)
            for path in found:
                with _progress(path, language, as_json) as told:
                    report = ingest_file(
                        ledger, path, known_at=known, stated=known_at != "auto", dry=dry_run, progress=told
                    )
                reports.append(report)
                if at_stamp and not (report.at_stamp or report.known):
                    known, at_stamp = None, False
            notices = [n.text(language) for n in ledger.notices]
            notices += [translate("monitor.ingest.none", language, path=path) for path in without]
    except DataError as error:
        _explain_partial(reports, language, as_json)
        fail(error, language, as_json)
    if as_json:
        print_json(_record(reports, dry_run, notices, language))
        return
    _print(reports, dry_run, at_stamp and known_at == "auto", notices, language)


def _known_at(ledger: Ledger, text: str) -> tuple[int | None, bool]:
    """Return the moment of knowledge that is meant, and whether it is the stamp of each reading."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.monitor.bulk import AT_STAMP
    from tanlu.monitor.ingest import default_known_at
    from tanlu.monitor.stamps import stamp_of

    words = {"auto": default_known_at(ledger), "now": None, "stamp": AT_STAMP}
    if text in words:
        return words[text], words[text] == AT_STAMP
    stamp = stamp_of(text)
    if stamp is None or stamp * 1_000_000 > ledger.now():
        raise DataError([Problem("readings_known_at", "--known-at", value=text)])
    return stamp * 1_000_000, False


def _files(paths: list[Path]) -> tuple[list[Path], list[str]]:
    """Return the files, and what holds none.

    A folder stands for the files of readings in it and below it, by name. A pattern that the shell hands over as it is matches nothing,
    such as that of the monthly forms of a fleet of two weeks.

    Raises
    ------
    DataError
        If there is no file at all.
    """
    from tanlu.core.errors import DataError, Problem
    from tanlu.monitor.reading_tables import PARQUET
    from tanlu.monitor.workbook import SUFFIXES

    endings = (".csv", ".txt", *SUFFIXES, *PARQUET)
    found: list[Path] = []
    without = []
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in endings)
        else:
            inside = [] if "*" in path.name and not path.exists() else [path]
        found += inside
        without += [] if inside else [str(path)]
    if not found:
        raise DataError([Problem("readings_no_files", path, value=" ".join(endings)) for path in without])
    return found, without


@contextmanager
def _progress(path: Path, language: str, quiet: bool) -> Iterator[Callable[[float], None]]:
    from rich.console import Console
    from rich.progress import Progress

    from tanlu.core.messages import translate

    console = Console(stderr=True, quiet=quiet)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(translate("monitor.ingest.working", language, file=path.name), total=1.0)
        yield lambda share: progress.update(task, completed=share)


def _days(reports: list[IngestReport]) -> list[str]:
    from tanlu.monitor.schema import day_name

    return [day_name(day) for day in sorted({day for report in reports for day in report.days})]


def _record(reports: list[IngestReport], dry_run: bool, notices: list[str], language: str) -> dict[str, Any]:
    """Return the reports as plain data: sums, and each file."""
    from tanlu.core.messages import translate

    sums = ("rows", "accepted", "changed", "duplicates", "repeated")
    refused: dict[str, int] = {}
    for report in reports:
        for reason, count in report.refused.items():
            refused[reason] = refused.get(reason, 0) + count
    days = _days(reports)
    return {
        **{name: sum(getattr(report, name) for report in reports) for name in sums},
        "refused": sum(refused.values()),
        "reasons": [
            {"reason": reason, "rows": count, "text": translate(f"refused.{reason}", language)}
            for reason, count in refused.items()
        ],
        "days": len(days),
        "first_day": days[0] if days else None,
        "last_day": days[-1] if days else None,
        "dry_run": dry_run,
        "notices": notices,
        "files": [
            {
                "file": report.file,
                "batch": report.batch,
                "known": report.known,
                **{name: getattr(report, name) for name in sums},
                "refused": report.refused,
                "first_refused": [{"line": r.line, "reason": r.reason, "text": r.text} for r in report.shown],
                "notices": [n.text(language) for n in report.notices],
            }
            for report in reports
        ],
    }


def _print(reports: list[IngestReport], dry_run: bool, at_stamp: bool, notices: list[str], language: str) -> None:
    from tanlu.core.messages import translate

    for line in notices:
        print(line)
    for report in reports:
        _print_file(report, language)
    days = _days(reports)
    if days:
        print(translate("monitor.ingest.days", language, count=len(days), first=days[0], last=days[-1]))
    if dry_run:
        print(translate("monitor.ingest.dry_run", language))
    elif at_stamp and days:
        print(translate("monitor.ingest.at_stamp", language))


def _print_file(report: IngestReport, language: str) -> None:
    from tanlu.core.messages import translate

    for notice in report.notices:
        print(notice.text(language))
    if report.known:
        print(translate("monitor.ingest.known", language, file=report.file))
        return
    counts = {name: getattr(report, name) for name in ("rows", "accepted", "changed", "duplicates", "repeated")}
    total = sum(report.refused.values())
    print(translate("monitor.ingest.file", language, file=report.file, refused=total, **counts))
    for reason, count in report.refused.items():
        print(
            translate("monitor.ingest.reason", language, count=count, reason=translate(f"refused.{reason}", language))
        )
        for row in report.shown:
            if row.reason == reason:
                print(translate("monitor.ingest.row", language, line=row.line, text=row.text))


def _explain_partial(reports: list[IngestReport], language: str, as_json: bool) -> None:
    """Say what was taken of the files before the one that could not be."""
    if not as_json:
        for report in reports:
            _print_file(report, language)
