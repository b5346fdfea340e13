"""Forms as browsers send them, and as others do."""

from __future__ import annotations

from urllib.parse import parse_qsl, unquote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.forms import MAX_CHARACTERS, MAX_FIELDS, parse_form
from shared.web.problems import BadRequest, TooLarge

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(texts, texts), max_size=10))
def test_a_form_is_read_as_it_was_written(fields: list[tuple[str, str]]) -> None:
    assert parse_form(urlencode(fields).encode()).multi_items() == fields


@given(st.text("a%4cC5+=&;\u017c/", max_size=40))
def test_a_form_is_read_as_the_standard_library_does(written: str) -> None:
    body = written.encode()
    try:
        wanted = parse_qsl(written, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        with pytest.raises(BadRequest):
            parse_form(body)
    else:
        assert parse_form(body).multi_items() == wanted


@pytest.mark.parametrize("body", [b"a=%ff", b"a=\xff", b"%c5=a", b"a=%ed%a0%80", b"a=%c0%af"])
def test_a_form_that_is_not_utf_8_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest) as refused:
        parse_form(body)

    assert refused.value.code == "not_utf8"


def test_a_form_has_no_more_fields_than_the_limit() -> None:
    fields = [b"a=b"] * MAX_FIELDS

    assert len(parse_form(b"&".join(fields)).multi_items()) == MAX_FIELDS
    with pytest.raises(BadRequest) as refused:
        parse_form(b"&".join([*fields, b"a=b"]))
    assert refused.value.code == "too_many_fields"


def test_a_form_has_no_more_characters_than_the_limit() -> None:
    assert parse_form(b"a=" + b"x" * MAX_CHARACTERS)["a"] == "x" * MAX_CHARACTERS
    with pytest.raises(TooLarge):
        parse_form(b"a=" + b"x" * (MAX_CHARACTERS - 9) + b"&b=" + b"y" * 10)


@pytest.mark.parametrize(
    "body", [b"%41" * 90_000, b"%41a" * 30_000, b"%" * 100_000, b"%4" * 60_000, b"%c5%82" * 40_000]
)
def test_a_long_run_of_escapes_is_read(body: bytes) -> None:
    assert parse_form(b"a=" + body)["a"] == unquote(body.decode())
