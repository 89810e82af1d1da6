"""The application: pages, API, static files, documentation of the API, and answers to what went wrong."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from threading import Timer

from anyio import to_thread
from fastapi import Depends, FastAPI, HTTPException, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException as StarletteHTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.staticfiles import StaticFiles

from tanlu.charts import render
from tanlu.charts.theme import stylesheet
from tanlu.core.companion import Companion
from tanlu.core.errors import DataError
from tanlu.core.memory import give_back
from tanlu.core.messages import translate
from tanlu.portal.accounts.api import account_router
from tanlu.portal.accounts.pages import AccountPages
from tanlu.portal.accounts.rights import AccountRights
from tanlu.portal.accounts.store import AccountStore
from tanlu.portal.addresses import page_router
from tanlu.portal.api import api_router
from tanlu.portal.api_reference import ApiReference
from tanlu.portal.appearance import appearance_router
from tanlu.portal.beside import DOCUMENTS, FILES
from tanlu.portal.chart_files import ChartFiles
from tanlu.portal.energy.api import energy_router
from tanlu.portal.energy.pages import EnergyPages
from tanlu.portal.energy.service import Studies
from tanlu.portal.energy.site_pages import Planner, SitePages, site_router
from tanlu.portal.library.api import library_router
from tanlu.portal.library.factors import FactorQuery, search
from tanlu.portal.library.pages import LibraryPages
from tanlu.portal.monitor.api import monitor_router
from tanlu.portal.monitor.energy import EnergyUsePages, energy_use_router
from tanlu.portal.monitor.pages import MonitorPages
from tanlu.portal.monitor.rights import MonitorRights
from tanlu.portal.monitor.service import Monitoring
from tanlu.portal.pages import Pages
from tanlu.portal.plan.pages import PlanPages, plan_router
from tanlu.portal.platform.caching import EntityTags, PackedTags
from tanlu.portal.platform.description import describe, operation_id
from tanlu.portal.platform.duties import Duties
from tanlu.portal.platform.faults import FAULTS, add_faults, not_readable
from tanlu.portal.platform.late_routes import LateRoute, join
from tanlu.portal.platform.limits import RequestLimits
from tanlu.portal.platform.page_cache import ChangeMark, PageCache
from tanlu.portal.platform.parameters import known_parameters
from tanlu.portal.platform.settings import read_api_settings
from tanlu.portal.platform.webhooks.api import webhook_router
from tanlu.portal.platform.webhooks.managing import Receivers
from tanlu.portal.platform.webhooks.messenger import Messenger
from tanlu.portal.platform.webhooks.pages import webhook_desk
from tanlu.portal.programme.api import programme_router
from tanlu.portal.programme.applications import application_desks
from tanlu.portal.programme.assessment import assessment_desks
from tanlu.portal.programme.calls import call_desks
from tanlu.portal.programme.outbox import Courier
from tanlu.portal.programme.projects import project_desks
from tanlu.portal.programme.registries import registry_desks
from tanlu.portal.programme.review import review_desks
from tanlu.portal.programme.wizard import wizard_desks
from tanlu.portal.public.joining import add_public
from tanlu.portal.records.api import records_router
from tanlu.portal.records.pages import records_desks
from tanlu.portal.rendering import FOLDER, Renderer
from tanlu.portal.reports import ReportPages, Reports, report_router
from tanlu.portal.run_pages import RunPages
from tanlu.portal.scripts import ChartScript
from tanlu.portal.security import DOCUMENT_POLICY, SecurityHeaders
from tanlu.portal.service import NotFoundError, Workspace
from tanlu.portal.session.desks import Desk, Desks
from tanlu.portal.session.form_filling import LEVEL, FormFilling
from tanlu.portal.session.identity import Identity, SessionCookie
from tanlu.portal.session.pages import SignIn, account_desks
from tanlu.portal.session.refusing import status_of
from tanlu.portal.studio.api import studio_router
from tanlu.portal.studio.compare import ComparePages
from tanlu.portal.studio.pages import StudioPages
from tanlu.portal.studio.service import Studio
from tanlu.portal.studio.targets import TargetPages
from tanlu.portal.styleguide import StyleGuide
from tanlu.portal.uploads import RateLimit, RefusedError
from tanlu.portal.wall import Wall
from tanlu.records import RefusedError as RecordsRefusedError

YEAR_SECONDS = 31_536_000
WARMING = 2.0
"""Seconds from the start until model and factors are loaded, if nobody has asked for them before."""
THREADS = 16
"""Pages that are made at once. One takes tens of milliseconds of one core, so more of them would not be made sooner, and each in the making
holds a megabyte; some wait for the processes beside this one."""
READING = 86_400.0
"""Seconds without a question after which the process that reads facts ends: with the meters of a whole province it takes some to start."""
FANS = 240
"""Draws of a setting that one address may ask for in a minute; a hand that rests and moves again needs many."""


@dataclass(frozen=True)
class _Parts:
    """What the rooms of a portal share; ``slow`` is the process beside this one that sets documents, if there is one."""

    workspace: Path
    runs: Workspace
    script: ChartScript
    identity: Identity
    renderer: Renderer
    studio: Studio
    monitoring: Monitoring
    messenger: Messenger
    receivers: Receivers
    slow: Companion | None


def create_app(workspace: Path, beside: Companion | None = None) -> FastAPI:
    """Return the portal over a workspace folder.

    Parameters
    ----------
    workspace : Path
        Folder with ``results/<run-id>/``; it may be empty, the pages then say how to make a run.
    beside : Companion, optional
        Draws pictures and reads ledgers instead of this process, which then stays small; reports are set by another of its kind.

    Notes
    -----
    A workspace with a system of record (``tanlu records init``) asks who is visiting before it shows or takes what is not public. Without
    one nothing here asks, so the caller should listen on 127.0.0.1 only.
    """
    parts = _parts(workspace, beside)
    app = FastAPI(
        title="Tanlu 碳路",
        version=version("tanlu"),
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=_lifespan(parts),
        dependencies=[Depends(known_parameters)],
        responses=FAULTS,
        generate_unique_id_function=operation_id,
    )
    app.router.route_class = LateRoute
    app.state.chart_files = ChartFiles()
    elsewhere = None if parts.slow is None else partial(parts.slow.do, describe_workspace, workspace)
    describe(app, workspace / "cache", elsewhere)
    _add_layers(app, parts)
    _add_files(app, parts.script, workspace)
    _add_rooms(app, parts)
    add_public(app, parts.runs, parts.renderer, workspace)
    _add_desks(app, parts.identity, parts.renderer, webhook_desk(parts.receivers))
    _add_errors(app, parts.renderer)
    add_faults(app)
    return app


def _parts(workspace: Path, beside: Companion | None) -> _Parts:
    """Return what the rooms share, and name the processes that do large work for this one."""
    runs, script, identity = Workspace(workspace), ChartScript(workspace / "cache"), Identity(workspace)
    # a report takes as long as a hundred pictures, which should not wait for it
    slow, reader = (None, None) if beside is None else (Companion(), Companion(READING))
    if beside is not None and slow is not None:
        render.BESIDE.use(beside)
        FILES.use(beside)
        DOCUMENTS.use(slow)
    monitoring = Monitoring(workspace, beside, reader)
    messenger = Messenger(workspace, runs, monitoring)
    receivers = Receivers(messenger.outbox, runs, monitoring)
    renderer = Renderer(f"/assets/{script.name}", identity)
    return _Parts(
        workspace, runs, script, identity, renderer, Studio(runs), monitoring, messenger, receivers, slow
    )  # fmt: skip


def _lifespan(parts: _Parts) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what is done before the first visitor and after the last one."""

    @asynccontextmanager
    async def warm(_: FastAPI) -> AsyncIterator[None]:
        to_thread.current_default_thread_limiter().total_tokens = THREADS
        # the first visitor should not wait for the newest run to be read and the chart script to be built
        await run_in_threadpool(parts.script.compressed)
        with suppress(NotFoundError, DataError):
            await run_in_threadpool(parts.runs.results)
        # model and factors take seconds to load; the other pages do not wait for them, and the first visitors go before them
        warming = Timer(WARMING, _warm, [parts.studio, parts.monitoring])
        warming.daemon = True
        warming.start()
        courier = Courier(parts.identity)
        begin = parts.identity.begin, courier.start, parts.messenger.start
        end = parts.messenger.stop, courier.end
        duties = Duties(parts.workspace / "cache" / "duties.lock", begin, end)
        await run_in_threadpool(duties.start)
        yield
        warming.cancel()
        await run_in_threadpool(duties.stop)
        await run_in_threadpool(parts.identity.close)

    return warm


def _add_layers(app: FastAPI, parts: _Parts) -> None:
    """Add what every request and answer passes, the innermost first."""
    app.add_middleware(EntityTags)
    app.add_middleware(GZipMiddleware, minimum_size=1000, compresslevel=LEVEL)
    app.add_middleware(PackedTags)
    runs, changes = parts.runs, ChangeMark(parts.workspace / "cache" / "changed")
    app.add_middleware(PageCache, state=lambda: (runs.stamp(), changes.stamp()), changed=changes.move)
    app.add_middleware(FormFilling)
    app.add_middleware(RequestLimits, settings=read_api_settings(parts.workspace))
    app.add_middleware(SecurityHeaders)
    app.add_middleware(SessionCookie)


def _add_rooms(app: FastAPI, parts: _Parts) -> None:
    """Add API and pages of the rooms; of two routes that fit an address the first one answers."""
    runs, renderer, studio, monitoring = parts.runs, parts.renderer, parts.studio, parts.monitoring
    studies, planner, sight = Studies(runs), Planner(runs, RateLimit()), MonitorRights(parts.identity, monitoring)
    reports = Reports(runs, parts.workspace / "cache" / "reports", parts.slow)
    store, rate = AccountStore(parts.workspace), RateLimit()
    rights = AccountRights(parts.identity, store)
    plan = PlanPages(runs, studio.province, renderer)
    join(
        app, appearance_router(), library_router(), site_router(planner), studio_router(studio, RateLimit(FANS)), energy_router(studies),
        webhook_router(parts.receivers), monitor_router(monitoring, sight), energy_use_router(monitoring, sight), api_router(runs),
        report_router(reports, RateLimit()), account_router(store, rights, rate, reports), plan_router(plan),
    )  # fmt: skip
    accounts = AccountPages(runs, renderer, store, rights, rate)
    sites, levers = SitePages(renderer, planner), StudioPages(renderer, studio)
    meters = MonitorPages(monitoring, sight, renderer)
    pages = (
        Wall(runs, monitoring, renderer), StyleGuide(runs, renderer), ApiReference(renderer, app.openapi), Pages(runs, renderer),
        RunPages(runs, renderer), LibraryPages(runs, renderer), ReportPages(runs, renderer), plan, accounts,
        EnergyPages(runs, renderer, studies), sites, levers, ComparePages(renderer, studio), TargetPages(renderer, studio), meters,
        EnergyUsePages(monitoring, sight, renderer),
    )  # fmt: skip
    join(app, *(page_router(room.handlers) for room in pages))
    join(app, accounts.router(), sites.router(), levers.router(), *meters.routers())


def describe_workspace(workspace: Path) -> None:
    """Make the description of the API of a workspace, and keep it there."""
    create_app(workspace).openapi()


def _warm(studio: Studio, monitoring: Monitoring) -> None:
    studio.warm()
    search(FactorQuery())
    with suppress(NotFoundError, DataError):
        monitoring.warm()
    give_back()


def _add_desks(app: FastAPI, identity: Identity, renderer: Renderer, *more: Desk) -> None:
    """Add the pages of those who work with the system of record."""
    desks = Desks(identity, renderer)
    desks.add(*account_desks(), *records_desks(), *call_desks(), *application_desks(), *wizard_desks(), *review_desks())
    desks.add(*project_desks(), *registry_desks(), *assessment_desks(), *more)
    join(app, programme_router())
    join(app, records_router())
    app.state.desks, app.state.identity = desks.desks, identity
    join(app, *SignIn(identity, renderer).routers(), *desks.routers())


def _add_files(app: FastAPI, script: ChartScript, workspace: Path) -> None:
    style = stylesheet() + (FOLDER / "static" / "style.css").read_text(encoding="utf-8")

    @app.get("/assets/{name}", include_in_schema=False)
    def chart_script(name: str, request: Request) -> Response:
        if name != script.name:
            raise HTTPException(404, name)
        headers = {"cache-control": f"public, max-age={YEAR_SECONDS}, immutable", "vary": "accept-encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(
                script.compressed(), media_type="text/javascript", headers={**headers, "content-encoding": "gzip"}
            )
        return Response(script.content(), media_type="text/javascript", headers=headers)

    @app.get("/static/style.css", include_in_schema=False)
    def style_sheet() -> Response:
        return Response(style, media_type="text/css")

    @app.get("/report", include_in_schema=False)
    def report() -> Response:
        path = workspace / "report.html"
        if not path.is_file():
            raise NotFoundError("portal.missing.report", "report.html")
        return FileResponse(path, media_type="text/html", headers={"content-security-policy": DOCUMENT_POLICY})

    app.mount("/static", StaticFiles(directory=FOLDER / "static"), name="static")


def _add_errors(app: FastAPI, renderer: Renderer) -> None:
    def answer(request: Request, status: int, what: str, value: str, problems: DataError | None = None) -> Response:
        language = "en" if request.url.path == "/en" or request.url.path.startswith("/en/") else "zh"
        if request.url.path.startswith("/api/"):
            detail = (
                [p.as_record("en") for p in problems.problems] if problems else f"{what.rpartition('.')[2]}: {value}"
            )
            return JSONResponse({"detail": detail}, status)
        shown = [p.text(language) for p in problems.problems] if problems else []
        page = renderer.page(request, "error.html", language, None, what=what, value=value, problems=shown)
        page.status_code = status
        return page

    @app.exception_handler(NotFoundError)
    def not_found(request: Request, error: NotFoundError) -> Response:
        return answer(request, 404, error.what, error.value)

    @app.exception_handler(RefusedError)
    def refused(request: Request, error: RefusedError) -> Response:
        said = translate(f"portal.refused.{error.what}", "en", **error.values)
        return JSONResponse({"detail": said}, error.status)

    @app.exception_handler(StarletteHTTPException)
    def http_error(request: Request, error: StarletteHTTPException) -> Response:
        if error.status_code == 404:
            return answer(
                request,
                404,
                "portal.missing.page",
                str(error.detail if request.url.path.startswith("/api/") else request.url.path),
            )
        if error.status_code == 400 and request.url.path.startswith("/api/"):
            # the framework could not read the body: it is not UTF-8, or no form
            return not_readable(request)
        if isinstance(error.detail, list):
            return JSONResponse({"detail": error.detail}, error.status_code)
        return answer(request, error.status_code, "portal.missing.method", request.method)

    @app.exception_handler(RecordsRefusedError)
    def refused_by_records(request: Request, error: RecordsRefusedError) -> Response:
        status = status_of(error)
        answered = answer(request, status, "portal.missing.sound", "", error)
        if status == 401:
            answered.headers["www-authenticate"] = "Bearer"
        return answered

    @app.exception_handler(DataError)
    def damaged(request: Request, error: DataError) -> Response:
        return answer(request, 500, "portal.missing.sound", request.query_params.get("run", ""), error)
