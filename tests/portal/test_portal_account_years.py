"""An account of several years in the portal: each year by itself, no sum over years."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from tanlu.core.messages import LANGUAGES
from tanlu.portal import create_app
from tanlu.portal.session.forgery import API_HEADER

HEADER = "record,place,period,method,input,value,unit,source,grade,uncertainty,note\n"
ROWS = "".join(
    f"kiln,testland/works,{period},carbonate-use,{name},{value},{unit},ledger,A,2,\n"
    for period, mass in (("2022", 800), ("2023-01", 100), ("2023-02", 200))
    for name, value, unit in (
        ("carbonate", "calcite", ""), ("carbonate_use", "ceramics", ""), ("carbonate_mass", mass, "t"),
    )
)  # fmt: skip
CALCITE = 0.43971
"""t CO2/t CaCO3 (IPCC 2006 vol. 3 table 2.1)."""


@pytest.fixture
def visitor(tmp_path: Path) -> TestClient:
    return TestClient(create_app(tmp_path), base_url="http://127.0.0.1")


@pytest.fixture
def key(visitor: TestClient) -> str:
    answer = visitor.post(
        "/api/v1/accounts?keep=true", data={"set": "cn-enterprise"},
        files=[("files", ("works.csv", (HEADER + ROWS).encode()))], headers={API_HEADER: "test"},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    return str(answer.json()["key"])


def test_the_api_has_the_last_year_and_the_totals_of_all(visitor: TestClient, key: str) -> None:
    found = visitor.get(f"/api/v1/accounts/{key}").json()
    assert (found["year"], found["years"]) == (2023, [2022, 2023])
    assert found["co2e"] == pytest.approx(300 * CALCITE, rel=1e-3)
    assert [(y["year"], y["co2e"]) for y in found["by_year"]] == [
        (2022, pytest.approx(800 * CALCITE, rel=1e-3)), (2023, pytest.approx(300 * CALCITE, rel=1e-3)),
    ]  # fmt: skip
    asked = visitor.get(f"/api/v1/accounts/{key}?year=2022").json()
    assert asked["co2e"] == asked["gases"][-1]["co2e"] == pytest.approx(found["by_year"][0]["co2e"])
    assert asked["results"] == 1 and found["results"] == 2
    assert visitor.get(f"/api/v1/accounts/{key}?year=1990").status_code == 404
    listed = visitor.get("/api/v1/accounts").json()[0]
    assert (listed["years"], listed["year"], listed["co2e"]) == ("2022 2023", 2023, pytest.approx(found["co2e"]))


def test_tables_are_of_a_year_and_results_of_all_unless_one_is_asked_for(visitor: TestClient, key: str) -> None:
    def read(name: str, asked: str) -> list[dict[str, str]]:
        text = visitor.get(f"/api/v1/accounts/{key}/tables/{name}?format=csv{asked}").text
        return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))

    assert [r["period"] for r in read("results", "")] == ["2022", "2023-01", "2023-02"]
    assert [r["period"] for r in read("results", "&year=2022")] == ["2022"]
    assert [float(r["mass"]) for r in read("categories", "&year=2022")] == [pytest.approx(800 * CALCITE, rel=1e-3)]
    assert [r["year"] for r in read("years", "")] == ["2022", "2023"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_shows_one_year_and_lists_all(visitor: TestClient, key: str, language: str) -> None:
    base = "" if language == "zh" else "/en"
    page = visitor.get(f"{base}/account/{key}?year=2022").text
    total = re.search(r'data-total="co2e"><data value="([^"]+)"', page)
    assert total and float(total[1]) == pytest.approx(800 * CALCITE, rel=1e-3)
    assert '<option value="2022" selected>' in page and 'id="years"' in page
    assert "2022" in visitor.get(f"{base}/account").text


def test_the_manifest_has_totals_by_year_and_none_over_years(visitor: TestClient, key: str, tmp_path: Path) -> None:
    manifest = json.loads((tmp_path / "accounts" / key / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["totals"] is None and list(manifest["by_year"]) == ["2022", "2023"]
    assert manifest["by_year"]["2023"]["CO2e"] == pytest.approx(300 * CALCITE, rel=1e-3)
