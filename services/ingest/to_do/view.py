"""View of the to-dos: changes requested, dates not sure, pictures that lapse, last year's events not renewed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from services.ingest.lapsing_picture.model import find_end
from services.ingest.rollover.commands import Rollover
from services.ingest.submission.model import Submission
from services.ingest.submission.view import describe_decision, get_title
from services.ingest.uncertain_date.model import ClosingProgramme, has_uncertain_date, is_asked_about
from shared.event.compact_dates import format_compact_dates
from shared.event.date_phrases import format_certainty, format_dates, format_day
from shared.event.model import SPANS
from shared.i18n.text import Text, _, n_
from shared.region import Region
from shared.web.pages.layout import Link

NEAR: Final = timedelta(days=120)
"""So long before its first day an event should have a sure date: people plan, and printers print."""
_BEGINS_SOON: Final = _("These events begin within four months. What is not confirmed is shown as provisional.")
MAX_SUBMISSIONS: Final = 500
"""An organisation with more gets no to-dos but those on its first page: looking through all would take too long."""


@dataclass(frozen=True, slots=True)
class UncertainDate:
    """An event to be confirmed; ``date`` is for ``parts/sure.html``."""

    certainty: str
    compact: str
    words: str
    title: str
    title_lang: str
    url: str


@dataclass(frozen=True, slots=True)
class ToDo:
    """``kind`` is in words, ``said`` are the curators' words, ``act`` leads to where it is done.

    ``post`` is the address of what one press does instead.
    """

    kind: Text
    tone: str
    icon: str
    title: str | Text
    title_lang: str
    url: str
    why: str | Text
    act: Link
    said: str = ""
    dates: Sequence[UncertainDate] = ()
    post: str = ""


def list_to_do(
    submissions: Sequence[Submission],
    rollover: Rollover | None,
    lang: str,
    region: Region,
    *,
    today: date,
    closing: Sequence[ClosingProgramme] = (),
) -> list[ToDo]:
    """The first is what somebody waits for."""
    requested = [each for each in submissions if each.state == "changes_requested"]
    return [
        *(_make_requested(each, lang, region) for each in requested),
        *_list_uncertain(submissions, closing, lang, today),
        *_list_lapsing(submissions, lang, today),
        *(_make_last_year(rollover) if rollover and rollover.open else ()),
    ]


def is_uncertain(submission: Submission, today: date) -> bool:
    """Whether its date should be sure by now: it is or may become public, and begins soon."""
    begins = date.fromisoformat(submission.event.dates.start[:10])
    return has_uncertain_date(submission) and today <= begins <= today + NEAR


def _make_requested(submission: Submission, lang: str, region: Region) -> ToDo:
    decision = describe_decision(submission, lang, region.time_zone)
    url = f"/ingest/submissions/{submission.id}"
    return ToDo(
        kind=_("Changes requested"),
        tone="amber",
        icon="pencil",
        title=get_title(submission.event),
        title_lang="" if lang == "pl" else "pl",
        url=url,
        why=decision.when if decision else "",
        said=decision.comment if decision else "",
        act=Link(_("Correct"), f"{url}/edit"),
    )


def _list_uncertain(
    submissions: Sequence[Submission], closing: Sequence[ClosingProgramme], lang: str, today: date
) -> Iterator[ToDo]:
    """Each event once: for the programme that closes, else because it begins soon."""
    named: set[str] = set()
    for programme in closing:
        asked = [each for each in submissions if is_asked_about(each, programme, today)]
        named.update(each.id for each in asked)
        why = _(
            "The programme of %(year)s closes on %(day)s. What is not confirmed until then is shown as provisional.",
            year=programme.year,
            day=format_day(programme.last_day, lang),
        )
        yield from _make_uncertain(asked, lang, why)
    near = [each for each in submissions if each.id not in named and is_uncertain(each, today)]
    yield from _make_uncertain(near, lang, _BEGINS_SOON)


def _make_uncertain(submissions: Iterable[Submission], lang: str, why: Text) -> Iterator[ToDo]:
    dates = [_make_date(each, lang) for each in submissions]
    if dates:
        yield ToDo(
            kind=_("Date not sure"),
            tone="amber",
            icon="clock",
            title=n_("%(num)s date to confirm", "%(num)s dates to confirm", len(dates)),
            title_lang="",
            url="",
            why=why,
            act=Link("", ""),
            dates=dates,
        )


def _make_date(submission: Submission, lang: str) -> UncertainDate:
    dates = submission.event.dates
    words = format_dates(dates, lang)
    certainty = "" if dates.certainty in SPANS else format_certainty(dates.certainty, lang)
    return UncertainDate(
        certainty=dates.certainty,
        compact=format_compact_dates(dates, lang),
        words=f"{words}, {certainty}" if certainty else words,
        title=get_title(submission.event),
        title_lang="" if lang == "pl" else "pl",
        url=f"/ingest/submissions/{submission.id}/edit",
    )


def _list_lapsing(submissions: Iterable[Submission], lang: str, today: date) -> Iterator[ToDo]:
    """Pictures that may be shown for three more weeks at most, and those that are not shown any more."""
    for each in submissions:
        end = find_end(each, today)
        if end is None:
            continue
        day = format_day(end, lang)
        is_over = end < today
        yield ToDo(
            kind=_("Picture no longer shown") if is_over else _("Picture"),
            tone="rowan" if is_over else "amber",
            icon="clock",
            title=get_title(each.event),
            title_lang="" if lang == "pl" else "pl",
            url=f"/ingest/submissions/{each.id}",
            why=_("Its licence ended on %(day)s.", day=day)
            if is_over
            else _("It may be shown until %(day)s. After that it disappears from pages and feeds.", day=day),
            act=Link(_("Change the picture"), f"/ingest/submissions/{each.id}/edit#picture-list"),
        )


def _make_last_year(rollover: Rollover) -> Iterator[ToDo]:
    url = f"/ingest/rollover/{rollover.year}"
    yield ToDo(
        kind=_("From %(year)s", year=rollover.year - 1),
        tone="",
        icon="rotate-ccw",
        title=n_(
            "%(num)s event of %(last)s is not in %(year)s yet",
            "%(num)s events of %(last)s are not in %(year)s yet",
            len(rollover.open),
            last=rollover.year - 1,
            year=rollover.year,
        ),
        title_lang="",
        url=url,
        why=_("We move them to the same days of the week, as drafts. Nothing is sent."),
        act=Link(_("Look through the list"), url),
    )
