"""Pages and API of monitoring over a demonstration fleet: what is shown is what the ledger says, and acting on it is kept."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from tests.monitor.test_fleet_ledger import RUN, run
from tests.portal.browsing import place
from tests.portal.monitor_fixture import workspace_of

from tanlu.cli import app
from tanlu.portal import create_app
from tanlu.portal.monitor import live as monitor_live
from tanlu.portal.monitor.live import Beat, Pulse, events
from tanlu.portal.monitor.service import STATUS, Monitoring

PAGES = ("/monitor", "/monitor/unit", "/monitor/quality", "/monitor/cases", "/monitor/alerts", "/monitor/ingest")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(workspace_of(tmp_path_factory), tmp_path_factory.mktemp("portal") / "workspace"))


@pytest.fixture(scope="module")
def portal(workspace: Path) -> TestClient:
    return TestClient(create_app(workspace))


def api(portal: TestClient, path: str, **given: str) -> Any:
    answer = portal.get(f"/api/v1/monitor{path}", params=given)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def enterprise(portal: TestClient) -> str:
    return str(api(portal, "/units", kind="enterprise")[0]["id"])


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_a_page_answers_and_says_that_the_fleet_is_invented(portal: TestClient, page: str, language: str) -> None:
    answer = portal.get(place(page, language))
    assert answer.status_code == 200
    assert ("都是虚构的" if language == "zh" else "are invented") in answer.text


def test_without_a_ledger_a_page_says_how_to_make_one(tmp_path: Path) -> None:
    answer = TestClient(create_app(tmp_path)).get("/en/monitor")
    assert answer.status_code == 200
    assert "tanlu monitor simulate" in answer.text


def test_totals_are_those_of_the_command(portal: TestClient, workspace: Path) -> None:
    told = run("total", "--region", "hunan", "--month", "2024-07", "--workspace", workspace)
    found = api(portal, "/total", **{"from": "2024-07-01", "to": "2024-07-31"})
    assert found["co2e_kg"] == pytest.approx(told["co2e_kg"])
    assert found["factors"] == told["factors"]


def test_places_add_up_to_the_province(portal: TestClient) -> None:
    span = {"from": "2024-07-01", "to": "2024-07-31"}
    parts = api(portal, "/places", **span)
    whole = api(portal, "/total", **span)["co2e_kg"]
    assert sum(p["scope_1"] for p in parts) == pytest.approx(whole["scope_1"])
    assert sum(p["purchased"] for p in parts) == pytest.approx(whole["purchased"])
    assert {p["kind"] for p in parts} == {"prefecture"}


def test_the_days_of_a_chart_add_up_to_the_total(portal: TestClient) -> None:
    span = "from=2024-07-01&to=2024-07-31"
    text = portal.get(f"/api/v1/charts/monitor-days.csv?{span}").text
    rows = list(csv.DictReader(io.StringIO(text)))
    assert len(rows) == 31
    total = api(portal, "/total", **{"from": "2024-07-01", "to": "2024-07-31"})["co2e_kg"]
    assert sum(float(r["scope_1 [kg CO2e]"] or 0) for r in rows) == pytest.approx(total["scope_1"])


def test_one_can_walk_from_the_province_to_a_reading(portal: TestClient) -> None:
    """By the links of the pages alone, to a meter and its factor."""
    path, seen = "/monitor/unit", []
    for _ in range(6):
        text = portal.get(path).text
        seen.append(path)
        meters = re.findall(r'<th scope="row"><a href="(/monitor/meter[^"]+)"', text)
        if meters:
            break
        links = re.findall(r'<th scope="row"><a href="(/monitor/unit[^"]+)"', text)
        assert links, path
        path = links[0].replace("&amp;", "&")
    assert len(seen) >= 3
    page = portal.get(meters[0].replace("&amp;", "&"))
    assert page.status_code == 200 and "2024-07-" in page.text


def test_readings_are_as_known_on_a_date(portal: TestClient, enterprise: str) -> None:
    """All of them came in today; on the evening of a day in the past only what carries a stamp until then counts as known."""
    meter = f"{enterprise}-main"
    now = api(portal, "/readings", id=meter, **{"from": "2024-07-01", "to": "2024-07-05"})
    then = api(portal, "/readings", id=meter, known="2024-07-02", **{"from": "2024-07-01", "to": "2024-07-05"})
    assert 0 < len(then) < len(now)
    assert max(r["at"] for r in then) <= "2024-07-03 00:00:00"
    assert [r["value"] for r in then] == [r["value"] for r in now if r["at"] in {t["at"] for t in then}]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/monitor/unit?id=nowhere", 404),
        ("/monitor/meter?id=nothing", 404),
        ("/monitor/case?id=none", 404),
        ("/monitor/alert?id=none", 404),
        ("/monitor/unit?from=2024-13-01", 404),
        ("/monitor/unit?from=2024-07-05&to=2024-07-01", 404),
        ("/monitor/unit?to=0", 404),
        ("/monitor/unit?to=NaT", 404),
        ("/monitor/quality?month=july", 404),
        ("/api/v1/monitor/readings?id=nothing", 404),
        ("/api/v1/charts/monitor-nothing.json", 404),
        ("/api/v1/charts/monitor-evidence.json?id=none", 404),
    ],
)
def test_what_does_not_exist_is_said_to_be_missing(portal: TestClient, path: str, status: int) -> None:
    assert portal.get(path).status_code == status


def form(portal: TestClient, path: str, **fields: str) -> Any:
    """Send the form of a page as a browser does."""
    page = portal.get(path)
    token = re.search(r'name="form_token" value="([^"]+)"', page.text)
    assert token is not None
    files = {name: (None, value) for name, value in {"form_token": token[1], **fields}.items()}
    return portal.post(path, files=files, follow_redirects=False)


def test_a_case_is_taken_closed_with_a_verdict_and_opened_again(portal: TestClient) -> None:
    case = api(portal, "/cases")[0]["id"]
    path = f"/monitor/case?id={quote(case)}"
    assert form(portal, path, action="take", person="李", reason="", note="").status_code == 303
    refused = form(portal, path, action="close", person="李", reason="", note="")
    assert refused.status_code == 422 and api(portal, f"/cases/{case}")["state"] == "in_review"
    assert form(portal, path, action="close", person="李", reason="instrument", note="换表").status_code == 303
    found = api(portal, f"/cases/{case}")
    assert (found["state"], [e["action"] for e in found["events"]]) == ("closed", ["take", "close"])
    assert "换表" in portal.get(path).text
    assert form(portal, path, action="reopen", person="王", reason="", note="").status_code == 303


def test_an_alert_is_acknowledged_by_somebody(portal: TestClient) -> None:
    alert = next(a for a in api(portal, "/alerts") if a["severity"] == "high")["id"]
    path = f"/en/monitor/alert?id={quote(alert)}"
    assert form(portal, path, action="acknowledge", person=" ", note="").status_code == 422
    assert form(portal, path, action="acknowledge", person="Li", note="seen").status_code == 303
    assert {a["id"]: a["state"] for a in api(portal, "/alerts")}[alert] == "acknowledged"


def test_a_form_of_another_site_is_refused(portal: TestClient) -> None:
    case = api(portal, "/cases")[0]["id"]
    before = api(portal, f"/cases/{case}")["events"]
    files = {"action": (None, "note"), "person": (None, "x"), "form_token": (None, "forged")}
    assert portal.post(f"/monitor/case?id={quote(case)}", files=files).status_code == 403
    assert api(portal, f"/cases/{case}")["events"] == before


def test_new_readings_are_seen_without_a_new_start(portal: TestClient, workspace: Path, tmp_path: Path) -> None:
    """A correction of one value of a stack changes what the API tells after the next roll-up."""
    meter = next(m for m in _meters(workspace) if m["carrier"] == "stack_co2")
    span = {"from": "2024-07-10", "to": "2024-07-10"}
    before = api(portal, "/total", id=meter["unit"], **span)["co2e_kg"]["total"]
    last = api(portal, "/readings", id=meter["id"], **span)[20]
    sheet = tmp_path / "correction.csv"
    sheet.write_text(f"meter,time,value\n{meter['id']},{last['at']},{2 * last['value']}\n", encoding="utf-8")
    run("ingest", sheet, "--workspace", workspace)
    run("rollup", "--workspace", workspace)
    assert api(portal, "/total", id=meter["unit"], **span)["co2e_kg"]["total"] > before


def _meters(workspace: Path) -> list[dict[str, str]]:
    from tanlu.monitor.ledger import Ledger

    ledger = Ledger.open(workspace / "ledger", read_only=True)
    return [{"id": m.id, "unit": m.unit, "carrier": m.carrier} for m in ledger.registry.meters.values() if m.counted]


def test_the_tiles_are_the_places(portal: TestClient) -> None:
    span = {"from": "2024-07-01", "to": "2024-07-31"}
    text = portal.get("/api/v1/charts/monitor-tiles.csv", params=span).text
    shown = sum(float(r["value [t CO2e]"] or 0) for r in csv.DictReader(io.StringIO(text)))
    assert shown == pytest.approx(sum(p["total"] for p in api(portal, "/places", **span)) / 1000)


def test_the_live_strip_ends_with_the_last_hour_that_has_arrived(portal: TestClient) -> None:
    """Clocks that run ahead put single stamps into the day after; they do not make an hour."""
    told = api(portal, "/live")
    assert (told["at"], told["day"], len(told["hours"])) == ("2024-07-31 23:00", "2024-07-31", 24)
    day = api(portal, "/total", **{"from": "2024-07-31", "to": "2024-07-31"})["co2e_kg"]
    assert told["direct_t"] == pytest.approx(day["scope_1"] / 1000)
    assert told["purchased_t"] == pytest.approx(day["purchased"] / 1000)
    assert "2024-07-31 23:00" in portal.get("/en/monitor").text


def heard(workspace: Path, seen: str) -> list[tuple[str, str]]:
    """Return id and kind of the events of two pulses."""
    m, found, left = Monitoring(workspace), list[tuple[str, str]](), iter((False, False, True))

    async def gone() -> bool:
        return next(left)

    async def listen() -> None:
        async for text in events(Pulse(m), gone, seen):
            lines = dict(line.split(": ", 1) for line in text.strip().splitlines() if ": " in line)
            if "id" in lines:
                found.append((lines["id"], lines["event"]))

    # in a thread of its own: where a browser is open, this one has a loop that runs
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, listen()).result()
    return found


def test_a_listener_that_comes_back_is_sent_what_changed_and_nothing_else(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monitor_live, "PULSE_S", 0.01)
    first = heard(workspace, "")
    assert [kind for _, kind in first] == ["live"]
    assert heard(workspace, first[-1][0]) == []
    status = Monitoring(workspace).folder / STATUS
    status.write_text(json.dumps({"at": 1_720_000_000, "protocols": {}}), encoding="utf-8")
    second = heard(workspace, first[-1][0])
    status.unlink()
    assert second == [(f"1720000000-{first[-1][0].partition('-')[2]}", "intake")]
    assert heard(workspace, "")[0][0].startswith("-")


def test_listeners_share_what_is_read(workspace: Path) -> None:
    """300 listeners at once are all sent the first state, and the ledger is looked at once; a second later once more."""
    m, now, looks = Monitoring(workspace), [0.0], [0]

    class Counted(Pulse):
        def _look(self) -> Beat:
            looks[0] += 1
            return super()._look()

    async def all_at_once() -> list[Beat]:
        return list(await asyncio.gather(*(pulse.beat() for _ in range(300))))

    async def scene() -> None:
        first = await all_at_once()
        now[0] += monitor_live.PULSE_S
        again = await all_at_once()
        assert {b.generation for b in (*first, *again)} == {str(m.generation())}
        assert all("event: live" in "".join(b.after("")) and not b.after(b.id_after("")) for b in first)

    pulse = Counted(m, lambda: now[0])
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, scene()).result()
    assert looks == [2]


def test_a_chart_names_its_meters_and_factors_and_leads_to_them(portal: TestClient, enterprise: str) -> None:
    page = portal.get(f"/en/monitor/unit?id={enterprise}").text
    assert f'href="/en/monitor/meter?id={enterprise}-main"' in page
    links = set(re.findall(r'href="(/en/factor\?id=[^"]+)"', page))
    assert links and all(portal.get(link.replace("&amp;", "&")).status_code == 200 for link in links)
    assert f"tanlu explain monitor:{enterprise}:2024-07-01..2024-07-31" in page
    assert "inventory of the province" in portal.get("/en/monitor").text


def test_a_figure_is_explained_down_to_its_meters(portal: TestClient, workspace: Path, enterprise: str) -> None:
    """The total is that of the API; gases times GWP add up to it; knowledge of a day in the past is less."""

    def explain(number: str, code: int = 0) -> Any:
        found = RUN.invoke(app, ["explain", number, "--out", str(workspace), "--json"])
        assert found.exit_code == code, found.output
        return json.loads(found.stdout)

    told = explain(f"monitor:{enterprise}:2024-07")
    nodes = {n["id"]: n for n in told["nodes"]}
    root = nodes[told["id"]]
    total = api(portal, "/total", id=enterprise, **{"from": "2024-07-01", "to": "2024-07-31"})
    assert root["value"] == pytest.approx(total["co2e_kg"]["total"])
    assert (told["manifest"]["factor_version"], told["manifest"]["known_at"]) == (total["factor_version"], "")
    assert f"meter:{enterprise}-main" in nodes and set(total["factors"]) <= set(nodes)
    then = explain(f"monitor:{enterprise}:2024-07@2024-07-10")
    assert 0 < then["nodes"][0]["value"] < root["value"] and then["manifest"]["known_at"] == "2024-07-10"
    for wrong in (
        "monitor:hunan",
        "monitor:nobody:2024-07",
        "monitor:hunan:2024-13",
        "monitor:hunan:2024-07-05..2024-07-01",
    ):
        assert explain(wrong, 2)["problems"]
