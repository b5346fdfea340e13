"""Pending messages: the outbox of one document, as the relay finds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from shared.database.client import Document
from shared.eventlog.envelope import Envelope, InvalidMessage, parse_document


class PendingMessages(NamedTuple):
    """A document by its ``_id`` and the envelopes in its outbox, in order; ``error``: why not all."""

    id: Any
    envelopes: Sequence[Envelope]
    error: str | None = None

    def raise_error(self) -> None:
        """Raises InvalidMessage if the outbox holds something else after these envelopes."""
        if self.error:
            raise InvalidMessage(self.error)


def parse_pending(document: Document) -> PendingMessages:
    """Parse a document's outbox up to the first invalid envelope."""
    envelopes: list[Envelope] = []
    for envelope in document["outbox"]:
        try:
            envelopes.append(parse_document(envelope))
        except TypeError as error:
            return PendingMessages(document["_id"], envelopes, f"an envelope in the outbox is incomplete: {error}")
    return PendingMessages(document["_id"], envelopes)
