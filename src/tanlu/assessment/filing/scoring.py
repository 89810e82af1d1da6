"""Scores from what is kept: computed as known at a moment, supposed without writing, frozen, published, computed anew byte for byte."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from tanlu import __version__
from tanlu.assessment.filing.filings import known_filings
from tanlu.assessment.filing.investments import known_investments
from tanlu.assessment.filing.scheme import AssessmentScheme, SchemeIndicator, scheme_from
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.tables import AssessmentFiling, AssessmentInvestment, ScoreRun
from tanlu.assessment.filing.workflows import workflow
from tanlu.assessment.investment import investments
from tanlu.assessment.score_tree import CityScore, Filing, FilingState, frozen, rounded, score_cities, what_if
from tanlu.core.errors import Problem
from tanlu.programme.registries import flow
from tanlu.programme.registry.places import prefectures_of
from tanlu.programme.registry.reading import holds_demonstration, known_entries
from tanlu.records import (
    ConflictError,
    Principal,
    Records,
    RefusedError,
    Target,
    advance,
    end_of_day,
    local_day,
    new_id,
    require_other,
)
from tanlu.records.log.canonical import canonical

FORMAT: Final = 1
METHOD: Final = "tanlu.assessment.score_tree"
Supposed = Mapping[tuple[str, str], Decimal]
"""Values by prefecture and indicator that a what-if run takes for filed and verified."""


@dataclass(frozen=True, slots=True)
class Physical:
    """The scoreboard of a run of the main job: its id, the digest of the file, and its rows as text."""

    run: str
    sha256: str
    rows: tuple[Mapping[str, str], ...]

    def record(self) -> dict[str, Any]:
        """Return what a score run keeps of it."""
        kept = ("target", "status", "value", "required", "unit", "as_of", "probability")
        return {
            "run": self.run,
            "sha256": self.sha256,
            "targets": [{key: str(row.get(key, "")) for key in kept} for row in self.rows],
        }


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """Scores of all prefectures for a year, as known at a moment.

    Parameters
    ----------
    scores : tuple of CityScore
        Ranked first, best first; then those that have not filed everything.
    supposed : bool
        Whether some values are supposed; such a table is never frozen.
    demonstration : bool
        Whether data of a demonstration are among what was scored.
    """

    scheme: AssessmentScheme
    year: int
    as_of: datetime
    scores: tuple[CityScore, ...]
    physical: Mapping[str, Any] | None = None
    supposed: bool = False
    demonstration: bool = False

    def actions(self) -> dict[str, tuple[Fraction, int]]:
        """Return the province's score of each action: the mean over the prefectures that can be ranked, and how many these are."""
        ranked = [s for s in self.scores if s.score is not None]
        keys = dict.fromkeys(i.action for i in self.scheme.indicators)
        found = {}
        for key in keys:
            values = [s.by_action[key] for s in ranked if key in s.by_action]
            if values:
                found[key] = (sum(values, Fraction()) / len(values), len(values))
        return found

    def record(self) -> dict[str, Any]:
        """Return the table as plain data without floats; its canonical JSON is what a frozen run keeps."""
        content, _ = frozen(self.scheme.scored(), self.scores, self.year, self.as_of.astimezone(UTC))
        return {
            "format": FORMAT,
            "method": METHOD,
            "scheme_sha256": self.scheme.sha256,
            "scheme_status": self.scheme.status,
            "grade": self.scheme.grade,
            "demonstration": self.demonstration,
            "scores": json.loads(content),
            "province": {
                action: {"score": rounded(score), "cities": count} for action, (score, count) in self.actions().items()
            },
            "physical": None if self.physical is None else dict(self.physical),
        }

    def frozen(self) -> tuple[bytes, str]:
        """Return the canonical bytes of the table and their SHA-256."""
        content = canonical(self.record())
        return content, sha256(content).hexdigest()


def moment_of(day: date | None, now: datetime) -> datetime:
    """Return the moment up to which a score looks: the end of a day, or now for today or without a day.

    Raises
    ------
    RefusedError
        If the day lies in the future: what will be known then is not known.
    """
    if day is None or day == local_day(now):
        return now
    if day > local_day(now):
        raise RefusedError(Problem("score_future", "score", field="as_of", value=day.isoformat()))
    return end_of_day(day)


def compute(
    session: Session,
    scheme: AssessmentScheme,
    cities: Sequence[str],
    year: int,
    as_of: datetime,
    *,
    supposed: Supposed | None = None,
    physical: Mapping[str, Any] | None = None,
) -> ScoreTable:
    """Score all prefectures for a year with what was known at a moment; nothing is written.

    Parameters
    ----------
    supposed : mapping, optional
        Values that are taken in place of what was filed.
    physical : mapping, optional
        `Physical.record` of a run of the main job.

    Raises
    ------
    RefusedError
        If a supposed value is of no known prefecture or indicator.
    """
    problems = _supposed_problems(scheme, cities, supposed or {})
    if problems:
        raise RefusedError(*problems)
    filings = scored_filings(session, scheme, year, as_of)
    if supposed:
        filings = what_if(filings, supposed, year, as_of)
    scores = score_cities(scheme.scored(), filings, cities, year, as_of)
    shown = _holds_demonstration(session, year, as_of)
    return ScoreTable(scheme, year, as_of, tuple(scores), physical, bool(supposed), shown)


def _supposed_problems(scheme: AssessmentScheme, cities: Sequence[str], supposed: Supposed) -> list[Problem]:
    problems = []
    indicators = [i.id for i in scheme.indicators]
    for city, indicator in supposed:
        for field, value, known in (("region", city, cities), ("indicator", indicator, indicators)):
            if value not in known:
                details = {"refers_to": scheme.id, "some": ", ".join(list(known)[:6])}
                problems.append(Problem("unknown_choice", "what-if", field=field, value=value, details=details))
    return problems


def scored_filings(session: Session, scheme: AssessmentScheme, year: int, as_of: datetime) -> list[Filing]:
    """Return every value that is scored: filed, counted from the registries, summed from investments.

    Where nothing is registered or invested, only a filing that says so (a filed zero) counts: what nobody told of is not zero.
    """
    filed = {(f.city, f.indicator): f for f in known_filings(session, year, as_of)}
    for indicator in scheme.indicators:
        counted: Iterable[Filing] = ()
        if indicator.value == "registry":
            counted = _registered(session, indicator, year, as_of)
        elif indicator.value == "investment":
            counted = _invested(session, indicator, year, as_of)
        for filing in counted:
            filed[filing.city, filing.indicator] = filing
    return [filed[key] for key in sorted(filed)]


def _registered(session: Session, indicator: SchemeIndicator, year: int, as_of: datetime) -> Iterable[Filing]:
    start = indicator.start or date(year, 1, 1)
    entries = known_entries(session, as_of, indicator.kinds)
    for part in flow(entries, indicator.kinds, start, date(year, 12, 31), as_of).parts:
        state = FilingState.VERIFIED if part.verified else FilingState.FILED
        value = Decimal(part.verified or part.reported)
        if part.prefecture:
            yield Filing(part.prefecture, indicator.id, year, value, state, as_of, "registry")


def _invested(session: Session, indicator: SchemeIndicator, year: int, as_of: datetime) -> Iterable[Filing]:
    for found in investments(known_investments(session, year, as_of, indicator.account)):
        state = FilingState.VERIFIED if found.verified else FilingState.FILED
        # yuan with two decimals in units of 10^4 yuan: six decimals, exactly
        value = (found.verified or found.reported) / 10_000
        yield Filing(found.city, indicator.id, year, value, state, as_of, "investment")


def _holds_demonstration(session: Session, year: int, as_of: datetime) -> bool:
    """Tell whether data of a demonstration were among what was known of a year."""
    for table in (AssessmentFiling, AssessmentInvestment):
        statement = select(table.id).where(table.year == year, table.filed_at <= as_of, table.demonstration.is_(True))
        if session.execute(statement.limit(1)).first() is not None:
            return True
    return holds_demonstration(session, as_of)


def freeze(
    records: Records,
    principal: Principal,
    year: int,
    day: date | None = None,
    *,
    physical: Physical | None = None,
) -> ScoreRun:
    """Score a year and keep the result; the same data, scheme and moment give the run that is there already.

    Raises
    ------
    NotPermittedError
        If the person may not freeze scores.
    DataError
        If there is no scheme for the year, or the day lies in the future.
    """
    scheme = scheme_for(records.settings.province, year)
    cities = prefectures_of(records.settings.province)
    with records.database.change(principal.person_id, "score.freeze", f"score:{year}") as change:
        records.rights.require(principal, "score.freeze", Target())
        as_of = moment_of(day, change.at)
        record = None if physical is None else physical.record()
        table = compute(change.session, scheme, cities, year, as_of, physical=record)
        content, digest = table.frozen()
        known = select(ScoreRun).where(ScoreRun.sha256 == digest)
        run = change.session.execute(known).scalar_one_or_none()
        if run is None:
            run = ScoreRun(
                id=new_id(),
                year=year,
                as_of=as_of,
                scheme_id=scheme.id,
                scheme_version=scheme.version,
                scheme=dict(scheme.content),
                result=content.decode(),
                sha256=digest,
                program=__version__,
                state="frozen",
                made_by=change.actor,
                made_at=change.at,
                demonstration=table.demonstration,
            )
            change.session.add(run)
            change.session.flush()
        change.subject = f"score_run:{run.id}"
        change.details.update({"sha256": digest})
        return run


def publish(records: Records, principal: Principal, run_id: str) -> ScoreRun:
    """Publish a frozen run; not by the person who froze it, and only if it can be computed anew.

    Raises
    ------
    NotPermittedError
        If the person may not, or made the run.
    ConflictError
        If it is published, or what is kept no longer gives its bytes.
    RefusedError
        If there is no such run.
    """
    subject = f"score_run:{run_id}"
    with records.database.change(principal.person_id, "score.publish", subject) as change:
        run = find_run(change.session, run_id)
        require_other(change.actor, run.made_by)
        if not reproduces(change.session, run):
            raise ConflictError(Problem("score_differs", "score", value=run_id))
        advance(
            change,
            workflow("score-run"),
            run,
            subject,
            "publish",
            principal=principal,
            rights=records.rights,
            target=Target(),
        )
        run.published_by, run.published_at = change.actor, change.at
        return run


def find_run(session: Session, run_id: str) -> ScoreRun:
    """Return a run by id or by SHA-256.

    Raises
    ------
    RefusedError
        If there is none.
    """
    statement = select(ScoreRun).where((ScoreRun.id == run_id) | (ScoreRun.sha256 == run_id))
    found = session.execute(statement).scalar_one_or_none()
    if found is None:
        raise RefusedError(Problem("no_record", "score", field="id", value=run_id))
    return found


def recompute(session: Session, run: ScoreRun) -> bytes:
    """Return the bytes that what is kept gives today for a frozen run."""
    return table_of(session, run).frozen()[0]


def table_of(session: Session, run: ScoreRun) -> ScoreTable:
    """Compute a frozen run anew, with the scheme and the scoreboard that it keeps."""
    kept = json.loads(run.result)
    cities = sorted(city["city"] for city in kept["scores"]["cities"])
    return compute(session, scheme_from(run.scheme), cities, run.year, run.as_of, physical=kept["physical"])


def reproduces(session: Session, run: ScoreRun) -> bool:
    """Tell whether a frozen run, computed anew, gives the same bytes."""
    return sha256(recompute(session, run)).hexdigest() == run.sha256


def read_scoreboard(folder: Path) -> Physical | None:
    """Return the scoreboard of a run of the main job, None if the folder holds none.

    Parameters
    ----------
    folder : Path
        ``results/<run>`` of a workspace.
    """
    path = folder / "scoreboard.csv"
    if not path.is_file():
        return None
    content = path.read_bytes()
    rows = tuple(csv.DictReader(io.StringIO(content.decode("utf-8"), newline="")))
    return Physical(folder.resolve().name, sha256(content).hexdigest(), rows)
