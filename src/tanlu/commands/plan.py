"""``tanlu plan``: check the plan of a province, list its records, show one of them."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_province, fail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console

    from tanlu.plan import Coverage, Plan

app = typer.Typer(
    no_args_is_help=True,
    help="方案数据：行动、技术、目标、机制、系统。The plan as data.\n\n"
    "例 Example: tanlu plan list technologies --action A02 --abates process_co2",
)
lists = typer.Typer(no_args_is_help=True, help="列出记录。List records.")
app.add_typer(lists, name="list")

Province = Annotated[str, typer.Option("--province", help="省份或数据文件夹。Province, or path of its folder.")]
ByAction = Annotated[str | None, typer.Option("--action", help="行动编号，如 A02。Id of an action.")]
ByKind = Annotated[str | None, typer.Option("--kind", help="类别。Kind.")]


def _load(province: str, language: str, as_json: bool) -> Plan:
    """Return the plan of a province, or end the command with every problem of its folder."""
    from tanlu.core.errors import DataError
    from tanlu.core.province import province_folder
    from tanlu.plan import load_plan

    try:
        return load_plan(province_folder(province))
    except DataError as error:
        fail(error, language, as_json)


def _print_json(data: object) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    print()


def _plain(record: object) -> Any:
    """Return a record as plain data for JSON."""
    from dataclasses import fields, is_dataclass

    from tanlu.plan import HookUse

    if isinstance(record, HookUse):
        return str(record)
    if is_dataclass(record):
        return {f.name: _plain(getattr(record, f.name)) for f in fields(record)}
    if isinstance(record, tuple | list):
        return [_plain(item) for item in record]
    return record


def _word(group: str, value: str, language: str) -> str:
    """Return the label of a word of a closed vocabulary."""
    from tanlu.core.messages import translate

    return translate(f"plan.{group}.{value}", language) if value else ""


def _console() -> Console:
    """Return a console that keeps whole columns when the output is not a terminal."""
    from rich.console import Console

    return Console() if sys.stdout.isatty() else Console(width=200)


def _print_table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]], language: str) -> None:
    from rich.table import Table

    from tanlu.core.messages import translate

    table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
    for column in columns:
        table.add_column(translate(f"plan.column.{column}", language), overflow="fold")
    for row in rows:
        table.add_row(*row)
    _console().print(table)


def _listing(
    records: Sequence[Any],
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    title: str,
    language: str,
    as_json: bool,
) -> None:
    """Print records as JSON, or as a table with their number."""
    from tanlu.core.messages import translate

    if as_json:
        _print_json([_plain(r) for r in records])
    else:
        _print_table(
            translate("plan.count", language, what=_word("list", title, language), count=len(records)),
            columns,
            rows,
            language,
        )


@app.command()
def check(
    province: Province = default_province(), language: Language = default_language(), as_json: AsJson = False
) -> None:
    """核对方案数据，给出覆盖与缺口。Check the plan of a province; print coverage and gaps.

    例 Example: tanlu plan check --lang en
    """
    from dataclasses import asdict

    from tanlu.core.messages import translate
    from tanlu.plan import coverage

    plan = _load(province, check_language(language), as_json)
    found = coverage(plan)
    if as_json:
        _print_json(asdict(found))
        return
    console = _console()
    console.print(translate("plan.sound", language, **asdict(found)))
    console.print(
        translate("plan.tied", language, count=found.with_term, total=found.technologies, hooks=found.hook_objects)
    )
    _print_coverage(plan, found, language)
    for gap in (
        "without_term",
        "undetailed",
        "empty_directions",
        "software_without_system",
        "targets_without_system",
        "unused_hooks",
    ):
        ids = getattr(found, gap)
        names = (translate("plan.separator", language)).join(f"{i} {plan[i].name(language)}" for i in ids)
        text = translate(f"plan.gap.{gap}", language, count=len(ids))
        console.print(f"{text}{translate('plan.colon', language)}{names}" if ids else text)


def _print_coverage(plan: Plan, found: Coverage, language: str) -> None:
    """Print how many technologies have a model term, by action, carbon role and hook prefix."""
    parts = (
        ("by_action", {k: f"{k} {plan[k].name(language)}" for k in found.by_action}),
        ("by_role", {k: _word("role", k, language) for k in found.by_role}),
        ("by_prefix", {k: f"{k} {plan[k].name(language)}" for k in found.by_prefix}),
    )
    for part, labels in parts:
        rows = [(labels[k], str(n), str(tied)) for k, (n, tied) in getattr(found, part).items()]
        _print_table(_word("coverage", part, language), ("name", "technologies", "tied"), rows, language)


@lists.command()
def technologies(
    action: ByAction = None,
    level: Annotated[str | None, typer.Option(help="层级，如 key、box。Level.")] = None,
    role: Annotated[str | None, typer.Option(help="碳作用 low、zero、negative、enabling。Carbon role.")] = None,
    hook: Annotated[str | None, typer.Option(help="模型钩子前缀，如 storage。Prefix of the hook.")] = None,
    abates: Annotated[str | None, typer.Option(help="减排对象，如 process_co2、ch4、removal。Emission stream.")] = None,
    distinct: Annotated[bool, typer.Option("--distinct", help="同名只列一次。Each name once.")] = False,
    software: Annotated[bool | None, typer.Option("--software/--no-software", help="软件类。Software items.")] = None,
    province: Province = default_province(),
    language: Language = default_language(),
    as_json: AsJson = False,
) -> None:
    """列出技术。List technologies.

    例 Example: tanlu plan list technologies --action A02 --abates process_co2 --distinct
    """
    from tanlu.plan import schema

    plan = _load(province, check_language(language), as_json)
    _check_words(
        ("action", action, plan.actions_by_id), ("level", level, schema.LEVELS), ("role", role, schema.ROLES),
        ("hook", hook, plan.hooks_by_prefix), ("abates", abates, schema.STREAMS),
    )  # fmt: skip
    found = plan.technologies(action, level, role, hook, abates=abates, distinct=distinct, software=software)
    rows = [
        (
            t.id, t.name(language), _word("level", t.level, language), _word("role", t.carbon_role, language),
            " ".join(_word("stream", s, language) for s in t.abates), str(t.hook), t.section(language),
        )
        for t in found
    ]  # fmt: skip
    _listing(
        found, ("id", "name", "level", "role", "abates", "hook", "source"), rows, "technologies", language, as_json
    )


@lists.command()
def targets(
    due: Annotated[int | None, typer.Option(help="期限年份。Deadline, a year.")] = None,
    action: ByAction = None,
    kind: ByKind = None,
    province: Province = default_province(),
    language: Language = default_language(),
    as_json: AsJson = False,
) -> None:
    """列出目标。List targets.

    例 Example: tanlu plan list targets --due 2025
    """
    from tanlu.core.units import unit_label
    from tanlu.plan import schema

    plan = _load(province, check_language(language), as_json)
    _check_words(("action", action, plan.actions_by_id), ("kind", kind, schema.TARGET_KINDS))
    found = plan.targets(due, action, kind)
    rows = [
        (
            t.id, t.name(language), _word("kind", t.kind, language),
            "" if t.value is None else f"{t.value:g} {unit_label(t.unit, language)}".rstrip(), str(t.deadline),
            t.indicator.name(language), t.section(language),
        )
        for t in found
    ]  # fmt: skip
    _listing(
        found, ("id", "name", "kind", "required", "deadline", "indicator", "source"), rows, "targets", language, as_json
    )


@lists.command()
def systems(
    action: ByAction = None,
    layer: Annotated[str | None, typer.Option(help="层次，如 account、model。Layer.")] = None,
    tier: Annotated[str | None, typer.Option(help="loop_backbone、sector_tool、device_near。Tier.")] = None,
    target: Annotated[str | None, typer.Option(help="所服务的目标，如 TG02。Target served.")] = None,
    province: Province = default_province(),
    language: Language = default_language(),
    as_json: AsJson = False,
) -> None:
    """列出系统。List systems.

    例 Example: tanlu plan list systems --target TG02 --tier loop_backbone
    """
    from tanlu.plan import schema

    plan = _load(province, check_language(language), as_json)
    _check_words(
        ("action", action, plan.actions_by_id), ("layer", layer, schema.LAYERS), ("tier", tier, schema.TIERS),
        ("target", target, plan.targets_by_id),
    )  # fmt: skip
    found = plan.systems(action, layer, tier, target=target)
    rows = [
        (
            s.id,
            s.name(language),
            s.key,
            _word("layer", s.layer, language),
            _word("tier", s.tier, language),
            s.section(language),
        )
        for s in found
    ]
    _listing(found, ("id", "name", "key", "layer", "tier", "source"), rows, "systems", language, as_json)


@lists.command()
def mechanisms(
    kind: ByKind = None,
    action: ByAction = None,
    province: Province = default_province(),
    language: Language = default_language(),
    as_json: AsJson = False,
) -> None:
    """列出机制、机构、平台、地点等。List mechanisms, institutions, platforms, places.

    例 Example: tanlu plan list mechanisms --kind fund
    """
    from tanlu.plan import schema

    plan = _load(province, check_language(language), as_json)
    _check_words(("kind", kind, schema.MECHANISM_KINDS), ("action", action, plan.actions_by_id))
    found = plan.mechanisms(kind, action)
    rows = [
        (m.id, m.name(language), _word("mechanism", m.kind, language), m.action, m.section(language)) for m in found
    ]
    _listing(found, ("id", "name", "kind", "action", "source"), rows, "mechanisms", language, as_json)


@lists.command()
def actions(
    province: Province = default_province(), language: Language = default_language(), as_json: AsJson = False
) -> None:
    """列出行动、专栏与方向。List actions with their boxes and directions.

    例 Example: tanlu plan list actions
    """
    plan = _load(province, check_language(language), as_json)
    found = plan.actions()
    rows = [
        (
            a.id, a.name(language), str(len(plan.technologies(a.id))),
            "\n".join(f"{d.id} {d.name(language)}" for d in a.box.directions), a.section(language),
        )
        for a in found
    ]  # fmt: skip
    _listing(found, ("id", "name", "technologies", "directions", "source"), rows, "actions", language, as_json)


@app.command()
def show(
    record: Annotated[str, typer.Argument(metavar="ID", help="编号，如 TG02、T01-002、SYS106、A02。Id of a record.")],
    province: Province = default_province(),
    language: Language = default_language(),
    as_json: AsJson = False,
) -> None:
    """显示一条记录的全部内容。Show everything about one record.

    例 Example: tanlu plan show TG02
    """
    from tanlu.plan import Placed

    plan = _load(province, check_language(language), as_json)
    if record not in plan:
        raise typer.BadParameter(f"{record!r}: {_nearest(plan, record)}", param_hint="ID")
    plain = _plain(plan[record])
    if as_json:
        _print_json(plain)
        return
    found = plan[record]
    if isinstance(found, Placed):
        plain["source"] = found.section(language)
    rows = [(key, text) for key, value in plain.items() if (text := _readable(plan, value, language))]
    console = _console()
    console.print(f"[bold]{record}[/bold] {plan[record].name(language)}")
    width = max(len(key) for key, _ in rows)
    for key, text in rows:
        console.print(f"  {key:<{width}}  {text}", highlight=False, markup=False)


def _nearest(plan: Plan, record: str) -> str:
    import difflib

    return ", ".join(difflib.get_close_matches(record, list(plan), n=5, cutoff=0.4)) or "tanlu plan list"


def _readable(plan: Plan, value: Any, language: str) -> str:
    """Return a value as text, with the name beside every id."""
    if isinstance(value, dict):
        if set(value) == {"zh", "en"}:
            return str(value[language])
        return f"{value['id']} {value[language]}" if "id" in value else ", ".join(f"{k}={v}" for k, v in value.items())
    if isinstance(value, list):
        return "; ".join(_readable(plan, item, language) for item in value)
    if isinstance(value, str) and value in plan and value[-1].isdigit():
        return f"{value} {plan[value].name(language)}"
    return "" if value is None else f"{value:g}" if isinstance(value, float) else str(value)


def _check_words(*given: tuple[str, str | None, Any]) -> None:
    """End the command if an option is not one of the allowed words."""
    for option, value, allowed in given:
        if value is not None and value not in allowed:
            raise typer.BadParameter(f"{value!r}: {', '.join(allowed)}", param_hint=f"--{option}")
