"""Parameters that a route does not know are refused by name: a filter with a slip of the pen must not look as if it had been used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from fastapi import Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from tanlu.core.errors import Problem
from tanlu.portal.platform.listing import BadQueryError

API: Final = "/api/"
EVERYWHERE: Final = ("lang", "run")
"""Parameters that links of the portal keep; where they decide nothing they are not refused."""


async def known_parameters(request: Request) -> None:
    """Refuse a request to the API with query parameters that its route does not declare.

    Raises
    ------
    BadQueryError
        With every one of them.
    """
    route = request.scope.get("route")
    if not request.url.path.startswith(API) or not isinstance(route, APIRoute) or not request.url.query:
        return
    known = _declared(route)
    unknown = [name for name in dict.fromkeys(request.query_params.keys()) if name not in known]
    if unknown:
        allowed = {"allowed": ", ".join(sorted(known)) or "–"}
        raise BadQueryError(
            Problem("api_unknown_parameter", "query", field=n[:80], value=request.query_params[n][:80], details=allowed)
            for n in unknown
        )


def _declared(route: APIRoute) -> set[str]:
    extra = (route.openapi_extra or {}).get("parameters", ())
    return {*EVERYWHERE} | _names(route.dependant) | {p["name"] for p in extra if p["in"] == "query"}


def _names(dependant: Dependant) -> set[str]:
    found = {field.alias for field in dependant.query_params}
    for below in dependant.dependencies:
        found |= _names(below)
    return found


def texts(names: Iterable[str], said: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return optional texts that a route reads from the query by name, with what is said of each (``openapi_extra``)."""
    schema = {"type": "string", "default": "", "maxLength": 4000}
    told = {name: {"description": text} for name, text in (said or {}).items()}
    return {
        "parameters": [
            {"name": n, "in": "query", "required": False, "schema": schema, **told.get(n, {})} for n in names
        ]
    }
