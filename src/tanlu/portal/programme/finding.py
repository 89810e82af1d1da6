"""Projects among what the search finds: those that whoever asks may see."""

from __future__ import annotations

from typing import Final

from fastapi import Request

from tanlu.portal.searching import Entry, normal
from tanlu.portal.session.identity import Identity
from tanlu.programme.cycle import Project
from tanlu.programme.cycle.lists import ProjectFilter, projects
from tanlu.records import NotAuthenticatedError

MOST: Final = 500
"""Projects with the first word of a query that are ranked."""
COLUMNS: Final = (Project.id, Project.number, Project.zh, Project.en, Project.action)


def project_entries(identity: Identity, request: Request, query: str) -> list[Entry]:
    """Return the projects whose number or title holds the first word of a query; none where there is no system of record."""
    words = normal(query).split()
    if not words or not identity.present:
        return []
    records = identity.records
    try:
        who = identity.caller(request).principal
    except NotAuthenticatedError:
        return []
    with records.database.read() as session:
        found = projects(session, records.rights, who, ProjectFilter(words=words[0]), limit=MOST, only=COLUMNS)
    return [Entry("project", p.number, p.zh, p.en, p.action, "/programme/project", (("id", p.id),)) for p in found.rows]
