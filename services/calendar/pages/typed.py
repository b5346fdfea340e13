"""What a curator typed into a form, and why it could not be done; shown again with every value kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import get_args

from starlette.datastructures import FormData

from services.calendar.desk import Rule, comment_in
from services.calendar.domain import review
from services.calendar.domain.review import DecisionKind
from shared.web.locale import _
from shared.web.problems import FieldError, Invalid, Problem

DECISIONS: Mapping[str, DecisionKind] = {each: each for each in get_args(DecisionKind)}
LONGEST_NUMBER = 18
"""Digits of a number that the database keeps."""


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields of a decision; ``seen`` is the review number of the entry that was looked at."""

    decision: str = ""
    reason: str = ""
    comment: str = ""
    seen: int = 0

    def rule(self, *, by: str) -> Rule:
        """Give what is to be done.

        Raises:
            Invalid: if no decision is chosen, or the comment cannot be kept.

        """
        decision = DECISIONS.get(self.decision)
        if decision is None:
            raise Invalid(errors=[FieldError("decision", _("Wybierz, co dalej z tą wersją."), "missing")])
        comment = comment_in(self.comment)
        return lambda entry, at: review.decide(
            entry, decision, by=by, now=at, reason=self.reason or None, comment=comment
        )


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something could not be done, and what was typed."""

    problem: Problem
    typed: Typed = field(default_factory=Typed)

    @property
    def errors(self) -> dict[str, str]:
        """Give the errors by their fields."""
        return {each.field: each.message for each in self.problem.errors}

    @property
    def summary(self) -> list[dict[str, str]]:
        """Give what the error summary lists: each field's error, or what is the case."""
        if self.problem.errors:
            return [{"id": each.field, "text": each.message} for each in self.problem.errors]
        return [{"id": "main", "text": self.problem.detail}]


def typed_in(form: FormData) -> Typed:
    """Read what was typed."""
    return Typed(
        decision=text_in(form, "decision"),
        reason=text_in(form, "reason"),
        comment=text_in(form, "comment"),
        seen=number_in(text_in(form, "review_number")),
    )


def text_in(form: FormData, name: str) -> str:
    """Read a field of a form as text; what is not there is empty."""
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def number_in(text: str) -> int:
    """Read a number that only rises; what is none of ours is 0, which no entry has."""
    ours = text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER
    return int(text) if ours else 0
