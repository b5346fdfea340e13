"""History of a row: what was done and seen. Together with the final picture it is all that is judged.

All times are seconds of one monotonic clock.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["send", "edit", "cancel", "withdraw", "accept", "reject"]
# ``refused``: answered and not done. ``unknown``: no response, however often it was repeated.
Outcome = Literal["open", "ok", "refused", "unknown"]

_TITLE = re.compile(r"\b(F\d+-\d+)v(\d+)\b")
# A process that ends by itself is noticed this late at most.
SLACK_SECONDS = 1.0


class EventText(NamedTuple):
    """Which event a text is about, and the number of the text."""

    token: str
    ordinal: int


def write_title(content: EventText) -> str:
    return f"Próba {content.token}v{content.ordinal}"


def parse_title(title: str) -> EventText | None:
    """Also where a format has put a word before it; None for another's."""
    found = _TITLE.search(title)
    return EventText(found[1], int(found[2])) if found else None


@dataclass(slots=True)
class Act:
    """One intended change, requested until answered, always with the same body and key.

    ``version`` is what was acknowledged: the submission's for an organisation's acts, the live one for an acceptance.
    """

    kind: Kind
    content: EventText
    key: str
    began: float
    outcome: Outcome = "open"
    ended: float | None = None
    event_id: str | None = None
    version: int | None = None

    def end(self, outcome: Outcome, at: float, *, event_id: str | None = None, version: int | None = None) -> None:
        self.outcome, self.ended, self.version = outcome, at, version
        self.event_id = event_id or self.event_id


@dataclass(frozen=True, slots=True)
class Attempt:
    """``status`` is None if there was no response; ``trouble`` says why."""

    service: str
    what: str
    began: float
    ended: float
    status: int | None
    trouble: str = ""
    content_type: str = ""
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class ShownEvent:
    """A format without revisions has None."""

    title: str
    revision: int | None = None
    cancelled: bool = False


# By event id: one, or it is doubled.
Feed = Mapping[str, Sequence[ShownEvent]]


@dataclass(frozen=True, slots=True)
class Poll:
    """``feed`` is None unless it was answered 200."""

    extension: str
    began: float
    ended: float
    status: int | None
    feed: Feed | None = None


@dataclass(frozen=True, slots=True)
class Trespass:
    """An organisation requested another's submission and got ``status``."""

    organisation: str
    token: str
    status: int


@dataclass(slots=True)
class History:
    """In the order of beginning or end."""

    acts: list[Act] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    polls: list[Poll] = field(default_factory=list)
    trespasses: list[Trespass] = field(default_factory=list)
    # Repeats with the same key that were answered differently.
    contradictions: list[str] = field(default_factory=list)
    # Pages of a JSON feed are in the order of changes: what a clock that went back has dated moves past its reader.
    is_order_wrong: bool = False

    def begin(self, kind: Kind, content: EventText, key: str, at: float) -> Act:
        act = Act(kind, content, key, at)
        self.acts.append(act)
        return act

    def count_done(self, kind: Kind, began: float, ended: float) -> int:
        """Acts that were both begun and acknowledged in that time."""
        return sum(
            act.kind == kind and act.outcome == "ok" and act.began >= began and (act.ended or ended) < ended
            for act in self.acts
        )

    @property
    def accepted(self) -> int:
        return sum(act.outcome == "ok" for act in self.acts)


class Downtimes:
    """When a service could not answer because of a fault: dead, suspended, or not ready again yet."""

    def __init__(self) -> None:
        self._spans: defaultdict[str, list[list[float]]] = defaultdict(list)

    def begin(self, service: str, at: float) -> None:
        # It may be noted twice.
        spans = self._spans[service]
        if not spans or spans[-1][1] != float("inf"):
            spans.append([at, float("inf")])

    def end(self, service: str, at: float) -> None:
        spans = self._spans[service]
        if spans and spans[-1][1] == float("inf"):
            spans[-1][1] = at

    def covers(self, service: str, began: float, ended: float) -> bool:
        return any(
            began <= end + SLACK_SECONDS and ended >= start - SLACK_SECONDS for start, end in self._spans[service]
        )
