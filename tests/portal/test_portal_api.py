"""The REST API: every answer from the frozen run, CSV like JSON, clear faults."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from tests.results_fixture import REGION, SECTORS, level, write_results

from tanlu.charts import Results
from tanlu.portal import create_app
from tanlu.portal.service import CHARTS

API = "/api/v1"
COLLECTIONS = {
    "totals": "totals", "sectors": "sectors", "pathways": "pathways", "fan": "fan", "peaks": "peaks", "levers": "levers",
    "scoreboard": "scoreboard", "intensity": "intensity", "reconciliation": "reconciliation", "prefectures": "prefectures",
    "sources": "sources", "inventory": "inventory",
}  # fmt: skip


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


@pytest.mark.parametrize("name", COLLECTIONS)
def test_a_collection_has_the_records_of_the_run(client: TestClient, results: Results, name: str) -> None:
    answer = client.get(f"{API}/{name}")
    assert answer.status_code == 200
    assert len(answer.json()) == len(getattr(results, COLLECTIONS[name]))


def test_a_missing_value_is_null_never_zero(client: TestClient) -> None:
    rows = client.get(f"{API}/inventory", params={"year": 2014, "category": "2.B.1"}).json()
    assert [(r["value"], r["co2e"], r["status"]) for r in rows] == [(None, None, "NE")]


def test_csv_of_the_inventory_equals_its_json(client: TestClient) -> None:
    filters = {"year": "2014", "gas": "CH4", "gwp": "AR6"}
    rows = client.get(f"{API}/inventory", params=filters).json()
    table = read(client.get(f"{API}/inventory", params={**filters, "format": "csv"}).text)
    assert len(table) == len(rows) > 0
    assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in rows] == table


@pytest.mark.parametrize(("gwp", "methane"), [("AR4", 25), ("AR5", 28), ("AR6", 27.9)])
def test_equivalents_follow_the_gwp_set(client: TestClient, gwp: str, methane: float) -> None:
    """GWP100 of CH4: AR4 25, AR5 28, AR6 27.9 (IPCC AR4 table 2.14, AR5 table 8.A.1, AR6 table 7.SM.7)."""
    rows = client.get(f"{API}/inventory", params={"year": 2020, "gas": "CH4", "category": "4.A", "gwp": gwp}).json()
    assert rows[0]["co2e"] == pytest.approx(rows[0]["value"] * methane)


def test_sums_keep_land_use_apart(client: TestClient) -> None:
    answer = client.get(f"{API}/inventory/total", params={"year": 2024, "gas": "CO2"}).json()
    assert answer["emissions"] == pytest.approx(sum(level(s, 2024) for s in SECTORS if s != "land"), rel=1e-6)
    assert answer["land"] == pytest.approx(level("land", 2024), rel=1e-6)
    assert answer["not_estimated"] == 1


def test_a_category_filter_takes_what_is_below_it_and_no_namesake(client: TestClient) -> None:
    rows = client.get(f"{API}/inventory", params={"year": 2014, "category": "1.A.1"}).json()
    assert {r["category"] for r in rows} == {"1.A.1.a", "1.A.1.b"}


def test_lineage_of_a_number_ends_in_sources(client: TestClient) -> None:
    chain = client.get(f"{API}/lineage/total:{REGION}:2024:co2").json()
    assert (chain[0]["depth"], chain[0]["id"]) == (0, f"total:{REGION}:2024:co2")
    leaves = {n["kind"] for n in chain if not n["parents"]}
    assert leaves == {"source"}


def test_an_id_with_a_bar_can_be_asked_for(client: TestClient) -> None:
    node = f"fact:{REGION}:Output:2014"
    assert client.get(f"{API}/lineage/{node}").json()[0]["id"] == node
    assert client.get(f"{API}/lineage/pathway:plan-mid:Emissions|CO2:2030").status_code == 200


@pytest.mark.parametrize("name", CHARTS)
@pytest.mark.parametrize("form", ["json", "csv", "svg", "png"])
def test_every_chart_comes_in_every_form(client: TestClient, name: str, form: str) -> None:
    answer = client.get(f"{API}/charts/{name}.{form}", params={"lang": "en"})
    assert answer.status_code == 200
    starts = {"json": b"{", "csv": b"\xef\xbb\xbf", "svg": b"<svg", "png": b"\x89PNG"}
    assert answer.content.startswith(starts[form])


@pytest.mark.parametrize(
    "path",
    ["charts/none.json", "charts/scenarios.json?scenario=x-mid", "charts/prefectures.json?indicator=x", "charts/inventory.json?gwp=AR9",
     "inventory?gwp=AR9", "inventory?year=last", "lineage/none", "peaks?run=none", "nothing"],
)  # fmt: skip
def test_what_is_not_there_is_404_and_named(client: TestClient, path: str) -> None:
    answer = client.get(f"{API}/{path}")
    assert answer.status_code == 404
    assert answer.json()["detail"]


def test_a_form_that_is_not_offered_is_refused(client: TestClient) -> None:
    assert client.get(f"{API}/charts/fan.gif").status_code == 422


def test_openapi_describes_every_route_of_the_api(client: TestClient) -> None:
    paths = client.get(f"{API}/openapi.json").json()["paths"]
    assert {f"{API}/{name}" for name in COLLECTIONS} <= set(paths)
    assert all(p.startswith(API) for p in paths)
    assert all(operation.get("description") for methods in paths.values() for operation in methods.values())


def test_runs_are_listed_and_any_of_them_can_be_asked_for(tmp_path: Path) -> None:
    first = write_results(tmp_path, "20260101T000000Z-a")
    write_results(tmp_path, "20260102T000000Z-b")
    client = TestClient(create_app(tmp_path))
    runs = client.get(f"{API}/runs").json()
    assert {r["run_id"]: r["latest"] for r in runs} == {"20260101T000000Z-a": True, "20260102T000000Z-b": False}
    assert client.get(f"{API}/manifest").json()["run_id"] == first.name
    assert client.get(f"{API}/manifest", params={"run": "20260102T000000Z-b"}).json()["run_id"] == "20260102T000000Z-b"


@pytest.mark.parametrize("run", ["..", "../..", "latest/../../x", "/etc"])
def test_a_run_cannot_name_a_folder_outside(client: TestClient, run: str) -> None:
    assert client.get(f"{API}/manifest", params={"run": run}).status_code == 404


def test_a_damaged_run_tells_its_faults(tmp_path: Path) -> None:
    (write_results(tmp_path) / "peaks.csv").unlink()
    client = TestClient(create_app(tmp_path))
    answer = client.get(f"{API}/peaks")
    assert answer.status_code == 500
    assert [d["file"] for d in answer.json()["detail"]] == ["peaks.csv"]
    assert "peaks.csv" in client.get("/").text


def test_an_empty_workspace_says_so(tmp_path: Path) -> None:
    client = TestClient(create_app(tmp_path))
    assert client.get(f"{API}/runs").json() == []
    assert client.get(f"{API}/peaks").status_code == 404
    assert client.get("/en").status_code == 404
    assert "tanlu run" in client.get("/en").text
