"""`tanlu account plans`, `allocate`, `compliance`: allowances of the national emission trading system."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail

if TYPE_CHECKING:
    from tanlu.accounts.ets.records import Allocation, Step

STEP_COLUMNS = ("of", "step", "label", "value", "unit", "formula", "factors")


def register(app: typer.Typer) -> None:
    """Add the commands to `tanlu account`."""
    app.command()(plans)
    app.command()(allocate)
    app.command()(compliance)


def _print_json(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    print()


def plans(as_json: AsJson = False, language: Language = default_language()) -> None:
    """列出全国碳市场配额方案：状态、年度、行业、局限。List allocation plans of the national ETS: status, years, sector, limits.

    例 Example: tanlu account plans --json
    """
    check_language(language)
    from tanlu.accounts.ets.plans import plans as all_plans
    from tanlu.commands.plain_table import print_wrapped
    from tanlu.core.messages import translate

    if as_json:
        records = [
            {
                "id": p.id, "zh": p.zh, "en": p.en, "sector": p.sector, "status": p.status, "years": list(p.years),
                "special": list(p.special), "sources": list(p.sources), "limits_zh": p.limits_zh, "limits_en": p.limits_en,
            }
            for p in all_plans().values()
        ]  # fmt: skip
        _print_json({"count": len(records), "plans": records})
        return
    for plan in all_plans().values():
        print(f"{plan.id}  {plan.name(language)}")
        said = {
            "status": translate(f"ets.status.{plan.status}", language), "years": ", ".join(map(str, plan.years)),
            "sector": translate(f"account_ets.sector.{plan.sector}", language),
        }  # fmt: skip
        print_wrapped(translate("account_ets.plan", language, **said), "  ")
        if plan.limits(language):
            print_wrapped(plan.limits(language), "  ")


def allocate(
    units: Annotated[
        Path | None,
        typer.Argument(
            metavar="UNITS", help="机组、企业、生产线或工序：CSV 或 Excel。Units of one company: CSV or Excel."
        ),
    ] = None,
    plan: Annotated[str, typer.Option(help="配额方案，见 tanlu account plans。Allocation plan.")] = "cn-ets-power-2023",
    year: Annotated[
        int | None, typer.Option(help="年度；方案含几个年度时须写。Year, where the plan has several.")
    ] = None,
    template: Annotated[
        bool,
        typer.Option("--template", help="写出空白表，--out 的扩展名定 csv 或 xlsx。Write an empty table, csv or xlsx."),
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(help="各步骤的 CSV；--template 时为模板。CSV of the steps, or the template.", dir_okay=False),
    ] = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """全国碳市场配额：发电机组、钢铁、水泥、铝冶炼；每一步写出算式和依据。

    Allowances of the national ETS: power units, steel, cement, aluminium; every step with its calculation and source.

    例 Example: tanlu account allocate units.xlsx --plan cn-ets-power-2023 --year 2024
    """
    check_language(language)
    from tanlu.accounts.ets.checks import check_plan
    from tanlu.accounts.ets.plans import plans as all_plans
    from tanlu.accounts.ets.unit_template import template as units_template
    from tanlu.accounts.ets.unit_template import template_workbook
    from tanlu.accounts.ets.units import allocate_file
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate

    if units is None and not template:
        raise typer.BadParameter(translate("account_ets.no_units", language), param_hint="UNITS")
    try:
        if template:
            known = all_plans().get(plan)
            rules = known or check_plan(plan, year)[0]
            path = out or Path(f"{rules.id}.csv")
            is_workbook = path.suffix.lower() == ".xlsx"
            _write(path, template_workbook(rules) if is_workbook else units_template(rules), exists=out is None)
            print(translate("account_compute.template", language, path=path))
            return
        found, given = allocate_file(units or Path(), plan, year)
    except DataError as error:
        fail(error, language, as_json)
    record = found.as_record(language)
    if out is not None:
        _write(out, _steps_csv(found.all_steps, language))
    if as_json:
        _print_json(record)
        return
    for notice in given.notices:
        print(notice.text(language), file=sys.stderr)
    _print_allocation(found, language)


def _write(path: Path, content: str | bytes, *, exists: bool = False) -> None:
    """Write a CSV or a workbook; one that was filled in is not overwritten by its default name."""
    from tanlu.core.errors import DataError, Problem

    if exists and path.exists():
        raise DataError([Problem("file_exists", str(path), value=str(path))])
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode("utf-8-sig") if isinstance(content, str) else content)
    except OSError as error:
        raise DataError([Problem("cannot_write", str(path), value=error.strerror or str(error))]) from error


def _steps_csv(steps: tuple[Step, ...], language: str) -> str:
    import io

    text = io.StringIO()
    writer = csv.DictWriter(text, STEP_COLUMNS, lineterminator="\n")
    writer.writeheader()
    for record in (s.as_record(language) for s in steps):
        writer.writerow({**record, "factors": ";".join(record["factors"])})  # type: ignore[arg-type]
    return text.getvalue()


def _print_allocation(found: Allocation, language: str) -> None:
    """Print plan and status, a line a unit, the company, and every step."""
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate

    plan = found.plan
    print_wrapped(translate("account_ets.title", language, plan=plan.name(language), id=plan.id, year=found.year))
    if plan.status != "final":
        print_wrapped("!! " + translate(f"ets.status.{plan.status}", language))
    if plan.limits(language):
        print_wrapped(plan.limits(language))
    header = [translate(f"account_ets.{n}", language) for n in ("unit", "class", "emissions", "allocation", "gap")]
    rows = [
        (
            u.id, _class_name(u.unit_class, language), f"{u.emissions:,.0f}",
            f"{u.allocation:,.2f}", f"{u.emissions - u.allocation:+,.2f}",
        )
        for u in found.units
    ]  # fmt: skip
    print_table("", header, rows, words=(0, 1))
    said = {
        "allocation": f"{found.allocation:,}",
        "gap": f"{found.gap:+,.0f}",
        "share": f"{100 * found.gap_share:+.2f}",
    }
    print(translate("account_ets.company", language, **said))
    if found.pre_allocation is not None:
        print(translate("account_ets.pre_allocation", language, value=f"{found.pre_allocation:,}"))
    _print_steps(found.all_steps, language)


def _class_name(name: str, language: str) -> str:
    """Return the class of a unit, its sector, or the case in which it gets what was verified."""
    from tanlu.core.messages import catalogue

    for key in (f"account_ets.class.{name}", f"ets.special.{name}"):
        if key in catalogue():
            return catalogue()[key][language]
    return name


def _print_steps(steps: tuple[Step, ...], language: str) -> None:
    """Print the steps of a calculation with the benchmarks that stand in them."""
    from tanlu.accounts.ets.records import plain
    from tanlu.commands.plain_table import print_wrapped
    from tanlu.core.messages import translate

    print(translate("account_ets.steps", language))
    for step in steps:
        unit = "" if step.unit == "1" else f" {step.unit}"
        used = f" [{', '.join(step.factors)}]" if step.factors else ""
        name = f"{step.of}: " if step.of else ""
        parts = dict.fromkeys((step.label(language), step.formula, plain(step.value)))
        print_wrapped(f"{name}{' = '.join(p for p in parts if p)}{unit}{used}", "  ")


def compliance(
    emissions: Annotated[str, typer.Option(help="经核查排放量 t。Verified emissions.")],
    allocated: Annotated[str, typer.Option(help="核定配额 t。Allowances issued.")],
    held: Annotated[str, typer.Option(help="可用的往年配额 t。Allowances of earlier years.")] = "0",
    bought: Annotated[str, typer.Option(help="买入 t。Bought.")] = "0",
    sold: Annotated[str, typer.Option(help="卖出 t。Sold.")] = "0",
    offsets: Annotated[str, typer.Option(help="CCER t。Certified reductions offered.")] = "0",
    net_sales: Annotated[
        str, typer.Option(help="结转窗口期净卖出 t；给出则算结转。Net sales of the window: carry-over is computed.")
    ] = "",
    out: Annotated[Path | None, typer.Option(help="各步骤的 CSV。CSV of the steps.", dir_okay=False)] = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """履约：应清缴、CCER 抵销、缺额或结余、结转，以整吨计。

    Compliance in whole allowances: surrender, offsets, shortage or surplus, carry-over.

    例 Example: tanlu account compliance --emissions 1000000 --allocated 960000 --offsets 60000
    """
    check_language(language)
    from tanlu.accounts.ets.allocation import compliance as balance
    from tanlu.accounts.ets.records import exact
    from tanlu.core.errors import DataError, Problem

    texts = {
        "allocated": allocated,
        "held": held,
        "bought": bought,
        "sold": sold,
        "offsets": offsets,
        "net-sales": net_sales,
    }
    problems: list[Problem] = []
    whole: dict[str, int] = {}
    for name, text in texts.items():
        if text.strip().removeprefix("-").isdecimal() and (name == "net-sales" or not text.strip().startswith("-")):
            whole[name] = int(text)
        elif text:
            problems.append(Problem("ets_not_whole", f"--{name}", field=name, value=text))
    try:
        if exact(emissions.strip()) < 0:
            problems.append(
                Problem("below_minimum", "--emissions", field="emissions", value=emissions, details={"minimum": 0})
            )
    except ValueError:
        problems.append(Problem("not_a_number", "--emissions", field="emissions", value=emissions))
    try:
        if problems:
            raise DataError(problems)
        numbers = {n: v for n, v in whole.items() if n not in ("allocated", "net-sales")}
        found = balance(emissions.strip(), whole["allocated"], net_sales=whole.get("net-sales"), **numbers)
        if out is not None:
            _write(out, _steps_csv(found.all_steps, language))
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        _print_json(found.as_record(language))
        return
    from tanlu.core.messages import translate

    key = "account_ets.short" if found.shortage else "account_ets.met"
    print(translate(key, language, shortage=f"{found.shortage:,}", surplus=f"{found.surplus:,}"))
    if found.carry_over is not None:
        carried = {"carried": f"{found.carry_over.carried:,}", "lapsed": f"{found.carry_over.lapsed:,}"}
        print(translate("account_ets.carried", language, **carried, sale=f"{found.carry_over.sale_for_all:,}"))
    _print_steps(found.all_steps, language)
