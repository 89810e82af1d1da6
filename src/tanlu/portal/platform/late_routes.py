"""Routes that are made ready when they are first asked: a portal of hundreds of routes then starts in a tenth of the time.

Reading the parameters of a route (signatures, validators) costs milliseconds, and including its router in an application does it again. A
route of this kind knows only its address and methods until a request, or the description of the API, needs the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import Any, Self

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.utils import get_value_or_default
from starlette.routing import Match, compile_path, get_name
from starlette.types import Scope

__all__ = ["LateRoute", "join"]


class LateRoute(APIRoute):
    """A route whose parameters are read when it is first asked.

    Parameters
    ----------
    path : str
    endpoint : callable
    **options
        As in ``fastapi.routing.APIRoute``.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.options, self._lock = options, RLock()
        self.path, self.endpoint = path, endpoint
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self.beginning = path.partition("{")[0]
        self.methods = {method.upper() for method in options.get("methods") or ["GET"]}
        self.name = options.get("name") or get_name(endpoint)

    def __getattr__(self, name: str) -> Any:
        """Return what the route does not have yet, after making it ready; who asks meanwhile waits."""
        options = self.__dict__.get("options")
        if options is None or name.startswith("__"):
            raise AttributeError(name)
        with self._lock:
            # the request that held the lock may have made it ready, and what is being made ready must not begin anew
            if "begun" not in self.__dict__:
                self.begun = True
                super().__init__(self.path, self.endpoint, **options)
        if name not in self.__dict__:
            raise AttributeError(name)
        return self.__dict__[name]

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether an address is that of this route, as FastAPI does.

        An address that begins otherwise is told by that alone: of hundreds of routes all but a few are left at once.
        """
        if not scope.get("root_path") and not scope["path"].startswith(self.beginning):
            return Match.NONE, {}
        return super().matches(scope)

    def below(self, router: APIRouter) -> Self:
        """Return the same route with what a router says of all its routes."""
        own = self.options
        above = {
            "dependencies": [*router.dependencies, *(own.get("dependencies") or ())],
            "responses": {**router.responses, **(own.get("responses") or {})},
            "dependency_overrides_provider": router.dependency_overrides_provider,
        }
        for name, given in (
            ("response_class", router.default_response_class),
            ("generate_unique_id_function", router.generate_unique_id_function),
            ("strict_content_type", router.strict_content_type),
        ):
            above[name] = get_value_or_default(own[name], given) if name in own else given
        return type(self)(self.path, self.endpoint, **own | above)


def join(app: FastAPI, *routers: APIRouter) -> None:
    """Add the routes of routers to an application; unlike ``include_router`` this makes none of them ready.

    Raises
    ------
    TypeError
        If a router has a route of another kind.
    """
    for router in routers:
        for route in router.routes:
            if not isinstance(route, LateRoute):
                raise TypeError(f"{router.prefix}: {route} is not a LateRoute")
            app.router.routes.append(route.below(app.router))
