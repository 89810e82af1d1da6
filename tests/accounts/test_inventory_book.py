"""An inventory as a document: chosen results, keys with reasons, frozen, hashed, versioned."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
from tests.accounts.rulebook import calculated, row

from tanlu.accounts import Inventory
from tanlu.accounts.inventories.inventory_book import InventoryBook, book_of_inventory, load_book, make_book
from tanlu.accounts.province.notation import EXPECTED
from tanlu.accounts.rulebook.result import Results
from tanlu.core.errors import DataError
from tanlu.core.gases import gwp_set
from tanlu.core.province import Province

ROWS = [
    row("a", "burning", "fuel", "coal"), row("a", "burning", "fuel_amount", 1000, "t"),
    row("b", "road", "distance", 1e9, "km"), row("c", "burning", "fuel", "coal", place="first/town"),
    row("c", "burning", "fuel_amount", 500, "t", place="first/town"),
]  # fmt: skip
COAL = 20 * 0.025 * 0.95 * 44 / 12
"""t CO2 per t of coal of the invented rulebook."""


@pytest.fixture(scope="module")
def results() -> Results:
    return calculated(ROWS)


@pytest.fixture
def book(results: Results) -> InventoryBook:
    return make_book(results, "first")


def codes(error: pytest.ExceptionInfo[DataError]) -> set[tuple[str, str]]:
    assert all(p.text("zh") and p.text("en") for p in error.value.problems)
    return {(p.code, p.value) for p in error.value.problems}


def test_totals_are_a_view_through_a_gwp_set(book: InventoryBook) -> None:
    """1,500 t of coal, 2 t CH4 and 1 t N2O from the road."""
    co2 = 1500 * COAL
    assert book.total("AR5", 2020)[0] == pytest.approx(co2 + 2 * 28 + 265)
    assert book.total("SAR", 2020)[0] == pytest.approx(co2 + 2 * 21 + 310)
    assert book.total()[0] == book.total("AR5")[0]
    assert book.total("AR5", 2019) == (0, 0, 0)
    shown = {(r.category, r.gas): r for r in book.table("AR6") if r.value is not None}
    assert shown["1.A.3", "N2O"].co2e == pytest.approx(273) and shown["1.A.1", "CO2"].value == pytest.approx(co2)
    assert len(shown["1.A.1", "CO2"].ids) == 2


def test_every_expected_line_has_a_number_or_a_key_with_a_reason(book: InventoryBook) -> None:
    lines = [(r.category, r.gas) for r in book.table()]
    assert len(lines) == len(set(lines)) and {(c, g) for c, g, _, _ in EXPECTED} <= set(lines)
    for r in book.table():
        assert (r.value is None) == (r.key != "") and (r.key == "" or (r.reason_zh and r.reason_en))
    counts = book.completeness()
    assert counts["number"] == 3 and counts["NE"] == len(lines) - 3


def test_a_finer_category_answers_for_the_wider_one(book: InventoryBook) -> None:
    """1.A.1 and 1.A.3 have results; 1.A stands for what is not listed elsewhere and stays open."""
    keys = {(n.category, n.gas) for n in book.notations}
    assert ("1.A.1", "CO2") not in keys and ("1.A", "CH4") in keys and ("1.A.2", "CO2") in keys


def test_keys_are_given_with_a_reason(results: Results) -> None:
    given = {
        ("2.B.3", "N2O"): ("NO", "没有己二酸厂", "no adipic acid plant"),
        ("2.C.3", "PFC-14"): ("IE", "计入某处", "included in 2.C.3 CF4"),
    }
    book = make_book(results, "first", notations=given)
    found = {(n.category, n.gas): n for n in book.notations}
    assert found["2.B.3", "N2O"].key == "NO" and found["2.B.3", "N2O"].reason_zh == "没有己二酸厂"
    assert found["2.C.3", "PFC-14"].key == "IE" and book.completeness()["NO"] == 1


def test_all_faults_of_an_inventory_are_told_together(results: Results) -> None:
    far = next(r.id for r in results if r.place == "first/town")
    with pytest.raises(DataError) as caught:
        make_book(
            results, "first/city", ids={far, "result:none"},
            notations={
                ("2.B.3", "N2O"): ("XX", "无", "none"), ("2.B.2", "N2O"): ("NO", "", "none"), ("1.A.1", "CO2"): ("C", "保密", "secret"),
                ("cows", "CH4"): ("NA", "无", "none"),
            },
        )  # fmt: skip
    assert codes(caught) == {
        ("unknown_result", "result:none"), ("outside_region", "first/town"), ("unknown_choice", "XX"),
        ("notation_without_reason", "NO"), ("notation_with_result", "C"), ("unknown_choice", "cows"),
    }  # fmt: skip


def test_results_are_chosen_by_id_year_and_region(results: Results) -> None:
    assert make_book(results, "first/town").total()[0] == pytest.approx(500 * COAL)
    one = next(r.id for r in results if r.record == "a")
    chosen = make_book(results, "first", ids={one})
    assert [r.id for r in chosen.entries] == [one] and len(chosen.activities) == 2
    assert make_book(results, "first", years=[2019]).entries == ()


def test_double_counts_are_refused() -> None:
    nested = [
        row("x", "burning", "fuel", "coal", place="first"), row("x", "burning", "fuel_amount", 1, "t", place="first"),
        *ROWS[:2],
    ]  # fmt: skip
    with pytest.raises(DataError) as caught:
        make_book(calculated(nested), "first")
    assert {c for c, _ in codes(caught)} == {"nested_records"}


def test_a_document_is_read_as_it_was_written(book: InventoryBook, tmp_path: Path) -> None:
    file = book.signed("王芳", "2026-03-01").save(tmp_path / "inventory")
    again = load_book(tmp_path / "inventory")
    assert file.name == "inventory.json" and again.hash == book.hash
    assert again == book.signed("王芳", "2026-03-01") and again.signed_by == "王芳"
    assert again.total("AR6") == book.total("AR6")


def test_what_is_frozen_is_not_overwritten(book: InventoryBook, results: Results, tmp_path: Path) -> None:
    book.save(tmp_path)
    book.save(tmp_path)
    with pytest.raises(DataError) as caught:
        make_book(results, "first/town").save(tmp_path)
    assert {c for c, _ in codes(caught)} == {"inventory_exists"}


def test_a_changed_number_is_noticed(book: InventoryBook, tmp_path: Path) -> None:
    file = book.save(tmp_path / "i.json")
    data = json.loads(file.read_text(encoding="utf-8"))
    data["entries"][0]["value"] += 1e-6
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_book(file)
    assert {c for c, _ in codes(caught)} == {"inventory_changed"}


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "nothing"])
def test_other_files_are_answered(text: str, tmp_path: Path) -> None:
    (tmp_path / "inventory.json").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_book(tmp_path)
    assert {c for c, _ in codes(caught)} == {"not_an_inventory"}


def test_a_missing_document_is_answered(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load_book(tmp_path / "none.json")
    assert {c for c, _ in codes(caught)} == {"not_an_inventory"}


def test_the_signature_is_not_part_of_what_is_signed(book: InventoryBook) -> None:
    assert book.signed("A", "2026-01-01").hash == book.hash
    for name, day in (("", "2026-01-01"), ("A", "tomorrow")):
        with pytest.raises(ValueError, match=r"signature|isoformat"):
            book.signed(name, day)


def test_bought_power_counts_where_the_rule_adds_it(results: Results) -> None:
    """The rule of the invented book has no memo categories; the same entry counts once it names one."""
    moved = dataclasses.replace(
        results, results=tuple(r._replace(category="memo.bought") if r.record == "c" else r for r in results)
    )
    apart = make_book(moved, "first")
    counted = dataclasses.replace(apart, counts=("memo.bought",))
    assert counted.total()[0] - apart.total()[0] == pytest.approx(500 * COAL)
    assert len(apart.memo) == 1 and counted.memo == () and counted.hash != apart.hash


def test_a_new_version_names_the_one_before(book: InventoryBook, results: Results) -> None:
    later = book.successor(make_book(results, "first", years=[2020, 2021]), "补算2021年", "2021 added")
    assert (later.version, later.supersedes, later.signed_by) == (2, book.hash, "") and later.hash != book.hash
    third = later.successor(later, "更正", "correction")
    assert (third.version, third.supersedes) == (3, later.hash)


def test_the_inventory_of_the_province_is_a_document_too(province: Province, inventory: Inventory) -> None:
    """kt become t; the total and its interval stay."""
    book = book_of_inventory(province, inventory)
    for name in ("AR5", "AR6"):
        expected = inventory.total(2024, gwp_set(name))
        assert book.total(name, 2024) == pytest.approx([1000 * x for x in expected], rel=1e-9)
    counts = book.completeness()
    assert counts["number"] == sum(r.value is not None for r in inventory.rows)
    assert counts["number"] + counts["NE"] == len(inventory.rows)
    assert {r.category for r in book.memo} == {"memo.imports"}
