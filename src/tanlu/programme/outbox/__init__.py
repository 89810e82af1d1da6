"""The outbox: e-mail about calls, applications, reviews, decisions, milestones and tasks, as files by default or over SMTP.

In: the log of the records, from which letters follow, and the days on which something is due. Out: letters in both languages, each once.
No service waits for a letter and none is lost: what was committed stands in the log, and `sending.collect` takes it up from there.
Addresses are looked up when a letter is sent, so that the outbox holds no personal data. It must not know pages or commands.
"""

from importlib.resources import files
from pathlib import Path

from tanlu.programme.outbox.tables import Letter, LogPlace

ROOM = "tanlu.programme.outbox"
"""Name under which `tanlu.records.Records.open` takes the tables of this room."""
PERMISSIONS = Path(str(files("tanlu.programme.outbox") / "permissions.yaml"))

__all__ = ["PERMISSIONS", "ROOM", "Letter", "LogPlace"]
