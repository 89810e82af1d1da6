"""`tanlu explain` and `tanlu doctor`: where a number comes from, and whether everything is in order."""

from __future__ import annotations

import difflib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import (
    AsJson,
    Language,
    check_language,
    default_language,
    default_province,
    default_workspace,
    fail,
)

if TYPE_CHECKING:
    from rich.tree import Tree

    from tanlu.core.lineage import Lineage, Node

OutFolder = Annotated[Path, typer.Option("--out", help="工作区。Workspace.", file_okay=False)]
CHILDREN_SHOWN = 12
_FIXED = ("run_id", "code_version", "data_hash", "factor_set", "seed", "created")


def explain(
    number: Annotated[
        str, typer.Argument(metavar="ID", help="结果编号，见各 CSV 的 id 列。Id from the id column of a CSV.")
    ],
    out: OutFolder = default_workspace(),
    run: Annotated[str, typer.Option(help="运行编号，默认最新。Run id; the newest by default.")] = "",
    depth: Annotated[int, typer.Option(min=1, max=20, help="展开层数。Levels shown.")] = 4,
    show_all: Annotated[bool, typer.Option("--all", help="不省略。Leave nothing out.")] = False,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """说明一个数从哪里来。Say where a number comes from, down to its sources.

    例 Example: tanlu explain inventory:hunan:2024:2.A.1:CO2 --out ./tanlu-hunan
    例 Example: tanlu explain monitor:hunan:2024-07@2024-08-05 --out ./tanlu-hunan
    """
    check_language(language)
    if number.startswith("monitor:"):
        _explain_monitoring(number, out, depth, show_all, as_json, language)
        return
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.lineage import Lineage
    from tanlu.workspace import Workspace

    try:
        workspace = Workspace.open(out)
        folder = workspace.run_folder(run) if run else workspace.latest()
        lineage = Lineage.from_records(json.loads((folder / "lineage.json").read_text(encoding="utf-8"))["nodes"])
        if number not in lineage.nodes:
            near = ", ".join(difflib.get_close_matches(number, lineage.nodes, n=4, cutoff=0.4)) or "-"
            raise DataError([Problem("unknown_id", folder.name, value=number, details={"suggestions": near})])
    except DataError as error:
        fail(error, language, as_json)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    if as_json:
        _print_json(lineage, number, manifest)
    else:
        _print_tree(lineage, number, manifest, language, depth, None if show_all else CHILDREN_SHOWN)


def _explain_monitoring(number: str, out: Path, depth: int, show_all: bool, as_json: bool, language: str) -> None:
    """Explain a figure that is not frozen with a run but made from the ledger of readings."""
    from tanlu.commands.monitor_common import open_ledger
    from tanlu.core.errors import DataError
    from tanlu.monitor.lineage import explained

    try:
        with open_ledger(out, read_only=True) as ledger:
            lineage, fixed = explained(ledger, number)
    except DataError as error:
        fail(error, language, as_json)
    if as_json:
        _print_json(lineage, number, fixed)
    else:
        _print_tree(lineage, number, fixed, language, depth, None if show_all else CHILDREN_SHOWN, tuple(fixed))


def _print_json(lineage: Lineage, number: str, manifest: dict[str, Any]) -> None:
    from tanlu.core.lineage import Lineage

    chain = Lineage(node for _, node in lineage.walk(number))
    json.dump(
        {"id": number, "nodes": chain.as_records(), "manifest": manifest}, sys.stdout, ensure_ascii=False, indent=1
    )
    print()


def node_text(node: Node, language: str) -> str:
    """Return a node as one line: kind, label, value with unit, grade."""
    from tanlu.core.messages import translate
    from tanlu.core.units import unit_label
    from tanlu.monitor.wording import Amount

    unit = unit_label(node.unit, language)
    parts = [f"[{translate(f'kind.{node.kind}', language)}]", node.label(language)]
    if isinstance(node.value, float | int):
        number = f"{node.value:.0f}" if node.unit == "year" else f"{Amount(node.value):.6g}"
        parts.append(f"= {number} {unit}".rstrip())
    elif node.value:
        parts.append(f"= {node.value} {unit}".rstrip())
    if node.grade:
        parts.append(translate("cli.grade", language, grade=node.grade))
    return " ".join(parts)


def _print_tree(
    lineage: Lineage, number: str, manifest: dict[str, Any], language: str, depth: int, children: int | None,
    fields: tuple[str, ...] = _FIXED,
) -> None:  # fmt: skip
    from rich.console import Console
    from rich.text import Text
    from rich.tree import Tree

    from tanlu.core.messages import translate

    seen: set[str] = set()

    def grow(tree: Tree, node: Node, level: int) -> None:
        for text in (node.note(language), node.url):
            if text:
                tree.add(Text(text, style="dim"))
        if node.id in seen and node.parents:
            tree.add(Text(translate("cli.shown_above", language), style="dim"))
            return
        seen.add(node.id)
        if level == depth and node.parents:
            tree.add(Text(translate("cli.deeper", language, count=len(node.parents)), style="dim"))
            return
        shown = node.parents[:children]
        for parent in shown:
            child = lineage.nodes[parent]
            grow(tree.add(Text(node_text(child, language))), child, level + 1)
        if len(shown) < len(node.parents):
            tree.add(Text(translate("cli.more", language, count=len(node.parents) - len(shown)), style="dim"))

    root = lineage.nodes[number]
    tree = Tree(Text(node_text(root, language), style="bold"))
    grow(tree, root, 0)
    console = Console()
    console.print(tree)
    console.print(Text("; ".join(f"{name}={manifest[name]}" for name in fields), style="dim"))


def doctor(
    out: OutFolder = default_workspace(), as_json: AsJson = False, language: Language = default_language()
) -> None:
    """检查安装和工作区。Check what is installed and whether the workspace is sound.

    例 Example: tanlu doctor --out ./tanlu-hunan
    """
    check_language(language)
    from tanlu.core.messages import translate
    from tanlu.job.health import checks

    found = checks(out, default_province())
    if as_json:
        json.dump({"checks": [c.as_record(language) for c in found]}, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        for check in found:
            print(f"{'✓' if check.sound else '✕'} {translate(f'doctor.{check.name}', language)}: {check.detail}")
    if not all(c.sound or c.optional for c in found):
        raise typer.Exit(1)
