"""Which pictures are shown: counted by events, whatever happens to them in which order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.distribution.programme.model import Programme
from services.distribution.programme.shown_media import list_media
from tests.services.distribution.builders import encode, make_message, make_withdrawal

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
PICTURES = (A, B, C)


def publish(programme: Programme, event_id: str, revision: int, *media: str, **fields: Any) -> None:  # noqa: ANN401 - any field
    images = [{"media": each, "alt": {"pl": "Żagle"}} for each in media]
    programme.publish(encode(make_message(event_id, revision, images=images, **fields)))


def test_a_picture_is_shown_while_an_event_shows_it() -> None:
    programme = Programme()
    publish(programme, "one", 1, A, B)
    publish(programme, "two", 1, B)
    assert [each in programme.shown_media for each in PICTURES] == [True, True, False]

    publish(programme, "one", 2, C)
    assert [each in programme.shown_media for each in PICTURES] == [False, True, True]

    programme.withdraw(make_withdrawal("two", 2))
    assert [each in programme.shown_media for each in PICTURES] == [False, False, True]
    publish(programme, "two", 1, A)
    assert A not in programme.shown_media, "an older message brings nothing back"


def test_a_cancelled_event_keeps_its_pictures_and_one_that_cannot_be_read_shows_none() -> None:
    programme = Programme()
    publish(programme, "one", 1, A, status="cancelled")
    publish(programme, "two", 1, B)
    programme.set_aside("two")

    assert [each in programme.shown_media for each in PICTURES] == [True, False, False]
    publish(programme, "two", 2, B)
    assert B in programme.shown_media


@pytest.mark.parametrize(
    "images", [None, "x", [1], [{"media": 1}], [{"media": "../" + "a" * 61}], [{"media": "A" * 64}], [{"url": "x"}], {}]
)
def test_what_names_no_picture_shows_none(images: Any) -> None:  # noqa: ANN401 - whatever an older release let through
    assert list_media(images) == ()


STEPS = st.tuples(
    st.sampled_from(["one", "two", "three"]),
    st.sampled_from(["publish", "withdraw", "set aside"]),
    st.lists(st.sampled_from(PICTURES), max_size=3),
)


@given(st.lists(STEPS, max_size=20))
def test_what_is_shown_is_what_the_events_show(steps: list[tuple[str, str, list[str]]]) -> None:
    programme = Programme()
    for revision, (event_id, step, media) in enumerate(steps, start=1):
        if step == "publish":
            publish(programme, event_id, revision, *media)
        elif step == "withdraw":
            programme.withdraw(make_withdrawal(event_id, revision))
        else:
            programme.set_aside(event_id)
    copied = Programme()
    copied.replace_with(programme)

    wanted = {media for event in programme for media in event.media}
    assert {each for each in PICTURES if each in programme.shown_media} == wanted
    assert len(programme.shown_media) == len(wanted)
    assert {media for event in copied for media in event.media} == {
        each for each in PICTURES if each in copied.shown_media
    }
