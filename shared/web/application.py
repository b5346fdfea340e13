"""A service's web application: what every request passes, and what runs beside it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Final, Literal

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from shared.region import load_region
from shared.settings import CommonSettings
from shared.web.accessibility import accessibility_router
from shared.web.answering import Answering, answer
from shared.web.background import background
from shared.web.contrast import measured, read_tokens
from shared.web.gate import Gate
from shared.web.head import Head
from shared.web.headers import SecurityHeaders
from shared.web.health import Health, health_router
from shared.web.language import is_for_programs
from shared.web.limits import Limits
from shared.web.locale import _
from shared.web.openapi import describe_problems
from shared.web.origin import own_path
from shared.web.pages import TEMPLATES, THEMES, Pages
from shared.web.problems import BadRequest, FieldError, NotFound
from shared.web.rates import Rates
from shared.web.record import Record
from shared.web.static import FOLDER, PREFIX, static_files

__all__ = ["ServiceName", "background", "create_application"]

VERSION: Final = "1.0.0"
ServiceName = Literal["ingest", "calendar", "distribution"]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]


def create_application(
    *,
    service: ServiceName,
    title: str,
    settings: CommonSettings,
    lifespan: Lifespan,
    routers: Sequence[APIRouter],
    openapi_url: str,
    pages: Pages | None = None,
) -> FastAPI:
    """Make a service's application; its routers carry their full paths.

    It adds ``/livez``, ``/readyz``, ``/metrics``, ``/static/…``, ``/theme/…`` and ``/styleguide``, and to every request
    an id and a trace, limits, strict headers and an answer for whatever goes wrong. ``app.state.health`` and
    ``app.state.pages`` are there from the start; the lifespan puts ``app.state.accounts`` (where somebody logs in) and
    ``app.state.service`` beside them.

    Args:
        service: which of the three it is.
        title: the title of its OpenAPI document.
        settings: the service's settings.
        lifespan: opens what the service needs and closes it in reverse.
        routers: its routes.
        openapi_url: where its OpenAPI document is.
        pages: its pages, with their navigation; without them plain ones are made.

    Raises:
        RegionPackBroken: if the region pack cannot be used.

    """
    app = FastAPI(
        title=title,
        version=VERSION,
        lifespan=lifespan,
        openapi_url=openapi_url,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(refuse_unknown_parameters)],
        exception_handlers={HTTPException: answer, RequestValidationError: answer},
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},  # decision 0013
    )
    app.state.health = health = Health(service)
    _measure_disk(health, settings.data_dir)
    app.state.pages = pages or _plain_pages(service, settings)
    statement = accessibility_router(settings) if service == "distribution" else None
    for router in (*routers, health_router, _look_router(), *([statement] if statement else [])):
        app.include_router(router)
    app.router.routes.append(Route(PREFIX + "{path:path}", static_files(), methods=["GET"], include_in_schema=False))
    describe_problems(app)
    _wrap(app, settings, private=service != "distribution")
    return app


def _plain_pages(service: ServiceName, settings: CommonSettings) -> Pages:
    return Pages(service=service, templates=TEMPLATES, region=load_region(settings.region), settings=settings)


def _wrap(app: FastAPI, settings: CommonSettings, *, private: bool) -> None:
    """Put the middlewares round an app: the last one added is the outermost."""
    app.add_middleware(Limits)
    app.add_middleware(Gate, health=app.state.health)
    app.add_middleware(Rates, pages=private)
    app.add_middleware(Head)
    app.add_middleware(Answering)
    app.add_middleware(SecurityHeaders, https=settings.https, private=private)
    app.add_middleware(Record, health=app.state.health)


def _measure_disk(health: Health, folder: Path) -> None:
    """Show how full the file system is that holds ``KAL_DATA_DIR``, also before that folder is made."""

    def used() -> tuple[int, int, int]:
        return shutil.disk_usage(next(each for each in (folder, *folder.absolute().parents) if each.exists()))

    health.gauge("kal_disk_free_bytes", "Bytes that are free where KAL_DATA_DIR is.", lambda: used()[2])
    health.gauge("kal_disk_size_bytes", "Bytes that the file system of KAL_DATA_DIR has.", lambda: used()[0])


async def refuse_unknown_parameters(request: Request) -> None:
    """Refuse a query parameter that an API's route does not list: a misspelt filter must not select everything.

    Raises:
        BadRequest: if there is one; its fields name it.

    """
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not is_for_programs(request.url.path):
        return
    unknown = sorted(set(request.query_params) - _listed(route))
    if unknown:
        said = _("Ten adres nie ma takiego parametru.")
        errors = [FieldError(name, said, "extra_forbidden") for name in unknown]
        raise BadRequest(_("Popraw parametry wymienione w errors."), code="unknown_filter", errors=errors)


def _listed(route: APIRoute) -> set[str]:
    """Give the names of a route's query parameters, those inside a parameter model too."""
    names: set[str] = set()
    for each in route.dependant.query_params:
        model = each.field_info.annotation
        fields = getattr(model, "model_fields", None)
        names |= {field.alias or name for name, field in fields.items()} if fields else {each.alias}
    return names


def _look_router() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/theme/{theme}", choose_theme, methods=["GET"])
    router.add_api_route("/styleguide", styleguide, methods=["GET"])
    return router


async def choose_theme(request: Request, theme: str, next: str = "/") -> Response:  # noqa: A002 - the parameter's name in the address
    """Keep a reader's choice of light or dark and lead back.

    Raises:
        NotFound: if there is no such theme.

    """
    pages: Pages = request.app.state.pages
    if theme not in THEMES:
        raise NotFound
    response = Pages.redirect(own_path(next, "/"))
    pages.choose_theme(response, theme)
    return response


async def styleguide(request: Request) -> HTMLResponse:
    """Show every part of the design language, with the contrast of each pair of colours measured."""
    pages: Pages = request.app.state.pages
    pairs = measured(read_tokens((FOLDER / "site.css").read_text(encoding="utf-8")))
    return await pages.render(request, "styleguide.html", title=_("Wygląd"), pairs=pairs)
