"""The description of the API (OpenAPI 3.1): stable names of operations, who may ask, what may go wrong, examples."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from contextlib import suppress
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from tanlu.portal.platform.tables import JSON
from tanlu.portal.session.identity import COOKIE
from tanlu.portal.session.records_api import RIGHTS

PREFIX: Final = "/api/v1/"
SECURITY: Final = {
    "token": {"type": "http", "scheme": "bearer", "description": "Token of a person, limited to actions; made on the page /me."},
    "session": {"type": "apiKey", "in": "cookie", "name": COOKIE, "description": "Session of a browser."},
}  # fmt: skip
TAGS: Final = {
    "runs": "Frozen runs of the main job and what they were made with.",
    "results": "Headline figures and indicators of prefectures.",
    "inventory": "Greenhouse-gas inventory by category, gas and year.",
    "uncertainty": "Uncertainty, key categories and what to measure next.",
    "pathways": "Scenarios to 2060, their fans and peaks, levers, and the studio.",
    "targets": "Targets of the plan and where they stand.",
    "lineage": "The chain behind each number, and sources.",
    "charts": "Charts as Vega-Lite specification, picture or table.",
    "factors": "Emission factors.",
    "methods": "Methods and rulebooks.",
    "accounts": "Accounts of enterprises, parks and regions computed from activity files.",
    "energy": "The energy system: capacities, dispatch, prices, costs.",
    "monitor": "Readings of meters, emissions as they happen, quality, alerts.",
    "plan": "The plan as data.",
    "programme": "Calls, applications, projects.",
    "registry": "Registers of laboratories, talent and firms.",
    "assessment": "Filings and scores.",
    "records": "The system of record.",
    "reports": "Printable reports.",
    "webhooks": "Messages to other systems.",
}
EXAMPLES: Final = {
    "year": 2024,
    "gas": "CH4",
    "gwp": "AR5",
    "category": "1.A.1",
    "scenario": "plan-mid",
    "sort": "-year",
    "limit": 100,
}
"""Examples of parameters by name."""
MEANINGS: Final = {
    "year": "Year.",
    "region": "Region: the province or a prefecture, by its id.",
    "form": "Form of the file.",
    "state": "State that records must have.",
    "key": "Key of the record.",
    "q": "Words that must be found.",
    "gas": "Gas, such as CO2 or CH4.",
    "sector": "Sector, by its id.",
    "category": "Category, with all that are below it.",
    "gwp": "Set of warming potentials, such as AR5.",
    "grade": "Grade of the source: A, B, C or D.",
    "node": "Place of the energy system, by its id.",
    "carrier": "Energy carrier, by its id.",
    "on": "Day as YYYY-MM-DD.",
    "as_of": "Moment: what was known then.",
    "action": "Action of the plan, such as A01.",
    "scope": "`with_land` or `without_land`.",
    "name": "Name, as the list of them gives it.",
    "kind": "Kind of the records.",
    "id": "Id of the unit, meter or case.",
    "unit": "Unit, by its id.",
    "case": "Case, by its id.",
    "call": "Call, by its id.",
    "person": "Person, by the id.",
    "role": "Role, by its name.",
    "actor": "Who did it, by the id.",
    "subject": "What it is about: kind and id, such as `call:…`.",
    "since": "First moment.",
    "until": "Last moment.",
    "sequence": "Number of the entry in the log.",
    "pack": "Pack of rules, by its name.",
    "lead": "Unit that leads, by its id.",
    "colour": "Light of the project: 0 green, 1 amber, 2 red.",
    "active": "Whether they are in the pool.",
    "overdue": "Only what is late.",
    "payer": "Who pays.",
    "uscc": "Unified social credit code.",
    "scenario": "Scenario, such as plan-mid; several with commas.",
    "indicator": "Indicator, by its id.",
    "view": "View of the chart.",
    "item": "Item of the reconciliation.",
    "group": "Group of sectors.",
    "list": "List: level (L) or trend (T), by approach 1 or 2.",
    "status": "Status, by its name.",
    "deadline": "Year in which it is due.",
    "set": "Set of factors or of methods, by its name.",
    "method_set": "Set of methods, by its name.",
    "method": "Method, by its id; may be repeated.",
    "parameter": "Parameter of a factor, by its name.",
    "evidence": "How a value was read, by its name.",
    "source": "Source, by its id.",
    "technology": "Technology, by its id.",
    "quantity": "Quantity, by its id.",
    "period": "A year of the study.",
    "day": "First day of the year that is shown, from 1.",
    "days": "How many days are shown.",
    "runs": "Runs by their ids, with commas.",
    "month": "Month as YYYY-MM.",
    "from": "First day as YYYY-MM-DD.",
    "to": "Last day as YYYY-MM-DD.",
    "start": "First day.",
    "end": "Last day.",
    "number": "Number of the piece of evidence, from 0.",
    "base_from": "First day of the baseline as YYYY-MM-DD.",
    "base_to": "Last day of the baseline as YYYY-MM-DD.",
    "seed": "Seed of the draw.",
    "step": "Step of the form.",
    "limit": "Most rows.",
    "after": "Last id of the page before.",
    "x-tanlu-client": "Any text: a page of another site cannot send it.",
}
"""What parameters of a name mean, where a route does not say it."""
CHANGING: Final = {
    "409": "Another change came first, or the record is in a state from which this does not lead on; read it again.",
    "413": "What was sent is too large.",
}
"""Answers that only routes give which change the records."""
ABOUT: Final = (
    "Everything that the pages show. Lists come as JSON, CSV or Parquet (`format=` or the header Accept), are filtered by their columns, "
    "ordered by `sort`, and paged by `limit` and `offset` with the headers Link and X-Total-Count. Answers carry an ETag; "
    "If-None-Match saves the way. A parameter that a route does not know is refused (422)."
)


def operation_id(route: APIRoute) -> str:
    """Return the name of an operation from method and path: ``get_energy_hours_by_kind``; it does not change with the code."""
    method = min(route.methods or {"GET"}).lower()
    path = route.path_format.removeprefix(PREFIX).removeprefix("/api/v1")
    text = re.sub(r"\{(\w+?)\}", r"by_\1", path)
    return "_".join([method, *re.findall(r"[A-Za-z0-9]+", text)])


def describe(app: FastAPI, folder: Path | None = None, elsewhere: Callable[[], object] | None = None) -> None:
    """Let an application describe itself.

    Parameters
    ----------
    app : FastAPI
    folder : Path, optional
        Where the description is kept: to read the parameters of all routes takes seconds and memory. Without it, or where it cannot be
        written, each process makes its own.
    elsewhere : callable, optional
        Lets another process make it and keep it in the folder.
    """

    def made() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _described(app) if folder is None else _kept(app, folder, elsewhere)
        return app.openapi_schema

    app.openapi = made  # type: ignore[method-assign]


def _source() -> str:
    """Return what differs when the program, or what reads its parameters, is another one."""
    package = Path(str(files("tanlu")))
    parts = [version(name) for name in ("tanlu", "fastapi", "pydantic")]
    for path in sorted(package.rglob("*.py")):
        seen = path.stat()
        parts.append(f"{path.relative_to(package)} {seen.st_size} {seen.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _kept(app: FastAPI, folder: Path, elsewhere: Callable[[], object] | None) -> dict[str, Any]:
    path = folder / f"openapi-{_source()}.json"
    if elsewhere is not None and not path.is_file():
        elsewhere()
    with suppress(OSError, ValueError):
        kept: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return kept
    made = _described(app)
    with suppress(OSError):
        _keep(path, made)
    return made


def _keep(path: Path, description: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}")
    part.write_text(json.dumps(description, ensure_ascii=False), encoding="utf-8")
    part.replace(path)
    for old in path.parent.glob("openapi-*.json"):
        if old != path:
            old.unlink(missing_ok=True)


def _described(app: FastAPI) -> dict[str, Any]:
    licence = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    found = get_openapi(
        title=app.title, version=app.version, description=ABOUT, routes=app.routes, license_info=licence
    )
    found.setdefault("components", {})["securitySchemes"] = SECURITY
    # most is public; what is not says so by 401 and 403
    found["security"] = [{}, {"token": []}, {"session": []}]
    used: set[str] = set()
    for methods in found["paths"].values():
        for method, operation in methods.items():
            if RIGHTS in operation and method != "get":
                content = {JSON: {"schema": {"$ref": "#/components/schemas/Fault"}}}
                for code, text in CHANGING.items():
                    operation["responses"].setdefault(code, {"description": text, "content": content})
            used.update(operation.get("tags", ()))
            operation["parameters"] = _parameters(operation.get("parameters", []))
            for status, answer in operation["responses"].items():
                # what went wrong is told as JSON, whatever the answer would have been
                if status.startswith("4") and len(answer.get("content", ())) == 1:
                    answer["content"] = {JSON: next(iter(answer["content"].values()))}
    found = _short_names(found)
    found["tags"] = [{"name": n, "description": text} for n, text in TAGS.items() if n in used]
    found["tags"] += [{"name": n} for n in sorted(used - TAGS.keys())]
    return found


def _short_names(found: dict[str, Any]) -> dict[str, Any]:
    """Return a description in which schemas of one class name in several modules are told apart by the module's last name alone."""
    long = sorted((k for k in found["components"].get("schemas", {}) if "__" in k), key=len, reverse=True)
    text = json.dumps(found)
    for name in long:
        short = re.sub(r"tanlu(?:__[a-z0-9]+(?:_[a-z0-9]+)*)*__([a-z0-9]+(?:_[a-z0-9]+)*)__([A-Z])", _joined, name)
        text = text.replace(f'"{name}"', f'"{short}"').replace(f'schemas/{name}"', f'schemas/{short}"')
    made: dict[str, Any] = json.loads(text)
    known = {name for name in made["components"].get("schemas", {}) if name not in found["components"]["schemas"]}
    for name in known:
        # generators of clients name their classes by the title
        made["components"]["schemas"][name]["title"] = name
    return made


def _joined(match: re.Match[str]) -> str:
    return match[1].title().replace("_", "") + match[2]


def _meaning(name: str) -> str:
    thing = name.removesuffix("_id")
    return f"Id of the {thing.replace('_', ' ')}." if thing != name else MEANINGS.get(name, "")


def _parameters(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the parameters of an operation, each once (the route's own before those of its columns), with examples."""
    kept: dict[tuple[str, str], dict[str, Any]] = {}
    for parameter in given:
        kept.setdefault((parameter["in"], parameter["name"]), parameter)
    for (_, name), parameter in kept.items():
        if meaning := parameter.get("description") or _meaning(name):
            parameter["description"] = meaning
        basic = parameter.get("schema", {}).get("type")
        if name in EXAMPLES and "example" not in parameter and "examples" not in parameter:
            kind = {"integer": int, "string": str}.get(basic)
            if kind is not None:
                parameter["example"] = kind(EXAMPLES[name])
    return list(kept.values())
