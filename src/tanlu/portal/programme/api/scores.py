"""Scores: computed as known at a moment, supposed without writing, frozen, published by another."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field

from tanlu.assessment.filing.lists import list_runs
from tanlu.assessment.filing.plain import score_as_data
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.scoring import (
    Supposed,
    compute,
    find_run,
    freeze,
    moment_of,
    publish,
    reproduces,
    table_of,
)
from tanlu.portal.api import Lang
from tanlu.portal.programme.api.assessment import scoreboard_of
from tanlu.portal.session.records_api import ANYBODY, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Body, Key, Quantity, Row, Year, YearAsked
from tanlu.programme.registry.places import prefectures_of, regions_of
from tanlu.records import Records, Target

router = records_api("assessment")


class RunRow(Row):
    """A frozen score run."""

    id: str
    year: int
    as_of: datetime
    state: str
    sha256: str
    made_at: datetime
    published_at: datetime | None
    demonstration: bool


class RunSent(Body):
    """Year, and the day up to which filings count (today by default)."""

    year: Year
    as_of: date | None = None


class SupposedValue(Body):
    """A value that is taken for filed and verified."""

    region: Key
    indicator: Key
    value: Quantity


class WhatIf(RunSent):
    """Values that are supposed."""

    supposed: Annotated[list[SupposedValue], Field(min_length=1, max_length=2000)]


class Reproduced(Row):
    """Whether a frozen run, computed anew from what is kept, gives the same bytes."""

    id: str
    sha256: str
    same: bool


def _scored(records: Records, year: int, day: date | None, supposed: Supposed | None, lang: str) -> dict[str, Any]:
    province, physical = records.settings.province, scoreboard_of(records)
    with records.database.read() as session:
        table = compute(
            session, scheme_for(province, year), prefectures_of(province), year, moment_of(day, records.database.clock()),
            supposed=supposed, physical=None if physical is None else physical.record(),
        )  # fmt: skip
    return score_as_data(table, regions_of(province), lang)


@router.get("/assessment/scores", **needs("score.compute"))
def scores(records: Kept, who: Who, year: Year, as_of: date | None = None, lang: Lang = "zh") -> dict[str, Any]:
    """The scores of a year as known on a day; nothing is written."""
    records.rights.require(who, "score.compute", Target())
    return _scored(records, year, as_of, None, lang)


@router.post("/assessment/what-if", **needs("score.compute"))
def what_if(sent: WhatIf, records: Kept, who: Who, lang: Lang = "zh") -> dict[str, Any]:
    """The scores if some values were filed and verified; nothing is written."""
    records.rights.require(who, "score.compute", Target())
    supposed = {(s.region, s.indicator): s.value for s in sent.supposed}
    return _scored(records, sent.year, sent.as_of, supposed, lang)


@router.get("/assessment/runs", **needs(ANYBODY), response_model=list[RunRow])
def runs(records: Kept, who: Who, year: YearAsked | None = None) -> Any:
    """Frozen score runs that one may read; the public those that were published."""
    with records.database.read() as session:
        return list_runs(session, records.rights, who, year=year)


@router.get("/assessment/runs/{run_id}", **needs(ANYBODY))
def run(run_id: str, records: Kept, who: Who, lang: Lang = "zh") -> dict[str, Any]:
    """One score run with its table."""
    with records.database.read() as session:
        found = find_run(session, run_id)
        records.rights.require(who, "score.read", Target(published=found.state == "published"))
        table = table_of(session, found)
    return score_as_data(table, regions_of(records.settings.province), lang)


@router.get("/assessment/runs/{run_id}/reproduction", **needs(ANYBODY), response_model=Reproduced)
def reproduction(run_id: str, records: Kept, who: Who) -> Any:
    """Compute a frozen run anew and compare its bytes."""
    with records.database.read() as session:
        found = find_run(session, run_id)
        records.rights.require(who, "score.read", Target(published=found.state == "published"))
        return {"id": found.id, "sha256": found.sha256, "same": reproduces(session, found)}


@router.post("/assessment/runs", **needs("score.freeze"), response_model=RunRow, status_code=201)
def frozen(sent: RunSent, records: Kept, who: Who) -> Any:
    """Score a year and keep the result; the same data, scheme and moment give the run that is there already."""
    return freeze(records, who, sent.year, sent.as_of, physical=scoreboard_of(records))


@router.post("/assessment/runs/{run_id}/publication", **needs("score.publish"), response_model=RunRow)
def published(run_id: str, records: Kept, who: Who) -> Any:
    """Publish a frozen run, as another person than the one who froze it."""
    return publish(records, who, run_id)
