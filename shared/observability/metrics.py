"""Metrics that components define for themselves, read at scrape time; ``shared/web/ops`` exposes them to Prometheus."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

# A number, or several by label value; None while unknown.
MetricValue = float | Mapping[str, float] | None

# It may query a database.
MetricReader = Callable[[], MetricValue | Awaitable[MetricValue]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricDefinition:
    """A metric by Prometheus' naming rules (``kal_outbox_oldest_unsent_seconds``, ``_total``).

    ``meaning`` is the help text. With a ``label`` (``topic``) the value is a mapping by label value; the label
    ``service`` is added.
    """

    name: str
    meaning: str
    reading: MetricReader
    label: str | None = None
    kind: Literal["gauge", "counter"] = "gauge"


@runtime_checkable
class MetricSource(Protocol):
    def metrics(self) -> Sequence[MetricDefinition]: ...
