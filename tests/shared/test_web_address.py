"""Web addresses, for people and for machines."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web_address import (
    LONGEST,
    AddressRefused,
    BadEscape,
    format_host,
    repair_escapes,
    to_ascii,
)

IN_ASCII = {
    "https://example.pl": "https://example.pl",
    "HTTPS://WWW.Example.PL/Żagle?a=ł#ż": "https://www.example.pl/%C5%BBagle?a=%C5%82#%C5%BC",
    "https://żagle.example": "https://xn--agle-99a.example",
    "https://faß.example": "https://xn--fa-hia.example",
    "https://Faß.EXAMPLE/": "https://xn--fa-hia.example/",
    "https://xn--fa-hia.example/": "https://xn--fa-hia.example/",
    "https://例え.テスト/": "https://xn--r8jz45g.xn--zckzah/",
    "https://a。b.example": "https://a.b.example",
    "http://[2001:db8::1]:8080/x": "http://[2001:db8::1]:8080/x",
    "http://[2001:DB8:0:0::1]/": "http://[2001:db8::1]/",
    "http://192.0.2.7/": "http://192.0.2.7/",
    "https://my_site.example/": "https://my_site.example/",
    "https://r3---sn.example/": "https://r3---sn.example/",
    f"https://{'a' * 63}.example/": f"https://{'a' * 63}.example/",
    "https://example.pl/100%25-zabawy": "https://example.pl/100%25-zabawy",
    "https://example.pl:8443/a;b=c/(d)": "https://example.pl:8443/a;b=c/(d)",
}


@pytest.mark.parametrize("address", IN_ASCII)
def test_an_address_is_carried_in_ascii(address: str) -> None:
    assert to_ascii(address) == IN_ASCII[address]


REFUSED = [
    "",
    "example.pl",
    "//example.pl",
    "ftp://example.pl",
    "javascript:alert(1)",
    "https://",
    "https:///x",
    "https://www..example.pl/",
    "https://.example.pl",
    "https://example.pl.",
    f"https://{'a' * 64}.example.pl/",
    f"https://{'ż' * 60}.example.pl/",
    f"https://{'.'.join(['a' * 60] * 5)}/",
    "https://-a.example",
    "https://a-.example",
    "https://xn--a.example",
    "https://☕.example",
    "https://a\u200db.example",
    "https://user@example.pl",
    "https://user:password@example.pl",
    "https://example.pl:0/",
    "https://example.pl:65536/",
    "https://example.pl:x/",
    "http://[2001:db8::1",
    "http://[2001:db8::x]/",
    "http://[fe80::1%25eth0]/",
    "http://256.0.0.1/",
    "http://1.2.3.4.5/",
    "https://example.pl/a b",
    'https://example.pl/"',
    "https://example.pl/<b>",
    "https://example.pl/\\",
    "https://example.pl/" + "a" * LONGEST,
]


@pytest.mark.parametrize("address", REFUSED)
def test_what_no_machine_can_carry_is_refused(address: str) -> None:
    with pytest.raises(AddressRefused):
        to_ascii(address)


@pytest.mark.parametrize(
    ("address", "place"),
    [("https://example.pl/100%-zabawy", "%-z"), ("https://example.pl/%", "%"), ("https://example.pl/?a=%zz", "%zz")],
)
def test_a_percent_sign_that_stands_for_nothing_is_told_by_its_place(address: str, place: str) -> None:
    with pytest.raises(BadEscape) as refused:
        to_ascii(address)

    assert refused.value.place == place
    assert to_ascii(repair_escapes(address)) == address.replace("%", "%25")


@pytest.mark.parametrize(
    ("address", "host"),
    [
        ("https://www.xn--agle-99a.example/x", "żagle.example"),
        ("https://żagle.example", "żagle.example"),
        ("https://xn--fa-hia.example", "faß.example"),
        ("https://xn--a.example", "xn--a.example"),
        ("http://[2001:db8::1]:80/", "[2001:db8::1]"),
    ],
)
def test_people_read_a_host_in_their_letters(address: str, host: str) -> None:
    assert format_host(address) == host


SPOOFED = [
    "аpple.com",  # Cyrillic a among Latin letters
    "аррӏе.com",  # all Cyrillic, all look-alikes
    "gοοgle.com",  # Greek omicrons
    "οικ.pl",  # all Greek, all look-alikes
    "ɡoogle.com",  # a phonetic g
    "applе.żagle.pl",
    "żаgle.pl",  # Cyrillic a next to a Polish letter
    "a\u0325pple.com",  # a ring below
    "q\u0325.com",  # a mark of its own
    "exampleノpath.com",  # looks like a slash
]
SHOWN = [
    "żagle.pl",
    "faß.de",
    "größe-2027.de",
    "đurđevdan.rs",
    "пример.com",
    "сор.рф",
    "ελλάδα.gr",
    "例え.テスト",
    "たべもの市場.jp",
]


@pytest.mark.parametrize("host", SPOOFED)
def test_a_host_that_looks_like_another_is_shown_in_ascii(host: str) -> None:
    shown = format_host(f"https://{host}/")

    assert "xn--" in shown
    assert format_host(to_ascii(f"https://{host}/")) == shown


@pytest.mark.parametrize("host", SHOWN)
def test_a_host_in_one_script_is_shown_in_it(host: str) -> None:
    assert format_host(to_ascii(f"https://{host}/")) == host


parts = st.text("aż.-ß%0:/[]@xn?#", max_size=25) | st.text(max_size=12)


@given(st.builds("https://{}".format, parts) | parts)
def test_what_is_carried_is_an_address_to_others_too_and_stays_as_it_is(address: str) -> None:
    try:
        found = to_ascii(address)
    except AddressRefused:
        return
    assert found.isascii()
    assert to_ascii(found) == found
    assert urlsplit(found).hostname
    assert httpx.URL(found).host


@given(st.from_regex(r"https?://([a-z0-9]{1,30}\.){1,5}[a-z]{2,20}(/[A-Za-z0-9._~/-]*)?", fullmatch=True))
def test_an_address_that_is_taken_at_sight_is_one_when_taken_apart(address: str) -> None:
    assert to_ascii(f"{address}?").removesuffix("?") == to_ascii(address) == address
