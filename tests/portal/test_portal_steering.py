"""Pages beside the way of an application: meetings, experts, imports, supposed values, investments, letters, prints."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from tests.portal.office import AWAY, HOME, Office, open_office

from tanlu.records import local_day
from tanlu.records.people import add_contact

HEAD = "市州,指标,年度,数值\n"
PAYMENT = {
    "region": HOME, "contract": "HT-7", "payer": "91430100MA4L00000F", "payer_kind": "enterprise", "kind": "pilot_and_demonstration",
    "account": "neutrality-investment", "amount": "1,200,000.50", "technology": "T01-K01", "note": "",
}  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("steering") / "work")
    yield made
    made.records.close()


def said(text: str) -> str:
    return " ".join(re.findall(r"<li>(.*?)</li>", text))


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([0-9a-f]{{32}})"', text)
    assert found, said(text)
    return found[1]


def today(office: Office) -> date:
    return local_day(office.records.database.clock())


def test_a_meeting_is_recorded_with_its_tasks_and_a_task_is_closed_by_somebody_else(office: Office) -> None:
    path, due = "/programme/dispatch", (today(office) + timedelta(days=5)).isoformat()
    fields = {
        "region": "hunan", "held_on": today(office).isoformat(), "zh": "月度调度", "en": "",
        "task.zh": ["报送进度", "", "二"], "task.en": ["", "", ""], "task.due": [due, "", "2020-01-01"],
        "task.owner": [office.people["bureau"], "", ""], "task.project": ["", "", ""],
    }  # fmt: skip
    refused = office.send("officer", path, "record", **fields)
    assert refused.status_code == 422
    assert "task[3].owner" in said(refused.text)
    assert "报送进度" in refused.text, "what was typed is kept"
    good = {k: v[:1] if isinstance(v, list) else v for k, v in fields.items()}
    assert office.send("officer", path, "record", **good).status_code == 303
    page = office.client("bureau").get(path).text
    task = hidden(page, "task")
    assert office.send("unit", path, "report", task=task, report="x").status_code == 403
    proof = {"files": ("进度.pdf", b"%PDF-1.7 x")}
    assert office.send("bureau", path, "report", files=proof, task=task, report="已报送").status_code == 303
    assert office.send("bureau", path, "close", task=task, done="yes").status_code == 403
    assert office.send("officer", path, "close", task=task, done="no").status_code == 422, "a reason is needed"
    assert office.send("officer", path, "close", task=task, done="yes").status_code == 303
    shown = office.client("officer").get(f"{path}?state=closed").text
    assert "已销号" in shown
    file = re.search(r"/programme/file\?id=[0-9a-f]{32}", shown)
    assert file
    assert office.client("officer").get(file[0]).status_code == 200
    assert office.client("expert").get(file[0]).status_code == 403
    assert "报送进度" in office.client("officer").get(f"{path}?format=csv").text


def test_an_expert_is_enrolled_with_what_the_plan_knows_and_ties_are_noted_by_name(office: Office) -> None:
    path, person = "/programme/experts", office.people["expert"]
    fields = {
        "person": person,
        "region": "hunan",
        "most_reviews": "4",
        "most_rounds_year": "2",
        "knows": "T01-K01 T99-K99",
    }
    refused = office.send("officer", path, "enrol", **fields)
    assert refused.status_code == 422
    assert "T99-K99" in said(refused.text)
    assert office.send("officer", path, "enrol", **{**fields, "knows": "T01-K01"}).status_code == 303
    assert office.send("expert", path, "enrol", **{**fields, "knows": ""}).status_code == 403
    own = {"person": person, "kind": "cowork", "other": "单位unit", "last": "2026-01-31"}
    assert office.send("expert", path, "tie", **own).status_code == 303
    page = office.client("expert").get(path).text
    assert "单位unit" in page
    assert "近三年合作" in page


def test_a_proposal_fills_in_the_technologies_of_a_new_call(office: Office) -> None:
    page = office.client("officer").get("/programme/call/edit?technologies=T01-K01,T99-K99,T02-K02").text
    assert re.search(r'<textarea name="technologies"[^>]*>T01-K01\nT02-K02</textarea>', page)


def test_an_import_tells_every_wrong_row_first_and_then_writes_all(office: Office) -> None:
    path = "/assessment/import"
    wrong = f"{HEAD}{HOME},plan_tasks,2025,abc\n火星,plan_tasks,2025,3\n"
    sent = {"file": ("填报.csv", wrong.encode(), "text/csv")}
    told = office.send("bureau", path, "dry", files=sent).text
    assert all(words in told for words in ("填报.csv:2", "填报.csv:3", "火星", "abc"))
    good = {"file": ("填报.csv", f"{HEAD}{HOME},plan_tasks,2025,40\n".encode(), "text/csv")}
    before = office.records.database.size()
    assert "card-ok" in office.send("bureau", path, "dry", files=good).text
    assert office.records.database.size() == before, "a dry run writes nothing"
    assert "card-ok" in office.send("bureau", path, "import", files=good).text
    other = office.send("other_bureau", path, "import", files=good).text
    assert "card-bad" in other or "notice-bad" in other, "a bureau files for its own prefecture"
    neither = {"file": ("a.csv", "甲,乙\n1,2\n".encode(), "text/csv")}
    assert "card-bad" in office.send("bureau", path, "dry", files=neither).text
    assert office.send("bureau", path, "dry").status_code == 422, "without a file"


def test_an_investment_counts_once_and_is_verified_by_another_person(office: Office) -> None:
    path, proof = "/assessment/investments?year=2025", {"files": ("合同.pdf", b"%PDF-1.7 x")}
    assert office.send("bureau", path, "file", files=proof, **{**PAYMENT, "region": AWAY}).status_code == 403
    assert office.send("bureau", path, "file", **{**PAYMENT, "kind": "anything"}).status_code == 422
    assert office.send("bureau", path, "file", files=proof, **PAYMENT).status_code == 303
    again = {**PAYMENT, "contract": " ht-7 ", "amount": "1"}
    assert office.send("bureau", path, "file", files=proof, **again).status_code == 409, (
        "the same contract, year and payer"
    )
    page = office.client("officer").get(path).text
    assert "1,200,000.50" in page
    entry = hidden(page, "entry")
    assert office.send("bureau", path, "verify", entry=entry).status_code == 403
    assert office.send("officer", path, "verify", entry=entry).status_code == 303
    assert office.send("officer", path, "revoke", entry=entry, reason="重复").status_code == 303
    assert "已撤销" in office.client("officer").get(path).text


def test_supposed_values_give_a_score_and_write_nothing(office: Office) -> None:
    """90 % of the tasks where 100 × 3/8 = 37.5 % are required in 2025 is capped at 1.2: 120 points, of the one indicator that is there."""
    path, before = "/assessment/what-if?year=2025", office.records.database.size()
    assert office.send("officer", path, "suppose", value="").status_code == 422
    answer = office.send("officer", path, "suppose", region=[HOME], indicator=["plan_tasks"], value=["90"])
    assert answer.status_code == 200
    assert "(120.00)" in answer.text
    assert office.records.database.size() == before


def test_an_administrator_sees_what_was_written_to_whom_and_sends_it(office: Office) -> None:
    with office.records.database.change("system", "test.contact", "test") as change:
        add_contact(change, office.people["bureau"], "email", "bureau@example.org")
    office.send(
        "officer", "/programme/dispatch", "record", region="hunan", held_on=today(office).isoformat(), zh="会", en="",
        **{"task.zh": ["补报"], "task.due": [today(office).isoformat()], "task.owner": [office.people["bureau"]]},
    )  # fmt: skip
    assert office.send("auditor", "/admin/mail", "send").status_code == 403
    assert office.send("admin", "/admin/mail", "send").status_code == 303
    page = office.client("admin").get("/admin/mail?state=sent").text
    letter = re.search(r"/admin/mail\?id=[0-9a-f]{32}", page)
    assert letter
    whole = office.client("admin").get("/en" + letter[0]).text
    assert "补报" in whole
    assert "is due on" in whole
    assert "bureau@example.org" not in whole, "addresses stay where they are kept"
    assert list((office.records.folder / "outbox").rglob("*.eml"))


def test_a_table_of_scores_is_printed_with_its_digest(office: Office) -> None:
    page = office.client("officer").get("/assessment/scores?year=2025&format=pdf")
    assert page.headers["content-type"] == "application/pdf"
    assert page.content.startswith(b"%PDF")
