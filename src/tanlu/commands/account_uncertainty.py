"""`tanlu account uncertainty`, `key-categories`, `measure-next`: how certain an account is, and where to begin."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail

if TYPE_CHECKING:
    from tanlu.accounts.rulebook.result import Results
    from tanlu.accounts.uncertainty.monte_carlo import MonteCarlo, Spread
    from tanlu.accounts.uncertainty.propagation import Approach1, Approach1Row

Sources = Annotated[
    list[Path],
    typer.Argument(
        metavar="SOURCE...",
        help="结果文件夹；或活动数据文件，须加 --set。Folder of results, or activity files with --set.",
    ),
]
SetName = Annotated[
    str, typer.Option("--set", help="活动数据文件的方法集；给结果文件夹时不用写。Method set of activity files.")
]
Base = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="SOURCE",
        help="基准年的结果文件夹；或活动数据文件，可重复。Folder or activity files of the base year; may be repeated.",
    ),
]
Year = Annotated[int | None, typer.Option(help="年份，默认最后一年。Year, the last if not given.")]
BaseYear = Annotated[
    int | None,
    typer.Option(help="基准年，默认 --base 的第一年。Base year, the first of --base if not given."),
]
Gwp = Annotated[str, typer.Option(help="GWP 组，rule 为规则所定。GWP set; rule: that of the method set.")]
Out = Annotated[Path | None, typer.Option(help="另写 CSV。Also a CSV file.", dir_okay=False)]


def register(app: typer.Typer) -> None:
    """Add the commands to `tanlu account`."""
    app.command()(uncertainty)
    app.command("key-categories")(key_categories)
    app.command("measure-next")(measure_next)


class _Chosen:
    """Two years of results: the one that is analysed, and the base year if there is one."""

    def __init__(
        self,
        sources: Sequence[Path],
        base: Sequence[Path] | None,
        method_set: str,
        year: int | None,
        base_year: int | None,
        gwp: str,
        language: str,
        as_json: bool,
    ) -> None:
        from tanlu.accounts.files.given_results import given_results
        from tanlu.accounts.files.stored_results import year_of
        from tanlu.core.errors import DataError, Problem
        from tanlu.core.gases import GWP_SETS

        problems: list[Problem] = []
        if gwp not in ("rule", *GWP_SETS):
            raise typer.BadParameter(f"{gwp!r}: rule, {', '.join(GWP_SETS)}", param_hint="--gwp")

        def read(paths: Sequence[Path], wanted: int | None, option: str, first: bool) -> tuple[Results, str] | None:
            try:
                results, notices = given_results(paths, method_set, gwp)
                if not as_json:
                    for notice in notices:
                        print(notice.text(language), file=sys.stderr)
                return results, str(year_of(results, wanted, option, first=first))
            except DataError as error:
                problems.extend(error.problems)
                return None

        now = read(sources, year, "--year", False)
        has_base = bool(base) or base_year is not None
        then = read(base or sources, base_year, "--base-year", True) if has_base else None
        if now is None or (has_base and then is None):
            # without --base both are read from the same files, which have the same faults
            told = {p.text(language): p for p in problems}
            fail(DataError(told.values()), language, as_json)
        self.results, self.period = now
        self.base: Results | None = then[0] if then is not None else None
        self.base_period = then[1] if then is not None else ""
        self.gwp = self.results.gwp(gwp).id

    @property
    def said(self) -> dict[str, Any]:
        """What the results are of, as plain data."""
        return {
            "set": self.results.method_set.id, "gwp": self.gwp, "year": int(self.period),
            "base_year": int(self.base_period) if self.base_period else None, "unit": "t CO2e",
        }  # fmt: skip


def _write_csv(out: Path | None, header: Sequence[str], rows: Sequence[Sequence[Any]], language: str) -> None:
    """Write a table as CSV that spreadsheets open."""
    from tanlu.core.errors import DataError, Problem

    if out is None:
        return
    try:
        with out.open("w", encoding="utf-8-sig", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows([header, *rows])
    except OSError as error:
        fail(DataError([Problem("cannot_write", str(out), value=error.strerror or str(error))]), language, False)


def _print_json(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    print()


def uncertainty(
    sources: Sources,
    base: Base = None,
    method_set: SetName = "",
    year: Year = None,
    base_year: BaseYear = None,
    draws: Annotated[
        int, typer.Option(min=0, max=1_000_000, help="方法 2 的抽样次数，0 不作。Draws of approach 2; 0: none.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="随机种子。Seed.")] = 1,
    gwp: Gwp = "rule",
    out: Out = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """不确定性：方法 1（2006 年 IPCC 指南表 3.2 的格式），加 --draws 时并列方法 2（蒙特卡罗）。

    Uncertainty: approach 1 in the layout of IPCC 2006 table 3.2 and, with --draws, approach 2 (Monte Carlo) beside it.

    例 Example: tanlu account uncertainty results-2020 --base results-2015 --draws 10000
    例 Example: tanlu account uncertainty energy.xlsx rice.csv --set cn-province-2011
    """
    check_language(language)
    from tanlu.accounts.uncertainty.monte_carlo import monte_carlo
    from tanlu.accounts.uncertainty.propagation import COLUMNS, approach_1
    from tanlu.core.errors import DataError, Problem

    chosen = _Chosen(sources, base, method_set, year, base_year, gwp, language, as_json)
    periods = {"period": chosen.period, "base_period": chosen.base_period, "gwp": chosen.gwp}
    table = approach_1(chosen.results, chosen.base, **periods)  # type: ignore[arg-type]
    drawn = None
    if draws:
        try:
            drawn = monte_carlo(
                chosen.results,
                base=chosen.base,
                draws=draws,
                seed=seed,
                **periods,  # type: ignore[arg-type]
            )
        except ValueError:
            fail(DataError([Problem("no_draws", "--draws", value=str(draws))]), language, as_json)
    spreads = {} if drawn is None else {s.key: s for s in drawn.rows}
    names = [*COLUMNS, *(("mean", "low", "high") if drawn else ())]
    rows = [[*r, *_spread(spreads.get((r.category, r.gas)))][: len(names)] for r in table.rows]
    total = [
        "total",
        "CO2e",
        table.base,
        table.current,
        None,
        None,
        table.uncertainty,
        None,
        None,
        None,
        None,
        None,
        None,
    ]
    _write_csv(out, names, [*rows, [*total, *_spread(drawn.total if drawn else None)][: len(names)]], language)
    if as_json:
        records = [dict(zip(names, row, strict=True)) for row in rows]
        _print_json({**chosen.said, "rows": records, "total": _total(table, drawn)})
        return
    _print_uncertainty(chosen.said, table, drawn, language)


def _spread(spread: Spread | None) -> tuple[float | None, ...]:
    return (None, None, None) if spread is None else (spread.mean, spread.low, spread.high)


def _total(table: Approach1, drawn: MonteCarlo | None) -> dict[str, Any]:
    """Return the totals of both approaches as plain data."""
    found: dict[str, Any] = {
        "base": table.base, "current": table.current, "uncertainty": table.uncertainty, "trend": table.trend,
        "trend_uncertainty": table.trend_uncertainty,
    }  # fmt: skip
    if drawn is not None:
        trend = drawn.trend
        found["approach_2"] = {
            "mean": drawn.total.mean, "low": drawn.total.low, "high": drawn.total.high,
            "trend_low": trend and trend.low, "trend_high": trend and trend.high,
            "draws": drawn.draws, "valid": drawn.valid, "seed": drawn.seed,
        }  # fmt: skip
    return found


def _print_uncertainty(said: dict[str, Any], table: Approach1, drawn: MonteCarlo | None, language: str) -> None:
    """Print table 3.2 with its letters as header, what they stand for, and the totals."""
    from tanlu.accounts.uncertainty.propagation import COLUMNS
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate
    from tanlu.core.punctuation import PUNCTUATION

    has_base = table.base is not None
    shown = [n for n, name in enumerate(COLUMNS) if has_base or name not in ("base", *COLUMNS[8:])]
    spreads = {} if drawn is None else {s.key: s for s in drawn.rows}
    header = ["ABCDEFGHIJKLM"[n] for n in shown] + (["2.5%", "97.5%"] if drawn else [])
    rows = [[_cell(r, n) for n in shown] + _percentiles(spreads.get((r.category, r.gas)), drawn) for r in table.rows]
    key = "account_uncertainty.title" if not has_base else "account_uncertainty.title_trend"
    print_table(translate(key, language, **said), header, rows, words=(0, 1))
    joint = PUNCTUATION[language].semicolon
    print_wrapped(joint.join(translate(f"approach_1.{COLUMNS[n]}", language) for n in shown))
    value = {"value": f"{table.current:,.0f}", "half": f"{table.uncertainty:.1f}"}
    print(translate("account_uncertainty.level", language, **value))
    if table.trend is not None and table.trend_uncertainty is not None:
        trend = {"trend": f"{table.trend:+.1f}", "half": f"{table.trend_uncertainty:.1f}"}
        print(translate("account_uncertainty.trend", language, **trend))
    if drawn is None:
        return
    bounds = {"low": f"{drawn.total.low:,.0f}", "high": f"{drawn.total.high:,.0f}", "mean": f"{drawn.total.mean:,.0f}"}
    print(translate("account_uncertainty.level_2", language, **bounds))
    if drawn.trend is not None:
        moved = {"low": f"{drawn.trend.low:+.1f}", "high": f"{drawn.trend.high:+.1f}"}
        print(translate("account_uncertainty.trend_2", language, **moved))
    print(translate("monte_carlo.run", language, draws=drawn.draws, valid=drawn.valid, seed=drawn.seed))


def _cell(row: Approach1Row, column: int) -> str:
    """Return a cell of table 3.2: emissions in whole tonnes, the rest with the digits that it bears."""
    value = row[column]
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if column in (2, 3) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.3g}"


def _percentiles(spread: Spread | None, drawn: MonteCarlo | None) -> list[str]:
    """Return the percentiles of approach 2 as a share of the mean [%]."""
    if drawn is None:
        return []
    if spread is None or not spread.mean:
        return ["–", "–"]
    return [f"{100 * (bound - spread.mean) / abs(spread.mean):+.1f}%" for bound in (spread.low, spread.high)]


def key_categories(
    sources: Sources,
    base: Base = None,
    method_set: SetName = "",
    year: Year = None,
    base_year: BaseYear = None,
    gwp: Gwp = "rule",
    out: Out = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """关键类别：水平，有基准年时加趋势；方法 1 和 2，不含和含土地利用。

    Key categories by level and, with a base year, by trend; approaches 1 and 2, without and with land use.

    例 Example: tanlu account key-categories results-2020 --base results-2015
    """
    check_language(language)
    from tanlu.accounts.files.figures import mass_text
    from tanlu.accounts.uncertainty.key_categories import KeyRow
    from tanlu.accounts.uncertainty.key_categories import key_categories as find_keys
    from tanlu.commands.account_compute import translate_category
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate

    chosen = _Chosen(sources, base, method_set, year, base_year, gwp, language, as_json)
    found = find_keys(chosen.results, chosen.base, period=chosen.period, base_period=chosen.base_period, gwp=chosen.gwp)
    lists = [(x.name, x.land, row) for x in found.lists for row in x.rows]
    _write_csv(out, ("list", "land", *KeyRow._fields), [(name, land, *row) for name, land, row in lists], language)
    if as_json:
        keys = [{"category": c, "gas": g, "lists": list(names)} for (c, g), names in found.reasons.items()]
        records = [{"list": name, "land": land, **row._asdict()} for name, land, row in lists]
        _print_json({**chosen.said, "key": keys, "rows": records})
        return
    whole = found.find(1, "level", land=True)
    by_key = {(r.category, r.gas): r for r in (whole.rows if whole else ())}
    rows = []
    for (category, gas), names in found.reasons.items():
        row = by_key[category, gas]
        name = translate_category(category, language)
        rows.append((name, gas, mass_text(row.value, 0), f"{100 * row.share:.1f}%", " ".join(names)))
    header = [translate(f"account_uncertainty.{n}", language) for n in ("category", "gas", "co2e", "share", "lists")]
    print_table(translate("account_uncertainty.keys", language, **chosen.said), header, rows, words=(0, 1, 4))
    print_wrapped(translate("account_uncertainty.keys_note", language))


def measure_next(
    sources: Sources,
    method_set: SetName = "",
    year: Year = None,
    gwp: Gwp = "rule",
    top: Annotated[int, typer.Option(min=1, help="每种做法列出几项。Proposals of each effort.")] = 3,
    out: Out = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """下一步测什么：测准哪个数据或因子，总量的区间缩小最多。

    What to measure next: which datum or factor narrows the interval of the total most.

    例 Example: tanlu account measure-next results-2020 --top 5
    """
    check_language(language)
    from tanlu.accounts.uncertainty.measure_next import measure_next as propose
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate

    chosen = _Chosen(sources, None, method_set, year, None, gwp, language, as_json)
    found = propose(chosen.results, gwp=chosen.gwp, period=chosen.period, top=top)
    names = ("effort", "cause", "record", "place", "users", "half_width", "reaches", "reduction", "grade")
    rows = [
        (p.effort.id, p.cause, p.record, p.place, p.users, p.half_width, p.effort.half_width, p.reduction, p.grade)
        for p in found
    ]
    _write_csv(out, names, rows, language)
    if as_json:
        _print_json({**chosen.said, "proposals": [dict(zip(names, row, strict=True)) for row in rows]})
        return
    print(translate("account_uncertainty.measure", language, **chosen.said))
    for effort in dict.fromkeys(p.effort for p in found):
        lines = [
            (
                f"{p.reduction:.1f}%", f"±{p.half_width:.1f}%", p.record or translate("account_uncertainty.all_users", language),
                _cause(p.cause, chosen.results, language),
            )
            for p in found
            if p.effort is effort
        ]  # fmt: skip
        title = f"{effort.name(language)} (±{effort.half_width:g}%)"
        header = [translate(f"account_uncertainty.{n}", language) for n in ("narrower", "today", "record", "cause")]
        print_table(title, header, lines, words=(2, 3))
    print_wrapped(translate("account_uncertainty.measure_note", language))


def _cause(cause: str, results: Results, language: str) -> str:
    """Return a cause of error by its name: input and place of a datum, id of a factor."""
    from tanlu.accounts.files.template_content import input_label
    from tanlu.accounts.rulebook.method import methods

    kind, _, name = cause.partition(":")
    datum = results.activities.get(cause) or results.activities.get(name)
    if kind == "factor" or datum is None:
        return name or cause
    known = {m.topic: m for m in methods().values()} | dict(methods())
    label = input_label(datum.input, language) if datum.method in known else datum.input
    return f"{label} ({datum.record}, {datum.place})"
