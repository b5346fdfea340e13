"""Document mapping of a draft. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from services.ingest.draft.model import Draft, Origin, OtherText, TypedField, Typist
from services.ingest.form.mapping import is_field
from shared.database.client import Document

KEPT_AFTER_END: Final = timedelta(days=90)
"""How long it stays known that a draft was sent or discarded; of one rolled over, for good."""
DATES_IN_ROWS: Final = ("start_date", "month", "season")
"""Of these a row of a list shows the first that is filled."""
_SHORT: Final = 300


@dataclass(frozen=True, slots=True)
class RequestDraft:
    """A draft made for a request; ``sent_as`` is the submission that it became, "" if it is not known to be sent."""

    id: str
    organisation: str
    request_id: str
    sent_as: str


def write_draft(draft: Draft) -> Document:
    """Fields are a list: their names hold points."""
    return {
        "_id": make_key(draft.id, draft.organisation),
        "organisation": draft.organisation,
        "origin": _write_origin(draft.origin),
        "fields": [_write_field(name, each) for name, each in draft.typed.items()],
        "version": draft.version,
        "created_at": draft.created_at,
        "changed_at": draft.changed_at,
        "changed_by": _write_typist(draft.changed_by),
        "ended": draft.ended,
        "sent_as": draft.sent_as,
        "sent_version": draft.sent_version,
        **_write_marks(draft),
    }


def parse_draft(document: Document) -> Draft:
    origin = document["origin"]
    return Draft(
        id=document["_id"].rpartition(" ")[2],
        organisation=document["organisation"],
        typed=parse_fields(document),
        origin=Origin(**origin) if origin else None,
        version=document["version"],
        created_at=document["created_at"],
        changed_at=document["changed_at"],
        changed_by=Typist(**document["changed_by"]),
        ended=document["ended"],
        sent_as=document["sent_as"],
        sent_version=document.get("sent_version"),
    )


def parse_fields(document: Document) -> dict[str, TypedField]:
    return {each["name"]: _parse_field(each) for each in document["fields"] if _is_held(each)}


def parse_request_draft(document: Document) -> RequestDraft:
    return RequestDraft(
        id=document["_id"].rpartition(" ")[2],
        organisation=document["organisation"],
        request_id=document["origin"]["submission_id"],
        sent_as=document["sent_as"],
    )


def make_summary_step() -> Document:
    """Step of a pipeline that keeps of a draft what a row of a list shows: titles and days, shortened."""
    shown = {
        "$or": [
            {"$in": ["$$this.name", DATES_IN_ROWS]},
            {"$eq": [{"$substrCP": ["$$this.name", 0, len("title.")]}, "title."]},
        ]
    }
    last = {
        "$map": {
            "input": {"$slice": ["$$this.values", -1]},
            "as": "value",
            "in": {"$substrCP": ["$$value", 0, _SHORT]},
        }
    }
    field = {"name": "$$this.name", "values": last, "by": "$$this.by", "at": "$$this.at"}
    return {"$set": {"fields": {"$map": {"input": {"$filter": {"input": "$fields", "cond": shown}}, "in": field}}}}


def make_key(draft_id: str, organisation: str) -> str:
    """Ids come from browsers: one organisation cannot take another's."""
    return f"{organisation} {draft_id}"


def make_origin_key(origin: Origin) -> str:
    """Name an origin: of it an organisation has one draft at a time."""
    return f"{origin.kind} {origin.submission_id} {origin.year or ''}".strip()


def _write_marks(draft: Draft) -> Document:
    """Write what indexes need: a draft that ended frees its origin, but for an event rolled over and sent."""
    stays = draft.ended is None or (
        draft.ended == "sent" and draft.origin is not None and draft.origin.kind == "rollover"
    )
    named = {"origin_key": make_origin_key(draft.origin)} if draft.origin and stays else {}
    expires = datetime.fromisoformat(draft.changed_at) + KEPT_AFTER_END
    return named if stays else {"expires_at": expires}


def _write_origin(origin: Origin | None) -> Document | None:
    if origin is None:
        return None
    return {
        "kind": origin.kind,
        "submission_id": origin.submission_id,
        "year": origin.year,
        "version": origin.version,
    }


def _write_field(name: str, field: TypedField) -> Document:
    written: dict[str, Any] = {
        "name": name,
        "values": list(field.values),
        "by": _write_typist(field.by),
        "at": field.at,
    }
    if field.others:
        written["others"] = [
            {"values": list(each.values), "by": _write_typist(each.by), "at": each.at} for each in field.others
        ]
    return written


def _is_held(document: Document) -> bool:
    """Earlier releases stored fields that were emptied, and under any name."""
    return is_field(document["name"]) and bool(document["values"] or document.get("others"))


def _parse_field(document: Document) -> TypedField:
    others = tuple(
        OtherText(tuple(each["values"]), Typist(**each["by"]), each["at"]) for each in document.get("others", ())
    )
    return TypedField(tuple(document["values"]), Typist(**document["by"]), document["at"], others)


def _write_typist(typist: Typist) -> Document:
    return {"account_id": typist.account_id, "name": typist.name, "page": typist.page}
