"""Any event that an organisation may send, for hypothesis."""

from __future__ import annotations

import json
import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from hypothesis import strategies as st

from services.ingest.submission.dates import find_gap, is_doubled
from shared.event.vocabulary import (
    ACCESSIBILITY,
    AUDIENCE,
    AVAILABILITY,
    LICENCES,
    MAX_IMAGES,
    OLDEST_CHILD,
    PICTURE_LICENCES,
    SETTING,
)
from shared.i18n.languages import LANGUAGES
from shared.plain_text import normalize_dashes
from tests.services.ingest.builders import KNOWN

_NO_TEXT = "\ufffc\ufffd\ufffe\uffff"
"""What is dropped or refused wherever it stands, though its category is not that of a control."""
_LETTER = st.characters(categories=("L", "N", "P"), exclude_characters="\u115f\u1160\u3164\uffa0")
"""Something to see: a text of nothing but combining marks, say, counts as empty."""
_REST = st.characters(exclude_categories=("C", "Z"), exclude_characters=_NO_TEXT)
_WORD = st.builds("{}{}".format, _LETTER, st.text(_REST, max_size=7)).map(
    lambda word: unicodedata.normalize("NFC", word)
)


def lines(limit: int) -> st.SearchStrategy[str]:
    """A text of one line, of at most so many characters."""
    return st.lists(_WORD, min_size=1, max_size=4).map(
        lambda words: unicodedata.normalize("NFC", " ".join(words))[:limit].strip()
    )


def paragraphs(limit: int) -> st.SearchStrategy[str]:
    """A text with blank lines between its paragraphs."""
    return st.lists(lines(40), min_size=1, max_size=3).map(
        lambda parts: unicodedata.normalize("NFC", "\n\n".join(parts))[:limit].strip()
    )


def texts(text: st.SearchStrategy[str], *, polish: bool = False) -> st.SearchStrategy[dict[str, str]]:
    """Texts by language; in Polish too if asked for."""
    found = st.dictionaries(st.sampled_from(sorted(LANGUAGES)), text, max_size=3)
    return st.builds(lambda all_, pl: all_ | {"pl": pl}, found, text) if polish else found


@st.composite
def dates(draw: st.DrawFn) -> dict[str, Any]:
    """Dates that can be: days, hours on both sides of the clock changes, months, seasons and other spans."""
    certainty = draw(st.sampled_from(("exact", "provisional", "month", "season")))
    first = draw(st.dates(date(2020, 1, 1), date(2090, 1, 1)))
    last = first + timedelta(days=draw(st.integers(0, 100)))
    if certainty in {"month", "season"} or draw(st.booleans()):
        found: dict[str, Any] = {"certainty": certainty, "start": str(first), "end": str(last)}
        repeats = certainty in {"exact", "provisional"} and draw(st.booleans())
        return found | ({"recurrence": draw(_repeats(first))} if repeats else {})
    return _timed(draw, certainty)


def _repeats(first: date) -> st.SearchStrategy[dict[str, Any]]:
    """A rule, further dates, and one of these cancelled."""
    further = str(first + timedelta(days=1))
    exception = {"date": further, "status": "cancelled", "note": {"pl": "Upał."}}
    rules = st.sampled_from(
        ("FREQ=WEEKLY;COUNT=5", "FREQ=DAILY;INTERVAL=2;COUNT=9", f"FREQ=WEEKLY;UNTIL={first:%Y%m%d}")
    )
    return st.builds(
        lambda rule, exceptions: (
            {"rrule": rule, "rdates": [further]} | ({"exceptions": exceptions} if exceptions else {})
        ),
        rules,
        st.sampled_from(([], [exception])),
    )


RULES = st.builds(
    "FREQ={};{}={}".format,
    st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY")),
    st.sampled_from(("COUNT", "UNTIL", "INTERVAL", "BYDAY", "")),
    st.sampled_from(
        (2, 9, 400, 10**9, "20270807", "20270807T160000Z", "00010101T000000Z", "99991231T235959Z", "SA", "")
    ),
)
"""Rules that may be taken, or not."""
MOMENTS = st.one_of(
    st.sampled_from(("2027-07-07", "2027-07-10T18:00", "2027-07-10T18:00Z", "2027-10-31T02:30", "2027-W30-1", "")),
    st.datetimes().map(lambda moment: moment.isoformat(timespec="minutes")),
    st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
    st.dates().map(date.isoformat),
    st.text(max_size=16),
)
"""Days and times, local or not, of every year; or none."""


def repeats_as_sent() -> st.SearchStrategy[dict[str, Any]]:
    """What may be sent as repeats: of the right form, but with any day, rule and text in it."""
    note = st.dictionaries(st.sampled_from(("pl", "xx", "")), st.text(max_size=4), max_size=1)
    exception = st.fixed_dictionaries(
        {"date": MOMENTS, "status": st.sampled_from(("cancelled", "moved"))},
        optional={"start": MOMENTS, "end": MOMENTS, "note": note},
    )
    exceptions, further = st.lists(exception, max_size=2), st.lists(MOMENTS, max_size=2)
    return _some(rrule=RULES | st.text(max_size=9), rdates=further, exdates=further, exceptions=exceptions)


def carried_repeats() -> st.SearchStrategy[str]:
    """What a page may send back as the repeats that the form carries."""
    anything = st.recursive(
        st.none() | st.integers() | st.text(max_size=4),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
        max_leaves=4,
    )
    return st.one_of(
        st.tuples(MOMENTS, repeats_as_sent() | anything).map(json.dumps), anything.map(json.dumps), st.text()
    )


def typed_days() -> st.SearchStrategy[dict[str, str]]:
    """The first and the last day and hour as somebody types them."""
    days, hours = (
        st.sampled_from(("2027-07-03", "9999-12-31", "0001-01-01", "2000-01-01", "soon", "")),
        st.sampled_from(("18:00", "")),
    )
    fields = {f"{name}_{part}": of for name in ("start", "end") for part, of in (("date", days), ("time", hours))}
    return st.fixed_dictionaries({}, optional=fields)


def _timed(draw: st.DrawFn, certainty: str) -> dict[str, Any]:
    day = draw(st.sampled_from((date(2027, 3, 28), date(2027, 10, 31), date(2027, 8, 14))))
    start = _out_of_gap(datetime.combine(day, draw(st.times(time(0), time(4, 59))).replace(second=0, microsecond=0)))
    end = _out_of_gap(start + timedelta(minutes=draw(st.sampled_from((0, 30, 60, 600, 3000)))))
    found: dict[str, Any] = {"certainty": certainty}
    for name, moment in (("start", start), ("end", end)):
        found[name] = moment.isoformat(timespec="minutes")
        if is_doubled(moment, KNOWN.zone):
            found[f"{name}_fold"] = found.get("start_fold", draw(st.sampled_from((0, 1))))
    if end.date() > start.date() and draw(st.booleans()):  # the hour of the end is not known
        found["end"] = str(end.date())
        found.pop("end_fold", None)
    return found


def _out_of_gap(moment: datetime) -> datetime:
    """Move a moment that the spring's clock change skips an hour on."""
    return moment + timedelta(hours=1) if find_gap(moment, KNOWN.zone) else moment


def _some(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Some of these fields, or none."""
    return st.fixed_dictionaries({}, optional=fields)


_ADDRESSES = st.sampled_from(("https://zagle.example.pl/2027", "http://example.pl", "https://example.pl/a?b=c#d"))
_PLACE = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
_VENUE = _some(id=st.uuids().map(str), name=lines(200), street=lines(200), postcode=lines(40).map(normalize_dashes))
_AGES = st.integers(0, OLDEST_CHILD)


@st.composite
def _audiences(draw: st.DrawFn) -> dict[str, Any]:
    groups = draw(st.lists(st.sampled_from(sorted(AUDIENCE)), unique=True))
    youngest, oldest = sorted((draw(_AGES), draw(_AGES)))
    ages = draw(_some(min=st.just(youngest), max=st.just(oldest))) if "children" in groups else {}
    return {"audience": groups, "ages": ages}


_PICTURES = st.tuples(
    st.fixed_dictionaries(
        {
            "media": st.from_regex(r"[0-9a-f]{64}", fullmatch=True),
            "alt": texts(lines(300), polish=True),
            "credit": lines(200),
            "licence": st.sampled_from(sorted(PICTURE_LICENCES)),
        }
    ),
    _some(valid_until=st.dates(date(2000, 1, 1), date(2099, 12, 31)).map(str)),
).map(lambda each: each[0] | each[1])


_START_PLACES = st.builds(
    lambda words, name, place: (
        words | {"name": name} | (dict(zip(("lat", "lon"), place, strict=True)) if place else {})
    ),
    _VENUE,
    lines(200),
    st.none() | _PLACE,
)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """An event as it is kept: everything that may be said, or little of it."""
    category = draw(st.sampled_from(sorted(KNOWN.categories)))
    also = st.lists(st.sampled_from(sorted(KNOWN.categories - {category})), unique=True, max_size=2)
    venue = draw(_VENUE) | {"town": draw(lines(200)), "county": draw(st.sampled_from(sorted(KNOWN.counties)))}
    if draw(st.booleans()):
        venue["lat"], venue["lon"] = draw(_PLACE)
    tickets = _some(
        free=st.booleans(),
        price=texts(lines(200)),
        url=_ADDRESSES,
        availability=st.sampled_from(sorted(AVAILABILITY)),
        registration_url=_ADDRESSES,
        registration_until=st.sampled_from(("2027-08-10", "2027-08-10T18:00", "2027-10-31T02:30")),
    ).map(_given)
    contact = _some(name=lines(200), email=st.just("biuro@example.pl"), phone=st.just("+48 91 123 45 67"))
    event = {
        "title": draw(texts(lines(120), polish=True)),
        "summary": draw(texts(paragraphs(500))),
        "description": draw(texts(paragraphs(2000))),
        "category": category,
        "also": draw(also),
        "dates": draw(dates()),
        "arrival": draw(texts(lines(300))),
        "venue": venue,
        "start_place": draw(st.one_of(st.just({}), _START_PLACES)),
        "tickets": draw(tickets),
        "accessibility": draw(st.lists(st.sampled_from(sorted(ACCESSIBILITY)), unique=True, max_size=3)),
        **draw(_audiences()),
        "setting": draw(st.lists(st.sampled_from(sorted(SETTING)), unique=True)),
        "contact": draw(contact),
        **draw(_some(external_id=st.just("zagle-2027"), website=_ADDRESSES, licence=st.sampled_from(sorted(LICENCES)))),
        "images": draw(st.lists(_PICTURES, max_size=MAX_IMAGES, unique_by=lambda each: each["media"])),
        **draw(_some(part_of=st.uuids().map(str))),
    }
    return _given(event)


def _given(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ({}, [])}
