"""The audit: untouched results are equal bit for bit, and every change is found; the chain of a result."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tanlu.accounts.files.audit import audit, stored_activities
from tanlu.accounts.files.chain import chain_of, find_results
from tanlu.accounts.files.export import write_results
from tanlu.accounts.files.formula_trace import trace
from tanlu.accounts.rulebook.activity import Activity
from tanlu.accounts.rulebook.computation import compute
from tanlu.accounts.rulebook.method import methods
from tanlu.core.errors import DataError
from tanlu.core.library import load_library


def data(record: str, period: str, method: str, *inputs: tuple[str, str, str], place: str = "cn") -> list[Activity]:
    return [
        Activity(record, place, period, method, name, value, unit, "台账", "B", None, "第3页", "a.csv", n)
        for n, (name, value, unit) in enumerate(inputs, 2)
    ]


DATA = [
    *data("lime", "2020", "liming", ("limestone", "0.1", "万吨"), ("limestone_carbon", "0.12", "t C/t")),
    *data("", "2021", "urea-application", ("urea", "450", "t")),
    *data("", "2021", "urea-application", ("urea", "450", "t"), place="cn/x"),
    *data("straw", "2021", "straw-burning", ("crop", "rice", ""), ("burnt_area", "10000", "ha")),
    *data("boiler", "2021", "fuel-combustion", ("fuel", "bituminous_coal", ""), ("fuel_amount", "123.456", "t")),
]
RICE = ("ipcc-2006.fuel_load.rice", "5.5")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    out = tmp_path / "o"
    write_results(compute(DATA, "ipcc-2006"), DATA, out)
    return out


def edit(path: Path, change: Callable[[list[dict[str, str]]], None]) -> None:
    """Change the rows of a table."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    header = list(rows[0])
    change(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def test_untouched_results_are_equal_bit_for_bit(folder: Path) -> None:
    found = audit(folder)
    assert found.differences == () and found.remarks == ()
    assert [r.id for r in found.results] == [r.id for r in compute(DATA, "ipcc-2006")]


def test_activity_data_come_back_as_they_were(folder: Path) -> None:
    assert stored_activities(folder) == DATA


def test_a_changed_result_is_found(folder: Path) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        rows[0]["value"] = "440.00000000000006"

    edit(folder / "results.csv", change)
    found = audit(folder).differences
    assert {(d.kind, d.column) for d in found} == {("file", "sha256"), ("result", "value")}
    [difference] = [d for d in found if d.kind == "result"]
    # 0.1 × 10^4 t × 0.12 × 44/12
    assert (difference.stored, float(difference.recomputed)) == ("440.00000000000006", pytest.approx(440.0))
    assert "440.00000000000006" in difference.text("en") and "重算得" in difference.text("zh")


def test_a_changed_factor_changes_what_rests_on_it(folder: Path) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        [row] = [r for r in rows if r["id"] == RICE[0]]
        assert row["value"] == RICE[1]
        row["value"] = "5.6"

    edit(folder / "factors.csv", change)
    found = audit(folder)
    assert [d.name for d in found.differences if d.kind == "factor"] == [RICE[0]]
    changed = {d.name for d in found.differences if d.kind == "result"}
    stored = compute(DATA, "ipcc-2006")
    assert changed == {r.id for r in stored if r.record == "straw"}
    assert ("library_changed", RICE[0]) in found.remarks


def test_a_factor_that_the_library_gave_up_is_still_computed_with(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder is computed from its own factors; that the library has moved on is a remark."""
    from dataclasses import replace

    library = load_library()
    moved = replace(library, factors={k: replace(f, value=2 * f.value) for k, f in library.factors.items()})
    monkeypatch.setattr("tanlu.accounts.files.audit.load_library", lambda: moved)
    found = audit(folder)
    assert found.differences == ()
    assert {name for code, name in found.remarks if code == "library_changed"} == set(found.results.factors)


def test_changed_activity_data_and_lost_rows_are_found(folder: Path) -> None:
    def change(rows: list[dict[str, str]]) -> None:
        del rows[-2:]

    edit(folder / "activities.csv", change)
    found = audit(folder).differences
    assert [(d.kind, d.stored, d.recomputed) for d in found if d.kind == "count"] == [("count", "6", "5")]


def test_a_folder_that_is_none_or_is_damaged(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        audit(tmp_path)
    assert caught.value.problems[0].code == "no_account"
    (folder / "factors.csv").write_text("id\nx\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        audit(folder)
    assert caught.value.problems[0].code == "damaged_account"
    (folder / "results.csv").unlink()
    (folder / "factors.csv").write_text("id\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        audit(folder)
    assert caught.value.problems[0].code == "missing_file"
    (folder / "manifest.json").write_text("{", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        audit(folder)
    assert caught.value.problems[0].code == "damaged_account"


def test_the_chain_holds_method_numbers_data_and_factors() -> None:
    results = compute(DATA, "ipcc-2006")
    [result] = find_results(results, "boiler")
    chain = chain_of(results, result)
    assert chain.method.id == result.method
    data_by_input = {d.input: d for d in chain.data}
    amount, carbon = data_by_input["fuel_amount"], data_by_input["carbon_content"]
    assert (amount.kind, amount.given, amount.source, amount.locator) == ("activity", "123.456 t", "台账", "a.csv:3")
    assert carbon.kind == "factor" and carbon.id in result.factors and carbon.reasons == ("renamed",)
    assert carbon.grade == results.factors[carbon.id].grade.value
    text = "\n".join(chain.lines("en", load_library()))
    for part in (
        result.id,
        "123.456 *",
        chain.method.formula,
        chain.method.clause,
        carbon.id,
        carbon.locator,
        "a.csv:3",
    ):
        assert part in text
    assert "公式" in "\n".join(chain.lines("zh", load_library()))
    json.dumps(chain.as_record())


def test_a_chain_gives_units_as_the_user_wrote_them_and_as_the_method_takes_them() -> None:
    results = compute(DATA, "ipcc-2006")
    [result] = find_results(results, "lime")
    limestone = next(d for d in chain_of(results, result).data if d.input == "limestone")
    assert (limestone.given, limestone.value, limestone.unit) == ("0.1 万吨", "1000", "t")


def test_numbers_put_in_give_the_result() -> None:
    """Each line of each chain, evaluated as text, is the number beside it, and the last is the result."""
    results = compute(DATA, "ipcc-2006")
    for result in results:
        steps = chain_of(results, result).steps
        for step in steps:
            assert eval(step.numbers) == pytest.approx(step.value, rel=1e-8), step
        assert steps[-1].value == pytest.approx(result.value, rel=1e-12)
        assert steps[-1].name == ""


def test_lines_of_a_method_follow_the_source() -> None:
    """Straw: 10 ha × 5.5 t/ha × 0.8 = 44 t burnt; × 2.7 g/kg and 0.07 g/kg."""
    method = methods()["straw-burning-area"]
    values = {
        "burnt_area": 10.0,
        "fuel_load": 5.5,
        "combustion_factor": 0.8,
        "burning_ch4_factor": 2.7,
        "burning_n2o_factor": 0.07,
    }
    burnt, methane, oxide = trace(method, values)
    assert (burnt.name, burnt.numbers, burnt.value) == ("burnt", "10 * 5.5 * 0.8", pytest.approx(44.0))
    assert (methane.numbers, methane.value) == ("44 * 2.7 / 1000", pytest.approx(0.1188))
    assert oxide.value == pytest.approx(0.00308)


def test_results_are_found_by_id_beginning_and_record() -> None:
    results = compute(DATA, "ipcc-2006")
    one = results.results[0]
    assert find_results(results, one.id) == [one]
    assert find_results(results, one.id.removeprefix("result:")[:12]) == [one]
    assert [r.gas for r in find_results(results, "straw")] == ["CH4", "N2O"]
    with pytest.raises(DataError) as caught:
        find_results(results, "boiller")
    assert caught.value.problems[0].code == "unknown_id" and "boiler" in caught.value.problems[0].text("en")


def test_every_method_has_a_chain() -> None:
    """The lines of every method end in the result of the method itself."""
    from tanlu.accounts.files.template_content import MethodContent
    from tanlu.accounts.files.template_layout import units_of
    from tanlu.accounts.rulebook.computation import find_set

    seen = 0
    for name in ("ipcc-2006", "cn-province-2011", "cn-enterprise", "cn-ets-2024"):
        chosen = find_set(name)
        for topic, method in chosen.methods.items():
            shown = MethodContent(method, chosen, load_library(), 2022, "cn")
            rows = [
                Activity(topic, "cn", "2022", topic, i.name, value, "" if i.kind == "choice" else units_of(i)[0])
                for i in method.inputs
                if (value := shown.example(i))
            ]
            results = compute(rows, name)
            for result in results:
                chain = chain_of(results, result)
                seen += 1
                assert chain.lines("zh", load_library()) and chain.as_record()
                if method.rounding is None and not method.is_series:
                    values = [s.value for s in chain.steps if not s.name]
                    assert any(float(v) == pytest.approx(result.value) for v in values), topic
    assert seen > 50
