"""REST API of the system of record: people, organisations, roles, logins, tokens, files, rule packs, the log with its receipts."""

from fastapi import APIRouter

from tanlu.portal.records.api import log, logins, organisations, people, rules, uploads

__all__ = ["records_router"]


def records_router() -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    for topic in (people, logins, organisations, uploads, rules, log):
        router.routes.extend(topic.router.routes)
    return router
