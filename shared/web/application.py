"""A service's web application: what every request passes, and what runs beside it."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Final, Literal

import structlog
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
from shared.web.contrast import measured, read_tokens
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
from shared.web.record import Record
from shared.web.static import FOLDER, PREFIX, static_files

VERSION: Final = "1.0.0"
STOP_SECONDS: Final = 10.0
ServiceName = Literal["ingest", "calendar", "distribution"]
Lifespan = Callable[[FastAPI], AbstractAsyncContextManager[None]]
Run = Callable[[asyncio.Event], Awaitable[None]]
_log = structlog.get_logger("kalendarium.web")


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
    )
    app.state.health = Health(service)
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
    app.add_middleware(Head)
    app.add_middleware(Answering)
    app.add_middleware(SecurityHeaders, https=settings.https, private=private)
    app.add_middleware(Record, health=app.state.health)


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


def end_process() -> None:
    """Ask the server to end the process as if an operator had: requests are finished, everything is closed."""
    signal.raise_signal(signal.SIGTERM)


@asynccontextmanager
async def background(
    *runs: Run, health: Health, end: Callable[[], None] = end_process, patience: float = STOP_SECONDS
) -> AsyncIterator[None]:
    """Run what goes on beside the requests (relay, consumer, replay) until the block ends.

    Each gets an event that is set when it shall stop; one that has not stopped in time is cancelled. One that ends
    before ends the process: a web server whose relay is dead only looks healthy.

    Args:
        *runs: coroutine functions that take the event.
        health: turns red when one of them ends.
        end: ends the process.
        patience: how many seconds they have to stop.

    """
    stop = asyncio.Event()
    tasks = [asyncio.create_task(_supervised(run, stop, health, end), name=_name(run)) for run in runs]
    try:
        yield
    finally:
        stop.set()
        if tasks:
            _done, late = await asyncio.wait(tasks, timeout=patience)
            for task in late:
                _log.warning("did not stop in time", run=task.get_name())
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


async def _supervised(run: Run, stop: asyncio.Event, health: Health, end: Callable[[], None]) -> None:
    reason = "it ended by itself"
    trace: Exception | None = None
    try:
        await run(stop)
    except Exception as error:  # noqa: BLE001 - whatever it is, the process ends and says so
        reason = f"{type(error).__name__}: {error}"
        trace = None if getattr(error, "says_all", False) else error
        if stop.is_set():
            _log.critical("background run failed", run=_name(run), reason=reason, exc_info=trace)
    if not stop.is_set():
        _log.critical("background run ended, so does the process", run=_name(run), reason=reason, exc_info=trace)
        health.broken(_name(run), reason)
        end()


def _name(run: Run) -> str:
    owner = getattr(run, "__self__", None)
    return type(owner).__name__ if owner is not None else getattr(run, "__qualname__", repr(run))
