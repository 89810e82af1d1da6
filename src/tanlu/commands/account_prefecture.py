"""`tanlu account prefecture`: the inventory of a prefecture."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

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
    from tanlu.accounts.province.prefecture_view import PrefectureView


def prefecture(
    name: Annotated[str, typer.Argument(help="市州：中文、英文或编号。Prefecture: Chinese or English name, or id.")],
    year: Annotated[int, typer.Option(help="年份。Year.")] = 2024,
    province: ProvinceName = default_province(),
    gwp: Annotated[str, typer.Option(help="GWP 组：SAR, AR4, AR5, AR6。GWP set.")] = "AR5",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """显示一个市州的清单，分摊值注明代用指标。Show the inventory of a prefecture; divided values name their proxy.

    例 Example: tanlu account prefecture 长沙市 --year 2022 --json
    """
    check_language(language)
    from tanlu.accounts.province.prefecture_view import prefecture_view
    from tanlu.core.errors import DataError
    from tanlu.core.gases import GWP_SETS
    from tanlu.job.inventory_step import make_inventory

    if gwp not in GWP_SETS:
        raise typer.BadParameter(f"{gwp!r}: {', '.join(GWP_SETS)}", param_hint="--gwp")
    try:
        folder, inventory = make_inventory(province)
        if year not in inventory.years:
            raise typer.BadParameter(f"{year}: {inventory.years[0]}–{inventory.years[-1]}", param_hint="--year")
        view = prefecture_view(folder, inventory, name, year, gwp)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        json.dump(view.as_record(language), sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    _print(view, language)


def _print(view: PrefectureView, language: str) -> None:
    from tanlu.commands.plain_table import print_table, print_wrapped
    from tanlu.core.messages import translate

    keys = (
        "account.category", "account.gas", "account.mass", "account.interval", "prefectures.column.share",
        "prefectures.column.origin",
    )  # fmt: skip
    lines = [tuple(line) for line in view.lines(language)]
    print_table(view.title(language), [translate(key, language) for key in keys], lines, words=(0, 1, 5))
    for text in view.notes(language):
        print_wrapped(text)
