"""View of a submission: rows, facts, history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from textwrap import shorten
from typing import Final, Literal
from zoneinfo import ZoneInfo

from services.ingest.form import view as form_view
from services.ingest.form.errors import find_input
from services.ingest.submission.content import SubmittedEvent
from services.ingest.submission.history import Action, get_last_action
from services.ingest.submission.model import Submission
from shared.decimals import write_decimal
from shared.event.audience_phrases import format_ages
from shared.event.date_phrases import (
    Piece,
    Stamp,
    format_certainty,
    format_date_pieces,
    format_dates_in_full,
    format_exceptions,
    format_local_time,
    format_occurrence_days,
    make_stamp,
)
from shared.event.days import get_span
from shared.event.fields import FIELDS, Field, get_field_value
from shared.event.model import SPANS, Provenance, StartPlace, Venue, serialize_part
from shared.event.opening_phrases import list_opening_hours
from shared.event.picture_words import describe_picture
from shared.event.report_phrases import name_facts
from shared.event.ticket_phrases import describe_deadline
from shared.event.tickets import TAGGED
from shared.event.vocabulary import ACCESSIBILITY, AUDIENCE, AVAILABILITY, SETTING, describe_reason, name_licence
from shared.event.warnings import find_warnings
from shared.i18n.languages import get_locale
from shared.i18n.text import Text, _, translate
from shared.messages import ReviewState, Side
from shared.region import Region
from shared.web.pages.layout import Link
from shared.web.pages.parts import Fact, FactLine, Question, Tag
from shared.web.pages.readiness_view import ReadinessView, format_badge, format_texts, make_readiness_view

MAX_LINE: Final = 160
"""Characters of a text of which only the beginning is shown."""
DisplayState = ReviewState | Literal["cancelled", "postponed", "over"]


OFF: Final = frozenset({"cancelled", "postponed", "over"})
"""Nothing of tickets or an uncertain date needs to be said."""


@dataclass(frozen=True, slots=True)
class LastDecision:
    """``what`` is "" if only newer content is known.

    ``leads``: it is the present state; ``stopped``: it ended what was public.
    """

    what: Action | Literal[""]
    leads: bool
    stopped: bool
    of_this_version: bool
    version: int
    when: str
    reason: str
    comment: str


@dataclass(frozen=True, slots=True)
class SubmissionRow:
    """A submission in a list, for ``parts/row.html``, and at the head of its page.

    ``completeness`` counts the texts by language, as "pl 3/3, en 1/3", ``readiness`` the rules met. ``reported``
    names the facts that are public and not checked yet; ``reported_latest``: the latest content has them.
    """

    stamp: Stamp
    title: str
    title_lang: str
    url: str
    when: Sequence[Piece]
    where: str
    kind: str
    tags: Sequence[Tag]
    completeness: str
    readiness: str
    state: ReviewState
    standing: DisplayState
    called_off: bool
    postponed_by: Side | None
    over: bool
    sent: str
    decision: LastDecision | None
    live_version: int | None
    reported: str = ""
    reported_latest: bool = False


@dataclass(frozen=True, slots=True)
class SubmissionGroup:
    """The submissions of one state; ``count`` is that of all pages."""

    name: str
    count: int
    rows: Sequence[SubmissionRow]


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """The public version, if it is another than the latest."""

    version: int
    latest: int
    url: str


def get_title(event: SubmittedEvent) -> str:
    return event.title["pl"]


def make_row(submission: Submission, lang: str, region: Region, *, today: date, large: bool = False) -> SubmissionRow:
    event, venue = submission.event, submission.event.venue
    stands = get_display_state(submission, today)
    off = submission.called_off or submission.postponed_by is not None
    struck = off and submission.live_version == submission.content_version
    category = region.categories.get(event.category)
    return SubmissionRow(
        stamp=make_stamp(event.dates, lang, "cancelled" if struck else "confirmed", large=large),
        title=get_title(event),
        title_lang="" if lang == "pl" else "pl",
        url=f"/ingest/submissions/{submission.id}",
        when=format_date_pieces(event.dates, lang),
        where=" · ".join(part for part in (venue.town, venue.name) if part),
        kind=category.get_label(lang) if category else "",
        tags=[Tag(kind) for kind in _list_tags(submission, stands)],
        completeness=format_texts(event, region),
        readiness=format_badge(event, region, lang),
        state=submission.state,
        standing=stands,
        called_off=submission.called_off,
        postponed_by=submission.postponed_by,
        over=is_over(event, today),
        sent=format_local_time(submission.sent_at, lang, region.time_zone),
        decision=describe_decision(submission, lang, region.time_zone),
        live_version=submission.live_version,
        reported=name_facts(submission.reported, lang),
        reported_latest=submission.review is not None
        and submission.review.reported_version == submission.content_version,
    )


def get_display_state(submission: Submission, today: date) -> DisplayState:
    """Return the state an organisation sees first: cancelled, postponed or over, before accepted."""
    if submission.called_off:
        return "cancelled"
    if submission.postponed_by:
        return "postponed"
    return "over" if submission.state == "accepted" and is_over(submission.event, today) else submission.state


def list_statements(submission: Submission) -> list[tuple[str, Text]]:
    """List what can be stated of the tickets with one tap, without what the public reads already."""
    known = submission.public_availability
    labels = {**AVAILABILITY, "available": _("Tickets available again")} if known else AVAILABILITY
    return [(code, label) for code, label in labels.items() if code != known]


def is_over(event: SubmittedEvent, today: date) -> bool:
    return get_span(event.dates)[1] < today.isoformat()


def _list_tags(submission: Submission, stands: DisplayState) -> Iterator[str]:
    yield stands
    if stands in {"cancelled", "postponed"} and submission.state != "accepted":
        yield submission.state
    if stands not in OFF and (public := submission.public_availability) in TAGGED:
        yield public or ""
    if submission.reported:
        yield "reported"
    if submission.late and submission.state == "waiting":
        yield "late"
    certainty = submission.event.dates.certainty
    if certainty != "exact" and stands not in OFF:
        yield certainty


def describe_decision(submission: Submission, lang: str, zone: ZoneInfo) -> LastDecision | None:
    review = submission.review
    if review is None or review.decided_version is None:
        return None
    what = get_last_action(review)
    stopped = what in {"cancelled_by_curator", "withdrawn_by_curator"}
    taken_back = (submission.withdrawn_at_version or 0) > submission.content_version
    if taken_back if stopped else review.version != submission.content_version:
        what = None
    return LastDecision(
        what=what or "",
        leads=(what == "cancelled_by_curator" and submission.called_off)
        or (what == "postponed_by_curator" and submission.postponed_by == "curator")
        or (what == "withdrawn_by_curator" and submission.state == "withdrawn"),
        stopped=stopped,
        of_this_version=review.decided_version == submission.content_version,
        version=review.decided_version,
        when=format_local_time(review.reviewed_at, lang, zone),
        reason=describe_reason(review.reason, lang) if review.reason else "",
        comment=review.comment or "",
    )


def list_warnings(submission: Submission, lang: str, region: Region, *, today: date) -> list[Question]:
    """List what should be checked while a decision is possible, each with its input."""
    if submission.state not in {"waiting", "changes_requested"}:
        return []
    return list_questions(submission.event, lang, region, today=today)


def list_questions(event: SubmittedEvent, lang: str, region: Region, *, today: date) -> list[Question]:
    """List what is likely a slip in an event, each with its input."""
    certainty = event.dates.certainty
    found = find_warnings(event, region, today=today, language=lang)
    names = [find_input(each.field, certainty) for each in found]
    return [
        Question(form_view.get_label(name), each.text, form_view.make_field_id(name))
        for name, each in zip(names, found, strict=True)
    ]


def make_readiness(event: SubmittedEvent, lang: str, region: Region) -> ReadinessView:
    """What would make the event ready for readers elsewhere, each hint with its input."""

    def describe(field: str) -> tuple[str, str]:
        name = find_input(field, event.dates.certainty)
        return translate(form_view.get_label(name), lang), form_view.make_field_id(name)

    return make_readiness_view(event, region, lang, describe)


def list_facts(event: SubmittedEvent, lang: str, region: Region, *, registry: Sequence[Field] = FIELDS) -> list[Fact]:
    contact = list(serialize_part(event.contact).values()) if event.contact else []
    ages = format_ages(event.ages)
    found = [
        *_list_texts(event, lang, registry),
        Fact(_("Dates"), _list_dates(event, lang)),
        Fact(_("Where"), _list_places(event, lang, region)),
        Fact(_("Starting point"), _list_start(event)),
        Fact(_("Kind"), _list_kinds((event.category, *event.also), lang, region)),
        *_list_plain(event, registry),
        _describe_tickets(event),
        _describe_registration(event, lang),
        Fact(_("Accessibility"), [ACCESSIBILITY.get(code, code) for code in event.accessibility]),
        Fact(_("Audience"), [AUDIENCE.get(code, code) for code in event.audience]),
        Fact(_("Age of the children"), [ages] if ages else []),
        Fact(_("Indoors or outdoors"), [SETTING.get(code, code) for code in event.setting]),
        Fact(_("Pictures"), [describe_picture(each, lang) for each in event.images]),
        Fact(_("Licence"), [name_licence(event.licence)] if event.licence else []),
        Fact(_("Contact for the curator, not published"), contact),
        Fact(_("Your own identifier"), [event.external_id] if event.external_id else []),
        _describe_provenance(event),
    ]
    return [each for each in found if each.lines or each.links]


def list_locked(event: SubmittedEvent, names: Sequence[str], lang: str, region: Region) -> dict[str, Fact]:
    """What is in force in the fields that do not change any more, by their names."""
    fields = [field for field in FIELDS if field.name in names]
    return {
        field.name: Fact(form_view.get_label(field.name), _list_values(event, field, lang, region) or [_("none")])
        for field in fields
    }


def _list_values(event: SubmittedEvent, field: Field, lang: str, region: Region) -> Sequence[str | FactLine]:
    ages = format_ages(event.ages)
    special: Mapping[str, Sequence[str | FactLine]] = {
        "dates": _list_dates(event, lang),
        "venue": _list_places(event, lang, region),
        "start_place": _list_start(event),
        "category": _list_kinds([event.category], lang, region),
        "also": _list_kinds(event.also, lang, region),
        "tickets": _list_tickets(event, lang),
        "accessibility": [ACCESSIBILITY.get(code, code) for code in event.accessibility],
        "audience": [AUDIENCE.get(code, code) for code in event.audience],
        "ages": [ages] if ages else [],
        "setting": [SETTING.get(code, code) for code in event.setting],
        "images": [describe_picture(each, lang) for each in event.images],
        "licence": [name_licence(event.licence)] if event.licence else [],
    }
    if field.name in special:
        return special[field.name]
    value = get_field_value(event, field)
    if field.per_language:
        return [FactLine(shorten(text, MAX_LINE, placeholder="…"), code) for code, text in (value or {}).items()]
    return [shorten(value, MAX_LINE, placeholder="…")] if isinstance(value, str) else []


def _list_tickets(event: SubmittedEvent, lang: str) -> list[str | FactLine]:
    tickets = _describe_tickets(event)
    how = ", ".join(filter(None, (describe_deadline(event.tickets, lang), event.tickets.registration_url)))
    registration = [_("Registration: %(how)s", how=how)] if how else []
    return [*tickets.lines, *(link.url for link in tickets.links), *registration]


def _list_texts(event: SubmittedEvent, lang: str, registry: Sequence[Field]) -> Iterator[Fact]:
    names = get_locale(lang).languages
    for field in registry:
        for code, text in (get_field_value(event, field) or {}).items() if field.per_language else ():
            named = _("%(what)s (%(language)s)", what=field.label, language=names[code])
            yield Fact(named, [text] if text else [], code)


def _list_plain(event: SubmittedEvent, registry: Sequence[Field]) -> Iterator[Fact]:
    for field in registry:
        value = get_field_value(event, field) or ""
        if field.kind == "address":
            yield Fact(field.label, [], links=_make_links(value))
        elif field.is_plain and not field.per_language:
            yield Fact(field.label, [value] if value else [])


def _list_dates(event: SubmittedEvent, lang: str) -> list[str]:
    dates = event.dates
    phrases = [format_dates_in_full(dates, lang), format_certainty(dates.certainty, lang)]
    said = [part for part in phrases if part][: 1 if dates.certainty in SPANS else 2]
    if dates.opening_hours:
        label = translate(_("Opening hours"), lang)
        said.append(f"{label}: {'; '.join(list_opening_hours(dates.opening_hours, lang))}")
    if dates.recurrence is None:
        return said
    return [*said, format_occurrence_days(dates, lang), *format_exceptions(dates, lang, every_note=True)]


def _list_places(event: SubmittedEvent, lang: str, region: Region) -> list[str]:
    county = region.counties.get(event.venue.county)
    return _list_lines(event.venue, county.get_label(lang) if county and county.seat != event.venue.town else "")


def _list_start(event: SubmittedEvent) -> list[str]:
    return _list_lines(event.start_place) if event.start_place else []


def _list_lines(place: Venue | StartPlace, around: str = "") -> list[str]:
    town = " ".join(part for part in (place.postcode, place.town) if part)
    position = ", ".join(write_decimal(each) for each in (place.lat, place.lon) if each is not None)
    lines = (place.name, place.street, town, around, position)
    return [line for line in lines if line]


def _list_kinds(slugs: Sequence[str], lang: str, region: Region) -> list[str]:
    return [region.categories[slug].get_label(lang) if slug in region.categories else slug for slug in slugs]


def _describe_tickets(event: SubmittedEvent) -> Fact:
    tickets = event.tickets
    free = {True: [_("Free admission")], False: [_("Paid")], None: []}[tickets.free]
    prices = [f"{text} ({code})" for code, text in tickets.price.items()]
    left = [AVAILABILITY.get(tickets.availability, tickets.availability)] if tickets.availability else []
    return Fact(_("Tickets"), [*free, *prices, *left], links=_make_links(tickets.url))


def _describe_registration(event: SubmittedEvent, lang: str) -> Fact:
    deadline = describe_deadline(event.tickets, lang)
    return Fact(_("Registration"), [deadline] if deadline else [], links=_make_links(event.tickets.registration_url))


def _describe_provenance(event: SubmittedEvent) -> Fact:
    found = event.provenance or Provenance()
    edition = [_("Date carried over from the %(year)s edition.", year=found.edition)] if found.edition else []
    return Fact(_("Where the date is from"), edition, links=_make_links(found.source))


def _make_links(address: str | None) -> list[Link]:
    return [Link(address, address)] if address else []


def make_live_version(submission: Submission, lang: str, region: Region, public_url: str) -> LiveVersion | None:
    if submission.live_version is None or submission.live_version == submission.content_version:
        return None
    language = lang if lang in region.languages.site else region.languages.default
    url = f"{public_url}/{language}/events/{submission.id}"
    return LiveVersion(submission.live_version, submission.content_version, url)
