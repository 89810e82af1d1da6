"""`tanlu account`: the greenhouse-gas inventory on the command line."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands import account_compare, account_prefecture
from tanlu.commands.common import (
    AsJson,
    Language,
    ProvinceName,
    check_language,
    default_language,
    default_province,
    fail,
)

if TYPE_CHECKING:
    from tanlu.accounts import Inventory
    from tanlu.accounts.province.reconcile import Comparison
    from tanlu.core.province import Province

app = typer.Typer(help="温室气体清单。Greenhouse-gas inventory.", no_args_is_help=True)
app.command("compare")(account_compare.compare)
app.command("prefecture")(account_prefecture.prefecture)


def _inventory(province: str, language: str, as_json: bool) -> tuple[Province, Inventory]:
    from tanlu.core.errors import DataError
    from tanlu.job.inventory_step import make_inventory

    try:
        return make_inventory(province)
    except DataError as error:
        fail(error, language, as_json)


@app.command()
def show(
    year: Annotated[int, typer.Option(help="年份。Year.")] = 2024,
    province: ProvinceName = default_province(),
    gwp: Annotated[str, typer.Option(help="GWP 组：SAR, AR4, AR5, AR6。GWP set.")] = "AR5",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """显示某年的清单。Show the inventory of a year.

    例 Example: tanlu account show --year 2014 --gwp AR6
    """
    check_language(language)
    from tanlu.core.gases import GWP_SETS, gwp_set
    from tanlu.core.messages import translate

    if gwp not in GWP_SETS:
        raise typer.BadParameter(f"{gwp!r}: {', '.join(GWP_SETS)}", param_hint="--gwp")
    _, inventory = _inventory(province, language, as_json)
    if year not in inventory.years:
        raise typer.BadParameter(f"{year}: {inventory.years[0]}–{inventory.years[-1]}", param_hint="--year")
    rows = [r for r in inventory.rows if r.year == year]
    weights = gwp_set(gwp)
    if as_json:
        records: list[dict[str, Any]] = [
            {
                "category": r.category, "gas": r.gas, "value": r.value, "unit": "kt", "low": r.low, "high": r.high,
                "status": r.status.value, "grade": r.grade.value, "id": r.id,
            }
            for r in rows
        ]  # fmt: skip
        json.dump({"year": year, "gwp": gwp, "rows": records}, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    from tanlu.commands.plain_table import print_table

    header = [
        translate(f"account.{key}", language) for key in ("category", "gas", "mass", "interval", "co2e", "status")
    ]
    lines = []
    for r in rows:
        name = f"{r.category} {translate(f'category.{r.category}', language)}"
        if r.value is None:
            lines.append((name, r.gas, "", "", "", translate(f"account.state.{r.status.value}", language)))
            continue
        equivalent = f"{r.value * weights.values[r.gas] / 1000:,.2f}" if r.gas in weights.values else "–"
        state = f"{translate(f'account.state.{r.status.value}', language)} {r.grade.value}"
        lines.append((name, r.gas, f"{r.value:,.1f}", f"{r.low:,.1f} – {r.high:,.1f}", equivalent, state))
    print_table(translate("account.title", language, year=year, gwp=gwp), header, lines, words=(0, 1, 5))


@app.command()
def reconcile(
    province: ProvinceName = default_province(), as_json: AsJson = False, language: Language = default_language()
) -> None:
    """与外部清单逐项核对，部门方法与参考方法核对。Compare with an outside inventory, and the sectoral with the reference approach.

    例 Example: tanlu account reconcile --json
    """
    check_language(language)
    from tanlu.accounts.province.reconcile import reconcile as compare
    from tanlu.accounts.province.reference_check import TOTAL, reference_approach

    folder, inventory = _inventory(province, language, as_json)
    found = [*compare(inventory, folder), *reference_approach(inventory, folder)]
    if as_json:
        records = [
            {
                "year": c.year,
                "dimension": c.dimension,
                "item": c.item,
                "own": c.own,
                "reference": c.reference,
                "reasons": c.reasons,
            }
            for c in found
        ]
        json.dump({"unit": "kt", "rows": records}, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    _print_comparisons([c for c in found if c.dimension == "total" or c.item == TOTAL], language)


def _print_comparisons(found: list[Comparison], language: str) -> None:
    """Print a table for each item with a line a year and the numbers of the reasons, which are told once below."""
    from tanlu.accounts.province.reference_check import TOTAL
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.commands.tonnes import tonnes
    from tanlu.core.messages import translate

    numbers = {reason: n for n, reason in enumerate(dict.fromkeys(r for c in found for r in c.reasons), 1)}
    for item in dict.fromkeys(c.item for c in found):
        other = "reference_approach" if item == TOTAL else "reference"
        title = translate("account.reconcile_approaches" if item == TOTAL else "account.reconcile_title", language)
        rows = [
            (
                str(c.year), tonnes(c.own / 1000, language), tonnes(c.reference / 1000, language),
                tonnes(c.difference / 1000, language, signed=True),
                ", ".join(str(numbers[r]) for r in c.reasons),
            )
            for c in found
            if c.item == item
        ]  # fmt: skip
        header = [translate(f"account.{k}", language) for k in ("year", "own", other, "difference", "reasons")]
        print_table(title, header, rows, words=(0, 4))
    for reason, number in numbers.items():
        text = translate(f"recon.{reason}", language)
        print_wrapped(translate("account.reason_line", language, number=number, text=text))
