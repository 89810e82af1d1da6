"""Gaps in the uploads of a device, and the requests to send again what is missing.

Source: HJ 212-2017, annex C: the centre sends 2051 (minutes), 2061 (hours) or 2031 (days) with BeginTime and EndTime; the device answers
9011, sends the data, and closes with 9012. HJ/T 212-2005 does the same.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tanlu.monitor.checking import FUTURE_S
from tanlu.monitor.hj212.frame import ACKNOWLEDGE, MINUTES, REAL_TIME, RESPONSE, RESULT, VERSION_BITS, Frame
from tanlu.monitor.hj212.mapping import civil_of
from tanlu.monitor.hj212.shapes import Upload
from tanlu.monitor.schema import DAY

SPAN: Final = {MINUTES: DAY}
"""Longest span that one request asks for [s]; seven days of hours and a month of days."""
OTHER_SPAN: Final = 7 * DAY
LOOK_BACK: Final = 90 * DAY
"""Loggers keep a year of hours as a rule, but what is missing for longer is rather asked for by people."""
ANSWER_SECONDS: Final = 120.0
TRIES: Final = 3
WAITING: Final = 100
"""Spans that are remembered for one device; older ones are forgotten first."""


@dataclass(slots=True)
class _Request:
    command: str
    begin: int
    end: int
    qn: str = ""
    tries: int = 0
    sent_at: float = 0.0


@dataclass(slots=True)
class _Device:
    latest: dict[str, int] = field(default_factory=dict)
    waiting: deque[_Request] = field(default_factory=lambda: deque(maxlen=WAITING))
    open: _Request | None = None


class Gaps:
    """What each device sent last, and what it is asked to send again; one request at a time for each device.

    Parameters
    ----------
    clock, monotonic : callable
        Time of the day and running time [s].
    """

    def __init__(self, clock: Callable[[], float] = time.time, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._devices: dict[str, _Device] = {}
        self._clock = clock
        self._monotonic = monotonic
        self._last_qn = 0

    def begin(self, mn: str, command: str, label: int) -> None:
        """Take over the time (label, UTC seconds) of the last upload before a restart."""
        self._devices.setdefault(mn, _Device()).latest[command] = label

    def came(self, mn: str, command: str, label: int, step: int) -> None:
        """Note that data with this time came; what lies between the last and this one is missing."""
        if command == REAL_TIME or label > self._clock() + FUTURE_S:
            # the clock of a device that is years ahead opens no gap
            return
        device = self._devices.setdefault(mn, _Device())
        latest = device.latest.get(command)
        if latest is None or label > latest:
            device.latest[command] = label
        if latest is not None and label > latest + step:
            span = SPAN.get(command, OTHER_SPAN)
            begin = max(latest + step, label - LOOK_BACK // step * step)
            while begin < label:
                end = min(begin + span, label)
                device.waiting.append(_Request(command, begin, end - step))
                begin = end

    def answered(self, frame: Frame) -> None:
        """Take an answer of a device: 9011 refuses if QnRtn is not 1, 9012 closes the request."""
        device = self._devices.get(frame.mn)
        if device is None or device.open is None:
            return
        qn = frame.param("QN") or frame.qn
        if qn != device.open.qn:
            return
        refused = frame.cn == RESPONSE and frame.param("QnRtn") not in ("", "1")
        if refused or frame.cn == RESULT:
            device.open = None

    def next_request(self, upload: Frame | Upload) -> Frame | None:
        """Return the request that is due to the device of an upload, if any.

        A request that is not answered is sent again, three times in all, then given up.
        """
        device = self._devices.get(upload.mn)
        if device is None or not (device.open or device.waiting):
            return None
        now = self._monotonic()
        request = device.open
        if request is not None:
            if now < request.sent_at + ANSWER_SECONDS:
                return None
            if request.tries >= TRIES:
                request = None
        if request is None:
            if not device.waiting:
                device.open = None
                return None
            request = device.waiting.popleft()
        request.tries += 1
        request.sent_at = now
        request.qn = self._qn()
        device.open = request
        version = (upload.flag or 0) & VERSION_BITS
        return Frame(
            cn=request.command,
            mn=upload.mn,
            qn=request.qn,
            st=upload.st,
            pw=upload.pw,
            flag=version | ACKNOWLEDGE,
            params=(("BeginTime", civil_of(request.begin)), ("EndTime", civil_of(request.end))),
        )

    def _qn(self) -> str:
        """Return a name of a request that was not used before: the time in milliseconds."""
        now = max(int(self._clock() * 1000), self._last_qn + 1)
        self._last_qn = now
        return f"{civil_of(now // 1000)}{now % 1000:03d}"
