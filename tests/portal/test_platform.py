"""Lists of the API: formats, filters, order, pages, tags and limits, on a small application of its own."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

import pyarrow.parquet as pq
import pytest
from fastapi import Depends, FastAPI
from fastapi.testclient import TestClient
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.middleware.gzip import GZipMiddleware

from tanlu.portal.platform.caching import EntityTags, PackedTags, matched, unmodified_since
from tanlu.portal.platform.description import describe, operation_id
from tanlu.portal.platform.faults import FAULTS, add_faults
from tanlu.portal.platform.limits import Buckets, RequestLimits
from tanlu.portal.platform.listing import Asked, listed
from tanlu.portal.platform.parameters import known_parameters, texts
from tanlu.portal.platform.settings import ApiSettings
from tanlu.portal.platform.tables import (
    CSV,
    JSON,
    PARQUET,
    NotAcceptableError,
    columns_of,
    csv_of,
    parquet_of,
    types_of,
    wanted_form,
)


class Mark(StrEnum):
    A = "A"
    D = "D"


@dataclass(frozen=True, slots=True)
class PlantRecord:
    """A made-up plant."""

    id: str
    year: int
    output: float | None
    mark: Mark
    open: bool
    shares: dict[str, float]


PLANTS = [
    PlantRecord("a", 2023, 5.0, Mark.A, True, {"coal": 1.0}),
    PlantRecord("b", 2023, None, Mark.D, False, {}),
    PlantRecord("c", 2024, -2.5, Mark.A, True, {"gas": 0.5, "coal": 0.5}),
    PlantRecord("=SUM(A1)", 2024, 7.0, Mark.D, True, {}),
    PlantRecord("碳", 2025, 1.5, Mark.D, False, {}),
]
CALLS: list[str] = []


def make(settings: ApiSettings = ApiSettings(rate_per_minute=0), clock: Any = None) -> FastAPI:
    app = FastAPI(dependencies=[Depends(known_parameters)], responses=FAULTS, generate_unique_id_function=operation_id)
    describe(app)
    app.add_middleware(EntityTags)
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.add_middleware(PackedTags)
    app.add_middleware(RequestLimits, settings=settings, **({"clock": clock} if clock else {}))
    add_faults(app)

    @app.get("/api/v1/plants", tags=["plants"], **listed(PlantRecord))
    def plants(asked: Asked, least: float | None = None) -> Any:
        """Plants."""
        CALLS.append("plants")
        return asked.answer([p for p in PLANTS if least is None or (p.output or 0) >= least], PlantRecord)

    @app.get("/api/v1/many", tags=["plants"], openapi_extra=texts(["word"]))
    def many() -> list[int]:
        """Numbers."""
        return list(range(1000))

    @app.get("/api/v1/refused", tags=["plants"])
    def refused() -> None:
        """Nothing."""
        from starlette.exceptions import HTTPException

        raise HTTPException(401, "no")

    @app.get("/page")
    def page(anything: str = "") -> str:
        return anything

    return app


@pytest.fixture(scope="module")
def plants() -> Iterator[TestClient]:
    with TestClient(make()) as client:
        yield client


def ids(client: TestClient, query: str) -> list[str]:
    answer = client.get(f"/api/v1/plants?{query}")
    assert answer.status_code == 200, answer.text
    return [row["id"] for row in answer.json()]


@pytest.mark.parametrize(
    ("accept", "form"),
    [("", "json"), ("*/*", "json"), ("text/csv", "csv"), ("text/html,application/xhtml+xml,*/*;q=0.8", "json"), (PARQUET, "parquet"),
     ("text/*;q=0.9, application/json;q=0.5", "csv"), ("application/json;q=0, */*;q=0.1", "csv"), ("TEXT/CSV ; q=1.0", "csv"),
     ("application/*;q=0.3, text/csv;q=0.2", "json")],
)  # fmt: skip
def test_the_accept_header_chooses_the_format(accept: str, form: str) -> None:
    """By hand from RFC 9110 section 12.5.1: the most specific range decides, then the weight, then the order offered."""
    assert wanted_form(accept) == form


@pytest.mark.parametrize(
    "accept", ["image/png", "application/json;q=0, text/*;q=0, application/vnd.apache.parquet;q=0"]
)
def test_a_format_that_is_not_offered_is_not_acceptable(plants: TestClient, accept: str) -> None:
    with pytest.raises(NotAcceptableError):
        wanted_form(accept)
    answer = plants.get("/api/v1/plants", headers={"accept": accept})
    assert (answer.status_code, answer.json()["detail"][0]["field"]) == (406, "accept")


def test_the_three_formats_hold_the_same_rows(plants: TestClient) -> None:
    rows = plants.get("/api/v1/plants").json()
    assert [r["id"] for r in rows] == [p.id for p in PLANTS]
    text = plants.get("/api/v1/plants", headers={"accept": "text/csv"})
    table = list(csv.DictReader(io.StringIO(text.text.removeprefix("\ufeff"))))
    assert [(r["year"], r["output"], r["mark"]) for r in table] == [
        (str(r["year"]), "" if r["output"] is None else str(r["output"]), r["mark"]) for r in rows
    ]
    answer = plants.get("/api/v1/plants?format=parquet")
    assert (answer.headers["content-type"], answer.headers["x-total-count"]) == (PARQUET, "5")
    found = pq.read_table(io.BytesIO(answer.content))
    assert [str(t) for t in found.schema.types] == ["string", "int64", "double", "string", "bool", "string"]
    assert found.column("output").to_pylist() == [p.output for p in PLANTS]


def test_csv_disarms_formulas_and_marks_its_encoding_unless_told_not_to(plants: TestClient) -> None:
    text = plants.get("/api/v1/plants?format=csv")
    assert text.content.startswith(b"\xef\xbb\xbf")
    assert "'=SUM(A1)" in text.text and "-2.5" in text.text and "'-2.5" not in text.text
    assert plants.get("/api/v1/plants?format=csv&bom=false").content.startswith(b"id,year")


def test_what_is_nested_is_json_in_files_whatever_it_holds() -> None:
    @dataclass
    class Notice:
        years: list[int]
        shares: dict[str, float] | None

    rows = [Notice([2027, 2028], {"a": 0.5}), Notice([], None)]
    table = pq.read_table(io.BytesIO(parquet_of(rows, columns_of(Notice), types_of(Notice))))
    assert table.to_pydict() == {"years": ["[2027, 2028]", "[]"], "shares": ['{"a": 0.5}', None]}
    assert csv_of(rows, columns_of(Notice)) == 'years,shares\n"[2027, 2028]","{""a"": 0.5}"\n[],\n'


def test_a_series_by_year_is_wide_in_files() -> None:
    """The wide IAMC layout by hand: one column a year, empty where a series has none."""

    @dataclass
    class Series:
        variable: str
        values: dict[int, float]

    text = csv_of([Series("x", {2030: 1.0, 2025: 2.0}), Series("y", {2030: 3.0})], ["variable", "values"])
    assert text == "variable,2025,2030\nx,2.0,1.0\ny,,3.0\n"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [("year=2024", ["c", "=SUM(A1)"]), ("year=2023&year=2025", ["a", "b", "碳"]), ("mark=D&open=true", ["=SUM(A1)"]),
     ("output_min=1.5", ["a", "=SUM(A1)", "碳"]), ("output_min=1.5&output_max=5", ["a", "碳"]), ("least=6", ["=SUM(A1)"]),
     ("id=碳", ["碳"]), ("sort=-output", ["=SUM(A1)", "a", "碳", "c", "b"]), ("sort=output", ["c", "碳", "a", "=SUM(A1)", "b"]),
     ("sort=-year,output", ["碳", "c", "=SUM(A1)", "a", "b"]), ("limit=2&offset=1", ["b", "c"]), ("offset=9", [])],
)  # fmt: skip
def test_rows_are_filtered_ordered_and_paged(plants: TestClient, query: str, wanted: list[str]) -> None:
    """A missing number passes no bound and stands last in either order."""
    assert ids(plants, query) == wanted


def test_links_lead_over_all_pages(plants: TestClient) -> None:
    address, seen = "/api/v1/plants?limit=2&sort=id", []
    while address:
        answer = plants.get(address)
        assert answer.headers["x-total-count"] == "5"
        seen += [r["id"] for r in answer.json()]
        address = answer.links.get("next", {}).get("url", "")
    assert sorted(seen) == sorted(p.id for p in PLANTS) and len(seen) == 5
    assert plants.get(answer.links["first"]["url"]).json()[0]["id"] == seen[0]
    assert "link" not in plants.get("/api/v1/plants").headers


def test_a_request_of_many_thousand_characters_is_not_repeated_in_the_head(plants: TestClient) -> None:
    query = "&".join(["limit=1", "id=a", "id=b", *(f"id={n:0200}" for n in range(50))])
    answer = plants.get(f"/api/v1/plants?{query}")
    assert (answer.status_code, answer.headers["x-total-count"]) == (200, "2")
    assert sum(len(name) + len(value) for name, value in answer.headers.items()) < 8_000


@pytest.mark.parametrize(
    ("query", "fields"),
    [("yaer=2024", ["yaer"]), ("yaer=1&x=2", ["yaer", "x"]), ("year=last", ["year"]), ("open=perhaps", ["open"]),
     ("output_min=nan", ["output_min"]), ("sort=size", ["sort"]), ("sort=shares", ["sort"]), ("limit=0", ["limit"]),
     ("limit=many&offset=-1", ["limit", "offset"]), ("format=xml", ["format"]), ("year=x&output_max=y", ["year", "output_max"])],
)  # fmt: skip
def test_what_cannot_be_used_is_named_all_at_once(plants: TestClient, query: str, fields: list[str]) -> None:
    answer = plants.get(f"/api/v1/plants?{query}")
    assert answer.status_code == 422
    assert [p["field"] for p in answer.json()["detail"]] == fields
    assert all(p["problem"] and p["mend"] for p in answer.json()["detail"])
    assert "没有" in plants.get("/api/v1/plants?yaer=1&lang=zh").json()["detail"][0]["problem"]


def test_pages_may_have_any_parameter(plants: TestClient) -> None:
    assert plants.get("/page?anything=1&else=2").status_code == 200


@settings(max_examples=10)
@given(st.lists(st.sampled_from(["year", "-year", "id", "-id", "output", "-output"]), max_size=3), st.integers(1, 4))
def test_pages_put_together_are_the_whole_list(plants: TestClient, order: list[str], size: int) -> None:
    whole = ids(plants, f"sort={','.join(order)}")
    pages = [ids(plants, f"sort={','.join(order)}&limit={size}&offset={i}") for i in range(0, 5, size)]
    assert [i for page in pages for i in page] == whole
    assert sorted(whole) == sorted(p.id for p in PLANTS)


@pytest.mark.parametrize("query", ["", "format=csv", "limit=1"])
def test_what_the_visitor_has_is_not_sent_again(plants: TestClient, query: str) -> None:
    address = f"/api/v1/plants?{query}"
    first = plants.get(address)
    tag = first.headers["etag"]
    assert not tag.startswith("W/")
    for header in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        again = plants.get(address, headers={"if-none-match": header})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert plants.get(address, headers={"if-none-match": '"other"'}).content == first.content
    assert {"accept", "authorization"} <= {v.strip().lower() for v in first.headers["vary"].split(",")}
    assert first.headers["cache-control"] == "private, no-cache"


def test_other_content_has_another_tag_and_so_has_its_packed_form(plants: TestClient) -> None:
    tags = {
        plants.get(f"/api/v1/plants?{q}").headers["etag"] for q in ("", "year=2024", "format=csv", "format=parquet")
    }
    assert len(tags) == 4
    packed = plants.get("/api/v1/many", headers={"accept-encoding": "gzip"}).headers["etag"]
    plain = plants.get("/api/v1/many", headers={"accept-encoding": "identity"}).headers["etag"]
    assert packed == f'{plain[:-1]}-gzip"'
    for tag in (packed, plain):
        assert plants.get("/api/v1/many", headers={"if-none-match": tag}).headers["etag"] == tag


def test_an_answer_of_a_frozen_run_is_known_before_it_is_made(client: TestClient) -> None:
    first = client.get("/api/v1/totals?scope=co2")
    assert first.headers["cache-control"] == "public, no-cache"
    assert "cookie" not in first.headers["vary"]
    for headers in ({"if-none-match": first.headers["etag"]}, {"if-modified-since": first.headers["last-modified"]}):
        assert client.get("/api/v1/totals?scope=co2", headers=headers).status_code == 304
    assert client.get("/api/v1/totals?scope=land", headers={"if-none-match": first.headers["etag"]}).status_code == 200
    named = client.get("/api/v1/manifest").json()["run_id"]
    assert client.get(f"/api/v1/totals?run={named}").headers["cache-control"] == "public, max-age=3600"
    old = {"if-modified-since": "Sat, 01 Jan 2000 00:00:00 GMT"}
    assert client.get("/api/v1/totals?scope=co2", headers=old).status_code == 200


def test_tags_and_dates_are_compared_as_the_rule_says() -> None:
    """RFC 9110 sections 13.1.2 and 13.1.3; a date that is none is ignored."""
    assert matched('W/"a", "b-gzip"', '"b"') == '"b-gzip"'
    assert matched('"ab"', '"a"') == ""
    assert unmodified_since("Sat, 01 Jan 2000 00:00:01 GMT", 946684801.7)
    assert not unmodified_since("Sat, 01 Jan 2000 00:00:00 GMT", 946684801.7)
    assert not unmodified_since("yesterday", 0.0)


class Clock:
    """Seconds that the test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_refuses_when_it_is_empty_and_fills_with_time() -> None:
    """Four requests a minute, three at once: the fourth waits 15 s."""
    clock = Clock()
    app = make(ApiSettings(rate_per_minute=4, burst=3), clock)
    with TestClient(app) as client:
        answers = [client.get("/api/v1/plants") for _ in range(4)]
        assert [a.status_code for a in answers] == [200, 200, 200, 429]
        assert [a.headers["ratelimit"] for a in answers] == [
            '"default";r=2;t=15', '"default";r=1;t=30', '"default";r=0;t=45', '"default";r=0;t=45',
        ]  # fmt: skip
        assert answers[3].headers["retry-after"] == "15"
        assert answers[3].headers["ratelimit-policy"] == '"default";q=3;w=45'
        assert answers[3].json()["detail"][0]["mend"]
        assert client.get("/page").status_code == 200
        clock.now += 14.9
        assert client.get("/api/v1/plants").status_code == 429
        clock.now += 0.2
        assert [client.get("/api/v1/plants").status_code for _ in range(2)] == [200, 429]
        clock.now += 3600
        assert [client.get("/api/v1/plants").status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_token_has_a_bucket_of_its_own_but_invented_tokens_empty_that_of_the_address() -> None:
    app = make(ApiSettings(rate_per_minute=1, burst=2), Clock())
    with TestClient(app) as client:
        for name in ("one", "two"):
            headers = {"authorization": f"Bearer {name}"}
            assert [client.get("/api/v1/plants", headers=headers).status_code for _ in range(3)] == [200, 200, 429]
        found = [client.get("/api/v1/refused", headers={"authorization": f"Bearer {i}"}).status_code for i in range(4)]
        assert found == [401, 401, 429, 429]


@pytest.mark.parametrize(("local", "wanted"), [(False, [200, 200]), (True, [200, 429])])
def test_this_machine_is_counted_only_if_the_settings_say_so(local: bool, wanted: list[int]) -> None:
    app = make(ApiSettings(rate_per_minute=1, burst=1, limit_local=local), Clock())
    with TestClient(app, client=("127.0.0.1", 5000)) as client:
        assert [client.get("/api/v1/plants").status_code for _ in range(2)] == wanted


@given(st.lists(st.tuples(st.floats(0, 40), st.sampled_from("xy")), max_size=60))
def test_no_more_requests_pass_than_burst_and_time_allow(steps: list[tuple[float, str]]) -> None:
    clock = Clock()
    buckets, begun, passed = Buckets(0.1, 5, clock), clock.now, {"x": 0, "y": 0}
    for wait, key in steps:
        clock.now += wait
        allowed, left = buckets.take(key)
        passed[key] += allowed
        assert allowed or buckets.wait(left) >= 1
        assert passed[key] <= 5 + 0.1 * (clock.now - begun) + 1e-6


def test_the_description_tells_formats_filters_faults_and_who_may_ask(plants: TestClient) -> None:
    spec = plants.get("/openapi.json").json()
    operation = spec["paths"]["/api/v1/plants"]["get"]
    assert operation["operationId"] == "get_plants"
    names = [p["name"] for p in operation["parameters"]]
    assert len(names) == len(set(names))
    assert {"format", "limit", "offset", "sort", "year", "year_min", "output_max", "mark"} <= set(names)
    assert "shares" not in names
    assert set(operation["responses"]["200"]["content"]) == {JSON, CSV, PARQUET}
    assert {"401", "403", "404", "422", "429"} <= operation["responses"].keys()
    assert "HTTPValidationError" not in spec["components"]["schemas"]
    assert set(spec["components"]["securitySchemes"]) == {"token", "session"}
    assert asdict(PLANTS[0]).keys() == spec["components"]["schemas"]["PlantRecord"]["properties"].keys()
