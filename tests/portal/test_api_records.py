"""Registries, assessment and the system of record through the API: what one files another verifies; tables are tried before they count."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.event import listen
from tests.portal.api_office import AWAY, HOME, ApiOffice, open_api_office

from tanlu.portal.records.view import unit_names
from tanlu.records import Organisation, check_character
from tanlu.records.log import Checkpoint, VerifierKey
from tanlu.records.log.notes import open_checkpoint

YEAR = 2024
NOTICE = "notice"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiOffice]:
    made = open_api_office(tmp_path_factory.mktemp("records") / "work")
    yield made
    made.records.close()


def counted(desk: ApiOffice, kind: str) -> tuple[int, int]:
    found = desk.get("", "/registry/counts", kind=kind)[kind]
    assert sum(p["reported"] for p in found["parts"]) == found["reported"], "prefectures and the rest make the province"
    return found["reported"], found["verified"]


def test_a_list_comes_in_pages_and_formats_like_every_list_of_the_api(desk: ApiOffice) -> None:
    """Number and size, and offset and limit, name the same rows; a file holds all of them unless a limit is given."""
    path = "/records/people"
    every = desk.get("officer", path, size="500")
    names, total = [row["id"] for row in every["rows"]], every["total"]
    assert total == len(names) > 3
    second = desk.ask("officer", "GET", f"{path}?page=2&size=2")
    moved = desk.ask("officer", "GET", f"{path}?offset=2&limit=2")
    assert second.json() == moved.json() == {"total": total, "page": 2, "size": 2, "rows": every["rows"][2:4]}
    assert moved.headers["x-total-count"] == str(total)
    assert f"{path}?limit=2&offset=0" in moved.headers["link"].partition(",")[0]
    for given in ("?format=csv", "?format=csv&limit=2&offset=2"):
        told = desk.ask("officer", "GET", path + given)
        rows = list(csv.DictReader(told.text.removeprefix("\ufeff").splitlines()))
        assert [r["id"] for r in rows] == (names[2:4] if "limit" in given else names)
        assert (told.headers["content-type"].partition(";")[0], told.headers["x-total-count"]) == (
            "text/csv",
            str(total),
        )
    assert desk.ask("officer", "GET", f"{path}?format=parquet").content[:4] == b"PAR1"
    assert desk.ask("officer", "GET", f"{path}?limit=0").status_code == 422


def test_an_entry_counts_as_verified_once_another_has_checked_its_proof(desk: ApiOffice) -> None:
    kind, unit = "green_high_tech_firm", desk.office.units["unit"]
    sent = {"kind": kind, "subject": unit, "region": HOME, "valid_from": "2024-05-01"}
    assert desk.ask("other_bureau", "POST", "/registry/entries", sent).status_code == 403
    bare = desk.post("bureau", "/registry/entries", sent)
    assert (
        desk.ask("officer", "POST", f"/registry/versions/{bare['id']}/check", {"transition": "verify"}).status_code
        == 422
    )
    desk.post("officer", f"/registry/versions/{bare['id']}/check", {"transition": "return", "reason": "没有证书"})
    assert counted(desk, kind) == (0, 0)
    proved = desk.post("bureau", "/registry/entries", sent | {"evidence": [desk.upload("bureau")]})
    assert counted(desk, kind) == (1, 0)
    assert (
        desk.ask("bureau", "POST", f"/registry/versions/{proved['id']}/check", {"transition": "verify"}).status_code
        == 403
    )
    desk.post("officer", f"/registry/versions/{proved['id']}/check", {"transition": "verify"})
    assert counted(desk, kind) == (1, 1)
    assert desk.get("", "/registry/flows", kind=kind, start="2024-01-01", end="2024-12-31")["verified"] == 1
    again = desk.ask("bureau", "POST", "/registry/entries", sent)
    assert again.status_code == 409, "a renewal is reported as one"
    moved = {"event": "lapse", "valid_to": "2024-12-31", "note": "注销"}
    desk.post("bureau", f"/registry/entries/{proved['entry_id']}/events", moved)
    assert counted(desk, kind) == (0, 0)
    events = [v["event"] for v in desk.get("officer", f"/registry/entries/{proved['entry_id']}")]
    assert events == ["recognised", "recognised", "lapsed"]


def test_a_table_is_tried_first_and_written_whole_or_not_at_all(desk: ApiOffice) -> None:
    head = "kind,name,code,host,host_code,region,valid_from,valid_to,first,leader,note\n"
    good = "key_laboratory,低碳实验室,,,,长沙市,2024-01-01,,1,,\nkey_laboratory,储能实验室,,,,长沙市,2024-02-01,,1,,\n"
    wrong = good + "key_laboratory,坏行,,,,长沙市,2024-13-01,,1,,\n"
    size = desk.records.database.size
    bad = desk.upload("bureau", (head + wrong).encode(), "../labs.csv")
    before = size()
    told = desk.post("bureau", "/registry/import", {"upload": bad, "dry_run": False})
    assert (told["written"], [(p["row"], p["field"]) for p in told["problems"]]) == (0, [(4, "valid_from")])
    fine = desk.upload("bureau", (head + good).encode(), "labs.csv")
    tried = desk.post("bureau", "/registry/import", {"upload": fine})
    assert (tried["rows"], tried["written"], tried["problems"], size()) == (2, 0, [], before)
    assert desk.post("bureau", "/registry/import", {"upload": fine, "dry_run": False})["written"] == 2
    assert counted(desk, "key_laboratory") == (2, 0)
    assert desk.ask("other_bureau", "POST", "/registry/import", {"upload": fine}).status_code == 403, (
        "not one's own file"
    )


def indicator(desk: ApiOffice) -> str:
    scheme = desk.get("", "/assessment/scheme", year=YEAR)["content"]
    return str(next(i["id"] for i in scheme["indicators"] if i["value"] == "filed"))


def test_a_value_is_filed_by_its_prefecture_and_verified_by_the_province(desk: ApiOffice) -> None:
    sent = {
        "region": HOME,
        "indicator": indicator(desk),
        "year": YEAR,
        "value": "12.5",
        "evidence": [desk.upload("bureau")],
    }
    assert desk.ask("bureau", "POST", "/assessment/filings", sent | {"region": AWAY}).status_code == 403
    filing = desk.post("bureau", "/assessment/filings", sent)
    assert filing["state"] == "filed"
    path = f"/assessment/filings/{filing['id']}"
    assert desk.ask("other_bureau", "GET", path).status_code == 403
    assert desk.get("other_bureau", "/assessment/filings")["total"] == 0
    assert [s["city"] for s in desk.get("bureau", "/assessment/status", year=YEAR)] == [HOME]
    assert desk.ask("other_bureau", "GET", "/assessment/desk", params={"year": YEAR, "region": HOME}).status_code == 403
    assert desk.ask("bureau", "POST", f"{path}/steps", {"transition": "verify"}).status_code == 403
    assert desk.post("officer", f"{path}/steps", {"transition": "verify"})["state"] == "verified"
    assert desk.ask("officer", "POST", f"{path}/steps", {"transition": "verify"}).status_code == 409


def test_filings_are_verified_together_or_not_at_all(desk: ApiOffice) -> None:
    """One that its own prefecture files by the officer keeps the others from being verified, until it is left out."""
    scheme = desk.get("", "/assessment/scheme", year=YEAR)["content"]
    by_hand = [i["id"] for i in scheme["indicators"] if i["value"] == "filed"]
    sent = {"year": YEAR, "value": "1", "evidence": [desk.upload("other_bureau")], "region": AWAY}
    theirs = [desk.post("other_bureau", "/assessment/filings", sent | {"indicator": i})["id"] for i in by_hand[:2]]
    own = desk.post(
        "officer", "/assessment/filings", sent | {"indicator": by_hand[2], "evidence": [desk.upload("officer")]}
    )["id"]
    path, size = "/assessment/filings/verification", desk.records.database.size()
    assert desk.ask("officer", "POST", path, {"filings": [*theirs, own]}).status_code == 403
    assert desk.records.database.size() == size
    assert {desk.get("officer", f"/assessment/filings/{i}")["state"] for i in theirs} == {"filed"}
    done = desk.post("officer", path, {"filings": [*theirs, theirs[0]]})
    assert [(f["id"], f["state"]) for f in done] == [(i, "verified") for i in theirs]
    assert desk.records.database.size() == size + 2, "each has its own entry of the log"


def test_the_same_money_is_claimed_once(desk: ApiOffice) -> None:
    account = next(iter(desk.get("", "/assessment/scheme", year=YEAR)["content"]["accounts"]))
    body = "91430100MA4L00001"
    payment: dict[str, Any] = {
        "region": HOME, "contract": "HT-2024-7", "year": YEAR, "payer": body + check_character(body), "payer_kind": account["payers"][0],
        "kind": account["kinds"][0], "account": account["id"], "amount": "1000000.50",
    }  # fmt: skip
    made = desk.post("bureau", "/assessment/investments", payment)
    twin = payment | {"region": AWAY, "contract": "ht-2024-７"}
    assert desk.ask("other_bureau", "POST", "/assessment/investments", twin).status_code == 409
    assert (
        desk.ask("officer", "POST", f"/assessment/investments/{made['id']}/steps", {"transition": "verify"}).status_code
        == 422
    )
    desk.post("officer", f"/assessment/investments/{made['id']}/steps", {"transition": "return", "reason": "无凭证"})
    proved = desk.post("bureau", "/assessment/investments", payment | {"evidence": [desk.upload("bureau")]})
    desk.post("officer", f"/assessment/investments/{proved['id']}/steps", {"transition": "verify"})
    totals = desk.get("officer", "/assessment/investment-totals", year=YEAR)
    assert totals["verified_by_technology"] == {"": "1000000.50"}
    assert desk.ask("bureau", "GET", "/assessment/investment-totals", params={"year": YEAR}).status_code == 403, (
        "of its prefecture only"
    )


def test_scores_are_supposed_without_writing_frozen_by_one_and_published_by_another(desk: ApiOffice) -> None:
    size = desk.records.database.size()
    supposed = [{"region": HOME, "indicator": indicator(desk), "value": "99"}]
    assert desk.post("officer", "/assessment/what-if", {"year": YEAR, "supposed": supposed})["supposed"] is True
    assert desk.records.database.size() == size
    run = desk.post("officer", "/assessment/runs", {"year": YEAR})
    path = f"/assessment/runs/{run['id']}"
    assert desk.get("", "/assessment/runs") == []
    assert desk.ask("", "GET", path).status_code == 401
    assert desk.ask("officer", "POST", f"{path}/publication", {}).status_code == 403
    assert desk.post("second", f"{path}/publication")["state"] == "published"
    assert desk.get("", path)["sha256"] == run["sha256"]
    assert desk.get("", f"{path}/reproduction")["same"] is True


def test_a_version_of_the_rules_is_approved_by_another_who_says_what_it_was_compared_with(desk: ApiOffice) -> None:
    content = desk.get("", f"/records/rules/{NOTICE}")
    assert (content.pop("version"), content["status"]) == (0, "unverified")
    content |= {"status": "verified", "source": "省科技计划项目管理办法"}
    content["predicates"][0]["value"] = 7
    assert desk.ask("bureau", "POST", "/records/rules", {"content": content}).status_code == 403
    broken = desk.ask("officer", "POST", "/records/rules", {"content": content | {"predicates": [{"code": "x"}]}})
    assert broken.status_code == 422
    assert len(broken.json()["detail"]) > 2, "every fault is told"
    assert desk.ask("officer", "POST", "/records/rules", {"content": content | {"id": "nothing"}}).status_code == 422
    made = desk.post("officer", "/records/rules", {"content": content})["id"]
    path = f"/records/rule-versions/{made}"
    desk.post("officer", path, {"content": content}, method="PUT")
    desk.post("officer", f"{path}/steps", {"transition": "submit"})
    assert desk.ask("officer", "PUT", path, {"content": content}).status_code == 409
    assert desk.ask("officer", "POST", f"{path}/steps", {"transition": "approve", "reason": "x"}).status_code == 403
    assert desk.ask("second", "POST", f"{path}/steps", {"transition": "approve"}).status_code == 422
    desk.post("second", f"{path}/steps", {"transition": "approve", "reason": "与办法第二十条核对"})
    found = desk.get("", f"/records/rules/{NOTICE}")
    assert (found["version"], found["status"], found["predicates"][0]["value"]) == (1, "verified", 7)
    before = desk.get("", f"/records/rules/{NOTICE}", on="2025-01-01")
    assert before["version"] == 1, "it holds from the day that it states"


def test_the_page_of_the_rules_shows_sources_and_takes_a_version_from_draft_to_force(desk: ApiOffice) -> None:
    office, pack = desk.office, "/admin/rule?id=review"
    shown = office.client().get("/en/admin/rules").text
    assert "Unverified" in shown
    page = office.client("officer").get(pack).text
    text = re.search(r"<textarea[^>]*>(.*?)</textarea>", page, re.DOTALL)
    assert text
    written = (
        text[1]
        .replace("&#39;", "'")
        .replace("&#34;", '"')
        .replace("&amp;", "&")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
    )
    broken = office.send("officer", pack, "draft", content="id: [review")
    assert broken.status_code == 422
    assert "id: [review" in broken.text, "what was typed is kept"
    assert office.send("bureau", pack, "draft", content=written).status_code == 403
    assert office.send("officer", pack, "draft", content=written).status_code == 303
    made = desk.get("officer", "/records/rules/review/versions")[0]["id"]
    assert office.send("officer", pack, "move", version=made, step="submit").status_code == 303
    assert office.send("officer", pack, "move", version=made, step="approve").status_code == 403
    assert office.send("second", pack, "move", version=made, step="approve").status_code == 303
    assert desk.get("", "/records/rules/review")["version"] == 1
    assert "<textarea" not in office.client("auditor").get(pack).text


def test_an_administrator_lets_people_in_and_nobody_raises_themselves(desk: ApiOffice) -> None:
    assert desk.get("unit", "/records/people", q="某unit")["total"] == 1
    assert desk.get("unit", "/records/people", q="某officer")["total"] == 0, "a unit sees its own people"
    officer = desk.office.people["officer"]
    assert desk.ask("unit", "GET", f"/records/people/{officer}").status_code == 404
    foreign = {"zh": "外人", "organisation_id": desk.office.units["other_unit"]}
    assert desk.ask("unit", "POST", "/records/people", foreign).status_code == 403
    own = {
        "person_id": desk.office.people["admin"],
        "role": "province_officer",
        "region": "hunan",
        "valid_from": "2020-01-01",
    }
    assert desk.ask("admin", "POST", "/records/roles", own).status_code == 422
    person = desk.post("admin", "/records/people", {"zh": "新人"})["id"]
    role = desk.post("admin", "/records/roles", {"person_id": person, "role": "auditor", "valid_from": "2020-01-01"})[
        "id"
    ]
    given = desk.post("admin", f"/records/people/{person}/login", {"login": "fresh"})
    assert desk.records.logins.log_in("fresh", given["password"]).must_change
    desk.post("admin", f"/records/roles/{role}/end")
    assert desk.post("admin", f"/records/people/{person}/login", {"disabled": True}, method="PUT")["disabled"] is True
    assert desk.ask("admin", "PUT", f"/records/people/{own['person_id']}/login", {"disabled": True}).status_code == 422


def test_everybody_may_keep_the_checkpoint(desk: ApiOffice) -> None:
    made = desk.post("auditor", "/records/checkpoint")
    written = desk.ask("", "GET", "/records/checkpoint").text
    checkpoint: Checkpoint = open_checkpoint(written, VerifierKey.parse(str(desk.records.log.key.verifier)))[0]
    assert (checkpoint.size, checkpoint.root.hex()) == (made["size"], made["root"])
    assert checkpoint.size == desk.records.database.size()


def test_the_names_of_a_whole_page_of_organisations_are_read_in_one_query(desk: ApiOffice) -> None:
    asked: list[str] = []
    with desk.records.database.read() as session:
        ids = list(session.execute(select(Organisation.id)).scalars())
        listen(session.connection().engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
        assert len(unit_names(session, ids, "zh")) == len(ids) > 2
    assert sum("FROM organisation_name" in text.replace("\n", "") for text in asked) == 1, (
        "not one more for every organisation"
    )
