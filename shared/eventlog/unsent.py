"""What stands in a document's outbox, as whoever wrote it hands it over, or as it is found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from shared.database import Document
from shared.eventlog.envelope import Letter, read_document


class LetterUnreadable(Exception):
    """What stands in an outbox is no letter."""


class Unsent(NamedTuple):
    """A document by its ``_id``, and all letters that stand in its outbox, in order; ``flaw`` says why not the rest."""

    id: Any
    letters: Sequence[Letter]
    flaw: str | None = None

    @property
    def ids(self) -> Sequence[str]:
        """The ids of its letters."""
        return [letter.id for letter in self.letters]

    def require_flawless(self) -> None:
        """Let it be known if what comes after its letters is none.

        Raises:
            LetterUnreadable: if it is so.

        """
        if self.flaw:
            raise LetterUnreadable(self.flaw)


def unsent_in(document: Document) -> Unsent:
    """Read a document's outbox up to what is no letter."""
    letters: list[Letter] = []
    for letter in document["outbox"]:
        try:
            letters.append(read_document(letter))
        except TypeError as error:
            return Unsent(document["_id"], letters, f"a letter in the outbox is incomplete: {error}")
    return Unsent(document["_id"], letters)
