"""View of the roll-over: rows of last year's events, each with its proposal, or with what became of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal

from services.ingest.rollover.commands import LastYearsEvent, Rollover
from services.ingest.rollover.model import Renewal
from services.ingest.submission import labels
from services.ingest.submission.view import get_title
from shared.event.compact_dates import format_compact_dates
from shared.event.date_phrases import format_certainty, format_dates, format_day, make_stamp
from shared.event.model import SPANS, Certainty, Dates
from shared.i18n.text import Text, _, translate
from shared.region import Region

Tick = Literal["", "all", "none"]
Became = Literal["open", "draft", "sent", "declined"]

MAX_OPEN: Final = 400
"""Rows with a box: a form has at most 1,000 fields."""


@dataclass(frozen=True, slots=True)
class CompactDate:
    """For ``parts/sure.html``: ``compact`` for the eye, ``words`` for readers."""

    certainty: Certainty
    compact: str
    words: str


@dataclass(frozen=True, slots=True)
class RolloverRow:
    """``notes`` say why this day and what to look at; ``doubt`` is a warning. ``url`` leads to what it became."""

    id: str
    title: str
    title_lang: str
    url: str
    before: str
    before_words: str
    date: CompactDate | None
    notes: Sequence[str | Text]
    doubt: str | Text
    became: Became
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class RolloverView:
    """``more``: so many open events are not shown."""

    year: int
    last_year: int
    total: int
    open: Sequence[RolloverRow]
    settled: Sequence[RolloverRow]
    more: int


def make_view(
    rollover: Rollover, lang: str, region: Region, *, tick: Tick = "", chosen: Sequence[str] | None = None
) -> RolloverView:
    shown = rollover.open[:MAX_OPEN]
    return RolloverView(
        year=rollover.year,
        last_year=rollover.year - 1,
        total=len(rollover.events),
        open=[make_row(each, lang, region, ticked=_is_ticked(each, tick, chosen)) for each in shown],
        settled=[make_row(each, lang, region) for each in rollover.settled],
        more=len(rollover.open) - len(shown),
    )


def make_row(event: LastYearsEvent, lang: str, region: Region, *, ticked: bool = False) -> RolloverRow:
    submission = event.submission
    return RolloverRow(
        id=submission.id,
        title=get_title(submission.event),
        title_lang="" if lang == "pl" else "pl",
        url=_get_url(event),
        before=_format_before(submission.event.dates, lang),
        before_words=format_dates(submission.event.dates, lang),
        date=_make_date(event, lang),
        notes=list(_list_notes(event, lang, region)),
        doubt=_describe_doubt(event.renewal, lang) if event.is_open else "",
        became=_get_outcome(event),
        ticked=ticked,
    )


def _is_ticked(event: LastYearsEvent, tick: Tick, chosen: Sequence[str] | None) -> bool:
    if chosen is not None:
        return event.submission.id in chosen
    if tick:
        return tick == "all"
    return event.renewal.dates.certainty != "season" and not event.submission.called_off


def _get_outcome(event: LastYearsEvent) -> Became:
    if event.successor or (event.draft and event.draft.ended == "sent"):
        return "sent"
    if event.draft:
        return "draft"
    return "declined" if event.decline else "open"


def _get_url(event: LastYearsEvent) -> str:
    if event.successor:
        return f"/ingest/submissions/{event.successor.id}"
    if event.draft:
        return (
            f"/ingest/submissions/{event.draft.sent_as}" if event.draft.sent_as else f"/ingest/drafts/{event.draft.id}"
        )
    return f"/ingest/submissions/{event.submission.id}"


def _format_before(dates: Dates, lang: str) -> str:
    compact = format_compact_dates(dates, lang, with_year=False)
    return compact if dates.certainty in SPANS else f"{compact}, {make_stamp(dates, lang, 'confirmed').weekday}"


def _make_date(event: LastYearsEvent, lang: str) -> CompactDate | None:
    """The proposal, or the date of what it became; of a draft that may have been changed since, none."""
    if event.decline or event.draft:
        return None
    dates = event.successor.event.dates if event.successor else event.renewal.dates
    words = format_dates(dates, lang)
    certainty = "" if dates.certainty in SPANS else format_certainty(dates.certainty, lang)
    return CompactDate(
        dates.certainty, format_compact_dates(dates, lang), f"{words}, {certainty}" if certainty else words
    )


def _list_notes(event: LastYearsEvent, lang: str, region: Region) -> Iterator[str | Text]:
    if event.decline:
        day = datetime.fromisoformat(event.decline.declined_at).astimezone(region.time_zone).date()
        yield _("does not return: “%(reason)s”, %(day)s", reason=event.decline.reason, day=format_day(day, lang))
    elif event.successor:
        yield labels.GROUPS[event.successor.state]
    elif event.draft:
        yield _("sent") if event.draft.ended == "sent" else _("draft")
    else:
        yield from _list_reasons(event.renewal, lang)
        yield from _list_hints(event)


def _list_reasons(renewal: Renewal, lang: str) -> Iterator[Text]:
    if renewal.rule == "span":
        yield _("as last year, days to be confirmed")
    elif renewal.rule == "weekday":
        yield _("same days of the week, week %(week)s", week=renewal.week)
    if renewal.earlier:
        days = format_compact_dates(renewal.earlier, lang, with_year=False)
        yield _("a week earlier, %(days)s, would be nearer to last year’s date", days=days)


def _list_hints(event: LastYearsEvent) -> Iterator[Text]:
    year = event.submission.event.dates.start[:4]
    if event.renewal.titles["pl"] != event.submission.event.title["pl"]:
        yield _("new title: %(title)s", title=event.renewal.titles["pl"])
    if repeats := event.submission.event.dates.recurrence:
        if event.renewal.dates.recurrence is None:
            yield _("its repeats do not fit the new day and are left out")
        elif repeats.exceptions:
            yield _("it repeats, without last year’s exceptions")
    if event.renewal.names_old_year:
        yield _("the texts name the year %(year)s", year=year)
    if event.submission.called_off:
        yield _("it was cancelled in %(year)s", year=year)


def _describe_doubt(renewal: Renewal, lang: str) -> str | Text:
    if not renewal.doubtful:
        return ""
    feast = translate(renewal.feast.name, lang) if renewal.feast else ""
    day = _format_with_weekday(renewal.feast_day, lang) if renewal.feast_day else ""
    if renewal.rule == "movable":
        return _("Movable feast. %(feast)s: %(day)s. Check the day.", feast=feast, day=day)
    if renewal.rule == "fixed":
        day = _format_with_weekday(date.fromisoformat(renewal.dates.start[:10]), lang)
        return _("Fixed date, now %(day)s. Check the day.", day=day)
    if feast:
        return _("Check the day. %(feast)s: %(day)s.", feast=feast, day=day)
    return _("Check the day. Last year it began on a day off, which is now %(day)s.", day=day)


def _format_with_weekday(day: date, lang: str) -> str:
    return format_dates(Dates(certainty="exact", start=day.isoformat(), end=day.isoformat()), lang)
