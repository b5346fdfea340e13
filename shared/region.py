"""The region pack: all region-specific data, loaded from the files that ``deploy/region/README.md`` describes."""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar
from urllib.parse import quote
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from shared.email_address import AddressInvalid, encode_address
from shared.i18n.collation import build_collation_key
from shared.i18n.languages import LANGUAGES, choose_text

Slug = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=80)]
CountyCode = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{4}$")]
CountryCode = Annotated[str, msgspec.Meta(pattern=r"^[A-Z]{2}$")]
LanguageCode = Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2}$")]
Address = Annotated[str, msgspec.Meta(pattern=r"^https?://\S+$", max_length=500)]
Latitude = Annotated[float, msgspec.Meta(ge=-90, le=90)]
# ``Event`` and its schema.org subtypes for events with visitors.
EventType = Literal[
    "Event",
    "BusinessEvent",
    "ChildrensEvent",
    "ComedyEvent",
    "DanceEvent",
    "EducationEvent",
    "ExhibitionEvent",
    "Festival",
    "FoodEvent",
    "LiteraryEvent",
    "MusicEvent",
    "SaleEvent",
    "ScreeningEvent",
    "SocialEvent",
    "SportsEvent",
    "TheaterEvent",
    "VisualArtsEvent",
]
FactCode = Literal["dates", "status", "availability", "venue"]  # of shared/event/facts_at_once.py
LicenceCode = Literal["CC0-1.0", "CC-BY-4.0", "CC-BY-SA-4.0"]  # of shared/event/vocabulary.py
# Characters of a town's name that are compared.
LONGEST_NAME = 200
Longitude = Annotated[float, msgspec.Meta(ge=-180, le=180)]


RecordT = TypeVar("RecordT")
ShapeT = TypeVar("ShapeT")


class RegionPackBroken(Exception):
    """A region pack is invalid; ``file`` and ``field`` say where, the text says why."""

    def __init__(self, file: str, field: str, reason: str) -> None:
        where = f"{file}, field {field}" if field else file
        super().__init__(f"The region pack cannot be used: {where}: {reason}.")
        self.file = file
        self.field = field


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A record of the pack; an unknown field is refused, as it is most likely a typing error."""


class NamedRecord(_Strict, frozen=True, kw_only=True):
    """``name`` is by language, Polish included."""

    name: Mapping[str, str]

    def __post_init__(self) -> None:
        _check_texts(self.name)

    def get_label(self, language: str) -> str:
        """With the fallback language → en → pl."""
        found = choose_text(self.name, language)
        return found[0] if found else self.name["pl"]


class County(NamedRecord, frozen=True, kw_only=True):
    """A county, or a city with county rights; ``lat`` and ``lon`` are its centre in WGS 84 degrees."""

    teryt: CountyCode
    kind: Literal["county", "city"]
    seat: str
    lat: Latitude
    lon: Longitude


class Municipality(_Strict, frozen=True, kw_only=True):
    """A commune; the first four digits of its TERYT code are its county's."""

    teryt: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{7}$")]
    name: str

    @property
    def county(self) -> str:
        return self.teryt[:4]


class Category(NamedRecord, frozen=True, kw_only=True):
    slug: Slug
    schema_org: EventType  # the type that fits all its events, often just ``Event``


class Organisation(_Strict, frozen=True, kw_only=True):
    """``verified``: ``source`` names it. An unverified one is a guess, never shown as a fact, and gets no account."""

    slug: Slug
    name: str
    town: str
    county: CountyCode | None
    type: Literal["ROT", "LOT", "JST", "NGO", "institution", "company", "agency"]
    role: Literal["curator", "submitter", "recipient"]
    website: Address | None
    verified: bool
    source: Address | None


class ChannelSelection(_Strict, frozen=True, kw_only=True):
    """Values of a list are alternatives; an empty list does not filter."""

    county: tuple[CountyCode, ...]
    category: tuple[Slug, ...]


class ChannelRecord(NamedRecord, frozen=True, kw_only=True):
    """An office abroad; its languages, the preferred first."""

    slug: Slug
    country: CountryCode
    markets: tuple[CountryCode, ...]
    languages: Annotated[tuple[LanguageCode, ...], msgspec.Meta(min_length=1)]
    selection: ChannelSelection
    confirmed_by_pot: bool
    city_verified: bool  # ``source`` names the city, not only the country
    source: Address

    def __post_init__(self) -> None:
        _check_texts(self.name)
        _check_known(self.languages)


class Channel(ChannelRecord, frozen=True, kw_only=True):
    feed_language: str  # its first language that the region has texts in, else its first


class Languages(_Strict, frozen=True, kw_only=True):
    """Language codes: required of every event, of the site, of its feeds, and of the programme's texts."""

    default: LanguageCode
    site: tuple[LanguageCode, ...]
    feeds: tuple[LanguageCode, ...]
    texts: tuple[LanguageCode, ...]

    def __post_init__(self) -> None:
        _check_known((self.default, *self.site, *self.feeds, *self.texts))


class FactsAtOnce(_Strict, frozen=True, kw_only=True):
    """Facts of a public event that an organisation changes at once, marked until a curator has looked."""

    fields: tuple[FactCode, ...]


class RegionRecord(NamedRecord, frozen=True, kw_only=True):
    slug: Slug
    teryt: Annotated[str, msgspec.Meta(pattern=r"^[0-9]{2}$")]
    country: CountryCode
    time_zone: str
    uid_domain: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=100)]
    curator: Slug
    languages: Languages
    publisher: Mapping[str, str]
    email: str = ""
    four_eyes: bool = True
    licence: LicenceCode | None = None
    facts_at_once: FactsAtOnce | None = None

    def __post_init__(self) -> None:
        _check_texts(self.name)
        _check_texts(self.publisher)
        if self.email:
            _check_email(self.email)


class Region(NamedRecord, frozen=True, kw_only=True):
    """Counties, communes by TERYT code; categories, organisations, channels by slug; county codes by a town's key."""

    slug: str
    teryt: str
    country: str
    time_zone: ZoneInfo
    uid_domain: str  # of all iCal UIDs
    curator: Organisation  # decides, and submits events without an organiser
    languages: Languages
    publisher: Mapping[str, str]
    email: str  # where the curator is written to, as SMTP takes it, or empty
    counties: Mapping[str, County]
    categories: Mapping[str, Category]
    organisations: Mapping[str, Organisation]
    channels: Mapping[str, Channel]
    municipalities: Mapping[str, Municipality]
    towns: Mapping[str, frozenset[str]]
    four_eyes: bool  # nobody decides on what an organisation sends of which they are an editor
    licence: str | None  # of every event that names none
    facts_at_once: frozenset[FactCode]  # shown before a curator has looked, and marked

    @property
    def contact(self) -> str:
        """Whom to write to: the curator, with the address if the pack has one."""
        return f"{self.curator.name}, {self.email}" if self.email else self.curator.name

    @property
    def mailto(self) -> str:
        """RFC 6068; empty if the pack has no address."""
        return f"mailto:{quote(self.email, safe='@')}" if self.email else ""

    def find_counties(self, name: str) -> frozenset[str]:
        """Codes of the counties with a municipality of this name."""
        return self.towns.get(_normalize_town(name), frozenset())

    def list_county_labels(self, language: str) -> list[tuple[str, str]]:
        """Pairs of code and name, sorted by name in the language."""
        labels = ((code, county.get_label(language)) for code, county in self.counties.items())
        return sorted(labels, key=lambda each: build_collation_key(each[1], language))

    def get_publisher_label(self, language: str) -> str:
        found = choose_text(self.publisher, language)
        return found[0] if found else self.publisher["pl"]


def load_region(path: Path) -> Region:
    """Load a pack from its folder; ``municipalities.json`` is optional. Raises RegionPackBroken."""
    written = read_pack_file(path / "region.toml", RegionRecord)
    counties = _read_by_key("teryt", path / "counties.json", County)
    categories = _read_by_key("slug", path / "categories.json", Category)
    organisations = _read_by_key("slug", path / "organisations.json", Organisation)
    channels = _read_by_key("slug", path / "channels.json", ChannelRecord)
    _check_counties(counties, written.teryt)
    _check_organisations(organisations, counties, written.curator)
    _check_selections(channels, counties, categories)
    municipalities = _read_municipalities(path / "municipalities.json", counties)
    return Region(
        **msgspec.structs.asdict(written)
        | {
            "time_zone": _load_zone(written.time_zone),
            "facts_at_once": frozenset(written.facts_at_once.fields if written.facts_at_once else ()),
            "curator": organisations[written.curator],
            "email": encode_address(written.email) if written.email else "",
            "counties": counties,
            "categories": categories,
            "organisations": organisations,
            "channels": MappingProxyType({slug: _create_channel(each, written) for slug, each in channels.items()}),
            "municipalities": municipalities,
            "towns": _index_towns(municipalities),
        }
    )


def read_pack_file(file: Path, shape: type[ShapeT]) -> ShapeT:
    """TOML or JSON by its suffix; raises RegionPackBroken."""
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


def _read_by_key(key: str, file: Path, record: type[RecordT]) -> Mapping[str, RecordT]:
    records = read_pack_file(file, list[record])  # type: ignore[valid-type]  # a type made at run time
    found: dict[str, RecordT] = {}
    for number, each in enumerate(records):
        code = getattr(each, key)
        _require(code not in found, file.name, f"[{number}].{key}", f"{code} stands twice")
        found[code] = each
    return MappingProxyType(found)


def _read_municipalities(file: Path, counties: Mapping[str, County]) -> Mapping[str, Municipality]:
    if not file.is_file():
        return MappingProxyType({})
    found = _read_by_key("teryt", file, Municipality)
    for each in found.values():
        _require(each.county in counties, file.name, f"{each.teryt}.teryt", f"there is no county {each.county}")
    return found


def _index_towns(municipalities: Mapping[str, Municipality]) -> Mapping[str, frozenset[str]]:
    # Also by its name without what is added in brackets.
    found: dict[str, frozenset[str]] = {}
    for each in municipalities.values():
        for name in {_normalize_town(each.name), _normalize_town(each.name.partition("(")[0])}:
            found[name] = found.get(name, frozenset()) | {each.county}
    return MappingProxyType(found)


@lru_cache(maxsize=1_024)  # every submission names one of a few hundred
def _normalize_town(name: str) -> str:
    # Letters without diacritics, as people type it on any keyboard.
    letters = unicodedata.normalize("NFD", name[:LONGEST_NAME].casefold()).replace("ł", "l").replace("-", " ")
    return " ".join("".join(letter for letter in letters if not unicodedata.combining(letter)).split())


def _create_channel(written: ChannelRecord, region: RegionRecord) -> Channel:
    held = (each for each in written.languages if each in region.languages.texts)
    return Channel(**msgspec.structs.asdict(written), feed_language=next(held, written.languages[0]))


def _load_zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise RegionPackBroken("region.toml", "time_zone", f"no time zone is called {name}") from error


def _check_counties(counties: Mapping[str, County], voivodeship: str) -> None:
    for code in counties:
        inside = code.startswith(voivodeship)
        _require(inside, "counties.json", "teryt", f"{code} is not in voivodeship {voivodeship}")


def _check_organisations(known: Mapping[str, Organisation], counties: Mapping[str, County], curator: str) -> None:
    for each in known.values():
        there = each.county is None or each.county in counties
        _require(there, "organisations.json", f"{each.slug}.county", f"there is no county {each.county}")
    _require(curator in known, "region.toml", "curator", f"no organisation is called {curator}")


def _check_selections(
    channels: Mapping[str, ChannelRecord], counties: Mapping[str, County], categories: Mapping[str, Category]
) -> None:
    for each in channels.values():
        for code in each.selection.county:
            field = f"{each.slug}.selection.county"
            _require(code in counties, "channels.json", field, f"there is no county {code}")
        for slug in each.selection.category:
            field = f"{each.slug}.selection.category"
            _require(slug in categories, "channels.json", field, f"there is no category {slug}")


def _check_texts(texts: Mapping[str, str]) -> None:
    # To a ValueError in ``__post_init__`` msgspec adds the place in the file.
    if not texts.get("pl", "").strip():
        raise ValueError("a Polish text is missing")
    _check_known(texts)


def _check_email(email: str) -> None:
    try:
        encode_address(email)
    except AddressInvalid:
        raise ValueError(f"{email} is no mail address") from None


def _check_known(codes: Iterable[str]) -> None:
    unknown = [code for code in codes if code not in LANGUAGES]
    if unknown:
        raise ValueError(f"unknown language {', '.join(unknown)}")


def _require(met: bool, file: str, field: str, reason: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not met:
        raise RegionPackBroken(file, field, reason)
