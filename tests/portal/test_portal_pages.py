"""Pages as they are served: both languages, same figures as the API, safe headers, all state in the address."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from fastapi.testclient import TestClient
from tests.portal.links import inner_links, leading_nowhere
from tests.results_fixture import REGION, write_results

from tanlu.charts import Results
from tanlu.charts.format import show_required
from tanlu.core.messages import LANGUAGES, catalogue
from tanlu.portal import create_app
from tanlu.portal.rendering import FOLDER, NAVIGATION, PARENTS, Renderer, place_of
from tanlu.portal.session.identity import Identity
from tanlu.portal.tree import tree

NUMBER = f"/number?id=total:{REGION}:2024:co2"
PAGES = ["/", "/inventory", "/scenarios", "/targets", "/sources", NUMBER, "/about", "/docs"]
every_page = pytest.mark.parametrize("page", PAGES)
every_language = pytest.mark.parametrize("language", LANGUAGES)
HAN = re.compile(r"[\u4e00-\u9fff]")


def place(page: str, language: str) -> str:
    return page if language == "zh" else ("/en" + page).rstrip("/")


class Reader(HTMLParser):
    """Collects start tags, and text outside of elements that are marked as another language."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self._foreign = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {k: v or "" for k, v in attrs}
        self.tags.append((tag, values))
        if tag == "a" and "lang" in values:
            self._foreign += 1

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._foreign:
            self._foreign -= 1

    def handle_data(self, data: str) -> None:
        if not self._foreign and data.strip():
            self.texts.append(data.strip())

    def attributes(self, tag: str, name: str) -> list[str]:
        return [values[name] for found, values in self.tags if found == tag and name in values]


@every_page
@every_language
def test_a_page_is_served_with_title_and_language(client: TestClient, page: str, language: str) -> None:
    answer = client.get(place(page, language))
    assert answer.status_code == 200
    assert f'<html lang="{"zh-CN" if language == "zh" else "en"}">' in answer.text
    assert re.search(r"<title>[^<]+</title>", answer.text)
    assert answer.text.count("<h1") == 1


@every_page
def test_english_pages_hold_no_chinese(client: TestClient, page: str) -> None:
    shown = Reader(client.get(place(page, "en")).text).texts
    assert not [t for t in shown if HAN.search(t)]


@every_page
@every_language
def test_headers_keep_a_page_to_its_server(client: TestClient, page: str, language: str) -> None:
    answer = client.get(place(page, language))
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert "set-cookie" not in answer.headers


@every_page
@every_language
def test_no_script_or_style_stands_in_a_page_and_nothing_is_loaded_from_elsewhere(
    client: TestClient, page: str, language: str
) -> None:
    read = Reader(client.get(place(page, language)).text)
    assert all("src" in values for tag, values in read.tags if tag == "script")
    assert "style" not in {tag for tag, _ in read.tags}
    assert not [values for _, values in read.tags if "style" in values or any(k.startswith("on") for k in values)]
    loaded = [*read.attributes("script", "src"), *read.attributes("img", "src"), *read.attributes("link", "href")]
    assert all(a.startswith(("/", "?")) and not a.startswith("//") for a in loaded)


@every_page
@every_language
def test_the_language_switch_keeps_place_and_query(client: TestClient, page: str, language: str) -> None:
    asked = place(page, language) + ("&" if "?" in page else "?") + "year=2014&gas=CH4"
    read = Reader(client.get(asked).text)
    other = next(values["href"] for tag, values in read.tags if tag == "a" and values.get("class") == "language")
    there, wanted = urlsplit(other), urlsplit(place(page, "en" if language == "zh" else "zh"))
    assert there.path == wanted.path
    assert parse_qs(there.query) == parse_qs(urlsplit(asked).query)
    back = Reader(client.get(other).text)
    assert asked in back.attributes("a", "href")


@pytest.mark.wider
@every_page
def test_every_link_of_a_page_leads_somewhere(client: TestClient, status: Callable[[str], int], page: str) -> None:
    assert leading_nowhere(client.get(page).text, status) == []


@every_page
def test_a_page_leads_to_the_same_places_in_both_languages(client: TestClient, page: str) -> None:
    """But for the terms that are explained, which stand in the sentences of a language, and the way back of the theme."""
    chinese, english = (
        {"/" + re.sub("^/(en(/|$|(?=[?])))?", "", a) for a in inner_links(client.get(place(page, language)).text)}
        for language in LANGUAGES
    )
    assert {a for a in chinese ^ english if not a.startswith(("/glossary", "/theme"))} == set()


def test_every_headline_figure_is_that_of_the_api(client: TestClient) -> None:
    for language in LANGUAGES:
        html = client.get(place("/", language)).text
        for figure in client.get("/api/v1/figures").json():
            card = html[html.index(f'data-figure="{figure["key"]}"') :].split("</li>")[0]
            assert float(re.findall(r'<data value="([^"]+)"', card)[0]) == figure["value"]
            assert f"id={figure['id']}".replace(":", "%3A").replace("|", "%7C") in card


def test_the_scoreboard_of_the_overview_counts_like_the_api(client: TestClient) -> None:
    html = client.get("/").text
    counts = {name: int(n) for name, n in re.findall(r'data-count="(\w+)".*?<strong>(\d+)</strong>', html, re.S)}
    rows = client.get("/api/v1/scoreboard").json()
    assert counts == {s: sum(r["status"] == s for r in rows) for s in {r["status"] for r in rows}}


def test_the_inventory_table_its_csv_and_the_api_hold_the_same_rows(client: TestClient) -> None:
    query = "year=2014&gas=CH4&gwp=AR6&view=gas"
    html = client.get(f"/inventory?{query}").text
    shown = re.findall(r'<tr data-id="([^"]+)">', html)
    link = next(a for a in Reader(html).attributes("a", "href") if a.startswith("?") and "format=csv" in a)
    table = list(csv.DictReader(io.StringIO(client.get("/inventory" + link).text.removeprefix("\ufeff"))))
    api = client.get("/api/v1/inventory?year=2014&gas=CH4&gwp=AR6").json()
    assert shown == [r["id"] for r in table] == [r["id"] for r in api]
    assert [r["co2e"] for r in table] == ["" if r["co2e"] is None else str(r["co2e"]) for r in api]
    body = html[html.index('id="rows"') :]
    numbers = [float(v) for v in re.findall(r'<data value="([^"]+)"', body)]
    wanted = [n for r in api if r["value"] is not None for n in (r["value"], r["co2e"])]
    assert numbers == wanted


def test_pages_of_a_long_table_hold_every_row_once(client: TestClient, results: Results) -> None:
    seen: list[str] = []
    for page in range(1, 99):
        found = re.findall(r'<tr data-id="([^"]+)">', client.get(f"/inventory?year=all&page={page}").text)
        if seen and found and found[0] in seen:
            break
        assert len(found) <= 100
        seen += found
    assert sorted(seen) == sorted(r.id for r in results.inventory)


def test_filters_stand_in_the_form_as_they_were_asked(client: TestClient) -> None:
    html = client.get("/en/inventory?year=2010&sector=steel&gas=CO2&category=1.A.2.a&gwp=AR4&view=sector").text
    assert set(re.findall(r'<option value="([^"]*)" selected>', html)) >= {
        "2010",
        "steel",
        "CO2",
        "1.A.2.a",
        "AR4",
        "sector",
    }
    assert len(re.findall(r'<tr data-id="', html)) == 1


@pytest.mark.parametrize(
    "address", ["/inventory?sector=waste&gas=N2O", "/targets?status=met&deadline=1999", "/sources?q=nothing-like-it"]
)
@every_language
def test_an_empty_selection_says_so_and_offers_a_way_back(client: TestClient, address: str, language: str) -> None:
    html = client.get(place(address, language)).text
    assert 'class="empty"' in html
    assert place(address.partition("?")[0], language) in Reader(html[html.index('class="empty"') :]).attributes(
        "a", "href"
    )


def test_targets_can_be_filtered_by_status_deadline_and_action(client: TestClient) -> None:
    rows = client.get("/api/v1/scoreboard").json()
    for name, value in (("status", "at_risk"), ("deadline", "2025")):
        shown = re.findall(r'<tr data-id="(TG\d+)">', client.get(f"/targets?{name}={value}").text)
        assert shown == [r["target"] for r in rows if str(r[name]) == value]
    assert re.findall(r'<tr data-id="(TG\d+)">', client.get("/targets?action=A03").text)[:2] == ["TG02", "TG12"]


def test_sources_can_be_filtered_by_grade_words_and_use(client: TestClient) -> None:
    assert re.findall(r'<tr data-id="(\w+)">', client.get("/sources?grade=D").text) == ["assumption"]
    assert re.findall(r'<tr data-id="(\w+)">', client.get("/sources?q=PAPER").text) == ["paper"]


def test_a_number_page_unfolds_to_its_sources(client: TestClient, results: Results) -> None:
    html = client.get(place(NUMBER, "en")).text
    for node in results.sources_of([f"total:{REGION}:2024:co2"]):
        assert node.en in html
    assert "95% " in html or "Interval" in html
    assert "0.1.0" in html and "synthetic" in html


def test_the_page_of_a_target_says_what_is_required_and_leads_to_the_plan(client: TestClient, results: Results) -> None:
    for target in results.scoreboard[:3]:
        html = client.get(place(f"/number?id={target.id}", "en")).text
        assert f'href="/en/plan?id={target.target}"' in html
        assert f"{show_required(target, 'en')} · {target.deadline}" in html


def test_the_tree_shows_every_node_below_a_number_and_unfolds_each_once(results: Results) -> None:
    root = tree(results.lineage, "peak:current-mid")
    below = {n.id for _, n in results.lineage.walk("peak:current-mid")}
    assert {b.node.id for b in root.walk()} == below
    unfolded = [b.node.id for b in root.walk() if b.branches]
    assert len(unfolded) == len(set(unfolded))


def test_a_cut_tree_says_where_it_goes_on(results: Results) -> None:
    root = tree(results.lineage, "peak:current-mid", most=5)
    assert sum(1 for _ in root.walk()) <= 5
    assert any(b.cut for b in root.walk())


@pytest.mark.parametrize(
    "address",
    [
        "/nothing",
        "/number?id=<script>alert(1)</script>",
        "/inventory?gwp=AR9",
        "/scenarios?scenario=x",
        "/?run=none",
        "/?indicator=x",
    ],
)
@every_language
def test_what_is_not_there_is_answered_with_a_page(client: TestClient, address: str, language: str) -> None:
    asked = address if language == "zh" else "/en" + address
    answer = client.get(asked)
    assert answer.status_code == 404
    assert "<script>alert" not in answer.text
    assert place("/inventory", language) in Reader(answer.text).attributes("a", "href")


def test_a_named_run_stays_in_every_link(tmp_path: Path) -> None:
    write_results(tmp_path, "20260101T000000Z-a")
    write_results(tmp_path, "20260102T000000Z-b")
    client = TestClient(create_app(tmp_path))
    read = Reader(client.get("/?run=20260102T000000Z-b").text)
    inner = [a for a in read.attributes("a", "href") if a.startswith("/") and a != "/report"]
    # the link that changes the theme carries the way back within itself
    assert inner and [a for a in inner if "run=20260102T000000Z-b" not in unquote(a)] == []


def test_the_chart_script_has_a_long_life_and_a_name_of_its_own(client: TestClient, synthetic: Path) -> None:
    html = client.get("/").text
    script = next(a for a in Reader(html).attributes("script", "src") if a.startswith("/assets/"))
    answer = client.get(script)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    plain = client.get(script, headers={"accept-encoding": "identity"})
    assert plain.text == answer.text and "tanluCharts" in plain.text
    assert list((synthetic / "cache").glob("charts-*.js.gz"))
    assert client.get("/assets/charts-other.js").status_code == 404


def test_the_report_is_served_with_a_policy_of_its_own(tmp_path: Path) -> None:
    client = TestClient(create_app(tmp_path))
    assert client.get("/report").status_code == 404
    (tmp_path / "report.html").write_text("<!doctype html><title>x</title>", encoding="utf-8")
    answer = client.get("/report")
    assert answer.status_code == 200
    assert "script" not in answer.headers["content-security-policy"]


KEY = r"(?:portal|reports|charts)\.[\w.]*"
PUT_TOGETHER = (rf"""["']({KEY}[._]|portal\.about\.rule)["']\s*~""", rf"""f["']({KEY})\{{""")


def used_keys(folder: Path) -> tuple[set[str], set[str]]:
    """Message keys that stand whole in templates and code, and beginnings of keys that are put together."""
    texts = [p.read_text(encoding="utf-8") for p in sorted([*folder.rglob("*.html"), *folder.rglob("*.py")])]
    begun = {start for text in texts for pattern in PUT_TOGETHER for start in re.findall(pattern, text)}
    whole = {key for text in texts for key in re.findall(rf"""["']({KEY})["']""", text)}
    return whole - begun, begun


def test_every_message_that_is_used_exists_in_both_languages_and_every_message_is_used() -> None:
    rooms = FOLDER.parent
    whole, begun = set[str](), set[str]()
    for room in ("portal", "reports", "charts"):
        keys, starts = used_keys(rooms / room)
        whole, begun = whole | keys, begun | starts
    own = {k for k in catalogue() if k.split(".")[0] in ("portal", "reports", "charts")}
    assert whole - own == set()
    assert all(set(catalogue()[k]) == set(LANGUAGES) for k in own)
    assert all(any(k.startswith(b) for k in own) for b in begun)
    assert not [k for k in own - whole if not any(k.startswith(b) for b in begun)]


def test_a_page_of_one_thing_stands_under_its_list_in_the_navigation() -> None:
    assert set(PARENTS.values()) <= set(NAVIGATION)
    assert {place_of(page) for page in ("/programme/application", "/programme/apply")} == {"/programme/applications"}
    assert place_of("/assessment/what-if") == "/assessment/scores"
    assert place_of("/admin/rule") == "/admin/rules"


@every_language
def test_descriptions_of_the_api_show_literals_as_code(client: TestClient, language: str) -> None:
    page = (
        client.get(place("/docs", language), params={"tag": "scenarios"}).text
        + client.get(place("/docs", language)).text
    )
    assert "``" not in page
    assert "<code>csv</code>" in page


def test_a_column_of_units_names_the_unit_in_which_the_figures_beside_it_are_shown(client: TestClient) -> None:
    """Energy is stored in 10^4 tce: 万吨标准煤 to a Chinese reader, millions of tonnes to an English one."""
    for page, unit in (("/", "万吨标准煤"), ("/en/", "Mtce")):
        table = (
            client.get(f"{page}?indicator=energy_use")
            .text.partition('id="title-prefectures"')[2]
            .partition("</table>")[0]
        )
        assert f'<td class="right">{unit}</td>' in table and "10⁴" not in table


def test_chinese_words_on_pages_stand_apart_from_figures_and_latin_words(tmp_path: Path) -> None:
    """Names in data are written without spaces."""
    fine = Renderer("", Identity(tmp_path)).environment.filters["fine"]
    assert fine("2006年IPCC指南CO2") == "2006 年 IPCC 指南 CO₂"
    assert fine("Box 2, CO2") == "Box 2, CO₂"


def test_chinese_words_on_an_english_page_say_their_language(tmp_path: Path) -> None:
    """What people write and what a rule cites is in one language only; a screen reader must not read it as English."""
    spoken = Renderer("", Identity(tmp_path)).environment.filters["spoken"]
    assert spoken("成果归属存疑 <b>", "en") == '<span lang="zh-CN">成果归属存疑 &lt;b&gt;</span>'
    assert spoken("Title in doubt", "en") == "Title in doubt" and spoken("成果归属存疑", "zh") == "成果归属存疑"
