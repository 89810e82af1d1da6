"""From templates in system.yaml and rows of tables to the components of a system."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final, get_type_hints

from tanlu.core.provenance import Grade
from tanlu.energy import components as kinds
from tanlu.energy import policies as rules
from tanlu.energy.checks.wording import exactly
from tanlu.energy.components import Asset, Carrier, Component, Expandable, Line, Store
from tanlu.energy.parameters import Quantity, declared
from tanlu.energy.problem import Floats
from tanlu.energy.provenance import Origin
from tanlu.energy.reading.amounts import split_amount
from tanlu.energy.reading.report import SYSTEM_FILE, Place, Report
from tanlu.energy.reading.tables import Row
from tanlu.energy.reading.values import Context, Values

_TEMPLATE: Final = ("type", "technology", "name", "node", "nodes")
_ALIASES: Final = {"from": "from_node", "to": "to_node"}
_FOR_ALL: Final = "all"


def snake(name: str) -> str:
    """Return the name of a class as system.yaml writes it: ``EmissionLimit`` is ``emission_limit``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@cache
def component_types() -> dict[str, type[Component]]:
    """Return the classes of components by the name that system.yaml gives them."""
    return _subclasses(vars(kinds), Component, {Component, Expandable})


@cache
def policy_types() -> dict[str, type[rules.Policy]]:
    """Return the classes of policies by the name that system.yaml gives them."""
    return _subclasses(vars(rules), rules.Policy, {rules.Policy})


def _subclasses(members: Mapping[str, Any], base: type, without: set[type]) -> dict[str, Any]:
    found = [m for m in members.values() if isinstance(m, type) and issubclass(m, base) and m not in without]
    return {snake(cls.__name__): cls for cls in found}


@dataclass(frozen=True, slots=True)
class Fields:
    """The fields of a class of components or policies.

    Parameters
    ----------
    quantities : mapping of str to Quantity
        Parameters with units.
    whole : set of str
        Those of them that are whole numbers.
    settings : mapping of str to type
        The other fields, without the name.
    required : set of str
        Fields without a default.
    """

    quantities: dict[str, Quantity]
    whole: frozenset[str]
    settings: dict[str, Any]
    required: frozenset[str]


_FIELDS: dict[type, Fields] = {}
"""Remembered, because the types of annotations are slow to find."""


def fields_of(cls: type) -> Fields:
    """Return the fields of a class of components or policies."""
    if cls not in _FIELDS:
        hints, missing, numbers = get_type_hints(cls), dataclasses.MISSING, declared(cls)
        named = dataclasses.fields(cls)
        _FIELDS[cls] = Fields(
            numbers,
            frozenset(name for name in numbers if hints[name] is int),
            {f.name: hints[f.name] for f in named if f.name not in numbers and f.name != "name"},
            frozenset(f.name for f in named if f.default is missing and f.default_factory is missing),
        )
    return _FIELDS[cls]


@dataclass
class Parts:
    """Makes the components and policies of a system.

    Parameters
    ----------
    report : Report
        Where problems go.
    values : Values
        Numbers of parameters.csv and system.yaml.
    carriers : mapping of str to Carrier
        Carriers by name.
    nodes : sequence of str
        Names of the nodes.
    profiles : mapping of str to array
        Profiles of the folder.
    """

    report: Report
    values: Values
    carriers: Mapping[str, Carrier]
    nodes: Sequence[str]
    profiles: Mapping[str, Floats]
    assets: dict[str, list[Row]] = field(default_factory=dict)
    used_profiles: dict[str, None] = field(default_factory=dict)
    line_templates: dict[str, tuple[Mapping[str, Any], Place]] = field(default_factory=dict)
    parameters_of: dict[str, set[str]] = field(default_factory=dict)
    places: dict[str, Place | Row] = field(default_factory=dict)
    """Where each component and policy was written."""

    def components(self, templates: Any, lines: Iterable[Row]) -> list[Component]:
        """Return the components of all templates and of lines.csv."""
        made = list[Component]()
        if self.report.is_list(templates, ("components",)):
            for position, template in enumerate(templates):
                made.extend(self._of_template(template, ("components", position)))
        lines = list(lines)
        made.extend(component for row in lines if (component := self._line(row)) is not None)
        known = {str(row.cells.get("technology") or "") for row in lines}
        for technology, (_, place) in self.line_templates.items():
            if technology not in known:
                self.report.unknown("line_technology", technology, known, (*place, "technology"))
        return made

    def _of_template(self, template: Any, place: Place) -> Iterator[Component]:
        """Make the components of one template: one for each of its nodes."""
        if not self.report.is_mapping(template, place):
            return
        cls = component_types().get(str(template.get("type")))
        if cls is None:
            self.report.unknown("type", template.get("type", ""), component_types(), (*place, "type"))
            return
        template = {_ALIASES.get(key, key): value for key, value in template.items()}
        allowed = [
            "type",
            *fields_of(cls).settings,
            *_TEMPLATE,
            *fields_of(cls).quantities,
            *(_ALIASES if cls is Line else ()),
        ]
        self.report.keys(template, [a for a in allowed if a != "node" or "node" in fields_of(cls).settings], place)
        if cls is Line and "from_node" not in template and "to_node" not in template:
            self.line_templates[str(template.get("technology", ""))] = template, place
            self._know(str(template.get("technology", "")), cls)
            return
        for name, node in self._instances(cls, template, place):
            made = self._make(cls, name, node, template, place)
            if made is not None:
                yield made

    def _instances(self, cls: type[Component], template: Mapping[str, Any], place: Place) -> list[tuple[str, str]]:
        """Return name and node of every component of a template."""
        own, technology = template.get("name"), template.get("technology")
        if own is None and technology is None:
            self.report.entry("energy_missing", (*place, "technology"), "technology")
            return []
        for key in ("name", "technology"):
            if key in template:
                self.report.text(template[key], (*place, key), required=True)
        if "node" not in fields_of(cls).settings:
            return [(str(own or technology), "")]
        if "node" in template:
            named = [template["node"]]
        else:
            named = template.get("nodes", _FOR_ALL if len(self.nodes) == 1 else None)
            if named is None:
                self.report.entry("energy_missing", (*place, "nodes"), "nodes")
                return []
            named = list(self.nodes) if named == _FOR_ALL else named
        if not self.report.is_list(named, (*place, "nodes")):
            return []
        for node in named:
            if node not in self.nodes:
                self.report.unknown("node", node, self.nodes, (*place, "node" if "node" in template else "nodes"))
        found = [str(node) for node in named if node in self.nodes]
        if own is not None and len(named) > 1:
            self.report.entry("energy_name_for_many", (*place, "name"), own)
        if own is not None:
            return [(str(own), node) for node in found[:1]]
        return [(f"{node}.{technology}", node) for node in found]

    def _make(
        self, cls: type[Component], name: str, node: str, template: Mapping[str, Any], place: Place,
        context: Context | None = None,
    ) -> Component | None:  # fmt: skip
        """Make one component; None where something that it needs is missing or wrong."""
        before = len(self.report.problems)
        self.places.setdefault(name, place)
        arguments: dict[str, Any] = {"name": name}
        for key, hint in fields_of(cls).settings.items():
            if key in template:
                arguments[key] = self._setting(hint, template[key], (*place, key), name, node)
        if "node" in fields_of(cls).settings:
            arguments["node"] = node
        technology = str(template.get("technology") or "")
        owners = (name, technology) if technology and technology != name else (name,)
        for owner in owners:
            self._know(owner, cls)
        context = context or Context(self._by_mass(cls, arguments))
        for key, quantity in fields_of(cls).quantities.items():
            value = self._quantity(cls, key, quantity, owners, template, place, node, context)
            if value is not None:
                arguments[key] = value
        if issubclass(cls, Expandable):
            self._existing(cls, name, arguments, context)
        for key in sorted(fields_of(cls).required - arguments.keys() - template.keys()):
            if any((owner, key) in self.values.used for owner in owners):
                continue
            self.report.entry("energy_missing_of", (*place, key), key, component=name)
        sound = len(self.report.problems) == before and fields_of(cls).required <= arguments.keys()
        return cls(**arguments) if sound else None

    def _know(self, owner: str, cls: type) -> None:
        """Remember which parameters may be written for a component or technology."""
        self.parameters_of.setdefault(owner, set()).update(fields_of(cls).quantities)

    def _by_mass(self, cls: type, arguments: Mapping[str, Any]) -> bool:
        """Tell whether the capacity of a component is counted by mass: by its carrier, or the first that it makes."""
        carrier = arguments.get("carrier") or getattr(cls, "carrier", "")
        carrier = carrier or next(iter(arguments.get("outputs") or ()), "")
        found = self.carriers.get(str(carrier))
        return found is not None and found.unit == "t"

    def _quantity(
        self, cls: type, key: str, quantity: Quantity, owners: Sequence[str], template: Mapping[str, Any], place: Place,
        node: str, context: Context,
    ) -> Any:  # fmt: skip
        """Return a parameter: of the component in the table, else of the template, else of the technology in the table."""
        name = owners[0]
        value: Any = self.values.of_table(name, name, key, quantity, context)
        if value is None and key in template:
            text, inner = template[key], (*place, key)
            if quantity.kind == "hourly" and isinstance(text, str) and split_amount(text) is None:
                return self._profile(text, name, node, inner)
            value = self.values.written(text, owners, key, quantity, context, inner)
        for technology in owners[1:]:
            if value is None:
                value = self.values.of_table(technology, name, key, quantity, context)
            else:
                # what is beaten is known all the same
                self.values.used.add((technology, key))
        if key in fields_of(cls).whole and isinstance(value, float) and value.is_integer():
            return int(value)
        return value

    def _profile(self, name: str, component: str, node: str, place: Place) -> str | None:
        """Return the profile that is meant by a name: of the component, of the node, or for all."""
        for candidate in (f"{component}.{name}", f"{node}.{name}", name):
            if candidate in self.profiles:
                self.used_profiles[candidate] = None
                return candidate
        self.report.entry(
            "energy_no_profile", place, name, node=node or component, some=", ".join(list(self.profiles)[:6]) or "–"
        )
        return None

    def _setting(self, hint: Any, value: Any, place: Place, component: str, node: str) -> Any:
        """Return a field that is no quantity, checked for its type."""
        if hint is bool or hint is str:
            if not isinstance(value, hint):
                self.report.entry("energy_not_yes_or_no" if hint is bool else "not_a_text", place, value)
            return value
        shape = str(hint)
        if "Mapping" in shape:
            if not self.report.is_mapping(value, place):
                return {}
            if "float" not in shape:
                return {str(k): str(v) for k, v in value.items()}
            return {str(k): self._amount(v, (*place, str(k)), component, node) for k, v in value.items()}
        if not self.report.is_list(value, place):
            return ()
        if "float" in shape:
            return tuple(self._step(pair, (*place, i)) for i, pair in enumerate(value))
        return tuple(str(item) for item in value)

    def _amount(self, value: Any, place: Place, component: str, node: str) -> Any:
        """Return an amount of a carrier for a unit of activity: a number, or the name of a profile."""
        if isinstance(value, str) and split_amount(value) is None:
            return self._profile(value, component, node, place) or 1.0
        for unit in ("1", "t/MWh", "MWh/t"):
            split = split_amount(str(value))
            if split is not None and (not split[1] or _measures(split[1], unit)):
                return self.values.amount(value, Quantity("1" if not split[1] else unit), Context(), place)
        self.values.amount(value, Quantity("1"), Context(), place)
        return 1.0

    def _step(self, pair: Any, place: Place) -> tuple[float, float]:
        """Return a step of an elastic demand: share and willingness to pay."""
        if not isinstance(pair, list) or len(pair) != 2:
            self.report.entry("not_a_list", place, pair)
            return 0.0, 0.0
        share = self.values.amount(pair[0], Quantity("1"), Context(), (*place, 0))
        price = self.values.amount(pair[1], Quantity("CNY/MWh"), Context(), (*place, 1))
        return share or 0.0, price or 0.0

    def _existing(self, cls: type, name: str, arguments: dict[str, Any], context: Context) -> None:
        """Add the plants of assets.csv to a component."""
        rows = self.assets.pop(name, [])
        if not rows:
            return
        if "existing" in arguments:
            row = rows[0]
            self.report.cell("energy_two_existing", row.file, row.line, "capacity", name)
            return
        assets = [asset for row in rows if (asset := self._asset(cls, row, context)) is not None]
        arguments["existing"] = tuple(assets)
        self.values.origins[name, "existing"] = tuple(
            _capacity_origin(row, "existing", row.cells.get("commissioned")) for row in rows
        )

    def _asset(self, cls: type, row: Row, context: Context) -> Asset | None:
        capacity = self.values.capacity(row, "capacity", "MW", context)
        if capacity is None:
            return None
        cells = row.cells
        energy = cells.get("energy") or 0.0
        if energy and cls is not Store:
            self.report.cell("energy_asset_energy", row.file, row.line, "energy", energy)
        return Asset(capacity, cells.get("commissioned"), cells.get("retires"), cells.get("name") or "", energy)

    def _line(self, row: Row) -> Component | None:
        """Make the line of a row of lines.csv, with the settings of the template of its technology."""
        cells = row.cells
        template, place = self.line_templates.get(cells.get("technology") or "", ({}, ("components",)))
        context = Context(self._by_mass(Line, cells), cells.get("length_km"))
        if self.line_templates and (cells.get("technology") or "") not in self.line_templates:
            named = cells.get("technology") or ""
            self.report.unknown_cell("technology", named, self.line_templates, row.file, row.line, "technology")
        for column, kind, known in (
            ("from", "node", self.nodes),
            ("to", "node", self.nodes),
            ("carrier", "carrier", self.carriers),
        ):
            if cells[column] not in known:
                self.report.unknown_cell(kind, cells[column], known, row.file, row.line, column)
        ends = {"from_node": cells["from"], "to_node": cells["to"], "carrier": cells["carrier"]}
        technology = {"technology": cells.get("technology") or ""}
        capacity = self.values.capacity(row, "capacity", "MW", context)
        self.places.setdefault(cells["id"], row)
        self.values.origins[cells["id"], "existing"] = (_capacity_origin(row, "existing", None),)
        made = self._make(Line, cells["id"], "", {**template, **technology, **ends}, place, context)
        if made is None or capacity is None:
            return None
        return dataclasses.replace(made, existing=capacity)  # type: ignore[call-arg]

    def locate(self, owner: str, parameter: str) -> tuple[str, int | None] | None:
        """Return file and line of what is said of a parameter, or of the component or policy itself."""
        place = self.places.get(owner)
        if isinstance(place, Row):
            return place.file, place.line
        if place is not None:
            return SYSTEM_FILE, self.report.line((*place, parameter))
        return (SYSTEM_FILE, self.report.line((parameter,))) if parameter in self.report.document else None

    def policies(self, entries: Any) -> list[rules.Policy]:
        """Return the policies of system.yaml."""
        made = list[rules.Policy]()
        if entries is None or not self.report.is_list(entries, ("policies",)):
            return made
        for position, entry in enumerate(entries):
            policy = self._policy(entry, ("policies", position))
            if policy is not None:
                made.append(policy)
        return made

    def _policy(self, entry: Any, place: Place) -> rules.Policy | None:
        if not self.report.is_mapping(entry, place):
            return None
        cls = policy_types().get(str(entry.get("type")))
        if cls is None:
            self.report.unknown("policy", entry.get("type", ""), policy_types(), (*place, "type"))
            return None
        self.report.keys(entry, ("type", "name", *fields_of(cls).settings, *fields_of(cls).quantities), place)
        before = len(self.report.problems)
        name = self.report.text(entry["name"], (*place, "name"), required=True) if "name" in entry else entry["type"]
        self.places.setdefault(name, place)
        arguments: dict[str, Any] = {"name": name}
        for key, hint in fields_of(cls).settings.items():
            if key in entry:
                arguments[key] = self._setting(hint, entry[key], (*place, key), name, "")
        self._know(name, cls)
        for key, quantity in fields_of(cls).quantities.items():
            value = self._quantity(
                cls, key, quantity, (name,), entry, place, "", Context(self._by_mass(cls, arguments))
            )
            if value is not None:
                arguments[key] = value
        return None if len(self.report.problems) > before else cls(**arguments)


def _measures(unit: str, target: str) -> bool:
    """Tell whether a unit can be expressed in another."""
    from tanlu.energy.reading.amounts import factor_to

    try:
        factor_to(unit, target)
    except ValueError:
        return False
    return True


def _capacity_origin(row: Row, parameter: str, year: int | None) -> Origin:
    cells = row.cells
    owner = cells.get("component") or cells["id"]
    value, unit = exactly(cells["capacity"]), cells["unit"]
    return Origin(owner, parameter, year, value, unit, row.source, Grade(row.grade), *row.notes, row.file, row.line)
