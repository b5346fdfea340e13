"""Links that every page has: navigation, foot, appearance, the accessibility statement and the licence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote

from shared.accounts.accounts import Account
from shared.event.vocabulary import LICENCES
from shared.i18n.text import _, translate
from shared.region import Region
from shared.settings import CommonSettings
from shared.web.pages.layout import Link, NavigationItem

THEMES: Final[Mapping[str, str]] = {"auto": _("As the system"), "light": _("Light"), "dark": _("Dark")}
STATEMENT: Final = "accessibility.toml"


def list_statement_links(settings: CommonSettings) -> list[NavigationItem]:
    if not (settings.region / STATEMENT).is_file():
        return []
    return [NavigationItem(_("Accessibility statement"), settings.public_url + "/{lang}/accessibility")]


def build_links(items: Iterable[NavigationItem], here: str, lang: str, account: Account | None) -> list[Link]:
    seen = [each for each in items if not each.roles or (account and account.role in each.roles)]
    return [Link(translate(each.label, lang), url, url == here) for each in seen if (url := each.build_url(lang))]


def build_licence_link(region: Region) -> Link | None:
    licence = LICENCES.get(region.licence or "")
    return Link(licence.name, licence.url) if licence else None


def leads_to(url: str, path: str) -> bool:
    return path == url or path.startswith(url if url.endswith("/") else f"{url}/")


def join_address(path: str, query: str) -> str:
    return f"{path}?{query}" if query else path


def build_theme_links(here: str, lang: str, chosen: str) -> list[Link]:
    return [
        Link(translate(label, lang), f"/theme/{theme}?next={quote(here, safe='/')}", theme == chosen)
        for theme, label in THEMES.items()
    ]
