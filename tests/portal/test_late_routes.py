"""Routes that are made ready when they are first asked say and do the same as those of FastAPI."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI, HTTPException, Query, Request
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from tanlu.portal.platform.description import describe
from tanlu.portal.platform.late_routes import LateRoute, join


def refuse_seven(request: Request) -> None:
    if request.query_params.get("limit") == "7":
        raise HTTPException(409, "seven")


def application() -> FastAPI:
    return FastAPI(
        dependencies=[Depends(refuse_seven)],
        responses={409: {"description": "Seven."}},
        generate_unique_id_function=lambda route: f"{route.name} of {route.path}",
    )


def router(kind: type[APIRoute]) -> APIRouter:
    made = APIRouter(prefix="/things", tags=["things"], route_class=kind)

    @made.get("/{name}")
    def thing(name: str, limit: Annotated[int, Query(ge=1)] = 3) -> dict[str, int]:
        """A thing."""
        return {name: limit}

    @made.post("/{name}", status_code=201, responses={404: {"description": "None."}})
    def change(name: str, body: dict[str, int]) -> dict[str, int]:
        return {name: sum(body.values())}

    return made


@pytest.fixture
def late() -> FastAPI:
    app = application()
    join(app, router(LateRoute))
    return app


def ready(app: FastAPI) -> list[str]:
    return [r.name for r in app.routes if isinstance(r, LateRoute) and "dependant" in vars(r)]


def test_a_route_is_made_ready_when_it_is_first_asked(late: FastAPI) -> None:
    client = TestClient(late)
    assert client.get("/elsewhere").status_code == 404
    assert client.put("/things/a").status_code == 405
    assert ready(late) == []
    assert client.get("/things/a", params={"limit": 4}).json() == {"a": 4}
    assert ready(late) == ["thing"]
    assert client.post("/things/a", json={"x": 1, "y": 2}).json() == {"a": 3}
    assert ready(late) == ["thing", "change"]


def test_what_the_application_says_of_all_routes_holds(late: FastAPI) -> None:
    client = TestClient(late)
    assert client.get("/things/a", params={"limit": 7}).status_code == 409
    assert client.get("/things/a", params={"limit": 0}).status_code == 422


def test_the_description_is_that_of_included_routers(late: FastAPI) -> None:
    usual = application()
    usual.include_router(router(APIRoute))
    assert late.openapi() == usual.openapi()


def test_requests_that_come_at_once_make_a_route_ready_once(late: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    begin, together = APIRoute.__init__, threading.Barrier(8)

    def counted(self: APIRoute, *given: Any, **options: Any) -> None:
        begun.append(self.name)
        begin(self, *given, **options)

    monkeypatch.setattr(APIRoute, "__init__", counted)
    route = next(r for r in late.routes if isinstance(r, LateRoute))

    def ask(_: int) -> tuple[Any, Any]:
        together.wait(30)
        return route.dependant, route.app

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(ask, range(8)))
    assert begun == ["thing"]
    assert all(dependant is route.dependant and app is route.app for dependant, app in found)


def test_what_a_route_does_not_have_is_missing(late: FastAPI) -> None:
    route = next(r for r in late.routes if isinstance(r, LateRoute))
    with pytest.raises(AttributeError, match="no_such_thing"):
        route.no_such_thing  # noqa: B018


def test_a_router_of_other_routes_is_not_joined() -> None:
    with pytest.raises(TypeError, match="/things"):
        join(application(), router(APIRoute))


def test_the_description_is_kept_and_no_route_is_made_ready_for_it(tmp_path: Path) -> None:
    first, second = application(), application()
    for app in (first, second):
        describe(app, tmp_path / "cache")
        join(app, router(LateRoute))
    made = first.openapi()
    assert second.openapi() == made
    assert ready(first) and ready(second) == []
    assert [path.suffix for path in (tmp_path / "cache").iterdir()] == [".json"]


def test_where_nothing_can_be_written_the_description_is_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    app = application()
    describe(app, tmp_path / "file")
    join(app, router(LateRoute))
    assert "/things/{name}" in app.openapi()["paths"]
