"""What the commands of the group ``pathway`` share: changed levers, the loaded model, a running sign, tables of series."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import typer

_NOT_MASSES = ("electricity", "nonfossil_share")
"""Series in another unit than Mt CO2."""

if TYPE_CHECKING:
    from tanlu.accounts import Inventory
    from tanlu.core.province import Province as Loaded
    from tanlu.pathways import Baseline, PathwayData
    from tanlu.pathways.effects import EffectsData


def settings(pairs: list[str], data: PathwayData) -> dict[str, float]:
    """Return the values of ``--set lever=value``; every malformed pair, unknown lever and value out of its range is a problem."""
    from tanlu.core.errors import DataError, Problem
    from tanlu.pathways.levers import lever_values

    out, problems = dict[str, float](), list[Problem]()
    for pair in pairs:
        name, equals, text = pair.partition("=")
        try:
            out[name.strip()] = float(text)
        except ValueError:
            equals = ""
        if not equals or not name.strip():
            problems.append(Problem("lever_setting", "--set", value=pair))
    try:
        lever_values(data.every, {}, out)
    except DataError as error:
        problems += error.problems
    if problems:
        raise DataError(problems)
    return out


def load_parts(province: str) -> tuple[PathwayData, Baseline, Loaded]:
    """Return the pathway data, the calibrated base year and the province."""
    from dataclasses import replace

    from tanlu.pathways.simulation import load_model

    model = load_model(province)
    return replace(model.data, side=()), model.baseline, model.province


def load_with_effects(province: str) -> tuple[PathwayData, Baseline, Inventory, EffectsData]:
    """Return the pathway data, the calibrated base year, the inventory behind it, and the data of costs and other gases.

    Raises
    ------
    DataError
        With every problem of the data, or if the province has none on costs.
    """
    from dataclasses import replace

    from tanlu.pathways.effects import load_effects
    from tanlu.pathways.simulation import load_model

    model = load_model(province)
    assert model.inventory is not None
    side = model.effects_data or load_effects(model.province.folder)
    return replace(model.data, side=()), model.baseline, model.inventory, side


def check_draws(draws: int) -> None:
    """End the command if the number of draws is not eight times a power of two."""
    size = draws // 8
    if draws != 8 * size or size < 2 or size & (size - 1):
        raise typer.BadParameter(f"{draws}: 16, 32, 64, …, 1024, 2048, 4096", param_hint="--draws")


@contextmanager
def spare_algebra() -> Iterator[None]:
    """Let the linear algebra of the process use one thread.

    Matrices of the pathways are small: a second thread waits for them at full speed, which takes half of the processor for nothing.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(1, "blas"):
        yield


@contextmanager
def working(text: str, quiet: bool) -> Iterator[None]:
    """Show that something is going on, on a terminal only."""
    if quiet or not sys.stderr.isatty():
        yield
        return
    from rich.console import Console

    with Console(stderr=True).status(text):
        yield


@dataclass
class Clock:
    """Seconds that a block took: what computing costs, apart from the start of the command and the reading of data."""

    seconds: float = 0.0
    cpu_seconds: float = 0.0

    def __enter__(self) -> Clock:
        self._began = time.perf_counter(), time.process_time()
        return self

    def __exit__(self, *_: object) -> None:
        wall, cpu = self._began
        self.seconds, self.cpu_seconds = time.perf_counter() - wall, time.process_time() - cpu

    def summary(self) -> dict[str, float]:
        """Return both as plain data."""
        return {"seconds": round(self.seconds, 3), "cpu_seconds": round(self.cpu_seconds, 3)}

    def tell(self, language: str) -> None:
        """Print both."""
        from tanlu.core.messages import translate

        words = {"seconds": f"{self.seconds:.2f}", "cpu": f"{self.cpu_seconds:.2f}"}
        print(translate("pathways.command.computed", language, **words))


def print_series(series: Mapping[str, Mapping[str, float]], language: str) -> None:
    """Print series, by key of ``pathways.series``, with a column for each year."""
    from tanlu.commands.plain_table import print_table
    from tanlu.commands.tonnes import tonnes, tonnes_unit
    from tanlu.core.messages import translate

    head = [translate("pathways.command.indicator", language), *next(iter(series.values()))]
    unit = tonnes_unit(language)
    rows = [
        [
            translate(f"pathways.series.{k}", language, unit=unit),
            *(f"{v:.1f}" if k in _NOT_MASSES else tonnes(v, language) for v in of.values()),
        ]
        for k, of in series.items()
    ]
    print_table("", head, rows)
