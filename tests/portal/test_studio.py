"""The studio: the figures of page and API are those of the engine, a setting lives in its address, and what is wrong is told."""

from __future__ import annotations

import csv
import dataclasses
import html as html_module
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
import yaml
from fastapi.testclient import TestClient
from tests.portal.test_portal_pages import HAN, Reader, place

from tanlu.charts.format import subscript
from tanlu.core.messages import LANGUAGES
from tanlu.pathways import Model, ScenarioFile, Setting, load_model, simulate
from tanlu.pathways.noncarbon.declared import ROWS
from tanlu.pathways.scenario_link import decode, encode
from tanlu.pathways.sensitivity import FanFunction, share_records, share_text, variance_shares
from tanlu.portal import create_app
from tanlu.portal.session.forgery import FIELD
from tanlu.portal.studio.service import MOST_COMPARED, PICTURES

DRAWS = 64
every_language = pytest.mark.parametrize("language", LANGUAGES)


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("studio")


@pytest.fixture(scope="module")
def client(workspace: Path) -> Iterator[TestClient]:
    """A workspace without a run: the studio takes the first province that ships. Few draws: what they are is tested elsewhere."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tanlu.portal.studio.service.DRAWS", DRAWS)
        yield TestClient(create_app(workspace))


def body(**fields: Any) -> dict[str, Any]:
    return {"base": "plan", "growth": "mid", "levers": {}, "lang": "en", **fields}


def ask(client: TestClient, **fields: Any) -> dict[str, Any]:
    answer = client.post("/api/v1/pathways/simulate", json=body(**fields))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_series_of_the_api_are_those_of_the_engine(client: TestClient, model: Model) -> None:
    lever = model.data.levers[0]
    found = ask(client, levers={lever.id: lever.maximum})
    run = model.central(Setting("plan", "mid", {lever.id: lever.maximum}))
    assert found["years"] == run.years.tolist() and len(found["series"]) >= 40
    assert found["series"]["co2"]["values"] == pytest.approx(run.total[0], abs=1e-4)
    emitters = [v["values"] for k, v in found["series"].items() if k.startswith("co2:")]
    assert np.sum(emitters, axis=0) == pytest.approx(run.total[0], abs=0.01)
    assert found["figures"]["co2"]["value"] == pytest.approx(run.total[0, 2030 - run.years[0]], abs=1e-3)
    assert found["levers"] == {lever.id: lever.maximum} and found["data_hash"] == model.data_hash


def test_the_link_of_an_answer_asks_the_same_again(client: TestClient, model: Model) -> None:
    lever = model.data.levers[1]
    first = ask(client, levers={lever.id: lever.minimum}, schedules={lever.id: {"start": 2030, "full": 2040}})
    again = ask(client, link=first["link"])
    assert {k: v for k, v in again.items() if k != "ms"} == {k: v for k, v in first.items() if k != "ms"}
    assert decode(first["link"], model.data, model.data_hash).setting.schedules == {lever.id: (2030, 2040)}


def test_the_fan_is_that_of_the_command(client: TestClient) -> None:
    found = client.post("/api/v1/pathways/fan", json=body(charts=["fan"])).json()
    peak = simulate(world="plan", growth="mid", draws=DRAWS).peak
    assert found["peak"]["probability_by_2030"] == peak["probability_by_2030"] and found["peak"]["year"] == peak["year"]
    assert found["fan"]["p05"] <= found["fan"]["p50"] <= found["fan"]["p95"]
    assert found["charts"]["fan"]["data"]["bands"]["year"] == found["fan"]["years"]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"levers": {"no_such_lever": 1}}, "there is no lever"), ({"base": "dream"}, "no world"), ({"growth": "fast"}, "no growth case"),
        ({"levers": {"wind_capacity": 1e9}}, "is outside"), ({"link": "1.plan.mid.AAAA"}, "link is cut"),
        ({"schedules": {"wind_capacity": {"start": 2040, "full": 2030}}}, "must end after it starts"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_told_with_its_mend(client: TestClient, fields: dict[str, Any], words: str) -> None:
    for address in ("simulate", "fan"):
        answer = client.post(f"/api/v1/pathways/{address}", json=body(**fields))
        assert answer.status_code == 422
        problems = answer.json()["detail"]
        assert len(problems) == 1 and words in problems[0]["problem"] and problems[0]["mend"]


@pytest.mark.parametrize("name", PICTURES)
def test_new_data_of_a_picture_are_those_of_the_picture_drawn_anew(client: TestClient, name: str) -> None:
    """What the page puts into a drawn chart is what the chart of that setting holds from the start; axes and data sets are the same."""
    group = "transport"
    found = ask(client, levers={"wind_capacity": 60.0}, charts=[name] if name != "wedges" else [], group=group)
    if name in ("fan", "wedges"):
        found = client.post(f"/api/v1/pathways/{name}", json=body(levers={"wind_capacity": 60.0}, charts=[name])).json()
    picture = found["charts"][name]
    spec = client.get(
        f"/api/v1/charts/studio-{name}.json", params={"s": found["link"], "lang": "en", "group": group}
    ).json()
    drawn = {name: rows for name, rows in spec["datasets"].items() if not name.startswith("former-")}
    assert {name: {k: [row[k] for row in rows] for k in rows[0]} for name, rows in drawn.items()} == picture["data"]
    assert {p["name"]: p["value"] for p in spec["params"]} == picture["signals"]
    other = client.get(f"/api/v1/charts/studio-{name}.json", params={"lang": "en", "group": group}).json()
    # the words beside the picture are those of the setting, and are sent beside the data
    spec["usermeta"].pop("card"), other["usermeta"].pop("card")
    assert {**spec, "datasets": 0, "params": 0} == {**other, "datasets": 0, "params": 0}


@pytest.mark.parametrize("name", ["emissions", "costs"])
def test_bands_lie_on_each_other_and_end_at_the_total(client: TestClient, name: str) -> None:
    wide = ask(client, charts=[name])["charts"][name]["data"]["wide"]
    bands = sorted(k.removeprefix("low") for k in wide if k.startswith("low"))
    low, high, own = (np.array([wide[f"{key}{b}"] for b in bands]) for key in ("low", "high", "v"))
    assert high - low == pytest.approx(own, abs=0.02)
    assert low[1:] == pytest.approx(high[:-1], abs=0.01) and not low[0].any()
    assert high[-1] == pytest.approx(wide["total"], abs=0.02)


def test_wedges_add_up_to_what_the_setting_takes_off(client: TestClient, model: Model) -> None:
    found = client.post("/api/v1/pathways/wedges", json=body()).json()
    start, end = (model.central(Setting(world, "mid")).total[0] for world in ("frozen", "plan"))
    assert np.sum(list(found["wedges"].values()), axis=0) == pytest.approx(start - end, abs=0.01)


@every_language
def test_the_studio_says_how_much_rests_on_assumptions(client: TestClient, language: str) -> None:
    """The same shares as the command, in words of the language, on each page with a result."""
    found = client.post("/api/v1/pathways/assumed", json=body(lang=language)).json()
    of_command = variance_shares(
        FanFunction(
            (model := load_model()).data,
            model.baseline,
            model.parameters(Setting("plan", "mid")),
            model.data.world("plan"),
        )
    )
    assert found["shares"] == share_records(of_command)
    share = f"{100 * found['shares']['net_last']['grade_d']:.0f}%"
    assert share in found["text"] and subscript(share_text(of_command, "co2_deadline", language)) in found["text"]
    for page in ("targets?s=", "compare?s=frozen-mid&s="):
        text = client.get(place(f"/studio/{page}{found['link']}", language)).text
        assert 'id="assumed"' in text and share in text.replace("\u202f", " ").replace("\xa0", " ")


def test_a_lever_of_other_gases_changes_them_and_not_co2(client: TestClient, model: Model) -> None:
    """The link carries the lever; the methane that is saved is that of the rice fields, by their own equation."""
    lever = next(x for x in model.data.side if x.id == "rice_water")
    pictures = ["emissions", "gases"]
    found = ask(client, base="plan", levers={lever.id: lever.maximum}, charts=pictures)
    without = ask(client, base="plan", charts=pictures)
    setting = decode(found["link"], model.data, model.data_hash).setting
    assert setting.levers == {lever.id: lever.maximum}
    assert found["charts"]["emissions"]["data"] == without["charts"]["emissions"]["data"]
    total, base = (np.array(x["charts"]["gases"]["data"]["wide"]["total"]) for x in (found, without))
    assert (total <= base).all() and total[-1] < base[-1] and total[0] == base[0]
    rows = [model.effects(s, model.central(s)).masses[0, -1] for s in (setting, Setting("plan", "mid"))]
    changed = [(row.id, row.gas) for row, one, two in zip(ROWS, *rows, strict=True) if one != two]
    assert changed == [("rice", "CH4")]
    later = Setting("plan", "mid", {lever.id: lever.maximum}, {lever.id: (2040, 2050)})
    assert model.effects(later, model.central(later)).masses[0, 10].sum() > rows[0].sum()


def test_costs_of_the_reference_are_those_of_the_reference(client: TestClient) -> None:
    picture = ask(client, base="current", charts=["costs"])["charts"]["costs"]
    assert picture["title"] == "Costs as the reference"
    wide = picture["data"]["wide"]
    assert sum(values[0] for key, values in wide.items() if key.startswith("v")) == pytest.approx(
        wide["total"][0], abs=0.1
    )


@every_language
def test_the_page_holds_every_lever_with_label_ticks_and_grade(client: TestClient, model: Model, language: str) -> None:
    html = client.get(place("/studio", language)).text
    read = Reader(html)
    sliders = {v["id"]: v for tag, v in read.tags if tag == "input" and v.get("type") == "range"}
    labels = set(read.attributes("label", "for"))
    assert set(sliders) == {f"lever-{x.id}" for x in model.data.every} == labels
    for lever in model.data.levers:
        assert float(sliders[f"lever-{lever.id}"]["value"]) == lever.default
    assert html.count('class="tick tick-current"') == len(model.data.every) + 1
    assert read.attributes("html", "lang") == ["zh-CN" if language == "zh" else "en"]
    if language == "en":
        assert not [t for t in read.texts if HAN.search(t)]
    assert all("src" in v for tag, v in read.tags if tag == "script") and not [v for _, v in read.tags if "style" in v]


def test_the_page_shows_the_setting_of_its_address(client: TestClient, model: Model) -> None:
    lever = model.data.levers[2]
    link = encode(Setting("frozen", "high", {lever.id: lever.maximum}), model.data, model.data_hash)
    read = Reader(client.get("/en/studio", params={"s": link}).text)
    values = {v["id"]: float(v["value"]) for tag, v in read.tags if tag == "input" and v.get("type") == "range"}
    for x in model.data.levers:
        assert values[f"lever-{x.id}"] == (lever.maximum if x is lever else x.worlds["frozen"])
    assert [v["value"] for tag, v in read.tags if tag == "option" and "selected" in v][:2] == ["frozen", "high"]
    other = next(v["href"] for tag, v in read.tags if tag == "a" and v.get("class") == "language")
    assert parse_qs(urlsplit(other).query)["s"] == [link]


@every_language
def test_a_damaged_link_and_one_of_other_data_are_told(client: TestClient, model: Model, language: str) -> None:
    html = client.get(place("/studio", language), params={"s": "1.plan.mid.AAAA"}).text
    assert 'role="alert"' in html and ("链接不完整" if language == "zh" else "the link is cut") in html
    older = encode(Setting("plan", "mid"), model.data, "levers:00000000")
    html = client.get(place("/studio", language), params={"s": older}).text
    assert ("另一版数据" if language == "zh" else "another version of the data") in html


def test_without_scripts_the_form_becomes_an_address(client: TestClient, model: Model) -> None:
    """Sliders that were not moved follow the world that was chosen."""
    lever = model.data.levers[0]
    fields = {f"lever:{x.id}": str(x.default) for x in model.data.levers} | {f"lever:{lever.id}": str(lever.maximum)}
    answer = client.get(
        "/studio", params={"base": "plan", "growth": "low", "former": "current", **fields}, follow_redirects=False
    )
    assert answer.status_code == 303
    link = parse_qs(urlsplit(answer.headers["location"]).query)["s"][0]
    assert decode(link, model.data, model.data_hash).setting == Setting("plan", "low", {lever.id: lever.maximum})
    assert client.get("/studio", params={"base": "plan", "growth": "x"}).status_code == 422


def saving(client: TestClient, language: str, fields: dict[str, str]) -> Any:
    read = Reader(client.get(place("/studio", language)).text)
    token = next(v["value"] for tag, v in read.tags if tag == "input" and v.get("name") == FIELD)
    files = {name: (None, value) for name, value in {FIELD: token, **fields}.items()}
    return client.post(place("/studio", language), files=files, follow_redirects=False)


def test_a_scenario_is_saved_once_under_a_name_and_listed(client: TestClient, model: Model, workspace: Path) -> None:
    lever = model.data.levers[0]
    link = encode(Setting("plan", "mid", {lever.id: lever.maximum}), model.data, model.data_hash)
    answer = saving(client, "zh", {"s": link, "name": "试一试", "author": "a", "note": "n"})
    assert answer.status_code == 303 and link in answer.headers["location"]
    kept = yaml.safe_load((workspace / "scenarios" / "试一试.yaml").read_text(encoding="utf-8"))
    assert (
        kept["levers"] == {lever.id: lever.maximum} and kept["data_hash"] == model.data_hash and kept["author"] == "a"
    )
    before = {p.name: p.read_bytes() for p in (workspace / "scenarios").iterdir()}
    again = saving(client, "zh", {"s": link, "name": "试一试"})
    assert again.status_code == 409 and "已有名为" in again.text
    bad = saving(client, "en", {"s": link, "name": "../../etc"})
    assert bad.status_code == 422 and "cannot be the name" in bad.text
    assert {p.name: p.read_bytes() for p in (workspace / "scenarios").iterdir()} == before
    forged = client.post("/studio", files={"name": (None, "x"), "s": (None, link)}, follow_redirects=False)
    assert forged.status_code == 403 and len(list((workspace / "scenarios").iterdir())) == 1
    assert 'class="notice" role="status"' in client.get(answer.headers["location"]).text
    html = client.get("/studio").text
    assert "试一试" in html and link in html and 'class="notice" role="status"' not in html
    by_link = client.get("/studio/compare", params={"s": [link, "current-mid"]}).text
    assert 'value="试一试" checked' in by_link and f'name="s" value="{link}"' not in by_link
    drawn = re.search(r'data-chart="([^"]+)"', by_link)
    assert drawn and "试一试" in client.get(html_module.unescape(drawn[1])).text
    compared = client.get("/en/studio/compare", params={"s": ["试一试", "current-mid"]})
    assert compared.status_code == 200 and compared.text.count('id="compared"') == 1


def sending(client: TestClient, text: str | bytes, name: str = "mine.yaml", language: str = "en") -> Any:
    read = Reader(client.get(place("/studio", language)).text)
    token = next(v["value"] for tag, v in read.tags if tag == "input" and v.get("name") == FIELD)
    files = {FIELD: (None, token), "what": (None, "open"), "file": (name, text)}
    return client.post(place("/studio", language), files=files, follow_redirects=False)


def test_a_scenario_file_that_is_sent_is_opened_and_not_kept(client: TestClient, model: Model, workspace: Path) -> None:
    before = sorted(workspace.rglob("*"))
    lever = model.data.levers[0]
    file = ScenarioFile("mine", Setting("plan", "low", {lever.id: lever.maximum}, {lever.id: (2030, 2045)}))
    answer = sending(client, file.as_yaml())
    assert answer.status_code == 303
    link = parse_qs(urlsplit(answer.headers["location"]).query)["s"][0]
    assert decode(link, model.data, model.data_hash).setting == file.setting
    older = sending(client, dataclasses.replace(file, data_hash="levers:00000000").as_yaml())
    assert older.status_code == 200 and "the data have changed" in older.text and f'data-link="{link}"' in older.text
    assert sorted(workspace.rglob("*")) == before


def test_all_that_is_wrong_with_a_file_that_is_sent_is_told_at_once(client: TestClient, workspace: Path) -> None:
    before = sorted(workspace.rglob("*"))
    text = """
name: ../x
base: dream
growth: mid
colour: red
levers: {no_such_lever: 1, wind_capacity: 1.0e+9, solar_capacity: much}
schedules: {wind_capacity: {start: 2040, full: 2030}, hydro_capacity: {start: 2030}}
"""
    answer = sending(client, text)
    assert answer.status_code == 422
    words = (
        "colour", "cannot be the name", "dream", "no_such_lever", "is outside", "much", "must end after it starts", "full",
    )  # fmt: skip
    assert [w for w in words if w not in answer.text] == []
    assert sorted(workspace.rglob("*")) == before


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.txt", b"name: a", "is no scenario file"),
        ("a.yaml", b"PK\x03\x04", "not"),
        ("a.yaml", b"a: [", "a.yaml"),
        ("a.yaml", b"a: &x [1]\nb: *x", "has references"),
        ("a.yaml", b"[" * 9 + b"]" * 9, "too many levels"),
        ("a.yaml", b"[" * 9000, "a.yaml"),
        ("a.yaml", b"3", "a.yaml"),
        ("../../a.yaml", b"{}", "a.yaml"),
    ],
)
def test_a_file_that_is_no_scenario_is_refused(client: TestClient, name: str, content: bytes, words: str) -> None:
    answer = sending(client, content, name)
    assert answer.status_code == 422 and words in answer.text


def test_saved_scenarios_of_other_data_say_what_has_changed(tmp_path: Path) -> None:
    (tmp_path / "scenarios").mkdir()
    text = "{name: old, base: plan, growth: mid, model_version: 0.0.0, data_hash: 'levers:00000000'}"
    (tmp_path / "scenarios" / "old.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "scenarios" / "bad.yaml").write_text("{name: x}", encoding="utf-8")
    html = TestClient(create_app(tmp_path)).get("/en/studio").text
    assert "made with model version 0.0.0" in html and "the data have changed" in html and "bad.yaml" in html


def test_a_scenario_is_taken_away_as_yaml_table_and_workbook(client: TestClient, model: Model) -> None:
    import openpyxl

    lever = model.data.levers[0]
    setting = Setting("plan", "mid", {lever.id: lever.maximum})
    link = encode(setting, model.data, model.data_hash)
    kept = yaml.safe_load(client.get("/api/v1/pathways/export.yaml", params={"s": link}).text)
    assert kept["levers"] == {lever.id: lever.maximum}
    text = client.get("/api/v1/pathways/export.csv", params={"s": link}).text.removeprefix("\ufeff")
    total = next(r for r in csv.DictReader(io.StringIO(text)) if r["Variable"] == "Emissions|CO2")
    run = model.central(setting)
    assert float(total["2060"]) == pytest.approx(run.total[0, -1], abs=1e-5)
    book = openpyxl.load_workbook(
        io.BytesIO(client.get("/api/v1/pathways/export.xlsx", params={"s": link, "lang": "en"}).content)
    )
    rows = list(book["IAMC"].iter_rows(values_only=True))
    assert next(r for r in rows if r[3] == "Emissions|CO2")[-1] == pytest.approx(run.total[0, -1], abs=1e-5)
    assert [r[3] for r in book["Levers"].iter_rows(values_only=True) if r[0] == lever.id] == [lever.maximum]
    assert book["Fan"].max_row > 100
    told = {r[0]: r[1] for r in book["Scenario"].iter_rows(values_only=True)}
    shares = client.post("/api/v1/pathways/assumed", json={"link": link}).json()["shares"]
    for output, name in (("co2_deadline", "CO2 in 2030"), ("net_last", "net CO2 in 2060")):
        share = told[f"Share of assumptions (grade D) in the variance of {name}"]
        assert share == pytest.approx(min(1.0, shares[output]["grade_d"]), abs=1e-5)
    assert client.get("/api/v1/pathways/export.csv", params={"s": "nonsense"}).status_code == 422


def test_a_chart_leaves_as_a_picture(client: TestClient) -> None:
    answer = client.get("/api/v1/charts/studio-emissions.png", params={"lang": "en"})
    assert answer.status_code == 200 and len(answer.content) > 5_000 and answer.content.startswith(b"\x89PNG")


@every_language
def test_scenarios_stand_beside_each_other(client: TestClient, language: str) -> None:
    html = client.get(place("/studio/compare", language), params={"s": ["frozen-mid", "current-mid", "plan-mid"]}).text
    head = html[html.index('id="compared"') :].split("</thead>")[0]
    assert head.count("<th ") == 4
    levers = html[html.index('id="differ"') :].split("</table>")[0]
    assert levers.count("<tr>") > 20
    differences = html[html.index('id="differences"') :].split("</table>")[0]
    assert differences.count("<tr>") == 1 + 2 * 2
    spec = client.get("/api/v1/charts/studio-compare.json", params={"s": "frozen-mid,plan-mid"}).json()
    assert len({r["name"] for r in spec["layer"][1]["data"]["values"]}) == 2
    many = client.get(
        place("/studio/compare", language),
        params={"s": [f"{w}-{g}" for w in ("frozen", "plan") for g in ("low", "mid", "high")]},
    )
    assert many.text.count(" checked>") == MOST_COMPARED
    assert client.get(place("/studio/compare", language), params={"s": ["nothing", "plan-mid"]}).status_code == 422
    assert client.get("/api/v1/charts/studio-compare.json", params={"s": "plan-mid"}).status_code == 422


@every_language
def test_a_province_without_its_folder_is_told(synthetic: Path, language: str) -> None:
    answer = TestClient(create_app(synthetic)).get(place("/studio", language))
    assert answer.status_code == 200 and "synthetic" in answer.text
    assert "range" not in re.findall(r'type="(\w+)"', answer.text)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_page_of_targets_tells_all_targets_of_the_plan_for_a_setting(client: TestClient, language: str) -> None:
    html = client.get(place("/studio/targets", language)).text
    assert len(re.findall(r'<th scope="row"><span class="code">TG\d\d</span> ', html)) == 73
    link = re.search(r'href="([^"]*/studio\?s=[^"]+)"', html)
    assert link, "the way back keeps the setting"
    broken = client.get(place("/studio/targets", language), params={"s": "nothing"})
    assert broken.status_code == 422 and 'role="alert"' in broken.text
