"""Pages of a forgotten password: ask for a link, set a new password by it."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.password.commands import count_request, request_link, tell_password_changed
from services.ingest.password.link_expired import render_link_expired
from services.ingest.password.new_password import list_errors, read_new_password
from services.ingest.state import Service, State
from shared.accounts.commands import find_resetting, reset_password
from shared.accounts.login_throttle import LoginThrottled
from shared.accounts.passwords import MIN_LENGTH
from shared.accounts.tokens import LinkExpired
from shared.email_address import AddressInvalid
from shared.i18n.text import Text, _
from shared.web.auth.login import get_client_address
from shared.web.forms import read_field, read_own_form
from shared.web.pages.renderer import Pages
from shared.web.problems import TooManyAttempts

router = APIRouter(prefix="/ingest/password", include_in_schema=False)

NO_ADDRESS: Final = _("Give an e-mail address, for example name@example.org.")
SET: Final = _("The new password is set. Log in with it.")
SET_WITH_KEYS: Final = _(
    "The new password is set. Log in with it. Your keys for programs go on working: revoke in your profile those that "
    "are not yours."
)
INVALID: Final = HTTPStatus.UNPROCESSABLE_ENTITY


@router.get("")
async def show_request_form(request: Request, state: Service) -> Response:
    return await _render_request(request, state)


@router.post("")
async def ask_for_link(request: Request, state: Service) -> Response:
    """Answer the same, after the same work, whether or not the address has an account."""
    email = read_field(await read_own_form(request), "email").strip()
    if not state.mail.sends:
        return await _render_request(request, state, status=HTTPStatus.CONFLICT)
    try:
        await count_request(state.accounts, email, get_client_address(request))
    except AddressInvalid:
        return await _render_request(request, state, email=email, error=NO_ADDRESS, status=INVALID)
    except LoginThrottled as wait:
        said = _("Too many attempts. Wait %(seconds)d s and try again.", seconds=wait.retry_after)
        response = await _render_request(request, state, email=email, error=said, status=TooManyAttempts.status)
        response.headers["Retry-After"] = str(wait.retry_after)
        return response
    await request_link(state.jobs, email)
    return await _render_request(request, state, asked=True)


@router.get("/{token}")
async def show_form(request: Request, token: str, state: Service) -> Response:
    try:
        await find_resetting(state.accounts, token)
    except LinkExpired:
        return await _render_expired(request, state)
    return await _render_form(request, token, state)


@router.post("/{token}")
async def set_password(request: Request, token: str, state: Service) -> Response:
    accounts = state.accounts
    form = await read_own_form(request)
    try:
        person = await find_resetting(accounts, token)
        typed = read_new_password(form, (person.name, person.email))
        if typed.errors:
            return await _render_form(request, token, state, errors=typed.errors)
        await reset_password(accounts, token, typed.password)
    except LinkExpired:
        return await _render_expired(request, state)
    keys = len(await accounts.keys.list_records(person.id))
    await tell_password_changed(state.mail, person, keys=keys)
    response = Pages.redirect("/ingest/login")
    state.pages.flash(response, SET_WITH_KEYS if keys else SET, request)
    return response


async def _render_request(
    request: Request, state: State, *, email: str = "", error: str = "", asked: bool = False, status: int = 200
) -> Response:
    ask = {"email": email, "error": error, "asked": asked, "mails": state.mail.sends}
    title = _("Check your mail") if asked else _("Forgot your password?")
    return await state.pages.render(request, "password.html", title=title, status=status, ask=ask)


async def _render_form(
    request: Request, token: str, state: State, *, errors: Mapping[str, Text] | None = None
) -> Response:
    wrong = errors or {}
    form = {
        "action": f"/ingest/password/{token}",
        "errors": wrong,
        "summary": list_errors(wrong),
        "shortest": MIN_LENGTH,
    }
    status = INVALID if wrong else HTTPStatus.OK
    return await state.pages.render(
        request, "password_new.html", title=_("Set a new password"), status=status, form=form
    )


async def _render_expired(request: Request, state: State) -> Response:
    return await render_link_expired(request, state, "get", "/ingest/password")
