"""The region pack: everything that is true of one region only, read from its folder into frozen objects.

The files and their fields are described beside them, in ``deploy/region/README.md``. A pack is either read whole or
refused: :class:`RegionPackBroken` names the file and the field. Counties, categories and channels keep the order of
their file, which is the order in which people see them.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from shared.languages import LANGUAGES, text_in

Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
CountyCode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$")]
CountryCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
LanguageCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}$")]
Address = Annotated[str, msgspec.Meta(pattern=r"^https?://\S+$", max_length=500)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]


Record = TypeVar("Record")
Shape = TypeVar("Shape")


class RegionPackBroken(Exception):
    """A region pack cannot be used; ``file`` and ``field`` say where, the text says why."""

    def __init__(self, file: str, field: str, reason: str) -> None:
        where = f"{file}, field {field}" if field else file
        super().__init__(f"The region pack cannot be used: {where}: {reason}.")
        self.file = file
        self.field = field


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record of the pack; a field that nobody knows is a spelling mistake and refused."""


class Named(_Strict, frozen=True, kw_only=True):
    """Something with a name in several languages, always in Polish."""

    name: Mapping[str, str]

    def __post_init__(self) -> None:
        _check_texts(self.name)

    def label(self, language: str) -> str:
        """Give the name in a language, or its stand-in: language → en → pl."""
        found = text_in(self.name, language)
        return found[0] if found else self.name["pl"]


class County(Named, frozen=True, kw_only=True):
    """A county, or a city with a county's rights; ``lat`` and ``lon`` are its middle in WGS 84 degrees."""

    teryt: CountyCode
    kind: Literal["county", "city"]
    seat: str
    lat: Latitude
    lon: Longitude


class Category(Named, frozen=True, kw_only=True):
    """A kind of event; ``schema_org`` is the nearest type of schema.org, without its address."""

    slug: Slug
    schema_org: Annotated[str, msgspec.Meta(pattern=r"^[A-Z][A-Za-z]+$")]


class Organisation(_Strict, frozen=True, kw_only=True):
    """Whoever sends in, curates or receives the programme.

    ``verified`` says that ``source`` names it. One that is not verified is a guess: it must not be shown as a fact, nor
    be given an account. ``county`` is None outside the voivodeship.
    """

    slug: Slug
    name: str
    town: str
    county: CountyCode | None
    type: Literal["ROT", "LOT", "JST", "NGO", "institution", "company", "agency"]
    role: Literal["curator", "submitter", "recipient"]
    website: Address | None
    verified: bool
    source: Address | None


class Selection(_Strict, frozen=True, kw_only=True):
    """Which events a channel takes; a list may hold several (or), an empty one narrows nothing."""

    county: tuple[CountyCode, ...]
    category: tuple[Slug, ...]


class ChannelAsWritten(Named, frozen=True, kw_only=True):
    """A channel as its file has it: an office abroad with its country, markets and languages, dearest first.

    ``confirmed_by_pot`` turns true when POT has confirmed the office; ``city_verified`` says that ``source`` names the
    city and not only the country.
    """

    slug: Slug
    country: CountryCode
    markets: tuple[CountryCode, ...]
    languages: Annotated[tuple[LanguageCode, ...], msgspec.Meta(min_length=1)]
    selection: Selection
    confirmed_by_pot: bool
    city_verified: bool
    source: Address

    def __post_init__(self) -> None:
        _check_texts(self.name)
        _check_known(self.languages)


class Channel(ChannelAsWritten, frozen=True, kw_only=True):
    """A channel, and the language of its feed: its first one in which we hold texts, otherwise simply its first."""

    feed_language: str


class Languages(_Strict, frozen=True, kw_only=True):
    """Codes: the one every event must have, those of the site, of its feeds, and those the programme is held in."""

    default: LanguageCode
    site: tuple[LanguageCode, ...]
    feeds: tuple[LanguageCode, ...]
    texts: tuple[LanguageCode, ...]

    def __post_init__(self) -> None:
        _check_known((self.default, *self.site, *self.feeds, *self.texts))


class RegionAsWritten(Named, frozen=True, kw_only=True):
    """What ``region.toml`` says of the region itself."""

    slug: Slug
    teryt: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{2}$")]
    country: CountryCode
    time_zone: str
    uid_domain: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=100)]
    curator: Slug
    languages: Languages
    publisher: Mapping[str, str]

    def __post_init__(self) -> None:
        _check_texts(self.name)
        _check_texts(self.publisher)


class Region(Named, frozen=True, kw_only=True):
    """One region: itself, its counties by TERYT code, its categories, organisations and channels by slug.

    ``uid_domain`` is the second half of every iCal UID; ``curator`` is the organisation that decides, and sends in what
    has no organiser.
    """

    slug: str
    teryt: str
    country: str
    time_zone: ZoneInfo
    uid_domain: str
    curator: Organisation
    languages: Languages
    publisher: Mapping[str, str]
    counties: Mapping[str, County]
    categories: Mapping[str, Category]
    organisations: Mapping[str, Organisation]
    channels: Mapping[str, Channel]

    def publisher_label(self, language: str) -> str:
        """Give the publisher's name in a language, or its stand-in: language → en → pl."""
        found = text_in(self.publisher, language)
        return found[0] if found else self.publisher["pl"]


def load_region(path: Path) -> Region:
    """Read the region pack in a folder: ``region.toml`` and four JSON files.

    Raises:
        RegionPackBroken: if a file is missing or unreadable, a field is missing, unknown, of another type or out of
            bounds, a code stands twice, or one names something that is not there.

    """
    written = read_pack_file(path / "region.toml", RegionAsWritten)
    counties = _by("teryt", path / "counties.json", County)
    categories = _by("slug", path / "categories.json", Category)
    organisations = _by("slug", path / "organisations.json", Organisation)
    channels = _by("slug", path / "channels.json", ChannelAsWritten)
    _check_counties(counties, written.teryt)
    _check_organisations(organisations, counties, written.curator)
    _check_selections(channels, counties, categories)
    return Region(
        **msgspec.structs.asdict(written)
        | {
            "time_zone": _zone(written.time_zone),
            "curator": organisations[written.curator],
            "counties": counties,
            "categories": categories,
            "organisations": organisations,
            "channels": MappingProxyType({slug: _channel(each, written) for slug, each in channels.items()}),
        }
    )


def read_pack_file(file: Path, shape: type[Shape]) -> Shape:
    """Read one file of a pack, TOML or JSON by its name, as ``shape``.

    Raises:
        RegionPackBroken: if it is missing, not UTF-8, not TOML or JSON, or not of that shape.

    """
    try:
        text = file.read_text(encoding="utf-8")
        found: Any = tomllib.loads(text) if file.suffix == ".toml" else msgspec.json.decode(text)
        return msgspec.convert(found, shape)
    except OSError as error:
        raise RegionPackBroken(file.name, "", error.strerror or str(error)) from error
    except msgspec.ValidationError as error:
        # msgspec says: Expected `str`, got `int` - at `$[3].seat`
        reason, _, place = str(error).partition(" - at ")
        raise RegionPackBroken(file.name, place.strip("`").removeprefix("$").removeprefix("."), reason) from error
    except (ValueError, msgspec.DecodeError) as error:
        raise RegionPackBroken(file.name, "", str(error)) from error


def _by(key: str, file: Path, record: type[Record]) -> Mapping[str, Record]:
    """Read a file's list of records and give them by their key, in the order of the file."""
    records = read_pack_file(file, list[record])  # type: ignore[valid-type]  # a type made at run time
    found: dict[str, Record] = {}
    for number, each in enumerate(records):
        code = getattr(each, key)
        _demand(code not in found, file.name, f"[{number}].{key}", f"{code} stands twice")
        found[code] = each
    return MappingProxyType(found)


def _channel(written: ChannelAsWritten, region: RegionAsWritten) -> Channel:
    held = (each for each in written.languages if each in region.languages.texts)
    return Channel(**msgspec.structs.asdict(written), feed_language=next(held, written.languages[0]))


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RegionPackBroken("region.toml", "time_zone", f"no time zone is called {name}") from error


def _check_counties(counties: Mapping[str, County], voivodeship: str) -> None:
    for code in counties:
        inside = code.startswith(voivodeship)
        _demand(inside, "counties.json", "teryt", f"{code} is not in voivodeship {voivodeship}")


def _check_organisations(known: Mapping[str, Organisation], counties: Mapping[str, County], curator: str) -> None:
    for each in known.values():
        there = each.county is None or each.county in counties
        _demand(there, "organisations.json", f"{each.slug}.county", f"there is no county {each.county}")
    _demand(curator in known, "region.toml", "curator", f"no organisation is called {curator}")


def _check_selections(
    channels: Mapping[str, ChannelAsWritten], counties: Mapping[str, County], categories: Mapping[str, Category]
) -> None:
    for each in channels.values():
        for code in each.selection.county:
            field = f"{each.slug}.selection.county"
            _demand(code in counties, "channels.json", field, f"there is no county {code}")
        for slug in each.selection.category:
            field = f"{each.slug}.selection.category"
            _demand(slug in categories, "channels.json", field, f"there is no category {slug}")


def _check_texts(texts: Mapping[str, str]) -> None:
    """Refuse a text without Polish. A ValueError in ``__post_init__`` gets its place in the file from msgspec."""
    if not texts.get("pl", "").strip():
        raise ValueError("a Polish text is missing")
    _check_known(texts)


def _check_known(codes: Iterable[str]) -> None:
    unknown = [code for code in codes if code not in LANGUAGES]
    if unknown:
        raise ValueError(f"unknown language {', '.join(unknown)}")


def _demand(met: bool, file: str, field: str, reason: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not met:
        raise RegionPackBroken(file, field, reason)
