"""Log-in and log-out of the staff."""

from __future__ import annotations

from collections.abc import Mapping

import structlog
from fastapi import APIRouter
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import Response

from shared.accounts.accounts import MAX_EMAIL_LENGTH, WrongPassword
from shared.accounts.login_throttle import LoginThrottled
from shared.i18n.text import _
from shared.web.auth.hats import change_hat
from shared.web.auth.resubmit import KEPT_PREFIX, REASON_FIELD, render_login, render_resubmit
from shared.web.auth.roles import find_current_account, get_accounts
from shared.web.csrf import check_local_path, is_same_origin
from shared.web.forms import REDRAW_FIELD, read_field, read_form
from shared.web.http.browser_family import name_browser
from shared.web.pages.renderer import Pages
from shared.web.problems import FormExpired, TooManyAttempts

_log = structlog.get_logger("kalendarium.web")


def create_login_router(service: str) -> APIRouter:
    router = APIRouter(prefix=f"/{service}", include_in_schema=False)
    router.add_api_route("/login", show_login_page, methods=["GET"], name="login")
    router.add_api_route("/login", log_in, methods=["POST"], name="log_in")
    router.add_api_route("/hat", change_hat, methods=["POST"])
    router.add_api_route("/logout", log_out, methods=["POST"], name="log_out")
    return router


async def show_login_page(request: Request, next: str = "") -> Response:  # noqa: A002 - the parameter's name in the address
    account = await find_current_account(request)
    if account is not None:
        return Pages.redirect(check_local_path(next, _get_pages(request).get_home(account)))
    return await render_login(request, wanted=check_local_path(next, ""))


async def log_in(request: Request) -> Response:
    """Create a session, end the browser's previous one, and redirect. Raises FormExpired."""
    # There is no session token yet, so the request must come from our own page.
    if not is_same_origin(request):
        raise FormExpired
    form = await read_form(request)
    if REDRAW_FIELD in form:
        return await _show_again(request, form)
    try:
        token = await get_accounts(request).log_in(
            read_field(form, "email"),
            read_field(form, "password"),
            get_client_address(request),
            browser=name_browser(request.headers.get("user-agent", "")),
        )
    except WrongPassword:
        _log.warning("log-in refused", address=get_client_address(request))
        return await _reject(
            request, form, _("The e-mail address or the password is wrong. Check both and try again."), 422
        )
    except LoginThrottled as wait:
        said = _("Too many attempts. Wait %(seconds)d s and try again.", seconds=wait.retry_after)
        response = await _reject(request, form, said, TooManyAttempts.status)
        response.headers["Retry-After"] = str(wait.retry_after)
        return response
    await get_accounts(request).log_out(request.cookies.get(_get_pages(request).session_cookie))
    response = await _redirect_after_login(request, form, token)
    _set_session_cookie(request, response, token)
    return response


async def log_out(request: Request) -> Response:
    pages = _get_pages(request)
    await pages.read_form(request)
    await get_accounts(request).log_out(request.cookies.get(pages.session_cookie))
    response = Pages.redirect(f"/{pages.service}/login")
    response.delete_cookie(pages.session_cookie, secure=pages.settings.https, httponly=True, samesite="lax")
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


async def _redirect_after_login(request: Request, form: FormData, token: str) -> Response:
    """Redirect to the page asked for, or show the form that could not be sent."""
    account = await get_accounts(request).find_by_session(token)
    _log.info("logged in", account=account.id if account else None)
    wanted = check_local_path(read_field(form, "next"), "")
    kept = [(name.removeprefix(KEPT_PREFIX), each) for name, each in form.multi_items() if _is_kept(name, each)]
    if kept and wanted and account:
        request.state.account = account
        return await render_resubmit(request, wanted, [(name, str(each)) for name, each in kept], session=token)
    return Pages.redirect(wanted or (_get_pages(request).get_home(account) if account else "/"))


async def _reject(request: Request, form: FormData, said: str, status: int) -> Response:
    return await _show_again(request, form, errors={"email": said}, status=status)


async def _show_again(
    request: Request, form: FormData, *, errors: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    kept = [(name.removeprefix(KEPT_PREFIX), str(each)) for name, each in form.multi_items() if _is_kept(name, each)]
    return await render_login(
        request,
        wanted=check_local_path(read_field(form, "next"), ""),
        kept=kept,
        reason=read_field(form, REASON_FIELD),
        email=email if len(email := read_field(form, "email")) <= MAX_EMAIL_LENGTH else "",
        errors=errors,
        status=status,
    )


def _get_pages(request: Request) -> Pages:
    pages: Pages = request.app.state.pages
    return pages


def _set_session_cookie(request: Request, response: Response, token: str) -> None:
    pages = _get_pages(request)
    response.set_cookie(
        pages.session_cookie, token, secure=pages.settings.https, httponly=True, samesite="lax", path="/"
    )


def _is_kept(name: str, value: object) -> bool:
    return name.startswith(KEPT_PREFIX) and isinstance(value, str)


def get_client_address(request: Request) -> str:
    return request.client.host if request.client else ""
