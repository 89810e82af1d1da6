"""Commands share what they read of the shipped provinces: reading is tested elsewhere, and a process calls them hundreds of times."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import tanlu.provinces

SHIPPED = Path(tanlu.provinces.__path__[0])
READERS = (
    "tanlu.core.province.load_province",
    "tanlu.pathways.load_pathways",
    "tanlu.pathways.baseline_from_inventory",
    "tanlu.accounts.build_inventory",
    "tanlu.land.forest_rows",
    "tanlu.plan.load_plan",
)
"""Functions that commands import when they run; each is a pure function of its arguments and of the folder that they name."""


def once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function that remembers its answers for folders that ship, and for what was made of them."""
    known: dict[tuple[object, ...], tuple[object, object]] = {}

    def call(*arguments: Any, **options: Any) -> Any:
        folders = [a for a in arguments if isinstance(a, Path)]
        if options or not all(a.is_relative_to(SHIPPED) for a in folders):
            return function(*arguments, **options)
        key = tuple(a if isinstance(a, Path) else id(a) for a in arguments)
        if key not in known:
            # the arguments are kept, so that no other object gets their number
            known[key] = (arguments, function(*arguments))
        return known[key][1]

    return call


@pytest.fixture(scope="package", autouse=True)
def shared() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in READERS:
            module, _, attribute = name.rpartition(".")
            found = import_module(module)
            patch.setattr(found, attribute, once(getattr(found, attribute)))
        yield
