"""Open data through the API: the list, the files, their data dictionaries, and the catalogue that data portals harvest."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from starlette.responses import JSONResponse

from tanlu.core.messages import LANGUAGES
from tanlu.portal.platform.late_routes import LateRoute
from tanlu.portal.public.datasets import available, dataset, fields_of
from tanlu.portal.public.dcat import catalogue_document
from tanlu.portal.public.files import MEDIA, DataFiles, Form, header_of, table_schema
from tanlu.portal.public.settings import PublicSettings
from tanlu.portal.service import Workspace

Run = Annotated[str, Query(description="Run id; the latest run by default.")]


def open_data_router(workspace: Workspace, files: DataFiles, settings: PublicSettings) -> APIRouter:
    """Return the routes of open data."""
    router = APIRouter(prefix="/api/v1", tags=["open data"], route_class=LateRoute)

    @router.get("/data")
    def datasets(run: Run = "") -> list[dict[str, Any]]:
        """Data sets with title, description, licence, date and size of the CSV file [byte]."""
        results = workspace.results(run)
        return [
            {
                "id": d.id, "theme": d.theme, "updated": results.manifest.created, "run": results.manifest.run_id,
                "licence": settings.licence, "csv_bytes": files.size(d, "csv", results),
                **{f"title_{x}": d.title(x) for x in LANGUAGES}, **{f"text_{x}": d.text(x) for x in LANGUAGES},
            }
            for d in available(results)
        ]  # fmt: skip

    @router.get("/data/catalogue.jsonld", response_class=Response)
    def harvest(request: Request, run: Run = "") -> Response:
        """The catalogue as DCAT 3 in JSON-LD."""
        document = catalogue_document(workspace.results(run), files, settings, str(request.base_url).rstrip("/"))
        return JSONResponse(document, media_type="application/ld+json")

    @router.get("/data/{name}/schema.json")
    def dictionary(name: str, run: Run = "") -> dict[str, Any]:
        """The data dictionary of a data set as a Frictionless Table Schema, with descriptions in both languages."""
        results = workspace.results(run)
        found = dataset(results, name)
        return table_schema(found, fields_of(found, header_of(found.path(results))))

    @router.get("/data/{name}.{form}", response_class=Response)
    def download(request: Request, name: str, form: Form, run: Run = "") -> Response:
        """A data set as a file; the same run gives the same bytes."""
        results = workspace.results(run)
        found = dataset(results, name)
        tag = f'"{results.manifest.run_id}-{name}-{form}"'
        headers = {
            "etag": tag,
            "cache-control": "no-cache",
            "content-disposition": f'attachment; filename="{results.province}-{name}.{form}"',
        }
        if tag in request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(files.get(found, form, results), media_type=MEDIA[form], headers=headers)

    return router
