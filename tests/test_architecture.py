"""The floors of the house: a room imports only lower floors, help stays light, and no code knows a province."""

from __future__ import annotations

import ast
import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "tanlu"
FLOORS: tuple[tuple[str, ...], ...] = (
    ("messages", "provinces", "library"),
    ("core",),
    ("plan",),
    ("accounts",),
    ("land", "monitor", "energy"),
    ("pathways",),
    ("records",),
    ("programme", "exchange", "market"),
    ("assessment",),
    ("charts",),
    ("reports",),
    ("portal", "workspace", "job", "commands"),
    ("cli",),
    ("__main__",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
SAME_FLOOR = {
    ("job", "workspace"),
    ("portal", "workspace"),
    ("commands", "workspace"),
    ("commands", "job"),
    ("commands", "portal"),
}
"""On the ground floor of the user: the job and the portal use the folder on disk, commands use all three."""
DEFAULT_PROVINCE = ("commands/",)
"""Where the name of a shipped province may stand: as the default of an option."""
FILES = sorted(p for p in SOURCE.rglob("*.py"))


def room_of(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


ROOMS = {room: [p for p in FILES if room_of(p) == room] for room in sorted({room_of(p) for p in FILES})}
every_room = pytest.mark.parametrize("room", ROOMS)
"""A test for each of some hundred files would cost more than what it looks for; faults of a room are told together."""


@dataclass(frozen=True, slots=True)
class Code:
    """What the tests ask of a file: much less to keep than its tree."""

    rooms: list[tuple[int, str]]
    strings: list[tuple[int, str]]
    names: set[str]
    handlers: list[ast.ExceptHandler]


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


@cache
def code_of(path: Path) -> Code:
    tree = tree_of(path)
    nodes = list(ast.walk(tree))
    return Code(
        list(imported_rooms(nodes)),
        list(strings_outside_docstrings(nodes)),
        {
            n.id if isinstance(n, ast.Name) else n.name
            for n in nodes
            if isinstance(n, ast.Name | ast.FunctionDef | ast.ClassDef)
        },
        [n for n in nodes if isinstance(n, ast.ExceptHandler)],
    )


def imported_rooms(nodes: list[ast.AST]) -> Iterator[tuple[int, str]]:
    """Yield (line, room) of every import of the package, also inside functions."""
    for node in nodes:
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names = [f"tanlu.{a.name}" for a in node.names] if node.module == "tanlu" else [node.module or ""]
        for name in names:
            parts = name.split(".")
            if parts[0] == "tanlu" and len(parts) > 1 and not parts[1].startswith("__"):
                yield node.lineno, parts[1]


def strings_outside_docstrings(nodes: list[ast.AST]) -> Iterator[tuple[int, str]]:
    """Yield (line, text) of every string that the program uses, docstrings left out."""
    docs = {id(node.value) for node in nodes if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs:
            yield node.lineno, node.value


@cache
def place_names() -> set[str]:
    """Return slugs and Chinese names of every region of every shipped province, and of the other provinces of China."""
    names = set()
    for file in SOURCE.glob("provinces/*/regions.csv"):
        with file.open(encoding="utf-8", newline="") as text:
            for row in csv.DictReader(text):
                names |= {row["id"].rpartition("/")[2], row["zh"].rstrip("省市州县"), row["en"].lower()}
    provinces = (
        "北京 天津 河北 山西 内蒙古 辽宁 吉林 黑龙江 上海 江苏 浙江 安徽 福建 江西 山东 河南 湖北 湖南 "
        "广东 广西 海南 重庆 四川 贵州 云南 西藏 陕西 甘肃 青海 宁夏 新疆"
    )
    return names | set(provinces.split())


@every_room
def test_a_room_imports_lower_floors_only(room: str) -> None:
    found = [(path, line, other) for path in ROOMS[room] for line, other in code_of(path).rooms]
    if room == "__init__":
        assert found == []
        return
    assert [f"{path}:{line}: {other} has no floor" for path, line, other in found if other not in FLOOR] == []
    assert [
        f"{path}:{line}: {room} must not import {other}"
        for path, line, other in found
        if FLOOR[other] >= FLOOR[room] and other != room and (room, other) not in SAME_FLOOR
    ] == []


def test_every_room_has_a_floor_and_says_what_it_is_for() -> None:
    rooms = {room_of(p) for p in FILES} - {"__init__"}
    assert rooms <= FLOOR.keys()
    for folder in (p for p in SOURCE.iterdir() if (p / "__init__.py").is_file()):
        assert ast.get_docstring(tree_of(folder / "__init__.py")), f"{folder.name} does not say what it is for"


@pytest.mark.parametrize("path", sorted(SOURCE.glob("commands/*.py")), ids=lambda p: p.stem)
def test_commands_import_only_typer_and_the_standard_library_when_help_is_shown(path: Path) -> None:
    """Imports under TYPE_CHECKING and inside functions do not run when help is shown."""
    allowed = {"typer", *sys.stdlib_module_names}
    for node in tree_of(path).body:
        if isinstance(node, ast.Import):
            modules = [a.name for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            modules = [node.module or ""]
        else:
            continue
        for module in modules:
            light = module.partition(".")[0] in allowed or module == "tanlu" or module.startswith("tanlu.commands")
            assert light, f"{path.name}:{node.lineno}: {module} is loaded when help is shown"


@every_room
def test_no_code_names_a_province_or_a_city(room: str) -> None:
    """Docstrings may give examples; commands may have a default province; data are not code."""
    faults = []
    for path in ROOMS[room]:
        strings = code_of(path).strings
        # nearly no file has a name anywhere in it, which is soon seen
        every = "\n".join(text.lower() for _, text in strings)
        names = {name for name in place_names() if name in every}
        own = {"hunan", "tanlu-hunan"} if path.relative_to(SOURCE).as_posix().startswith(DEFAULT_PROVINCE) else set()
        for line, text in strings if names else []:
            named = sorted(n for n in names if n in text.lower())
            faults += [f"{path}:{line}: {text!r} names {named}"] if named and text not in own else []
    assert faults == []


def test_identifiers_name_no_place_either() -> None:
    names = {n for n in place_names() if n.isascii() and n.isalpha()}
    for path in FILES:
        found = {u for u in code_of(path).names for part in u.lower().split("_") if part in names}
        assert not found, f"{path}: {found}"


@every_room
def test_no_bare_or_broad_except(room: str) -> None:
    faults = []
    for path, node in ((p, n) for p in ROOMS[room] for n in code_of(p).handlers):
        broad = isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}
        raises = any(isinstance(inner, ast.Raise) and inner.exc is None for inner in ast.walk(node))
        faults += [f"{path}:{node.lineno}: bare or broad except"] if node.type is None or (broad and not raises) else []
    assert faults == []
