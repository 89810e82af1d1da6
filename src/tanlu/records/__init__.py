"""The system of record: who is who, who may do what, what was decided when and why, and the proof that nobody changed it afterwards.

In: people who act, rule packs and workflows as YAML, files of evidence. Out: rows, an audit trail, receipts. It must not know calls,
projects, registries or web pages: rooms above bring their own tables, rights and workflows, and keep to this contract.

**Opening.** ``Records.open(folder, rooms=("tanlu.records", "tanlu.programme"), permissions=[…])`` gives ``database``, ``log``,
``evidence``, ``logins`` and ``rights`` of a workspace. A room named in ``rooms`` imports its mapped classes in its ``__init__`` and
keeps Alembic revisions ``0001``, ``0002``, … in ``<room>/migrations/versions/v0001_….py``; its version stands in the table
``schema_<room>``.

**Tables.** Derive from `Base` what counts, from `Working` what may be lost. Columns are text, whole numbers, booleans, dates,
`UtcDateTime`, `Fen` (money, `Decimal` yuan), `Scaled` (other decimals) and `Plain` (data); floats, server defaults, joined inheritance,
``ON DELETE CASCADE`` and ``secondary`` tables are not for `Base`: such rows change without a seal. A record that has versions adds
rows, it does not alter them.

**Writing.** Only so::

    with records.database.change(actor, "call.publish", f"call:{id}", reason="…", details={…}) as change:
        call = change.session.get_one(Call, id)
        advance(change, workflow, call, f"call:{id}", "publish", principal=who, rights=records.rights, target=…)

Rows, audit entry and leaf are one transaction; an exception undoes all. Writers come one after the other on both databases, so what the
block has read is still true when it commits: check rights, states, deadlines and limits *inside* the block. ``change.at`` is the time
of the change. Several changes of one request share a `Database.batch`. Actor, action, subject, reason and details hold ids, never names
of people. ``change.sequence`` is the entry; ``records.log.receipt(sequence)`` its receipt; ``history(session, subject)`` tells
what was done to a record. Long work (files, mail, models) stays
outside the block.

**Reading.** ``with records.database.read() as session``: one state, no writing. List queries add ``where(rights.condition(principal,
action, Columns(region=…, organisation_id=…)))``; single records call ``rights.require(principal, action, Target(…))``. Rights are
data: each room has a ``permissions.yaml`` (action → role → reach), and what is not written is denied.

**Requests.** ``logins.visit(cookie)`` or ``check_token(session, bearer, at)`` → ``load_principal(session, person_id, day, tasks=…,
actions=…)``. Send `Visit.token` back as the new cookie when it is not None; check ``logins.check_csrf`` on every form. A program may
send a key, or the version of the record that it has seen: within `attended` the next change checks both. Errors are `RefusedError` (422)
and its kinds `NotAuthenticatedError` (401), `NotPermittedError` (403), `ConflictError` (409), all with problems in two languages.
"""

from tanlu.core.uscc import check_character, check_code, code_problems
from tanlu.records.base import Base, Fen, Id, Line, Plain, Scaled, UtcDateTime, Word, Working, new_id
from tanlu.records.changes import Batch, Change
from tanlu.records.database import Database
from tanlu.records.entries import LogEntry, history
from tanlu.records.erasure import erase_person
from tanlu.records.evidence import (
    EvidenceFile,
    EvidenceStore,
    EvidenceUse,
    Stored,
    add_evidence,
    evidence_of,
)
from tanlu.records.four_eyes import WorkflowStep, require_other, require_second_person, steps_of
from tanlu.records.login import Credential, Logins, Visit, set_password
from tanlu.records.organisations import (
    Organisation,
    OrganisationName,
    ancestors,
    find_organisation,
    give_code,
    move_organisation,
    register_organisation,
    related,
    rename_organisation,
    search_organisations,
    units_of,
)
from tanlu.records.people import (
    Affiliation,
    Contact,
    Person,
    add_contact,
    affiliate,
    contacts_of,
    find_person,
    organisations_of,
    register_person,
)
from tanlu.records.place import Records
from tanlu.records.publication import LogFolder
from tanlu.records.refusals import (
    ConflictError,
    NotAuthenticatedError,
    NotPermittedError,
    RefusedError,
    WriteOutsideChangeError,
)
from tanlu.records.remembered import Remembered
from tanlu.records.requests import ApiRequest, Attendance, RepeatedRequestError, Upload, Watched, attended
from tanlu.records.roles import (
    Columns,
    Grant,
    Principal,
    Rights,
    RoleAssignment,
    Target,
    grant_role,
    load_principal,
    load_rights,
)
from tanlu.records.rules import (
    Outcome,
    Predicate,
    RulePack,
    RulePackVersion,
    draft_pack,
    judge,
    pack_from,
    pack_on,
    read_packs,
    verdict,
)
from tanlu.records.tokens import ApiToken, check_token, issue_token, revoke_token
from tanlu.records.verification import Report, verify
from tanlu.records.workdays import (
    Calendar,
    Term,
    add_workdays,
    calendar_in,
    end_of_day,
    in_time,
    is_workday,
    local_day,
    read_calendar,
    workdays_between,
)
from tanlu.records.workflow import Workflow, advance, load_workflow

__all__ = [
    "Affiliation",
    "ApiRequest",
    "ApiToken",
    "Attendance",
    "Base",
    "Batch",
    "Calendar",
    "Change",
    "Columns",
    "ConflictError",
    "Contact",
    "Credential",
    "Database",
    "EvidenceFile",
    "EvidenceStore",
    "EvidenceUse",
    "Fen",
    "Grant",
    "Id",
    "Line",
    "LogEntry",
    "LogFolder",
    "Logins",
    "NotAuthenticatedError",
    "NotPermittedError",
    "Organisation",
    "OrganisationName",
    "Outcome",
    "Person",
    "Plain",
    "Predicate",
    "Principal",
    "Records",
    "RefusedError",
    "Remembered",
    "RepeatedRequestError",
    "Report",
    "Rights",
    "RoleAssignment",
    "RulePack",
    "RulePackVersion",
    "Scaled",
    "Stored",
    "Target",
    "Term",
    "Upload",
    "UtcDateTime",
    "Visit",
    "Watched",
    "Word",
    "Workflow",
    "WorkflowStep",
    "Working",
    "WriteOutsideChangeError",
    "add_contact",
    "add_evidence",
    "add_workdays",
    "advance",
    "affiliate",
    "ancestors",
    "attended",
    "calendar_in",
    "check_character",
    "check_code",
    "check_token",
    "code_problems",
    "contacts_of",
    "draft_pack",
    "end_of_day",
    "erase_person",
    "evidence_of",
    "find_organisation",
    "find_person",
    "give_code",
    "grant_role",
    "history",
    "in_time",
    "is_workday",
    "issue_token",
    "judge",
    "load_principal",
    "load_rights",
    "load_workflow",
    "local_day",
    "move_organisation",
    "new_id",
    "organisations_of",
    "pack_from",
    "pack_on",
    "read_calendar",
    "read_packs",
    "register_organisation",
    "register_person",
    "related",
    "rename_organisation",
    "require_other",
    "require_second_person",
    "revoke_token",
    "search_organisations",
    "set_password",
    "steps_of",
    "units_of",
    "verdict",
    "verify",
    "workdays_between",
]
