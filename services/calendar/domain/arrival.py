"""What a message about a submission makes of its entry.

A message carries the full state, so that only its numbers count: it makes no difference whether those before it were
seen, or seen twice.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from services.calendar.domain.entry import KEPT_ACTS, KEPT_BYTES, KEPT_CONTENTS, Act, Content, Deed, Entry, Proposal
from services.calendar.domain.public import Outcome, settle
from shared.messages import SubmissionMessage


def receive(entry: Entry | None, message: SubmissionMessage, *, now: str) -> Outcome:
    """Take in what an organisation did; a message that is not newer changes nothing and sends nothing.

    New content becomes the waiting proposal, whatever was decided on the old one. A withdrawal takes the proposal away
    unless newer content reopened it; a cancellation leaves it.
    """
    before = entry or Entry(id=message.submission_id, organiser=message.organiser, external_id=message.external_id)
    if message.version <= before.received_version:
        return before, ()
    news = message.content_version > before.content_version
    after = replace(
        before,
        organiser=message.organiser,
        external_id=message.external_id,
        received_version=message.version,
        content_version=max(message.content_version, before.content_version),
        cancelled_at_version=message.cancelled_at_version,
        withdrawn_at_version=message.withdrawn_at_version,
        proposal=_proposal(before, message, news=news),
        contents=_kept((*before.contents, _content(message))) if news else before.contents,
        history=(*before.history, *_acts(before, message))[-KEPT_ACTS:],
    )
    return settle(before, after, now=now)


def _proposal(before: Entry, message: SubmissionMessage, *, news: bool) -> Proposal | None:
    proposal = before.proposal
    if news:
        proposal = Proposal(
            version=message.content_version, state="waiting", event=message.event, sent_at=message.sent_at
        )
    withdrawn = proposal is not None and (message.withdrawn_at_version or 0) > proposal.version
    return None if withdrawn else proposal


def _content(message: SubmissionMessage) -> Content:
    return Content(version=message.content_version, event=message.event, sent_at=message.sent_at)


def _kept(contents: tuple[Content, ...]) -> tuple[Content, ...]:
    """Let go of the oldest contents, but never of the last."""
    kept: list[Content] = []
    size = 0
    for content in reversed(contents):
        size += len(msgspec.json.encode(content.event))
        if kept and (size > KEPT_BYTES or len(kept) == KEPT_CONTENTS):
            break
        kept.append(content)
    return tuple(reversed(kept))


def _acts(before: Entry, message: SubmissionMessage) -> list[Act]:
    """Read from the numbers what the organisation did since the last message, in the order of its versions."""
    done: list[tuple[Deed, int, int]] = [
        ("sent", message.content_version, before.content_version),
        ("cancelled", message.cancelled_at_version or 0, before.cancelled_at_version or 0),
        ("withdrawn", message.withdrawn_at_version or 0, before.withdrawn_at_version or 0),
    ]
    return [
        Act(by="organisation", who=message.organiser.name, when=message.sent_at, what=what, version=version)
        for what, version, known in sorted(done, key=lambda each: each[1])
        if version > known
    ]
