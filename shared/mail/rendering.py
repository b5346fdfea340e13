"""Renders a mail from its templates in the recipient's language: subject, text, HTML. Pure.

``templates/<name>.txt`` extends ``base.txt``: the blocks ``_subject``, ``main`` and, where a general reason is not
enough, ``why``. Without a ``<name>.html`` the HTML is made of the text: paragraphs, lists of lines that begin with
``- ``, and links. A template has the context, ``recipient``, ``publisher``, ``home``, ``unsubscribe_url`` and the
filters ``day`` and ``moment``, which write a date (``2027-08-14``) and an instant (RFC 3339) in words, and ``named``:
``url | named("Answer here:")`` is these words and the address in the text, and a link with these words in the HTML.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final
from zoneinfo import ZoneInfo

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    pass_context,
    select_autoescape,
)
from jinja2.runtime import Context
from markupsafe import Markup, escape

from shared.event.date_phrases import format_day, format_local_time
from shared.i18n.text import DEFAULT, UI_LANGUAGES, Text, load_translations, translate
from shared.mail.model import MAX_SUBJECT_LENGTH, MAX_TEXT_LENGTH, Mail, RenderedMail, clean_header
from shared.plain_text import strip_unshowable

TEMPLATES: Final = Path(__file__).parent / "templates"
SUBJECT_BLOCK: Final = "_subject"
_LINK: Final = r"https?://[^\s<>\"]+"
_PUNCTUATION: Final = frozenset(".,;:!?)")
"""Of the sentence around an address, where it ends it."""
_SIGNATURE: Final = "\n--\n"
_NAMED: Final = "named_links"
"""In the context: the HTML of each named link by its text."""
_BLANK_LINES: Final = re.compile(r"\n{3,}")


class MailTooLong(ValueError):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSite:
    """Who sends: the publisher by language, the sender's address, the address of the site and of ingest.

    ``language`` is that of mails to people who chose none; ``contact`` is where answers go, or empty.
    """

    publishers: Mapping[str, str]
    sender: str
    home: str
    ingest_url: str
    message_domain: str
    time_zone: ZoneInfo
    language: str = DEFAULT
    contact: str = ""


def choose_mail_language(language: str) -> str:
    return language if language in UI_LANGUAGES else DEFAULT


def render_mail(mail: Mail, site: MailSite, *, unsubscribe_url: str = "") -> RenderedMail:
    """Raises MailTooLong; jinja2's errors if the template needs what the context lacks."""
    language = choose_mail_language(mail.to.language)
    context = {
        **mail.context,
        "recipient": mail.to,
        "publisher": site.publishers[language],
        "home": site.home,
        "language": language,
        "unsubscribe_url": unsubscribe_url,
        _NAMED: {},
    }
    environment = _create_environment(language, site.time_zone)
    written = environment.get_template(f"{mail.template}.txt")
    subject = clean_header(_render_block(written, SUBJECT_BLOCK, context), MAX_SUBJECT_LENGTH)
    text = _separate_signature(_tidy(written.render(context)))
    html = _render_html(environment, mail.template, written, context | {"subject": subject})
    if len(text) > MAX_TEXT_LENGTH or len(html) > 4 * MAX_TEXT_LENGTH:
        raise MailTooLong(mail.template)
    return RenderedMail(subject, text, html)


def _render_html(environment: Environment, name: str, written: Template, context: Mapping[str, Any]) -> str:
    try:
        template = environment.get_template(f"{name}.html")
    except TemplateNotFound:
        written_parts = {each: _render_block(written, each, context) for each in ("main", "why")}
        parts = {name: text_to_html(text, context[_NAMED]) for name, text in written_parts.items()}
        template, context = environment.get_template("base.html"), {**context, **parts}
    return _tidy(template.render(context))


def _render_block(template: Template, name: str, context: Mapping[str, Any]) -> str:
    """A block of a template or of the one that it extends."""
    made = template.new_context(dict(context))
    "".join(template.root_render_func(made))  # registers the blocks of the parents
    return "".join(made.blocks[name][0](made))


def text_to_html(text: str, named: Mapping[str, Markup] = MappingProxyType({})) -> Markup:
    """Paragraphs, lists and links of a plain text; ``named`` has the HTML of some of its parts."""
    pattern = re.compile("|".join([*map(re.escape, sorted(named, key=len, reverse=True)), _LINK]))
    write = partial(_write_line, pattern=pattern, named=named)
    blocks = [each.strip().splitlines() for each in re.split(r"\n\s*\n", strip_unshowable(text)) if each.strip()]
    return Markup("\n").join(_write_block(each, write) for each in blocks)


def _write_block(lines: list[str], write: Callable[[str], Markup]) -> Markup:
    if all(line.startswith(("- ", "  ")) for line in lines) and lines[0].startswith("- "):
        items = "\n".join(lines).removeprefix("- ").split("\n- ")
        written = (_join_lines([line.strip() for line in each.splitlines()], write) for each in items)
        return Markup("<ul>{}</ul>").format(Markup().join(map(Markup("<li>{}</li>").format, written)))
    return Markup("<p>{}</p>").format(_join_lines(lines, write))


def _join_lines(lines: list[str], write: Callable[[str], Markup]) -> Markup:
    return Markup("<br>\n").join(map(write, lines))


def _write_line(text: str, *, pattern: re.Pattern[str], named: Mapping[str, Markup]) -> Markup:
    found, last = Markup(), 0
    for each in pattern.finditer(text):
        part = each[0] if each[0] in named else _trim_address(each[0])
        found += escape(text[last : each.start()]) + (named[part] if part in named else _link(part, part))
        last = each.start() + len(part)
    return found + escape(text[last:])


def _link(url: str, words: str) -> Markup:
    return escape(url) if url.endswith("://") else Markup('<a href="{}">{}</a>').format(url, words)


def _trim_address(text: str) -> str:
    """Without the punctuation of the sentence around it; a ``)`` that has its ``(`` stays."""
    unopened, end = text.count(")") - text.count("("), len(text)
    while text[end - 1] in _PUNCTUATION:
        if text[end - 1] == ")":
            if unopened <= 0:
                break
            unopened -= 1
        end -= 1
    return text[:end]


@pass_context
def _name_link(context: Context, url: str, words: str) -> str:
    written = f"{words} {url}"
    context[_NAMED][written] = _link(url, words.rstrip(" :"))
    return written


def _tidy(text: str) -> str:
    """Without what no mail can carry, and with single blank lines."""
    lines = "\n".join(line.rstrip() for line in strip_unshowable(text).replace("\r", "").split("\n"))
    return _BLANK_LINES.sub("\n\n", lines).strip() + "\n"


def _separate_signature(text: str) -> str:
    """Mark the signature as mail programs know it (RFC 3676, section 4.3)."""
    before, line, after = text.rpartition(_SIGNATURE)  # the last one: people may write the same in a text
    return before + line.replace("--", "-- ") + after


@cache
def _create_environment(language: str, zone: ZoneInfo) -> Environment:
    words = load_translations(language)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"], default=False, default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
        finalize=lambda value: translate(value, language) if isinstance(value, Text) else value,
    )
    install = environment.install_gettext_callables  # type: ignore[attr-defined]
    install(words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext, npgettext=words.npgettext)
    environment.policies["ext.i18n.trimmed"] = True
    environment.filters["day"] = lambda day: format_day(date.fromisoformat(day), language)
    environment.filters["named"] = _name_link
    environment.filters["moment"] = lambda instant: format_local_time(instant, language, zone)
    return environment
