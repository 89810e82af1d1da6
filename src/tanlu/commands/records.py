"""`tanlu records`: make, check, publish, back up the system of record, and give out receipts."""

from __future__ import annotations

import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import (
    AsJson,
    Language,
    ProvinceName,
    check_language,
    default_language,
    default_province,
    default_workspace,
    fail,
    opened_records,
)

if TYPE_CHECKING:
    from tanlu.records.place import Records
    from tanlu.records.verification import Report

app = typer.Typer(
    help="系统记录：组织、人员、规则、证明材料与防篡改日志。System of record and its tamper-evident log.",
    no_args_is_help=True,
)
Workspace = Annotated[Path, typer.Option("--out", help="工作区。Workspace.", file_okay=False)]
EXIT_UNSOUND = 1


def _print(content: dict[str, Any], as_json: bool, text: str) -> None:
    if as_json:
        json.dump(content, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        print(text)


@app.command()
def init(
    out: Workspace = default_workspace(),
    province: ProvinceName = default_province(),
    admin: Annotated[str, typer.Option(help="首个管理员的登录名。Login name of the first administrator.")] = "",
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """建立数据库、密钥和日志。Make database, keys and log.

    例 Example: tanlu records init --out ./tanlu-hunan --admin admin
    """
    check_language(language)
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.core.province import province_folder
    from tanlu.records.first_admin import make_first_admin
    from tanlu.workspace import CONFIG
    from tanlu.workspace import Workspace as Folder

    try:
        if not (out / CONFIG).exists():
            Folder.create(out, province_folder(province).name)
    except DataError as error:
        fail(error, language, as_json)
    with opened_records(out, language, as_json) as records:
        password = make_first_admin(records.database, admin) if admin else ""
        content = {
            "origin": records.log.key.name,
            "verifier": str(records.log.key.verifier),
            "database": records.database.url.render_as_string(),
            "entries": records.database.size(),
            "password": password or None,
        }
        text = translate("records.init", language, **content)
        if password:
            text += "\n" + translate("records.password", language, login=admin, password=password)
        _print(content, as_json, text)


@app.command()
def verify(
    out: Workspace = default_workspace(),
    folder: Annotated[
        Path | None, typer.Option(help="离线核验导出的文件夹。Check an exported folder offline.", file_okay=False)
    ] = None,
    key: Annotated[
        str | None, typer.Option(help="可信的日志公钥。Verifier key of the log, from somebody you trust.")
    ] = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """核验条目、根、数据行和证明材料。Check entries, root, rows and evidence files; exit code 1 if something was changed.

    例 Example: tanlu records verify --out ./tanlu-hunan --json
    """
    check_language(language)
    if key is not None and not key.strip():
        # the key of a file that is not there: what was asked for must not be left out in silence
        raise typer.BadParameter(repr(key), param_hint="--key")
    from rich.console import Console
    from rich.progress import Progress, TextColumn, TimeElapsedColumn

    from tanlu.core.errors import DataError
    from tanlu.records.offline import verify_folder
    from tanlu.workspace import rooms_with_tables

    columns = (TextColumn("{task.description}"), TextColumn("{task.completed}"), TimeElapsedColumn())
    try:
        with Progress(*columns, transient=True, console=Console(stderr=True), disable=as_json) as bar:
            task = bar.add_task("", total=None)
            report = verify_folder(
                folder or out,
                key or "",
                copy=folder is not None,
                rooms=rooms_with_tables(),
                progress=lambda step, count: bar.update(task, description=step, completed=count),
            )
    except DataError as error:
        fail(error, language, as_json)
    _print_report(report, language, as_json)
    if not report.sound:
        raise typer.Exit(EXIT_UNSOUND)


def _print_report(report: Report, language: str, as_json: bool) -> None:
    from tanlu.core.messages import translate

    content = report.as_record(language)
    lines = [translate("records.verified", language, **{**content, "checkpoint": report.checkpoint or 0})]
    if report.cosigned_by:
        lines.append(translate("records.cosigned", language, names=", ".join(report.cosigned_by)))
    if report.sound:
        lines.append(translate("records.sound", language))
    else:
        lines.append(translate("records.unsound", language, first=report.faults[0].record))
        lines += ["  " + fault.text(language) for fault in report.faults]
    _print(content, as_json, "\n".join(lines))


@app.command()
def receipt(
    sequence: Annotated[int, typer.Argument(metavar="ID", help="日志条目号，从 0 起。Entry, counted from 0.", min=0)],
    out: Workspace = default_workspace(),
    save: Annotated[
        Path | None, typer.Option(help="写入文件。File to write; standard output by default.", dir_okay=False)
    ] = None,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """出具条目凭证（tlog-proof 文本）。Give the receipt of an entry, a text that proves it offline.

    例 Example: tanlu records receipt 12 --out ./tanlu-hunan --save 12.tlog-proof
    """
    with opened_records(out, language, as_json) as records:
        text = records.log.receipt(sequence)
    if save is not None:
        from tanlu.workspace import write_atomically

        write_atomically(save, text)
    if as_json:
        _print({"sequence": sequence, "receipt": text, "file": None if save is None else str(save)}, True, "")
    elif save is None:
        print(text, end="")


@app.command("check-receipt")
def check_receipt(
    file: Annotated[Path, typer.Argument(help="凭证文件。File of the receipt.", exists=True, dir_okay=False)],
    key: Annotated[str, typer.Option(help="可信的日志公钥。Verifier key of the log, from somebody you trust.")],
    witness: Annotated[
        list[str] | None, typer.Option(help="见证方公钥，可重复。Verifier key of a witness; may be repeated.")
    ] = None,
    quorum: Annotated[int, typer.Option(help="至少几个见证方。How many witnesses must have cosigned.", min=0)] = 0,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """离线核验凭证。Check a receipt offline; exit code 1 if it proves nothing.

    例 Example: tanlu records check-receipt 12.tlog-proof --key "$(cat tanlu-hunan/log/log.vkey)"
    """
    check_language(language)
    from tanlu.core.messages import translate
    from tanlu.records.log import NoteError, ProofError, ReceiptError, VerifierKey, verify_receipt

    try:
        trusted = [VerifierKey.parse(line) for line in witness or []]
        text = file.read_text(encoding="utf-8")
        found, checkpoint = verify_receipt(text, VerifierKey.parse(key), trusted, quorum)
    except (NoteError, ProofError, ReceiptError, UnicodeDecodeError) as error:
        content: dict[str, Any] = {"valid": False, "reason": str(error)}
        _print(content, as_json, translate("records.receipt_false", language, reason=str(error)))
        raise typer.Exit(EXIT_UNSOUND) from None
    event = found.content()
    content = {"valid": True, "sequence": found.index, "size": checkpoint.size, "event": event}
    named = {name: str(event[name]) for name in ("at", "actor", "action", "subject", "reason")}
    _print(content, as_json, translate("records.receipt_true", language, sequence=found.index, **named))


@app.command()
def checkpoint(
    out: Workspace = default_workspace(),
    every: Annotated[
        int, typer.Option(min=0, help="每隔若干秒再签，直到 Ctrl-C；0 只签一次。Again every so many seconds; 0: once.")
    ] = 0,
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """写出瓦片并签署检查点；门户运行时每十分钟自动签一次。Write the tiles and sign a checkpoint; the portal does it every ten minutes.

    例 Example: tanlu records checkpoint --out ./tanlu-hunan --every 600
    """
    with opened_records(out, language, as_json) as records:
        found = records.log.publish()
        if every:
            _again(records, every)
        text = records.log.checkpoint_text() or ""
    _print({"origin": found.origin, "size": found.size, "root": found.root.hex(), "note": text}, as_json, text.rstrip())


def _again(records: Records, seconds: int) -> None:
    """Sign checkpoints until Ctrl-C."""
    from tanlu.records.checkpointing import CheckpointTimer

    timer = CheckpointTimer(records.log, seconds)
    with suppress(KeyboardInterrupt):
        timer.run()


@app.command()
def backup(
    target: Annotated[Path, typer.Argument(help="新的或空的文件夹。New or empty folder.", file_okay=False)],
    out: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """备份到一个可离线核验的文件夹，不含私钥。Back up into a folder that can be checked offline; without private keys.

    例 Example: tanlu records backup /media/usb/tanlu-2026-11-26 --out ./tanlu-hunan
    """
    with opened_records(out, language, as_json) as records:
        from tanlu.core.messages import translate
        from tanlu.records.backup import back_up
        from tanlu.workspace import rooms_with_tables

        entries = back_up(records, target, rooms_with_tables())
        text = translate("records.backed_up", language, entries=entries, folder=str(target))
    _print({"folder": str(target), "entries": entries}, as_json, text)


@app.command()
def restore(
    source: Annotated[Path, typer.Argument(help="备份文件夹。Folder of the backup.", exists=True, file_okay=False)],
    out: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """把备份放回数据库为空的工作区；数据库地址见其 tanlu.toml。Put a backup back into a workspace with an empty database.

    例 Example: tanlu records restore /media/usb/tanlu-2026-11-26 --out ./tanlu-hunan
    """
    check_language(language)
    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.records.backup import restore as put_back
    from tanlu.workspace import rooms_with_tables

    try:
        entries = put_back(source, out, rooms_with_tables())
    except DataError as error:
        fail(error, language, as_json)
    text = translate("records.restored", language, entries=entries, folder=str(out))
    _print({"folder": str(out), "entries": entries}, as_json, text)


@app.command()
def witness(
    log: Annotated[
        Path, typer.Argument(help="日志文件夹（或副本）。Folder of the log, or a copy.", exists=True, file_okay=False)
    ],
    key: Annotated[str, typer.Option(help="可信的日志公钥。Verifier key of the log, from somebody you trust.")],
    name: Annotated[str, typer.Option(help="见证方名称。Name of the witness, an address without scheme.")],
    folder: Annotated[
        Path,
        typer.Option(help="见证方自己的文件夹：密钥与所见。The witness's own folder: key and memory.", file_okay=False),
    ],
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """见证方：检查点延续此前所见才副署，分叉时退出码为 1。For a witness: cosign a checkpoint that continues all seen before.

    例 Example: tanlu records witness ./log --key "$(cat log.vkey)" --name witness.example/w --folder ./witness
    """
    check_language(language)
    import time

    from tanlu.core.errors import DataError
    from tanlu.core.messages import translate
    from tanlu.records.log import ForkError, NoteError, TileError, VerifierKey, Witness
    from tanlu.records.log.witness import witness_key

    try:
        own = witness_key(folder / "witness.pem", name)
        line = Witness(own, folder / "seen.json").cosign_folder(log, VerifierKey.parse(key), int(time.time())).line()
    except DataError as error:
        fail(error, language, as_json)
    except (NoteError, ForkError, TileError, OSError, UnicodeDecodeError) as error:
        _print(
            {"line": None, "reason": str(error)},
            as_json,
            translate("records.not_cosigned", language, reason=str(error)),
        )
        raise typer.Exit(EXIT_UNSOUND) from None
    _print({"line": line, "verifier": str(own.verifier)}, as_json, line.rstrip())


@app.command()
def cosignature(
    line: Annotated[str, typer.Argument(help="见证方给出的一行。The line that a witness gave.")],
    out: Workspace = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """把见证方的副署加到检查点。Add the line of a witness to the checkpoint.

    例 Example: tanlu records cosignature "— witness.example/w jWbPPwAA…" --out ./tanlu-hunan
    """
    with opened_records(out, language, as_json) as records:
        records.log.take_line(line)
        text = records.log.checkpoint_text() or ""
    _print({"note": text}, as_json, text.rstrip())
