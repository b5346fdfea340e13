"""The site: what every format needs besides the events, such as names and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from services.distribution.presentation.feed_phrases import get_phrases
from services.distribution.programme.indexed_event import NewsPosition
from services.distribution.programme.selection import AFTER, PUBLIC, Query, Selection
from shared.event.audience_phrases import AUDIENCE, SETTING
from shared.event.vocabulary import LICENCES, Licence
from shared.i18n.text import load_phrases
from shared.region import Channel, Region
from shared.web.http.cursors import encode_cursor

PROGRAMME = "programme"
"""The name of the public feed."""


@dataclass(frozen=True, slots=True)
class Site:
    """``public_url`` has no slash at its end."""

    region: Region
    public_url: str

    @property
    def licence(self) -> Licence | None:
        """Of the texts and data of every event that names none."""
        return LICENCES.get(self.region.licence or "")

    def build_event_url(self, event_id: str, language: str) -> str:
        return f"{self.public_url}/{self.choose_page_language(language)}/events/{quote(event_id, safe='')}"

    def choose_page_language(self, language: str) -> str:
        """The language, else English, else the default."""
        known = self.region.languages
        return next((each for each in (language, "en") if each in known.site), known.default)

    def build_uid(self, event_id: str) -> str:
        """The iCal UID: the same in every feed, for the event's whole life."""
        return f"{event_id}@{self.region.uid_domain}"

    def get_channel(self, slug: str) -> Channel | None:
        """None for the public channel."""
        return None if slug == PUBLIC else self.region.channels[slug]

    def get_base_selection(self, channel: str) -> Selection:
        """The selection of a channel's feed without filters."""
        office = self.get_channel(channel)
        if office is None or not (office.selection.county or office.selection.category):
            return Selection(channel)
        counties, categories = tuple(office.selection.county), tuple(office.selection.category)
        return Selection(channel, within=Selection(channel, counties, categories))

    def get_feed_name(self, query: Query) -> str:
        """The first part of the file name of a feed."""
        return PROGRAMME if query.selection.channel == PUBLIC else query.selection.channel

    def get_feed_language(self, channel: str) -> str:
        office = self.get_channel(channel)
        return office.feed_language if office else self.region.languages.default

    def build_feed_url(self, query: Query, extension: str, *, after: NewsPosition | None = None) -> str:
        query_string = query.encode(self.get_feed_language(query.selection.channel))
        page = f"{AFTER}={encode_cursor(after)}" if after else ""
        file = f"{self.public_url}/feeds/{self.get_feed_name(query)}.{extension}"
        return f"{file}?{'&'.join(filter(None, (query_string, page)))}" if query_string or page else file

    def build_feed_title(self, query: Query) -> str:
        language, selection, region = query.language, query.selection, self.region
        office = self.get_channel(selection.channel)
        parts = [f"{get_phrases(language).programme} – {region.get_label(language)}"]
        parts += [office.get_label(language)] if office else []
        parts += [region.counties[each].get_label(language) for each in selection.counties]
        parts += [region.categories[each].get_label(language) for each in selection.categories]
        translate = load_phrases(language).gettext
        parts += [translate(AUDIENCE[each]) for each in selection.audience]
        parts += [translate(SETTING[each]) for each in selection.setting]
        if selection.first or selection.last:
            parts.append(f"{selection.first or '…'} – {selection.last or '…'}")
        return " · ".join(parts)

    def build_feed_description(self, query: Query) -> str:
        """An office's feed says that POT has not confirmed it."""
        phrases = get_phrases(query.language)
        publisher = self.region.get_publisher_label(query.language)
        about = phrases.about % {"region": self.region.get_label(query.language), "publisher": publisher}
        office = self.get_channel(query.selection.channel)
        return about if office is None or office.confirmed_by_pot else f"{about} {phrases.unconfirmed}"

    def build_selection_url(self, query: Query) -> str:
        start = f"{self.public_url}/{self.choose_page_language(query.language)}/"
        if query.selection.channel != PUBLIC:
            return f"{start}offices/{query.selection.channel}"
        query_string = Query(query.selection, query.language).encode(query.language)
        return f"{start}?{query_string}" if query_string else start
