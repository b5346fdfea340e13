from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.calendar.entry.diff import MAX_WORK, FieldChange, TextRun, Work, list_changes, list_field_values, mark
from tests.services.calendar.builders import kept_event

TEXTS = st.text(alphabet="ab ż,.\n", max_size=60)


def test_equal_events_do_not_differ() -> None:
    assert list_changes(kept_event(), kept_event()) == []


def test_each_language_of_a_text_is_a_field_of_its_own() -> None:
    proposal = kept_event(title={"pl": "Żagle", "de": "Segeltage"})

    assert list_changes(kept_event(), proposal) == [FieldChange(field="title.de", live=None, proposal="Segeltage")]


def test_fields_that_differ_come_in_the_order_of_a_form() -> None:
    live = kept_event(description={"pl": "Długi opis"}, website="https://a.example")
    proposal = kept_event(title={"pl": "Żagle 2027"}, category="family", summary={"pl": "Krótko"})

    assert [change.field for change in list_changes(live, proposal)] == [
        "title.pl",
        "category",
        "website",
        "summary.pl",
        "description.pl",
    ]


def test_empty_values_count_as_missing() -> None:
    assert list_changes(kept_event(), kept_event(summary={}, also=[], website=None)) == []


def test_only_filled_fields_are_laid_out() -> None:
    assert list(list_field_values(kept_event(accessibility=["step_free"]))) == [
        "title.pl",
        "dates",
        "venue",
        "category",
        "accessibility",
    ]


def test_words_that_changed_are_marked_on_both_sides() -> None:
    marked = mark("dates", "14–16 sierpnia 2027", "13–16 sierpnia 2027", Work())

    assert marked.live == (TextRun(kind="removed", text="14"), TextRun(kind="same", text="–16 sierpnia 2027"))
    assert marked.proposal == (TextRun(kind="added", text="13"), TextRun(kind="same", text="–16 sierpnia 2027"))


@pytest.mark.parametrize(("live", "proposal"), [("21:00", "20:45"), ("14.08.2027", "13.08.2027")])
def test_an_hour_or_a_day_in_figures_changes_as_one(live: str, proposal: str) -> None:
    marked = mark("dates", f"od {live}", f"od {proposal}", Work())

    assert marked.live == (TextRun(kind="same", text="od"), TextRun(kind="removed", text=f" {live}"))
    assert marked.proposal == (TextRun(kind="same", text="od"), TextRun(kind="added", text=f" {proposal}"))


def test_word_added_at_the_end_leaves_the_others_unmarked() -> None:
    marked = mark("title.pl", "Żagle", "Żagle – finał", Work())

    assert marked.live == (TextRun(kind="same", text="Żagle"),)
    assert marked.proposal == (TextRun(kind="same", text="Żagle"), TextRun(kind="added", text=" – finał"))


def test_missing_side_has_no_parts() -> None:
    marked = mark("title.de", "", "Segeltage", Work())

    assert (marked.live, marked.proposal) == ((), (TextRun(kind="added", text="Segeltage"),))


@given(TEXTS, TEXTS, st.integers(0, 2_000))
def test_parts_put_together_are_the_two_texts(live: str, proposal: str, steps: int) -> None:
    work = Work(steps)

    marked = mark("summary.pl", live, proposal, work)

    assert "".join(part.text for part in marked.live) == live
    assert "".join(part.text for part in marked.proposal) == proposal
    assert 0 <= work.left <= steps


def test_a_long_text_with_many_changes_is_compared_by_words() -> None:
    words = [f"słowo{number % 300}, " for number in range(1_200)]
    changed = ["nowe " if number % 30 == 0 else word for number, word in enumerate(words)]

    marked = mark("description.pl", "".join(words), "".join(changed), Work())

    assert not marked.throughout
    assert sum(part.kind == "added" for part in marked.proposal) == 40


def signs(mark: str) -> str:
    """Give a text of 4,999 different signs, each followed by a mark."""
    return "".join(chr(0x4E00 + number) + mark for number in range(4_999))


def test_long_texts_with_no_run_in_common_within_reach_are_changed_throughout() -> None:
    live, proposal = signs("†"), signs("‡")

    marked = mark("description.pl", live, proposal, Work())

    assert marked.throughout
    assert (marked.live, marked.proposal) == ((TextRun("removed", live),), (TextRun("added", proposal),))


SLOW = {
    "two words": ("a b " * 2_500, "b c a " * 1_600),
    "lines": ("a\n" * 5_000, "b\na\n" * 2_500),
    "a mark after each sign": (signs("†"), signs("‡")),
    "one letter": ("a " * 5_000, "a\n" * 4_000),
}


@pytest.mark.parametrize("what", SLOW)
def test_the_work_is_bounded_over_all_texts_of_an_entry(what: str) -> None:
    work, (live, proposal) = Work(), SLOW[what]

    marked = [mark(f"description.{number}", live, proposal, work) for number in range(13)]

    assert 0 <= work.left < MAX_WORK / 5
    assert sum(len(each.live) + len(each.proposal) for each in marked) < 2_000
    assert all("".join(part.text for part in each.live) == live for each in marked)


def test_what_words_cannot_tell_in_time_paragraphs_may() -> None:
    cut = 1_000
    live = [signs("†")[start : start + cut] + "\n\n" for start in range(0, 9_000, cut)]
    proposal = [live[0], *(each.replace("†", "‡") for each in live[1:])]

    marked = mark("description.pl", "".join(live), "".join(proposal), Work())

    assert [part.text for part in marked.live if part.kind == "same"] == [live[0]]
    assert not marked.throughout
