"""How letters go out: ``[mail]`` of ``tanlu.toml``. Files in the folder ``outbox`` of the workspace unless it says ``transport = "smtp"``.

Keys: ``transport``, ``sender``, ``portal`` (address of the portal in letters), and for SMTP ``host``, ``port``, ``security`` (``starttls``,
``tls``, ``none``), ``user``. The password stands in the environment variable ``TANLU_SMTP_PASSWORD``, not in the file.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from tanlu.core.errors import DataError, Problem

CONFIG: Final = "tanlu.toml"
PASSWORD: Final = "TANLU_SMTP_PASSWORD"
TRANSPORTS: Final = ("files", "smtp")
SECURITY: Final = {"starttls": 587, "tls": 465, "none": 25}
"""Ways of securing the connection, and the port of each."""
SENDER: Final = "tanlu@localhost"
_KEYS: Final = {"transport", "sender", "portal", "host", "port", "security", "user"}


@dataclass(frozen=True, slots=True)
class MailSettings:
    """What ``[mail]`` says."""

    transport: str = "files"
    sender: str = SENDER
    portal: str = ""
    host: str = ""
    port: int = 0
    security: str = "starttls"
    user: str = ""
    password: str = ""


def read_mail_settings(folder: Path) -> MailSettings:
    """Read the settings of a workspace.

    Raises
    ------
    DataError
        With every setting that cannot be used.
    """
    path = folder / CONFIG
    if not path.is_file():
        raise DataError([Problem("no_workspace", str(folder), value=str(folder))])
    try:
        part: dict[str, Any] = tomllib.loads(path.read_text(encoding="utf-8")).get("mail", {})
    except tomllib.TOMLDecodeError as error:
        raise DataError([Problem("not_toml", CONFIG, details={"reason": str(error)})]) from None
    allowed = ", ".join(sorted(_KEYS))
    problems = [
        Problem("unknown_key", CONFIG, field=f"mail.{k}", details={"allowed": allowed}) for k in part.keys() - _KEYS
    ]
    transport, security = str(part.get("transport", "files")), str(part.get("security", "starttls"))
    if transport not in TRANSPORTS:
        problems.append(Problem("mail_transport", CONFIG, field="mail.transport", value=transport))
    if security not in SECURITY:
        problems.append(Problem("mail_security", CONFIG, field="mail.security", value=security))
    sender = str(part.get("sender", SENDER))
    if sender.count("@") != 1 or any(c.isspace() for c in sender):
        problems.append(Problem("mail_address", CONFIG, field="mail.sender", value=sender))
    port = part.get("port", SECURITY.get(security, 0))
    if not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65_536:
        problems.append(Problem("not_an_integer", CONFIG, field="mail.port", value=str(port)))
    if transport == "smtp":
        problems += [Problem("missing_key", CONFIG, field=f"mail.{k}") for k in ("host", "sender") if not part.get(k)]
    if problems:
        raise DataError(problems)
    portal = str(part.get("portal", "")).rstrip("/")
    return MailSettings(
        transport, sender, portal, str(part.get("host", "")), int(port), security, str(part.get("user", "")),
        os.environ.get(PASSWORD, ""),
    )  # fmt: skip
