"""REST API of the programme, the registries and the assessment: every step that pages offer, for programs with a token and for the public.

A request without token is the public. What a token may do is the right of its person, limited to the actions of the token. One module a
topic; who may use a route, keys and versions: `tanlu.portal.session.records_api`.
"""

from fastapi import APIRouter

from tanlu.portal.programme.api import (
    applications,
    assessment,
    calls,
    closing,
    contracts,
    decisions,
    dispatch,
    drafts,
    experts,
    investments,
    notices,
    projects,
    registry,
    reviews,
    scores,
)

__all__ = ["programme_router"]

TOPICS = (
    calls, applications, drafts, experts, reviews, decisions, notices, projects, contracts, closing, dispatch, registry, assessment,
    investments, scores,
)  # fmt: skip


def programme_router() -> APIRouter:
    """Return the routes."""
    router = APIRouter()
    for topic in TOPICS:
        # the routes themselves: including a router would make each of them anew
        router.routes.extend(topic.router.routes)
    return router
