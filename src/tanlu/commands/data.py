"""`tanlu data`: checking a province folder and describing its tables."""

from __future__ import annotations

import json
import sys

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

app = typer.Typer(help="省级数据文件夹。Province folders.", no_args_is_help=True)


@app.command()
def check(
    province: ProvinceName = default_province(), as_json: AsJson = False, language: Language = default_language()
) -> None:
    """检查全部数据表，报告覆盖和缺口。Check every table of a folder; report coverage and gaps.

    例 Example: tanlu data check --province ./my-province
    """
    check_language(language)
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.job.folder_check import check_folder

    try:
        report = check_folder(province)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        json.dump(report.as_record(), sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for notice in report.notices:
        console.print(notice.text(language), style="yellow")
    values = {
        "facts": report.facts,
        "variables": report.variables,
        "factors": report.factors,
        "sources": report.sources,
    }
    console.print(translate("data.sound", language, province=report.province, hash=report.data_hash[:12], **values))
    grades = ", ".join(f"{g} {n}" for g, n in report.grades.items())
    console.print(translate("data.grades", language, grades=grades))
    table = Table(title=translate("data.coverage", language))
    for key in ("data.category", "data.gas", "data.years", "data.gaps"):
        table.add_column(translate(key, language))
    for row in report.coverage:
        name = f"{row.category} {translate(f'category.{row.category}', language)}"
        table.add_row(name, row.gas, row.years_text(), row.reason(language))
    console.print(table)
    if report.unused_sources:
        console.print(translate("data.unused_sources", language, sources=", ".join(report.unused_sources)), style="dim")
    if report.unlabelled:
        console.print(translate("data.unlabelled", language, parts=" | ".join(report.unlabelled)), style="yellow")


@app.command()
def dictionary(as_json: AsJson = False, language: Language = default_language()) -> None:
    """列出每个数据表的列。List the columns of every table of a province folder.

    例 Example: tanlu data dictionary
    """
    check_language(language)
    from tanlu.core.schema import TABLES

    if as_json:
        tables = [
            {
                "file": t.file,
                "key": t.key,
                "columns": [{"name": c.name, "kind": c.kind, "note": c.note} for c in t.columns],
            }
            for t in TABLES
        ]
        json.dump({"tables": tables}, sys.stdout, ensure_ascii=False, indent=1)
        print()
        return
    for table in TABLES:
        print(f"{table.file}: {table.purpose} (key: {', '.join(table.key)})")
        for column in table.columns:
            print(f"  {column.name:<12} {column.kind:<8} {'' if column.required else '(optional) '}{column.note}")
