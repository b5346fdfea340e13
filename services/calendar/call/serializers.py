"""JSON of a call."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from services.calendar.call.model import YearCall, make_call_message
from shared.call import parse_call


def serialize_call(call: YearCall, *, now: datetime) -> dict[str, Any]:
    terms = call.terms
    return {
        "year": call.year,
        "number": call.number,
        "phase": parse_call(make_call_message(call)).get_phase(now),
        "opens_on": terms.opens_on.isoformat(),
        "deadline_on": terms.deadline_on.isoformat(),
        "freeze_on": terms.freeze_on.isoformat(),
        "answer_days": terms.answer_days,
        "criteria": terms.criteria,
        "locked_fields": list(terms.locked_fields),
        "late_codes": [
            {"id": each.id, "label": each.label, "made_at": each.made_at, "revoked_at": each.revoked_at}
            for each in call.codes
        ],
        "announced_at": call.announced_at,
        "changed_at": call.changed_at,
    }
