"""Renders templates in the reader's language, with the common layout, and reads our own forms.

Templates have ``_``, ``gettext``, ``ngettext`` and ``static(path)`` as globals, in macros too: there is one environment
per language. A :class:`shared.i18n.text.Text` is translated where it is printed.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from textwrap import shorten
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from jinja2 import Environment
from starlette.datastructures import FormData, QueryParams
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.accounts.accounts import Account
from shared.i18n.languages import get_language
from shared.i18n.text import Text, translate
from shared.region import Region
from shared.settings import CommonSettings
from shared.web.caching import PAGE
from shared.web.csrf import CSRF_FIELD, MAX_PATH, derive_csrf_token, is_same_origin, verify_csrf_token
from shared.web.forms import REDRAW_FIELD, read_field, read_form
from shared.web.http.session_cookie import get_session_cookie_name
from shared.web.pages.environment import TEMPLATES, create_environment, encode
from shared.web.pages.language import COOKIE as LANGUAGE_COOKIE
from shared.web.pages.language import STAFF_LANGUAGES, choose_page_language, read_preference
from shared.web.pages.layout import (
    CallBanner,
    Hat,
    LanguageLink,
    Link,
    NavigationItem,
    Page,
    PageAddress,
    RedrawForm,
    Visitor,
)
from shared.web.pages.navigation import (
    THEMES,
    build_licence_link,
    build_links,
    build_theme_links,
    join_address,
    leads_to,
    list_statement_links,
)
from shared.web.pages.role_labels import ROLE_LABELS
from shared.web.problems import FormExpired

__all__ = ["Link", "NavigationItem", "PageAddress", "Pages", "StaleForm", "list_fields"]

THEME_COOKIE: Final = "kal_theme"
YEAR: Final = 365 * 24 * 3600
FLASH_SECONDS: Final = 60
MAX_FLASH: Final = 500
MAX_DESCRIPTION: Final = 200
REVISITED: Final = "private, no-cache"
"""Caching of pages with a form. With "no-store" the Back button cannot return to the answer to a form: the browser asks
to send it again, or shows an error, and what was typed is lost."""


FindBanner = Callable[[Request, str], CallBanner | None]
"""Finds the call that editors are shown on each page, in a language."""


class StaleForm(Exception):
    """A form of ours with the token of another session; its ``fields`` must not be lost."""

    def __init__(self, request: Request, fields: Sequence[tuple[str, str]]) -> None:
        super().__init__(request.scope["path"])
        self.request = request
        self.fields = fields


class Pages:
    """The pages of one service; its own ``templates`` are found before the shared ones."""

    def __init__(
        self,
        *,
        service: str,
        templates: Path,
        region: Region,
        settings: CommonSettings,
        navigation: Sequence[NavigationItem] = (),
        footer: Sequence[NavigationItem] = (),
        find_call: FindBanner = lambda _request, _lang: None,
    ) -> None:
        self.service = service
        self.staff = service != "distribution"
        self.languages = STAFF_LANGUAGES if self.staff else region.languages.site
        self._templates = (templates, TEMPLATES)
        self.region = region
        self.settings = settings
        self._navigation = tuple(navigation)
        self._find_call = find_call
        statement = list_statement_links(settings)
        self.has_statement = bool(statement)
        self._footer = (*footer, *statement)
        self.session_cookie = get_session_cookie_name(https=settings.https)
        self._prefix = "__Host-" if settings.https else ""
        self._flash_cookie = f"{self._prefix}kal-flash"

    def get_home(self, account: Account) -> str:
        """The start page of a role; for a role of a later release, the public pages."""
        homes = {
            "editor": f"{self.settings.ingest_url}/ingest/",
            "curator": f"{self.settings.calendar_url}/calendar/",
            "chief": f"{self.settings.calendar_url}/calendar/",
            "administrator": f"/{self.service}/administration",
        }
        return homes.get(account.role, f"{self.settings.public_url}/")

    def load(self) -> None:
        """Compile every template now: a page's first rendering would take a tenth of a second."""
        for lang in self.languages:
            environment = self._get_environment(lang)
            for name in environment.list_templates():
                environment.get_template(name)

    def choose_language(self, request: Request) -> str:
        """On staff pages the person's own language comes before that of the browser."""
        account: Account | None = getattr(request.state, "account", None)
        return choose_page_language(request, self.languages, otherwise=account.language if account else "")

    def keep_language(self, response: Response, lang: str) -> None:
        """Let this browser have its pages in a language from now on."""
        self._set_cookie(response, self._prefix + LANGUAGE_COOKIE, lang, YEAR)

    async def render(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        title: str,
        account: Account | None = None,
        headers: Mapping[str, str] | None = None,
        address: PageAddress | None = None,
        description: str = "",
        redraw: RedrawForm | None = None,
        flash: Text | None = None,
        **context: Any,  # noqa: ANN401 - whatever the template needs
    ) -> HTMLResponse:
        """Render a page.

        Args:
            request: its account, if the route has one, is shown in the header.
            template: a name in the service's or the shared templates.
            status: from 400 on the title says that it is an error; 422 is a form shown again.
            title: without the product's name.
            account: for a route without an account.
            headers: such as ``Cache-Control``.
            address: the canonical one of a public page.
            description: for search engines and messengers.
            redraw: the form that holds something typed.
            flash: the message of a form whose answer is this page, and not a redirect.
            **context: what the template needs besides ``page``.

        """
        lang = self.choose_language(request)
        is_error = status >= 400  # noqa: PLR2004 - HTTP's own bound
        page = self._build_page(request, lang, title, error=is_error, account=account, address=address, flash=flash)
        if redraw is not None:
            page = self._redraw(page, redraw)
        if address is not None:
            page = self._add_metadata(page, address, description)
        body = encode(self._get_environment(lang).get_template(template).generate(page=page, **context))
        response = HTMLResponse(body, int(status), dict(headers or {}))
        response.headers["Content-Language"] = lang
        if request.method != "POST":  # whose answers Back finds again only if nothing of their request has changed
            response.headers.add_vary_header("Cookie")  # light or dark
        if request.method != "POST" and not request.scope["path"].startswith(f"/{lang}/"):
            response.headers.add_vary_header("Accept-Language")
        if not self.staff and status == 200:  # noqa: PLR2004 - HTTP's own number
            response.headers.setdefault("Cache-Control", PAGE)
        if self.staff and request.method == "POST":
            response.headers.setdefault("Cache-Control", REVISITED)
        if page.flash:
            response.delete_cookie(self._flash_cookie, secure=self.settings.https, httponly=True, samesite="lax")
            response.headers["Cache-Control"] = "no-store"
        if (theme := self._find_chosen_theme(request)) is not None:
            self.choose_theme(response, theme)
        if self.staff and request.query_params.get("lang") == lang:
            self.keep_language(response, lang)
        return response

    async def read_form(
        self, request: Request, *, redraws: bool = False, read: Callable[[Request], Awaitable[FormData]] = read_form
    ) -> FormData:
        """Raises FormExpired: it comes from another site, or without our token."""
        # Raises StaleForm: it has the token of another session, and must be sent again; or it is only to be shown
        # again (``REDRAW_FIELD``), where the caller does not do that itself.
        # Raises BadRequest: it has too many fields or is not UTF-8.
        if not is_same_origin(request):
            raise FormExpired
        form = await read(request)
        if not verify_csrf_token(request.cookies.get(self.session_cookie, ""), read_field(form, CSRF_FIELD)):
            if is_same_origin(request, required=True):
                raise StaleForm(request, list_fields(form))
            raise FormExpired
        if REDRAW_FIELD in form and not redraws:
            raise StaleForm(request, list_fields(form))
        return form

    def flash(self, response: Response, text: str, request: Request) -> None:
        """Show a message on the next page."""
        said = translate(text, self.choose_language(request))[:MAX_FLASH]
        self._set_cookie(response, self._flash_cookie, quote(said, safe=""), FLASH_SECONDS)

    def choose_theme(self, response: Response, theme: str) -> None:
        """``auto`` deletes the choice."""
        self._set_cookie(response, self._prefix + THEME_COOKIE, theme, 0 if theme == "auto" else YEAR)

    @staticmethod
    def redirect(url: str) -> RedirectResponse:
        """303, after a form."""
        return RedirectResponse(url, status_code=303)

    def _add_metadata(self, page: Page, address: PageAddress, description: str) -> Page:
        """Never uses the request's host."""
        urls = {code: self.settings.public_url + address.canonical(code) for code in self.languages}
        said = translate(description, page.lang)
        return replace(
            page,
            locale=get_language(page.lang).locale_name,
            canonical=urls[page.lang],
            alternates=[*urls.items(), ("x-default", urls[self.region.languages.default])],
            description=shorten(said, MAX_DESCRIPTION, placeholder="…"),
        )

    def _build_page(
        self,
        request: Request,
        lang: str,
        title: str,
        *,
        error: bool,
        account: Account | None,
        address: PageAddress | None,
        flash: Text | None,
    ) -> Page:
        who = account or getattr(request.state, "account", None)
        theme = self._find_chosen_theme(request) or read_preference(request, THEME_COOKIE) or "auto"
        here = self._find_current(request.scope["path"], lang)
        return Page(
            service=self.service,
            lang=lang,
            title=translate(title, lang) if isinstance(title, Text) else title,
            error=error,
            staff=self.staff,
            region_name=self.region.get_label(lang),
            region_publisher=self.region.get_publisher_label(lang),
            languages=[self._build_language_link(request, code, lang, address) for code in self.languages],
            nav=build_links(self._navigation, here, lang, who),
            footer=build_links(self._footer, here, lang, who),
            theme=theme if theme in {"light", "dark"} else "",
            theme_links=build_theme_links(
                address.here(lang) if address else join_address(*self._shorten_address(request, lang)),
                lang,
                theme if theme in THEMES else "auto",
            ),
            account=_build_visitor(who, lang) if who else None,
            csrf=derive_csrf_token(request.cookies.get(self.session_cookie, "")) if who else "",
            logout_url=f"/{self.service}/logout",
            hat_url=f"/{self.service}/hat",
            profile_url=f"{self.settings.ingest_url}/ingest/profile",
            flash=translate(flash, lang) if flash else unquote(request.cookies.get(self._flash_cookie, "")),
            contact=Link(self.region.email, self.region.mailto) if self.region.email else None,
            licence=None if self.staff else build_licence_link(self.region),
            call=self._find_call(request, lang) if who and who.role == "editor" else None,
        )

    def _find_chosen_theme(self, request: Request) -> str | None:
        """The choice that came with a form to be shown again; other pages have a link for it."""
        theme = request.query_params.get("theme", "")
        return theme if self.staff and request.method == "POST" and theme in THEMES else None

    def _redraw(self, page: Page, form: RedrawForm) -> Page:
        return replace(
            page,
            redraw=form,
            languages=[replace(each, url=form.build_url(lang=each.code)) for each in page.languages],
            theme_links=[
                replace(link, url=form.build_url(theme=theme))
                for theme, link in zip(THEMES, page.theme_links, strict=True)
            ],
        )

    def _find_current(self, path: str, lang: str) -> str:
        """The navigation address that is the longest prefix of the path."""
        urls = [each.build_url(lang) for each in (*self._navigation, *self._footer)]
        leading = [url for url in urls if leads_to(url.removeprefix(self.settings.public_url), path)]
        return max(leading, key=lambda url: len(url.removeprefix(self.settings.public_url)), default="")

    def _build_language_link(
        self, request: Request, code: str, current: str, address: PageAddress | None
    ) -> LanguageLink:
        if address is not None:
            return LanguageLink(code, get_language(code).own_name, address.here(code), code == current)
        path, written = self._shorten_address(request, current)
        query = QueryParams(written).multi_items()
        if self.staff:
            query = [(name, value) for name, value in query if name != "lang"] + [("lang", code)]
        else:
            first, _slash, rest = path[1:].partition("/")
            path = f"/{code}/{rest}" if first in self.languages else f"/{code}/"
        url = path + (f"?{urlencode(query)}" if query else "")
        return LanguageLink(code, get_language(code).own_name, url, code == current)

    def _shorten_address(self, request: Request, lang: str) -> tuple[str, str]:
        """What links repeat: of a long address the path, of a long path the start page."""
        path, query = str(request.scope["path"]), request.scope["query_string"].decode("latin-1")
        if len(path) > MAX_PATH:
            return (f"/{self.service}/" if self.staff else f"/{lang}/"), ""
        return path, (query if len(path) + len(query) <= MAX_PATH else "")

    def _get_environment(self, lang: str) -> Environment:
        return create_environment(self._templates, lang)

    def _set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name, value, max_age=seconds, secure=self.settings.https, httponly=True, samesite="lax", path="/"
        )


_OURS: Final = frozenset({CSRF_FIELD, REDRAW_FIELD})


def list_fields(form: FormData) -> list[tuple[str, str]]:
    """List what was typed, without our token."""
    return [(name, each) for name, each in form.multi_items() if isinstance(each, str) and name not in _OURS]


def _build_visitor(account: Account, lang: str) -> Visitor:
    return Visitor(
        account.name,
        account.email,
        account.organisation_name,
        account.organisation,
        account.role,
        hats=[
            Hat(each.key, each.organisation_name, translate(label, lang), each.key == account.membership_key)
            for each in account.memberships
            if (label := ROLE_LABELS.get(each.role, each.role))  # one of a later release has no label
        ],
    )
