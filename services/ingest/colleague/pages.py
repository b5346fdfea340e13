"""Pages of an organisation's contact: who works with the events of the organisation, and invitations of colleagues."""

# No postponed annotations: FastAPI reads those of a route in this module's names.

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from services.ingest.invitation.invitation_form import MAX_NAME, Invitee, list_languages, read_invitee
from services.ingest.invitation.inviting import act_on_invitation, send_invitation, tell_sent
from services.ingest.invitation.view import make_invitation_row
from services.ingest.password.new_password import list_errors
from services.ingest.person.view import make_colleague_row
from services.ingest.state import Service, State
from shared.accounts.model import Account, Membership
from shared.i18n.text import Text, _
from shared.web.auth.roles import PageEditor
from shared.web.pages.layout import Link
from shared.web.problems import NotFound, WrongRole

router = APIRouter(prefix="/ingest/colleagues", include_in_schema=False)

BACK: Final = Link(_("Colleagues"), "/ingest/colleagues")


def require_contact(account: Account) -> None:
    """Raises WrongRole."""
    if not account.is_contact:
        raise WrongRole(
            _("Only the contact of an organisation sees its people and invites colleagues. Ask an administrator.")
        )


@router.get("")
async def show_colleagues(request: Request, account: PageEditor, state: Service) -> Response:
    require_contact(account)
    accounts, lang = state.accounts, state.pages.choose_language(request)
    people = [each for each in await accounts.list_members(account.organisation) if not each.disabled]
    invitations = [
        each for each in await accounts.invitations.list(account.organisation) if each.membership.role == "editor"
    ]
    return await state.pages.render(
        request,
        "colleagues.html",
        title=_("Colleagues"),
        account=account,
        people=[make_colleague_row(each, account.organisation, lang, state.region) for each in people],
        invitations=[
            make_invitation_row(each, lang, state.region, now=datetime.fromisoformat(state.now()), folder=BACK.url)
            for each in invitations
        ],
    )


@router.get("/invite")
async def show_form(request: Request, account: PageEditor, state: Service) -> Response:
    require_contact(account)
    lang = state.pages.choose_language(request)
    return await _render_form(request, state, account, Invitee(language=lang), {})


@router.post("/invite")
async def invite_colleague(request: Request, account: PageEditor, state: Service) -> Response:
    require_contact(account)
    form = await state.pages.read_form(request)
    invitee, errors = read_invitee(form)
    if errors:
        return await _render_form(request, state, account, invitee, errors)
    offered = Membership(account.organisation, account.organisation_name, "editor")
    sent = await send_invitation(state, invitee, offered, account)
    if sent.errors:
        said = next(iter(sent.errors.values()))  # at the address: the form has no field for the organisation
        return await _render_form(request, state, account, invitee, {"email": said})
    return await tell_sent(request, state, sent.link, by=account, back=BACK)


@router.post("/{invitation_id}")
async def change_invitation(request: Request, invitation_id: str, account: PageEditor, state: Service) -> Response:
    require_contact(account)
    form = await state.pages.read_form(request)
    found = await state.accounts.invitations.find(invitation_id)
    if found is None or found.membership.organisation != account.organisation or found.membership.role != "editor":
        raise NotFound
    act = str(form.get("act", ""))
    return await act_on_invitation(request, state, invitation_id, act=act, by=account, back=BACK)


async def _render_form(
    request: Request, state: State, account: Account, typed: Invitee, errors: Mapping[str, Text]
) -> Response:
    form = {
        "action": "/ingest/colleagues/invite",
        "back": BACK,
        "typed": typed,
        "errors": errors,
        "summary": list_errors(errors),
        "languages": list_languages(),
        "longest_name": MAX_NAME,
        "mails": state.mail.sends,
        "colleagues": True,
    }
    return await state.pages.render(
        request,
        "invite.html",
        title=_("Invite a colleague"),
        account=account,
        status=HTTPStatus.UNPROCESSABLE_ENTITY if errors else HTTPStatus.OK,
        form=form,
    )
