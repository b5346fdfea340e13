"""Leak test: whatever organisations edit, the public sees what a curator accepted, and marked facts, and nothing else.

The rules of ingest and calendar are the real ones, and so is what distribution makes of a message. Every text and
picture of every version is a word of its own, so that one that nobody accepted is found wherever it shows.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.calendar.entry.arrival import receive
from services.calendar.entry.model import Entry, get_accepted_event, get_reported_facts
from services.calendar.entry.publication import EntryChange
from services.calendar.review.model import (
    NothingReported,
    NotWaiting,
    accept,
    confirm_report,
    reject,
    take_back_report,
)
from services.distribution.api.events import serialize_event
from services.distribution.formats.json_ld import render_json_ld
from services.distribution.presentation.localized_event import localize
from services.ingest.submission import model as organisation
from services.ingest.submission.content import parse_event
from shared.event.facts_at_once import FACTS, FIELDS, Fact
from shared.event.model import Event, serialize_part
from shared.event.model import parse_event as parse_public
from shared.messages import EventPublished, Organiser
from tests.services.distribution.builders import make_site
from tests.services.distribution.rendering import render

AT = "2026-11-21T12:00:00.000Z"
LOT = Organiser("lot-szczecin", "LOT Szczecin")
SITE = make_site()
ACTS = ("accept", "reject", "confirm", "take back")

Step = tuple[str, Any]


def make_event(texts: int, note: int, facts: tuple[int, int, int, int]) -> dict[str, Any]:
    """``texts`` and ``note`` number the words, so that each version's can be told from all others."""
    day, called_off, left, place = facts
    exception: dict[str, Any] = {"date": "2027-08-21", "status": "cancelled"}
    if note:
        exception["note"] = {"pl": f"notatka{note}x"}
    recurrence = {"rrule": "FREQ=WEEKLY;COUNT=3", "exceptions": [exception] if called_off or note else []}
    return {
        "title": {"pl": f"tytuł{texts}x"},
        "summary": {"pl": f"zajawka{texts}x"},
        "description": {"pl": f"opis{texts}x"},
        "category": "maritime",
        "dates": {
            "certainty": "provisional" if day else "exact",
            "start": "2027-08-14",
            "end": f"2027-08-{14 + day}",
            "recurrence": recurrence,
        },
        "arrival": {"pl": f"zbiórka{texts}x"},
        "venue": {"id": f"0195-{place}", "name": f"Plac {place}", "town": "Szczecin", "county": "3262"},
        "start_place": {"id": f"0195-{place}", "name": f"Plac {place}", "town": "Szczecin"},
        "tickets": {"price": {"pl": f"cena{texts}x"}} | ({"availability": "sold_out"} if left else {}),
        "images": [
            {
                "media": f"{texts}{'a' * 63}",
                "alt": {"pl": f"podpis{texts}x"},
                "credit": f"autor{texts}x",
                "licence": "CC-BY-4.0",
            }
        ],
    }


CHOICE = st.integers(0, 1)
EDITS = st.tuples(
    st.just("edit"), st.tuples(st.integers(0, 2), st.integers(0, 1), st.tuples(CHOICE, CHOICE, CHOICE, CHOICE))
)
STEPS = st.lists(st.one_of(EDITS, EDITS, st.tuples(st.sampled_from(ACTS), st.none())), min_size=1, max_size=12)


def decide(entry: Entry, name: str) -> EntryChange:
    try:
        if name == "accept":
            return accept(entry, by="Anna", now=AT)
        if name == "reject":
            return reject(entry, reason="incomplete", by="Anna", now=AT)
        if name == "confirm":
            return confirm_report(entry, by="Anna", now=AT)
        return take_back_report(entry, by="Anna", now=AT)
    except (NotWaiting, NothingReported):
        return entry, ()


def list_words(content: Any) -> set[str]:  # noqa: ANN401 - any part of an event
    """List the words that number a version: ``tytuł0x``."""
    text = json.dumps(content, ensure_ascii=False)
    kinds = ("tytuł", "zajawka", "opis", "cena", "notatka", "zbiórka", "podpis", "autor")
    words = [f"{kind}{number}x" for kind in kinds for number in range(3)]
    return {each for each in [*words, *(f"{number}{'a' * 63}" for number in range(3))] if each in text}


def without(event: Event, facts: tuple[Fact, ...]) -> dict[str, Any]:
    left_out = {FIELDS[each] for each in facts} | ({"start_place"} if "venue" in facts else set())
    return {name: value for name, value in serialize_part(event).items() if name not in left_out}


@settings(max_examples=150, deadline=None)
@example(
    steps=[("edit", (0, 1, (1, 0, 0, 0))), ("accept", None), ("edit", (0, 0, (0,) * 4)), ("accept", None)],
    at_once=set(),
)
@given(steps=STEPS, at_once=st.sets(st.sampled_from(FACTS)))
def test_nothing_unaccepted_is_visible_but_structured_facts_and_those_are_marked(
    steps: list[Step], at_once: set[Fact]
) -> None:
    submission, sent = organisation.submit(
        parse_event(make_event(0, 0, (0, 0, 0, 0))), id="0195-a", organiser=LOT, at=AT
    )
    entry, _ = receive(None, sent[0], now=AT, at_once=at_once)
    entry, published = accept(entry, by="Anna", now=AT)
    revision = 0
    for name, content in [("", None), *steps]:
        messages = [] if name else list(published)
        if name == "edit":
            submission, sent = organisation.edit(submission, parse_event(make_event(*content)), at=AT)
            for each in sent:
                entry, made = receive(entry, each, now=AT, at_once=at_once)
                messages += made
        elif name:
            entry, made = decide(entry, name)
            messages += made
        for message in messages:
            if isinstance(message, EventPublished):
                assert message.revision == revision + 1
                revision = message.revision
                check(entry, message, at_once)


def check(entry: Entry, message: EventPublished, at_once: set[Fact]) -> None:
    accepted, shown = get_accepted_event(entry), parse_public(message.event)
    assert accepted
    facts = get_reported_facts(entry)
    assert tuple(message.reported) == facts
    assert set(facts) <= at_once
    assert without(shown, facts) == without(accepted, facts)
    visible = [
        *(render([message], each, "pl").decode() for each in ("ics", "rss", "json")),
        msgspec.json.encode(serialize_event(localize(message, "pl", SITE))).decode(),
    ]
    visible = [each.replace("\r\n ", "") for each in visible]
    for_search_engines = str(render_json_ld(localize(message, "pl", SITE)))
    assert list_words([*visible, for_search_engines]) <= list_words(serialize_part(accepted))
    for text in visible:
        assert ("jeszcze niesprawdzone" in text or '"reported":[' in text) == bool(facts)
