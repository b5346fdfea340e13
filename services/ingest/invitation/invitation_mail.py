"""Mails of invitations."""

from __future__ import annotations

from datetime import timedelta
from typing import Final
from uuid import uuid4

from services.ingest.invitation.invitation_form import has_address
from shared.accounts.accounts import Accounts
from shared.accounts.commands import invite_again
from shared.accounts.invitations import Invitation
from shared.accounts.login_throttle import Limit, LoginThrottled
from shared.accounts.model import Account
from shared.email_address import normalize_email
from shared.i18n.text import translate
from shared.mail.model import Mail, Recipient
from shared.mail.outbox import MailOutbox
from shared.mail.rendering import choose_mail_language
from shared.web.pages.role_labels import ROLE_LABELS

LIMITS_PER_ADDRESS: Final[tuple[Limit, ...]] = ((3, timedelta(days=1)),)
"""Of all organisations and persons together: the address may be that of somebody who wants none."""
LIMITS_PER_CONTACT: Final[tuple[Limit, ...]] = ((20, timedelta(days=1)),)


class InvitedTooOften(Exception):
    """The address got as many mails as it gets in a day."""


class InvitesTooMany(Exception):
    """The contact caused as many mails as one causes in a day."""


async def count_invitation(accounts: Accounts, mail: MailOutbox, email: str, *, by: Account | None) -> None:
    """Count a mail before it is queued; an administrator invites as many as they like.

    Raises InvitedTooOften or InvitesTooMany.
    """
    if not mail.sends:
        return
    if by is not None and by.role != "administrator":
        try:
            await accounts.throttle.count_mail(f"by:{by.id}", LIMITS_PER_CONTACT)
        except LoginThrottled:
            raise InvitesTooMany from None
    try:
        await accounts.throttle.count_mail(f"to:{normalize_email(email)}", LIMITS_PER_ADDRESS)
    except LoginThrottled:
        raise InvitedTooOften from None


async def mail_invitation(mail: MailOutbox, invitation: Invitation, token: str, *, inviter: str) -> str:
    """Queue the mail with the link; return the link, for installations that cannot send mail."""
    link = f"{mail.site.ingest_url}/ingest/invitation/{token}"
    if mail.sends:
        membership = invitation.membership
        context = {
            "link": link,
            "organisation": membership.organisation_name,
            "role": translate(ROLE_LABELS[membership.role], choose_mail_language(invitation.language)),
            "inviter": membership.organisation_name if has_address(inviter) else inviter,
        }
        to = Recipient(None, invitation.email, invitation.name, invitation.language)
        await mail.queue(Mail(f"invitation-{uuid4().hex}", "invitation", to, context, secret=True))
    return link


async def send_again(
    accounts: Accounts, mail: MailOutbox, invitation_id: str, *, by: Account | None = None
) -> str | None:
    """Mail a new link in the name of who invited; return the link, None as :func:`invite_again`.

    ``by`` is who asks, None for who holds an old link. Raises InvitedTooOften or InvitesTooMany; the old link stays.
    """
    found = await accounts.invitations.find(invitation_id)
    if found is None:
        return None
    await count_invitation(accounts, mail, found.email, by=by)
    renewed = await invite_again(accounts, invitation_id, by=by.id if by else None)
    if renewed is None:
        return None
    invitation, token = renewed
    inviter = await accounts.people.find(invitation.invited_by)
    name = inviter.name if inviter else invitation.membership.organisation_name
    return await mail_invitation(mail, invitation, token, inviter=name)
