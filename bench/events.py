"""Generated events of a programme: the same number gives the same event everywhere.

They are as large as those of the region's real programme (1 kB in JSON, about as much in iCalendar), spread over a
year, its counties and its categories; half of them are in several languages.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import msgspec
from msgspec.structs import replace

from bench.client import SERIAL
from shared.clock import write_instant
from shared.event.recurrence import WEEKDAYS
from shared.eventlog.envelope import Envelope, wrap
from shared.messages import EventPublished, Organiser
from shared.region import Region

YEAR = 2027
PUBLISHED = datetime(YEAR - 1, 11, 1, 8, tzinfo=UTC)
REPEATING_EVERY = 5
# Each with the time between two occurrences, where it is always the same.
RULES: tuple[tuple[str, timedelta | None], ...] = (
    ("FREQ=WEEKLY;COUNT={count};BYDAY={day}", timedelta(weeks=1)),
    ("FREQ=WEEKLY;COUNT={count}", timedelta(weeks=1)),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=12", timedelta(weeks=2)),
    ("FREQ=DAILY;COUNT={count}", timedelta(days=1)),
    ("FREQ=MONTHLY;COUNT=6", None),
)
FIRST_ID_MS = int(PUBLISHED.timestamp() * 1000)
NAMES = {
    "pl": ("Festiwal", "Jarmark", "Koncert", "Regaty", "Spacer", "Targi", "Wystawa", "Zlot", "Święto", "Noc"),
    "en": ("Festival of", "Fair of", "Concert of", "Regatta of", "Walk of", "Market of", "Exhibition of", "Rally of"),
    "de": ("Festival", "Jahrmarkt", "Konzert", "Regatta", "Spaziergang", "Messe", "Ausstellung", "Treffen", "Nacht"),
}
WORDS = {
    "pl": [
        "morze",
        "żagle",
        "muzyka",
        "rzeka",
        "zamek",
        "ogród",
        "wieczór",
        "rodzina",
        "śledź",
        "łódź",
        "miasto",
        "przystań",
        "rynek",
        "taniec",
        "światło",
    ],
    "en": [
        "sea",
        "sails",
        "music",
        "river",
        "castle",
        "garden",
        "evening",
        "family",
        "herring",
        "boat",
        "town",
        "harbour",
        "market",
        "dance",
        "light",
    ],
    "de": [
        "Meer",
        "Segel",
        "Musik",
        "Fluss",
        "Schloss",
        "Garten",
        "Abend",
        "Familie",
        "Hering",
        "Boot",
        "Stadt",
        "Hafen",
        "Markt",
        "Tänze",
        "Lichter",
    ],
}


def make_event(number: int, region: Region) -> dict[str, Any]:
    """As an organisation submits it."""
    random = Random(number)
    languages = ("pl", "en", "de") if number % 2 else ("pl",)
    county = region.counties[random.choice(list(region.counties))]
    first, *others = random.sample(list(region.categories), 2)
    return {
        "title": {
            language: f"{random.choice(NAMES[language])} {_make_words(random, language, 3)}" for language in languages
        },
        "summary": {language: _make_sentence(random, language, 7) for language in languages},
        "description": {"pl": _make_sentence(random, "pl", 14)} if number % 3 == 0 else {},
        "category": first,
        "also": others,
        "dates": _make_dates(random),
        "venue": {
            "name": f"Przystań {random.randrange(400)}",
            "street": f"ul. Portowa {random.randrange(120)}",
            "postcode": f"{random.randrange(70, 79)}-{random.randrange(1000):03}",
            "town": county.seat,
            "county": county.teryt,
            "lat": round(county.lat + random.uniform(-0.1, 0.1), 5),
            "lon": round(county.lon + random.uniform(-0.1, 0.1), 5),
        },
        "website": f"https://wydarzenia.example/{number}",
        "tickets": {"free": random.random() < 0.5},
        "accessibility": ["step_free"],
    }


def encode_bodies(count: int, region: Region) -> tuple[str, ...]:
    """As they are submitted, each with a serial that makes it unique."""
    events = (
        make_event(number, region) | {"website": f"https://wydarzenia.example/{SERIAL}"} for number in range(count)
    )
    return tuple(msgspec.json.encode(each).decode() for each in events)


def make_published(number: int, region: Region) -> EventPublished:
    organisations = list(region.organisations.values())
    organiser = organisations[number % len(organisations)]
    at = _format_instant(PUBLISHED + timedelta(seconds=number))
    return EventPublished(
        event_id=make_event_id(number),
        revision=1,
        status="confirmed",
        organiser=Organiser(organiser.slug, organiser.name),
        external_id=f"bench-{number}",
        published_at=at,
        changed_at=at,
        event=make_event(number, region),
    )


def make_repeating(number: int, region: Region) -> EventPublished:
    """Every fifth event repeats, as a market or a series of concerts does."""
    message = make_published(number, region)
    if number % REPEATING_EVERY:
        return message
    return replace(message, event=message.event | {"dates": make_repeats(number)})


def make_repeats(number: int) -> dict[str, Any]:
    """Dates with a rule: weekly most often; of every third one time is cancelled and one moved."""
    random = Random(f"repeats of {number}")
    first = datetime(YEAR, 1, 1) + timedelta(days=random.randrange(200), hours=random.randrange(9, 20))  # noqa: DTZ001 - local
    rule, step = random.choice(RULES)
    end = first + timedelta(hours=2)
    recurrence: dict[str, Any] = {"rrule": rule.format(day=WEEKDAYS[first.weekday()], count=random.randrange(8, 40))}
    if number % 3 == 0 and step:
        second, third = first + step, first + 2 * step
        moved = {"start": _format_local(third + timedelta(hours=1)), "end": _format_local(third + timedelta(hours=3))}
        recurrence["exceptions"] = [
            {"date": _format_local(second), "status": "cancelled"},
            {"date": _format_local(third), "status": "moved", **moved},
        ]
    return {
        "certainty": "exact",
        "start": _format_local(first),
        "end": _format_local(end),
        "recurrence": recurrence,
    }


def make_event_id(number: int) -> str:
    """A UUID of version 7, a millisecond after the one before."""
    time = f"{FIRST_ID_MS + number:012x}"
    rest = f"{Random(f'id of {number}').getrandbits(72):018x}"
    return f"{time[:8]}-{time[8:]}-7{rest[:3]}-8{rest[3:6]}-{rest[6:]}"


def make_envelopes(count: int, region: Region, *, repeating: bool = False) -> Iterator[Envelope]:
    make = make_repeating if repeating else make_published
    for number in range(count):
        message = make(number, region)
        yield wrap(message, id=make_event_id(number), source="/calendar", time=message.published_at)


def _make_dates(random: Random) -> dict[str, str]:
    day = date(YEAR, 1, 1) + timedelta(days=random.randrange(360))
    if random.random() < 0.5:
        return {"certainty": "exact", "start": day.isoformat(), "end": (day + timedelta(days=2)).isoformat()}
    hour = random.randrange(9, 20)
    return {"certainty": "exact", "start": f"{day}T{hour:02}:00", "end": f"{day}T{hour + 3:02}:30"}


def _format_local(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")


def _make_sentence(random: Random, language: str, count: int) -> str:
    return _make_words(random, language, count).capitalize() + "."


def _make_words(random: Random, language: str, count: int) -> str:
    return " ".join(random.choice(WORDS[language]) for _ in range(count))


def _format_instant(moment: datetime) -> str:
    return write_instant(moment, timespec="seconds")
