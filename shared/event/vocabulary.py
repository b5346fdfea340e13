"""Codes of an event's content and of decisions, with their labels. Pure.

A code never changes its meaning; a new one is added at the end. Readers show an unknown code as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from shared.i18n.text import Text, _, translate

Reason = Literal["duplicate", "not_touristic", "incomplete", "wrong_date", "outside_region", "other"]
# Why a curator rejects a version; ``other`` needs a comment.
REASONS: Final[Mapping[str, Text]] = {
    "duplicate": _("The same event is in the programme already"),
    "not_touristic": _("Of no interest to tourists"),
    "incomplete": _("Important information is missing"),
    "wrong_date": _("The date is wrong"),
    "outside_region": _("Takes place outside the region"),
    "other": _("Another reason, given in the comment"),
}
# Of the dates of an imported event.
CONFIDENCE: Final[Mapping[str, Text]] = {
    "high": _("certain"),
    "medium": _("fairly certain"),
    "low": _("uncertain"),
}
# For guests with particular needs.
ACCESSIBILITY: Final[Mapping[str, Text]] = {
    "step_free": _("step-free entrance"),
    "accessible_toilet": _("accessible toilet"),
    "accessible_parking": _("accessible parking"),
    "lift": _("lift"),
    "wheelchair_places": _("wheelchair spaces"),
    "induction_loop": _("hearing loop"),
    "sign_language": _("Polish Sign Language interpreting"),
    "subtitles": _("captions"),
    "audio_description": _("audio description"),
    "tactile": _("exhibits or plans to touch"),
    "easy_read": _("information in easy-to-read text"),
    "quiet_place": _("quiet space"),
    "assistance_dogs": _("assistance dogs welcome"),
    "companion_free": _("free admission for an assistant"),
    "changing_place": _("changing place for adults and children"),
}


def describe_reason(code: str, lang: str) -> str:
    """A code of a later release stands for itself."""
    return translate(REASONS[code], lang) if code in REASONS else code
