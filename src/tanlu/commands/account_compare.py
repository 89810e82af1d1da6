"""`tanlu account compare`: two inventories line by line."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail


def compare(
    before: Annotated[
        Path, typer.Argument(help="先前的结果文件夹、清单或工作区。Earlier results, inventory or workspace.")
    ],
    after: Annotated[
        Path, typer.Argument(help="后来的结果文件夹、清单或工作区。Later results, inventory or workspace.")
    ],
    gwp: Annotated[str, typer.Option(help="GWP 组，rule 为规则所定。GWP set; rule: that of the method set.")] = "rule",
    most: Annotated[int, typer.Option("--most", min=1, help="最多列出的行数。Lines shown at most.")] = 20,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """逐行比较两份清单，说明何处变化、为何变化。Compare two inventories line by line: what changed and why.

    例 Example: tanlu account compare results-2023 results-2024 --gwp AR6
    """
    check_language(language)
    from tanlu.accounts.inventories.comparison import compare as compare_inventories
    from tanlu.accounts.inventories.comparison import recalculation_report
    from tanlu.core.errors import DataError

    try:
        found = compare_inventories(before, after)
        if as_json:
            json.dump(found.as_record(gwp), sys.stdout, ensure_ascii=False, indent=1)
            print()
            return
        report = recalculation_report(found, language, gwp, most)
    except DataError as error:
        fail(error, language, as_json)
    for line in report:
        print(line)
