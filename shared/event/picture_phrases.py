"""The licence of a picture, in every language of feeds: ``phrases.po``. Pure."""

from __future__ import annotations

from typing import Final

from shared.event.vocabulary import LICENCES, PERMISSION
from shared.i18n.text import gettext_noop, load_phrases

_PERMISSION: Final = gettext_noop("All rights reserved, used with permission")


def name_picture_licence(code: str, language: str) -> str:
    """Name a licence in a language of feeds; a code of a later release stands for itself."""
    if code == PERMISSION:
        return load_phrases(language).gettext(_PERMISSION)
    return LICENCES[code].name if code in LICENCES else code
