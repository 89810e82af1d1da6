"""The plan's numeric targets: reported, verified, what is to be expected by the due year, what is needed, and what would change it.

Targets that are counted come from the registries; see `tanlu.assessment.filing.measured` for those that are measured.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy.orm import Session

from tanlu.assessment.count_forecast import LEAST_YEARS, CountForecast, Outlook, forecast_count
from tanlu.assessment.filing.measured import measured_state
from tanlu.assessment.filing.official import Statements, known_statements, measured_targets
from tanlu.assessment.filing.scoring import Physical
from tanlu.assessment.filing.target_state import Change, TargetState, percent
from tanlu.assessment.pace import LIKELY
from tanlu.core.errors import DataError
from tanlu.core.province import province_folder
from tanlu.plan import Plan, Target, load_plan
from tanlu.plan.entries import Checker, read_entries
from tanlu.plan.records import Text
from tanlu.plan.schema import Field
from tanlu.programme.registries import Entry, Kind, RegistryCount, flow, stock
from tanlu.programme.registry.reading import holds_demonstration, known_entries
from tanlu.records import local_day

FILE: Final = "assessment/counted_targets.yaml"
_FIELDS: Final = (
    Field("target"),
    Field("kinds", "texts"),
    Field("count", "choice", choices=("flow", "stock")),
    Field("from"),
    Field("grade", "choice", choices=("A", "B", "C", "D")),
    Field("source"),
    Field("note", "text2"),
)


@dataclass(frozen=True, slots=True)
class CountedTarget:
    """Which registries count towards a target, and how its wording was read."""

    target: str
    kinds: tuple[Kind, ...]
    flows: bool
    start: date
    grade: str
    source: str
    note: Text


def load_counted(folder: Path, plan: Plan) -> list[CountedTarget]:
    """Read which registries count towards which target; none do in a province that has not said so.

    Raises
    ------
    DataError
        With every problem: unknown targets and kinds, days that are none.
    """
    if not (folder / FILE).is_file():
        return []
    checker = read_entries(folder / FILE, folder, _FIELDS)
    found = []
    for index, values in checker.entries:
        _check(checker, index, values, plan)
        if not checker.count:
            found.append(_counted_target(values))
    if checker.count:
        raise DataError(checker.problems())
    return found


def _counted_target(values: Mapping[str, Any]) -> CountedTarget:
    return CountedTarget(
        values["target"],
        tuple(map(Kind, values["kinds"])),
        values["count"] == "flow",
        date.fromisoformat(values["from"]),
        values["grade"],
        values["source"],
        values["note"],
    )


def _check(checker: Checker, index: int, values: Mapping[str, Any], plan: Plan) -> None:
    def report(key: str, code: str, value: str, **details: object) -> None:
        checker.report((index, key), f"{values['target']}.{key}", code, value, **details)

    target = plan.targets_by_id.get(values["target"])
    if target is None or target.value is None:
        known = ", ".join(t.id for t in plan.targets(kind="quantitative"))
        report("target", "unknown_choice", values["target"], refers_to="plan/targets.yaml", some=known)
    for kind in values["kinds"]:
        if kind not in list(Kind):
            some = ", ".join(k.value for k in Kind)
            report("kinds", "unknown_choice", kind, refers_to="registry.kind", some=some)
    try:
        date.fromisoformat(values["from"])
    except ValueError:
        report("from", "not_a_date", values["from"])


def numeric_targets(
    session: Session, province: str, as_of: datetime, physical: Physical | None = None, plan: Plan | None = None
) -> list[TargetState]:
    """Return every numeric target of the plan, as known at a moment.

    Parameters
    ----------
    province : str
    as_of : datetime
    physical : Physical, optional
        Scoreboard of a run of the main job; without one, measured targets have no value.
    plan : Plan, optional
        Plan of the province where it is loaded already.

    Returns
    -------
    list of TargetState
        In the order of the plan: the counted targets, and those for whose change the plan states a number.
    """
    folder = province_folder(province)
    plan = plan or load_plan(folder)
    counted = {c.target: c for c in load_counted(folder, plan)}
    rows = {row["target"]: row for row in physical.rows} if physical else {}
    measured = measured_targets(plan)
    said = known_statements(session, as_of, measured)
    found = []
    for target in plan.targets(kind="quantitative"):
        if target.id in counted:
            found.append(_counted(session, target, counted[target.id], as_of))
        elif target in measured:
            found.append(measured_state(target, rows.get(target.id, {}), physical, said.get(target.id, Statements())))
    return found


def _counted(session: Session, target: Target, rule: CountedTarget, as_of: datetime) -> TargetState:
    entries = known_entries(session, as_of, rule.kinds)
    today = local_day(as_of)
    end = min(today, date(target.deadline, 12, 31))
    now = flow(entries, rule.kinds, rule.start, end, as_of) if rule.flows else stock(entries, rule.kinds, end, as_of)
    years = complete_years(entries, rule, end)
    each = _additions(entries, rule, years, as_of)
    start = _before(entries, rule, years, as_of)
    required = float(target.value or 0)
    by_verified = _forecast(each, 1, required, target.deadline, start, now)
    by_reported = _forecast(each, 0, required, target.deadline, start, now)
    return TargetState(
        target,
        "registry",
        float(now.province.reported),
        float(now.province.verified),
        by_verified.outlook,
        by_verified.probability,
        by_verified.needed,
        tuple(_changes(target, now, each, by_verified, by_reported)),
        target.unit,
        rule.grade,
        rule.source,
        rule.note,
        now.parts,
        each,
        by_verified,
        by_reported.probability,
        bool(entries) and holds_demonstration(session, as_of),
    )


def complete_years(entries: Sequence[Entry], rule: CountedTarget, end: date) -> list[int]:
    """Return the years that are known as a whole: from the first recognition in the window to the last year after whose end a report came.

    Years before the first recognition are not taken for zero, nor are years about which nobody had reported when they were over.
    """
    inside = [e for e in entries if rule.start <= e.valid_from <= end]
    if not inside:
        return []
    last = min(end.year - 1, max(local_day(e.recorded_at).year for e in entries) - 1)
    return list(range(min(e.valid_from.year for e in inside), last + 1))


def _additions(
    entries: Sequence[Entry], rule: CountedTarget, years: Sequence[int], as_of: datetime
) -> dict[int, tuple[int, int]]:
    """Return what each year added to the count, reported and verified; the sum is the count at the end of the last year."""
    found = {}
    before = _before(entries, rule, years, as_of)
    for year in years:
        end = date(year, 12, 31)
        count = (
            flow(entries, rule.kinds, rule.start, end, as_of) if rule.flows else stock(entries, rule.kinds, end, as_of)
        )
        after = count.province.reported, count.province.verified
        found[year] = (after[0] - before[0], after[1] - before[1])
        before = after
    return found


def _before(entries: Sequence[Entry], rule: CountedTarget, years: Sequence[int], as_of: datetime) -> tuple[int, int]:
    """Return the reported and verified count before the first of the years."""
    if rule.flows or not years:
        return 0, 0
    found = stock(entries, rule.kinds, date(years[0] - 1, 12, 31), as_of).province
    return found.reported, found.verified


def _forecast(
    each: Mapping[int, tuple[int, int]],
    which: int,
    required: float,
    due: int,
    start: tuple[int, int],
    now: RegistryCount,
) -> CountForecast:
    """Forecast reported (0) or verified (1) additions; what the running year has brought counts once it suffices."""
    count = (now.province.reported, now.province.verified)[which]
    values = {year: float(pair[which]) for year, pair in each.items()}
    if count >= required:
        return CountForecast(Outlook.REACHED, count, required, due, needed=0.0)
    return forecast_count(values, required, due, float(start[which]))


def _changes(
    target: Target,
    now: RegistryCount,
    each: Mapping[int, tuple[int, int]],
    verified: CountForecast,
    reported: CountForecast,
) -> list[Change]:
    found = []
    waiting = now.province.reported - now.province.verified
    if waiting:
        chance = "" if reported.probability is None else percent(reported.probability)
        values = {"count": str(waiting), "probability": chance or "–"}
        found.append(Change("verify", values))
    if verified.outlook is Outlook.INSUFFICIENT:
        found.append(Change("years", {"seen": str(len(each)), "least": str(LEAST_YEARS)}))
    elif verified.rate_wanted is not None and (verified.probability or 0) < LIKELY:
        mean = "" if verified.mean is None else f"{verified.mean:.1f}"
        values = {"rate": f"{verified.rate_wanted:.1f}", "mean": mean, "likely": f"{LIKELY:.0%}"}
        found.append(Change("rate", values))
    if verified.outlook is not Outlook.REACHED and verified.needed is not None:
        found.append(Change("needed", {"needed": f"{verified.needed:.1f}", "due": str(target.deadline)}))
    return found
