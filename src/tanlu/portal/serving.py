"""Serving a workspace with one process or with several: who listens, what they share, and what each needs of the machine.

Several processes listen on one socket; the kernel gives each request to one of them. They share the secret of forms, so that a form of one
can be sent to another, and what has to be done once is done by one of them (`tanlu.portal.platform.duties`). The model of the studio, with
its compiled code, is in one process that all of them ask (`tanlu.pathways.apart`). Pictures, reports and the nowcast are made and the facts
of meters read by processes beside each, which are there while they are asked for (`tanlu.core.companion`).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from socket import create_connection, socket
from threading import Thread
from time import sleep
from typing import TYPE_CHECKING, Final

from tanlu.core.collector import set_aside
from tanlu.core.companion import Companion
from tanlu.core.memory import give_back, spare_memory
from tanlu.pathways.apart import Apart
from tanlu.portal.session.forgery import SHARED
from tanlu.workspace import Workspace

if TYPE_CHECKING:
    from fastapi import FastAPI

FOLDER: Final = "TANLU_SERVED"
"""Variable of the environment by which a process learns which workspace it serves."""
QUIET: Final = "warning"
KEEP_ALIVE: Final = 75
"""Seconds that an idle connection is kept: longer than clients (5) and proxies (60) keep theirs. Who closes first loses the request that is
sent at that moment."""
ENDING: Final = 5
"""Seconds that answers under way have to end when the server is told to; a live page would otherwise hold it up while it is open."""
SETTLED: Final = 20.0
"""Seconds from the start until the process has read what stays as long as it serves."""
GIVING_BACK: Final = 2.0
"""Seconds between two times that free pages of the heap are given back; it takes milliseconds."""
LISTENING: Final = 0.1
"""Seconds between two looks whether the address answers."""


def worker() -> FastAPI:
    """Return the application of one of several processes; it ends with the process that started it."""
    from multiprocessing import parent_process
    from signal import SIGTERM

    from tanlu.portal import create_app

    _spare_memory()
    parent = parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os.kill(os.getpid(), SIGTERM)

        Thread(target=follow, name="parent", daemon=True).start()
    return create_app(Path(os.environ[FOLDER]), Companion())


def _spare_memory() -> None:
    spare_memory()
    Thread(target=_stay_small, name="memory", daemon=True).start()


def _stay_small() -> None:
    sleep(SETTLED)
    set_aside()
    while True:
        sleep(GIVING_BACK)
        give_back()


def serve(folder: Path, host: str, port: int, workers: int, opened: Callable[[], None]) -> None:
    """Serve a workspace until a signal ends it.

    Parameters
    ----------
    folder : Path
    host : str
    port : int
    workers : int
        Processes.
    opened : callable
        Called once the address answers.
    """
    model = Apart(Workspace.open(folder).province)
    try:
        if workers == 1:
            _serve_alone(folder, host, port, opened)
        else:
            _serve_together(folder, host, port, workers, opened)
    finally:
        model.end()


def _serve_together(folder: Path, host: str, port: int, workers: int, opened: Callable[[], None]) -> None:
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    os.environ[SHARED], os.environ[FOLDER] = secrets.token_hex(32), str(folder.absolute())
    config = uvicorn.Config(
        f"{__name__}:worker", factory=True, host=host, port=port, workers=workers, log_level=QUIET, timeout_worker_healthcheck=60,
        timeout_keep_alive=KEEP_ALIVE, timeout_graceful_shutdown=ENDING,
    )  # fmt: skip
    listening = config.bind_socket()

    class Started(Multiprocess):
        """Tells the address when the first process serves it."""

        def init_processes(self) -> None:
            super().init_processes()
            Thread(target=self.tell, daemon=True).start()

        def tell(self) -> None:
            # the socket takes connections from when a process serves it; to ask the processes would cross the questions of the main thread
            while not self.should_exit.wait(LISTENING):
                with suppress(OSError), create_connection(listening.getsockname()[:2], timeout=LISTENING):
                    opened()
                    return

    Started(config, sockets=[listening]).run()


def _serve_alone(folder: Path, host: str, port: int, opened: Callable[[], None]) -> None:
    import uvicorn

    from tanlu.portal import create_app

    _spare_memory()

    class Server(uvicorn.Server):
        """Tells the address when it is really open."""

        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                opened()

    config = uvicorn.Config(
        create_app(folder, Companion()), host=host, port=port, log_level=QUIET, timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=ENDING,
    )  # fmt: skip
    Server(config).run()
