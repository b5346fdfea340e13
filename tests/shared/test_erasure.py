"""What names a person in a text, and what stands there afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from shared.erasure import ERASED, FORMER_CURATOR, FORMER_EDITOR, ErasedPerson, describe_writer


def make_person(**changes: Any) -> ErasedPerson:  # noqa: ANN401 - any field
    known: dict[str, Any] = {
        "account_id": "a1",
        "email": "anna.zak@um.example",
        "names": frozenset({"Anna Żak"}),
        "organisations": frozenset({"um"}),
        "curated": False,
    }
    return ErasedPerson(**known | changes)


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("Anna Żak", ERASED),
        ("Pozdrawia ANNA  żak.", f"Pozdrawia {ERASED}."),
        ("Anna Żakowska", "Anna Żakowska"),
        ("Joanna Żak", "Joanna Żak"),
        ("<p>Anna\nŻak</p>", f"<p>{ERASED}</p>"),
        ("Pisać: Anna.Zak@UM.example.", f"Pisać: {ERASED}."),
        ("hanna.zak@um.example", "hanna.zak@um.example"),
        ("joanna.anna.zak@um.example", "joanna.anna.zak@um.example"),
        ("anna.zak@um.example.org", "anna.zak@um.example.org"),
    ],
)
def test_name_and_address_are_found_as_whole_words_however_written(text: str, after: str) -> None:
    assert make_person().erase_text(text, named=True) == after


def test_where_names_do_not_count_the_address_still_does() -> None:
    assert make_person().erase_text("Anna Żak, anna.zak@um.example", named=False) == f"Anna Żak, {ERASED}"
    assert make_person().is_meant("anna.zak@um.example", named=False)
    assert not make_person().is_meant("Anna Żak", named=False)


def test_name_that_html_escapes_is_found_there_too() -> None:
    person = make_person(names=frozenset({"Anne O'Neill"}))

    assert person.erase_text("<p>Anne O&#39;Neill</p>", named=True) == f"<p>{ERASED}</p>"


def test_name_of_one_word_is_found_alone_and_not_within_a_text() -> None:
    person = make_person(names=frozenset({"Lato"}))

    assert person.erase_text("Lato w mieście", named=True) == "Lato w mieście"
    assert person.is_named(" lato ")


def test_person_without_a_name_is_found_by_address_only() -> None:
    nobody = make_person(names=frozenset())

    assert nobody.erase_text("Anna Żak", named=True) == "Anna Żak"
    assert not nobody.is_named("")


@pytest.mark.parametrize(
    ("contact", "theirs"),
    [
        ({"name": "Anna Żak", "phone": "1"}, True),
        ({"name": "Biuro", "email": "ANNA.ZAK@um.example"}, True),
        ({"name": "Biuro", "email": "biuro@um.example"}, False),
        ({"phone": "1"}, False),
        ({}, False),
    ],
)
def test_contact_is_theirs_by_name_or_address(contact: dict[str, str], *, theirs: bool) -> None:
    assert make_person().is_contact(contact, named=True) is theirs


@pytest.mark.parametrize(
    ("who", "language", "shown"),
    [
        (FORMER_EDITOR, "pl", "ktoś z dawnej redakcji"),
        (FORMER_EDITOR, "de", "jemand aus der früheren Redaktion"),
        (FORMER_CURATOR, "pl", "ktoś z dawnego zespołu kuratorów"),
        (FORMER_CURATOR, "en", "a former curator"),
        ("Anna Żak", "pl", "Anna Żak"),
        ("", "pl", ""),
    ],
)
def test_who_wrote_is_shown_in_the_readers_language_once_they_are_erased(who: str, language: str, shown: str) -> None:
    assert describe_writer(who, language) == shown
