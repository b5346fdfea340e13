"""The envelope, with the CloudEvents SDK as the reference in both directions."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import msgspec
import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event, to_binary_event
from cloudevents.core.v1.event import CloudEvent
from hypothesis import given
from hypothesis import strategies as st

from shared.eventlog.envelope import (
    InvalidMessage,
    parse,
    parse_document,
    parse_message,
    wrap,
)
from shared.eventlog.topics import ACTIVITY, CALLS, DECISIONS, PROGRAMME, SUBMISSIONS, find_topic
from shared.messages import MESSAGES, EventPublished, Message
from tests.shared.eventlog.builders import TRACEPARENT, envelope, published

TIME = "2026-11-21T10:00:00Z"
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
CONTENTS = st.dictionaries(TEXT, JSON, max_size=4)


def any_message() -> st.SearchStrategy[Message]:
    """Any message of any type."""
    contents = {"event": CONTENTS, "previous_dates": st.none() | CONTENTS}
    builders: list[st.SearchStrategy[Message]] = [
        st.builds(message, **{name: contents[name] for name in message.__struct_fields__ if name in contents})
        for message in MESSAGES
    ]
    return st.one_of(builders)


@given(message=any_message(), message_id=st.uuids().map(str), traceparent=st.none() | st.just(TRACEPARENT))
def test_any_message_comes_out_of_its_envelope_as_it_went_in(
    message: Message, message_id: str, traceparent: str | None
) -> None:
    sent = wrap(message, id=message_id, source="/calendar", time=TIME, traceparent=traceparent)

    out = sent.to_outgoing()
    read = parse(topic=out.topic, key=out.key, value=out.value, headers=out.headers)

    assert read == sent
    assert parse_message(read) == message


@given(message=any_message(), message_id=st.uuids().map(str))
def test_any_letter_comes_out_of_an_outbox_as_it_went_in(message: Message, message_id: str) -> None:
    sent = wrap(message, id=message_id, source="/calendar", time=TIME)

    assert parse_document(sent.to_document()) == sent
    assert parse_document(sent.to_document() | {"of_a_later_release": 1}) == sent


@given(key=TEXT, message_id=TEXT, traceparent=st.none() | st.just(TRACEPARENT))
def test_the_reference_reads_what_we_write(key: str, message_id: str, traceparent: str | None) -> None:
    sent = envelope(published(key), message_id=message_id, traceparent=traceparent)

    event = from_binary_event(KafkaMessage(dict(sent.build_headers()), sent.key.encode(), sent.data))

    assert (event.get_id(), event.get_source(), event.get_type()) == (message_id, "/calendar", EventPublished.TYPE)
    assert (event.get_subject(), event.get_specversion()) == (key, "1.0")
    assert (event.get_datacontenttype(), event.get_time()) == (
        "application/json",
        datetime(2026, 11, 21, 10, tzinfo=UTC),
    )
    assert (event.get_extension("partitionkey"), event.get_extension("traceparent")) == (key, traceparent)
    assert event.get_data() == json.loads(sent.data)


@given(key=TEXT, message_id=TEXT)
def test_we_read_what_the_reference_writes(key: str, message_id: str) -> None:
    attributes = {
        "id": message_id,
        "source": "/calendar",
        "type": EventPublished.TYPE,
        "subject": key,
        "time": datetime(2026, 11, 21, 10, tzinfo=UTC),
        "datacontenttype": "application/json",
        "partitionkey": key,
        "traceparent": TRACEPARENT,
    }
    written = to_binary_event(CloudEvent(attributes, msgspec.to_builtins(published(key))))

    read = parse(topic="programme.v1", key=key.encode(), value=written.value, headers=written.headers.items())

    assert (read.id, read.source, read.type, read.time) == (message_id, "/calendar", EventPublished.TYPE, TIME)
    assert read.traceparent == TRACEPARENT
    assert parse_message(read) == published(key)


@given(
    headers=st.lists(
        st.tuples(
            st.sampled_from(["ce_id", "ce_type", "ce_source", "ce_specversion", "content-type", "x"]) | TEXT,
            st.none() | st.binary(max_size=30),
        )
    ),
    key=st.none() | st.binary(max_size=10),
    value=st.none() | st.binary(max_size=60),
)
def test_any_bytes_are_read_or_said_to_be_unreadable(
    headers: list[tuple[str, bytes | None]], key: bytes | None, value: bytes | None
) -> None:
    """A5: nothing else is ever raised."""
    with suppress(InvalidMessage):
        parse_message(parse(topic="programme.v1", key=key, value=value, headers=headers))


@pytest.mark.parametrize("change", [{"ce_specversion": b"0.3"}, {"content-type": b"text/xml"}, {"ce_id": None}])
def test_another_specification_content_type_or_a_missing_attribute_is_unreadable(
    change: dict[str, bytes | None],
) -> None:
    out = envelope(published("e1")).to_outgoing()
    headers = [(name, change.get(name, value)) for name, value in out.headers]

    with pytest.raises(InvalidMessage):
        parse(topic=out.topic, key=out.key, value=out.value, headers=headers)


def test_unknown_fields_and_attributes_are_left_alone() -> None:
    sent = envelope(published("e1"))
    more = sent.data[:-1] + b',"of_a_later_release":{"a":1}}'
    headers = [*sent.build_headers(), ("ce_later", b"1"), ("another", b"\xff")]

    read = parse(topic=sent.topic, key=b"e1", value=more, headers=headers)

    assert parse_message(read) == published("e1")


def test_every_message_has_its_topic() -> None:
    topics = {message.__name__: find_topic(message).name for message in MESSAGES}

    assert topics == {
        "SubmissionReceived": SUBMISSIONS.name,
        "SubmissionCancelled": SUBMISSIONS.name,
        "SubmissionWithdrawn": SUBMISSIONS.name,
        "SubmissionReviewed": DECISIONS.name,
        "EventPublished": PROGRAMME.name,
        "EventWithdrawn": PROGRAMME.name,
        "CallAnnounced": CALLS.name,
        "ContributionRequested": CALLS.name,
        "OrganisationActivity": ACTIVITY.name,
        "RequestAnswered": ACTIVITY.name,
    }
