"""Forms of applications that are not handed in yet, as the wizard and the API have them: their faults, their files, handing in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tanlu.core.errors import Problem
from tanlu.programme.cycle import Application, ApplicationDraft
from tanlu.programme.cycle.applying import check_beforehand, save_step, submit
from tanlu.programme.cycle.forms import form_from
from tanlu.records import NotPermittedError, Outcome, Principal, Records, RefusedError, Stored
from tanlu.records.evidence import display_name

ATTACHMENTS = "attachments"


def faults_of(records: Records, who: Principal, draft: ApplicationDraft) -> tuple[list[Problem], list[Outcome]]:
    """Return what is wrong with a form as it stands, and what the rules would say of it."""
    try:
        form = form_from(draft.steps)
    except RefusedError as error:
        return list(error.problems), []
    return check_beforehand(records, who, draft.call_id, form)


def files_of_draft(draft: ApplicationDraft) -> list[dict[str, Any]]:
    """Return the files of a form: hash, size, type and label of each."""
    return list(draft.steps.get(ATTACHMENTS, {}).get("files", ()))


def require_open(draft: ApplicationDraft) -> None:
    """Do nothing if a form can still be changed; asked before files are taken in.

    Raises
    ------
    NotPermittedError
        If it was handed in.
    """
    if draft.application_id is not None:
        raise NotPermittedError(Problem("draft_handed_in", "application", field="draft", value=draft.application_id))


def add_files(
    records: Records, who: Principal, draft: ApplicationDraft, files: Sequence[tuple[Stored, str]], version: int
) -> ApplicationDraft:
    """Note stored files in a form; they count when it is handed in.

    Raises
    ------
    RefusedError
        If the form was handed in.
    ConflictError
        If it was saved meanwhile from elsewhere.
    """
    kept = [*files_of_draft(draft)] + [
        {"sha256": s.sha256, "size": s.size, "media_type": s.media_type, "label": display_name(label)} for s, label in files
    ]  # fmt: skip
    return save_step(records, who, draft.id, ATTACHMENTS, {"files": kept}, version)


def hand_in(records: Records, who: Principal, draft: ApplicationDraft) -> Application:
    """Hand in a form once, with its files.

    Raises
    ------
    RefusedError
        With everything that is wrong with it; see `tanlu.programme.cycle.applying.submit`.
    """
    files = [
        (Stored(str(f["sha256"]), int(f["size"]), str(f["media_type"])), str(f["label"])) for f in files_of_draft(draft)
    ]
    form = form_from(draft.steps)
    return submit(records, who, draft.call_id, form, key=f"draft:{draft.id}", files=files, draft_id=draft.id)
