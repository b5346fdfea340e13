"""Pages behind the link of an invitation: accept it, or ask for a new link."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.datastructures import FormData
from starlette.responses import Response

from services.ingest.invitation import view
from services.ingest.invitation.invitation_form import MAX_NAME, list_languages, read_language, read_name
from services.ingest.invitation.invitation_mail import InvitedTooOften, send_again
from services.ingest.password.link_expired import render_link_expired
from services.ingest.password.new_password import list_errors, read_new_password
from services.ingest.state import Service, State
from shared.accounts.accounts import Account
from shared.accounts.commands import accept_invitation, find_offer
from shared.accounts.invitations import Invitation
from shared.accounts.login_throttle import LoginThrottled
from shared.accounts.model import Person, TooManyMemberships
from shared.accounts.passwords import MIN_LENGTH
from shared.accounts.tokens import LinkExpired
from shared.i18n.text import Text, _
from shared.web.auth.login import get_client_address
from shared.web.auth.roles import find_current_account
from shared.web.forms import read_own_form
from shared.web.pages.renderer import Pages
from shared.web.problems import NotPossibleNow, TooManyAttempts

router = APIRouter(prefix="/ingest/invitation", include_in_schema=False)

MAX_TOKEN = 100
"""Characters of what is counted as a token, and repeated of it."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the person typed; ``errors`` by field name."""

    name: str
    language: str
    password: str = ""
    errors: Mapping[str, Text] = field(default_factory=dict)


@router.get("/{token}")
async def show_invitation(request: Request, token: str, state: Service) -> Response:
    try:
        invitation, person = await find_offer(state.accounts, token)
    except LinkExpired:
        return await _render_expired(request, state, token)
    typed = Acceptance(invitation.name, invitation.language)
    return await _render(request, state, token, invitation=invitation, person=person, typed=typed)


@router.post("/{token}")
async def accept(request: Request, token: str, state: Service) -> Response:
    accounts, form = state.accounts, await read_own_form(request)
    try:
        invitation, person = await find_offer(accounts, token)
        typed = Acceptance("", "") if person else _read_acceptance(form, invitation)
        if typed.errors:
            return await _render(request, state, token, invitation=invitation, person=person, typed=typed)
        member = await accept_invitation(
            accounts, token, name=typed.name, language=typed.language, password=typed.password
        )
    except LinkExpired:
        return await _render_expired(request, state, token)
    except TooManyMemberships:
        raise NotPossibleNow(_("This account has too many roles. An administrator can take some away.")) from None
    account = await find_current_account(request)
    response = Pages.redirect(state.pages.get_home(account) if account else "/ingest/login")
    state.pages.flash(response, _describe_accepted(account, member), request)
    return response


def _describe_accepted(account: Account | None, member: Person) -> Text:
    if account is None:
        return _("The invitation is accepted. Log in with your address and password.")
    if account.id == member.id:
        return _("The invitation is accepted.")
    return _("The invitation is accepted, for another account than the one that you are logged in to.")


@router.get("/{token}/again")
async def show_invitation_again(token: str) -> Response:
    """For who reloads the answer, or reads it in another language."""
    return Pages.redirect(f"/ingest/invitation/{quote(token[:MAX_TOKEN], safe='')}")


@router.post("/{token}/again")
async def ask_again(request: Request, token: str, state: Service) -> Response:
    """Answer the same whether or not the invitation still stands; the new link goes to its address only."""
    await read_own_form(request)
    accounts = state.accounts
    try:
        await accounts.throttle.count(f"invitation:{token[:MAX_TOKEN]}", get_client_address(request))
    except LoginThrottled as wait:
        raise TooManyAttempts(retry_after=wait.retry_after) from None
    known = await accounts.links.recognise("invitation", token)
    if known and state.mail.sends:
        with suppress(InvitedTooOften):
            await send_again(accounts, state.mail, known)
    return await state.pages.render(request, "link_asked.html", title=_("Check your mail"))


def _read_acceptance(form: FormData, invitation: Invitation) -> Acceptance:
    name, name_errors = read_name(form)
    language, language_errors = read_language(form)
    password = read_new_password(form, (name, invitation.email))
    errors = {**name_errors, **language_errors, **password.errors}
    return Acceptance(name[: 2 * MAX_NAME], language[:10], password.password, errors)


async def _render(
    request: Request,
    state: State,
    token: str,
    *,
    invitation: Invitation,
    person: Person | None,
    typed: Acceptance,
) -> Response:
    lang = state.pages.choose_language(request)
    form = {
        "action": f"/ingest/invitation/{token}",
        "known": person is not None,
        "facts": view.list_offer_facts(invitation, lang, state.region),
        "typed": typed,
        "errors": typed.errors,
        "summary": list_errors(typed.errors),
        "languages": list_languages(),
        "shortest": MIN_LENGTH,
        "longest_name": MAX_NAME,
    }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if typed.errors else HTTPStatus.OK
    return await state.pages.render(
        request, "invitation.html", title=_("You are invited to Kalendarium"), status=status, form=form
    )


async def _render_expired(request: Request, state: State, token: str) -> Response:
    return await render_link_expired(request, state, "post", f"/ingest/invitation/{token[:MAX_TOKEN]}/again")
