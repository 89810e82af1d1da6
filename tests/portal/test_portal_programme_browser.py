"""Signing in and the pages of the roles in a real browser: both languages, keyboard, telephone, and what axe says."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from tests.portal.browsing import THOROUGH, Visit, context, place, violations
from tests.portal.office import PASSWORD, SINCE, Office, open_office
from tests.portal.test_portal_programme import begin, fill, make_call, version

from tanlu.programme.cycle import ReviewTask
from tanlu.records import Credential, affiliate, grant_role, register_organisation, register_person

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

JUDGES = ("expert", "expert2", "expert3", "expert4")
PAGES = {
    "officer": (
        "/programme/board",
        "/programme/calls",
        "/programme/call/edit",
        "/programme/assign",
        "/registry",
        "/assessment/filings",
        "/programme/experts",
        "/programme/dispatch",
        "/programme/portfolio",
        "/assessment/investments",
    ),
    "bureau": (
        "/programme/applications",
        "/registry/import",
        "/programme/projects",
        "/programme/notices",
        "/assessment/scores",
    ),
    "unit": ("/programme", "/programme/apply", "/assessment", "/me"),
    "expert": ("/programme/reviews", "/programme", "/tour"),
    "admin": (
        "/admin/people",
        "/me",
        "/admin/organisations",
        "/admin/rules",
        "/admin/mail",
        "/admin/webhooks",
        "/admin/rule?id=apply-challenge",
    ),
    "auditor": ("/admin/log", "/programme", "/admin/rules", "/assessment"),
}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("browser") / "work")
    make_call(made)
    yield made
    made.records.close()


@pytest.fixture(scope="module")
def there(office: Office) -> Iterator[str]:
    """Address of the office on a free port of this machine."""
    import socket

    import uvicorn

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(
        uvicorn.Config(office.app, host="127.0.0.1", port=port, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and thread.is_alive() and time.monotonic() < deadline:
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture(scope="module")
def tab(browser: Browser, there: str) -> Iterator[Visit]:
    with context(browser, 1280, 900) as made:
        yield Visit(made, there)


@pytest.mark.wider
@pytest.mark.parametrize("who", PAGES)
def test_each_role_signs_in_by_keyboard_and_its_pages_are_whole_in_both_languages(tab: Visit, who: str) -> None:
    tab.begin()
    language = "en" if who in ("bureau", "expert") else "zh"
    tab.tab.goto(tab.address + place("/login", language))
    tab.tab.focus("input[name=login]")
    tab.tab.keyboard.type(who)
    tab.tab.keyboard.press("Tab")
    tab.tab.keyboard.type(PASSWORD)
    tab.tab.keyboard.press("Enter")
    tab.tab.wait_for_url(lambda url: "/login" not in url)
    asked = [(page, language) for page in PAGES[who] for language in ("zh", "en")]
    # the languages take turns; each page in both with TANLU_THOROUGH
    for page, shown in asked if THOROUGH else asked[::4] + asked[3::4]:
        answer = tab.tab.goto(tab.address + place(page, shown))
        assert answer is not None
        assert answer.status == 200, page
        tab.tab.set_viewport_size({"width": 390, "height": 844})
        assert tab.tab.evaluate("document.documentElement.scrollWidth") <= 390, page
        tab.tab.set_viewport_size({"width": 1280, "height": 900})
        assert violations(tab.tab, in_turn=True) == [], page
    assert tab.foreign == []
    assert tab.faults == []


HELD = """() => {
  const held = document.activeElement, style = getComputedStyle(held), box = held.getBoundingClientRect();
  return {
    tag: held.tagName, name: held.name ?? "", href: held.getAttribute("href") ?? "", act: held.form?.elements.act?.value ?? "",
    seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2 && box.bottom > 0 && box.top < innerHeight,
  };
}"""
"""What the keyboard holds, and whether that is to be seen."""


def reach(tab: Page, most: int, **wanted: str) -> None:
    """Press the tabulator until what is wanted is held; all on the way is to be seen."""
    for _ in range(most):
        tab.keyboard.press("Tab")
        held = tab.evaluate(HELD)
        assert held["seen"], held
        if all(part in held[key] for key, part in wanted.items()):
            return
    raise AssertionError(f"not reached: {wanted}")


def enter(tab: Page) -> None:
    with tab.expect_navigation():
        tab.keyboard.press("Enter")


def sign_in(visit: Visit, who: str, page: str) -> Page:
    visit.begin()
    tab = visit.tab
    tab.goto(f"{visit.address}{'/en' if page.startswith('/en') else ''}/login?next={page}")
    tab.focus("input[name=login]")
    tab.keyboard.type(who)
    reach(tab, 3, name="password")
    tab.keyboard.type(PASSWORD)
    enter(tab)
    return tab


def test_an_applicant_fills_in_a_part_by_the_keyboard_and_goes_on_where_its_answer_stands(tab: Visit) -> None:
    page = sign_in(tab, "unit", "/en/programme")
    reach(page, 45, href="/programme/call?id=")
    enter(page)
    reach(page, 45, href="/programme/apply?call=")
    enter(page)
    reach(page, 45, tag="BUTTON", act="begin")
    enter(page)
    for name in ("zh", "en", "summary"):
        reach(page, 12, name=name)
        page.keyboard.type("Keyboard")
    reach(page, 3, tag="BUTTON", act="save")
    enter(page)
    assert "is saved" in page.evaluate("document.activeElement.textContent")
    reach(page, 2, name="pi_id")
    page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.value")


def test_a_prefecture_files_a_value_by_the_keyboard_and_is_told(tab: Visit) -> None:
    page = sign_in(tab, "bureau", "/assessment/filings")
    reach(page, 45, tag="SUMMARY")
    page.keyboard.press("Enter")
    reach(page, 4, name="indicator")
    page.keyboard.press("ArrowDown")
    reach(page, 2, name="value")
    page.keyboard.type("12.5")
    reach(page, 4, tag="BUTTON", act="draft")
    enter(page)
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.locator("#said").inner_text() == "已办理。"
    assert "12.5" in page.locator("main").inner_text()
    # who works with the pointer is led there too, without the ring of the keyboard
    page.locator("summary").first.click()
    page.locator("input[name=value]").first.click()
    page.keyboard.type("13.5")
    with page.expect_navigation():
        page.locator("form:has([value=draft]) button").first.click()
    assert page.evaluate("document.activeElement.tagName") == "H1"
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none"


def test_an_auditor_verifies_the_log_by_the_keyboard(tab: Visit) -> None:
    page = sign_in(tab, "auditor", "/admin/log")
    reach(page, 45, href="verify=1")
    enter(page)
    assert page.locator("main [role=status] .status-ok").count() == 1
    reach(page, 60, href="/programme/receipt?id=")
    with page.expect_download() as receipt:
        page.keyboard.press("Enter")
    assert receipt.value.suggested_filename.endswith(".tlog-proof")


def test_an_upload_shows_how_far_it_is_and_what_is_wrong_with_the_file(tab: Visit, office: Office) -> None:
    tab.begin()
    visit = office.records.logins.log_in("unit", PASSWORD)
    assert visit.token is not None
    tab.tab.context.add_cookies([{"name": "tanlu-session", "value": visit.token, "url": tab.address}])
    tab.tab.goto(tab.address + "/programme/apply")
    tab.tab.click("main form button")
    tab.tab.wait_for_url("**step=basics*")
    tab.tab.goto(tab.tab.url.replace("step=basics", "step=attachments"))
    tab.tab.set_input_files("input[type=file]", {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"<html>no"})
    tab.tab.click("form.upload button")
    tab.tab.wait_for_selector("#problems-said li")
    assert tab.tab.evaluate("document.activeElement.id") == "problems-said"


@pytest.fixture(scope="module")
def judged(office: Office) -> str:
    """A call that has closed with one application, formally accepted, and four experts of units far away; its id."""
    database = office.records.database
    with database.change("system", "test.people", "test") as change:
        hashed = change.session.get_one(Credential, office.people["officer"]).password_hash
        for name in JUDGES:
            unit = register_organisation(
                change, zh=f"外省院{name}", en=name, kind="institute", region="elsewhere", uscc=None, valid_from=SINCE
            ).id
            if name not in office.people:
                office.people[name] = register_person(change, zh=f"专家{name}", en=name).id
                grant_role(change, office.people[name], "expert", valid_from=SINCE)
                change.session.add(
                    Credential(person_id=office.people[name], login=name, password_hash=hashed, changed_at=change.at)
                )
            affiliate(change, office.people[name], unit, valid_from=SINCE)
        leader = register_person(change, zh="负责人", en="leader").id
        affiliate(change, leader, office.units["unit"], valid_from=SINCE)
    for name in JUDGES:
        pool = {"person": office.people[name], "region": "hunan", "most_reviews": "8", "most_rounds_year": "6"}
        assert office.send("officer", "/programme/experts", "enrol", **pool).status_code == 303
    call = make_call(office, panel_size="3")
    draft = begin(office, call)
    fill(office, draft, leader)
    sent = {"files": ("计划书.pdf", b"%PDF-1.7 plan")}
    office.send(
        "unit", f"/programme/apply?draft={draft}&step=attachments", "attach", files=sent, version=version(office, draft)
    )
    page = office.send("unit", f"/programme/apply?draft={draft}&step=check", "submit").headers["location"]
    assert office.send("bureau", page, "recommend", reason="同意").status_code == 303
    written = database.clock
    database.clock = lambda: written() + timedelta(days=60)
    # the sessions of before have ended
    office.clients.clear()
    office.tokens.clear()
    assert office.send("officer", f"/programme/call?id={call}", "move", step="close").status_code == 303
    left = set(re.findall(r'name="(rule\.[^"]+)"', office.client("officer").get(page).text))
    passed = dict.fromkeys(left, "pass") | {n.replace("rule.", "why.", 1): "已核" for n in left}
    assert office.send("officer", page, "formal", **passed).status_code == 303
    return call


def test_an_official_draws_the_experts_of_a_call_by_the_keyboard(tab: Visit, judged: str) -> None:
    page = sign_in(tab, "officer", f"/en/programme/assign?call={judged}")
    for act in ("commit", "draw"):
        reach(page, 60, tag="BUTTON", act=act)
        enter(page)
        assert page.locator("#problems-said").all_inner_texts() == []
    row = page.locator("section[aria-labelledby=tasks] tbody tr").first.inner_text()
    assert sum(f"{name} ·" in row for name in JUDGES) == 3, row


def drawn(office: Office) -> set[str]:
    """People who were given a review to write."""
    with office.records.database.read() as session:
        return set(session.execute(select(ReviewTask.expert_id)).scalars())


def test_an_expert_writes_a_review_by_the_keyboard_from_the_login_on(tab: Visit, office: Office, judged: str) -> None:
    chosen = drawn(office)
    if not chosen:
        for act in ("commit", "draw"):
            form = office.client("officer").get(f"/programme/assign?call={judged}").text
            draw = re.search(r'name="draw" value="(\w+)"', form)
            office.send("officer", f"/programme/assign?call={judged}", act, draw=draw[1] if draw else "")
        chosen = drawn(office)
    page = sign_in(tab, next(name for name in JUDGES if office.people[name] in chosen), "/en/programme/reviews")
    reach(page, 40, href="/programme/review?id=")
    enter(page)
    items = page.locator("input[name^='mark.']").count()
    assert items
    for _ in range(items):
        reach(page, 40, name="mark.")
        page.keyboard.type("80")
    reach(page, 3, tag="TEXTAREA", name="opinion")
    page.keyboard.type("The route is sound.")
    reach(page, 2, tag="BUTTON", act="write")
    enter(page)
    assert page.locator("#problems-said").count() == 0
    # the list of reviews follows, and what was written opens from it; 80 of 100 in every item is 80 in all
    reach(page, 40, href="/programme/review?id=")
    enter(page)
    assert "80.0" in page.locator("section[aria-labelledby=done] h2").inner_text()
