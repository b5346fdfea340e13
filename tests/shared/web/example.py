"""A small service on the web ground floor, with a route of each kind, and a browser that visits it."""

# No postponed annotations: FastAPI reads those of routes that stand inside a function.

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote

import httpx
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.accounts.accounts import Account, Accounts
from shared.database.client import ServerSelectionTimeoutError
from shared.i18n.text import _
from shared.region import load_region
from shared.settings import CommonSettings
from shared.web.application import create_application
from shared.web.auth.login import create_login_router
from shared.web.auth.roles import ApiCurator, ApiEditor, PageCurator, PageEditor, require_api_account
from shared.web.etag import check_if_match, format_etag
from shared.web.pages.renderer import NavigationItem, Pages
from shared.web.problems import NotFound, NotPossibleNow, problem_responses

TEMPLATES = Path(__file__).parent / "templates"
PASSWORD = "morze-i-wiatr-2027"
EDITOR = {"name": "Anna Wójcik", "organisation": "lot-ekologiczny", "organisation_name": "LOT Ekologiczny"}
CURATOR = {"name": "Jan Nowak", "organisation": "zrot", "organisation_name": "ZROT"}


class Dates(BaseModel):
    model_config = ConfigDict(extra="forbid")

    start: str
    end: Annotated[str, Field(max_length=10)]


class Thing(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=12)]
    dates: Dates
    places: Annotated[list[str], Field(max_length=2)] = []
    lat: Annotated[float | None, Field(ge=-90, le=90)] = None

    @field_validator("title")
    @classmethod
    def _is_no_shout(cls, title: str) -> str:
        if title.isupper():
            raise ValueError(_("Nie krzycz: „%(title)s”.", title=title))
        return title


class Filters(BaseModel):
    model_config = ConfigDict(extra="forbid")

    county: list[str] = []
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class Broken(Exception):
    """Nobody expects it."""


class SeaTooRough(Exception):
    """A rule of the example: ships stay in port."""


def api() -> APIRouter:
    router = APIRouter(prefix="/ingest/api/v1")

    @router.post("/things", status_code=201, responses=problem_responses(409))
    async def make(thing: Thing, account: ApiEditor) -> dict[str, str]:
        return {"title": thing.title, "by": account.email}

    @router.get("/things")
    async def things(county: Annotated[list[str], Query()] = [], limit: int = 20) -> dict[str, Any]:  # noqa: B006 - FastAPI copies it
        return {"county": county, "limit": limit}

    @router.get("/filtered")
    async def filtered(filters: Annotated[Filters, Query()]) -> dict[str, Any]:
        return filters.model_dump()

    @router.get("/things/{number}")
    async def thing(number: int) -> Response:
        if number != 7:
            raise NotFound
        return Response("{}", headers={"ETag": format_etag(7)})

    @router.put("/things/{number}")
    async def change(number: int, request: Request) -> dict[str, int]:
        check_if_match(request, 7)
        return {"number": number}

    @router.get("/decisions")
    async def decisions(account: ApiCurator) -> dict[str, str]:
        return {"by": account.email}

    @router.get("/me")
    async def me(account: Annotated[Account, Depends(require_api_account())]) -> dict[str, str]:
        return {"email": account.email}

    return router


def troubles() -> APIRouter:
    router = APIRouter()

    @router.get("/ingest/broken", include_in_schema=False)
    @router.get("/ingest/api/v1/broken")
    async def broken() -> None:
        raise Broken("the secret of the database is hunter2")

    @router.get("/ingest/rough", include_in_schema=False)
    @router.get("/ingest/api/v1/rough")
    async def rough() -> None:
        raise SeaTooRough

    @router.get("/ingest/api/v1/away")
    async def away() -> None:
        raise ServerSelectionTimeoutError("mongo.internal:27017 timed out")

    return router


def pages_router() -> APIRouter:
    router = APIRouter(prefix="/ingest", include_in_schema=False)

    @router.get("/")
    async def mine(request: Request, account: PageEditor) -> Response:
        return await _pages(request).render(request, "words.html", title=_("My submissions"), words=account.name)

    @router.get("/queue")
    async def queue(request: Request, account: PageCurator) -> Response:
        return await _pages(request).render(request, "words.html", title="Kolejka", words=account.name)

    @router.post("/send")
    async def send(request: Request, account: PageEditor) -> Response:
        form = await _pages(request).read_form(request)
        response = Pages.redirect("/ingest/")
        _pages(request).flash(response, _("Send it again"), request)
        response.headers["X-Sent"] = quote(str(form["title"]))
        return response

    @router.get("/open")
    async def open_to_all(request: Request, words: str = "") -> Response:
        return await _pages(request).render(request, "words.html", title="Otwarte", words=words)

    return router


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def example_app(settings: CommonSettings, accounts: Accounts | None = None) -> FastAPI:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield

    navigation = [
        NavigationItem(_("My submissions"), "/ingest/", frozenset({"editor"})),
        NavigationItem(_("New event"), "/ingest/submissions/new", frozenset({"editor"})),
        NavigationItem("Kolejka", "/ingest/queue", frozenset({"curator"})),
        NavigationItem("Otwarte", "/ingest/open"),
    ]
    app = create_application(
        service="ingest",
        title="Example",
        settings=settings,
        lifespan=lifespan,
        routers=[api(), troubles(), pages_router(), create_login_router("ingest")],
        openapi_url="/ingest/api/v1/openapi.json",
        pages=Pages(
            service="ingest",
            templates=TEMPLATES,
            region=load_region(settings.region),
            settings=settings,
            navigation=navigation,
        ),
        problems={SeaTooRough: lambda _error: NotPossibleNow(_("Wait for the wind."), code="sea_too_rough")},
    )
    app.state.accounts = accounts
    return app


def browser(app: FastAPI, base_url: str = "http://kalendarium.test") -> httpx.AsyncClient:
    """A browser of today: it keeps cookies and says where its requests come from."""
    headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "pl"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=base_url, headers=headers)


def program(app: FastAPI, **headers: str) -> httpx.AsyncClient:
    """A program: it sends what it is told to, and nothing else."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://kalendarium.test", headers=headers)
