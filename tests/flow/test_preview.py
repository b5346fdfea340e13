"""The preview of a draft says what the public pages and feeds say of the same event."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import pytest

from services.distribution.pages.event_view import build_event_page
from services.distribution.presentation.localized_event import localize
from services.distribution.rows import build_row
from services.ingest.draft.event_preview import build_preview
from services.ingest.submission.content import SubmittedEvent
from services.ingest.submission.model import write_public_event
from shared.i18n.text import translate
from shared.web.pages.parts import Fact, Tag
from tests.services.distribution.builders import make_message, make_region, make_site
from tests.services.ingest.builders import kept_event

EVENTS: Final[dict[str, dict[str, Any]]] = {
    "full": {},
    "timed": {"dates": {"certainty": "exact", "start": "2027-08-14T18:00", "end": "2027-08-14T22:30"}},
    "provisional": {"dates": {"certainty": "provisional", "start": "2027-08-14", "end": "2027-08-16"}},
    "month": {"dates": {"certainty": "month", "start": "2027-08-01", "end": "2027-08-31"}},
    "repeats": {
        "dates": {
            "certainty": "exact",
            "start": "2027-07-03T18:00",
            "end": "2027-07-03T20:00",
            "recurrence": {"rrule": "FREQ=WEEKLY;COUNT=9"},
        }
    },
    "paid": {"tickets": {"free": False, "price": {"pl": "20 zł"}, "url": "https://bilety.example.pl/a"}},
    "licensed": {"licence": "CC-BY-SA-4.0"},
    "for some": {"audience": ["children", "seniors"], "ages": {"min": 3, "max": 6}, "setting": ["outdoors"]},
    "sold out": {
        "tickets": {"free": False, "price": {"pl": "20 zł"}, "availability": "sold_out", "url": "https://a.example.pl"}
    },
    "registration": {
        "tickets": {
            "availability": "registration_required",
            "registration_url": "https://zapisy.example.pl",
            "registration_until": "2027-08-10T18:00",
        }
    },
    "bare": dict.fromkeys(("summary", "description", "also", "website", "tickets", "accessibility", "contact")),
}


def said(fact: Fact, lang: str) -> list[str]:
    return [translate(each if isinstance(each, str) else each.text, lang) for each in fact.lines]


def offers(facts: Sequence[Fact], event: SubmittedEvent) -> list[str]:
    """Where the page leads to buy and to register."""
    known = {event.tickets.url, event.tickets.registration_url}
    return [link.url for fact in facts for link in fact.links if link.url in known]


def kinds(tags: Any) -> list[str]:  # noqa: ANN401 - of two views
    return [each.kind for each in tags if isinstance(each, Tag)]


@pytest.mark.parametrize("lang", ["pl", "en", "de"])
@pytest.mark.parametrize("changes", EVENTS.values(), ids=EVENTS)
def test_preview_says_what_readers_will_see(changes: dict[str, Any], lang: str) -> None:
    event, region = kept_event(**changes), make_region()
    message = make_message(event=write_public_event(event))
    localized = localize(message, lang, make_site(region))
    row, page = build_row(localized), build_event_page(localized, today="2026-11-30")

    preview = build_preview(event, message.organiser.name, lang, region)

    shown = preview.row
    assert (shown.title, shown.title_lang, shown.where, shown.kind) == (
        row.title,
        row.title_lang,
        row.where,
        row.kind,
    )
    assert (shown.stamp, shown.when, kinds(shown.tags)) == (row.stamp, row.when, kinds(row.tags))
    assert (preview.stamp, preview.when, preview.paragraphs) == (page.stamp, page.when, page.paragraphs)
    assert (preview.summary.value if preview.summary else "") == (page.summary.value if page.summary else "")
    assert [said(fact, lang)[:1] for fact in preview.facts] == [said(fact, lang)[:1] for fact in page.facts]
    assert offers(preview.facts, event) == offers(page.facts, event)
    assert preview.entry_title == localized.headline
    assert preview.entry_lines[1] == localized.location
