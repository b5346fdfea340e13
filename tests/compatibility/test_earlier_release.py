"""An installation of the release at commit 57a3330 goes on: what it wrote is read, and it reads what we write.

``stored.json`` holds documents as it stored them, ``feeds/`` messages as they stood on its log and the feeds that it
made of them; ``earlier_*.py`` are its types, frozen. What is stored newly may differ from it only by optional fields.
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args

import msgspec
import pytest
from bson import json_util
from hypothesis import given

from services.calendar.entry.documents import parse_entry, write_entry
from services.calendar.review.model import accept
from services.ingest.draft.documents import parse_draft, write_draft
from services.ingest.submission.content import read_event
from services.ingest.submission.documents import parse_submission, wrap_messages, write_changes
from services.ingest.submission.model import submit
from shared.database.client import Document
from shared.event import model as event_model
from shared.messages import EventPublished, Message, Organiser, SubmissionReceived
from tests.compatibility import earlier_event, earlier_messages
from tests.services.calendar.builders import NOW, make_waiting
from tests.services.distribution.rendering import render
from tests.services.ingest.builders import KNOWN
from tests.services.ingest.strategies import events

HERE: Final = Path(__file__).parent
STORED: Final[Mapping[str, Document]] = json_util.loads((HERE / "stored.json").read_text(encoding="utf-8"))
FEEDS: Final = sorted((HERE / "feeds").glob("programme.*"))
AT: Final = "2026-11-21T10:00:00.000Z"
LOT: Final = Organiser("lot-szczecin", "LOT Szczecin")
IN_FULL: Final[dict[str, Any]] = {
    "title": {"pl": "Jarmark"},
    "category": "family",
    "dates": {
        "certainty": "exact",
        "start": "2027-03-06T10:00",
        "end": "2027-03-06T15:00",
        "recurrence": {
            "rrule": "FREQ=WEEKLY;COUNT=10;BYDAY=SA",
            "rdates": ["2027-05-29T10:00"],
            "exceptions": [
                {"date": "2027-03-13T10:00", "status": "cancelled", "note": {"pl": "Sztorm."}},
                {
                    "date": "2027-03-20T10:00",
                    "status": "moved",
                    "start": "2027-03-20T12:00",
                    "end": "2027-03-20T15:00",
                },
            ],
        },
    },
    "venue": {"town": "Szczecin", "county": "3262", "name": "OFF Marina"},
    "tickets": {"availability": "registration_required", "registration_until": "2027-03-01"},
    "audience": ["children", "families"],
    "ages": {"min": 3, "max": 12},
    "setting": ["outdoors"],
    "licence": "CC-BY-4.0",
    "images": [{"media": "0" * 64, "alt": {"pl": "Stragany."}, "credit": "Anna Żak", "licence": "CC-BY-4.0"}],
    "part_of": "0192c1a6-0c00-7c5e-a0ae-3d2f6b1c9e01",
}
"""An event with everything that the earlier release did not know."""
OPTIONAL: Final = {
    ".availability",
    ".availability_at_version",
    ".lapsed_on",
    ".live.dated_version",
    ".postponed",
    ".postponed_at_version",
    ".report",
    ".taken_back_version",
}
"""Fields of a document that it gained since."""


def list_types(union: object) -> dict[str, type[Any]]:
    """Message types by their name on the wire."""
    return {each.TYPE: each for each in get_args(union)}


OURS: Final = list_types(Message)
THEIRS: Final = list_types(earlier_messages.Message)


def send(event: Mapping[str, Any]) -> bytes:
    """The data of the message by which ingest sends an event."""
    _, messages = submit(read_event(event, KNOWN), id="01", organiser=LOT, at=AT)
    [envelope] = wrap_messages(messages, at=AT, traceparent=None)
    return envelope.data


def read_as_earlier(data: bytes) -> earlier_messages.SubmissionReceived:
    return msgspec.json.decode(data, type=earlier_messages.SubmissionReceived)


def list_new_paths(before: object, after: object, path: str = "") -> set[str]:
    """Paths of what ``after`` adds; raises AssertionError if anything else differs."""
    if not isinstance(before, dict) or not isinstance(after, dict):
        assert before == after, path
        return set()
    assert before.keys() <= after.keys(), path
    kept = (list_new_paths(value, after[name], f"{path}.{name}") for name, value in before.items())
    return {f"{path}.{name}" for name in after.keys() - before.keys()}.union(*kept)


# What it wrote


@pytest.mark.parametrize("file", FEEDS, ids=[each.name for each in FEEDS])
def test_messages_of_the_earlier_release_give_the_same_bytes_in_every_feed(file: Path) -> None:
    _, language, extension = file.name.split(".")
    messages = msgspec.json.decode((HERE / "feeds" / "messages.json").read_bytes(), type=list[EventPublished])

    assert render(messages, extension, language) == file.read_bytes()


def test_stored_submission_is_read_and_written_as_it_was() -> None:
    document = STORED["submission"]

    found = parse_submission(document)

    state = {name: document[name] for name in write_changes(found.submission).keys() & document.keys()}
    assert list_new_paths(state, write_changes(found.submission)) <= OPTIONAL | {".span"}
    assert (len(found.history), found.unsent) == (1, 1)


def test_message_that_waits_in_its_outbox_is_read() -> None:
    [waiting] = STORED["submission"]["outbox"]

    message = msgspec.json.decode(waiting["data"], type=SubmissionReceived)

    assert event_model.serialize_part(event_model.parse_event(message.event)) == message.event


@pytest.mark.parametrize("name", ["entry_live", "entry_waiting"])
def test_stored_entry_is_read_and_written_as_it_was(name: str) -> None:
    document = STORED[name]

    written = json_util.loads(json_util.dumps(write_entry(parse_entry(document))))  # as lists, not tuples

    assert list_new_paths(document, written) <= OPTIONAL


def test_waiting_entry_of_the_earlier_release_is_accepted_with_the_message_that_it_would_have_sent() -> None:
    _, [*_, message] = accept(parse_entry(STORED["entry_waiting"]), by="Anna Nowak", now=NOW)
    _, [*_, ours] = accept(make_waiting(), by="Anna Nowak", now=NOW)

    assert message == ours


def test_stored_draft_keeps_each_field_of_the_earlier_form() -> None:
    document = STORED["draft"]

    assert list_new_paths(document, write_draft(parse_draft(document))) == set()


# What it reads


@given(events())
def test_earlier_release_reads_every_event_and_passes_on_what_it_does_not_know(event: dict[str, Any]) -> None:
    message = read_as_earlier(send(event))

    found = earlier_event.parse_event(message.event)

    assert earlier_event.serialize_part(found) == message.event
    assert (found.title, found.category, found.dates.start) == (
        event["title"],
        event["category"],
        event["dates"]["start"],
    )


def test_earlier_release_reads_an_event_in_full_and_passes_all_of_it_on() -> None:
    message = read_as_earlier(send(IN_FULL))

    found = earlier_event.parse_event(message.event)

    assert earlier_event.serialize_part(found) == IN_FULL
    assert found.extra.keys() == {"audience", "ages", "setting", "licence", "part_of"}
    assert found.dates.extra.keys() == {"recurrence"}


@pytest.mark.parametrize("type_", sorted(THEIRS))
def test_new_fields_of_a_message_are_optional(type_: str) -> None:
    ours = {field.encode_name: field for field in msgspec.structs.fields(OURS[type_])}
    theirs = {field.encode_name for field in msgspec.structs.fields(THEIRS[type_])}

    assert theirs <= ours.keys()
    assert [name for name in ours.keys() - theirs if ours[name].required] == []


def test_frozen_types_are_not_ours() -> None:
    frozen = (earlier_event, earlier_messages)

    assert [module.__name__ for module in frozen if imports_ours(module)] == []


def imports_ours(module: types.ModuleType) -> bool:
    source = Path(module.__file__ or "").read_text(encoding="utf-8")
    return "from shared" in source or "from services" in source
