"""Results of a folder, recomputed from its own data, for analyses that start from what `tanlu account compute` wrote."""

from __future__ import annotations

from pathlib import Path

from tanlu.accounts.files.audit import audit
from tanlu.accounts.files.export import gwp_problem
from tanlu.accounts.rulebook.result import Results
from tanlu.core.errors import DataError, Problem


def stored_results(folder: Path, gwp: str = "rule") -> Results:
    """Return the results of a folder, recomputed from its own activity data and factors.

    Parameters
    ----------
    folder : Path
        Written by `tanlu account compute`.
    gwp : str
        GWP set under which they will be added up.

    Raises
    ------
    DataError
        If the folder is none of results, what it holds is not what is computed from it, or the GWP set lacks a gas.
    """
    found = audit(folder)
    if found.differences:
        details = {"count": len(found.differences)}
        raise DataError([Problem("account_changed", str(folder), value=str(folder), details=details)])
    problem = gwp_problem(found.results, gwp)
    if problem is not None:
        raise DataError([problem])
    return found.results


def year_of(results: Results, wanted: int | None, option: str, *, first: bool = False) -> int:
    """Return the wanted year, or the last (or first) of the results.

    Raises
    ------
    DataError
        If the results do not have the wanted year.
    """
    years = sorted({int(r.period[:4]) for r in results})
    if wanted is None:
        return years[0 if first else -1]
    if wanted not in years:
        details = {"years": ", ".join(map(str, years))}
        raise DataError([Problem("year_not_in_results", option, value=str(wanted), details=details)])
    return wanted
