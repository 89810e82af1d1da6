"""The registry from files: CSV tables ``units`` and ``meters``, or a workbook with these sheets; all that is wrong is told at once.

Cells are checked here; whether units and meters fit together and with what is registered is told by `tanlu.monitor.registry_checks`.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError, Notice, Problem
from tanlu.core.tables import Table, decode, read_table
from tanlu.core.units import IncompatibleUnitsError, conversion_factor
from tanlu.core.uscc import code_problems
from tanlu.monitor.carriers import Carrier, carriers
from tanlu.monitor.registry import FOREVER, Meter, Registry, Unit
from tanlu.monitor.registry_checks import Drafts, check_together
from tanlu.monitor.registry_words import HEADINGS, KIND_WORDS, METER_KIND_WORDS, NO, TABLES
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, FIRST_STAMP, MeterKind, UnitKind
from tanlu.monitor.stamps import stamp_of
from tanlu.monitor.workbook import SUFFIXES, workbook_rows

_STEP_WORDS: Final = {"s": 1, "秒": 1, "min": 60, "分": 60, "分钟": 60, "h": 3600, "小时": 3600, "d": DAY, "天": DAY}
_LONGEST_STEP: Final = 31 * DAY
"""Forms of a month are readings of meters with this step."""


@dataclass(slots=True)
class RegistryFile:
    """Units and meters of files, free of problems and without numbers, and what should be known."""

    units: list[Unit] = field(default_factory=list)
    meters: list[Meter] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)


def read_registry(paths: Sequence[Path], known: Registry, today: date) -> RegistryFile:
    """Read units and meters and check them against each other and against what is registered.

    Parameters
    ----------
    paths : sequence of Path
        CSV files (the columns tell which table it is) and workbooks (``.xlsx``) with sheets ``units`` and ``meters``.
    known : Registry
        What is registered, with the regions of the province.
    today : date
        Calibration later than this is a problem.

    Raises
    ------
    DataError
        With every problem of every file.
    """
    drafts, notices, problems = Drafts(), list[Notice](), list[Problem]()
    for path in paths:
        try:
            tables = _tables(path)
        except DataError as error:
            problems += error.problems
            continue
        for name, table in tables:
            problems += table.problems
            notices += table.notices
            _collect(name, table, drafts, problems)
    problems += check_together(drafts, known, today)
    if problems:
        raise DataError(sorted(problems, key=lambda p: (p.file, p.row or 0)))
    return RegistryFile(
        [_placed(unit, drafts, known) for unit in drafts.units.values()], list(drafts.meters.values()), notices
    )


def _placed(unit: Unit, drafts: Drafts, known: Registry) -> Unit:
    """Return a unit with the region in which its parents lie."""
    above = drafts.units.get(unit.parent) or known.units[unit.parent]
    while above.id in drafts.units:
        above = drafts.units.get(above.parent) or known.units[above.parent]
    return replace(unit, region=above.region)


def _tables(path: Path) -> list[tuple[str, Table]]:
    """Return name and checked table of each table of a file."""
    if path.suffix.lower() in SUFFIXES:
        sheets: dict[str, list[tuple[int, list[str]]]] = {}
        for sheet, number, cells in workbook_rows(path):
            if sheet.lower() in (*TABLES, "单位", "表计"):
                name = {"单位": "units", "表计": "meters"}.get(sheet, sheet.lower())
                sheets.setdefault(name, []).append((number, cells))
        if not sheets:
            raise DataError([Problem("registry_no_sheet", path.name)])
        return [(name, _checked(f"{path.name}[{name}]", name, rows, is_sheet=True)) for name, rows in sheets.items()]
    if not path.is_file():
        raise DataError([Problem("missing_file", path.name)])
    text, problems, notices = decode(path.read_bytes(), path.name)
    if problems:
        raise DataError(problems)
    rows = _csv_rows(text, path.name)
    header = {c.strip() for c in rows[0][1]} if rows else set()
    name = "meters" if header & {"carrier", "介质", "能源品种"} else "units"
    table = _checked(path.name, name, rows)
    table.notices += notices
    return [(name, table)]


def _csv_rows(text: str, file: str) -> list[tuple[int, list[str]]]:
    """Return the rows of a text that hold something, each with the line on which it begins."""
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows, start = [], 1
    try:
        for cells in reader:
            if any(c.strip() for c in cells):
                rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise DataError([Problem("not_csv", file, start, details={"reason": str(error)})]) from None
    return rows


def _checked(file: str, name: str, rows: Sequence[tuple[int, list[str]]], *, is_sheet: bool = False) -> Table:
    """Check the cells of a table; optional columns may be left out, and headings may be Chinese."""
    columns = TABLES[name]
    words = HEADINGS[name]
    header = [words.get(cell.strip(), cell.strip().lower()) for cell in rows[0][1]] if rows else []
    while header and not header[-1]:
        header.pop()
    absent = [c.name for c in columns if not c.required and c.name not in header]
    with tempfile.TemporaryDirectory() as folder:
        # the reader of tables takes a file; line numbers of the original are put back below
        copy = Path(folder) / "table.csv"
        with copy.open("w", encoding="utf-8", newline="") as out:
            writer = csv.writer(out)
            writer.writerow([*header, *absent])
            for _, cells in rows[1:]:
                plain = [" ".join(c.split()) for c in cells]
                while len(plain) > len(header) and not plain[-1]:
                    plain.pop()
                if is_sheet:
                    # a sheet does not keep the empty cells at the end of a row
                    plain += [""] * (len(header) - len(plain))
                writer.writerow([*plain, *("" for _ in absent)])
        table = read_table(copy, columns, key=("id",))
    lines = [number for number, _ in rows]
    table.file = file
    table.lines = [lines[line - 1] for line in table.lines]
    table.problems = [_moved(p, file, lines) for p in table.problems]
    return table


def _moved(problem: Problem, file: str, lines: Sequence[int]) -> Problem:
    details = dict(problem.details)
    if isinstance(first := details.get("first"), int):
        details["first"] = lines[first - 1]
    row = problem.row if problem.row is None or problem.row > len(lines) else lines[problem.row - 1]
    return replace(problem, file=file, row=row, details=details)


def _collect(name: str, table: Table, drafts: Drafts, problems: list[Problem]) -> None:
    """Turn the rows of a table into records."""
    place = drafts.unit_rows if name == "units" else drafts.meter_rows
    for row, line in zip(table.rows, table.lines, strict=True):
        cells = _Row(table.file, line, row, problems)
        record = _unit(cells) if name == "units" else _meter(cells)
        if record is None:
            drafts.faulty.add(str(row["id"]))
            continue
        if record.id in place:
            first = "{}:{}".format(*place[record.id])
            problems.append(Problem("duplicate", table.file, line, "id", record.id, {"first": first}))
            continue
        place[record.id] = (table.file, line)
        if isinstance(record, Unit):
            drafts.units[record.id] = record
        else:
            drafts.meters[record.id] = record
    drafts.faulty |= set(table.names or ()) - set(place)


@dataclass(slots=True)
class _Row:
    """The cells of a row, and where what is wrong with them is told."""

    file: str
    line: int
    cells: Mapping[str, Any]
    problems: list[Problem]
    sound: bool = True

    def report(self, code: str, name: str, **details: object) -> None:
        self.sound = False
        self.problems.append(Problem(code, self.file, self.line, name, str(self.cells[name] or ""), details))

    def moment(self, name: str, empty: int, *, end: bool = False) -> int:
        """Return a stamp; a date alone means its begin, or its end."""
        text = str(self.cells[name] or "")
        if not text:
            return empty
        stamp = stamp_of(text)
        if stamp is None or stamp < FIRST_STAMP:
            self.report("registry_moment", name)
            return empty
        midnight = (stamp + CIVIL_OFFSET) % DAY == 0
        return stamp + DAY if end and midnight and ":" not in text and "时" not in text else stamp


def _unit(row: _Row) -> Unit | None:
    cells = row.cells
    kind = KIND_WORDS.get(str(cells["kind"])) or UnitKind(str(cells["kind"]))
    parent = str(cells["parent"] or cells["region"])
    if not parent:
        row.report("registry_no_place", "parent")
    start, end = row.moment("valid_from", FIRST_STAMP), row.moment("valid_to", FOREVER, end=True)
    if row.sound and end <= start:
        row.report("registry_dates", "valid_to")
    region, sector, uscc = (str(cells[name] or "") for name in ("region", "sector", "uscc"))
    wrong = code_problems(uscc, row.file, row.line) if uscc else []
    row.problems += wrong
    if wrong or not row.sound:
        return None
    return Unit(str(cells["id"]), 0, kind, parent, str(cells["zh"]), str(cells["en"]), region, sector, start, end, uscc)


def _meter(row: _Row) -> Meter | None:
    cells = row.cells
    kind = METER_KIND_WORDS.get(str(cells["kind"])) or MeterKind(str(cells["kind"]))
    carrier = carriers().get(str(cells["carrier"]))
    if carrier is None:
        row.report("unknown_choice", "carrier", refers_to="carriers.csv", some=", ".join(list(carriers())[:6]))
    ratio = 1.0 if cells["ratio"] is None else float(cells["ratio"])
    if ratio <= 0:
        row.report("registry_not_positive", "ratio")
    if carrier is not None and cells["measure"] is not None:
        ratio *= _conversion(row, carrier, kind)
    step = _step(row)
    calibrated = row.moment("calibrated_on", 0)
    start, end = row.moment("valid_from", FIRST_STAMP), row.moment("valid_to", FOREVER, end=True)
    if row.sound and end <= start:
        row.report("registry_dates", "valid_to")
    if cells["roll"] is not None and kind is not MeterKind.REGISTER:
        row.report("registry_roll_kind", "roll")
    if not row.sound:
        return None
    return Meter(
        id=str(cells["id"]),
        number=0,
        unit=str(cells["unit"]),
        carrier=str(cells["carrier"]),
        kind=kind,
        step=step,
        ratio=ratio,
        decimals=2 if cells["decimals"] is None else int(cells["decimals"]),
        roll=cells["roll"],
        parent=str(cells["parent"]),
        sign=int(cells["sign"] or 1),
        counted=cells["counted"] not in NO,
        accuracy=cells["accuracy"],
        rating=cells["rating"],
        calibrated_on=_civil_date(calibrated) if calibrated else None,
        calibration_months=cells["calibration_months"],
        position=str(cells["position"]),
        valid_from=start,
        valid_to=end,
    )


def _civil_date(stamp: int) -> date:
    return datetime.fromtimestamp(stamp + CIVIL_OFFSET, UTC).date()


def _step(row: _Row) -> int:
    """Return the seconds of ``900``, ``15min``, ``1h``, ``31d``; they fit into an hour, hours into a day, or are up to 31 days."""
    text = str(row.cells["step"])
    digits = text.rstrip("".join(_STEP_WORDS))
    factor = _STEP_WORDS.get(text.removeprefix(digits).strip(), 0) if text != digits else 1
    step = int(digits.strip()) * factor if digits.strip().isdecimal() else 0
    monthly = step % DAY == 0 and step <= _LONGEST_STEP
    if step <= 0 or (3600 % step and (step % 3600 or DAY % step) and not monthly):
        row.report("registry_step", "step")
    return step


def _conversion(row: _Row, carrier: Carrier, kind: MeterKind) -> float:
    """Return by what an amount in the unit of measurement is multiplied to be in the unit of the carrier (a rate: per hour)."""
    measure = str(row.cells["measure"])
    try:
        if kind is not MeterKind.RATE:
            return conversion_factor(measure, carrier.unit)
        try:
            return conversion_factor(measure, f"{carrier.unit}/h")
        except IncompatibleUnitsError:
            # kW over one hour is kWh
            return conversion_factor(measure, "kW") * conversion_factor("kWh", carrier.unit)
    except IncompatibleUnitsError:
        wanted = f"{carrier.unit}/h" if kind is MeterKind.RATE else carrier.unit
        row.report("wrong_unit", "measure", wanted=wanted)
        return 1.0
