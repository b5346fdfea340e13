"""What a part of a service tells of itself in numbers; the web shows them to Prometheus.

A part that runs beside the requests gives its own list (:class:`Measured`), so that whoever starts it need not know it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

Number = float | Mapping[str, float] | None
"""One number, or several by the value of a label; None while it is not known."""

Reading = Callable[[], Number | Awaitable[Number]]
"""Gives a number of now; it may ask for it, for example a database."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number that is read when it is asked for.

    ``name`` is as Prometheus has it, with its base unit at the end (``kal_outbox_oldest_unsent_seconds``), a counter's
    with ``_total``; the label ``service`` is added. ``meaning`` is one sentence. With ``label`` (``topic``) the reading
    gives the numbers by the label's value.
    """

    name: str
    meaning: str
    reading: Reading
    label: str | None = None
    kind: Literal["gauge", "counter"] = "gauge"


@runtime_checkable
class Measured(Protocol):
    """A part that tells how it gets on."""

    def measures(self) -> Sequence[Measure]:
        """Give its numbers."""
        ...
