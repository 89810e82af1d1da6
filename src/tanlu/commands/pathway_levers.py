"""``tanlu pathway levers`` and ``tanlu pathway technology``: what can be moved, by which technologies, and what a technology does."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

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
    from tanlu.pathways import Lever, PathwayData
    from tanlu.pathways.technologies import Assessment, Assessments


DRAWS, SEED = 2048, 7
"""Draws behind the chance that a lever is late."""


def register(app: typer.Typer) -> None:
    """Add the commands to ``tanlu pathway``."""
    app.command()(levers)
    app.command()(technology)


def _load(province: str) -> tuple[PathwayData, Assessments | None]:
    """Return the pathway data of a province and its judgements of technologies, if it has any."""
    from tanlu.core.province import province_folder
    from tanlu.pathways import load_pathways
    from tanlu.pathways.technologies import FILE
    from tanlu.pathways.technology_file import load_technologies

    folder = province_folder(province)
    data = load_pathways(folder)
    return data, load_technologies(folder, data) if (data.folder / FILE).is_file() else None


def levers(
    province: ProvinceName = default_province(),
    action: Annotated[str | None, typer.Option("--action", help="行动编号，如 A02。Id of an action.")] = None,
    technology: Annotated[
        str | None,
        typer.Option("--technology", help="技术编号或名称的一部分。Id of a technology, or part of its name."),
    ] = None,
    overlaps: Annotated[
        bool, typer.Option("--overlaps", help="每杆与哪些杆重叠、如何处理。What each lever overlaps, and how.")
    ] = False,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """列出情景杆：范围、各情景取值、起始年、技术可上市年。List the levers: ranges, values in the worlds, start, and when they are ready.

    例 Example: tanlu pathway levers --action A04 --overlaps; tanlu pathway levers --technology 储能
    """
    from tanlu.core.errors import DataError

    check_language(language)
    try:
        data, known = _load(province)
        every = list(data.levers if known is None else known.levers.values())
        _check_action(action, every)
        chosen = [lever for lever in every if action in (None, lever.action)]
        if technology is not None:
            acted = {link.lever for a in _find(known, technology) for link in a.links}
            chosen = [lever for lever in chosen if lever.id in acted]
    except DataError as error:
        fail(error, language, as_json)
    late = _late(chosen, known)
    if as_json:
        model = {lever.id: "engine" for lever in data.levers}
        records = [_lever_record(lever, known) | late.get(lever.id, {}) for lever in chosen]
        _dump([record | {"model": model.get(record["id"], "other_gases")} for record in records])
    else:
        _print_levers(chosen, known, late, language)
        if overlaps and known is not None:
            for lever in chosen:
                _print_overlaps(lever.id, known, language)


def _check_action(action: str | None, levers: list[Lever]) -> None:
    """Refuse an action that moves no lever."""
    from tanlu.core.errors import DataError, Problem

    actions = sorted({lever.action for lever in levers})
    if action is not None and action not in actions:
        details = {"refers_to": "levers", "some": ", ".join(actions)}
        raise DataError([Problem("unknown_choice", "--action", value=action, details=details)])


def technology(
    name: Annotated[
        str, typer.Argument(metavar="ID", help="技术编号，或名称的一部分。Id of a technology, or part of its name.")
    ],
    province: ProvinceName = default_province(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """一项技术作用于哪些情景杆，或没有减排项的理由；成熟度、造价与重叠。What a technology does, or why it has no term of its own.

    例 Example: tanlu pathway technology T02-005
    """
    from tanlu.core.errors import DataError

    check_language(language)
    try:
        _, known = _load(province)
        found = _find(known, name)
    except DataError as error:
        fail(error, language, as_json)
    assert known is not None
    if as_json:
        _dump([_record(a, known) for a in found])
        return
    for a in found:
        _print_technology(a, known, language, name)


def _late(chosen: list[Lever], known: Assessments | None) -> dict[str, dict[str, float]]:
    """Return for each lever the share of draws in which its technologies are late for its schedule, and in which they never come."""
    if known is None:
        return {}
    import numpy as np

    from tanlu.pathways.delays import lever_delays

    delays = lever_delays(chosen, known, DRAWS, SEED)
    shares = [((delays > 0).mean(axis=0), "chance_late"), (np.isinf(delays).mean(axis=0), "chance_never")]
    return {lever.id: {key: round(float(x[i]), 4) for x, key in shares} for i, lever in enumerate(chosen)}


def _find(known: Assessments | None, text: str) -> list[Assessment]:
    """Return the technology of an id, or those whose name holds a text.

    Raises
    ------
    DataError
        If there is none, or the province has no judgements of technologies.
    """
    from tanlu.core.errors import DataError, Problem

    if known is None:
        raise DataError([Problem("missing_file", "pathways/technologies.csv")])
    found = [known.of(text)] if text in known.first else known.search(text)
    if not found:
        raise DataError([Problem("no_technology", "technologies.csv", value=text)])
    return found


def _dump(records: list[dict[str, Any]]) -> None:
    json.dump(records, sys.stdout, ensure_ascii=False, indent=1)
    print()


def _lever_record(lever: Lever, known: Assessments | None) -> dict[str, Any]:
    record = {
        "id": lever.id, "name_zh": lever.name_zh, "name_en": lever.name_en, "action": lever.action, "unit": lever.unit,
        "parameter": lever.parameter, "op": lever.op, "applies_to": list(lever.applies_to), "minimum": lever.minimum,
        "default": lever.default, "maximum": lever.maximum, "step": lever.step, "worlds": dict(lever.worlds),
        "start": lever.schedule.start, "full": lever.schedule.full, "technologies": list(lever.technologies),
        "source": lever.source, "source_of_max": lever.source_of_max, "grade": lever.grade.value,
    }  # fmt: skip
    if known is not None:
        from tanlu.pathways.overlap import overlaps

        record["opening_year"] = known.opening_year(lever.id)
        record["acting"] = [
            {"technology": a.id, "relation": link.relation, "size": link.size, "earliest": a.earliest}
            for a in known.by_lever[lever.id]
            if (link := a.on(lever.id))
        ]
        record["overlaps"] = [
            {"lever": o.other, "kind": o.kind, "handled": o.handled, "members": list(o.members)}
            for o in overlaps(lever.id, known)
        ]
    return record


def _record(a: Assessment, known: Assessments) -> dict[str, Any]:
    from tanlu.pathways.readiness import chance_of_market

    cost, learning = a.cost, a.learning
    return {
        "id": a.id, "zh": a.technology.zh, "en": a.technology.en, "action": a.technology.action,
        "repeated_as": [i for i, first in known.first.items() if first == a.id != i],
        "levers": [{"lever": x.lever, "relation": x.relation, "size": x.size} for x in a.links],
        "reason": a.reason or None, "refers": list(a.refers),
        "trl": a.trl, "trl_low": a.trl_low, "trl_high": a.trl_high, "earliest": a.earliest,
        "chance_of_market": None if a.trl is None else round(chance_of_market(a.trl), 6), "lifetime": a.lifetime,
        "cost": cost and {
            "value": cost.value, "unit": cost.unit, "price_year": cost.price_year, "source": cost.source, "grade": cost.grade.value,
        },
        "learning": learning and {
            "rate": learning.rate, "provincial_share": learning.provincial_share, "source": learning.source,
            "grade": learning.grade.value,
        },
        "source": a.source, "grade": a.grade.value, "note_zh": a.note_zh, "note_en": a.note_en,
    }  # fmt: skip


def _print_levers(
    chosen: list[Lever], known: Assessments | None, late: dict[str, dict[str, float]], language: str
) -> None:
    from tanlu.commands.plain_table import print_table
    from tanlu.core.messages import translate
    from tanlu.core.units import unit_label

    if not chosen:
        print(translate("pathways.technology.none", language))
        return
    header = translate("pathways.technology.lever_columns", language).split("|")
    rows = []
    for lever in chosen:
        numbers = (lever.minimum, lever.worlds["frozen"], lever.default, lever.worlds["plan"], lever.maximum)
        ready = known.opening_year(lever.id) if known else None
        years = [str(lever.schedule.start), "–" if ready is None else str(ready)]
        chance = f"{100 * late[lever.id]['chance_late']:.0f}" if lever.id in late else "–"
        unit = unit_label(lever.unit, language)
        row = [lever.action, lever.id, lever.parameter, *(f"{n:g}" for n in numbers), unit, *years, chance]
        rows.append([*row, lever.grade.value, lever.name(language)])
    print_table("", header, rows, words=(0, 1, 2, 8, 12, 13))
    if known is not None:
        mapped = [a for a in known.by_id.values() if a.links]
        words = {"rows": len(known.first), "distinct": len(known), "mapped": len(mapped), "levers": len(known.levers)}
        print(translate("pathways.technology.total", language, **words, reasons=len(known) - len(mapped)))


def _print_technology(a: Assessment, known: Assessments, language: str, asked: str) -> None:
    from tanlu.core.messages import translate

    def say(key: str, **values: object) -> None:
        print("  " + translate(f"pathways.technology.{key}", language, **values))

    repeats = asked in known.first and asked != a.id
    print(f"{asked if repeats else a.id} {a.technology.zh if language == 'zh' else a.technology.en}")
    if repeats:
        say("repeats", first=a.id)
    for link in a.links:
        relation, name = (
            translate(f"pathways.relation.{link.relation}", language),
            known.levers[link.lever].name(language),
        )
        say("link", relation=relation, lever=link.lever, name=name, size=f"{100 * link.size:g}%")
    if a.reason:
        refers = "; ".join(_name(i, known, language) for i in a.refers)
        say("reason", text=translate(f"pathways.reason.{a.reason}", language, refers=refers))
    _print_numbers(a, say)
    note = a.note_zh if language == "zh" else a.note_en
    if note:
        print(f"  {note}")
    say("judged", source=a.source, grade=a.grade.value)
    for link in a.links:
        if link.relation == "moves":
            _print_overlaps(link.lever, known, language)


def _print_numbers(a: Assessment, say: Any) -> None:
    from tanlu.pathways.readiness import chance_of_market

    if a.trl is None:
        say("no_readiness")
    else:
        levels = {k: f"{v:g}" for k, v in (("trl", a.trl), ("low", a.trl_low), ("high", a.trl_high))}
        say("readiness", **levels, year=a.earliest, chance=f"{100 * chance_of_market(a.trl):.0f}")
    if a.cost:
        words = {"unit": a.cost.unit, "year": a.cost.price_year, "source": a.cost.source, "grade": a.cost.grade.value}
        say("cost", value=f"{a.cost.value:.10g}", **words)
    if a.learning:
        rate, share = f"{100 * a.learning.rate:g}", f"{100 * a.learning.provincial_share:g}"
        say("learning", rate=rate, share=share, source=a.learning.source, grade=a.learning.grade.value)
    if a.lifetime:
        say("lifetime", years=f"{a.lifetime:g}")


def _name(technology: str, known: Assessments, language: str) -> str:
    found = known.of(technology).technology
    return f"{technology} {found.zh if language == 'zh' else found.en}"


def _print_overlaps(lever: str, known: Assessments, language: str) -> None:
    """Print the levers that a lever meets, and how the model deals with each kind."""
    from tanlu.core.messages import translate
    from tanlu.pathways.overlap import overlaps

    met: dict[str, list[str]] = {}
    for o in overlaps(lever, known):
        met.setdefault(o.handled, []).append(o.other)
    if met:
        print(f"  {translate('pathways.technology.overlaps', language)} {lever}")
    for handled, others in met.items():
        print(f"    {', '.join(others)}: {translate(f'pathways.overlap.handled.{handled}', language)}")
