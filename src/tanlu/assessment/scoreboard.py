"""The scoreboard: every target of the plan with its value, its status and its chance, or why there is none.

Judges
------
pace : a cumulative change [%] against the path linear in logarithms.
level : a level against the straight path from its value in the base year.
count : a number of things since the base year, where none counts as done; once reached it stays met.
direction : the plan gives no number; only whether the value moves the wanted way is told.
external : the required number is set outside the plan and not published; the value is told without a status of its own.
forecast : a date that only a model can judge; the status follows the probability.
outlook : a forecast value without a required number.
horizon : the target is a span of years that the tracked series must cover.
none : not measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from tanlu.assessment.indicators import Indicator
from tanlu.assessment.pace import change_progress, level_progress, required_change, status_of_chance, status_of_progress
from tanlu.assessment.series import Chance, Measured, Series
from tanlu.plan import Plan, Target

SCORE_COLUMNS: Final = (
    "target", "name_zh", "name_en", "deadline", "required", "value", "unit", "as_of", "status", "probability", "stderr", "reason", "id",
)  # fmt: skip
STATUSES: Final = ("met", "on_track", "at_risk", "off_track", "not_measured", "no_number", "external")


@dataclass(frozen=True, slots=True)
class Score:
    """One line of the scoreboard.

    Parameters
    ----------
    required, value : float or None
        In ``unit``. For a cumulative change ``required`` is what the deadline asks for, not the path.
    as_of : int or None
        Year of the value; for forecasts the last year of data behind it.
    status : str
        One of `STATUSES`.
    probability, stderr : float or None
        Chance that the target is met by its deadline and its standard error; only from a model.
    reason : str
        Code; text in the catalogue under ``assessment.reason.<code>``.
    parents : tuple of str
        Lineage ids that the value, the required value and the chance rest on.
    """

    target: str
    zh: str
    en: str
    deadline: int
    required: float | None
    value: float | None
    unit: str
    as_of: int | None
    status: str
    probability: float | None
    stderr: float | None
    reason: str
    parents: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Identifier, the same in every run."""
        return f"target:{self.target}"

    def as_row(self) -> dict[str, object]:
        """Return the row of ``scoreboard.csv``, in the order of `SCORE_COLUMNS`; None is an empty cell."""
        values = (
            self.target, self.zh, self.en, self.deadline, self.required, self.value, self.unit, self.as_of, self.status,
            self.probability, self.stderr, self.reason, self.id,
        )  # fmt: skip
        return dict(zip(SCORE_COLUMNS, values, strict=True))


@dataclass(frozen=True, slots=True)
class _Case:
    """A target with its values in the unit of the indicator, the first year and the required value."""

    target: Target
    indicator: Indicator
    values: Series
    base: int | None
    required: Measured | None

    @property
    def latest(self) -> Measured:
        return self.values[max(self.values)]


def scoreboard(
    plan: Plan, indicators: Mapping[str, Indicator], measured: Mapping[str, Series], chances: Mapping[str, Chance]
) -> list[Score]:
    """Return the score of every target of the plan, in its order.

    Parameters
    ----------
    plan : Plan
    indicators : mapping
        By target id, from `load_indicators`.
    measured : mapping
        ``kind:name`` → values by year, from `collect`.
    chances : mapping
        Name → what a model says, for example ``co2_peak_2030``. A target whose forecast is not here gets no probability.

    Returns
    -------
    list of Score
        One for each target; a target that cannot be measured says why and what would make it measurable.
    """
    return [_score(target, indicators[target.id], measured, chances) for target in plan.targets()]


def _score(
    target: Target, indicator: Indicator, measured: Mapping[str, Series], chances: Mapping[str, Chance]
) -> Score:
    chance = chances.get(indicator.chance) if indicator.chance else None
    name = next((m for m in indicator.measure if measured.get(m)), "")
    if indicator.judge in ("forecast", "outlook"):
        return _forecast(target, indicator, chance, measured.get(name, {}))
    if not name or indicator.judge == "none":
        return _with_chance(_unmeasured(target, indicator), chance)
    values = {year: _shown(m, indicator) for year, m in measured[name].items()}
    base = target.baseline_year if indicator.base_year is None else indicator.base_year
    case = _Case(target, indicator, values, base, _required(target, indicator, measured, values))
    judges = {
        "pace": _pace, "level": _level, "count": _count, "direction": _direction, "external": _external, "horizon": _horizon,
    }  # fmt: skip
    score = judges[indicator.judge](case)
    if indicator.fallback and name != indicator.measure[0] and score.value is not None:
        score = replace(score, reason=indicator.fallback)
    return _with_chance(score, chance)


def _shown(value: Measured, indicator: Indicator) -> Measured:
    """Return a value in the unit and with the sign in which the target is shown."""
    shown = value.converted(indicator.unit) if indicator.unit else value
    return shown.scaled(-1.0, shown.unit) if indicator.negate else shown


def _required(target: Target, indicator: Indicator, measured: Mapping[str, Series], values: Series) -> Measured | None:
    """Return the required value: the plan's, or that of a companion document at the deadline."""
    unit = values[max(values)].unit
    if indicator.required:
        found = measured.get(indicator.required, {}).get(target.deadline)
        return found.converted(unit) if found else None
    return None if target.value is None else Measured(target.deadline, target.value, unit)


def _unmeasured(target: Target, indicator: Indicator, status: str = "not_measured") -> Score:
    if indicator.judge == "external":
        status = "external"
    unit = target.unit if target.value is not None else ""
    return Score(
        target.id,
        target.zh,
        target.en,
        target.deadline,
        target.value,
        None,
        unit,
        None,
        status,
        None,
        None,
        indicator.reason,
    )


def _measured(case: _Case, status: str, reason: str, *more: Measured | None) -> Score:
    """Return the score of the latest value; ``more`` are further values that it was compared with."""
    target, latest = case.target, case.latest
    parents = tuple(dict.fromkeys(i for m in (latest, case.required, *more) if m for i in m.ids))
    required = case.required.value if case.required else None
    return Score(
        target.id, target.zh, target.en, target.deadline, required, latest.value, latest.unit, latest.year, status, None, None, reason,
        parents,
    )  # fmt: skip


def _with_chance(score: Score, chance: Chance | None) -> Score:
    if chance is None or chance.probability is None:
        return score
    parents = tuple(dict.fromkeys((*score.parents, *chance.ids)))
    return replace(score, probability=chance.probability, stderr=chance.stderr, parents=parents)


_REASON_OF_STATUS: Final = {"met": "reached", "on_track": "on_path", "at_risk": "near_path", "off_track": "behind_path"}


def _reason(case: _Case, status: str) -> str:
    if status == "off_track" and case.latest.year >= case.target.deadline:
        return "missed"
    return "companion_target" if case.indicator.required else _REASON_OF_STATUS[status]


def _pace(case: _Case) -> Score:
    due, year = case.target.deadline, case.latest.year
    if case.required is None or case.base is None or year <= case.base:
        return _measured(case, "no_number", case.indicator.reason)
    path = required_change(case.required.value, case.base, due, year)
    low, high = case.latest.bounds or (None, None)
    open_question = low is not None and high is not None and low <= path <= high
    status = status_of_progress(change_progress(case.latest.value, path), year, due, open_question)
    return _measured(case, status, _reason(case, status))


def _level(case: _Case) -> Score:
    start = case.values.get(case.base) if case.base is not None else None
    if case.required is None or case.base is None or start is None:
        return _measured(case, "no_number", "no_base_value")
    due, year = case.target.deadline, case.latest.year
    progress = level_progress(case.latest.value, start.value, case.required.value, case.base, due, year)
    status = status_of_progress(progress, year, due)
    return _measured(case, status, _reason(case, status), start)


def _count(case: _Case) -> Score:
    if case.required is None or case.base is None:
        return _measured(case, "no_number", "no_base_value")
    due, year = case.target.deadline, case.latest.year
    if case.latest.value >= case.required.value:
        return _measured(case, "met", "reached")
    progress = level_progress(case.latest.value, 0.0, case.required.value, case.base, due, year)
    status = status_of_progress(progress, year, due)
    return _measured(case, status, _reason(case, status))


def _direction(case: _Case) -> Score:
    earlier = [y for y in case.values if y < case.latest.year]
    start = case.values.get(case.base) if case.base in earlier else None
    if start is None:
        return _measured(case, "no_number", "no_base_value")
    change = case.latest.value - start.value
    wanted = 1 if case.target.operator in ("increase", "improve", ">=") else -1
    moved = "flat" if abs(change) < 1e-9 * max(abs(start.value), 1e-9) else "better" if change * wanted > 0 else "worse"
    return _measured(case, "no_number", f"direction_{moved}", start)


def _external(case: _Case) -> Score:
    return _measured(case, "external", case.indicator.reason)


def _horizon(case: _Case) -> Score:
    """The tracked series must have begun by the base year and must reach the deadline."""
    first, last = min(case.values), max(case.values)
    begun = case.base is not None and first <= case.base
    status = "off_track" if not begun else "met" if last >= case.target.deadline else "on_track"
    latest = case.latest
    score = _measured(
        case, status, "horizon_reached" if status == "met" else "horizon_runs" if begun else "horizon_late"
    )
    return replace(
        score, value=float(latest.year), unit="year", as_of=latest.year, required=float(case.target.deadline)
    )


def _forecast(target: Target, indicator: Indicator, chance: Chance | None, values: Series) -> Score:
    """A target that lies in the future: the model's central value and, for a date, the probability that it is met."""
    score = _unmeasured(target, indicator)
    if values and indicator.judge == "forecast":
        top = max(values.values(), key=lambda m: m.value)
        score = replace(
            score, value=float(top.year), unit="year", as_of=max(values), parents=top.ids, reason="highest_so_far"
        )
    if chance is None:
        return score
    if chance.value is not None:
        parents = tuple(dict.fromkeys(chance.ids))
        score = replace(score, value=chance.value, unit=chance.unit, as_of=chance.as_of, parents=parents)
    if indicator.judge == "outlook":
        return _with_chance(replace(score, status="no_number", reason="outlook"), chance)
    if chance.probability is None:
        return score
    return _with_chance(replace(score, status=status_of_chance(chance.probability), reason="forecast"), chance)
