"""The pages of people, organisations and keys: for who comes in by a link, for oneself, for administrators."""

from __future__ import annotations

from typing import Final

from playwright.async_api import Page

from tests.browser.sight import Act, Sight, one_after_another, press, write

PASSWORD: Final = ("GET /ingest/password",)
PASSWORD_NEW: Final = ("GET /ingest/password/{token}",)
PASSWORD_SENT: Final = (*PASSWORD_NEW, "POST /ingest/password/{token}")
INVITATION: Final = ("GET /ingest/invitation/{token}",)
INVITATION_SENT: Final = (*INVITATION, "POST /ingest/invitation/{token}")
INVITATION_AGAIN: Final = (*INVITATION, "POST /ingest/invitation/{token}/again")
PROFILE: Final = ("GET /ingest/profile",)
COLLEAGUES: Final = ("GET /ingest/colleagues",)
COLLEAGUE: Final = ("GET /ingest/colleagues/invite",)
COLLEAGUE_SENT: Final = (*COLLEAGUE, "POST /ingest/colleagues/invite")
FOLDER: Final = "/ingest/administration"
PEOPLE: Final = (f"GET {FOLDER}/people",)
INVITE: Final = (f"GET {FOLDER}/people/invite",)
INVITE_SENT: Final = (*INVITE, f"POST {FOLDER}/people/invite")
PERSON: Final = (f"GET {FOLDER}/people/{{person_id}}",)
PERSON_SENT: Final = (*PERSON, f"POST {FOLDER}/people/{{person_id}}")
ORGANISATIONS: Final = (f"GET {FOLDER}/organisations",)
NEW: Final = (f"GET {FOLDER}/organisations/new",)
NEW_SENT: Final = (*NEW, f"POST {FOLDER}/organisations/new")
ORGANISATION: Final = (f"GET {FOLDER}/organisations/{{slug}}",)
ORGANISATION_SENT: Final = (*ORGANISATION, f"POST {FOLDER}/organisations/{{slug}}")
KEYS: Final = (f"GET {FOLDER}/keys",)
AUDIT: Final = (f"GET {FOLDER}/audit",)


def unfold(name: str) -> Act:
    """Open a part of a page that is folded."""

    async def act(page: Page) -> None:
        await page.locator("main summary").filter(has_text=name).click()

    return act


ACCOUNTS: Final = (
    Sight("password-no-mail", "/ingest/password", PASSWORD, pictured=True),
    Sight("password-no-mail-en", "/ingest/password?lang=en", PASSWORD, translated=True),
    Sight("password-new", "/ingest/password/{password_token}", PASSWORD_NEW, pictured=True),
    Sight(
        "password-new-refused",
        "/ingest/password/{password_token}",
        PASSWORD_SENT,
        act=one_after_another(write("Nowe hasło", "Kalendarium2027"), press("Ustaw hasło")),
        pictured=True,
    ),
    Sight("password-link-expired", "/ingest/password/nothing", PASSWORD_NEW, status=410),
    Sight("invitation", "/ingest/invitation/{invitation_token}", INVITATION, pictured=True),
    Sight("invitation-en", "/ingest/invitation/{invitation_token}?lang=en", INVITATION, translated=True),
    Sight(
        "invitation-refused",
        "/ingest/invitation/{invitation_token}",
        INVITATION_SENT,
        act=press("Przyjmij zaproszenie"),
        pictured=True,
    ),
    Sight("invitation-known", "/ingest/invitation/{known_token}", INVITATION, pictured=True),
    Sight("invitation-expired", "/ingest/invitation/nothing", INVITATION, status=410, pictured=True),
    Sight(
        "invitation-asked",
        "/ingest/invitation/nothing",
        INVITATION_AGAIN,
        status=410,
        act=press("Wyślij nowy link"),
    ),
    Sight("profile", "/ingest/profile", PROFILE, "editor", pictured=True),
    Sight("profile-en", "/ingest/profile?lang=en", PROFILE, "administrator", translated=True),
    Sight(
        "profile-refused",
        "/ingest/profile",
        (*PROFILE, "POST /ingest/profile"),
        "editor",
        act=one_after_another(write("Imię i nazwisko", ""), press("Zapisz")),
        pictured=True,
    ),
    Sight(
        "profile-password-refused",
        "/ingest/profile",
        (*PROFILE, "POST /ingest/profile/password"),
        "editor",
        act=press("Zmień hasło"),
    ),
    Sight(
        "profile-key-refused",
        "/ingest/profile",
        (*PROFILE, "POST /ingest/profile/keys"),
        "editor",
        act=press("Utwórz klucz"),
    ),
    Sight("colleagues", "/ingest/colleagues", COLLEAGUES, "newcomer", pictured=True),
    Sight("colleagues-not-for-others", "/ingest/colleagues", COLLEAGUES, "editor", status=403),
    Sight("colleague-invite", "/ingest/colleagues/invite", COLLEAGUE, "newcomer"),
    Sight(
        "colleague-invite-refused",
        "/ingest/colleagues/invite",
        COLLEAGUE_SENT,
        "newcomer",
        act=press("Wyślij zaproszenie"),
    ),
    Sight("people", f"{FOLDER}/people", PEOPLE, "administrator", pictured=True),
    Sight("people-en", f"{FOLDER}/people?lang=en", PEOPLE, "administrator", translated=True),
    Sight("people-filtered", f"{FOLDER}/people?role=translator&state=disabled", PEOPLE, "administrator", pictured=True),
    Sight("invite", f"{FOLDER}/people/invite?organisation=darlot", INVITE, "administrator", pictured=True),
    Sight(
        "invite-refused",
        f"{FOLDER}/people/invite",
        INVITE_SENT,
        "administrator",
        act=press("Wyślij zaproszenie"),
        pictured=True,
    ),
    Sight("person", f"{FOLDER}/people/{{person}}", PERSON, "administrator", pictured=True),
    Sight("person-en", f"{FOLDER}/people/{{person}}?lang=en", PERSON, "administrator", translated=True),
    Sight(
        "person-refused",
        f"{FOLDER}/people/{{person}}",
        PERSON_SENT,
        "administrator",
        act=one_after_another(unfold("Nadaj rolę"), press("Nadaj rolę")),
        pictured=True,
    ),
    Sight("organisations", f"{FOLDER}/organisations", ORGANISATIONS, "administrator", pictured=True),
    Sight("organisation", f"{FOLDER}/organisations/darlot", ORGANISATION, "administrator", pictured=True),
    Sight("organisation-en", f"{FOLDER}/organisations/darlot?lang=en", ORGANISATION, "administrator", translated=True),
    Sight(
        "organisation-closing",
        f"{FOLDER}/organisations/ck105",
        ORGANISATION,
        "administrator",
        act=unfold("Zamknij organizację"),
        pictured=True,
    ),
    Sight(
        "organisation-refused",
        f"{FOLDER}/organisations/darlot",
        ORGANISATION_SENT,
        "administrator",
        act=one_after_another(write("Nazwa", ""), press("Zapisz nazwę")),
    ),
    Sight("organisation-new", f"{FOLDER}/organisations/new", NEW, "administrator", pictured=True),
    Sight(
        "organisation-new-refused",
        f"{FOLDER}/organisations/new",
        NEW_SENT,
        "administrator",
        act=press("Dodaj organizację"),
    ),
    Sight("keys", f"{FOLDER}/keys", KEYS, "administrator", pictured=True),
    Sight("audit", f"{FOLDER}/audit", AUDIT, "administrator", pictured=True),
    Sight("audit-en", f"{FOLDER}/audit?lang=en", AUDIT, "administrator", translated=True),
)
