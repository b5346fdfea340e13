"""Which pictures public events show. Pure."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from typing import Any, Final

_NAME: Final = re.compile(r"[0-9a-f]{64}")


class ShownMedia:
    """Pictures by the events that show them; an event without any costs nothing."""

    def __init__(self) -> None:
        self._events: dict[str, set[str]] = {}

    def __contains__(self, media: str) -> bool:
        return media in self._events

    def __len__(self) -> int:
        return len(self._events)

    def add(self, event_id: str, pictures: Iterable[str]) -> None:
        for media in pictures:
            self._events.setdefault(media, set()).add(event_id)

    def remove(self, event_id: str, pictures: Iterable[str]) -> None:
        """Idempotent."""
        for media in pictures:
            left = self._events.get(media, set())
            left.discard(event_id)
            if not left:
                self._events.pop(media, None)


def list_media(images: Any) -> tuple[str, ...]:  # noqa: ANN401 - as it came: what is no picture shows none
    """List the names of an event's pictures."""
    if not isinstance(images, list):
        return ()
    named = (each.get("media") for each in images if isinstance(each, dict))
    return tuple(sys.intern(each) for each in named if isinstance(each, str) and _NAME.fullmatch(each))
