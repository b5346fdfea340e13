"""The phrases that every language of a feed must have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The phrases of one language.

    ``{region}``, ``{publisher}``, ``{dates}`` and ``{language}`` are filled in; for the last, ``in_polish`` and
    ``in_english`` have the form that the three sentences need. ``colon`` stands between a label and its value.
    """

    programme: str
    about: str
    unconfirmed: str
    cancelled: str
    cancelled_line: str
    moved: str
    moved_from: str
    end_unknown: str
    where: str
    tickets: str
    free: str
    accessibility: str
    organiser: str
    more: str
    only_title: str
    only_text: str
    only_both: str
    in_polish: str
    in_english: str
    colon: str = ": "

    def title_and_text_only(self, title: str | None, text: str | None) -> list[str]:
        """Say which of a title and a text are in another language than the feed's.

        Args:
            title: the code of the language that stands in for the title's, ``pl`` or ``en``; None if none does.
            text: the same for the text.

        Returns:
            No sentence, one, or two if different languages stand in.

        """
        if title and title == text:
            return [self.only_both.format(language=self.named(title))]
        sentences = ((self.only_title, title), (self.only_text, text))
        return [sentence.format(language=self.named(code)) for sentence, code in sentences if code]

    def named(self, code: str) -> str:
        """Say that something is in a stand-in language, ``pl`` or ``en``: "auf Polnisch"."""
        return {"pl": self.in_polish, "en": self.in_english}[code]
