"""The function of a method with the numbers of one result put in, line by line as it stands in the source."""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from tanlu.accounts.method import Method

DIGITS: Final = 10


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
    parameters = inspect.signature(method.function).parameters
    defaults = {n: p.default for n, p in parameters.items() if p.default is not inspect.Parameter.empty}
    names = {**defaults, **{n: values[n] for n in parameters if n in values}}
    body = _body(method.function)
    if not all(isinstance(line, ast.Assign | ast.AnnAssign | ast.Return) for line in body):
        return [Step("", method.formula, method.formula, v) for v in method.evaluate(values)]
    scope = dict(method.function.__globals__)
    steps: list[Step] = []
    for line in body:
        if isinstance(line, ast.Return):
            parts = line.value.elts if isinstance(line.value, ast.Tuple) else [line.value]
            steps += [_step("", part, scope, names) for part in parts if part is not None]
        elif isinstance(line, ast.Assign | ast.AnnAssign) and line.value is not None:
            target = line.targets[0] if isinstance(line, ast.Assign) else line.target
            step = _step(ast.unparse(target), line.value, scope, names)
            steps.append(step)
            names |= _bound(target, step.value)
    return steps


def _body(function: Callable[..., Any]) -> list[ast.stmt]:
    """Return the lines of a function without its docstring."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]
    assert isinstance(tree, ast.FunctionDef)
    first = tree.body[0]
    documented = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    return tree.body[1:] if documented else tree.body


def _bound(target: ast.expr, value: Any) -> dict[str, Any]:
    """Return the names that a line binds."""
    if isinstance(target, ast.Name):
        return {target.id: value}
    parts = target.elts if isinstance(target, ast.Tuple) else []
    return {p.id: v for p, v in zip(parts, value, strict=False) if isinstance(p, ast.Name)}


def _step(name: str, part: ast.expr, scope: dict[str, Any], names: dict[str, Any]) -> Step:
    code = ast.unparse(part)
    with np.errstate(all="ignore"):
        # the text is that of our own function
        value = eval(compile(ast.Expression(part), "<method>", "eval"), {**scope, **names})
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
