"""Decision form: its values, and why a decision was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Literal, get_args

from starlette.datastructures import FormData

from services.calendar.entry.model import Action, Entry
from services.calendar.review import model as review_model
from services.calendar.review.commands import EntryCommand, EntryOutdated
from services.calendar.review.model import CuratorAct, DecisionKind
from services.calendar.review.problems import RULE_ERRORS, read_problem
from services.calendar.review.thread_view import FormKind, Written, WrittenTexts
from shared.field_error import FieldError
from shared.i18n.text import _
from shared.remarks import make_remark_id
from shared.web.forms import read_field
from shared.web.http.numbers import parse_number
from shared.web.pages.parts import ErrorLink
from shared.web.problems import Invalid, Problem, Stale

RedrawMode = Literal["errors", "outdated"]

_ACTIONS: Mapping[DecisionKind, Action] = {
    "accept": "accepted",
    "reject": "rejected",
    "request_changes": "changes_requested",
}
DECISIONS: Mapping[str, DecisionKind] = {each: each for each in get_args(DecisionKind)}


@dataclass(frozen=True, slots=True)
class DecisionForm:
    """``seen`` is the review number that was shown."""

    decision: str = ""
    reason: str = ""
    comment: str = ""
    seen: int = 0

    def __bool__(self) -> bool:
        """Whether something is chosen or typed."""
        return bool(self.decision or self.reason or self.comment)

    def make_command(self, *, by: str) -> EntryCommand:
        """Raises Invalid if no decision is chosen; CommentTooLong, CommentUnreadable."""
        decision = self._get_decision()
        comment = review_model.read_comment(self.comment)
        return partial(review_model.decide, decision=decision, by=by, reason=self.reason or None, comment=comment)

    def make_act(self, *, by: str) -> CuratorAct:
        """Raises as :meth:`make_command`."""
        decision = self._get_decision()
        reason = self.reason if decision == "reject" else None
        return CuratorAct(_ACTIONS[decision], by, reason, review_model.read_comment(self.comment))

    def _get_decision(self) -> DecisionKind:
        decision = DECISIONS.get(self.decision)
        if decision is None:
            raise Invalid(errors=[FieldError("decision", _("Choose what happens to this version."), "missing")])
        return decision


@dataclass(frozen=True, slots=True)
class Refusal:
    problem: Problem
    values: DecisionForm = field(default_factory=DecisionForm)

    @property
    def mode(self) -> RedrawMode:
        """How the form finds out again what was wrong, in another language."""
        return "outdated" if isinstance(self.problem, Stale) else "errors"

    @property
    def errors(self) -> dict[str, str]:
        return {each.field: each.message for each in self.problem.errors}

    @property
    def summary(self) -> list[ErrorLink]:
        """The error summary: each field's error, else the problem."""
        if self.problem.errors:
            return [ErrorLink(each.field, each.message) for each in self.problem.errors]
        return [ErrorLink("main", self.problem.detail)]


def find_refusal(entry: Entry, values: DecisionForm, mode: str, try_out: Callable[[Entry], object]) -> Refusal | None:
    """Find out again what was wrong with a form that is shown in another language; ``try_out`` saves nothing."""
    try:
        if mode == "outdated":
            raise EntryOutdated(entry.review_number)
        if mode == "errors":
            try_out(entry)
    except RULE_ERRORS as error:
        return Refusal(read_problem(error), values)
    return None


def read_decision_form(form: FormData) -> DecisionForm:
    return DecisionForm(
        decision=read_field(form, "decision"),
        reason=read_field(form, "reason"),
        comment=read_field(form, "comment"),
        seen=read_review_number(read_field(form, "review_number")),
    )


def read_texts(form: FormData) -> WrittenTexts:
    return WrittenTexts(_read_written(form, "remark"), _read_written(form, "note"))


def _read_written(form: FormData, kind: FormKind) -> Written:
    return Written(kind, make_remark_id(read_field(form, f"{kind}_key")), read_field(form, kind))


def read_review_number(text: str) -> int:
    """Return 0, which no entry has, for anything else."""
    return parse_number(text) or 0
