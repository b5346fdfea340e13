"""The door of the staff: log-in and log-out of a service."""

from __future__ import annotations

import structlog
from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from shared.web.access import accounts_of, current_account
from shared.web.accounts import WrongPassword
from shared.web.again import KEPT, show_again, show_login
from shared.web.limits import MAX_FORM_FIELDS
from shared.web.locale import _
from shared.web.origin import come_from_us, own_path
from shared.web.pages import Pages
from shared.web.problems import FormExpired, TooManyAttempts

_log = structlog.get_logger("kalendarium.web")


def login_router(service: str) -> APIRouter:
    """Make the pages ``/<service>/login`` (GET, POST) and ``/<service>/logout`` (POST)."""
    router = APIRouter(prefix=f"/{service}", include_in_schema=False)
    router.add_api_route("/login", login_page, methods=["GET"], name="login")
    router.add_api_route("/login", log_in, methods=["POST"], name="log_in")
    router.add_api_route("/logout", log_out, methods=["POST"], name="log_out")
    return router


async def login_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's name in the address
    """Show the log-in; whoever is logged in already is led on."""
    account = await current_account(request)
    if account is not None:
        return Pages.redirect(own_path(next, _pages(request).home(account)))
    return await show_login(request, wanted=own_path(next, ""))


async def log_in(request: Request) -> Response:
    """Begin a session, end the one that the browser had, and lead on.

    The form must come from our own page: there is no session yet whose token it could carry.

    Raises:
        FormExpired: if it comes from another site.

    """
    if not come_from_us(request):
        raise FormExpired
    form = await request.form(max_fields=MAX_FORM_FIELDS, max_files=0)
    try:
        token = await accounts_of(request).log_in(_typed(form, "email"), _typed(form, "password"), _address(request))
    except WrongPassword:
        _log.warning("log-in refused", address=_address(request))
        return await _refused(
            request, form, _("Adres e-mail lub hasło jest nieprawidłowe. Sprawdź oba i spróbuj ponownie."), 422
        )
    except TooManyAttempts as wait:
        said = _("Za dużo prób. Odczekaj %(seconds)d s i spróbuj ponownie.", seconds=wait.retry_after)
        response = await _refused(request, form, said, 429)
        response.headers["Retry-After"] = str(wait.retry_after)
        return response
    await accounts_of(request).log_out(request.cookies.get(accounts_of(request).cookie_name))
    response = await _lead_on(request, form, token)
    _keep(request, response, token)
    return response


async def log_out(request: Request) -> Response:
    """End the session, here and in the browser."""
    pages = _pages(request)
    await pages.form(request)
    accounts = accounts_of(request)
    await accounts.log_out(request.cookies.get(accounts.cookie_name))
    response = Pages.redirect(f"/{pages.service}/login")
    response.delete_cookie(accounts.cookie_name, secure=accounts.https, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def _lead_on(request: Request, form: FormData, token: str) -> Response:
    """Send the reader where they wanted to go, or show them the form that they could not send before."""
    account = await accounts_of(request).of_session(token)
    _log.info("logged in", account=account.id if account else None)
    wanted = own_path(_typed(form, "next"), "")
    kept = [(name.removeprefix(KEPT), each) for name, each in form.multi_items() if _is_kept(name, each)]
    if kept and wanted and account:
        request.state.account = account
        return await show_again(request, wanted, [(name, str(each)) for name, each in kept], session=token)
    return Pages.redirect(wanted or (_pages(request).home(account) if account else "/"))


async def _refused(request: Request, form: FormData, said: str, status: int) -> Response:
    kept = [(name.removeprefix(KEPT), str(each)) for name, each in form.multi_items() if _is_kept(name, each)]
    return await show_login(
        request,
        wanted=own_path(_typed(form, "next"), ""),
        kept=kept,
        email=_typed(form, "email"),
        errors={"email": said},
        status=status,
    )


def _pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def _keep(request: Request, response: Response, token: str) -> None:
    """Hand the session's token to the browser, for this browser session."""
    accounts = accounts_of(request)
    response.set_cookie(accounts.cookie_name, token, secure=accounts.https, httponly=True, samesite="lax", path="/")


def _is_kept(name: str, value: object) -> bool:
    return name.startswith(KEPT) and isinstance(value, str)


def _typed(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
