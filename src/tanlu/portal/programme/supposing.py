"""What would the scores be if: values that are supposed, beside what is known, and nothing is written."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from fastapi import Response

from tanlu.assessment.filing.importing import read_supposed
from tanlu.assessment.filing.plain import score_as_data
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.scoring import Supposed, compute
from tanlu.portal.programme.importing import sent_table
from tanlu.portal.programme.view import asked_year
from tanlu.portal.session.desks import Ask, Desk
from tanlu.portal.session.forms import Posted
from tanlu.portal.uploads import KINDS as FILE_KINDS
from tanlu.programme.registry.places import prefectures_of, regions_of

EMPTY: Final = 6
"""Lines of the form."""


def supposing_desks() -> list[Desk]:
    """Return this page."""
    return [Desk("/assessment/what-if", show_what_if, {"suppose": _suppose}, right="score.compute")]


def show_what_if(ask: Ask, supposed: Mapping[tuple[str, str], Decimal] | None = None) -> Response:
    """Show the form, and the table with supposed values beside the one without."""
    province, year, now = ask.records.settings.province, asked_year(ask), ask.records.database.clock()
    scheme, cities, regions = scheme_for(province, year), prefectures_of(province), regions_of(province)
    with ask.records.database.read() as session:
        known = compute(session, scheme, cities, year, now)
        other = compute(session, scheme, cities, year, now, supposed=supposed) if supposed else None
    before = {c["city"]: c for c in score_as_data(known, regions, ask.language)["cities"]}
    after = score_as_data(other, regions, ask.language)["cities"] if other is not None else []
    return ask.page(
        "assessment_what_if.html", year=year, scheme=scheme, cities=cities, regions=regions, indicators=scheme.indicators, before=before,
        after=after, supposed=supposed or {}, empty=range(EMPTY), accepted=", ".join(FILE_KINDS),
        names={i.id: i.name.name(ask.language) for i in scheme.indicators}, moved=_moved(before, after),
    )  # fmt: skip


def _moved(before: Mapping[str, Any], after: list[dict[str, Any]]) -> dict[str, str]:
    """Return by how much the score of each prefecture moves, as far as both are known."""
    found = {}
    for city in after:
        pair = [c["score"] or c["provisional"] for c in (before[city["city"]], city)]
        if all(pair):
            change = Decimal(pair[1]) - Decimal(pair[0])
            found[city["city"]] = f"{change:+.2f}" if change else "0"
    return found


def _suppose(ask: Ask, form: Posted) -> Response:
    supposed: Supposed
    if form.files:
        with sent_table(form) as path:
            supposed = read_supposed(ask.records, path, asked_year(ask))
        return show_what_if(ask, supposed)
    lines: dict[tuple[str, str], Decimal] = {}
    columns = {k: form.fields.get(k, []) for k in ("region", "indicator", "value")}
    for n, text in enumerate(columns["value"]):
        if text.strip() and n < min(len(columns["region"]), len(columns["indicator"])):
            part = Posted({f"value[{n + 1}]": [text]}, ())
            lines[columns["region"][n], columns["indicator"][n]] = part.number(f"value[{n + 1}]")
            form.problems += part.problems
    if not lines:
        form.needed("value")
    form.check()
    return show_what_if(ask, lines)
