"""Who sees what of monitoring, and who acts on it, where people sign in: no page and no answer tells of a firm to whom it is not for."""

from __future__ import annotations

import asyncio
import csv
import io
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from tests.monitor.test_fleet_ledger import make, run
from tests.portal.monitor_fixture import workspace_of
from tests.portal.office import HOME, ROLES, Office, open_office
from tests.portal.test_api_rights import routes
from tests.sharing import made_once

from tanlu.core.uscc import check_character
from tanlu.portal.monitor import rights as monitor_rights
from tanlu.portal.monitor.live import Beat
from tanlu.records import issue_token

FIRST = "91430100MA4TANLU0"
CODE = FIRST + check_character(FIRST)
WHO = ("", *ROLES)


@dataclass
class Watched:
    """An office with a ledger, in which a firm of the home region belongs to the organisation of `unit`."""

    office: Office
    firm: str
    meter: str

    def get(self, who: str, path: str) -> Response:
        return self.office.client(who).get(path)

    def api(self, who: str, path: str) -> Any:
        answer = self.get(who, f"/api/v1/monitor{path}")
        assert answer.status_code == 200, (who, path, answer.text)
        return answer.json()

    def first(self, kind: str) -> dict[str, Any]:
        found: dict[str, Any] = self.api("officer", f"/{kind}s")[0]
        return found


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    folder: Path = tmp_path_factory.mktemp("office") / "work"
    office = open_office(folder)
    shutil.copytree(workspace_of(tmp_path_factory) / "ledger", folder / "ledger")
    fleet = made_once(tmp_path_factory, "monitor-demonstration", make) / "fleet"
    with (fleet / "units.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    firm = next(row for row in rows if row["kind"] == "enterprise" and row["region"] == HOME)
    own = folder / "own.csv"
    with own.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, [*firm, "uscc"])
        writer.writeheader()
        writer.writerow({**firm, "uscc": CODE})
    run("register", own, "--workspace", folder)
    # the office of the region gives the organisation its code, as it would on its page
    sent = office.send("bureau", "/admin/organisations", "code", organisation_id=office.units["unit"], uscc=CODE)
    assert sent.status_code == 303, sent.text
    with (fleet / "meters.csv").open(encoding="utf-8", newline="") as file:
        meter = next(row["id"] for row in csv.DictReader(file) if row["unit"] == firm["id"])
    yield Watched(office, firm["id"], meter)
    office.records.close()


# columns as in WHO: the public, officer, second, bureau, other_bureau, unit, other_unit, expert, auditor, broker, admin
# O shown, - not signed in, x not permitted, n nothing is registered for the organisation
EVERYBODY = "OOOOOOOOOOO"
HIGHEST = "-OOOOOnxOxx"
PROVINCE = "-OOxxxxxOxx"
FIRM = "-OOOxOxxOxx"
CASES = "-OOOOxxxOxx"
ALERTS = "-OOOOOOxOxx"
INTAKE = "-OOOOxxxOxO"
TABLE = {
    "/monitor": EVERYBODY, "/monitor/unit": HIGHEST, "/monitor/unit?id=hunan": PROVINCE, "/monitor/unit?id={firm}": FIRM,
    "/monitor/meter?id={meter}": FIRM, "/monitor/quality": HIGHEST, "/monitor/quality?id={firm}": FIRM, "/monitor/energy": HIGHEST,
    "/monitor/energy?id=hunan": PROVINCE, "/monitor/energy/{firm}": FIRM, "/monitor/cases": CASES, "/monitor/alerts": ALERTS,
    "/monitor/alert?id={alert}": PROVINCE, "/monitor/ingest": INTAKE,
    "/monitor/unit?id={firm}&format=csv": FIRM, "/monitor/meter?id={meter}&format=csv": FIRM,
}  # fmt: skip
API = {
    "/monitor/nowcast": EVERYBODY, "/monitor/live": EVERYBODY, "/monitor/total": HIGHEST, "/monitor/total?id=hunan": PROVINCE,
    "/monitor/emissions?id={firm}": FIRM, "/monitor/places": HIGHEST, "/monitor/places?id=hunan": PROVINCE, "/monitor/units": HIGHEST,
    "/monitor/units?id={firm}": FIRM, "/monitor/readings?id={meter}": FIRM, "/monitor/quality": HIGHEST, "/monitor/cases": CASES,
    "/monitor/alerts": ALERTS, "/monitor/intake": INTAKE, "/monitor/energy": HIGHEST, "/monitor/energy/{firm}": FIRM,
    "/charts/monitor-sectors-day.csv": EVERYBODY, "/charts/monitor-sectors-month.json": EVERYBODY,
    "/charts/monitor-tiles.csv?id=hunan": PROVINCE,
    "/charts/monitor-days.csv": HIGHEST, "/charts/monitor-days.csv?id={firm}": FIRM, "/charts/monitor-load.csv?id={firm}": FIRM,
    "/charts/monitor-meter.csv?id={meter}": FIRM, "/charts/monitor-energy-heat.csv?id={firm}": FIRM,
}  # fmt: skip
PAGE_STATUS = {"O": 200, "-": 303, "x": 403, "n": 303}
API_STATUS = {**PAGE_STATUS, "-": 401, "n": 404}


def filled(path: str, watched: Watched) -> str:
    given = {"firm": watched.firm, "meter": watched.meter, "alert": watched.first("alert")["id"]}
    return path.format(**{name: quote(value) for name, value in given.items()})


@pytest.mark.parametrize("path", TABLE)
def test_a_page_is_shown_to_those_whom_its_row_names(watched: Watched, path: str) -> None:
    address = filled(path, watched)
    found = {who: watched.get(who, address) for who in WHO}
    assert {who: a.status_code for who, a in found.items()} == {
        who: PAGE_STATUS[mark] for who, mark in zip(WHO, TABLE[path], strict=True)
    }
    for who, mark in zip(WHO, TABLE[path], strict=True):
        # a firm without meters is told how it gets some
        assert mark != "n" or found[who].headers["location"] == "/monitor"
    if TABLE[path][0] == "-":
        assert found[""].headers["location"].startswith("/login?next=")


@pytest.mark.parametrize("path", API)
def test_the_api_answers_those_whom_its_row_names(watched: Watched, path: str) -> None:
    address = "/api/v1" + filled(path, watched)
    found = {who: watched.get(who, address).status_code for who in WHO}
    assert found == {who: API_STATUS[mark] for who, mark in zip(WHO, API[path], strict=True)}


def test_every_route_of_monitoring_stands_in_a_table(watched: Watched) -> None:
    paths = {name.split(" ")[1] for name in routes(watched.office)}
    found = {p for p in paths if p.startswith("/monitor/")}
    assert len(found) > 10
    named = {re.sub(r"\{\w+(:path)?\}", "{}", p.partition("?")[0]) for p in API}
    tested_below = {"/monitor/cases/{}", "/monitor/stream"}
    assert {re.sub(r"\{\w+(:path)?\}", "{}", p) for p in found} <= named | tested_below


def test_an_office_gives_no_code_to_an_organisation_of_another_region_and_none_gets_two(watched: Watched) -> None:
    office = watched.office
    first = "91430100MA4TANLU1"
    fresh = first + check_character(first)
    for who, unit, status in (
        ("other_bureau", "other_unit", 303),
        ("bureau", "unit", 422),
        ("other_bureau", "unit", 403),
    ):
        answer = office.send(who, "/admin/organisations", "code", organisation_id=office.units[unit], uscc=fresh)
        assert answer.status_code == status, (who, unit, answer.text[-500:])
    rows = office.client("officer").get("/api/v1/records/organisations?uscc=" + fresh).json()["rows"]
    assert [row["id"] for row in rows] == [office.units["other_unit"]]


def test_a_suspicion_is_for_the_officers_of_its_region_and_auditors(watched: Watched) -> None:
    case = watched.first("case")
    region = next(u["region"] for u in watched.api("officer", "/units") if u["id"] == case["enterprise"])
    sees = {"officer", "second", "auditor"} | {who for who in ROLES if ROLES[who].get("region") == region}
    for address in (f"/monitor/case?id={case['id']}", f"/api/v1/monitor/cases/{case['id']}",
                    f"/api/v1/charts/monitor-evidence.csv?id={case['id']}&number=0"):  # fmt: skip
        found = {who for who in WHO if watched.get(who, address).status_code == 200}
        assert found == sees, address


def test_a_bureau_is_told_of_the_cases_and_alerts_of_its_region_alone(watched: Watched) -> None:
    places = {u["id"]: u["region"] for u in watched.api("officer", "/units")}
    everything = watched.api("officer", "/cases")
    mine = [c for c in everything if f"{places[c['enterprise']]}/".startswith(f"{HOME}/")]
    assert watched.api("bureau", "/cases") == mine
    assert watched.api("officer", "/alerts")
    assert watched.api("bureau", "/alerts") == [], "those of the province are not of the prefecture"


def test_a_firm_sees_what_is_registered_under_its_code_and_nothing_else(watched: Watched) -> None:
    below = {u["id"] for u in watched.api("officer", f"/units?id={quote(watched.firm)}")}
    assert {u["id"] for u in watched.api("unit", "/units")} == below
    assert [u["uscc"] for u in watched.api("unit", "/units?kind=enterprise")] == [CODE]
    page = watched.get("unit", "/monitor").text
    assert quote(watched.firm) in page
    others = {u["id"]: u["zh"] for u in watched.api("officer", "/units?kind=enterprise") if u["id"] not in below}
    assert len(others) > 5
    for address in ("/monitor", "/monitor/unit", "/monitor/energy", "/monitor/quality", "/monitor/alerts"):
        text = watched.get("unit", address).text
        assert not [name for name, zh in others.items() if f'id={quote(name)}"' in text or f">{zh}<" in text], address


def test_no_public_page_names_a_firm_a_meter_or_a_suspicion(watched: Watched) -> None:
    firms = watched.api("officer", "/units?kind=enterprise")
    assert firms
    case = watched.first("case")
    for address in ("/monitor", "/en/monitor", "/", "/public", "/wall", "/search?q=demo"):
        text = watched.get("", address).text
        told = [f["id"] for f in firms if f["id"] in text or f["zh"] in text or f["en"] in text]
        assert not told and watched.meter not in text and case["id"] not in text, address
        assert "/monitor/cases" not in text and "/monitor/unit" not in text, address


def test_the_public_is_not_told_what_was_metered_in_a_sector(watched: Watched) -> None:
    seen, told = (watched.api(who, "/nowcast")["day"] for who in ("", "officer"))
    assert all("metered" in sector for sector in told["sectors"].values())
    assert not any("metered" in sector for sector in seen["sectors"].values())
    assert seen["total"] == told["total"]
    heads = {}
    for who in ("", "officer"):
        table = list(csv.reader(io.StringIO(watched.get(who, "/api/v1/charts/monitor-sectors-day.csv").text)))
        heads[who] = [*table[0]]
    assert [h for h in heads["officer"] if h not in heads[""]] != []
    assert len(heads["officer"]) == len(heads[""]) + 1


def test_with_few_firms_the_sum_of_the_province_is_for_those_who_may_see_each(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor_rights, "FEWEST", 10_000)
    refused = watched.get("", "/api/v1/monitor/live")
    # who never signed in has no session that could have ended
    assert refused.status_code == 401 and "Authorization: Bearer" in refused.text
    assert watched.get("bureau", "/api/v1/monitor/live").status_code == 403
    assert watched.get("officer", "/api/v1/monitor/live").status_code == 200
    assert 'id="live"' not in watched.get("unit", "/monitor").text
    assert 'id="live"' in watched.get("officer", "/monitor").text


def test_a_listener_is_sent_only_the_events_that_are_for_it() -> None:
    beat = Beat("moment", "7", '{"from": "somebody"}', '{"load": 1}')
    assert [e.split("\n")[1] for e in beat.after("")] == ["event: intake", "event: live"]
    assert [e.split("\n")[1] for e in beat.after("", {"live"})] == ["event: live"]
    assert beat.after("", set()) == []
    # who then comes back is not sent the same again
    assert beat.after(beat.id_after(""), {"live"}) == []


def test_the_stream_asks_who_listens(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[frozenset[str]] = []

    async def nothing(_: object, __: object, ___: str, kinds: frozenset[str]) -> Any:
        asked.append(kinds)
        yield ""
        await asyncio.sleep(0)

    monkeypatch.setattr("tanlu.portal.monitor.api.events", nothing)
    for who in ("", "unit", "admin", "officer"):
        assert watched.get(who, "/api/v1/monitor/stream").status_code == 200
    assert asked == [{"live"}, {"live"}, {"intake", "live"}, {"intake", "live"}]


def test_a_token_sees_what_it_was_limited_to(watched: Watched) -> None:
    office = watched.office
    with office.records.database.change(office.people["officer"], "test.token", "test") as change:
        until = change.at + timedelta(days=1)
        token = issue_token(change, office.people["officer"], "alerts", ["alert.read"], until)
    client = TestClient(office.app, headers={"authorization": f"Bearer {token}"})
    assert client.get("/api/v1/monitor/alerts").json() == watched.api("officer", "/alerts")
    for path in ("units", "cases", "intake"):
        assert client.get(f"/api/v1/monitor/{path}").status_code == 403


def test_the_navigation_leads_nobody_to_a_page_that_is_not_for_them(watched: Watched) -> None:
    pages = [p for p in TABLE if "?" not in p and "{" not in p]
    for place, who in enumerate(WHO):
        text = watched.get(who, "/monitor").text
        shown = {page for page in pages if f'href="{page}"' in text}
        assert shown <= {page for page in pages if TABLE[page][place] in "On"}, who
        if who in ("officer", "auditor"):
            assert shown == set(pages)


def act(client: TestClient, address: str, action: str) -> Response:
    """Send the form with the token of another page of the visitor: the page may show no form."""
    token = re.search(r'name="form_token" value="([0-9a-f]{64})"', client.get("/account").text)
    assert token is not None
    fields = {"form_token": token[1], "action": action, "person": "Somebody", "note": "seen"}
    return client.post(address, files={name: (None, text) for name, text in fields.items()}, follow_redirects=False)


@pytest.mark.parametrize(("kind", "action"), [("case", "take"), ("alert", "acknowledge")])
def test_officers_of_the_province_act_under_their_own_name_and_nobody_else_does(
    watched: Watched, kind: str, action: str
) -> None:
    address = f"/monitor/{kind}?id={watched.first(kind)['id']}"
    for who in ("", "unit", "expert", "auditor", "bureau", "other_bureau"):
        client = watched.office.client(who)
        assert 'name="action"' not in client.get(address).text, who
        assert act(client, address, action).status_code == (401 if who == "" else 403), who
    officer = watched.office.client("officer")
    assert "Somebody" not in officer.get(address).text
    assert 'name="action"' in officer.get(address).text
    assert act(officer, address, action).status_code == 303
    after = officer.get(address).text
    assert "Somebody" not in after and "seen" in after


def test_a_scenario_is_saved_in_the_workspace_by_people_who_are_signed_in(watched: Watched) -> None:
    for who, status in (("", 403), ("unit", 303)):
        client = watched.office.client(who)
        token = re.search(r'name="form_token" value="([0-9a-f]{64})"', client.get("/account").text)
        assert token is not None
        fields = {"form_token": token[1], "s": "", "what": "save", "name": f"mine {who}"}
        files = {name: (None, text) for name, text in fields.items()}
        answer = client.post("/studio", files=files, follow_redirects=False)
        assert (who, answer.status_code) == (who, status), answer.text[:500]
        assert ('name="name"' in client.get("/studio").text) is (status == 303)
