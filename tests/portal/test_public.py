"""Public pages, open data and the glossary, as they are served."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import fields
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from tests.portal.test_portal_pages import HAN, Reader, place
from tests.results_fixture import write_results

from tanlu.charts import Results
from tanlu.charts.records import WedgeRecord
from tanlu.core.errors import DataError
from tanlu.core.messages import LANGUAGES
from tanlu.portal import create_app
from tanlu.portal.public.datasets import DATASETS, available, fields_of, meaning
from tanlu.portal.public.files import header_of
from tanlu.portal.public.glossary import MOST_MARKED, TermMarker, glossary, search
from tanlu.portal.public.settings import read_public_settings

PAGES = ("/public", "/public/data", "/public/data?id=levers", "/glossary")
SYNTHETIC = set(DATASETS) - {"wedges"}
"""The synthetic run is one of a version that wrote no wedges."""
every_language = pytest.mark.parametrize("language", LANGUAGES)
every_page = pytest.mark.parametrize("page", PAGES)


@every_page
@every_language
def test_a_public_page_is_whole_without_scripts(client: TestClient, page: str, language: str) -> None:
    answer = client.get(place(page, language))
    read = Reader(answer.text)
    assert answer.status_code == 200 and answer.text.count("<h1") == 1
    assert "set-cookie" not in answer.headers
    assert not [v for _, v in read.tags if "style" in v or any(k.startswith("on") for k in v)]
    if "data-chart" in answer.text:
        assert "<noscript><img" in answer.text


@every_page
def test_english_public_pages_hold_no_chinese(client: TestClient, page: str) -> None:
    """The glossary and the rows of a table name terms in the other language; those places are marked as such."""
    html = re.sub(r'<(span|td)[^>]* lang="zh-CN">.*?</\1>', "", client.get(place(page, "en")).text, flags=re.S)
    assert not [t for t in Reader(html).texts if HAN.search(t)]


@every_language
def test_every_judged_target_stands_with_sign_and_word(client: TestClient, language: str) -> None:
    html = client.get(place("/public", language)).text
    rows = client.get("/api/v1/scoreboard").json()
    wanted = [r for r in rows if r["status"] in ("met", "on_track", "at_risk", "off_track")]
    shown = dict(re.findall(r'<tr data-target="([^"]+)">.*?<span aria-hidden="true">(.)</span>', html, re.S))
    signs = {"met": "✓", "on_track": "✓", "at_risk": "▲", "off_track": "✕"}
    assert shown == {r["target"]: signs[r["status"]] for r in wanted} and shown


def test_every_column_of_every_data_set_is_explained(results: Results) -> None:
    found = available(results)
    assert {d.id for d in found} == SYNTHETIC
    headers = {d: header_of(d.path(results)) for d in found}
    headers[DATASETS["wedges"]] = [f.name for f in fields(WedgeRecord)]
    for d, header in headers.items():
        for column in fields_of(d, header):
            assert all(meaning(d, column.name, language) for language in LANGUAGES)


@pytest.mark.parametrize("name", sorted(SYNTHETIC))
def test_csv_json_and_parquet_hold_the_same_rows(client: TestClient, name: str) -> None:
    text = client.get(f"/api/v1/data/{name}.csv").content.decode("utf-8-sig")
    as_csv = list(csv.DictReader(io.StringIO(text)))
    as_json = client.get(f"/api/v1/data/{name}.json").json()
    as_parquet = pq.read_table(io.BytesIO(client.get(f"/api/v1/data/{name}.parquet").content))
    assert as_json["rows"] == as_parquet.to_pylist()
    columns = [f["name"] for f in as_json["schema"]["fields"]]
    assert columns == as_parquet.column_names == (list(as_csv[0]) if as_csv else columns)
    assert len(as_csv) == len(as_json["rows"])
    for cells, row in zip(as_csv, as_json["rows"], strict=True):
        told = ["" if row[c] is None else row[c] for c in columns]
        assert [type(v)(cells[c]) for c, v in zip(columns, told, strict=True)] == told


def test_a_data_set_is_not_sent_again_to_who_has_it(client: TestClient) -> None:
    first = client.get("/api/v1/data/peaks.csv")
    again = client.get("/api/v1/data/peaks.csv", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content


def test_an_unknown_data_set_is_told(client: TestClient) -> None:
    assert client.get("/api/v1/data/nothing.csv").status_code == 404
    assert client.get("/public/data?id=nothing").status_code == 404


def test_the_catalogue_names_every_file_and_the_terms_of_use(client: TestClient) -> None:
    answer = client.get("/api/v1/data/catalogue.jsonld")
    assert answer.headers["content-type"].startswith("application/ld+json")
    catalogue = answer.json()
    assert {d["dct:identifier"] for d in catalogue["dcat:dataset"]} == SYNTHETIC
    files = [f for d in catalogue["dcat:dataset"] for f in d["dcat:distribution"]]
    assert len(files) == 3 * len(SYNTHETIC)
    assert all("dct:rights" in f for f in files), "no licence is claimed that the office has not chosen"
    for f in files[::7]:
        found = client.get(f["dcat:downloadURL"]["@id"].removeprefix("http://testserver"))
        assert found.status_code == 200
        assert "dcat:byteSize" not in f or int(f["dcat:byteSize"]["@value"]) == len(found.content)


def test_the_office_says_licence_publisher_and_address_and_an_empty_workspace_what_to_do(tmp_path: Path) -> None:
    lines = ['province = "synthetic"', "[public]", 'licence = "CC-BY-4.0"', 'publisher_zh = "某省科技厅"']
    lines += ['licence_url = "https://creativecommons.org/licenses/by/4.0/"', 'feedback = "open@example.org"']
    (tmp_path / "tanlu.toml").write_text("\n".join(lines), encoding="utf-8")
    client = TestClient(create_app(tmp_path))
    assert "tanlu run" in client.get("/public").text
    assert client.get("/glossary").status_code == 200
    write_results(tmp_path)
    assert 'href="mailto:open@example.org"' in client.get("/public").text
    assert "CC-BY-4.0" in client.get("/public/data").text
    catalogue = client.get("/api/v1/data/catalogue.jsonld").json()
    licences = {f["dct:license"]["@id"] for d in catalogue["dcat:dataset"] for f in d["dcat:distribution"]}
    assert licences == {"https://creativecommons.org/licenses/by/4.0/"}
    assert catalogue["dcat:contactPoint"]["vcard:hasEmail"] == {"@id": "mailto:open@example.org"}


def test_everything_wrong_in_the_public_settings_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "tanlu.toml").write_text(
        'province = "x"\n[public]\nfeedback = "nobody"\nlicence = 4\nlicense = "CC0"\nlicence_url = "ftp:"\n',
        encoding="utf-8",
    )
    with pytest.raises(DataError) as caught:
        read_public_settings(tmp_path)
    told = {(p.code, p.field) for p in caught.value.problems}
    assert told == {
        ("public_setting", "public.feedback"),
        ("public_setting", "public.licence"),
        ("unknown_key", "public.license"),
        ("public_setting", "public.licence_url"),
    }


def test_every_term_has_both_languages_a_definition_and_a_source() -> None:
    assert len(glossary()) > 50
    for term in glossary().values():
        assert all((term.zh, term.en, term.text_zh, term.text_en, term.source_zh, term.source_en)), term.id
        assert HAN.search(term.zh) and not HAN.search(term.en + term.text_en + term.source_en), term.id


@every_language
def test_no_word_of_the_glossary_stands_for_two_terms(language: str) -> None:
    words = [form.casefold() for term in glossary().values() for form in term.forms(language)]
    assert sorted(w for w in set(words) if words.count(w) > 1) == []


@pytest.mark.parametrize(("words", "first"), [("达峰", "carbon-peak"), ("co2e", "co2e"), ("wedge", "wedge")])
def test_a_search_puts_the_term_itself_first(words: str, first: str) -> None:
    assert search(words, "zh")[0].id == first == search(words, "en")[0].id


def test_a_search_without_hits_offers_ways_on(client: TestClient) -> None:
    html = client.get("/en/glossary?q=nothing-like-it").text
    links = Reader(html[html.index('class="empty"') :]).attributes("a", "href")
    assert "/en/glossary" in links and "/en/search?q=nothing-like-it" in links


def test_a_term_is_marked_once_on_a_page_and_leads_to_its_source() -> None:
    marker = TermMarker("en", "/en/glossary")
    first, second = marker.text("The peak & the scenario."), marker.text("Another peak, a <b>lever</b>.")
    assert first.count('popovertarget="term-carbon-peak"') == 1 and "&amp;" in first
    assert "term-carbon-peak" not in second and "&lt;b&gt;" in second and 'id="term-lever"' in second
    assert 'href="/en/glossary#scenario"' in first
    assert "term-scenario" not in marker.term("scenario")


def test_longer_terms_win_and_parts_of_words_are_no_terms() -> None:
    marker = TermMarker("zh", "/glossary")
    assert 'id="term-product-footprint"' in marker.text("产品碳足迹")
    assert "popover" not in TermMarker("en", "/en/glossary").text("He was drawn to peakedness and scopes.")


def test_the_signs_around_a_term_stay_on_its_line() -> None:
    bound = TermMarker("zh", "/glossary").text("每种气体（按碳足迹），另计")
    assert (
        bound.startswith("每种气体（按")
        and bound.endswith("</span>），</span>另计")
        and bound.count('class="one"') == 1
    )
    assert TermMarker("zh", "/glossary").text("气体（碳足迹）").startswith('气体<span class="one">（<dfn')
    assert 'class="one"' not in TermMarker("zh", "/glossary").text("产品碳足迹核算")


def test_a_page_is_not_drowned_in_marks() -> None:
    marker = TermMarker("en", "/en/glossary")
    marked = [marker.term(name) for name in glossary()]
    assert sum("popover" in m for m in marked) == MOST_MARKED


@every_language
def test_pages_mark_their_terms(client: TestClient, language: str) -> None:
    for page in ("/scenarios", "/reconciliation"):
        html = client.get(place(page, language)).text
        marks = re.findall(r'popovertarget="(term-[a-z0-9-]+)"', html)
        assert marks and len(marks) == len(set(marks))
        assert all(html.count(f'id="{m}"') == 1 for m in marks)


def test_the_dictionary_is_a_table_schema(client: TestClient) -> None:
    """Property names and types of Frictionless Table Schema 1.0."""
    schema = client.get("/api/v1/data/inventory/schema.json").json()
    assert json.dumps(schema) and schema["missingValues"] == [""]
    by_name = {f["name"]: f for f in schema["fields"]}
    assert by_name["year"]["type"] == "integer" and by_name["value"]["type"] == "number"
    assert by_name["grade"]["constraints"]["enum"] == ["A", "B", "C", "D"]
    assert all(f["description_zh"] and f["description_en"] for f in schema["fields"])


def test_a_column_of_levers_is_not_told_by_the_words_of_another_data_set() -> None:
    """``current`` is the year's emissions in one file and a policy world in the other."""
    for language in LANGUAGES:
        told = [meaning(DATASETS["levers"], world, language) for world in ("frozen", "current", "plan")]
        assert all(world in text for world, text in zip(("frozen", "current", "plan"), told, strict=True))
