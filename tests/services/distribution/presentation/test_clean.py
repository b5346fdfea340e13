from __future__ import annotations

import pytest

from services.distribution.presentation.clean import clean, clean_line, clean_url


def test_texts_are_cleaned_of_what_readers_stumble_over() -> None:
    assert clean("a\x00b\r\nc\u2028d\x85e\ufeff\x7f") == "ab\nc\nd\ne"
    assert clean("e\u0301") == "é"
    assert clean_line(" a\n\n b\t c ") == "a b c"


@pytest.mark.parametrize(
    ("url", "ascii_form"),
    [
        ("https://example.org/a b?ą=ę#ć", "https://example.org/a%20b?%C4%85=%C4%99#%C4%87"),
        ("https://żagle.pl", "https://xn--agle-99a.pl"),
        ("http://example.org:8080/%C4%85", "http://example.org:8080/%C4%85"),
        ("javascript:alert(1)", None),
        ("https://", None),
        ("https://[", None),
        ("https://a:b/", None),
        (f"https://{'a' * 64}.pl/", None),
    ],
)
def test_addresses_are_written_in_ascii_or_not_at_all(url: str, ascii_form: str | None) -> None:
    assert clean_url(url) == ascii_form
