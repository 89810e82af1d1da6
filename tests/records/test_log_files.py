"""Tiles, notes, witnesses and receipts on disk, by the formats of C2SP."""

from __future__ import annotations

import base64
import json
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tanlu.core.errors import DataError
from tanlu.records.log import (
    Checkpoint,
    ForkError,
    LeafNodes,
    NotCanonicalError,
    Note,
    NoteError,
    ProofError,
    Receipt,
    ReceiptError,
    SigningKey,
    TileError,
    Tiles,
    VerifierKey,
    Witness,
    canonical,
    commitment,
    consistency_path,
    cosigners,
    inclusion_path,
    leaf_hash,
    open_checkpoint,
    require_quorum,
    root_of,
    tile_path,
    verify_receipt,
)
from tanlu.records.log.notes import COSIGNATURE_ED25519, COSIGNATURE_MLDSA44, cosigned_message

LOG = SigningKey.generate("log.example/records")


def entries(size: int, start: int = 0) -> list[bytes]:
    return [sha256(str(i).encode()).digest() for i in range(start, start + size)]


def leaves(size: int) -> list[bytes]:
    return [leaf_hash(e) for e in entries(size)]


def signed(size: int, root: bytes | None = None) -> str:
    return str(LOG.note(Checkpoint(LOG.name, size, root or root_of(leaves(size))).body()))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({"b": 1, "a": [None, True, False, -0, "é"]}, '{"a":[null,true,false,0,"é"],"b":1}'),
        ('\x00\x1f\x7f\b\t\n\f\r"\\/', '"\\u0000\\u001f\x7f\\b\\t\\n\\f\\r\\"\\\\/"'),
        # RFC 8785, 3.2.3: the example of sorting by UTF-16 code units
        (
            {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": 7},
            '{"\\r":2,"1":4,"\x80":6,"ö":7,"€":1,"\U0001f600":5,"\ufb33":3}',
        ),
    ],
)
def test_canonical_json_of_the_rfc(value: object, text: str) -> None:
    assert canonical(value).decode() == text


@pytest.mark.parametrize("value", [1.0, 2**53, {1: 2}, {"a": {"b": float("nan")}}, b"", "\ud800"])
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    with pytest.raises(NotCanonicalError):
        canonical(value)


plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=50)
@given(plain)
def test_canonical_json_reads_back(value: object) -> None:
    try:
        written = canonical(value)
    except NotCanonicalError:
        with pytest.raises(UnicodeEncodeError):
            json.dumps(value, ensure_ascii=False).encode()
        return
    assert json.loads(written) == value and canonical(json.loads(written)) == written


def test_tile_paths_of_the_specification() -> None:
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path("entries", 0, 17) == "tile/entries/000.p/17"


@settings(max_examples=12)
@given(st.lists(st.integers(1, 400), min_size=1, max_size=4))
def test_tiles_grow_to_the_same_files_however_they_are_appended(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("tiles")
    tiles, size = Tiles(folder / "steps"), 0
    for step in steps:
        before, size = size, tiles.append(size, entries(step, size))
        tiles.prune(before)
        assert tiles.root(size) == root_of(leaves(size))
    at_once = Tiles(folder / "once")
    at_once.append(0, entries(size))
    assert tiles.check(size) == at_once.check(size) == entries(size)
    assert not [p for p in tiles.folder.rglob("*.p") if p.with_suffix("").is_file()]
    for index in {0, size // 2, size - 1}:
        path = inclusion_path(index, size, lambda level, at: tiles.node(size, level, at))
        assert path == inclusion_path(index, size, LeafNodes(leaves(size)))


def test_tiles_of_the_size_that_the_specification_counts(tmp_path: Path) -> None:
    """Size 70,000: 273 full tiles and one of width 112 at level 0, one full and one of 17 at level 1, one of width 1 at level 2."""
    tiles = Tiles(tmp_path)
    tiles.append(0, [bytes(32)] * 70_000)
    names = {str(p.relative_to(tmp_path / "tile")) for p in tmp_path.glob("tile/[0-9]/**/*") if p.is_file()}
    assert len([n for n in names if n.startswith("0/") and ".p" not in n]) == 273
    assert {n for n in names if ".p" in n or not n.startswith("0/")} == {
        "0/273.p/112",
        "1/000",
        "1/001.p/17",
        "2/000.p/1",
    }
    same = [leaf_hash(bytes(32))] * 70_000
    assert tiles.root(70_000) == root_of(same)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [
        ("tile/0/000", lambda b: b[:-1]),
        ("tile/0/001.p/44", lambda b: bytes(32) + b[32:]),
        ("tile/1/000.p/1", lambda b: bytes(32)),
        ("tile/entries/000", lambda b: b[:2] + bytes(32) + b[34:]),
        ("tile/entries/000", lambda b: b"\x00\x21" + b[2:]),
        ("tile/entries/001.p/44", None),
    ],
)
def test_a_damaged_tile_is_named(tmp_path: Path, name: str, spoil: object) -> None:
    tiles = Tiles(tmp_path)
    tiles.append(0, entries(300))
    file = tmp_path / name
    if callable(spoil):
        file.write_bytes(spoil(file.read_bytes()))
    else:
        file.unlink()
    with pytest.raises(TileError) as error:
        tiles.check(300)
    level = (
        "0"
        if "entries/000" in name and spoil is not None and len(file.read_bytes()) and file.read_bytes()[:2] == b"\0 "
        else ""
    )
    assert error.value.tile == (f"tile/{level}/000" if level else name)


def test_a_checkpoint_is_believed_only_from_its_key() -> None:
    written = signed(5)
    checkpoint, note = open_checkpoint(written, LOG.verifier)
    assert (checkpoint.size, checkpoint.root) == (5, root_of(leaves(5)))
    assert str(note) == written and VerifierKey.parse(str(LOG.verifier)) == LOG.verifier
    stranger = SigningKey.generate(LOG.name)
    for wrong in (stranger.verifier, SigningKey.generate("other").verifier):
        with pytest.raises(NoteError):
            open_checkpoint(written, wrong)
    with pytest.raises(NoteError):
        open_checkpoint(written.replace("\n5\n", "\n6\n"), LOG.verifier)
    other_origin = str(LOG.note(Checkpoint("elsewhere", 5, bytes(32)).body()))
    with pytest.raises(NoteError):
        open_checkpoint(other_origin, LOG.verifier)


GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_SECRET = "AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_LINE = (
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
"""Key and note of the reference implementation (golang.org/x/mod/sumdb/note, note_test.go); Ed25519 is deterministic."""


def test_key_and_note_of_the_reference_implementation() -> None:
    key = VerifierKey.parse(GO_KEY)
    assert (key.name, key.key_id.hex(), str(key)) == ("PeterNeumann", "c74f20a3", GO_KEY)
    assert Note.parse(f"{GO_TEXT}\n{GO_LINE}").signed_by(key)
    private = Ed25519PrivateKey.from_private_bytes(base64.b64decode(GO_SECRET)[1:])
    assert SigningKey("PeterNeumann", 1, private).sign(GO_TEXT).line() == GO_LINE
    with pytest.raises(NoteError):
        Note.parse(f"{GO_TEXT.lower()}\n{GO_LINE}").signed_by(key)
    with pytest.raises(NoteError):
        Note.parse(f"{GO_TEXT}\n{GO_LINE.replace('nAM=', 'nAN=')}")


def test_no_part_and_no_slip_of_a_key_is_a_key() -> None:
    """As note_test.go does: every piece of the line, and every line with one byte raised by one."""
    pieces = [
        GO_KEY[i:j] for i in range(len(GO_KEY)) for j in range(i + 1, len(GO_KEY) + 1) if (i, j) != (0, len(GO_KEY))
    ]
    slips = [GO_KEY[:i] + chr(ord(GO_KEY[i]) + 1) + GO_KEY[i + 1 :] for i in range(len(GO_KEY))]
    for bad in [*pieces, *slips]:
        with pytest.raises(NoteError):
            VerifierKey.parse(bad)


def test_what_a_cosigner_signs_byte_by_byte() -> None:
    """C2SP tlog-cosignature: the two messages written out by hand."""
    text = "log\n7\n" + "A" * 43 + "=\n"
    assert cosigned_message(VerifierKey("w", COSIGNATURE_ED25519, bytes(32)), text, 1679315147) == (
        b"cosignature/v1\ntime 1679315147\n" + text.encode()
    )
    assert cosigned_message(VerifierKey("w", COSIGNATURE_MLDSA44, bytes(1312)), text, 258) == (
        b"subtree/v1\n\x00" + b"\x01w" + bytes(6) + b"\x01\x02" + b"\x03log" + bytes(8) + bytes(7) + b"\x07" + bytes(32)
    )


@pytest.mark.parametrize(
    "written",
    [
        "",
        "a\n\n",
        "a\n\nb\n",
        "a\n\n\u2014 n AAAA\n",
        "a\n\n\u2014 n AAAAAAAA",
        "a\n\n\u2014 n !\n",
        "a\x07\n\n\u2014 n AAAAAAAA\n",
    ],
)
def test_malformed_notes_are_refused(written: str) -> None:
    with pytest.raises(NoteError):
        Note.parse(written)


@pytest.mark.parametrize(
    "body", ["a\n1\n", "a\n01\n" + "A" * 43 + "=\n", "a\n-1\n" + "A" * 43 + "=\n", "a\n1\nAAAA\n", "a\n1\n\n"]
)
def test_malformed_checkpoints_are_refused(body: str) -> None:
    with pytest.raises(NoteError):
        Checkpoint.parse(body)


@pytest.mark.parametrize(
    "key",
    ["", "a", "a+00000000+AAAA", "a b+00+AQ==", f"n+00000000+{base64.b64encode(bytes([1]) + bytes(32)).decode()}"],
)
def test_malformed_keys_are_refused(key: str) -> None:
    with pytest.raises(NoteError):
        VerifierKey.parse(key)


def test_a_key_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "keys" / "log.pem"
    LOG.save(file)
    assert file.stat().st_mode & 0o777 == 0o600
    assert SigningKey.load(file, LOG.name).verifier == LOG.verifier
    with pytest.raises(FileExistsError):
        LOG.save(file)
    file.chmod(0o644)
    (tmp_path / "junk.pem").write_bytes(b"junk")
    (tmp_path / "junk.pem").chmod(0o600)
    for bad, code in (
        (file, "key_open_to_others"),
        (tmp_path / "none", "no_key"),
        (tmp_path / "junk.pem", "not_a_key"),
    ):
        with pytest.raises(DataError) as error:
            SigningKey.load(bad, LOG.name)
        assert error.value.problems[0].code == code


@pytest.mark.parametrize("algorithm", [COSIGNATURE_ED25519, COSIGNATURE_MLDSA44])
def test_a_witness_refuses_a_fork_and_keeps_the_evidence(tmp_path: Path, algorithm: int) -> None:
    witness = Witness(SigningKey.generate("witness.example/w", algorithm), tmp_path / "seen.json")
    first = witness.cosign(signed(5), LOG.verifier, [], 100)
    proof = consistency_path(5, 9, LeafNodes(leaves(9)))
    second = witness.cosign(signed(9), LOG.verifier, proof, 200)
    note = Note.parse(signed(9) + second.line())
    assert cosigners(note, [witness.key.verifier]) == ["witness.example/w"]
    with pytest.raises(NoteError):
        cosigners(Note.parse(signed(9) + first.line()), [witness.key.verifier])
    # a second history of the same log, signed by the log's own key
    other = [leaf_hash(e) for e in entries(12, start=1)]
    forged = signed(12, root_of(other))
    with pytest.raises(ForkError) as error:
        witness.cosign(forged, LOG.verifier, consistency_path(9, 12, LeafNodes(other)), 300)
    assert (error.value.seen, error.value.shown) == (signed(9), forged)
    for shrunk, path in ((signed(5), []), (signed(9, bytes(32)), [])):
        with pytest.raises(ForkError):
            witness.cosign(shrunk, LOG.verifier, path, 300)
    assert witness.last(LOG.name) == signed(9)
    witness.cosign(signed(9), LOG.verifier, [], 400)


def test_k_of_n_witnesses() -> None:
    keys = [SigningKey.generate(f"witness.example/{i}", COSIGNATURE_ED25519) for i in range(3)]
    body = Checkpoint(LOG.name, 5, root_of(leaves(5))).body()
    lines = [k.sign(body, 7) for k in keys[:2]]
    note = Note(body, (LOG.sign(body), *lines, lines[0]))
    trusted = [k.verifier for k in keys]
    assert require_quorum(note, trusted, 2) == ["witness.example/0", "witness.example/1"]
    with pytest.raises(NoteError):
        require_quorum(note, trusted, 3)


def receipt_of(index: int, size: int) -> Receipt:
    salts = [bytes([i]) * 32 for i in range(size)]
    events = [canonical({"sequence": i, "action": "test"}) for i in range(size)]
    hashes = [leaf_hash(commitment(s, e)) for s, e in zip(salts, events, strict=True)]
    path = inclusion_path(index, size, LeafNodes(hashes))
    return Receipt(index, events[index], salts[index], path, signed(size, root_of(hashes)))


@settings(max_examples=25)
@given(st.integers(1, 30), st.data())
def test_a_receipt_is_a_text_that_proves_itself(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    receipt, checkpoint = verify_receipt(str(receipt_of(index, size)), LOG.verifier)
    assert receipt.content()["sequence"] == index and checkpoint.size == size


def test_a_changed_receipt_proves_nothing() -> None:
    good = receipt_of(3, 8)
    forged = Receipt(3, good.event.replace(b"test", b"tost"), good.salt, good.path, good.checkpoint)
    moved = Receipt(4, good.event, good.salt, good.path, good.checkpoint)
    unsalted = Receipt(3, good.event, bytes(32), good.path, good.checkpoint)
    for bad in (forged, moved, unsalted):
        with pytest.raises(ProofError):
            verify_receipt(str(bad), LOG.verifier)
    for text in (
        "",
        str(good).replace("@v1", "@v2"),
        str(good).replace("index 3", "index 03"),
        str(good).replace("extra ", "extra !"),
    ):
        with pytest.raises(ReceiptError):
            verify_receipt(text, LOG.verifier)
    with pytest.raises(NoteError):
        verify_receipt(str(good), LOG.verifier, [], 1)
