"""What is kept on disk between two commands: found again, made anew when anything changed, and never read from a place of others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tanlu.core.kept import COUNT, FOLDER, alone, hash_code, kept


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "cache"
    monkeypatch.setenv(FOLDER, str(place))
    return place


def fail() -> object:
    raise AssertionError("made anew")


def test_a_thing_is_made_once_for_what_it_is_made_from(folder: Path) -> None:
    assert kept("thing", ["a"], lambda: {"x": 1}) == {"x": 1}
    assert kept("thing", ["a"], fail) == {"x": 1}
    assert kept("thing", ["b"], lambda: {"x": 2}) == {"x": 2}
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("content", [b"", b"\x80\x05", b"no pickle", b"cno_such_module\nname\n."])
def test_a_damaged_file_is_made_anew(folder: Path, content: bytes) -> None:
    kept("thing", ["a"], lambda: 1)
    (file,) = folder.iterdir()
    file.write_bytes(content)
    assert kept("thing", ["a"], lambda: 2) == 2
    assert kept("thing", ["a"], fail) == 2


def test_nothing_is_read_or_written_where_others_may_write(folder: Path) -> None:
    kept("thing", ["a"], lambda: 1)
    folder.chmod(0o770)
    assert kept("thing", ["a"], lambda: 2) == 2
    folder.chmod(0o700)
    (file,) = folder.iterdir()
    file.chmod(0o666)
    assert kept("thing", ["a"], lambda: 3) == 3
    assert kept("thing", ["a"], fail) == 3


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    kept("thing", ["a"], lambda: 1)
    (file,) = folder.iterdir()
    elsewhere = tmp_path / "elsewhere.pickle"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    elsewhere.chmod(0o666)
    assert kept("thing", ["a"], lambda: 2) == 2
    assert not file.is_symlink()


def test_an_empty_setting_keeps_nothing_and_a_folder_that_cannot_be_made_is_no_fault(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, "")
    assert kept("thing", ["a"], lambda: 1) == 1
    (tmp_path / "file").write_text("")
    monkeypatch.setenv(FOLDER, str(tmp_path / "file" / "cache"))
    assert kept("thing", ["a"], lambda: 2) == 2
    assert not folder.exists()


def test_errors_are_not_kept_and_what_cannot_be_kept_is_returned_all_the_same(folder: Path) -> None:
    with pytest.raises(AssertionError, match="made anew"):
        kept("thing", ["a"], fail)
    made = kept("thing", ["a"], lambda: lambda: 5)
    assert made() == 5
    assert list(folder.iterdir()) == []


def test_the_oldest_are_forgotten(folder: Path) -> None:
    for n in range(COUNT + 3):
        kept("thing", [str(n)], lambda n=n: n)
        kept("other", ["a"], lambda: 0)
    assert len(list(folder.glob("thing-*"))) == COUNT
    assert kept("thing", [str(COUNT + 2)], fail) == COUNT + 2


def test_the_same_work_is_done_by_one_at_a_time(folder: Path) -> None:
    with alone("work", wait=False) as mine:
        assert mine
        with alone("work", wait=False) as also:
            assert not also
        with alone("other", wait=False) as other:
            assert other
    with alone("work", wait=True) as again:
        assert again


def test_code_has_another_hash_when_a_line_changes(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "a.py").write_text("x = 1\n")
    before = hash_code([tmp_path])
    assert hash_code([tmp_path]) == before
    (tmp_path / "room" / "a.py").write_text("x = 2\n")
    assert hash_code([tmp_path]) != before
