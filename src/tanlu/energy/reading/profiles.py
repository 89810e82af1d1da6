"""Hourly profiles in CSV files: an hour column and one column a profile, 8,760 rows from 1 January 00:00 on."""

from __future__ import annotations

import csv
import warnings
from pathlib import Path
from typing import Final

import numpy as np

from tanlu.core.errors import Problem
from tanlu.core.tables import decode
from tanlu.energy.checks.wording import figure, moment
from tanlu.energy.problem import Floats
from tanlu.energy.reading.report import Report
from tanlu.energy.timegrid import HOURS_PER_YEAR

HOUR: Final = "hour"
_LEAP_DAY: Final = 24 * (31 + 28)
_MOST_FAULTS: Final = 5
"""Faulty cells told of a column; a file in another format has thousands."""


def read_profiles(report: Report, hours: int) -> tuple[dict[str, Floats], dict[str, str]]:
    """Read all profiles of a folder.

    Parameters
    ----------
    report : Report
        Where problems go.
    hours : int
        Hours that each must have.

    Returns
    -------
    profiles : mapping of str to (hours,) array
        By name.
    files : mapping of str to str
        File of each profile.
    """
    profiles, files = dict[str, Floats](), dict[str, str]()
    for path in sorted((report.folder / "profiles").glob("*.csv")):
        file = path.relative_to(report.folder).as_posix()
        for name, values in read_profile_file(report, path, file, hours).items():
            if name in profiles:
                report.cell("energy_twice", file, 1, name, name, first=files[name])
            profiles[name], files[name] = values, file
    return profiles, files


def read_profile_file(report: Report, path: Path, file: str, hours: int) -> dict[str, Floats]:
    """Read the profiles of one file by name; empty after telling what is wrong.

    Parameters
    ----------
    report : Report
        Where problems go.
    path : Path
    file : str
        What the file is called in problems.
    hours : int
        Hours that each must have.
    """
    text, problems, notices = decode(path.read_bytes(), file)
    report.problems.extend(problems)
    report.notices.extend(notices)
    if problems:
        return {}
    head, _, body = text.replace("\r\n", "\n").partition("\n")
    names = [name.strip() for name in next(csv.reader([head]), [])]
    if not names or names[0] != HOUR:
        report.cell("energy_no_hour_column", file, 1, HOUR, names[0] if names else "")
        return {}
    for name in sorted({n for n in names if names.count(n) > 1}):
        report.cell("double_column", file, 1, name)
    values = _numbers(body, len(names))
    if values is None or not np.isfinite(values).all():
        values = _slowly(report, file, body, names, hours)
        if values is None:
            return {}
    if not _check_hours(report, file, values, hours):
        return {}
    columns = np.ascontiguousarray(values.T)
    return dict(zip(names[1:], columns[1:], strict=True))


def _numbers(body: str, width: int) -> Floats | None:
    """Return a body of numbers at once; None where anything in it is not a plain number or a row has another width."""
    with warnings.catch_warnings():
        # at the first cell that is no number NumPy raises, or before 2.3 warns and stops
        warnings.simplefilter("error", DeprecationWarning)
        try:
            values = np.fromstring(body.strip().replace("\n", ","), sep=",")
        except (ValueError, DeprecationWarning):
            return None
    if values.size % width or values.size != body.count(",") + body.strip().count("\n") + 1:
        return None
    table = values.reshape(-1, width)
    # rows of unequal width would shift the hours
    return table if np.array_equal(table[:, 0], np.arange(len(table))) else None


def _slowly(report: Report, file: str, body: str, names: list[str], hours: int) -> Floats | None:
    """Look at every cell and tell what is wrong; None where anything is."""
    rows, told = list[list[float]](), dict[str, int]()
    for line, cells in enumerate(csv.reader(body.splitlines()), 2):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(names):
            if told.setdefault("", 0) < _MOST_FAULTS:
                report.cell("wrong_width", file, line, "", found=len(cells), wanted=len(names))
            told[""] += 1
            continue
        numbers = [_cell(report, file, line, name, cell, hours, told) for name, cell in zip(names, cells, strict=True)]
        rows.append(numbers)
    return None if told else np.array(rows)


def _cell(report: Report, file: str, line: int, name: str, cell: str, hours: int, told: dict[str, int]) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = float("nan")
    if not np.isfinite(value):
        if told.get(name, 0) < _MOST_FAULTS:
            when = moment(line - 2, hours) if line - 2 < hours else str(line - 2)
            report.cell("energy_profile_not_a_number", file, line, name, cell.strip(), when=when)
        told[name] = told.get(name, 0) + 1
    return value


def _check_hours(report: Report, file: str, values: Floats, hours: int) -> bool:
    """Tell whether the rows are the hours 0, 1, 2, … that are wanted."""
    found = len(values)
    if found != hours:
        code = "energy_profile_hours"
        if hours == HOURS_PER_YEAR and found in (8784, 8759):
            code = f"energy_profile_{found}"
        lines = {"first": _LEAP_DAY + 2, "last": _LEAP_DAY + 25}
        details: dict[str, object] = {"wanted": hours, **(lines if code.endswith("8784") else {})}
        report.problems.append(Problem(code, file, None, HOUR, str(found), details))
        return False
    wrong = np.flatnonzero(values[:, 0] != np.arange(hours))
    if len(wrong):
        hour = int(wrong[0])
        report.cell("energy_profile_order", file, hour + 2, HOUR, figure(values[hour, 0]), wanted=hour)
    return not len(wrong)
