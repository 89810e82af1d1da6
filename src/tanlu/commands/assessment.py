"""`tanlu assessment`: scores of actions and cities, the numeric targets of the plan, and who has filed what."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import (
    AsJson,
    Language,
    check_language,
    default_language,
    default_workspace,
    opened_records,
)

if TYPE_CHECKING:
    from tanlu.assessment.filing.scoring import Physical, ScoreTable
    from tanlu.records import Records

app = typer.Typer(
    help="考核评价：指标、填报、评分与目标预测。Assessment: filings, scores, targets.", no_args_is_help=True
)
OutFolder = Annotated[Path, typer.Option("--out", help="工作区。Workspace.", file_okay=False)]
Day = Annotated[
    datetime | None, typer.Option("--as-of", formats=["%Y-%m-%d"], help="数据截至日。What was known on this day.")
]
By = Annotated[str, typer.Option("--by", help="经办人的编号或登录名。Id or login name of the person who acts.")]
Year = Annotated[int, typer.Option("--year", help="考核年度。Year that is assessed.", min=2000, max=2100)]


def show(content: dict[str, Any]) -> None:
    """Print plain data as JSON."""
    json.dump(content, sys.stdout, ensure_ascii=False, indent=1)
    print()


def last_scoreboard(out: Path) -> Physical | None:
    """Return the scoreboard of the newest run of the main job, None before the first."""
    from tanlu.assessment.filing.scoring import read_scoreboard
    from tanlu.workspace import Workspace

    workspace = Workspace.open(out)
    return read_scoreboard(workspace.latest()) if workspace.runs() else None


def computed(records: Records, out: Path, year: int, day: datetime | None, what_if: Path | None = None) -> ScoreTable:
    """Score a year with what is kept, or with supposed values."""
    from tanlu.assessment.filing.importing import read_supposed
    from tanlu.assessment.filing.scheme_file import scheme_for
    from tanlu.assessment.filing.scoring import compute, moment_of
    from tanlu.programme.registry.places import prefectures_of

    province = records.settings.province
    scheme, physical = scheme_for(province, year), last_scoreboard(out)
    supposed = read_supposed(records, what_if, year) if what_if else None
    as_of = moment_of(_day(day), records.database.clock())
    record = None if physical is None else physical.record()
    with records.database.read() as session:
        return compute(session, scheme, prefectures_of(province), year, as_of, supposed=supposed, physical=record)


def _day(day: datetime | None) -> date | None:
    return None if day is None else day.date()


@app.command()
def score(
    year: Year,
    as_of: Day = None,
    what_if: Annotated[
        Path | None,
        typer.Option(
            "--what-if",
            help="假设值（市州、指标、数值）。Supposed values; nothing is written.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    freeze: Annotated[bool, typer.Option("--freeze", help="冻结结果。Keep the result; needs --by.")] = False,
    by: By = "",
    out: OutFolder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """按某日已知数据评分。Score the prefectures and actions of a year with what was known on a day.

    例 Example: tanlu assessment score --year 2025 --as-of 2026-04-01 --json
    """
    check_language(language)
    if freeze and (what_if or not by):
        raise typer.BadParameter("--freeze: --by, 不可与 --what-if 同用 not with --what-if", param_hint="--freeze")
    from tanlu.assessment.filing.plain import score_as_data
    from tanlu.programme.registry.places import regions_of

    with opened_records(out, language, as_json) as records:
        run = None
        if freeze:
            from tanlu.assessment.filing.acting import principal_of
            from tanlu.assessment.filing.scoring import freeze as keep
            from tanlu.assessment.filing.scoring import table_of

            run = keep(records, principal_of(records, by), year, _day(as_of), physical=last_scoreboard(out))
            with records.database.read() as session:
                table = table_of(session, run)
        else:
            table = computed(records, out, year, as_of, what_if)
        regions = regions_of(records.settings.province)
        content = score_as_data(table, regions, language)
        content["run"] = None if run is None else {"id": run.id, "sha256": run.sha256, "state": run.state}
    if as_json:
        show(content)
    else:
        _print_scores(content, language)


def _print_scores(content: dict[str, Any], language: str) -> None:
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate
    from tanlu.records.workdays import SHANGHAI

    scheme, known = content["scheme"], datetime.fromisoformat(content["as_of"]).astimezone(SHANGHAI)
    values = {
        "year": content["year"],
        "as_of": f"{known:%Y-%m-%d %H:%M}",
        "scheme": scheme["id"],
        "version": scheme["version"],
    }
    head = [
        translate(f"assessment.sheet.{key}", language)
        for key in ("city", "rank", "score", "grade", "provisional", "missing")
    ]
    rows = [
        [
            c["name"],
            str(c["rank"] or "–"),
            c["score"] or "–",
            c["grade_name"] or "–",
            c["provisional"] or "–",
            str(len(c["missing"])),
        ]
        for c in content["cities"]
    ]
    print_table(translate("assessment.score.title", language, **values), head, rows, words=(0, 3))
    if content["supposed"]:
        print_wrapped(translate("assessment.sheet.supposed", language))
    if content["demonstration"]:
        print_wrapped(translate("registry.demonstration", language))
    print_wrapped(scheme["note"])
    print(f"SHA-256 {content['sha256']}")


@app.command()
def targets(
    as_of: Day = None,
    out: OutFolder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """方案的数值目标：上报、核验、概率、每年所需与判断。The numeric targets: reported, verified, forecast, verdict.

    例 Example: tanlu assessment targets --json
    """
    from tanlu.assessment.filing.plain import target_as_data
    from tanlu.assessment.filing.scoring import moment_of
    from tanlu.assessment.filing.targets import numeric_targets

    with opened_records(out, language, as_json) as records:
        moment = moment_of(_day(as_of), records.database.clock())
        with records.database.read() as session:
            found = numeric_targets(session, records.settings.province, moment, last_scoreboard(out))
        content = {"as_of": moment.isoformat(), "targets": [target_as_data(t, language) for t in found]}
    if as_json:
        show(content)
    else:
        _print_targets(content["targets"], language)


def _print_targets(found: Any, language: str) -> None:
    from tanlu.assessment.filing.target_state import percent as chance
    from tanlu.assessment.target_words import MINUS
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate

    head = [
        translate(f"assessment.targets.{key}", language)
        for key in ("name", "required", "reported", "verified", "probability", "needed", "verdict")
    ]
    rows = [
        [
            t["name"],
            f"{t['required']:g}".replace("-", MINUS),
            *(_told(t, key, language) for key in ("reported", "verified")),
            "–" if t["probability"] is None else chance(t["probability"]),
            "–" if t["needed_per_year"] is None else f"{t['needed_per_year']:.1f}".replace("-", MINUS),
            t["verdict"],
        ]
        for t in found
    ]
    print_table("", head, rows, words=(0, 6))
    for t in found:
        for change in t["what_would_change_it"]:
            print_wrapped(f"{t['target']}: {change['text']}")
    if any(t["demonstration"] for t in found):
        print_wrapped(translate("registry.demonstration", language))


def _told(target: Any, key: str, language: str) -> str:
    """Return a value with the year that it is of; "insufficient data" where there is none."""
    from tanlu.assessment.target_words import MINUS
    from tanlu.core.messages import translate

    if target[key] is None:
        return translate("assessment.outlook.insufficient_data", language)
    year = target[f"{key}_year"]
    return f"{target[key]:g}".replace("-", MINUS) + (f" ({year})" if year else "")


@app.command()
def status(
    year: Year,
    as_of: Day = None,
    out: OutFolder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """各市州填报情况。Who has filed what, and what is missing by when.

    例 Example: tanlu assessment status --year 2025
    """
    from tanlu.assessment.filing.lists import filing_status, investment_totals
    from tanlu.assessment.filing.scheme_file import scheme_for
    from tanlu.assessment.filing.scoring import moment_of
    from tanlu.programme.registry.places import prefectures_of, regions_of
    from tanlu.records import local_day

    with opened_records(out, language, as_json) as records:
        province, now = records.settings.province, records.database.clock()
        moment, scheme = moment_of(_day(as_of), now), scheme_for(records.settings.province, year)
        with records.database.read() as session:
            found = filing_status(session, scheme, prefectures_of(province), year, moment, local_day(moment))
            invested = investment_totals(session, year, moment)
        regions = regions_of(province)
    content = {
        "year": year,
        "as_of": moment.isoformat(),
        "due": scheme.due(year).isoformat(),
        "cities": [
            {
                "city": s.city,
                "name": regions[s.city].name(language),
                "states": s.states,
                "missing": list(s.missing),
                "overdue": s.overdue,
            }
            for s in found
        ],
        "investments": {state: {"entries": count, "yuan": f"{yuan:f}"} for state, (count, yuan) in invested.items()},
    }
    if as_json:
        show(content)
    else:
        _print_status(content, language)


def _print_status(content: dict[str, Any], language: str) -> None:
    from collections import Counter

    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    states = ("verified", "filed", "returned", "not_filed")
    head = [
        translate("assessment.sheet.city", language),
        *(translate(f"assessment.filing.state.{s}", language) for s in states),
    ]
    rows = []
    for city in content["cities"]:
        counts = Counter(city["states"].values())
        rows.append([city["name"], *(str(counts[s]) for s in states)])
    print_table(translate("assessment.status.title", language, year=content["year"], due=content["due"]), head, rows)
