"""Activity data → results under a method set: everything is checked first, and nothing is half-computed.

Records of one method are evaluated together as arrays. Statutory methods that round are evaluated in exact fractions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.evaluate import evaluate
from tanlu.accounts.rulebook.findings import Finding
from tanlu.accounts.rulebook.intake import take_in
from tanlu.accounts.rulebook.method_sets import MethodSet, method_sets
from tanlu.accounts.rulebook.result import Results
from tanlu.core.collector import collector_paused
from tanlu.core.errors import DataError, Problem
from tanlu.core.factors import Factor
from tanlu.core.library import Library, load_library

__all__ = ["compute", "find_set"]


def find_set(name: str) -> MethodSet:
    """Return a method set that can be computed with.

    Raises
    ------
    DataError
        If there is none of that name, or it is incomplete.
    """
    sets = method_sets()
    if name not in sets:
        raise DataError([Problem("unknown_set", "--set", value=name, details={"some": ", ".join(sets)})])
    found = sets[name]
    if found.status == "incomplete":
        details = {"reason_zh": found.limits_zh, "reason_en": found.limits_en}
        raise DataError([Problem("incomplete_set", "--set", value=name, details=details)])
    return found


def compute(
    activities: Sequence[Activity], method_set: str, *, factors: Sequence[Factor] = (), library: Library | None = None
) -> Results:
    """Compute the emissions and removals of activity data.

    Parameters
    ----------
    activities : sequence of Activity
        Rows of one or more files; see `tanlu.accounts.files.activity_file.read_activities`.
    method_set : str
        Name of a method set.
    factors : sequence of Factor
        Factors of a province or an enterprise, which are added to the library; those of sets that the method set does not name are listed
        among the findings, as none of them is taken.
    library : Library, optional
        The library that ships with the package if not given.

    Returns
    -------
    Results
        In the order of the records.

    Raises
    ------
    DataError
        With every problem of every row; nothing is computed then.
    """
    rules = find_set(method_set)
    shelves = load_library() if library is None else library
    if factors:
        shelves = replace(shelves, factors={**shelves.factors, **{f.id: f for f in factors}})
    with collector_paused():
        taken = take_in(activities, rules, shelves)
        if taken.problems:
            raise DataError(taken.problems)
        results = evaluate(taken, rules)
    stray = _stray(factors, rules)
    return replace(results, findings=(*results.findings, *stray)) if stray else results


def _stray(factors: Sequence[Factor], rules: MethodSet) -> list[Finding]:
    """List the given factors that cannot be taken because the method set names none of their sets."""
    named = (*rules.factor_sets, *rules.fallback)
    stray = [f for f in factors if f.set not in named]
    if not stray:
        return []
    sets = ", ".join(sorted({f.set for f in stray}))
    details = (("count", str(len(stray))), ("sets", sets), ("set", rules.id), ("named", ", ".join(named)))
    return [Finding("factors_not_of_rule", "warning", "", "", "", "", "", sets, details)]
