"""REST API of accounts: compute, list, read, download. The same files, checks and folder as the page."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, HTTPException, Query, Request, Response
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from tanlu.accounts.files.chain import chain_of
from tanlu.accounts.files.guideline_workbook import guideline_workbook
from tanlu.core.errors import DataError
from tanlu.portal.accounts import view
from tanlu.portal.accounts.rights import AccountRights
from tanlu.portal.accounts.store import WORKBOOK, AccountInfo, AccountStore
from tanlu.portal.api import Lang
from tanlu.portal.library.api import XLSX
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.platform.listing import Asked, listed
from tanlu.portal.reports import Form, Reports, file_answer
from tanlu.portal.session.forgery import API_HEADER, same_origin
from tanlu.portal.uploads import RateLimit, RefusedError, address_of, check_files, read_form

Gwp = Annotated[str, Query(description="GWP set; the one of the rule by default.")]
Year = Annotated[str, Query(description="Year; the last by default.")]
FORM: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["set", "files"],
                    "properties": {
                        "set": {"type": "string"},
                        "files": {"type": "array", "items": {"type": "string", "format": "binary"}},
                    },
                }
            }
        },
    },
    "parameters": [{"name": API_HEADER, "in": "header", "required": True, "schema": {"type": "string"}}],
}
"""The form in the description of the API: the body is read by hand, so that it can be bounded."""


def account_router(store: AccountStore, rights: AccountRights, rate: RateLimit, reports: Reports) -> APIRouter:
    """Return the routes of accounts."""
    router = APIRouter(
        prefix="/api/v1/accounts", tags=["accounts"], route_class=LateRoute, dependencies=[Depends(rights.check)]
    )
    _add_compute(router, store, rights, rate)
    _add_reading(router, store, rights)
    _add_downloads(router, store)
    _add_report(router, store, rate, reports)
    return router


def _add_compute(router: APIRouter, store: AccountStore, rights: AccountRights, rate: RateLimit) -> None:
    @router.post("", openapi_extra=FORM)
    async def compute(
        request: Request,
        keep: Annotated[bool, Query(description="Whether the account is kept.")] = False,
        gwp: Gwp = "",
        year: Year = "",
        lang: Lang = "en",
    ) -> Response:
        """Compute activity files under a method set: all problems (422, nothing is computed), or totals and tables.

        The header ``x-tanlu-client`` must be sent, with any text: a page of another site cannot send it. To keep an account, sign in.
        """
        if not request.headers.get(API_HEADER) or not same_origin(request):
            raise RefusedError(403, "forged")
        rate.check(address_of(request))
        if keep:
            await run_in_threadpool(rights.check_keep, request)
        form = await read_form(request)
        problems = check_files(form.files)
        if not problems:
            try:
                account = await run_in_threadpool(store.compute, form.files, form.fields.get("set", ""), store=keep)
                if keep:
                    await run_in_threadpool(rights.kept, request, account.key)
                return JSONResponse(view.as_record(account, view.chosen_gwp(account.results, gwp), year))
            except DataError as error:
                problems = list(error.problems)
        return JSONResponse({"problems": [p.as_record(lang) for p in problems]}, 422)


def _add_reading(router: APIRouter, store: AccountStore, rights: AccountRights) -> None:
    @router.get("", **listed(AccountInfo))
    def accounts(request: Request, asked: Asked) -> Any:
        """Accounts that you kept, or all of them for those who oversee the province, those kept last first."""
        return asked.answer(rights.infos(request), AccountInfo)

    @router.get("/{key}")
    def account(key: str, gwp: Gwp = "", year: Year = "") -> dict[str, Any]:
        """A year: totals by gas, categories, quality control, fallbacks and what to measure next; and the total of every year."""
        found = store.load(key)
        return view.as_record(found, view.chosen_gwp(found.results, gwp), year)

    @router.get("/{key}/tables/{name}")
    def rows(key: str, name: str, asked: Asked, gwp: Gwp = "", year: Year = "") -> Any:
        """A table: years; gases, categories or next of a year; qc, fallbacks or results of a year, of all by default."""
        found = store.load(key)
        lines = view.table(found, name, view.chosen_gwp(found.results, gwp), year)
        return asked.answer_plain(lines, view.columns(name), name)

    @router.get("/{key}/chain")
    def chain(key: str, id: Annotated[str, Query(description="Id of a result.")]) -> dict[str, Any]:
        """What stands behind a result: method, formula with its numbers, data rows and factors."""
        found = store.load(key)
        return chain_of(found.results, view.result_of(found, id)).as_record()


def _add_downloads(router: APIRouter, store: AccountStore) -> None:
    @router.get("/{key}/inventory.xlsx", response_class=Response)
    def workbook(key: str, gwp: Gwp = "") -> Response:
        """The workbook in the layout of the guideline, under a GWP set."""
        if not gwp:
            return _download(store.file(key, WORKBOOK), XLSX, f"{key[:8]}.xlsx")
        found = store.load(key)
        chosen = view.chosen_gwp(found.results, gwp)
        content = guideline_workbook(found.results, found.activities, gwp=chosen)
        return _download(content, XLSX, f"{key[:8]}-{chosen}.xlsx")

    @router.get("/{key}/{name}.csv", response_class=Response)
    def stored(key: str, name: Literal["results", "qc", "activities", "factors", "methods"]) -> Response:
        """A stored table of the result folder, byte for byte."""
        return _download(store.file(key, f"{name}.csv"), "text/csv; charset=utf-8", f"{name}.csv")

    @router.get("/{key}/folder.zip", response_class=Response)
    def folder(key: str) -> Response:
        """The whole result folder, which ``tanlu account audit`` recomputes."""
        return _download(store.archive(key), "application/zip", f"{key}.zip")


def _add_report(router: APIRouter, store: AccountStore, rate: RateLimit, reports: Reports) -> None:
    @router.get("/{key}/report", response_class=Response)
    def report(
        request: Request,
        key: str,
        form: Annotated[Form, Query(alias="format", description="Format of the file.")] = "pdf",
        lang: Annotated[Literal["zh", "en"], Query(description="Language of the report.")] = "zh",
    ) -> Response:
        """The report on an account, recomputed first; the same account gives the same bytes."""
        folder = store.path(key)
        rate.check(address_of(request))
        try:
            return file_answer(reports.account(folder, form, lang), form, f"account-{key[:8]}-{lang}")
        except DataError as error:
            raise HTTPException(422, [p.as_record("en") for p in error.problems]) from error


def _download(content: bytes, media: str, name: str) -> Response:
    return Response(content, media_type=media, headers={"content-disposition": f'attachment; filename="{name}"'})
