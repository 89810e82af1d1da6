"""Pages of the assessment: the numeric targets with their forecast, filings of prefectures, the table of scores and its frozen runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from fastapi import Response

from tanlu.assessment.filing.exporting import score_workbook
from tanlu.assessment.filing.filings import (
    Value,
    attach,
    check_filing,
    draft,
    find_filing,
    revise,
    submit,
    verify_filings,
)
from tanlu.assessment.filing.importing import FILING_COLUMNS, LABELS
from tanlu.assessment.filing.lists import CityStatus, filing_status, investment_totals, list_filings, list_runs
from tanlu.assessment.filing.official import measured_targets, years_of
from tanlu.assessment.filing.plain import score_as_data, target_as_data
from tanlu.assessment.filing.scheme import AssessmentScheme
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.scoring import (
    Physical,
    ScoreTable,
    compute,
    find_run,
    freeze,
    moment_of,
    publish,
    read_scoreboard,
    table_of,
)
from tanlu.assessment.filing.targets import numeric_targets
from tanlu.portal.plan.records import plan_of
from tanlu.portal.programme.applications import files_of_each
from tanlu.portal.programme.importing import import_desks
from tanlu.portal.programme.investments import investment_desks
from tanlu.portal.programme.printing import print_scores
from tanlu.portal.programme.supposing import supposing_desks
from tanlu.portal.programme.view import asked_year, page_number, plain
from tanlu.portal.records.tables import FORMATS, WORKBOOK, table_answer
from tanlu.portal.session.desks import Act, Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.programme.registry.places import prefectures_of, province_of, regions_of
from tanlu.records import Target, local_day
from tanlu.workspace import Workspace

PAGE = 50


def assessment_desks() -> list[Desk]:
    """Return these pages, and those of investments, imports and supposed values."""
    acts: dict[str, Act] = {
        "draft": _draft, "revise": _revise, "attach": _attach, "submit": _submit, "verify": _verify, "return": _return,
        "verify_all": _verify_all,
    }  # fmt: skip
    return [
        *investment_desks(),
        *import_desks(),
        *supposing_desks(),
        Desk("/assessment", show_targets, public=True),
        Desk("/assessment/filings", show_filings, acts, right="filing.read"),
        Desk("/assessment/scores", show_scores, {"freeze": _freeze, "publish": _publish}, public=True),
    ]


def scoreboard(ask: Ask) -> Physical | None:
    """Return the scoreboard of the newest run of the main job, None before the first."""
    workspace = Workspace.open(ask.records.folder)
    return read_scoreboard(workspace.latest()) if workspace.runs() else None


def show_targets(ask: Ask) -> Response:
    """The numeric targets of the plan: reported, verified, forecast with its chance, and what would change it."""
    now, province = ask.records.database.clock(), ask.records.settings.province
    with ask.records.database.read() as session:
        found = numeric_targets(session, province, now, scoreboard(ask), plan_of(province))
    shown = [target_as_data(t, ask.language) for t in found]
    return ask.page("assessment.html", targets=shown, now=now, regions=regions_of(province))


def show_filings(ask: Ask) -> Response:
    """Who has filed what for a year, and the filings that one may see."""
    year, now, province = asked_year(ask), ask.records.database.clock(), ask.records.settings.province
    scheme = scheme_for(province, year)
    root, this_year = province_of(province), local_day(now).year
    held = {g.region for g in ask.principal.grants if g.region and g.role == "prefecture_officer"}
    cities = [c for c in prefectures_of(province) if not held or c in held]
    with ask.records.database.read() as session:
        status = filing_status(session, scheme, cities, year, now, local_day(now))
        if ask.query("format") in FORMATS and ask.may("filing.file"):
            return _form_of_missing(ask, scheme, status, year)
        invested = investment_totals(session, year, now)
        page = list_filings(
            session, ask.records.rights, ask.principal, year=year, region=ask.query("region"), state=ask.query("state"),
            offset=(page_number(ask) - 1) * PAGE, limit=PAGE,
        )  # fmt: skip
        files = files_of_each(session, "filing", (f.id for f in page.items))
    targets = measured_targets(plan_of(province))
    stated = {t.id: t for t in targets if year in years_of(t, this_year)}
    return ask.page(
        "assessment_filings.html", year=year, scheme=scheme, status=status, invested=invested, shown=page, files=files, cities=cities,
        regions=regions_of(province), indicators={i.id: i for i in scheme.indicators}, filed=_filed_by_hand(scheme),
        root=root, targets=stated, page=page_number(ask),
        plain=lambda value: plain(Decimal(value)), pages=max(1, -(-page.total // PAGE)), target=lambda region: Target(region=region),
        waiting=[
            f.id for f in page.items
            if f.state == "filed" and f.filed_by != ask.principal.person_id and ask.may("filing.verify", Target(region=f.region))
        ],
    )  # fmt: skip


def _form_of_missing(ask: Ask, scheme: AssessmentScheme, status: Sequence[CityStatus], year: int) -> Response:
    """Return a table to fill in and import: a row for each indicator that a prefecture has not filed, without its value."""
    regions = regions_of(ask.records.settings.province)
    head = [ask.text(f"{LABELS}.{c.name}") for c in FILING_COLUMNS]
    rows = [
        [regions[s.city].name(ask.language), i.name.name(ask.language), year, "", ""]
        for s in status
        for i in _filed_by_hand(scheme)
        if i.id in s.missing
    ]
    return table_answer(ask.query("format"), f"filings-{year}", head, rows)


def _filed_by_hand(scheme: AssessmentScheme) -> list[Any]:
    return [i for i in scheme.indicators if i.value == "filed"]


def _there(ask: Ask) -> str:
    return f"/assessment/filings?year={asked_year(ask)}"


def _draft(ask: Ask, form: Posted) -> str:
    region, indicator, value = form.needed("region"), form.needed("indicator"), form.number("value")
    form.check()
    ask.require("filing.file", Target(region=region))
    proof = form.store(ask.records.evidence)
    draft(ask.records, ask.principal, Value(region, indicator, asked_year(ask), value, form.text("note")), proof)
    return _there(ask)


def _revise(ask: Ask, form: Posted) -> str:
    value = form.number("value")
    form.check()
    revise(ask.records, ask.principal, form.text("filing"), value, form.text("note"))
    return _there(ask)


def _attach(ask: Ask, form: Posted) -> str:
    with ask.records.database.read() as session:
        ask.require("filing.file", Target(region=find_filing(session, form.text("filing")).region))
    attach(ask.records, ask.principal, form.text("filing"), form.store(ask.records.evidence))
    return _there(ask)


def _submit(ask: Ask, form: Posted) -> str:
    submit(ask.records, ask.principal, form.text("filing"))
    return _there(ask)


def _verify(ask: Ask, form: Posted) -> str:
    check_filing(ask.records, ask.principal, form.text("filing"), "verify")
    return _there(ask)


def _verify_all(ask: Ask, form: Posted) -> str:
    verify_filings(ask.records, ask.principal, form.all("filing"))
    return _there(ask)


def _return(ask: Ask, form: Posted) -> str:
    check_filing(ask.records, ask.principal, form.text("filing"), "return", reason=form.text("reason"))
    return _there(ask)


def show_scores(ask: Ask) -> Response:
    """A table of scores: a frozen run, or what is known now for those who may compute it."""
    year, regions = asked_year(ask), regions_of(ask.records.settings.province)
    table, run = None, None
    with ask.records.database.read() as session:
        runs = list_runs(session, ask.records.rights, ask.principal)
        if ask.query("run"):
            run = find_run(session, ask.query("run"))
            ask.require("score.read", Target(published=run.state == "published"))
            table = table_of(session, run)
        elif ask.may("score.compute"):
            table = _computed(ask, session, year)
        elif runs:
            run = runs[0]
            table = table_of(session, run)
    actions = {a.id: a.name(ask.language) for a in plan_of(ask.records.settings.province).actions()}
    if table is not None and ask.query("format") == "xlsx":
        headers = {"content-disposition": f'attachment; filename="scores-{table.year}.xlsx"'}
        return Response(score_workbook(table, regions, ask.language, actions), media_type=WORKBOOK, headers=headers)
    content = None if table is None else score_as_data(table, regions, ask.language)
    if content is not None and ask.query("format") == "pdf":
        return print_scores(ask, content, actions)
    return ask.page(
        "assessment_scores.html", content=content, runs=runs, run=run, year=year, actions=actions, may_freeze=ask.may("score.freeze"),
        moment=None if content is None else datetime.fromisoformat(content["as_of"]), may_publish=ask.may("score.publish"),
    )  # fmt: skip


def _computed(ask: Ask, session: Any, year: int) -> ScoreTable:
    province, physical = ask.records.settings.province, scoreboard(ask)
    as_of = moment_of(_day(ask), ask.records.database.clock())
    record = None if physical is None else physical.record()
    return compute(session, scheme_for(province, year), prefectures_of(province), year, as_of, physical=record)


def _day(ask: Ask) -> date | None:
    asked = Posted({"day": [ask.query("as_of")]}, ())
    day = asked.day_or_none("day")
    asked.check()
    return day


def _freeze(ask: Ask, form: Posted) -> str:
    run = freeze(ask.records, ask.principal, asked_year(ask), form.day_or_none("as_of"), physical=scoreboard(ask))
    return f"/assessment/scores?run={run.id}"


def _publish(ask: Ask, form: Posted) -> str:
    run = publish(ask.records, ask.principal, form.text("run"))
    return f"/assessment/scores?run={run.id}"
