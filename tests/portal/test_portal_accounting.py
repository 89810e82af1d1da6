"""Factor library, methods, enterprise account, uncertainty and reconciliation as they are served: pages, CSV, API, refusals."""

from __future__ import annotations

import base64
import csv
import io
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.portal.links import leading_nowhere
from tests.results_fixture import REGION, level, write_results

from tanlu.accounts.files.audit import audit
from tanlu.charts import Results
from tanlu.charts.format import spaced
from tanlu.core.gases import GWP_SETS
from tanlu.core.library import load_library
from tanlu.core.messages import LANGUAGES, catalogue
from tanlu.portal import create_app, uploads
from tanlu.portal.accounts import store as account_store
from tanlu.portal.session.forgery import API_HEADER, COOKIE, FIELD

API = "/api/v1"
HAN = re.compile(r"[\u4e00-\u9fff]")
FACTOR = "cn-enterprise-2013.net_calorific_value.anthracite"
LIBRARY_PAGES = [
    "/factors", "/factors?q=anthracite", f"/factor?id={FACTOR}", f"/factors?id={FACTOR}", "/methods", "/methods?set=cn-enterprise",
    "/methods?set=cn-province-2025", "/method?id=fuel-combustion-carbon", "/account", "/account?set=cn-province-2025",
]  # fmt: skip
RUN_PAGES = [
    "/uncertainty", "/uncertainty?scope=with_land&list=T2", "/reconciliation", "/reconciliation?item=sector:steel&year=all",
    f"/inventory?region={REGION}/changsha", "/inventory?gwp=SAR",
]  # fmt: skip
every_language = pytest.mark.parametrize("language", LANGUAGES)
HEADER = "record,place,period,method,input,value,unit,source,grade,uncertainty,note\n"
# 800 t of calcite: 800 · 44/100 (molar masses of CO2 and CaCO3)
GOOD = HEADER + (
    "kiln,testland/works,2023,carbonate-use,carbonate,calcite,,ledger,A,,\n"
    "kiln,testland/works,2023,carbonate-use,carbonate_use,ceramics,,ledger,A,,\n"
    "kiln,testland/works,2023,carbonate-use,carbonate_mass,800,t,ledger,A,2,\n"
)
BAD = HEADER + (
    "kiln,testland/works,2023,carbonate-use,carbonate,calcit,,ledger,A,,\n"
    "kiln,testland/works,2023,carbonate-use,carbonate_use,ceramics,,ledger,A,,\n"
    "kiln,testland/works,2023,carbonate-use,carbonate_mass,800,parsec,ledger,A,2,\n"
)


def place(page: str, language: str) -> str:
    return page if language == "zh" else "/en" + page


NUMBER = count(1)


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def visible(html: str) -> str:
    """Text of the main part without code, choices, and what is marked as another language."""
    main = html[html.index("<main") : html.index("</main>")]
    main = re.sub(r"<(option|code|script)\b.*?</\1>", " ", main, flags=re.S)
    return re.sub(r"<[^>]+>", " ", main)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, FastAPI]:
    """A workspace and its portal: to make a portal costs more than most that is asked of it."""
    place = tmp_path_factory.mktemp("shop")
    return place, create_app(place)


@pytest.fixture
def folder(shop: tuple[Path, FastAPI]) -> Iterator[Path]:
    """A workspace without a run, which a test leaves empty for the next."""
    place, _ = shop
    yield place
    for left in place.iterdir():
        shutil.rmtree(left) if left.is_dir() else left.unlink()


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """A browser that only reads, in a workspace without a run."""
    return TestClient(
        create_app(tmp_path_factory.mktemp("reader")), base_url="http://127.0.0.1", follow_redirects=False
    )


@pytest.fixture
def visitor(folder: Path, shop: tuple[Path, FastAPI]) -> TestClient:
    """A browser that has no cookie yet, on a machine of its own: how much one may send is counted by machine."""
    machine = (f"visitor{next(NUMBER)}", 50_000)
    return TestClient(shop[1], base_url="http://127.0.0.1", follow_redirects=False, client=machine)


def token(visitor: TestClient, method_set: str = "cn-enterprise") -> str:
    found = re.search(rf'name="{FIELD}" value="([0-9a-f]+)"', visitor.get(f"/account?set={method_set}").text)
    assert found
    return found[1]


def send(
    visitor: TestClient, *files: tuple[str, bytes], action: str = "check", language: str = "zh", method_set: str = "cn-enterprise",
    sign: str | None = None, headers: dict[str, str] | None = None,
) -> httpx.Response:  # fmt: skip
    signed = token(visitor, method_set) if sign is None else sign
    return visitor.post(
        place("/account", language), data={FIELD: signed, "set": method_set, "action": action},
        files=[("files", (name, content)) for name, content in files], headers=headers,
    )  # fmt: skip


def keep(visitor: TestClient, content: str = GOOD, name: str = "works.csv") -> str:
    answer = send(visitor, (name, content.encode()), action="keep")
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].rpartition("/")[2]


def workbook(parts: dict[str, bytes] | None = None) -> bytes:
    """A zip archive with the parts that a workbook needs, and others."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        for name, content in (parts or {}).items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.mark.parametrize("page", LIBRARY_PAGES)
@every_language
def test_the_library_is_there_without_a_run(reader: TestClient, page: str, language: str) -> None:
    answer = reader.get(place(page, language))
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    if language == "en":
        assert not HAN.search(visible(answer.text))


@pytest.mark.parametrize("page", RUN_PAGES)
@every_language
def test_pages_of_a_run_are_served_in_one_language(client: TestClient, page: str, language: str) -> None:
    answer = client.get(place(page, language))
    assert answer.status_code == 200
    if language == "en":
        assert not HAN.search(visible(answer.text))


@pytest.mark.parametrize("page", [*LIBRARY_PAGES, *RUN_PAGES])
def test_no_script_style_or_handler_stands_in_a_page(client: TestClient, page: str) -> None:
    html = client.get(page).text
    assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>|<style|\sstyle=|\son\w+=", html)


@pytest.mark.wider
@pytest.mark.parametrize("page", [*LIBRARY_PAGES, *RUN_PAGES])
def test_every_link_leads_somewhere(client: TestClient, status: Callable[[str], int], page: str) -> None:
    assert leading_nowhere(client.get(page).text, status) == []


def test_search_finds_words_of_both_languages_and_of_the_source(reader: TestClient) -> None:
    for words in ("无烟煤 低位发热量", "anthracite CALORIFIC", "net_calorific_value anthracite cn-enterprise-2013"):
        found = reader.get(f"{API}/factors", params={"q": words}).json()
        assert FACTOR in {f["id"] for f in found}, words
    co2 = reader.get(f"{API}/factors", params={"q": "CO₂ electricity beijing"}).json()
    assert {f["region"] for f in co2} == {"beijing"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("set", "ipcc-2006"),
        ("parameter", "oxidation_factor"),
        ("gas", "CH4"),
        ("grade", "C"),
        ("evidence", "recalled"),
        ("region", "cn"),
    ],
)
def test_each_filter_keeps_what_has_its_value_and_all_of_it(reader: TestClient, name: str, value: str) -> None:
    found = reader.get(f"{API}/factors", params={name: value}).json()
    own = {f.id for f in load_library().factors.values() if str(getattr(f, name)) == value}
    assert {f["id"] for f in found} == own and own


def test_a_year_keeps_factors_that_hold_in_it(reader: TestClient) -> None:
    found = reader.get(f"{API}/factors", params={"set": "cn-grid", "region": "beijing", "year": "2022"}).json()
    assert found and all((f["valid_from"] or 2022) <= 2022 <= (f["valid_to"] or 2022) for f in found)
    assert any(f["valid_from"] == 2022 for f in found)


def test_status_tells_drafts_from_values_in_use(reader: TestClient) -> None:
    in_use, drafts = (reader.get(f"{API}/factors", params={"status": s}).json() for s in ("in_use", "draft"))
    assert all(f["status"] == "" for f in in_use) and in_use
    assert all(f["status"] == "draft" for f in drafts)


def test_the_page_its_csv_and_the_api_hold_the_same_factors(reader: TestClient) -> None:
    query = "set=cn-enterprise-2013&parameter=net_calorific_value"
    api = [f["id"] for f in reader.get(f"{API}/factors?{query}").json()]
    table = read(reader.get(f"/factors?{query}&format=csv").text)
    shown = re.findall(r'<tr data-id="([^"]+)">', reader.get(f"/factors?{query}").text)
    assert shown == api[:100] == [r["id"] for r in table][:100] and api
    assert {r["hash"] for r in table} == {load_library().factors[i].hash for i in api}


def test_pages_of_the_library_hold_every_factor_once(reader: TestClient) -> None:
    seen: list[str] = []
    for page in range(1, 99):
        found = re.findall(r'<tr data-id="([^"]+)">', reader.get(f"/factors?set=ipcc-2006&page={page}").text)
        if seen and found[0] in seen:
            break
        seen += found
    assert sorted(seen) == sorted(f.id for f in load_library().factors.values() if f.set == "ipcc-2006")


def test_the_history_of_a_factor_goes_through_sets_years_and_other_names(reader: TestClient) -> None:
    """Grid factors of one region stand together by year; the IPCC calls bituminous coal other bituminous coal."""
    grid = reader.get(f"{API}/factors/cn-grid.co2_factor.beijing.2023/history").json()
    own = [f["valid_from"] for f in grid if f["region"] == "beijing"]
    assert own == sorted(own) and len(own) > 1
    assert [f["region"] for f in grid[: len(own)]] == ["beijing"] * len(own)
    coal = reader.get(f"{API}/factors/cn-enterprise-2013.net_calorific_value.bituminous_coal").json()
    assert {f["set"] for f in coal["history"]} >= {"cn-enterprise-2013", "ipcc-2006"}
    assert {(f["parameter"], f["gas"]) for f in coal["history"]} == {("net_calorific_value", "")}


def test_a_factor_names_the_methods_that_take_it(reader: TestClient) -> None:
    uses = reader.get(f"{API}/factors/{FACTOR}").json()["uses"]
    own = {(u["method_set"], u["method"]) for u in uses if not u["fallback"]}
    assert ("cn-enterprise", "fuel-combustion-carbon") in own
    assert any(u["fallback"] and u["method_set"] == "cn-province-2011" for u in uses)


@pytest.mark.parametrize("form", ["json", "csv", "svg", "png"])
def test_the_chart_of_a_factor_comes_in_every_form(reader: TestClient, form: str) -> None:
    answer = reader.get(f"{API}/charts/factor.{form}", params={"id": FACTOR, "lang": "en"})
    starts = {"json": b"{", "csv": b"\xef\xbb\xbf", "svg": b"<svg", "png": b"\x89PNG"}
    assert answer.status_code == 200 and answer.content.startswith(starts[form])


@every_language
def test_a_factor_page_says_value_source_and_hash(reader: TestClient, language: str) -> None:
    factor, html = load_library().factors[FACTOR], reader.get(place(f"/factor?id={FACTOR}", language)).text
    assert factor.hash in html and f'value="{factor.value}"' in html
    assert spaced(load_library().sources[factor.source].title(language)).split("（")[0] in html.replace("CO₂", "CO2")


def test_an_incomplete_set_is_shown_and_refuses(visitor: TestClient) -> None:
    sets = {s["id"]: s for s in visitor.get(f"{API}/method-sets").json()}
    assert sets["cn-province-2025"]["status"] == "incomplete" and sets["cn-province-2025"]["methods"] == 0
    assert "refuses to compute" in visitor.get("/en/methods").text
    assert visitor.get(f"{API}/templates/cn-province-2025.xlsx").status_code == 404
    answer = send(visitor, ("works.csv", GOOD.encode()), method_set="cn-province-2025", action="keep")
    assert answer.status_code == 422


def test_every_method_of_a_set_has_a_page_and_is_listed_once(reader: TestClient) -> None:
    lines = reader.get(f"{API}/methods", params={"set": "cn-ets-2024"}).json()
    html = reader.get("/en/methods?set=cn-ets-2024").text
    for line in lines:
        assert html.count(f'data-id="{line["id"]}"') == 1
        page = reader.get(f"/en/method?id={line['id']}&set=cn-ets-2024")
        assert page.status_code == 200
        record = reader.get(f"{API}/methods/{line['id']}").json()
        assert re.findall(r'<tr data-id="([^"]+)">', page.text) == [i["name"] for i in record["inputs"]]


def test_a_template_for_several_methods_opens_and_has_a_sheet_for_each(reader: TestClient) -> None:
    answer = reader.get(f"{API}/templates/cn-enterprise.xlsx?method=fuel-combustion&method=carbonate-use")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames[:2] == ["fuel-combustion", "carbonate-use"]
    assert answer.headers["content-disposition"] == 'attachment; filename="tanlu-cn-enterprise.xlsx"'


def test_a_dry_run_of_sound_data_shows_results_and_keeps_nothing(visitor: TestClient, folder: Path) -> None:
    """800 t · 44/100.0869 of calcite within the rounding of the factor."""
    answer = send(visitor, ("works.csv", GOOD.encode()), language="en")
    assert answer.status_code == 200
    total = re.search(r'data-total="co2e"><data value="([^"]+)">', answer.text)
    assert total and float(total[1]) == pytest.approx(800 * 0.44, rel=0.002)
    assert not (folder / "accounts").exists()


def test_a_warning_of_quality_control_stands_before_the_total(visitor: TestClient) -> None:
    """More magnesia than clinker has can be computed: nobody may read the total before the warning."""
    given = {"clinker": "1000,t", "lime_content": "0.65,1", "magnesia_content": "0.2,1", "raw_meal": "1500,t"}
    rows = [f"kiln,testland/works,2023,cement-clinker,{name},{value},diary,A,," for name, value in given.items()]
    answer = send(visitor, ("works.csv", ("\n".join([HEADER.strip(), *rows]) + "\n").encode()), language="en")
    assert answer.status_code == 200
    assert 0 < answer.text.find('data-warned="1"') < answer.text.find("data-total=")
    assert 'href="#result"' in answer.text


@every_language
def test_a_dry_run_of_bad_data_names_every_problem_with_its_mend(
    visitor: TestClient, folder: Path, language: str
) -> None:
    answer = send(visitor, ("works.csv", BAD.encode()), language=language, action="keep")
    assert answer.status_code == 422
    start = r'<tr><th scope="row" class="long">works\.csv</th><td class="right"><span class="of phone">[^<]+</span> (\d+)</td>'
    rows = re.findall(start + r'<td><code>(\w+)</code></td><td class="long">(\w+)<', answer.text)
    assert {(row, value) for row, _, value in rows} == {("2", "calcit"), ("4", "parsec")}
    address = re.search(r'href="data:text/csv;charset=utf-8;base64,([^"]+)"', answer.text)
    assert address
    table = read(base64.b64decode(address[1]).decode())
    assert len(table) == len(rows) and all(r["mend"] for r in table)
    assert not (folder / "accounts").exists()


def test_a_problem_in_a_workbook_names_its_sheet_and_cell(visitor: TestClient) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "data"
    for row in csv.reader(io.StringIO(GOOD.replace(",800,t,", ",many,t,"))):
        sheet.append(row)
    buffer = io.BytesIO()
    book.save(buffer)
    answer = send(visitor, ("works.xlsx", buffer.getvalue()))
    assert answer.status_code == 422
    assert "works.xlsx[data]" in answer.text and "<code>F4</code>" in answer.text


def test_an_account_that_is_kept_has_an_address_that_stays(visitor: TestClient, folder: Path) -> None:
    key = keep(visitor)
    assert [p.name for p in (folder / "accounts").iterdir()] == [key]
    assert keep(visitor) == key
    again = TestClient(create_app(folder), base_url="http://127.0.0.1")
    for language in LANGUAGES:
        page = again.get(place(f"/account/{key}", language))
        assert page.status_code == 200 and "works.csv" in page.text
    assert not HAN.search(visible(again.get(f"/en/account/{key}").text))
    assert keep(visitor, GOOD.replace(",800,", ",801,")) != key


def test_a_kept_account_is_audited_without_a_difference(visitor: TestClient, folder: Path) -> None:
    key = keep(visitor)
    assert audit(folder / "accounts" / key).differences == ()
    assert visitor.get(f"{API}/accounts/{key}").json()["identical"] is True


def test_a_changed_cell_of_a_kept_account_is_told(visitor: TestClient, folder: Path) -> None:
    key = keep(visitor)
    assert visitor.get(f"{API}/accounts/{key}").json()["identical"] is True
    path = folder / "accounts" / key / "results.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",2.A.4.a,", ",2.A.4.b,"), encoding="utf-8")
    assert visitor.get(f"{API}/accounts/{key}").json()["identical"] is False
    assert "results.csv" in visitor.get(f"/en/account/{key}").text


def test_tables_of_an_account_are_the_same_on_page_csv_and_api(visitor: TestClient) -> None:
    key = keep(visitor)
    for name in ("gases", "categories", "qc", "fallbacks", "next", "results"):
        api = visitor.get(f"{API}/accounts/{key}/tables/{name}?gwp=AR5").json()
        table = read(visitor.get(f"/account/{key}?gwp=AR5&table={name}&format=csv").text)
        assert [{k: "" if v is None else str(v) for k, v in row.items()} for row in api] == table
    stored = read(visitor.get(f"{API}/accounts/{key}/results.csv").text)
    assert [r["id"] for r in stored] == [r["id"] for r in visitor.get(f"{API}/accounts/{key}/tables/results").json()]


def test_bought_power_is_in_the_total_where_the_rule_adds_it(visitor: TestClient) -> None:
    """Enterprises add bought power and heat (GB/T 32150): the categories of the total add up to it, and its share of variance to 100 %."""
    rows = GOOD + "grid,testland/works,2023,electricity-location-based,electricity,5000,MWh,bill,A,2,\n"
    key = keep(visitor, rows)
    account = visitor.get(f"{API}/accounts/{key}").json()
    counted = [c for c in account["categories"] if not c["memo"]]
    assert "memo.purchased_electricity" in {c["category"] for c in counted}
    assert sum(c["co2e"] for c in counted) == pytest.approx(account["co2e"])
    assert account["gases"][-1]["co2e"] == pytest.approx(account["co2e"])
    assert sum(c["share_of_variance"] for c in counted) == pytest.approx(100)


def test_downloads_open(visitor: TestClient, folder: Path) -> None:
    key = keep(visitor)
    for address in ("inventory.xlsx", "inventory.xlsx?gwp=AR6"):
        book = openpyxl.load_workbook(io.BytesIO(visitor.get(f"{API}/accounts/{key}/{address}").content))
        assert {"2023", "results", "activities", "factors", "methods", "qc"} <= set(book.sheetnames)
    archive = zipfile.ZipFile(io.BytesIO(visitor.get(f"{API}/accounts/{key}/folder.zip").content))
    assert archive.testzip() is None
    unpacked = folder / "unpacked"
    archive.extractall(unpacked)
    assert audit(unpacked / key).differences == ()


def test_the_report_on_an_account_is_offered_opens_and_stays_the_same(visitor: TestClient) -> None:
    key = keep(visitor)
    page = visitor.get(f"/en/account/{key}").text
    assert f'action="{API}/accounts/{key}/report"' in page
    ask = {"format": "xlsx", "lang": "en"}
    first, again = (visitor.get(f"{API}/accounts/{key}/report", params=ask) for _ in range(2))
    assert first.status_code == 200 and first.content == again.content
    cells = [str(c.value) for sheet in openpyxl.load_workbook(io.BytesIO(first.content)) for r in sheet for c in r]
    assert any("testland/works" in cell for cell in cells)
    shown = visitor.get(f"{API}/accounts/{key}/report", params={"format": "html"})
    assert shown.headers["content-disposition"].startswith("inline") and HAN.search(shown.text)
    assert "default-src 'none'" in shown.headers["content-security-policy"]


def test_an_account_that_was_changed_has_no_report_even_if_it_had_one(visitor: TestClient, folder: Path) -> None:
    key = keep(visitor)
    ask = f"{API}/accounts/{key}/report?format=html"
    assert visitor.get(ask).status_code == 200
    path = folder / "accounts" / key / "results.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",2.A.4.a,", ",2.A.4.b,"), encoding="utf-8")
    answer = visitor.get(ask)
    assert answer.status_code == 422 and "differ" in answer.text
    assert f"{key}/report" not in visitor.get(f"/account/{key}").text


def test_the_number_of_an_account_opens_to_method_rows_and_factors(visitor: TestClient) -> None:
    key = keep(visitor)
    result = visitor.get(f"{API}/accounts/{key}/tables/results").json()[0]
    chain = visitor.get(f"{API}/accounts/{key}/chain", params={"id": result["id"]}).json()
    assert chain["value"] == result["value"]
    assert {d["locator"] for d in chain["inputs"] if d["input"] == "carbonate_mass"} == {"works.csv:4"}
    html = visitor.get(f"/en/account/{key}/number", params={"id": result["id"]}).text
    assert "works.csv:4" in html and "/en/method?id=carbonate-use" in html
    factors = [d["id"] for d in chain["inputs"] if d["kind"] == "factor"]
    assert all(f"/en/factor?id={f}" in html for f in factors)
    assert not HAN.search(visible(html))
    assert visitor.get(f"/account/{key}/number?id=result:none").status_code == 404


def test_equivalents_follow_the_gwp_set_and_sets_without_a_gas_are_refused(visitor: TestClient) -> None:
    """Methane: SAR 21, AR5 28 (IPCC SAR table 2.9, AR5 table 8.A.1); the 2013 enterprise guidelines have no value for SF6."""
    rows = HEADER + "s,testland/works,2023,sf6-filling,units,10,,ledger,A,,\n"
    lines = {m["topic"]: m for m in visitor.get(f"{API}/methods?set=cn-enterprise").json()}
    topic = next(t for t, m in lines.items() if m["gases"] == "SF6")
    method = visitor.get(f"{API}/methods/{lines[topic]['id']}").json()
    rows = HEADER + "".join(
        f"s,testland/works,2023,{topic},{i['name']},{1 if i['high'] in (None, 1.0) else i['high']},{i['units'][0]},ledger,A,,\n"
        for i in method["inputs"] if i["kind"] != "choice"
    ) + "".join(
        f"s,testland/works,2023,{topic},{i['name']},{i['options'][0]},,ledger,A,,\n" for i in method["inputs"] if i["kind"] == "choice"
    )  # fmt: skip
    key = keep(visitor, rows)
    gas = visitor.get(f"{API}/accounts/{key}/tables/gases?gwp=AR5").json()[0]
    assert gas["gas"] == "SF6" and gas["co2e"] == pytest.approx(gas["mass"] * 23500)
    assert visitor.get(f"/account/{key}?gwp=cn-enterprise-2013").status_code == 404
    page = visitor.get(f"/en/account/{key}").text
    assert re.search(r'<option value="cn-enterprise-2013" disabled>[^<]*SF₆', page)
    assert '<option value="AR5" selected>' in page


def test_a_form_without_its_token_is_refused(visitor: TestClient, folder: Path) -> None:
    good = ("works.csv", GOOD.encode())
    for signed in ("", "0" * 64):
        assert send(visitor, good, action="keep", sign=signed).status_code == 403
    signed = token(visitor)
    visitor.cookies.clear()
    assert send(visitor, good, action="keep", sign=signed).status_code == 403
    assert not (folder / "accounts").exists()


@pytest.mark.parametrize("headers", [{"origin": "http://evil.example"}, {"sec-fetch-site": "cross-site"}])
def test_a_form_from_another_site_is_refused_even_with_a_token(visitor: TestClient, headers: dict[str, str]) -> None:
    assert send(visitor, ("works.csv", GOOD.encode()), headers=headers).status_code == 403
    own = {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}
    assert send(visitor, ("works.csv", GOOD.encode()), headers=own).status_code == 200


def test_the_cookie_is_strict_and_hidden_from_scripts(visitor: TestClient) -> None:
    answer = visitor.get("/account")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith(COOKIE) and "samesite=strict" in cookie and "httponly" in cookie
    assert answer.headers["cache-control"] == "no-store"
    assert visitor.get("/factors").headers.get("set-cookie") is None


def test_the_api_takes_files_only_from_a_program(visitor: TestClient, folder: Path) -> None:
    files, data = [("files", ("works.csv", GOOD.encode()))], {"set": "cn-enterprise"}
    assert visitor.post(f"{API}/accounts", data=data, files=files).status_code == 403
    client = {API_HEADER: "test"}
    answer = visitor.post(f"{API}/accounts", data=data, files=files, headers=client)
    assert answer.status_code == 200 and answer.json()["key"] == ""
    assert not (folder / "accounts").exists()
    kept = visitor.post(f"{API}/accounts?keep=true", data=data, files=files, headers=client).json()
    assert [a["key"] for a in visitor.get(f"{API}/accounts").json()] == [kept["key"]]
    bad = visitor.post(f"{API}/accounts", data=data, files=[("files", ("works.csv", BAD.encode()))], headers=client)
    assert bad.status_code == 422 and all(p["mend"] for p in bad.json()["problems"])


UNSAFE: dict[str, tuple[str, Callable[[], bytes]]] = {
    "a program": ("works.exe", lambda: b"MZ\x90\x00"),
    "a PDF named CSV": ("works.csv", lambda: b"%PDF-1.7 ..."),
    "a workbook named CSV": ("works.csv", lambda: workbook()),
    "binary named CSV": ("works.csv", lambda: b"a,b\x00\x01\x02"),
    "text named XLSX": ("works.xlsx", lambda: GOOD.encode()),
    "a zip that is no workbook": ("works.xlsx", lambda: b"PK\x03\x04" + b"\x00" * 40),
    "a cut workbook": ("works.xlsx", lambda: workbook()[:80]),
    "a zip bomb": ("works.xlsx", lambda: workbook({"xl/worksheets/sheet1.xml": b"\x00" * 130_000_000})),
    "a dense part": ("works.xlsx", lambda: workbook({"xl/worksheets/sheet1.xml": b" " * 60_000_000})),
    "too many parts": ("works.xlsx", lambda: workbook({f"xl/p{n}.xml": b"" for n in range(1001)})),
    "a part outside": ("works.xlsx", lambda: workbook({"../../evil.xml": b"<a/>"})),
    "macros": ("works.xlsx", lambda: workbook({"xl/vbaProject.bin": b"x"})),
    "entities": ("works.xlsx", lambda: workbook({"xl/sharedStrings.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'})),
    "a path": ("../../etc/cron.d/works.csv", lambda: GOOD.encode()),
    "a Windows path": ("..\\works.csv", lambda: GOOD.encode()),
    "a hidden file": (".works.csv", lambda: GOOD.encode()),
    "no content": ("works.csv", lambda: b""),
    "a macro workbook": ("works.xlsm", lambda: workbook()),
}


@pytest.mark.parametrize("what", UNSAFE)
def test_an_unsafe_file_is_refused_and_leaves_nothing(
    visitor: TestClient,
    folder: Path,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    what: str,
) -> None:
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    name, content = UNSAFE[what]
    answer = send(visitor, (name, content()), action="keep", language="en")
    assert answer.status_code == 422
    assert 'id="problems"' in answer.text
    assert not (folder / "accounts").exists() and not list(temporary.iterdir())


def test_a_sound_file_leaves_nothing_in_the_temporary_folder(
    visitor: TestClient, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    temporary = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    keep(visitor)
    assert not list(temporary.iterdir())


def test_too_large_a_body_is_not_read(visitor: TestClient) -> None:
    signed = token(visitor)
    answer = send(visitor, ("works.csv", b"a" * (uploads.MAX_BYTES + 200_000)), sign=signed)
    assert answer.status_code == 413


def test_a_body_that_does_not_say_its_length_is_cut_off(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit holds for what arrives, not only for what the header says."""
    signed = token(visitor)
    boundary = b"----part"
    head = b"--" + boundary + b'\r\ncontent-disposition: form-data; name="files"; filename="a.csv"\r\n\r\n'
    sent = 0

    def body() -> Iterator[bytes]:
        nonlocal sent
        yield head
        for _ in range(40):
            sent += 1_000_000
            yield b"a" * 1_000_000
        yield b"\r\n--" + boundary + b"--\r\n"

    kind = f"multipart/form-data; boundary={boundary.decode()}"
    answer = visitor.post("/account", content=body(), headers={"content-type": kind, "x-token": signed})
    assert answer.status_code == 413


def test_more_files_than_allowed_are_refused(visitor: TestClient) -> None:
    files = [(f"works{n}.csv", GOOD.encode()) for n in range(uploads.MAX_FILES + 1)]
    assert send(visitor, *files).status_code == 400


def test_two_files_of_one_name_are_refused(visitor: TestClient) -> None:
    assert send(visitor, ("works.csv", GOOD.encode()), ("works.csv", GOOD.encode())).status_code == 422


def test_too_many_requests_are_held_back(visitor: TestClient) -> None:
    signed = token(visitor)
    codes = [send(visitor, ("works.exe", b"x"), sign=signed).status_code for _ in range(uploads.REQUESTS + 2)]
    assert codes[: uploads.REQUESTS] == [422] * uploads.REQUESTS and set(codes[uploads.REQUESTS :]) == {429}


def test_a_busy_server_says_so(visitor: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(account_store, "PATIENCE", 0.01)
    monkeypatch.setattr(account_store.AccountStore, "_compute", lambda *_: pytest.fail("computed"))
    store = account_store.AccountStore(Path("unused"))
    for _ in range(account_store.AT_ONCE):
        assert store._turn.acquire(blocking=False)
    with pytest.raises(uploads.RefusedError) as error:
        store.compute([], "cn-enterprise", store=False)
    assert error.value.status == 503


@pytest.mark.parametrize("key", ["..", "0" * 32, "x" * 32, "../results", "%2e%2e"])
def test_an_account_cannot_name_a_folder_outside(visitor: TestClient, folder: Path, key: str) -> None:
    (folder / "manifest.json").write_text(json.dumps({"kind": "tanlu-account"}), encoding="utf-8")
    for address in (f"/account/{key}", f"{API}/accounts/{key}", f"{API}/accounts/{key}/folder.zip"):
        assert visitor.get(address).status_code in (200, 404)
        assert "co2e" not in visitor.get(f"{API}/accounts/{key}").text


@pytest.mark.parametrize(
    "path",
    ["factors/none", "factors?year=x", "methods?set=none", "methods/none", "templates/cn-enterprise.xlsx?method=none",
        "charts/factor.svg?id=none",
     "uncertainty?scope=x", "key-categories?list=L9", "reconciliation?item=x:y", f"inventory?region={REGION}/none"],
)  # fmt: skip
def test_what_is_not_there_is_404_and_named(client: TestClient, path: str) -> None:
    answer = client.get(f"{API}/{path}")
    assert answer.status_code == 404 and answer.json()["detail"]


def test_uncertainty_tables_are_the_same_on_page_csv_and_api(client: TestClient, results: Results) -> None:
    for scope in ("without_land", "with_land"):
        api = client.get(f"{API}/uncertainty?scope={scope}").json()
        table = read(client.get(f"/uncertainty?scope={scope}&table=level&format=csv").text)
        assert (
            [r["id"] for r in table]
            == [r["id"] for r in api]
            == [r.id for r in results.uncertainty if r.scope == scope]
        )
        html = client.get(f"/uncertainty?scope={scope}").text
        body = html[html.index('id="level"') : html.index('id="keys"')]
        assert re.findall(r'<tr data-id="([^"]+)">', body) == [r["id"] for r in api]
    keys = read(client.get("/uncertainty?list=T1&table=keys&format=csv").text)
    assert [r["id"] for r in keys] == [r["id"] for r in client.get(f"{API}/key-categories?list=T1").json()]
    measures = read(client.get("/uncertainty?table=measures&format=csv").text)
    assert [r["id"] for r in measures] == [r["id"] for r in client.get(f"{API}/measure-next").json()]
    assert [float(r["reduction"]) for r in measures] == sorted((float(r["reduction"]) for r in measures), reverse=True)


def test_a_run_without_tables_of_uncertainty_says_so(tmp_path: Path) -> None:
    run = write_results(tmp_path)
    for name in ("uncertainty", "key_categories", "measure_next", "prefectures_inventory"):
        (run / f"{name}.csv").unlink()
    client = TestClient(create_app(tmp_path))
    for language in LANGUAGES:
        answer = client.get(place("/uncertainty", language))
        assert answer.status_code == 200 and "tanlu run" in answer.text
    assert 'name="region"' not in client.get("/inventory").text


def test_the_reconciliation_page_has_the_rows_of_the_run(client: TestClient, results: Results) -> None:
    shown = re.findall(r'<tr data-id="([^"]+)">', client.get("/reconciliation?year=all").text)
    assert shown == [r.id for r in results.reconciliation]
    table = read(client.get("/reconciliation?year=2012&format=csv").text)
    assert [r["id"] for r in table] == [r.id for r in results.reconciliation if r.year == 2012]


def test_a_prefecture_has_its_own_rows_marked_as_allocated(client: TestClient) -> None:
    query = f"region={REGION}/changsha&year=2020"
    rows = client.get(f"{API}/inventory?{query}").json()
    assert [(r["category"], r["status"]) for r in rows] == [("1.A.1.a", "allocated")]
    assert rows[0]["value"] == pytest.approx(0.1 * level("power", 2020), rel=1e-6)
    assert "Allocated" in client.get(f"/en/inventory?{query}").text
    parts = [
        client.get(f"{API}/inventory/total?year=2020&region={REGION}/{r}").json()["emissions"]
        for r in ("changsha", "yueyang", "unallocated")
    ]
    whole = client.get(f"{API}/inventory/total?year=2020&category=1.A.1.a&gas=CO2").json()["emissions"]
    assert sum(parts) == pytest.approx(whole, rel=1e-6)


def test_every_gwp_set_has_a_name() -> None:
    assert all(f"gwp.{name}" in catalogue() for name in GWP_SETS)


def test_gwp_sets_without_a_gas_are_grey_and_give_no_sum(client: TestClient) -> None:
    """The set of the 2025 guideline has two gases only; SAR gives methane 21 (IPCC SAR table 2.9)."""
    html = client.get("/en/inventory?year=2020").text
    assert re.search(
        r'<option value="cn-province-2025" disabled>Provincial guidelines 2025 \(no value for [^)]*\)', html
    )
    assert '<option value="SAR">SAR</option>' in html
    rows = client.get(f"{API}/inventory?year=2020&gas=CH4&category=4.A&gwp=SAR").json()
    assert rows[0]["co2e"] == pytest.approx(rows[0]["value"] * 21)
    answer: dict[str, Any] = client.get(f"{API}/inventory/total?year=2020&gwp=cn-province-2025").json()
    assert answer["emissions"] is None and answer["missing_gwp"]
    page = client.get("/en/inventory?year=2020&gwp=cn-province-2025")
    assert page.status_code == 200 and "data-chart" not in page.text
    assert client.get(f"{API}/charts/inventory.json?gwp=cn-province-2025").status_code == 404


def test_a_named_run_is_kept_by_pages_of_the_library(tmp_path: Path) -> None:
    write_results(tmp_path, "20260101T000000Z-a")
    write_results(tmp_path, "20260102T000000Z-b")
    client = TestClient(create_app(tmp_path))
    links = re.findall(r'<a href="(/[^"]*)"', client.get("/factors?run=20260102T000000Z-b").text)
    assert links and all("run=20260102T000000Z-b" in a for a in links)
    assert 'href="/inventory"' in client.get("/factors?run=none").text
