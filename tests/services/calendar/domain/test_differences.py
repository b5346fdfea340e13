from __future__ import annotations

from time import perf_counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calendar.domain.differences import Change, Part, changes, field_values, mark
from tests.services.calendar.builders import make_event

TEXTS = st.text(alphabet="ab ż,.\n", max_size=60)


def test_equal_events_do_not_differ() -> None:
    assert changes(make_event(), make_event()) == []


def test_each_language_of_a_text_is_a_field_of_its_own() -> None:
    proposal = make_event(title={"pl": "Żagle", "de": "Segeltage"})

    assert changes(make_event(), proposal) == [Change(field="title.de", live=None, proposal="Segeltage")]


def test_fields_that_differ_come_in_the_order_of_a_form() -> None:
    live = make_event(description={"pl": "Długi opis"}, website="https://a.example")
    proposal = make_event(title={"pl": "Żagle 2027"}, category="family", summary={"pl": "Krótko"})

    assert [change.field for change in changes(live, proposal)] == [
        "title.pl",
        "category",
        "website",
        "summary.pl",
        "description.pl",
    ]


def test_empty_values_count_as_missing() -> None:
    assert changes(make_event(), make_event(summary={}, also=[], website=None)) == []


def test_only_filled_fields_are_laid_out() -> None:
    assert list(field_values(make_event(accessibility=["step_free"]))) == [
        "title.pl",
        "dates",
        "venue",
        "category",
        "accessibility",
    ]


def test_words_that_changed_are_marked_on_both_sides() -> None:
    marked = mark("dates", "14–16 sierpnia 2027", "13–16 sierpnia 2027")

    assert marked.live == (Part(kind="removed", text="14"), Part(kind="same", text="–16 sierpnia 2027"))
    assert marked.proposal == (Part(kind="added", text="13"), Part(kind="same", text="–16 sierpnia 2027"))


def test_word_added_at_the_end_leaves_the_others_unmarked() -> None:
    marked = mark("title.pl", "Żagle", "Żagle – finał")

    assert marked.live == (Part(kind="same", text="Żagle"),)
    assert marked.proposal == (Part(kind="same", text="Żagle"), Part(kind="added", text=" – finał"))


def test_missing_side_has_no_parts() -> None:
    marked = mark("title.de", "", "Segeltage")

    assert (marked.live, marked.proposal) == ((), (Part(kind="added", text="Segeltage"),))


@given(TEXTS, TEXTS)
def test_parts_put_together_are_the_two_texts(live: str, proposal: str) -> None:
    marked = mark("summary.pl", live, proposal)

    assert "".join(part.text for part in marked.live) == live
    assert "".join(part.text for part in marked.proposal) == proposal


@pytest.mark.parametrize(("live", "proposal"), [("a b " * 5_000, "b c a " * 3_000), ("a\n" * 9_000, "b\na\n" * 4_000)])
def test_texts_made_to_be_slow_are_not_compared_by_words(live: str, proposal: str) -> None:
    begun = perf_counter()

    marked = mark("description.pl", live, proposal)

    assert perf_counter() - begun < 1
    assert marked.live == (Part(kind="removed", text=live),)
