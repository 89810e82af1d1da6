"""The file ``technologies.csv`` of a pathway folder: what it must hold, and every fault of it at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeVar

from tanlu.core.errors import DataError, Problem
from tanlu.core.library import load_library
from tanlu.core.provenance import Grade, Source
from tanlu.core.schema import SOURCES
from tanlu.core.tables import Column, Table, read_table
from tanlu.pathways.data import FOLDER, PathwayData, load_pathways
from tanlu.pathways.effects.data import load_effects
from tanlu.pathways.effects.declared import FOLDER as EFFECTS
from tanlu.pathways.readiness import HIGHEST
from tanlu.pathways.technologies import FILE, REASONS, RELATIONS, Assessment, Assessments, Cost, Learning, Link
from tanlu.plan import Plan, Technology, load_plan

N = TypeVar("N", int, float)
WITH_REFERENCE: Final = ("enabling", "counted")
"""Reasons that must name the technologies that are enabled or under which it is counted."""
COLUMNS: Final = (
    Column("technology", note="id of the first technology of the plan with this name"),
    Column("lever", required=False, note="lever that it acts on most; empty where a reason stands"),
    Column("relation", "choice", False, choices=RELATIONS, note="moves the parameter, or makes the move possible"),
    Column("size", "number", False, 0.0, 1.0, note="share of the lever's range that its full deployment brings (moves) or needs (enables)"),
    Column("further", required=False, note="other levers, as lever:relation:size, separated by ';'"),
    Column("reason", "choice", False, choices=REASONS, note="why it has no abatement term of its own"),
    Column("refers", required=False, note="technologies that it enables or under which it is counted, separated by ';'"),
    Column("trl", "number", False, 1, HIGHEST, note="readiness in 2024 on the scale of the IEA, 1 to 11"),
    Column("trl_low", "number", False, 1, HIGHEST),
    Column("trl_high", "number", False, 1, HIGHEST),
    Column("earliest", "year", False, note="first year in the market where the rule does not fit; empty: from the readiness"),
    Column("lifetime", "number", False, 1, 100, note="years"),
    Column("cost", "number", False, 0, note="investment per unit"),
    Column("cost_unit", required=False),
    Column("price_year", "year", False),
    Column("cost_source", required=False),
    Column("cost_grade", "grade", False),
    Column("learning_rate", "number", False, 0.0, 0.5, note="fall of cost per doubling of the world's deployment"),
    Column("learning_source", required=False),
    Column("learning_grade", "grade", False),
    Column("provincial_share", "number", False, 0.0, 1.0, note="share of the province in the world's deployment"),
    Column("source", note="of readiness, size and the other judgements"),
    Column("grade", "grade"),
    Column("note_zh", required=False),
    Column("note_en", required=False),
)  # fmt: skip
_GROUPS: Final = (
    ("cost", "cost_unit", "price_year", "cost_source", "cost_grade"),
    ("learning_rate", "learning_source", "learning_grade", "provincial_share"),
    ("trl", "trl_low", "trl_high"),
)
"""Columns that are all filled or all empty."""


def load_technologies(province_folder: Path, data: PathwayData | None = None, plan: Plan | None = None) -> Assessments:
    """Read and check the judgements of a province folder against its plan, its levers and its map.

    Parameters
    ----------
    province_folder : Path
    data : PathwayData, optional
    plan : Plan, optional
        Read from the folder where they are not given.

    Raises
    ------
    DataError
        With every problem of the file: unknown or missing technologies, a lever and a reason or neither, levers that no technology moves,
        levers that start before their technologies are in the market, incomplete costs, pairs that the map does not have.
    """
    plan, data = plan or load_plan(province_folder), data or load_pathways(province_folder)
    first = {t.id: t.same_as or t.id for t in plan.technologies()}
    table = read_table(province_folder / FOLDER / FILE, COLUMNS, key=("technology",), root=province_folder)
    problems = list(table.problems)
    rows = [(a, line) for a, line in _assessments(table, plan, problems)]
    effects = load_effects(province_folder) if (province_folder / FOLDER / EFFECTS).is_dir() else None
    levers = {lever.id: lever for lever in (*data.levers, *(effects.levers if effects else ()))}
    out = Assessments({a.id: a for a, _ in rows}, first, levers)
    if table.names is not None:
        problems += _absent(table, first)
    for assessment, line in rows:
        problems += _placing(assessment, line, table.file, out)
    problems += _sources(
        rows, table.file, _known(province_folder, (*data.sources, *(effects.sources if effects else ())))
    )
    if table.names is not None and len(rows) == len(table.names):
        problems += [*_levers(out), *_map(out, data, table.file)]
    if problems:
        raise DataError(problems)
    return out


def _known(province_folder: Path, further: Iterable[Source]) -> dict[str, Grade]:
    """Return the grade of every source of the library and the province, and of further ones."""
    library = load_library().sources.values()
    own = read_table(province_folder / SOURCES.file, SOURCES.columns, key=SOURCES.key, root=province_folder).rows
    return {**{s.id: s.grade for s in (*library, *further)}, **{str(r["id"]): Grade(str(r["grade"])) for r in own}}


def _assessments(table: Table, plan: Plan, problems: list[Problem]) -> Iterable[tuple[Assessment, int]]:
    """Return the rows that name a technology, as records; what a row has in halves is reported."""
    for row, line in zip(table.rows, table.lines, strict=True):
        problems += _halves(row, table.file, line)
        links, found = _links(row, table.file, line)
        problems += found
        technology = plan.technologies_by_id.get(str(row["technology"]))
        if technology is None:
            details = {"refers_to": "plan/technologies.csv", "some": "T01-001"}
            problems.append(Problem("unknown_choice", table.file, line, "technology", str(row["technology"]), details))
        else:
            yield _assessment(row, technology, links), line


def _halves(row: Mapping[str, object], file: str, line: int) -> list[Problem]:
    """Return a problem for every group of columns of which only some are filled, and for levels out of order."""
    out = []
    for group in (*_GROUPS, ("lever", "relation", "size")):
        empty = [c for c in group if row[c] in (None, "")]
        if empty and len(empty) < len(group):
            details = {"columns": ", ".join(empty)}
            out.append(Problem("technology_half", file, line, group[0], str(row[group[0]] or ""), details))
    levels = [row[c] for c in ("trl_low", "trl", "trl_high")]
    if all(isinstance(x, float) for x in levels) and levels != sorted(levels, key=float):  # type: ignore[arg-type]
        out.append(Problem("technology_levels", file, line, "trl", f"{row['trl']:g}"))
    return out


def _links(row: Mapping[str, object], file: str, line: int) -> tuple[tuple[Link, ...], list[Problem]]:
    """Return what a row says on levers; each entry of ``further`` is lever:relation:size."""
    out, problems = list[Link](), list[Problem]()
    if row["lever"] and row["relation"] and isinstance(row["size"], float):
        out.append(Link(str(row["lever"]), str(row["relation"]), row["size"]))
    for entry in _split(row["further"]):
        lever, _, rest = entry.partition(":")
        relation, _, size = rest.partition(":")
        try:
            value = float(size)
        except ValueError:
            value = -1.0
        if relation not in RELATIONS or not 0 <= value <= 1:
            problems.append(Problem("technology_further", file, line, "further", entry))
        else:
            out.append(Link(lever, relation, value))
    return tuple(out), problems


def _split(cell: object) -> list[str]:
    return [part.strip() for part in str(cell or "").split(";") if part.strip()]


def _assessment(row: Mapping[str, object], technology: Technology, links: tuple[Link, ...]) -> Assessment:
    cost = Cost(*(row[c] for c in _GROUPS[0])) if row["cost"] is not None else None  # type: ignore[arg-type]
    rate = Learning(*(row[c] for c in _GROUPS[1])) if row["learning_rate"] is not None else None  # type: ignore[arg-type]
    return Assessment(
        technology=technology,
        links=links,
        reason=str(row["reason"] or ""),
        refers=tuple(_split(row["refers"])),
        stated=_optional(row["earliest"], int),
        lifetime=_optional(row["lifetime"], float),
        **{c: _optional(row[c], float) for c in ("trl", "trl_low", "trl_high")},
        cost=cost,
        learning=rate,
        source=str(row["source"]),
        grade=Grade(str(row["grade"])),
        note_zh=str(row["note_zh"] or ""),
        note_en=str(row["note_en"] or ""),
    )


def _optional(cell: object, kind: type[N]) -> N | None:
    return cell if isinstance(cell, kind) else None


def _absent(table: Table, first: Mapping[str, str]) -> list[Problem]:
    """Every distinct technology has a row, and a repeated name has none of its own."""
    assert table.names is not None
    named = set(table.names)
    out = [
        Problem("technology_absent", table.file, field="technology", value=i)
        for i in dict.fromkeys(first.values())
        if i not in named
    ]
    return out + [
        Problem("technology_repeats", table.file, field="technology", value=i, details={"first": first[i]})
        for i in table.names
        if first.get(i, i) != i
    ]


def _placing(a: Assessment, line: int, file: str, known: Assessments) -> list[Problem]:
    """A technology has a lever or a reason, not both and not none; what acts on a lever has a readiness; references lead somewhere."""
    out = []
    if bool(a.links) == bool(a.reason):
        code = "technology_twice" if a.links else "technology_nowhere"
        out.append(Problem(code, file, line, "reason", a.id, {"some": ", ".join(REASONS)}))
    for link in a.links:
        if link.lever not in known.levers:
            details = {"refers_to": "levers/", "some": ", ".join(list(known.levers)[:6])}
            out.append(Problem("unknown_choice", file, line, "lever", link.lever, details))
    if len({link.lever for link in a.links}) < len(a.links):
        out.append(Problem("technology_further", file, line, "further", a.links[-1].lever))
    if a.links and a.trl is None:
        out.append(Problem("technology_unready", file, line, "trl", a.id))
    if (a.reason in WITH_REFERENCE) != bool(a.refers):
        out.append(
            Problem("technology_refers", file, line, "refers", ";".join(a.refers), {"some": ", ".join(WITH_REFERENCE)})
        )
    for i in a.refers:
        if known.first.get(i) in (None, a.id):
            details = {"refers_to": "plan/technologies.csv", "some": "T01-001"}
            out.append(Problem("unknown_choice", file, line, "refers", i, details))
        elif (other := known.by_id.get(known.first[i])) and other.reason:
            out.append(Problem("technology_chain", file, line, "refers", i))
    return out


def _levers(known: Assessments) -> list[Problem]:
    """Every lever is moved by a technology, and does not start before enough of them is in the market."""
    out = []
    for lever in known.levers.values():
        year = known.opening_year(lever.id)
        if year is None:
            out.append(Problem("lever_unmoved", lever.file, field=lever.id, details={"file_of": FILE}))
        elif lever.schedule.start < year:
            awaited = [a.id for a in known.by_lever[lever.id] if a.earliest == year]
            details = {"lever": lever.id, "year": year, "technologies": ", ".join(awaited[:5])}
            out.append(
                Problem(
                    "lever_early", lever.file, None, f"{lever.id}.schedule.start", str(lever.schedule.start), details
                )
            )
    return out


def _sources(rows: Sequence[tuple[Assessment, int]], file: str, sources: Mapping[str, Grade]) -> list[Problem]:
    """Sources exist, and no number has a better grade than the source in which it was read."""
    out = []
    for a, line in rows:
        named = {"source": (a.source, a.grade)}
        if a.cost:
            named["cost_source"] = a.cost.source, a.cost.grade
        if a.learning:
            named["learning_source"] = a.learning.source, a.learning.grade
        for column, (source, grade) in named.items():
            if source not in sources:
                details = {"refers_to": "sources.csv", "some": ", ".join(sorted(sources)[:6])}
                out.append(Problem("unknown_choice", file, line, column, source, details))
            elif grade < sources[source]:
                details = {"source": source, "best": sources[source].value}
                out.append(Problem("above_source", file, line, column.replace("source", "grade"), grade.value, details))
    return out


def _map(known: Assessments, data: PathwayData, file: str) -> list[Problem]:
    """The map of the pathways, which also has the repeated names, says the same on every pair with a lever of the engine."""
    rows = {i: known.by_id[f].links for i, f in known.first.items() if f in known.by_id}
    wanted = {(i, x.lever): x.relation for i, links in rows.items() for x in links if x.lever in data.lever_index}
    found = {(m.technology, m.lever): m.relation for m in data.mapping}
    return [
        Problem(
            "technology_map",
            file,
            field=pair[0],
            value=pair[1],
            details={"map": found.get(pair, "–"), "own": wanted.get(pair, "–")},
        )
        for pair in sorted(wanted.keys() | found.keys())
        if wanted.get(pair) != found.get(pair)
    ]
