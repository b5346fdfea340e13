"""The formats of feeds, each in its own file, found by the extension of the file that is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from services.distribution.formats.ical import ICal
from services.distribution.formats.imprint import Imprint
from services.distribution.formats.jsonfeed import JsonFeed
from services.distribution.formats.port import Format
from services.distribution.formats.rss import Rss

__all__ = ["Format", "Imprint", "formats_of"]


def formats_of(imprint: Imprint) -> Mapping[str, Format]:
    """Give every format by its extension, for a region and an address."""
    known: tuple[Format, ...] = (ICal(imprint), Rss(imprint), JsonFeed(imprint))
    return MappingProxyType({each.extension: each for each in known})
