"""The pictures of a form: numbered, moved, removed, and found again by their errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.form.picture_fields import (
    NAMES,
    NUMBERS,
    FormValues,
    NoRoom,
    ShownAlready,
    add_picture,
    find_picture_error,
    get_media,
    list_numbers,
    move_picture,
    parse_pictures,
    remove_picture,
    write_pictures,
)
from shared.event.model import Image
from shared.field_error import FieldError

MEDIA = [f"{number:x}" * 64 for number in range(1, 10)]


def make_fields(count: int, *, gap: int = 0) -> FormValues:
    """A form with pictures; the one with the number ``gap`` is missing."""
    numbers = [number for number in NUMBERS if number != gap][:count]
    return {
        f"images.{number}.{part}": [value]
        for number in numbers
        for part, value in (("media", MEDIA[number - 1]), ("credit", f"C{number}"))
    } | {"title.pl": ["Żagle"]}


def credits_of(fields: FormValues) -> list[str]:
    return [each["credit"] for each in parse_pictures(fields)]


def test_a_form_with_a_gap_is_read_in_its_order_and_closed_by_the_next_change() -> None:
    fields = make_fields(3, gap=2)

    assert (list_numbers(fields), credits_of(fields)) == ([1, 3, 4], ["C1", "C3", "C4"])
    moved = move_picture(fields, 4, -1)
    assert (list_numbers(moved), credits_of(moved)) == ([1, 2, 3], ["C1", "C4", "C3"])
    assert moved["title.pl"] == ["Żagle"]


def test_an_error_is_placed_at_the_picture_that_it_is_about() -> None:
    fields = {**make_fields(2, gap=1), "images.3.valid_until": ["31.12"]}

    credit = find_picture_error(FieldError("images.0.credit", "Say it.", "required"), fields)
    alt = find_picture_error(FieldError("images.1.alt", "Say it.", "required"), fields)
    whole = find_picture_error(FieldError("images", "Twice.", "repeated"), fields)
    day = find_picture_error(FieldError("images.1.valid_until", "No day.", "not_a_date"), fields)

    assert [each.field for each in (credit, alt, whole)] == ["images.2.credit", "images.3.alt.pl", "picture"]
    assert (day.field, day.code) == ("images.3.valid_until", "no_year")


def test_there_is_room_for_eight_and_each_stands_once() -> None:
    full = make_fields(len(NUMBERS))

    with pytest.raises(NoRoom):
        add_picture(full, MEDIA[8])
    with pytest.raises(ShownAlready):
        add_picture(full, MEDIA[0])
    assert get_media(add_picture(remove_picture(full, 1), MEDIA[8]), 8) == MEDIA[8]


def test_what_is_no_name_of_a_picture_is_none() -> None:
    assert list_numbers({"images.1.media": ["../../etc/passwd"], "images.9.media": [MEDIA[0]]}) == []


@given(
    fields=st.dictionaries(
        st.sampled_from(sorted(NAMES)), st.lists(st.one_of(st.sampled_from(MEDIA), st.text(max_size=5)), max_size=2)
    ),
    number=st.integers(1, 9),
    by=st.integers(-9, 9),
)
def test_moving_loses_nothing_and_removing_one_loses_one(fields: FormValues, number: int, by: int) -> None:
    before = parse_pictures(fields)

    moved, removed = parse_pictures(move_picture(fields, number, by)), parse_pictures(remove_picture(fields, number))

    assert sorted(map(str, moved)) == sorted(map(str, before))
    assert len(removed) == len(before) - (number in list_numbers(fields))


def test_pictures_without_a_name_are_not_shown_in_the_form() -> None:
    assert write_pictures([Image(extra={"url": "https://x.example"}), Image(media=MEDIA[0])]) == {
        "images.1.media": MEDIA[0]
    }
