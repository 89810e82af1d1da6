"""What is worth telling: alerts of monitoring that were raised, and targets of the newest run that have come into danger."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.platform.webhooks.outbox import Outbox
from tanlu.portal.service import NotFoundError, Workspace

if TYPE_CHECKING:
    from tanlu.charts.records import TargetRecord

DANGER: Final = ("at_risk", "off_track")
_TARGET: Final = "target:"
_ALERT: Final = "alert:"
_RUN: Final = "run"


def moment(seconds: float) -> str:
    """Return a time as ISO 8601 in UTC."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def envelope(kind: str, now: float, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message (Standard Webhooks 1.0, "Payload structure")."""
    return {"type": kind, "timestamp": moment(now), "data": dict(data)}


def collect(outbox: Outbox, runs: Workspace, monitoring: Monitoring, now: float, *, tell: bool = True) -> list[str]:
    """Look for events that are not known yet and put them into the outbox; return the ids of the messages.

    Parameters
    ----------
    tell : bool
        Whether they are told; without it they are only noted, so that a receiver that is registered hears of what comes after it.
    """
    return [*_alerts(outbox, monitoring, now, tell), *_targets(outbox, runs, now, tell)]


def _alerts(outbox: Outbox, monitoring: Monitoring, now: float, tell: bool) -> list[str]:
    if not monitoring.exists:
        return []
    desk, known = monitoring.alerts(), outbox.noted(_ALERT)
    fresh = [i for i in desk.items() if f"{_ALERT}{i.id}" not in known]
    told = []
    for item in fresh if tell else ():
        if desk.state(item) != "raised":
            continue
        content = envelope("monitor.alert", now, {"id": item.id, "raised_at": moment(item.at / 1e6), **item.record})
        told.append(outbox.tell("monitor.alert", f"{_ALERT}{item.id}", content, now))
    if fresh:
        outbox.note({f"{_ALERT}{i.id}": "raised" for i in fresh})
    return [m for m in told if m]


def _targets(outbox: Outbox, runs: Workspace, now: float, tell: bool) -> list[str]:
    try:
        run = runs.latest_id()
    except NotFoundError:
        return []
    if outbox.noted(_RUN).get(_RUN) == run:
        return []
    before = outbox.noted(_TARGET)
    found = runs.results(run).scoreboard
    told = []
    for target in found if tell and before else ():
        old = before.get(f"{_TARGET}{target.target}", "")
        if target.status in DANGER and target.status != old:
            content = envelope("target.danger", now, _told(target, old, run))
            told.append(outbox.tell("target.danger", f"{_TARGET}{target.target}:{target.status}:{run}", content, now))
    outbox.note({**{f"{_TARGET}{t.target}": t.status for t in found}, _RUN: run})
    return [m for m in told if m]


def _told(target: TargetRecord, before: str, run: str) -> dict[str, Any]:
    wanted = (
        "target", "name_zh", "name_en", "deadline", "required", "value", "unit", "as_of", "status", "probability", "stderr", "reason", "id",
    )  # fmt: skip
    record = asdict(target)
    return {"run": run, "status_before": before, **{name: record[name] for name in wanted}}
