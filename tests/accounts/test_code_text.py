"""The hash of a method changes with whatever its numbers rest on, and with nothing else."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tanlu.accounts.rulebook.method import Method, Output, activity, methods

CODE = """
RATE = 2.0
KINDS = {"b", "a", "c"}
OTHER = 5.0

def deeper(x):
    return x * RATE + len(KINDS)

def helper(x):
    return [deeper(each) for each in [x]][0]

def unrelated(x):
    return x * OTHER

def sold(power):
    return helper(power)
"""


def hash_of(folder: Path, code: str) -> str:
    """Return the hash of a method whose module holds some code."""
    path = folder / f"made_{len(list(folder.iterdir()))}.py"
    path.write_text(code, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("made", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    inputs, outputs = (activity("power", "MWh"),), (Output("CO2", "1"),)
    return Method("sold", "sold", ("book",), module.sold, inputs, outputs, "E = …", "1", "source").hash


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ("x * RATE + len", "x / RATE + len", True), ("RATE = 2.0", "RATE = 3.0", True), ('"a", "c"', '"a", "d"', True),
        ("for each in [x]", "for each in (x,)", True), ("OTHER = 5.0", "OTHER = 6.0", False),
        ("return x * OTHER", "return x", False), ('{"b", "a", "c"}', '{"c", "b", "a"}', False),
    ],
)  # fmt: skip
def test_a_hash_covers_what_the_function_calls_and_reads(
    before: str, after: str, changes: bool, tmp_path: Path
) -> None:
    assert before in CODE
    assert (hash_of(tmp_path, CODE) != hash_of(tmp_path, CODE.replace(before, after))) is changes


def test_hashes_of_all_methods_differ_and_are_the_same_when_asked_again() -> None:
    hashes = {m.hash for m in methods().values()}
    assert len(hashes) == len(methods())
    assert [Method(**{n: getattr(m, n) for n in m.__dataclass_fields__}).hash for m in methods().values()] == [
        m.hash for m in methods().values()
    ]
