"""A draft: nothing that anybody typed is lost, whoever types next to them."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ingest.draft import model
from services.ingest.draft.model import (
    MAX_CHARACTERS,
    MAX_OTHERS,
    MAX_STORED,
    MAX_VALUES,
    Draft,
    DraftTooLarge,
    Origin,
    Seen,
    TextsUnseen,
    Typist,
    choose,
    digest_fields,
    list_changed,
    make_draft,
    merge,
    read_choice,
    read_seen,
    write_choice,
    write_seen,
)

AT: Final = "2026-11-29T13:03:00.000Z"
LATER: Final = "2026-11-29T13:04:00.000Z"
ANNA: Final = Typist("a1", "Anna Żak", "page-a")
JAN: Final = Typist("a2", "Jan Lis", "page-b")
NAMES: Final = ("title.pl", "venue.town", "also")


def draft_of(**fields: str) -> Draft:
    typed = {name.replace("_", "."): [value] for name, value in fields.items()}
    return make_draft(typed, id="d1", organisation="lot", origin=None, by=ANNA, at=AT)


def list_buttons(draft: Draft, name: str) -> list[str]:
    """The buttons of a field on a page that shows this draft: take each other text, keep what stands."""
    shown = draft.typed[name]
    return [write_choice(name, shown, each) for each in shown.texts]


def test_a_field_that_only_one_side_changed_is_merged_silently() -> None:
    shown = digest_fields({"title.pl": ["Żagle"]})
    by_anna = merge(
        draft_of(title_pl="Żagle"), {"title.pl": ["Żagle"], "venue.town": ["Mielno"]}, shown, by=ANNA, at=AT
    )

    merged = merge(by_anna, {"title.pl": ["Żagle nocą"]}, shown, by=JAN, at=LATER)

    assert merged.fields == {"title.pl": ("Żagle nocą",), "venue.town": ("Mielno",)}
    assert merged.contested == {}


def test_a_field_that_both_changed_keeps_both_and_the_newer_stands() -> None:
    shown = digest_fields({"title.pl": ["Żagle"]})
    by_anna = merge(draft_of(title_pl="Żagle"), {"title.pl": ["Żagle rano"]}, shown, by=ANNA, at=AT)

    merged = merge(by_anna, {"title.pl": ["Żagle nocą"]}, shown, by=JAN, at=LATER)

    assert merged.fields == {"title.pl": ("Żagle nocą",)}
    [other] = merged.contested["title.pl"].others
    assert (other.values, other.by) == (("Żagle rano",), ANNA)


def test_what_a_page_saved_whose_answer_was_lost_is_no_other_text() -> None:
    shown = digest_fields({"title.pl": ["Ż"]})
    once = merge(draft_of(title_pl="Ż"), {"title.pl": ["Żag"]}, shown, by=JAN, at=AT)

    again = merge(once, {"title.pl": ["Żagle"]}, shown, by=JAN, at=LATER)

    assert again.fields == {"title.pl": ("Żagle",)}
    assert again.contested == {}


def test_a_longer_text_of_the_same_page_replaces_its_shorter_one() -> None:
    first = merge(draft_of(title_pl="Ż"), {"title.pl": ["Ż a"]}, digest_fields({"title.pl": ["Ż"]}), by=ANNA, at=AT)
    jan = merge(first, {"title.pl": ["Ż b"]}, digest_fields({"title.pl": ["Ż"]}), by=JAN, at=AT)
    anna = merge(jan, {"title.pl": ["Ż aa"]}, digest_fields({"title.pl": ["Ż a"]}), by=ANNA, at=LATER)

    last = merge(anna, {"title.pl": ["Ż bb"]}, digest_fields({"title.pl": ["Ż b"]}), by=JAN, at=LATER)

    assert last.fields == {"title.pl": ("Ż bb",)}
    assert [each.values for each in last.contested["title.pl"].others] == [("Ż aa",)]


def test_a_deleted_field_does_not_come_back_from_a_page_that_left_it_alone() -> None:
    shown = digest_fields({"title.pl": ["Żagle"], "venue.town": ["Mielno"]})
    draft = draft_of(title_pl="Żagle", venue_town="Mielno")
    deleted = merge(draft, {"title.pl": ["Żagle"]}, shown, by=ANNA, at=AT)

    saved = merge(deleted, {"title.pl": ["Żagle nocą"], "venue.town": ["Mielno"]}, shown, by=JAN, at=LATER)

    assert saved.fields == {"title.pl": ("Żagle nocą",)}


def test_saving_what_is_there_is_the_same_draft() -> None:
    draft = draft_of(title_pl="Żagle")

    assert merge(draft, {"title.pl": ["Żagle"], "website": [""]}, {}, by=JAN, at=LATER) is draft


def test_line_ends_of_a_browser_are_no_change() -> None:
    draft = draft_of(description_pl="Raz\n\nDwa")

    assert merge(draft, {"description.pl": ["Raz\r\n\r\nDwa"]}, {}, by=JAN, at=LATER) is draft


def test_another_text_is_taken_and_the_rest_dropped() -> None:
    shown = digest_fields({"title.pl": ["Żagle"]})
    both = merge(
        merge(draft_of(title_pl="Żagle"), {"title.pl": ["Żagle rano"]}, shown, by=ANNA, at=AT),
        {"title.pl": ["Żagle nocą"]},
        shown,
        by=JAN,
        at=LATER,
    )
    take, keep = [read_choice(each, both.fields) for each in list_buttons(both, "title.pl")]

    taken = choose(both, take, by=JAN, at=LATER)
    kept = choose(both, keep, by=JAN, at=LATER)

    assert (taken.fields["title.pl"], taken.contested) == (("Żagle rano",), {})
    assert (kept.fields["title.pl"], kept.contested) == (("Żagle nocą",), {})
    assert choose(taken, take, by=JAN, at=LATER) is taken


@pytest.mark.parametrize("written", ["", "title.pl", "title.pl 0", "title.pl ,", "nothing 0,1", "title.pl " + "," * 99])
def test_an_unreadable_choice_drops_nothing(written: str) -> None:
    with pytest.raises(TextsUnseen):
        choose(draft_of(title_pl="Żagle"), read_choice(written, {}), by=JAN, at=LATER)


def test_an_ended_draft_is_empty_and_says_what_became_of_it() -> None:
    ended = model.end(draft_of(title_pl="Żagle"), "sent", at=LATER, sent_as="s1")

    assert (ended.fields, ended.ended, ended.sent_as, ended.version) == ({}, "sent", "s1", 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"title.pl": ["x" * (MAX_CHARACTERS + 1)]},
        {"also": ["x"] * (MAX_VALUES + 1)},
    ],
)
def test_a_draft_is_bounded(fields: dict[str, list[str]]) -> None:
    with pytest.raises(DraftTooLarge):
        make_draft(fields, id="d1", organisation="lot", origin=None, by=ANNA, at=AT)


def test_a_draft_holds_no_more_than_a_form_whatever_is_saved_into_it() -> None:
    draft = draft_of(title_pl="Żagle")
    for number in range(100):
        names = {f"title.{number}-{place}": ["x"] for place in range(100)} | {f"title.{number}": ["x"]}
        draft = merge(draft, names, {}, by=ANNA, at=LATER)
    emptied = merge(draft, {}, digest_fields(draft.fields), by=ANNA, at=LATER)

    assert set(draft.typed) == {"title.pl"}
    assert emptied.typed == {}


def test_what_several_pages_typed_is_bounded_together() -> None:
    half = "x" * (MAX_CHARACTERS // 2 + 1)
    draft = merge(draft_of(title_pl="Żagle"), {"title.pl": ["Żagle"], "title.de": [half]}, {}, by=ANNA, at=AT)
    with pytest.raises(DraftTooLarge):
        merge(draft, {"title.en": [half]}, {}, by=JAN, at=LATER)

    pages = [Typist("a1", "Anna Żak", f"page-{number}") for number in range(MAX_OTHERS)]
    for page in pages[: MAX_STORED // len(half) - 1]:
        draft = merge(draft, {"title.de": [half + page.page]}, {}, by=page, at=LATER)
    with pytest.raises(DraftTooLarge):
        merge(draft, {"title.de": [f"{half}last"]}, {}, by=pages[-1], at=LATER)

    shorter = merge(draft, {"title.de": ["x"]}, digest_fields(draft.fields), by=pages[0], at=LATER)
    assert shorter.fields["title.de"] == ("x",)


@pytest.mark.parametrize("written", ["", "=", "a=b", "a b c", "title.pl=" + "0" * 13, "\x00=000000000000" * 3])
def test_unreadable_digests_count_as_never_seen(written: str) -> None:
    assert all(len(digest) == 12 for digest in read_seen(written).values())


@given(st.dictionaries(st.sampled_from(["title.pl", "also", "start_date", "venue.lat"]), st.lists(st.text(max_size=5))))
def test_digests_are_read_as_they_were_written(fields: dict[str, list[str]]) -> None:
    seen = digest_fields(fields)

    assert read_seen(write_seen(seen)) == seen


@dataclass
class Window:
    """A page of somebody: what stands in it, what it last had in common with the server, what it changed."""

    by: Typist
    fields: dict[str, list[str]]
    seen: Seen
    shown: Draft


def opened(draft: Draft, by: Typist) -> Window:
    fields = {name: list(values) for name, values in draft.fields.items()}
    return Window(by, fields, digest_fields(draft.fields), draft)


def list_texts(draft: Draft, name: str) -> set[tuple[str, ...]]:
    """All texts of a field: what stands, and what is next to it."""
    field = draft.typed.get(name)
    return {each for each in field.texts if each} if field else set()


STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from([0, 1, 2]),
        st.sampled_from(["type", "save", "save and lose the answer", "reload", "choose"]),
        st.sampled_from(NAMES),
        st.sampled_from(["", "a", "b", "ab", "abc"]),
    ),
    max_size=30,
)


@given(STEPS)
def test_nothing_typed_by_anybody_is_lost(steps: list[tuple[int, str, str, str]]) -> None:
    """Each text that a page saved stands, or next to what stands; or its own page has replaced it since."""
    draft = make_draft({"title.pl": ["Ż"]}, id="d1", organisation="lot", origin=Origin("copy", "s1"), by=ANNA, at=AT)
    people = [ANNA, JAN, Typist("a1", "Anna Żak", "page-c")]
    windows = [opened(draft, by) for by in people]
    for number, act, name, text in steps:
        window = windows[number]
        if act == "type":
            window.fields[name] = [text]
        elif act == "reload":
            # Texts that were saved are on the new page, or offered there.
            page = f"{window.by.page}+"
            windows[number] = opened(draft, Typist(window.by.account_id, window.by.name, page))
        elif act == "choose":
            draft = merge(draft, window.fields, window.seen, by=window.by, at=LATER)
            texts = list_texts(draft, name)
            with suppress(TextsUnseen):
                for button in list_buttons(window.shown, name)[:1] if name in window.shown.contested else ():
                    choice = read_choice(button, window.fields)
                    draft = choose(draft, choice, by=window.by, at=LATER)
            dropped = texts - list_texts(draft, name)
            assert dropped <= list_texts(window.shown, name) | {tuple(window.fields.get(name, ()))}
            window.seen = digest_fields(window.fields)
        else:
            before = draft
            draft = merge(draft, window.fields, window.seen, by=window.by, at=LATER)
            typed = {each: tuple(value for value in values if value) for each, values in window.fields.items()}
            for each, values in typed.items():
                if digest_fields({each: values}).get(each, "") != window.seen.get(each, "") and values:
                    assert draft.fields.get(each) == values
            for each, stood in before.fields.items():
                gone = stood not in list_texts(draft, each)
                knew = digest_fields({each: stood}).get(each) == window.seen.get(each)
                own = before.typed[each].by.page == window.by.page
                assert not gone or knew or own
            if act == "save":
                window.seen = digest_fields(window.fields)


@given(STEPS)
def test_a_page_that_changed_nothing_changes_nothing(steps: list[tuple[int, str, str, str]]) -> None:
    draft = draft_of(title_pl="Ż")
    bystander = opened(draft, JAN)
    for _number, _act, name, text in steps:
        draft = merge(draft, {**draft.fields, name: [text]}, digest_fields(draft.fields), by=ANNA, at=LATER)

    assert merge(draft, bystander.fields, bystander.seen, by=JAN, at=LATER) is draft
    assert set(list_changed(draft, bystander.fields)) <= {*NAMES}
