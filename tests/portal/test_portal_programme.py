"""The programme through its pages: from the call over the application to the formal check, and what is refused on the way."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from tests.portal.office import Office, open_office

from tanlu.programme.cycle import ApplicationDraft
from tanlu.records import affiliate, register_person
from tanlu.records.verification import verify

CALL = {
    "kind": "guideline", "year": "2026", "region": "hunan", "zh": "低碳炼钢", "en": "low-carbon steel", "text_zh": "正文",
    "text_en": "text",    "pot": "5,000,000", "largest_grant": "2000000", "share.province": "100", "share.ministry": "0",
    "share.prefecture": "0",
    "line": "strict", "threshold": "60", "panel_size": "3", "stages": "1", "first_stage_share": "1", "technologies": "T01-K01\nT02-K02",
    "target.code": ["co2", ""], "target.zh": ["年减排量", ""], "target.en": ["yearly abatement", ""], "target.unit": ["t", ""],
    "target.baseline": ["0", ""], "target.target": ["1000", ""], "target.hard": ["yes", "yes"],
}  # fmt: skip
DRAFT = re.compile(r"draft=([0-9a-f]{32})")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("programme") / "work")
    yield made
    made.records.close()


def local(office: Office, **span: int) -> str:
    from zoneinfo import ZoneInfo

    return (
        (office.records.database.clock() + timedelta(**span))
        .astimezone(ZoneInfo("Asia/Shanghai"))
        .strftime("%Y-%m-%dT%H:%M")
    )


def make_call(office: Office, **other: object) -> str:
    """Bring a call to where it takes applications, through the pages, and return its id."""
    fields = {**CALL, "deadline": local(office, days=40), "recommend_until": local(office, days=50), **other}
    made = office.send("officer", "/programme/call/edit", "save", **fields)
    assert made.status_code == 303, made.text[-2000:]
    path = made.headers["location"]
    for who, step in (("officer", "submit"), ("second", "approve"), ("officer", "publish")):
        answer = office.send(who, path, "move", step=step)
        assert answer.status_code == 303, re.findall(r"<li>(.*?)</li>", answer.text)
    return path.rpartition("=")[2]


@pytest.fixture(scope="module")
def call(office: Office) -> str:
    return make_call(office)


@pytest.fixture(scope="module")
def investigator(office: Office) -> str:
    with office.records.database.change("system", "test.person", "test") as change:
        person = register_person(change, zh="负责人", en="leader").id
        affiliate(change, person, office.units["unit"], valid_from=datetime(2020, 1, 1).date())
    return person


def begin(office: Office, call: str, who: str = "unit") -> str:
    answer = office.send(who, f"/programme/apply?call={call}", "begin", call_id=call, organisation_id=office.units[who])
    found = DRAFT.search(answer.headers.get("location", ""))
    assert found, answer.text[-1500:]
    return found[1]


def fill(office: Office, draft: str, investigator: str) -> None:
    """Fill in the form step by step."""
    steps = {
        "basics": {"zh": "氢基竖炉", "en": "hydrogen shaft furnace", "months": "24", "summary": "内容"},
        "team": {"pi_id": investigator},
        "technologies": {"technology": ["T01-K01"], "start.T01-K01": "4", "end.T01-K01": "7"},
        "targets": {"promised.co2": "1200"},
        "budget": {"grant.equipment": "100,000", "grant.business": "200000", "own.business": "50000", "grant.indirect": "60000"},
        "declarations": {"accepts_gate": "yes", "holding_percent": "0"},
    }  # fmt: skip
    for step, fields in steps.items():
        answer = office.send(
            "unit", f"/programme/apply?draft={draft}&step={step}", "save", version=version(office, draft), **fields
        )
        assert answer.status_code == 303, re.findall(r"<li>(.*?)</li>", answer.text)


NAMED = "单位other_unit"


def test_partners_and_experts_are_named_in_words_and_kept_by_id(office: Office, call: str, investigator: str) -> None:
    """A hit tells name and unit only; a name that nobody has, and one that several have, are told together."""
    found = office.client("unit").get("/programme/apply/find?kind=unit&q=" + NAMED[:3])
    assert found.status_code == 200 and any(label.startswith(NAMED) for label in found.json()), found.text
    assert office.client("unit").get("/programme/apply/find?kind=unit&q=" + NAMED[:1]).json() == []
    assert office.client("unit").get("/programme/apply/find?kind=person&q=%25%25").json() == []
    draft = begin(office, call)
    path = f"/programme/apply?draft={draft}&step=team"
    label = next(label for label in found.json() if label.startswith(NAMED))
    wrong = office.send(
        "unit", path, "save", version=version(office, draft), pi_id=investigator, partners=["无此单位", label], excluded=["无此人", ""]
    )  # fmt: skip
    assert wrong.status_code == 422
    assert "无此单位" in wrong.text and "无此人" in wrong.text and label in wrong.text, "what was typed is kept"
    right = office.send(
        "unit", path, "save", version=version(office, draft), pi_id=investigator, partners=[label, "", label]
    )
    assert right.status_code == 303
    with office.records.database.read() as session:
        kept = session.get_one(ApplicationDraft, draft).steps["team"]
    assert kept["partners"] == [office.units["other_unit"]] and kept["excluded"] == []
    assert label in office.client("unit").get(path).text


def version(office: Office, draft: str) -> str:
    page = office.client("unit").get(f"/programme/apply?draft={draft}").text
    found = re.search(r'name="version" value="(\d+)"', page)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def application(office: Office, call: str, investigator: str) -> str:
    draft = begin(office, call)
    fill(office, draft, investigator)
    sent = {"files": ("../../etc/计划书.pdf", b"%PDF-1.7 plan")}
    attached = office.send(
        "unit", f"/programme/apply?draft={draft}&step=attachments", "attach", files=sent, version=version(office, draft)
    )
    assert attached.status_code == 303
    first = office.send("unit", f"/programme/apply?draft={draft}&step=check", "submit")
    again = office.send("unit", f"/programme/apply?draft={draft}&step=check", "submit")
    assert first.status_code == 303, re.findall(r"<li>(.*?)</li>", first.text)
    assert first.headers["location"] == again.headers["location"], "sent twice, handed in once"
    return first.headers["location"].rpartition("=")[2]


def test_a_call_needs_a_second_officer_and_says_everything_that_is_wrong_with_it(office: Office) -> None:
    wrong = office.send(
        "officer", "/programme/call/edit", "save", **{**CALL, "pot": "viel", "zh": "", "deadline": "tomorrow"}
    )
    assert wrong.status_code == 422
    said = " ".join(re.findall(r"<li>(.*?)</li>", wrong.text))
    assert all(name in said for name in ("总经费：", "中文名称：", "截止时间（北京时间）：")), (
        "fields are called as on the page"
    )
    assert "low-carbon steel" in wrong.text, "what was typed is kept"
    fields = {**CALL, "deadline": local(office, days=40)}
    path = office.send("officer", "/programme/call/edit", "save", **fields).headers["location"]
    assert office.send("officer", path, "move", step="submit").status_code == 303
    assert office.send("officer", path, "move", step="approve").status_code == 403
    assert office.send("second", path, "move", step="approve").status_code == 303
    assert office.send("second", path, "move", step="approve").status_code == 409, "somebody was faster"


def test_the_public_sees_published_calls_only(office: Office, call: str) -> None:
    assert office.client().get(f"/programme/call?id={call}").status_code == 200
    draft = office.send("officer", "/programme/call/edit", "save", **{**CALL, "deadline": local(office, days=40)})
    assert office.client().get(draft.headers["location"]).status_code == 403
    assert "/programme/apply" not in office.client().get(f"/programme/call?id={call}").text


def test_a_form_is_saved_step_by_step_with_its_faults_and_taken_up_again(office: Office, call: str) -> None:
    draft = begin(office, call)
    path = f"/programme/apply?draft={draft}&step=basics"
    saved = office.send("unit", path, "save", version="1", zh="半成品", en="", months="0", summary="")
    assert saved.headers["location"].startswith(path), "a faulty step is shown again"
    page = office.client("unit").get(path).text
    assert "半成品" in page
    assert "months" in page
    assert "半成品" in office.client("unit").get("/programme").text
    late = office.send("unit", path, "save", version="1", zh="从另一个窗口", en="", months="9", summary="x")
    assert late.status_code == 409
    assert "从另一个窗口" in late.text, "what was typed is not lost"
    assert office.client("other_unit").get(path).status_code == 403
    unfinished = office.send("unit", f"/programme/apply?draft={draft}&step=check", "submit")
    assert unfinished.status_code == 422


@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_part_of_a_form_that_was_not_begun_says_so_and_shows_no_fault(
    office: Office, call: str, language: str
) -> None:
    draft, root = begin(office, call), "" if language == "zh" else "/en"
    fresh = office.client("unit").get(f"{root}/programme/apply?draft={draft}&step=team").text
    steps = re.findall(r'<a href="[^"]*step=(\w+)"[^>]*>(.*?)</a>', fresh[fresh.index('class="wizard"') :])
    not_begun = {"zh": "（未开始）", "en": "(not begun)"}[language]
    assert {step for step, text in steps if not_begun in text} == {name for name, _ in steps} - {"check"}
    assert "▲" not in fresh and "notice-warn" not in fresh
    office.send("unit", f"/programme/apply?draft={draft}&step=team", "save", version="1", pi_id="")
    saved = office.client("unit").get(f"{root}/programme/apply?draft={draft}&step=team").text
    assert "▲" in saved and "notice-warn" in saved
    last = office.client("unit").get(f"{root}/programme/apply?draft={draft}&step=check").text
    assert {"zh": "提交前还要填写", "en": "Still to fill in"}[language] in last
    assert re.search(r"<button disabled>", last)


def test_an_application_goes_its_way_and_every_step_has_a_receipt(office: Office, application: str) -> None:
    path = f"/programme/application?id={application}"
    shown = office.client("unit").get(path).text
    assert "计划书.pdf" in shown
    said = office.client("unit").get(path.replace("?", "?handed_in=1&")).text
    assert (
        re.search(r'<p class="notice" role="status">已提交，申报号 [\w-]+。', said)
        and 'class="notice" role="status"' not in shown
    )
    assert "etc" not in re.findall(r'download>([^<]+)</a> <span class="small">', shown)[0]
    assert office.client("other_unit").get(path).status_code == 403
    assert office.client("other_bureau").get(path).status_code == 403
    assert office.client("expert").get(path).status_code == 403
    assert office.client("auditor").get(path).status_code == 200
    assert office.send("officer", path, "formal").status_code == 422, "it is not recommended yet"
    assert office.send("other_bureau", path, "recommend").status_code == 403
    assert office.send("bureau", path, "recommend", reason="好").status_code == 303
    checks = office.client("officer").get(path).text
    assert "status-ok" in checks
    rules = re.findall(r'name="rule\.([\w-]+)"', checks)
    decided = {f"rule.{r}": "pass" for r in rules} | {f"why.{r}": "查过" for r in rules}
    done = office.send("officer", path, "formal", **decided)
    assert done.status_code == 303, re.findall(r"<li>(.*?)</li>", done.text)
    receipts = re.findall(r"/programme/receipt\?id=(\d+)", office.client("officer").get(path).text)
    assert len(receipts) == 3
    assert all(office.client("unit").get(f"/programme/receipt?id={r}").status_code == 200 for r in receipts)
    assert office.client("other_unit").get(f"/programme/receipt?id={receipts[0]}").status_code == 403
    log = office.records.log
    assert verify(log.folder, log.key.verifier, office.records.database, office.records.evidence).sound


def test_a_file_is_given_only_to_those_who_may_read_its_record(office: Office, application: str) -> None:
    found = re.search(
        r"/programme/file\?id=([0-9a-f]{32})",
        office.client("unit").get(f"/programme/application?id={application}").text,
    )
    assert found
    path = found[0]
    answer = office.client("officer").get(path)
    assert answer.content == b"%PDF-1.7 plan"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    for who in ("other_unit", "other_bureau", "expert", "admin"):
        assert office.client(who).get(path).status_code == 403
    assert office.client().get(path).status_code == 303


def bomb() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "x")
        archive.writestr("xl/workbook.xml", b"0" * 40_000_000)
    return content.getvalue()


@pytest.mark.parametrize(
    "content",
    [b"", b"\x7fELF\x02\x01\x01\x00", b"<html><script>alert(1)</script>", bomb()],
    ids=["empty", "program", "markup", "bomb"],
)
def test_files_that_are_not_what_they_should_be_are_refused_and_leave_nothing(
    office: Office, call: str, content: bytes
) -> None:
    draft = begin(office, call)
    before = sorted(p for p in office.records.evidence.folder.rglob("*") if p.is_file())
    path = f"/programme/apply?draft={draft}&step=attachments"
    answer = office.send("unit", path, "attach", files={"files": ("plan.pdf", content)}, version="1")
    assert answer.status_code == 422
    assert sorted(p for p in office.records.evidence.folder.rglob("*") if p.is_file()) == before
    assert version(office, draft) == "1"


def test_a_file_of_200_megabytes_is_cut_off_while_it_arrives(office: Office, call: str) -> None:
    draft, sent = begin(office, call), 0
    client = office.client("unit")
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(f"/programme/apply?draft={draft}").text)
    assert token
    head = "".join(f'--b\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in
                   (("form_token", token[1]), ("act", "attach"), ("version", "1")))  # fmt: skip

    def body() -> Iterator[bytes]:
        nonlocal sent
        yield head.encode() + b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF'
        for _ in range(200):
            sent += 1
            yield bytes(1 << 20)

    said = client.post(
        f"/programme/apply?draft={draft}",
        content=body(),
        headers={"content-type": "multipart/form-data; boundary=b", "content-length": "210000000"},
    )
    assert said.status_code == 413
    assert office.client("unit").get(f"/programme/apply?draft={draft}").status_code == 200


def test_an_application_that_arrives_after_the_deadline_is_late_even_if_it_was_begun_before(
    office: Office, investigator: str
) -> None:
    late = make_call(office, zh="将截止")
    draft = begin(office, late)
    fill(office, draft, investigator)
    clock = office.records.database.clock
    office.records.database.clock = lambda: clock() + timedelta(days=40, minutes=1)
    try:
        from tanlu.programme.cycle.applying import find_draft, submit
        from tanlu.programme.cycle.forms import form_from
        from tanlu.records import Principal, RefusedError, load_principal

        with office.records.database.read() as session:
            who: Principal = load_principal(session, office.people["unit"], clock().date())
        form = form_from(find_draft(office.records, who, draft).steps)
        with pytest.raises(RefusedError) as refused:
            submit(office.records, who, late, form, key="late")
        assert any("deadline" in p.code for p in refused.value.problems)
    finally:
        office.records.database.clock = clock


def test_exports_hold_no_formula(office: Office) -> None:
    from openpyxl import load_workbook

    make_call(office, zh='=cmd|"/c calc"!A1')
    text = office.client("officer").get("/programme/calls?format=csv").text
    assert "'=cmd" in text
    assert not re.search(r'(^|,)"?[=+@-]', text, re.MULTILINE)
    book = load_workbook(io.BytesIO(office.client("officer").get("/programme/calls?format=xlsx").content))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert any(str(c.value).startswith("=cmd") for c in cells)
    assert all(c.data_type != "f" for c in cells)


def test_the_api_shows_what_the_pages_show_and_writes_for_tokens_only(
    office: Office, call: str, application: str
) -> None:
    public = office.client()
    listed = public.get("/api/v1/programme/calls").json()
    assert call in [row["id"] for row in listed["rows"]]
    assert all(row["state"] == "published" for row in listed["rows"])
    assert public.get(f"/api/v1/programme/applications/{application}").status_code == 401
    assert public.post(f"/api/v1/programme/calls/{call}/steps", json={"transition": "close"}).status_code == 401
    officer = office.client("officer")
    assert officer.get(f"/api/v1/programme/applications/{application}").json()["asked"] == "360000.00"
    seen = officer.get(f"/api/v1/programme/applications/{application}/eligibility").json()
    assert {row["result"] for row in seen} <= {"pass", "fail", "needs_person"}
    assert all(row["source"] for row in seen)
    # a session may write through the API only with the token of its forms
    assert officer.post(f"/api/v1/programme/calls/{call}/steps", json={"transition": "close"}).status_code == 403
    early = officer.post(
        f"/api/v1/programme/calls/{call}/steps",
        json={"transition": "close"},
        headers={"x-form-token": office.tokens["officer"]},
    )
    assert early.status_code == 422, "the deadline is ahead"
    assert early.json()["detail"]
    assert office.client("other_bureau").get("/api/v1/programme/applications").json()["total"] == 0
    assert public.get("/api/v1/registry/counts").status_code == 200
    assert public.get("/api/v1/assessment/filings").status_code == 401
    assert office.client("auditor").get("/api/v1/records/verification").json()["sound"] is True


def test_the_form_of_what_a_prefecture_has_not_filed_is_read_back_once_it_is_filled_in(office: Office) -> None:
    form = "/assessment/filings?year=2024&format=csv"
    head, *rows = csv.reader(io.StringIO(office.client("bureau").get(form).text.lstrip("\ufeff")))
    assert rows and {row[0] for row in rows} == {"长沙市"}
    table = io.StringIO()
    csv.writer(table).writerows([head, *([*row[:3], "1", ""] for row in rows)])
    sent = {"file": ("filings.csv", table.getvalue().encode())}
    tried = office.send("bureau", "/assessment/import", "dry", files=sent)
    assert "card-ok" in tried.text and f"{len(rows)}" in tried.text, tried.text
    # who may not file is not given a form, but the page
    assert office.client("auditor").get(form).headers["content-type"].startswith("text/html")
