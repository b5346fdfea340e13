"""Submission state as a database expression, equal to :attr:`Submission.state`. Pure."""

from __future__ import annotations

from typing import Final, get_args

from shared.database.client import Document
from shared.messages import ReviewState


def match_state(state: ReviewState) -> Document:
    """:attr:`Submission.state` as an aggregation expression; null sorts below every number."""
    is_withdrawn = {"$gt": ["$withdrawn_at_version", "$content_version"]}
    is_of_content: Document = {"$eq": ["$review.version", "$content_version"]}
    has_state: Document = {"$eq": ["$review.state", state]}
    matches: Document = {"$and": [is_of_content, has_state]}
    if state == "withdrawn":
        return {"$or": [is_withdrawn, matches]}
    if state == "waiting":
        matches = {"$or": [{"$not": [is_of_content]}, matches]}
    return {"$and": [{"$not": [is_withdrawn]}, matches]}


STATE_EXPRESSION: Final[Document] = {
    "$switch": {"branches": [{"case": match_state(state), "then": state} for state in get_args(ReviewState)]}
}
