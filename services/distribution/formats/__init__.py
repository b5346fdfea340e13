"""The formats of feeds, by file extension."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.distribution.formats.ical import ICal
from services.distribution.formats.json_feed import JsonFeed
from services.distribution.formats.port import Format
from services.distribution.formats.rss import Rss
from services.distribution.presentation.site import Site

__all__ = ["Format", "Site", "create_formats"]


def create_formats(site: Site) -> Mapping[str, Format]:
    known: tuple[Format, ...] = (ICal(site), Rss(site), JsonFeed(site))
    return MappingProxyType({each.extension: each for each in known})
