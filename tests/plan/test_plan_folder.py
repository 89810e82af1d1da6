"""A plan folder is read as a whole; every fault is told with its place and its mend."""

import shutil
from pathlib import Path

import pytest
import yaml

from tanlu.core.errors import DataError
from tanlu.plan import load_plan

HUNAN = Path(__file__).parents[2] / "src" / "tanlu" / "provinces" / "hunan"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(HUNAN / "plan", tmp_path / "plan")
    return tmp_path


def replace(folder: Path, file: str, *changes: tuple[str, str]) -> None:
    path = folder / "plan" / file
    text = path.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path.write_text(text, encoding="utf-8")


def found(folder: Path) -> dict[tuple[str, str], tuple[str, int | None, str]]:
    """Return (file, field) → (code, line, value) of all problems."""
    with pytest.raises(DataError) as caught:
        load_plan(folder)
    for problem in caught.value.problems:
        assert problem.text("zh") and problem.text("en")
    return {(p.file, p.field): (p.code, p.row, p.value) for p in caught.value.problems}


def line_of(folder: Path, file: str, text: str) -> int:
    lines = (folder / "plan" / file).read_text(encoding="utf-8").splitlines()
    return next(n for n, line in enumerate(lines, 1) if text in line)


def test_every_kind_of_fault_is_told_at_once_with_its_line(folder: Path) -> None:
    replace(
        folder,
        "targets.yaml",
        ("kind: quantitative", "kind: numeric"),
        (
            "value: -14.0" if "value: -14.0" in (folder / "plan/targets.yaml").read_text() else "value: -14",
            "value: minus",
        ),
        ("- id: TG05", "- id: TG04"),
        ("operator: increase", "operator_: increase"),
    )
    replace(
        folder,
        "systems.yaml",
        ("depends_on: [SYS002, SYS065]", "depends_on: [SYS002, SYS965]"),
        ("tier: device_near", "tier: near"),
    )
    replace(folder, "hooks.yaml", ("parameters: [", "parameters: text #["))
    replace(folder, "technologies.csv", ("storage:portfolio", "storage"), ("grid:smart_grid", "gird:smart_grid"))
    problems = found(folder)
    assert problems["plan/targets.yaml", "TG02.kind"] == (
        "unknown_choice",
        line_of(folder, "targets.yaml", "kind: numeric"),
        "numeric",
    )
    assert problems["plan/targets.yaml", "TG02.value"][::2] == ("not_a_number", "minus")
    assert problems["plan/targets.yaml", "TG04.id"][0] == "listed_twice"
    assert [c for (f, k), (c, *_) in problems.items() if f == "plan/targets.yaml" and k.endswith(".operator_")] == [
        "unknown_key"
    ]
    assert [c for (f, k), (c, *_) in problems.items() if f == "plan/targets.yaml" and k.endswith(".operator")] == [
        "missing_key"
    ]
    expected = ("unknown_choice", line_of(folder, "systems.yaml", "SYS965"), "SYS965")
    assert problems["plan/systems.yaml", "SYS001.depends_on"] == expected
    assert any(
        v == ("unknown_choice", line_of(folder, "systems.yaml", "tier: near"), "near") for v in problems.values()
    )
    assert problems["plan/hooks.yaml", "generator.parameters"][0] == "not_a_list"
    assert problems["plan/technologies.csv", "hook"][0] in {"not_a_hook", "unknown_choice"}
    with pytest.raises(DataError) as caught:
        load_plan(folder)
    rows = {(p.row, p.code) for p in caught.value.problems if p.file == "plan/technologies.csv"}
    assert rows == {(2, "unknown_choice"), (3, "not_a_hook")}


def test_a_misspelt_id_is_told_where_it_is_used(folder: Path) -> None:
    replace(folder, "actions.yaml", ("target: TG17", "target: TG71X"), ("id: D01-2,", "id: D01-1,"))
    problems = found(folder)
    assert problems["plan/actions.yaml", "A01.aims.A01-O1.target"][::2] == ("unknown_choice", "TG71X")
    assert problems["plan/actions.yaml", "A01.box"][::2] == ("listed_twice", "D01-1")
    assert any(f == "plan/technologies.csv" and k == "direction" for f, k in problems)


def test_systems_that_need_each_other_are_refused(folder: Path) -> None:
    path = folder / "plan" / "systems.yaml"
    systems = yaml.safe_load(path.read_text(encoding="utf-8"))
    by_id = {s["id"]: s for s in systems}
    by_id["SYS065"]["depends_on"].append("SYS001")
    path.write_text(yaml.safe_dump(systems, allow_unicode=True), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        load_plan(folder)
    (problem,) = caught.value.problems
    assert problem.code == "circle"
    assert {"SYS001", "SYS065"} <= set(problem.value.split(" → "))


def test_relations_of_technology_rows_are_checked(folder: Path) -> None:
    path = folder / "plan" / "technologies.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    header = lines[0].split(",")
    row = dict.fromkeys(header, "")
    row |= {
        "id": "T01-999", "action": "A01", "box": "B02", "level": "box", "direction": "D01-1", "parent": "T01-K01",
        "zh": "试验项", "en": "trial",
        "domain": "energy", "kind": "process", "carbon_role": "low", "replaces": "coal", "abates": "energy_co2;heat", "software": "no",
        "hook": "efficiency:trial", "same_as": "T01-K01", "systems": "SYS001;SYS999", "source": "Box 1",
    }  # fmt: skip
    path.write_text("\n".join([*lines, ",".join(row[h] for h in header)]) + "\n", encoding="utf-8")
    problems = found(folder)
    last = len(lines) + 1
    assert problems == {
        ("plan/technologies.csv", "parent"): ("not_a_group", last, "T01-K01"),
        ("plan/technologies.csv", "same_as"): ("not_the_first", last, "T01-K01"),
        ("plan/technologies.csv", "direction"): ("not_in_box", last, "D01-1"),
        ("plan/technologies.csv", "abates"): ("unknown_choice", last, "heat"),
        ("plan/technologies.csv", "systems"): ("unknown_choice", last, "SYS999"),
    }


def test_an_unreadable_file_is_one_problem_and_not_hundreds(folder: Path) -> None:
    (folder / "plan" / "systems.yaml").write_text("- id: [unclosed\n", encoding="utf-8")
    (folder / "plan" / "hooks.yaml").unlink()
    problems = found(folder)
    assert {f: c for (f, _), (c, *_) in problems.items()} == {
        "plan/systems.yaml": "not_yaml",
        "plan/hooks.yaml": "missing_file",
    }


def test_a_scalar_where_a_list_of_entries_belongs_is_told(folder: Path) -> None:
    (folder / "plan" / "mechanisms.yaml").write_text("nothing here\n", encoding="utf-8")
    (folder / "plan" / "targets.yaml").write_text("- TG01\n- 7\n", encoding="utf-8")
    problems = found(folder)
    assert problems["plan/mechanisms.yaml", ""][0] == "not_a_list"
    assert problems["plan/targets.yaml", "#1"][:2] == ("not_a_mapping", 1)
    assert problems["plan/targets.yaml", "#2"][:2] == ("not_a_mapping", 2)


def test_a_file_in_gbk_is_read(folder: Path) -> None:
    path = folder / "plan" / "hooks.yaml"
    path.write_bytes(path.read_text(encoding="utf-8").encode("gb18030"))
    assert load_plan(folder).hooks_by_prefix["sink"].zh == load_plan(HUNAN).hooks_by_prefix["sink"].zh
