"""A process beside a program that does what needs large libraries, and ends when nobody has asked for a while: their memory is then free.

``python -m tanlu.core.companion`` reads tasks from its input and writes answers to its output, and ends with its input, so with the program
that started it. A task is the name of a function of this package and what it is given. Both sides are one user's and one program's, so
what goes between them is pickled.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from importlib import import_module
from threading import Lock, Timer
from typing import Any, BinaryIO, Final, TypeVar

from tanlu.core.errors import DataError
from tanlu.core.memory import spare_libraries, spare_memory

T = TypeVar("T")
IDLE: Final = 60.0
"""Seconds without a task after which the process ends."""
PACKAGE: Final = "tanlu."


class Companion:
    """Runs functions in a process of its own, one at a time; it is started by the first task, and anew after it ended.

    Parameters
    ----------
    idle : float
        Seconds without a task after which it ends.
    """

    def __init__(self, idle: float = IDLE) -> None:
        self._idle, self._lock = idle, Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ending: Timer | None = None

    @property
    def process(self) -> int | None:
        """Number of the process; None while there is none."""
        return None if self._process is None else self._process.pid

    def do(self, function: Callable[..., Any], *given: Any) -> Any:
        """Return what a function of a module of this package returns.

        Parameters
        ----------
        function : callable
            Found by its module and name.
        *given
            What it is given; plain data, or instances of classes of this package.

        Raises
        ------
        DataError
            As the function raises it.
        RuntimeError
            With the name and text of any other fault of the function, or if the process ended twice.
        """
        task = pickle.dumps((function.__module__, function.__qualname__, given), protocol=5)
        with self._lock:
            if self._ending is not None:
                self._ending.cancel()
            try:
                kind, answer = self._answer(task)
            finally:
                self._ending = Timer(self._idle, self.end)
                self._ending.daemon = True
                self._ending.start()
        if kind == "problems":
            raise DataError(answer)
        if kind == "fault":
            raise RuntimeError(answer)
        return answer

    def end(self) -> None:
        """End the process; the next task starts another."""
        with self._lock:
            self._stop()

    def _answer(self, task: bytes) -> tuple[str, Any]:
        # the system may have ended it for want of memory, between two tasks or in one
        for _ in range(2):
            process = self._started()
            assert process.stdin is not None and process.stdout is not None
            with suppress(OSError, EOFError):
                _send(process.stdin, task)
                answer: tuple[str, Any] = pickle.loads(_receive(process.stdout))
                return answer
            self._stop()
        raise RuntimeError("the process beside this one ends at this task")

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._stop()
            # a session of its own: an interrupt from the keyboard ends the program, and that ends the process
            self._process = subprocess.Popen(
                [sys.executable, "-m", __name__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
            )
        return self._process

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


class Beside:
    """Where functions run that need large libraries: in a companion once one is named, in this process before."""

    def __init__(self) -> None:
        self._companion: Companion | None = None

    def use(self, companion: Companion | None) -> None:
        """Name the companion; None: this process does it."""
        self._companion = companion

    def do(self, function: Callable[..., T], *given: Any) -> T:
        """Return what a function returns; see `Companion.do`."""
        if self._companion is None:
            return function(*given)
        found: T = self._companion.do(function, *given)
        return found


def _send(stream: BinaryIO | Any, content: bytes) -> None:
    stream.write(len(content).to_bytes(8, "big") + content)
    stream.flush()


def _receive(stream: BinaryIO | Any) -> bytes:
    size = stream.read(8)
    if len(size) < 8:
        raise EOFError
    content: bytes = stream.read(int.from_bytes(size, "big"))
    return content


def _done(task: bytes) -> tuple[str, Any]:
    module, name, given = pickle.loads(task)
    if not module.startswith(PACKAGE):
        return "fault", f"{module}.{name} is not a function of {PACKAGE}"
    try:
        return "done", getattr(import_module(module), name)(*given)
    except DataError as error:
        return "problems", error.problems
    except (
        ArithmeticError,
        AttributeError,
        ImportError,
        LookupError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        return "fault", f"{type(error).__name__}: {error}"


def serve() -> None:
    """Do tasks until the input ends."""
    spare_memory()
    spare_libraries()
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # what a library prints must not stand between answers
    os.dup2(2, 1)
    with suppress(EOFError):
        while True:
            _send(answers, pickle.dumps(_done(_receive(tasks)), protocol=5))


if __name__ == "__main__":
    serve()
