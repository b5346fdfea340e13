"""View of a draft: the words of the bar, rows of a list, fields with several texts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from textwrap import shorten
from typing import Final
from zoneinfo import ZoneInfo

from services.ingest.draft.documents import DATES_IN_ROWS
from services.ingest.draft.model import Draft, list_changed, list_typists, write_choice
from services.ingest.form.mapping import FormValues
from services.ingest.form.view import get_label, make_field_id
from shared.erasure import describe_writer
from shared.event.date_phrases import format_local_time
from shared.i18n.text import Text, _, p_

TOGETHER: Final = timedelta(minutes=5)
"""So long after they typed last, somebody counts as typing into the same draft."""
MAX_LABELS: Final = 5
DATE_FIELDS: Final = ("start_date", "end_date", "month", "season")


@dataclass(frozen=True, slots=True)
class Place:
    """Where and when a view is made: the language, the region's time zone, the present instant."""

    lang: str
    zone: ZoneInfo
    now: str


@dataclass(frozen=True, slots=True)
class SavedView:
    """The words of the bar; ``others`` type into the same draft, ``changed`` names fields that the page lacks."""

    said: Text
    others: Sequence[Text] = ()
    changed: Sequence[Text] = ()
    ended: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class OtherView:
    """Another text of a field; ``choice`` is what the button says that takes it."""

    choice: str
    who: str
    when: str
    lines: Sequence[str]


@dataclass(frozen=True, slots=True)
class ContestedField:
    """``choice`` is what the button says that keeps the text that stands."""

    choice: str
    id: str
    label: Text
    lines: Sequence[str]
    others: Sequence[OtherView]


@dataclass(frozen=True, slots=True)
class DraftHeading:
    """What the page of a draft says above its form."""

    url: str
    origin: Text | None
    changed: Text
    unchecked_dates: bool
    contested: Sequence[ContestedField]


MAX_DAY: Final = 40
MAX_TITLE: Final = 200
"""Characters of a draft's title in lists: what is typed there may be as long as a form."""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """A draft in a list; ``title`` is empty if none was typed."""

    url: str
    title: str
    kind: Text
    when: str
    changed: Text


def make_saved(draft: Draft | None, shown: FormValues, account_id: str, place: Place) -> SavedView:
    """``shown`` is what the page holds."""
    if draft is None:
        return SavedView(_("Nothing is saved yet."))
    if draft.ended is not None:
        return make_ended(draft)
    said = _("Draft saved %(time)s", time=format_time(draft.changed_at, place))
    changed = [get_label(name) for name in list_changed(draft, shown)]
    return SavedView(said, _list_others(draft, account_id, place), changed[:MAX_LABELS])


def make_ended(draft: Draft) -> SavedView:
    if draft.ended == "sent":
        return SavedView(_("This draft was sent."), ended=True, url=f"/ingest/submissions/{draft.sent_as}")
    return SavedView(_("This draft was discarded."), ended=True)


def make_heading(draft: Draft, place: Place) -> DraftHeading:
    return DraftHeading(
        url=f"/ingest/drafts/{draft.id}",
        origin=describe_origin(draft) if draft.edited or draft.origin else None,
        changed=_describe_change(draft, place),
        unchecked_dates=has_unchecked_dates(draft),
        contested=[_make_contested(name, draft, place) for name in draft.contested],
    )


def make_row(draft: Draft, place: Place) -> DraftRow:
    fields = draft.fields
    titles = [values for name, values in fields.items() if name.startswith("title.")]
    dates = [fields[name][-1] for name in DATES_IN_ROWS if name in fields]
    return DraftRow(
        url=f"/ingest/drafts/{draft.id}",
        title=shorten((fields.get("title.pl") or next(iter(titles), ("",)))[-1], MAX_TITLE, placeholder="…"),
        kind=describe_origin(draft),
        when=shorten(next(iter(dates), ""), MAX_DAY, placeholder="…"),
        changed=_describe_change(draft, place),
    )


def describe_origin(draft: Draft) -> Text:
    origin = draft.edited or draft.origin
    match origin.kind if origin else "":
        case "copy":
            return _("Copy")
        case "rollover":
            return _("From an earlier year")
        case "edit":
            return p_("noun", "Change")
        case "request":
            return _("Answer to a request")
    return _("New event")


def has_unchecked_dates(draft: Draft) -> bool:
    """Whether its dates are those that it was made with, and nobody has touched them."""
    if draft.origin is None or draft.edited or draft.origin.kind == "request":
        return False
    dates = [draft.typed[name] for name in DATE_FIELDS if name in draft.typed]
    return bool(dates) and all(not each.by.page for each in dates)


def format_time(instant: str, place: Place) -> str:
    """Write the hour alone if it is today."""
    local, now = (datetime.fromisoformat(each).astimezone(place.zone) for each in (instant, place.now))
    return f"{local:%H:%M}" if local.date() == now.date() else format_local_time(instant, place.lang, place.zone)


def _describe_change(draft: Draft, place: Place) -> Text:
    return _(
        "Changed last on %(when)s by %(who)s.",
        when=format_local_time(draft.changed_at, place.lang, place.zone),
        who=describe_writer(draft.changed_by.name, place.lang),
    )


def _list_others(draft: Draft, account_id: str, place: Place) -> list[Text]:
    since = datetime.fromisoformat(place.now) - TOGETHER
    others = [
        each
        for each in list_typists(draft)
        if each.by.account_id != account_id and each.by.page and datetime.fromisoformat(each.at) >= since
    ]
    return [_("%(who)s is typing here too.", who=describe_writer(each.by.name, place.lang)) for each in others]


def _make_contested(name: str, draft: Draft, place: Place) -> ContestedField:
    field = draft.typed[name]
    others = [
        OtherView(
            write_choice(name, field, each.values),
            describe_writer(each.by.name, place.lang),
            format_time(each.at, place),
            each.values,
        )
        for each in field.others
    ]
    return ContestedField(
        write_choice(name, field, field.values), make_field_id(name), get_label(name), field.values, others
    )
