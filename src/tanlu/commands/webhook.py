"""``tanlu webhook``: who is told of alerts and of targets in danger; the same outbox as that of the API."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tanlu.commands.common import AsJson, Language, check_language, default_language, default_workspace, fail

if TYPE_CHECKING:
    from tanlu.portal.platform.webhooks.outbox import Outbox

app = typer.Typer(
    help="消息推送：把警示和有风险的目标告知其他系统。Tell other systems of alerts and targets in danger.",
    no_args_is_help=True,
)
Folder = Annotated[Path, typer.Option("--out", help="工作区。Workspace.", file_okay=False)]
Name = Annotated[str, typer.Argument(help="收件方编号。Id of the receiver.")]


@contextmanager
def _opened(folder: Path, language: str, as_json: bool) -> Iterator[Outbox]:
    """Give the outbox of a workspace; end the command with every problem if something is refused."""
    check_language(language)
    from tanlu.core.errors import DataError
    from tanlu.portal.platform.webhooks.outbox import Outbox
    from tanlu.workspace import Workspace

    try:
        Workspace.open(folder)
        yield Outbox(folder)
    except DataError as error:
        fail(error, language, as_json)


def _say(content: Any, as_json: bool, lines: list[str]) -> None:
    if as_json:
        json.dump(content, sys.stdout, ensure_ascii=False, indent=1)
        print()
    else:
        print("\n".join(lines))


def _note(folder: Path, action: str, subject: str, **details: Any) -> None:
    """Write the change into the log of the records, if the workspace has any."""
    from tanlu.portal.session.identity import Identity

    identity = Identity(folder)
    try:
        if identity.present:
            identity.records.database.append("system", action, subject, details=details)
    finally:
        identity.close()


@app.command()
def add(
    url: Annotated[str, typer.Argument(help="收件网址（https）。Address of the receiver.")],
    kind: Annotated[
        list[str] | None, typer.Option("--kind", help="monitor.alert, target.danger；默认全部。All by default.")
    ] = None,
    label: Annotated[str, typer.Option(help="说明。Label.")] = "",
    out: Folder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """登记收件方；密钥只显示这一次。Register a receiver; its secret is shown this once.

    例 Example: tanlu webhook add https://example.org/tanlu --kind monitor.alert
    """
    with _opened(out, language, as_json) as outbox:
        from tanlu.core.messages import translate
        from tanlu.portal.monitor.service import Monitoring
        from tanlu.portal.platform.webhooks.outbox import KINDS
        from tanlu.portal.platform.webhooks.registering import register
        from tanlu.portal.service import Workspace

        hook, secret = register(outbox, Workspace(out), Monitoring(out), url, kind or KINDS[:-1], label, "system")
        _note(out, "webhook.add", f"webhook:{hook.id}", url=url)
        said = {"id": hook.id, "url": hook.url, "kinds": list(hook.kinds), "secret": secret}
        _say(said, as_json, [translate("webhook.added", language, id=hook.id, secret=secret)])


@app.command("list")
def list_hooks(
    out: Folder = default_workspace(), as_json: AsJson = False, language: Language = default_language()
) -> None:
    """列出收件方。List the receivers.

    例 Example: tanlu webhook list --json
    """
    with _opened(out, language, as_json) as outbox:
        from tanlu.core.messages import translate

        hooks = [{"id": h.id, "url": h.url, "kinds": list(h.kinds), "label": h.label} for h in outbox.hooks()]
        lines = [translate("webhook.row", language, **{**h, "kinds": ", ".join(h["kinds"])}) for h in hooks]
        _say(hooks, as_json, lines or [translate("webhook.none", language)])


@app.command()
def remove(
    hook: Name, out: Folder = default_workspace(), as_json: AsJson = False, language: Language = default_language()
) -> None:
    """删除收件方；记录保留。Remove a receiver; its log stays.

    例 Example: tanlu webhook remove hook_0123456789abcdef
    """
    with _opened(out, language, as_json) as outbox:
        from tanlu.core.messages import translate

        outbox.remove(hook)
        _note(out, "webhook.remove", f"webhook:{hook}")
        _say({"id": hook, "state": "gone"}, as_json, [translate("webhook.removed", language, id=hook)])


@app.command()
def send(
    test: Annotated[
        str, typer.Option(help="先给这个收件方放一条测试消息。Put a test message for this receiver first.")
    ] = "",
    out: Folder = default_workspace(),
    as_json: AsJson = False,
    language: Language = default_language(),
) -> None:
    """找出新事件并发送到期的消息一次；`tanlu serve` 运行时自动进行。Look for events and send what is due, once.

    例 Example: tanlu webhook send --test hook_0123456789abcdef
    """
    with _opened(out, language, as_json) as outbox:
        from tanlu.core.messages import translate
        from tanlu.portal.monitor.service import Monitoring
        from tanlu.portal.platform.webhooks.messenger import Messenger
        from tanlu.portal.platform.webhooks.registering import send_test
        from tanlu.portal.service import Workspace

        if test:
            send_test(outbox, test)
        counted = {"sent": 0, "waiting": 0, "failed": 0}
        if outbox.exists:
            counted = Messenger(out, Workspace(out), Monitoring(out)).make_pass(look=True)
        _say(counted, as_json, [translate("webhook.passed", language, **counted)])


@app.command()
def log(
    hook: Name, out: Folder = default_workspace(), as_json: AsJson = False, language: Language = default_language()
) -> None:
    """查看发送记录。Show the attempts for a receiver, the youngest first.

    例 Example: tanlu webhook log hook_0123456789abcdef
    """
    with _opened(out, language, as_json) as outbox:
        from dataclasses import asdict

        from tanlu.core.messages import translate
        from tanlu.portal.platform.webhooks.events import moment

        rows = [
            {**asdict(a), "at": moment(a.at), "status": a.status or ""}
            for a in outbox.attempts(hook, language=language)
        ]
        if not rows:
            # the log of one that was removed stays
            outbox.find(hook)
        lines = [translate("webhook.attempt", language, **row) for row in rows]
        _say(rows, as_json, lines or [translate("webhook.no_attempts", language)])
