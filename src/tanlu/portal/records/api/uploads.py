"""Files that programs send: streamed into the store of evidence, then given to a record by the id of the upload."""

from __future__ import annotations

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

from fastapi import Query, Request
from fastapi.responses import FileResponse, Response
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect

from tanlu.core.errors import Problem
from tanlu.portal.programme.files import file_target
from tanlu.portal.session.records_api import SIGNED_IN, Kept, Who, needs, records_api
from tanlu.portal.session.shapes import Row
from tanlu.portal.uploads import RefusedError as UploadRefusedError
from tanlu.records import EvidenceFile, EvidenceUse, NotPermittedError, Principal, Records, RefusedError, Upload
from tanlu.records.evidence import MEGABYTE, display_name, evidence_of
from tanlu.records.requests import keep_upload

router = records_api("records")
IN_MEMORY = 1 << 20
"""Bytes of a file that are held before it goes to disk."""
CHUNK = 1 << 16


class UploadRow(Row):
    """A file that was taken in; a record takes it up within a day, or it is forgotten."""

    id: str
    sha256: str
    size: int
    media_type: str
    label: str


class FileRow(Row):
    """A file as evidence of a record."""

    id: str
    sha256: str
    subject: str
    label: str
    added_at: datetime


@router.post("/uploads", **needs("evidence.add", streams=True), response_model=UploadRow, status_code=201)
async def uploaded(
    request: Request, records: Kept, who: Who, name: Annotated[str, Query(max_length=400, description="Name of the file.")]
) -> Any:  # fmt: skip
    """Send a file as the body of the request; its type is read from its content, its size is limited while it arrives."""
    largest = records.evidence.largest
    said = request.headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > largest:
        raise UploadRefusedError(413, "too_large", limit=largest // MEGABYTE)
    size = 0
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as file:
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > largest:
                    raise UploadRefusedError(413, "too_large", limit=largest // MEGABYTE)
                await run_in_threadpool(file.write, chunk)
        except ClientDisconnect:
            raise UploadRefusedError(400, "bad_form", files=1) from None
        file.seek(0)
        return await run_in_threadpool(_kept, records, who, file, name)


def _kept(records: Records, who: Principal, file: Any, name: str) -> Upload:
    stored = records.evidence.put(iter(lambda: file.read(CHUNK), b""))
    with records.database.working() as session:
        return keep_upload(session, who.person_id, stored, display_name(name), records.database.clock())


@router.get("/records/files", **needs(SIGNED_IN), response_model=list[FileRow])
def files(records: Kept, who: Who, subject: str) -> Any:
    """Files of a record, for example ``milestone:<id>``, for those who may read it."""
    with records.database.read() as session:
        found = evidence_of(session, subject)
        for use in found[:1]:
            _require(session, records, who, use)
        return found


@router.get("/records/files/{file_id}", **needs(SIGNED_IN), response_class=Response)
def content(file_id: str, records: Kept, who: Who) -> Response:
    """The content of a file, always as a download."""
    with records.database.read() as session:
        use = session.get(EvidenceUse, file_id)
        if use is None:
            raise RefusedError(Problem("no_record", "evidence", field="id", value=file_id[:40]))
        _require(session, records, who, use)
        media = session.get_one(EvidenceFile, use.sha256).media_type
    path: Path = records.evidence.path(use.sha256)
    if not path.is_file():
        raise RefusedError(Problem("no_record", "evidence", field="sha256", value=use.sha256))
    return FileResponse(path, media_type=media, filename=use.label, content_disposition_type="attachment")


def _require(session: Session, records: Records, who: Principal, use: EvidenceUse) -> None:
    action, target = file_target(session, use.subject, who.person_id)
    if not action or not records.rights.allows(who, action, target):
        raise NotPermittedError(Problem("not_permitted", "evidence", field="evidence.read", value=use.id))
