"""View of a submission: rows, facts, history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Literal
from zoneinfo import ZoneInfo

from services.ingest.submission import labels
from services.ingest.submission.content import SubmittedEvent
from services.ingest.submission.form import view as form_view
from services.ingest.submission.form.errors import find_input
from services.ingest.submission.history import HistoryEntry, get_last_action
from services.ingest.submission.model import Submission
from shared.decimals import write_decimal
from shared.event.date_phrases import (
    format_certainty,
    format_date_pieces,
    format_dates_in_full,
    format_local_time,
    make_stamp,
)
from shared.event.days import get_last_day
from shared.event.fields import FIELDS, Field, get_field_value
from shared.event.model import SPANS, Provenance, serialize_part
from shared.event.vocabulary import ACCESSIBILITY, REASONS
from shared.event.warnings import find_warnings
from shared.i18n.languages import LANGUAGES, get_locale
from shared.i18n.text import _, translate
from shared.messages import ReviewState
from shared.region import Region

TemplateValues = dict[str, Any]
DisplayState = ReviewState | Literal["cancelled", "over"]


def get_title(event: SubmittedEvent) -> str:
    return event.title["pl"]


def make_row(submission: Submission, lang: str, region: Region, *, today: date, large: bool = False) -> TemplateValues:
    event, venue = submission.event, submission.event.venue
    stands = get_display_state(submission, today)
    struck = submission.called_off and submission.live_version == submission.content_version
    category = region.categories.get(event.category)
    return {
        "id": submission.id,
        "stamp": make_stamp(event.dates, lang, "cancelled" if struck else "confirmed", large=large),
        "title": get_title(event),
        "title_lang": "" if lang == "pl" else "pl",
        "url": f"/ingest/submissions/{submission.id}",
        "when": format_date_pieces(event.dates, lang),
        "where": " · ".join(part for part in (venue.town, venue.name) if part),
        "kind": category.label(lang) if category else "",
        "tags": list(_list_tags(submission, stands)),
        "languages": _list_languages(event, region),
        "state": submission.state,
        "standing": stands,
        "called_off": submission.called_off,
        "over": is_over(event, today),
        "sent": format_local_time(submission.sent_at, lang, region.time_zone),
        "decision": describe_decision(submission, lang, region.time_zone),
        "live_version": submission.live_version,
    }


def get_display_state(submission: Submission, today: date) -> DisplayState:
    """Return the state an organisation sees first: cancelled, or over, before accepted."""
    if submission.called_off:
        return "cancelled"
    return "over" if submission.state == "accepted" and is_over(submission.event, today) else submission.state


def is_over(event: SubmittedEvent, today: date) -> bool:
    return get_last_day(event.dates.start, event.dates.end) < today.isoformat()


def _list_tags(submission: Submission, stands: DisplayState) -> Iterator[TemplateValues]:
    yield {"kind": stands}
    if stands == "cancelled" and submission.state != "accepted":
        yield {"kind": submission.state}
    certainty = submission.event.dates.certainty
    if certainty != "exact" and stands not in {"cancelled", "over"}:
        yield {"kind": certainty}


def _list_languages(event: SubmittedEvent, region: Region) -> TemplateValues:
    """List the languages of the title, and those of the offices that are missing."""
    present = [code for code in LANGUAGES if code in event.title]
    return {"present": present, "missing": [code for code in region.languages.feeds if code not in present]}


def describe_decision(submission: Submission, lang: str, zone: ZoneInfo) -> TemplateValues | None:
    """Return the last decision; ``what`` is "" if only newer content is known.

    ``leads``: it is the present state; ``stopped``: it ended what was public.
    """
    review = submission.review
    if review is None or review.decided_version is None:
        return None
    what = get_last_action(review)
    stopped = what in {"cancelled_by_curator", "withdrawn_by_curator"}
    taken_back = (submission.withdrawn_at_version or 0) > submission.content_version
    if taken_back if stopped else review.version != submission.content_version:
        what = None
    return {
        "what": what or "",
        "leads": (what == "cancelled_by_curator" and submission.called_off)
        or (what == "withdrawn_by_curator" and submission.state == "withdrawn"),
        "stopped": stopped,
        "of_this_version": review.decided_version == submission.content_version,
        "version": review.decided_version,
        "when": format_local_time(review.reviewed_at, lang, zone),
        "reason": REASONS.get(review.reason, review.reason) if review.reason else "",
        "comment": review.comment or "",
    }


def list_warnings(submission: Submission, lang: str, region: Region, *, today: date) -> list[TemplateValues]:
    """List what should be checked while a decision is possible, each with its input."""
    if submission.state not in {"waiting", "changes_requested"}:
        return []
    certainty = submission.event.dates.certainty
    found = find_warnings(submission.event, region, today=today, language=lang)
    names = [find_input(each.field, certainty) for each in found]
    return [
        {"label": form_view.get_label(name), "text": each.text, "id": form_view.make_field_id(name)}
        for name, each in zip(names, found, strict=True)
    ]


def list_facts(
    event: SubmittedEvent, lang: str, region: Region, *, registry: Sequence[Field] = FIELDS
) -> list[TemplateValues]:
    found = [
        *_list_texts(event, lang, registry),
        {"label": _("Dates"), "lines": _list_dates(event, lang)},
        {"label": _("Where"), "lines": _list_places(event, lang, region)},
        {"label": _("Kind"), "lines": _list_kinds(event, lang, region)},
        *_list_plain(event, registry),
        _describe_tickets(event),
        {"label": _("Accessibility"), "lines": [ACCESSIBILITY.get(code, code) for code in event.accessibility]},
        {
            "label": _("Contact for the curator, not published"),
            "lines": list(serialize_part(event.contact).values()) if event.contact else [],
        },
        {"label": _("Your own identifier"), "lines": [event.external_id] if event.external_id else []},
        _describe_provenance(event),
    ]
    return [each for each in found if each["lines"] or each.get("links")]


def _list_texts(event: SubmittedEvent, lang: str, registry: Sequence[Field]) -> Iterator[TemplateValues]:
    names = get_locale(lang).languages
    for field in registry:
        for code, text in (get_field_value(event, field) or {}).items() if field.per_language else ():
            named = _("%(what)s (%(language)s)", what=field.label, language=names[code])
            yield {"label": named, "lines": [text] if text else [], "lang": code}


def _list_plain(event: SubmittedEvent, registry: Sequence[Field]) -> Iterator[TemplateValues]:
    for field in registry:
        value = get_field_value(event, field) or ""
        if field.kind == "address":
            yield {"label": field.label, "lines": [], "links": _make_links(value)}
        elif field.is_plain and not field.per_language:
            yield {"label": field.label, "lines": [value] if value else []}


def _list_dates(event: SubmittedEvent, lang: str) -> list[str]:
    phrases = [format_dates_in_full(event.dates, lang), format_certainty(event.dates.certainty, lang)]
    return [part for part in phrases if part][: 1 if event.dates.certainty in SPANS else 2]


def _list_places(event: SubmittedEvent, lang: str, region: Region) -> list[str]:
    venue = event.venue
    town = " ".join(part for part in (venue.postcode, venue.town) if part)
    county = region.counties.get(venue.county)
    degrees = (venue.lat, venue.lon)
    position = ", ".join(write_decimal(each) for each in degrees if each is not None)
    around = county.label(lang) if county and county.seat != venue.town else ""
    lines = (venue.name, venue.street, town, around, position)
    return [line for line in lines if line]


def _list_kinds(event: SubmittedEvent, lang: str, region: Region) -> list[str]:
    slugs = (event.category, *event.also)
    return [region.categories[slug].label(lang) if slug in region.categories else slug for slug in slugs]


def _describe_tickets(event: SubmittedEvent) -> TemplateValues:
    tickets = event.tickets
    free = {True: [_("Free admission")], False: [_("Paid")], None: []}[tickets.free]
    prices = [f"{text} ({code})" for code, text in tickets.price.items()]
    return {"label": _("Tickets"), "lines": [*free, *prices], "links": _make_links(tickets.url)}


def _describe_provenance(event: SubmittedEvent) -> TemplateValues:
    found = event.provenance or Provenance()
    edition = [_("Date carried over from the %(year)s edition.", year=found.edition)] if found.edition else []
    return {"label": _("Where the date is from"), "lines": edition, "links": _make_links(found.source)}


def _make_links(address: str | None) -> list[TemplateValues]:
    return [{"label": address, "url": address}] if address else []


def list_history(entries: Sequence[HistoryEntry], lang: str, zone: ZoneInfo) -> list[TemplateValues]:
    return [
        {
            "instant": entry.at,
            "when": format_local_time(entry.at, lang, zone),
            "who": entry.who or "",
            "what": labels.get_action_label(entry.what, entry.version),
            "said": " ".join(_list_comments(entry, lang)),
        }
        for entry in reversed(entries)
    ]


def _list_comments(entry: HistoryEntry, lang: str) -> Iterable[str]:
    if entry.reason:
        yield f"{translate(REASONS[entry.reason], lang) if entry.reason in REASONS else entry.reason}."
    if entry.comment:
        yield entry.comment
