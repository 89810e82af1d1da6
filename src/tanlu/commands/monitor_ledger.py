"""``tanlu monitor ledger``: what the ledger holds, whether its files are sound, and putting it in order."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import (
    AsJson,
    Language,
    check_language,
    default_language,
    default_workspace,
    fail,
)
from tanlu.commands.energy_common import print_json
from tanlu.commands.monitor_common import WorkspaceFolder, open_ledger

if TYPE_CHECKING:
    from tanlu.core.errors import Problem
    from tanlu.monitor.ledger import Ledger

_SOURCES = 10
"""Sources that are named."""


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("ledger")(show_ledger)


def show_ledger(
    workspace: WorkspaceFolder = default_workspace(),
    verify: Annotated[bool, typer.Option("--verify", help="校验每个文件。Check every file.")] = False,
    compact: Annotated[bool, typer.Option("--compact", help="每天整理为一个文件。One file a day.")] = False,
    give_up: Annotated[
        str, typer.Option("--give-up", metavar="NAME", help="移出已损坏的文件。Take out a file that is lost.")
    ] = "",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """查看、校验或整理读数账本。Show, check or tidy the ledger of readings.

    例 Example: tanlu monitor ledger --verify --workspace tanlu-hunan
    """
    from tanlu.core.errors import DataError

    check_language(language)
    told: dict[str, Any] = {}
    lines: list[str] = []
    problems: list[Problem] = []
    try:
        with open_ledger(workspace, read_only=not (compact or give_up)) as ledger:
            _mend(ledger, give_up, compact, told, lines, language)
            if verify:
                problems = _verify(ledger, told, lines, language, as_json)
            told |= _summary(ledger)
            notices = [n.text(language) for n in ledger.notices]
    except DataError as error:
        fail(error, language, as_json)
    if problems:
        fail(DataError(problems), language, as_json)
    if as_json:
        print_json({**told, "notices": notices})
    else:
        _print([*notices, *lines], told, language)


def _mend(ledger: Ledger, lost: str, compact: bool, told: dict[str, Any], lines: list[str], language: str) -> None:
    """Take out a lost file and compact, where that was asked."""
    from tanlu.core.messages import translate
    from tanlu.monitor.verifying import give_up

    if lost:
        file, sources = give_up(ledger, lost)
        told["given_up"], told["sources"] = file.name, sources
        some = ", ".join(sources[:_SOURCES]) + (" …" if len(sources) > _SOURCES else "")
        lines.append(translate("monitor.ledger.given_up", language, file=file.name, rows=file.rows, sources=some))
    if compact:
        told["compacted"] = ledger.compact()
        lines.append(translate("monitor.ledger.compacted", language, days=told["compacted"]))


def _verify(ledger: Ledger, told: dict[str, Any], lines: list[str], language: str, quiet: bool) -> list[Problem]:
    from rich.console import Console
    from rich.progress import Progress

    from tanlu.core.messages import translate
    from tanlu.monitor.verifying import verify

    console = Console(stderr=True, quiet=quiet)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(translate("monitor.ledger.verifying", language), total=None)
        problems = verify(ledger, lambda done, of: progress.update(task, completed=done, total=of))
    told["sound"] = not problems
    if not problems:
        lines.append(translate("monitor.ledger.sound", language, files=ledger.catalog.totals()["files"]))
    return problems


def _summary(ledger: Ledger) -> dict[str, Any]:
    from tanlu.monitor.schema import day_name

    totals = ledger.catalog.totals()
    days = ledger.days()
    edges = {"first": day_name(days[0]) if days else None, "last": day_name(days[-1]) if days else None}
    return {**totals, "days": len(days), **edges, "folder": str(Path(ledger.path))}


def _print(lines: list[str], told: dict[str, Any], language: str) -> None:
    from tanlu.core.messages import translate

    for line in lines:
        print(line)
    shown = {key: "–" if value is None else value for key, value in told.items()}
    print(translate("monitor.ledger.summary", language, **shown))
