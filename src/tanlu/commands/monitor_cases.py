"""``tanlu monitor cases``: enterprises whose readings do not fit together; officers take, close and reopen cases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.monitor_common import WorkspaceFolder, open_ledger
from tanlu.commands.monitor_days import Month, Region, days_of_month, known_region, progress_of

if TYPE_CHECKING:
    from tanlu.monitor.desk import Desk, Item
    from tanlu.monitor.ledger import Ledger


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("cases")(cases)


def cases(
    workspace: WorkspaceFolder = default_workspace(),
    search: Annotated[
        bool, typer.Option("--search", help="检查一个月，新立案。Examine a month and open cases.")
    ] = False,
    region: Region = "",
    month: Month = "",
    rate: Annotated[float, typer.Option(min=0.001, max=0.5, help="误报率上限。False discovery rate.")] = 0.10,
    case: Annotated[str, typer.Option("--case", help="只看一案。One case.")] = "",
    action: Annotated[str, typer.Option(help="take, close, reopen, note.")] = "",
    by: Annotated[str, typer.Option("--by", help="办理人。Who.")] = "",
    reason: Annotated[str, typer.Option(help="confirmed, explained, false_alarm, instrument.")] = "",
    note: Annotated[str, typer.Option(help="说明。Note.")] = "",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """数据疑点：按误报率立案、列出证据、办理并留痕。Suspicions as cases with evidence; what is done is kept for ever.

    例 Example: tanlu monitor cases --search --month 2024-07
    例 Example: tanlu monitor cases --case ID --action close --reason instrument --by Li
    """
    from tanlu.core.errors import DataError
    from tanlu.monitor.suspicion.cases import case_desk

    check_language(language)
    try:
        ledger = open_ledger(workspace, read_only=True)
        told = _search(ledger, region, month, rate, language) if search else {}
        desk = case_desk(ledger.catalog)
        if action:
            desk.act(case, action, by, reason=reason, note=note)
        items = _items(desk, case)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        from tanlu.commands.energy_common import print_json

        print_json({**told, "cases": [_record(desk, item, language) for item in items]})
    else:
        _print(desk, items, told, language, whole=bool(case))


def _search(ledger: Ledger, region: str, month: str, rate: float, language: str) -> dict[str, Any]:
    from tanlu.monitor.suspicion.cases import open_cases, search

    where = known_region(ledger, region)
    first, last = days_of_month(ledger, month)
    with progress_of("monitor.cases.working", language) as progress:
        found = search(ledger, where, first, last, rate=rate, progress=progress)
    opened = open_cases(ledger.catalog, found)
    return {"rate": rate, "tested": found.tested, "found": len(found.cases), "opened": opened}


def _items(desk: Desk, case: str) -> list[Item]:
    """Return the cases, open ones and then the strongest first.

    Raises
    ------
    DataError
        If one was asked for that is not there.
    """
    from tanlu.core.errors import DataError, Problem

    items = desk.items(case or None)
    if case and not items:
        raise DataError([Problem("desk_unknown", "--case", field="case", value=case)])
    return sorted(items, key=lambda i: (desk.state(i) == "closed", i.record["p"], i.id))


def _record(desk: Desk, item: Item, language: str) -> dict[str, Any]:
    from dataclasses import asdict

    from tanlu.monitor.suspicion.cases import evidence_text

    evidence = [{**e, "text": evidence_text(e, language)} for e in item.record["evidence"]]
    events = [asdict(e) for e in item.events]
    return {**item.record, "evidence": evidence, "state": desk.state(item), "opened_at": item.at, "events": events}


def _print(desk: Desk, items: list[Item], told: dict[str, Any], language: str, *, whole: bool) -> None:
    from tanlu.core.messages import translate
    from tanlu.monitor.suspicion.cases import evidence_text

    if told:
        values = {"tested": told["tested"], "found": told["found"], "fresh": len(told["opened"]), "rate": told["rate"]}
        print(translate("monitor.cases.searched", language, **values))
    for item in items:
        record = item.record
        state = translate(f"monitor.case.{desk.state(item)}", language)
        print(translate("monitor.cases.line", language, id=item.id, state=state, p=record["p"], q=record["q"]))
        for evidence in record["evidence"] if whole else record["evidence"][:1]:
            print("    " + evidence_text(evidence, language))
        for event in item.events if whole else ():
            print(f"    {_moment(event.at)} {event.person}: {event.action} {event.reason} {event.note}".rstrip())
    if not items:
        print(translate("monitor.cases.none", language))


def _moment(at: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at / 1e6, UTC).strftime("%Y-%m-%d %H:%M UTC")
