"""Creates a service's web application: routes, middleware, background tasks."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from shared.field_error import FieldError
from shared.i18n.collation import load_collation
from shared.i18n.text import _
from shared.region import load_region
from shared.settings import CommonSettings
from shared.version import VERSION
from shared.web.caching import ResponseCaching
from shared.web.csrf import check_local_path
from shared.web.http.tracking_parameters import is_click_identifier
from shared.web.middleware.access_log import AccessLog
from shared.web.middleware.canonical_paths import CanonicalPaths
from shared.web.middleware.cookies import CookieFilter
from shared.web.middleware.cors import CorsHeaders
from shared.web.middleware.error_responses import ErrorResponses, respond_to_error
from shared.web.middleware.head import HeadRequests
from shared.web.middleware.rate_limit import RateLimits
from shared.web.middleware.readiness_gate import ReadinessGate
from shared.web.middleware.request_limits import RequestLimits
from shared.web.middleware.security_headers import SecurityHeaders
from shared.web.openapi import ApiDescription, describe_api
from shared.web.ops.background import run_background
from shared.web.ops.health import Health, health_router
from shared.web.pages.accessibility import create_accessibility_router
from shared.web.pages.environment import TEMPLATES
from shared.web.pages.language import is_for_programs
from shared.web.pages.navigation import THEMES
from shared.web.pages.renderer import Pages
from shared.web.pages.static import PREFIX, load_static_files
from shared.web.problems import BadRequest, NotFound, ProblemTable

__all__ = ["ServiceName", "create_application", "run_background"]

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
    description: ApiDescription | None = None,
    problems: ProblemTable = MappingProxyType({}),
) -> FastAPI:
    """Create a service's application; routers carry their full paths. Raises RegionPackBroken."""
    # It adds health, metrics, static files and themes, and the middleware. ``app.state.health`` and
    # ``app.state.pages`` exist from the start; the lifespan adds ``app.state.accounts`` (where people log in) and
    # ``app.state.service``.
    load_collation()  # before there are requests that would wait for it
    service_pages = pages or _create_default_pages(service, settings)
    app = FastAPI(
        title=title,
        version=VERSION,
        lifespan=_load_pages_during(service_pages, lifespan),
        openapi_url=openapi_url,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(reject_unknown_parameters)],
        exception_handlers={
            HTTPException: respond_to_error,
            RequestValidationError: respond_to_error,
            **dict.fromkeys(problems, respond_to_error),
        },
        redirect_slashes=False,
        telemetry={"tracing": False, "metrics": False, "logs": False, "auto_configure": False},  # decision 0013
    )
    app.state.health = health = Health(service)
    _register_disk_gauges(health, settings.data_dir)
    app.state.pages = service_pages
    app.state.problems = problems
    statement = create_accessibility_router(settings) if service == "distribution" else None
    for router in (*routers, health_router, _create_appearance_router(), *([statement] if statement else [])):
        app.include_router(router)
    app.router.routes.append(
        Route(PREFIX + "{path:path}", load_static_files(), methods=["GET"], include_in_schema=False)
    )
    describe_api(app, description or ApiDescription(), app.state.pages.region.curator)
    _add_middleware(app, settings, private=service != "distribution")
    return app


def _load_pages_during(pages: Pages, lifespan: Lifespan) -> Lifespan:
    """Compile the templates in a thread while the lifespan opens; neither waits for the other."""

    @asynccontextmanager
    async def loading(app: FastAPI) -> AsyncIterator[None]:
        loaded = asyncio.create_task(asyncio.to_thread(pages.load))
        try:
            async with lifespan(app):
                yield
        finally:
            await loaded

    return loading


def _create_default_pages(service: ServiceName, settings: CommonSettings) -> Pages:
    return Pages(service=service, templates=TEMPLATES, region=load_region(settings.region), settings=settings)


def _add_middleware(app: FastAPI, settings: CommonSettings, *, private: bool) -> None:
    """The last one added is the outermost."""
    if not private:
        app.add_middleware(CanonicalPaths, roots=app.state.pages.languages)
    app.add_middleware(RequestLimits)
    app.add_middleware(ReadinessGate, health=app.state.health)
    app.add_middleware(RateLimits, pages=private)
    app.add_middleware(ResponseCaching, documents={app.openapi_url or ""})
    app.add_middleware(HeadRequests)
    app.add_middleware(ErrorResponses)
    app.add_middleware(CookieFilter)
    app.add_middleware(SecurityHeaders, https=settings.https, private=private)
    if not private:
        app.add_middleware(CorsHeaders)
    app.add_middleware(AccessLog, health=app.state.health)


def _register_disk_gauges(health: Health, folder: Path) -> None:
    """The folder ``KAL_DATA_DIR`` need not exist yet."""

    def used() -> tuple[int, int, int]:
        return shutil.disk_usage(next(each for each in (folder, *folder.absolute().parents) if each.exists()))

    health.add_gauge("kal_disk_free_bytes", "Bytes that are free where KAL_DATA_DIR is.", lambda: used()[2])
    health.add_gauge("kal_disk_size_bytes", "Bytes that the file system of KAL_DATA_DIR has.", lambda: used()[0])


async def reject_unknown_parameters(request: Request) -> None:
    """Raises BadRequest for a parameter that an API route lacks: a misspelt filter must not select everything."""
    route = request.scope.get("route")
    if not isinstance(route, APIRoute) or not is_for_programs(request.scope["path"]):
        return
    unknown = sorted(
        each for each in set(request.query_params) - _list_parameters(route) if not is_click_identifier(each)
    )
    if unknown:
        said = _("This address has no such parameter.")
        errors = [FieldError(name, said, "extra_forbidden") for name in unknown]
        raise BadRequest(_("Correct the parameters listed in errors."), code="unknown_filter", errors=errors)


def _list_parameters(route: APIRoute) -> set[str]:
    names: set[str] = set()
    for each in route.dependant.query_params:
        model = each.field_info.annotation
        fields = getattr(model, "model_fields", None)
        names |= {field.alias or name for name, field in fields.items()} if fields else {each.alias}
    return names


def _create_appearance_router() -> APIRouter:
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/theme/{theme}", choose_theme, methods=["GET"])
    return router


async def choose_theme(request: Request, theme: str, next: str = "/") -> Response:  # noqa: A002 - the parameter's name in the address
    pages: Pages = request.app.state.pages
    if theme not in THEMES:
        raise NotFound
    response = Pages.redirect(check_local_path(next, "/"))
    pages.choose_theme(response, theme)
    return response
