"""What must be true after every fault, judged from a history and a picture of the end; no clock, no network.

The invariants are those of the design: kept, once, forward, gate, honest, heals, readable.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from faults.history import Absences, Act, Content, Feed, History, Poll, content_of

Invariant = Literal["kept", "once", "forward", "gate", "honest", "heals", "readable"]
PROBLEM = "application/problem+json"
OK, UNAVAILABLE = 200, 503
REFUSALS = range(400, 500)


@dataclass(frozen=True, slots=True)
class Violation:
    """An invariant that did not hold, and how that showed."""

    invariant: Invariant
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """A submission as ingest shows it to its organisation, or an entry as calendar shows it.

    ``texts`` are the titles it has, by version: calendar's of what waits and of what is public, ingest's by the present
    version, whatever it was that was last done.
    """

    id: str
    texts: Mapping[int, str]
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class Said:
    """A message on a topic: its number, its id, and a digest of its bytes."""

    number: int
    id: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class Picture:
    """How everything stood in the end: what the services answer, the feeds by format, the topics by topic and key."""

    submissions: Sequence[Held] = ()
    entries: Sequence[Held] = ()
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    topics: Mapping[tuple[str, str], Sequence[Said]] = field(default_factory=dict)


@dataclass(slots=True)
class Expected:
    """What an organisation and the curators were told of one event."""

    token: str
    event_id: str | None = None
    version: int = 0
    last: tuple[int, Content] | None = None
    accepted: dict[int, Content] = field(default_factory=dict)
    cancelled: bool = False
    withdrawn: bool = False

    @property
    def public(self) -> Content | None:
        """The text that every feed must show; None if none may."""
        return self.accepted[max(self.accepted)] if self.accepted and not self.withdrawn else None


def expected(acts: Sequence[Act]) -> dict[str, Expected]:
    """Add up what was answered as done, by token."""
    found: dict[str, Expected] = {}
    for act in acts:
        if act.outcome == "ok" and act.version is not None:
            _add(found.setdefault(act.content.token, Expected(act.content.token)), act, act.version)
    return found


def _add(event: Expected, act: Act, version: int) -> None:
    event.event_id = event.event_id or act.event_id
    if act.kind in {"send", "edit"}:
        event.last = (version, act.content)
    if act.kind == "accept":
        event.accepted[version] = act.content
    elif act.kind != "reject":
        event.version = max(event.version, version)
    event.cancelled |= act.kind == "cancel"
    event.withdrawn |= act.kind == "withdraw"


def check(history: History, absences: Absences, picture: Picture) -> list[Violation]:
    """Judge everything but the healing, which whoever waited for it judges."""
    return [
        *kept(history, picture),
        *once(history, picture),
        *forward(history, picture),
        *gate(history, picture),
        *honest(history, absences),
        *readable(history, absences),
    ]


def kept(history: History, picture: Picture) -> Iterator[Violation]:
    """Look for what was answered as done and is not there, or not as it was last answered."""
    submissions = {each.id: each for each in picture.submissions}
    entries = {each.id: each for each in picture.entries}
    for event in expected(history.acts).values():
        if event.last is None:
            continue
        for place, found in (("ingest", submissions), ("calendar", entries)):
            held = found.get(event.event_id or "")
            if reason := _not_kept(event, held, in_calendar=place == "calendar"):
                yield Violation("kept", f"{event.token} in {place}: {reason}")
        for extension, feed in picture.feeds.items():
            if reason := _not_shown(event, feed):
                yield Violation("kept", f"{event.token} in the {extension} feed: {reason}")


def _not_kept(event: Expected, held: Held | None, *, in_calendar: bool) -> str | None:
    if held is None:
        return "it is missing"
    if event.withdrawn:
        return None if held.state == "withdrawn" else f"it was withdrawn and is {held.state}"
    if not in_calendar and held.version < event.version:
        return f"version {event.version} was acknowledged, {held.version} is there"
    version, content = event.last or (0, Content(event.token, 0))
    text = held.texts.get(version if in_calendar else held.version, "")
    if content_of(text) != content:
        return f"version {version} was acknowledged as {content}, there is {dict(held.texts)}"
    return None


def _not_shown(event: Expected, feed: Feed) -> str | None:
    shown = feed.get(event.event_id or "", ())
    if event.public is None:
        return "it is not public and is shown" if shown else None
    if not shown:
        return "it was accepted and is missing"
    if content_of(shown[0].title) != event.public:
        return f"{event.public} was accepted, {shown[0].title} is shown"
    if event.cancelled != shown[0].cancelled and shown[0].revision is not None:
        return f"cancelled is {event.cancelled}, shown is {shown[0].cancelled}"
    return None


def once(history: History, picture: Picture) -> Iterator[Violation]:
    """Look for a key that made two submissions, and for an event that stands twice in a list, feed or topic."""
    for contradiction in history.contradictions:
        yield Violation("once", contradiction)
    yield from _doubled_among(picture.submissions, "ingest")
    yield from _doubled_among(picture.entries, "calendar")
    for extension, feed in picture.feeds.items():
        yield from _doubled_in(feed, f"the {extension} feed")
    for poll in history.polls:
        yield from _doubled_in(poll.feed or {}, f"the {poll.extension} feed while the fault went on")
    for (topic, key), letters in picture.topics.items():
        digests: dict[str, bytes] = {}
        for said in letters:
            if digests.setdefault(said.id, said.digest) != said.digest:
                yield Violation("once", f"{topic} has message {said.id} of {key} in two forms")


def repeated(picture: Picture) -> int:
    """Count the messages that stand more than once on a topic, as those do that were sent again without need."""
    return sum(
        count > 1 for letters in picture.topics.values() for count in Counter(said.id for said in letters).values()
    )


def _doubled_among(held: Sequence[Held], place: str) -> Iterator[Violation]:
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for each in held:
        for title in each.texts.values():
            if content := content_of(title):
                ids[content.token].add(each.id)
    for token, several in ids.items():
        if len(several) > 1:
            yield Violation("once", f"{token} is {len(several)} submissions in {place}: {sorted(several)}")
    for twice in _double([each.id for each in held]):
        yield Violation("once", f"{place} lists {twice} twice")


def _doubled_in(feed: Feed, name: str) -> Iterator[Violation]:
    for event_id, shown in feed.items():
        if len(shown) > 1:
            yield Violation("once", f"{event_id} stands {len(shown)} times in {name}")
    tokens = [content.token for shown in feed.values() if (content := content_of(shown[0].title))]
    for token in _double(tokens):
        yield Violation("once", f"{token} stands in {name} under several UIDs")


def _double(items: Sequence[str]) -> list[str]:
    return [item for item, count in Counter(items).items() if count > 1]


def forward(history: History, picture: Picture) -> Iterator[Violation]:
    """Look for a revision that fell, an event that vanished unasked, and a topic that ends with an older number."""
    withdrawals = {act.content.token: act.began for act in history.acts if act.kind == "withdraw"}
    by_feed: defaultdict[str, list[Poll]] = defaultdict(list)
    for poll in history.polls:
        if poll.feed is not None:
            by_feed[poll.extension].append(poll)
    for extension, polls in by_feed.items():
        for before, after in pairwise(polls):
            for reason in _backwards(before.feed or {}, after, withdrawals):
                yield Violation("forward", f"{extension} feed: {reason}")
    for (topic, key), said in picture.topics.items():
        highest = max(each.number for each in said)
        if said[-1].number < highest:
            yield Violation("forward", f"{topic} ends {key} with {said[-1].number} after {highest}")


def _backwards(before: Feed, poll: Poll, withdrawals: Mapping[str, float]) -> Iterator[str]:
    after = poll.feed or {}
    if before is after:
        return
    for event_id, shown in before.items():
        now = after.get(event_id)
        if now is None:
            content = content_of(shown[0].title)
            if content is None or withdrawals.get(content.token, float("inf")) > poll.ended:
                yield f"{shown[0].title} vanished"
        elif (now[0].revision or 0) < (shown[0].revision or 0):
            yield f"{shown[0].title} fell from revision {shown[0].revision} to {now[0].revision}"


def gate(history: History, picture: Picture) -> Iterator[Violation]:
    """Look for a text in a feed that nobody had accepted by then, and for another organisation's that could be read."""
    decided: dict[Content, float] = {}
    for act in history.acts:
        if act.kind == "accept":
            decided.setdefault(act.content, act.began)
    seen: set[int] = set()
    for poll in history.polls:
        if poll.feed is not None and id(poll.feed) not in seen:
            seen.add(id(poll.feed))
            yield from _unaccepted(poll.feed, decided, poll.ended, f"{poll.extension} feed while the fault went on")
    for extension, feed in picture.feeds.items():
        yield from _unaccepted(feed, decided, float("inf"), f"{extension} feed")
    for each in history.trespasses:
        if each.status == OK:
            yield Violation("gate", f"{each.organisation} could read {each.token}, which is another's")


def _unaccepted(feed: Feed, decided: Mapping[Content, float], by: float, name: str) -> Iterator[Violation]:
    for shown in feed.values():
        for each in shown:
            content = content_of(each.title)
            if content is None or content not in decided or decided[content] > by:
                yield Violation("gate", f"{each.title} stands in the {name}, and nobody had accepted it")


def honest(history: History, absences: Absences) -> Iterator[Violation]:
    """Look for refusals that are no documented problem, silence of a service that was there, and open questions."""
    for each in history.attempts:
        if each.status is None:
            if not absences.excuse(each.service, each.began, each.ended):
                yield Violation("honest", f"{each.what}: {each.trouble}, though {each.service} was there")
        elif not OK <= each.status < 300:
            documented = each.status in REFUSALS or (each.status == UNAVAILABLE and each.retry_after)
            if not documented or not each.content_type.startswith(PROBLEM):
                yield Violation("honest", f"{each.what}: {each.status} {each.content_type} {each.retry_after or ''}")
    for act in history.acts:
        if act.outcome in {"open", "unknown"}:
            yield Violation("honest", f"what became of {act.kind} {act.content} could not be found out")


def readable(history: History, absences: Absences) -> Iterator[Violation]:
    """Look for feeds that were not answered 200 though distribution was there."""
    for poll in history.polls:
        if poll.status != OK and not absences.excuse("distribution", poll.began, poll.ended):
            yield Violation("readable", f"the {poll.extension} feed was answered {poll.status or 'not at all'}")
