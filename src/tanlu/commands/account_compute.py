"""`tanlu account template`, `compute`, `audit`: from a template to results that can be recomputed."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail

if TYPE_CHECKING:
    from tanlu.accounts.files.activity_file import ActivityFiles
    from tanlu.accounts.files.audit import Audit
    from tanlu.accounts.files.template_content import MethodContent
    from tanlu.accounts.rulebook.method import Method
    from tanlu.accounts.rulebook.method_sets import MethodSet
    from tanlu.accounts.rulebook.result import Results

SetName = Annotated[str, typer.Option("--set", help="方法集，见 tanlu account sets。Method set.")]
STEPS = ("read", "compute", "write")


def register(app: typer.Typer) -> None:
    """Add the commands to `tanlu account`."""
    app.command()(template)
    app.command()(compute)
    app.command()(audit)


@contextmanager
def _progress(language: str, *, quiet: bool) -> Iterator[Callable[[str], None]]:
    """Show the steps on standard error while the block runs."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from tanlu.core.messages import translate

    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True, quiet=quiet), transient=True) as progress:
        task = progress.add_task("", total=len(STEPS))

        def advance(step: str) -> None:
            text = translate(f"account_step.{step}", language)
            progress.update(task, completed=STEPS.index(step), description=text)

        yield advance
        progress.update(task, completed=len(STEPS))


def _print_json(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    print()


def template(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="METHOD...",
            help="方法：主题、编号或中英文名称，可写几个。Topic, id or name of a method; several are allowed.",
        ),
    ],
    method_set: SetName = "ipcc-2006",
    form: Annotated[str, typer.Option("--format", help="xlsx, csv.")] = "xlsx",
    out: Annotated[
        Path | None, typer.Option(help="文件；默认为方法名。File; default the method.", dir_okay=False)
    ] = None,
    place: Annotated[str, typer.Option(help="所示缺省因子的地点。Place of the default factors shown.")] = "",
    year: Annotated[int | None, typer.Option(help="示例的年份。Year of the example.")] = None,
    language: Language = default_language(),
) -> None:
    """生成填报模板：单位、下拉列表、合理范围、缺省因子和示例行；几个方法各占一张表。

    Make a template with units, lists, ranges, default factors and an example; a sheet for each method.

    例 Example: tanlu account template cement-clinker 化石燃料燃烧CO2 --set cn-province-2011 --out works.xlsx
    """
    check_language(language)
    from tanlu.accounts.files.template_content import MethodContent
    from tanlu.accounts.rulebook.computation import find_set
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.library import load_library
    from tanlu.core.messages import translate

    if form not in ("xlsx", "csv"):
        raise typer.BadParameter(f"{form!r}: xlsx, csv", param_hint="--format")
    try:
        chosen = find_set(method_set)
        found = _methods_called(names, chosen)
        shown_year = year or date.today().year - 1
        contents = [MethodContent(m, chosen, load_library(), shown_year, place) for m in found]
        path = out or Path(f"{'+'.join(m.topic for m in found)}.{form}")
        if path.exists() and out is None:
            # a template that was filled in is not overwritten by the default name
            raise DataError([Problem("file_exists", str(path), value=str(path))])
        _write_template(path, contents, form)
    except DataError as error:
        fail(error, language, as_json=False)
    except OSError as error:
        problem = Problem("cannot_write", str(error.filename or out or ""), value=error.strerror or str(error))
        fail(DataError([problem]), language, as_json=False)
    print(translate("account_compute.template", language, path=path))


def _methods_called(names: list[str], chosen: MethodSet) -> list[Method]:
    """Return the methods of some names, each once; all problems are told together."""
    from tanlu.accounts.rulebook.method_search import find_method
    from tanlu.core.errors import DataError, Problem

    found: dict[str, Method] = {}
    problems: list[Problem] = []
    for name in names:
        try:
            method = find_method(name, chosen)
        except DataError as error:
            problems += error.problems
        else:
            found[method.topic] = method
    if problems:
        raise DataError(problems)
    return list(found.values())


def _write_template(path: Path, contents: list[MethodContent], form: str) -> None:
    """Write a template: a sheet for each method, or in CSV their rows below one header."""
    from tanlu.accounts.files.template import template_csv, template_workbook

    path.parent.mkdir(parents=True, exist_ok=True)
    if form == "xlsx":
        path.write_bytes(template_workbook(contents))
        return
    first, *further = (template_csv(content) for content in contents)
    rows = [text.partition("\n")[2] for text in further]
    path.write_text(first + "".join(rows), encoding="utf-8-sig", newline="")


def compute(
    files: Annotated[list[Path], typer.Argument(help="活动数据：CSV 或 Excel。Activity data: CSV or Excel files.")],
    method_set: SetName,
    out: Annotated[Path, typer.Option(help="结果文件夹。Folder of the results.", file_okay=False)],
    gwp: Annotated[str, typer.Option(help="GWP 组：rule（方法集规定的）, AR5, AR6, SAR …。GWP set.")] = "rule",
    workbook: Annotated[
        bool, typer.Option("--workbook", help="另写指南表式的 Excel。Also the guideline's tables.")
    ] = False,
    primap2: Annotated[
        bool, typer.Option("--primap2", help="另写 primap2 交换文件。Also primap2 interchange.")
    ] = False,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """由活动数据计算排放和清除。Compute emissions and removals from activity data.

    --json：by_year 为各年合计；totals 只在仅有一年时给出，多年时为 null，各年不相加。
    With --json, by_year has the totals of each year; totals is that of the only year, null for several, which are not added up.

    例 Example: tanlu account compute cement.xlsx power.csv --set cn-province-2011 --gwp AR5 --out account
    """
    check_language(language)
    from tanlu.accounts.files.activity_file import ActivityFiles, read_activity_files
    from tanlu.accounts.files.checked_files import compute_read
    from tanlu.accounts.files.export import write_results
    from tanlu.accounts.files.result_folder import check_out
    from tanlu.accounts.quality.control import quality_control
    from tanlu.accounts.rulebook.computation import find_set
    from tanlu.core.collector import collector_paused
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.gases import GWP_SETS

    if gwp not in ("rule", *GWP_SETS):
        raise typer.BadParameter(f"{gwp!r}: rule, {', '.join(GWP_SETS)}", param_hint="--gwp")
    read = ActivityFiles()
    try:
        with _progress(language, quiet=as_json) as advance, collector_paused():
            find_set(method_set)
            check_out(out.absolute())
            advance("read")
            read = read_activity_files(files, partly=True)
            advance("compute")
            computed = compute_read(read, method_set)
            results = replace(computed, findings=quality_control(computed))
            advance("write")
            manifest = write_results(
                results, read.activities, out, gwp=gwp, inputs=files, workbook=workbook, primap2=primap2
            )
    except DataError as error:
        fail(error, language, as_json)
    except OSError as error:
        problem = Problem("cannot_write", str(error.filename or out), value=error.strerror or str(error))
        fail(DataError([problem]), language, as_json)
    summary = _summary(results, read, out, manifest)
    if as_json:
        _print_json(summary)
    else:
        for notice in read.notices:
            print(notice.text(language), file=sys.stderr)
        _print_summary(summary, language)


def _summary(results: Results, read: ActivityFiles, out: Path, manifest: dict[str, Any]) -> dict[str, Any]:
    """Return the figures of a computation as plain data; sums over years only where there is one."""
    years: list[dict[str, Any]] = manifest["years"]
    only = years[0] if len(years) == 1 else None
    severities = Counter(f.severity for f in results.findings)
    return {
        "set": results.method_set.id, "gwp": manifest["gwp"], "out": str(out), "unit": "t",
        "rows": len(read.activities), "records": len({(r.record, r.place, r.method) for r in results}),
        "results": len(results), "years": years,
        "totals": manifest["totals"], "by_year": manifest["by_year"],
        "interval": only and {"CO2e": only["CO2e"]["value"], "low": only["CO2e"]["low"], "high": only["CO2e"]["high"]},
        "counted": only and only["counted"], "memo": only and only["memo"],
        "findings": {s: severities[s] for s in ("warning", "review", "note")},
        "notices": [{"code": n.code, "file": n.file, **n.details} for n in read.notices],
    }  # fmt: skip


def _print_summary(summary: dict[str, Any], language: str) -> None:
    """Print the totals of a computation, then what was read, checked and written."""
    from tanlu.core.messages import translate

    years: list[dict[str, Any]] = summary["years"]
    said = {"set": summary["set"], "gwp": summary["gwp"]}
    if len(years) == 1:
        _print_year(years[0], translate("account_compute.title", language, **said), language)
    else:
        _print_years(years, translate("account_compute.title_years", language, **said), language)
    print(translate("account_compute.counts", language, **{k: summary[k] for k in ("rows", "records", "results")}))
    print(translate("account_compute.findings", language, **summary["findings"]))
    print(translate("account_compute.written", language, out=summary["out"]))


def _print_year(year: dict[str, Any], title: str, language: str) -> None:
    """Print the totals of one year: gases, the sum with its interval, the sum without land use, memo items."""
    from tanlu.accounts.files.figures import mass_text
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    rows = [(gas, mass_text(mass)) for gas, mass in (*year["gases"].items(), ("CO2e", year["CO2e"]["value"]))]
    print_table(title, (translate("account_compute.gas", language), "t"), rows)
    print(translate("account_compute.interval", language, **_bounds(year["CO2e"])))
    if year["CO2e_without_land"] is not None:
        print(translate("account_compute.without_land", language, **_bounds(year["CO2e_without_land"])))
    for part in ("counted", "memo"):
        for category, masses in year[part].items():
            text = ", ".join(f"{gas} {mass_text(mass)} t" for gas, mass in masses.items())
            name = translate_category(category, language)
            print(translate(f"account_compute.{part}", language, name=name, masses=text))


def _bounds(bounds: dict[str, float]) -> dict[str, str]:
    """Return a sum and its interval as texts of the same digits."""
    from tanlu.accounts.files.figures import decimals_of, mass_text

    places = decimals_of(bounds["value"])
    return {k: mass_text(v, places) for k, v in bounds.items()}


def _print_years(years: list[dict[str, Any]], title: str, language: str) -> None:
    """Print a table year × gas with the sum of each year and its interval; years are not added up."""
    from tanlu.accounts.files.figures import mass_text
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate

    gases = list(dict.fromkeys(gas for y in years for gas in y["gases"]))
    has_land = any(y["CO2e_without_land"] is not None for y in years)
    names = ["year", *gases, "CO2e", "low", "high", *(["without_land_column"] if has_land else [])]
    header = [n if n in (*gases, "CO2e") else translate(f"account_compute.{n}", language) for n in names]
    rows = []
    for y in years:
        shown = _bounds(y["CO2e"])
        apart = y["CO2e_without_land"] or y["CO2e"]
        masses = [mass_text(y["gases"][gas]) if gas in y["gases"] else "–" for gas in gases]
        rows.append([str(y["year"]), *masses, *shown.values(), *([_bounds(apart)["value"]] if has_land else [])])
    print_table(title, header, rows)
    print(translate("account_compute.not_added", language))
    if has_land:
        print(translate("account_compute.land_note", language))
    for part in ("counted", "memo"):
        for category, gas in dict.fromkeys((c, g) for y in years for c, masses in y[part].items() for g in masses):
            held = ((y["year"], y[part].get(category, {}).get(gas)) for y in years)
            text = ", ".join(f"{year} {mass_text(mass)} t" for year, mass in held if mass is not None)
            name = translate_category(category, language)
            print(translate(f"account_compute.{part}", language, name=f"{name} {gas}", masses=text))


def translate_category(code: str, language: str) -> str:
    """Return a category with its name."""
    from tanlu.accounts.files.sectoral_table import category_name

    return f"{code} {category_name(code, language)}".strip()


def audit(
    result: Annotated[
        str,
        typer.Argument(
            help="结果编号、记录名，或整个结果文件夹。Id of a result, a record, or a whole folder of results."
        ),
    ],
    out: Annotated[
        Path | None,
        typer.Option(help="结果文件夹，默认为当前文件夹。Folder of the results, this one by default.", file_okay=False),
    ] = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """由文件夹自身的数据重算并逐位比较，打印结果的由来。Recompute a folder from its own data, compare, print the chain of a result.

    例 Example: tanlu account audit kiln-1 --out account
    """
    check_language(language)
    from tanlu.accounts.files.audit import audit as recompute
    from tanlu.accounts.files.chain import chain_of, find_results
    from tanlu.accounts.files.result_folder import is_result
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.library import load_library

    whole = is_result(Path(result))
    try:
        if not whole and out is None and not is_result(Path()):
            raise DataError([Problem("no_account_or_result", result, value=result)])
        found = recompute(Path(result) if whole else out or Path())
        chains = [] if whole else [chain_of(found.results, r) for r in find_results(found.results, result)]
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        _print_json({**_audit_record(found, language), "chains": [c.as_record() for c in chains]})
    else:
        library = load_library()
        for chain in chains:
            print("\n".join(chain.lines(language, library)) + "\n")
        _print_audit(found, language)
    if found.differences:
        raise typer.Exit(1)


def _audit_record(found: Audit, language: str) -> dict[str, Any]:
    return {
        "folder": str(found.folder), "results": len(found.results), "sound": not found.differences,
        "differences": [
            {"kind": d.kind, "name": d.name, "column": d.column, "stored": d.stored, "recomputed": d.recomputed}
            for d in found.differences
        ],
        "remarks": [{"code": code, "name": name, "text": _remark(code, name, language)} for code, name in found.remarks],
    }  # fmt: skip


def _remark(code: str, name: str, language: str) -> str:
    from tanlu.core.messages import translate

    return translate(f"audit.{code}", language, name=name)


def _print_audit(found: Audit, language: str) -> None:
    from tanlu.core.messages import translate

    key = "audit.unsound" if found.differences else "audit.sound"
    count = len(found.differences) if found.differences else len(found.results)
    print(translate(key, language, folder=found.folder, count=count))
    for difference in found.differences:
        print("  " + difference.text(language))
    for code, name in found.remarks:
        print("  " + _remark(code, name, language))
