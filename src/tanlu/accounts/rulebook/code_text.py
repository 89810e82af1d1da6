"""What a function rests on in its own package: the functions that it calls, and the constants that it reads."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache
from types import CodeType, FunctionType, ModuleType
from typing import Any, Final

PACKAGE: Final = __name__.partition(".")[0]
CONSTANTS: Final = (int, float, str, Decimal, Fraction, tuple, list, dict, set, frozenset)


def texts_behind(function: Callable[..., Any]) -> list[str]:
    """Return the texts of all functions that a function calls, directly or through others, and of the constants that they read, sorted.

    Parameters
    ----------
    function : callable
        A function of Python.

    Notes
    -----
    Functions count if they are of this package or of the module of the function that calls them; other packages have versions of their own.
    Their modules are not named, so that a function may move.
    """
    found: set[str] = set()
    seen, waiting = {function}, [function]
    while waiting:
        for name, value in _read_by(waiting.pop()):
            called = inspect.unwrap(value) if callable(value) else value
            if isinstance(called, FunctionType):
                if called not in seen:
                    seen.add(called)
                    waiting.append(called)
                    found.add(_source(called))
            elif isinstance(value, CONSTANTS):
                # sets have no order of their own
                found.add(f"{name} = {sorted(value, key=repr) if isinstance(value, set | frozenset) else value!r}")
    return sorted(found)


@cache
def _source(function: Callable[..., Any]) -> str:
    return inspect.getsource(function)


def _read_by(function: Callable[..., Any]) -> Iterator[tuple[str, Any]]:
    """Yield what a function reads of its module, and of modules of this package, with its name."""
    if not isinstance(function, FunctionType):
        return
    own = function.__module__
    names = sorted(set(_names(function.__code__)))
    for name in names:
        value = function.__globals__.get(name)
        if isinstance(value, ModuleType):
            if value.__name__.partition(".")[0] == PACKAGE:
                yield from ((n, getattr(value, n)) for n in names if hasattr(value, n) and n != name)
        elif not callable(value) or getattr(value, "__module__", "") == own or _is_ours(value):
            yield name, value


def _is_ours(value: Any) -> bool:
    return str(getattr(value, "__module__", "")).partition(".")[0] == PACKAGE


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that a function and the functions inside it read from outside."""
    yield from code.co_names
    for part in code.co_consts:
        if isinstance(part, CodeType):
            yield from _names(part)
