"""What pages share: their handlers, pages of long tables, and the address of a table as CSV."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from starlette.responses import HTMLResponse

from tanlu.portal.platform.late_routes import LateRoute

PER_PAGE: Final = 100
Handler = Callable[[Request, str], Response]
FormHandler = Callable[[Request, str], Coroutine[Any, Any, Response]]


def csv_address(request: Request, **given: str) -> str:
    """Return the address of a page's table as CSV: same filters, all rows."""
    pairs = [(k, v) for k, v in request.query_params.multi_items() if k not in ("page", "format", *given)]
    return "?" + urlencode([*pairs, *given.items(), ("format", "csv")])


def paged(items: list[Any], asked: str) -> tuple[int, int, list[Any]]:
    """Return page number, number of pages and the items of that page; a number out of range is the nearest page."""
    pages = max(1, -(-len(items) // PER_PAGE))
    page = min(max(1, int(asked) if asked.isdecimal() else 1), pages)
    return page, pages, items[(page - 1) * PER_PAGE : page * PER_PAGE]


def page_router(handlers: Mapping[str, Handler]) -> APIRouter:
    """Return the routes of pages in both languages."""
    router = APIRouter(include_in_schema=False, route_class=LateRoute)
    for path, handler in handlers.items():
        for prefix, language in (("", "zh"), ("/en", "en")):
            address = (prefix + path).rstrip("/") or "/"
            router.add_api_route(address, _bound(handler, language), response_class=HTMLResponse, methods=["GET"])
    return router


def _bound(handler: Handler, language: str) -> Callable[[Request], Response]:
    def endpoint(request: Request) -> Response:
        return handler(request, language)

    return endpoint


def form_router(path: str, handler: FormHandler) -> APIRouter:
    """Return the routes that take the form of a page in both languages."""
    router = APIRouter(include_in_schema=False, route_class=LateRoute)
    for prefix, language in (("", "zh"), ("/en", "en")):
        router.add_api_route(prefix + path, _taking(handler, language), response_class=HTMLResponse, methods=["POST"])
    return router


def _taking(handler: FormHandler, language: str) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def endpoint(request: Request) -> Response:
        return await handler(request, language)

    return endpoint
