"""Invariants: what must be true after every fault, judged from the history and the final picture. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal

from faults.history import Act, Downtimes, EventText, Feed, History, Poll, parse_title

Invariant = Literal["kept", "once", "forward", "gate", "honest", "heals", "readable"]
PROBLEM = "application/problem+json"
OK, UNAVAILABLE = 200, 503
REFUSALS = range(400, 500)


@dataclass(frozen=True, slots=True)
class Violation:
    invariant: Invariant
    text: str


@dataclass(frozen=True, slots=True)
class StoredSubmission:
    """A submission as ingest shows it to its organisation, or an entry as calendar shows it.

    ``texts`` are titles by version: calendar's of what waits and of what is public, ingest's of the present version.
    """

    id: str
    texts: Mapping[int, str]
    version: int
    state: str


@dataclass(frozen=True, slots=True)
class LoggedMessage:
    number: int
    id: str
    digest: bytes


@dataclass(frozen=True, slots=True)
class FinalState:
    """The final state: responses of the services, feeds by format, messages by topic and key."""

    submissions: Sequence[StoredSubmission] = ()
    entries: Sequence[StoredSubmission] = ()
    feeds: Mapping[str, Feed] = field(default_factory=dict)
    topics: Mapping[tuple[str, str], Sequence[LoggedMessage]] = field(default_factory=dict)


@dataclass(slots=True)
class ExpectedEvent:
    """What was acknowledged about one event."""

    token: str
    event_id: str | None = None
    version: int = 0
    last: tuple[int, EventText] | None = None
    accepted: dict[int, EventText] = field(default_factory=dict)
    cancelled: bool = False
    withdrawn: bool = False

    @property
    def public(self) -> EventText | None:
        """What every feed must show; None if none may."""
        return self.accepted[max(self.accepted)] if self.accepted and not self.withdrawn else None


def sum_up_acts(acts: Sequence[Act]) -> dict[str, ExpectedEvent]:
    """By token, from what was acknowledged."""
    found: dict[str, ExpectedEvent] = {}
    for act in acts:
        if act.outcome == "ok" and act.version is not None:
            _add_act(found.setdefault(act.content.token, ExpectedEvent(act.content.token)), act, act.version)
    return found


def _add_act(event: ExpectedEvent, act: Act, version: int) -> None:
    event.event_id = event.event_id or act.event_id
    if act.kind in {"send", "edit"}:
        event.last = (version, act.content)
    if act.kind == "accept":
        event.accepted[version] = act.content
    elif act.kind != "reject":
        event.version = max(event.version, version)
    event.cancelled |= act.kind == "cancel"
    event.withdrawn |= act.kind == "withdraw"


# RSS may be full then: it carries 200 items, of which an event may have two.
FULL_OF_NEWS: Final = 100


def check(history: History, absences: Downtimes, picture: FinalState) -> list[Violation]:
    # Healing is judged by who waited for it.
    return [
        *check_kept(history, picture),
        *check_once(history, picture),
        *check_forward(history, picture),
        *check_gate(history, picture),
        *check_honest(history, absences),
        *check_readable(history, absences),
    ]


def check_kept(history: History, picture: FinalState) -> Iterator[Violation]:
    """What was acknowledged must be there, in its last version."""
    submissions = {each.id: each for each in picture.submissions}
    entries = {each.id: each for each in picture.entries}
    for event in sum_up_acts(history.acts).values():
        if event.last is None:
            continue
        for place, found in (("ingest", submissions), ("calendar", entries)):
            held = found.get(event.event_id or "")
            if reason := _explain_missing(event, held, in_calendar=place == "calendar"):
                yield Violation("kept", f"{event.token} in {place}: {reason}")
        for extension, feed in picture.feeds.items():
            if reason := _explain_feed(event, feed, may_lack=_may_lack(extension, feed)):
                yield Violation("kept", f"{event.token} in the {extension} feed: {reason}")


def _explain_missing(event: ExpectedEvent, held: StoredSubmission | None, *, in_calendar: bool) -> str | None:
    if held is None:
        return "it is missing"
    if event.withdrawn:
        return None if held.state == "withdrawn" else f"it was withdrawn and is {held.state}"
    if not in_calendar and held.version < event.version:
        return f"version {event.version} was acknowledged, {held.version} is there"
    version, content = event.last or (0, EventText(event.token, 0))
    text = held.texts.get(version if in_calendar else held.version, "")
    if parse_title(text) != content:
        return f"version {version} was acknowledged as {content}, there is {dict(held.texts)}"
    return None


def _may_lack(extension: str, feed: Feed) -> bool:
    # RSS carries its newest items only.
    return extension == "rss" and len(feed) >= FULL_OF_NEWS


def _explain_feed(event: ExpectedEvent, feed: Feed, *, may_lack: bool) -> str | None:
    shown = feed.get(event.event_id or "", ())
    if event.public is None:
        return "it is not public and is shown" if shown else None
    if not shown:
        return None if may_lack else "it was accepted and is missing"
    if parse_title(shown[0].title) != event.public:
        return f"{event.public} was accepted, {shown[0].title} is shown"
    if event.cancelled != shown[0].cancelled and shown[0].revision is not None:
        return f"cancelled is {event.cancelled}, shown is {shown[0].cancelled}"
    return None


def check_once(history: History, picture: FinalState) -> Iterator[Violation]:
    """A key must not make two submissions, nor an event occur twice in a list, feed or topic."""
    for contradiction in history.contradictions:
        yield Violation("once", contradiction)
    yield from _find_doubles(picture.submissions, "ingest")
    yield from _find_doubles(picture.entries, "calendar")
    for extension, feed in picture.feeds.items():
        yield from _find_doubles_in_feed(feed, f"the {extension} feed")
    for poll in history.polls:
        yield from _find_doubles_in_feed(poll.feed or {}, f"the {poll.extension} feed while the fault went on")
    for (topic, key), messages in picture.topics.items():
        digests: dict[str, bytes] = {}
        for said in messages:
            if digests.setdefault(said.id, said.digest) != said.digest:
                yield Violation("once", f"{topic} has message {said.id} of {key} in two forms")


def count_repeats(picture: FinalState) -> int:
    """Messages that are on a topic more than once."""
    return sum(
        count > 1 for messages in picture.topics.values() for count in Counter(said.id for said in messages).values()
    )


def _find_doubles(held: Sequence[StoredSubmission], place: str) -> Iterator[Violation]:
    ids: defaultdict[str, set[str]] = defaultdict(set)
    for each in held:
        for title in each.texts.values():
            if content := parse_title(title):
                ids[content.token].add(each.id)
    for token, several in ids.items():
        if len(several) > 1:
            yield Violation("once", f"{token} is {len(several)} submissions in {place}: {sorted(several)}")
    for twice in _list_repeated([each.id for each in held]):
        yield Violation("once", f"{place} lists {twice} twice")


def _find_doubles_in_feed(feed: Feed, name: str) -> Iterator[Violation]:
    for event_id, shown in feed.items():
        if len(shown) > 1:
            yield Violation("once", f"{event_id} stands {len(shown)} times in {name}")
    tokens = [content.token for shown in feed.values() if (content := parse_title(shown[0].title))]
    for token in _list_repeated(tokens):
        yield Violation("once", f"{token} stands in {name} under several UIDs")


def _list_repeated(items: Sequence[str]) -> list[str]:
    return [item for item, count in Counter(items).items() if count > 1]


def check_forward(history: History, picture: FinalState) -> Iterator[Violation]:
    """A revision must not fall, an event not vanish unasked, a topic not end with an older number."""
    withdrawals = {act.content.token: act.began for act in history.acts if act.kind == "withdraw"}
    by_feed: defaultdict[str, list[Poll]] = defaultdict(list)
    for poll in history.polls:
        if poll.feed is not None:
            by_feed[poll.extension].append(poll)
    for extension, polls in by_feed.items():
        for before, after in pairwise(polls):
            may_lack = _may_lack(extension, after.feed or {}) or (history.is_order_wrong and extension == "json")
            for reason in _find_regressions(before.feed or {}, after, withdrawals, may_lack=may_lack):
                yield Violation("forward", f"{extension} feed: {reason}")
    for (topic, key), said in picture.topics.items():
        highest = max(each.number for each in said)
        if said[-1].number < highest:
            yield Violation("forward", f"{topic} ends {key} with {said[-1].number} after {highest}")


def _find_regressions(before: Feed, poll: Poll, withdrawals: Mapping[str, float], *, may_lack: bool) -> Iterator[str]:
    after = poll.feed or {}
    if before is after:
        return
    for event_id, shown in before.items():
        now = after.get(event_id)
        if now is None:
            content = parse_title(shown[0].title)
            unasked = content is None or withdrawals.get(content.token, float("inf")) > poll.ended
            if unasked and not may_lack:
                yield f"{shown[0].title} vanished"
        elif (now[0].revision or 0) < (shown[0].revision or 0):
            yield f"{shown[0].title} fell from revision {shown[0].revision} to {now[0].revision}"


def check_gate(history: History, picture: FinalState) -> Iterator[Violation]:
    """No text in a feed before it was accepted, and no submission shown to another organisation."""
    decided: dict[EventText, float] = {}
    for act in history.acts:
        if act.kind == "accept":
            decided.setdefault(act.content, act.began)
    seen: set[int] = set()
    for poll in history.polls:
        if poll.feed is not None and id(poll.feed) not in seen:
            seen.add(id(poll.feed))
            yield from _find_unaccepted(
                poll.feed, decided, poll.ended, f"{poll.extension} feed while the fault went on"
            )
    for extension, feed in picture.feeds.items():
        yield from _find_unaccepted(feed, decided, float("inf"), f"{extension} feed")
    for each in history.trespasses:
        if each.status == OK:
            yield Violation("gate", f"{each.organisation} could read {each.token}, which is another's")


def _find_unaccepted(feed: Feed, decided: Mapping[EventText, float], by: float, name: str) -> Iterator[Violation]:
    for shown in feed.values():
        for each in shown:
            content = parse_title(each.title)
            if content is None or content not in decided or decided[content] > by:
                yield Violation("gate", f"{each.title} stands in the {name}, and nobody had accepted it")


def check_honest(history: History, absences: Downtimes) -> Iterator[Violation]:
    """Every refusal must be a documented problem, every running service must answer, every act have an outcome."""
    for each in history.attempts:
        if each.status is None:
            if not absences.covers(each.service, each.began, each.ended):
                yield Violation("honest", f"{each.what}: {each.trouble}, though {each.service} was there")
        elif not OK <= each.status < 300:
            documented = each.status in REFUSALS or (each.status == UNAVAILABLE and each.retry_after)
            if not documented or not each.content_type.startswith(PROBLEM):
                yield Violation("honest", f"{each.what}: {each.status} {each.content_type} {each.retry_after or ''}")
    for act in history.acts:
        if act.outcome in {"open", "unknown"}:
            yield Violation("honest", f"what became of {act.kind} {act.content} could not be found out")


def check_readable(history: History, absences: Downtimes) -> Iterator[Violation]:
    """Feeds must be answered 200 while distribution runs."""
    for poll in history.polls:
        if poll.status != OK and not absences.covers("distribution", poll.began, poll.ended):
            yield Violation("readable", f"the {poll.extension} feed was answered {poll.status or 'not at all'}")
