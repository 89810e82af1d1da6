"""Two inventories line by line: what changed, why, and parts that add up to the difference."""

from __future__ import annotations

import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.accounts.rulebook import FUEL, METHODS, burnt, calculated, declared, library, made_factor, row, rules

from tanlu.accounts.inventories.comparison import ComparedLine, InventoryComparison, compare, recalculation_report
from tanlu.accounts.inventories.inventory_book import make_book
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.method import Output
from tanlu.accounts.rulebook.result import COLUMNS, Results
from tanlu.core.errors import DataError

COAL = [row("a", "burning", "fuel", "coal"), row("a", "burning", "fuel_amount", 1000, "t")]
F = 44 / 12


def coal(amount: float, unit: str = "t", *more: tuple[str, float, str]) -> Results:
    rows = [
        COAL[0],
        row("a", "burning", "fuel_amount", amount, unit),
        *(row("a", "burning", n, v, u) for n, v, u in more),
    ]
    return calculated(rows)


def only(found: InventoryComparison) -> ComparedLine:
    (line,) = found.changed
    assert line.effects.total == pytest.approx(line.difference, rel=1e-12, abs=1e-12)
    return line


def test_the_same_inventory_has_no_changes() -> None:
    found = compare(coal(1000), coal(1000))
    assert found.changed == [] and len(found.lines) == 1
    assert "0" in recalculation_report(found, "en")[-1]


def test_a_changed_amount_is_an_effect_of_activity() -> None:
    """100 t more at 20 · 0.025 · 0.95 · 44/12."""
    line = only(compare(coal(1000), coal(1100)))
    assert line.effects.activity == pytest.approx(100 * 20 * 0.025 * 0.95 * F)
    assert line.effects.factor == line.effects.method == line.effects.rest == 0
    (change,) = line.changes
    assert (change.kind, change.before, change.after) == ("activity", "1000 t", "1100 t")


def test_another_unit_for_the_same_amount_is_no_effect() -> None:
    found = compare(coal(1000), coal(1, "kt"))
    assert not found.changed or abs(only(found).difference) < 1e-9


def test_a_measured_value_is_an_effect_of_factors() -> None:
    line = only(compare(coal(1000), coal(1000, "t", ("carbon", 0.026, "t C/GJ"))))
    assert line.effects.factor == pytest.approx(1000 * 20 * 0.001 * 0.95 * F)
    assert line.effects.activity == 0
    assert {(c.kind, c.name, c.before, c.after) for c in line.changes} == {
        ("factor", "carbon 2020", "", "0.026 t C/GJ"), ("factor", "own.carbon.coal", "0.025 t C/GJ", ""),
    }  # fmt: skip


def test_activity_and_factor_are_told_apart_by_hand() -> None:
    """1000 → 1100 t and 0.025 → 0.020: activity 100 · 0.025, factor −1100 · 0.005, times 20 · 0.95 · 44/12."""
    line = only(compare(coal(1000), coal(1100, "t", ("carbon", 0.020, "t C/GJ"))))
    assert line.effects.activity == pytest.approx(100 * 0.025 * 20 * 0.95 * F)
    assert line.effects.factor == pytest.approx(-1100 * 0.005 * 20 * 0.95 * F)


def test_a_factor_of_the_library_that_changed_is_named_with_both_values() -> None:
    shelf = library(made_factor("own", "carbon", "coal", 0.026, "t C/GJ"))
    line = only(compare(calculated(COAL), calculated(COAL, shelf)))
    assert line.effects.factor == pytest.approx(line.difference)
    (change,) = line.changes
    assert (change.kind, change.name, change.before, change.after) == (
        "factor", "own.carbon.coal", "0.025 t C/GJ", "0.026 t C/GJ",
    )  # fmt: skip


def doubled(fuel_amount: Any, heating_value: Any, carbon: Any, oxidised: Any) -> Any:
    return 2 * burnt(fuel_amount, heating_value, carbon, oxidised)


def test_another_method_is_an_effect_of_method() -> None:
    """Activity 1000 → 1100 t by the old method, then the new one gives twice as much."""
    other = declared("doubled", doubled, FUEL, Output("CO2", "1.A.1"))
    book = rules({**METHODS, "burning": other})
    rows = [COAL[0], row("a", "burning", "fuel_amount", 1100, "t")]
    line = only(compare(calculated(COAL), calculated(rows, book=book)))
    per_tonne = 20 * 0.025 * 0.95 * F
    assert line.effects.activity == pytest.approx(100 * per_tonne)
    assert line.effects.method == pytest.approx(1100 * per_tonne) and line.effects.factor == 0
    assert ("method", "burning", "doubled") in {(c.kind, c.before, c.after) for c in line.changes}


def test_a_new_version_of_a_method_is_told() -> None:
    newer = rules({**METHODS, "burning": dataclasses.replace(METHODS["burning"], function=doubled, version="2")})
    line = only(compare(calculated(COAL), calculated(COAL, book=newer)))
    assert line.effects.method == pytest.approx(line.before or 0)
    assert [c.kind for c in line.changes] == ["method_version"]


def test_records_that_come_and_go_are_structure() -> None:
    more = [row("b", "burning", "fuel", "coal"), row("b", "burning", "fuel_amount", 10, "t")]
    line = only(compare(calculated(COAL), calculated([*COAL, *more])))
    assert line.effects.structure == pytest.approx(10 * 20 * 0.025 * 0.95 * F)
    assert [(c.kind, c.record) for c in line.changes] == [("added", "b")]
    line = only(compare(calculated([*COAL, *more]), calculated(COAL)))
    assert [(c.kind, c.record) for c in line.changes] == [("removed", "b")] and line.effects.structure < 0


def test_a_change_of_fuel_moves_between_lines() -> None:
    """Coal of 1.A.1 becomes gas of 1.A.2: one line goes, one comes; together they are the difference."""
    gas = [row("a", "burning", "fuel", "gas"), row("a", "burning", "fuel_amount", 10, "10^4 Nm3")]
    found = compare(calculated(COAL), calculated(gas))
    assert {(c.key.category, c.changes[0].kind) for c in found.lines} == {("1.A.1", "removed"), ("1.A.2", "added")}
    before, after, effects = found.totals("AR5")
    assert effects.structure == pytest.approx(after - before)


def test_nameless_records_are_paired_by_topic() -> None:
    """Without a name a record is named by its content, which changed with the value."""
    first, second = (calculated([row("", "road", "distance", km, "km")]) for km in (1e9, 3e9))
    found = compare(first, second)
    assert {c.changes[0].kind for c in found.lines} == {"activity"}
    assert found.totals("AR5")[2].activity == pytest.approx(2e9 * (2e-9 * 28 + 1e-9 * 265))


def test_equal_names_at_two_places_are_not_mixed_up() -> None:
    def both(second: float) -> Results:
        return calculated([
            row("1", "road", "distance", 1e9, "km"), row("1", "road", "distance", second, "km", place="first/town"),
        ])  # fmt: skip

    found = compare(both(2e9), both(3e9))
    assert {c.key.region for c in found.changed} == {"first/town"} and len(found.lines) == 4
    assert {(x.before, x.after) for c in found.changed for x in c.changes} == {("2000000000.0 km", "3000000000.0 km")}


def test_changes_that_cancel_are_told() -> None:
    """6 t · 7 GJ/t is 7 t · 6 GJ/t: no difference, two effects."""
    first, second = (coal(a, "t", ("heating_value", h, "GJ/t")) for a, h in ((6, 7), (7, 6)))
    line = only(compare(first, second))
    assert line.difference == 0 and {c.kind for c in line.changes} == {"activity", "factor"}
    assert line.effects.activity == pytest.approx(7 * 0.025 * 0.95 * F) == -line.effects.factor


def test_months_are_paired_with_months() -> None:
    def monthly(second: float) -> Results:
        values = {"2020-01": 1e9, "2020-02": second}
        return calculated([row("r", "road", "distance", v, "km", period=p) for p, v in values.items()])

    found = compare(monthly(2e9), monthly(5e9))
    ch4 = next(c for c in found.lines if c.key.gas == "CH4")
    assert (ch4.before, ch4.after) == (pytest.approx(6), pytest.approx(12))
    assert ch4.effects.activity == pytest.approx(6)
    assert [(c.name, c.before) for c in ch4.changes] == [("distance 2020-02", "2000000000.0 km")]


def test_an_earlier_year_of_a_series_changes_the_later_ones() -> None:
    def series(first: float) -> Results:
        values = {"2019": first, "2020": 100, "2021": 100}
        return calculated([row("s", "decay", "waste", v, "t", period=p) for p, v in values.items()])

    found = compare(series(100), series(150))
    assert {c.key.year: pytest.approx(c.effects.activity) for c in found.lines} == {2019: 5, 2020: 5, 2021: 5}


def test_the_rounding_of_a_rule_is_the_rest() -> None:
    """1.004 and 1.016 t round to 1.00 and 1.02 t: 0.02 of 0.012 · 20 · 0.025 · 44/12, then to two decimals."""
    first, second = (calculated([row("a", "rounding", "fuel_amount", v, "t")]) for v in ("1.004", "1.016"))
    line = only(compare(first, second))
    assert line.effects.activity == pytest.approx(0.012 * 20 * 0.025 * F)
    assert line.effects.rest == pytest.approx(line.difference - line.effects.activity) and line.effects.rest != 0


amounts = st.floats(1e-3, 1e6)


@given(amounts, amounts, st.floats(0.013, 0.029), st.floats(0.013, 0.029), st.floats(6, 50), st.floats(6, 50))
def test_effects_always_add_up(a: float, b: float, c: float, d: float, e: float, f: float) -> None:
    first = coal(a, "t", ("carbon", c, "t C/GJ"), ("heating_value", e, "GJ/t"), ("oxidised", 0.9, "1"))
    second = coal(b, "t", ("carbon", d, "t C/GJ"), ("heating_value", f, "GJ/t"), ("oxidised", 0.9, "1"))
    for line in compare(first, second).lines:
        largest = max(abs(line.before or 0), abs(line.after or 0))
        assert line.effects.total == pytest.approx(line.difference, rel=1e-9, abs=1e-9 * largest)
        assert line.effects.activity == pytest.approx((b - a) * c * e * 0.9 * F, rel=1e-6, abs=2e-9 * largest)


def test_gwp_sets_and_missing_values_are_answered() -> None:
    found = compare(coal(1000), coal(1100))
    for name, code in (("AR9", "unknown_choice"),):
        with pytest.raises(DataError) as caught:
            found.totals(name)
        assert caught.value.problems[0].code == code


def real(amount: str) -> Results:
    """Return results of a method of the registry, so that they can be computed again from files."""
    return compute(real_rows(amount), "cn-province-2011")


def real_rows(amount: str) -> list[Any]:
    from tanlu.accounts.rulebook.method_sets import method_sets

    topic, wanted = next(
        (t, m) for t, m in method_sets()["cn-province-2011"].methods.items()
        if not m.is_series and m.rounding is None and t == "cement-clinker"
    )  # fmt: skip
    name = next(i for i in wanted.inputs if i.kind == "activity" and i.default is None)
    return [row("k", topic, name.name, amount, name.units[0] or "1", place="hunan/changsha/works")]


def write_folder(results: Results, folder: Path) -> Path:
    """Write the files of ``tanlu account compute`` as their columns are agreed."""
    folder.mkdir()

    def table(name: str, header: list[str], rows: list[list[Any]]) -> None:
        with (folder / name).open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows(rows)

    table("results.csv", list(COLUMNS), [
        [";".join(v) if isinstance(v := getattr(r, c), tuple) else repr(v) if isinstance(v, float) else v for c in COLUMNS]
        for r in results
    ])  # fmt: skip
    activities = list(results.activities.values())
    names = [n for n in activities[0]._fields if n not in ("file", "row")]
    table(
        "activities.csv",
        ["id", *names],
        [[a.id, *(getattr(a, n) if getattr(a, n) is not None else "" for n in names)] for a in activities],
    )
    factors = [dataclasses.asdict(f) for f in results.factors.values()]
    if factors:
        table("factors.csv", list(factors[0]), [["" if v is None else v for v in f.values()] for f in factors])
    methods = {b.method.id: b.method.hash for b in results.blocks}
    table("methods.csv", ["id", "hash"], [[*m] for m in methods.items()])
    (folder / "manifest.json").write_text(
        json.dumps({"method_set": results.method_set.id, "gwp": results.method_set.gwp})
    )
    return folder


def test_folders_of_results_are_taken_apart_too(tmp_path: Path) -> None:
    first, second = write_folder(real("1000"), tmp_path / "a"), write_folder(real("1200"), tmp_path / "b")
    line = only(compare(first, second))
    assert line.difference == pytest.approx(0.2 * (line.before or 0))
    assert line.effects.activity == pytest.approx(line.difference)
    assert [(c.kind, c.before, c.after) for c in line.changes] == [("activity", "1000 t", "1200 t")]


def test_a_folder_whose_values_do_not_come_out_again_is_compared_without_parts(tmp_path: Path) -> None:
    """A factor of then that the library does not have any more: frozen values stay what they are."""
    first = write_folder(real("1000"), tmp_path / "a")
    text = (first / "results.csv").read_text(encoding="utf-8")
    value = repr(real("1000").results[0].value)
    assert value in text
    (first / "results.csv").write_text(text.replace(f",{value},", ",1.0,"), encoding="utf-8")
    line = only(compare(first, write_folder(real("1200"), tmp_path / "b")))
    assert line.before == 1.0
    # only the amount is another on both sides, so that the whole difference is its
    assert line.effects.activity == pytest.approx(line.difference)


def test_documents_are_compared_with_their_keys(tmp_path: Path) -> None:
    first = make_book(real("1000"), "hunan", notations={("2.B.3", "N2O"): ("NO", "没有", "none here")})
    second = make_book(real("1500"), "hunan")
    first.save(tmp_path / "first.json")
    second.save(tmp_path / "second")
    found = compare(tmp_path / "first.json", tmp_path / "second")
    by_category = {c.key.category: c for c in found.changed}
    assert set(by_category) == {"2.A.1", "2.B.3"}
    assert by_category["2.A.1"].effects.activity == pytest.approx(by_category["2.A.1"].difference)
    assert [(c.kind, c.before, c.after) for c in by_category["2.B.3"].changes] == [("notation", "NO", "NE")]
    report = "\n".join(recalculation_report(found, "en"))
    assert "activity datum" in report and "NO → NE" in report
    assert "活动数据" in "\n".join(recalculation_report(found, "zh"))


RUN = "region,year,category,gas,value,unit,low,high,status,grade,method,id\n"


def write_run(folder: Path, value: str, fact: float, factor: float, status: str = "calculated") -> Path:
    folder.mkdir()
    line = f"p,2020,2.A.1,CO2,{value},kt,,,{status},C,cement,inventory:p:2020:2.A.1:CO2\n"
    (folder / "inventory.csv").write_text(RUN + line, encoding="utf-8")
    nodes = [
        {"id": "inventory:p:2020:2.A.1:CO2", "kind": "result", "zh": "", "en": "", "parents": ["fact:x", "factor:y", "method:cement"]},
        {"id": "fact:x", "kind": "fact", "zh": "水泥", "en": "cement", "value": fact, "unit": "kt"},
        {"id": "factor:y", "kind": "factor", "zh": "因子", "en": "factor", "value": factor, "unit": "t/t"},
        {"id": "method:cement", "kind": "method", "zh": "", "en": ""},
    ]  # fmt: skip
    (folder / "lineage.json").write_text(json.dumps({"nodes": nodes}), encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("fact", "factor", "kind"), [(12.0, 0.5, "activity"), (10.0, 0.6, "factor"), (12.0, 0.6, "rest")]
)
def test_runs_are_told_apart_by_what_is_below_a_number(tmp_path: Path, fact: float, factor: float, kind: str) -> None:
    first = write_run(tmp_path / "a", "5", 10.0, 0.5)
    line = only(compare(first, write_run(tmp_path / "b", str(fact * factor), fact, factor)))
    assert line.before == 5000 and line.after == pytest.approx(1000 * fact * factor)
    assert getattr(line.effects, kind) == pytest.approx(line.difference)
    told = {(c.kind, c.name, c.name_en) for c in line.changes}
    assert (("activity", "水泥", "cement") in told) == (fact != 10) and (("factor", "因子", "factor") in told) == (
        factor != 0.5
    )


def test_a_number_that_becomes_a_key_is_told(tmp_path: Path) -> None:
    first = write_run(tmp_path / "a", "5", 10.0, 0.5)
    line = only(compare(first, write_run(tmp_path / "b", "", 10.0, 0.5, "NE")))
    assert (line.after, line.key_after, line.effects.structure) == (None, "NE", -5000)
    assert {c.kind for c in line.changes} == {"removed", "notation"}


def test_a_run_of_the_province_equals_itself(workspace: Path) -> None:
    found = compare(workspace, workspace / "results" / "latest")
    assert len(found.lines) > 1000 and found.changed == []
    before, after, effects = found.totals("AR6", 2024)
    assert before == after > 2e8 and effects.total == 0


def test_what_cannot_be_compared_is_answered(tmp_path: Path) -> None:
    (tmp_path / "results.csv").write_text("record,place,value\na,b,1\n", encoding="utf-8")
    for path, code in ((tmp_path / "none", "not_comparable"), (tmp_path, "missing_column")):
        with pytest.raises(DataError) as caught:
            compare(path, path)
        assert {p.code for p in caught.value.problems} == {code}
        assert all(p.text("zh") and p.text("en") for p in caught.value.problems)


def test_plain_data_of_a_comparison_can_be_written(tmp_path: Path) -> None:
    record = compare(coal(1000), coal(1100)).as_record("AR5")
    again = json.loads(json.dumps(record))
    assert again["changed"] == 1 and again["rows"][0]["difference"] == pytest.approx(again["difference"])
    assert np.isfinite(again["years"][0]["after"])
