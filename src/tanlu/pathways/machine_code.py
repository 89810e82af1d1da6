"""Whether the compiled kernels are at hand: until they are, the first answers come from the plain-numpy definition.

Compiling takes longer than anybody should wait for a first answer. `make` compiles at set-up; after another kind of installation the first
call of `soonest` starts the compiler in a process of its own and answers with the definition, which says the same to 1e-9. Machine code
lies where numba keeps it; a mark beside it says that it is complete.
"""

from __future__ import annotations

import subprocess
import sys
import zlib
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any, Final, Literal

from tanlu.pathways.engine import Implementation

Part = Literal["engine", "effects"]
SOURCES: Final[dict[Part, str]] = {"engine": "kernel/*.py", "effects": "effects/kernel.py"}
_started: list[subprocess.Popen[bytes]] = []


@lru_cache(maxsize=2)
def mark(part: Part) -> Path:
    """Return the file that says that a kernel is compiled, for this source, this numba and this processor."""
    import numba

    from tanlu.pathways.kernel import simulate

    processor: Any = import_module("llvmlite.binding")
    here, code = Path(__file__).parent, zlib.crc32(f"{numba.__version__} {processor.get_host_cpu_name()}".encode())
    for path in sorted(here.glob(SOURCES[part])):
        code = zlib.crc32(path.read_bytes(), code)
    return Path(simulate._cache.cache_path) / f"tanlu-{part}-{code:08x}.ready"  # type: ignore[attr-defined]


def at_hand(part: Part) -> bool:
    """Return whether a kernel is compiled."""
    return mark(part).exists()


def compiled(part: Part) -> None:
    """Note that a kernel is compiled."""
    try:
        mark(part).parent.mkdir(parents=True, exist_ok=True)
        mark(part).touch()
    except OSError:
        # numba keeps nothing where nothing can be written; then each process compiles for itself
        return


def soonest(part: Part = "engine", *, start: bool = True) -> Implementation:
    """Return the implementation that answers first: the kernel where it is compiled, else the definition.

    Parameters
    ----------
    part : {"engine", "effects"}
    start : bool
        Whether the compiler is started in a process of its own where it is needed.
    """
    if at_hand(part):
        return "kernel"
    if start and not _started:
        command = [sys.executable, "-m", "tanlu.pathways.machine_code"]
        _started.append(
            subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
            )
        )  # fmt: skip
    return "reference"


def compile_all() -> None:
    """Compile the kernels of engine and effects and note it."""
    from tanlu.pathways.effects import effects
    from tanlu.pathways.engine import run
    from tanlu.pathways.simulation import load_model, reference_setting

    model = load_model()
    setting = reference_setting()
    found = run(model.parameters(setting), model.data.world(setting.base, setting.levers))
    tables = model.effect_tables(setting)
    if tables is not None:
        effects(found, tables)


if __name__ == "__main__":
    compile_all()
