"""Content hashes depend on names and bytes of the data files and on nothing else."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tanlu.core.hashing import hash_folder, hash_json

FILES = {"a.csv": b"x\n1\n", "b.yaml": b"k: v\n", "deep/c.csv": "值\n".encode()}


def write(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_the_hash_is_that_of_names_and_contents_with_their_lengths(tmp_path: Path) -> None:
    """Second implementation, written out for two files."""
    write(tmp_path, {"a.csv": b"12", "b.csv": b""})
    parts = [b"a.csv", b"12", b"b.csv", b""]
    expected = hashlib.sha256(b"".join(len(p).to_bytes(8, "big") + p for p in parts)).hexdigest()
    assert hash_folder(tmp_path) == expected


def test_place_order_and_times_do_not_matter(tmp_path: Path) -> None:
    one = write(tmp_path / "one", FILES)
    two = write(tmp_path / "elsewhere" / "two", dict(reversed(FILES.items())))
    os.utime(two / "a.csv", (0, 0))
    assert hash_folder(one) == hash_folder(two)


def test_every_byte_and_every_name_matters(tmp_path: Path) -> None:
    seen = {hash_folder(write(tmp_path / "0", FILES))}
    number = 0
    for name, content in FILES.items():
        for i in range(len(content)):
            number += 1
            changed = content[:i] + bytes([content[i] ^ 1]) + content[i + 1 :]
            seen.add(hash_folder(write(tmp_path / str(number), FILES | {name: changed})))
    renamed = {"z.csv": FILES["a.csv"]} | {k: v for k, v in FILES.items() if k != "a.csv"}
    seen.add(hash_folder(write(tmp_path / "renamed", renamed)))
    assert len(seen) == number + 2


def test_bytes_do_not_move_between_name_and_content_unseen(tmp_path: Path) -> None:
    assert hash_folder(write(tmp_path / "1", {"a.csv": b"b", "c.csv": b""})) != hash_folder(
        write(tmp_path / "2", {"a.csv": b"", "c.csv": b"b"})
    )


def test_code_and_caches_do_not_count(tmp_path: Path) -> None:
    before = hash_folder(write(tmp_path, FILES))
    write(tmp_path, {"__init__.py": b"x", "__pycache__/m.pyc": b"y", "notes.txt": b"z"})
    assert hash_folder(tmp_path) == before


@given(st.dictionaries(st.text(max_size=5), st.integers() | st.text(max_size=5), max_size=6))
def test_order_of_keys_does_not_change_a_json_hash(data: dict[str, object]) -> None:
    assert hash_json(data) == hash_json(dict(reversed(data.items())))


def test_json_hashes_differ_by_type_and_value() -> None:
    assert len({hash_json(x) for x in (1, "1", 1.5, [1], {"1": 1}, None, True)}) == 7
