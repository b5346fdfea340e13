"""The interface of a feed format."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from services.distribution.programme.indexed_event import NewsPosition
from services.distribution.programme.selection import Query
from shared.messages import EventPublished

MAX_BYTES: Final = 250_000
"""Of a document of news, as JSON Feed asks for."""


class Window(NamedTuple):
    """How much of a selection one document carries: the newest items that fit into both bounds."""

    # ``bytes`` limits the document; a longer item comes alone. ``is_paged``: older items are on further pages, not
    # omitted.

    items: int
    bytes: int
    is_paged: bool


@dataclass(frozen=True, slots=True)
class FeedHead:
    """``newest`` is the last change among the events (RFC 3339); ``next_page_after`` is None on the last page."""

    query: Query
    newest: str | None
    next_page_after: NewsPosition | None = None


class Format(Protocol):
    """A document is head, rendered events joined by ``separator``, and tail; UTF-8."""

    # The bytes depend on the arguments alone: no clock, no state.

    @property
    def extension(self) -> str:
        """The file extension, which also names the format."""
        ...

    @property
    def content_type(self) -> str: ...

    @property
    def separator(self) -> bytes: ...

    @property
    def window(self) -> Window | None:
        """The newest items and notices; None if the format carries all events, in their order."""
        ...

    def render_head(self, heading: FeedHead) -> bytes: ...

    def render_event(self, message: EventPublished, language: str) -> bytes:
        """Render one event; whatever is raised keeps only this event out of the feed."""
        ...

    def render_notice(self, message: EventPublished, language: str) -> bytes:
        """Render the last notice of an event as an additional item; only for a format with a window."""
        ...

    def render_tail(self) -> bytes: ...
