"""What the formats of news share about notices: cancelled, moved, reinstated."""

from __future__ import annotations

from services.distribution.presentation.localized_event import LocalizedEvent
from shared.messages import Notice


class NoticeMissing(Exception):
    """The event has no notice."""


def get_notice(event: LocalizedEvent) -> Notice:
    """Raises NoticeMissing: the event has no notice."""
    notice = event.notice
    if notice is None:
        raise NoticeMissing(event.message.event_id)
    return notice


def build_notice_id(own: str, notice: Notice) -> str:
    """Named after the revision that caused the notice, so that a later edit keeps the id."""
    return f"{own}#rev{notice.revision}"
