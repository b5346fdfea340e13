"""The hostile requests that are named: every one that somebody was seen to play, and its neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from tests.access.doors import FORM, MEDIA
from tests.access.house import Person
from tests.security.hostile.attack import ANY_REFUSAL, Attack, fill, get, raw, send
from tests.shared.media.drawing import draw_quarters, encode, write_png
from tests.support.builders import make_submission

LOGIN: Final = "/ingest/login"
NEW: Final = "/ingest/submissions/new"
SUBMISSIONS: Final = "/ingest/api/v1/submissions"
VALIDATE: Final = f"{SUBMISSIONS}/validate"
REVIEWS: Final = "/calendar/api/v1/reviews"
MULTIPART: Final = b"multipart/form-data; boundary=b; charset="
URLENCODED: Final = b"application/x-www-form-urlencoded; charset="
MARKS: Final = "a" + "\u0301" * 40_000 + "\u0323" * 40_000
DIGITS: Final = "9" * 4_301
LISTS: Final[tuple[tuple[str, Person | None], ...]] = (
    (SUBMISSIONS, "owner"),
    (REVIEWS, "curator"),
    ("/api/v1/events", None),
)
CURSORS: Final = (200, 400)
"""A cursor may be anything that was a place once."""
UNSHOWABLE: Final = {
    "a noncharacter": "\ufdd0",
    "a noncharacter of another plane": "\U0001fffe",
    "a tag": "a\U000e0041",
    "private use": "\ue000",
    "a trace of damage": "\ufffd",
    "zero width": "\u200b\u200b",
    "a word joiner": "\u2060",
    "a soft hyphen": "\u00ad",
    "a filler": "\u3164",
    "blank braille": "\u2800",
    "a variation selector": "\ufe0f",
    "a lone mark": "\u0301",
    "marks of order": "\u202e\u2066",
}


def attacks() -> Iterator[Attack]:
    """Give all of them."""
    for each in GROUPS.values():
        yield from each()


def _part(content: bytes) -> bytes:
    return b'--b\r\nContent-Disposition: form-data; name="email"\r\n\r\n' + content + b"\r\n--b--\r\n"


def logging_in() -> Iterator[Attack]:
    """At the log-in: open to everybody, before attempts are counted."""
    slow = b"a" * 480_000 + b"-" + b"a" * 480_000
    for what, charset, content in (
        ("punycode", b"punycode", slow),
        ("a charset that nobody knows, another each time", b"x<serial>" + b"x" * 10_000, b"a" * 31_000),
        ("unicode_escape", b"unicode_escape", b"\\ud800"),
        ("undefined", b"undefined", b"a"),
        ("idna", b"idna", b"xn--a" * 1_000),
        ("utf-7", b"utf-7", b"+AAAA" * 10_000),
        ("no charset", b"", b"a" * 10_000),
    ):
        headers = {"Content-Type": MULTIPART + charset}
        yield fill(f"log-in, multipart in {what}", LOGIN, _part(content), 415, headers=headers, who=None)
    for charset in (b"punycode", b"unicode_escape", b"idna", b"utf-16", b"x<serial>"):
        headers = {"Content-Type": URLENCODED + charset}
        what = f"log-in, a form in {charset.decode()}"
        yield fill(what, LOGIN, b"email=" + slow[:150_000], 415, headers=headers, who=None)
    bodies: dict[str, tuple[bytes, int]] = {
        "960 kB of percent signs": (b"email=" + b"%" * 960_000, 413),
        "as many percent signs as may come": (b"email=" + b"%" * 149_000, 422),
        "as many characters as may come": (b"email=" + b"z" * 149_000, 422),
        "more characters than may come": (b"email=" + b"z" * 151_000, 413),
        "escapes as long as they may be": (b"email=" + b"%C5%BC" * 26_000, 422),
        "escapes that are not UTF-8": (b"email=" + b"%FF" * 50_000, 400),
        "half characters": (b"email=%ED%A0%80", 400),
        "a password as long as it may be": (b"email=a%40b.pl&password=" + b"z" * 149_000, 422),
        "very many fields": (b"&" * 150_000, 400),
        "as many fields as may come": (b"&".join(b"kept.%d=z" % number for number in range(499)), 422),
        "a field's name as long as the form": (b"z" * 150_000 + b"=", 422),
        "where to lead on, very long": (b"email=a&password=b&next=/" + b"z" * 100_000, 422),
        "marks without an end": (b"email=a" + b"%CC%81" * 25_000, 422),
    }
    for what, (body, status) in bodies.items():
        allowed = (status, 429) if status == 422 else (status,)
        yield fill(f"log-in, {what}", LOGIN, body, *allowed, who=None)
    kept = form_of_quotes(149_000)
    yield fill("log-in, a form to keep, of quotes", LOGIN, kept, 422, 429, who=None, repeats=True)


def form_of_quotes(length: int) -> bytes:
    """A form that is kept through the log-in, of signs that are shown by five."""
    return b"email=a&password=b&next=/ingest/submissions/new&kept.title=" + b"%22" * (length // 3)


def _event(**changes: Any) -> dict[str, Any]:  # noqa: ANN401 - an event's fields are of all kinds
    return make_submission(external_id=None, **changes)


def _text_fields(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Put a text into each field that takes one."""
    yield "title", _event(title={"pl": text})
    yield "summary", _event(summary={"pl": text})
    yield "description", _event(description={"pl": text})
    yield "price", _event(tickets={"free": False, "price": {"pl": text}})
    for name in ("name", "street", "postcode", "town"):
        yield f"venue.{name}", _event(venue={"town": "Szczecin", "county": "3262", name: text})
    for name in ("name", "email", "phone"):
        yield f"contact.{name}", _event(contact={name: text})
    yield "external_id", _event() | {"external_id": text}
    yield "website", _event(website=text)
    yield "a language", _event(title={"pl": "Żagle", text: "x"})
    yield "category", _event(category=text)
    yield "also", _event(also=[text])
    yield "accessibility", _event(accessibility=[text])
    yield "audience", _event(audience=[text])
    yield "setting", _event(setting=[text])
    yield "licence", _event(licence=text)
    yield "availability", _event(tickets={"availability": text})
    yield "registration_url", _event(tickets={"registration_url": text})
    yield "registration_until", _event(tickets={"registration_until": text})
    yield "start", _event(dates={"certainty": "exact", "start": text, "end": text})


def of_texts() -> Iterator[Attack]:
    """Texts that cost more than their length, or that cannot be shown."""
    for what, text in {
        "marks without an end": MARKS,
        "letters without an end": "z" * 160_000,
        "a long name of a host": "https://" + "ż" * 20_000 + ".pl/",
        "labels of a host": "https://" + "ż." * 20_000,
        "escapes": "https://a.pl/" + "%C5%BC" * 20_000,
        "joiners": "\u200d" * 50_000,
        "blanks": "a" + " " * 100_000 + "b",
        "line breaks": "a" + "\r\n" * 50_000 + "b",
        "at signs": "a@" * 50_000,
        "digits": "2027-08-14T18:00:00." + "0" * 100_000,
    }.items():
        for name, event in _text_fields(text):
            yield send(f"{name}: {what}", VALIDATE, event, 422)
    for what, text in UNSHOWABLE.items():
        for name, event in list(_text_fields(text))[:5]:
            yield send(f"{name}: {what}", VALIDATE, event, 422)
    for what, text in {
        "within its limit, of marks": "a" + "\u0301" * 118,
        "within its limit, of Hangul": "\u1100\u1161\u11a8" * 39,
        "within its limit, of ligatures": "\ufdfa" * 119,
    }.items():
        yield send(f"title, {what}", VALIDATE, _event(title={"pl": text}), 200, 422)
    yield send("website, within its limit", VALIDATE, _event(website="https://" + "ż" * 480), 422)
    labels = _event(website="https://" + ".".join(["ż" * 20] * 20) + ".pl")
    yield send("website, labels within its limit", VALIDATE, labels, 200, 422)


def of_json() -> Iterator[Attack]:
    """JSON that costs more than its length."""
    many = 50_000
    for what, event in {
        "accessibility of 50,000": _event(accessibility=["step_free"] * many),
        "titles in 50,000 languages": _event(title={f"x{number}": "a" for number in range(many)}),
        "50,000 unknown fields": _event() | {f"f{number}": 1 for number in range(many)},
    }.items():
        yield send(what, VALIDATE, event, 400)
    for what, event in {
        "accessibility of 4,000": _event(accessibility=[f"x{number}" for number in range(4_000)]),
        "titles in 2,400 languages": _event(title={f"x{number}": "a" for number in range(2_400)}),
        "titles in 2,400 long languages": _event(title={"z" * 350 + str(number): "a" for number in range(2_400)}),
        "4,000 unknown fields": _event() | {f"f{number}": 1 for number in range(4_000)},
        "400 unknown fields of long names": _event() | {"z" * 2_000 + str(number): 1 for number in range(400)},
        "also, 4,000 of it": _event(also=[f"x{number}" for number in range(4_000)]),
        "4,000 images": _event(images=["x"] * 4_000),
        "coordinates that are no numbers": _event(venue={"town": "S", "lat": 1e308, "lon": -1e308}),
        "numbers for texts": _event(title={"pl": 10**99}),
        "ages of no child": _event(audience=["children"], ages={"min": 10**99, "max": -(10**99)}),
    }.items():
        yield send(what, VALIDATE, event, 422)
    for what, (body, statuses) in {
        "brackets": (b"[" * 900_000, (400,)),
        "objects in each other": (b'{"a":' * 100_000, (400,)),
        "quotes": (b'"' * 999_999, (400,)),
        "backslashes": (b'"' + b"\\" * 999_000, (400,)),
        "one text of 1 MB": (b'"' + b"z" * 999_000 + b'"', (422,)),
        "escapes of 1 MB": (b'{"title": {"pl": "' + b"\\u0301" * 160_000 + b'"}}', (422,)),
        "half characters of 1 MB": (b'{"title": {"pl": "' + b"\\ud800" * 160_000 + b'"}}', (400,)),
        "a number of 900,000 digits": (b"9" * 900_000, (400,)),
        "a number of 100 digits": (b'{"title": ' + b"9" * 100 + b"}", (422,)),
        "a power of 100 digits": (b'{"title": 1e' + b"9" * 99 + b"}", (400, 422)),
        "commas": (b"," * 999_000, (400,)),
        "colons": (b":" * 999_000, (400,)),
        "blanks": (b" " * 999_000, (400,)),
        "zero bytes": (b"\x00" * 999_000, (400,)),
        "4,900 times the same name": (b"{" + b'"title":1,' * 4_900 + b'"a":1}', (422, 400)),
        "no UTF-8": (b'{"title": "\xff\xfe"}', (400,)),
        "UTF-16": ('{"title": 1}'.encode("utf-16"), (400,)),
        "a mark of byte order": (b'\xef\xbb\xbf{"title": 1}', (400,)),
        "NaN": (b'{"title": NaN}', (400,)),
        "nothing": (b"", (400, 415, 422)),
        "null": (b"null", (422,)),
        "more than 1 MB": (b'"' + b"z" * 1_500_000 + b'"', (413,)),
    }.items():
        yield send(f"JSON: {what}", VALIDATE, body, *statuses)
        yield send(f"JSON, sent in: {what}", SUBMISSIONS, body, *statuses)
    packed = {"Content-Type": b"application/json", "Content-Encoding": b"gzip"}
    yield send("JSON in gzip", SUBMISSIONS, b"\x1f\x8b\x08" + b"\x00" * 500_000, 400, headers=packed)


def of_repeats() -> Iterator[Attack]:
    """Repeats that cost more than their length."""
    day = {"certainty": "exact", "start": "2027-07-03", "end": "2027-07-03"}
    off = {"date": "2027-07-10", "status": "cancelled"}
    for what, recurrence in {
        "each second": {"rrule": "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;COUNT=9"},
        "without an end": {"rrule": "FREQ=DAILY"},
        "a thousand million times": {"rrule": "FREQ=DAILY;COUNT=1000000000"},
        "on no day of any year": {"rrule": "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2"},
        "on no place of any month": {"rrule": "FREQ=MONTHLY;BYDAY=MO;BYSETPOS=31,30,29,28,27,26,25,24;COUNT=2"},
        "a rule of 900,000 characters": {"rrule": "FREQ=DAILY;" * 80_000},
        "as many exceptions as a body may have": {"rrule": "FREQ=DAILY;COUNT=400", "exceptions": [off] * 1_000},
        "as many further dates as a body may have": {"rdates": ["2027-07-10"] * 4_000},
    }.items():
        yield send(f"repeats, {what}", VALIDATE, _event(dates=day | {"recurrence": recurrence}), 422)
    most = [f"2027-{month:02}-{day:02}" for month in range(8, 13) for day in range(1, 31)]
    busy = {"rrule": "FREQ=DAILY;COUNT=400", "exceptions": [off | {"date": each} for each in most[:100]]}
    yield send("repeats, as many as there may be", VALIDATE, _event(dates=day | {"recurrence": busy}), 200)


def of_names() -> Iterator[Attack]:
    """What a program names an event, a request or a version by."""
    event = _event(title={"pl": "Zażółć"})
    for what, name in {
        "decomposed": "s%CC%81wie%CC%A8to-2027",
        "with blanks": "%20abc-9%20",
        "a noncharacter": "%EF%B7%90",
        "half a character": "%ED%A0%80",
        "too long": "z" * 7_900,
        "marks": "a" + "%CC%81" * 1_200,
        "a line feed": "a%0a",
    }.items():
        for method in ("GET", "PUT"):
            body = event if method == "PUT" else b""
            address = f"{SUBMISSIONS}/by-reference/{name}"
            yield send(f"{method} by-reference, {what}", address, body, 200, 201, 404, 409, 422, method=method)
    own = f"{SUBMISSIONS}/<waiting>"
    for what, value in {
        "4,301 digits": f'"{DIGITS}"'.encode(),
        "31 kB of digits": b'"' + b"9" * 30_000 + b'"',
        "very many": b'"1", ' * 6_000,
        "wide digits": '"１"'.encode(),
        "with a sign": b'"+1"',
        "with an underline": b'"1_0"',
        "quotes": b'"' * 30_000,
        "weak": b"W/" * 15_000,
    }.items():
        yield send(f"If-Match: {what}", own, event, 400, 412, method="PUT", headers={"If-Match": value})
    for what, value in {"long": b"z" * 30_000, "of no ASCII": b"\xff\xfe", "empty": b""}.items():
        headers = {"Idempotency-Key": value}
        yield send(f"Idempotency-Key, {what}", SUBMISSIONS, event, 400, headers=headers)
    for what, query in {
        "limit of 4,301 digits": f"limit={DIGITS}",
        "limit of wide digits": "limit=%EF%BC%91",
        "a cursor of 7 kB": "cursor=" + "W" * 7_000,
        "a cursor that is deep": "cursor=" + "W1tb" * 1_500,
        "a cursor of half characters": "cursor=IlxkZDgwMCI",
        "1,900 parameters": "&".join(["a=1"] * 1_900),
        "1,900 different parameters": "&".join(f"a{number}" for number in range(1_100)),
        "state, very long": "state=" + "z" * 7_000,
    }.items():
        for address, who in LISTS:
            yield _repeating(get(f"{address}, {what}", f"{address}?limit=1&{query}", *CURSORS, who=who))


def of_forms() -> Iterator[Attack]:
    """The form of an event."""
    base = {**FORM, "key": "<serial>", "title.pl": "Żagle <serial>"}
    for what, changes in {
        "a title of marks": {"title.pl": MARKS[:24_000]},
        "a title of letters": {"title.pl": "z" * 100_000},
        "a description of quotes": {"description.pl": '"' * 90_000},
        "a key that cannot be read": {"key": "ż" * 500, "title.pl": ""},
        "lat with an underline": {"venue.lat": "1_0", "venue.lon": "14"},
        "lat of wide digits": {"venue.lat": "１２", "venue.lon": "14"},
        "lat as a power": {"venue.lat": "1e5", "venue.lon": "14"},
        "lat of 4,301 digits": {"venue.lat": DIGITS, "venue.lon": "14"},
        "a day of 4,301 digits": {"start_date": DIGITS},
        "a day of a year that there is not": {"start_date": "0000-00-00"},
        "the last day of all": {"start_date": "9999-12-31", "end_date": "9999-12-31"},
        "an hour of 4,301 digits": {"start_time": DIGITS},
        "a noncharacter": {"title.pl": "\ufdd0"},
    }.items():
        yield fill(f"form: {what}", NEW, {**base, **changes}, 422, repeats=True)
    yield fill("form: 450 languages", NEW, {**base, **{f"title.x{number}": "z" for number in range(450)}}, 303, 422)
    yield fill("form: also, 450 times", NEW, [*base.items(), *[("also", f"x{number}") for number in range(450)]], 422)
    yield fill("form: the whole of it quotes", NEW, {**base, "description.pl": '"' * 99_000}, 413, 422, repeats=True)
    yield fill("form: more than may come", NEW, b"title.pl=" + b"z" * 400_000, 413)
    yield fill("form: without a token", NEW, b"title.pl=" + b"%22" * 49_000, 403, repeats=True)
    yield fill(
        "form: of nobody",
        NEW,
        b"title.pl=" + b"%22" * 49_000,
        401,
        who=None,
        headers={"Sec-Fetch-Site": b"same-origin"},
        repeats=True,
    )
    yield fill(
        "form: of nobody, not UTF-8", NEW, b"title.pl=%ff", 400, who=None, headers={"Sec-Fetch-Site": b"same-origin"}
    )
    yield fill("form: version of 4,301 digits", "/ingest/submissions/<waiting>/edit", {**base, "version": DIGITS}, 409, 412, 422, repeats=True)  # noqa: E501  # fmt: skip
    for what, address in {"form": "/ingest/submissions/<heavy>/edit", "page": "/ingest/submissions/<heavy>"}.items():
        yield _repeating(get(f"the {what} of the heaviest event", address, 200, who="owner"))


def of_curators() -> Iterator[Attack]:
    """What a curator opens, and what decides."""
    for name in ("diffed", "heavy", "waiting"):
        what = f"the curator's page of what is {name}"
        yield _repeating(get(what, f"/calendar/entries/<{name}>", 200, who="curator"))
        yield _repeating(get(f"{what}, as data", f"{REVIEWS}/<{name}>", 200, who="curator"))
    decision = {"id": "<at_stake>", "review_number": 99, "decision": "accept"}
    many = f"{REVIEWS}/decisions"
    for what, decisions in {
        "an id of half a character": [decision, {**decision, "id": "\ud800"}],
        "an id of a noncharacter": [{**decision, "id": "\ufdd0"}],
        "a very long id": [{**decision, "id": "z" * 900_000}],
        "a number of 100 digits": [{**decision, "review_number": 10**99}],
        "1,600 ids": [{**decision, "id": f"x{number}"} for number in range(1_600)],
        "100 long ids": [{**decision, "id": "z" * 9_000} for _ in range(100)],
        "a comment of marks": [{**decision, "comment": MARKS}],
    }.items():
        yield send(f"decisions, {what}", many, {"decisions": decisions}, 200, 207, 400, 422, who="curator")
    reject = f"{REVIEWS}/<at_stake>/reject"
    for what, comment in {"of marks": MARKS, "of letters": "z" * 900_000, "a noncharacter": "\ufdd0"}.items():
        sent = {"reason": "other", "comment": comment}
        headers = {"If-Match": b'"999"'}
        yield send(f"a comment, {what}", reject, sent, 412, 422, who="curator", headers=headers)
    for what, fields in {
        "450 entries": [*(("entry", f"x{number}.1") for number in range(450)), ("decision", "accept")],
        "450 entries to be rejected": [*(("entry", f"x{number}.1") for number in range(450)), ("decision", "reject")],
        "a very long entry": [("entry", "z" * 100_000), ("decision", "accept")],
        "an entry of 4,301 digits": [("entry", f"<at_stake>.{DIGITS}"), ("decision", "accept")],
        "where to go back, very long": [("entry", "x.1"), ("decision", "accept"), ("back", "/" + "z" * 100_000)],
    }.items():
        yield fill(f"picked: {what}", "/calendar/decisions", fields, 200, 303, *ANY_REFUSAL, who="curator")
    decide = "/calendar/entries/<at_stake>/decision"
    typed = {"review_number": DIGITS, "decision": "reject", "comment": '"' * 90_000}
    yield fill("a decision of quotes", decide, typed, *ANY_REFUSAL, who="curator", repeats=True)
    yield fill(
        "a decision of marks", decide, {**typed, "comment": MARKS[:24_000]}, *ANY_REFUSAL, who="curator", repeats=True
    )
    for year in (DIGITS, "0", "99999", "2027%0a", "%EF%BC%92027", "+2027", "2_027"):
        yield get(f"programme of {year[:9]}", f"/calendar/programme/{year}", 404, who="curator")
        yield get(
            f"programme of {year[:9]}, as data",
            f"/calendar/api/v1/programme/{year}",
            400,
            404,
            422,
            who="curator",
        )


def _repeating(attack: Attack) -> Attack:
    return Attack(**{**attack.__dict__, "repeats": True})


def of_heads() -> Iterator[Attack]:
    """Headers and cookies, at a page, an API and a feed, which is answered in front of both."""
    feed, page, api = "/feeds/programme.ics", "/pl/", "/api/v1/events?county=3262"
    long = {
        "Accept-Language": b"pl;q=0.1," * 3_400,
        "Accept-Encoding": b"gzip;q=0," * 3_400,
        "Accept": b"text/html;q=0.1," * 1_900,
        "If-None-Match": b'"z", ' * 6_000,
        "If-Modified-Since": b"z" * 30_000,
        "Range": b"bytes=" + b"0-," * 10_000,
        "Origin": b"https://" + b"z" * 30_000,
        "Referer": b"https://" + b"z" * 30_000,
        "X-Request-Id": b"z" * 30_000,
        "X-Forwarded-For": b"192.0.2.1, " * 2_700,
        "X-Forwarded-Proto": b"https," * 5_000,
        "Forwarded": b"for=192.0.2.1;" * 2_000,
        "traceparent": b"00-" + b"0" * 30_000,
        "tracestate": b"a=b," * 7_000,
        "Authorization": b"Bearer " + b"z" * 30_000,
        "Cookie": b'kal_theme="' + b"\\" * 31_000,
    }
    for name, value in long.items():
        for address in (feed, page, api, "/pl/events/<public>", "/pl/events/<public>.ics", "/static/site.css"):
            yield get(f"{name}, long, at {address}", address, 200, 304, 400, 404, headers={name: value})
        yield get(f"{name}, long, at the log-in", LOGIN, 200, 303, 400, headers={name: value})
        own = f"{SUBMISSIONS}?limit=1"
        headers = {name: value}
        yield _repeating(get(f"{name}, long, at an API", own, 200, 400, 401, headers=headers, who="owner"))
    for what, value in {
        "a year that there is not": b"Sat, 14 Aug 99999999999 18:00:00 GMT",
        "the year 0": b"Sat, 01 Jan 0000 00:00:00 GMT",
        "an hour that there is not": b"Sat, 14 Aug 2027 99:99:99 GMT",
        "a zone without an end": b"Sat, 14 Aug 2027 18:00:00 +" + b"9" * 4_301,
        "no ASCII": b"\xff\xfe",
        "nothing": b"",
    }.items():
        for address in (feed, page, api, "/pl/events/<public>.ics"):
            headers = {"If-Modified-Since": value}
            yield get(f"If-Modified-Since, {what}, at {address}", address, 200, headers=headers)
    backslashes = b'kal_theme="' + b"\\" * 15_000
    for what, cookie in {
        "a theme of backslashes": backslashes,
        "a theme of octals": b'kal_theme="' + b"\\101" * 7_000 + b'"',
        "a session of 30 kB": b"kal_session=" + b"z" * 30_000,
        "7,000 cookies": b"a=b;" * 7_000,
        "7,000 of ours": b"kal=b;" * 5_000,
        "no ASCII": b"kal_theme=\xff\xfe",
        "only semicolons": b";" * 31_000,
        "only blanks": b" \t" * 15_000,
    }.items():
        for address in (page, LOGIN, "/calendar/", "/theme/dark"):
            yield get(f"cookies at {address}: {what}", address, 200, 303, 431, headers={"Cookie": cookie})
    for address in (feed, page, LOGIN, REVIEWS):
        over = {"X-Long": b"z" * 60_000}
        yield get(f"60 kB of headers at {address}", address, 431, headers=over)
        twice = (("Host", b"a"), ("Host", b"b"))
        yield get(f"two hosts at {address}", address, 400, headers=twice)


def of_addresses() -> Iterator[Attack]:
    """Paths and queries."""
    page, feed = "/pl/", "/feeds/programme.ics"
    for what, path in {
        "a year of 4,301 digits": f"/pl/{DIGITS}",
        "a month of 4,301 digits": f"/pl/2027/{DIGITS}",
        "a year and month of digits": f"/pl/{DIGITS[:3_900]}/{DIGITS[:3_900]}",
        "wide digits": "/pl/%EF%BC%92027",
        "a year with a sign": "/pl/+2027",
        "an id of marks": "/pl/events/a" + "%CC%81" * 1_200,
        "a long id": "/pl/events/" + "z" * 7_900,
        "a language without an end": "/" + "z" * 7_900 + "/",
        "half a character": "/pl/%ED%A0%80",
        "a line feed": "/livez%0a",
        "a zero byte": "/pl/%00",
        "slashes": "/" * 7_900,
        "dots": "/.." * 2_600,
        "percent signs": "/pl/" + "%25" * 2_600,
        "a feed of a long name": "/feeds/" + "z" * 7_000 + ".ics",
        "a feed of many dots": "/feeds/" + "a." * 3_900,
        "a sitemap of 4,301 digits": f"/sitemap-events-{DIGITS}.xml",
        "a static file of dots": "/static/" + "../" * 2_600 + "etc/passwd",
        "an office that there is not": "/pl/offices/" + "z" * 7_000,
        "an event's id of half a character, as data": "/api/v1/events/%ED%A0%80",
        "an event's long id, as data": "/api/v1/events/" + "z" * 7_900,
    }.items():
        for method in ("GET", "HEAD", "POST"):
            yield get(f"{method} {what}", path, 303, 308, 400, 404, 405, method=method)
    for path in (page, feed, LOGIN):
        yield get(f"an address of 48 kB at {path}", f"{path}?a=" + "z" * 48_000, 414)
        yield get(f"a query of 7 kB at {path}", f"{path}?utm_a=" + "z" * 7_000, 200)
        yield get(f"a query of no UTF-8 at {path}", f"{path}?county=%ff", 200, 400)
    for id_ in ("%0a", "z" * 7_900, "%ED%A0%80", "%EF%B7%90"):
        yield get(f"an own entry {id_[:9]}", f"/ingest/submissions/{id_}", 404, who="owner")
        yield get(f"an own entry {id_[:9]}, as data", f"{SUBMISSIONS}/{id_}", 404, who="owner")
        yield get(f"an entry {id_[:9]}", f"/calendar/entries/{id_}", 404, who="curator")
        yield get(f"an entry {id_[:9]}, as data", f"{REVIEWS}/{id_}", 404, who="curator")
    yield get("where to lead on, 7 kB", "/ingest/login?next=/" + "z" * 7_000, 200)
    yield get("a theme, and where to go, 7 kB", "/theme/dark?next=/" + "z" * 7_000, 303)
    yield get("a method that nobody knows", "/ingest/login", 400, 405, method="PROPFIND")
    host = b"Host: a\r\n"
    yield raw("a method as long as an address", "ingest", b"Z" * 7_000 + b" / HTTP/1.1\r\n" + host + b"\r\n", 400)
    post = b"POST /ingest/login HTTP/1.1\r\n" + host + b"Content-Type: application/x-www-form-urlencoded\r\n"
    yield raw("a length of 4,301 digits", "ingest", post + b"Content-Length: " + b"9" * 4_301 + b"\r\n\r\n", 400, 413)
    yield raw("a length below nothing", "ingest", post + b"Content-Length: -1\r\n\r\n", 400)
    pieces = b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nz\r\n" * 150_000 + b"0\r\n\r\n"
    yield raw("a body in 150,000 pieces", "ingest", post + pieces, 422, 429, 413)
    chunked = post + b"Transfer-Encoding: chunked\r\n\r\n5\r\nemail\r\n0\r\n"
    yield raw("a trailer of 200 small fields", "ingest", chunked + b"a:b\r\n" * 200 + b"\r\n", 422, 429)
    yield raw("a trailer of 78 kB", "ingest", chunked + (b"X-A: " + b"z" * 6_000 + b"\r\n") * 13 + b"\r\n", 431)
    yield raw("a trailer of 2,000 fields", "ingest", chunked + b"a:b\r\n" * 2_000 + b"\r\n", 431)
    yield raw("a head of 2,000 headers", "ingest", b"GET / HTTP/1.1\r\n" + b"a:b\r\n" * 2_000 + b"\r\n", 431)
    yield raw("a body packed on the way", "ingest", post + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", 400)
    yield raw("no host", "distribution", b"GET /feeds/programme.ics HTTP/1.1\r\n\r\n", 400)
    upgrade = b"Connection: upgrade\r\nUpgrade: h2c\r\nContent-Length: 7\r\n\r\nemail=a"
    yield raw("a form that asks for another protocol", "ingest", post + upgrade, 422, 429)
    waits = post + b"Expect: 100-continue\r\nContent-Length: 900000\r\n\r\n"
    yield raw("a body that is waited for", "ingest", waits, 413)


def of_feeds() -> Iterator[Attack]:
    """What is asked of feeds, their filters and their spellings, and what is made of the heaviest event."""
    feed = "/feeds/programme.ics"
    for what, query in {
        "700 counties": "&".join(["county=3262"] * 660),
        "700 counties that there are not": "&".join(["county=9999"] * 660),
        "a county of 7 kB": "county=" + "9" * 7_000,
        "a day of 4,301 digits": f"from={DIGITS}",
        "a day of the year 0": "from=0000-01-01",
        "wide digits": "from=" + quote("２０２７-０８-１４"),
        "no UTF-8": "county=%ff",
        "half a character": "county=%ED%A0%80",
        "700 separators": "&" * 7_000,
        "700 clicks": "&".join(["fbclid=1"] * 700),
        "another lang": "lang=" + "z" * 7_000,
    }.items():
        for address in (feed, "/feeds/programme.rss", "/feeds/programme.json", "/api/v1/events", "/pl/"):
            attack = get(f"{address}, {what}", f"{address}?{query}", 200, 400)
            yield attack if address == "/pl/" else _repeating(attack)
    for extension in ("ics", "rss", "json"):
        spelled = f"/feeds/programme.{extension}?fbclid=<serial>"
        yield _repeating(get(f"{extension}, spelled otherwise each time", spelled, 200))
        long = f"/feeds/programme.{extension}?fbclid=<serial>" + "z" * 7_000
        yield _repeating(get(f"{extension}, spelled long and otherwise", long, 200))
        asked = f"/feeds/programme.{extension}?from=2027-01-01&to=2027-12-31&lang=de&fbclid=<serial>"
        yield _repeating(get(f"{extension}, filtered and spelled otherwise", asked, 200))
    for language in ("pl", "de", "en"):
        for address in ("", "2028", "2028/09", "events/<heavy>", "events/<heavy>.ics", "subscribe", "organisers"):
            yield _repeating(get(f"/{language}/{address}", f"/{language}/{address}", 200))
    yield _repeating(get("the heaviest event, as data", "/api/v1/events/<heavy>", 200))
    yield _repeating(get("all events, as data", "/api/v1/events?limit=200", 200))


def of_pictures() -> Iterator[Attack]:
    """What is no picture, or one that costs more than it should."""
    whole = encode(draw_quarters())
    moving = encode(draw_quarters(), "WEBP", save_all=True, append_images=[draw_quarters().rotate(180)])
    for what, data, status in (
        ("a PNG of 3.6 gigapixels", write_png(60_000, 60_000, depth=8, kind=6, rows=bytes(100_000)), 422),
        ("a PNG of 25 megapixels of nothing", write_png(5_000, 5_000, depth=8, kind=6, rows=bytes(100_005_000)), 201),
        ("a picture that moves", moving, 422),
        ("half a picture", whole[: len(whole) // 2], 422),
        ("a picture and an archive", whole + b"PK\x03\x04" * 1_000, 201),
        ("a drawing with a script", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", 422),
        ("zero bytes", bytes(5_000_000), 422),
    ):
        yield send(f"upload of {what}", MEDIA, data, status, headers={"Content-Type": b"image/png"})


GROUPS: Final[Mapping[str, Callable[[], Iterator[Attack]]]] = {
    "logging in": logging_in,
    "texts": of_texts,
    "JSON": of_json,
    "repeats": of_repeats,
    "names, numbers and cursors": of_names,
    "forms": of_forms,
    "what curators open and send": of_curators,
    "headers and cookies": of_heads,
    "paths, methods and bodies": of_addresses,
    "feeds and public pages": of_feeds,
    "pictures": of_pictures,
}
"""By what they attack."""
