"""Reading a plan folder as a whole: every file, every reference, every problem at once."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from tanlu.core.errors import DataError, Problem
from tanlu.core.tables import Table, read_table
from tanlu.plan.entries import Checker, read_entries
from tanlu.plan.plan import Plan
from tanlu.plan.records import (
    Action,
    Aim,
    Box,
    Direction,
    Hook,
    HookUse,
    Mechanism,
    Named,
    Scenario,
    System,
    Target,
    Technology,
)  # fmt: skip
from tanlu.plan.schema import ENTRIES, STREAMS, TECHNOLOGIES


def load_plan(province_folder: Path) -> Plan:
    """Read and check the plan of a province.

    Parameters
    ----------
    province_folder : Path
        Folder of the province; the plan is its sub-folder ``plan``.

    Returns
    -------
    Plan

    Raises
    ------
    DataError
        With every problem of every file: missing and unknown keys, wrong types, words outside a vocabulary, repeated ids, references to
        nothing, hooks without object, systems that need each other in a circle.
    """
    files = {
        group: read_entries(province_folder / "plan" / f"{group}.yaml", province_folder, fields)
        for group, fields in ENTRIES.items()
    }
    table = read_table(
        province_folder / TECHNOLOGIES.file, TECHNOLOGIES.columns, key=TECHNOLOGIES.key, root=province_folder
    )
    known = _known_ids(files, table)
    _check_references(files, known)
    _check_nested_ids(files["actions"])
    _check_keys_of_systems(files["systems"])
    problems = [p for checker in files.values() for p in checker.problems()]
    problems.extend(table.problems)
    problems.extend(_check_technologies(table, known))
    if not problems:
        problems.extend(_check_order(files["systems"]))
    if problems:
        raise DataError(problems)
    return _build(files, table)


def _known_ids(files: Mapping[str, Checker], table: Table) -> dict[str, dict[str, Any]]:
    """Return the entries by group and id.

    An entry with faults counts as existing, and a group that could not be read whole is left out, so that one fault is told once.
    """
    known: dict[str, dict[str, Any]] = {}
    for group, checker in files.items():
        if checker.readable:
            key = ENTRIES[group][0].name
            known[group] = {name: {} for name in sorted(checker.names)} | {v[key]: v for _, v in checker.entries}
    if not table.problems:
        known["technologies"] = {str(r["id"]): r for r in table.rows}
    if not files["actions"].count:
        boxes = [v["box"] for _, v in files["actions"].entries]
        known["boxes"] = {b["id"]: b for b in boxes}
        known["directions"] = {d["id"]: d for b in boxes for d in b["directions"]}
    return known


def _check_references(files: Mapping[str, Checker], known: Mapping[str, Mapping[str, Any]]) -> None:
    """Report references to records that do not exist."""
    for checker in files.values():
        for ref in checker.references:
            if ref.group in known and ref.value not in known[ref.group]:
                details = {"refers_to": _file_of(ref.group), "some": ", ".join(list(known[ref.group])[:6])}
                checker.report(ref.place, ref.label, "unknown_choice", ref.value, **details)


def _file_of(group: str) -> str:
    return {"technologies": TECHNOLOGIES.file, "boxes": "plan/actions.yaml", "directions": "plan/actions.yaml"}.get(
        group, f"plan/{group}.yaml"
    )


def _check_nested_ids(actions: Checker) -> None:
    """Boxes, directions, foci, scenarios and aims have ids that no other of them has."""
    seen: set[str] = set()
    for index, action in actions.entries:
        box = action["box"]
        parts = (
            ("focus", action["focus"]), ("scenarios", action["scenarios"]), ("aims", action["aims"]), ("box", (box, *box["directions"])),
        )  # fmt: skip
        for key, records in parts:
            for record in records:
                if record["id"] in seen:
                    actions.report((index, key), f"{action['id']}.{key}", "listed_twice", record["id"])
                seen.add(record["id"])


def _check_keys_of_systems(systems: Checker) -> None:
    seen: set[str] = set()
    for index, system in systems.entries:
        if system["key"] in seen:
            systems.report((index, "key"), f"{system['id']}.key", "listed_twice", system["key"])
        seen.add(system["key"])


def _check_order(systems: Checker) -> list[Problem]:
    """Systems may not need each other in a circle: ``depends_on`` is an order of building."""
    try:
        TopologicalSorter({v["id"]: v["depends_on"] for _, v in systems.entries}).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        return [Problem("circle", systems.file, None, f"{error.args[1][0]}.depends_on", circle)]
    return []


def _split(cell: object) -> tuple[str, ...]:
    return tuple(part.strip() for part in str(cell).split(";") if part.strip())


def _check_technologies(table: Table, known: Mapping[str, Mapping[str, Any]]) -> list[Problem]:
    """Check the references, hooks and lists of the technology rows."""
    problems: list[Problem] = []
    groups = {
        "action": "actions", "box": "boxes", "direction": "directions", "parent": "technologies", "same_as": "technologies",
        "detailed_in": "directions", "systems": "systems",
    }  # fmt: skip
    for row, line in zip(table.rows, table.lines, strict=True):
        wanted = [(c, v, groups[c]) for c in groups for v in _split(row[c])]
        wanted += [("abates", v, "abates") for v in _split(row["abates"])]
        hook = str(row["hook"])
        try:
            wanted.append(("hook", HookUse.parse(hook).prefix, "hooks"))
        except ValueError:
            problems.append(Problem("not_a_hook", table.file, line, "hook", hook))
        for column, value, group in wanted:
            pool = STREAMS if group == "abates" else known.get(group)
            if pool is not None and value not in pool:
                refers = column if group == "abates" else _file_of(group)
                details = {"refers_to": refers, "some": ", ".join(list(pool)[:6])}
                problems.append(Problem("unknown_choice", table.file, line, column, value, details))
        problems.extend(_check_relations(row, line, table.file, known))
    return problems


def _check_relations(
    row: Mapping[str, object], line: int, file: str, known: Mapping[str, Mapping[str, Any]]
) -> list[Problem]:
    """A parent is a group noun, ``same_as`` names a first item, and box and direction belong together."""
    problems: list[Problem] = []
    technologies = known.get("technologies", {})
    parent, first = technologies.get(str(row["parent"])), technologies.get(str(row["same_as"]))
    if parent and parent["level"] != "group":
        problems.append(Problem("not_a_group", file, line, "parent", str(row["parent"])))
    if first and (first["same_as"] or first["zh"] != row["zh"]):
        problems.append(Problem("not_the_first", file, line, "same_as", str(row["same_as"])))
    box = known.get("boxes", {}).get(str(row["box"]))
    if row["direction"] and (not row["box"] or (box and row["direction"] not in {d["id"] for d in box["directions"]})):
        details = {"box": str(row["box"]) or "–"}
        problems.append(Problem("not_in_box", file, line, "direction", str(row["direction"]), details))
    return problems


def _build(files: Mapping[str, Checker], table: Table) -> Plan:
    return Plan(
        actions_by_id={v["id"]: _action(v) for _, v in files["actions"].entries},
        technologies_by_id={str(r["id"]): _technology(r) for r in table.rows},
        targets_by_id={v["id"]: Target(**v) for _, v in files["targets"].entries},
        mechanisms_by_id={v["id"]: Mechanism(**v) for _, v in files["mechanisms"].entries},
        systems_by_id={v["id"]: System(**v) for _, v in files["systems"].entries},
        hooks_by_prefix={v["prefix"]: Hook(**v) for _, v in files["hooks"].entries},
    )


def _action(values: dict[str, Any]) -> Action:
    box = values["box"]
    nested = {
        "focus": tuple(Named(**v) for v in values["focus"]),
        "scenarios": tuple(Scenario(**v) for v in values["scenarios"]),
        "aims": tuple(Aim(**v) for v in values["aims"]),
        "box": Box(**{**box, "directions": tuple(Direction(**d) for d in box["directions"])}),
    }
    return Action(**{**values, **nested})


def _technology(row: Mapping[str, Any]) -> Technology:
    parsed = {
        "abates": _split(row["abates"]),
        "software": row["software"] == "yes",
        "hook": HookUse.parse(str(row["hook"])),
        "detailed_in": _split(row["detailed_in"]),
        "systems": _split(row["systems"]),
    }
    return Technology(**{**row, **parsed})
