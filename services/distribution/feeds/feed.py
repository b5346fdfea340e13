"""One feed: a selection in one format and language, updated event by event."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from datetime import UTC, datetime

from services.distribution.feeds.address import FeedAddress
from services.distribution.feeds.document import FeedDocument
from services.distribution.feeds.feed_index import FeedIndex
from services.distribution.feeds.membership import create_membership
from services.distribution.feeds.render_cache import RenderCache
from services.distribution.feeds.responses import Header, Representation
from services.distribution.formats import Format
from services.distribution.formats.port import FeedHead
from services.distribution.programme.indexed_event import IndexedEvent
from services.distribution.programme.model import Programme, Tombstone
from shared.web.http.last_modified import LastModified, settle_version
from shared.web.middleware.security_headers import FILE_HEADERS

VersionDating = Callable[[LastModified | None], LastModified]
"""Dates a new version of a feed; it is given that of the version before, None for the first."""

SMALL_CHANGE = 4
"""Events that are moved, with their chunks compressed, in one step: copying a large feed would cost more."""

_BYTES_PER_EVENT = 200
"""What keeping an event's place in a feed costs, roughly, without its bytes."""
_BYTES_PER_PATH = 300
"""What remembering a spelling of its address adds to that."""


class Feed:
    """Serves the document of its last update until the next one is finished."""

    def __init__(self, address: FeedAddress, format_: Format, file_name: str) -> None:
        self.address = address
        self.last_request = 0
        """The number of the last request that asked for it, counted from the start."""
        self.paths: set[tuple[bytes, bytes]] = set()
        """The raw paths and queries by which it was asked for."""
        self.pending: set[str] = set()
        self.is_ready = False
        """Whether it has something to answer."""
        self.version: LastModified | None = None
        """When its present version was made; None until it is ready."""
        self.plain: Representation
        self.gzipped: Representation
        self._format = format_
        self._headers: list[Header] = [
            (b"content-type", format_.content_type.encode()),
            (b"content-disposition", f'inline; filename="{file_name}"'.encode()),
            *FILE_HEADERS,
        ]
        self._index = FeedIndex()
        self._members = create_membership(address, format_)
        self._tells_last_change = format_.window is None or not format_.window.is_paged
        self._withdrawn: dict[str, int] = {}
        """When events of its selection were withdrawn, by their ids; they are part of its last change."""

    @property
    def size(self) -> int:
        bodies = self.plain.size + self.gzipped.size if self.is_ready else 0
        paths = sum(len(path) + len(query_string) + _BYTES_PER_PATH for path, query_string in self.paths)
        return bodies + paths + self._index.size + _BYTES_PER_EVENT * (len(self._members) + len(self._withdrawn))

    def is_affected_by(self, event_id: str, event: IndexedEvent | None, tombstone: Tombstone | None = None) -> bool:
        """Whether a changed event is or was in it, or decides where its window ends or when it changed last."""
        if self._members.is_affected_by(event_id, event):
            return True
        return event_id in self._withdrawn or self._is_withdrawal_told(tombstone)

    def update(self, programme: Programme, cache: RenderCache, date_version: VersionDating) -> Iterator[None]:
        """Update it in small steps; what changes between two steps becomes pending again."""
        if not self.is_ready:
            self.pending.update(self._members.list_initial(programme))
            self._note_withdrawals(programme.tombstones, programme)
        ids = yield from self._render_pending(programme, cache)
        self._note_withdrawals(ids, programme)
        is_small = self.is_ready and len(ids) <= SMALL_CHANGE
        at_once = is_small and self._format.window is None
        index = self._index if at_once else FeedIndex(self._index)
        yield from self._members.update(index, ids, programme, cache)
        for _ in index.compress(self._format.separator):
            if not is_small:
                yield
        self._publish(index, date_version(self.version))

    def _is_withdrawal_told(self, tombstone: Tombstone | None) -> bool:
        facets = tombstone.facets if tombstone else None
        return self._tells_last_change and facets is not None and self.address.query.selection.matches(facets)

    def _note_withdrawals(self, ids: Iterable[str], programme: Programme) -> None:
        for event_id in ids:
            tombstone = programme.tombstones.get(event_id)
            if tombstone and self._is_withdrawal_told(tombstone):
                self._withdrawn[event_id] = tombstone.withdrawn_at
            else:
                self._withdrawn.pop(event_id, None)

    def settle_version(self, now: float) -> bool:
        """Let responses carry the date of this version; returns whether they do."""
        if self.version is None or self.version.is_settled:
            return True
        settled = settle_version(self.version, now)
        if settled.is_settled:
            self.version = settled
            self.plain.set_date(settled)
            self.gzipped.set_date(settled)
        return settled.is_settled

    def _render_pending(self, programme: Programme, cache: RenderCache) -> Generator[None, None, set[str]]:
        """Render what is pending, including what becomes so meanwhile, one event a step; returns the ids."""
        done: set[str] = set()
        while self.pending:
            ids = sorted(self.pending)
            done |= self.pending
            self.pending = set()
            for event_id in ids:
                event = programme.get(event_id)
                if event:
                    yield from self._members.render(event, cache)
        return done

    def _publish(self, index: FeedIndex, version: LastModified) -> None:
        last = max(index.changed_at, *self._withdrawn.values(), 0)
        newest = _format_instant(last) if last else None
        head = self._format.render_head(FeedHead(self.address.query, newest, self._members.next_page_after))
        document = FeedDocument(
            index,
            head=head,
            separator=self._format.separator,
            tail=self._format.render_tail(),
            headers=self._headers,
            version=version,
        )
        self._index, self.version = index, version
        self.plain, self.gzipped = document.plain, document.gzipped
        self.is_ready = True


def _format_instant(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC).isoformat().replace("+00:00", "Z")
