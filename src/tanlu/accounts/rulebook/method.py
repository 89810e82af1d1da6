"""What an accounting method is: a pure function, and a declaration of what it takes, gives and rests on.

A method module declares its functions with `method`; the function stays an ordinary function of scalars or arrays::

    @method(
        "cement-clinker",
        sets=("cn-province-2011",),
        inputs=(activity("clinker", "t"), factor("clinker_factor", "t CO2/t", parameter="emission_factor", subject="clinker")),
        outputs=(Output("CO2", "2.A.1"),),
        formula="E = Q · EF",
        clause="section 2.1",
        source="prov-guide-2011",
    )
    def clinker_co2(clinker: Values, clinker_factor: Values) -> Values: ...
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Final, Literal, TypeVar

import numpy as np
from numpy.typing import NDArray

from tanlu.accounts.rulebook.code_text import texts_behind
from tanlu.core.hashing import hash_json

Values = float | NDArray[np.float64]
"""A number or an array of numbers; functions of several of them broadcast."""
Kind = Literal["activity", "factor", "choice"]
F = TypeVar("F", bound=Callable[..., Any])
SAID: Final = ("id", "inputs", "outputs", "formula", "clause", "source", "rounding")
"""What of a declaration enters its hash."""


@dataclass(frozen=True, slots=True)
class Input:
    """One thing that a method takes.

    Parameters
    ----------
    name : str
        Name of the parameter of the function and of the ``input`` column; catalogue entry ``input.<name>``.
    kind : {"activity", "factor", "choice"}
        Activity data come from the user; factors from the user or, failing that, the library; choices are words.
    units : tuple of str or None
        Unit in which the function takes it. Several units are alternatives (mass or volume of a fuel): all inputs of a record with
        alternatives use the same position; None in a position means that the input is 1 there.
    parameter, subject, gas : str
        Where the library has the factor; ``{fuel}`` in a subject stands for the choice ``fuel``.
    bundle : str
        Factors of one bundle come from one factor set.
    default : float, optional
        Value where the user gives none and the rule allows it, such as no recovery.
    options : tuple of str
        Words that a choice may take.
    word : str
        The word where the user gives none; empty when he must.
    low, high : float, optional
        Plausible range in the first unit; outside it the value is listed for review.
    exact : bool
        Whether it has no error of its own, such as a physical constant.
    series : bool
        Whether the method takes the values of all periods of the record at once (last axis of the array). Factors that the user does
        not give are then those of the last period for all of them.
    constant : bool
        Whether a series method takes one value of it for all periods.
    """

    name: str
    kind: Kind
    units: tuple[str | None, ...] = ()
    parameter: str = ""
    subject: str = ""
    gas: str = ""
    bundle: str = ""
    default: float | None = None
    options: tuple[str, ...] = ()
    word: str = ""
    low: float | None = None
    high: float | None = None
    exact: bool = False
    series: bool = False
    constant: bool = False

    @property
    def choices_in_subject(self) -> list[str]:
        """Names of the choices on which the subject of the factor depends."""
        return re.findall(r"\{(\w+)\}", self.subject)


def activity(
    name: str,
    *units: str,
    default: float | None = None,
    low: float | None = 0.0,
    high: float | None = None,
    series: bool = False,
    constant: bool = False,
) -> Input:
    """Declare activity data."""
    return Input(name, "activity", units, default=default, low=low, high=high, series=series, constant=constant)


def factor(
    name: str,
    *units: str | None,
    parameter: str = "",
    subject: str = "",
    gas: str = "",
    bundle: str = "",
    default: float | None = None,
    low: float | None = None,
    high: float | None = None,
    exact: bool = False,
    constant: bool = False,
) -> Input:
    """Declare a factor: its name in the library is the parameter, or the name of the input."""
    return Input(
        name, "factor", units, parameter or name, subject, gas, bundle, default, low=low, high=high, exact=exact,
        constant=constant,
    )  # fmt: skip


def choice(name: str, *options: str, word: str = "") -> Input:
    """Declare a choice among words, of which one may hold where the user gives none."""
    return Input(name, "choice", options=options, word=word)


@dataclass(frozen=True, slots=True)
class Output:
    """One thing that a method gives, in the order of the values that the function returns.

    Parameters
    ----------
    gas : str
        Gas whose mass it is; ``CO2e`` where a rule knows only the equivalent.
    category : str
        IPCC 2006 category, or ``memo.<name>`` outside the total; empty with ``by``.
    by : str
        Choice that decides the category.
    categories : mapping
        Category by the word of that choice.
    unit : str
    optional : bool
        Whether it is left out where it is zero: one of many gases of which a record uses a few.
    signed : bool
        Whether it is a difference that may have either sign: its interval is then symmetric at any width.
    """

    gas: str
    category: str = ""
    by: str = ""
    categories: Mapping[str, str] = field(default_factory=dict)
    unit: str = "t"
    optional: bool = False
    signed: bool = False


@dataclass(frozen=True, slots=True)
class Rounding:
    """Decimals to which a rule rounds inputs and results; half away from zero, or half to even (GB/T 8170)."""

    inputs: Mapping[str, int] = field(default_factory=dict)
    result: int | None = None
    half: Literal["up", "even"] = "up"


@dataclass(frozen=True)
class Method:
    """A declared accounting method.

    Parameters
    ----------
    id : str
        Slug; catalogue entries ``method.<id>.name`` and ``method.<id>.rule``, page ``docs/methods/reference/<id>.md``.
    topic : str
        What it accounts for; activity rows may name the topic, and the method set picks the method.
    sets : tuple of str
        Method sets that it belongs to.
    function : callable
        Takes the inputs by name, as numbers or arrays in the declared units; returns one array an output (a tuple for several).
    formula, clause, source : str
        Equation in plain text, where the source has it, and the source (id in the library).
    tier : str
        IPCC tier, or empty.
    rounding : Rounding, optional
        Of statutory methods: the numbers are then computed in exact decimals.
    """

    id: str
    topic: str
    sets: tuple[str, ...]
    function: Callable[..., Any]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    formula: str
    clause: str
    source: str
    tier: str = ""
    version: str = "1"
    rounding: Rounding | None = None

    @cached_property
    def by_name(self) -> dict[str, Input]:
        """Inputs by name."""
        return {i.name: i for i in self.inputs}

    @cached_property
    def arguments(self) -> tuple[str, ...]:
        """Names that the function takes."""
        return tuple(inspect.signature(self.function).parameters)

    @cached_property
    def feeds(self) -> tuple[frozenset[str], ...]:
        """Names of the inputs that enter each output; all of them where a word decides what enters."""
        names = frozenset(self.by_name)
        if len(self.outputs) == 1 or any(self.by_name[name].kind == "choice" for name in self.arguments):
            return (names,) * len(self.outputs)
        generator, shape = np.random.default_rng(0), (8, 3) if self.is_series else (8,)
        point = {name: generator.uniform(0.2, 0.9, shape) for name in self.arguments}
        found: list[set[str]] = [set() for _ in self.outputs]
        with np.errstate(all="ignore"):
            before = self.evaluate(point)
            for name in self.arguments:
                after = self.evaluate({**point, name: point[name] * 1.1})
                for at, (a, b) in enumerate(zip(after, before, strict=True)):
                    if not np.array_equal(np.asarray(a), np.asarray(b), equal_nan=True):
                        found[at].add(name)
        return tuple(frozenset(f) for f in found)

    @cached_property
    def is_series(self) -> bool:
        """Whether the method takes all periods of a record at once."""
        return any(i.series for i in self.inputs)

    @cached_property
    def hash(self) -> str:
        """SHA-256 over the declaration, the text of the function, and what it calls and reads in this package."""
        said: dict[str, object] = {name: repr(getattr(self, name)) for name in SAID}
        behind = texts_behind(self.function)
        if behind:
            said["behind"] = behind
        return hash_json({**said, "version": self.version, "code": inspect.getsource(self.function)})

    def evaluate(self, values: Mapping[str, Any]) -> tuple[Any, ...]:
        """Return the outputs for inputs by name; names that the function does not take are left out."""
        found = self.function(**{name: values[name] for name in self.arguments if name in values})
        return found if isinstance(found, tuple) else (found,)


_DECLARED: Final[dict[str, Method]] = {}


def method(
    id: str,
    *,
    sets: Sequence[str],
    inputs: Sequence[Input],
    outputs: Sequence[Output],
    formula: str,
    clause: str,
    source: str,
    topic: str = "",
    tier: str = "",
    version: str = "1",
    rounding: Rounding | None = None,
) -> Callable[[F], F]:
    """Declare a function as a method and leave it as it is.

    Raises
    ------
    ValueError
        If the id is taken, or the function does not take what is declared.
    """

    def declare(function: F) -> F:
        declared = Method(
            id, topic or id, tuple(sets), function, tuple(inputs), tuple(outputs), formula, clause, source, tier, version,
            rounding,
        )  # fmt: skip
        taken = {i.name for i in inputs if i.kind != "choice"}
        extra = set(declared.arguments) - {i.name for i in inputs}
        if taken - set(declared.arguments) or extra:
            raise ValueError(f"method {id}: the function takes {declared.arguments}, declared are {sorted(taken)}")
        other = _DECLARED.get(id)
        if other is not None and other.function.__qualname__ != function.__qualname__:
            raise ValueError(f"method {id} is declared twice")
        _DECLARED[id] = declared
        return function

    return declare


@cache
def methods() -> Mapping[str, Method]:
    """Return all methods by id, sorted."""
    package = importlib.import_module("tanlu.accounts.methods")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_DECLARED.items()))
