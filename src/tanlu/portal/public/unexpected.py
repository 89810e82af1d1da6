"""What a visitor is told when the program has failed: a page with an id under which the log has the reason."""

from __future__ import annotations

import logging
import secrets

from fastapi import FastAPI, Request, Response
from starlette.responses import HTMLResponse, JSONResponse

from tanlu.core.messages import HTML_LANG, translate
from tanlu.portal.security import CONTENT_POLICY, HEADERS

LOG = logging.getLogger("tanlu.portal")
_PAGE = """<!doctype html><html lang="{lang}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<link rel="stylesheet" href="/static/style.css"></head><body>
<main class="wide"><h1>{title}</h1>
<section class="card" aria-label="{title}"><p>{text}</p>
<p class="big"><code>{id}</code></p><p><a href="{home}">{back}</a></p></section></main></body></html>"""


def add_unexpected(app: FastAPI) -> None:
    """Let an application answer what nobody foresaw; the page needs neither records nor a run, which may be what has failed."""

    @app.exception_handler(Exception)
    def unexpected(request: Request, error: Exception) -> Response:
        name = secrets.token_hex(4)
        LOG.error("%s %s %s", name, request.method, request.url.path, exc_info=error)
        language = "en" if request.url.path == "/en" or request.url.path.startswith("/en/") else "zh"
        headers = {"content-security-policy": CONTENT_POLICY, "cache-control": "no-store", **HEADERS}
        if request.url.path.startswith("/api/"):
            detail = translate("portal.unexpected.text", "en") + f" {name}"
            return JSONResponse({"detail": detail, "id": name}, 500, headers)
        said = {k: translate(f"portal.unexpected.{k}", language) for k in ("title", "text", "back")}
        home = "/" if language == "zh" else "/en"
        return HTMLResponse(_PAGE.format(lang=HTML_LANG[language], id=name, home=home, **said), 500, headers)
