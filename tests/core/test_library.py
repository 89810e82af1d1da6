"""The factor library is whole: names, sources, grades, intervals, units."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tanlu.core.errors import DataError
from tanlu.core.factors import EVIDENCE
from tanlu.core.library import Library, load_library, read_library
from tanlu.core.units import parse_unit

HAN = re.compile(r"[一-鿿]")


@pytest.fixture(scope="module")
def library() -> Library:
    return load_library()


def test_it_holds_the_published_factors(library: Library) -> None:
    assert len(library.factors) > 2000
    assert len({f.set for f in library.factors.values()}) > 15


def test_every_part_of_a_name_has_a_label_in_both_languages(library: Library) -> None:
    parts = {p for f in library.factors.values() for p in (f.set, f.parameter, *f.subject.split("."))}
    assert sorted(p for p in parts - library.labels.keys() if p) == []
    for label in library.labels.values():
        assert label.zh and label.en and not HAN.search(label.en), label
        assert "_" not in label.en, label


def test_an_id_says_set_and_parameter_and_is_plain(library: Library) -> None:
    for factor in library.factors.values():
        assert re.fullmatch(r"[a-z0-9_.-]+", factor.id), factor.id
        assert factor.id.startswith(f"{factor.set}.{factor.parameter}"), factor.id


def test_no_two_factors_serve_the_same_place_and_year(library: Library) -> None:
    """One set has one value of a thing for a place and a year: otherwise which one is taken would be chance.

    Field studies of the literature stand side by side; no method looks for their subjects.
    """
    keys = Counter(
        (f.set, f.parameter, f.subject, f.gas, f.region, f.valid_from, f.valid_to, tuple(parse_unit(f.unit).dimension))
        for f in library.factors.values()
    )
    assert [k for k, n in keys.items() if n > 1 and k[0] != "efdb-literature"] == []


def test_a_grade_is_not_better_than_evidence_and_source_allow(library: Library) -> None:
    best = {
        "primary_text": "A",
        "official_database": "A",
        "published_library": "B",
        "transcription": "C",
        "recalled": "C",
        "assumption": "D",
    }
    for factor in library.factors.values():
        assert factor.evidence in EVIDENCE
        assert factor.grade.value >= best[factor.evidence], factor.id
        assert factor.grade >= library.sources[factor.source].grade, factor.id


def test_a_value_lies_in_its_interval(library: Library) -> None:
    for factor in library.factors.values():
        for bound, sign in ((factor.low, 1), (factor.high, -1)):
            assert bound is None or sign * bound <= sign * factor.value, factor.id
        assert factor.valid_from is None or factor.valid_to is None or factor.valid_from <= factor.valid_to, factor.id


def test_one_thing_is_measured_in_one_kind_of_unit_within_a_set(library: Library) -> None:
    kinds: dict[tuple[str, str, str, str], set[object]] = {}
    for f in library.factors.values():
        unit = parse_unit(f.unit)
        kinds.setdefault((f.set, f.parameter, f.subject, f.gas), set()).add((unit.dimension, unit.substance))
    assert [k for k, units in kinds.items() if len(units) > 1] == []


def test_every_source_is_used(library: Library) -> None:
    from tanlu.accounts.rulebook.method import methods

    used = {f.source for f in library.factors.values()} | {m.source for m in methods().values()}
    assert sorted(library.sources.keys() - used) == []


def test_areas_lead_to_the_world_without_a_circle(library: Library) -> None:
    for area in library.areas.values():
        assert all(w in library.areas for w in area.wider), area
        chain = library.chain(area.id)
        assert chain[-1] == "world" or area.id == "world"
        assert len(chain) == len(set(chain))


def test_a_place_lies_in_its_province_and_an_unknown_one_in_the_country(library: Library) -> None:
    chain = library.chain("hunan/changsha/park/works")
    assert chain[:5] == [
        "hunan/changsha/park/works",
        "hunan/changsha/park",
        "hunan/changsha",
        "hunan",
        "cn-central-grid",
    ]
    assert library.chain("testland/town")[:3] == ["testland/town", "testland", "cn"]


def test_aliases_name_what_a_set_holds(library: Library) -> None:
    subjects = {(f.set, p) for f in library.factors.values() for p in (f.subject, *f.subject.split("."))}
    assert sorted(a for a, name in library.aliases.items() if (a[0], name) not in subjects) == []


def test_faults_of_several_tables_are_told_together(tmp_path: Path, library: Library) -> None:
    folder = tmp_path / "library"
    shutil.copytree(library.folder, folder, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
    path = folder / "factors" / "rice.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    cells = lines[1].split(",")
    lines[1] = ",".join(["Bad Id", *cells[1:5], "many", *cells[6:]])
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "areas.csv").write_text("id,wider,zh\nworld,,世界\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_library(folder)
    told = {(p.file, p.code) for p in caught.value.problems}
    assert {("factors/rice.csv", "not_a_number"), ("areas.csv", "missing_column")} <= told
