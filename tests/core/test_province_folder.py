"""A province folder is read as a whole: every fault of every file, and nothing else."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tanlu.core.errors import DataError, Problem
from tanlu.core.library import load_library
from tanlu.core.province import load_province, province_folder, read_yaml

Row = list[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the core tables of a shipped folder that a test may break."""
    shipped = province_folder("hunan")
    for name in ("province.yaml", "sources.csv", "regions.csv", "statistics.csv", "factors.csv", "labels.csv"):
        shutil.copy(shipped / name, tmp_path / name)
    return tmp_path


def faults(folder: Path) -> list[Problem]:
    with pytest.raises(DataError) as caught:
        load_province(folder)
    for problem in caught.value.problems:
        assert problem.text("zh") and problem.text("en")
    return list(caught.value.problems)


def told(folder: Path) -> set[tuple[str, str, int | None, str, str]]:
    return {(p.file, p.code, p.row, p.field, p.value) for p in faults(folder)}


def edit(path: Path, change: Callable[[str], str]) -> None:
    text = path.read_text(encoding="utf-8")
    assert change(text) != text, "the edit must change the file"
    path.write_text(change(text), encoding="utf-8")


def edit_line(path: Path, start: str, change: Callable[[str], str]) -> int:
    """Change the line that starts with a text; return its number."""
    lines = path.read_text(encoding="utf-8").split("\n")
    number = next(i for i, line in enumerate(lines) if line.startswith(start))
    changed = change(lines[number])
    assert changed != lines[number]
    lines[number] = changed
    path.write_text("\n".join(lines), encoding="utf-8")
    return number + 1


def test_the_shipped_folder_is_sound(folder: Path) -> None:
    province = load_province(folder)
    assert province.id in province.regions and not province.notices
    assert all(f.source in province.sources and f.region in province.regions for f in province.facts.values())


def test_faults_of_several_files_are_told_together_and_nothing_else(folder: Path) -> None:
    text = edit_line(
        folder / "statistics.csv", "Production|Cement,hunan,2010,", lambda r: r.replace(",10^4 t,", ",barrels,")
    )
    sign = edit_line(
        folder / "statistics.csv", "Population|Rural,hunan,2022,", lambda r: r.replace(",2022,", ",2022,-", 1)
    )
    region = edit_line(
        folder / "statistics.csv", "Production|Cement,hunan,2012,", lambda r: r.replace(",hunan,", ",hubei,")
    )
    factor = edit_line(folder / "factors.csv", "tanlu.flux_use.pig_iron,", lambda r: r.replace(",0.2,", ",a fifth,"))
    place = edit_line(folder / "regions.csv", "hunan/changsha,", lambda r: r.replace("28.19409", "128.19409"))
    source = edit_line(folder / "sources.csv", "ceads-city,", lambda r: r.replace(",B,", ",Z,"))
    edit(folder / "province.yaml", lambda t: t.replace("first_year: 2005", "first_year: soon"))
    assert told(folder) == {
        ("statistics.csv", "unknown_unit", text, "unit", "barrels"),
        ("statistics.csv", "below_minimum", sign, "value", "-2621.0"),
        ("statistics.csv", "unknown_choice", region, "region", "hubei"),
        ("factors.csv", "not_a_number", factor, "value", "a fifth"),
        ("regions.csv", "above_maximum", place, "latitude", "128.19409"),
        ("sources.csv", "unknown_grade", source, "grade", "Z"),
        ("province.yaml", "not_a_year", None, "first_year", "soon"),
    }


@pytest.mark.parametrize("file", ["sources.csv", "regions.csv"])
def test_a_table_that_cannot_be_read_does_not_make_every_reference_to_it_a_fault(folder: Path, file: str) -> None:
    edit(folder / file, lambda t: t.replace("id,", "key,", 1))
    assert {(p.file, p.code, p.field) for p in faults(folder)} == {
        (file, "missing_column", "id"),
        (file, "unknown_column", "key"),
    }


def test_every_missing_file_is_told(folder: Path) -> None:
    for name in ("sources.csv", "regions.csv", "statistics.csv", "factors.csv", "labels.csv"):
        (folder / name).unlink()
    assert {(p.file, p.code) for p in faults(folder)} == {
        (name, "missing_file") for name in ("sources.csv", "regions.csv", "statistics.csv", "factors.csv", "labels.csv")
    }


def test_one_variable_is_measured_in_one_kind_of_unit(folder: Path) -> None:
    line = edit_line(
        folder / "statistics.csv", "Production|Cement,hunan,2010,", lambda r: r.replace(",10^4 t,", ",GWh,")
    )
    assert told(folder) == {("statistics.csv", "wrong_unit", line, "unit", "GWh")}
    assert "10^4 t" in faults(folder)[0].text("en")


def test_another_unit_of_the_same_kind_is_no_fault(folder: Path) -> None:
    before = load_province(folder).series("Production|Cement", "kt")[2010].value

    def in_tonnes(row: str) -> str:
        cells = row.split(",")
        cells[3], cells[4] = repr(float(cells[3]) * 10_000), "t"
        return ",".join(cells)

    edit_line(folder / "statistics.csv", "Production|Cement,hunan,2010,", in_tonnes)
    mixed = load_province(folder)
    assert mixed.series("Production|Cement", "kt")[2010].value == pytest.approx(before, rel=1e-12)
    # the unit of a variable is that of its latest fact
    assert mixed.unit("Production|Cement") == "10^4 t"
    assert mixed.unit("Production|Nothing") == ""


def test_a_repeated_year_is_told_with_the_line_that_it_repeats(folder: Path) -> None:
    path = folder / "statistics.csv"
    lines = path.read_text(encoding="utf-8").split("\n")
    first = next(i for i, line in enumerate(lines) if line.startswith("Production|Cement,hunan,2010,"))
    lines.insert(first + 1, lines[first].replace(",10^4 t,", ",t,"))
    path.write_text("\n".join(lines), encoding="utf-8")
    (problem,) = faults(folder)
    assert (problem.code, problem.row, problem.details["first"]) == ("duplicate", first + 2, first + 1)


def test_a_number_is_not_better_than_its_source(folder: Path) -> None:
    line = edit_line(folder / "statistics.csv", "Production|Cement,hunan,2010,", lambda r: r.replace(",B,", ",A,"))
    (problem,) = faults(folder)
    assert (problem.code, problem.row, problem.value, problem.details["best"]) == ("above_source", line, "A", "B")


@pytest.mark.parametrize(
    ("old", "new", "field", "value"),
    [
        ("gwp: AR5", "gwp: AR7", "gwp", "AR7"),
        ("\nid: hunan", "\nid: hubei", "id", "hubei"),
        ("factor_set: cn-enterprise-2013", "factor_set: cn-enterprise-1913", "factor_set", "cn-enterprise-1913"),
    ],
)
def test_settings_name_what_exists(folder: Path, old: str, new: str, field: str, value: str) -> None:
    edit(folder / "province.yaml", lambda t: t.replace(old, new))
    assert told(folder) == {("province.yaml", "unknown_choice", None, field, value)}


def test_settings_that_are_not_yaml_and_keys_that_are_wrong(folder: Path) -> None:
    edit(folder / "province.yaml", lambda t: t.replace("horizon:", "horizont:"))
    assert {(p.code, p.field) for p in faults(folder)} == {("missing_key", "horizon"), ("unknown_key", "horizont")}
    (folder / "province.yaml").write_text("id: [open\nzh: x\n", encoding="utf-8")
    (problem,) = faults(folder)
    assert (problem.code, problem.file, problem.row) == ("not_yaml", "province.yaml", 2)


def test_gbk_tables_are_read_alike_with_a_notice(folder: Path) -> None:
    expected = load_province(folder).regions
    text = (folder / "regions.csv").read_text(encoding="utf-8")
    (folder / "regions.csv").write_bytes(text.encode("gbk"))
    province = load_province(folder)
    assert province.regions == expected
    assert [(n.code, n.file) for n in province.notices] == [("gb18030", "regions.csv")]


def test_an_unknown_province_names_the_known_ones() -> None:
    with pytest.raises(DataError) as caught:
        province_folder("atlantis")
    (problem,) = caught.value.problems
    assert problem.code == "no_province" and "hunan" in problem.text("en")


def test_a_factor_outside_its_interval_is_told(folder: Path) -> None:
    line = edit_line(folder / "factors.csv", "tanlu.flux_use.pig_iron,", lambda r: r.replace(",0.1,0.3,", ",0.25,0.3,"))
    other = edit_line(folder / "factors.csv", "tanlu.share.lead,", lambda r: r.replace(",0.28,0.52,", ",,0.3,"))
    assert told(folder) == {
        ("factors.csv", "outside_interval", line, "value", "0.2"),
        ("factors.csv", "outside_interval", other, "value", "0.4"),
    }
    assert all("low ≤ value ≤ high" in p.text(lang) for p in faults(folder) for lang in ("zh", "en"))


def test_a_key_that_stands_twice_is_told_with_both_lines(folder: Path) -> None:
    text = (folder / "province.yaml").read_text(encoding="utf-8")
    first = next(n for n, line in enumerate(text.split("\n"), 1) if line.startswith("gwp:"))
    (folder / "province.yaml").write_text(text + "gwp: AR6\n", encoding="utf-8")
    (problem,) = faults(folder)
    assert (problem.code, problem.field, problem.row) == ("double_key", "gwp", text.count("\n") + 1)
    assert problem.details["first"] == first


def test_keys_that_stand_twice_deep_in_a_file_are_found(tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("a: [{b: 1, c: 2, b: 3}]\nd: {b: 1}\n", encoding="utf-8")
    problems: list[Problem] = []
    assert read_yaml(tmp_path / "x.yaml", tmp_path, problems) is None
    assert [(p.code, p.field, p.row) for p in problems] == [("double_key", "b", 1)]


def test_what_the_library_holds_is_not_said_again(folder: Path) -> None:
    shelf = load_library()
    factor, source = next(iter(shelf.factors)), next(iter(shelf.sources))
    lines = [
        edit_line(
            folder / "factors.csv",
            "tanlu.flux_use.pig_iron,",
            lambda r: r.replace("tanlu.flux_use.pig_iron", factor, 1),
        )
    ]
    lines.append(edit_line(folder / "sources.csv", "ceads-city,", lambda r: r.replace("ceads-city", source, 1)))
    found = {(p.file, p.code, p.row, p.value) for p in faults(folder) if p.code == "in_library"}
    assert found == {("factors.csv", "in_library", lines[0], factor), ("sources.csv", "in_library", lines[1], source)}


def test_factors_and_sources_of_the_library_serve_every_province(folder: Path) -> None:
    province = load_province(folder)
    assert load_library().factors.keys() <= province.factors.keys()
    assert province.own_factors and not province.own_factors & load_library().factors.keys()
    assert all(f.source in province.sources for f in province.factors.values())
