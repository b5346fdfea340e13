"""One feed: what a channel or a filter gives in one format and language, kept up to date block by block."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from services.distribution.answers import Header, Representation
from services.distribution.blocks import Blocks, Kind
from services.distribution.content import Content, Key, Print
from services.distribution.formats import Format
from services.distribution.formats.port import Heading
from services.distribution.programme import Listing, Programme
from services.distribution.selection import Asked
from shared.web.headers import OF_FILES

FEW = 4
"""So many events are moved, and their chunks deflated, in one step: copying a large feed would cost more than that."""

_BYTES_PER_EVENT = 200
"""What keeping an event's place in a feed costs, roughly, beside its bytes."""


class Address(NamedTuple):
    """What makes a feed this feed and no other."""

    asked: Asked
    extension: str

    @property
    def kind(self) -> Kind:
        """How its events are written."""
        return Kind(self.extension, self.asked.language)


class Feed:
    """A feed and the answers it gives. :meth:`update` brings it up to date; until it is through the old ones stand.

    Its answers are ``plain`` and, in gzip, ``gzipped``; they are there once it ``is_ready``, and their
    bodies are joined when somebody wants them. ``pending`` names the events that may have changed it.
    """

    def __init__(self, address: Address, form: Format, file_name: str) -> None:
        self.address = address
        self.used = 0
        """Which request, of all since the start, was the last that asked for it."""
        self.paths: set[tuple[bytes, bytes]] = set()
        """The raw paths and queries by which it was asked for."""
        self.pending: set[str] = set()
        self.is_ready = False
        """Whether it has something to answer."""
        self.plain: Representation
        self.gzipped: Representation
        self._form = form
        self._headers: list[Header] = [
            (b"content-type", form.content_type.encode()),
            (b"content-disposition", f'inline; filename="{file_name}"'.encode()),
            *OF_FILES,
        ]
        self._content = Content()
        self._members: dict[str, Key] = {}
        self._changed = 0

    @property
    def weight(self) -> int:
        """How many bytes it keeps, about."""
        bodies = self.plain.weight + self.gzipped.weight if self.is_ready else 0
        return bodies + self._content.packed_bytes + _BYTES_PER_EVENT * len(self._members)

    def concerns(self, event_id: str, listing: Listing | None) -> bool:
        """Tell whether a changed event is, or was, in it."""
        return event_id in self._members or (listing is not None and self.address.asked.selection.takes(listing))

    def update(self, programme: Programme, blocks: Blocks) -> Iterator[None]:
        """Bring it up to date with the programme, in small steps.

        Between two steps the programme may go on; what changes after the rendering is pending again.
        """
        if not self.is_ready:
            self.pending.update(listing.id for listing in self.address.asked.selection.of(programme))
        ids = yield from self._render_pending(programme, blocks)
        at_once = self.is_ready and len(ids) <= FEW
        content, changed = self._content if at_once else Content(self._content), programme.newest
        for event_id in sorted(ids):
            self._move(content, event_id, programme.listing(event_id), blocks)
        for _ in content.pack(self._form.joiner):
            if not at_once:
                yield
        self._publish(content, changed)

    def stamp(self, changed: int) -> None:
        """Say in Last-Modified when the programme last changed, without this feed having changed."""
        if changed != self._changed:
            self._changed = changed
            self.plain = self.plain.stamped(changed)
            self.gzipped = self.gzipped.stamped(changed)

    def _render_pending(self, programme: Programme, blocks: Blocks) -> Generator[None, None, set[str]]:
        """Render what is pending, and what becomes so meanwhile, a block a step; returns the ids."""
        done: set[str] = set()
        while self.pending:
            ids = sorted(self.pending)
            done |= self.pending
            self.pending = set()
            for event_id in ids:
                listing = programme.listing(event_id)
                if listing and not blocks.is_rendered(self.address.kind, listing):
                    blocks.block(self.address.kind, listing)
                    yield
        return done

    def _move(self, content: Content, event_id: str, listing: Listing | None, blocks: Blocks) -> None:
        """Put an event where it belongs now."""
        old = self._members.pop(event_id, None)
        if old:
            content.remove(old)
        if listing is None or not self.address.asked.selection.takes(listing):
            return
        block = blocks.block(self.address.kind, listing)
        if block:
            key = (-listing.changed if self._form.newest_first else 0, listing.order)
            content.put(key, block)
            self._members[event_id] = key

    def _publish(self, content: Content, changed: int) -> None:
        last = content.newest
        head = self._form.head(Heading(self.address.asked, _rfc3339(last) if last else None))
        made = Print(content, head=head, joiner=self._form.joiner, tail=self._form.tail())
        self._content, self._changed = content, changed
        self.plain = self._representation(made.plain, made.length, made.etag, None)
        self.gzipped = self._representation(made.gzip, made.gzip_length, made.etag, "gzip")
        self.is_ready = True

    def _representation(self, join: Callable[[], bytes], length: int, etag: str, coding: str | None) -> Representation:
        return Representation(
            join, length=length, etag=etag, coding=coding, changed=self._changed, headers=self._headers
        )


def _rfc3339(microseconds: int) -> str:
    return datetime.fromtimestamp(microseconds / 1_000_000, UTC).isoformat().replace("+00:00", "Z")
