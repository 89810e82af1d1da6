"""The plan and the search: what stands in the plan can be found in either language, by whoever."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st

from tanlu.core.province import province_folder
from tanlu.plan import load_plan
from tanlu.portal import create_app
from tanlu.portal.searching import Entry, find


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> TestClient:
    """The portal over a workspace without a run: it shows the plan of the province that ships with the package."""
    return TestClient(create_app(tmp_path_factory.mktemp("empty")))


ENTRIES = [
    Entry("technologies", "T01-002", "碳捕集", "carbon capture", "CCUS 封存", "/plan"),
    Entry("targets", "TG02", "单位GDP能耗下降", "energy intensity", "", "/plan"),
    Entry("page", "/studio", "工作台", "Studio", "情景杆", "/studio"),
    Entry("method", "cement", "水泥熟料过程CO₂", "clinker", "", "/method"),
]


def ids(query: str) -> list[str]:
    return [e.id for e in find(ENTRIES, query)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("碳捕集", ["T01-002"]),
        ("CARBON capture", ["T01-002"]),
        ("ccus", ["T01-002"]),
        ("tg02", ["TG02"]),
        ("co2", ["cement"]),
        ("ＧＤＰ", ["TG02"]),
        ("碳 封存", ["T01-002"]),
        ("碳 能耗", []),
        ("水泥熟料的排放", []),
        ("能耗的下降", []),
        ("", []),
        ("   ", []),
    ],
)
def test_every_word_must_be_there_in_either_language_and_any_width(query: str, found: list[str]) -> None:
    assert ids(query) == found


def test_a_chinese_query_that_nobody_holds_whole_is_looked_for_by_its_pairs() -> None:
    assert ids("捕集碳捕集") == []
    assert [e.id for e in find([Entry("page", "/a", "能耗强度下降率", "", "", "/a")], "能耗下降率")] == []
    assert [e.id for e in find([Entry("page", "/a", "下降的能耗耗下", "", "", "/a")], "能耗下降")] == ["/a"]


def test_a_latin_word_is_looked_for_at_the_start_of_words_and_inside_them_only_if_nothing_has_it() -> None:
    entries = [Entry("page", "a", "接口", "API", "", "/a"), Entry("page", "b", "资本", "social capital", "", "/b")]
    assert [e.id for e in find(entries, "api")] == ["a"]
    assert [e.id for e in find(entries, "apit")] == ["b"]


def test_the_id_stands_before_the_name_and_the_name_before_the_text() -> None:
    entries = [
        Entry("page", "a", "其他", "other", "storage", "/a"),
        Entry("page", "b", "储能", "storage of heat", "", "/b"),
        Entry("page", "storage", "库", "store", "", "/c"),
        Entry("page", "d", "储", "storage", "", "/d"),
    ]
    assert [e.id for e in find(entries, "storage")] == ["storage", "d", "b", "a"]


@given(st.text(max_size=40))
def test_no_query_breaks_the_search(query: str) -> None:
    assert set(ids(query)) <= {e.id for e in ENTRIES}


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_each_kind_is_listed_whole_with_its_records(client: TestClient, prefix: str) -> None:
    plan = load_plan(province_folder("hunan"))
    for kind, records in (("technologies", plan.technologies_by_id), ("targets", plan.targets_by_id),
                          ("systems", plan.systems_by_id), ("actions", plan.actions_by_id)):  # fmt: skip
        page = client.get(f"{prefix}/plan", params={"kind": kind})
        assert page.status_code == 200 and re.search(rf"[：:] {len(records)}\b|：{len(records)} 条", page.text)
        csv = client.get(f"{prefix}/plan", params={"kind": kind, "format": "csv"}).text
        assert len(csv.strip().splitlines()) == len(records) + 1
    record = next(iter(plan.technologies_by_id.values()))
    assert client.get(f"{prefix}/plan", params={"id": record.id}).status_code == 200


def test_filters_narrow_and_unknown_records_are_not_found(client: TestClient) -> None:
    lines = client.get("/api/v1/plan/technologies", params={"action": "A02", "q": "氢"}).json()
    assert lines and all(line["action"] == "A02" and "氢" in line["zh"] for line in lines)
    assert client.get("/api/v1/plan/poems").status_code == 404
    assert client.get("/plan", params={"id": "T99-999"}).status_code == 404
    assert client.get("/plan", params={"kind": "poems"}).status_code == 404


def test_the_plan_of_a_province_that_is_not_on_this_machine_is_not_shown(synthetic: Path) -> None:
    elsewhere = TestClient(create_app(synthetic))
    assert "本机没有" in elsewhere.get("/plan").text
    assert elsewhere.get("/api/v1/plan/targets").status_code == 404
    found = elsewhere.get("/api/v1/search", params={"q": "synthetic", "limit": 200}).json()
    assert {e["kind"] for e in found} >= {"source", "lever"}
    lever = next(e for e in found if e["kind"] == "lever")
    assert lever["id"] == "L01" and "Synthetic lever" in elsewhere.get("/en" + lever["page"]).text


def test_the_search_finds_the_plan_pages_methods_and_sources(client: TestClient) -> None:
    kinds = {e["kind"] for e in client.get("/api/v1/search", params={"q": "水泥", "limit": 200}).json()}
    assert {"technologies", "method"} <= kinds
    asked = {"q": "carbon peak", "limit": 200}
    term = next(e for e in client.get("/api/v1/search", params=asked).json() if e["kind"] == "term")
    assert "碳达峰" in client.get(term["page"]).text
    first = client.get("/api/v1/search", params={"q": "TG02"}).json()[0]
    assert (first["kind"], first["id"]) == ("targets", "TG02") and client.get(first["page"]).status_code == 200
    page = client.get("/en/search", params={"q": "cement"})
    assert page.status_code == 200 and 'href="/en/plan?id=' in page.text
    assert client.get("/search", params={"q": "<script>"}).text.count("<script>") == 0
    assert client.get("/api/v1/search").status_code == 422


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("弃风", "/energy/dispatch"),
        ("curtailment", "/energy/dispatch"),
        ("展望", "/scenarios"),
        ("下载", "/public/data"),
    ],
)
def test_a_page_is_found_by_the_words_of_those_who_look_for_it(client: TestClient, query: str, page: str) -> None:
    assert {"page"} <= {
        e["kind"] for e in client.get("/api/v1/search", params={"q": query}).json() if e["page"] == page
    }


def test_a_prefecture_leads_to_its_brief(synthetic: Path) -> None:
    client = TestClient(create_app(synthetic))
    field = client.get("/reports").text.partition('name="region"')[2]
    region, name = re.findall(r"<option value=\"([^\"]+)\"[^>]*>([^<]+)<", field)[0]
    found = client.get("/api/v1/search", params={"q": name}).json()[0]
    assert found["kind"] == "prefecture" and f'value="{region}" selected' in client.get(found["page"]).text


@pytest.mark.parametrize("prefix", ["", "/en"])
def test_an_action_leads_to_what_belongs_to_it(client: TestClient, prefix: str) -> None:
    """The counts are those of the plan itself."""
    plan = load_plan(province_folder("hunan"))
    action = next(iter(plan.actions_by_id))
    count = sum(t.action == action for t in plan.technologies_by_id.values())
    page = client.get(f"{prefix}/plan", params={"id": action}).text
    link = re.search(rf'href="{prefix}/plan\?kind=technologies&amp;action={action}">([^<]+)<', page)
    assert link and str(count) in link[1]


def test_commands_of_an_empty_workspace_name_its_folder(tmp_path: Path) -> None:
    """Without the folder they would make a second workspace beside the one that is served."""
    client = TestClient(create_app(tmp_path))
    for page, command in (
        ("/scenarios", "tanlu run"),
        ("/login", "tanlu records init"),
        ("/programme", "tanlu programme demo"),
    ):
        assert f"{command} --out {tmp_path}" in client.get(page).text
