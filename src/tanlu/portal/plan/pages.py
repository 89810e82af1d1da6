"""Pages of the plan and of the search; they work in a workspace without a run."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query, Request, Response

from tanlu.charts.results import Results
from tanlu.portal import searching
from tanlu.portal.addresses import Handler, csv_address, paged
from tanlu.portal.api import table
from tanlu.portal.plan import records as shelf
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.platform.listing import Asked, listed
from tanlu.portal.programme.finding import project_entries
from tanlu.portal.rendering import Renderer, group_of
from tanlu.portal.service import NotFoundError, Workspace

FOUND: Final = 60
"""Results of a search that a page shows."""


class PlanPages:
    """Handlers of these pages."""

    def __init__(self, workspace: Workspace, province: Callable[[], str], renderer: Renderer) -> None:
        self.workspace, self._province, self.renderer = workspace, province, renderer

    @property
    def province(self) -> str:
        """The province whose plan is shown: that of the latest run."""
        return self._province()

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {"/plan": self.plan, "/search": self.search}

    def _results(self, request: Request) -> Results | None:
        """Return the run that is shown, if there is one."""
        with suppress(NotFoundError):
            return self.workspace.results(request.query_params.get("run", ""))
        return None

    def plan(self, request: Request, language: str) -> Response:
        """The records of the plan by kind and action, or one of them."""
        asked = request.query_params
        try:
            shelf.plan_of(self.province)
        except NotFoundError as error:
            return self.renderer.page(request, "plan_none.html", language, None, province=error.value)
        if asked.get("id"):
            return self._record(request, language, asked["id"])
        kind = asked.get("kind", "") or shelf.KINDS[0]
        words, action = asked.get("q", ""), asked.get("action", "")
        found = shelf.lines(self.province, kind, language, words, action)
        if asked.get("format") == "csv":
            answer: Response = table(found, shelf.PlanLine, "csv")
            return answer
        page, pages, shown = paged(found, asked.get("page", "1"))
        actions = shelf.lines(self.province, "actions", language)
        return self.renderer.page(
            request, "plan.html", language, None, keep_run=True, kind=kind, kinds=shelf.KINDS, lines=shown, count=len(found),
            words=words, action=action, actions=[(a.id, f"{a.id} {a.name(language)}") for a in actions], page=page,
            pages=pages, csv_address=csv_address(request),
        )  # fmt: skip

    def _record(self, request: Request, language: str, record_id: str) -> Response:
        record = shelf.find(self.province, record_id)
        results = self._results(request)
        standing = next((t for t in results.scoreboard if t.target == record_id), None) if results else None
        return self.renderer.page(
            request, "plan_record.html", language, None, keep_run=True, record=record, kind=shelf.kind_of(record),
            facts=shelf.facts(self.province, record, language), standing=standing,
            levers=shelf.levers_of(self.province, record, language), belongs=shelf.belonging(self.province, record, language),
            name_of=lambda i: shelf.name_of(self.province, i, language),
        )  # fmt: skip

    def entries(self, request: Request, words: str) -> list[searching.Entry]:
        """Return all that can be found by whoever asks; of projects those that may hold the words."""
        results = self._results(request)
        found = [
            *searching.page_entries(self.renderer.pages_of(request) + self.renderer.own_pages(request), group_of),
            *searching.method_entries(),
            *searching.term_entries(),
        ]
        with suppress(NotFoundError):
            found += searching.plan_entries(self.province)
        found += project_entries(self.renderer.identity, request, words)
        return found + list(searching.run_entries(results) if results else ())

    def search(self, request: Request, language: str) -> Response:
        """What holds the words of a query."""
        words = request.query_params.get("q", "")
        found = searching.find(self.entries(request, words), words)
        kinds: dict[str, int] = {}
        for e in found:
            kinds[e.kind] = kinds.get(e.kind, 0) + 1
        only = request.query_params.get("kind", "")
        shown = [e for e in found if not only or e.kind == only]
        return self.renderer.page(
            request, "search.html", language, None, keep_run=True, words=words, found=shown[:FOUND], count=len(shown),
            whole=len(found), kinds=sorted(kinds.items(), key=lambda k: searching.ORDER.index(k[0])), only=only,
            kind_name=lambda k: searching.kind_name(k, language),
        )  # fmt: skip


def plan_router(pages: PlanPages) -> APIRouter:
    """Return the routes of the API."""
    router = APIRouter(prefix="/api/v1", route_class=LateRoute)

    @router.get("/plan/{kind}", tags=["plan"], **listed(shelf.PlanLine))
    def records(
        asked: Asked,
        kind: str,
        q: Annotated[str, Query(max_length=200, description="Words of id or name, in either language.")] = "",
        action: Annotated[str, Query(description="Id of an action, e.g. A02.")] = "",
        lang: Annotated[str, Query(pattern="^(zh|en)$", description="Language of words and sections.")] = "zh",
    ) -> Any:
        """Records of the plan: technologies, targets, systems, mechanisms or actions."""
        return asked.answer(shelf.lines(pages.province, kind, lang, q, action), shelf.PlanLine)

    @router.get("/search", tags=["plan"])
    def search(
        request: Request,
        q: Annotated[str, Query(min_length=1, max_length=200, description="Words, in either language.")],
        limit: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> list[dict[str, str]]:
        """What holds all words of a query, the best first: kind, id, names and the page that shows it."""
        return [
            {"kind": e.kind, "id": e.id, "zh": e.zh, "en": e.en, "page": e.path + _query(e)}
            for e in searching.find(pages.entries(request, q), q)[:limit]
        ]

    return router


def _query(entry: searching.Entry) -> str:
    from urllib.parse import urlencode

    return f"?{urlencode(entry.query)}" if entry.query else ""
