"""An event read in one language: its texts or their stand-ins, and everything that every format says of it in words.

Formats differ in how they write, not in what they say; what they say is made here, once.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import msgspec

from services.distribution.formats.clean import address, clean, one_line
from services.distribution.formats.dates import Timed, When, when, zone_word
from services.distribution.formats.imprint import Imprint
from services.distribution.formats.words import Words, accessibility_word, words_in
from shared.languages import text_in
from shared.messages import Dates, Event, EventPublished, read_event
from shared.web.phrases import certainty_phrase, date_phrase


class Text(NamedTuple):
    """A text, and the language that it really is in."""

    value: str
    language: str


@dataclass(frozen=True, slots=True)
class Reading:
    """An event in a language. Texts are clean; ``None`` where there is no such text in any language."""

    message: EventPublished
    event: Event
    language: str
    imprint: Imprint
    title: Text
    summary: Text | None
    description: Text | None
    price: Text | None
    when: When

    @property
    def words(self) -> Words:
        """The phrases of the language."""
        return words_in(self.language)

    @property
    def cancelled(self) -> bool:
        """Whether it will not take place."""
        return self.message.status == "cancelled"

    @property
    def tentative(self) -> bool:
        """Whether its date is not final."""
        return self.event.dates.certainty != "exact"

    @property
    def body_language(self) -> str:
        """The language of what one reads: that of the description or summary, else that of the title."""
        return (self.description or self.summary or self.title).language

    @property
    def page(self) -> str:
        """The address of its page in the language."""
        return self.imprint.event_page(self.message.event_id, self.language)

    @property
    def website(self) -> str | None:
        """Its own address in the web, in ASCII."""
        return address(self.event.website) if self.event.website else None

    @property
    def tickets_page(self) -> str | None:
        """Where its tickets are sold, in ASCII."""
        return address(self.event.tickets.url) if self.event.tickets.url else None

    @property
    def organiser(self) -> str:
        """The name of the organisation that sent it."""
        return one_line(self.message.organiser.name)

    @property
    def categories(self) -> tuple[str, ...]:
        """Its kinds in words, the main one first."""
        known = self.imprint.region.categories
        slugs = dict.fromkeys((self.event.category, *self.event.also))
        return tuple(known[each].label(self.language) for each in slugs if each in known)

    @property
    def place(self) -> str:
        """Where, in one line: venue, street, postcode and town."""
        venue = self.event.venue
        town = one_line(f"{venue.postcode or ''} {venue.town}")
        parts = (one_line(each) for each in (venue.name or "", venue.street or ""))
        return ", ".join([each for each in parts if each] + [town])

    @property
    def date_words(self) -> str:
        """When, in words; a wide span also says what is open."""
        zone = zone_word(self.when)
        said = date_phrase(self.event.dates, self.language)
        return f"{said} ({zone})" if zone else said

    @property
    def certainty_word(self) -> str:
        """What is not final about its date; empty if nothing is open, or no longer matters."""
        return "" if self.cancelled else certainty_phrase(self.event.dates.certainty, self.language)

    @property
    def previous_dates(self) -> Dates | None:
        """The date it was moved away from; None if it never had another day.

        Narrowing "in August" down to a day moves nothing.
        """
        previous = read_dates(self.message.previous_dates)
        if previous is None or previous.certainty in {"month", "season"}:
            return None
        now = self.event.dates
        return None if (previous.start, previous.end) == (now.start, now.end) else previous

    @property
    def headline(self) -> str:
        """The title with what must not be missed: that it is cancelled or moved, or that its date is not final."""
        prefix = self.words.cancelled if self.cancelled else self.words.moved if self.previous_dates else None
        title = f"{prefix}{self.words.colon}{self.title.value}" if prefix else self.title.value
        return f"{title} ({self.certainty_word})" if self.certainty_word else title

    @property
    def fallback_notes(self) -> list[str]:
        """Which texts are in another language than the reader's, each as a sentence."""
        text = self.description if _foreign(self.description, self.language) else self.summary
        return self.words.title_and_text_only(
            self.title.language if self.title.language != self.language else None,
            text.language if text and text.language != self.language else None,
        )

    def lines(self) -> list[str]:
        """Say everything but the :attr:`links` as plain text; an empty line parts paragraphs.

        A moved event's first line is its old date.
        """
        texts = [each.value for each in (self.summary, self.description) if each]
        blocks = [self.notices, self.fallback_notes, *([text] for text in texts), self._facts()]
        filled = [block for block in blocks if block]
        return [line for number, block in enumerate(filled) for line in ([""] if number else []) + block]

    @property
    def notices(self) -> list[str]:
        """What must be read first: the old date if it was moved, that it is cancelled, and when it is."""
        words, previous = self.words, self.previous_dates
        found = [words.moved_from.format(dates=date_phrase(previous, self.language))] if previous else []
        if self.cancelled:
            found.append(words.cancelled_line)
        provisional = self.event.dates.certainty == "provisional" and self.certainty_word
        found.append(f"{self.date_words} ({provisional})" if provisional else self.date_words)
        if isinstance(self.when, Timed) and self.when.end is None:
            found.append(words.end_unknown)
        return found

    def _facts(self) -> list[str]:
        words = self.words
        provisions = (accessibility_word(each, self.language) for each in self.event.accessibility)
        facts = {
            words.where: self.place,
            words.tickets: self.tickets_words,
            words.accessibility: ", ".join(each for each in provisions if each),
            words.organiser: self.organiser,
        }
        return [f"{label}{words.colon}{value}" for label, value in facts.items() if value]

    @property
    def tickets_words(self) -> str:
        """What it costs, in words; a price in another language says which."""
        price = self.price
        if price is None:
            return self.words.free if self.event.tickets.free else ""
        if price.language == self.language:
            return price.value
        return f"{price.value} ({self.words.named(price.language)})"

    @property
    def links(self) -> tuple[str, ...]:
        """Where there is more: its own site, its tickets, its page here."""
        return tuple(dict.fromkeys(each for each in (self.website, self.tickets_page, self.page) if each))

    def complete(self) -> str:
        """Say everything as one plain text, links included."""
        return "\n".join([*self.lines(), "", *(f"{self.words.more}{self.words.colon}{each}" for each in self.links)])


def read(message: EventPublished, language: str, imprint: Imprint) -> Reading:
    """Read an event in a language.

    Raises:
        msgspec.ValidationError: if a required field is missing or of another type.
        ValueError: if it has no title, or its dates are none.
        EndsBeforeStart: if it ends before it starts.

    """
    event = read_event(message.event)
    title = _text(event.title, language)
    if title is None:
        raise ValueError(f"event {message.event_id} has no title")
    return Reading(
        message=message,
        event=event,
        language=language,
        imprint=imprint,
        title=Text(one_line(title.value), title.language),
        summary=_text(event.summary, language),
        description=_text(event.description, language),
        price=_text(event.tickets.price, language),
        when=when(event.dates, imprint.region.time_zone),
    )


def read_dates(dates: Mapping[str, object] | None) -> Dates | None:
    """Read the dates a message carries beside its event."""
    return msgspec.convert(dates, Dates) if dates else None


def _text(texts: Mapping[str, str], language: str) -> Text | None:
    found = text_in(texts, language)
    if found is None:
        return None
    text = Text(clean(found[0]), found[1])
    if text.value:
        return text
    return _text({code: other for code, other in texts.items() if code != text.language}, language)


def _foreign(text: Text | None, language: str) -> bool:
    return text is not None and text.language != language
