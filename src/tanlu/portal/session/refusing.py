"""What somebody is told who asks for a page without the right to see it: the way to the login, or which roles have the right."""

from __future__ import annotations

from fastapi import Request, Response
from starlette.datastructures import URL
from starlette.responses import RedirectResponse

from tanlu.core.errors import DataError
from tanlu.portal.rendering import Renderer, localised
from tanlu.portal.session.identity import Identity
from tanlu.portal.session.wording import wording
from tanlu.records import ConflictError, NotAuthenticatedError, NotPermittedError


def status_of(error: DataError) -> int:
    """Return the status of a refusal."""
    if any(p.code == "csrf" for p in error.problems):
        return 403
    if any(p.code == "no_record" for p in error.problems):
        return 404
    kinds = ((NotAuthenticatedError, 401), (NotPermittedError, 403), (ConflictError, 409))
    return next((status for kind, status in kinds if isinstance(error, kind)), 422)


class Refusals:
    """Pages of refusals."""

    def __init__(self, identity: Identity, renderer: Renderer) -> None:
        self.identity, self.renderer = identity, renderer

    def page(self, request: Request, language: str, error: DataError) -> Response:
        """Return the page that says why there is no page; who is not signed in is led to the login."""
        status = status_of(error)
        if any(p.code == "password_first" for p in error.problems) and request.method == "GET":
            return RedirectResponse(localised("/me", language) + "?must=1", 303)
        if status == 401 and request.method == "GET":
            following = request.url.path + (f"?{request.url.query}" if request.url.query else "")
            return RedirectResponse(str(_login(language).include_query_params(next=following)), 303)
        shown = [wording(p, language) for p in error.problems]
        answer = self.renderer.page(
            request, "records_refused.html", language, None, status=status, problems=shown, needed=self._needed(error)
        )
        answer.status_code = status
        return answer

    def _needed(self, error: DataError) -> list[tuple[str, list[str]]]:
        """Return the rights that were missing, each with the roles that have it."""
        table = self.identity.records.rights.table
        missing = dict.fromkeys(p.field for p in error.problems if p.code == "not_permitted" and p.field in table)
        return [(action, [role for role in table[action] if role != "public"]) for action in missing]


def _login(language: str) -> URL:
    return URL(localised("/login", language))
