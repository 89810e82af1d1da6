"""Names of variables and factors in both languages, composed from the labels of their parts."""

from __future__ import annotations

import csv
import re
from dataclasses import replace
from pathlib import Path

import pytest

from tanlu.core.errors import DataError
from tanlu.core.labels import Label, compose
from tanlu.core.province import Province, load_province, province_folder

LABELS = {p: Label(p, zh, en) for p, zh, en in (("Output", "产量", "Output"), ("raw_coal", "原煤", "raw coal"))}
HAN = re.compile(r"[\u3000-\u9fff\uff00-\uffef]")


@pytest.fixture(scope="module")
def province() -> Province:
    return load_province(province_folder("hunan"))


def test_a_label_is_composed_of_its_parts_and_a_part_without_label_stands_for_itself() -> None:
    assert compose(LABELS, "Output|raw_coal", "zh") == "产量·原煤"
    assert compose(LABELS, "Output|raw_coal", "en") == "Output | raw coal"
    assert compose(LABELS, "Output|Tea", "zh") == "产量·Tea"
    assert compose(LABELS, "Output.raw_coal", "en", ".") == "Output | raw coal"


def own_labels(province: Province) -> set[str]:
    with (province.folder / "labels.csv").open(encoding="utf-8", newline="") as text:
        return {row["part"] for row in csv.DictReader(text)}


def test_every_part_of_the_shipped_folder_has_a_label_and_every_label_a_use(province: Province) -> None:
    assert province.unlabelled() == []
    parts = {p for variable in province.variables() for p in variable.split("|")}
    for factor in province.factors.values():
        parts |= {factor.set, factor.parameter, *factor.subject.split(".")}
    assert set(province.labels) >= parts
    assert own_labels(province) <= {p for variable in province.variables() for p in variable.split("|")} | {
        part
        for name in province.own_factors
        for f in (province.factors[name],)
        for part in (f.set, f.parameter, *f.subject.split("."))
    }


def test_labels_are_in_their_language(province: Province) -> None:
    for label in (province.labels[part] for part in own_labels(province)):
        assert HAN.search(label.zh) and not HAN.search(label.en), label
        assert "_" not in label.en, label


def test_two_parts_of_one_name_are_not_labelled_alike(province: Province) -> None:
    """Two variables with one name would look like one row with two values."""
    variables = {f.variable for f in province.facts.values()}
    for language in ("zh", "en"):
        names = [province.label(v, language).casefold() for v in variables]
        double = {n for n in names if names.count(n) > 1}
        # one source spells the state of a plant in both ways
        assert all("gem" in n for n in double), double


def test_the_name_of_a_fact_holds_its_prefecture_only_where_there_is_one(province: Province) -> None:
    fact = province.facts["Production|Cement", "hunan", 2020]
    assert (province.fact_label(fact, "zh"), province.fact_label(fact, "en")) == (
        "产量·水泥，2020年",
        "Production | Cement, 2020",
    )
    fact = replace(fact, region="hunan/changsha")
    assert (province.fact_label(fact, "zh"), province.fact_label(fact, "en")) == (
        "长沙市：产量·水泥，2020年",
        "Changsha: Production | Cement, 2020",
    )


def test_parts_without_a_label_are_listed(province: Province) -> None:
    kept = {k: v for k, v in province.labels.items() if k not in ("Cement", "flux_use", "pig_iron")}
    assert replace(province, labels=kept).unlabelled() == ["Cement", "flux_use", "pig_iron"]


def test_a_note_in_one_language_is_a_fault_of_the_folder(tmp_path: Path) -> None:
    import shutil

    shutil.copytree(province_folder("hunan"), tmp_path / "folder")
    path = tmp_path / "folder" / "factors.csv"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace(",days under water and growth of early rice", ",", 1), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_province(tmp_path / "folder")
    (problem,) = caught.value.problems
    assert (problem.code, problem.file, problem.field) == ("one_language", "factors.csv", "note_en")
