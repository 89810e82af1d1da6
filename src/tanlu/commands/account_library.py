"""`tanlu account factors`, `methods`, `sets`: what there is to compute with."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, fail

if TYPE_CHECKING:
    from tanlu.accounts.rulebook.factor_search import Nearest
    from tanlu.accounts.rulebook.method import Method

SetName = Annotated[str, typer.Option("--set", help="方法集，见 tanlu account sets。Method set.")]
SHOWN = 200
"""Lines that are printed; JSON has all."""
KINDS = 6
"""Kinds of factors that are told when there is none for a year and place."""
AREAS = 6
"""Areas that are named for one kind."""


def register(app: typer.Typer) -> None:
    """Add the commands to `tanlu account`."""
    app.command()(factors)
    app.command()(methods)
    app.command()(sets)


def _print_json(data: Any) -> None:
    json.dump(data, sys.stdout, ensure_ascii=False, indent=1)
    print()


def _print_blocks(blocks: list[list[str]], language: str) -> None:
    """Print blocks of lines, the first line of each in bold where the terminal can."""
    from rich.console import Console
    from rich.text import Text

    from tanlu.core.messages import translate

    console = Console(soft_wrap=True)
    for first, *rest in blocks[:SHOWN]:
        console.print(Text(first, style="bold"))
        for line in rest:
            console.print(Text("  " + line))
    if len(blocks) > SHOWN:
        print(translate("account_library.more", language, count=len(blocks) - SHOWN))


def factors(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORDS]...", help="词，中英文皆可；各词都要出现。Words in either language, all of which occur."
        ),
    ] = None,
    year: Annotated[int | None, typer.Option(help="只列该年有效的。Only factors valid in the year.")] = None,
    region: Annotated[str, typer.Option(help="只列该地及其所在大区的。Only factors that hold there.")] = "",
    method_set: SetName = "",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """查因子库：数值、等级、证据、状态、有效期、来源。Search the factor library: value, grade, evidence, status, validity, source.

    例 Example: tanlu account factors 电网 emission --year 2022 --region hunan
    """
    check_language(language)
    from tanlu.accounts.rulebook.factor_search import factor_record, nearest_factors, search_factors
    from tanlu.accounts.rulebook.method_sets import method_sets
    from tanlu.core.errors import DataError, Problem
    from tanlu.core.library import load_library

    library, query = load_library(), " ".join(words or ())
    chosen: tuple[str, ...] = ()
    if method_set:
        known = method_sets()
        own = {f.set for f in library.factors.values()}
        if method_set not in known and method_set not in own:
            problem = Problem("unknown_set", "--set", value=method_set, details={"some": ", ".join(known)})
            fail(DataError([problem]), language, as_json)
        chosen = known[method_set].factor_sets if method_set in known else (method_set,)
    records = [factor_record(library, f) for f in search_factors(
        library, query, year=year, region=region, factor_sets=chosen)]  # fmt: skip
    asked = {"year": year, "region": region, "factor_sets": chosen}
    nearest = [] if records else nearest_factors(library, query, **asked)  # type: ignore[arg-type]
    if as_json:
        near = [{**n._asdict(), "taken": n.taken and factor_record(library, n.taken)} for n in nearest]
        _print_json({"count": len(records), "factors": records, **({"nearest": near} if near else {})})
        return
    _print_blocks([_factor_lines(r, language) for r in records], language)
    _print_count("account_library.factors", len(records), language)
    if not records:
        print("\n".join(_nearest_lines(nearest, query, language)))


def _print_count(key: str, count: int, language: str) -> None:
    from tanlu.core.messages import translate

    print(translate(key, language, count=count))


def _nearest_lines(nearest: list[Nearest], query: str, language: str) -> list[str]:
    """Return what there is in other years and areas, and what a computation takes."""
    from tanlu.core.messages import translate
    from tanlu.core.punctuation import PUNCTUATION

    if not nearest:
        return [translate("account_library.nothing", language, query=query)]
    joint = PUNCTUATION[language].listing
    lines = [translate("account_library.nearest", language)]
    for near in nearest[:KINDS]:
        areas = joint.join(_area(a, language) for a in near.areas[:AREAS])
        if len(near.areas) > AREAS:
            areas = translate("account_library.more_areas", language, areas=areas, count=len(near.areas))
        said = {
            "name": f"{near.name_zh if language == 'zh' else near.name_en} {near.gas}".strip(),
            "years": joint.join(near.years) or translate("account_library.no_year_here", language),
            "areas": areas or translate("account_library.region_any", language),
        }
        lines.append(translate("account_library.nearest_line", language, **said))
        if near.taken is None:
            lines.append(translate("account_library.not_taken", language))
        else:
            taken = {"id": near.taken.id, "value": f"{near.taken.value:g}", "unit": near.taken.unit}
            lines.append(translate("account_library.taken", language, **taken))
    return lines


def _area(name: str, language: str) -> str:
    """Return an area by its name."""
    from tanlu.core.library import load_library

    area = load_library().areas.get(name)
    return name if area is None else (area.zh if language == "zh" else area.en)


def _factor_lines(record: dict[str, Any], language: str) -> list[str]:
    """Return the lines of a factor; what is not known is left out."""
    from tanlu.accounts.rulebook.factor_search import years_text
    from tanlu.core.messages import translate
    from tanlu.core.punctuation import PUNCTUATION

    bounds = "" if record["low"] is None or record["high"] is None else f" ({record['low']:g} – {record['high']:g})"
    years = years_text(record["valid_from"], record["valid_to"])
    place = {"name": _area(record["region"], language), "id": record["region"]}
    said = [
        translate("account_library.grade", language, grade=record["grade"]),
        translate(
            "account_library.evidence",
            language,
            evidence=translate(f"evidence.{record['evidence'] or 'none'}", language),
        ),
        translate(f"factor_status.{record['status'] or 'in_use'}", language),
        translate("account_library.valid", language, years=years) if years else "",
        translate(
            "account_library.only_region" if record["region"] else "account_library.region_any", language, **place
        ),
    ]
    origin = [record[f"source_{language}"], record["locator"]]
    lines = [
        f"{record['id']} = {record['value']:g} {record['unit'] if record['unit'] != '1' else ''}".rstrip() + bounds,
        f"{record[f'name_{language}']} {record['gas']}".strip(),
        PUNCTUATION[language].phrases(*said),
        PUNCTUATION[language].comma.join(filter(None, origin)),
        record[f"note_{language}"],
    ]
    return [line for line in lines if line]


def methods(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[WORDS]...", help="词，中英文皆可；各词都要出现。Words in either language, all of which occur."
        ),
    ] = None,
    method_set: SetName = "",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """列出核算方法：公式、条款、输入项、适用方法集。List accounting methods: formula, clause, inputs, sets.

    例 Example: tanlu account methods 水泥 --set cn-province-2011
    """
    check_language(language)
    from tanlu.accounts.rulebook.method import methods as all_methods
    from tanlu.accounts.rulebook.method_search import search_methods
    from tanlu.accounts.rulebook.method_sets import method_sets
    from tanlu.core.errors import DataError, Problem

    known = method_sets()
    if method_set and method_set not in known:
        problem = Problem("unknown_set", "--set", value=method_set, details={"some": ", ".join(known)})
        fail(DataError([problem]), language, as_json)
    found = [
        _method_record(m)
        for m in search_methods(" ".join(words or ()), all_methods().values())
        if not method_set or method_set in m.sets
    ]
    if as_json:
        _print_json({"count": len(found), "methods": found})
        return
    _print_blocks([_method_lines(r, language) for r in found], language)
    _print_count("account_library.methods", len(found), language)


def _method_record(method: Method) -> dict[str, Any]:
    """Return a method as plain data."""
    from tanlu.accounts.files.template_content import input_label, method_text

    return {
        "id": method.id, "topic": method.topic, "sets": list(method.sets), "tier": method.tier,
        "name_zh": method_text(method, "name", "zh"), "name_en": method_text(method, "name", "en"),
        "rule_zh": method_text(method, "rule", "zh"), "rule_en": method_text(method, "rule", "en"),
        "limits_zh": method_text(method, "limits", "zh"), "limits_en": method_text(method, "limits", "en"),
        "formula": method.formula, "clause": method.clause, "source": method.source, "hash": method.hash,
        "inputs": [
            {
                "name": i.name, "kind": i.kind, "units": [u for u in i.units if u], "options": list(i.options),
                "default": i.default, "low": i.low, "high": i.high, "zh": input_label(i.name, "zh"),
                "en": input_label(i.name, "en"), "optional": i.default is not None or bool(i.word) or i.kind == "factor",
            }
            for i in method.inputs
        ],
        "outputs": [
            {"gas": o.gas, "categories": sorted(set(o.categories.values())) if o.by else [o.category]}
            for o in method.outputs
        ],
    }  # fmt: skip


def _method_lines(record: dict[str, Any], language: str) -> list[str]:
    """Return the lines of a method."""
    from tanlu.core.messages import translate

    inputs = [
        f"{i['name']}{'*' if not i['optional'] else ''} [{', '.join(i['units'] or i['options'][:6])}]"
        for i in record["inputs"]
    ]
    gases = ", ".join(f"{o['gas']} ({', '.join(o['categories'][:4])})" for o in record["outputs"])
    lines = [
        f"{record['topic']}  {record[f'name_{language}']}  ({record['id']})",
        record["formula"],
        f"{record['source']}, {record['clause']}",
        translate("account_library.sets", language, sets=", ".join(record["sets"])),
        translate("account_library.gives", language, gases=gases),
        translate("account_library.takes", language, inputs=", ".join(inputs)),
    ]
    limits = record[f"limits_{language}"]
    return [*lines, limits] if limits else lines


def sets(as_json: AsJson = False, language: Language = default_language()) -> None:
    """列出方法集：规则、状态、GWP、因子集、局限。List method sets: rulebook, status, GWP, factor sets, limits.

    例 Example: tanlu account sets --json
    """
    check_language(language)
    from tanlu.accounts.rulebook.method_sets import method_sets

    records = [
        {
            "id": s.id, "zh": s.zh, "en": s.en, "scope": s.scope, "status": s.status, "gwp": s.gwp,
            "factor_sets": list(s.factor_sets), "fallback": list(s.fallback), "methods": len(s.methods),
            "limits_zh": s.limits_zh, "limits_en": s.limits_en,
        }
        for s in method_sets().values()
    ]  # fmt: skip
    if as_json:
        _print_json({"count": len(records), "sets": records})
        return
    _print_blocks([_set_lines(r, language) for r in records], language)


def _set_lines(record: dict[str, Any], language: str) -> list[str]:
    """Return the lines of a method set."""
    from tanlu.core.messages import translate

    said = {
        "status": translate(f"set_status.{record['status']}", language), "gwp": record["gwp"], "count": record["methods"],
        "factor_sets": ", ".join(record["factor_sets"]),
    }  # fmt: skip
    lines = [f"{record['id']}  {record[language]}", translate("account_library.set", language, **said)]
    limits = record[f"limits_{language}"]
    return [*lines, limits] if limits else lines
