"""The style guide: every part of a page in every state, and every pair of colours.

``python -m docs.styleguide [PORT]`` serves it and prints its address, for those who build pages.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import uvicorn
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from rich.console import Console

from docs.contrast import measure_contrasts, read_tokens
from shared.i18n.text import _
from shared.region import load_region
from shared.settings import CommonSettings
from shared.web.application import create_application
from shared.web.pages.renderer import Pages
from shared.web.pages.static import FOLDER

TEMPLATES: Final = Path(__file__).with_name("templates")
HOST: Final = "127.0.0.1"
PORT: Final = 8010
PATH: Final = "/styleguide"


def create_app(settings: CommonSettings) -> FastAPI:
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/", redirect_start, methods=["GET"])
    router.add_api_route(PATH, show_styleguide, methods=["GET"])
    region = load_region(settings.region)
    return create_application(
        service="distribution",
        title="Style guide",
        settings=settings,
        lifespan=_open_nothing,
        routers=[router],
        openapi_url="/openapi.json",
        pages=Pages(service="distribution", templates=TEMPLATES, region=region, settings=settings),
    )


async def redirect_start() -> RedirectResponse:
    return RedirectResponse(PATH)


async def show_styleguide(request: Request) -> HTMLResponse:
    pages: Pages = request.app.state.pages
    pairs = measure_contrasts(read_tokens((FOLDER / "site.css").read_text(encoding="utf-8")))
    return await pages.render(request, "styleguide.html", title=_("Appearance"), pairs=pairs)


@asynccontextmanager
async def _open_nothing(_app: FastAPI) -> AsyncIterator[None]:
    yield


if __name__ == "__main__":
    port = int(sys.argv[1]) if len(sys.argv) > 1 else PORT
    app = create_app(CommonSettings())
    Console().print(f"The style guide is at http://{HOST}:{port}{PATH} until Ctrl+C.", highlight=False)
    uvicorn.run(app, host=HOST, port=port, log_level="warning")
