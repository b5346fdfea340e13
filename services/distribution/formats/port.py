"""What a format is: the words it puts before, between, and after the blocks of its events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from services.distribution.selection import Asked
from shared.messages import EventPublished


@dataclass(frozen=True, slots=True)
class Heading:
    """What the head of a feed is made from; ``newest`` is the last change among its events (RFC 3339), if any."""

    asked: Asked
    newest: str | None


class Format(Protocol):
    """A format of feeds. A feed is ``head``, the blocks joined by ``joiner``, and ``tail``; all of it UTF-8.

    The bytes depend on the arguments alone: no clock, no state.
    """

    @property
    def extension(self) -> str:
        """The end of its files' names, which is also its name."""
        ...

    @property
    def content_type(self) -> str:
        """What its answers say they are."""
        ...

    @property
    def joiner(self) -> bytes:
        """What stands between two blocks."""
        ...

    @property
    def newest_first(self) -> bool:
        """Whether its events come by their last change, newest first, instead of in the order of the programme."""
        ...

    def head(self, heading: Heading) -> bytes:
        """Write what stands before the first block."""
        ...

    def block(self, message: EventPublished, language: str) -> bytes:
        """Write one event in a language.

        Raises:
            Exception: whatever is wrong with the event; it then stays out of the feed, alone.

        """
        ...

    def tail(self) -> bytes:
        """Write what stands after the last block."""
        ...
