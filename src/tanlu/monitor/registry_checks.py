"""Whether units and meters fit together: parents, levels, regions, positions, balances, calibration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from tanlu.core.errors import Problem
from tanlu.monitor.registry import LEVELS, Meter, Registry, Unit
from tanlu.monitor.schema import MeterKind, UnitKind


@dataclass(slots=True)
class Drafts:
    """Records of files by id, where each stands (file, line), and the ids of rows that had faults of their own."""

    units: dict[str, Unit] = field(default_factory=dict)
    meters: dict[str, Meter] = field(default_factory=dict)
    unit_rows: dict[str, tuple[str, int]] = field(default_factory=dict)
    meter_rows: dict[str, tuple[str, int]] = field(default_factory=dict)
    faulty: set[str] = field(default_factory=set)

    def unit_problem(self, unit: Unit, code: str, name: str, **details: object) -> Problem:
        """Return a problem at the row of a unit."""
        file, line = self.unit_rows[unit.id]
        return Problem(code, file, line, name, str(getattr(unit, name)), details)

    def meter_problem(self, meter: Meter, code: str, name: str, **details: object) -> Problem:
        """Return a problem at the row of a meter."""
        file, line = self.meter_rows[meter.id]
        return Problem(code, file, line, name, str(getattr(meter, name)), details)


def check_together(drafts: Drafts, known: Registry, today: date) -> list[Problem]:
    """Return what is wrong with drafts among each other and with what is registered, of which they replace the same ids."""
    units = {**known.units, **drafts.units}
    meters = {**known.meters, **drafts.meters}
    problems = [p for unit in drafts.units.values() for p in _unit(unit, units, drafts, known)]
    loops = {name for name in drafts.units if _loops(name, units)}
    problems += [
        drafts.unit_problem(u, "registry_cycle", "parent") for u in drafts.units.values() if _own_loop(u.id, units)
    ]
    if not problems:
        problems += [p for u in drafts.units.values() if u.id not in loops for p in _region(u, units, drafts)]
    for meter in drafts.meters.values():
        problems += _meter(meter, units, meters, drafts, known, today)
    return problems + list(_positions(meters, drafts))


def _some(names: Mapping[str, object]) -> str:
    return ", ".join(list(names)[-6:])


def _unit(unit: Unit, units: Mapping[str, Unit], drafts: Drafts, known: Registry) -> Iterator[Problem]:
    before = known.units.get(unit.id)
    if before is not None and before.kind in (UnitKind.PREFECTURE, UnitKind.PROVINCE):
        yield drafts.unit_problem(unit, "registry_region_id", "id")
        return
    above = units.get(unit.parent)
    if above is None:
        if unit.parent not in drafts.faulty:
            yield drafts.unit_problem(unit, "unknown_choice", "parent", refers_to="units", some=_some(units))
        return
    same = above.kind is unit.kind is UnitKind.DEVICE
    if LEVELS.index(above.kind) <= LEVELS.index(unit.kind) and not same:
        yield drafts.unit_problem(
            unit, "registry_level", "parent", kind=str(unit.kind), above=str(above.kind), levels=" < ".join(LEVELS)
        )
    if unit.region and unit.region not in units:
        yield drafts.unit_problem(unit, "unknown_choice", "region", refers_to="regions.csv", some=_some(known.units))


def _loops(name: str, units: Mapping[str, Unit]) -> bool:
    seen = set()
    while name in units and name not in seen:
        seen.add(name)
        name = units[name].parent
    return name in seen


def _own_loop(name: str, units: Mapping[str, Unit]) -> bool:
    """Tell whether a unit lies above itself (and not only below a loop)."""
    seen, above = set(), units[name].parent
    while above in units and above not in seen:
        if above == name:
            return True
        seen.add(above)
        above = units[above].parent
    return False


def _region(unit: Unit, units: Mapping[str, Unit], drafts: Drafts) -> Iterator[Problem]:
    """Yield a problem if the region that is given is not one in which the parents lie."""
    if not unit.region:
        return
    above, chain = unit.parent, set()
    while above:
        chain.add(above)
        above = units[above].parent
    if unit.region not in chain:
        yield drafts.unit_problem(unit, "registry_region_differs", "region", parent=unit.parent)


def _meter(
    meter: Meter,
    units: Mapping[str, Unit],
    meters: Mapping[str, Meter],
    drafts: Drafts,
    known: Registry,
    today: date,
) -> Iterator[Problem]:
    owner = units.get(meter.unit)
    if owner is None and meter.unit not in drafts.faulty:
        yield drafts.meter_problem(meter, "registry_no_unit", "unit", some=_some(units))
    if meter.parent:
        yield from _balance(meter, meters, drafts)
    if meter.roll is not None:
        # a register must not pass its roll value between two readings, or nobody could count how often it did
        most = 0.0 if meter.rating is None else meter.rating * meter.step / 3600 / meter.ratio
        if meter.roll <= most:
            yield drafts.meter_problem(meter, "registry_roll_low", "roll", most=f"{most:,.1f}")
    if meter.calibrated_on is not None and meter.calibrated_on > today:
        yield drafts.meter_problem(meter, "registry_calibration_future", "calibrated_on", today=today.isoformat())
    before = known.meters.get(meter.id)
    if before is not None and before.decimals != meter.decimals:
        yield drafts.meter_problem(meter, "registry_decimals_fixed", "decimals", before=before.decimals)
    if before is not None and (before.kind is MeterKind.REGISTER) != (meter.kind is MeterKind.REGISTER):
        yield drafts.meter_problem(meter, "registry_kind_fixed", "kind", before=str(before.kind))


def _balance(meter: Meter, meters: Mapping[str, Meter], drafts: Drafts) -> Iterator[Problem]:
    """Yield what is wrong with the meter of whose amount another measures a part."""
    above = meters.get(meter.parent)
    if above is None:
        if meter.parent not in drafts.faulty:
            yield drafts.meter_problem(meter, "unknown_choice", "parent", refers_to="meters", some=_some(meters))
        return
    if above.carrier != meter.carrier:
        yield drafts.meter_problem(meter, "registry_parent_carrier", "parent", carrier=above.carrier, own=meter.carrier)
    seen, name = set(), meter.id
    while name in meters and name not in seen:
        seen.add(name)
        name = meters[name].parent
    if name == meter.id:
        yield drafts.meter_problem(meter, "registry_cycle", "parent")


def _positions(meters: Mapping[str, Meter], drafts: Drafts) -> Iterator[Problem]:
    """Yield meters of one position that were there at the same time, or that measure something else."""
    places: dict[str, list[Meter]] = {}
    for meter in meters.values():
        places.setdefault(meter.place, []).append(meter)
    for here in places.values():
        here.sort(key=lambda m: (m.valid_from, m.id))
        for first, second in pairwise(here):
            told = second if second.id in drafts.meters else first
            other = first if told is second else second
            if told.id not in drafts.meters:
                continue
            if second.valid_from < first.valid_to:
                yield drafts.meter_problem(told, "registry_overlap", "position", other=other.id)
            elif (first.unit, first.carrier) != (second.unit, second.carrier):
                yield drafts.meter_problem(told, "registry_position_differs", "position", other=other.id)
