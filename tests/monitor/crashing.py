"""Killing a process at a moment nobody chose, and keeping what it had acknowledged until then."""

from __future__ import annotations

import json
import os
import random
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

MANY_ROUNDS = "TANLU_CRASH_ROUNDS"
"""Environment variable with the number of rounds; 200 for a long run."""
ROUNDS = 20

Acknowledge = Callable[[Any], None]


def rounds() -> int:
    """Return how often processes are killed."""
    return int(os.environ.get(MANY_ROUNDS, ROUNDS))


def killed(work: Callable[[Acknowledge], None], seconds: float, log: Path) -> list[Any]:
    """Do work in a child process and kill it (SIGKILL) after some seconds of its own processor time, or let it end before.

    Parameters
    ----------
    work : callable
        Gets a function to which it hands each thing (plain data) that was acknowledged. Must not use what is open in this process.
    seconds : float
    log : Path
        File for the acknowledgements; it is written anew.

    Returns
    -------
    list
        What was acknowledged, in order.
    """
    with log.open("wb", buffering=0) as file:
        child = os.fork()
        if child == 0:
            _work(work, lambda thing: file.write(json.dumps(thing).encode() + b"\n"))
        while os.waitpid(child, os.WNOHANG) == (0, 0):
            if _worked(child) >= seconds:
                # the system counts in hundredths of a second
                time.sleep(random.uniform(0, 0.01))
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                break
            time.sleep(0.001)
    told = [json.loads(line) for line in log.read_bytes().splitlines()]
    faults = [t["fault"] for t in told if isinstance(t, dict) and "fault" in t]
    assert not faults, faults[0]
    return told


def _worked(child: int) -> float:
    """Return the processor time of a process [s]; on a busy machine it goes on slower than the clock."""
    fields = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _work(work: Callable[[Acknowledge], None], acknowledge: Acknowledge) -> None:
    """In the child: work, tell a fault, and leave without the clean-up of the parent's tests."""
    code = 1
    try:
        work(acknowledge)
        code = 0
    except BaseException:
        acknowledge({"fault": traceback.format_exc()})
        raise
    finally:
        os._exit(code)
