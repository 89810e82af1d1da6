"""Pages of the registries: lists with reported and verified counts, one entry with its versions, and imports with a dry run."""

from __future__ import annotations

from fastapi import Response

from tanlu.core.errors import Problem
from tanlu.portal.programme.applications import files_of_each
from tanlu.portal.programme.importing import sent_table
from tanlu.portal.programme.view import page_number
from tanlu.portal.records.tables import WORKBOOK
from tanlu.portal.records.view import people_names
from tanlu.portal.session.desks import Act, Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.portal.uploads import KINDS as FILE_KINDS
from tanlu.programme.registries import Kind
from tanlu.programme.registry.checking import check
from tanlu.programme.registry.exporting import as_csv, registry_workbook, rows_of_items
from tanlu.programme.registry.importing import ImportReport, import_entries
from tanlu.programme.registry.places import regions_of
from tanlu.programme.registry.reading import (
    PAGE,
    Filter,
    all_entries,
    entry_history,
    holds_demonstration,
    kind_counts,
    list_entries,
)
from tanlu.programme.registry.reporting import Recognition, lapse, move, renew, report


def registry_desks() -> list[Desk]:
    """Return these pages."""
    acts: dict[str, Act] = {"verify": _verify, "return": _return, "renew": _renew, "move": _move, "lapse": _lapse}
    return [
        Desk("/registry", show_registry, {"report": _report}, public=True),
        Desk("/registry/entry", show_entry, acts, public=True),
        Desk("/registry/import", show_import, {"dry": _dry_run, "import": _import}, right="registry.import"),
    ]


def _filter(ask: Ask) -> Filter:
    kind, state = ask.query("kind"), ask.query("state")
    return Filter(kind=kind, state=state, region=ask.query("region"), words=ask.query("q"))


def show_registry(ask: Ask) -> Response:
    """Entries that one may see, and the counts of each registry, reported and verified side by side."""
    chosen, form = _filter(ask), ask.query("format")
    now, regions = ask.records.database.clock(), regions_of(ask.records.settings.province)
    with ask.records.database.read() as session:
        counts = kind_counts(session, now, chosen.kind)
        demonstration = holds_demonstration(session, now)
        if form in ("csv", "xlsx"):
            items = all_entries(session, ask.records.rights, ask.principal, chosen)
        else:
            shown = list_entries(
                session, ask.records.rights, ask.principal, chosen, offset=(page_number(ask) - 1) * PAGE
            )
    if form == "csv":
        head, rows = rows_of_items(items, regions, ask.language)
        headers = {"content-disposition": 'attachment; filename="registry.csv"'}
        return Response(as_csv(head, rows), media_type="text/csv; charset=utf-8", headers=headers)
    if form == "xlsx":
        labelled = [(ask.text(f"registry.kind.{k.value}"), c) for k, c in counts.items()]
        headers = {"content-disposition": 'attachment; filename="registry.xlsx"'}
        content = registry_workbook(items, labelled, regions, ask.language, now.isoformat())
        return Response(content, media_type=WORKBOOK, headers=headers)
    return ask.page(
        "registry.html", shown=shown, counts=counts, chosen=chosen, kinds=[k.value for k in Kind], regions=regions, page=page_number(ask),
        pages=max(1, -(-shown.total // PAGE)), demonstration=demonstration,
    )  # fmt: skip


def show_entry(ask: Ask) -> Response:
    """An entry with every version, its evidence, and what can be reported of it."""
    with ask.records.database.read() as session:
        versions = entry_history(session, ask.records.rights, ask.principal, ask.query("id"))
        files = files_of_each(session, "registry_version", (v.version_id for v in versions)) if ask.caller.known else {}
        who = {v.reported_by for v in versions} | {v.checked_by for v in versions if v.checked_by}
        people = people_names(session, who, ask.language) if ask.caller.known else {}
    return ask.page(
        "registry_entry.html", versions=versions, last=versions[-1], files=files, people=people,
        regions=regions_of(ask.records.settings.province),
        reporting=ask.may("registry.report"), verifying=ask.may("registry.verify"),
    )  # fmt: skip


def _back(ask: Ask) -> str:
    return f"/registry/entry?id={ask.query('id')}"


def _report(ask: Ask, form: Posted) -> str:
    ask.require("registry.report")
    kind, subject, region, first_day = (
        form.needed("kind"),
        form.needed("subject"),
        form.needed("region"),
        form.day("valid_from"),
    )
    last_day = form.day_or_none("valid_to")
    if kind not in {k.value for k in Kind}:
        details = {"refers_to": "registry.kind", "some": ", ".join(Kind)}
        form.problems.append(Problem("unknown_choice", "registry", field="kind", value=kind[:40], details=details))
    form.check()
    told = Recognition(
        Kind(kind),
        subject,
        region,
        first_day,
        last_day,
        form.text("organisation_id") or None,
        form.text("first") != "no",
        note=form.text("note"),
    )
    made = report(ask.records, ask.principal, told, form.store(ask.records.evidence))
    return f"/registry/entry?id={made.entry_id}"


def _verify(ask: Ask, form: Posted) -> str:
    check(ask.records, ask.principal, form.text("version"), "verify")
    return _back(ask)


def _return(ask: Ask, form: Posted) -> str:
    check(ask.records, ask.principal, form.text("version"), "return", reason=form.text("reason"))
    return _back(ask)


def _renew(ask: Ask, form: Posted) -> str:
    first, last = form.day("valid_from"), form.day_or_none("valid_to")
    form.check()
    ask.require("registry.report")
    proof = form.store(ask.records.evidence)
    renew(
        ask.records,
        ask.principal,
        ask.query("id"),
        valid_from=first,
        valid_to=last,
        evidence=proof,
        note=form.text("note"),
    )
    return _back(ask)


def _move(ask: Ask, form: Posted) -> str:
    first, region = form.day("valid_from"), form.needed("region")
    form.check()
    ask.require("registry.report")
    proof = form.store(ask.records.evidence)
    move(
        ask.records,
        ask.principal,
        ask.query("id"),
        region=region,
        valid_from=first,
        evidence=proof,
        note=form.text("note"),
    )
    return _back(ask)


def _lapse(ask: Ask, form: Posted) -> str:
    last = form.day("valid_to")
    form.check()
    ask.require("registry.report")
    lapse(
        ask.records,
        ask.principal,
        ask.query("id"),
        last_day=last,
        evidence=form.store(ask.records.evidence),
        note=form.text("note"),
    )
    return _back(ask)


def show_import(ask: Ask, done: ImportReport | None = None, dry: bool = False) -> Response:
    """The form of an import, and what the dry run or the import says."""
    return ask.page("registry_import.html", done=done, dry=dry, accepted=", ".join(FILE_KINDS))


def _table(ask: Ask, form: Posted, *, dry_run: bool) -> ImportReport:
    with sent_table(form) as path:
        return import_entries(ask.records, ask.principal, path, dry_run=dry_run)


def _dry_run(ask: Ask, form: Posted) -> Response:
    return show_import(ask, _table(ask, form, dry_run=True), dry=True)


def _import(ask: Ask, form: Posted) -> Response:
    return show_import(ask, _table(ask, form, dry_run=False))
