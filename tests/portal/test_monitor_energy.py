"""Energy of buildings and plants over a demonstration fleet: pages and API say what the facts say; few peers stay unnamed."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from tests.monitor.test_fleet_ledger import run
from tests.portal.browsing import place
from tests.portal.monitor_fixture import workspace_of

from tanlu.charts import tokens
from tanlu.charts.monitor_energy import _ends
from tanlu.portal import create_app

MONTH = {"from": "2024-07-01", "to": "2024-07-31"}


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(workspace_of(tmp_path_factory), tmp_path_factory.mktemp("energy") / "workspace"))


@pytest.fixture(scope="module")
def portal(workspace: Path) -> TestClient:
    return TestClient(create_app(workspace))


def api(portal: TestClient, path: str, **given: str) -> Any:
    answer = portal.get(f"/api/v1/monitor/energy{path}", params={**MONTH, **given})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def building(portal: TestClient) -> str:
    return str(next(x["id"] for x in api(portal, "") if x["use"] not in ("", "plant")))


def test_the_list_adds_up_to_what_the_province_bought(portal: TestClient) -> None:
    lines = api(portal, "")
    days = portal.get("/api/v1/charts/monitor-load.csv", params={**MONTH, "carrier": "electricity"}).text
    total = sum(float(row.split(",")[1] or 0) for row in days.splitlines()[1:])
    assert sum(x["total"] for x in lines) == pytest.approx(total)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_both_pages_answer_and_draw(portal: TestClient, building: str, language: str) -> None:
    for path, charts in (("/monitor/energy", 0), (f"/monitor/energy/{building}", 3)):
        answer = portal.get(place(path, language))
        assert answer.status_code == 200
        assert answer.text.count('data-chart="') == charts
        assert ("都是虚构的" if language == "zh" else "are invented") in answer.text


def test_a_building_follows_the_weather_and_its_savings_come_after_the_baseline(
    portal: TestClient, building: str
) -> None:
    """Half of the load of a building of the fleet follows the weather; nothing was saved, so the band should hold zero or nearly so."""
    told = api(portal, f"/{building}", base_from="2024-07-01", base_to="2024-07-20")
    found = told["baseline"]
    assert (found["driver"], found["last"], found["is_short"]) == ("temperature", "2024-07-20", True)
    assert found["low"] <= found["saved"] <= found["high"]
    assert abs(found["saved"]) < 0.2 * told["total"]
    assert 0 < told["night"] < 1 / 3 and 0 < told["base_share"] < 1


def test_a_plant_is_told_by_output(portal: TestClient) -> None:
    plant = next(x["id"] for x in api(portal, "") if x["per"] not in ("", "m2"))
    told = api(portal, f"/{plant}")["intensity"]
    assert told["value"] == pytest.approx(api(portal, f"/{plant}")["total"] / told["amount"], rel=0.05)


def test_fewer_than_five_peers_are_not_compared(portal: TestClient) -> None:
    lines = [x for x in api(portal, "") if x["intensity"] is not None]
    groups: dict[tuple[str, str], int] = {}
    for x in lines:
        groups[x["use"], x["per"]] = groups.get((x["use"], x["per"]), 0) + 1
    for x in lines:
        if groups[x["use"], x["per"]] <= 5:
            assert x["percentile"] is None and x["peers"] is None


def test_the_command_says_what_the_api_says(portal: TestClient, workspace: Path, building: str) -> None:
    told = run("energy", "--unit", building, "--from", "2024-07-01", "--to", "2024-07-31", "--workspace", workspace)
    assert told["unit"] == api(portal, f"/{building}")
    assert (told["sites"], told["temperatures"]) == (0, 0)


@pytest.mark.parametrize(
    "path",
    [
        "/monitor/energy/nowhere",
        "/monitor/energy?carrier=phlogiston",
        "/monitor/energy/hunan?base_from=x",
        "/api/v1/monitor/energy/nowhere",
        "/api/v1/charts/monitor-energy-nothing.json",
    ],
)
def test_what_does_not_exist_is_said_to_be_missing(portal: TestClient, path: str) -> None:
    assert portal.get(path).status_code == 404


def test_a_wrong_table_is_refused_with_every_problem_and_nothing_is_kept(workspace: Path, tmp_path: Path) -> None:
    sites, degrees = tmp_path / "sites.csv", tmp_path / "temperature.csv"
    sites.write_text(
        "unit,use,area,product,source,grade\nnobody,castle,-1,,x,D\nhunan,office,,,x,D\n", encoding="utf-8"
    )
    degrees.write_text("region,date,temperature,source,grade\nhunan,2024-13-01,20,x,D\n", encoding="utf-8")
    told = run("energy", "--sites", sites, "--temperature", degrees, "--workspace", workspace, code=2)
    found = {(p["file"], p["row"], p["field"]) for p in told["problems"]}
    assert found == {
        ("sites.csv", 2, "use"), ("sites.csv", 2, "area"), ("sites.csv", 3, "area"), ("temperature.csv", 2, "date"),
    }  # fmt: skip
    good = tmp_path / "good.csv"
    good.write_text("region,date,temperature,source,grade\nhunan,2030-01-01,20,x,D\n", encoding="utf-8")
    run("energy", "--sites", sites, "--temperature", good, "--workspace", workspace, code=2)
    assert run("energy", "--temperature", good, "--workspace", workspace)["temperatures"] == 1
    assert run("energy", "--temperature", good, "--workspace", workspace)["temperatures"] == 0


@pytest.mark.parametrize(
    ("low", "high", "ends"), [(11_500.0, 19_400.0, (10_000.0, 20_000.0)), (0.0, 7.2, (0.0, 10.0)), (5.0, 5.0, None)]
)
def test_colours_of_the_hours_span_what_is_used_in_round_steps(
    low: float, high: float, ends: tuple[float, float] | None
) -> None:
    """Five colours from 11,500 to 19,400: steps of 2,000 from 10,000; a plant that uses the same at all hours still has a scale."""
    first, last = _ends([low, None, high])
    assert first <= low and high <= last and last > first
    assert ends is None or (first, last) == pytest.approx(ends)
    assert len(tokens.RAMP) == 5
