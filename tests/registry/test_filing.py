"""The assessment kept: filings by four eyes, money that counts once, scores that come out the same, and what nobody filed."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from tests.registry.conftest import AWAY, HOME, Office

from tanlu.assessment.filing import scoring
from tanlu.assessment.filing.filings import (
    Value,
    check_filing,
    draft,
    file_value,
    known_filings,
    revise,
    submit,
    withdraw,
)
from tanlu.assessment.filing.investments import Payment, by_technology, check_payment, file_payment, known_investments
from tanlu.assessment.filing.lists import DeskLine, city_desk
from tanlu.assessment.filing.scheme import AssessmentScheme
from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.assessment.filing.scoring import ScoreTable, compute, freeze, moment_of, publish, reproduces
from tanlu.assessment.filing.tables import ScoreRun
from tanlu.assessment.investment import PayerKind, SpendingKind
from tanlu.assessment.score_tree import Filing
from tanlu.programme.registries import Kind
from tanlu.programme.registry.checking import check
from tanlu.programme.registry.places import prefectures_of
from tanlu.programme.registry.reporting import Recognition, report
from tanlu.records import ConflictError, NotPermittedError, Principal, RefusedError, history
from tanlu.records.verification import verify

D = Decimal
SCHEME = scheme_for("hunan", 2024)
CITIES = prefectures_of("hunan")
SOON = timedelta(days=1)
PAYER = "91430100MA4L00000F"


def known(office: Office, as_of: datetime | None = None) -> dict[tuple[str, str], Filing]:
    with office.records.database.read() as session:
        found = known_filings(session, 2024, as_of or datetime.now(UTC) + SOON)
    return {(f.city, f.indicator): f for f in found}


def table(office: Office, as_of: datetime | None = None, scheme: AssessmentScheme = SCHEME) -> ScoreTable:
    with office.records.database.read() as session:
        return compute(session, scheme, CITIES, 2024, as_of or datetime.now(UTC) + SOON)


def value(number: str = "48", **changes: object) -> Value:
    fields: dict[str, object] = {"region": HOME, "indicator": "plan_tasks", "year": 2024, "value": D(number)}
    return Value(**{**fields, **changes})  # type: ignore[arg-type]


def payment(**changes: object) -> Payment:
    fields: dict[str, object] = {
        "region": HOME,
        "contract": "HT-2024-001",
        "year": 2024,
        "payer": PAYER,
        "payer_kind": PayerKind.ENTERPRISE,
        "kind": SpendingKind.RESEARCH,
        "account": "neutrality-investment",
        "amount": D("1234567.89"),
        "technology": "T01-001",
    }
    return Payment(**{**fields, **changes})  # type: ignore[arg-type]


def test_a_filing_is_drafted_filed_with_evidence_and_verified_by_another(office: Office) -> None:
    records = office.records
    filing = draft(records, office.bureau, value("40"))
    assert known(office) == {}, "a draft is not seen"
    with pytest.raises(RefusedError):
        submit(records, office.bureau, filing.id)
    with pytest.raises(ConflictError):
        file_value(records, office.bureau, value("1"), [office.proof()])
    revise(records, office.bureau, filing.id, D("48"))
    withdraw(records, office.bureau, filing.id)
    filing = file_value(records, office.bureau, value("48"), [office.proof()])
    for other in (office.bureau, office.neighbour, office.unit):
        with pytest.raises(NotPermittedError):
            check_filing(records, other, filing.id, "verify")
    with pytest.raises(ConflictError):
        revise(records, office.bureau, filing.id, D("100"))
    before = datetime.now(UTC)
    check_filing(records, office.checker, filing.id, "verify")
    with pytest.raises(ConflictError):
        check_filing(records, office.officer, filing.id, "return", reason="晚了")
    assert [(f.value, f.state.value) for f in known(office).values()] == [(48, "verified")]
    assert [f.state.value for f in known(office, before).values()] == ["filed"]
    with records.database.read() as session:
        assert [e.action for e in history(session, f"filing:{filing.id}")] == ["filing.file", "filing.verify"]


def test_who_files_does_not_verify_even_with_the_right_to(desk: Office) -> None:
    filing = file_value(desk.records, desk.officer, value(), [desk.proof()])
    with pytest.raises(NotPermittedError):
        check_filing(desk.records, desk.officer, filing.id, "verify")
    with pytest.raises(RefusedError):
        check_filing(desk.records, desk.checker, filing.id, "return")
    check_filing(desk.records, desk.checker, filing.id, "return", reason="证明材料不符")
    assert [f.state.value for f in known(desk).values()] == ["rejected"]


def test_a_returned_correction_leaves_the_verified_value(desk: Office) -> None:
    first = file_value(desk.records, desk.bureau, value("40"), [desk.proof()])
    check_filing(desk.records, desk.checker, first.id, "verify")
    second = file_value(desk.records, desk.bureau, value("90"), [desk.proof()])
    pending = datetime.now(UTC)
    assert [(f.value, f.state.value) for f in known(desk).values()] == [(90, "filed")]
    check_filing(desk.records, desk.checker, second.id, "return", reason="不实")
    assert [(f.value, f.state.value) for f in known(desk).values()] == [(40, "verified")]
    assert [(f.value, f.state.value) for f in known(desk, pending).values()] == [(90, "filed")]


def test_everything_wrong_with_a_filing_is_told_at_once(desk: Office) -> None:
    wrong = value("1", region="hunan/atlantis", indicator="happiness")
    with pytest.raises(RefusedError) as refused:
        draft(desk.records, desk.officer, wrong)
    assert {p.field for p in refused.value.problems} == {"region", "indicator"}
    for number, code in (("NaN", "not_finite"), ("1e12", "above_maximum"), ("0.0000001", "too_exact")):
        with pytest.raises(RefusedError) as refused:
            draft(desk.records, desk.officer, value(number))
        assert [p.code for p in refused.value.problems] == [code]
    with pytest.raises(RefusedError) as refused:
        draft(desk.records, desk.officer, value("7", indicator="green_firms"))
    assert [p.code for p in refused.value.problems] == ["filing_counted"]
    with pytest.raises(NotPermittedError):
        draft(desk.records, desk.neighbour, value())


def test_the_same_money_is_claimed_once(office: Office) -> None:
    records = office.records
    first = file_payment(records, office.bureau, payment(), [office.proof()])
    for same in ("ＨＴ-2024-001", " ht-2024-001 "):
        with pytest.raises(ConflictError) as refused:
            file_payment(records, office.neighbour, payment(region=AWAY, contract=same), [office.proof()])
        assert [p.code for p in refused.value.problems] == ["investment_twice"]
    with pytest.raises(NotPermittedError):
        check_payment(records, office.bureau, first.id, "verify")
    check_payment(records, office.checker, first.id, "verify")
    verified = datetime.now(UTC)
    check_payment(records, office.officer, first.id, "revoke", reason="属另一市")
    second = file_payment(records, office.neighbour, payment(region=AWAY), [office.proof()])
    check_payment(records, office.checker, second.id, "verify")
    with records.database.read() as session:
        now = known_investments(session, 2024, datetime.now(UTC) + SOON)
        then = known_investments(session, 2024, verified)
        assert by_technology(session, 2024, verified) == {"T01-001": D("1234567.89")}
    assert [(e.city, e.amount, e.verified) for e in now] == [(AWAY, D("1234567.89"), True)]
    assert [(e.city, e.verified) for e in then] == [(HOME, True)], "what was known then stays"


def test_payments_outside_the_definition_are_refused(desk: Office) -> None:
    wrong = payment(payer="91430100MA4L00000X", account="", amount=D("-1"), contract=" ", year=2024)
    with pytest.raises(RefusedError) as refused:
        file_payment(desk.records, desk.officer, wrong)
    assert {p.field for p in refused.value.problems} == {"payer", "account", "amount", "contract"}
    with pytest.raises(RefusedError):
        file_payment(desk.records, desk.officer, payment(amount=D("0.001")))


def file_everything(office: Office, city: str) -> None:
    """File for a city what is required of 2024, a zero for what the registries count, and have it verified."""
    records = office.records
    for indicator in SCHEME.indicators:
        path = indicator.scored().city_paths.get(city, indicator.path)
        required = path.required(2024)
        number = round(D(required.numerator) / D(required.denominator), 6)
        if indicator.value == "investment":
            paid = payment(region=city, contract=city, amount=round(number * 10_000, 2))
            entry = file_payment(records, office.officer, paid, [office.proof()])
            check_payment(records, office.checker, entry.id, "verify")
            continue
        filed = Value(city, indicator.id, 2024, D(0) if indicator.value == "registry" else number)
        filing = file_value(records, office.officer, filed, [office.proof()])
        check_filing(records, office.checker, filing.id, "verify")


def test_what_is_required_scores_a_hundred_and_what_was_not_filed_has_no_rank(desk: Office) -> None:
    """All filed indicators at their requirement and registries at a filed zero: 100·(100 − 5 − 5 − 8)/100 = 82 of 100."""
    file_everything(desk, HOME)
    home, *others = table(desk).scores
    assert (home.city, home.rank, home.missing) == (HOME, 1, ())
    assert round(float(home.score or 0), 2) == 82
    assert home.grade == "good"
    assert {s.rank for s in others} == {None} and all(s.score is None and len(s.missing) == 13 for s in others)
    entry = report(
        desk.records, desk.officer, Recognition(Kind.GREEN_FIRM, desk.firm, HOME, date(2024, 3, 1)), [desk.proof()]
    )
    blocked = next(s for s in table(desk).scores if s.city == HOME)
    assert (blocked.rank, blocked.missing) == (None, ("green_firms",)), "an unverified entry is not counted as none"
    check(desk.records, desk.checker, entry.id, "verify")
    scored = next(s for s in table(desk).scores if s.city == HOME)
    # one firm of 1000·0.28926711·2/8 required
    assert round(float((scored.score or 0) - (home.score or 0)), 4) == round(8 / (1000 * 0.28926711 / 4), 4)


def test_a_frozen_run_comes_out_the_same_and_is_published_by_another(office: Office) -> None:
    records = office.records
    file_everything(office, HOME)
    run = freeze(records, office.officer, 2024)
    assert json.loads(run.result)["scores"]["cities"][0]["city"] == HOME
    with pytest.raises(NotPermittedError):
        publish(records, office.officer, run.id)
    with pytest.raises(NotPermittedError):
        freeze(records, office.bureau, 2024)
    later = file_value(records, office.officer, value("0"), [office.proof()])
    check_filing(records, office.checker, later.id, "verify")
    with records.database.read() as session:
        kept = scoring.find_run(session, run.sha256)
        assert scoring.recompute(session, kept) == kept.result.encode() and reproduces(session, kept)
        physical = scoring.Physical("20260101T000000Z-x", "0" * 64, ({"target": "TG02", "status": "at_risk"},))
    other = freeze(records, office.officer, 2024, physical=physical)
    assert other.sha256 != run.sha256
    assert publish(records, office.checker, run.id).state == "published"
    with pytest.raises(ConflictError):
        publish(records, office.checker, run.id)
    records.log.publish()
    assert verify(records.log.folder, records.log.key.verifier, records.database, records.evidence).sound


def test_a_day_that_is_over_freezes_to_the_same_run_again(desk: Office) -> None:
    yesterday = datetime.now(UTC).date() - timedelta(days=2)
    first = freeze(desk.records, desk.officer, 2024, yesterday)
    file_value(desk.records, desk.officer, value(), [desk.proof()])
    assert freeze(desk.records, desk.checker, 2024, yesterday).id == first.id
    with pytest.raises(RefusedError):
        moment_of(yesterday + timedelta(days=9), datetime.now(UTC))


def test_a_run_that_does_not_come_out_the_same_is_not_published(desk: Office) -> None:
    run = freeze(desk.records, desk.officer, 2024)
    with desk.records.database.change("system", "test.tamper", "x") as change:
        kept = change.session.get_one(ScoreRun, run.id)
        kept.scheme = {**kept.scheme, "version": "other"}
    with pytest.raises(ConflictError) as refused:
        publish(desk.records, desk.checker, run.id)
    assert [p.code for p in refused.value.problems] == ["score_differs"]


def test_what_if_writes_nothing(desk: Office) -> None:
    file_everything(desk, HOME)
    size = desk.records.database.size()
    with desk.records.database.read() as session:
        moment = datetime.now(UTC) + SOON
        supposed = {(HOME, "plan_tasks"): D(0)}
        lower = compute(session, SCHEME, CITIES, 2024, moment, supposed=supposed)
        with pytest.raises(RefusedError):
            compute(session, SCHEME, CITIES, 2024, moment, supposed={("x", "y"): D(0)})
    assert lower.supposed
    # weight 8 of 100, progress 1 to 0
    assert round(float((table(desk).scores[0].score or 0) - (lower.scores[0].score or 0)), 6) == 8
    assert desk.records.database.size() == size


def test_the_desk_of_a_prefecture_tells_what_is_required_and_what_stands_there(desk: Office) -> None:
    """The tasks of 2024 are 100·2/8 = 25 % of the plan; a draft shows on the desk and nowhere else."""

    def line(who: Principal) -> DeskLine:
        with desk.records.database.read() as session:
            moment = datetime.now(UTC) + SOON
            lines = city_desk(session, desk.records.rights, who, SCHEME, HOME, 2024, moment)
        assert [x.indicator for x in lines] == [i.id for i in SCHEME.indicators] and lines[0].key
        return lines[1]

    assert (line(desk.bureau).required, line(desk.bureau).state) == ("25.0000", "not_filed")
    filing = draft(desk.records, desk.bureau, value("20"), [desk.proof()])
    assert (line(desk.officer).state, line(desk.officer).value, line(desk.officer).filing_id) == (
        "draft",
        "20.000000",
        filing.id,
    )
    submit(desk.records, desk.bureau, filing.id)
    check_filing(desk.records, desk.checker, filing.id, "return", reason="不符")
    assert line(desk.auditor).state == "returned"
    with pytest.raises(NotPermittedError):
        line(desk.neighbour)
