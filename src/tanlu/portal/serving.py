"""Serving a workspace with one process or with several: who listens, what they share, and what each needs of the machine.

Several processes listen on one socket; the kernel gives each request to one of them. They share the secret of forms, so that a form of one
can be sent to another, and what has to be done once is done by one of them (`tanlu.portal.platform.duties`).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path
from socket import socket
from threading import Thread
from typing import TYPE_CHECKING, Final

from tanlu.portal.session.forgery import SHARED

if TYPE_CHECKING:
    from fastapi import FastAPI

FOLDER: Final = "TANLU_SERVED"
"""Variable of the environment by which a process learns which workspace it serves."""
QUIET: Final = "warning"
MMAP_THRESHOLD, TRIM_THRESHOLD, ARENA_MAX = -3, -1, -8
"""Names of settings of the allocator of glibc (malloc.h)."""
LARGE: Final = 1 << 20
"""Bytes from which memory is given back to the system at once."""
ARENAS: Final = 2


def spare_memory() -> None:
    """Let the allocator give large arrays back to the system, instead of keeping room for them in the heap of each thread.

    By itself glibc raises the size from which memory is given back to that of the largest array so far, up to 32 MB (mallopt(3)). Other
    systems have no such setting.
    """
    from ctypes import CDLL

    library = CDLL(None)
    if hasattr(library, "mallopt"):
        for name, value in ((MMAP_THRESHOLD, LARGE), (TRIM_THRESHOLD, LARGE), (ARENA_MAX, ARENAS)):
            library.mallopt(name, value)


def worker() -> FastAPI:
    """Return the application of one of several processes; it ends with the process that started it."""
    from multiprocessing import parent_process
    from signal import SIGTERM

    from tanlu.portal import create_app

    spare_memory()
    parent = parent_process()
    if parent is not None:

        def follow() -> None:
            parent.join()
            os.kill(os.getpid(), SIGTERM)

        Thread(target=follow, name="parent", daemon=True).start()
    return create_app(Path(os.environ[FOLDER]))


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
    if workers == 1:
        _serve_alone(folder, host, port, opened)
        return
    import uvicorn
    from uvicorn.supervisors import Multiprocess

    os.environ[SHARED], os.environ[FOLDER] = secrets.token_hex(32), str(folder.absolute())
    config = uvicorn.Config(
        f"{__name__}:worker", factory=True, host=host, port=port, workers=workers, log_level=QUIET, timeout_worker_healthcheck=60
    )  # fmt: skip
    listening = config.bind_socket()

    class Started(Multiprocess):
        """Tells the address when the first process serves it."""

        def init_processes(self) -> None:
            super().init_processes()
            Thread(target=self.tell, daemon=True).start()

        def tell(self) -> None:
            if any(process.wait_until_ready(config.timeout_worker_healthcheck) for process in self.processes[:1]):
                opened()

    Started(config, sockets=[listening]).run()


def _serve_alone(folder: Path, host: str, port: int, opened: Callable[[], None]) -> None:
    import uvicorn

    from tanlu.portal import create_app

    spare_memory()

    class Server(uvicorn.Server):
        """Tells the address when it is really open."""

        async def startup(self, sockets: list[socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                opened()

    Server(uvicorn.Config(create_app(folder), host=host, port=port, log_level=QUIET)).run()
