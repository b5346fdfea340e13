"""Who publishes the feeds and where: what every format needs to know beside the events."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from services.distribution.formats.words import words_in
from services.distribution.selection import PUBLIC, Asked, Selection
from shared.region import Channel, Region

PROGRAMME = "programme"
"""The name of the public feed."""


@dataclass(frozen=True, slots=True)
class Imprint:
    """The region and the address (without a slash at its end) under which its programme is published."""

    region: Region
    public_url: str

    def event_page(self, event_id: str, language: str) -> str:
        """Give the address of an event's page, in a language or the nearest one that the site has."""
        return f"{self.public_url}/{self.page_language(language)}/events/{quote(event_id, safe='')}"

    def page_language(self, language: str) -> str:
        """Give the site's language for readers of another: language → en → the default."""
        known = self.region.languages
        return next((each for each in (language, "en") if each in known.site), known.default)

    def uid(self, event_id: str) -> str:
        """Give the iCal UID: the same in every feed and for the event's whole life."""
        return f"{event_id}@{self.region.uid_domain}"

    def channel(self, slug: str) -> Channel | None:
        """Give an office's channel; None for the public one."""
        return None if slug == PUBLIC else self.region.channels[slug]

    def whole(self, channel: str) -> Selection:
        """Give what a channel's feed holds when it is asked for without filters."""
        office = self.channel(channel)
        if office is None or not (office.selection.county or office.selection.category):
            return Selection(channel)
        counties, categories = tuple(office.selection.county), tuple(office.selection.category)
        return Selection(channel, inside=Selection(channel, counties, categories))

    def feed_name(self, asked: Asked) -> str:
        """Give the name of the feed that carries a selection, which is the first half of its file's name."""
        return PROGRAMME if asked.selection.channel == PUBLIC else asked.selection.channel

    def feed_language(self, channel: str) -> str:
        """Give the language in which a channel's feed comes when none is asked for."""
        office = self.channel(channel)
        return office.feed_language if office else self.region.languages.default

    def feed_url(self, asked: Asked, extension: str) -> str:
        """Give the one canonical address of a feed."""
        query = asked.query(self.feed_language(asked.selection.channel))
        file = f"{self.public_url}/feeds/{self.feed_name(asked)}.{extension}"
        return f"{file}?{query}" if query else file

    def feed_title(self, asked: Asked) -> str:
        """Name a feed in its language: the programme, the region, the office, and what it is narrowed to."""
        language, selection, region = asked.language, asked.selection, self.region
        office = self.channel(selection.channel)
        parts = [f"{words_in(language).programme} – {region.label(language)}"]
        parts += [office.label(language)] if office else []
        parts += [region.counties[each].label(language) for each in selection.counties]
        parts += [region.categories[each].label(language) for each in selection.categories]
        if selection.first or selection.last:
            parts.append(f"{selection.first or '…'} – {selection.last or '…'}")
        return " · ".join(parts)

    def feed_description(self, asked: Asked) -> str:
        """Say what a feed is, and of an office's feed that POT has not confirmed it."""
        words = words_in(asked.language)
        publisher = self.region.publisher_label(asked.language)
        about = words.about.format(region=self.region.label(asked.language), publisher=publisher)
        office = self.channel(asked.selection.channel)
        return about if office is None or office.confirmed_by_pot else f"{about} {words.unconfirmed}"

    def selection_page(self, asked: Asked) -> str:
        """Give the address of the page that shows a feed to people."""
        start = f"{self.public_url}/{self.page_language(asked.language)}/"
        if asked.selection.channel != PUBLIC:
            return f"{start}offices/{asked.selection.channel}"
        query = Asked(asked.selection, asked.language).query(asked.language)
        return f"{start}?{query}" if query else start
