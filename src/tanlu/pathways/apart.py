"""The model in a process of its own, which several processes ask: compiled code, libraries and draws are in memory once.

``python -m tanlu.pathways.apart SOCKET`` serves; the key of the connections is the first line of its input, and it ends with its input, so
with the program that started it. What is asked for is the name of a task and a setting; what comes back is what the model returns.
Connections are those of ``multiprocessing.connection``: a Unix socket in a folder of the user, and the key is checked on both sides.
"""

from __future__ import annotations

import logging
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass, fields
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from pathlib import Path
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any, Final

from tanlu.core.errors import DataError
from tanlu.core.memory import spare_memory
from tanlu.pathways.dimensions import REFERENCE
from tanlu.pathways.scenario_files import SEED, Setting
from tanlu.pathways.simulation import DRAWS, Model, load_model
from tanlu.pathways.wedges import Wedges, wedges_between

if TYPE_CHECKING:
    from tanlu.pathways.sensitivity import Share

ADDRESS: Final = "TANLU_MODEL"
"""Variable of the environment: key and socket of the process that has the model."""
PATIENCE: Final = 20.0
"""Seconds that who asks waits for the process to listen; it takes a few to start."""
PAUSE: Final = 0.1
_LOGGER: Final = logging.getLogger("tanlu.pathways")


class GoneError(Exception):
    """The process does not answer."""


def wedges_of(model: Model, setting: Setting) -> Wedges:
    """Return what each action takes off, from the frozen world to a setting."""
    if isinstance(model, RemoteModel):
        return model.wedges(setting)
    start, end = model.data.world("frozen"), model.data.world(setting.base, setting.levers)
    return wedges_between(model.parameters(setting), model.data.levers, start, end)


def shares_of(model: Model, setting: Setting) -> list[Share]:
    """Return where the variance of a setting comes from, see `tanlu.pathways.sensitivity.variance_shares`."""
    from tanlu.pathways.sensitivity import FanFunction, variance_shares

    if isinstance(model, RemoteModel):
        return model.shares(setting)
    levers = model.data.world(setting.base, setting.levers)
    return variance_shares(FanFunction(model.data, model.baseline, model.parameters(setting), levers))


TASKS: Final[Mapping[str, Callable[..., Any]]] = {
    "central": lambda model, setting: model.central(setting),
    "scenario": lambda model, setting, draws, seed: model.scenario(setting, draws, seed),
    "effects": lambda model, setting: model.effects(setting, model.central(setting)),
    "wedges": wedges_of,
    "shares": shares_of,
}


LARGE: Final = frozenset({"scenario", "wedges", "shares"})
"""Tasks of which one is done at a time."""


class Asked:
    """Asks the process that has the model.

    Parameters
    ----------
    address : str
        Socket.
    key : bytes
    """

    def __init__(self, address: str, key: bytes) -> None:
        self.address, self.key = address, key

    def ask(self, province: str, task: str, *given: Any) -> Any:
        """Return the answer to a task.

        Raises
        ------
        DataError
            With what the model says is wrong.
        GoneError
            If the process does not answer, or failed.
        """
        try:
            with self._connection() as connection:
                connection.send((province, task, given))
                kind, answer = connection.recv()
        except (OSError, EOFError, AuthenticationError) as error:
            raise GoneError(str(error)) from None
        if kind == "problems":
            raise DataError(answer)
        return answer

    def _connection(self) -> Connection[Any, Any]:
        last = time.monotonic() + PATIENCE
        while True:
            try:
                return Client(self.address, "AF_UNIX", authkey=self.key)
            except (FileNotFoundError, ConnectionRefusedError):
                if time.monotonic() > last:
                    raise
            time.sleep(PAUSE)


@dataclass(frozen=True)
class RemoteModel(Model):
    """A model whose runs another process computes; without that process it computes them itself."""

    name: str = ""
    asked: Asked | None = None

    def central(self, setting: Setting) -> Any:
        """Return the central run of a setting."""
        return self._answer("central", lambda: Model.central(self, setting), setting)

    def scenario(self, setting: Setting, draws: int = DRAWS, seed: int = SEED) -> Any:
        """Return a setting as a scenario, and its draws."""
        return self._answer("scenario", lambda: Model.scenario(self, setting, draws, seed), setting, draws, seed)

    def effects(self, setting: Setting, run: Any) -> Any:
        """Return what follows from the central run of a setting."""
        return self._answer("effects", lambda: Model.effects(self, setting, run), setting)

    def wedges(self, setting: Setting) -> Wedges:
        """Return what each action takes off."""
        found: Wedges = self._answer("wedges", lambda: wedges_of(self._own(), setting), setting)
        return found

    def shares(self, setting: Setting) -> list[Share]:
        """Return where the variance comes from."""
        found: list[Share] = self._answer("shares", lambda: shares_of(self._own(), setting), setting)
        return found

    def _own(self) -> Model:
        return Model(**{f.name: getattr(self, f.name) for f in fields(Model)})

    def _answer(self, task: str, otherwise: Callable[[], Any], *given: Any) -> Any:
        assert self.asked is not None
        try:
            return self.asked.ask(self.name, task, *given)
        except GoneError as error:
            _LOGGER.warning("model: %s: %s", task, error)
            return otherwise()


def model_of(province: str) -> Model:
    """Return the model of a province; it asks the process that has it, if the environment names one."""
    model, told = load_model(province), os.environ.get(ADDRESS, "")
    if not told:
        return model
    key, _, address = told.partition(" ")
    own = {f.name: getattr(model, f.name) for f in fields(Model)}
    return RemoteModel(**own, name=province, asked=Asked(address, bytes.fromhex(key)))


class Apart:
    """Runs the process beside a program, and again if it ends; names it in the environment of the program.

    Parameters
    ----------
    province : str
        Whose reference is drawn before anybody asks, so that the first who asks does not wait; nobody's if it is empty.
    """

    def __init__(self, province: str = "") -> None:
        self._province = province
        self._folder = tempfile.TemporaryDirectory(prefix="tanlu-model-")
        self._address, self._key = str(Path(self._folder.name) / "socket"), secrets.token_hex(32)
        self._ended, self._process = False, self._start()
        os.environ[ADDRESS] = f"{self._key} {self._address}"
        Thread(target=self._follow, name="model", daemon=True).start()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", __name__, self._address, self._province]
        # a session of its own: an interrupt from the keyboard ends the program, and that ends the process
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
        assert process.stdin is not None
        process.stdin.write(f"{self._key}\n".encode())
        process.stdin.flush()
        return process

    def _follow(self) -> None:
        while not self._ended:
            self._process.wait()
            time.sleep(1)
            if not self._ended:
                self._process = self._start()

    def end(self) -> None:
        """End the process."""
        self._ended = True
        os.environ.pop(ADDRESS, None)
        self._process.terminate()
        self._process.wait()
        self._folder.cleanup()


def _serve(address: str, province: str = "") -> None:
    """Answer until the input ends."""
    spare_memory()
    key = bytes.fromhex(sys.stdin.readline().strip())
    Path(address).unlink(missing_ok=True)
    listener, computing = Listener(address, "AF_UNIX", backlog=128, authkey=key), Lock()
    Thread(target=_end_with_input, daemon=True).start()
    if province:
        Thread(target=_warm, args=(province, computing), daemon=True).start()
    while True:
        try:
            connection = listener.accept()
        except (OSError, EOFError, AuthenticationError):
            continue
        Thread(target=_answer, args=(connection, computing), daemon=True).start()


def _warm(province: str, computing: Lock) -> None:
    """Load a model, its compiled code and its draws; what is wrong with its data is told to who asks."""
    world, _, growth = REFERENCE.partition("-")
    with suppress(DataError), computing:
        model, reference = load_model(province), Setting(world, growth)
        for task in ("scenario", "effects", "wedges", "shares"):
            TASKS[task](model, reference, *((DRAWS, SEED) if task == "scenario" else ()))


def _end_with_input() -> None:
    sys.stdin.read()
    os._exit(0)


def _answer(connection: Connection[Any, Any], computing: Lock) -> None:
    with connection:
        try:
            province, task, given = connection.recv()
            with computing if task in LARGE else nullcontext():
                answer = "done", TASKS[task](load_model(province), *given)
        except DataError as error:
            answer = "problems", error.problems
        except (EOFError, OSError):
            return
        # whatever else goes wrong ends the connection: who asks then computes it himself, and meets the same fault there
        connection.send(answer)


if __name__ == "__main__":
    _serve(*sys.argv[1:])
