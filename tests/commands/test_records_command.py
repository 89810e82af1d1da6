"""`tanlu records`: a workspace from its making to its verification, in both languages."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tanlu.cli import app
from tanlu.records.log import Checkpoint, SigningKey

RUNNER = CliRunner()


@pytest.fixture(autouse=True)
def no_waiting_for_the_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out ``fsync``: no test can cause a loss of power."""
    monkeypatch.setattr(os, "fsync", lambda file: None)


def call(*words: object, code: int = 0) -> str:
    done = RUNNER.invoke(app, ["records", *map(str, words)])
    assert done.exit_code == code, done.output
    return done.output


def test_the_life_of_a_workspace(tmp_path: Path) -> None:
    out = ("--out", tmp_path / "w")
    made = json.loads(call("init", *out, "--admin", "chief", "--json"))
    assert made["entries"] == 1 and len(made["password"]) > 12
    assert "already" in call("init", *out, "--admin", "other", "--lang", "en", code=2)
    assert json.loads(call("checkpoint", *out, "--json"))["size"] == 1
    report = json.loads(call("verify", *out, "--json"))
    assert (report["sound"], report["entries"], report["first_bad_record"]) == (True, 1, None)
    assert report["root"] in call("verify", *out, "--lang", "en") and "完好" in call("verify", *out)
    file = tmp_path / "0.tlog-proof"
    call("receipt", 0, *out, "--save", file)
    assert call("receipt", 0, *out) == file.read_text(encoding="utf-8")
    assert "role.first_admin" in call("check-receipt", file, "--key", made["verifier"], "--lang", "en")
    call("receipt", 9, *out, code=2)
    call("backup", tmp_path / "b", *out)
    # the key of a file that is not there is no key
    call("verify", "--folder", tmp_path / "b", "--key", "", code=2)
    call("backup", tmp_path / "b", *out, code=2)
    assert json.loads(call("verify", "--folder", tmp_path / "b", "--key", made["verifier"], "--json"))["sound"]
    with sqlite3.connect(tmp_path / "w" / "records.db") as connection:
        connection.execute("UPDATE person SET zh = 'somebody else'")
    changed = json.loads(call("verify", *out, "--json", code=1))
    assert changed["first_bad_record"].startswith("person ")
    file.write_text(file.read_text(encoding="utf-8").replace("index 0", "index 1"), encoding="utf-8")
    assert not json.loads(call("check-receipt", file, "--key", made["verifier"], "--json", code=1))["valid"]


def test_what_is_no_workspace_is_refused(tmp_path: Path) -> None:
    for words in (("checkpoint", "--out", tmp_path), ("receipt", 0, "--out", tmp_path), ("verify", "--out", tmp_path)):
        assert "problems" in json.loads(call(*words, "--json", code=2))
    assert not list(tmp_path.iterdir())


def test_a_witness_cosigns_and_refuses_another_history(tmp_path: Path) -> None:
    out = ("--out", tmp_path / "w")
    made = json.loads(call("init", *out, "--admin", "chief", "--json"))
    call("checkpoint", *out)
    asked = (
        "witness",
        tmp_path / "w" / "log",
        "--key",
        made["verifier"],
        "--name",
        "w.example",
        "--folder",
        tmp_path / "own",
    )
    first = json.loads(call(*asked, "--json"))
    config = tmp_path / "w" / "tanlu.toml"
    settings = f"[records]\nwitnesses = ['{first['verifier']}']\nquorum = 1\n"
    config.write_text(config.read_text(encoding="utf-8") + settings, encoding="utf-8")
    assert not json.loads(call("verify", *out, "--json", code=1))["sound"]
    call("cosignature", first["line"], *out)
    assert json.loads(call("verify", *out, "--json"))["cosigned_by"] == ["w.example"]
    call("cosignature", "nonsense", *out, code=2)
    call("backup", tmp_path / "b", *out)
    for name in ("log", "evidence", "records.db", "records.db-wal", "records.db-shm"):
        path = tmp_path / "w" / name
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
    assert json.loads(call("restore", tmp_path / "b", *out, "--json"))["entries"] == 1
    assert json.loads(call("verify", *out, "--json"))["sound"]
    call("restore", tmp_path / "b", *out, code=2)
    # the same key begins another history
    shutil.rmtree(tmp_path / "w" / "log")
    (tmp_path / "w" / "records.db").unlink()
    with sqlite3.connect(tmp_path / "b" / "records.db") as connection:
        connection.execute("DELETE FROM log_head")
    call("restore", tmp_path / "b", *out, code=2)
    checkpoint = tmp_path / "b" / "log" / "checkpoint"
    key = SigningKey.load(tmp_path / "w" / "keys" / "log.pem", made["origin"])
    checkpoint.write_text(str(key.note(Checkpoint(key.name, 1, bytes(32)).body())), encoding="utf-8")
    forked = ("witness", tmp_path / "b" / "log", *asked[2:])
    assert "two roots" in json.loads(call(*forked, "--json", code=1))["reason"]
