"""A folder of results: complete, the same bytes again, and never half there; workbook and interchange."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import climate_categories
import openpyxl
import pytest

from tanlu.accounts.files.export import write_results
from tanlu.accounts.files.export_tables import ACTIVITY_COLUMNS, FACTOR_COLUMNS, write_columns
from tanlu.accounts.files.guideline_workbook import guideline_workbook
from tanlu.accounts.files.primap2_interchange import MEMO_CODES, entity_of, write_primap2
from tanlu.accounts.files.sectoral_table import NA, NE, category_name, sectoral_lines, table_codes
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.findings import COLUMNS as QC_COLUMNS
from tanlu.accounts.rulebook.method import methods
from tanlu.accounts.rulebook.result import COLUMNS, Results
from tanlu.core.errors import DataError
from tanlu.core.library import load_library

FILES = {"results.csv", "qc.csv", "activities.csv", "factors.csv", "methods.csv", "manifest.json"}


def rows(record: str, place: str, period: str, method: str, **inputs: tuple[str, str]) -> list[Activity]:
    """Return the rows of a record: input = (value, unit)."""
    return [
        Activity(record, place, period, method, name, value, unit, "ledger", "B", 10.0, "", "a.csv", n)
        for n, (name, (value, unit)) in enumerate(inputs.items(), 2)
    ]


DATA = [
    *rows("lime", "cn", "2020", "liming", limestone=("1000", "t"), limestone_carbon=("0.12", "t C/t")),
    *rows("urea", "cn", "2021-03", "urea-application", urea=("300", "t"), urea_carbon=("0.2", "t C/t")),
    *rows("urea", "cn", "2021-04", "urea-application", urea=("150", "t"), urea_carbon=("0.2", "t C/t")),
    *rows("straw", "cn/x", "2021", "straw-burning", crop=("rice", ""), burnt_area=("1", "万公顷")),
]


@pytest.fixture(scope="module")
def results() -> Results:
    return compute(DATA, "ipcc-2006")


@pytest.fixture(scope="module")
def activities() -> Sequence[Activity]:
    return DATA


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_folder_holds_every_table_with_its_columns(
    tmp_path: Path, results: Results, activities: Sequence[Activity]
) -> None:
    out = tmp_path / "deep" / "account"
    write_results(results, activities, out)
    assert {p.name for p in out.iterdir()} == FILES
    found = read(out / "results.csv")
    assert tuple(found[0]) == COLUMNS == (
        "record", "place", "period", "category", "gas", "value", "unit", "low", "high", "method", "factors", "id",
    )  # fmt: skip
    assert [float(r["value"]) for r in found] == [r.value for r in results]
    straw = next(r for r in found if r["record"] == "straw")
    assert "ipcc-2006.fuel_load.rice" in straw["factors"].split(";")
    assert tuple(read(out / "activities.csv")[0]) == ACTIVITY_COLUMNS
    assert (out / "qc.csv").read_text(encoding="utf-8").splitlines()[0] == ",".join(QC_COLUMNS)
    factors = {r["id"]: r for r in read(out / "factors.csv")}
    assert tuple(next(iter(factors.values()))) == FACTOR_COLUMNS
    assert set(factors) == {f for r in found for f in r["factors"].split(";") if f}
    assert {r["id"]: r["hash"] for r in read(out / "methods.csv")} == {
        m: methods()[m].hash for m in {r.method for r in results}
    }


def test_the_manifest_names_set_gwp_version_library_and_hashes(
    tmp_path: Path, results: Results, activities: Sequence[Activity]
) -> None:
    source = tmp_path / "a.csv"
    source.write_text("x")
    write_results(results, activities, tmp_path / "o", gwp="AR6", inputs=[source])
    manifest = json.loads((tmp_path / "o" / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["method_set"] == "ipcc-2006" and manifest["gwp"] == "AR6"
    assert manifest["library"] == load_library().data_hash and manifest["package"].startswith("tanlu ")
    assert manifest["inputs"] == [{"file": "a.csv", "sha256": hashlib.sha256(b"x").hexdigest()}]
    assert set(manifest["files"]) == FILES - {"manifest.json"}
    for name, said in manifest["files"].items():
        assert hashlib.sha256((tmp_path / "o" / name).read_bytes()).hexdigest() == said


def test_the_same_input_gives_the_same_bytes(tmp_path: Path, activities: Sequence[Activity]) -> None:
    for name in ("a", "b"):
        write_results(compute(activities, "ipcc-2006"), activities, tmp_path / name, workbook=True, primap2=True)
    names = sorted(p.name for p in (tmp_path / "a").iterdir())
    assert len(names) == len(FILES) + 3
    for name in names:
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes(), name


def test_earlier_results_are_replaced_and_other_files_are_not(
    tmp_path: Path, results: Results, activities: Sequence[Activity]
) -> None:
    out = tmp_path / "o"
    write_results(results, activities, out, gwp="AR5", workbook=True)
    write_results(results, activities, out, gwp="AR6")
    assert {p.name for p in out.iterdir()} == FILES
    assert json.loads((out / "manifest.json").read_text())["gwp"] == "AR6"
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "thesis.docx").write_text("mine")
    with pytest.raises(DataError) as caught:
        write_results(results, activities, mine)
    assert caught.value.problems[0].code == "folder_in_use"
    assert [p.name for p in mine.iterdir()] == ["thesis.docx"]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine", "o"]


def test_nothing_is_left_when_writing_fails(
    tmp_path: Path, results: Results, activities: Sequence[Activity], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "o"
    write_results(results, activities, out, gwp="AR5")
    before = {p.name: p.read_bytes() for p in out.iterdir()}

    def full(*_: object, **__: object) -> bytes:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tanlu.accounts.files.export.guideline_workbook", full)
    with pytest.raises(DataError) as caught:
        write_results(results, activities, out, gwp="AR6", workbook=True)
    assert caught.value.problems[0].code == "cannot_write"
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before
    assert [p.name for p in tmp_path.iterdir()] == ["o"]


KILLED = """
import os, sys
from pathlib import Path
from tanlu.accounts.files import result_folder
out = Path(sys.argv[1])
if sys.argv[2] == "between":
    real = Path.rename
    def rename(self, target):
        real(self, target)
        if ".old-" in str(target):
            os._exit(9)
    Path.rename = rename
with result_folder.staged(out) as folder:
    (folder / "manifest.json").write_text('{"kind": "tanlu-account", "new": true}')
    if sys.argv[2] == "before":
        os._exit(9)
"""


@pytest.mark.parametrize("moment", ["before", "between"])
def test_a_kill_at_any_moment_leaves_the_old_results(
    tmp_path: Path, moment: str, results: Results, activities: Sequence[Activity]
) -> None:
    out = tmp_path / "o"
    write_results(results, activities, out)
    before = (out / "results.csv").read_bytes()
    done = subprocess.run([sys.executable, "-c", KILLED, str(out), moment], timeout=60)
    assert done.returncode == 9
    left = [p.name for p in tmp_path.iterdir() if p.name != "o"]
    assert left, "the kill left nothing to clear away"
    if moment == "between":
        assert not out.exists()
        [old] = [p for p in tmp_path.iterdir() if ".old-" in p.name]
        assert (old / "results.csv").read_bytes() == before
    else:
        assert (out / "results.csv").read_bytes() == before
    # the next run brings the old results back before it replaces them, and clears away what was left
    write_results(results, activities, out)
    assert (out / "results.csv").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["o"]


def test_a_running_process_keeps_its_staging(tmp_path: Path, results: Results, activities: Sequence[Activity]) -> None:
    other = tmp_path / f".o.staging-{os.getppid()}"
    other.mkdir()
    write_results(results, activities, tmp_path / "o")
    assert other.is_dir()


def test_a_gwp_set_without_a_gas_is_refused_and_others_are_named(
    tmp_path: Path, results: Results, activities: Sequence[Activity]
) -> None:
    with pytest.raises(DataError) as caught:
        write_results(results, activities, tmp_path / "o", gwp="cn-province-2025")
    problem = caught.value.problems[0]
    assert problem.code == "gwp_without_gas" and "N2O" in problem.text("en") and "AR5" in problem.text("en")
    assert list(tmp_path.iterdir()) == []


def cells(book: openpyxl.Workbook, sheet: str) -> dict[str, list[object]]:
    """Return the rows of a sectoral sheet by code or, for totals, by English name."""
    rows = list(book[sheet].iter_rows(min_row=4, values_only=True))
    return {str(r[0] or r[2]): list(r[3:]) for r in rows}


def test_the_sectoral_table_sums_gases_and_categories(
    tmp_path: Path, results: Results, activities: Sequence[Activity]
) -> None:
    path = tmp_path / "i.xlsx"
    path.write_bytes(guideline_workbook(results, activities, gwp="AR5"))
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["2020", "2021", "results", "activities", "factors", "methods", "qc"]
    table = cells(book, "2021")
    # urea of two months: (300 + 150) × 0.2 × 44/12 = 330 t; straw: 10,000 ha × 5.5 t/ha = 55,000 t burnt, 2.7 g/kg CH4, 0.07 g/kg N2O
    assert table["3.C.3"][0] == pytest.approx(330.0)
    assert table["3.C.1.b"][2] == pytest.approx(55_000 * 2.7 / 1000)
    assert table["3.C.1"][2] == table["3.C.1.b"][2] and table["3"][2] == table["3.C.1.b"][2]
    co2e = 330.0 + 28 * 148.5 + 265 * 3.85
    assert table["Total with land"][14] == pytest.approx(co2e)
    assert table["Total without land (3.B)"][14] == pytest.approx(co2e)
    low, high = table["Total with land"][15:17]
    assert isinstance(low, float) and isinstance(high, float) and low < co2e < high
    # the half-width of the interval of urea is that of one factor and two months of data, so within both bounds
    width = table["3.C.3"][1]
    assert isinstance(width, float) and 5 < width < 60
    assert cells(book, "2020")["3.C.2"][0] == pytest.approx(1000 * 0.12 * 44 / 12)
    titles = [str(c.value) for c in book["2021"][3]]
    assert any("AR5" in t for t in titles) and "CO2 [t]" in titles


def test_empty_cells_hold_notation_keys(results: Results) -> None:
    year = [r for r in results if r.period.startswith("2021")]
    lines = {line.code: line for line in sectoral_lines(results, year, "AR5", {("3.C.7", "CH4"): "NO"})}
    # cement has a method for CO2 and none for methane
    assert lines["2.A.1"].masses["CO2"] == NE and lines["2.A.1"].masses["CH4"] == NA
    assert lines["2.A.1"].sum == NE
    assert lines["3.C.7"].masses["CH4"] == "NO"
    assert lines["2.H.2"].sum == NA
    assert lines["1.A"].groups["SF6"] == NA and lines["2.G.1"].groups["SF6"] == NE


def test_all_cells_of_the_sectoral_table_are_filled(
    tmp_path: Path, results: Results, activities: Sequence[Activity]
) -> None:
    path = tmp_path / "i.xlsx"
    path.write_bytes(guideline_workbook(results, activities))
    for values in cells(openpyxl.load_workbook(path), "2021").values():
        numbers = [*values[0:14:2], values[14]]
        assert all(isinstance(v, int | float) or v in (NE, NA) for v in numbers), values


def test_the_workbook_holds_data_factors_and_sources(
    tmp_path: Path, results: Results, activities: Sequence[Activity]
) -> None:
    path = tmp_path / "i.xlsx"
    path.write_bytes(guideline_workbook(results, activities))
    book = openpyxl.load_workbook(path)
    assert book["activities"].max_row == len(activities) + 1
    assert book["results"].max_row == len(results) + 1
    header = [c.value for c in book["factors"][1]]
    by_id = {
        str(r[0]): dict(zip(header, r, strict=True)) for r in book["factors"].iter_rows(min_row=2, values_only=True)
    }
    factor = by_id["ipcc-2006.fuel_load.rice"]
    assert factor["hash"] == results.factors["ipcc-2006.fuel_load.rice"].hash
    assert factor["source_en"] == load_library().sources[str(factor["source"])].title_en


def test_the_table_holds_a_place_alone(tmp_path: Path, results: Results, activities: Sequence[Activity]) -> None:
    path = tmp_path / "i.xlsx"
    path.write_bytes(guideline_workbook(results, activities, place="cn/x"))
    table = cells(openpyxl.load_workbook(path), "2021")
    assert table["3.C.3"][0] == NE and table["3.C.1"][2] == pytest.approx(148.5)


def test_texts_of_the_user_are_no_formulas(tmp_path: Path) -> None:
    row = DATA[0]._replace(record="=1+1", note="=HYPERLINK(\"http://x\")")  # fmt: skip
    data = [row, DATA[1]._replace(record="=1+1")]
    path = tmp_path / "i.xlsx"
    path.write_bytes(guideline_workbook(compute(data, "ipcc-2006"), data))
    page = openpyxl.load_workbook(path)["activities"]
    assert (page["A2"].value, page["A2"].data_type) == ("=1+1", "s")


def test_the_table_of_the_guideline_is_that_of_the_category_tree() -> None:
    """Every category of three levels that the tree knows stands in the table, and no other."""
    tree = {c for c in climate_categories.IPCC2006 if c.count(".") <= 2 and c != "0"}
    assert set(table_codes()) == tree
    assert all(category_name(c, lang) for c in table_codes() for lang in ("zh", "en"))


def test_every_category_of_every_method_is_in_the_category_tree() -> None:
    given = {
        c for m in methods().values() for o in m.outputs for c in (o.categories.values() if o.by else [o.category])
    }
    assert given
    for code in given:
        if code.startswith("memo."):
            continue
        assert code in climate_categories.IPCC2006 and code in climate_categories.IPCC2006_PRIMAP, code
    assert all(code in climate_categories.IPCC2006_PRIMAP for code in MEMO_CODES.values())


@pytest.mark.thorough
def test_primap2_reads_the_interchange_files(tmp_path: Path, results: Results) -> None:
    import primap2

    write_primap2(results, tmp_path / "p")
    data = primap2.pm2io.from_interchange_format(primap2.pm2io.read_interchange_format(tmp_path / "p.yaml"))
    data.pr.ensure_valid()
    urea = (
        data["CO2"].pr.loc[{"category": "3.C.3", "area (place)": "cn", "time": "2021"}].squeeze().pint.to("kt CO2 / yr")
    )
    assert float(urea.pint.dequantify()) == pytest.approx(0.330)
    methane = data["CH4"].pr.loc[{"category": "3.C.1.b", "area (place)": "cn/x", "time": "2021"}].squeeze()
    assert float(methane.pint.dequantify()) == pytest.approx(148.5)
    assert data.attrs["cat"] == "category (IPCC2006_PRIMAP)"
    # equivalents by its own table of warming potentials are the ones of this package
    equivalent = methane.pr.convert_to_gwp(gwp_context="AR5GWP100", units="t CO2 / yr")
    assert float(equivalent.pint.dequantify()) == pytest.approx(results.gwp("AR5")["CH4"] * 148.5)


def test_areas_have_iso_codes_where_they_are_given(tmp_path: Path, results: Results) -> None:
    write_primap2(results, tmp_path / "p", iso3={"cn": "CHN", "cn/x": "CHN-X"})
    found = read(tmp_path / "p.csv")
    assert {r["area (ISO3)"] for r in found} == {"CHN", "CHN-X"}
    assert "area: area (ISO3)" in (tmp_path / "p.yaml").read_text()


def test_gases_have_names_that_the_unit_registry_knows() -> None:
    from openscm_units import unit_registry

    gases = {o.gas for m in methods().values() for o in m.outputs} - {"CO2e"}
    assert len(gases) > 5
    for gas in gases:
        assert unit_registry(f"t {entity_of(gas)} / yr").units


def test_memo_items_are_kept_apart(tmp_path: Path) -> None:
    from tanlu.accounts.files.export import memo_items

    method = methods()["biomass-combustion"]
    data = rows("wood", "cn", "2021", method.topic, **{
        i.name: ("100", i.units[0] or "1") if i.kind == "activity" else (i.word or i.options[0], "")
        for i in method.inputs if i.kind != "factor" and (i.kind == "choice" or i.default is None)
    })  # fmt: skip
    results = compute(data, "ipcc-2006")
    memo = memo_items(results)
    assert memo.keys() == {"memo.biogenic"} and memo["memo.biogenic"]["CO2"] > 0
    assert "CO2" not in results.totals()
    path = tmp_path / "i.xlsx"
    path.write_bytes(guideline_workbook(results, data))
    table = cells(openpyxl.load_workbook(path), "2021")
    assert table["memo.biogenic"][0] == pytest.approx(memo["memo.biogenic"]["CO2"])
    assert table["Total with land"][0] == NE
    write_primap2(results, tmp_path / "p")
    assert {r["category (IPCC2006_PRIMAP)"] for r in read(tmp_path / "p.csv") if r["entity"] == "CO2"} == {"M.BIO"}


@pytest.mark.parametrize("sign", [",", '"', "\n", "\r", ""])
def test_texts_with_signs_of_the_format_come_back_as_they_were(sign: str, tmp_path: Path) -> None:
    columns = [[f"a{sign}b", "plain", ""], ["湖南", f"{sign}{sign}", "x y"]]
    write_columns(tmp_path / "t.csv", ("first", f"last{sign}"), columns)
    text = (tmp_path / "t.csv").read_bytes().decode()
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["first", f"last{sign}"],
        *map(list, zip(*columns, strict=True)),
    ]


def test_a_table_is_to_the_byte_what_the_writer_of_the_language_makes(tmp_path: Path) -> None:
    columns = [["1", 'say "yes"', "a,b"], ["x", "", " y "]]
    write_columns(tmp_path / "t.csv", ("n", "text"), columns)
    wanted = io.StringIO(newline="")
    csv.writer(wanted, lineterminator="\n").writerows([("n", "text"), *zip(*columns, strict=True)])
    assert (tmp_path / "t.csv").read_bytes() == wanted.getvalue().encode()
