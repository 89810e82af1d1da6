"""Reports in the portal: offered on a page, made once, refused with a reason."""

from __future__ import annotations

import io

import openpyxl
import pytest
from fastapi.testclient import TestClient

from tanlu.charts import Results


@pytest.mark.parametrize(("path", "title"), [("/reports", "报告"), ("/en/reports", "Reports")])
def test_the_page_offers_every_report_of_the_run(client: TestClient, results: Results, path: str, title: str) -> None:
    page = client.get(path)
    assert page.status_code == 200 and f"<h1>{title}</h1>" in page.text
    for kind in client.get("/api/v1/reports").json()["kinds"]:
        assert f'action="/api/v1/reports/{kind}"' in page.text
    assert page.text.count('name="scenario"') == len(results.scenarios)


def test_the_page_lets_as_many_scenarios_be_chosen_as_a_report_compares(client: TestClient) -> None:
    page = client.get("/reports").text
    most = int(page.partition('<fieldset data-most="')[2].partition('"')[0])
    asked = [("format", "html"), *(("scenario", "current-mid") for _ in range(most + 1))]
    assert client.get("/api/v1/reports/scenarios", params=asked).status_code == 422
    assert client.get("/api/v1/reports/scenarios", params=asked[:-1]).status_code == 200


def test_a_report_opens_and_is_the_same_when_asked_again(client: TestClient, results: Results) -> None:
    ask = {"format": "xlsx", "lang": "en", "region": results.prefectures[0].region}
    first, again = (client.get("/api/v1/reports/prefecture", params=ask) for _ in range(2))
    assert first.content == again.content
    assert first.headers["content-disposition"].startswith("attachment; ")
    book = openpyxl.load_workbook(io.BytesIO(first.content))
    name = results.prefectures[0].name("en")
    assert any(name in str(row[0].value) for row in book.worksheets[0].iter_rows())


def test_a_page_report_runs_no_script_and_asks_for_nothing(client: TestClient) -> None:
    made = client.get("/api/v1/reports/targets", params={"format": "html"})
    assert made.status_code == 200 and made.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in made.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/prefecture", 404, "prefecture"),
        ("/prefecture?region=atlantis", 422, "atlantis"),
        ("/scenarios?scenario=heaven&format=html", 422, "heaven"),
        ("/targets?run=none", 404, "none"),
        ("/targets?format=exe", 422, "format"),
        ("/poetry", 422, "kind"),
    ],
)
def test_what_cannot_be_made_is_refused_with_the_reason(client: TestClient, path: str, status: int, said: str) -> None:
    answer = client.get(f"/api/v1/reports{path}")
    assert answer.status_code == status and said in answer.text
