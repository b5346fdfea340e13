"""Pages: templates in the reader's language, the frame that all of them share, and forms that are our own.

``layout.html`` draws the frame from ``page`` (:mod:`shared.web.frame`). Templates have ``_``, ``gettext``, ``ngettext``
and ``static(path)`` as globals, in macros too: there is one environment for each language. Texts made by
:func:`shared.web.locale._` are said in the page's language where they are printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from shared.languages import language
from shared.region import Region
from shared.settings import CommonSettings
from shared.web.accounts import Account, session_cookie
from shared.web.frame import LanguageLink, Link, NavigationItem, Page, Visitor
from shared.web.language import COOKIE as LANGUAGE_COOKIE
from shared.web.language import STAFF_LANGUAGES, chosen, page_language
from shared.web.limits import MAX_FORM_FIELDS
from shared.web.locale import Text, _, translate, translations
from shared.web.origin import CSRF_FIELD, come_from_us, csrf_token, is_token_of
from shared.web.problems import FormExpired
from shared.web.static import static_files

__all__ = ["TEMPLATES", "THEMES", "FormOutdated", "Link", "NavigationItem", "Pages", "fields_of"]

TEMPLATES: Final = Path(__file__).parent / "templates"
THEMES: Final[Mapping[str, str]] = {"auto": _("Jak w systemie"), "light": _("Jasny"), "dark": _("Ciemny")}
STATEMENT: Final = "accessibility.toml"
THEME_COOKIE: Final = "kal_theme"
YEAR: Final = 365 * 24 * 3600
FLASH_SECONDS: Final = 60
LONGEST_FLASH: Final = 500


class FormOutdated(Exception):
    """A form of our own came with the token of another session; ``fields`` is what was typed, and must not be lost."""

    def __init__(self, request: Request, fields: Sequence[tuple[str, str]]) -> None:
        super().__init__(request.url.path)
        self.request = request
        self.fields = fields


class Pages:
    """The pages of one service.

    Args:
        service: ``ingest``, ``calendar`` or ``distribution``.
        templates: the service's own templates; the shared ones are found after them.
        region: the region pack.
        settings: the service's settings.
        navigation: the links of the header, in their order.
        footer: the links of the footer, before the accessibility statement.

    """

    def __init__(
        self,
        *,
        service: str,
        templates: Path,
        region: Region,
        settings: CommonSettings,
        navigation: Sequence[NavigationItem] = (),
        footer: Sequence[NavigationItem] = (),
    ) -> None:
        self.service = service
        self.staff = service != "distribution"
        self.languages = STAFF_LANGUAGES if self.staff else region.languages.site
        self._templates = (templates, TEMPLATES)
        self.region = region
        self.settings = settings
        self._navigation = tuple(navigation)
        self._footer = (*footer, *_statement(settings))
        self.session_cookie = session_cookie(https=settings.https)
        self._prefix = "__Host-" if settings.https else ""
        self._flash_cookie = f"{self._prefix}kal-flash"

    def home(self, account: Account) -> str:
        """Give the page on which a role begins: curators decide in calendar, editors send in by ingest."""
        homes = {"editor": f"{self.settings.ingest_url}/ingest/", "curator": f"{self.settings.calendar_url}/calendar/"}
        return homes.get(account.role, f"/{self.service}/")

    def language(self, request: Request) -> str:
        """Give the language in which a request's page is answered."""
        return page_language(request, self.languages)

    async def render(
        self,
        request: Request,
        template: str,
        *,
        status: int = 200,
        title: str,
        account: Account | None = None,
        headers: Mapping[str, str] | None = None,
        **context: Any,  # noqa: ANN401 - whatever the template needs
    ) -> HTMLResponse:
        """Answer with a page.

        Args:
            request: what is answered; the account that its route asked for is found by itself.
            template: its name, in the service's or the shared templates.
            status: 422 for a form that is shown again; from 400 on the title says that it is an error.
            title: without the name of the product.
            account: who is logged in, where no route asked for an account.
            headers: headers of the answer, such as ``Cache-Control``.
            **context: what the template needs beside ``page``.

        """
        lang = self.language(request)
        page = self._page(request, lang, title, error=status >= 400, account=account)  # noqa: PLR2004 - HTTP's own bound
        body = self._environment(lang).get_template(template).render(page=page, **context)
        response = HTMLResponse(body, status, dict(headers or {}))
        response.headers["Content-Language"] = lang
        response.headers.add_vary_header("Cookie, Accept-Language")
        if page.flash:
            response.delete_cookie(self._flash_cookie, secure=self.settings.https, httponly=True, samesite="lax")
            response.headers["Cache-Control"] = "no-store"
        if self.staff and request.query_params.get("lang") == lang:
            self._set_cookie(response, self._prefix + LANGUAGE_COOKIE, lang, YEAR)
        return response

    async def form(self, request: Request) -> FormData:
        """Read a form that was sent from one of our own pages.

        Raises:
            FormExpired: if it comes from another site or without our token.
            FormOutdated: if it is ours, but from another session: it is shown again, to be sent again.

        """
        if not come_from_us(request):
            raise FormExpired
        form = await request.form(max_fields=MAX_FORM_FIELDS, max_files=0)
        token = form.get(CSRF_FIELD)
        if not is_token_of(request.cookies.get(self.session_cookie, ""), token if isinstance(token, str) else ""):
            if come_from_us(request, required=True):
                raise FormOutdated(request, fields_of(form))
            raise FormExpired
        return form

    def flash(self, response: Response, text: str, request: Request) -> None:
        """Let the next page say what was done, in the language of the request that did it."""
        said = translate(text, self.language(request))[:LONGEST_FLASH]
        self._set_cookie(response, self._flash_cookie, quote(said, safe=""), FLASH_SECONDS)

    def choose_theme(self, response: Response, theme: str) -> None:
        """Keep a reader's choice of light or dark; ``auto`` forgets it."""
        self._set_cookie(response, self._prefix + THEME_COOKIE, theme, 0 if theme == "auto" else YEAR)

    @staticmethod
    def redirect(url: str) -> RedirectResponse:
        """Send the reader on after a form, by GET (303)."""
        return RedirectResponse(url, status_code=303)

    def _page(self, request: Request, lang: str, title: str, *, error: bool, account: Account | None) -> Page:
        who = account or getattr(request.state, "account", None)
        theme = chosen(request, THEME_COOKIE) or "auto"
        here = self._here(request.url.path, lang)
        return Page(
            service=self.service,
            lang=lang,
            title=translate(title, lang) if isinstance(title, Text) else title,
            error=error,
            staff=self.staff,
            region_name=self.region.label(lang),
            region_publisher=self.region.publisher_label(lang),
            languages=[self._language_link(request, code, lang) for code in self.languages],
            nav=_links(self._navigation, here, lang, who),
            footer=_links(self._footer, here, lang, who),
            theme=theme if theme in {"light", "dark"} else "",
            theme_links=_theme_links(request, lang, theme if theme in THEMES else "auto"),
            account=Visitor(who.name, who.email, who.organisation_name, who.organisation, who.role) if who else None,
            csrf=csrf_token(request.cookies.get(self.session_cookie, "")) if who else "",
            logout_url=f"/{self.service}/logout",
            flash=unquote(request.cookies.get(self._flash_cookie, "")),
        )

    def _here(self, path: str, lang: str) -> str:
        """Give the address, of all that header and footer lead to, that leads furthest towards a page's."""
        urls = [each.in_language(lang) for each in (*self._navigation, *self._footer)]
        leading = [url for url in urls if _leads_to(url.removeprefix(self.settings.public_url), path)]
        return max(leading, key=lambda url: len(url.removeprefix(self.settings.public_url)), default="")

    def _language_link(self, request: Request, code: str, current: str) -> LanguageLink:
        path, query = request.url.path, request.query_params.multi_items()
        if self.staff:
            query = [(name, value) for name, value in query if name != "lang"] + [("lang", code)]
        else:
            first, _slash, rest = path[1:].partition("/")
            path = f"/{code}/{rest}" if first in self.languages else f"/{code}/"
        url = path + (f"?{urlencode(query)}" if query else "")
        return LanguageLink(code, language(code).own_name, url, code == current)

    def _environment(self, lang: str) -> Environment:
        return _environment(self._templates, lang)

    def _set_cookie(self, response: Response, name: str, value: str, seconds: int) -> None:
        response.set_cookie(
            name, value, max_age=seconds, secure=self.settings.https, httponly=True, samesite="lax", path="/"
        )


def _statement(settings: CommonSettings) -> list[NavigationItem]:
    """Give the link to the accessibility statement, where the region pack has one."""
    if not (settings.region / STATEMENT).is_file():
        return []
    return [NavigationItem(_("Deklaracja dostępności"), settings.public_url + "/{lang}/accessibility")]


def fields_of(form: FormData) -> list[tuple[str, str]]:
    """Give what was typed into a form, without our token."""
    return [(name, each) for name, each in form.multi_items() if isinstance(each, str) and name != CSRF_FIELD]


@cache
def _environment(templates: tuple[Path, ...], lang: str) -> Environment:
    """Build the templates of one language; kept, because compiling them takes longer than filling them."""
    words = translations(lang)
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(each) for each in templates]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        extensions=["jinja2.ext.i18n"],
        finalize=lambda value: translate(value, lang) if isinstance(value, Text) else value,
    )
    environment.install_gettext_callables(words.gettext, words.ngettext, newstyle=True)  # type: ignore[attr-defined]
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals["static"] = static_files().url
    return environment


def _links(items: Iterable[NavigationItem], here: str, lang: str, account: Account | None) -> list[Link]:
    """Give the links that this reader may see; current is the one that leads ``here``."""
    seen = [each for each in items if not each.roles or (account and account.role in each.roles)]
    return [Link(translate(each.label, lang), url, url == here) for each in seen if (url := each.in_language(lang))]


def _leads_to(url: str, path: str) -> bool:
    return path == url or path.startswith(url if url.endswith("/") else f"{url}/")


def _theme_links(request: Request, lang: str, chosen: str) -> list[Link]:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return [
        Link(translate(label, lang), f"/theme/{theme}?next={quote(here, safe='/')}", theme == chosen)
        for theme, label in THEMES.items()
    ]
