"""The progress of the main job on the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tanlu.core.messages import translate

STEPS: Final = ("data", "inventory", "pathways", "assessment", "energy", "results", "report")
Advance = Callable[[str], None]


@contextmanager
def progress_bar(language: str, *, quiet: bool = False) -> Iterator[Advance]:
    """Show a progress bar on standard error while the block runs.

    Yields
    ------
    callable
        Called with the name of a step (`STEPS`) when it begins.
    """
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    console = Console(stderr=True, quiet=quiet)
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("", total=len(STEPS))

        def advance(step: str) -> None:
            progress.update(task, completed=STEPS.index(step), description=translate(f"step.{step}", language))

        yield advance
        progress.update(task, completed=len(STEPS))
