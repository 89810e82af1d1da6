"""How the public pages and open data join the application."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI

from tanlu.portal.addresses import page_router
from tanlu.portal.platform.late_routes import join
from tanlu.portal.public.api import open_data_router
from tanlu.portal.public.files import DataFiles
from tanlu.portal.public.pages import PublicPages
from tanlu.portal.public.settings import read_public_settings
from tanlu.portal.public.tour import TourPages
from tanlu.portal.public.unexpected import add_unexpected
from tanlu.portal.rendering import Renderer
from tanlu.portal.service import Workspace


def add_public(app: FastAPI, runs: Workspace, renderer: Renderer, workspace: Path) -> None:
    """Add the public pages and the routes of open data.

    Raises
    ------
    DataError
        With everything in the section ``[public]`` of the configuration that cannot be used.
    """
    settings, files = read_public_settings(workspace), DataFiles(workspace / "cache" / "open-data")
    pages = (PublicPages(runs, renderer, files, settings), TourPages(renderer))
    join(app, open_data_router(runs, files, settings), *(page_router(page.handlers) for page in pages))
    add_unexpected(app)
