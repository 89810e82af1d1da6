"""Applications, decision batches and tables of scores as PDF, with what proves them at the foot of each page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from fastapi import Response

from tanlu.charts.format import capital
from tanlu.core.punctuation import PUNCTUATION
from tanlu.portal.beside import DOCUMENTS
from tanlu.portal.programme.view import bound, plain, state_name
from tanlu.portal.session.desks import Ask, civil, money
from tanlu.programme.cycle import Application, Call, DecisionBatch, DecisionItem
from tanlu.records import RefusedError
from tanlu.reports.record import Section, record_document

PDF = "application/pdf"


def printed(
    ask: Ask, name: str, title: str, origin: str, facts: Sequence[tuple[str, str]], sections: Sequence[Section]
) -> Response:
    """Return a record as PDF.

    Raises
    ------
    RefusedError
        If the machine lacks what setting a PDF needs.
    """
    from tanlu.core.errors import DataError
    from tanlu.reports.pdf import pdf

    made = ask.records.database.clock().isoformat(timespec="seconds")
    try:
        content = DOCUMENTS.do(pdf, record_document(name, ask.language, title, made, origin, facts, sections))
    except DataError as error:
        raise RefusedError(*error.problems) from None
    return Response(
        content, media_type=PDF, headers={"content-disposition": f"inline; filename*=UTF-8''{quote(name)}.pdf"}
    )


def print_application(
    ask: Ask, application: Application, call: Call, checks: Sequence[Any], parts: Mapping[str, Any]
) -> Response:
    """Return an application with its budget, targets and what the rules saw."""
    text, targets = ask.text, parts["call_targets"]
    promised_head = [text(f"portal.{k}") for k in ("call.name", "print.promised", "target.target", "target.unit")]
    budget_head = [
        text("portal.budget.line"),
        *(f"{text(f'portal.budget.{k}')} [{text('portal.yuan')}]" for k in ("grant", "own")),
    ]
    sections = [
        Section(text("portal.apply.summary"), application.summary),
        Section(text("portal.call.targets"), "", promised_head, [
            [capital(ask.shown_name(targets[p.code])), plain(p.promised), bound(targets[p.code]), ask.seen("", targets[p.code].unit)]
            if p.code in targets else [p.code, plain(p.promised), "", ""]
            for p in parts["promised"]
        ]),
        Section(text("portal.application.budget"), "", budget_head, [
            [text(f"portal.budget.code.{b.code}"), money(b.grant), money(b.own)] for b in parts["budget"]
        ]),
        Section(text("portal.application.files"), "", [text("portal.print.file"), text("portal.print.size")], [
            [label, f"{size / 1000:.1f} kB"] for _, label, size, _ in parts["files"]
        ]),
        _what_the_rules_saw(ask, checks),
    ]  # fmt: skip
    return printed(
        ask,
        application.number,
        ask.shown_name(application),
        application.number,
        _application_facts(ask, application, call, parts),
        [s for s in sections if s.rows or s.text],
    )


def _application_facts(
    ask: Ask, application: Application, call: Call, parts: Mapping[str, Any]
) -> list[tuple[str, str]]:
    text, known = ask.text, parts["known"]
    partners = (known.get(m.organisation_id, "") for m in parts["members"] if not m.lead)
    return [
        (text("portal.application.number"), application.number),
        (text("portal.print.call"), f"{call.number} {ask.shown_name(call)}"),
        (text("portal.application.state"), capital(state_name(ask, "application", application.state))),
        (text("portal.application.lead"), known.get(application.lead_id, "")),
        (text("portal.application.partners"), PUNCTUATION[ask.language].listing.join(partners)),
        (text("portal.application.pi"), known.get(application.pi_id, "")),
        (text("portal.application.months"), str(application.months)),
        (text("portal.application.asked"), f"{money(application.asked)} {text('portal.yuan')}"),
        (text("portal.application.submitted"), civil(application.submitted_at)),
    ]


def _what_the_rules_saw(ask: Ask, checks: Sequence[Any]) -> Section:
    head = [ask.text(f"portal.rule.{k}") for k in ("rule", "seen", "result", "source")]
    rows = [
        [
            capital(ask.shown_name(c)), capital(ask.seen(c.seen, c.unit)),
            capital(ask.text(f"portal.result.{c.decided or c.result}")), capital(ask.source(c.source)),
        ]
        for c in checks
    ]  # fmt: skip
    return Section(ask.text("portal.application.formal"), "", head, rows)


def print_batch(
    ask: Ask,
    call: Call,
    batch: DecisionBatch,
    items: Sequence[DecisionItem],
    applications: Mapping[str, Application],
    known: Mapping[str, str],
) -> Response:
    """Return a decision batch with the digest under which it was locked."""
    text = ask.text
    facts = [
        (text("portal.print.call"), f"{call.number} {ask.shown_name(call)}"),
        (text("portal.call.state"), capital(state_name(ask, "decision-batch", batch.state))),
        (text("portal.print.made_by"), f"{known.get(batch.created_by, '')} {civil(batch.created_at)}"),
        ("SHA-256", batch.digest),
    ]
    head = [
        text(f"portal.{k}")
        for k in (
            "decide.rank",
            "application.name",
            "application.lead",
            "rule.decision",
            "decide.amount",
            "field.reason",
        )
    ]
    rows = []
    for i in items:
        found = applications.get(i.application_id)
        title = f"{found.number} {ask.shown_name(found)}" if found else i.application_id
        lead = known.get(found.lead_id, "") if found else ""
        rows.append([str(i.rank), title, lead, text(f"portal.verdict.{i.verdict}"), money(i.amount), i.reason])
    head[4] += f" [{text('portal.yuan')}]"
    title = f"{text('portal.call.decide')}{text('plan.colon')}{ask.shown_name(call)}"
    return printed(
        ask,
        f"{call.number}-{batch.id[:8]}",
        title,
        f"{call.number} {batch.digest[:16]}",
        facts,
        [Section("", "", head, rows)],
    )


def print_scores(ask: Ask, content: Mapping[str, Any], actions: Mapping[str, str]) -> Response:
    """Return a table of scores with method, rule pack, date and digest."""
    text, scheme = ask.text, content["scheme"]
    facts = [
        (text("portal.print.scheme"), f"{scheme['name']} {scheme['version']} ({scheme['grade']})"),
        (text("portal.print.as_of"), civil(datetime.fromisoformat(content["as_of"]))),
        (text("portal.print.method"), content["method"]),
        (text("portal.rule.source"), ask.source(scheme["source"])),
        ("SHA-256", content["sha256"]),
    ]
    head = [text("portal.decide.rank"), text("portal.organisation.region"), text("portal.decide.score"), text("portal.score.grade"),
            text("portal.score.missing")]  # fmt: skip
    rows = [
        [str(c["rank"] or "–"), c["name"], c["score"] or "–", c["grade_name"] or "–",
         text("portal.score.not_filed", count=len(c["missing"])) if c["missing"] else ""]
        for c in content["cities"]
    ]  # fmt: skip
    by_action = [
        [capital(actions.get(a, text("portal.score.whole"))), v["score"] or "–", str(v["cities"])]
        for a, v in content["province"].items()
    ]
    mark = text("portal.demonstration") if content["demonstration"] else ""
    sections = [
        Section(text("portal.nav.assessment/scores"), mark, head, rows),
        Section(
            text("portal.print.by_action"),
            "",
            [text("portal.portfolio.action"), text("portal.decide.score"), text("portal.print.cities")],
            by_action,
        ),
        Section("", scheme["note"]),
    ]
    title = f"{text('portal.nav.assessment/scores')} {content['year']}"
    return printed(
        ask,
        f"scores-{content['year']}",
        title,
        content["sha256"][:16],
        facts,
        [s for s in sections if s.rows or s.text],
    )
