"""Alerts: an amount of an hour, day or month above its threshold; a target of the plan in danger. Acknowledged, never removed.

Thresholds and targets are a YAML file of the user::

    thresholds:
      - {id: park-day, zh: 园区日电量, en: electricity of the park, where: park-1, quantity: electricity, period: day,
         above: 50000, severity: high}
    targets:
      - {id: co2-2024, zh: 年度排放, en: emissions of the year, target: TG05, year: 2024, limit: 330000, chance: 0.33, severity: high}

``quantity`` is a carrier, in its unit, or ``co2`` [t]; ``limit`` is in kt CO2 of the whole year.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import yaml

from tanlu.core.errors import DataError, Problem
from tanlu.monitor.carriers import carriers
from tanlu.monitor.desk import Desk, Workflow
from tanlu.monitor.nowcast.account import Nowcast, chance_above
from tanlu.monitor.schema import CIVIL_OFFSET, DAY, HOUR, day_name

if TYPE_CHECKING:
    from tanlu.monitor.catalog import Catalog
    from tanlu.monitor.factors import FactorBook
    from tanlu.monitor.ledger import Ledger
    from tanlu.monitor.registry import Unit

PERIODS: Final = ("hour", "day", "month")
SEVERITIES: Final = ("high", "medium", "low")
CO2: Final = "co2"
WORKFLOW: Final = Workflow(
    "raised",
    {
        ("raised", "acknowledge"): "acknowledged",
        ("raised", "note"): "raised",
        ("acknowledged", "note"): "acknowledged",
        ("acknowledged", "close"): "closed",
        ("closed", "reopen"): "raised",
    },
    {},
)
"""States of an alert."""
_HOUR: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d)")
"""Name of an hour as periods have it."""
_THRESHOLD: Final = {"id", "zh", "en", "where", "quantity", "period", "above", "severity"}
_TARGET: Final = {"id", "zh", "en", "target", "year", "limit", "chance", "severity"}


@dataclass(frozen=True, slots=True)
class Threshold:
    """An amount of a unit or region that is not to be passed in a period; fields as in the file."""

    id: str
    zh: str
    en: str
    where: str
    quantity: str
    period: str
    above: float
    severity: str


@dataclass(frozen=True, slots=True)
class TargetWatch:
    """A limit of a year that a target of the plan sets, and the chance of missing it from which on an alert is raised."""

    id: str
    zh: str
    en: str
    target: str
    year: int
    limit: float
    chance: float
    severity: str


@dataclass(frozen=True)
class AlertRules:
    """What is watched."""

    thresholds: tuple[Threshold, ...]
    targets: tuple[TargetWatch, ...]


def read_alert_rules(path: Path, units: Iterable[str], targets: Iterable[str]) -> AlertRules:
    """Read thresholds and targets.

    Parameters
    ----------
    path : Path
    units : iterable of str
        Ids of known units and regions.
    targets : iterable of str
        Ids of the targets of the plan.

    Raises
    ------
    DataError
        With every problem of the file.
    """
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError:
        raise DataError([Problem("missing_file", str(path))]) from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError([Problem("not_yaml", str(path), details={"reason": str(error).splitlines()[0]})]) from None
    if not isinstance(raw, dict) or not all(isinstance(raw.get(k, []), list) for k in ("thresholds", "targets")):
        raise DataError([Problem("not_a_mapping", str(path), field="thresholds", value=str(raw)[:40])])
    places, aims = set(units), set(targets)
    problems: list[Problem] = [
        Problem("unknown_key", str(path), field=str(key), details={"allowed": "thresholds, targets"})
        for key in raw.keys() - {"thresholds", "targets"}
    ]
    seen: set[str] = set()
    watched = [
        *(("thresholds", r) for r in raw.get("thresholds", [])),
        *(("targets", r) for r in raw.get("targets", [])),
    ]
    for part, row in watched:
        problems += _problems(path, part, row, places, aims, seen)
    if problems:
        raise DataError(problems)
    return AlertRules(
        tuple(Threshold(**{**r, "above": float(r["above"])}) for r in raw.get("thresholds", [])),
        tuple(TargetWatch(**{**r, "limit": float(r["limit"])}) for r in raw.get("targets", [])),
    )


def _problems(path: Path, part: str, row: Any, places: set[str], aims: set[str], seen: set[str]) -> list[Problem]:
    file, wanted = f"{path.name}#{part}", _THRESHOLD if part == "thresholds" else _TARGET
    if not isinstance(row, dict):
        return [Problem("not_a_mapping", file, field=part, value=str(row)[:40])]
    name = str(row.get("id", ""))
    found = [Problem("missing_key", f"{file}.{name}", field=k) for k in sorted(wanted - row.keys())]
    found += [
        Problem("unknown_key", f"{file}.{name}", field=str(k), details={"allowed": ", ".join(sorted(wanted))})
        for k in sorted(row.keys() - wanted, key=str)
    ]
    if name in seen:
        found.append(Problem("alert_twice", file, field="id", value=name))
    seen.add(name)
    choices: dict[str, Iterable[str]] = {
        "severity": SEVERITIES, "period": PERIODS, "where": places, "quantity": {CO2, *carriers()}, "target": aims,
    }  # fmt: skip
    for key, known in choices.items():
        if key in wanted and key in row and row[key] not in known:
            details = {"refers_to": key, "some": ", ".join(sorted(known)[:6])}
            found.append(Problem("unknown_choice", f"{file}.{name}", field=key, value=str(row[key]), details=details))
    for key in {"above", "limit", "chance", "year"} & wanted & row.keys():
        value = row[key]
        if isinstance(value, bool) or not isinstance(value, int | float):
            found.append(Problem("not_a_number", f"{file}.{name}", field=key, value=str(value)))
        elif value < 0 or (key == "chance" and value > 1):
            found.append(Problem("alert_range", f"{file}.{name}", field=key, value=str(value)))
    return found


@dataclass(frozen=True)
class Alert:
    """Something that passed a limit.

    Parameters
    ----------
    rule : str
        Id of the threshold or target.
    zh, en : str
        Name of the rule.
    severity : str
    where : str
        Unit, region or target of the plan.
    period : str
        Hour (``2024-07-01T08``), day, month or year; of a spell the first one.
    seen, limit : float
        Largest amount of the spell and threshold; of a target the chance of missing it and the chance allowed.
    unit : str
    count : int
        Periods of the spell: one alert stands for hours or days that follow each other.
    """

    rule: str
    zh: str
    en: str
    severity: str
    where: str
    period: str
    seen: float
    limit: float
    unit: str
    count: int = 1

    @property
    def id(self) -> str:
        """Identifier: rule and period."""
        return f"{self.rule}:{self.period}"

    def as_record(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)


def watch_thresholds(
    ledger: Ledger, rules: Sequence[Threshold], first: int, last: int, book: FactorBook
) -> list[Alert]:
    """Return the alerts of thresholds over some days, one for each spell; months count by what is known of them in these days.

    Parameters
    ----------
    ledger : Ledger
        With facts of the days.
    rules : sequence of Threshold
    first, last : int
        Days, by number.
    book : FactorBook
        For ``co2``.

    Raises
    ------
    DataError
        If a file of facts cannot be read.
    """
    found = []
    for rule in rules:
        amounts = _amounts(ledger, rule, first, last, book)
        unit = "t CO2" if rule.quantity == CO2 else carriers()[rule.quantity].unit
        found += [
            Alert(rule.id, rule.zh, rule.en, rule.severity, rule.where, period, highest, rule.above, unit, count)
            for period, highest, count in spells_above(amounts, rule.above)
        ]
    return found


def spells_above(amounts: Mapping[str, float], limit: float) -> list[tuple[str, float, int]]:
    """Return the spells of amounts above a limit: first period, largest amount, number of periods.

    Parameters
    ----------
    amounts : mapping
        Amount by period, in the order of time, without gaps.
    limit : float
    """
    found: list[tuple[str, float, int]] = []
    above = False
    for period, value in amounts.items():
        if value > limit and above:
            first, highest, count = found[-1]
            found[-1] = (first, max(highest, value), count + 1)
        elif value > limit:
            found.append((period, value, 1))
        above = value > limit
    return found


def _amounts(ledger: Ledger, rule: Threshold, first: int, last: int, book: FactorBook) -> dict[str, float]:
    """Return the amounts of a rule by period."""
    import numpy as np

    from tanlu.monitor.facts import Facts
    from tanlu.monitor.nowcast.sources import co2_of

    begin, end = first * DAY - CIVIL_OFFSET, (last + 1) * DAY - CIVIL_OFFSET
    table = Facts(ledger).unit_hours(rule.where, begin, end)
    if rule.quantity == CO2:
        values = co2_of(table, book, {})[0] * 1e3
        counted = np.ones(len(values), dtype=bool)
    else:
        values = np.nan_to_num(table.column("quantity").to_numpy(zero_copy_only=False))
        counted = table.column("carrier").to_numpy() == carriers()[rule.quantity].number
    hours, values = table.column("hour").to_numpy()[counted], values[counted]
    # every period stands there, also one of which nothing is known
    sums = dict.fromkeys((period_of(hour, rule.period) for hour in range(begin, end, HOUR)), 0.0)
    for hour, value in zip(hours.tolist(), values.tolist(), strict=True):
        sums[period_of(hour, rule.period)] += value
    return sums


def period_of(hour: int, period: str) -> str:
    """Return the name of the hour, day or month in which an hour (its first second, UTC) lies in civil time."""
    civil = hour + CIVIL_OFFSET
    day = day_name(civil // DAY)
    if period == "month":
        return day[:7]
    return day if period == "day" else f"{day}T{civil % DAY // HOUR:02d}"


def watch_targets(made: Nowcast, rules: Sequence[TargetWatch]) -> list[Alert]:
    """Return the alerts of targets of which the account of the whole year says that they may be missed.

    Parameters
    ----------
    made : Nowcast
        Of all days of the years of the rules; days to come are those of the proxies.
    rules : sequence of TargetWatch
    """
    found = []
    for rule in rules:
        first, last = datetime.date(rule.year, 1, 1), datetime.date(rule.year, 12, 31)
        if first not in made.days or last not in made.days:
            continue
        chance = chance_above(made.total(first, last), rule.limit)
        if chance > rule.chance:
            found.append(
                Alert(rule.id, rule.zh, rule.en, rule.severity, rule.target, str(rule.year), chance, rule.chance, "1")
            )
    return found


def alert_desk(catalog: Catalog) -> Desk:
    """Return where alerts are kept and acknowledged."""
    return Desk(catalog, "alert", WORKFLOW)


def raise_alerts(catalog: Catalog, alerts: Sequence[Alert], at: int | None = None) -> list[str]:
    """Keep alerts that are not known yet; return their ids."""
    return alert_desk(catalog).add({a.id: a.as_record() for a in alerts}, at)


def alert_text(record: Mapping[str, Any], language: str, units: Mapping[str, Unit]) -> str:
    """Return an alert, as plain data, as a sentence; ``units`` are those of the registry, by id, whose names it uses."""
    from tanlu.core.messages import translate
    from tanlu.monitor.wording import in_sentence

    key = "alert.target" if record["unit"] == "1" else "alert.threshold"
    unit = units.get(record["where"])
    values = {k: record[k] for k in ("where", "period", "seen", "limit", "unit", "count")}
    values["where"] = record["where"] if unit is None else unit.name(language)
    values["period"] = _HOUR.sub(r"\1 \2:00", str(record["period"]))
    return translate(key, language, name=record[language], **in_sentence(values))
