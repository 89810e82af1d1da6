"""A system that is written as a folder is read back as the same system."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.energy.random_systems import FEATURES, random_system

from tanlu.core.errors import DataError
from tanlu.energy.certificate import solve
from tanlu.energy.components import Source
from tanlu.energy.interop.folder import write_system
from tanlu.energy.system import System


@pytest.mark.parametrize("seed", range(12))
def test_a_random_system_comes_back_and_costs_the_same(seed: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(seed)
    features = frozenset(rng.choice(FEATURES, size=7, replace=False).tolist()) | {"battery"}
    system = random_system(seed, features, 12)
    write_system(system, tmp_path / "system")
    again = System.read(tmp_path / "system")
    assert {c.name: type(c) for c in again.components} == {c.name: type(c) for c in system.components}
    costs = [solve(s, s.grid(), None, solver="highs-simplex", tolerance=1e-9).objective for s in (system, again)]
    assert costs[1] == pytest.approx(costs[0], rel=1e-9)


def test_sources_and_grades_come_back_but_not_those_of_numbers_that_were_changed(tmp_path: Path) -> None:
    """Numbers for a kilometre are not compared: a component holds them times its length."""
    system = System.read(Path(__file__).parent / "systems" / "valley")
    changed = next(c for c in system.components if isinstance(c, Source) and system.provenance.of(c.name, "investment"))
    parts = [replace(c, investment=1e6) if c is changed else c for c in system.components]
    write_system(system.with_changes(components=tuple(parts)), tmp_path / "valley")
    again = System.read(tmp_path / "valley")

    def told(of: System) -> dict[tuple[str, str], list[tuple[object, ...]]]:
        return {
            key: [(o.year, o.source, o.grade, o.note_zh, o.note_en) for o in found]
            for key, found in of.provenance.origins.items()
            if any(o.source for o in found) and not any("km" in o.unit for o in found)
        }

    kept = {key: origins for key, origins in told(system).items() if key != (changed.name, "investment")}
    assert kept and told(again) == kept
    assert again.provenance.sources == system.provenance.sources
    assert [o.grade for o in again.provenance.of(changed.name, "investment")] == ["D"]


def test_time_slices_come_back(tmp_path: Path) -> None:
    system = random_system(1, frozenset({"battery"}), 4)
    system = system.with_changes(
        lengths=np.array([1.0, 2.0, 3.0, 18.0]), occurrences=np.array([365.0, 365.0, 300.0, 380.0])
    )
    write_system(system, tmp_path / "slices")
    again = System.read(tmp_path / "slices")
    costs = [solve(s, s.grid(), None, solver="highs-simplex", tolerance=1e-9).objective for s in (system, again)]
    assert costs[1] == pytest.approx(costs[0], rel=1e-9)
    (tmp_path / "slices" / "slices.csv").write_text(
        "hour,length,occurrences\n0,1,1\n1,-2,x\n2,1,1\n3,1,1\n", encoding="utf-8"
    )
    with pytest.raises(DataError) as caught:
        System.read(tmp_path / "slices")
    assert [(p.code, p.row, p.field) for p in caught.value.problems] == [
        ("energy_slice", 3, "length"),
        ("energy_slice", 3, "occurrences"),
    ]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    system = random_system(1, frozenset(), 4)
    write_system(system, tmp_path / "one")
    with pytest.raises(DataError) as caught:
        write_system(system, tmp_path / "one")
    assert [p.code for p in caught.value.problems] == ["energy_folder_taken"]
