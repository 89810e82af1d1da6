"""`tanlu energy schedule`: what a park, campus, works or building does tomorrow, what that saves, and what is worth building."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail

if TYPE_CHECKING:
    from tanlu.energy.site import Case, Costs, Indicators, Replay, Schedule, Site, Sizing

EXIT_NO_PLAN = 3
_COLUMNS = (
    "electricity_need", "purchase", "sale", "pv", "wind", "hydro", "thermal", "chp", "battery_charge", "battery_discharge", "vehicles",
    "vehicles_back", "flexible_more", "flexible_less", "heat_pump", "gas_boiler", "chp_heat", "chiller",
    "cold_store_discharge", "heat_store_discharge",
)  # fmt: skip
"""Columns of the hour table, where a site has them."""

_SMALL = 5.0
"""Power below which a site is shown in kW [MW]."""
_NOTHING = 1e-3
"""Indicators that are nothing."""


def schedule(
    site: Annotated[
        str, typer.Argument(metavar="SITE", help="场所文件（YAML），或示例名。File of a site, or name of an example.")
    ],
    day: Annotated[str, typer.Option(help="日期。Day, for example 2025-07-15.")],
    peak: Annotated[
        float | None,
        typer.Option(min=0, help="当月已有的最高购电，MW。Highest purchase of the month so far [MW]."),
    ] = None,
    replay: Annotated[
        int | None, typer.Option(min=1, max=365, help="从该日起重演的天数。Days to replay from that day.")
    ] = None,
    size: Annotated[bool, typer.Option("--size", help="求值得新建的容量。Find what is worth building.")] = False,
    seed: Annotated[int, typer.Option(help="预测误差的种子。Seed of the errors of forecasts.")] = 0,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """场所（园区、校园、工厂、建筑）的日前调度、重演与定容。Day-ahead schedule, replay and sizing of a site.

    无可行运行方式时退出码为 3。Exit code 3 when there is no way to run it.

    例 Example: tanlu energy schedule example-park --day 2025-07-15 --replay 7
    """
    from tanlu.core.errors import DataError
    from tanlu.energy.operation import OperationError

    check_language(language)
    try:
        read, date = _read(site, day)
        with _working(language, quiet=not (replay or size)):
            answer = _compute(read, date, peak, replay, seed, size=size)
    except DataError as error:
        fail(error, language, as_json)
    except OperationError as error:
        from tanlu.core.messages import translate

        print(translate("energy.site.no_plan", language, status=error.solution.status.value), file=sys.stderr)
        raise typer.Exit(EXIT_NO_PLAN) from error
    if as_json:
        from tanlu.commands.energy_site_json import print_json

        print_json(read, *answer)
    else:
        _print(read, *answer, language=language, whole_month=peak is None)


def _read(name: str, day: str) -> tuple[Site, datetime.date]:
    """Return the site, and the day as a date of its year."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.energy.site import read_site

    site = read_site(name)
    try:
        date = datetime.date.fromisoformat(day)
    except ValueError:
        date = datetime.date.min
    if date.year != site.year:
        raise DataError([Problem("site_day", "--day", value=day, details={"year": site.year})])
    return site, date


def _working(language: str, *, quiet: bool) -> AbstractContextManager[object]:
    """Say on standard error that it takes a while."""
    from rich.console import Console

    from tanlu.core.messages import translate

    return Console(stderr=True, quiet=quiet).status(translate("energy.site.working", language))


def _compute(
    site: Site, day: datetime.date, peak: float | None, days: int | None, seed: int, *, size: bool
) -> tuple[Schedule, Replay | None, Sizing | None]:
    """Return the schedule, and replay and sizing where they are asked for."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.energy.site import replay, schedule
    from tanlu.energy.site import size as size_site
    from tanlu.energy.site.sizing import sizable, sized

    if size and not sized(site):
        known = ", ".join(sizable(site)) or "–"
        raise DataError([Problem("site_largest", site.name, value="largest", details={"known": known})])
    return (
        schedule(site, day, peak_so_far=peak),
        replay(site, day, days, seed=seed) if days else None,
        size_site(site) if size else None,
    )


def _print(
    site: Site, day: Schedule, run: Replay | None, sizing: Sizing | None, *, language: str, whole_month: bool
) -> None:
    from tanlu.core.messages import translate

    name = site.labels[0 if language == "zh" else 1] or site.name
    print(translate("energy.site.title", language, name=name, day=day.day.isoformat()))
    _print_hours(day, language)
    _print_actions(day, language)
    columns = {
        "unscheduled": (day.costs_unscheduled, day.indicators_unscheduled),
        "scheduled": (day.costs, day.indicators),
    }
    _print_columns(translate("energy.site.compare", language), columns, language)
    if whole_month and site.tariff.demand_charge and not site.grid.transformer:
        print(translate("energy.site.month_note", language))
    if run is not None:
        title = translate("energy.site.replay", language, day=run.first_day.isoformat(), days=run.days)
        _print_columns(title, {case.name: (case.costs, case.indicators) for case in run.cases}, language)
        _print_saved(run.unscheduled, run.scheduled, run.foresight, language)
    if sizing is not None:
        _print_sizing(sizing, language)
    assumed = sum(number.grade == "D" for number in site.numbers)
    print(translate("energy.site.assumed", language, total=len(site.numbers), assumed=assumed))


def _print_hours(day: Schedule, language: str) -> None:
    """Print what every device does at every hour."""
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    shown = [name for name in _COLUMNS if day.scheduled[name].any()]
    header = [translate(f"energy.site.{word}", language) for word in ("hour", "price")]
    header += [translate(f"energy.site.device.{name}", language) for name in shown]
    unit, power = _power_of(day)
    rows = [
        [str(hour), f"{day.prices[hour]:.0f}", *(power(float(day.scheduled[name][hour])) for name in shown)]
        for hour in range(24)
    ]
    print_table(translate("energy.site.table", language, unit=unit), header, rows, words=())


def _power_of(day: Schedule) -> tuple[str, Callable[[float], str]]:
    """Return the unit in which power is shown, kW for what is small, and how [MW] is written in it."""
    if max(float(day.unscheduled[name].max()) for name in ("electricity_need", "purchase")) < _SMALL:
        return "kW", lambda power: f"{1e3 * power:.0f}"
    return "MW", lambda power: f"{power:.2f}"


def _print_actions(day: Schedule, language: str) -> None:
    """Print what to switch on when, a line a device."""
    from tanlu.core.messages import translate
    from tanlu.core.punctuation import PUNCTUATION

    print(translate("energy.site.actions", language))
    spans: dict[str, list[str]] = {}
    unit, power = _power_of(day)
    for action in day.actions:
        words = {"start": f"{action.start:02d}", "end": f"{action.end:02d}", "mean": power(action.mean)}
        words["unit"] = unit
        spans.setdefault(action.series, []).append(translate("energy.site.span", language, **words))
    separator = PUNCTUATION[language].listing
    for series, texts in spans.items():
        device = translate(f"energy.site.device.{series}", language)
        print("  " + translate("energy.site.action", language, device=device, spans=separator.join(texts)))
    if not spans:
        print("  " + translate("energy.site.nothing", language))


def _print_columns(title: str, columns: dict[str, tuple[Costs, Indicators]], language: str) -> None:
    """Print costs and indicators, a column a case; what is nowhere is left out."""
    from dataclasses import fields

    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    first, _ = next(iter(columns.values()))
    rows = []
    for kind in (*(field.name for field in fields(first)), "total"):
        amounts = [getattr(costs, kind) for costs, _ in columns.values()]
        if any(amounts):
            rows.append([translate(f"energy.site.cost.{kind}", language), *(f"{amount:,.0f}" for amount in amounts)])
    for name in ("peak", "purchase", "sale", "self_consumption", "self_sufficiency", "emissions", "curtailed"):
        values = [getattr(found, name) for _, found in columns.values()]
        if any(value is not None and abs(value) > _NOTHING for value in values):
            rows.append([translate(f"energy.site.indicator.{name}", language), *(_shown(name, v) for v in values)])
    print_table(title, ["", *(translate(f"energy.site.case.{name}", language) for name in columns)], rows)


def _shown(name: str, value: float | None) -> str:
    """Return an indicator as text; shares in per cent."""
    if value is None:
        return "–"
    return f"{100 * value:.1f}%" if name.startswith("self_") else f"{value:,.2f}"


def _print_saved(rule: Case, plan: Case, best: Case, language: str) -> None:
    """Print what the schedule saves, and how much of what could be saved."""
    from tanlu.core.messages import translate

    saved, possible = rule.costs.total - plan.costs.total, rule.costs.total - best.costs.total
    words = {"saved": f"{saved:,.0f}", "share": f"{100 * saved / rule.costs.total:.1f}" if rule.costs.total else "–"}
    if possible > 0:
        print(translate("energy.site.saved", language, part=f"{100 * saved / possible:.0f}", **words))
    else:
        print(translate("energy.site.saved_nothing", language, **words))


def _print_sizing(sizing: Sizing, language: str) -> None:
    """Print what is worth building and what it brings."""
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    if not sizing.built:
        print(translate("energy.site.not_built", language))
        return
    rows: list[list[Any]] = [
        [
            translate(f"energy.site.built.{one.device}", language),
            f"{one.power:,.2f}",
            f"{one.energy:,.2f}",
            f"{one.investment:,.0f}",
            f"{one.annual_cost:,.0f}",
        ]
        for one in sizing.built
    ]
    print_table(
        translate("energy.site.size", language), translate("energy.site.built_columns", language).split("|"), rows
    )
    columns = {"before": (sizing.before, sizing.before_indicators), "after": (sizing.after, sizing.after_indicators)}
    _print_columns(translate("energy.site.compare", language), columns, language)
    words = {"investment": f"{sizing.investment:,.0f}", "saving": f"{sizing.saving:,.0f}", "years": sizing.years}
    words |= {
        "npv": f"{sizing.net_present_value:,.0f}",
        "payback": "–" if sizing.payback is None else f"{sizing.payback:.1f}",
    }
    print(translate("energy.site.worth", language, **words))
