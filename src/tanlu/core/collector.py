"""The garbage collector where many objects are made, or stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

SELDOM: Final = (10_000, 10, 10)
"""How many objects more make the collector look for garbage, and of how many looks one goes further back. With its own 700 it would look in
the middle of a page."""


@contextmanager
def collector_paused() -> Iterator[None]:
    """Stop the garbage collector, which would walk all records again and again; for work that makes no cycles."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


def set_aside() -> None:
    """Let the collector leave alone what is there now: objects that stay, by the hundred thousand, take longer to walk than a page."""
    gc.unfreeze()
    gc.collect()
    gc.freeze()
    # it looks at everything once a quarter of what it saw the last time is new: it has to see what is not set aside
    gc.collect()
    gc.set_threshold(*SELDOM)
