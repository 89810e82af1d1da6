"""Administration: people with their roles and logins, organisations, and the log with its receipts and what the verifier says."""

from __future__ import annotations

from typing import Final

from fastapi import Response
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from tanlu.core.errors import Problem
from tanlu.core.province import province_folder
from tanlu.portal.records.rule_pages import rule_desks
from tanlu.portal.records.tables import FORMATS, table_answer
from tanlu.portal.records.view import log_lines, people_names, regions, target_of
from tanlu.portal.session.desks import Act, Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.records import (
    Affiliation,
    Columns,
    Credential,
    LogEntry,
    Organisation,
    OrganisationName,
    Person,
    RefusedError,
    RoleAssignment,
    Target,
    add_contact,
    affiliate,
    find_organisation,
    give_code,
    grant_role,
    local_day,
    register_organisation,
    register_person,
    search_organisations,
    set_password,
    verify,
)
from tanlu.records.ending import disable_login, end_role
from tanlu.records.organisations import KINDS
from tanlu.records.passwords import random_password
from tanlu.records.roles import PUBLIC, SCOPE_OF_ROLE

PER_PAGE: Final = 100
MOST_VERIFIED: Final = 500_000
"""Entries of a log that the page verifies while the visitor waits; longer ones are for the command."""


def records_desks() -> list[Desk]:
    """Return these pages."""
    people: dict[str, Act] = {
        "person": _register_person,
        "role": _grant,
        "end_role": _end_role,
        "login": _give_login,
        "disable": _disable,
    }
    return [
        Desk("/admin/people", show_people, people, right="role.read"),
        Desk(
            "/admin/organisations",
            show_organisations,
            {"organisation": _register_organisation, "code": _give_code},
            right="organisation.read",
        ),
        Desk("/admin/log", show_log, {"checkpoint": _checkpoint}, right="log.read"),
        Desk("/programme/receipt", show_receipt, right="log.receipt"),
        *rule_desks(),
    ]


def _window(ask: Ask) -> tuple[int, int]:
    """Return the number of the page and its first row."""
    asked = ask.query("page")
    page = max(1, int(asked)) if asked.isdecimal() and len(asked) < 7 else 1
    return page, (page - 1) * PER_PAGE


def show_people(ask: Ask, **shown: str) -> Response:
    """People, their roles and logins; ``shown`` is a password that can be read only now."""
    page, first = _window(ask)
    words = ask.query("q").strip()
    with ask.records.database.read() as session:
        condition: ColumnElement[bool] = Person.erased.is_(False)
        if words:
            condition = condition & (
                Person.zh.contains(words, autoescape=True) | Person.en.icontains(words, autoescape=True)
            )
        count = session.execute(select(func.count()).select_from(Person).where(condition)).scalar_one()
        statement = select(Person).where(condition).order_by(Person.zh, Person.id).offset(first).limit(PER_PAGE)
        people = list(session.execute(statement).scalars())
        ids = [p.id for p in people]
        roles: dict[str, list[RoleAssignment]] = {}
        for role in session.execute(select(RoleAssignment).where(RoleAssignment.person_id.in_(ids))).scalars():
            roles.setdefault(role.person_id, []).append(role)
        logins = {
            c.person_id: c for c in session.execute(select(Credential).where(Credential.person_id.in_(ids))).scalars()
        }
        units = _units_of(session, ids, ask.language)
        names = {
            o: _unit_name(session, o, ask.language) for rs in roles.values() for r in rs if (o := r.organisation_id)
        }
    folder = province_folder(ask.records.settings.province)
    return ask.page(
        "records_people.html", people=people, roles=roles, logins=logins, units=units, organisation_names=names, count=count, page=page,
        pages=max(1, -(-count // PER_PAGE)), words=words, role_names=[r for r in SCOPE_OF_ROLE if r != PUBLIC],
        regions=regions(folder, ask.language), today=local_day(ask.records.database.clock()), **({"password": "", "login": ""} | shown),
    )  # fmt: skip


def _units_of(session: Session, ids: list[str], language: str) -> dict[str, list[tuple[str, str]]]:
    """Return the present units of people: person → id and name of each."""
    statement = (
        select(Affiliation.person_id, Organisation)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(Affiliation.person_id.in_(ids), Affiliation.valid_to.is_(None))
    )
    found: dict[str, list[tuple[str, str]]] = {}
    for person_id, unit in session.execute(statement):
        found.setdefault(person_id, []).append((unit.id, unit.name(language)))
    return found


def _unit_name(session: Session, organisation_id: str, language: str) -> str:
    found = session.get(Organisation, organisation_id)
    return found.name(language) if found else organisation_id


def _unit_meant(session: Session, words: str) -> str:
    """Return the id of the one unit that has these words for its code or name; other words as they are."""
    named = or_(OrganisationName.zh == words, OrganisationName.en == words)
    statement = (
        select(Organisation.id)
        .join(OrganisationName, OrganisationName.organisation_id == Organisation.id)
        .where(or_(Organisation.uscc == words, named), OrganisationName.valid_to.is_(None))
        .distinct()
    )
    found = session.execute(statement).scalars().all()
    return found[0] if len(found) == 1 else words


def _register_person(ask: Ask, form: Posted) -> str:
    ask.require("person.register")
    form.needed("zh")
    form.check()
    unit = form.text("organisation_id")
    with ask.records.database.change(ask.principal.person_id, "person.register", "person:new") as change:
        person = register_person(change, zh=form.text("zh"), en=form.text("en"))
        if unit:
            affiliate(change, person.id, _unit_meant(change.session, unit), valid_from=local_day(change.at))
        if form.text("email"):
            add_contact(change, person.id, "email", form.text("email"))
        change.details["person"] = person.id
    return "/admin/people"


def _grant(ask: Ask, form: Posted) -> str:
    ask.require("role.grant")
    person_id, role = form.needed("person_id"), form.needed("role")
    valid_from, valid_to = form.day("valid_from"), form.day_or_none("valid_to")
    form.check()
    with ask.records.database.change(ask.principal.person_id, "role.grant", f"person:{person_id}") as change:
        scope = SCOPE_OF_ROLE.get(role, "")
        grant_role(
            change, person_id, role, valid_from=valid_from, valid_to=valid_to,
            region=form.text("region") if scope == "region" else None,
            organisation_id=form.text("organisation_id") if scope == "unit" else None,
        )  # fmt: skip
    return "/admin/people"


def _end_role(ask: Ask, form: Posted) -> str:
    ask.require("role.grant")
    role_id = form.needed("role_id")
    form.check()
    with ask.records.database.change(ask.principal.person_id, "role.end", f"role:{role_id}") as change:
        end_role(change, role_id)
    return "/admin/people"


def _give_login(ask: Ask, form: Posted) -> Response:
    """Give a person a login with a password that is shown once and must be changed."""
    ask.require("credential.reset")
    person_id, login = form.needed("person_id"), form.needed("login")
    form.check()
    password = random_password()
    with ask.records.database.change(ask.principal.person_id, "credential.reset", f"person:{person_id}") as change:
        set_password(change, person_id, login, password, must_change=True)
    ask.records.logins.log_out_everywhere(person_id)
    return show_people(ask, password=password, login=login)


def _disable(ask: Ask, form: Posted) -> str:
    ask.require("credential.reset")
    person_id = form.needed("person_id")
    form.check()
    with ask.records.database.change(ask.principal.person_id, "credential.disable", f"person:{person_id}") as change:
        found = change.session.get(Credential, person_id)
        disable_login(change, person_id, disabled=found is None or not found.disabled)
    ask.records.logins.log_out_everywhere(person_id)
    return "/admin/people"


def show_organisations(ask: Ask) -> Response:
    """Organisations that one may see."""
    page, first = _window(ask)
    words = ask.query("q").strip()
    with ask.records.database.read() as session:
        table = Organisation.__table__.c
        condition = ask.records.rights.condition(
            ask.principal, "organisation.read", Columns(region=table.region, organisation_id=table.id)
        )
        if words:
            found = [o.id for o in search_organisations(session, words, PER_PAGE)]
            condition = condition & Organisation.id.in_(found)
        count = session.execute(select(func.count()).select_from(Organisation).where(condition)).scalar_one()
        named = select(Organisation).options(selectinload(Organisation.names))
        statement = named.where(condition).order_by(Organisation.region, Organisation.id)
        shown = statement if ask.query("format") in FORMATS else statement.offset(first).limit(PER_PAGE)
        units = list(session.execute(shown).scalars())
        lines = [(u, u.name(ask.language), u.uscc or "–", u.region or "–", u.kind) for u in units]
        former = {
            n.organisation_id: n.zh
            for n in session.execute(
                select(OrganisationName).where(
                    OrganisationName.organisation_id.in_([u.id for u in units]), OrganisationName.valid_to.is_not(None)
                )
            ).scalars()
        }
    folder = province_folder(ask.records.settings.province)
    places = dict(regions(folder, ask.language))
    if ask.query("format") in FORMATS:
        head = [ask.text(f"portal.organisation.{k}") for k in ("name", "uscc", "region", "kind")]
        rows = [
            [name, uscc, places.get(region, region), ask.text(f"portal.kind.{kind}")]
            for _, name, uscc, region, kind in lines
        ]
        return table_answer(ask.query("format"), "organisations", head, rows)
    return ask.page(
        "records_organisations.html", lines=lines, former=former, count=count, page=page, pages=max(1, -(-count // PER_PAGE)),
        words=words, kinds=KINDS, regions=list(places.items()),
        target=lambda region: Target(region=region), today=local_day(ask.records.database.clock()),
    )  # fmt: skip


def _register_organisation(ask: Ask, form: Posted) -> str:
    region = form.needed("region")
    ask.require("organisation.register", Target(region=region))
    zh, since = form.needed("zh"), form.day("valid_from")
    form.check()
    with ask.records.database.change(ask.principal.person_id, "organisation.register", "organisation:new") as change:
        made = register_organisation(
            change, zh=zh, en=form.text("en"), kind=form.needed("kind"), region=region, uscc=form.text("uscc") or None,
            valid_from=since, parent_id=form.text("parent_id") or None,
        )  # fmt: skip
        change.details["organisation"] = made.id
    return "/admin/organisations"


def _give_code(ask: Ask, form: Posted) -> str:
    organisation_id, uscc = form.needed("organisation_id"), form.needed("uscc")
    form.check()
    with ask.records.database.change(
        ask.principal.person_id, "organisation.code", f"organisation:{organisation_id}"
    ) as change:
        found = find_organisation(change.session, organisation_id)
        ask.require("organisation.change", Target(region=found.region, organisation_id=found.id))
        give_code(change, organisation_id, uscc)
    return "/admin/organisations"


def show_log(ask: Ask) -> Response:
    """Entries of the log, newest first; with ``verify`` what the verifier says."""
    page, first = _window(ask)
    subject = ask.query("subject").strip()
    report = None
    if ask.query("verify") and ask.records.database.size() <= MOST_VERIFIED:
        report = verify(
            ask.records.log.folder, ask.records.log.key.verifier, ask.records.database, ask.records.evidence,
            ask.records.settings.witnesses, ask.records.settings.quorum,
        )  # fmt: skip
    with ask.records.database.read() as session:
        condition = LogEntry.sequence >= 0
        if subject:
            condition = condition & (LogEntry.subject == subject)
        count = session.execute(select(func.count()).select_from(LogEntry).where(condition)).scalar_one()
        statement = select(LogEntry).where(condition).order_by(LogEntry.sequence.desc()).offset(first).limit(PER_PAGE)
        entries = log_lines(session.execute(statement).scalars())
        people = people_names(session, {e.actor for e in entries}, ask.language)
    return ask.page(
        "records_log.html", entries=entries, people=people, count=count, page=page, pages=max(1, -(-count // PER_PAGE)), subject=subject,
        report=report, verifier=str(ask.records.log.key.verifier), checkpoint=ask.records.log.checkpoint_text() or "",
    )  # fmt: skip


def _checkpoint(ask: Ask, form: Posted) -> str:
    ask.require("log.checkpoint")
    ask.records.log.publish()
    return "/admin/log"


def show_receipt(ask: Ask) -> Response:
    """The receipt of an entry, for those who may see the record that it is about."""
    asked = ask.query("id")
    sequence = int(asked) if asked.isdecimal() and len(asked) < 12 else -1
    with ask.records.database.read() as session:
        found = session.execute(select(LogEntry).where(LogEntry.sequence == sequence)).scalar_one_or_none()
        if found is None:
            raise RefusedError(Problem("no_record", "log", field="id", value=asked[:20]))
        own = found.actor == ask.principal.person_id
        if not own:
            ask.require("log.receipt", target_of(session, found.subject))
    text = ask.records.log.receipt(sequence)
    return Response(
        text, media_type="text/plain; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{sequence}.tlog-proof"'},
    )  # fmt: skip
