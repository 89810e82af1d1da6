"""How the API says what is wrong: one shape for all, with the place, the value and how to mend it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.responses import JSONResponse, Response

from tanlu.core.errors import Problem
from tanlu.portal.platform.caching import NotModifiedError
from tanlu.portal.platform.listing import BadQueryError


class FaultRecord(BaseModel):
    """One thing that is wrong."""

    file: str = Field(description="Where it stands: query, path, header, body, or the name of a file.")
    row: int | None = Field(None, description="Line of the file.")
    field: str = Field("", description="Parameter, key or column.")
    value: str = Field("", description="What was sent.")
    problem: str = Field(description="What is wrong.")
    mend: str = Field(description="How to mend it.")


class Fault(BaseModel):
    """Why a request was not carried out."""

    detail: str | list[FaultRecord]


FAULTS: Final[dict[int | str, dict[str, Any]]] = {
    401: {"model": Fault, "description": "The token is not valid, or nobody is signed in."},
    403: {"model": Fault, "description": "The person, or the token, has no right to this."},
    404: {"model": Fault, "description": "There is no such thing in this workspace."},
    422: {"model": Fault, "description": "Parameters or content cannot be used; every problem is told."},
    429: {
        "model": Fault,
        "description": "Too many requests; Retry-After says when to come back.",
        "headers": {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}},
    },
}
"""Answers that every route may give."""


def language_of(request: Request) -> str:
    """Return the language in which a fault is told: that of the parameter ``lang``, English without it."""
    return "zh" if request.query_params.get("lang") == "zh" else "en"


def problems_of(errors: Sequence[Any]) -> list[Problem]:
    """Return what the check of a request against the description of its route found."""
    found = []
    for error in errors:
        place, *names = (str(part) for part in error["loc"])
        value = error.get("input")
        shown = "" if value is None or isinstance(value, dict | list | tuple) else str(value)[:80]
        code = "api_missing" if error["type"] == "missing" else "api_not_valid"
        said = str(error["msg"]).replace("Input should be", "should be")
        found.append(Problem(code, place, field=".".join(names)[:80], value=shown, details={"reason": said}))
    return found


def told(request: Request, problems: Sequence[Problem]) -> Response:
    """Return the answer that tells problems of a request."""
    # what was sent stands in the answer; half of a surrogate pair cannot be written as UTF-8
    records = [{k: _writable(v) for k, v in p.as_record(language_of(request)).items()} for p in problems]
    return JSONResponse({"detail": records}, 406 if problems[0].code == "api_accept" else 422)


def not_readable(request: Request) -> Response:
    """Return the answer to a body that cannot be read."""
    return told(request, [Problem("api_body", "body")])


def add_faults(app: FastAPI) -> None:
    """Let an application answer what the platform refuses."""

    @app.exception_handler(BadQueryError)
    def bad_query(request: Request, error: BadQueryError) -> Response:
        return told(request, error.problems)

    @app.exception_handler(RequestValidationError)
    def not_valid(request: Request, error: RequestValidationError) -> Response:
        return told(request, problems_of(error.errors()))

    @app.exception_handler(NotModifiedError)
    def not_modified(request: Request, error: NotModifiedError) -> Response:
        return Response(status_code=304, headers=error.headers)


def _writable(value: object) -> object:
    return value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
