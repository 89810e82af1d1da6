"""Machine code on disk: it is thrown away when what it was made from has changed."""

from __future__ import annotations

from pathlib import Path

from tanlu.pathways.costs.stock import follow_asset
from tanlu.pathways.costs.vintages import follow_equipment
from tanlu.pathways.effects import kernel as effects_kernel
from tanlu.pathways.machine_code import fingerprint, renew


class _Cache:
    """Stands for the cache of a compiled function: a flush of a true one would cost every later test a compilation."""

    def __init__(self) -> None:
        self.flushed = 0
        self._cache = self

    def flush(self) -> None:
        self.flushed += 1


def test_a_fingerprint_changes_with_any_file_and_any_set_but_not_with_their_order(tmp_path: Path) -> None:
    first, second = tmp_path / "a.py", tmp_path / "b.py"
    first.write_text("x = 1", encoding="utf-8")
    second.write_text("y = 1", encoding="utf-8")
    found = fingerprint([first, second], ("coal", "gas"))
    assert found == fingerprint([second, first], ("coal", "gas"))
    assert found != fingerprint([first, second], ("gas", "coal"))
    second.write_text("y = 2", encoding="utf-8")
    assert found != fingerprint([first, second], ("coal", "gas"))


def test_machine_code_of_other_sources_is_thrown_away_and_that_of_the_same_is_kept() -> None:
    cache = _Cache()
    renew([cache], 1, 1)
    assert cache.flushed == 0
    renew([cache, cache], 1, 2)
    assert cache.flushed == 2


def test_functions_that_the_effects_take_from_other_rooms_are_made_anew_with_them() -> None:
    assert {follow_asset, follow_equipment} <= set(effects_kernel.COMPILED)
