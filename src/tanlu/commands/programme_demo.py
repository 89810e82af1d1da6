"""The demonstration year over all rooms: the programme cycle first, then registries and assessment with the same officers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tanlu.records import Records


def play(records: Records, seed: int, password: str, progress: Callable[[str, int], None]) -> dict[str, Any]:
    """Fill a fresh workspace and return what was made, as plain data.

    Parameters
    ----------
    seed : int
    password : str
        Password of all logins; empty for a random one each.
    progress : callable
        Told each act and what it has made.
    """
    from sqlalchemy import select

    from tanlu.assessment.filing import demonstration as filings
    from tanlu.programme.cycle.demonstration import demonstrate
    from tanlu.programme.registry import demonstration as registries
    from tanlu.records import Credential, load_principal, local_day

    made = demonstrate(records, seed, password=password, progress=progress)
    with records.database.read() as session:
        today = local_day(records.database.clock())
        people = {row.login: row.person_id for row in session.execute(select(Credential.login, Credential.person_id))}
        officer, checker = (load_principal(session, people[login], today) for login in ("demo-officer", "demo-second"))
    registered = registries.demonstrate(records, seed, officer=officer, checker=checker)
    progress("registries", registered.entries)
    filed = filings.demonstrate(records, seed, officer=officer, checker=checker)
    progress("filings", filed.filings)
    records.log.publish()
    return asdict(made) | {
        "registry_entries": registered.entries,
        "filings": filed.filings,
        "investments": filed.investments,
        "score_runs": list(filed.runs),
        "entries": records.database.size(),
        "demonstration": True,
    }
