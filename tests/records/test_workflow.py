"""Workflows as data: every fault is found when the file is read, and the engine keeps states, rights, guards and four eyes."""

from __future__ import annotations

import threading
from datetime import date
from pathlib import Path

import pytest
import yaml

from tanlu.core.errors import DataError
from tanlu.records.database import Database
from tanlu.records.refusals import ConflictError, NotPermittedError, RefusedError
from tanlu.records.roles import Grant, Principal, Rights, Target
from tanlu.records.rules import RulePackVersion
from tanlu.records.workflow import Workflow, advance, load_workflow

RIGHTS = Rights({"call.edit": {"province_officer": ("region",)}, "call.approve": {"province_officer": ("region",)}})
CONTENT: dict[str, object] = {
    "id": "call",
    "zh": "征集",
    "en": "call",
    "initial": "draft",
    "states": {
        "draft": {"zh": "草稿", "en": "draft"},
        "open": {"zh": "已发布", "en": "open"},
        "closed": {"zh": "已截止", "en": "closed", "final": True},
    },
    "transitions": [
        {"id": "edit", "from": "draft", "to": "draft", "zh": "修改", "en": "edit", "right": "call.edit"},
        {
            "id": "open",
            "from": ["draft"],
            "to": "open",
            "zh": "发布",
            "en": "open",
            "right": "call.approve",
            "four_eyes": ["edit"],
            "guards": [{"zh": "有经费", "en": "has money", "test": "above", "field": "pot", "value": 0}],
        },
        {
            "id": "close",
            "from": "open",
            "to": "closed",
            "zh": "截止",
            "en": "close",
            "right": "call.edit",
            "reason": True,
        },
    ],
}


def written(folder: Path, **other: object) -> Path:
    path = folder / "call.yaml"
    path.write_text(yaml.safe_dump(CONTENT | other, allow_unicode=True), encoding="utf-8")
    return path


def faults(folder: Path, **other: object) -> set[tuple[str, str, str]]:
    with pytest.raises(DataError) as error:
        load_workflow(written(folder, **other), RIGHTS)
    return {(p.code, p.field, p.value) for p in error.value.problems}


def test_all_faults_of_a_workflow_are_told_at_once(tmp_path: Path) -> None:
    states = {
        "draft": {"zh": "草稿"},
        "lost": {"zh": "孤立", "en": "lost"},
        "stuck": {"zh": "死胡同", "en": "stuck"},
        "closed": {"zh": "已截止", "en": "closed", "final": True},
    }
    transitions = [
        {"id": "a", "from": "draft", "to": "stuck", "zh": "甲", "en": "a", "right": "call.fly", "four_eyes": ["z"]},
        {"id": "a", "from": "closed", "to": "nowhere", "zh": "乙", "right": "call.edit", "colour": "red"},
        {"id": "b", "from": "lost", "to": "closed", "zh": "丙", "en": "c", "right": "call.edit",
         "guards": [{"zh": "丁", "en": "d", "test": "guess"}]},
        {"id": "c", "from": "lost", "to": "closed", "zh": "戊", "en": "e", "guards": [{"zh": "己", "en": "f", "test": "above"}]},
        "text",
    ]  # fmt: skip
    assert faults(tmp_path, initial="start", states=states, transitions=transitions) == {
        ("missing_key", "states.draft.en", ""),
        ("missing_key", "transitions[2].en", ""),
        ("unknown_key", "transitions[2].colour", ""),
        ("unknown_choice", "transitions[3].guards.test", "guess"),
        ("missing_key", "transitions[4].right", ""),
        ("missing_key", "transitions[4].guards.field", ""),
        ("missing_key", "transitions[4].guards.value", ""),
        ("not_key_values", "transitions[5]", "text"),
        ("name_twice", "transitions.id", "a"),
        ("unknown_choice", "initial", "start"),
        ("unknown_choice", "a.to", "nowhere"),
        ("unknown_choice", "a.four_eyes", "z"),
        ("unknown_choice", "a.right", "call.fly"),
        ("state_unreachable", "states", "draft"),
        ("state_unreachable", "states", "lost"),
        ("state_unreachable", "states", "stuck"),
        ("state_unreachable", "states", "closed"),
        ("state_dead_end", "states", "stuck"),
        ("state_final_left", "states", "closed"),
    }


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    assert {code for code, _, _ in faults(tmp_path, states={}, transitions=[])} == {"missing_key"}
    (tmp_path / "call.yaml").write_text("- 1\n", encoding="utf-8")
    with pytest.raises(DataError):
        load_workflow(tmp_path / "call.yaml", RIGHTS)


@pytest.fixture
def workflow(tmp_path: Path) -> Workflow:
    """The workflow of a call."""
    return load_workflow(written(tmp_path), RIGHTS)


def officer(name: str, region: str = "a") -> Principal:
    return Principal(name, (Grant("province_officer", region=region),))


def make(database: Database) -> str:
    """Add a record with a state; any mapped row will do."""
    with database.change("system", "call.add", "call") as change:
        row = RulePackVersion(
            pack="p", version=1, domain="d", status="unverified", valid_from=date(2026, 1, 1), content={},
            state="draft", created_by="li", created_at=change.at,
        )  # fmt: skip
        change.session.add(row)
        change.session.flush()
        return row.id


def go(
    database: Database, workflow: Workflow, row: str, way: str, who: Principal, reason: str = "", **facts: object
) -> str:
    with database.change(who.person_id, f"call.{way}", f"call:{row}", reason=reason) as change:
        record = change.session.get_one(RulePackVersion, row)
        advance(
            change, workflow, record, f"call:{row}", way,
            principal=who, rights=RIGHTS, target=Target(region="a/b"), facts=facts, reason=reason,
        )  # fmt: skip
        return record.state


def test_a_record_goes_its_way(database: Database, workflow: Workflow) -> None:
    row = make(database)
    assert [t.id for t in workflow.available("draft", officer("li"), RIGHTS, Target(region="a"))] == ["edit", "open"]
    assert workflow.available("draft", officer("li", "b"), RIGHTS, Target(region="a")) == []
    assert go(database, workflow, row, "edit", officer("li")) == "draft"
    with pytest.raises(NotPermittedError):
        go(database, workflow, row, "open", officer("wang", "b"), pot=1)
    with pytest.raises(NotPermittedError):
        go(database, workflow, row, "open", officer("li"), pot=1)
    for pot in (0, None):
        with pytest.raises(RefusedError) as error:
            go(database, workflow, row, "open", officer("wang"), pot=pot)
        assert error.value.problems[0].code == "guard_fails"
    assert go(database, workflow, row, "open", officer("wang"), pot=1) == "open"
    with pytest.raises(ConflictError) as moved:
        go(database, workflow, row, "open", officer("zhao"), pot=1)
    assert "open" in moved.value.problems[0].text("en") and "已发布" in moved.value.problems[0].text("zh")
    with pytest.raises(RefusedError):
        go(database, workflow, row, "close", officer("zhao"), " ")
    assert go(database, workflow, row, "close", officer("zhao"), "到期") == "closed"
    with pytest.raises(RefusedError):
        go(database, workflow, row, "fly", officer("zhao"))


def test_who_edited_last_may_not_approve_but_who_edited_before_may(sqlite: Database, workflow: Workflow) -> None:
    row = make(sqlite)
    go(sqlite, workflow, row, "edit", officer("li"))
    go(sqlite, workflow, row, "edit", officer("wang"))
    with pytest.raises(NotPermittedError):
        go(sqlite, workflow, row, "open", officer("wang"), pot=1)
    assert go(sqlite, workflow, row, "open", officer("li"), pot=1) == "open"


def test_of_two_officers_at_once_one_is_told_that_the_other_was_faster(database: Database, workflow: Workflow) -> None:
    row, told = make(database), list[str]()

    def work(name: str) -> None:
        try:
            told.append(go(database, workflow, row, "open", officer(name), pot=1))
        except ConflictError as error:
            told.append(error.problems[0].code)

    threads = [threading.Thread(target=work, args=(name,)) for name in ("li", "wang", "zhao")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == ["open", "state_moved", "state_moved"]
