"""Error responses: ``application/problem+json`` for programs, a page for people.

Every error of a request ends here: problems, validation errors, pages that need a log-in, an unavailable database, and
bugs. No response reveals internals.
"""

from __future__ import annotations

import asyncio
from typing import Any, Final

import structlog
from fastapi.exceptions import RequestValidationError
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.accounts.accounts import Account
from shared.database.client import is_unavailable
from shared.i18n.text import _, n_, translate
from shared.media.model import MAX_UPLOAD
from shared.web.auth.hats import render_hat_question
from shared.web.auth.resubmit import render_login, render_resubmit
from shared.web.auth.roles import LoginRequired, OtherRolesPage, build_login_url, iterate_routes
from shared.web.csrf import build_path_and_query, check_local_path, is_same_origin
from shared.web.forms import read_form
from shared.web.http.echo import echo
from shared.web.middleware.rate_limit import HEADERS_KEY
from shared.web.middleware.request_limits import MAX_KEPT, is_upload
from shared.web.multipart import read_form_with_files
from shared.web.pages.language import choose_response_language, is_for_programs
from shared.web.pages.layout import Link
from shared.web.pages.renderer import Pages, StaleForm, list_fields
from shared.web.problems import (
    PROBLEM_JSON,
    MembershipNeeded,
    MethodNotAllowed,
    NotFound,
    Problem,
    Unavailable,
    WrongRole,
    find_problem,
    find_problem_type,
)
from shared.web.validation import create_problem

SERVER_ERROR: Final = 500
MAX_PATH: Final = 500
"""Of a path that a problem document repeats, once."""
_TOO_LONG_TO_KEEP: Final = _(
    "Your session has ended, and the form is too long to be carried through the log-in. Log in "
    "in a second tab, come back here with the Back button and send it again."
)
_log = structlog.get_logger("kalendarium.web")


class ErrorResponses:
    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def tell(message: Message) -> None:
            told = scope.get("state", {}).get(HEADERS_KEY)
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
                await render_problem_document(Request(scope, receive), Unavailable())(scope, receive, tell)
            raise
        except Exception as error:
            if begun:
                raise
            response = await respond_to_error(Request(scope, receive), error)
            await response(scope, receive, tell)


async def respond_to_error(request: Request, error: Exception) -> Response:
    try:
        if detour := await _render_detour(request, error):
            return detour
    except Exception as failure:  # noqa: BLE001 - what fails on the way is answered like any other failure
        error = failure
    problem = convert_error(request, error)
    if is_for_programs(request.scope["path"]):
        return render_problem_document(request, problem)
    try:
        return await _render_problem_page(request, problem)
    except Exception:  # noqa: BLE001 - a refusal must be answered even when its page cannot be drawn
        _log.exception("problem page failed")
        return render_problem_document(request, problem)


async def _render_detour(request: Request, error: Exception) -> Response | None:
    """Redirect or render another page instead of a problem; None if the error is a problem."""
    match error:
        case LoginRequired():
            return await _require_login(error.request)
        case OtherRolesPage():
            return _redirect_home(error.request, error.account)
        case StaleForm():
            return await render_resubmit(error.request, _keep_address(error.request), error.fields)
        case MembershipNeeded() if not is_for_programs(request.scope["path"]):
            return await _ask_membership(request, error)
        case WrongRole() if await _is_form_of_ours(request):
            kept = list_fields(await _read_kept_form(request))
            address = _keep_address(request)
            return await render_login(request, wanted=address, kept=kept, reason="role", status=WrongRole.status)
    return None


def convert_error(request: Request, error: Exception) -> Problem:
    """Log it if it is unexpected."""
    error = find_problem(error, request.app.state.problems) or error
    match error:
        case NotFound() if error.detail == NotFound.default_detail:
            return _create_not_found(request)
        case Problem():
            return error
        case RequestValidationError():
            return create_problem(error, request.headers.get("content-type", ""))
        case HTTPException():
            return _convert_framework_error(request, error)
    if is_unavailable(error):
        _log.warning("database away", error=type(error).__name__)
        return Unavailable(code="database_away")
    _log.error("unexpected", exc_info=error)
    return Problem()


def _convert_framework_error(request: Request, error: HTTPException) -> Problem:
    if error.status_code == MethodNotAllowed.status:
        return MethodNotAllowed(headers={"Allow": ", ".join(_list_methods(request))})
    kind = find_problem_type(error.status_code)
    if kind is NotFound:
        return _create_not_found(request)
    problem = kind() if kind.status < SERVER_ERROR else Problem()
    problem.status_code = error.status_code
    problem.headers = error.headers
    return problem


def _create_not_found(request: Request) -> NotFound:
    pages: Pages = request.app.state.pages
    return NotFound() if pages.staff else NotFound(NotFound.public_detail)


def _list_methods(request: Request) -> list[str]:
    """List the methods of all routes that match; the framework names those of one."""
    # Where one route has the exact path and another takes it for an id, the first decides.
    having = [
        each for each in iterate_routes(request.app) if each.methods and each.path_regex.match(request.scope["path"])
    ]
    found = {method for each in having if each.path == having[0].path for method in each.methods or ()}
    return sorted(found | {"HEAD"} if "GET" in found else found)


def build_problem_document(request: Request, problem: Problem, lang: str) -> dict[str, Any]:
    return {
        "type": f"/problems/{problem.code}",
        "title": translate(problem.title, lang),
        "status": problem.status_code,
        "detail": " ".join([translate(problem.detail, lang), *_count_more(problem, lang)]),
        "instance": echo(request.scope["path"], max_length=MAX_PATH),
        "errors": [
            {"field": each.field, "code": each.code, "message": translate(each.message, lang)}
            for each in problem.errors
        ],
        "request_id": getattr(request.state, "request_id", ""),
    }


def render_problem_document(request: Request, problem: Problem) -> JSONResponse:
    lang = choose_response_language(request, request.app.state.pages.languages)
    headers = dict(problem.headers or {}) | {"Content-Language": lang, "Vary": "Accept-Language"}
    headers.setdefault("Cache-Control", "no-store")
    return JSONResponse(build_problem_document(request, problem, lang), problem.status_code, headers, PROBLEM_JSON)


async def _render_problem_page(request: Request, problem: Problem) -> Response:
    pages: Pages = request.app.state.pages
    lang = pages.choose_language(request)
    problem_view = {
        "title": translate(problem.title, lang),
        "detail": _build_detail(request, problem, lang),
        "links": [Link(translate(_("Back to the start"), lang), _choose_start(request, lang))],
    }
    return await pages.render(
        request,
        "problem.html",
        status=problem.status_code,
        title=problem.title,
        headers=dict(problem.headers or {}) | {"Cache-Control": "no-store"},
        problem=problem_view,
    )


def _choose_start(request: Request, lang: str) -> str:
    """People who are logged in have a start page of their role, possibly in another service."""
    pages: Pages = request.app.state.pages
    account = getattr(request.state, "account", None)
    if account is not None:
        return pages.get_home(account)
    return f"/{pages.service}/" if pages.staff else f"/{lang}/"


def _build_detail(request: Request, problem: Problem, lang: str) -> str:
    said = [translate(problem.detail, lang)]
    said += [f"{each.field}: {translate(each.message, lang)}" for each in problem.errors]
    said += _count_more(problem, lang)
    if problem.status_code >= SERVER_ERROR:
        number = getattr(request.state, "request_id", "")
        said.append(_("Request number: %(number)s.", number=number).in_language(lang))
    return " ".join(said)


def _count_more(problem: Problem, lang: str) -> list[str]:
    if not problem.more:
        return []
    return [n_("And %(num)d more error.", "And %(num)d more errors.", problem.more).in_language(lang)]


async def _ask_membership(request: Request, error: MembershipNeeded) -> Response | None:
    """None for a form that is not ours, or too long to be kept."""
    address = _keep_address(request)
    if request.method in {"GET", "HEAD"}:
        return await render_hat_question(request, error.memberships, address=address, fields=None)
    if not await _is_form_of_ours(request):
        return None
    kept = list_fields(await _read_kept_form(request))
    return await render_hat_question(request, error.memberships, address=address, fields=kept)


def _redirect_home(request: Request, account: Account) -> Response:
    pages: Pages = request.app.state.pages
    response = Pages.redirect(pages.get_home(account))
    pages.flash(response, _("That page is for another role. Yours begins here."), request)
    return response


async def _require_login(request: Request) -> Response:
    """Redirect to the log-in and back; fields of a form of ours are kept."""
    pages: Pages = request.app.state.pages
    if request.method in {"GET", "HEAD"}:
        wanted = check_local_path(build_path_and_query(request), f"/{pages.service}/")
        return RedirectResponse(build_login_url(pages.service, wanted), status_code=303)
    if not is_same_origin(request, required=True):
        return RedirectResponse(build_login_url(pages.service, f"/{pages.service}/"), status_code=303)
    if not is_upload(request.scope) and len(await request.body()) > MAX_KEPT:
        return await render_login(request, wanted="", errors={"email": _TOO_LONG_TO_KEEP}, status=401)
    kept = list_fields(await _read_kept_form(request))
    return await render_login(request, wanted=_keep_address(request), kept=kept, status=401)


def _keep_address(request: Request) -> str:
    """The path with its query, such as a curator's filter; what is too long is dropped, as of no page of ours."""
    if len(request.scope["path"]) > MAX_PATH:
        return f"/{request.app.state.pages.service}/"
    return check_local_path(build_path_and_query(request), request.scope["path"])


async def _is_form_of_ours(request: Request) -> bool:
    """Whether a form of one of our pages was sent that can be kept through the log-in."""
    if request.method != "POST" or is_for_programs(request.scope["path"]):
        return False
    if not is_same_origin(request, required=True):
        return False
    return is_upload(request.scope) or 0 < len(await request.body()) <= MAX_KEPT


async def _read_kept_form(request: Request) -> FormData:
    """The texts of a form; its files are not kept in memory for who may not send them."""
    if is_upload(request.scope):
        return (await read_form_with_files(request, most=MAX_UPLOAD, keep=False)).form
    return await read_form(request)
