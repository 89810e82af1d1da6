"""What a plan is made of, as typed records.

Every record has a Chinese and an English name and the section of the plan it stands in (``source``). Fields that hold analysis and not the
plan's own structure say so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tanlu.plan.sections import section_text


class HookUse(NamedTuple):
    """A modelling hook: the form of the model term (``prefix``) and the thing in the model that it acts on (``object``)."""

    prefix: str
    object: str

    @classmethod
    def parse(cls, text: str) -> HookUse:
        """Return the hook of ``prefix:object``.

        Raises
        ------
        ValueError
            If one of the two parts is missing.
        """
        prefix, colon, thing = (part.strip() for part in text.partition(":"))
        if not (prefix and colon and thing):
            raise ValueError(f"{text!r} is not prefix:object")
        return cls(prefix, thing)

    def __str__(self) -> str:
        return f"{self.prefix}:{self.object}"


@dataclass(frozen=True, slots=True)
class Text:
    """A text in both languages."""

    zh: str
    en: str

    def name(self, language: str) -> str:
        """Return the text in the given language."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True, slots=True)
class Named:
    """Anything of the plan that has an id and a name."""

    id: str
    zh: str
    en: str

    def name(self, language: str) -> str:
        """Return the name in the given language."""
        return self.zh if language == "zh" else self.en


class Placed:
    """Anything that stands in a section of the plan document."""

    __slots__ = ()
    source: str

    def section(self, language: str) -> str:
        """Return the section, or sections, for a reader of the given language."""
        return section_text(self.source, language)


@dataclass(frozen=True, slots=True)
class Direction(Named, Placed):
    """A direction of a box."""

    source: str


@dataclass(frozen=True, slots=True)
class Box(Named, Placed):
    """The box of an action: its list of technologies, by direction."""

    source: str
    directions: tuple[Direction, ...]


@dataclass(frozen=True, slots=True)
class Scenario(Named):
    """A field of application that an action extends, with its hook into a model."""

    hook: HookUse


@dataclass(frozen=True, slots=True)
class Aim(Named):
    """What an action is to have reached at its end; ``target`` is the id of the target that measures it."""

    target: str


@dataclass(frozen=True, slots=True)
class Action(Named, Placed):
    """One of the actions of the plan.

    ``thrust`` is what it advances, ``focus`` the problems it is built around.
    """

    domain: str
    source: str
    thrust: Text
    focus: tuple[Named, ...]
    scenarios: tuple[Scenario, ...]
    aims: tuple[Aim, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class Technology(Named, Placed):
    """A technology, product, field or service that the plan names.

    Parameters
    ----------
    action, box, direction, parent : str
        Where it stands; box and direction are empty for items of the action's own text, ``parent`` is the group noun it is listed under.
    level : str
        See `tanlu.plan.schema.LEVELS`. A ``group`` is an umbrella noun and not an item of its own.
    domain, kind, carbon_role : str
        Analysis: field of work, kind of thing, and whether it is low-, zero-, negative-carbon or only enables others.
    replaces : str
        Analysis: what it replaces or makes better.
    abates : tuple of str
        Analysis: emission streams on which it acts directly (`tanlu.plan.schema.STREAMS`); empty for enabling items, whose effect is
        that of the technology they serve.
    software : bool
        Whether it is itself a system that software can be.
    hook : HookUse
        Term of a quantitative model.
    same_as : str
        Id of the first item of the same name, empty for that first one. Sums run over items with empty ``same_as``.
    detailed_in : tuple of str
        Directions of the box that detail a topic of the action's text.
    systems : tuple of str
        Ids of the systems that serve it.
    """

    source: str
    action: str
    box: str
    level: str
    direction: str
    parent: str
    domain: str
    kind: str
    carbon_role: str
    replaces: str
    abates: tuple[str, ...]
    software: bool
    hook: HookUse
    same_as: str
    detailed_in: tuple[str, ...]
    systems: tuple[str, ...]
    note: str

    @property
    def has_model_term(self) -> bool:
        """Whether the hook names a term of a model of the province (prefix other than ``none``)."""
        return self.hook.prefix != "none"


@dataclass(frozen=True, slots=True)
class Target(Named, Placed):
    """A target of the plan.

    Parameters
    ----------
    kind : str
        ``quantitative`` (the plan gives the number), ``mandated`` (the number is set elsewhere), ``date`` or ``qualitative``.
    basis : str
        ``stated`` in the plan, or ``operationalised``: indicator, comparator and formula are a proposal of this project.
    value : float or None
        Required value in ``unit``; None where the plan has none.
    operator : str
        How a measured value is compared with the required one, or the wanted direction.
    baseline_year : int or None
    baseline_basis : str
        ``stated``, ``assumed`` by this project, or ``not_stated``.
    deadline : int
        Year.
    indicator : Text
    formula, comparator : str
    data_needed : tuple of str
    action : str
        Id of the action, empty for targets of the whole plan.
    systems : tuple of str
    """

    source: str
    kind: str
    basis: str
    value: float | None
    unit: str
    operator: str
    baseline_year: int | None
    baseline_basis: str
    comparator: str
    deadline: int
    indicator: Text
    formula: str
    data_needed: tuple[str, ...]
    action: str
    note: str
    systems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mechanism(Named, Placed):
    """An institution, mechanism, platform, programme, instrument, place, event or partner that the plan names.

    ``role`` (analysis) says what it does in the plan.
    """

    source: str
    kind: str
    role: str
    action: str
    systems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class System(Named, Placed):
    """An information system that the plan names or implies.

    ``depends_on`` are the systems whose data it needs to run (free of cycles, so it is an order of building); ``feedback_from`` are those
    whose results change its next run. Capabilities, users, inputs, outputs, tier and checks are analysis.
    """

    source: str
    key: str
    explicitness: str
    layer: str
    tier: str
    actions: tuple[str, ...]
    must_do: tuple[str, ...]
    users: tuple[str, ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    targets: tuple[str, ...]
    technologies: tuple[str, ...]
    mechanisms: tuple[str, ...]
    depends_on: tuple[str, ...]
    feedback_from: tuple[str, ...]
    works_when: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Hook:
    """What the prefix of a hook means in a quantitative model: equation form and parameters (analysis)."""

    prefix: str
    zh: str
    en: str
    form: str
    parameters: tuple[str, ...]

    @property
    def id(self) -> str:
        """Identifier within the plan."""
        return self.prefix

    def name(self, language: str) -> str:
        """Return the meaning in the given language."""
        return self.zh if language == "zh" else self.en
