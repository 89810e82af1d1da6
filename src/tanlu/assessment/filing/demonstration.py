"""A demonstration of the assessment: several invented years of filings and investments, one returned, one missing, two frozen runs.

Values come from a seeded generator around what is required; nothing of it is a fact about a real prefecture or firm.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tanlu.assessment.filing.filings import Proof, Value, add_draft, check_one, submit_draft
from tanlu.assessment.filing.investments import Payment, add_payment, check_entry
from tanlu.assessment.filing.official import measured_targets, years_of
from tanlu.assessment.filing.scheme import AssessmentScheme, SchemeIndicator
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.scoring import freeze, publish, scored_filings
from tanlu.assessment.filing.tables import ScoreRun
from tanlu.assessment.investment import PayerKind, SpendingKind
from tanlu.assessment.pace import required_change
from tanlu.core.province import province_folder
from tanlu.plan import load_plan
from tanlu.programme.registry.demonstration import PROOF, demonstration_staff
from tanlu.programme.registry.places import prefectures_of, province_of
from tanlu.records import Principal, Records, check_character, local_day
from tanlu.records.changes import Batch

YEARS: Final = 3
MEAN: Final = 0.92
SPREAD: Final = 0.15
"""Mean and standard deviation of what a prefecture reaches of what is required."""


@dataclass(frozen=True, slots=True)
class AssessmentDemonstration:
    """What the demonstration made: filings and investment entries, who did not file, and the frozen runs, oldest first."""

    filings: int
    investments: int
    not_filed: str
    runs: tuple[str, ...]


@dataclass(frozen=True)
class _Stage:
    """What every step of the demonstration needs."""

    records: Records
    batch: Batch
    chosen: random.Random
    officer: Principal
    checker: Principal
    bureaus: Mapping[str, Principal]
    proof: Proof

    def files(self, region: str) -> Principal:
        """Return who files for a prefecture: its bureau, or an officer of the province."""
        return self.bureaus.get(region, self.officer)


def demonstrate(
    records: Records,
    seed: int,
    *,
    officer: Principal | None = None,
    checker: Principal | None = None,
    bureaus: Mapping[str, Principal] | None = None,
    years: int = YEARS,
    prefectures: Sequence[str] = (),
) -> AssessmentDemonstration:
    """Fill the assessment with invented filings of the last complete years, and freeze a score run of each.

    Call it after `tanlu.programme.registry.demonstration.demonstrate`: what is registered is scored.

    Parameters
    ----------
    seed : int
        The same seed gives the same values.
    officer, checker : Principal, optional
        Two officers of the province; two are let in if they are not given.
    bureaus : mapping of str to Principal, optional
        Who files for which prefecture; the officer files for the others.
    years : int
        How many years; the last one is the last complete year.
    prefectures : sequence of str
        Those that take part, at least two; all by default.
    """
    if officer is None or checker is None:
        staff = demonstration_staff(records)
        officer, checker = officer or staff.officer, checker or staff.checker
    province = records.settings.province
    cities = prefectures or prefectures_of(province)
    last = local_day(records.database.clock()).year - 1
    proof = records.evidence.put([PROOF]), "demonstration.csv"
    filed = paid = 0
    with records.database.batch() as batch:
        stage = _Stage(records, batch, random.Random(seed), officer, checker, bureaus or {}, proof)
        for year in range(last - years + 1, last + 1):
            scheme = scheme_for(province, year)
            # in the last year one prefecture has not filed, and one had a filing returned
            silent, returned = (cities[-1], cities[-2]) if year == last else ("", "")
            paid += _invest(stage, scheme, cities, year)
            filed += _file(stage, scheme, cities, year, silent, returned)
        filed += _state_targets(stage, last - 1)
    runs: list[ScoreRun] = [freeze(records, officer, year) for year in range(last - min(years, 2) + 1, last + 1)]
    publish(records, checker, runs[0].id)
    return AssessmentDemonstration(filed, paid, cities[-1], tuple(run.id for run in runs))


def _required(indicator: SchemeIndicator, city: str, year: int) -> Decimal:
    path = indicator.scored().city_paths.get(city, indicator.path)
    found = path.required(year)
    return Decimal(found.numerator) / Decimal(found.denominator)


def _reached(stage: _Stage, indicator: SchemeIndicator, city: str, year: int) -> Decimal:
    """Return an invented value: the way required, times a factor near 1."""
    path = indicator.scored().city_paths.get(city, indicator.path)
    factor = Decimal(str(round(max(0.2, stage.chosen.gauss(MEAN, SPREAD)), 3)))
    value = path.baseline + (_required(indicator, city, year) - path.baseline) * factor
    return round(value, 0) if indicator.unit == "count" else round(value, 2)


def _file(stage: _Stage, scheme: AssessmentScheme, cities: Sequence[str], year: int, silent: str, returned: str) -> int:
    """File every indicator for every prefecture; what the registries do not hold is filed as none."""
    known = {
        (f.city, f.indicator) for f in scored_filings(stage.batch.session, scheme, year, stage.records.database.clock())
    }
    count = 0
    for city in cities:
        for indicator in scheme.indicators:
            counted = indicator.value != "filed"
            if city == silent or (counted and (city, indicator.id) in known):
                continue
            value = Decimal(0) if counted else _reached(stage, indicator, city, year)
            filed = Value(city, indicator.id, year, value, "演示", demonstration=True)
            if city == returned and indicator.id == scheme.indicators[1].id:
                _file_one(stage, Value(city, indicator.id, year, value * 2, "演示", demonstration=True), "return")
                count += 1
            _file_one(stage, filed, "verify")
            count += 1
    return count


def _state_targets(stage: _Stage, last: int) -> int:
    """File and verify an invented number of the statistics office for each measured target, along its path; return how many."""
    root, count = province_of(stage.records.settings.province), 0
    for target in measured_targets(load_plan(province_folder(stage.records.settings.province))):
        base, years = target.baseline_year, years_of(target, last)
        if base is None or not years:
            continue
        path = required_change(float(target.value or 0), base, target.deadline, years[-1])
        value = round(Decimal(str(path * stage.chosen.gauss(MEAN, SPREAD / 3))), 1)
        _file_one(stage, Value(root, target.id, years[-1], value, "演示", demonstration=True), "verify")
        count += 1
    return count


def _file_one(stage: _Stage, value: Value, transition: str) -> None:
    who, subject = stage.files(value.region), f"assessment:{value.region}:{value.indicator}:{value.year}"
    with stage.batch.change(who.person_id, "filing.file", subject) as change:
        filing = add_draft(stage.records, who, change, value, [stage.proof])
        submit_draft(stage.records, who, change, filing)
    reason = "演示：与统计部门数据不一致" if transition == "return" else ""
    checker = stage.checker.person_id
    with stage.batch.change(checker, f"filing.{transition}", f"filing:{filing.id}", reason=reason) as change:
        check_one(stage.records, stage.checker, change, filing.id, transition, reason)


def _invest(stage: _Stage, scheme: AssessmentScheme, cities: Sequence[str], year: int) -> int:
    """File and verify a large and a small payment in every prefecture; the small one of the first waits for its check."""
    indicator = next((i for i in scheme.indicators if i.value == "investment"), None)
    if indicator is None:
        return 0
    technologies = sorted(load_plan(province_folder(stage.records.settings.province)).technologies_by_id)
    account = scheme.accounts[indicator.account]
    kinds, payers = sorted(account.kinds), sorted(account.payers)
    for number, city in enumerate(cities):
        total = _reached(stage, indicator, city, year) * 10_000
        for part, share in enumerate((Decimal("0.7"), Decimal("0.3"))):
            code = f"91000000{number * 10 + part:09d}"
            payment = Payment(
                region=city,
                contract=f"演示-{year}-{number:02d}-{part}",
                year=year,
                payer=code + check_character(code),
                payer_kind=PayerKind(stage.chosen.choice(payers)),
                kind=SpendingKind(stage.chosen.choice(kinds)),
                account=account.id,
                amount=round(total * share, 2),
                technology=stage.chosen.choice(technologies),
                note="演示",
                demonstration=True,
            )
            _pay(stage, payment, check=number > 0 or part == 0)
    return 2 * len(cities)


def _pay(stage: _Stage, payment: Payment, *, check: bool) -> None:
    who = stage.files(payment.region)
    with stage.batch.change(who.person_id, "investment.file", f"investment_claim:{payment.claim}") as change:
        entry = add_payment(stage.records, who, change, payment, [stage.proof])
    if check:
        subject = f"investment:{entry.id}"
        with stage.batch.change(stage.checker.person_id, "investment.verify", subject) as change:
            check_entry(stage.records, stage.checker, change, entry.id, "verify")
