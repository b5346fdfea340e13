"""What ``layout.html`` is given: the ``page`` object and its links."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from shared.accounts.accounts import Role


@dataclass(frozen=True, slots=True)
class NavigationItem:
    """``url`` may hold ``{lang}``; without ``roles`` everybody sees it."""

    label: str
    url: str
    roles: frozenset[Role] = frozenset()

    def build_url(self, language: str) -> str:
        return self.url.replace("{lang}", language)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """This page in another language, by the language's own name."""

    code: str
    name: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class PageAddress:
    """The canonical address of a public page: path after the language, and parameters."""

    # ``kept`` are further parameters for links to the page itself, such as the list that the reader came from.

    path: str
    query: Sequence[tuple[str, str]] = ()
    kept: Sequence[tuple[str, str]] = ()

    def canonical(self, language: str) -> str:
        return _build_url(language, self.path, self.query)

    def here(self, language: str) -> str:
        return _build_url(language, self.path, (*self.query, *self.kept))


def _build_url(language: str, path: str, query: Sequence[tuple[str, str]]) -> str:
    return f"/{language}/{path}" + (f"?{urlencode(query)}" if query else "")


@dataclass(frozen=True, slots=True)
class Hat:
    """A membership in the header, to change to: ``key`` names it, ``role`` is in the page's language."""

    key: str
    organisation: str
    role: str
    current: bool


@dataclass(frozen=True, slots=True)
class Visitor:
    """The account in the header: ``organisation`` is its name, ``slug`` its slug; ``hats`` are all memberships."""

    name: str
    email: str
    organisation: str
    slug: str
    role: Role
    hats: Sequence[Hat] = ()


@dataclass(frozen=True, slots=True)
class RedrawForm:
    """The form that the links of language and appearance send along, as buttons, so that nothing typed is lost.

    ``id`` is the form's, ``action`` the path that shows it again, ``mode`` tells that path how.
    """

    id: str
    action: str
    mode: str = ""

    def build_url(self, **chosen: str) -> str:
        return f"{self.action}{'&' if '?' in self.action else '?'}{urlencode(chosen)}"


@dataclass(frozen=True, slots=True)
class Brick:
    """A part of a call's course for ``call.html``: ``kind`` is "", ``now``, ``left``, ``end`` or ``after``.

    ``more`` is shown only where there is room.
    """

    kind: str
    label: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class CallBanner:
    """A call for ``call.html``: ``headline`` such as "16 days left"; ``moments`` are terms with their days.

    ``others`` are calls that take something at the same time.
    """

    headline: str
    words: str
    criteria_url: str
    course: Sequence[Brick]
    moments: Sequence[tuple[str, str]]
    others: Sequence[Link] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """``theme`` is ``light``, ``dark`` or empty; texts are in ``lang``."""

    # ``canonical`` is the whole address, ``alternates`` those in other languages by code, ``locale`` OpenGraph's name
    # of the language (``pl_PL``); a page without an address has none of them. ``call`` is the one that an editor is
    # shown on each page, ``contact`` leads to the curator's address, if the region pack has one. ``licence`` is the
    # region's, on public pages.

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
    hat_url: str = ""
    profile_url: str = ""
    locale: str = ""
    canonical: str = ""
    alternates: Sequence[tuple[str, str]] = ()
    redraw: RedrawForm | None = None
    description: str = ""
    call: CallBanner | None = None
    contact: Link | None = None
    licence: Link | None = None
