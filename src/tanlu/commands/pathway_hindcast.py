"""``tanlu pathway hindcast``: calibrate to a past year, run with the drivers that came, and compare with the inventory."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail
from tanlu.commands.pathway_simulate import Province

if TYPE_CHECKING:
    from tanlu.pathways.hindcast import Hindcast

VARIANTS = ("shipped", "policy")


def register(app: typer.Typer) -> None:
    """Add the command to its group."""
    app.command("hindcast")(hindcast)


def hindcast(
    first: Annotated[int, typer.Option("--from", help="校准年份。Year of calibration.")] = 2010,
    last: Annotated[int, typer.Option("--to", help="推算到哪一年。Last year.")] = 2019,
    variant: Annotated[
        str, typer.Option("--variant", help="shipped 现有参数 as they are; policy 节能提前 saving brought forward")
    ] = "shipped",
    province: Province = "hunan",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """回测：用过去的实际驱动因素检验模型。Run the model over years that are past, and compare with the inventory.

    例 Example: tanlu pathway hindcast --from 2010 --to 2019 --json
    """
    from tanlu.commands.pathway_common import working
    from tanlu.core.errors import DataError

    check_language(language)
    if variant not in VARIANTS:
        raise typer.BadParameter(f"{variant}: {', '.join(VARIANTS)}", param_hint="--variant")
    try:
        with working("tanlu pathway hindcast", as_json):
            found = _hindcast(province, first, last, variant)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        json.dump(_summary(found), sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    _print(found, language)


def _hindcast(province: str, first: int, last: int, variant: str) -> Hindcast:
    from dataclasses import replace

    from tanlu.pathways.hindcast import hindcast_errors
    from tanlu.pathways.simulation import load_model

    model = load_model(province)
    assert model.inventory is not None
    chosen = next(v for v in ("shipped", "policy") if v == variant)
    data = replace(model.data, side=())
    return hindcast_errors(data, model.inventory, model.province, base=first, last=last, variant=chosen)


def _summary(found: Hindcast) -> dict[str, Any]:
    def rounded(series: dict[str, Any]) -> dict[str, list[float]]:
        return {name: [round(float(v), 6) for v in values] for name, values in series.items()}

    return {
        "variant": found.variant,
        "years": list(found.years),
        "last_year_with_balance": found.last_balance,
        "units": {"electricity": "TWh", "others": "Mt CO2/yr"},
        "predicted": rounded(found.predicted),
        "observed": rounded(found.observed),
        "naive": rounded(found.naive),
        "errors": [
            {
                "from": a, "to": b, "sector": e.name, "mean": round(e.mean, 6), "mean_amount": round(e.absolute, 6),
                "last": round(e.last, 6), "last_relative": round(e.last_relative, 6),
            }
            for a, b in found.periods()
            for e in (*found.errors(a, b), *found.naive_errors(a, b))
        ],
        "sum_of_sector_errors": {str(y): round(found.offset(y), 6) for y in found.years},
    }  # fmt: skip


def _print(found: Hindcast, language: str) -> None:
    from tanlu.charts.format import MINUS
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.commands.tonnes import tonnes, tonnes_unit
    from tanlu.core.messages import catalogue, translate
    from tanlu.pathways.hindcast import ELECTRICITY, TOTAL

    words = {"first": found.years[0], "last": found.years[-1]}
    variant = translate(f"pathways.hindcast.{found.variant}", language)
    print_wrapped(translate("pathways.hindcast.title", language, variant=variant, **words))
    for first, last in found.periods():
        kind = "balances" if last <= found.last_balance else "estimates"
        rows = []
        for e in (*found.errors(first, last), *found.naive_errors(first, last)):
            key = f"pathways.hindcast.{e.name}"
            name = translate(key if key in catalogue() else f"sector.{e.name}", language)
            power = e.name == ELECTRICITY
            numbers = [
                f"{100 * e.mean:+.0f}".replace("-", MINUS),
                f"{100 * e.absolute:.0f}",
                f"{e.last:+.1f}".replace("-", MINUS) if power else tonnes(e.last, language, signed=True),
                f"{100 * e.last_relative:+.0f}".replace("-", MINUS),
            ]
            rows.append([name, *numbers, "TWh" if power else tonnes_unit(language)])
        title = translate(f"pathways.hindcast.{kind}", language, first=first, last=last)
        head = translate("pathways.hindcast.columns", language, last=last).split("|")
        print_table(title, head, rows, words=(0, 5))
        gap = found.predicted[TOTAL] - found.observed[TOTAL]
        at = {"year": last, "offset": tonnes(found.offset(last), language, 0)}
        at["total"] = tonnes(gap[found.years.index(last)], language, 0, signed=True)
        print_wrapped(translate("pathways.hindcast.offset", language, **at))
        print()
