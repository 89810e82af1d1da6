"""``tanlu monitor nowcast``: what the province emitted yesterday and this month so far, with a band; revisions."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.monitor_common import WorkspaceFolder, open_ledger
from tanlu.commands.monitor_days import Region, known_region

if TYPE_CHECKING:
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.nowcast.account import Nowcast
    from tanlu.monitor.nowcast.vintages import Triangle


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("nowcast")(nowcast)


def nowcast(
    workspace: WorkspaceFolder = default_workspace(),
    region: Region = "",
    date: Annotated[str, typer.Option(help="截至日；默认最近有数据的一天。Last day; the last one with readings.")] = "",
    known_on: Annotated[str, typer.Option(help="只用此日前公布的统计。Statistics published until then.")] = "",
    statistics: Annotated[
        Path | None, typer.Option(help="新到的月度统计（CSV）。Monthly statistics that arrived.")
    ] = None,
    publish: Annotated[bool, typer.Option("--publish", help="留存为发布版。Keep as published.")] = False,
    replay: Annotated[
        str,
        typer.Option(help="仅演示账本：补发历史各日的发布版，逗号分隔。Demonstration only: publish as of past days."),
    ] = "",
    revisions: Annotated[
        bool, typer.Option("--revisions", help="列出修订三角。Show the triangle of revisions.")
    ] = False,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """近实时排放：昨日与当月，分部门，带区间。Near-real-time CO2 of a day and its month by sector, with a band.

    例 Example: tanlu monitor nowcast --date 2024-07-31 --json
    """
    from tanlu.core.errors import DataError
    from tanlu.monitor.nowcast.month import revisions as published

    check_language(language)
    try:
        ledger = open_ledger(workspace, read_only=True)
        where = _province_of(ledger, region)
        if statistics is not None:
            _take(ledger, statistics)
        for past in filter(None, (part.strip() for part in replay.split(","))):
            _replay(ledger, where, date, past)
        made, day = _compute(ledger, date, known_on)
        if publish:
            _publish(ledger, where, made, day)
        triangle = published(ledger)
    except DataError as error:
        fail(error, language, as_json)
    answer = {"region": where, **_accounts(made, day)}
    if as_json:
        from tanlu.commands.energy_common import print_json

        shown = _triangle(triangle) if revisions else {}
        print_json({**answer, **shown, "revision_error": made.revision_error})
    else:
        _print(answer, language)
        if revisions:
            _print_triangle(triangle, language)


def _province_of(ledger: Ledger, region: str) -> str:
    """Return the province; the account rests on its inventory and knows no smaller region.

    Raises
    ------
    DataError
        If another region was asked for.
    """
    from tanlu.core.errors import DataError, Problem

    where = known_region(ledger, region)
    if where != ledger.province:
        details = {"province": ledger.province}
        raise DataError([Problem("nowcast_region", "--region", field="region", value=where, details=details)])
    return where


def _take(ledger: Ledger, path: Path) -> None:
    from tanlu.monitor.nowcast.proxies import read_statistics
    from tanlu.monitor.nowcast.vintages import add_statistics

    add_statistics(ledger.catalog, read_statistics(path))


def _date(text: str, option: str) -> datetime.date:
    from tanlu.core.errors import DataError, Problem

    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        raise DataError([Problem("nowcast_date", option, field=option.strip("-"), value=text)]) from None


def _compute(ledger: Ledger, date: str, known_on: str) -> tuple[Nowcast, datetime.date]:
    """Return the account of the month up to the day."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.monitor.last_day import last_read_day
    from tanlu.monitor.nowcast.month import account_of_month
    from tanlu.monitor.schema import day_name

    newest = last_read_day(ledger)
    if not date and newest is None:
        raise DataError([Problem("monitor_no_days", str(ledger.path))])
    day = _date(date or day_name(newest or 0), "--date")
    known = _date(known_on, "--known-on") if known_on else datetime.datetime.now(datetime.UTC).date()
    return account_of_month(ledger, day, known), day


def _accounts(made: Nowcast, day: datetime.date) -> dict[str, Any]:
    return {"day": made.as_record(day, day), "month": made.as_record(made.days[0], day)}


def _publish(ledger: Ledger, region: str, made: Nowcast, day: datetime.date) -> None:
    from tanlu.monitor.nowcast.vintages import publish

    publish(ledger.catalog, region, day.isoformat(), made.as_record(day, day))
    publish(ledger.catalog, region, f"{day:%Y-%m}", made.as_record(made.days[0], day))


def _replay(ledger: Ledger, region: str, date: str, past: str) -> None:
    """Publish what would have been said on the evening of a past day; a real ledger keeps when something was said in truth.

    Raises
    ------
    DataError
        If the ledger holds real enterprises, or the text is no date.
    """
    from tanlu.core.errors import DataError, Problem
    from tanlu.monitor.fleet.design import MARK
    from tanlu.monitor.nowcast.vintages import publish

    enterprises = ledger.registry.enterprises(region)
    if not enterprises or not all(u.id.startswith(f"{MARK}-") for u in enterprises):
        raise DataError([Problem("nowcast_replay", "--replay", field="replay", value=past)])
    known = _date(past, "--replay")
    made, day = _compute(ledger, date, past)
    moment = int(datetime.datetime.combine(known, datetime.time(16), datetime.UTC).timestamp() * 1e6)
    publish(ledger.catalog, region, f"{day:%Y-%m}", made.as_record(made.days[0], day), moment)


def _triangle(triangle: Triangle) -> dict[str, Any]:
    rows = [[None if value != value else value for value in row] for row in triangle.values.tolist()]
    return {"revisions": {"periods": triangle.periods, "vintages": triangle.vintages, "values": rows}}


def _print(answer: dict[str, Any], language: str) -> None:
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    for part in ("day", "month"):
        account = answer[part]
        head = {k: account[k] for k in ("first", "last", "known_on", "base_year")}
        title = translate("monitor.nowcast.title", language, region=answer["region"], **head, **account["total"])
        rows = [
            (translate(f"sector.{name}", language), *(f"{found[k]:,.1f}" for k in ("value", "low", "high", "metered")),
             found["grade"], translate("monitor.nowcast.exceeds", language) if found["exceeds_inventory"] else "")
            for name, found in account["sectors"].items()
        ]  # fmt: skip
        heads = [
            translate(f"monitor.nowcast.{k}", language) for k in ("sector", "value", "low", "high", "metered", "grade")
        ]
        print_table(title, [*heads, ""], rows, words=(0, 5, 6))


def _print_triangle(triangle: Triangle, language: str) -> None:
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    rows = [
        (period, *("" if value != value else f"{value:,.0f}" for value in row))
        for period, row in zip(triangle.periods, triangle.values.tolist(), strict=True)
    ]
    head = [translate("monitor.nowcast.period", language), *triangle.vintages]
    print_table(translate("monitor.nowcast.revisions", language), head, rows)
