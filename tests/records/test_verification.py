"""What was changed by hand is found, and the record is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import Connection
from tests.records.conftest import Server

from tanlu.core.errors import DataError
from tanlu.records.backup import back_up, copy_database
from tanlu.records.database import Database
from tanlu.records.erasure import erase_person
from tanlu.records.evidence import EvidenceStore, add_evidence
from tanlu.records.log import SigningKey, Witness, commitment, leaf_hash, root_of, verify_receipt
from tanlu.records.log.notes import COSIGNATURE_ED25519
from tanlu.records.offline import verify_folder
from tanlu.records.organisations import register_organisation
from tanlu.records.people import add_contact, register_person
from tanlu.records.place import Records
from tanlu.records.refusals import RefusedError
from tanlu.records.verification import verify

PDF = b"%PDF-1.7\n"
COPY = "SELECT {}, at, actor, action, subject, event, salt, commitment FROM log_entry WHERE sequence = 1"


def fill(records: Records) -> dict[str, str]:
    """Make a small record: two organisations, a person with an address, a file; return their ids."""
    database = records.database
    with database.change("system", "organisation.register", "organisation") as change:
        first = register_organisation(
            change, zh="某大学", kind="university", region="a/b", uscc=None, valid_from=date(2020, 1, 1)
        )
    with database.change("system", "organisation.register", "organisation") as change:
        second = register_organisation(
            change,
            zh="学院",
            kind="university",
            region="a/b",
            uscc=None,
            valid_from=date(2020, 1, 1),
            parent_id=first.id,
        )
    with database.change("system", "person.register", "person") as change:
        person = register_person(change, zh="张三")
        add_contact(change, person.id, "email", "zhang@example.org")
    stored = records.evidence.put([PDF])
    with database.change("system", "evidence.add", f"organisation:{first.id}") as change:
        add_evidence(change, stored, f"organisation:{first.id}", "证明.pdf")
    records.log.publish()
    return {"first": first.id, "second": second.id, "person": person.id, "file": stored.sha256}


@pytest.fixture(params=["sqlite", "postgresql"])
def workspace(request: pytest.FixtureRequest, tmp_path: Path, sqlite_template: Path) -> Path:
    """A workspace with an empty database."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    lines = ['province = "testland"', "[records]"]
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgresql")
        lines.append(f'database = "{server.fresh()}"')
    else:
        shutil.copy(sqlite_template, folder / "records.db")
    (folder / "tanlu.toml").write_text("\n".join(lines), encoding="utf-8")
    return folder


def check(records: Records) -> list[tuple[str, str]]:
    report = verify(records.log.folder, records.log.key.verifier, records.database, records.evidence)
    return [(f.kind, f.record) for f in report.faults]


def tamper(database: Database, *statements: str, by: Callable[[Connection], None] | None = None) -> None:
    """Write as somebody does who holds the database and removes what stands in the way."""
    engine = create_engine(database.url)
    with engine.begin() as connection:
        for trigger in ("log_entry_no_delete", "log_entry_no_update"):
            table = " ON log_entry" if database.dialect == "postgresql" else ""
            connection.execute(text(f"DROP TRIGGER IF EXISTS {trigger}{table}"))
        for statement in statements:
            connection.execute(text(statement))
        if by is not None:
            by(connection)
    engine.dispose()


def test_a_sound_record_is_sound_and_each_change_is_found(workspace: Path) -> None:
    records = Records.open(workspace)
    ids = fill(records)
    report = verify(records.log.folder, records.log.key.verifier, records.database, records.evidence)
    assert report.sound and (report.entries, report.checkpoint, report.files) == (4, 4, 1)
    assert report.root == records.database.frontier().root().hex()
    tamper(records.database, f"UPDATE organisation SET region = 'a/c' WHERE id = '{ids['second']}'")
    assert check(records) == [("row_changed", f"organisation {ids['second']}")]
    tamper(
        records.database,
        f"UPDATE organisation SET region = 'a/b' WHERE id = '{ids['second']}'",
        "DELETE FROM contact",
        f"INSERT INTO person SELECT 'x', zh, en, erased, row_salt FROM person WHERE id = '{ids['person']}'",
    )
    found = check(records)
    assert ("row_unlogged", "person x") in found and [k for k, _ in found].count("row_missing") == 1
    records.close()


def test_changed_entries_are_named(workspace: Path) -> None:
    records = Records.open(workspace)
    fill(records)
    tamper(records.database, "UPDATE log_entry SET event = replace(event, 'system', 'nobody') WHERE sequence = 1")
    assert check(records)[0] == ("entry_changed", "entry 1")
    tamper(
        records.database,
        "UPDATE log_entry SET event = replace(event, 'nobody', 'system') WHERE sequence = 1",
        "UPDATE log_entry SET subject = 'other' WHERE sequence = 2",
    )
    assert check(records) == [("entry_columns", "entry 2")]
    tamper(
        records.database,
        "UPDATE log_entry SET subject = 'person' WHERE sequence = 2",
        "UPDATE log_entry SET event = NULL, salt = NULL WHERE sequence = 3",
    )
    assert ("entry_emptied", "entry 3") in check(records)
    records.close()


@pytest.mark.parametrize(
    ("statement", "record"),
    [
        ("UPDATE organisation SET valid_from = 'spring'", "organisation "),
        ("UPDATE organisation SET row_salt = 7", "organisation "),
        ("UPDATE organisation SET region = x'ff'", "organisation "),
        ("UPDATE evidence_file SET added_at = 'x'", "evidence_file "),
        ("UPDATE log_entry SET at = 'yesterday' WHERE sequence = 2", "entry 2"),
        ("UPDATE log_entry SET event = 'x' WHERE sequence = 2", "entry 2"),
        ("UPDATE log_entry SET event = x'ff' WHERE sequence = 2", "entry 2"),
        ("UPDATE log_entry SET salt = 1 WHERE sequence = 2", "entry 2"),
        ("UPDATE log_entry SET commitment = 1 WHERE sequence = 2", "entry 2"),
        (f"INSERT INTO log_entry {COPY.format(10**15)}", f"entry {10**15}"),
        (f"INSERT INTO log_entry {COPY.format(-1)}", "entry -1"),
        ("DELETE FROM log_head", "log_head"),
        ("UPDATE log_head SET frontier = x'00'", "log_head"),
        ("UPDATE log_head SET size = 'many'", "log_head"),
    ],
)
def test_values_that_cannot_even_be_read_are_named(
    filled: tuple[Records, dict[str, str]], statement: str, record: str
) -> None:
    records, _ = filled
    tamper(records.database, statement)
    assert check(records)[0][1].startswith(record)


def test_a_forger_who_recomputes_everything_in_the_database_is_found_by_the_tiles(workspace: Path) -> None:
    records = Records.open(workspace)
    fill(records)

    def forge(connection: Connection) -> None:
        event, salt = connection.execute(text("SELECT event, salt FROM log_entry WHERE sequence = 1")).one()
        forged = event.replace("system", "nobody")
        values = {"e": forged, "c": commitment(bytes(salt), forged.encode())}
        connection.execute(
            text("UPDATE log_entry SET event = :e, actor = 'nobody', commitment = :c WHERE sequence = 1"), values
        )
        rows = connection.execute(text("SELECT commitment FROM log_entry ORDER BY sequence")).scalars()
        root = root_of([leaf_hash(bytes(c)) for c in rows])
        connection.execute(text("UPDATE log_head SET frontier = :f"), {"f": root})

    tamper(records.database, by=forge)
    found = check(records)
    assert found == [("leaf_differs", "entry 1")]
    with pytest.raises(RefusedError):
        with records.database.change("system", "a.b", "c"):
            pass
        records.log.publish()
    records.close()


def test_a_deleted_entry_and_a_rolled_back_database_are_found(workspace: Path) -> None:
    records = Records.open(workspace)
    fill(records)
    tamper(records.database, "DELETE FROM log_entry WHERE sequence = 1")
    assert check(records)[0] == ("entry_missing", "entry 1")
    tamper(records.database, "DELETE FROM log_entry WHERE sequence > 0", "UPDATE log_head SET size = 1")
    assert ("entry_missing", "entry 1") in check(records)
    records.close()


@pytest.fixture
def filled(tmp_path: Path, sqlite_template: Path) -> tuple[Records, dict[str, str]]:
    """A small record on SQLite."""
    folder = tmp_path / "workspace"
    folder.mkdir()
    shutil.copy(sqlite_template, folder / "records.db")
    (folder / "tanlu.toml").write_text('province = "testland"\n', encoding="utf-8")
    records = Records.open(folder)
    return records, fill(records)


def test_damaged_files_are_named(filled: tuple[Records, dict[str, str]]) -> None:
    records, ids = filled
    tile = records.log.folder / "tile/0/000.p/4"
    good = tile.read_bytes()
    tile.write_bytes(good[:-1])
    assert check(records)[0] == ("tile_wrong", "tile/0/000.p/4")
    tile.write_bytes(good)
    file = records.evidence.path(ids["file"])
    file.chmod(0o600)
    file.write_bytes(PDF + b"more")
    assert check(records) == [("file_changed", f"evidence {ids['file']}")]
    file.unlink()
    assert check(records) == [("file_missing", f"evidence {ids['file']}")]
    (records.log.folder / "checkpoint").write_text("x", encoding="utf-8")
    assert check(records)[0] == ("checkpoint_wrong", "checkpoint")
    (records.log.folder / "checkpoint").unlink()
    assert check(records)[0] == ("checkpoint_missing", "checkpoint")


def test_a_person_is_erased_and_the_record_stays_sound(filled: tuple[Records, dict[str, str]]) -> None:
    records, ids = filled
    erase_person(records.database, ids["person"], "system", "按本人要求", entries=[2])
    records.log.publish()
    report = verify(records.log.folder, records.log.key.verifier, records.database, records.evidence)
    assert report.sound and (report.entries, report.erased) == (6, 1)
    assert "zhang@example.org" not in str(_dump(records.database)) and "张三" not in str(_dump(records.database))


def _dump(database: Database) -> list[object]:
    with database.connection() as connection:
        return [
            row for t in ("person", "contact", "log_entry") for row in connection.execute(text(f"SELECT * FROM {t}"))
        ]


def test_an_erasure_that_was_announced_beforehand_does_not_count(filled: tuple[Records, dict[str, str]]) -> None:
    """Whoever may write entries could name a later one in advance and empty it by hand afterwards."""
    records, _ = filled
    with records.database.change("system", "log.erase", "log", details={"entries": [5]}):
        pass
    with records.database.change("system", "a.b", "c"):
        pass
    tamper(records.database, "UPDATE log_entry SET event = NULL, salt = NULL WHERE sequence = 5")
    assert check(records) == [("entry_emptied", "entry 5")]


def test_every_entry_has_a_receipt_that_holds_later(filled: tuple[Records, dict[str, str]]) -> None:
    records, _ = filled
    receipts = [records.log.receipt(i) for i in range(4)]
    with records.database.batch() as batch:
        for i in range(300):
            with batch.change("system", "a.b", str(i)):
                pass
    late = records.log.receipt(303)
    for text_ in (*receipts, late, records.log.receipt(0)):
        verify_receipt(text_, records.log.key.verifier)
    for missing in (304, -1):
        with pytest.raises(RefusedError):
            records.log.receipt(missing)


def test_a_witness_follows_the_log(filled: tuple[Records, dict[str, str]], tmp_path: Path) -> None:
    records, _ = filled
    witness = Witness(SigningKey.generate("witness.example/w", COSIGNATURE_ED25519), tmp_path / "seen.json")
    folder = records.folder / "tanlu.toml"
    folder.write_text(
        f'province = "testland"\n[records]\nwitnesses = ["{witness.key.verifier}"]\nquorum = 1\n', encoding="utf-8"
    )
    records = Records.open(records.folder)
    assert not verify_folder(records.folder).sound
    key = records.log.key.verifier
    records.log.add_cosignature(witness.cosign(records.log.checkpoint_text() or "", key, [], 1))
    report = verify_folder(records.folder)
    assert report.sound and report.cosigned_by == ["witness.example/w"]
    stranger = SigningKey.generate("stranger", COSIGNATURE_ED25519)
    with pytest.raises(RefusedError):
        records.log.add_cosignature(stranger.sign(records.log.checkpoint_text() or "", 1))
    with records.database.change("system", "a.b", "c"):
        pass
    records.log.publish()
    records.log.add_cosignature(witness.cosign(records.log.checkpoint_text() or "", key, records.log.consistency(4), 2))
    assert verify_receipt(records.log.receipt(4), key, [witness.key.verifier], 1)
    records.close()


def test_a_backup_is_verified_without_keys_and_put_back_into_the_other_database(
    filled: tuple[Records, dict[str, str]], tmp_path: Path, postgresql: Server
) -> None:
    records, ids = filled
    assert back_up(records, tmp_path / "backup") == 4
    assert verify_folder(tmp_path / "backup", str(records.log.key.verifier), copy=True).sound
    assert not list((tmp_path / "backup").rglob("*.pem")) and not list((tmp_path / "backup").rglob("vault.key"))
    # bytes 18 and 19 of the header: 1 is a rollback journal, which needs no writing to be read; 2 a write-ahead log
    assert (tmp_path / "backup" / "records.db").read_bytes()[18:20] == b"\x01\x01"
    public = verify_folder(tmp_path / "backup" / "log", str(records.log.key.verifier))
    assert public.sound and public.entries == 4
    assert (tmp_path / "backup" / "tanlu.toml").read_text(encoding="utf-8").count("database") == 0
    with pytest.raises(RefusedError):
        back_up(records, tmp_path / "backup")
    copy = Database.open_copy(tmp_path / "backup" / "records.db")
    address = postgresql.fresh()
    assert copy_database(copy, address) == 4
    moved = Database.open(address)
    report = verify(
        tmp_path / "backup" / "log", records.log.key.verifier, moved, EvidenceStore(tmp_path / "backup/evidence")
    )
    assert report.sound and report.rows == 8
    with moved.change("system", "a.b", "c"):
        pass
    assert moved.size() == 5
    with pytest.raises(RefusedError):
        copy_database(copy, address)
    moved.close()
    copy.close()
    engine = create_engine(f"sqlite:///{tmp_path / 'backup' / 'records.db'}")
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE person SET zh = '李四' WHERE id = '{ids['person']}'"))
    engine.dispose()
    (fault,) = verify_folder(tmp_path / "backup", copy=True).faults
    assert fault.record == f"person {ids['person']}" and "entry 2" in fault.text("en")


def test_a_damaged_database_file_is_refused(filled: tuple[Records, dict[str, str]], tmp_path: Path) -> None:
    records, _ = filled
    back_up(records, tmp_path / "backup")
    file = tmp_path / "backup" / "records.db"
    whole = file.read_bytes()
    for damaged in (b"no database", whole[: len(whole) // 3], whole[:4096] + bytes(4096 * 8) + whole[4096 * 9 :]):
        file.write_bytes(damaged)
        with pytest.raises(DataError) as error:
            report = verify_folder(tmp_path / "backup", copy=True)
            assert not report.sound
            raise DataError([])
        assert all(p.code == "no_database" for p in error.value.problems)


def test_a_log_that_has_begun_is_never_given_another_key(filled: tuple[Records, dict[str, str]]) -> None:
    records, _ = filled
    records.close()
    key = records.folder / "keys" / "log.pem"
    key.rename(key.with_suffix(".away"))
    with pytest.raises(DataError) as error:
        Records.open(records.folder)
    assert error.value.problems[0].code == "no_key"
    SigningKey.generate(records.log.key.name).save(key)
    with pytest.raises(RefusedError) as refused:
        Records.open(records.folder)
    assert refused.value.problems[0].code == "other_key"


def test_a_log_folder_that_is_gone_is_written_again_with_the_same_key_only(
    filled: tuple[Records, dict[str, str]],
) -> None:
    records, _ = filled
    before = records.log.checkpoint()
    records.close()
    shutil.rmtree(records.log.folder)
    key = records.folder / "keys" / "log.pem"
    key.rename(key.with_suffix(".away"))
    with pytest.raises(DataError) as error:
        Records.open(records.folder)
    assert error.value.problems[0].code == "no_key"
    key.with_suffix(".away").rename(key)
    again = Records.open(records.folder)
    assert again.log.publish() == before and verify_folder(records.folder).sound
    again.close()


def test_all_faults_of_the_settings_are_told(tmp_path: Path) -> None:
    (tmp_path / "tanlu.toml").write_text(
        'province = "x"\n[records]\nscaner = "x"\nlargest_mb = "many"\nwitnesses = ["a"]\nquorum = 2\n',
        encoding="utf-8",
    )
    with pytest.raises(DataError) as error:
        Records.open(tmp_path)
    assert [p.code for p in error.value.problems] == ["unknown_key", "not_a_key", "quorum", "not_an_integer"]
    assert not (tmp_path / "keys").exists()
