"""What a venue offers to guests with particular needs, in every language of feeds: ``phrases.po``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from shared.i18n.text import gettext_noop, load_phrases

ACCESSIBILITY: Final[Mapping[str, str]] = {
    "step_free": gettext_noop("step-free entrance"),
    "accessible_toilet": gettext_noop("accessible toilet"),
    "accessible_parking": gettext_noop("parking for disabled visitors"),
    "lift": gettext_noop("lift"),
    "wheelchair_places": gettext_noop("wheelchair places"),
    "induction_loop": gettext_noop("induction loop"),
    "sign_language": gettext_noop("Polish sign language"),
    "subtitles": gettext_noop("subtitles"),
    "audio_description": gettext_noop("audio description"),
    "tactile": gettext_noop("tactile exhibits or plans"),
    "easy_read": gettext_noop("easy-to-read information"),
    "quiet_place": gettext_noop("quiet place"),
    "assistance_dogs": gettext_noop("assistance dogs welcome"),
    "companion_free": gettext_noop("free admission for an assistant"),
    "changing_place": gettext_noop("changing place for adults and children"),
}


def get_accessibility_label(code: str, language: str) -> str | None:
    """Get the label of an accessibility code; None for a code of a later release."""
    label = ACCESSIBILITY.get(code)
    return load_phrases(language).gettext(label) if label else None
