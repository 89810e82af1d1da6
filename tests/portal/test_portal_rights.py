"""Route × role: every page of those who work with the system of record, and what each kind of visitor gets; what stands in no row fails."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.portal.office import Office, open_office

WHO = ("", "officer", "bureau", "unit", "expert", "auditor", "admin")
OPEN, SIGNED = "OOOOOOO", "-OOOOOO"
TABLE = {
    # columns as in WHO: O shown, - led to the login, x not permitted
    "/me": SIGNED,
    "/admin/people": "-OxxxOO",
    "/admin/organisations": "-OOOxOO",
    "/admin/log": "-OxxxOx",
    "/admin/rules": OPEN,
    "/programme": OPEN,
    "/admin/mail": "-xxxxOO",
    "/admin/webhooks": "-xxxxxO",
    "/programme/calls": OPEN,
    "/programme/call/edit": "-Oxxxxx",
    "/programme/applications": "-OOOOOx",
    "/programme/apply": "-xxOxxx",
    "/programme/apply/find": "-xxOxxx",
    "/programme/board": "-OOOxOx",
    "/programme/dispatch": "-OOOxOx",
    "/programme/experts": "-OxxOOx",
    "/programme/portfolio": "-OOxxOx",
    "/programme/gantt": "-OOOxOx",
    "/programme/projects": OPEN,
    "/programme/notices": OPEN,
    "/programme/reviews": "-xxxOxx",
    "/programme/assign": "-OxxxOx",
    "/programme/decisions": "-OxxxOx",
    "/registry": OPEN,
    "/registry/import": "-OOxxxx",
    "/assessment": OPEN,
    "/assessment/filings": "-OOxxOx",
    "/assessment/import": "-OOxxxx",
    "/assessment/investments": "-OOxxOx",
    "/assessment/scores": OPEN,
    "/assessment/what-if": "-OxxxOx",
}
ONE_RECORD = {
    # pages of one record: without the right for any record x, with it the record is looked for and missing (m)
    "/admin/rule": "mmmmmmm",
    "/programme/call": "mmmmmmm",
    "/programme/choice": "-xxmxxx",
    "/programme/race": "-mxxxxx",
    "/programme/application": "-mmmmmx",
    "/programme/review": "-xxxmxx",
    "/programme/project": "mmmmmmm",
    "/programme/receipt": "-mmmmmx",
    "/programme/file": "-mmmmmm",
    "/registry/entry": "mmmmmmm",
}
EXPECTED = {"O": (200,), "-": (303,), "x": (403,), "m": (404,)}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("rights") / "work")
    yield made
    made.records.close()


def test_every_route_stands_in_the_table(office: Office) -> None:
    assert {desk.path for desk in office.app.state.desks} == TABLE.keys() | ONE_RECORD.keys()


@pytest.mark.parametrize("path", [*TABLE, *ONE_RECORD])
def test_each_page_is_shown_to_those_who_may_see_it_and_to_nobody_else(office: Office, path: str) -> None:
    row = TABLE.get(path) or ONE_RECORD[path]
    found = {who: office.client(who).get(path).status_code for who in WHO}
    wanted = {who: EXPECTED[mark][0] for who, mark in zip(WHO, row, strict=True)}
    assert found == wanted


def test_no_act_is_open_to_the_public_or_to_somebody_without_its_right(office: Office) -> None:
    """Each act of each page is tried by everybody, without what it needs: nothing may be carried out."""
    before = office.records.database.size()
    harmless = {"/me"}
    for desk in office.app.state.desks:
        for act in desk.acts if desk.path not in harmless else ():
            nobody = office.client().post(desk.path, data={"act": act}, files={"nothing": ("", b"")})
            assert nobody.status_code == 401, (desk.path, act)
            for who in ("expert", "admin") if desk.path.startswith("/programme") else ("expert",):
                if act in ("object",) or (desk.path, act) == ("/programme/review", "write"):
                    continue
                answer = office.send(who, desk.path, act)
                assert answer.status_code in (403, 404, 409, 422), (desk.path, act, who)
    assert office.records.database.size() == before


def test_a_refusal_names_the_right_and_the_roles_that_have_it(office: Office) -> None:
    html = office.client("unit").get("/en/admin/log").text
    assert "<code>log.read</code>" in html and "Auditor, provincial officer" in html


def test_an_enterprise_is_told_what_it_can_do_next(office: Office) -> None:
    assert 'id="next"' in office.client("unit").get("/programme").text
    assert 'id="next"' not in office.client("officer").get("/programme").text
    assert 'id="next"' not in office.client().get("/programme").text


def test_an_unknown_act_is_refused(office: Office) -> None:
    assert office.send("officer", "/programme/board", "anything").status_code == 405
    assert office.send("officer", "/programme/call/edit", "anything").status_code == 422
