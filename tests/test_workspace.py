"""The workspace: all of a run or nothing of it, whatever happens in the middle."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import tanlu
from tanlu.core.errors import DataError
from tanlu.workspace import Workspace, open_records, rooms_with_tables, write_atomically

WRITER = """
import sys, time
from pathlib import Path
from tanlu.workspace import Workspace
with Workspace.open(Path(sys.argv[1])).staging("run-killed") as folder:
    (folder / "inventory.csv").write_text("half a ta")
    print(folder.name, flush=True)
    time.sleep(60)
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "work", "hunan")


def write_run(workspace: Workspace, run_id: str) -> None:
    with workspace.staging(run_id) as folder:
        (folder / "totals.csv").write_text(f"{run_id}\n", encoding="utf-8")
        (folder / "manifest.json").write_text("{}", encoding="utf-8")


def code(caught: pytest.ExceptionInfo[DataError]) -> str:
    (problem,) = caught.value.problems
    assert problem.text("zh") and problem.text("en")
    return problem.code


def test_a_workspace_is_made_and_opened_again(tmp_path: Path) -> None:
    made = Workspace.create(tmp_path / "a" / "b", "hunan")
    opened = Workspace.open(tmp_path / "a" / "b")
    assert opened.province == "hunan" and opened.path == made.path and opened.runs() == []
    assert Workspace.create(made.path, "hunan").province == "hunan"


def test_an_empty_folder_may_become_a_workspace(tmp_path: Path) -> None:
    assert Workspace.create(tmp_path, "hunan").results.is_dir()


def test_a_folder_with_other_files_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.docx").write_text("x")
    with pytest.raises(DataError) as caught:
        Workspace.create(tmp_path, "hunan")
    assert code(caught) == "folder_in_use"
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.docx"]
    with pytest.raises(DataError) as caught:
        Workspace.create(tmp_path / "thesis.docx", "hunan")
    assert code(caught) == "folder_in_use"


def test_a_workspace_keeps_its_province(workspace: Workspace) -> None:
    before = (workspace.path / "tanlu.toml").read_bytes()
    with pytest.raises(DataError) as caught:
        Workspace.create(workspace.path, "hubei")
    assert code(caught) == "other_province"
    assert (workspace.path / "tanlu.toml").read_bytes() == before


@pytest.mark.parametrize(
    ("content", "expected"), [(None, "no_workspace"), ("province = [", "not_toml"), ('name = "x"\n', "missing_key")]
)
def test_what_is_no_workspace_says_why(tmp_path: Path, content: str | None, expected: str) -> None:
    if content is not None:
        (tmp_path / "tanlu.toml").write_text(content)
    with pytest.raises(DataError) as caught:
        Workspace.open(tmp_path)
    assert code(caught) == expected


def test_two_runs_are_kept_and_latest_is_the_second(workspace: Workspace) -> None:
    with pytest.raises(DataError) as caught:
        workspace.latest()
    assert code(caught) == "no_run"
    write_run(workspace, "2026-01-01")
    write_run(workspace, "2026-01-02")
    assert workspace.runs() == ["2026-01-01", "2026-01-02"]
    assert workspace.latest().name == "2026-01-02"
    assert (workspace.results / "latest" / "totals.csv").read_text() == "2026-01-02\n"
    assert (workspace.run_folder("2026-01-01") / "totals.csv").read_text() == "2026-01-01\n"
    with pytest.raises(DataError) as caught:
        workspace.run_folder("2026-01-03")
    assert code(caught) == "unknown_choice"


def test_latest_is_a_copy_where_there_are_no_links(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal of the file system is played; everything else is real."""

    def refuse(*args: object, **kwargs: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuse)
    write_run(workspace, "1")
    write_run(workspace, "2")
    latest = workspace.results / "latest"
    assert not latest.is_symlink() and (latest / "totals.csv").read_text() == "2\n"
    assert workspace.runs() == ["1", "2"]


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_error_in_the_middle_leaves_nothing(workspace: Workspace, error: type[BaseException]) -> None:
    write_run(workspace, "first")
    with pytest.raises(error), workspace.staging("second") as folder:
        (folder / "manifest.json").write_text("{}")
        raise error
    assert sorted(p.name for p in workspace.results.iterdir()) == ["first", "latest"]
    assert workspace.latest().name == "first"


def test_a_run_that_exists_is_not_overwritten(workspace: Workspace) -> None:
    write_run(workspace, "one")
    with pytest.raises(OSError):
        write_run(workspace, "one")
    assert sorted(p.name for p in workspace.results.iterdir()) == ["latest", "one"]


def test_a_killed_run_leaves_no_run_and_is_swept_by_the_next(workspace: Workspace) -> None:
    write_run(workspace, "before")
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(workspace.path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    staging = workspace.results / child.stdout.readline().strip()
    assert (staging / "inventory.csv").is_file()
    assert workspace.stale_staging() == [], "a run that is under way is not stale"
    child.send_signal(signal.SIGKILL)
    child.wait(timeout=30)
    child.stdout.close()
    assert workspace.runs() == ["before"] and workspace.latest().name == "before"
    assert workspace.stale_staging() == [staging]
    write_run(workspace, "later")
    assert sorted(p.name for p in workspace.results.iterdir()) == ["before", "later", "latest"]


def test_a_run_under_way_is_not_swept_by_another(workspace: Workspace) -> None:
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(workspace.path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    try:
        staging = workspace.results / child.stdout.readline().strip()
        write_run(workspace, "other")
        assert (staging / "inventory.csv").is_file()
    finally:
        child.kill()
        child.wait(timeout=30)
        child.stdout.close()


def test_a_reader_sees_the_old_text_or_the_new_never_a_part(tmp_path: Path) -> None:
    path, texts = tmp_path / "a.txt", {"a" * 300_000, "b" * 300_000}
    write_atomically(path, "a" * 300_000)
    done = threading.Event()

    def write() -> None:
        for letter in "bababab":
            write_atomically(path, letter * 300_000)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    seen = set()
    while not done.is_set():
        seen.add(path.read_text(encoding="utf-8"))
    writer.join()
    assert seen <= texts and path.read_text(encoding="utf-8") == "b" * 300_000
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"], f"nothing of {os.getpid()} is left"


def test_every_room_with_migrations_is_opened_with_the_records_of_a_workspace(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = Path(tanlu.__file__).parent
    kept = {
        ".".join(("tanlu", *p.parts[:-2]))
        for p in (f.relative_to(package) for f in package.glob("**/migrations/versions"))
    }
    assert kept == set(rooms_with_tables())
    monkeypatch.setenv("TANLU_DATABASE", f"sqlite:///{workspace.path / 'elsewhere.db'}")
    records = open_records(workspace.path)
    records.close()
    assert (workspace.path / "elsewhere.db").is_file()
    assert not (workspace.path / "records.db").exists()
    assert {"organisation.read", "registry.read"} <= records.rights.table.keys()
