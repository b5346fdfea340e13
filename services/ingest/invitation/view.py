"""View of open invitations, and of what a link offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.accounts.invitations import Invitation
from shared.accounts.model import Membership
from shared.clock import write_instant
from shared.event.date_phrases import format_local_time
from shared.i18n.text import Text, _, translate
from shared.region import NamedRecord, Region
from shared.web.pages.parts import Fact
from shared.web.pages.role_labels import ROLE_LABELS


@dataclass(frozen=True, slots=True)
class InvitationRow:
    """``url`` is where the buttons of the row send to."""

    email: str
    name: str
    role: str
    state: Text
    url: str


def make_invitation_row(
    invitation: Invitation, lang: str, region: Region, *, now: datetime, folder: str
) -> InvitationRow:
    sent = format_local_time(write_instant(invitation.invited_at), lang, region.time_zone)
    expired = invitation.expires_at <= now
    state = _("sent on %(when)s, the link is too old", when=sent) if expired else _("sent on %(when)s", when=sent)
    role = f"{invitation.membership.organisation_name}: {describe_membership(invitation.membership, lang, region)}"
    return InvitationRow(invitation.email, invitation.name, role, state, f"{folder}/{invitation.id}")


def describe_membership(membership: Membership, lang: str, region: Region) -> str:
    """The role, with its limits and whether it is the organisation's contact."""
    role = translate(ROLE_LABELS[membership.role], lang)
    contact = [translate(_("contact"), lang)] if membership.is_contact else []
    limits = describe_limits(membership, lang, region)
    return ", ".join([role, *contact]) + (f" ({limits})" if limits else "")


def describe_limits(membership: Membership, lang: str, region: Region) -> str:
    """Counties and categories by name; a code that the region pack no longer has, by itself."""
    named = [*_name(membership.counties, region.counties, lang), *_name(membership.categories, region.categories, lang)]
    return ", ".join(named)


def _name(codes: Sequence[str], records: Mapping[str, NamedRecord], lang: str) -> list[str]:
    return [records[each].get_label(lang) if each in records else each for each in codes]


def list_offer_facts(invitation: Invitation, lang: str, region: Region) -> list[Fact]:
    return [
        Fact(_("Organisation"), [invitation.membership.organisation_name]),
        Fact(_("Role"), [describe_membership(invitation.membership, lang, region)]),
        Fact(_("E-mail address"), [invitation.email]),
    ]
