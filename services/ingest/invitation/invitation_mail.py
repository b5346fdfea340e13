"""Mails of invitations."""

from __future__ import annotations

from uuid import uuid4

from shared.accounts.accounts import Accounts
from shared.accounts.commands import invite_again
from shared.accounts.invitations import Invitation
from shared.i18n.text import translate
from shared.mail.model import Mail, Recipient
from shared.mail.outbox import MailOutbox
from shared.mail.rendering import choose_mail_language
from shared.web.pages.role_labels import ROLE_LABELS


async def mail_invitation(mail: MailOutbox, invitation: Invitation, token: str, *, inviter: str) -> str:
    """Queue the mail with the link; return the link, for installations that cannot send mail."""
    link = f"{mail.site.ingest_url}/ingest/invitation/{token}"
    if mail.sends:
        membership = invitation.membership
        context = {
            "link": link,
            "organisation": membership.organisation_name,
            "role": translate(ROLE_LABELS[membership.role], choose_mail_language(invitation.language)),
            "inviter": inviter,
        }
        to = Recipient(None, invitation.email, invitation.name, invitation.language)
        await mail.queue(Mail(f"invitation-{uuid4().hex}", "invitation", to, context, secret=True))
    return link


async def send_again(accounts: Accounts, mail: MailOutbox, invitation_id: str) -> str | None:
    """Mail a new link in the name of who invited; return the link, None if the invitation is no longer open."""
    renewed = await invite_again(accounts, invitation_id)
    if renewed is None:
        return None
    invitation, token = renewed
    inviter = await accounts.people.find(invitation.invited_by)
    name = inviter.name if inviter else invitation.membership.organisation_name
    return await mail_invitation(mail, invitation, token, inviter=name)
