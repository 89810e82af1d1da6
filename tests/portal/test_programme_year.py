"""The year of the programme, played through its pages by five roles in a real browser: from the call to acceptance and the score of a city.

Chinese: a guideline call whose draft comes from the portfolio, to a project that is accepted, and the scores of the prefectures. English:
an open challenge whose owner chooses, to a project that misses a hard target and fails, and the whole year again. It takes
minutes: `make thorough`.
"""

from __future__ import annotations

import csv
import io
import re
import threading
import time
from collections.abc import Iterator
from datetime import date
from typing import TYPE_CHECKING

import pytest
from tests.portal.browsing import Visit, context, violations
from tests.portal.office import HOME, Office, open_office
from tests.portal.playing import Play
from typer.testing import CliRunner

from tanlu.assessment.filing.scheme_file import scheme_for
from tanlu.records import Credential, LogEntry, affiliate, grant_role, register_organisation, register_person
from tanlu.records.log.receipts import verify_receipt

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.thorough,
]
SINCE = date(2020, 1, 1)
EXPERTS = ("expert", "expert2", "expert3", "expert4")
PDF = ("报告.pdf", b"%PDF-1.7 evidence")
RUBRIC = re.compile(r'name="(mark\.[^"]+)"')
KEY = re.compile(r"id=([0-9a-f]{32})")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """A portal with the people of the roles, three more experts of units far away, and a leader of the applicant's unit."""
    made = open_office(tmp_path_factory.mktemp("year") / "work")
    with made.records.database.change("system", "test.people", "test") as change:
        hashed = change.session.get_one(Credential, made.people["officer"]).password_hash
        for n, name in enumerate(EXPERTS):
            unit = register_organisation(
                change, zh=f"外省院{n}", en=f"institute {n}", kind="institute", region="elsewhere", uscc=None, valid_from=SINCE
            ).id  # fmt: skip
            if name not in made.people:
                made.people[name] = register_person(change, zh=f"专家{n}", en=name).id
                grant_role(change, made.people[name], "expert", valid_from=SINCE)
                change.session.add(
                    Credential(person_id=made.people[name], login=name, password_hash=hashed, changed_at=change.at)
                )
            affiliate(change, made.people[name], unit, valid_from=SINCE)
        made.units["owner"] = register_organisation(
            change, zh="发榜企业", en="owner", kind="enterprise", region=HOME, uscc=None, valid_from=SINCE
        ).id  # fmt: skip
        made.people["owner"] = register_person(change, zh="发榜人", en="owner").id
        grant_role(change, made.people["owner"], "unit", valid_from=SINCE, organisation_id=made.units["owner"])
        change.session.add(
            Credential(person_id=made.people["owner"], login="owner", password_hash=hashed, changed_at=change.at)
        )
        for who in ("unit", "other_unit"):
            made.people[f"leader_{who}"] = register_person(change, zh="负责人", en="leader").id
            affiliate(change, made.people[f"leader_{who}"], made.units[who], valid_from=SINCE)
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def stage(browser: Browser, office: Office) -> Iterator[Visit]:
    """A tab on the portal, on a free port of this machine."""
    import socket

    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    config = uvicorn.Config(office.app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.05)
    with context(browser, 1280, 900) as made:
        # a busy machine may take long for a page; nothing here is about speed
        made.set_default_timeout(120_000)
        yield Visit(made, f"http://127.0.0.1:{port}")
    server.should_exit = True
    thread.join(10)


def call_fields(year: int, **other: str | list[str]) -> dict[str, str | list[str]]:
    """Return what an officer types into the editor of a call: 2.4 million for grants of at most 1.2, hard target 1,000 t."""
    given: dict[str, str | list[str]] = {
        "kind": "guideline", "year": str(year), "region": "hunan", "zh": "氢冶金攻关", "en": "hydrogen metallurgy", "text_zh": "内容",
        "text_en": "content", "pot": "2400000", "largest_grant": "1200000", "deadline": f"{year}-02-20T17:00",
        "recommend_until": f"{year}-02-26T17:00", "panel_size": "3", "target.code": ["co2"], "target.zh": ["年减排量"],
        "target.en": ["yearly abatement"], "target.unit": ["t"], "target.baseline": ["0"], "target.target": ["1000"],
    }  # fmt: skip
    return given | other


def publish_call(play: Play, editor: str, fields: dict[str, str | list[str]]) -> str:
    """Draft a call, have it approved by a second officer, and publish it; return its page."""
    page = play.send("officer", editor, "save", fields)
    play.send("officer", page, "move", step="submit")
    play.send("second", page, "move", step="approve")
    return play.send("officer", page, "move", step="publish")


def apply_for(play: Play, call: str, who: str) -> str:
    """Fill in the form step by step, attach the plan, hand it in; return the page of the application."""
    office, key = play.office, KEY.search(call)
    assert key
    choices = {"organisation_id": office.units[who], "call_id": key[1]}
    page = play.send(who, f"/programme/apply?call={key[1]}", "begin", choices)
    page = play.send(
        who, page, "save", {"zh": f"竖炉示范{who}", "en": f"shaft furnace {who}", "months": "12", "summary": "内容"}
    )
    page = play.send(who, page, "save", {"pi_id": office.people[f"leader_{who}"]})
    play.open(who, page)
    technology = play.visit.tab.get_attribute("input[name=technology]", "value")
    assert technology
    page = play.send(
        who, page, "save", {"technology": [technology], f"start.{technology}": "5", f"end.{technology}": "7"}
    )
    page = play.send(who, page, "save", {"promised.co2": "1200"})
    money = {
        "grant.equipment": "100000",
        "grant.business": "200000",
        "own.business": "50000",
        "grant.indirect": "60000",
    }
    page = play.send(who, page, "save", money)
    play.open(who, page)
    declared: dict[str, str | list[str]] = {"accepts_gate": ["yes"], "holding_percent": "0"}
    asked = {name: value for name, value in declared.items() if play.visit.tab.query_selector(f"[name={name}]")}
    page = play.send(who, page, "save", asked)
    page = play.send(who, page, "attach", files=[("计划书.pdf", b"%PDF-1.7 plan")])
    return play.send(who, page.partition("&step")[0] + "&step=check", "submit")


def check(play: Play, application: str) -> None:
    """Finish the formal check; what a rule leaves to a person is passed with a reason."""
    play.open("officer", application)
    selects = play.visit.tab.query_selector_all("select[name^='rule.']")
    names = [str(e.get_attribute("name")) for e in selects]
    decided = dict.fromkeys(names, "pass") | {n.replace("rule.", "why.", 1): "已核" for n in names}
    play.send("officer", application, "formal", decided)


def review(play: Play, call_id: str, marks: dict[str, int]) -> None:
    """Draw the experts, let each write, and close the review."""
    assign = f"/programme/assign?call={call_id}"
    play.send("officer", assign, "commit")
    play.send("officer", assign, "draw")
    for who in EXPERTS:
        while True:
            play.open(who, "/programme/reviews")
            rows = play.visit.tab.query_selector_all("main tbody tr")
            waiting = [
                r
                for r in rows
                if r.query_selector("a") and re.search("待评|to be written", r.inner_text(), re.IGNORECASE)
            ]
            if not waiting:
                break
            link = waiting[0].query_selector("a")
            assert link
            title, address = waiting[0].inner_text(), str(link.get_attribute("href")).removeprefix("/en")
            mark = next(str(m) for name, m in marks.items() if title.split("\n")[0].rstrip().find(name) >= 0)
            play.open(who, address)
            items = set(RUBRIC.findall(play.visit.tab.content()))
            play.send(who, address, "write", {**dict.fromkeys(items, mark), "opinion": "路线可行"})
    play.send("officer", assign, "close")


def decide(play: Play, call_id: str) -> str:
    """Decide in a batch that a second officer approves, and give public notice; return the page of the notice."""
    page = f"/programme/decisions?call={call_id}"
    play.send("officer", page, "make")
    play.send("officer", page, "lock")
    play.send("second", page, "approve")
    return play.send("officer", page, "notice")


def start_project(play: Play, notice: str, year: int, who: str) -> str:
    """Close the notice, draft and sign the contract, promise the money, start; return the page of the project."""
    play.send("officer", notice, "close")
    play.open("officer", "/programme/projects?state=contracting")
    link = play.visit.tab.get_attribute("main tbody a", "href")
    assert link
    page = link.removeprefix("/en")
    dates = {"m.start": [f"{year}-04-01", f"{year}-07-01"], "m.due": [f"{year}-06-30", f"{year + 1}-03-31"]}
    names = {
        "m.code": ["m1", "m2"],
        "m.zh": ["启动", "示范"],
        "m.en": ["start", "demonstration"],
        "m.pays": ["40", "60"],
    }
    play.send("officer", page, "contract", {"start": f"{year}-04-01", "end": f"{year + 1}-03-31", **dates, **names})
    play.send("officer", page, "commit", funder="province")
    play.send(who, page, "sign")
    play.send("second", page, "start")
    return page


def milestone(play: Play, page: str, who: str) -> None:
    """Hand in the next milestone, accept it, and have another officer pay it."""
    play.send(who, page, "milestone", files=[PDF])
    play.send("officer", page, "judge_milestone", button="yes")
    play.send("second", page, "pay")


def report(play: Play, page: str, who: str, value: str) -> None:
    """Report a value of the target and have the bureau verify it."""
    play.send(who, page, "report", {"value.co2": value}, files=[PDF])
    play.send("bureau", page, "check", {"verdict": "verified"})


def accept(play: Play, page: str, who: str, verdict: str) -> None:
    """Ask for acceptance, propose the result, approve it by another officer."""
    play.send(who, page, "ask_acceptance", files=[PDF])
    play.send("officer", page, "propose", {"opinion": "按任务书验收"})
    play.send("second", page, "approve")
    assert re.search(verdict, play.open("", page), re.IGNORECASE), "the public reads the result"


def meet(play: Play, page: str, day: str, due: str) -> None:
    """Record a meeting with a task about the project, which the bureau reports as done and the officer closes."""
    project = KEY.search(page)
    assert project
    desk = "/programme/dispatch"
    task = {"task.zh": ["补交检测报告"], "task.en": ["send the test report"], "task.due": [due]}
    owner = {"task.owner": [play.office.people["bureau"]], "task.project": [project[1]]}
    play.send("officer", desk, "record", {"held_on": day, "zh": "季度调度", "en": "quarterly", **task, **owner})
    play.send("bureau", desk, "report", {"report": "已补交"}, files=[PDF])
    play.send("officer", desk, "close", button="yes")


def score(play: Play, year: int) -> None:
    """File every indicator of a prefecture by a table and an investment by hand, verify, freeze, publish; the public reads the score."""
    scheme = scheme_for("hunan", year)
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["region", "indicator", "year", "value"])
    writer.writerows(
        [HOME, i.id, year, "1" if i.value == "filed" else "0"] for i in scheme.indicators if i.value != "investment"
    )
    play.open("bureau", "/assessment/import")
    tab = play.visit.tab
    for step in ("dry", "import"):
        content = {"name": "filings.csv", "mimeType": "text/csv", "buffer": table.getvalue().encode()}
        tab.set_input_files("input[type=file]", content)  # type: ignore[arg-type]
        with tab.expect_navigation():
            tab.click(f'button[name=act][value="{step}"]')
        assert tab.query_selector(".card-ok"), tab.inner_text("main")
    payment = {"region": HOME, "contract": "HT-1", "payer": "91430100MA4L00000F", "amount": "500,000,000"}
    page = f"/assessment/investments?year={year}"
    play.send(
        "bureau", page, "file", {**payment, "payer_kind": "enterprise", "kind": "first_use_purchase"}, files=[PDF]
    )
    play.send("officer", page, "verify")
    desk = f"/assessment/filings?year={year}"
    play.open("officer", desk)
    for _ in tab.query_selector_all("input[name=act][value=verify]"):
        play.send("officer", desk, "verify")
    page = play.send("officer", f"/assessment/scores?year={year}", "freeze")
    assert re.search("排名|rank|Rank", play.open("officer", page))
    page = play.send("second", page, "publish")
    rows = play.open("", page).splitlines()
    assert any(re.match(r"1\t(长沙|Changsha)", line) for line in rows), rows[:20]


def enrol(play: Play) -> None:
    """Put the experts into the pool who are not in it."""
    play.open("officer", "/programme/experts")
    candidates = play.visit.tab.query_selector_all('form:has(input[value="enrol"]) select[name=person] option')
    waiting = {e.get_attribute("value") for e in candidates}
    for who in EXPERTS:
        person = play.office.people[who]
        if person in waiting:
            pool = {"person": person, "region": "hunan", "most_reviews": "8", "most_rounds_year": "6"}
            play.send("officer", "/programme/experts", "enrol", pool)


def play_whole_year(play: Play, year: int) -> None:
    """Play the year from the portfolio to the scores."""
    play.on(year, 1, 10)
    play.sign_in("officer")
    enrol(play)
    play.open("officer", "/programme/portfolio")
    editor = play.visit.tab.get_attribute("main a[href*='call/edit']", "href")
    assert editor
    call = publish_call(play, editor.removeprefix("/en"), call_fields(year))
    play.sign_in("unit")
    first = apply_for(play, call, "unit")
    play.sign_in("other_unit")
    second = apply_for(play, call, "other_unit")
    play.sign_in("bureau")
    play.send("bureau", first, "recommend")
    play.send("other_bureau", second, "recommend")
    play.on(year, 2, 27)
    play.send("officer", call, "move", step="close")
    for application in (first, second):
        check(play, application)
    play.sign_in("expert")
    key = KEY.search(call)
    assert key
    review(play, key[1], {"other_unit": 50, "unit": 88})
    notice = decide(play, key[1])
    play.send("other_unit", notice, "object", {"text": "成果归属存疑"})
    play.send("second", notice, "answer", {"answer": "权属清晰", "upheld": "no"})
    play.on(year, 3, 20)
    page = start_project(play, notice, year, "unit")
    play.on(year, 6, 20)
    milestone(play, page, "unit")
    play.send("unit", page, "spend", {"amount": "100000", "reference": "凭证1"})
    meet(play, page, f"{year}-06-20", f"{year}-07-10")
    play.on(year + 1, 3, 10)
    milestone(play, page, "unit")
    report(play, page, "unit", "1250")
    accept(play, page, "unit", "通过|accepted")
    score(play, year)
    play.sign_in("auditor")
    assert re.search("✓|完好|sound", play.open("auditor", "/admin/log?verify=1"), re.IGNORECASE)


def play_challenge(play: Play, year: int) -> None:
    """Play an open challenge: the owner takes the second best, whose project misses its hard target and fails."""
    play.on(year, 4, 1)
    enrol(play)
    dates = {"deadline": f"{year}-05-10T17:00", "recommend_until": f"{year}-05-15T17:00"}
    owner = {"kind": "challenge", "owner_id": play.office.units["owner"], "technologies": "T01-K01"}
    call = publish_call(play, "/programme/call/edit", call_fields(year, **dates, **owner))
    applications = [apply_for(play, call, who) for who in ("unit", "other_unit")]
    for who, application in zip(("bureau", "other_bureau"), applications, strict=True):
        play.send(who, application, "recommend")
    play.on(year, 5, 18)
    play.send("officer", call, "move", step="close")
    for application in applications:
        check(play, application)
    key, chosen = KEY.search(call), KEY.search(applications[0])
    assert key
    assert chosen
    review(play, key[1], {"other_unit": 90, "unit": 80})
    play.sign_in("owner")
    play.open("owner", f"/programme/choice?call={key[1]}")
    assert violations(play.visit.tab) == []
    play.send(
        "owner", f"/programme/choice?call={key[1]}", "choose", {f"place.{chosen[1]}": "1", "reason": "与产线相合"}
    )
    notice = decide(play, key[1])
    play.on(year, 6, 5)
    page = start_project(play, notice, year, "unit")
    assert chosen[1] not in play.open("owner", f"/programme/choice?call={key[1]}"), (
        "it keeps its name after the decision"
    )
    play.on(year + 1, 3, 10)
    report(play, page, "unit", "400")
    accept(play, page, "unit", "未通过|failed")
    play.send("admin", "/admin/mail", "send")
    assert re.search("no address", play.open("admin", "/admin/mail"), re.IGNORECASE)


def every_change_has_a_receipt(office: Office) -> int:
    """Return how many entries the log has; each has a receipt that needs nothing but the key of the log, and the folder verifies."""
    from tanlu.cli import app

    records = office.records
    records.log.publish()
    with records.database.read() as session:
        count = session.query(LogEntry).count()
    key = records.log.key.verifier
    for sequence in range(count):
        receipt, checkpoint = verify_receipt(records.log.receipt(sequence), key)
        assert receipt.index == sequence < checkpoint.size
    told = CliRunner().invoke(app, ["records", "verify", "--out", str(records.folder), "--json"])
    assert told.exit_code == 0, told.output
    return count


def test_the_year_is_played_in_chinese_from_the_portfolio_to_the_score_of_a_city(stage: Visit, office: Office) -> None:
    stage.begin()
    play_whole_year(Play(stage, office, "zh"), 2025)
    assert stage.foreign == []
    assert stage.faults == []
    assert every_change_has_a_receipt(office) > 50


def test_a_challenge_is_played_in_english_to_a_project_that_fails(stage: Visit, office: Office) -> None:
    stage.begin()
    play_challenge(Play(stage, office, "en"), 2026)
    assert stage.foreign == []
    assert stage.faults == []
    every_change_has_a_receipt(office)


def test_the_year_is_played_in_english_as_well(stage: Visit, office: Office) -> None:
    stage.begin()
    play_whole_year(Play(stage, office, "en"), 2026)
    assert stage.foreign == []
    assert stage.faults == []
    every_change_has_a_receipt(office)
