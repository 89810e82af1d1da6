"""What each file of a plan folder must hold.

The same declarations check a folder and name the closed vocabularies that queries accept.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from tanlu.core.schema import TableSchema
from tanlu.core.tables import Column

LEVELS: Final = ("key", "early", "promote", "group", "box", "product", "field", "cluster", "service")
"""Where an item stands: key, early-deployment and promoted topics, group nouns, items and products of a box, fields, clusters, services."""
DOMAINS: Final = (
    "energy", "industry", "building", "transport", "agri_forest", "environment", "basic", "ccus", "digital", "cross", "innovation",
)  # fmt: skip
TECHNOLOGY_KINDS: Final = ("equipment", "process", "material", "software", "method", "service")
ROLES: Final = ("low", "zero", "negative", "enabling")
STREAMS: Final = ("energy_co2", "process_co2", "ch4", "n2o", "f_gases", "removal")
"""Emission streams: CO2 of energy use, CO2 of industrial processes, other gases, removals from the atmosphere."""
TARGET_KINDS: Final = ("quantitative", "mandated", "date", "qualitative")
OPERATORS: Final = ("<=", ">=", "within", "increase", "decrease", "improve")
MECHANISM_KINDS: Final = (
    "document", "guiding_thought", "strategy", "principle", "concept", "institution", "expert_body", "actor", "discipline", "field",
    "mechanism", "platform", "system_of_innovation", "programme", "project", "instrument", "fund", "tax", "market", "standard",
    "catalogue", "base", "incubator", "alliance", "cluster", "place", "pilot_zone", "event", "partner",
)  # fmt: skip
LAYERS: Final = (
    "sense", "account", "assess", "model", "operate", "transact", "finance", "diffuse", "allocate", "govern", "engage",
)  # fmt: skip
TIERS: Final = ("loop_backbone", "sector_tool", "device_near")

Kind = Literal[
    "text", "number", "integer", "texts", "choice", "ref", "refs", "hook", "text2", "record", "records", "flag"
]


@dataclass(frozen=True, slots=True)
class Field:
    """What a key of a YAML entry must hold.

    Parameters
    ----------
    name : str
    kind : Kind
        ``texts`` is a list of text; ``ref`` and ``refs`` are ids of another group; ``hook`` is ``prefix:object``; ``text2`` is a text in
        both languages; ``record`` and ``records`` nest the fields of ``of``; ``flag`` is true or false.
    filled : bool
        Whether the value may not be empty.
    choices : tuple of str
        Allowed values of ``choice``.
    group : str
        Group of records that a reference points at.
    of : tuple of Field
    optional : bool
        Whether the key may be left out, which means the same as empty.
    """

    name: str
    kind: Kind = "text"
    filled: bool = True
    choices: tuple[str, ...] = ()
    group: str = ""
    of: tuple[Field, ...] = field(default=())
    optional: bool = False


_NAME: Final = (Field("id"), Field("zh"), Field("en"))
_SECTION: Final = (*_NAME, Field("source"))

ENTRIES: Final[dict[str, tuple[Field, ...]]] = {
    "actions": (
        *_SECTION,
        Field("domain", "choice", choices=DOMAINS),
        Field("thrust", "text2"),
        Field("focus", "records", of=_NAME),
        Field("scenarios", "records", False, of=(*_NAME, Field("hook", "hook"))),
        Field("aims", "records", False, of=(*_NAME, Field("target", "ref", group="targets"))),
        Field("box", "record", of=(*_SECTION, Field("directions", "records", of=_SECTION))),
    ),
    "targets": (
        *_SECTION,
        Field("kind", "choice", choices=TARGET_KINDS),
        Field("basis", "choice", choices=("stated", "operationalised")),
        Field("value", "number", False),
        Field("unit"),
        Field("operator", "choice", choices=OPERATORS),
        Field("baseline_year", "integer", False),
        Field("baseline_basis", "choice", choices=("stated", "assumed", "not_stated")),
        Field("comparator"),
        Field("deadline", "integer"),
        Field("indicator", "text2"),
        Field("formula"),
        Field("data_needed", "texts"),
        Field("action", "ref", False, group="actions"),
        Field("note", filled=False),
        Field("systems", "refs", False, group="systems"),
    ),
    "mechanisms": (
        *_SECTION,
        Field("kind", "choice", choices=MECHANISM_KINDS),
        Field("role"),
        Field("action", "ref", False, group="actions"),
        Field("systems", "refs", False, group="systems"),
    ),
    "systems": (
        *_SECTION,
        Field("key"),
        Field("explicitness", "choice", choices=("named", "implied")),
        Field("layer", "choice", choices=LAYERS),
        Field("tier", "choice", choices=TIERS),
        Field("actions", "refs", False, group="actions"),
        Field("must_do", "texts"),
        Field("users", "texts"),
        Field("inputs", "texts"),
        Field("outputs", "texts"),
        Field("targets", "refs", False, group="targets"),
        Field("technologies", "refs", False, group="technologies"),
        Field("mechanisms", "refs", False, group="mechanisms"),
        Field("depends_on", "refs", False, group="systems"),
        Field("feedback_from", "refs", False, group="systems"),
        Field("works_when", "texts"),
    ),
    "hooks": (
        Field("prefix"),
        Field("zh"),
        Field("en"),
        Field("form"),
        Field("parameters", "texts", False),
    ),
}
"""Fields of the entries of ``plan/<group>.yaml``."""

TECHNOLOGIES: Final = TableSchema(
    "plan/technologies.csv",
    "Technologies, products, fields and services that the plan names, each with a hook into a quantitative model",
    (
        Column("id", note="stable; entries are added at the end and never renumbered"),
        Column("action", note="id in actions.yaml"),
        Column("box", required=False, note="id of the box, empty for the action's own text"),
        Column("level", "choice", choices=LEVELS, refers_to="level", note="where the item stands"),
        Column("direction", required=False, note="id of the direction of the box"),
        Column("parent", required=False, note="id of the group noun it is listed under"),
        Column("zh", note="Chinese name"),
        Column("en", note="English name"),
        Column("domain", "choice", choices=DOMAINS, refers_to="domain", note="field of work"),
        Column("kind", "choice", choices=TECHNOLOGY_KINDS, refers_to="kind", note="kind of thing"),
        Column("carbon_role", "choice", choices=ROLES, refers_to="carbon_role", note="low, zero, negative or enabling"),
        Column("replaces", note="what it replaces or makes better (analysis)"),
        Column("abates", required=False, note="emission streams on which it acts directly, joined by ; (analysis)"),
        Column("software", "choice", choices=("yes", "no"), refers_to="software", note="itself a software system"),
        Column("hook", note="prefix:object, prefix in hooks.yaml"),
        Column("same_as", required=False, note="id of the first item of the same name"),
        Column("detailed_in", required=False, note="directions that detail the topic, joined by ;"),
        Column("systems", required=False, note="ids of systems, joined by ;"),
        Column("source", note="section and line of the plan, as in: I(3) Goals, L29; Box 1, L53; Action 1, L35"),
        Column("note", required=False, note="doubt or limit"),
    ),
    ("id",),
)
