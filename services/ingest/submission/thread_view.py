"""View of the conversation about a submission, as its organisation sees it. Pure."""

from __future__ import annotations

from heapq import merge
from typing import Literal
from uuid import uuid4

from services.ingest.submission import labels
from services.ingest.submission.documents import StoredSubmission
from services.ingest.submission.history import HistoryEntry
from services.ingest.submission.model import OwnRemark, Submission
from shared.erasure import describe_writer
from shared.event.date_phrases import format_local_time
from shared.event.vocabulary import describe_reason
from shared.i18n.text import _
from shared.messages import Remark
from shared.region import Region
from shared.web.pages.parts import RemarkForm, ThreadItem, split_paragraphs

_DECISIONS = frozenset(
    {
        "accepted",
        "changes_requested",
        "rejected",
        "taken_back_by_curator",
        "cancelled_by_curator",
        "postponed_by_curator",
        "reinstated_by_curator",
        "withdrawn_by_curator",
    }
)


def list_thread(found: StoredSubmission, lang: str, region: Region) -> list[ThreadItem]:
    """List remarks of both sides, decisions and what was sent, newest first."""
    # Each list is in the order in which it came about here, whatever the clocks of others said.
    submission, curators = found.submission, found.submission.review.remarks if found.submission.review else ()
    merged = merge(
        (_make_step(each, lang, region) for each in found.history if each.what != "remarked"),
        (_make_remark("ours", each, each.who, lang, region) for each in submission.remarks),
        (_make_remark("theirs", each, region.curator.name, lang, region) for each in curators),
        key=lambda each: each.instant,
    )
    return list(merged)[::-1]


def _make_remark(
    side: Literal["ours", "theirs"], remark: OwnRemark | Remark, who: str, lang: str, region: Region
) -> ThreadItem:
    when = format_local_time(remark.at, lang, region.time_zone)
    return ThreadItem(
        side=side,
        instant=remark.at,
        when=when,
        who=describe_writer(who, lang),
        paragraphs=split_paragraphs(remark.text),
    )


def _make_step(entry: HistoryEntry, lang: str, region: Region) -> ThreadItem:
    when = format_local_time(entry.at, lang, region.time_zone)
    label = labels.get_action_label(entry.what, entry.version)
    if entry.what not in _DECISIONS:
        who = describe_writer(entry.who or "", lang)
        return ThreadItem(side="event", instant=entry.at, when=when, who=who, what=label)
    reason = [f"{describe_reason(entry.reason, lang)}."] if entry.reason else []
    return ThreadItem(
        side="theirs",
        instant=entry.at,
        when=when,
        who=region.curator.name,
        what=label,
        paragraphs=[*reason, *split_paragraphs(entry.comment or "")],
    )


def get_question(submission: Submission) -> list[str]:
    """Return the curators' last remark if it waits for an answer, by paragraph."""
    if not submission.has_question or submission.review is None:
        return []
    return split_paragraphs(submission.review.remarks[-1].text)


def make_form(submission: Submission, *, key: str = "", text: str = "", error: str = "") -> RemarkForm:
    return RemarkForm(
        id="remark",
        action=f"/ingest/submissions/{submission.id}/remarks",
        key=key or str(uuid4()),
        label=_("Remark"),
        hint=_("The curators read it here; it changes nothing in the submission."),
        button=_("Send the remark"),
        text=text,
        error=error,
    )
