"""What was done and seen while a fault went on: the only thing, beside the end's picture, that is judged.

All times are seconds of one monotonic clock.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

Kind = Literal["send", "edit", "cancel", "withdraw", "accept", "reject"]
Outcome = Literal["open", "ok", "refused", "unknown"]
"""``refused``: answered, and surely not done. ``unknown``: no answer, however often it was repeated."""

_TITLE = re.compile(r"\b(F\d+-\d+)v(\d+)\b")
SLACK_SECONDS = 1.0
"""A process that ends by itself is noticed so late at most."""


class Content(NamedTuple):
    """Which event of ours a text is about, and its how manieth text that is."""

    token: str
    ordinal: int


def title_of(content: Content) -> str:
    """Write a title that tells every text from every other."""
    return f"Próba {content.token}v{content.ordinal}"


def content_of(title: str) -> Content | None:
    """Read such a title, also where a format has put a word before it; None for another's."""
    found = _TITLE.search(title)
    return Content(found[1], int(found[2])) if found else None


@dataclass(slots=True)
class Act:
    """What somebody wanted: asked once or many times, always in the same words and with the same key.

    ``version`` is what was acknowledged: the submission's for an organisation's acts, the live one for an acceptance.
    """

    kind: Kind
    content: Content
    key: str
    began: float
    outcome: Outcome = "open"
    ended: float | None = None
    event_id: str | None = None
    version: int | None = None

    def end(self, outcome: Outcome, at: float, *, event_id: str | None = None, version: int | None = None) -> None:
        """Note what became of it."""
        self.outcome, self.ended, self.version = outcome, at, version
        self.event_id = event_id or self.event_id


@dataclass(frozen=True, slots=True)
class Attempt:
    """One request: its answer's status, or None and the ``trouble`` why there was none."""

    service: str
    what: str
    began: float
    ended: float
    status: int | None
    trouble: str = ""
    content_type: str = ""
    retry_after: str | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """An event as a feed shows it; a format that has no revision gives None."""

    title: str
    revision: int | None = None
    cancelled: bool = False


Feed = Mapping[str, Sequence[Shown]]
"""What a feed holds under each event's id: one, or it is doubled."""


@dataclass(frozen=True, slots=True)
class Poll:
    """One look at a feed; ``feed`` is None unless it was answered 200."""

    extension: str
    began: float
    ended: float
    status: int | None
    feed: Feed | None = None


@dataclass(frozen=True, slots=True)
class Trespass:
    """An organisation asked for another's submission and got ``status``."""

    organisation: str
    token: str
    status: int


@dataclass(slots=True)
class History:
    """Everything that happened in a row, in the order in which it ended or began."""

    acts: list[Act] = field(default_factory=list)
    attempts: list[Attempt] = field(default_factory=list)
    polls: list[Poll] = field(default_factory=list)
    trespasses: list[Trespass] = field(default_factory=list)
    contradictions: list[str] = field(default_factory=list)
    """Repeats with the same key that were answered as something else."""

    def begin(self, kind: Kind, content: Content, key: str, at: float) -> Act:
        """Note that somebody begins to want something."""
        act = Act(kind, content, key, at)
        self.acts.append(act)
        return act

    def done_between(self, kind: Kind, began: float, ended: float) -> int:
        """Count the acts of a kind that were both begun and answered as done in a time."""
        return sum(
            act.kind == kind and act.outcome == "ok" and act.began >= began and (act.ended or ended) < ended
            for act in self.acts
        )

    @property
    def accepted(self) -> int:
        """How many acts were answered as done."""
        return sum(act.outcome == "ok" for act in self.acts)


class Absences:
    """When a service could not answer because of us: dead, stopped in its tracks, or not ready again yet."""

    def __init__(self) -> None:
        self._spans: defaultdict[str, list[list[float]]] = defaultdict(list)

    def begin(self, service: str, at: float) -> None:
        """Note that a service is gone; it may be noted twice."""
        spans = self._spans[service]
        if not spans or spans[-1][1] != float("inf"):
            spans.append([at, float("inf")])

    def end(self, service: str, at: float) -> None:
        """Note that it is back and ready."""
        spans = self._spans[service]
        if spans and spans[-1][1] == float("inf"):
            spans[-1][1] = at

    def excuse(self, service: str, began: float, ended: float) -> bool:
        """Tell whether it was gone at any time from one moment to another."""
        return any(
            began <= end + SLACK_SECONDS and ended >= start - SLACK_SECONDS for start, end in self._spans[service]
        )
