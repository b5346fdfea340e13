"""The message that is sent: its headers, and that nobody adds one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import parseaddr
from typing import Final

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared.email_address import AddressInvalid, encode_address
from shared.mail.header import Header, HeaderInvalid
from shared.mail.message import build_message
from shared.mail.model import MAX_NAME_LENGTH, MAX_SUBJECT_LENGTH, Recipient, StoredMail, clean_header
from shared.mail.storage import store_mail
from tests.support.mail import CONTEXTS, SITE, make_mail

JOB: Final = "0190a6f0-0000-7000-8000-000000000001"
NOW: Final = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
HEADERS: Final = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "Content-Language",
    "MIME-Version",
    "Content-Type",
}


def parse(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=SMTP)


def decode(header: str) -> str:
    """Read a header as RFC 2047 says; Python's newer parser sees a space between the encoded words of a name."""
    return str(make_header(decode_header(header.replace("\r\n", "")))).strip()


def make_stored(**changes: object) -> StoredMail:
    stored = store_mail(make_mail(), SITE, unsubscribe_url="", queued_at=NOW)
    return StoredMail(**{name: getattr(stored, name) for name in StoredMail.__slots__} | changes)


@pytest.mark.parametrize(
    ("template", "reply_to", "answered"),
    [
        ("decision", "", "kontakt@zrot.example"),
        ("reminder", "", "kontakt@zrot.example"),
        ("request", "", "kontakt@zrot.example"),
        ("request", "ewa@zrot.example", "ewa@zrot.example"),
        ("password_link", "", None),
    ],
)
def test_who_answers_a_mail_about_events_writes_to_the_curator(
    template: str, reply_to: str, answered: str | None
) -> None:
    mail = make_mail(template=template, context=CONTEXTS[template], reply_to=reply_to)
    stored = store_mail(mail, replace(SITE, contact="kontakt@zrot.example"), unsubscribe_url="", queued_at=NOW)

    assert parse(build_message(JOB, stored, SITE))["Reply-To"] == answered


def test_message_names_its_job_and_says_that_a_program_sent_it() -> None:
    message = parse(build_message(JOB, make_stored(), SITE))

    assert message["Message-ID"] == f"<{JOB}@kalendarium.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW
    assert message["To"] == "Anna Żak <anna@lot.example>"
    assert message["From"] == "Wydawca <no-reply@kalendarium.example>"
    assert set(message.keys()) == HEADERS


@given(st.lists(st.sampled_from(["Organizacja", "Żółw", "w", "ł", "Kalendarium:", "Wokół", "2027"]), min_size=1))
def test_long_texts_of_headers_are_read_as_they_were_written(words: list[str]) -> None:
    subject, name = (clean_header(" ".join(words), limit) for limit in (MAX_SUBJECT_LENGTH, MAX_NAME_LENGTH))

    message = message_from_bytes(build_message(JOB, make_stored(subject=subject, sender_name=name), SITE))

    assert decode(message["Subject"]) == subject
    assert decode(message["From"]).replace('"', "").startswith(f"{name} ")


def test_message_built_again_is_the_same_bytes() -> None:
    assert build_message(JOB, make_stored(), SITE) == build_message(JOB, make_stored(), SITE)


def test_message_of_a_list_can_be_left_with_one_click() -> None:
    message = parse(build_message(JOB, make_stored(unsubscribe_url="https://kalendarium.example/u/x"), SITE))

    assert message["List-Unsubscribe"] == "<https://kalendarium.example/u/x>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_message_has_text_and_html() -> None:
    message = parse(build_message(JOB, make_stored(text="Zażółć\n", html="<p>Zażółć</p>\n"), SITE))

    parts = {each.get_content_type(): each.get_content() for each in message.iter_parts()}
    assert parts == {"text/plain": "Zażółć\r\n", "text/html": "<p>Zażółć</p>\r\n"}


@given(name=st.text(max_size=200), subject=st.text(max_size=400), sender=st.text(max_size=100))
def test_no_name_and_no_subject_adds_a_header(name: str, subject: str, sender: str) -> None:
    to = Recipient(None, "anna@lot.example", name, "pl")

    raw = build_message(JOB, make_stored(to=to, subject=subject, sender_name=sender), SITE)

    message = parse(raw)
    assert set(message.keys()) == HEADERS
    assert [each.addr_spec for each in message["To"].addresses] == ["anna@lot.example"]
    assert [each.addr_spec for each in message["From"].addresses] == ["no-reply@kalendarium.example"]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))


HOSTILE: Final = (
    "=?utf-8?q?Jan=0d=0aBcc:_victim=40x.pl=0d=0a=0d=0aPay_here?=",
    "=?utf-8?q?Jan=0aBcc:_victim=40x.pl?=",
    "=?utf-8?b?SmFuDQpCY2M6IHZpY3RpbUB4LnBsDQoNClBheQ==?=",
    "=?utf-7?q?Jan+AA0ACg-Bcc:_victim=40x.pl?=",
    "=?iso-8859-1?q?=0d=0a?= =?utf-8?q?Bcc:_a=40b.pl?=",
    'Jan" <victim@x.pl>, "Ewa',
    "Żak, Anna <victim@x.pl>, Ewa",
    "Jan \\",
    "(a) <b@c.pl>; d: e@f.pl",
    "a,b;c " * 40,
    "x" * 200,
    "ż" * 200,
)
_PIECES: Final = st.sampled_from([*HOSTILE, "=?", "?=", "=?utf-8?q?", "=0d=0a", '"', "\\", "<a@b.pl>", ",", " ", "ż"])
texts = st.lists(_PIECES | st.text(max_size=20), max_size=8).map("".join)


@given(name=texts, subject=texts, sender=texts)
@example(name=HOSTILE[0], subject=HOSTILE[1], sender=HOSTILE[2])
def test_text_is_shown_literally_and_never_read_as_a_header(name: str, subject: str, sender: str) -> None:
    to = Recipient(None, "anna@lot.example", name, "pl")

    raw = build_message(JOB, make_stored(to=to, subject=subject, sender_name=sender), SITE)

    message = parse(raw)
    assert sorted(message.keys()) == sorted(HEADERS)
    assert read_header(raw, "Subject") == clean_header(subject, MAX_SUBJECT_LENGTH)
    for header, shown, address in (("To", name, "anna@lot.example"), ("From", sender, "no-reply@kalendarium.example")):
        (mailbox,) = message[header].addresses
        assert mailbox.addr_spec == address
        assert read_name(raw, header) == clean_header(shown, MAX_NAME_LENGTH)
    assert message.get_content_type() == "multipart/alternative"
    assert all(len(line) <= 998 for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n"))


def read_header(raw: bytes, name: str) -> str:
    """As a mail program reads it: unfolded, and encoded words decoded once."""
    return str(make_header(decode_header(message_from_bytes(raw)[name].replace("\r\n", ""))))


def read_name(raw: bytes, name: str) -> str:
    written, _address = parseaddr(message_from_bytes(raw)[name].replace("\r\n", ""))
    return str(make_header(decode_header(written)))


@pytest.mark.parametrize("value", ["a\r\nBcc: b@c.pl", "a\nb", "a\r\n ", "a\r\n\r\nb", "ż", "a\x00"])
def test_no_header_is_made_of_more_than_one(value: str) -> None:
    with pytest.raises(HeaderInvalid):
        Header("Subject", value)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\u2028", "\x85", "\x0b", "\x00"])
def test_line_end_in_a_name_or_subject_becomes_a_blank(end: str) -> None:
    attack = f"Anna{end}Bcc: everybody@example.org"
    to = Recipient(None, "anna@lot.example", attack, "pl")

    message = parse(build_message(JOB, make_stored(to=to, subject=attack, sender_name=attack), SITE))

    assert message["Bcc"] is None
    assert str(message["Subject"]) in {"Anna Bcc: everybody@example.org", "AnnaBcc: everybody@example.org"}


@given(st.text(max_size=300), st.integers(min_value=1, max_value=250))
def test_cleaned_header_is_one_short_line(text: str, limit: int) -> None:
    cleaned = clean_header(text, limit)

    assert len(cleaned) <= limit
    assert cleaned.isprintable()


@given(st.text(max_size=80))
def test_address_is_ascii_or_refused(text: str) -> None:
    try:
        encoded = encode_address(text)
    except AddressInvalid:
        return

    assert encoded.isascii()
    assert encoded.isprintable()
    assert " " not in encoded


@pytest.mark.parametrize(
    "email",
    ["", "anna", "@lot.example", "anna@", "an na@lot.example", "a\nb@lot.example", "anna@lot..example", "a@b@c.pl"],
)
def test_no_mail_goes_to_what_is_no_address(email: str) -> None:
    with pytest.raises(AddressInvalid):
        encode_address(email)


@pytest.mark.parametrize(
    ("email", "encoded"),
    [
        ("anna+lot@lot.example", "anna+lot@lot.example"),
        (" Anna@LOT.example ", "Anna@lot.example"),
        ("anna@żółw.pl", "anna@xn--w-uga1v8h.pl"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_address_is_encoded_for_smtp(email: str, encoded: str) -> None:
    assert encode_address(email) == encoded
