"""``tanlu monitor alerts``: thresholds and targets in danger; acknowledged by somebody, never removed."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.monitor_common import WorkspaceFolder, open_ledger
from tanlu.commands.monitor_days import Month, book_of, days_of_month

if TYPE_CHECKING:
    from tanlu.monitor.alerts import AlertRules
    from tanlu.monitor.desk import Desk, Item
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.nowcast.account import Nowcast
    from tanlu.monitor.registry import Unit


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("alerts")(alerts)


def alerts(
    workspace: WorkspaceFolder = default_workspace(),
    rules: Annotated[
        Path | None, typer.Option(help="限值与目标（YAML）；给出则检查一个月。Rules to check a month with.")
    ] = None,
    month: Month = "",
    alert: Annotated[str, typer.Option("--alert", help="只看一条。One alert.")] = "",
    action: Annotated[str, typer.Option(help="acknowledge, close, reopen, note.")] = "",
    by: Annotated[str, typer.Option("--by", help="办理人。Who.")] = "",
    note: Annotated[str, typer.Option(help="说明。Note.")] = "",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """警示：用量、排放超限，年度目标可能落空；确认并留痕。Alerts on limits and on targets in danger.

    例 Example: tanlu monitor alerts --rules alerts.yaml --month 2024-07
    例 Example: tanlu monitor alerts --alert ID --action acknowledge --by Li
    """
    from tanlu.core.errors import DataError
    from tanlu.monitor.alerts import alert_desk

    check_language(language)
    try:
        ledger = open_ledger(workspace, read_only=True)
        raised = _watch(ledger, rules, month) if rules is not None else []
        desk = alert_desk(ledger.catalog)
        if action:
            desk.act(alert, action, by, note=note)
        items = _items(desk, alert)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        from tanlu.commands.energy_common import print_json

        print_json({"raised": raised, "alerts": [_record(desk, i, language, ledger.registry.units) for i in items]})
    else:
        _print(desk, items, raised, language, ledger.registry.units)


def _watch(ledger: Ledger, path: Path, month: str) -> list[str]:
    """Check a month, and the years of the targets; return the ids of new alerts."""
    from tanlu.core.province import load_province, province_folder
    from tanlu.monitor.alerts import raise_alerts, read_alert_rules, watch_targets, watch_thresholds
    from tanlu.plan import load_plan

    province = load_province(province_folder(ledger.province))
    rules = read_alert_rules(path, ledger.registry.units, load_plan(province.folder).targets_by_id)
    first, last = days_of_month(ledger, month) if rules.thresholds else (0, 0)
    found = watch_thresholds(ledger, rules.thresholds, first, last, book_of(ledger))
    if rules.targets:
        found += watch_targets(_years(ledger, rules), rules.targets)
    return raise_alerts(ledger.catalog, found)


def _years(ledger: Ledger, rules: AlertRules) -> Nowcast:
    """Return the account of all days of the years of the targets."""
    from tanlu.monitor.nowcast.month import account_of_days

    years = [t.year for t in rules.targets]
    known = datetime.datetime.now(datetime.UTC).date()
    return account_of_days(ledger, datetime.date(min(years), 1, 1), datetime.date(max(years), 12, 31), known)


def _items(desk: Desk, alert: str) -> list[Item]:
    from tanlu.core.errors import DataError, Problem

    items = desk.items(alert or None)
    if alert and not items:
        raise DataError([Problem("desk_unknown", "--alert", field="alert", value=alert)])
    order = {"high": 0, "medium": 1, "low": 2}
    return sorted(items, key=lambda i: (desk.state(i) == "closed", order[i.record["severity"]], i.id))


def _record(desk: Desk, item: Item, language: str, units: Mapping[str, Unit]) -> dict[str, Any]:
    from dataclasses import asdict

    from tanlu.monitor.alerts import alert_text

    text = alert_text(item.record, language, units)
    events = [asdict(e) for e in item.events]
    return {
        "id": item.id,
        **item.record,
        "text": text,
        "state": desk.state(item),
        "raised_at": item.at,
        "events": events,
    }


def _print(desk: Desk, items: list[Item], raised: list[str], language: str, units: Mapping[str, Unit]) -> None:
    from tanlu.core.messages import translate
    from tanlu.monitor.alerts import alert_text

    print(translate("monitor.alerts.title", language, count=len(items), fresh=len(raised)))
    for item in items:
        state = translate(f"monitor.alert.{desk.state(item)}", language)
        severity = translate(f"monitor.severity.{item.record['severity']}", language)
        print(f"  [{severity}, {state}] {alert_text(item.record, language, units)}  ({item.id})")
