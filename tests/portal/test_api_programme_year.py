"""A call from its draft to an accepted project through the API alone, by people with tokens; every entry has a receipt that holds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import Table
from tests.portal.api_office import ApiOffice, form_of, home_person, open_api_office, published_call

from tanlu.records import Database
from tanlu.records.log import verify_receipt
from tanlu.records.seals import key_text, sealed_tables
from tanlu.records.verification import verify
from tanlu.workspace import rooms_with_tables

EXPERTS = ("甲", "乙", "丙", "丁", "戊")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiOffice]:
    made = open_api_office(tmp_path_factory.mktemp("year") / "work")
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def call(desk: ApiOffice) -> str:
    return published_call(desk)


def test_a_form_is_filled_in_step_by_step_and_handed_in_once(desk: ApiOffice, call: str) -> None:
    steps, unit = form_of(desk, home_person(desk, "负责人")), desk.office.units["unit"]
    made = desk.post("unit", "/programme/drafts", {"call_id": call, "organisation_id": unit})
    path, version = f"/programme/drafts/{made['id']}", made["version"]
    assert made["problems"] and not made["rules"], "an empty form is told what it lacks"
    for name, content in steps.items():
        made = desk.post("unit", f"{path}/steps/{name}", {"content": content, "version": version}, method="PUT")
        version = made["version"]
    old = {"content": steps["basics"], "version": version - 1}
    assert desk.ask("unit", "PUT", f"{path}/steps/basics", old).status_code == 409
    assert desk.ask("unit", "PUT", f"{path}/steps/attachments", old).status_code == 422
    made = desk.post("unit", f"{path}/files", {"evidence": [desk.upload("unit")], "version": version})
    assert made["problems"] == [] and {r["result"] for r in made["rules"]} == {"pass"}
    assert made == desk.get("unit", path) and [d["id"] for d in desk.get("unit", "/programme/drafts")["rows"]] == [
        made["id"]
    ]
    assert desk.ask("officer", "GET", path).status_code == 403
    first, again = (desk.post("unit", f"{path}/submission") for _ in range(2))
    assert first["id"] == again["id"] and desk.get("unit", "/programme/drafts")["rows"] == []
    handed_in = desk.get("unit", path)["application_id"]
    late = {"content": steps["basics"], "version": handed_in and version + 1}
    assert handed_in == first["id"] and desk.ask("unit", "PUT", f"{path}/steps/basics", late).status_code == 422
    desk.post("unit", f"/programme/applications/{handed_in}/withdrawal", {"reason": "改期"})


@pytest.fixture(scope="module")
def application(desk: ApiOffice, call: str) -> str:
    """An application that was handed in twice, recommended and checked."""
    sent = {
        "steps": form_of(desk, home_person(desk, "负责人")), "key": "first-application", "evidence": [desk.upload("unit")],
    }  # fmt: skip
    checked = desk.post("unit", f"/programme/calls/{call}/application-check", {"steps": sent["steps"]})
    assert checked["problems"] == []
    assert {r["result"] for r in checked["rules"]} == {"pass"}
    first = desk.post("unit", f"/programme/calls/{call}/applications", sent, key="hand-in-0001")
    again = desk.post("unit", f"/programme/calls/{call}/applications", sent, key="hand-in-0001")
    assert again == first, "sent twice, handed in once"
    found = str(first["id"])
    desk.post("bureau", f"/programme/applications/{found}/recommendation", {})
    assert desk.post("officer", f"/programme/applications/{found}/formal-check", {})["state"] == "formal_ok"
    return found


@pytest.fixture(scope="module")
def scored(desk: ApiOffice, call: str, application: str) -> str:
    """The call after its review: a draw that was committed to, three reviews, scores."""
    desk.now = desk.now.replace(month=4, day=23)
    desk.post("officer", f"/programme/calls/{call}/steps", {"transition": "close"})
    for zh in EXPERTS:
        person = desk.let_in(zh, f"专家{zh}", "hunan/yueyang", role="expert")
        desk.post("officer", f"/programme/experts/{person}", {"region": "hunan"}, method="PUT")
    pool = desk.get("officer", f"/programme/calls/{call}/pool")
    assert len(pool["experts"]) == len(EXPERTS)
    pinned = {"expert_id": desk.office.people["甲"], "reason": "合作者"}
    desk.post("officer", f"/programme/applications/{application}/conflicts", pinned)
    draw = desk.post("officer", f"/programme/calls/{call}/draws", {})
    assert draw["seed"] is None
    drawn = desk.post("officer", f"/programme/draws/{draw['id']}/drawing")
    panel = drawn["result"]["panels"][application]
    assert len(set(panel)) == 3
    assert desk.office.people["甲"] not in panel, "a pinned conflict keeps the pair apart"
    for name in EXPERTS[1:]:
        for review in desk.get(name, "/programme/reviews")["rows"]:
            rubric = desk.get(name, f"/programme/reviews/{review['id']}")["rubric"]
            marks = {item["id"]: 80 for item in rubric}
            done = desk.post(name, f"/programme/reviews/{review['id']}", {"marks": marks, "opinion": "可行"})
            assert done["total"] == "80.0000"
    (score,) = desk.post("officer", f"/programme/calls/{call}/review-end")
    assert (score["application_id"], score["score"], score["rank"]) == (application, "80.0000", 1)
    return call


@pytest.fixture(scope="module")
def project(desk: ApiOffice, scored: str, application: str) -> str:
    """The project that follows from batch, notice and objection, with its contract running."""
    (proposal,) = desk.get("officer", f"/programme/calls/{scored}/proposal")
    assert (proposal["verdict"], proposal["amount"]) == ("fund", "360000.00")
    batch = desk.post("officer", f"/programme/calls/{scored}/batches", {})["id"]
    desk.post("officer", f"/programme/batches/{batch}/steps", {"transition": "lock"})
    own = desk.ask("officer", "POST", f"/programme/batches/{batch}/steps", {"transition": "approve"})
    assert own.status_code == 403, "nobody approves what they locked"
    assert desk.post("second", f"/programme/batches/{batch}/steps", {"transition": "approve"})["state"] == "approved"
    notice = desk.post("officer", f"/programme/batches/{batch}/notice")["id"]
    assert desk.get("", f"/programme/notices/{notice}")["proposed"][0]["application_id"] == application
    said = {"application_id": application, "text": "数据有疑问"}
    assert desk.ask("", "POST", f"/programme/notices/{notice}/objections", said).status_code == 401
    objection = desk.post("broker", f"/programme/notices/{notice}/objections", said)["id"]
    desk.wait(days=14)
    early = desk.ask("officer", "POST", f"/programme/notices/{notice}/end")
    assert early.status_code == 422, "an objection is open"
    desk.post("second", f"/programme/objections/{objection}/answer", {"answer": "已核对", "upheld": False})
    (made,) = desk.post("officer", f"/programme/notices/{notice}/end")
    contract = {
        "start": "2025-05-20", "end": "2027-05-20",
        "milestones": [
            {"code": "m1", "zh": "启动", "start": "2025-05-20", "due": "2025-06-20", "pays": "40"},
            {"code": "m2", "zh": "验收", "start": "2026-05-20", "due": "2027-05-20", "pays": "60", "after": "m1"},
        ],
    }  # fmt: skip
    drafted = desk.post("officer", f"/programme/projects/{made['id']}/contract", contract, method="PUT")
    assert drafted["targets"][0]["target"] == "1200.000000", "what the applicant promised"
    desk.post("officer", f"/programme/projects/{made['id']}/shares", {"funder": "province"})
    desk.post("unit", f"/programme/projects/{made['id']}/signature")
    desk.post("second", f"/programme/projects/{made['id']}/start")
    return str(made["id"])


def test_a_project_is_found_by_those_who_may_see_it(desk: ApiOffice, project: str) -> None:
    row = desk.get("unit", f"/programme/projects/{project}")
    for words in (row["number"], row["zh"][:4]):
        (found, *_) = [f for f in desk.get("officer", f"/search?q={words}") if f["kind"] == "project"]
        assert (found["id"], found["zh"], found["page"]) == (
            row["number"],
            row["zh"],
            f"/programme/project?id={project}",
        )
    assert row["number"] in desk.client.get(f"/search?q={row['number']}").text, "a project that runs is public"


def test_money_follows_milestones_and_a_payment_that_is_sent_twice_is_made_once(desk: ApiOffice, project: str) -> None:
    first, _ = desk.get("unit", f"/programme/projects/{project}/milestones")
    path = f"/programme/milestones/{first['id']}"
    assert desk.ask("unit", "POST", f"{path}/submission", {}).status_code == 422, "without evidence"
    desk.post("unit", f"{path}/submission", {"evidence": [desk.upload("unit")]})
    version = desk.ask("officer", "GET", path).headers["etag"]

    def decide(who: str) -> int:
        return desk.ask(who, "POST", f"{path}/decision", {"accept": True}, version=version).status_code

    desk.token("officer"), desk.token("second")
    with ThreadPoolExecutor(2) as pool:
        both = sorted(pool.map(decide, ("officer", "second")))
    assert both == [200, 409], "two officers at once: one decides, one is told that the record has moved"
    by = "second" if _actor(desk, f"milestone:{first['id']}") == desk.office.people["officer"] else "officer"
    with ThreadPoolExecutor(4) as pool:
        paid = list(
            pool.map(
                lambda _: desk.ask(by, "POST", f"/programme/projects/{project}/payment", {}, key="pay-00000001"),
                range(4),
            )
        )
    assert {p.status_code for p in paid} <= {200, 409}
    assert {p.json()["amount"] for p in paid if p.status_code == 200} == {"144000.00"}, "40 % of 360,000"
    spent = {"amount": "100000", "reference": "凭证 7"}
    desk.post("unit", f"/programme/projects/{project}/spending", spent, key="spend-000001")
    desk.post("unit", f"/programme/projects/{project}/spending", spent, key="spend-000001")
    moved = [
        (p["source"], p["target"], p["amount"])
        for p in desk.get("unit", f"/programme/projects/{project}/postings")["rows"]
    ]
    assert moved == [
        ("funder:province", "committed", "360000.00"), ("committed", "held", "144000.00"), ("held", "spent", "100000.00"),
    ]  # fmt: skip


def _actor(desk: ApiOffice, subject: str) -> str:
    return str(desk.get("auditor", "/records/log", subject=subject)["rows"][0]["actor"])


def test_a_change_is_decided_by_another_and_adds_a_version(desk: ApiOffice, project: str) -> None:
    asked = {"kind": "extension", "content": {"end": "2027-11-20"}, "reason": "设备晚到"}
    change = desk.post("unit", f"/programme/projects/{project}/changes", asked)["id"]
    assert desk.ask("unit", "POST", f"/programme/changes/{change}/decision", {"accept": True}).status_code == 403
    assert desk.post("officer", f"/programme/changes/{change}/decision", {"accept": True})["state"] == "approved"
    versions = desk.get("unit", f"/programme/projects/{project}/contracts")
    assert [(v["version"], v["end"]) for v in versions] == [(2, "2027-11-20"), (1, "2027-05-20")]


def test_what_a_meeting_decides_is_led_to_closure(desk: ApiOffice, project: str) -> None:
    task: dict[str, Any] = {
        "owner_id": desk.office.people["unit"],
        "zh": "补交材料",
        "due": "2025-06-30",
        "project_id": project,
    }
    meeting = {"region": "hunan", "held_on": "2025-05-26", "zh": "调度会", "tasks": [task]}
    made = desk.post("officer", "/programme/meetings", meeting)["tasks"][0]["id"]
    assert [t["id"] for t in desk.get("unit", "/programme/tasks")["rows"]] == [made]
    assert desk.get("other_unit", "/programme/tasks")["total"] == 0
    assert desk.ask("other_unit", "GET", f"/programme/tasks/{made}").status_code == 403
    desk.post("unit", f"/programme/tasks/{made}/report", {"report": "已交"})
    assert desk.post("officer", f"/programme/tasks/{made}/closing", {})["state"] == "closed"


def test_the_project_is_accepted_on_verified_values_and_hands_its_results_on(desk: ApiOffice, project: str) -> None:
    path = f"/programme/projects/{project}"
    (report,) = desk.post("unit", f"{path}/reports", {"values": {"co2": "1250"}})
    assert (
        desk.ask("unit", "POST", f"/programme/reports/{report['id']}/verdict", {"verdict": "verified"}).status_code
        == 403
    )
    desk.post("bureau", f"/programme/reports/{report['id']}/verdict", {"verdict": "verified"})
    desk.post("unit", f"{path}/acceptance", {"evidence": [desk.upload("unit", b"%PDF-1.7 final")]})
    assert desk.post("officer", f"{path}/acceptance/proposal", {"opinion": "达标"})["result"] == "accepted"
    assert desk.ask("officer", "POST", f"{path}/acceptance/approval", {}).status_code == 403
    desk.post("second", f"{path}/acceptance/approval")
    (transfer,) = desk.get("broker", "/programme/transfers")
    assert transfer["technologies"] == [{"technology": "T01-K01", "trl": "7.0"}]
    assert transfer["results"][0]["value"] == "1250.000000"
    assert desk.get("", path)["state"] == "accepted", "what became of it is public, its papers are not"
    for part in ("milestones", "postings", "contracts", "reports", "acceptance"):
        assert desk.ask("", "GET", f"{path}/{part}").status_code == 401
        assert desk.ask("other_unit", "GET", f"{path}/{part}").status_code == 403
        assert desk.ask("other_bureau", "GET", f"{path}/{part}").status_code == 403


def test_papers_are_read_by_those_who_may_read_their_record(desk: ApiOffice, application: str) -> None:
    path = f"/programme/applications/{application}"
    assert desk.get("unit", path)["budget"]["equipment"] == ["100000.00", "0.00"]
    assert desk.get("unit", path)["excluded"] is None
    assert desk.get("officer", path)["excluded"] == []
    (file,) = desk.get("unit", "/records/files", subject=f"application:{application}")
    assert desk.ask("bureau", "GET", f"/records/files/{file['id']}").content.startswith(b"%PDF")
    for who in ("other_unit", "other_bureau", "admin", "broker"):
        assert desk.ask(who, "GET", f"/records/files/{file['id']}").status_code == 403, who
        assert desk.ask(who, "GET", path).status_code == 403, who
    assert desk.get("other_bureau", "/programme/applications")["total"] == 0
    assert desk.ask("other_bureau", "POST", f"{path}/recommendation", {}).status_code == 403


def test_every_entry_has_a_receipt_that_the_offline_verifier_accepts(desk: ApiOffice, project: str) -> None:
    records = desk.records
    assert desk.get("auditor", "/records/verification")["sound"] is True
    for sequence in range(0, records.database.size(), 7):
        answer = desk.ask("auditor", "GET", f"/records/log/{sequence}/receipt")
        found, _ = verify_receipt(answer.text, records.log.key.verifier)
        assert found.index == sequence
    assert verify(records.log.folder, records.log.key.verifier, records.database, records.evidence).sound


def test_rows_that_are_changed_by_hand_are_named_by_the_verifier(desk: ApiOffice, project: str) -> None:
    """One column of one row of every table of the programme that has rows, changed past the program in a copy of the database."""
    records = desk.records
    records.log.publish()
    tampered = records.folder / "tampered.db"
    with sqlite3.connect(records.database.url.database) as original, sqlite3.connect(tampered) as copy:
        original.backup(copy)
        changed = {name for table in sealed_tables() if (name := forge(copy, table))}
        copy.commit()
    opened = Database.open_copy(tampered, rooms=rooms_with_tables())
    report = verify(records.log.folder, records.log.key.verifier, opened)
    opened.close()
    assert len([name for name in changed if name.startswith("programme_")]) >= 15
    assert {(f.kind, f.record) for f in report.faults} == {("row_changed", name) for name in changed}


def forge(copy: sqlite3.Connection, table: Table) -> str:
    """Change a row of a table and return its name; nothing where there is no row or no column worth changing."""
    key = [column.name for column in table.primary_key]
    row = copy.execute(f"SELECT {', '.join(key)} FROM {table.name} LIMIT 1").fetchone()
    column = next((c.name for c in table.columns if c.name in MEANT and c.name not in key), None)
    if row is None or column is None:
        return ""
    where = " AND ".join(f"{name} = ?" for name in key)
    copy.execute(f'UPDATE {table.name} SET "{column}" = {MEANT[column]} WHERE {where}', row)
    return f"{table.name} {key_text(row)}"


MEANT = {
    "amount": "amount + 100", "asked": "asked + 100", "pot": "pot + 100", "value": "value + 1",
    "promised": "promised + 1", "score": "score + 1", "total": "total + 1", "pays": "pays + 1",
    "trl_end": "trl_end + 1", "share": "share + 1", "result": "'failed'", "state": "'forged'", "reason": "'forged'", "number": "'forged'",
    "most_reviews": "most_reviews + 1", "action": "'A99'", "zh": "'forged'",
}  # fmt: skip
"""Columns that somebody would want to change, and how."""
