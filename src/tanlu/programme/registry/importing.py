"""Import of a list of recognitions: every row checked, all errors told at once, a dry run that writes nothing, then all rows or none.

The file itself becomes evidence of every row. Units, people and teams that are not known yet are registered.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select

from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import Column, Table
from tanlu.programme.registries import PEOPLE, Kind
from tanlu.programme.registry.places import regions_of
from tanlu.programme.registry.reporting import Proof, Recognition, add_recognition, make_team
from tanlu.programme.registry.table_file import read_rows
from tanlu.programme.registry.tables import RegistryTeam
from tanlu.records import (
    Affiliation,
    Change,
    Organisation,
    OrganisationName,
    Person,
    Principal,
    Records,
    Stored,
    Target,
    affiliate,
    code_problems,
    register_organisation,
    register_person,
)

IMPORT: Final = "registry.import"
LABELS: Final = "registry.column"
COLUMNS: Final = (
    Column("kind"),
    Column("name"),
    Column("code", required=False),
    Column("host", required=False),
    Column("host_code", required=False),
    Column("region"),
    Column("valid_from"),
    Column("valid_to", required=False),
    Column("first", required=False),
    Column("leader", required=False),
    Column("note", required=False),
)
UNIT_KIND: Final[Mapping[Kind, str]] = {
    Kind.KEY_LABORATORY: "institute",
    Kind.INNOVATION_CENTRE: "institute",
    Kind.NEW_INSTITUTION: "new_rd_institution",
    Kind.GREEN_FIRM: "enterprise",
    Kind.INCUBATOR: "other",
    Kind.SCIENCE_BASE: "other",
}
"""Kind of the unit that is registered for a subject that is not known yet."""
HOSTED: Final = PEOPLE | {Kind.TEAM}
YES: Final = {"1", "是", "yes", "true", ""}
NO: Final = {"0", "否", "no", "false"}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import does, or did.

    Parameters
    ----------
    rows : int
        Rows that are free of problems.
    written : int
        Entries that were reported; 0 after a dry run or when anything was wrong.
    problems : tuple of Problem
    sha256 : str
        Digest of the file as evidence, empty after a dry run.
    """

    rows: int
    written: int
    problems: tuple[Problem, ...] = field(default=())
    sha256: str = ""


class _DryRunError(Exception):
    """Undoes what a dry run has written."""


def import_entries(
    records: Records, principal: Principal, path: Path, *, dry_run: bool = False, demonstration: bool = False
) -> ImportReport:
    """Report every recognition of a file.

    Parameters
    ----------
    path : Path
        CSV or Excel; columns are those of `COLUMNS`, named in either language.
    dry_run : bool
        Do everything and undo it.

    Returns
    -------
    ImportReport
        With the problems of all rows; if there is one, nothing is written.

    Raises
    ------
    NotPermittedError
        If the person may not import.
    """
    records.rights.require(principal, IMPORT)
    table = read_rows(path, COLUMNS, LABELS, key=("kind", "name", "host"))
    table.problems += _check(records, table)
    if table.problems:
        return ImportReport(len(table.rows), 0, tuple(table.problems))
    proof = (_store(records, path), path.name) if not dry_run else None
    problems: list[Problem] = []
    try:
        with records.database.batch() as batch:
            for row, line in zip(table.rows, table.lines, strict=True):
                with batch.change(principal.person_id, IMPORT, f"registry_import:{table.file}"[:200]) as change:
                    problems += _add_row(records, principal, change, table.file, line, row, proof, demonstration)
            if problems or dry_run:
                raise _DryRunError
    except _DryRunError:
        return ImportReport(len(table.rows), 0, tuple(problems))
    return ImportReport(len(table.rows), len(table.rows), (), proof[0].sha256 if proof else "")


def _store(records: Records, path: Path) -> Stored:
    with path.open("rb") as file:
        return records.evidence.put(iter(lambda: file.read(1 << 16), b""))


def _check(records: Records, table: Table) -> list[Problem]:
    """Check what needs no database: kinds, regions, days, codes, hosts. Rows are replaced by typed ones."""
    regions = regions_of(records.settings.province)
    by_name = {name: r.id for r in regions.values() for name in (r.id, r.zh, r.en)}
    kinds = _kinds()
    problems: list[Problem] = []
    for row, line in zip(table.rows, table.lines, strict=True):
        problems += _check_row(table.file, line, row, by_name, kinds)
        row["kind"], row["region"] = kinds.get(str(row["kind"])), by_name.get(str(row["region"]))
        row["first"] = str(row["first"]).casefold() in YES
    return problems


def _check_row(
    file: str, line: int, row: dict[str, Any], by_name: Mapping[str, str], kinds: Mapping[str, Kind]
) -> list[Problem]:
    problems: list[Problem] = []

    def report(code: str, name: str, **details: object) -> None:
        problems.append(Problem(code, file, line, name, str(row[name] or ""), details))

    if str(row["kind"]) not in kinds:
        report("unknown_choice", "kind", refers_to="registry.kind", some=", ".join(k.value for k in Kind))
    elif kinds[str(row["kind"])] in HOSTED and not (row["host"] or row["host_code"]):
        report("registry_host", "host")
    if str(row["region"]) not in by_name:
        report("unknown_choice", "region", refers_to="regions.csv", some=", ".join(list(by_name)[:4]))
    if str(row["first"]).casefold() not in YES | NO:
        report("unknown_choice", "first", refers_to="first", some="1, 0, 是, 否")
    for name in ("valid_from", "valid_to"):
        try:
            row[name] = date.fromisoformat(str(row[name])) if row[name] else None
        except ValueError:
            report("not_a_date", name)
    for name in ("code", "host_code"):
        if row[name]:
            problems += code_problems(str(row[name]), file, line, name)
    return problems


def _kinds() -> dict[str, Kind]:
    from tanlu.core.messages import LANGUAGES, translate

    found = {kind.value: kind for kind in Kind}
    for kind in Kind:
        found |= {translate(f"registry.kind.{kind.value}", language): kind for language in LANGUAGES}
    return found


def _add_row(
    records: Records,
    principal: Principal,
    change: Change,
    file: str,
    line: int,
    row: Mapping[str, Any],
    proof: Proof | None,
    demonstration: bool,
) -> list[Problem]:
    """Report a row; return what the database says against it, at its line."""
    try:
        records.rights.require(principal, IMPORT, Target(region=row["region"]))
        subject, host = _subject(records, principal, change, row)
        recognition = Recognition(
            row["kind"],
            subject,
            row["region"],
            row["valid_from"],
            row["valid_to"],
            host,
            row["first"],
            note=row["note"],
            demonstration=demonstration,
        )
        add_recognition(records, principal, change, recognition, [proof] if proof else [])
    except DataError as error:
        return [Problem(p.code, file, line, p.field, p.value, p.details) for p in error.problems]
    return []


def _subject(records: Records, principal: Principal, change: Change, row: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the subject of a row and the unit that hosts it, registering what is not known."""
    kind: Kind = row["kind"]
    host = None
    if row["host"] or row["host_code"]:
        host = _unit(change, row["host"], row["host_code"], "other", row, None)
    if kind in PEOPLE and host is not None:
        return _person(change, row["name"], host, row["valid_from"]), host
    if kind is Kind.TEAM and host is not None:
        known = select(RegistryTeam.id).where(RegistryTeam.zh == row["name"], RegistryTeam.organisation_id == host)
        team = change.session.execute(known).scalars().first()
        if team is None:
            leader = _person(change, row["leader"], host, row["valid_from"]) if row["leader"] else None
            made = make_team(records, principal, change, zh=row["name"], organisation_id=host, leader_id=leader)
            team = made.id
        return team, host
    return _unit(change, row["name"], row["code"], UNIT_KIND[kind], row, host), None


def _unit(change: Change, name: str, code: str, kind: str, row: Mapping[str, Any], parent: str | None) -> str:
    """Return the unit with a code, or else with a name under the same parent, registered if it is not known."""
    known = select(Organisation.id)
    if code:
        known = known.where(Organisation.uscc == code)
    else:
        names = select(OrganisationName.organisation_id).where(OrganisationName.zh == name)
        known = known.where(Organisation.id.in_(names))
        if parent is not None:
            known = known.where(Organisation.parent_id == parent)
    found = change.session.execute(known.order_by(Organisation.id)).scalars().first()
    if found is not None:
        return found
    made = register_organisation(
        change,
        zh=name or code,
        kind=kind,
        region=row["region"],
        uscc=code or None,
        valid_from=row["valid_from"],
        parent_id=parent,
    )
    return made.id


def _person(change: Change, name: str, host: str, since: date) -> str:
    known = (
        select(Person.id)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(Person.zh == name, Affiliation.organisation_id == host)
    )
    found = change.session.execute(known.order_by(Person.id)).scalars().first()
    if found is not None:
        return found
    made = register_person(change, zh=name)
    affiliate(change, made.id, host, valid_from=since)
    return made.id
