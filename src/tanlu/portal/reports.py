"""Reports in the portal: a page that offers them, and the API that makes them, each once; those on accounts are asked for with them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, HTTPException, Query, Request, Response

from tanlu import __version__
from tanlu.charts.emissions import scenario_name
from tanlu.charts.results import Results
from tanlu.charts.scenarios import default_scenarios
from tanlu.core.companion import Companion
from tanlu.core.errors import DataError
from tanlu.portal.addresses import Handler
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.rendering import Renderer
from tanlu.portal.service import NotFoundError, Workspace
from tanlu.portal.uploads import RateLimit, address_of
from tanlu.reports import account_contents, contents
from tanlu.reports.composing import Content
from tanlu.reports.office import FORMATS, document, render

Kind = Literal["annual", "targets", "scenarios", "prefecture"]
Form = Literal["pdf", "docx", "xlsx", "html"]
KINDS: Final[tuple[Kind, ...]] = ("annual", "targets", "scenarios", "prefecture")
MOST_FILES: Final = 200
"""Reports that are kept; the one that was asked for longest ago goes."""
MOST_SCENARIOS: Final = 6


class Reports:
    """Makes the reports of a workspace; one is set at a time, and what has been made is kept under the hash of what it is made of.

    Parameters
    ----------
    workspace : Workspace
    folder : Path
        Where reports are kept.
    beside : Companion, optional
        Sets the reports instead of this process, which then stays small.
    """

    def __init__(self, workspace: Workspace, folder: Path, beside: Companion | None = None) -> None:
        self.workspace, self.folder, self._beside = workspace, folder, beside
        self._lock = Lock()

    def get(
        self, kind: Kind, form: Form, language: str, run: str = "", region: str = "", scenarios: tuple[str, ...] = ()
    ) -> bytes:
        """Return a report as the bytes of a file.

        Raises
        ------
        NotFoundError
            If the run does not exist.
        DataError
            If the run has no such prefecture or scenario, or the machine lacks what the format needs.
        """
        results = self.workspace.results(run)
        said = [__version__, results.manifest.run_id, kind, form, language, region, *scenarios]
        return self._once(said, form, lambda: self._make(results, kind, form, language, region, scenarios))

    def account(self, folder: Path, form: Form, language: str) -> bytes:
        """Return the report on the account in a folder as the bytes of a file; who may have it was asked before.

        Raises
        ------
        DataError
            If the folder is not what is computed from it, or the machine lacks what the format needs.
        """
        # a folder that somebody changed is no longer what its report was made of
        changed = max(p.stat().st_mtime_ns for p in folder.rglob("*"))
        make = account_made if self._beside is None else partial(self._beside.do, account_made)
        said = [__version__, "account", folder.name, str(changed), form, language]
        return self._once(said, form, lambda: make(folder, form, language))

    def _once(self, said: list[str], form: Form, make: Callable[[], bytes]) -> bytes:
        path = self.folder / f"{hashlib.sha256(json.dumps(said).encode()).hexdigest()[:32]}.{form}"
        with self._lock:
            if path.is_file():
                path.touch()
                return path.read_bytes()
            data = make()
            self._keep(path, data)
        return data

    def _make(self, results: Results, *asked: Any) -> bytes:
        if self._beside is None:
            return made(results, *asked)
        data: bytes = self._beside.do(made_of, results.folder, *asked)
        return data

    def _keep(self, path: Path, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.part")
        part.write_bytes(data)
        part.replace(path)
        kept = sorted((p for p in self.folder.iterdir() if not p.name.startswith(".")), key=lambda p: p.stat().st_mtime)
        for old in kept[:-MOST_FILES]:
            old.unlink(missing_ok=True)


def made(results: Results, kind: Kind, form: Form, language: str, region: str, scenarios: tuple[str, ...]) -> bytes:
    """Return a report as the bytes of a file."""
    return render(document(_content(results, kind, language, region, scenarios)), form)


def made_of(folder: Path, *asked: Any) -> bytes:
    """Return a report on the run in a folder; what is asked for as in `made`."""
    return made(Results.load(folder), *asked)


def account_made(folder: Path, form: Form, language: str) -> bytes:
    """Return the report on the account in a folder as the bytes of a file."""
    return render(document(account_contents.account(folder, language)), form)


def _content(results: Results, kind: Kind, language: str, region: str, scenarios: tuple[str, ...]) -> Content:
    makers: dict[Kind, Callable[[], Content]] = {
        "annual": lambda: contents.annual(results, language),
        "targets": lambda: contents.scoreboard(results, language),
        "scenarios": lambda: contents.scenarios(results, language, scenarios),
        "prefecture": lambda: contents.prefecture(results, language, region),
    }
    return makers[kind]()


def file_answer(data: bytes, form: Form, name: str) -> Response:
    """Return the answer with a report: a page is shown, a file is downloaded under a name."""
    shown = "inline" if form == "html" else "attachment"
    headers = {"content-disposition": f'{shown}; filename="{name}.{form}"'}
    if form == "html":
        # styles and pictures are inside; it runs no script
        headers["content-security-policy"] = (
            "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
        )
    return Response(data, media_type=FORMATS[form], headers=headers)


def report_router(reports: Reports, rate: RateLimit) -> APIRouter:
    """Return the routes of the API."""
    router = APIRouter(prefix="/api/v1", tags=["reports"], route_class=LateRoute)

    @router.get("/reports")
    def kinds() -> dict[str, list[str]]:
        """Kinds of reports and formats."""
        return {"kinds": list(KINDS), "formats": list(FORMATS)}

    @router.get("/reports/{kind}", response_class=Response)
    def report(
        request: Request,
        kind: Kind,
        form: Annotated[Form, Query(alias="format", description="Format of the file.")] = "pdf",
        lang: Annotated[Literal["zh", "en"], Query(description="Language of the report.")] = "zh",
        run: Annotated[str, Query(description="Run id; the latest run by default.")] = "",
        region: Annotated[str, Query(description="Prefecture, for its brief.")] = "",
        scenario: Annotated[
            list[str] | None, Query(max_length=MOST_SCENARIOS, description="Scenarios to compare.")
        ] = None,
    ) -> Response:
        """A report on a frozen run; the same run gives the same bytes. A report on an account stands at its own address."""
        if kind == "prefecture" and not region:
            raise NotFoundError("portal.missing.prefecture", "region=")
        rate.check(address_of(request))
        try:
            data = reports.get(kind, form, lang, run, region, tuple(scenario or ()))
        except DataError as error:
            raise HTTPException(422, [p.as_record("en") for p in error.problems]) from error
        name = "-".join(part for part in (kind, region.rpartition("/")[2], lang) if part)
        return file_answer(data, form, name)

    return router


class ReportPages:
    """The page that offers the reports."""

    def __init__(self, workspace: Workspace, renderer: Renderer) -> None:
        self.workspace, self.renderer = workspace, renderer

    @property
    def handlers(self) -> dict[str, Handler]:
        """Handlers by path."""
        return {"/reports": self.offer}

    def offer(self, request: Request, language: str) -> Response:
        """Return the page: one form a report."""
        results = self.workspace.results(request.query_params.get("run", ""))
        prefectures = {r.region: r.name(language) for r in results.prefectures}
        chosen, region = default_scenarios(results), request.query_params.get("region", "")
        return self.renderer.page(
            request, "report_offer.html", language, results, kinds=KINDS, formats=[(f, f.upper()) for f in FORMATS],
            prefectures=list(prefectures.items()), region=region if region in prefectures else "", most=MOST_SCENARIOS,
            scenarios=[(n, scenario_name(n, language), n in chosen) for n in results.scenarios],
        )  # fmt: skip
