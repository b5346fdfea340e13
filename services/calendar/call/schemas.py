"""Request and response schemas of the API of calls."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field

from services.calendar.call.model import LOCKABLE, MAX_ANSWER_DAYS, MAX_CRITERIA, CallTerms
from shared.call import CallPhase

OpensOn = Annotated[date, Field(description="The first local day on which new events are taken.")]
DeadlineOn = Annotated[date, Field(description="The last local day, to its end.")]
FreezeOn = Annotated[date, Field(description="The last local day before the programme closes, to its end.")]

# The rules say what is wrong, in the reader's language; the schema tells programs the same beforehand.
_TEXT: Final = {"type": "string", "maxLength": MAX_CRITERIA}
_DAYS: Final = {"minimum": 1, "maximum": MAX_ANSWER_DAYS}
_CRITERIA: Final[dict[str, Any]] = {
    "required": ["pl"],
    "properties": {"pl": _TEXT | {"minLength": 1}},
    "additionalProperties": _TEXT,
}
_LOCKED: Final[dict[str, Any]] = {"items": {"type": "string", "enum": list(LOCKABLE)}}

AnswerDays = Annotated[
    int, Field(description="Days within which an organisation gets its answer.", json_schema_extra=_DAYS)
]
Criteria = Annotated[
    dict[str, str], Field(description="What is taken, by language, with `pl`.", json_schema_extra=_CRITERIA)
]
LockedFields = Annotated[
    list[str], Field(description="Fields that do not change after the deadline.", json_schema_extra=_LOCKED)
]


class CallBody(BaseModel):
    """The terms of a call."""

    model_config = ConfigDict(extra="forbid")

    opens_on: OpensOn
    deadline_on: DeadlineOn
    freeze_on: FreezeOn
    answer_days: AnswerDays = 14
    criteria: Annotated[Criteria, Field(max_length=50)]
    locked_fields: Annotated[LockedFields, Field(max_length=50)] = []

    def to_terms(self) -> CallTerms:
        return CallTerms(
            opens_on=self.opens_on,
            deadline_on=self.deadline_on,
            freeze_on=self.freeze_on,
            answer_days=self.answer_days,
            criteria=self.criteria,
            locked_fields=tuple(self.locked_fields),
        )


class LateCodeAnswer(BaseModel):
    """A late code that was made; the code itself is shown once, on the page."""

    id: str
    label: str
    made_at: str
    revoked_at: str | None


class CallAnswer(BaseModel):
    """The call for a year."""

    year: int
    number: Annotated[int, Field(description="Rises with every change; the `ETag`.")]
    phase: Annotated[CallPhase, Field(description="Where it stands now; `late` is past the deadline.")]
    opens_on: OpensOn
    deadline_on: DeadlineOn
    freeze_on: FreezeOn
    answer_days: AnswerDays
    criteria: Criteria
    locked_fields: LockedFields
    late_codes: list[LateCodeAnswer]
    announced_at: str
    changed_at: str


class CallList(BaseModel):
    """All calls, the latest year first."""

    items: list[CallAnswer]


_EXPECTED = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "pattern": '^(\\*|"[0-9]{1,18}")$'},
    "description": "The `ETag` of the call that was seen, or `*`; required where there is one already.",
}
_ONLY_NEW = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string", "enum": ["*"]},
    "description": "`*`: announce only; a call that is there already is answered 412.",
}
PUTS_CALL: dict[str, Any] = {"parameters": [_EXPECTED, _ONLY_NEW]}
CALL_CURRENT = {"ETag": {"description": "the call's number, in quotes", "schema": {"type": "string"}}}
