"""Write the generated pages of the methods (``docs/methods/reference``) and of the answer book (``docs/answer-book.md``).

``python tools/method_pages.py`` writes them; ``python tools/method_pages.py --check`` ends with 1 if one is out of date.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.answer_book.book import Answer, answers, cases  # noqa: E402

from tanlu.accounts.rulebook.method import Input, Method, methods  # noqa: E402
from tanlu.accounts.rulebook.method_sets import method_sets  # noqa: E402
from tanlu.core.library import load_library  # noqa: E402
from tanlu.core.messages import catalogue, translate  # noqa: E402

FOLDER = ROOT / "docs" / "methods" / "reference"
BOOKS = {"en": ROOT / "docs" / "answer-book.md", "zh": ROOT / "docs" / "answer-book.zh-CN.md"}
PRINTED, OTHER, FAILS = "●", "◇", "✕"
"""Signs of a case: what it is held against, or that it does not hold."""
PROGRAMS = "second_implementations.yaml"
HEAD = "<!-- written by tools/method_pages.py -->\n"
LANGUAGES = ("zh", "en")


def cell(text: object) -> str:
    """Return a text that may stand in a table."""
    return str(text).replace("|", "\\|").replace("\n", " ")


def both(key: str) -> str:
    """Return a message in both languages."""
    return " / ".join(translate(key, lang) for lang in LANGUAGES)


def range_of(wanted: Input) -> str:
    """Return the plausible range of an input."""
    if wanted.low is None and wanted.high is None:
        return ""
    return f"{'' if wanted.low is None else f'{wanted.low:g}'} … {'' if wanted.high is None else f'{wanted.high:g}'}"


def if_missing(wanted: Input) -> str:
    """Return what holds where the user gives nothing."""
    if wanted.kind == "choice":
        return f"`{wanted.word}`" if wanted.word else "must be given"
    default = "" if wanted.default is None else f"{wanted.default:g}"
    if wanted.kind == "activity":
        return default or "must be given"
    where = f"`{wanted.parameter}`" + (f" of `{wanted.subject}`" if wanted.subject else "")
    return f"library: {where}" + (f", else {default}" if default else "")


def inputs_table(method: Method) -> list[str]:
    """Return the table of the inputs."""
    lines = [
        "| input | meaning | kind | unit | plausible | where none is given |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for i in method.inputs:
        units = " or ".join(u or "1" for u in i.units)
        kind = i.kind + (", series" if i.series else "") + (", exact" if i.exact else "")
        row = (f"`{i.name}`", both(f"input.{i.name}"), kind, units, range_of(i), if_missing(i))
        lines.append("| " + " | ".join(cell(c) for c in row) + " |")
    return [*lines, ""]


def choices(method: Method) -> list[str]:
    """Return the words of each choice with their names."""
    library, lines = load_library(), []
    for i in method.inputs:
        if i.kind == "choice":
            words = [f"`{o}` {library.label(o, 'zh')} / {library.label(o, 'en')}" for o in i.options]
            lines += [f"**`{i.name}`**: " + "; ".join(words) + ".", ""]
    return lines


def outputs(method: Method) -> list[str]:
    """Return what the method gives."""
    lines = []
    for o in method.outputs:
        where = (
            f"`{o.category}`"
            if not o.by
            else f"by `{o.by}`: " + ", ".join(sorted({f"`{c}`" for c in o.categories.values()}))
        )
        lines.append(f"- {o.gas} [{o.unit}], category {where}")
    return [*lines, ""]


def rounding(method: Method) -> list[str]:
    """Return how the rule rounds."""
    rule = method.rounding
    if rule is None:
        return []
    said = [f"`{name}` to {places} decimals" for name, places in rule.inputs.items()]
    if rule.result is not None:
        said.append(f"result to {rule.result} decimals")
    halves = "away from zero" if rule.half == "up" else "to the even digit (GB/T 8170)"
    return [f"**Rounding** (exact decimals, halves {halves}): " + "; ".join(said) + ".", ""]


def factors(method: Method) -> list[str]:
    """Return how many factors each set of the library has for the inputs."""
    count: Counter[tuple[str, str]] = Counter()
    wanted = {(i.parameter, i.gas): i.name for i in method.inputs if i.kind == "factor"}
    for f in load_library().factors.values():
        name = wanted.get((f.parameter, f.gas))
        if name:
            count[name, f.set] += 1
    if not count:
        return []
    lines = ["| input | factor set | factors |", "| --- | --- | --- |"]
    lines += [f"| `{name}` | {set_name} | {n} |" for (name, set_name), n in sorted(count.items())]
    return [*lines, ""]


def page(method: Method, used_by: list[str]) -> str:
    """Return the page of a method."""
    library, words = load_library(), catalogue()
    sets = ", ".join(f"`{s}`" for s in method.sets)
    source = library.sources.get(method.source)
    named = f"{source.title_zh} / {source.title_en}" if source else method.source
    topic = "" if method.topic == method.id else f" Topic: `{method.topic}`."
    tier = f" Tier {method.tier}." if method.tier else ""
    code = f"{method.function.__module__}.{method.function.__qualname__}"
    lines = [
        HEAD + f"# {both(f'method.{method.id}.name')}", "",
        f"Lineage: `method:{method.id}`.{topic} Sets: {sets}.{tier} Code: `{code}`.", "",
        *(f"    {line}" for line in method.formula.splitlines()), "",
        f"**Source.** {named}: {method.clause}.", "",
        both(f"method.{method.id}.rule"), "",
        "## Inputs", "", *inputs_table(method), *choices(method),
        "## Results", "", *outputs(method), *rounding(method),
    ]  # fmt: skip
    if found := factors(method):
        lines += ["## Factors in the library", "", *found]
    limits = f"method.{method.id}.limits"
    lines += ["## Limits", "", both(limits) if limits in words else "None stated.", ""]
    if used_by:
        lines += ["## Checked against", "", *(f"- [{c}](../../answer-book.md#{c})" for c in used_by), ""]
    return "\n".join(lines).rstrip() + "\n"


def index() -> str:
    """Return the page that lists all methods by method set."""
    lines = [
        HEAD + "# Methods of the rulebooks", "",
        "One page a method. A method set names the rulebook; activity rows name the topic or the method.", "",
    ]  # fmt: skip
    for rules in method_sets().values():
        limits = f" {rules.limits_zh} / {rules.limits_en}." if rules.limits_zh else ""
        lines += [
            f"## `{rules.id}`",
            "",
            f"{rules.zh} / {rules.en}. Status: {rules.status}; GWP: {rules.gwp}.{limits}",
            "",
        ]
        if not rules.methods:
            continue
        lines += ["| topic | method | name |", "| --- | --- | --- |"]
        for topic, m in sorted(rules.methods.items()):
            lines.append(f"| `{topic}` | [`{m.id}`]({m.id}.md) | {cell(both(f'method.{m.id}.name'))} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def used_methods(case: dict[str, Any]) -> set[str]:
    """Return the ids of the methods that a case uses."""
    rules = method_sets()[case["set"]]
    return {m.id for r in case["records"] if (m := rules.find(r["method"])) is not None}


def sign_of(case: dict[str, Any], results: list[Answer]) -> str:
    """Return the sign of a case: printed and held, held by another program, or not held."""
    if not all(a.holds for a in results):
        return FAILS
    return OTHER if case["file"] == PROGRAMS else PRINTED


SAID = {
    "en": {
        "title": "Answer book",
        "about": (
            "Worked examples of others, computed here. A case holds when every number agrees within the precision of the print;\n"
            "`tests/answer_book` runs them.",
            f"{PRINTED} printed by a guideline, an inventory, a report or a paper. {OTHER} not a print but another public program: its\n"
            "result, its table or its test; it checks the equation independently, and a factor only where the note says so.\n"
            f"{FAILS} does not hold.",
        ),
        "count": "**{all} cases: {printed} printed, {other} of other programs, {fails} that do not hold.**",
        "source": "Source: {source}",
        "set": "Set {set}; {links}.",
        "head": "| Gas | {kind} | Computed | Within | Unit |",
        "kinds": ("Printed", "Other program"),
    },
    "zh": {
        "title": "算例册",
        "about": (
            "他人的算例，用本系统重算；与原文数字在其精度内一致者为通过。由 `tests/answer_book` 运行。出处和说明为原文语言。",
            f"{PRINTED} 指南、清单、报告或论文刊印的结果；{OTHER} 并非刊印，而是其他公开程序的结果、数表或测试"
            f"（独立核对算式，因子仅在注明处一并核对）；"
            f"{FAILS} 不一致。",
        ),
        "count": "**共 {all} 例：刊印 {printed} 例，其他程序 {other} 例，不一致 {fails} 例。**",
        "source": "出处：{source}",
        "set": "方法集 {set}；{links}。",
        "head": "| 气体 | {kind} | 本系统 | 允许偏差 | 单位 |",
        "kinds": ("原文", "其他程序"),
    },
}  # fmt: skip
"""What the answer book says around its cases."""


def book(language: str) -> str:
    """Return the page of the answer book in a language."""
    said, found = SAID[language], cases()
    signs: Counter[str] = Counter()
    body: list[str] = []
    for case in found:
        results = answers(case)
        sign = sign_of(case, results)
        signs[sign] += 1
        source = case["source"]
        address = f" <{source['url']}>" if source.get("url") else ""
        body += [f"## {case['id']}", "", f"{sign} {case['title'][language]}", ""]
        body += [said["source"].format(source=f"{source['document']}, {source['locator']}.{address}"), ""]
        links = ", ".join(f"[`{m}`](methods/reference/{m}.md)" for m in sorted(used_methods(case)))
        body += [
            said["set"].format(set=f"`{case['set']}`", links=links),
            "",
            said["head"].format(kind=said["kinds"][case["file"] == PROGRAMS]),
            "| --- | --- | --- | --- | --- |",
        ]
        body += [f"| {a.gas} | {a.printed:g} | {a.computed:.6g} | {a.within:g} | {a.unit} |" for a in results]
        body += [""] + ([str(case["note"]), ""] if case.get("note") else [])
    lines = [HEAD + f"# {said['title']}", "", *(line for part in said["about"] for line in (part, ""))]
    kinds = {name: f"{sign} {signs[sign]}" for name, sign in (("printed", PRINTED), ("other", OTHER), ("fails", FAILS))}
    return "\n".join([*lines, said["count"].format(all=len(found), **kinds), "", *body]).rstrip() + "\n"


def main() -> int:
    """Write or check all pages."""
    check = "--check" in sys.argv[1:]
    used: dict[str, list[str]] = {}
    for case in cases():
        for name in used_methods(case):
            used.setdefault(name, []).append(case["id"])
    pages = {FOLDER / f"{m.id}.md": page(m, used.get(m.id, [])) for m in methods().values()}
    pages |= {FOLDER / "README.md": index(), **{path: book(language) for language, path in BOOKS.items()}}
    stale = [p for p, text in pages.items() if not p.is_file() or p.read_text(encoding="utf-8") != text]
    lost = [p for p in FOLDER.glob("*.md") if p not in pages]
    if not check:
        FOLDER.mkdir(parents=True, exist_ok=True)
        for path in stale:
            path.write_text(pages[path], encoding="utf-8")
        for path in lost:
            path.unlink()
    named = ", ".join(p.name for p in (*stale, *lost)) or "none"
    print(("out of date: " if check else "written: ") + named)
    return 1 if check and (stale or lost) else 0


if __name__ == "__main__":
    sys.exit(main())
