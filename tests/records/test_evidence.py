"""Evidence: by content, never by name; nothing stays behind of what is refused."""

from __future__ import annotations

import io
import zipfile
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tanlu.records.database import Database
from tanlu.records.evidence import (
    EvidenceStore,
    add_evidence,
    display_name,
    evidence_of,
    scanner_command,
)
from tanlu.records.refusals import RefusedError

PDF = b"%PDF-1.7\n%%EOF\n"


def archive(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(name.replace("__", "/").replace("TYPES", "[Content_Types].xml"), content)
    return out.getvalue()


SHEET = archive(TYPES=b"<Types/>", xl__workbook=b"x")


@pytest.fixture
def store(tmp_path: Path) -> EvidenceStore:
    """A store with a small size limit."""
    return EvidenceStore(tmp_path / "evidence", largest=200_000)


def files(store: EvidenceStore) -> list[str]:
    return sorted(str(p.relative_to(store.folder)) for p in store.folder.rglob("*") if p.is_file())


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PDF, "application/pdf"),
        (b"\x89PNG\r\n\x1a\n" + bytes(9), "image/png"),
        (b"\xff\xd8\xff\xe0" + bytes(9), "image/jpeg"),
        (SHEET, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        (
            archive(TYPES=b"", word__document=b"x"),
            "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        ),
        ("单位,金额\n甲,1\n".encode(), "text/csv"),
        ("单位,金额\n甲,1\n".encode("gb18030"), "text/csv"),
    ],
)
def test_a_file_lies_under_its_hash(store: EvidenceStore, content: bytes, media_type: str) -> None:
    stored = store.put(content[i : i + 3] for i in range(0, len(content), 3))
    digest = sha256(content).hexdigest()
    assert (stored.sha256, stored.size, stored.media_type) == (digest, len(content), media_type)
    assert files(store) == [f"{digest[:2]}/{digest}"] and b"".join(store.read(digest)) == content
    assert store.put([content]) == stored and store.fault(digest, len(content)) is None


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "evidence_empty"),
        (b"%PDF-" + bytes(200_000), "evidence_size"),
        (b"MZ\x90\x00" + bytes(50), "evidence_type"),
        (b"#!/bin/sh\x00", "evidence_type"),
        (b"\xef\xbb\xbf\n <svg onload=alert(1)>", "evidence_type"),
        (archive(a=b"x"), "evidence_type"),
        (archive(TYPES=b"", **{"xl__vbaProject.bin": b"x"}), "evidence_type"),
        (SHEET[:-20], "evidence_damaged"),
        (archive(TYPES=b"", xl__big=bytes(9_000_000)), "evidence_bomb"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(50), "evidence_type"),
    ],
)
def test_what_is_refused_leaves_nothing_behind(store: EvidenceStore, content: bytes, code: str) -> None:
    with pytest.raises(RefusedError) as error:
        store.put([content])
    assert [p.code for p in error.value.problems] == [code]
    assert files(store) == []


def test_an_upload_that_breaks_off_leaves_nothing_behind(store: EvidenceStore) -> None:
    def broken() -> object:
        yield PDF
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        store.put(broken())  # type: ignore[arg-type]
    assert files(store) == []


@pytest.mark.parametrize("digest", ["../../etc/passwd", "A" * 64, "", "0" * 63, "0" * 64 + "\n"])
def test_no_path_comes_from_outside(store: EvidenceStore, digest: str) -> None:
    with pytest.raises(RefusedError):
        store.path(digest)


def test_the_scanner_has_the_last_word(tmp_path: Path) -> None:
    for command, code in ((["false"], "scanner_refuses"), (["/no/such/scanner"], "scanner_fails")):
        store = EvidenceStore(tmp_path / "evidence", command)
        with pytest.raises(RefusedError) as error:
            store.put([PDF])
        assert error.value.problems[0].code == code and files(store) == []
    grep = EvidenceStore(tmp_path / "evidence", scanner_command("sh -c '! grep -q EICAR \"$0\"'"))
    grep.put([PDF])
    with pytest.raises(RefusedError):
        grep.put([PDF + b"EICAR"])
    assert scanner_command(["a", "b c"]) == ("a", "b c")


def test_one_file_proves_two_records(database: Database, store: EvidenceStore) -> None:
    stored = store.put([PDF])
    for subject in ("project:1", "project:2"):
        with database.change("li", "evidence.add", subject) as change:
            add_evidence(change, stored, subject, "..\\..\\合同\u202e.pdf")
    with database.read() as session:
        (found,) = evidence_of(session, "project:2")
    assert (found.sha256, found.label, found.added_by) == (stored.sha256, "合同.pdf", "li")


@given(st.text())
def test_shown_names_hold_no_paths_and_no_tricks(written: str) -> None:
    shown = display_name(written)
    assert 0 < len(shown) <= 200 and not set("/\\\n\r\t\u202e\x00") & set(shown) and shown not in {".", ".."}


def test_a_changed_or_missing_file_is_told(store: EvidenceStore) -> None:
    stored = store.put([PDF])
    path = store.path(stored.sha256)
    path.chmod(0o600)
    path.write_bytes(PDF[:-1])
    assert store.fault(stored.sha256, stored.size) == "changed"
    path.unlink()
    assert store.fault(stored.sha256, stored.size) == "missing"
    with pytest.raises(RefusedError):
        list(store.read(stored.sha256))
