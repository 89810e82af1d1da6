"""Investment in new technologies and applications, the key indicator: what each prefecture filed, checked by a second person."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from fastapi import Response
from sqlalchemy import select

from tanlu.assessment.filing.investments import Payment, check_payment, file_payment
from tanlu.assessment.filing.lists import investment_totals, list_payments
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.tables import AssessmentInvestment
from tanlu.assessment.investment import PayerKind, SpendingKind
from tanlu.core.errors import Problem
from tanlu.portal.programme.applications import files_of_each
from tanlu.portal.programme.view import asked_year, page_number, technologies
from tanlu.portal.records.tables import FORMATS, table_answer
from tanlu.portal.session.desks import Act, Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.programme.registry.places import prefectures_of, regions_of
from tanlu.records import RefusedError, Target

PAGE: Final = 50
MOST: Final = 500


def investment_desks() -> list[Desk]:
    """Return this page."""
    acts: dict[str, Act] = {"file": _file, "verify": _verify, "return": _return, "revoke": _revoke}
    return [Desk("/assessment/investments", show_investments, acts, right="investment.read")]


def show_investments(ask: Ask) -> Response:
    """Show the entries of a year that one may see, what they add up to, and the form for another one."""
    year, now, province = asked_year(ask), ask.records.database.clock(), ask.records.settings.province
    every = ask.query("format") in FORMATS
    regions, scheme = regions_of(province), scheme_for(province, year)
    with ask.records.database.read() as session:
        page = list_payments(
            session, ask.records.rights, ask.principal, year=year, region=ask.query("region"), state=ask.query("state"),
            offset=0 if every else (page_number(ask) - 1) * PAGE, limit=MOST if every else PAGE,
        )  # fmt: skip
        ids = [i.id for i in page.items]
        found = {
            e.id: e
            for e in session.execute(select(AssessmentInvestment).where(AssessmentInvestment.id.in_(ids))).scalars()
        }
        files = {} if every else files_of_each(session, "investment", ids)
        totals = investment_totals(session, year, now)
    entries = [found[i] for i in ids]
    if every:
        names = ("region", "contract", "payer", "payer_kind", "kind", "amount", "technology", "state")
        head = [ask.text(f"portal.investment.{k}") for k in names]
        rows: list[list[object]] = [
            [regions[e.region].name(ask.language) if e.region in regions else e.region, e.contract, e.payer,
             ask.text(f"assessment.payer.{e.payer_kind}"), ask.text(f"assessment.spending.{e.kind}"), e.amount, e.technology,
             ask.text(f"portal.filing.state.{e.state}")]
            for e in entries
        ]  # fmt: skip
        return table_answer(ask.query("format"), f"investments-{year}", head, rows)
    return ask.page(
        "assessment_investments.html", year=year, found=entries, files=files, totals=totals, count=page.total, page=page_number(ask),
        pages=max(1, -(-page.total // PAGE)), regions=regions, cities=prefectures_of(province), scheme=scheme, state=ask.query("state"),
        region=ask.query("region"), kinds=[k.value for k in SpendingKind], payers=[k.value for k in PayerKind],
        technology_names=technologies(ask), target=lambda key: Target(region=key), sum=sum, zero=Decimal(0),
    )  # fmt: skip


def _there(ask: Ask) -> str:
    return f"/assessment/investments?year={asked_year(ask)}"


def _file(ask: Ask, form: Posted) -> str:
    region, contract, payer = form.needed("region"), form.needed("contract"), form.needed("payer")
    kinds = [k.value for k in SpendingKind], [k.value for k in PayerKind]
    for name, known in zip(("kind", "payer_kind"), kinds, strict=True):
        if form.text(name) not in known:
            details = {"refers_to": name, "some": ", ".join(known)}
            form.problems.append(
                Problem("unknown_choice", "form", field=name, value=form.text(name)[:40], details=details)
            )
    amount = form.number("amount")
    form.check()
    ask.require("investment.file", Target(region=region))
    payment = Payment(
        region, contract, asked_year(ask), payer, PayerKind(form.text("payer_kind")), SpendingKind(form.text("kind")),
        form.text("account"), amount, form.text("technology"), form.text("note"),
    )  # fmt: skip
    file_payment(ask.records, ask.principal, payment, form.store(ask.records.evidence))
    return _there(ask)


def _check(ask: Ask, form: Posted, transition: str) -> str:
    if not form.text("entry"):
        raise RefusedError(Problem("no_record", "investment", field="entry"))
    check_payment(ask.records, ask.principal, form.text("entry"), transition, reason=form.text("reason"))
    return _there(ask)


def _verify(ask: Ask, form: Posted) -> str:
    return _check(ask, form, "verify")


def _return(ask: Ask, form: Posted) -> str:
    return _check(ask, form, "return")


def _revoke(ask: Ask, form: Posted) -> str:
    return _check(ask, form, "revoke")
