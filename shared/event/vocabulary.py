"""Codes of an event's content and of decisions, with their labels. Pure.

A code never changes its meaning; a new one is added at the end. Readers show an unknown code as it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from shared.i18n.text import Text, _, translate

Reason = Literal["duplicate", "not_touristic", "incomplete", "wrong_date", "outside_region", "other", "not_confirmed"]
NOT_CONFIRMED: Final[Reason] = "not_confirmed"
# Why a curator rejects a version; ``other`` needs a comment.
REASONS: Final[Mapping[str, Text]] = {
    "duplicate": _("The same event is in the programme already"),
    "not_touristic": _("Of no interest to tourists"),
    "incomplete": _("Important information is missing"),
    "wrong_date": _("The date is wrong"),
    "outside_region": _("Takes place outside the region"),
    "other": _("Another reason, given in the comment"),
    NOT_CONFIRMED: _("What was sent could not be confirmed"),
}
# Of the dates of an imported event.
CONFIDENCE: Final[Mapping[str, Text]] = {
    "high": _("certain"),
    "medium": _("fairly certain"),
    "low": _("uncertain"),
}


class Licence(NamedTuple):
    """``code`` is the SPDX identifier; ``name`` is the same in every language."""

    code: str
    name: str
    url: str


# Of an event's texts and data, the freest first.
LICENCES: Final[Mapping[str, Licence]] = {
    each.code: each
    for each in (
        Licence("CC0-1.0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        Licence("CC-BY-4.0", "CC BY 4.0", "https://creativecommons.org/licenses/by/4.0/"),
        Licence("CC-BY-SA-4.0", "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
    )
}
MAX_IMAGES: Final = 8
PERMISSION: Final = "permission"
# Of a picture: those of texts, and pictures that are shown with permission only.
PICTURE_LICENCES: Final[Mapping[str, Text]] = {
    **{each.code: Text(each.name) for each in LICENCES.values()},
    PERMISSION: _("All rights reserved, used with permission"),
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
Availability = Literal["available", "few_left", "sold_out", "registration_required"]
# Of tickets.
AVAILABILITY: Final[Mapping[str, Text]] = {
    "available": _("Tickets available"),
    "few_left": _("Few tickets left"),
    "sold_out": _("Sold out"),
    "registration_required": _("Registration needed"),
}
# For whom an event is.
AUDIENCE: Final[Mapping[str, Text]] = {
    "families": _("For families"),
    "children": _("For children"),
    "seniors": _("For seniors"),
    "school_groups": _("For school groups"),
}
# An event may be in both.
SETTING: Final[Mapping[str, Text]] = {
    "indoors": _("Indoors"),
    "outdoors": _("Outdoors"),
}
OLDEST_CHILD: Final = 17


def name_licence(code: str) -> str:
    """A code of a later release stands for itself."""
    return LICENCES[code].name if code in LICENCES else code


def describe_reason(code: str, lang: str) -> str:
    """A code of a later release stands for itself."""
    return translate(REASONS[code], lang) if code in REASONS else code
