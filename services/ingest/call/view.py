"""View of a call for editors: the days left, its course in bricks, its criteria. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from shared.call import Call, CallPhase, find_last_day
from shared.date_input import ROMAN
from shared.event.date_phrases import format_day
from shared.event.fields import FIELDS
from shared.i18n.languages import choose_text
from shared.i18n.text import Text, _, n_, translate
from shared.web.pages.layout import Brick, CallBanner, Link

BRICKS: Final = 16


@dataclass(frozen=True, slots=True)
class CriteriaView:
    """``text_lang`` is the language of the text where it is not the page's, else empty."""

    year: int
    text: str
    text_lang: str
    moments: list[tuple[str, str]]
    words: str
    answer: str
    locked: list[str]
    others: list[Link]


@dataclass(frozen=True, slots=True)
class CallDays:
    """The local days of a call, and today."""

    opens: date
    today: date
    deadline: date
    freeze: date


def make_banner(call: Call, lang: str, zone: ZoneInfo, *, now: datetime, others: Sequence[Call] = ()) -> CallBanner:
    days = _find_moments(call, zone, now)
    return CallBanner(
        headline=translate(_describe_headline(call, days, now), lang),
        words=translate(_describe_phase(call, days, lang)[call.get_phase(now)], lang),
        criteria_url=_build_criteria_url(call),
        course=list_bricks(days, today_label=translate(_("today"), lang)),
        moments=_list_moments(days, lang),
        others=_link_calls(others, lang, zone, now),
    )


def make_criteria_view(
    call: Call, lang: str, zone: ZoneInfo, *, now: datetime, others: Sequence[Call] = ()
) -> CriteriaView:
    days = _find_moments(call, zone, now)
    text, really = choose_text(call.criteria, lang) or ("", lang)
    labels = {field.name: field.label for field in FIELDS}
    answer = n_("You get an answer within %(num)s day.", "You get an answer within %(num)s days.", call.answer_days)
    return CriteriaView(
        year=call.year,
        text=text,
        text_lang="" if really == lang else really,
        moments=_list_moments(days, lang),
        words=translate(_describe_phase(call, days, lang)[call.get_phase(now)], lang),
        answer=translate(answer, lang),
        locked=[translate(labels[name], lang) for name in call.locked_fields if name in labels],
        others=_link_calls(others, lang, zone, now),
    )


def list_bricks(days: CallDays, *, today_label: str) -> list[Brick]:
    """Divide the days from the opening to the freeze into bricks of the same length, sixteen at most.

    A brick is named after its first day; that of the deadline and the last one after their own day.
    """
    opens, today, deadline, freeze = days.opens, days.today, days.deadline, days.freeze
    count = (freeze - opens).days + 1
    number = min(BRICKS, count)
    starts = [opens + timedelta(days=count * each // number) for each in range(number)]
    ends = [*starts[1:], freeze + timedelta(days=1)]
    bricks = []
    for start, end in zip(starts, ends, strict=True):
        named = deadline if start <= deadline < end else freeze if end > freeze else start
        if start <= today < end:
            bricks.append(Brick("now", today_label))
        elif named == deadline:
            bricks.append(Brick("end", str(deadline.day), f" {_name_month(deadline)}"))
        elif start > deadline:
            bricks.append(Brick("after", "", f"{named.day} {_name_month(named)}"))
        else:
            bricks.append(Brick("left" if start > today else "", "", f"{named.day} {_name_month(named)}"))
    return bricks


def _find_moments(call: Call, zone: ZoneInfo, now: datetime) -> CallDays:
    return CallDays(
        opens=call.opens_at.astimezone(zone).date(),
        today=now.astimezone(zone).date(),
        deadline=find_last_day(call.deadline_at, zone),
        freeze=find_last_day(call.freeze_at, zone),
    )


def _link_calls(calls: Sequence[Call], lang: str, zone: ZoneInfo, now: datetime) -> list[Link]:
    said = ((call, _describe_headline(call, _find_moments(call, zone, now), now)) for call in calls)
    return [Link(f"{call.year}: {translate(headline, lang)}", _build_criteria_url(call)) for call, headline in said]


def _build_criteria_url(call: Call) -> str:
    return f"/ingest/calls/{call.year}"


def _describe_headline(call: Call, days: CallDays, now: datetime) -> Text:
    phase = call.get_phase(now)
    if phase == "ahead":
        return n_("The call opens in %(num)s day", "The call opens in %(num)s days", (days.opens - days.today).days)
    if phase == "open":
        left = (days.deadline - days.today).days
        return n_("%(num)s day is left", "%(num)s days are left", left) if left else _("Today is the last day")
    return _("The deadline is over") if phase == "late" else _("The programme is closed")


def _describe_phase(call: Call, days: CallDays, lang: str) -> Mapping[CallPhase, Text]:
    year = call.year
    opens, deadline, freeze = (format_day(each, lang) for each in (days.opens, days.deadline, days.freeze))
    return {
        "ahead": _(
            "New events for %(year)s are taken from %(opens)s to %(deadline)s. You can write them now and "
            "send them then.",
            year=year,
            opens=opens,
            deadline=deadline,
        ),
        "open": _(
            "New events for %(year)s are taken until %(deadline)s, 23:59. Corrections go in later too.",
            year=year,
            deadline=deadline,
        ),
        "late": _(
            "New events for %(year)s were taken until %(deadline)s. Corrections go in until %(freeze)s, "
            "marked as late.",
            year=year,
            deadline=deadline,
            freeze=freeze,
        ),
        "frozen": _(
            "The programme of %(year)s is closed; its last day was %(freeze)s. Corrections wait, marked as late; you "
            "can always cancel or withdraw an event.",
            year=year,
            freeze=freeze,
        ),
    }


def _list_moments(days: CallDays, lang: str) -> list[tuple[str, str]]:
    named = (
        (_("Opens"), format_day(days.opens, lang)),
        (_("Today"), format_day(days.today, lang)),
        (_("Deadline"), f"{format_day(days.deadline, lang)}, 23:59"),
        (_("Programme closes"), format_day(days.freeze, lang)),
    )
    return [(translate(term, lang), day) for term, day in named]


def _name_month(day: date) -> str:
    return ROMAN[day.month - 1].upper()
