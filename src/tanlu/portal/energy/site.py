"""What a visitor enters about a site, checked field by field, and the schedule of its day."""

from __future__ import annotations

import datetime
import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tanlu.charts.format import digits
from tanlu.core.errors import DataError, Problem
from tanlu.core.messages import catalogue, translate

if TYPE_CHECKING:
    from tanlu.energy.site import Schedule

MOST: Final = 1e6
"""Largest number that a field takes; fields are in MWh, kW or kWh."""
YEAR: Final = 2025
KEPT: Final = 64
PLACE_FIELDS: Final = {
    "loads": "electricity", "grid": "connection", "pv": "pv", "battery": "battery_power", "heat_pump": "heat_pump",
    "gas_boiler": "gas_boiler", "chiller": "chiller", "vehicles": "vehicles", "tariff": "tariff", "node": "place", "prices": "carbon",
}  # fmt: skip
"""Entry of a site file to the field of the form that it is made from."""


@dataclass(frozen=True, slots=True)
class Field:
    """A number of the form: its name, the unit in which it is entered, and what it is where nothing is entered."""

    name: str
    unit: str
    default: str
    most: float = MOST
    whole: bool = False


NUMBERS: Final = (
    Field("electricity", "MWh", "8000"), Field("heat", "MWh", "0"), Field("cooling", "MWh", "0"), Field("connection", "kW", "4000"),
    Field("pv", "kW", "1500"), Field("battery_power", "kW", "500"), Field("battery_energy", "kWh", "2000"), Field("heat_pump", "kW", "0"),
    Field("gas_boiler", "kW", "0"), Field("chiller", "kW", "0"), Field("vehicles", "1", "20", 1e4, whole=True),
    Field("vehicle_energy", "kWh", "9", 500), Field("arrival", "1", "8", 23, whole=True), Field("departure", "1", "18", 24, whole=True),
    Field("carbon", "CNY/t", "0", 2000),
)  # fmt: skip
CHOICES: Final = ("place", "type", "tariff")
NAMES: Final = (*CHOICES, *(f.name for f in NUMBERS), "day")


def said() -> dict[str, str]:
    """Return what the API says of each field: its name in English, the unit in which it is entered, and what it is without."""
    rest = {f.name: f"{'' if f.unit == '1' else f' [{f.unit}]'}; {f.default} by default" for f in NUMBERS}
    return {name: f"{translate(f'portal.energy.site.field.{name}', 'en')}{rest.get(name, '')}." for name in NAMES}


@dataclass(frozen=True)
class Options:
    """What can be chosen: places with their names, types of load, tariffs; and the name of the province in Chinese and English."""

    province: str
    places: Mapping[str, tuple[str, str]]
    types: tuple[str, ...]
    tariffs: tuple[str, ...]
    names: tuple[str, str]


@lru_cache(maxsize=4)
def options(province: str) -> Options | None:
    """Return what can be chosen in a province, or in the first that has tables for sites where this one has none."""
    import csv

    shipped = Path(str(files("tanlu.provinces")))
    known = sorted(p.parents[2].name for p in shipped.glob("*/energy/sites/load_shapes.csv"))
    if not known:
        return None
    chosen = province if province in known else known[0]
    folder = shipped / chosen / "energy"

    def column(file: str, name: str) -> list[str]:
        with (folder / "sites" / file).open(encoding="utf-8-sig", newline="") as lines:
            return list(dict.fromkeys(row[name] for row in csv.DictReader(lines)))

    with (folder / "nodes.csv").open(encoding="utf-8-sig", newline="") as lines:
        places = {row["id"]: (row["zh"], row["en"]) for row in csv.DictReader(lines) if row["latitude"]}
    with (folder.parent / "regions.csv").open(encoding="utf-8-sig", newline="") as lines:
        names = next(((row["zh"], row["en"]) for row in csv.DictReader(lines) if not row["parent"]), (chosen, chosen))
    return Options(
        chosen, places, tuple(column("load_shapes.csv", "type")), tuple(column("tariff_hours.csv", "tariff")), names
    )


def defaults(found: Options) -> dict[str, str]:
    """Return the form as it is before anything is entered."""
    return {
        "place": next(iter(found.places)), "type": found.types[0], "tariff": found.tariffs[0],
        **{f.name: f.default for f in NUMBERS}, "day": f"{YEAR}-07-15",
    }  # fmt: skip


def check(entered: Mapping[str, str], found: Options) -> dict[str, Problem]:
    """Return what is wrong with what was entered, by field."""
    problems: dict[str, Problem] = {}
    for name, among in (("place", tuple(found.places)), ("type", found.types), ("tariff", found.tariffs)):
        if entered.get(name, "") not in among:
            problems[name] = Problem("site_field_choice", name, value=entered.get(name, "")[:40], field=name)
    for f in NUMBERS:
        value = _number(entered.get(f.name, ""))
        if value is None or not 0 <= value <= f.most or (f.whole and value != int(value)):
            code = "site_field_whole" if f.whole else "site_field_number"
            problems[f.name] = Problem(
                code, f.name, value=entered.get(f.name, "")[:40], field=f.name, details={"most": f"{f.most:,.0f}"}
            )
    try:
        day = datetime.date.fromisoformat(entered.get("day", ""))
    except ValueError:
        day = None
    if day is None or day.year != YEAR:
        problems["day"] = Problem(
            "site_field_day", "day", value=entered.get("day", "")[:40], field="day", details={"year": YEAR}
        )
    return problems


def _number(text: str) -> float | None:
    try:
        value = float(text.replace(",", "").strip() or "0")
    except ValueError:
        return None
    return value if abs(value) < float("inf") else None


def document(entered: Mapping[str, str], found: Options) -> dict[str, Any]:
    """Return the site as the content of a site file; a device without capacity is left out."""
    n = {f.name: _number(entered[f.name]) or 0.0 for f in NUMBERS}
    uses = {use: f"{n[use]:.15g} MWh" for use in ("electricity", "heat", "cooling") if n[use] > 0}
    site: dict[str, Any] = {
        "id": "entered", "zh": found.places[entered["place"]][0], "en": found.places[entered["place"]][1],
        "province": found.province, "node": entered["place"], "year": YEAR, "tariff": entered["tariff"],
        "prices": {"carbon": f"{n['carbon']:.15g} CNY/t"}, "grid": {"capacity": f"{n['connection']:.15g} kW", "sale": f"{n['pv']:.15g} kW"},
        "loads": [{"type": entered["type"], **uses}],
    }  # fmt: skip
    for device in ("pv", "heat_pump", "gas_boiler", "chiller"):
        if n[device] > 0:
            site[device] = {"capacity": f"{n[device]:.15g} kW"}
    if n["battery_power"] > 0 and n["battery_energy"] > 0:
        site["battery"] = {"power": f"{n['battery_power']:.15g} kW", "energy": f"{n['battery_energy']:.15g} kWh"}
    if n["vehicles"] > 0:
        site["vehicles"] = [
            {
                "number": n["vehicles"], "energy_per_day": f"{n['vehicle_energy']:.15g} kWh", "arrival": int(n["arrival"]),
                "departure": int(n["departure"]),
            }
        ]  # fmt: skip
    return site


@lru_cache(maxsize=KEPT)
def scheduled(entered: tuple[tuple[str, str], ...], province: str) -> Schedule:
    """Return the schedule of a site that was entered and checked; the last ones are kept.

    Raises
    ------
    DataError
        With what cannot be; the fields are those of a site file.
    OperationError
        When there is no plan.
    """
    from tanlu.energy.site import read_site, schedule

    given = dict(entered)
    found = options(province)
    assert found is not None  # the form is not shown without
    with tempfile.TemporaryDirectory(prefix="tanlu-site-") as folder:
        path = Path(folder) / "site.yaml"
        path.write_text(json.dumps(document(given, found), ensure_ascii=False), encoding="utf-8")
        site = read_site(path)
    return schedule(site, datetime.date.fromisoformat(given["day"]))


def by_field(error: DataError) -> dict[str, Problem]:
    """Return problems of a site file by the field of the form that each concerns; the first of each field."""
    found: dict[str, Problem] = {}
    for problem in error.problems:
        head, _, rest = str(problem.field).partition(".")
        name = PLACE_FIELDS.get(head, "electricity")
        if head == "battery" and rest.startswith("energy"):
            name = "battery_energy"
        if head == "vehicles" and ("energy_per_day" in rest or problem.code == "site_vehicle_battery"):
            name = "vehicle_energy"
        if problem.code == "site_supply":
            use = str(problem.details.get("use_en", ""))
            name = {"heat": "heat", "cooling": "cooling"}.get(use, "connection")
        found.setdefault(name, _in_the_form(problem))
    return found


def _in_the_form(problem: Problem) -> Problem:
    """Return a problem of a site file in the words and units of the form, which has fewer fields than a file."""
    if problem.code == "site_supply":
        supply = digits(1e3 * float(str(problem.details["supply"])))
        return replace(
            problem, code="site_field_supply", value=digits(1e3 * float(problem.value)), details={**problem.details, "supply": supply}
        )  # fmt: skip
    if problem.code in ("site_vehicles", "site_vehicle_battery"):
        return replace(problem, code=problem.code.replace("site_", "site_field_", 1))
    return problem


def choice_name(kind: str, code: str, language: str) -> str:
    """Return the name of a type of load or of a tariff; one without a name is shown by its id."""
    entry = catalogue().get(f"portal.energy.site.{kind}.{code}")
    return entry[language] if entry else code


def tariff_name(code: str, found: Options, language: str) -> str:
    """Return the name of a tariff: that of the catalogue, or province and year where the id is made of them."""
    province, _, year = code.rpartition("-")
    if province == found.province and year.isdecimal():
        name = found.names[0 if language == "zh" else 1]
        return translate("portal.energy.site.tariff_of", language, province=name, year=year)
    return choice_name("tariff", code, language)
