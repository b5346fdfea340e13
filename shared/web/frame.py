"""What the frame of a page is drawn from: the ``page`` object of ``layout.html``, and its links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from shared.web.accounts import Role


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """A link of the header or footer: ``url`` may hold ``{lang}``; ``roles`` see it, or everybody if there are none."""

    label: str
    url: str
    roles: frozenset[Role] = frozenset()

    def in_language(self, language: str) -> str:
        """Give the address on the pages of a language."""
        return self.url.replace("{lang}", language)


@dataclass(frozen=True, slots=True)
class Link:
    """A link as the templates take it."""

    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """This page in another language; ``name`` is how its speakers call it."""

    code: str
    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who is logged in, as pages show it: ``organisation`` is its name, ``slug`` its slug."""

    name: str
    email: str
    organisation: str
    slug: str
    role: Role


@dataclass(frozen=True, slots=True)
class Page:
    """What ``layout.html`` draws the frame from; ``theme`` is ``light``, ``dark`` or empty, texts are in ``lang``."""

    service: str
    lang: str
    title: str
    error: bool
    staff: bool
    region_name: str
    region_publisher: str
    languages: Sequence[LanguageLink]
    nav: Sequence[Link]
    footer: Sequence[Link]
    theme: str
    theme_links: Sequence[Link]
    account: Visitor | None
    csrf: str
    logout_url: str
    flash: str
