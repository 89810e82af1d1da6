"""The page on which an enterprise or a park makes its account, and the pages of an account that was kept."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse

from tanlu.accounts.files.chain import chain_of, rounding_record
from tanlu.accounts.files.formula_trace import number_text
from tanlu.accounts.files.sectoral_table import category_name
from tanlu.accounts.files.template_content import method_text
from tanlu.charts.format import capital
from tanlu.core.errors import DataError, Problem
from tanlu.core.library import load_library
from tanlu.core.messages import catalogue, translate
from tanlu.portal.accounts import view
from tanlu.portal.accounts.rights import AccountRights
from tanlu.portal.accounts.store import Account, AccountStore
from tanlu.portal.accounts.years import chosen_year, of_year, year_lines, years_of
from tanlu.portal.addresses import Handler, csv_address, form_router, paged
from tanlu.portal.api import csv_of, csv_response
from tanlu.portal.library import catalogue as method_catalogue
from tanlu.portal.library import factors as shelf
from tanlu.portal.rendering import Renderer, localised
from tanlu.portal.service import Workspace
from tanlu.portal.session.forgery import FIELD, STAND_IN, FormTokens
from tanlu.portal.session.form_filling import with_form
from tanlu.portal.uploads import MAX_BYTES, MAX_FILES, RateLimit, RefusedError, address_of, check_files, read_form
from tanlu.records import RefusedError as RecordsRefusedError
from tanlu.reports.account_names import datum_text, place_name
from tanlu.reports.office import FORMATS

DEFAULT_SET: Final = "cn-enterprise"
MOST_PROBLEMS: Final = 200
"""Problems in the table of a page; the CSV has all up to `MOST_IN_CSV`."""
MOST_IN_CSV: Final = 5_000
MOST_ACCOUNTS: Final = 20
PROBLEM_COLUMNS: Final = ("file", "row", "field", "value", "problem", "mend")


class AccountPages:
    """Handlers of the account."""

    def __init__(
        self, workspace: Workspace, renderer: Renderer, store: AccountStore, rights: AccountRights, rate: RateLimit
    ) -> None:
        self.workspace, self.renderer, self.store, self.rights, self.rate = workspace, renderer, store, rights, rate
        self.tokens = FormTokens()

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path of what is only read."""
        return {"/account": self.form, "/account/{key}": self.account, "/account/{key}/number": self.number}

    def router(self) -> APIRouter:
        """Return the routes that take files."""
        return form_router("/account", self.send)

    def _page(self, request: Request, template: str, language: str, **context: Any) -> HTMLResponse:
        keep = self.workspace.has(request.query_params.get("run", ""))
        return self.renderer.page(request, template, language, None, keep_run=keep, **context)

    def form(self, request: Request, language: str) -> Response:
        """Choice of the method set, templates, and the form for files."""
        return self._form(request, language, request.query_params.get("set", "") or DEFAULT_SET)

    def _form(
        self, request: Request, language: str, method_set: str, *, problems: Sequence[Problem] = (),
        refusal: str = "", account: Account | None = None, status: int = 200,
    ) -> Response:  # fmt: skip
        sets = method_catalogue.set_lines()
        rules = next(s for s in sets if s.id == shelf.set_of(method_set).id)
        records = [p.as_record(language) for p in problems]
        lines = method_catalogue.method_lines(rules.id)
        answer = self._page(
            request, "account.html", language, rules=rules, lines=lines, token=STAND_IN, field=FIELD, refusal=refusal,
            problems=records[:MOST_PROBLEMS], problem_count=len(records), problems_csv=data_address(records),
            set_pairs=[(s.id, s.name(language)) for s in sets], set_names={s.id: s.name(language) for s in sets},
            most_files=MAX_FILES, most_bytes=MAX_BYTES,
            accounts=self.rights.infos(request)[:MOST_ACCOUNTS], may_keep=self.rights.may_keep(request),
            one_person=self.rights.one_person,
            sectors=[s for s in method_catalogue.SECTORS if any(x.sector == s for x in lines)],
            category=lambda code: category_name(code, language) or code,
            **({} if account is None else self._result(account, "", language)), checked=account is not None,
        )  # fmt: skip
        answer.status_code = status
        return with_form(answer)

    async def send(self, request: Request, language: str) -> Response:
        """Take files: a page with all problems, a page with the results of a dry run, or the address of the account that was kept."""
        method_set = request.query_params.get("set", "") or DEFAULT_SET
        try:
            self.rate.check(address_of(request))
            form = await read_form(request)
            if not self.tokens.holds(request, form.fields.get(FIELD, "")):
                raise RefusedError(403, "forged")
            method_set = shelf.set_of(form.fields.get("set", "") or method_set).id
            problems = check_files(form.files)
            store = form.fields.get("action") == "keep"
            if store:
                await run_in_threadpool(self.rights.check_keep, request)
            if not problems:
                account = await run_in_threadpool(self.store.compute, form.files, method_set, store=store)
                if store:
                    await run_in_threadpool(self.rights.kept, request, account.key)
                    return RedirectResponse(localised(f"/account/{account.key}", language), 303)
                return await run_in_threadpool(self._form, request, language, method_set, account=account)
        except RecordsRefusedError:
            raise
        except DataError as error:
            problems = list(error.problems)
        except RefusedError as error:
            said = translate(f"portal.refused.{error.what}", language, **error.values)
            return await run_in_threadpool(self._form, request, language, method_set, refusal=said, status=error.status)
        return await run_in_threadpool(self._form, request, language, method_set, problems=problems, status=422)

    def account(self, request: Request, language: str) -> Response:
        """An account that was kept: totals, categories, quality control, fallbacks, results, downloads."""
        self.rights.check(request)
        asked = request.query_params
        found = self.store.load(request.path_params["key"])
        gwp, year = view.chosen_gwp(found.results, asked.get("gwp", "")), asked.get("year", "")
        if asked.get("format") == "csv":
            name = asked.get("table", "results")
            return csv_response(csv_of(view.table(found, name, gwp, year), view.columns(name)), f"{name}.csv")
        shown = chosen_year(found.results, year)
        lines = view.result_lines(of_year(found, shown).results, gwp)
        page, pages, part = paged(lines, asked.get("page", "1"))
        infos = {i.key: i for i in self.store.infos()}
        csv = {t: csv_address(request, table=t, year=str(shown)) for t in view.TABLES}
        return self._page(
            request, "account_result.html", language, lines=part, page=page, pages=pages, info=infos[found.key], csv=csv,
            report_formats=[(f, f.upper()) for f in FORMATS], **self._result(found, asked.get("gwp", ""), language, year),
        )  # fmt: skip

    def _result(self, whole: Account, asked: str, language: str, asked_year: str = "") -> dict[str, Any]:
        """Return what both the dry run and the kept account show: one year, and the totals of all."""
        year = chosen_year(whole.results, asked_year)
        account = of_year(whole, year)
        results, library = account.results, load_library()
        gwp = view.chosen_gwp(whole.results, asked)
        return {
            "account": account, "year": year, "years": years_of(whole.results), "by_year": year_lines(whole.results, gwp),
            "summary": view.summary_of(account, gwp), "gwp": gwp, "gwp_choices": view.gwp_choices(whole.results),
            "gwp_source": results.gwp(gwp).title(language),
            "set_name": results.method_set.name(language), "limits": getattr(results.method_set, f"limits_{language}"),
            "gases": view.gas_lines(results, gwp), "categories": view.category_lines(results, gwp),
            "findings": view.finding_lines(results.findings)[:MOST_PROBLEMS], "fallbacks": view.fallback_lines(results)[:MOST_PROBLEMS],
            "next_lines": view.next_lines(results, gwp), "notices": [n.text(language) for n in account.notices],
            "input_name": lambda n: view.input_name(n, language), "factor_set": lambda s: library.label(s, language, shelf.WHOLE_NAME),
            "reasons": lambda codes: [translate(f"match.{c}", language) for c in codes.split()],
            "method_name": lambda m: capital(method_text(shelf.method_of(m), "name", language)),
            "category_name": lambda code: category_name(code, language) or code,
            "place_name": lambda place: place_name(place, language),
        }  # fmt: skip

    def number(self, request: Request, language: str) -> Response:
        """Where a result of an account comes from: method, formula with its numbers, data rows, factors."""
        self.rights.check(request)
        found, library = self.store.load(request.path_params["key"]), load_library()
        result = view.result_of(found, request.query_params.get("id", ""))
        chain = chain_of(found.results, result)
        source = library.sources.get(chain.method.source)
        return self._page(
            request, "account_number.html", language, account=found, result=result, chain=chain, source=source,
            rules=found.results.method_set, rounding=rounding_record(chain.method), number_text=number_text, grouped=view.grouped,
            datum=lambda text: view.grouped(datum_text(text, library, language)), place_name=lambda place: place_name(place, language),
            input_name=lambda n: view.input_name(n, language), known=library.factors, sources=library.sources,
            category_name=lambda code: category_name(code, language) or code,
            method_name=capital(method_text(chain.method, "name", language)),
            reasons=lambda codes: [translate(f"match.{c}", language) for c in codes],
            evidence=lambda e: translate(f"portal.evidence.{e}", language) if f"portal.evidence.{e}" in catalogue() else e,
        )  # fmt: skip


def data_address(records: Sequence[dict[str, object]]) -> str:
    """Return the problems of an upload as a CSV file inside an address: they are not kept, so that no other address has them."""
    if not records:
        return ""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(PROBLEM_COLUMNS)
    writer.writerows(["" if r[c] is None else r[c] for c in PROBLEM_COLUMNS] for r in records[:MOST_IN_CSV])
    return "data:text/csv;charset=utf-8;base64," + base64.b64encode(("\ufeff" + buffer.getvalue()).encode()).decode()
