"""Route × role: every route of the API and who may use it; what stands in no row fails, what a row does not name is refused."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import APIRouter, Request
from fastapi.routing import iter_route_contexts
from fastapi.testclient import TestClient
from tests.portal.office import Office, open_office

from tanlu.portal.session.identity import PUBLIC, Caller, Identity
from tanlu.portal.session.records_api import RecordsRoute, records_api
from tanlu.portal.session.refusing import status_of
from tanlu.records import RefusedError, load_principal

PREFIX = "/api/v1"
LETTERS = {"o": "officer", "b": "bureau", "u": "unit", "e": "expert", "a": "auditor", "k": "broker", "m": "admin"}
ALL = "*"
TABLE = """
* GET /programme/calls
* GET /programme/calls/{call_id}
* GET /programme/workflows/{name}
o GET /programme/calls/{call_id}/rules
o POST /programme/calls
o PUT /programme/calls/{call_id}
o POST /programme/calls/{call_id}/steps
obuea GET /programme/applications
obuea GET /programme/applications/{application_id}
obuea GET /programme/applications/{application_id}/eligibility
u POST /programme/calls/{call_id}/applications
u GET /programme/drafts
u POST /programme/drafts
u GET /programme/drafts/{draft_id}
u PUT /programme/drafts/{draft_id}/steps/{step}
u POST /programme/drafts/{draft_id}/files
u POST /programme/drafts/{draft_id}/submission
u POST /programme/calls/{call_id}/application-check
b POST /programme/applications/{application_id}/recommendation
o POST /programme/applications/{application_id}/formal-check
u POST /programme/applications/{application_id}/withdrawal
o POST /programme/applications/{application_id}/shortlist
o POST /programme/applications/{application_id}/visit
oea GET /programme/experts
o PUT /programme/experts/{expert_id}
oe GET /programme/experts/{expert_id}/ties
oe POST /programme/experts/{expert_id}/ties
oa GET /programme/calls/{call_id}/pool
oa GET /programme/applications/{application_id}/conflicts
e POST /programme/applications/{application_id}/own-conflict
o POST /programme/applications/{application_id}/conflicts
o GET /programme/calls/{call_id}/assignment
oa GET /programme/calls/{call_id}/draws
o POST /programme/calls/{call_id}/draws
o POST /programme/draws/{draw_id}/drawing
o POST /programme/calls/{call_id}/panels
oa GET /programme/calls/{call_id}/standings
o POST /programme/calls/{call_id}/review-end
oa GET /programme/calls/{call_id}/scores
oa GET /programme/applications/{application_id}/reviews
o POST /programme/applications/{application_id}/further-review
e GET /programme/reviews
e GET /programme/reviews/{review_id}
e POST /programme/reviews/{review_id}
oa GET /programme/calls/{call_id}/proposal
oa GET /programme/calls/{call_id}/batches
o POST /programme/calls/{call_id}/batches
oa GET /programme/batches/{batch_id}
o POST /programme/batches/{batch_id}/steps
u POST /programme/calls/{call_id}/choice
o POST /programme/calls/{call_id}/gate
* GET /programme/notices
* GET /programme/notices/{notice_id}
o POST /programme/batches/{batch_id}/notice
o GET /programme/notices/{notice_id}/objections
obueakm POST /programme/notices/{notice_id}/objections
o GET /programme/objections/{objection_id}
o POST /programme/objections/{objection_id}/answer
o POST /programme/notices/{notice_id}/end
* GET /programme/projects
* GET /programme/projects/{project_id}
obua GET /programme/board
* GET /programme/projects/{project_id}/milestones
* GET /programme/milestones/{milestone_id}
* GET /programme/projects/{project_id}/reports
* GET /programme/projects/{project_id}/postings
* GET /programme/projects/{project_id}/signals
* GET /programme/projects/{project_id}/contracts
* GET /programme/projects/{project_id}/changes
* GET /programme/changes/{change_id}
* GET /programme/projects/{project_id}/acceptance
u POST /programme/milestones/{milestone_id}/submission
o POST /programme/milestones/{milestone_id}/decision
u POST /programme/projects/{project_id}/reports
ob POST /programme/reports/{report_id}/verdict
o POST /programme/projects/{project_id}/payment
u POST /programme/projects/{project_id}/spending
o POST /programme/projects/{project_id}/steps
o PUT /programme/projects/{project_id}/contract
ob POST /programme/projects/{project_id}/shares
u POST /programme/projects/{project_id}/signature
o POST /programme/projects/{project_id}/start
u POST /programme/projects/{project_id}/changes
o POST /programme/changes/{change_id}/decision
u POST /programme/changes/{change_id}/withdrawal
u POST /programme/projects/{project_id}/acceptance
o POST /programme/projects/{project_id}/acceptance/proposal
o POST /programme/projects/{project_id}/acceptance/return
o POST /programme/projects/{project_id}/acceptance/approval
oba GET /programme/integrity
obuka GET /programme/transfers
obua GET /programme/meetings
ob POST /programme/meetings
obueakm GET /programme/tasks
obueakm GET /programme/tasks/{task_id}
obue POST /programme/tasks/{task_id}/report
ob POST /programme/tasks/{task_id}/closing
* GET /registry/entries
* GET /registry/entries/{entry_id}
* GET /registry/counts
* GET /registry/flows
* GET /registry/versions/{version_id}
obu POST /registry/entries
obu POST /registry/entries/{entry_id}/events
obu POST /registry/entries/{entry_id}/correction
o POST /registry/versions/{version_id}/check
obu POST /registry/teams
ob POST /registry/import
* GET /assessment/targets
* GET /assessment/scheme
oba GET /assessment/filings
oba GET /assessment/filings/{filing_id}
ob POST /assessment/filings
ob PUT /assessment/filings/{filing_id}
ob POST /assessment/filings/{filing_id}/evidence
ob POST /assessment/filings/{filing_id}/steps
ob POST /assessment/filings/import
o POST /assessment/filings/verification
oba GET /assessment/status
oba GET /assessment/desk
oba GET /assessment/investments
oba GET /assessment/investment-totals
oba GET /assessment/investments/{investment_id}
ob POST /assessment/investments
o POST /assessment/investments/{investment_id}/steps
ob POST /assessment/investments/import
oa GET /assessment/scores
oa POST /assessment/what-if
* GET /assessment/runs
* GET /assessment/runs/{run_id}
* GET /assessment/runs/{run_id}/reproduction
o POST /assessment/runs
o POST /assessment/runs/{run_id}/publication
obueakm GET /records/me
oueam GET /records/people
oueam GET /records/people/{person_id}
obum POST /records/people
oam GET /records/roles
m POST /records/roles
m POST /records/roles/{role_id}/end
m POST /records/people/{person_id}/login
m PUT /records/people/{person_id}/login
obukam GET /records/tokens
obukam POST /records/tokens
obukam POST /records/tokens/{token_id}/revocation
obukam GET /records/organisations
obukam GET /records/organisations/{organisation_id}
obm POST /records/organisations
ob POST /records/organisations/{organisation_id}/names
ob PUT /records/organisations/{organisation_id}/parent
ob PUT /records/organisations/{organisation_id}/code
obue POST /uploads
obueakm GET /records/files
obueakm GET /records/files/{file_id}
* GET /records/rules
* GET /records/rules/{pack}
oa GET /records/rules/{pack}/versions
oa GET /records/rule-versions/{rule_version_id}
o POST /records/rules
o PUT /records/rule-versions/{rule_version_id}
o POST /records/rule-versions/{rule_version_id}/steps
oa GET /records/log
obuea GET /records/log/{sequence}/receipt
* GET /records/checkpoint
am POST /records/checkpoint
oa GET /records/verification
m GET /webhooks
m POST /webhooks
m DELETE /webhooks/{hook_id}
m POST /webhooks/{hook_id}/test
m GET /webhooks/{hook_id}/deliveries
"""
ROWS = {f"{method} {path}": who for who, method, path in (line.split() for line in TABLE.split("\n") if line)}
OPEN_ROOMS = """
accounts charts data energy factors fan figures intensity inventory key-categories levers lineage manifest measure-next method-sets
methods monitor pathways peaks plan prefectures reconciliation reports runs scoreboard search sectors sources templates totals
uncertainty
"""
OPEN = frozenset(OPEN_ROOMS.split())
"""First part of addresses that everybody may read: results, library, plan, monitoring."""
OPEN_WRITES = frozenset(
    {
        "POST /pathways/simulate",
        "POST /pathways/fan",
        "POST /pathways/wedges",
        "POST /pathways/assumed",
        "POST /accounts",
        "POST /energy/sites",
    }
)
"""What everybody may have computed; nothing of it changes a record."""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = open_office(tmp_path_factory.mktemp("rights") / "work")
    yield made
    made.records.close()


def routes(office: Office) -> dict[str, Any]:
    """Return the routes of the API by method and address."""
    found: dict[str, Any] = {}
    for context in iter_route_contexts(office.app.routes):
        path = str(getattr(context, "path", ""))
        if path.startswith(f"{PREFIX}/") and not path.endswith("openapi.json"):
            for method in (getattr(context, "methods", None) or {"GET"}) - {"HEAD", "OPTIONS"}:
                found[f"{method} {path.removeprefix(PREFIX)}"] = context.original_route
    return found


def records_routes(office: Office) -> dict[str, RecordsRoute]:
    """Return those that lead to the records."""
    return {name: route for name, route in routes(office).items() if isinstance(route, RecordsRoute)}


def test_every_route_stands_in_a_row_and_every_row_is_a_route(office: Office) -> None:
    found, records = routes(office), records_routes(office)
    assert records.keys() == ROWS.keys()
    others = {
        name
        for name in found.keys() - records.keys()
        if not (name.startswith("GET /") and name.split("/")[1].split("?")[0] in OPEN)
    }
    assert others <= OPEN_WRITES, "a route that is not open names its rights (tanlu.portal.session.records_api)"


def test_a_route_to_the_records_that_names_no_right_cannot_be_made() -> None:
    router: APIRouter = records_api("records")
    with pytest.raises(ValueError, match="names its rights"):
        router.get("/records/anything")(lambda: None)


@pytest.fixture(scope="module")
def identity(office: Office) -> Identity:
    """Who asks is said by the header ``x-who``; signing in is tested elsewhere."""
    found: Identity = office.app.state.identity
    callers = {"": PUBLIC}
    with office.records.database.read() as session:
        for letter, name in LETTERS.items():
            principal = load_principal(session, office.people[name], office.records.database.clock().date())
            callers[letter] = Caller(principal, name, name)
    found._resolve = lambda request: callers[request.headers.get("x-who", "")]  # type: ignore[method-assign]
    return found


def test_each_route_lets_in_those_of_its_row_and_nobody_else(office: Office, identity: Identity) -> None:
    found = {}
    for name, route in records_routes(office).items():
        found[name] = {who for who in ("", *LETTERS) if status(route, identity, name, who) == 0}
    wanted = {name: {"", *LETTERS} if row == ALL else set(row) for name, row in ROWS.items()}
    assert found == wanted


def status(route: RecordsRoute, identity: Identity, name: str, who: str) -> int:
    """Return 0 where the door of a route is open for somebody, otherwise the status of the refusal."""
    scope = {"type": "http", "method": name.split()[0], "path": "/", "headers": [(b"x-who", who.encode())], "state": {}}
    try:
        route._admit(identity, Request(scope))
    except RefusedError as error:
        return status_of(error)
    return 0


@pytest.mark.parametrize("name", list(ROWS))
def test_the_door_stands_before_the_record_and_its_body(office: Office, identity: Identity, name: str) -> None:
    """The body is wrong and the record is not there: the public and one without the right hear of neither."""
    method, path = name.split()
    address = PREFIX + re.sub(r"{sequence}", "99999999", re.sub(r"{(?!sequence)\w+}", "f" * 32, path))
    client = TestClient(office.app)
    outside = next((who for who in LETTERS if ROWS[name] != ALL and who not in ROWS[name]), "")
    found = {}
    for who in {"", outside}:
        sent = {} if method == "GET" else {"content": b"[]"}
        headers = {"x-who": who, "content-type": "application/json"}
        answer = client.request(method, address, headers=headers, **sent).status_code
        found[who] = "in" if answer in (200, 404, 422) else answer
    wanted = ({outside: 403} if outside else {}) | {"": "in" if ROWS[name] == ALL else 401}
    assert found == wanted
