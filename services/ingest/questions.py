"""What is asked of the database about a submission's state; :attr:`Submission.state` says the same in Python. Pure."""

from __future__ import annotations

from typing import Final, get_args

from shared.database import Document
from shared.messages import ReviewState


def is_in(state: ReviewState) -> Document:
    """Write :attr:`Submission.state` as a question to the database; null is below every number there."""
    taken_back = {"$gt": ["$withdrawn_at_version", "$content_version"]}
    of_this_content: Document = {"$eq": ["$review.version", "$content_version"]}
    in_words: Document = {"$eq": ["$review.state", state]}
    said: Document = {"$and": [of_this_content, in_words]}
    if state == "withdrawn":
        return {"$or": [taken_back, said]}
    if state == "waiting":
        said = {"$or": [{"$not": [of_this_content]}, said]}
    return {"$and": [{"$not": [taken_back]}, said]}


STANDING: Final[Document] = {
    "$switch": {"branches": [{"case": is_in(state), "then": state} for state in get_args(ReviewState)]}
}
"""Gives the state."""
