"""`tanlu assessment import, export, publish, recompute`: files in and out, and what becomes of a frozen run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from tanlu.commands.assessment import By, Day, OutFolder, Year, computed, show
from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, opened_records

EXIT_BAD_ROWS = 2
EXIT_DIFFERS = 1
RunId = Annotated[str, typer.Argument(metavar="RUN", help="评分结果的编号或 SHA-256。Id or SHA-256 of the run.")]


def register(app: typer.Typer) -> None:
    """Add the commands to `tanlu assessment`."""
    app.command("import")(import_table)
    app.command("export")(export)
    app.command("export-registry")(export_registry)
    app.command("publish")(publish)
    app.command("recompute")(recompute)


def import_table(
    file: Annotated[
        Path,
        typer.Argument(
            help="填报、投入或名录（CSV、Excel）。Filings, investments or a registry.", exists=True, dir_okay=False
        ),
    ],
    by: By,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="试运行，不写入。Check only; nothing is written.")] = False,
    out: OutFolder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """导入填报、投入或名录；有一行错误则全部不写。Import a table; with one wrong row nothing is written.

    例 Example: tanlu assessment import filings-2025.xlsx --by li --dry-run
    """
    check_language(language)
    from tanlu.assessment.filing.acting import principal_of
    from tanlu.assessment.filing.importing import import_file
    from tanlu.core.messages import translate

    with opened_records(out, language, as_json) as records:
        kind, report = import_file(records, principal_of(records, by), file, dry_run=dry_run)
    content: dict[str, Any] = {
        "kind": kind,
        "rows": report.rows,
        "written": report.written,
        "dry_run": dry_run,
        "evidence": report.sha256 or None,
        "problems": [p.as_record(language) for p in report.problems],
    }
    if as_json:
        show(content)
    else:
        for problem in report.problems:
            print(problem.text(language))
        values = {"kind": kind, "rows": report.rows, "written": report.written, "problems": len(report.problems)}
        print(translate("assessment.imported", language, **values))
    if report.problems:
        raise typer.Exit(EXIT_BAD_ROWS)


def export(
    file: Annotated[Path, typer.Argument(help="要写的 xlsx 文件。Workbook to write.", dir_okay=False)],
    year: Year,
    as_of: Day = None,
    out: OutFolder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """把评分表写成 Excel，附指标、方案与方法。Write the score table with indicators, scheme and method to a workbook.

    例 Example: tanlu assessment export scores-2025.xlsx --year 2025
    """
    check_language(language)
    from tanlu.assessment.filing.exporting import score_workbook
    from tanlu.core.messages import translate
    from tanlu.core.province import province_folder
    from tanlu.plan import load_plan
    from tanlu.programme.registry.places import regions_of

    with opened_records(out, language, as_json) as records:
        table = computed(records, out, year, as_of)
        province = records.settings.province
        actions = {a.id: a.name(language) for a in load_plan(province_folder(province)).actions()}
        content = score_workbook(table, regions_of(province), language, actions)
    _write(file, content)
    if as_json:
        show({"file": str(file), "bytes": len(content)})
    else:
        print(translate("assessment.exported", language, file=str(file)))


def export_registry(
    file: Annotated[
        Path, typer.Argument(help="要写的 xlsx 或 csv 文件。Workbook or CSV file to write.", dir_okay=False)
    ],
    by: By,
    kind: Annotated[str, typer.Option("--kind", help="名录类别，默认全部。Registry; all by default.")] = "",
    as_of: Day = None,
    out: OutFolder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """把经办人可见的名录写成 Excel（附统计与方法）或 CSV。Write the registries that a person may see.

    例 Example: tanlu assessment export-registry firms.xlsx --kind green_high_tech_firm --by li
    """
    check_language(language)
    from tanlu.assessment.filing.acting import principal_of
    from tanlu.assessment.filing.scoring import moment_of
    from tanlu.core.messages import translate
    from tanlu.programme.registry.exporting import as_csv, registry_workbook, rows_of_items
    from tanlu.programme.registry.places import regions_of
    from tanlu.programme.registry.reading import Filter, all_entries, kind_counts

    with opened_records(out, language, as_json) as records:
        who = principal_of(records, by)
        moment = moment_of(as_of.date() if as_of else None, records.database.clock())
        with records.database.read() as session:
            items = all_entries(session, records.rights, who, Filter(kind=kind))
            counts = kind_counts(session, moment, kind)
        regions = regions_of(records.settings.province)
    if file.suffix.lower() == ".csv":
        content = as_csv(*rows_of_items(items, regions, language)).encode()
    else:
        named = [(translate(f"registry.kind.{key.value}", language), count) for key, count in counts.items()]
        content = registry_workbook(items, named, regions, language, moment.isoformat())
    _write(file, content)
    if as_json:
        show({"file": str(file), "bytes": len(content), "entries": len(items)})
    else:
        print(translate("assessment.exported", language, file=str(file)))


def _write(file: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    import os

    fresh = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        fresh.replace(file)
    finally:
        fresh.unlink(missing_ok=True)


def publish(
    run: RunId,
    by: By,
    out: OutFolder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """由第二人发布冻结的评分结果。Publish a frozen run; not by the person who froze it.

    例 Example: tanlu assessment publish 3f2a… --by wang
    """
    check_language(language)
    from tanlu.assessment.filing.acting import principal_of
    from tanlu.assessment.filing.scoring import find_run
    from tanlu.assessment.filing.scoring import publish as make_public
    from tanlu.core.messages import translate

    with opened_records(out, language, as_json) as records:
        with records.database.read() as session:
            run_id = find_run(session, run).id
        done = make_public(records, principal_of(records, by), run_id)
        content = {"run": done.id, "sha256": done.sha256, "state": done.state}
    if as_json:
        show(content)
    else:
        print(translate("assessment.published", language, run=content["run"], sha256=content["sha256"]))


def recompute(
    run: RunId,
    out: OutFolder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """重算冻结的评分结果并逐字节比较，不一致时退出码为 1。Compute a frozen run anew and compare the bytes.

    例 Example: tanlu assessment recompute 3f2a… --json
    """
    check_language(language)
    from tanlu.assessment.filing.scoring import find_run, reproduces
    from tanlu.core.messages import translate

    with opened_records(out, language, as_json) as records, records.database.read() as session:
        found = find_run(session, run)
        same = reproduces(session, found)
        content = {"run": found.id, "sha256": found.sha256, "same": same}
    if as_json:
        show(content)
    else:
        print(translate("assessment.same" if same else "assessment.differs", language, run=content["run"]))
    if not same:
        raise typer.Exit(EXIT_DIFFERS)
