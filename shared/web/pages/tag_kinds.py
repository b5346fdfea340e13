"""Kinds of tags: each with its tone, its icon or none, and its word. ``tag.html`` says where each is used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from shared.i18n.text import Text, _, p_


class TagKind(NamedTuple):
    tone: str
    icon: str
    word: Text


TAG_KINDS: Final[Mapping[str, TagKind]] = {
    "provisional": TagKind("amber", "", _("Provisional date")),
    "month": TagKind("amber", "", _("Date open")),
    "season": TagKind("amber", "", _("Date open")),
    "cancelled": TagKind("rowan", "ban", _("Cancelled")),
    "postponed": TagKind("rowan", "clock", _("Postponed")),
    "few_left": TagKind("amber", "", _("Few tickets left")),
    "sold_out": TagKind("rowan", "", _("Sold out")),
    "registration_required": TagKind("baltic", "", _("Registration needed")),
    "free": TagKind("beech", "", _("Free admission")),
    "fallback": TagKind("amber", "", _("only in Polish")),
    "reported": TagKind("amber", "", _("Reported, not checked")),
    "new": TagKind("baltic", "", _("New")),
    "change": TagKind("", "", p_("noun", "Change")),
    "answer": TagKind("", "", _("Answer")),
    "remark": TagKind("baltic", "", _("Unanswered remark")),
    "overdue": TagKind("rowan", "hourglass", _("Over the promised time")),
    "asked": TagKind("amber", "megaphone", _("Asked")),
    "late": TagKind("amber", "clock", _("After the deadline")),
    "call_ahead": TagKind("baltic", "", _("Not open yet")),
    "call_open": TagKind("beech", "", p_("call", "Open")),
    "call_late": TagKind("amber", "clock", _("Past the deadline")),
    "call_frozen": TagKind("", "", _("Programme closed")),
    "waiting": TagKind("baltic", "clock", _("Waiting for a decision")),
    "changes_requested": TagKind("amber", "", _("Changes requested")),
    "accepted": TagKind("beech", "check", _("Accepted")),
    "rejected": TagKind("rowan", "x", _("Rejected")),
    "withdrawn": TagKind("", "", _("Withdrawn")),
    "over": TagKind("", "", _("Over")),
    "account_disabled": TagKind("", "ban", _("disabled")),
    "organisation_closed": TagKind("", "ban", _("closed")),
}
