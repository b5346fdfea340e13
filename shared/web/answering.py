"""How a refusal is answered: as ``application/problem+json`` to programs, as a page to people.

Whatever goes wrong in a request ends here, in one place: a problem, a request that does not fit its route, a page that
needs a log-in, a database that is away, and what nobody expected. None of them tells how we work inside.
"""

from __future__ import annotations

import asyncio
from typing import Final

import structlog
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.database import is_away
from shared.web.access import SentToLogin, login_address, routes_of
from shared.web.again import show_again, show_login
from shared.web.frame import Link
from shared.web.language import answer_language, is_for_programs
from shared.web.limits import MAX_FORM_FIELDS
from shared.web.locale import _, translate
from shared.web.origin import come_from_us
from shared.web.pages import FormOutdated, Pages, fields_of
from shared.web.problems import PROBLEM_JSON, MethodNotAllowed, Problem, Unavailable, kind_of
from shared.web.rates import TOLD
from shared.web.validation import refusal

SERVER_ERROR: Final = 500
_log = structlog.get_logger("kalendarium.web")


class Answering:
    """Answers whatever the app inside raises; an ASGI middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; if that fails before an answer began, answer for it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def tell(message: Message) -> None:
            told = scope.get("state", {}).get(TOLD)
            if told and message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *told]
            await send(message)

        async def note(message: Message) -> None:
            nonlocal begun
            begun = True
            await tell(message)

        try:
            await self._app(scope, receive, note)
        except asyncio.CancelledError:
            if not begun:  # the server ends and has waited long enough; its own answer would be a 500 without a word
                await problem_document(Request(scope, receive), Unavailable())(scope, receive, tell)
            raise
        except Exception as error:
            if begun:
                raise
            response = await answer(Request(scope, receive), error)
            await response(scope, receive, tell)


async def answer(request: Request, error: Exception) -> Response:
    """Give the answer to a request that failed."""
    match error:
        case SentToLogin():
            return await _log_in_first(error.request)
        case FormOutdated():
            return await show_again(error.request, error.request.url.path, error.fields)
    problem = _problem(request, error)
    if is_for_programs(request.url.path):
        return problem_document(request, problem)
    try:
        return await _problem_page(request, problem)
    except Exception:  # noqa: BLE001 - a refusal must be answered even when its page cannot be drawn
        _log.exception("problem page failed")
        return problem_document(request, problem)


def _problem(request: Request, error: Exception) -> Problem:
    match error:
        case Problem():
            return error
        case RequestValidationError():
            return refusal(error, request.headers.get("content-type", ""))
        case HTTPException():
            return _of_the_framework(request, error)
    if is_away(error):
        _log.warning("database away", error=type(error).__name__)
        return Unavailable(code="database_away")
    _log.error("unexpected", exc_info=error)
    return Problem()


def _of_the_framework(request: Request, error: HTTPException) -> Problem:
    if error.status_code == MethodNotAllowed.status:
        return MethodNotAllowed(headers={"Allow": ", ".join(_methods(request))})
    kind = kind_of(error.status_code)
    problem = kind() if kind.status < SERVER_ERROR else Problem()
    problem.status_code = error.status_code
    problem.headers = error.headers
    return problem


def _methods(request: Request) -> list[str]:
    """Give the methods that an address knows, over all routes that have it; the framework tells those of one.

    Where one route has the address itself and another takes it for an id, the first says what it is.
    """
    having = [each for each in routes_of(request.app) if each.methods and each.path_regex.match(request.url.path)]
    found = {method for each in having if each.path == having[0].path for method in each.methods or ()}
    return sorted(found | {"HEAD"} if "GET" in found else found)


def problem_document(request: Request, problem: Problem) -> JSONResponse:
    """Write a problem as RFC 9457 has it, in the language the program asks for."""
    lang = answer_language(request, request.app.state.pages.languages)
    document = {
        "type": f"/problems/{problem.code}",
        "title": translate(problem.title, lang),
        "status": problem.status_code,
        "detail": translate(problem.detail, lang),
        "instance": request.url.path,
        "errors": [
            {"field": each.field, "code": each.code, "message": translate(each.message, lang)}
            for each in problem.errors
        ],
        "request_id": getattr(request.state, "request_id", ""),
    }
    headers = dict(problem.headers or {}) | {"Content-Language": lang, "Vary": "Accept-Language"}
    headers.setdefault("Cache-Control", "no-store")
    return JSONResponse(document, problem.status_code, headers, PROBLEM_JSON)


async def _problem_page(request: Request, problem: Problem) -> Response:
    pages: Pages = request.app.state.pages
    lang = pages.language(request)
    shown = {
        "title": translate(problem.title, lang),
        "detail": _detail(request, problem, lang),
        "links": [Link(translate(_("Wróć na początek"), lang), _beginning(request, lang))],
    }
    return await pages.render(
        request,
        "problem.html",
        status=problem.status_code,
        title=problem.title,
        headers=dict(problem.headers or {}) | {"Cache-Control": "no-store"},
        problem=shown,
    )


def _beginning(request: Request, lang: str) -> str:
    """Give where a reader begins: who is logged in has a page of their own, which need not be this service's."""
    pages: Pages = request.app.state.pages
    account = getattr(request.state, "account", None)
    if account is not None:
        return pages.home(account)
    return f"/{pages.service}/" if pages.staff else f"/{lang}/"


def _detail(request: Request, problem: Problem, lang: str) -> str:
    said = [translate(problem.detail, lang)]
    said += [f"{each.field}: {translate(each.message, lang)}" for each in problem.errors]
    if problem.status_code >= SERVER_ERROR:
        number = getattr(request.state, "request_id", "")
        said.append(_("Numer zapytania: %(number)s.", number=number).in_language(lang))
    return " ".join(said)


async def _log_in_first(request: Request) -> Response:
    """Send a reader to the log-in and back. What they typed into a form of ours comes along."""
    pages: Pages = request.app.state.pages
    if request.method in {"GET", "HEAD"}:
        here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(login_address(pages.service, here), status_code=303)
    if not come_from_us(request, required=True):
        return RedirectResponse(login_address(pages.service, f"/{pages.service}/"), status_code=303)
    form = await request.form(max_fields=MAX_FORM_FIELDS, max_files=0)
    return await show_login(request, wanted=request.url.path, kept=fields_of(form), status=401)
