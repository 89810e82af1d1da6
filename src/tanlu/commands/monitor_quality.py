"""``tanlu monitor quality``: rules of data quality over a month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail
from tanlu.commands.monitor_common import WorkspaceFolder, open_ledger
from tanlu.commands.monitor_days import Month, Region, days_of_month, known_region, progress_of

if TYPE_CHECKING:
    from tanlu.monitor.quality import QualityReport


def register(app: typer.Typer) -> None:
    """Add the command to the commands of monitoring."""
    app.command("quality")(quality)


def quality(
    workspace: WorkspaceFolder = default_workspace(),
    region: Region = "",
    month: Month = "",
    rule: Annotated[str, typer.Option(help="只看一条规则。Only one rule.")] = "",
    limit: Annotated[int, typer.Option(min=0, help="最多列出的发现数。Findings shown at most.")] = 40,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """数据质量：逐条规则的发现、证据、办法与企业得分。Data quality: findings with evidence, and scores.

    例 Example: tanlu monitor quality --month 2024-07 --json
    """
    from tanlu.core.errors import DataError

    check_language(language)
    try:
        ledger = open_ledger(workspace, read_only=True)
        where = known_region(ledger, region)
        first, last = days_of_month(ledger, month)
        _check_rule(rule)
        from tanlu.monitor.quality import assess

        with progress_of("monitor.quality.working", language) as progress:
            report = assess(ledger, where, first, last, progress)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        from tanlu.commands.energy_common import print_json

        record = report.as_record(language)
        record["findings"] = [f for f in record["findings"] if not rule or f["rule"] == rule]
        print_json(record)
    else:
        _print(report, rule, limit, language)


def _check_rule(rule: str) -> None:
    from tanlu.core.errors import DataError, Problem
    from tanlu.monitor.quality import load_rules

    known = load_rules().rules
    if rule and rule not in known:
        details = {"refers_to": "rules", "some": ", ".join(known)}
        raise DataError([Problem("unknown_choice", "--rule", field="rule", value=rule, details=details)])


def _print(report: QualityReport, rule: str, limit: int, language: str) -> None:
    from tanlu.core.messages import translate
    from tanlu.monitor.quality import load_rules
    from tanlu.monitor.schema import day_name

    rules = load_rules().rules
    spell = {"first": day_name(report.first), "last": day_name(report.last)}
    counts = {"meters": report.meters, "findings": len(report.findings), "version": report.version}
    print(translate("monitor.quality.title", language, region=report.region, **spell, **counts))
    for name, one in rules.items():
        found = sum(f.rule == name for f in report.findings)
        if found and rule in ("", name):
            severity = translate(f"monitor.severity.{one.severity}", language)
            values = {"name": one.name(language), "count": found, "severity": severity}
            print(translate("monitor.quality.rule", language, action=one.action(language), grade=one.grade, **values))
    shown = [f for f in report.findings if rule in ("", f.rule)]
    for f in shown[:limit]:
        print(f"  {f.meter or f.unit}: {rules[f.rule].name(language)}: {f.text(language)}")
    if len(shown) > limit:
        print(translate("monitor.quality.more", language, count=len(shown) - limit))
