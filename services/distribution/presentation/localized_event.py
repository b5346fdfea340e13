"""An event in one language: its texts with their fallbacks, and every phrase that the formats share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

import msgspec

from services.distribution.presentation.clean import clean, clean_line, clean_url
from services.distribution.presentation.dates import EndsBeforeStart, EventTime, TimeRange, TimeToDay, parse_time
from services.distribution.presentation.feed_phrases import FeedPhrases, get_phrases
from services.distribution.presentation.pictures import EventPicture, list_pictures
from services.distribution.presentation.site import Site
from shared.event.accessibility_phrases import get_accessibility_label
from shared.event.audience_phrases import list_audience, list_settings
from shared.event.date_phrases import (
    MAX_DAYS,
    ExceptionLine,
    format_certainty,
    format_dates,
    format_exceptions,
    format_occurrence_days,
    list_exceptions,
)
from shared.event.days import breaks_announcement
from shared.event.model import Dates, Event, StartPlace, Venue, parse_event
from shared.event.notices import derive_notice
from shared.event.opening_phrases import list_opening_hours
from shared.event.recurrence import Occurrence, list_occurrences
from shared.event.report_phrases import describe_report
from shared.event.ticket_phrases import describe_availability, describe_deadline
from shared.event.vocabulary import LICENCES, Licence
from shared.i18n.languages import choose_text
from shared.messages import EventPublished, Notice


class InvalidEvent(Exception):
    """An event that no page, feed or response can show."""


class LocalizedText(NamedTuple):
    """A text and its actual language."""

    value: str
    language: str


@dataclass(frozen=True, slots=True)
class LocalizedEvent:
    """An event in a language. Texts are clean; None where a text exists in no language."""

    message: EventPublished
    content: Event
    language: str
    site: Site
    title: LocalizedText
    summary: LocalizedText | None
    description: LocalizedText | None
    price: LocalizedText | None
    arrival: LocalizedText | None
    when: EventTime

    @property
    def phrases(self) -> FeedPhrases:
        return get_phrases(self.language)

    @property
    def is_cancelled(self) -> bool:
        return self.message.status == "cancelled"

    @property
    def is_postponed(self) -> bool:
        """Whether it does not take place on its dates, and the new ones are not known."""
        return self.message.postponed is not None and not self.is_cancelled

    @property
    def is_off(self) -> bool:
        """Whether nothing takes place on its dates."""
        return self.is_cancelled or self.is_postponed

    @property
    def status(self) -> Literal["confirmed", "cancelled", "postponed"]:
        return "postponed" if self.is_postponed else self.message.status

    @property
    def is_tentative(self) -> bool:
        return self.content.dates.certainty != "exact"

    @property
    def body_language(self) -> str:
        """The language of description or summary; without either the text consists of our phrases."""
        text = self.description or self.summary
        return text.language if text else self.language

    @property
    def url(self) -> str:
        return self.site.build_event_url(self.message.event_id, self.language)

    @property
    def umbrella_id(self) -> str | None:
        """The id of the event that this is part of; that need not be public."""
        return self.content.part_of if self.content.part_of != self.message.event_id else None

    @property
    def umbrella_url(self) -> str | None:
        return self.site.build_event_url(self.umbrella_id, self.language) if self.umbrella_id else None

    @property
    def website(self) -> str | None:
        return clean_url(self.content.website) if self.content.website else None

    @property
    def tickets_url(self) -> str | None:
        return clean_url(self.content.tickets.url) if self.content.tickets.url else None

    @property
    def registration_url(self) -> str | None:
        return clean_url(self.content.tickets.registration_url) if self.content.tickets.registration_url else None

    @property
    def registration_until(self) -> str | None:
        """A day, or a time with its offset (RFC 3339)."""
        until = self.content.tickets.registration_until
        if not until or "T" not in until:
            return until
        return datetime.fromisoformat(until).replace(tzinfo=self.site.region.time_zone).isoformat()

    @property
    def availability_text(self) -> str:
        """Of a cancelled or postponed event nothing is on sale."""
        return "" if self.is_off else describe_availability(self.content.tickets, self.language)

    @property
    def reported_text(self) -> str:
        return describe_report((clean_line(each) for each in self.message.reported), self.language)

    @property
    def licence(self) -> Licence | None:
        """The region's where the event names none; None too for a code of a later release."""
        return LICENCES.get(self.content.licence) if self.content.licence else self.site.licence

    @property
    def pictures(self) -> list[EventPicture]:
        return list_pictures(self.content.images, self.language, self.site.public_url)

    @property
    def picture(self) -> EventPicture | None:
        """Its own, which stands for it in lists and feeds."""
        return next(iter(self.pictures), None)

    @property
    def organiser(self) -> str:
        return clean_line(self.message.organiser.name)

    @property
    def category_texts(self) -> tuple[LocalizedText, ...]:
        """Main category first; languages of offices may lack a label."""
        known = self.site.region.categories
        slugs = dict.fromkeys((self.content.category, *self.content.also))
        found = (choose_text(known[each].name, self.language) for each in slugs if each in known)
        return tuple(LocalizedText(*each) for each in found if each)

    @property
    def category_names(self) -> tuple[str, ...]:
        return tuple(text.value for text in self.category_texts)

    @property
    def location(self) -> str:
        return _join_place(self.content.venue)

    @property
    def start_text(self) -> str:
        """Where what moves begins."""
        return _join_place(self.content.start_place) if self.content.start_place else ""

    @property
    def place_lines(self) -> list[str]:
        start = f"{self.phrases.start}{self.phrases.colon}{self.start_text}"
        return [self.location, *([start] if self.start_text else [])]

    @property
    def date_text(self) -> str:
        return format_dates(self.content.dates, self.language)

    @property
    def certainty_text(self) -> str:
        return "" if self.is_off else format_certainty(self.content.dates.certainty, self.language)

    @property
    def occurrences(self) -> list[tuple[Occurrence, EventTime]]:
        """All occurrences in order, with their times; cancelled ones too."""
        dates, zone = self.content.dates, self.site.region.time_zone
        return [
            (each, parse_time(Dates(dates.certainty, each.start, each.end), zone)) for each in list_occurrences(dates)
        ]

    @property
    def span(self) -> tuple[EventTime, EventTime]:
        """The first to begin and the last to end of what takes place; of all occurrences only if none does."""
        if self.content.dates.recurrence is None:
            return self.when, self.when
        found = self.occurrences
        held = [each for each in found if each[0].status != "cancelled"] or found
        return held[0][1], max(held, key=lambda each: each[0].end)[1]

    @property
    def previous_dates(self) -> Dates | None:
        """The announced dates that no longer hold."""
        # Messages of earlier releases carry previous dates that the present ones do not break.
        previous = parse_dates(self.message.previous_dates)
        return previous if previous and breaks_announcement(previous, self.content.dates) else None

    @property
    def headline(self) -> str:
        """The title with its status: cancelled, postponed, moved, or a date that is not final."""
        phrases = self.phrases
        named = {"cancelled": phrases.cancelled, "postponed": phrases.postponed}
        return self._add_prefix(named.get(self.status, phrases.moved if self.previous_dates else ""))

    @property
    def notice(self) -> Notice | None:
        return derive_notice(self.message)

    @property
    def notice_headline(self) -> str:
        notice = self.notice
        return self._add_prefix(self.phrases.reinstated) if notice and notice.kind == "reinstated" else self.headline

    def build_notice_lines(self) -> list[str]:
        notice = self.notice
        reinstated = [self.phrases.reinstated_line] if notice and notice.kind == "reinstated" else []
        return [*reinstated, *self.status_lines, *self.place_lines]

    def _add_prefix(self, prefix: str) -> str:
        title = f"{prefix}{self.phrases.colon}{self.title.value}" if prefix else self.title.value
        return f"{title} ({self.certainty_text})" if self.certainty_text else title

    @property
    def fallback_notes(self) -> list[str]:
        """Sentences that say which texts are in another language than the reader's."""
        text = self.description if _is_foreign(self.description, self.language) else self.summary
        return self.phrases.describe_fallbacks(
            self.title.language if self.title.language != self.language else None,
            text.language if text and text.language != self.language else None,
        )

    def build_lines(self) -> list[str]:
        """Everything but the :attr:`links` as plain text; empty lines separate paragraphs."""
        texts = [each.value for each in (self.summary, self.description) if each]
        blocks = [self.status_lines, self.fallback_notes, *([text] for text in texts), self._build_facts()]
        filled = [block for block in blocks if block]
        return [line for number, block in enumerate(filled) for line in ([""] if number else []) + block]

    @property
    def status_lines(self) -> list[str]:
        """What must be read first: the old date of a moved event, a cancellation, and when it is."""
        phrases, previous = self.phrases, self.previous_dates
        if self.is_postponed:  # the date it had is not when it is
            return [phrases.postponed_line % {"dates": self.date_text}]
        found = [phrases.moved_from % {"dates": format_dates(previous, self.language)}] if previous else []
        if self.is_cancelled:
            found.append(phrases.cancelled_line)
        provisional = self.content.dates.certainty == "provisional" and self.certainty_text
        found.append(f"{self.date_text} ({provisional})" if provisional else self.date_text)
        if self.opening_hours:
            found.append(f"{phrases.opening_hours}{phrases.colon}{'; '.join(self.opening_hours)}")
        if self.lacks_end:
            found.append(phrases.end_unknown)
        if self.arrival_text:
            found.append(f"{phrases.arrival}{phrases.colon}{self.arrival_text}")
        if self.availability_text:
            found.append(self.availability_text)
        if self.reported_text:
            found.append(self.reported_text)
        return [*found, *self.repeat_lines]

    @property
    def arrival_text(self) -> str:
        """One line; of what is cancelled or postponed nobody needs to know."""
        return "" if self.is_off or self.arrival is None else self._name_language(self.arrival)

    @property
    def opening_hours(self) -> list[str]:
        return list_opening_hours(self.content.dates.opening_hours, self.language)

    @property
    def lacks_end(self) -> bool:
        """Whether the hour at which it ends is not known, although that at which it begins is."""
        when = self.when
        return isinstance(when, TimeToDay) or (isinstance(when, TimeRange) and when.end is None)

    @property
    def repeat_lines(self) -> list[str]:
        """The days of an event that repeats, and what is cancelled or moved; not the next ones, which need a clock."""
        dates, language = self.content.dates, self.language
        if dates.recurrence is None:
            return []
        exceptions = [clean_line(each) for each in format_exceptions(dates, language)]
        more = ["…"] if len(exceptions) > MAX_DAYS else []
        days = f"{self.phrases.dates}{self.phrases.colon}{format_occurrence_days(dates, language)}"
        return [days, *exceptions[:MAX_DAYS], *more]

    @property
    def exceptions(self) -> list[ExceptionLine]:
        """What ``repeat_lines`` says after the days, with the language of each note."""
        found = list_exceptions(self.content.dates, self.language) if self.content.dates.recurrence else []
        more = [ExceptionLine("…")] if len(found) > MAX_DAYS else []
        return [*(ExceptionLine(*map(clean_line, each)) for each in found[:MAX_DAYS]), *more]

    def _build_facts(self) -> list[str]:
        phrases = self.phrases
        provisions = (get_accessibility_label(each, self.language) for each in self.content.accessibility)
        facts = {
            phrases.where: self.location,
            phrases.start: self.start_text,
            phrases.tickets: self.tickets_text,
            phrases.registration: "" if self.is_off else describe_deadline(self.content.tickets, self.language),
            phrases.accessibility: ", ".join(each for each in provisions if each),
            phrases.audience: ", ".join(list_audience(self.content, self.language)),
            phrases.setting: ", ".join(list_settings(self.content, self.language)),
            phrases.organiser: self.organiser,
            phrases.picture: self.picture.rights if self.picture else "",
            phrases.licence: self.licence.name if self.licence else "",
        }
        return [f"{label}{phrases.colon}{value}" for label, value in facts.items() if value]

    @property
    def tickets_text(self) -> str:
        price = self.price
        if price is None:
            return self.phrases.free if self.content.tickets.free else ""
        return self._name_language(price)

    def _name_language(self, text: LocalizedText) -> str:
        """Say behind a text in which language it is, if not in the reader's."""
        if text.language == self.language:
            return text.value
        return f"{text.value} ({self.phrases.name_fallback(text.language)})"

    @property
    def links(self) -> list[tuple[str, str]]:
        """Each address once, with its label: website, tickets, registration, umbrella event, page."""
        phrases = self.phrases
        named = (
            (phrases.website, self.website),
            (phrases.tickets, self.tickets_url),
            (phrases.registration, self.registration_url),
            (phrases.part_of, self.umbrella_url),
            (phrases.more, self.url),
        )
        found: dict[str, str] = {}
        for label, url in named:
            if url:
                found.setdefault(url, label)
        return [(label, url) for url, label in found.items()]

    def build_text(self) -> str:
        return "\n".join([*self.build_lines(), "", *(f"{label}{self.phrases.colon}{url}" for label, url in self.links)])


def localize(message: EventPublished, language: str, site: Site) -> LocalizedEvent:
    """Raises InvalidEvent if a field is missing or malformed, or it ends before it starts; the cause says which."""
    try:
        return _localize(message, language, site)
    except (ValueError, msgspec.MsgspecError, EndsBeforeStart) as error:
        raise InvalidEvent(message.event_id) from error


def _localize(message: EventPublished, language: str, site: Site) -> LocalizedEvent:
    event = parse_event(message.event)
    parse_dates(message.previous_dates)
    title = _choose_text(event.title, language)
    if title is None:
        raise ValueError(f"event {message.event_id} has no title")
    return LocalizedEvent(
        message=message,
        content=event,
        language=language,
        site=site,
        title=LocalizedText(clean_line(title.value), title.language),
        summary=_choose_text(event.summary, language),
        description=_choose_text(event.description, language),
        price=_choose_text(event.tickets.price, language),
        arrival=_choose_text({code: clean_line(text) for code, text in event.arrival.items()}, language),
        when=parse_time(event.dates, site.region.time_zone),
    )


def parse_dates(dates: Mapping[str, object] | None) -> Dates | None:
    return msgspec.convert(dates, Dates) if dates else None


def _choose_text(texts: Mapping[str, str], language: str) -> LocalizedText | None:
    found = choose_text(texts, language)
    if found is None:
        return None
    text = LocalizedText(clean(found[0]), found[1])
    if text.value:
        return text
    return _choose_text({code: other for code, other in texts.items() if code != text.language}, language)


def _join_place(place: Venue | StartPlace) -> str:
    parts = (place.name or "", place.street or "", f"{place.postcode or ''} {place.town or ''}")
    return ", ".join(filter(None, map(clean_line, parts)))


def _is_foreign(text: LocalizedText | None, language: str) -> bool:
    return text is not None and text.language != language
