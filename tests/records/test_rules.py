"""Rule packs: three results, exact limits, versions that count from approval, and all faults of a pack at once."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.core.errors import DataError
from tanlu.records.database import Database
from tanlu.records.predicates import TESTS, evaluate
from tanlu.records.refusals import ConflictError, NotPermittedError, RefusedError
from tanlu.records.roles import Grant, Principal, Target, load_rights
from tanlu.records.rules import (
    RulePackVersion,
    draft_pack,
    judge,
    pack_from,
    pack_on,
    read_packs,
    verdict,
    versions_of,
)
from tanlu.records.workflow import Workflow, advance, load_workflow

PACKS = read_packs()
HIGH_TECH = PACKS["high-tech-enterprise"][0]
FIRM = {
    "months_since_registration": 12,
    "owns_core_ip": True,
    "in_supported_field": True,
    "technical_staff": 10,
    "staff": 100,
    "rd_three_years": Decimal("7500000"),
    "sales_three_years": Decimal("150000000"),
    "sales_last_year": Decimal("50000000"),
    "rd_home_three_years": Decimal("4500000"),
    "high_tech_income": 60,
    "income": 100,
    "innovation_score": Decimal("70.5"),
    "grave_incident": False,
}


def results(**other: object) -> dict[str, str]:
    return {o.predicate.code: o.result for o in judge(HIGH_TECH, FIRM | other)}


def test_a_firm_at_every_limit_passes() -> None:
    """国科发火〔2016〕32号 article 11: 12 months, 10 %, 5 % at sales of 50 million (included), 60 %, 60 %, above 70."""
    outcomes = judge(HIGH_TECH, FIRM)
    assert {o.result for o in outcomes} == {"pass"} and verdict(outcomes) == "pass"
    rd = next(o for o in outcomes if o.predicate.code == "rd").as_record("en")
    assert rd["seen"] == "0.050000 (sales_last_year 50000000, ≥ 0.05)" and rd["status"] == "unverified"
    assert rd["version"] == 0 and rd["pack"] == "high-tech-enterprise"


@pytest.mark.parametrize(
    ("code", "facts", "result"),
    [
        ("innovation", {"innovation_score": 70}, "fail"),
        ("age", {"months_since_registration": 11}, "fail"),
        ("rd", {"rd_three_years": Decimal("7499999")}, "fail"),
        ("rd", {"rd_three_years": Decimal("6000000"), "sales_last_year": 50_000_001}, "pass"),
        ("rd", {"rd_three_years": Decimal("4500000"), "sales_last_year": 200_000_000}, "fail"),
        ("rd", {"rd_three_years": Decimal("4500000"), "sales_last_year": 200_000_001}, "pass"),
        ("rd", {"sales_three_years": 0}, "needs_person"),
        ("conduct", {"grave_incident": True}, "fail"),
        ("conduct", {"grave_incident": None}, "needs_person"),
        ("conduct", {"grave_incident": "no"}, "needs_person"),
        ("staff", {"staff": "many"}, "needs_person"),
        ("income", {"income": float("nan")}, "needs_person"),
    ],
)
def test_each_condition_by_its_clause(code: str, facts: dict[str, object], result: str) -> None:
    assert results(**facts)[code] == result


def test_a_missing_fact_is_for_a_person_and_never_a_pass() -> None:
    outcomes = judge(HIGH_TECH, {})
    assert {o.result for o in outcomes} == {"needs_person"} and all(o.look_at for o in outcomes)
    assert verdict(outcomes) == "needs_person" and verdict([]) == "pass"
    assert verdict([*outcomes, *judge(HIGH_TECH, FIRM | {"innovation_score": 1})]) == "fail"


@given(st.decimals(-1000, 1000, places=3), st.decimals(-1000, 1000, places=3))
def test_comparisons_are_exact_and_complementary(seen: Decimal, limit: Decimal) -> None:
    def holds(test: str) -> bool:
        return evaluate(test, {"field": "x", "value": str(limit)}, {"x": seen})[0] == "pass"

    assert holds("at_least") == (seen >= limit) != holds("below")
    assert holds("at_most") == (seen <= limit) != holds("above")


@pytest.mark.parametrize(
    ("test", "parameters", "value", "result"),
    [
        ("one_of", {"values": ["a", 1]}, 1, "pass"),
        ("one_of", {"values": ["a"]}, "b", "fail"),
        ("none_of", {"values": ["a"]}, "b", "pass"),
        ("none_of", {"values": ["a"]}, "", "needs_person"),
        ("not_before", {"value": "2026-01-01"}, date(2026, 1, 1), "pass"),
        ("not_after", {"value": "2026-01-01"}, "2026-01-02", "fail"),
        ("not_after", {"value": "2026-01-01"}, "soon", "needs_person"),
        ("at_least", {"value": 1}, True, "needs_person"),
        ("person", {}, "anything", "needs_person"),
    ],
)
def test_the_other_tests(test: str, parameters: dict[str, object], value: object, result: str) -> None:
    assert evaluate(test, {"field": "x", **parameters}, {"x": value})[0] == result


def test_all_faults_of_a_pack_are_told() -> None:
    content = HIGH_TECH.content()
    content |= {"status": "sure", "valid_from": "spring", "extra": 1, "en": ""}
    content["predicates"][0] |= {"test": "roughly"}
    content["predicates"][1] |= {"en": "", "surplus": 1}
    content["predicates"][2] |= {"code": "ip"}
    content["predicates"][3].pop("denominator")
    content["predicates"][7] |= {"value": "many"}
    content["predicates"].append("text")
    with pytest.raises(DataError) as error:
        pack_from(content, "x.yaml")
    found = {(p.code, p.field) for p in error.value.problems}
    assert found == {
        ("unknown_key", "extra"),
        ("missing_key", "en"),
        ("unknown_choice", "status"),
        ("not_a_date", "valid_from"),
        ("unknown_choice", "predicates[1].test"),
        ("missing_key", "predicates[2].en"),
        ("unknown_key", "predicates[2].surplus"),
        ("missing_key", "predicates[4].denominator"),
        ("rule_limit", "predicates[8]"),
        ("not_key_values", "predicates[10]"),
        ("name_twice", "code"),
    }
    for wrong in ("text", {}):
        with pytest.raises(DataError):
            pack_from(wrong, "x.yaml")


def test_faults_of_all_files_are_told(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: a\n", encoding="utf-8")
    (tmp_path / "b.yaml").write_text("[1, 2\n", encoding="utf-8")
    with pytest.raises(DataError) as error:
        read_packs(tmp_path)
    assert {p.file for p in error.value.problems} == {"a.yaml", "b.yaml"}


def test_a_folder_comes_before_what_ships(tmp_path: Path, sqlite: Database) -> None:
    shipped = Path(__file__).parents[2] / "src/tanlu/records/data/rules/high-tech-enterprise.yaml"
    text = shipped.read_text(encoding="utf-8").replace("value: 70,", "value: 75,")
    (tmp_path / "ours.yaml").write_text(text, encoding="utf-8")
    with sqlite.read() as session:
        pack = pack_on(session, read_packs(tmp_path), "high-tech-enterprise", date(2026, 1, 1))
    assert pack.predicates[7].parameters["value"] == 75


def test_a_pack_reads_back_as_it_was_written() -> None:
    assert pack_from(HIGH_TECH.content(), "x") == HIGH_TECH
    assert set(TESTS) >= {p.test for p in HIGH_TECH.predicates}


@pytest.fixture(scope="module")
def workflow() -> Workflow:
    """The workflow of rule packs."""
    return load_workflow(Path(__file__).parents[2] / "src/tanlu/records/data/workflows/rule-pack.yaml", load_rights())


def officer(name: str) -> Principal:
    return Principal(name, (Grant("province_officer", region="a"),))


def step(database: Database, workflow: Workflow, version: str, transition: str, who: str, reason: str = "") -> None:
    with database.change(who, f"rules.{transition}", f"rule_pack_version:{version}", reason=reason) as change:
        record = change.session.get_one(RulePackVersion, version)
        advance(
            change,
            workflow,
            record,
            f"rule_pack_version:{version}",
            transition,
            principal=officer(who),
            rights=load_rights(),
            target=Target(region="a"),
            reason=reason,
        )
        if transition == "approve":
            record.approved_at = change.at


def test_a_new_version_counts_from_its_approval_by_a_second_person(database: Database, workflow: Workflow) -> None:
    content = HIGH_TECH.content()
    content["predicates"][7] |= {"value": 80}
    with database.change("li", "rules.draft", "rule_pack:high-tech-enterprise") as change:
        version = draft_pack(change, content).id
    before = database.clock()

    def limit(known: object = None) -> object:
        with database.read() as session:
            pack = pack_on(session, PACKS, "high-tech-enterprise", date(2026, 5, 1), known)  # type: ignore[arg-type]
        return pack.version, pack.predicates[7].parameters["value"]

    with pytest.raises(ConflictError):
        step(database, workflow, version, "approve", "wang")
    step(database, workflow, version, "submit", "li")
    assert limit() == (0, 70)
    with pytest.raises(NotPermittedError) as error:
        step(database, workflow, version, "approve", "li")
    assert error.value.problems[0].code == "own_change"
    step(database, workflow, version, "approve", "wang")
    assert limit() == (1, 80) and limit(before) == (0, 70)
    assert limit(database.clock() + timedelta(days=1)) == (1, 80)
    with pytest.raises(RefusedError) as refused:
        step(database, workflow, version, "withdraw", "wang")
    assert refused.value.problems[0].code == "reason_needed"
    step(database, workflow, version, "withdraw", "wang", "文件废止")
    assert limit() == (0, 70)
    with database.read() as session:
        assert [v.version for v in versions_of(session, "high-tech-enterprise")] == [1]
        with pytest.raises(RefusedError):
            pack_on(session, PACKS, "high-tech-enterprise", date(2015, 1, 1))
