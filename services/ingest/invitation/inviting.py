"""What an administrator and an organisation's contact do with invitations: send, send again, take back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from services.ingest.invitation.invitation_form import REFUSALS, Invitee
from services.ingest.invitation.invitation_mail import (
    InvitedTooOften,
    InvitesTooMany,
    count_invitation,
    mail_invitation,
    send_again,
)
from services.ingest.state import State
from shared.accounts.commands import cancel_invitation, invite
from shared.accounts.model import Account, Membership
from shared.i18n.text import Text, _
from shared.web.pages.layout import Link
from shared.web.pages.renderer import Pages
from shared.web.problems import NotFound, NotPossibleNow

TOO_OFTEN: Final[Mapping[type[Exception], Text]] = {
    InvitedTooOften: _(
        "This address was invited three times in a day. Wait until tomorrow, or reach the person in another way."
    ),
    InvitesTooMany: _("You have sent 20 invitations in a day. Go on tomorrow, or ask an administrator."),
}

LINK_WITH_ADMINISTRATOR: Final = _(
    "The invitation is noted, but no mail can be sent from here. Ask an administrator to pass its link on."
)


@dataclass(frozen=True, slots=True)
class SentInvitation:
    """``link`` is for an administrator where no mail can be sent; ``errors`` by field name say why nothing was done."""

    link: str = ""
    errors: Mapping[str, Text] = field(default_factory=dict)


async def send_invitation(state: State, invitee: Invitee, membership: Membership, by: Account) -> SentInvitation:
    try:
        await count_invitation(state.accounts, state.mail, invitee.email, by=by)
        invitation, token = await invite(
            state.accounts,
            email=invitee.email,
            name=invitee.name,
            language=invitee.language,
            membership=membership,
            by=by.id,
        )
    except tuple(TOO_OFTEN) as refusal:
        return SentInvitation(errors={"email": TOO_OFTEN[type(refusal)]})
    except tuple(REFUSALS) as refusal:
        name, text = REFUSALS[type(refusal)]
        return SentInvitation(errors={name: text})
    return SentInvitation(await mail_invitation(state.mail, invitation, token, inviter=by.name))


async def act_on_invitation(
    request: Request, state: State, invitation_id: str, *, act: str, by: Account, back: Link
) -> Response:
    """Send it again or take it back, then lead to the list. Raises NotFound if it is no longer open.

    Raises NotPossibleNow if it was sent too often.
    """
    if act == "cancel":
        if not await cancel_invitation(state.accounts, invitation_id, by=by.id):
            raise NotFound
        said = _("The invitation is taken back; its link no longer works.")
        return lead_back(request, state, back, said)
    if act != "again":
        raise NotFound
    if not (state.mail.sends or may_see_link(by)):  # a new link would end the one that an administrator passed on
        return lead_back(request, state, back, LINK_WITH_ADMINISTRATOR)
    try:
        link = await send_again(state.accounts, state.mail, invitation_id, by=by)
    except tuple(TOO_OFTEN) as refusal:
        raise NotPossibleNow(TOO_OFTEN[type(refusal)]) from None
    if link is None:
        raise NotFound
    return await tell_sent(request, state, link, by=by, back=back)


def may_see_link(account: Account) -> bool:
    """Who holds the link sets the password of an account at somebody else's address."""
    return account.role == "administrator"


async def tell_sent(request: Request, state: State, link: str, *, by: Account, back: Link) -> Response:
    """Lead to the list; where no mail can be sent, show an administrator the link this once."""
    if state.mail.sends:
        return lead_back(request, state, back, _("The invitation is on its way. Its link works for seven days."))
    if not may_see_link(by):
        return lead_back(request, state, back, LINK_WITH_ADMINISTRATOR)
    return await show_link(
        request,
        state,
        link,
        title=_("The link of the invitation"),
        back=back,
        texts=[_("Pass it on to the person who is invited, and to nobody else. It works once, for seven days.")],
    )


async def show_link(
    request: Request, state: State, link: str, *, title: Text, back: Link, texts: list[Text]
) -> Response:
    """Show a secret that is kept nowhere."""
    shown = {"back": back, "label": _("Link"), "value": link, "texts": texts}
    return await state.pages.render(
        request, "link_shown.html", title=title, headers={"Cache-Control": "no-store"}, shown=shown
    )


def lead_back(request: Request, state: State, back: Link, said: Text) -> Response:
    response = Pages.redirect(back.url)
    state.pages.flash(response, said, request)
    return response
