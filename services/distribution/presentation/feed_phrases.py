"""Fixed phrases of feeds and event pages in every language: the catalogues ``phrases.po``. Pure."""

from __future__ import annotations

from functools import cache

from shared.i18n.text import load_phrases


class FeedPhrases:
    """The phrases of one language.

    ``about``, ``moved_from``, ``postponed_line`` and the three ``only_…`` have places to fill; ``colon`` stands between
    label and value.
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
        self.postponed = gettext("Postponed")
        self.postponed_line = gettext(
            "This event is postponed, and the new date is not known yet. It was planned for: %(dates)s."
        )
        self.moved = gettext("Moved")
        self.moved_from = gettext("New date; previously: %(dates)s.")
        self.reinstated = gettext("Going ahead")
        self.reinstated_line = gettext("This event takes place as announced before.")
        self.end_unknown = gettext("The time at which it ends is not known.")
        self.dates = gettext("Dates")
        self.opening_hours = gettext("Opening hours")
        self.arrival = gettext("Doors and meeting point")
        self.where = gettext("Place")
        self.start = gettext("Starting point")
        self.tickets = gettext("Tickets")
        self.free = gettext("free admission")
        self.registration = gettext("Registration")
        self.accessibility = gettext("Accessibility")
        self.audience = gettext("Audience")
        self.setting = gettext("Indoors or outdoors")
        self.organiser = gettext("Organiser")
        self.picture = gettext("Photo")
        self.licence = gettext("Licence")
        self.website = gettext("Event website")
        self.part_of = gettext("Part of")
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
