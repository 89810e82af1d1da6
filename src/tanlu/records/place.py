"""The system of record of a workspace: database, log, evidence, keys and rights behind one door.

``tanlu.toml`` may say, under ``[records]``: ``database`` (URL; ``records.db`` in the folder by default), ``scanner`` (command),
``largest_mb`` (size limit of evidence), ``witnesses`` (verifier keys), ``quorum`` (how many must cosign) and ``checkpoint_seconds`` (how
often the portal signs a checkpoint, 0 for never). The environment variable
``TANLU_DATABASE`` comes before the URL of the file, so that a password need not stand in it.
"""

from __future__ import annotations

import os
import secrets
import tomllib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError, Problem
from tanlu.records.checkpointing import EVERY
from tanlu.records.database import ROOMS, Database
from tanlu.records.evidence import LARGEST, MEGABYTE, EvidenceStore, scanner_command
from tanlu.records.log.keys import SigningKey
from tanlu.records.log.notes import NoteError, VerifierKey
from tanlu.records.log.tiles import CHECKPOINT, write_file
from tanlu.records.login import Logins
from tanlu.records.publication import VERIFIER, LogFolder
from tanlu.records.refusals import RefusedError
from tanlu.records.roles import Rights, load_rights
from tanlu.records.vault import Vault

CONFIG: Final = "tanlu.toml"
DATABASE: Final = "records.db"
LOG: Final = "log"
EVIDENCE: Final = "evidence"
KEYS: Final = "keys"
LOG_KEY: Final = "log.pem"
VAULT_KEY: Final = "vault.key"
DATABASE_VARIABLE: Final = "TANLU_DATABASE"
_SETTINGS: Final = {"database", "scanner", "largest_mb", "witnesses", "quorum", "checkpoint_seconds"}


@dataclass(frozen=True, slots=True)
class Settings:
    """What ``[records]`` of the configuration says."""

    province: str
    database: str
    scanner: tuple[str, ...] = ()
    largest: int = LARGEST
    witnesses: tuple[VerifierKey, ...] = field(default=())
    quorum: int = 0
    checkpoint_seconds: int = EVERY


def read_settings(folder: Path) -> Settings:
    """Read the configuration of a workspace.

    Raises
    ------
    DataError
        If the folder is no workspace, or with every setting that cannot be used.
    """
    path = folder / CONFIG
    if not path.is_file():
        raise DataError([Problem("no_workspace", str(folder), value=str(folder))])
    try:
        written = tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise DataError([Problem("not_toml", CONFIG, details={"reason": str(error)})]) from None
    part: dict[str, Any] = written.get("records", {})
    allowed = ", ".join(sorted(_SETTINGS))
    problems = [
        Problem("unknown_key", CONFIG, field=f"records.{key}", details={"allowed": allowed})
        for key in part.keys() - _SETTINGS
    ]
    witnesses = []
    for line in part.get("witnesses", []):
        try:
            witnesses.append(VerifierKey.parse(str(line)))
        except NoteError as error:
            reason = {"reason": str(error)}
            problems.append(
                Problem("not_a_key", CONFIG, field="records.witnesses", value=str(line)[:60], details=reason)
            )
    quorum = part.get("quorum", 0)
    if not isinstance(quorum, int) or not 0 <= quorum <= len({w.name for w in witnesses}):
        count = {"count": len(witnesses)}
        problems.append(Problem("quorum", CONFIG, field="records.quorum", value=str(quorum), details=count))
    megabytes = part.get("largest_mb", LARGEST // MEGABYTE)
    if not isinstance(megabytes, int) or megabytes < 1:
        problems.append(Problem("not_an_integer", CONFIG, field="records.largest_mb", value=str(megabytes)))
    seconds = part.get("checkpoint_seconds", EVERY)
    if not isinstance(seconds, int) or isinstance(seconds, bool) or seconds < 0:
        problems.append(Problem("not_an_integer", CONFIG, field="records.checkpoint_seconds", value=str(seconds)))
    if problems:
        raise DataError(problems)
    return Settings(
        str(written.get("province", "")),
        os.environ.get(DATABASE_VARIABLE) or str(part.get("database") or f"sqlite:///{(folder / DATABASE).absolute()}"),
        scanner_command(part.get("scanner", ())),
        megabytes * MEGABYTE,
        tuple(witnesses),
        quorum,
        seconds,
    )


@dataclass(frozen=True)
class Records:
    """The open system of record.

    Parameters
    ----------
    folder : Path
        Workspace.
    database, log, evidence, logins, rights
        Its parts.
    """

    folder: Path
    settings: Settings
    database: Database
    log: LogFolder
    evidence: EvidenceStore
    logins: Logins
    rights: Rights

    @classmethod
    def open(cls, folder: Path, *, rooms: Sequence[str] = ROOMS, permissions: Sequence[Path] = ()) -> Records:
        """Open the system of record of a workspace; the first time, keys and database are made.

        Parameters
        ----------
        rooms : sequence of str
            Packages whose tables the database holds.
        permissions : sequence of Path
            Tables of rights of further rooms.

        Raises
        ------
        DataError
            If the configuration, a key, the database or a table of rights cannot be used. A log that has begun is never given a new key.
        """
        settings = read_settings(folder)
        rights = load_rights(permissions=permissions)
        verifier = published_key(folder / LOG)
        origin = verifier.name if verifier else f"tanlu/{settings.province}/{secrets.token_hex(4)}"
        database = Database.open(settings.database, rooms=rooms, origin=origin)
        try:
            key = _log_key(folder, database, verifier)
            vault = Vault.open(folder / KEYS / VAULT_KEY)
        except DataError:
            database.close()
            raise
        log = LogFolder(folder / LOG, database, key, settings.witnesses)
        evidence = EvidenceStore(folder / EVIDENCE, settings.scanner, settings.largest)
        return cls(folder, settings, database, log, evidence, Logins(database, vault), rights)

    def close(self) -> None:
        """Give back the connections of the database."""
        self.database.close()


def published_key(log: Path) -> VerifierKey | None:
    """Return the verifier key that lies in the folder of a log, None if there is none.

    Raises
    ------
    RefusedError
        If the file is damaged.
    """
    path = log / VERIFIER
    if not path.is_file():
        return None
    try:
        return VerifierKey.parse(path.read_text(encoding="utf-8"))
    except (NoteError, UnicodeDecodeError) as error:
        raise RefusedError(Problem("not_a_key", VERIFIER, value=str(path), details={"reason": str(error)})) from None


def _log_key(folder: Path, database: Database, verifier: VerifierKey | None) -> SigningKey:
    path, origin = folder / KEYS / LOG_KEY, database.origin()
    begun = verifier is not None or (folder / LOG / CHECKPOINT).exists() or database.size() > 0
    if not path.exists() and not begun:
        # another process that opens the same new workspace may be faster
        with suppress(FileExistsError):
            SigningKey.generate(origin).save(path)
    key = SigningKey.load(path, origin)
    if verifier is None:
        write_file(folder / LOG / VERIFIER, f"{key.verifier}\n".encode())
    elif verifier != key.verifier:
        raise RefusedError(Problem("other_key", LOG_KEY, value=str(path), details={"origin": origin}))
    return key
