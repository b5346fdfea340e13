"""Fixed phrases of feeds and event pages in every language: the catalogues ``phrases.po``. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
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


class FeedPhrases:
    """The phrases of one language.

    ``about``, ``moved_from`` and the three ``only_…`` have places to fill; ``colon`` stands between label and value.
    """

    def __init__(self, language: str) -> None:
        gettext = load_phrases(language).gettext
        self.programme = gettext("Programme of events")
        self.about = gettext("The joint annual programme of events of %(region)s. Publisher: %(publisher)s.")
        self.unconfirmed = gettext(
            "A selection for an office of the Polish Tourism Organisation (POT), not yet confirmed by POT."
        )
        self.cancelled = gettext("Cancelled")
        self.cancelled_line = gettext("This event is cancelled.")
        self.moved = gettext("Moved")
        self.moved_from = gettext("New date; previously: %(dates)s.")
        self.reinstated = gettext("Going ahead")
        self.reinstated_line = gettext("This event takes place as announced before.")
        self.end_unknown = gettext("The time at which it ends is not known.")
        self.where = gettext("Place")
        self.tickets = gettext("Tickets")
        self.free = gettext("free admission")
        self.accessibility = gettext("Accessibility")
        self.organiser = gettext("Organiser")
        self.website = gettext("Event website")
        self.more = gettext("More")
        self.only_title = gettext("Title available in %(language)s only.")
        self.only_text = gettext("Description available in %(language)s only.")
        self.only_both = gettext("Title and description available in %(language)s only.")
        self.colon = gettext(": ")
        # As in "available in Polish": the form that the three sentences above need.
        self._fallbacks = {"pl": gettext("Polish"), "en": gettext("English")}

    def name_fallback(self, code: str) -> str:
        """Name a fallback language, ``pl`` or ``en``, as the sentences need it: "auf Polnisch"."""
        return self._fallbacks[code]

    def describe_fallbacks(self, title: str | None, text: str | None) -> list[str]:
        """List sentences about title and text that are in another language than the feed.

        Args:
            title: the code of the title's fallback language, ``pl`` or ``en``; None if the title is translated.
            text: the same for the text.

        Returns:
            No sentence, one, or two if the fallback languages differ.

        """
        if title and title == text:
            return [self.only_both % {"language": self.name_fallback(title)}]
        sentences = ((self.only_title, title), (self.only_text, text))
        return [sentence % {"language": self.name_fallback(code)} for sentence, code in sentences if code]


@cache
def get_phrases(language: str) -> FeedPhrases:
    """Get the phrases of a language. Raises UnknownLanguage if we do not know the language."""
    return FeedPhrases(language)


def get_accessibility_label(code: str, language: str) -> str | None:
    """Get the label of an accessibility code; None for a code of a later release."""
    label = ACCESSIBILITY.get(code)
    return load_phrases(language).gettext(label) if label else None
