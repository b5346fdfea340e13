"""What pages show of a submission: rows, facts and history, in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from services.ingest import words
from services.ingest.domain.accessibility import ACCESSIBILITY
from services.ingest.domain.event import Event
from services.ingest.domain.history import Step
from services.ingest.domain.submission import Submission
from shared.languages import LANGUAGES, locale
from shared.messages import Dates
from shared.region import Region
from shared.web.locale import Text, _
from shared.web.phrases import certainty_phrase, date_pieces, instant_phrase, long_date_phrase, stamp

View = dict[str, Any]


def title(event: Event) -> str:
    """Give the title by which the organisation knows its event: the Polish one."""
    found: str = event["title"]["pl"]
    return found


def row(submission: Submission, lang: str, region: Region, *, large: bool = False) -> View:
    """Give a submission as a row of a list, or with the large date block of its own page."""
    event, venue = submission.event, submission.event["venue"]
    category = region.categories.get(event["category"])
    return {
        "id": submission.id,
        "stamp": stamp(dates(event), lang, "cancelled" if submission.called_off else "confirmed", large=large),
        "title": title(event),
        "title_lang": "" if lang == "pl" else "pl",
        "url": f"/ingest/submissions/{submission.id}",
        "when": date_pieces(dates(event), lang),
        "where": " · ".join(part for part in (venue["town"], venue.get("name")) if part),
        "kind": category.label(lang) if category else "",
        "tags": list(_tags(submission)),
        "languages": _languages(event, region),
        "state": submission.state,
        "sent": instant_phrase(submission.sent_at, lang, region.time_zone),
        "decision": decision(submission, lang, region.time_zone),
        "live_version": submission.live_version,
    }


def _tags(submission: Submission) -> Iterator[View]:
    yield {"kind": submission.state}
    if submission.called_off:
        yield {"kind": "cancelled"}
    certainty = submission.event["dates"]["certainty"]
    if certainty != "exact":
        yield {"kind": certainty}


def _languages(event: Event, region: Region) -> View:
    """Tell in which languages the event has a title, and which of those that offices read it has not."""
    present = [code for code in LANGUAGES if code in event["title"]]
    return {"present": present, "missing": [code for code in region.languages.feeds if code not in present]}


def decision(submission: Submission, lang: str, zone: ZoneInfo) -> View | None:
    """Give the curators' last words, if they are about what was sent last or nothing newer was said."""
    review = submission.review
    if review is None or review.decided_version is None:
        return None
    return {
        "state": submission.state,
        "of_this_version": review.decided_version == submission.content_version,
        "version": review.decided_version,
        "when": instant_phrase(review.reviewed_at, lang, zone),
        "reason": words.REASONS.get(review.reason, review.reason) if review.reason else "",
        "comment": review.comment or "",
    }


def facts(event: Event, lang: str, region: Region) -> list[View]:
    """Give everything that was sent, as people read it."""
    found = [
        *_texts(event, lang),
        {"label": _("Termin"), "lines": _when(event, lang)},
        {"label": _("Gdzie"), "lines": _where(event, lang, region)},
        {"label": _("Rodzaj"), "lines": _kinds(event, lang, region)},
        {"label": _("Strona internetowa"), "lines": [], "links": _links(event.get("website"))},
        _tickets(event),
        {"label": _("Dostępność"), "lines": [Text(ACCESSIBILITY[code]) for code in event.get("accessibility", ())]},
        {"label": _("Kontakt dla kuratora, nie publikujemy"), "lines": list(event.get("contact", {}).values())},
        {"label": _("Własny identyfikator"), "lines": [event["external_id"]] if "external_id" in event else []},
        _provenance(event),
    ]
    return [each for each in found if each["lines"] or each.get("links")]


def _texts(event: Event, lang: str) -> Iterator[View]:
    names = locale(lang).languages
    for name, label in (("title", _("Tytuł")), ("summary", _("Streszczenie")), ("description", _("Opis"))):
        for code, text in event.get(name, {}).items():
            named = _("%(what)s (%(language)s)", what=label, language=names[code])
            yield {"label": named, "lines": [part for part in text.split("\n") if part], "lang": code}


def _when(event: Event, lang: str) -> list[str]:
    said = [long_date_phrase(dates(event), lang), certainty_phrase(dates(event).certainty, lang)]
    return [part for part in said if part][: 1 if event["dates"]["certainty"] in {"month", "season"} else 2]


def _where(event: Event, lang: str, region: Region) -> list[str]:
    venue = event["venue"]
    town = " ".join(part for part in (venue.get("postcode"), venue["town"]) if part)
    county = region.counties.get(venue["county"])
    position = f"{venue['lat']}, {venue['lon']}" if "lat" in venue else ""
    around = county.label(lang) if county and county.seat != venue["town"] else ""
    lines = (venue.get("name"), venue.get("street"), town, around, position)
    return [line for line in lines if line]


def _kinds(event: Event, lang: str, region: Region) -> list[str]:
    slugs = (event["category"], *event.get("also", ()))
    return [region.categories[slug].label(lang) if slug in region.categories else slug for slug in slugs]


def _tickets(event: Event) -> View:
    tickets = event.get("tickets", {})
    free = {True: [_("Wstęp wolny")], False: [_("Płatny")]}.get(tickets.get("free"), [])
    prices = [f"{text} ({code})" for code, text in tickets.get("price", {}).items()]
    return {"label": _("Bilety"), "lines": [*free, *prices], "links": _links(tickets.get("url"))}


def _provenance(event: Event) -> View:
    found = event.get("provenance", {})
    edition = [_("Termin przeniesiony z edycji %(year)s.", year=found["edition"])] if "edition" in found else []
    return {"label": _("Skąd termin"), "lines": edition, "links": _links(found.get("source"))}


def _links(address: str | None) -> list[View]:
    return [{"label": address, "url": address}] if address else []


def history(steps: Sequence[Step], lang: str, zone: ZoneInfo) -> list[View]:
    """Give what happened, newest first."""
    return [
        {
            "instant": step.at,
            "when": instant_phrase(step.at, lang, zone),
            "who": step.who or "",
            "what": words.deed(step.what, step.version),
            "said": " ".join(str(part) for part in _said(step)),
        }
        for step in reversed(steps)
    ]


def _said(step: Step) -> Iterable[str]:
    if step.reason:
        yield f"{words.REASONS.get(step.reason, step.reason)}."
    if step.comment:
        yield step.comment


def dates(event: Event) -> Dates:
    """Read an event's dates as typed values."""
    return msgspec.convert(event["dates"], Dates)
