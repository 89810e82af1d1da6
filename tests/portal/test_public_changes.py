"""What has changed between kept runs, the tour, and what a visitor is told when something is missing, refused or broken."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from tests.portal.test_portal_pages import HAN, Reader, place
from tests.results_fixture import REGION, write_results

from tanlu.core.messages import LANGUAGES, catalogue
from tanlu.portal import create_app
from tanlu.portal.public.changes import Changes, compare, earlier_run
from tanlu.portal.public.digest import Amount, Digest, Factor, Standing, digest
from tanlu.portal.public.tour import ROLES, TOURS
from tanlu.portal.public.unexpected import add_unexpected
from tanlu.portal.rendering import NAVIGATION
from tanlu.portal.service import RunInfo
from tanlu.portal.session.pages import LANDINGS

every_language = pytest.mark.parametrize("language", LANGUAGES)


def run(name: str, created: str, province: str = "p") -> RunInfo:
    return RunInfo(name, created, province, 1, "1", "", False)


def test_the_run_of_last_month_is_compared_with_and_else_the_oldest() -> None:
    runs = [run("d", "2026-03-30T00:00:00+00:00"), run("c", "2026-03-20T00:00:00+00:00")]
    assert earlier_run(runs, "d") == "c"
    runs += [run("b", "2026-03-01T00:00:00+00:00"), run("a", "2026-01-01T00:00:00+00:00")]
    assert earlier_run(runs, "d") == "b"
    assert earlier_run(runs, "c") == "a"
    assert earlier_run(runs, "a") == ""
    assert earlier_run([runs[0], run("x", "2026-01-01T00:00:00+00:00", "q")], "d") == ""


BEFORE = Digest(
    "a", "2026-01-01T00:00:00+00:00", "1", "x",
    {("co2", 2020): Amount(100.0, "kt", "t0"), ("co2", 2021): Amount(200.0, "kt", "t1"), ("land", 2021): Amount(-5.0, "kt", "t2")},
    {"T1": Standing("at_risk", "甲", "one", "i1"), "T2": Standing("met", "乙", "two", "i2")},
    {"current-mid": (2027, 0.8)},
    {"f1": Factor(1.0, "t/t", "因子", "factor"), "f2": Factor(2.0, "t/t", "旧", "old")},
)  # fmt: skip


def test_a_run_compared_with_itself_has_no_changes() -> None:
    assert compare(BEFORE, BEFORE, "current-mid").nothing


def test_every_kind_of_change_is_told() -> None:
    """By hand: CO2 of 2020 rises by 10 of 110 (9.1 %), of 2021 falls by 1 of 200 (0.5 %); land moves by 1e-6, which is nothing."""
    after = replace(
        BEFORE,
        totals={
            ("co2", 2020): Amount(110.0, "kt", "t0"), ("co2", 2021): Amount(199.0, "kt", "t1"), ("co2", 2022): Amount(1.0, "kt", "t3"),
            ("land", 2021): Amount(-5.000005, "kt", "t2"),
        },
        targets={**BEFORE.targets, "T1": Standing("on_track", "甲", "one", "i1"), "T3": Standing("met", "丙", "three", "i3")},
        peaks={"current-mid": (2026, 0.8)},
        factors={"f1": Factor(1.5, "t/t", "因子", "factor"), "f3": Factor(3.0, "t/t", "新", "new")},
    )  # fmt: skip
    found = compare(BEFORE, after, "current-mid")
    assert {(t.target, t.before, t.after) for t in found.targets} == {("T1", "at_risk", "on_track"), ("T3", "", "met")}
    assert [(r.scope, r.years, r.year, r.before.value, r.after.value) for r in found.totals] == [
        ("co2", 2, 2020, 100.0, 110.0)
    ]
    assert {(f.kind, f.en) for f in found.factors} == {("value", "factor"), ("new", "new"), ("gone", "old")}
    assert found.peak == ((2027, 0.8), (2026, 0.8)) and not found.nothing


@pytest.fixture(scope="module")
def two_runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a run and one two months earlier, in which one target and one total were different."""
    folder = tmp_path_factory.mktemp("two")
    write_results(folder)
    old = write_results(folder, "20251101T000000Z-synthetic")
    manifest = json.loads((old / "manifest.json").read_text(encoding="utf-8"))
    (old / "manifest.json").write_text(
        json.dumps(manifest | {"created": "2025-11-01T00:00:00+00:00"}), encoding="utf-8"
    )
    for name, column, change in (
        ("scoreboard", "status", lambda v: "off_track"),
        ("totals", "value", lambda v: str(float(v) * 1.5)),
    ):
        _alter(old / f"{name}.csv", column, change)
    return folder


def _alter(path: Path, column: str, change: Callable[[str], str]) -> None:
    """Change a column in the first row that has a value in it."""
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    row = next(r for r in rows if r[column] and r.get("scope", "co2") == "co2")
    row[column] = change(row[column])
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_digests_of_real_folders_are_compared(two_runs: Path) -> None:
    old, new = (digest(two_runs / "results" / f"{day}T000000Z-synthetic") for day in ("20251101", "20260101"))
    found = compare(old, new, "current-mid")
    assert [t.before for t in found.targets] == ["off_track"]
    assert [(r.scope, r.years) for r in found.totals] == [("co2", 1)]
    assert new.totals[("co2", 2024)].id == f"total:{REGION}:2024:co2"


@every_language
def test_the_first_kept_run_says_how_to_get_a_comparison(client: TestClient, language: str) -> None:
    html = client.get(place("/", language)).text
    assert "tanlu run" in html[html.index('id="changes"') :]


def test_the_overview_shows_what_changed(two_runs: Path) -> None:
    html = TestClient(create_app(two_runs)).get("/en").text
    shown = html[html.index('id="changes"') :]
    assert "2025-11-01" in shown and shown.count("data-turned=") == 1 and 'data-revised="co2"' in shown


def test_a_missing_page_offers_the_search(client: TestClient) -> None:
    answer = client.get("/en/nothing-like-it")
    assert answer.status_code == 404
    assert re.search(r'<form[^>]*action="/en/search"', answer.text)


@pytest.mark.parametrize(("path", "text"), [("/broken", "出了故障"), ("/en/broken", "Something has failed")])
def test_what_nobody_foresaw_gets_an_id_that_the_log_has(
    path: str, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    answer = TestClient(_breaking(), raise_server_exceptions=False).get(path)
    name = re.findall(r"<code>([0-9a-f]{8})</code>", answer.text)
    assert answer.status_code == 500 and text in answer.text and len(name) == 1
    assert name[0] in caplog.text and "secret reason" not in answer.text
    assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_the_api_says_the_id_as_json() -> None:
    answer = TestClient(_breaking(), raise_server_exceptions=False).get("/api/v1/broken")
    assert answer.status_code == 500 and answer.json()["id"] in answer.json()["detail"]


def _breaking() -> FastAPI:
    app = FastAPI()

    @app.get("/broken")
    @app.get("/en/broken")
    @app.get("/api/v1/broken")
    def broken() -> None:
        raise RuntimeError("secret reason")

    add_unexpected(app)
    return app


@every_language
def test_the_tour_can_be_read_without_scripts(client: TestClient, language: str) -> None:
    answer = client.get(place("/tour", language))
    assert answer.status_code == 200 and answer.text.count("<li data-target=") == sum(map(len, TOURS.values()))
    if language == "en":
        assert not [t for t in Reader(answer.text).texts if HAN.search(t)]


def test_every_step_has_texts_and_a_page_of_the_navigation() -> None:
    for steps in TOURS.values():
        for step in steps:
            assert {f"tour.{step.text}.title", f"tour.{step.text}.text"} <= set(catalogue())
            assert step.page in NAVIGATION, step


def test_every_role_that_signs_in_has_a_tour() -> None:
    assert set(ROLES) == set(LANDINGS) and set(ROLES.values()) <= set(TOURS)


def test_changes_without_records_or_meters_say_nothing_of_them() -> None:
    found = compare(BEFORE, BEFORE, "current-mid")
    assert isinstance(found, Changes) and found.alerts is None and found.projects is None
