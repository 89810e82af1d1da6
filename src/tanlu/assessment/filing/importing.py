"""Import of filings and of investment entries: every row checked, all errors at once, a dry run that writes nothing, then all rows or none.

The file itself becomes evidence of every row; what is imported is filed, not verified.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from tanlu.assessment.filing.filings import Value, add_draft, submit_draft
from tanlu.assessment.filing.investments import Payment, add_payment
from tanlu.assessment.filing.scheme import AssessmentScheme
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.scoring import Supposed
from tanlu.assessment.investment import PayerKind, SpendingKind
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import LANGUAGES, translate
from tanlu.core.tables import Column, Table
from tanlu.programme.registry.importing import COLUMNS as REGISTRY_COLUMNS
from tanlu.programme.registry.importing import LABELS as REGISTRY_LABELS
from tanlu.programme.registry.importing import ImportReport, import_entries
from tanlu.programme.registry.places import regions_of
from tanlu.programme.registry.reporting import Proof
from tanlu.programme.registry.table_file import header_of, named, read_rows
from tanlu.records import Change, Principal, Records

LABELS: Final = "assessment.column"
FILING_COLUMNS: Final = (
    Column("region"),
    Column("indicator"),
    Column("year", "year"),
    Column("value"),
    Column("note", required=False),
)
INVESTMENT_COLUMNS: Final = (
    Column("region"),
    Column("contract"),
    Column("year", "year"),
    Column("payer"),
    Column("payer_kind"),
    Column("kind"),
    Column("account", required=False),
    Column("amount"),
    Column("technology", required=False),
    Column("note", required=False),
)
SUPPOSED_COLUMNS: Final = (Column("region"), Column("indicator"), Column("value"))
KINDS: Final = {
    "filings": (FILING_COLUMNS, LABELS),
    "investments": (INVESTMENT_COLUMNS, LABELS),
    "registry": (REGISTRY_COLUMNS, REGISTRY_LABELS),
}
AddRow = Callable[[Change, Mapping[str, Any], Proof | None], None]


class _DryRunError(Exception):
    """Undoes what a dry run has written."""


def kind_of(path: Path) -> str:
    """Return what a file holds, by its columns: ``filings``, ``investments`` or ``registry``.

    Raises
    ------
    DataError
        If it has the columns of none of them.
    """
    header = header_of(path)
    for kind, (columns, labels) in KINDS.items():
        if {c.name for c in columns if c.required} <= set(named(header, columns, labels)):
            return kind
    wanted = "; ".join(
        f"{kind}: {', '.join(c.name for c in columns if c.required)}" for kind, (columns, _) in KINDS.items()
    )
    raise DataError([Problem("import_kind", path.name, value=", ".join(header)[:120], details={"wanted": wanted})])


def import_file(
    records: Records, principal: Principal, path: Path, *, dry_run: bool = False
) -> tuple[str, ImportReport]:
    """Import a file of any of the kinds; see `kind_of`."""
    kind = kind_of(path)
    if kind == "registry":
        return kind, import_entries(records, principal, path, dry_run=dry_run)
    reader = import_filings if kind == "filings" else import_investments
    return kind, reader(records, principal, path, dry_run=dry_run)


def import_filings(records: Records, principal: Principal, path: Path, *, dry_run: bool = False) -> ImportReport:
    """File every value of a table.

    Returns
    -------
    ImportReport
        With the problems of all rows; if there is one, nothing is written.

    Raises
    ------
    NotPermittedError
        If the person may not file.
    """
    records.rights.require(principal, "filing.file")
    table = read_rows(path, FILING_COLUMNS, LABELS, key=("region", "indicator", "year"))
    table.problems += _type_filings(records, table)

    def add(change: Change, row: Mapping[str, Any], proof: Proof | None) -> None:
        value = Value(row["region"], row["indicator"], row["year"], row["value"], row["note"])
        filing = add_draft(records, principal, change, value, [proof] if proof else [])
        if proof is not None:
            submit_draft(records, principal, change, filing)

    return _write(records, principal, path, table, "filing.file", add, dry_run)


def import_investments(records: Records, principal: Principal, path: Path, *, dry_run: bool = False) -> ImportReport:
    """File every payment of a table; see `import_filings`."""
    records.rights.require(principal, "investment.file")
    table = read_rows(path, INVESTMENT_COLUMNS, LABELS, key=("contract", "year", "payer"))
    table.problems += _type_payments(records, table)

    def add(change: Change, row: Mapping[str, Any], proof: Proof | None) -> None:
        payment = Payment(
            row["region"], row["contract"], row["year"], row["payer"], row["payer_kind"], row["kind"], row["account"],
            row["amount"], row["technology"], row["note"],
        )  # fmt: skip
        add_payment(records, principal, change, payment, [proof] if proof else [])

    return _write(records, principal, path, table, "investment.file", add, dry_run)


def _write(
    records: Records, principal: Principal, path: Path, table: Table, action: str, add: AddRow, dry_run: bool
) -> ImportReport:
    """Write all rows in one transaction, or none."""
    if table.problems:
        return ImportReport(len(table.rows), 0, tuple(table.problems))
    proof: Proof | None = None
    if not dry_run:
        with path.open("rb") as file:
            proof = records.evidence.put(iter(lambda: file.read(1 << 16), b"")), path.name
    problems: list[Problem] = []
    try:
        with records.database.batch() as batch:
            for row, line in zip(table.rows, table.lines, strict=True):
                with batch.change(principal.person_id, action, f"import:{path.name}"[:200]) as change:
                    try:
                        add(change, row, proof)
                    except DataError as error:
                        problems += [
                            Problem(p.code, path.name, line, p.field, p.value, p.details) for p in error.problems
                        ]
            if problems or dry_run:
                raise _DryRunError
    except _DryRunError:
        return ImportReport(len(table.rows), 0, tuple(problems))
    return ImportReport(len(table.rows), len(table.rows), (), proof[0].sha256 if proof else "")


def read_supposed(records: Records, path: Path, year: int) -> Supposed:
    """Read the values of a what-if run: prefecture, indicator, value.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    table = read_rows(path, SUPPOSED_COLUMNS, LABELS, key=("region", "indicator"))
    scheme = scheme_for(records.settings.province, year)
    problems = table.problems + _type(records, table, {"value": _decimal}, scheme)
    if problems:
        raise DataError(problems)
    return {(str(row["region"]), str(row["indicator"])): Decimal(str(row["value"])) for row in table.rows}


def _type_filings(records: Records, table: Table) -> list[Problem]:
    problems = []
    for year in sorted({int(str(row["year"])) for row in table.rows}):
        part = Table(table.file)
        pairs = [(r, n) for r, n in zip(table.rows, table.lines, strict=True) if r["year"] == year]
        part.rows, part.lines = [r for r, _ in pairs], [n for _, n in pairs]
        try:
            scheme = scheme_for(records.settings.province, year)
        except DataError as error:
            problems += [Problem(p.code, table.file, part.lines[0], "year", p.value, p.details) for p in error.problems]
            continue
        problems += _type(records, part, {"value": _decimal}, scheme)
    return sorted(problems, key=lambda p: p.row or 0)


def _type_payments(records: Records, table: Table) -> list[Problem]:
    for row in table.rows:
        if not row["account"]:
            row["account"] = _only_account(records, int(str(row["year"])))
    kinds = _labels("assessment.spending", [k.value for k in SpendingKind])
    payers = _labels("assessment.payer", [k.value for k in PayerKind])
    readers: dict[str, Callable[[str], Any]] = {
        "amount": _decimal,
        "kind": lambda text: SpendingKind(kinds[text]),
        "payer_kind": lambda text: PayerKind(payers[text]),
    }
    return _type(records, table, readers, None)


def _only_account(records: Records, year: int) -> str:
    """Return the definition of a year where there is one only; empty otherwise, which is told as a problem of the row."""
    try:
        accounts = list(scheme_for(records.settings.province, year).accounts)
    except DataError:
        return ""
    return accounts[0] if len(accounts) == 1 else ""


def _labels(prefix: str, values: list[str]) -> dict[str, str]:
    found = {value: value for value in values}
    for value in values:
        found |= {translate(f"{prefix}.{value}", language): value for language in LANGUAGES}
    return found


def _decimal(text: str) -> Decimal:
    # spreadsheets group thousands; a comma is never a decimal point here
    return Decimal(text.replace(",", "").replace("，", ""))


def _type(
    records: Records, table: Table, readers: Mapping[str, Callable[[str], Any]], scheme: AssessmentScheme | None
) -> list[Problem]:
    """Replace names and texts of the rows by ids and typed values; return what cannot be read."""
    regions = regions_of(records.settings.province)
    by_name = {name: r.id for r in regions.values() for name in (r.id, r.zh, r.en)}
    indicators = {}
    if scheme is not None:
        indicators = {name: i.id for i in scheme.indicators for name in (i.id, i.name.zh, i.name.en)}
    problems: list[Problem] = []
    for row, line in zip(table.rows, table.lines, strict=True):
        for field, known in (("region", by_name), ("indicator", indicators)):
            if not known:
                continue
            text = str(row[field])
            if text not in known:
                details = {"refers_to": field, "some": ", ".join(dict.fromkeys(list(known.values())[:6]))}
                problems.append(Problem("unknown_choice", table.file, line, field, text, details))
            row[field] = known.get(text)
        for field, read in readers.items():
            text = str(row[field])
            try:
                row[field] = read(text)
            except InvalidOperation:
                problems.append(Problem("not_a_number", table.file, line, field, text))
            except KeyError:
                details = {"refers_to": field, "some": ", ".join(k.value for k in (*SpendingKind, *PayerKind))}
                problems.append(Problem("unknown_choice", table.file, line, field, text, details))
    return problems
