"""Texts of mails: language, HTML of the text, links that let somebody in."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.mail.links import HIDDEN, hide_links, restore_links
from shared.mail.model import LISTS, Mail, Recipient, RenderedMail
from shared.mail.rendering import TEMPLATES, render_mail, text_to_html
from tests.support.mail import CONTEXTS, SITE, make_mail


def to(language: str) -> Recipient:
    return Recipient(None, "anna@lot.example", "Anna", language)


@pytest.mark.parametrize(
    ("language", "subject", "publisher"),
    [
        ("en", "Test of Kalendarium's mail", "Publisher"),
        ("pl", "Próba poczty Kalendarium", "Wydawca"),
        ("de", "Test der Mails von Kalendarium", "Herausgeber"),
        ("uk", "Próba poczty Kalendarium", "Wydawca"),
        ("", "Próba poczty Kalendarium", "Wydawca"),
    ],
)
def test_mail_is_in_the_language_of_its_recipient_or_polish(language: str, subject: str, publisher: str) -> None:
    rendered = render_mail(make_mail(to=to(language)), SITE)

    assert rendered.subject == subject
    assert f"\n-- \n{publisher}\n" in rendered.text
    assert f"<b>{publisher}</b>" in rendered.html


def test_mail_of_a_list_says_how_to_stop_it() -> None:
    link = "https://kalendarium.example/u/x"

    rendered = render_mail(make_mail(to=to("en"), list="digest"), SITE, unsubscribe_url=link)

    assert f"\nStop these mails: {link}\n" in rendered.text
    assert f'href="{link}"' in rendered.html


def test_mail_that_is_no_list_cannot_be_stopped() -> None:
    assert "Stop these mails" not in render_mail(make_mail(to=to("en")), SITE).text


TEMPLATE_NAMES = sorted(path.stem for path in TEMPLATES.glob("*.txt") if path.stem != "base")


@pytest.mark.parametrize("name", TEMPLATE_NAMES)
def test_template_extends_the_frame_and_has_a_subject(name: str) -> None:
    source = (TEMPLATES / f"{name}.txt").read_text(encoding="utf-8")

    assert '{% extends "base.txt" %}' in source
    assert "{% block _subject %}" in source


def test_text_becomes_paragraphs_lists_and_links() -> None:
    text = "Dzień dobry,\n\nzobacz:\nhttps://a.example/x?y=1&z=2.\n\n- jeden\n- dwa <b>\n"

    assert text_to_html(text) == (
        "<p>Dzień dobry,</p>\n"
        '<p>zobacz:<br>\n<a href="https://a.example/x?y=1&amp;z=2">https://a.example/x?y=1&amp;z=2</a>.</p>\n'
        "<ul><li>jeden</li><li>dwa &lt;b&gt;</li></ul>"
    )


@pytest.mark.parametrize("name", ["still_right", "uncertain_dates", "morning"])
def test_events_of_a_mail_are_one_list_with_an_item_each(name: str) -> None:
    html = render_mail(make_mail(to=to("en"), template=name, context=CONTEXTS[name]), SITE).html

    assert (html.count("<ul>"), html.count("<li>"), html.count("<li>Rejs")) == (1, 3, 3)
    assert "- Rejs" not in html


def test_link_has_its_words_in_html_and_its_address_in_the_text() -> None:
    context = {**CONTEXTS["still_right"], "url": "https://a.example/?x=1&y=2"}

    rendered = render_mail(make_mail(to=to("en"), template="still_right", context=context), SITE)

    assert "\nConfirm all of it with one click: https://a.example/?x=1&y=2\n" in rendered.text
    assert '<a href="https://a.example/?x=1&amp;y=2">Confirm all of it with one click</a>' in rendered.html
    assert '/2">Correct</a></li>' in rendered.html


def test_words_that_somebody_typed_name_no_link() -> None:
    context = {**CONTEXTS["decision"], "text": "Confirm: https://a.example/1"}

    html = render_mail(make_mail(to=to("en"), template="decision", context=context), SITE).html

    assert 'Confirm: <a href="https://a.example/1">https://a.example/1</a>' in html


def test_only_the_frame_begins_a_signature() -> None:
    context = {**CONTEXTS["decision"], "text": "Rejs\n-- \nEwa"}

    text = render_mail(make_mail(to=to("en"), template="decision", context=context), SITE).text

    assert (text.count("\n-- \n"), text.count("\n-- \nPublisher")) == (1, 1)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://a.example/Dom_(film)", "https://a.example/Dom_(film)"),
        ("(https://a.example/Dom_(film)).", "https://a.example/Dom_(film)"),
        ("(https://a.example/x)!", "https://a.example/x"),
        ("https://a.example/(x).y,", "https://a.example/(x).y"),
        ("https://...", None),
    ],
)
def test_address_keeps_the_brackets_that_it_opens(text: str, address: str | None) -> None:
    tags = Tags()
    tags.feed(text_to_html(text))

    assert tags.addresses == ([address] if address else [])


class Tags(HTMLParser):
    """Collects the names of tags and attributes, and the addresses of links."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.addresses: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(name for name, _ in attrs)}
        self.addresses += [value for name, value in attrs if name == "href"]


@given(st.text(alphabet=st.sampled_from("<>&\"'=- \n/htps:.abc"), max_size=200))
def test_no_text_becomes_another_tag(text: str) -> None:
    tags = Tags()
    tags.feed(text_to_html(text))

    assert tags.names <= {"p", "br", "a", "href", "ul", "li"}


LINK = st.from_regex(r"https://[a-z]{1,10}\.example/[a-z0-9?=&]{0,20}", fullmatch=True)


@given(st.lists(st.tuples(st.text(alphabet="ab <>\n", max_size=10), LINK), max_size=5))
def test_hidden_links_are_not_there_and_come_back(parts: list[tuple[str, str]]) -> None:
    text = " ".join(f"{words} {link}\n" for words, link in parts)
    rendered = RenderedMail("Rejs", text, str(text_to_html(text)))

    hidden, links = hide_links(rendered)

    assert restore_links(hidden, links) == rendered
    assert "https://" not in hidden.text + hidden.html
    assert set(links) >= {link for _, link in parts}


def test_link_that_was_removed_is_shown_as_hidden() -> None:
    hidden, _links = hide_links(RenderedMail("s", "Otwórz https://a.example/t/secret\n", "<p></p>"))

    assert restore_links(hidden, ()).text == f"Otwórz {HIDDEN}\n"


@pytest.mark.parametrize("changes", [{"key": ""}, {"key": "x" * 201}, {"list": "Anna Żak"}, {"list": "a@b"}])
def test_key_and_list_are_bounded(changes: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"key|list"):
        Mail(**{"key": "k", "template": "test", "to": to("pl"), "context": {}, **changes})  # type: ignore[arg-type]  # fields of a mail


def test_lists_have_names_in_every_language() -> None:
    assert {name for name, label in LISTS.items() if label.in_language("en") == label.in_language("pl")} == set()


def test_every_template_is_rendered_with_the_context_that_tests_have_for_it() -> None:
    rendered = {name: render_mail(make_mail(template=name, context=CONTEXTS[name]), SITE) for name in TEMPLATE_NAMES}

    assert [name for name, mail in rendered.items() if not mail.subject] == []
    assert sorted(CONTEXTS) == TEMPLATE_NAMES
