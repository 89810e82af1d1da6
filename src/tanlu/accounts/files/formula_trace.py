"""The function of a method with the numbers of one result put in, line by line as it stands in the source."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType
from typing import Any, Final

import numpy as np

from tanlu.accounts.rulebook.method import Method

DIGITS: Final = 10
METHODS: Final = "tanlu.accounts.methods"


@dataclass(frozen=True, slots=True)
class Step:
    """A line of a function.

    Parameters
    ----------
    name : str
        What the line gives a name to; empty for what is returned.
    code : str
        As it is written.
    numbers : str
        The same with numbers in place of names.
    value : object
        What came out: a number or an array.
    """

    name: str
    code: str
    numbers: str
    value: Any


def trace(method: Method, values: Mapping[str, Any]) -> list[Step]:
    """Return the lines of a method for one record.

    Parameters
    ----------
    method : Method
    values : mapping
        Inputs by name in the units of the method; arrays for the periods of a series.

    Returns
    -------
    list of Step
        Only what is returned when the function branches or loops, since no single line then tells the result.
    """
    steps = _lines(method.function, values)
    return steps or [Step("", method.formula, method.formula, v) for v in method.evaluate(values)]


def _lines(function: Callable[..., Any], values: Mapping[str, Any]) -> list[Step]:
    """Return the lines of a function, none if it branches or loops."""
    parameters = inspect.signature(function).parameters
    defaults = {n: p.default for n, p in parameters.items() if p.default is not inspect.Parameter.empty}
    names = {**defaults, **{n: values[n] for n in parameters if n in values}}
    body = _body(function)
    if not all(_is_straight(line) for line in body):
        return []
    scope = dict(function.__globals__)
    steps: list[Step] = []
    for line in body:
        if isinstance(line, ast.Return):
            parts = line.value.elts if isinstance(line.value, ast.Tuple) else [line.value]
            for part in parts:
                steps += [] if part is None else _returned(part, scope, names)
        elif isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
            target = line.targets[0] if isinstance(line, ast.Assign) else line.target
            step = _step(ast.unparse(target), line.value, scope, names)
            steps.append(step)
            names |= _bound(target, step.value)
    return steps


def _returned(part: ast.expr, scope: dict[str, Any], names: dict[str, Any]) -> list[Step]:
    """Return the line of what is returned; of another function of the methods its own lines."""
    function = scope.get(part.func.id) if isinstance(part, ast.Call) and isinstance(part.func, ast.Name) else None
    if isinstance(part, ast.Call) and isinstance(function, FunctionType) and function.__module__.startswith(METHODS):
        arguments = [_value(a, scope, names) for a in part.args]
        words = {k.arg: _value(k.value, scope, names) for k in part.keywords if k.arg is not None}
        inner = _lines(function, inspect.signature(function).bind(*arguments, **words).arguments)
        if inner:
            return inner
    step = _step("", part, scope, names)
    values = step.value if isinstance(step.value, tuple) else (step.value,)
    return [Step("", step.code, step.numbers, value) for value in values]


def _value(part: ast.expr, scope: dict[str, Any], names: dict[str, Any]) -> Any:
    with np.errstate(all="ignore"):
        # the text is that of our own function
        return eval(compile(ast.Expression(part), "<method>", "eval"), {**scope, **names})


def _body(function: Callable[..., Any]) -> list[ast.stmt]:
    """Return the lines of a function without its docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    first = tree.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return tree.body[1:] if documented else tree.body


def _is_straight(line: ast.stmt) -> bool:
    """Return whether a line only gives a name to a value, or returns one."""
    if isinstance(line, ast.Return):
        return True
    targets = line.targets if isinstance(line, ast.Assign) else [line.target] if isinstance(line, ast.AnnAssign) else []
    parts = [p for t in targets for p in (t.elts if isinstance(t, ast.Tuple) else [t])]
    return len(targets) == 1 and all(isinstance(p, ast.Name) for p in parts)


def _bound(target: ast.expr, value: Any) -> dict[str, Any]:
    """Return the names that a line binds."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    parts = target.elts if isinstance(target, ast.Tuple) else []
    return {p.id: v for p, v in zip(parts, value, strict=False) if isinstance(p, ast.Name)}


def _step(name: str, part: ast.expr, scope: dict[str, Any], names: dict[str, Any]) -> Step:
    code, value = ast.unparse(part), _value(part, scope, names)
    shown = ast.unparse(_Numbers({**scope, **names}).visit(ast.parse(code, mode="eval")))
    return Step(name, code, shown, value)


class _Numbers(ast.NodeTransformer):
    """Puts numbers in the place of names."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values

    def visit_Name(self, node: ast.Name) -> ast.expr:
        """Return the number that a name stands for; words and arrays keep their name."""
        text = number_text(self.values.get(node.id))
        return node if text is None else ast.Name(f"({text})" if text.startswith("-") else text, node.ctx)


def number_text(value: Any) -> str | None:
    """Return a number as text; None for what is not one number."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.number | np.ndarray):
        return None
    if isinstance(value, np.ndarray):
        if value.size != 1 or value.dtype.kind not in "fi":
            return None
        value = value.item()
    return f"{float(value):.{DIGITS}g}"
