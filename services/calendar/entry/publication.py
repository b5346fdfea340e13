"""Publication: the public state of an entry, and the messages of each change."""

from __future__ import annotations

from typing import Any

from msgspec.structs import replace

from services.calendar.entry.model import (
    Entry,
    find_last_decision,
    get_confirmation,
    get_live_status,
    get_postponing_side,
    get_public_content,
    get_public_event,
    get_reported_facts,
    get_review_state,
)
from shared.event.days import breaks_announcement, get_span
from shared.event.lapse import is_lapsed
from shared.event.model import SPANS, Dates, Event, parse_part, serialize_part
from shared.event.notices import is_moved
from shared.messages import (
    EventFacets,
    EventPublished,
    EventWithdrawn,
    Message,
    Notice,
    NoticeKind,
    Postponement,
    PublicStatus,
    Remark,
    SubmissionReviewed,
)

EntryChange = tuple[Entry, tuple[Message, ...]]
"""An entry after a change, and its messages: none if nothing changed."""
_NUMBERED = ("revision", "published_at", "changed_at", "notice")
"""What :func:`complete_change` derives from the entry before."""


def get_public_state(entry: Entry) -> tuple[PublicStatus, Event | None, bool] | None:
    """Return status and event as they are public, and whether it is postponed; None while nothing ever was."""
    if entry.live is None:
        return None
    status = get_live_status(entry) or "confirmed"
    is_postponed = get_postponing_side(entry) is not None
    return (status, None, False) if status == "withdrawn" else (status, get_public_event(entry), is_postponed)


def complete_change(before: Entry, after: Entry, *, now: str) -> EntryChange:
    """Number a change and make its messages. The public one is first: the relay keeps the order."""
    numbered = replace(after, review_number=before.review_number + 1)
    is_same = get_public_state(before) == get_public_state(numbered)
    is_same = is_same and get_reported_facts(before) == get_reported_facts(numbered)  # feeds show the mark
    if is_same and get_confirmation(before) == get_confirmation(numbered):
        return numbered, (make_review_message(numbered, now=now),)
    published = replace(
        numbered,
        revision=before.revision + 1,
        published_at=before.published_at or now,
        changed_at=before.changed_at if is_same else now,  # a confirmation is no news for subscribers
    )
    published = replace(published, notice=_make_notice(before, published, now=now))
    return published, (make_programme_message(published), make_review_message(published, now=now))


def hide_lapsed_in(before: Entry | None, change: EntryChange, day: str, *, now: str) -> EntryChange:
    """Make a change again so that it shows no picture whose licence is over on a day of the region."""
    after, messages = change
    hidden = _hide_lapsed(after, day)
    if before is None or not messages or hidden is after:
        return change
    numbers = {name: getattr(before, name) for name in _NUMBERED}
    return complete_change(before, replace(hidden, **numbers), now=now)


def lapse_pictures(entry: Entry, day: str, *, now: str) -> EntryChange:
    """Take what is lapsed on a day out of what is public; nothing changes if there is no such picture."""
    after = _hide_lapsed(entry, day)
    if get_public_state(entry) == get_public_state(after):
        return entry, ()
    return complete_change(entry, after, now=now)


def _hide_lapsed(entry: Entry, day: str) -> Entry:
    """Note the day only where it hides something, and never an earlier one."""
    event = get_public_event(entry)
    if event is None or not any(is_lapsed(each, day) for each in event.images):
        return entry
    return replace(entry, lapsed_on=max(day, entry.lapsed_on or ""))


def make_programme_message(entry: Entry) -> EventPublished | EventWithdrawn:
    """Raises ValueError if nothing was ever public."""
    event = get_public_event(entry)
    if event is None or entry.published_at is None or entry.changed_at is None:
        raise ValueError(f"nothing of entry {entry.id} was ever public")
    status, notice = get_live_status(entry), _get_notice(entry)
    is_postponed = get_postponing_side(entry) is not None
    if status == "withdrawn":
        return EventWithdrawn(
            event_id=entry.id,
            revision=entry.revision,
            withdrawn_at=entry.changed_at,
            facets=_get_facets(event),
        )
    return EventPublished(
        event_id=entry.id,
        revision=entry.revision,
        status="cancelled" if status == "cancelled" else "confirmed",
        organiser=entry.organiser,
        external_id=entry.external_id,
        published_at=entry.published_at,
        changed_at=entry.changed_at,
        event=serialize_part(event),
        previous_dates=entry.previous_dates,
        notice=notice if notice and notice.kind != "postponed" else None,
        confirmed_at=get_confirmation(entry),
        reported=list(get_reported_facts(entry)),
        postponed=Postponement(notice.revision, notice.at) if notice and is_postponed else None,
    )


def _get_facets(event: Event) -> EventFacets:
    first_day, last_day = get_span(event.dates)
    return EventFacets(
        county=event.venue.county,
        categories=[event.category, *event.also],
        first_day=first_day,
        last_day=last_day,
        audience=event.audience,
        setting=event.setting,
    )


def _make_notice(before: Entry, after: Entry, *, now: str) -> Notice | None:
    """Return the news of a change; a first publication is none."""
    if before.revision == 0 or get_live_status(after) == "withdrawn":
        return None
    if _get_announcement(before) == _get_announcement(after):
        return _get_notice(before)
    return Notice(_get_notice_kind(after) or "reinstated", after.revision, now)


def _get_notice(entry: Entry) -> Notice | None:
    """Return the last news; that of an earlier release counts as of the last change."""
    kind = _get_notice_kind(entry)
    if entry.notice or kind is None or entry.changed_at is None:
        return entry.notice
    return Notice(kind, entry.revision, entry.changed_at)


def _get_announcement(entry: Entry) -> tuple[PublicStatus | None, bool, dict[str, Any] | None, bool]:
    """Return what news is about: the status, the broken dates, and whether people who know of a move wait for a day."""
    public = get_public_content(entry)
    is_open = public is not None and public.event.dates.certainty in SPANS
    is_waited_for = is_open and _is_moved(entry) and get_live_status(entry) != "cancelled"
    is_postponed = get_postponing_side(entry) is not None
    return get_live_status(entry), is_postponed, entry.previous_dates if _is_moved(entry) else None, is_waited_for


def _get_notice_kind(entry: Entry) -> NoticeKind | None:
    if get_live_status(entry) == "cancelled":
        return "cancelled"
    if get_postponing_side(entry):
        return "postponed"
    return "moved" if _is_moved(entry) else None


def _is_moved(entry: Entry) -> bool:
    """Earlier releases stored dates that the present ones do not break."""
    public = get_public_content(entry)
    return public is not None and is_moved(public.event.dates, entry.previous_dates)


def find_broken_dates(entry: Entry, event: Event) -> dict[str, Any] | None:
    """Return the announced dates that another public content breaks; None once they hold again."""
    now, earlier, public = event.dates, entry.previous_dates, get_public_content(entry)
    if public is None or (earlier and not breaks_announcement(parse_part(earlier, Dates), now)):
        return None
    announced = public.event.dates
    return serialize_part(_drop_notes(announced)) if breaks_announcement(announced, now) else earlier


def _drop_notes(dates: Dates) -> Dates:
    """What was said of single dates is no news of the others, and may be withdrawn."""
    if dates.recurrence is None:
        return dates
    exceptions = [replace(each, note={}) for each in dates.recurrence.exceptions]
    return replace(dates, recurrence=replace(dates.recurrence, exceptions=exceptions))


def make_review_message(entry: Entry, *, now: str) -> SubmissionReviewed:
    """Reason and comment are those of the last decision."""
    decision = find_last_decision(entry)
    return SubmissionReviewed(
        submission_id=entry.id,
        review_number=entry.review_number,
        state=get_review_state(entry),
        version=entry.content_version,
        decided_version=decision.version if decision else None,
        reason=decision.reason if decision else None,
        comment=decision.comment if decision else None,
        reviewed_at=decision.when if decision else now,
        live_version=entry.live.version if entry.live else None,
        live_status=get_live_status(entry),
        stopped_by_curator=entry.stop is not None and get_live_status(entry) in {None, entry.stop.kind},
        remarks=[Remark(each.id, each.at, each.text) for each in entry.remarks if each.by == "curator"],
        reported_version=entry.report.version if entry.report and get_reported_facts(entry) else None,
        reported=list(get_reported_facts(entry)),
        taken_back_version=entry.taken_back_version,
        postponed=get_postponing_side(entry),
    )


def find_repair(entry: Entry, revision_seen: int) -> EventPublished | EventWithdrawn | None:
    """Return what to publish again if a record of our own topic is older than the entry.

    A relay that stalls and wakes may write an older revision after a newer one, and compaction would keep that.
    """
    return make_programme_message(entry) if revision_seen < entry.revision else None
