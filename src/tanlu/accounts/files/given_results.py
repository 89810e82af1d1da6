"""Results that a user names: a folder that `tanlu account compute` wrote, or activity files that are computed in memory."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from tanlu.accounts.files.activity_file import read_activity_files
from tanlu.accounts.files.checked_files import compute_read
from tanlu.accounts.files.export import gwp_problem
from tanlu.accounts.files.result_folder import is_result
from tanlu.accounts.files.stored_results import stored_results
from tanlu.accounts.rulebook.computation import find_set
from tanlu.accounts.rulebook.result import Results
from tanlu.core.errors import DataError, Notice, Problem

DATA_FILES: Final = (".csv", ".txt", ".xlsx", ".xlsm", ".xls")
"""Endings of what is taken for a file of activity data."""


def given_results(paths: Sequence[Path], method_set: str, gwp: str = "rule") -> tuple[Results, list[Notice]]:
    """Return the results of one folder, or those of activity files under a method set.

    Parameters
    ----------
    paths : sequence of Path
        One folder of results, or files of activity data (CSV, XLSX).
    method_set : str
        Of the files; with a folder it may be left empty, for the folder has its own.
    gwp : str
        GWP set under which the results will be added up.

    Returns
    -------
    results : Results
    notices : list of Notice
        What was accepted on reading but should be known.

    Raises
    ------
    DataError
        If a path is neither, folders and files are mixed, the set is missing or another than that of the folder, a file is faulty, or
        the GWP set lacks a gas.
    """
    data = [p.suffix.lower() in DATA_FILES and not p.is_dir() for p in paths]
    problems = [
        Problem("no_results_or_data", str(p), value=str(p)) for p, is_data in zip(paths, data, strict=True)
        if not is_data and not is_result(p)
    ]  # fmt: skip
    if not problems and len(paths) > 1 and not all(data):
        problems = [Problem("one_folder_only", str(p), value=str(p)) for p in paths if p.is_dir()]
    if any(data) and not method_set:
        problems.append(Problem("no_set_given", "--set", field="--set"))
    if problems:
        raise DataError(problems)
    return (_computed(paths, method_set, gwp)) if all(data) else (_stored(paths[0], method_set, gwp), [])


def _stored(folder: Path, method_set: str, gwp: str) -> Results:
    results = stored_results(folder, gwp)
    if method_set and method_set != results.method_set.id:
        details = {"folder": str(folder), "set": results.method_set.id}
        raise DataError([Problem("other_set_of_folder", "--set", value=method_set, details=details)])
    return results


def _computed(files: Sequence[Path], method_set: str, gwp: str) -> tuple[Results, list[Notice]]:
    find_set(method_set)
    read = read_activity_files(files, partly=True)
    results = compute_read(read, method_set)
    problem = gwp_problem(results, gwp)
    if problem is not None:
        raise DataError([problem])
    return results, read.notices
