"""The pages of editors and curators: lists, forms, decisions, and what they answer to what was sent."""

from __future__ import annotations

from typing import Final

from playwright.async_api import Page

from tests.browser.board_sights import BOARD_SIGHTS
from tests.browser.kalendarium import IDLE
from tests.browser.rollover_sights import LAST_YEAR
from tests.browser.sight import Act, Sight, one_after_another, press, spoil, tick, unfold, write

SEND: Final = "Wyślij do sprawdzenia"
OWN: Final = ("GET /ingest/",)
ADMINISTRATION: Final = ("GET /ingest/administration",)
MAILS: Final = ("GET /ingest/administration/mail",)
MAILS_SENT: Final = (*MAILS, "POST /ingest/administration/mail")
MAIL: Final = ("GET /ingest/administration/mail/{mail_id}",)
UNSUBSCRIBE: Final = ("GET /ingest/mail/unsubscribe/{token}",)
TEST: Final = "Wyślij wiadomość próbną"
ENTRY: Final = ("GET /ingest/submissions/{submission_id}",)
REMARKED: Final = (*ENTRY, "POST /ingest/submissions/{submission_id}/remarks")
GUIDE: Final = ("GET /ingest/guide",)
STILL_RIGHT: Final = ("GET /ingest/still-right/{token}",)
NEW: Final = ("GET /ingest/submissions/new",)
NEW_SENT: Final = (*NEW, "POST /ingest/submissions/new")
EDIT: Final = ("GET /ingest/submissions/{submission_id}/edit",)
PART: Final = ("GET /ingest/submissions/{submission_id}/parts/new",)
EDIT_SENT: Final = (*EDIT, "POST /ingest/submissions/{submission_id}/edit")
ACT: Final = ("GET /ingest/submissions/{submission_id}/{act:str}",)
ACT_SENT: Final = (*ACT, "POST /ingest/submissions/{submission_id}/{act:str}")
DRAFT: Final = ("POST /ingest/drafts/{draft_id}", "GET /ingest/drafts/{draft_id}")
PREVIEW: Final = ("POST /ingest/drafts/{draft_id}/preview", "GET /ingest/drafts/{draft_id}/preview")
DISCARD: Final = ("GET /ingest/drafts/{draft_id}/discard",)
COPY: Final = ("POST /ingest/submissions/{submission_id}/copy", "GET /ingest/drafts/{draft_id}")
LOGIN: Final = ("GET /ingest/login",)
LOGIN_SENT: Final = (*LOGIN, "POST /ingest/login")

CHANGED_WHILE_TYPING: Final = one_after_another(
    spoil("version", "0"), write("Nazwa miejsca", "Nowa przystań"), press(SEND)
)
WRONG_EVENT: Final = one_after_another(
    write("Tytuł", "Żagle"),
    write("Pierwszy dzień", "2027-08-14"),
    write("Ostatni dzień", "2027-08-12"),
    unfold("Dla gości"),
    write("Strona internetowa", "nie wiem"),
    press(SEND),
)
PAST_MIDNIGHT: Final = one_after_another(
    write("Pierwszy dzień", "12.6.2027"), write("Początek", "22:00"), write("Koniec", "02:00"), press(SEND)
)


async def send_twice(page: Page) -> None:
    """Send the same event twice, the second time from a new form."""
    for _ in range(2):
        await page.goto(page.url.partition("/ingest")[0] + "/ingest/submissions/new")
        for label, typed in (("Tytuł", "Rejs po Jamnie"), ("Pierwszy dzień", "12.6.2027"), ("Miejscowość", "Mielno")):
            await write(label, typed)(page)
        await page.get_by_label("Rodzaj wydarzenia").select_option("maritime")
        await press(SEND)(page)


def follow(name: str) -> Act:
    """Follow a link."""

    async def act(page: Page) -> None:
        async with page.expect_navigation():
            await page.get_by_role("link", name=name).first.click()

    return act


SAVE: Final = one_after_another(write("Tytuł", "Rejs o zmierzchu"), press("Zapisz szkic"))


async def type_in_two_windows(page: Page) -> None:
    """Save two texts for one field from two pages, so that both are offered."""
    await SAVE(page)
    other = await page.context.new_page()
    await other.goto(page.url)
    for each, title in ((page, "Rejs o świcie"), (other, "Rejs w południe")):
        await write("Tytuł", title)(each)
        await press("Zapisz szkic")(each)
    await other.close()
    await page.reload()


async def log_out_elsewhere(page: Page) -> None:
    """End the session while a form is open."""
    await page.context.clear_cookies()


async def forget_as_whom(page: Page) -> None:
    """Let a form be sent without the organisation that it was opened for."""
    await page.locator("main form[action*='as=']").evaluate_all(
        "(forms) => forms.forEach(form => form.setAttribute('action', form.getAttribute('action').split('?')[0]))"
    )


async def open_memberships(page: Page) -> None:
    await page.locator(".hats > summary").click()


INGEST: Final = (
    Sight("hats", "/ingest/", OWN, "several", pictured=True),
    Sight("hats-en", "/ingest/?lang=en", OWN, "several", translated=True),
    Sight("hats-open", "/ingest/administration", ADMINISTRATION, "several", act=open_memberships, pictured=True),
    Sight(
        "hats-of-a-form",
        f"/ingest/submissions/new?as={IDLE}:editor",
        NEW_SENT,
        "several",
        act=one_after_another(forget_as_whom, press(SEND)),
        pictured=True,
    ),
    Sight("ingest-login", "/ingest/login", LOGIN, pictured=True),
    Sight("ingest-login-en", "/ingest/login?lang=en", LOGIN, translated=True),
    Sight(
        "ingest-login-refused", "/ingest/login", (*LOGIN, "POST /ingest/login"), act=press("Zaloguj się"), pictured=True
    ),
    Sight("own", "/ingest/", OWN, "editor", pictured=True),
    Sight("own-en", "/ingest/?lang=en", OWN, "editor", translated=True),
    Sight("own-empty", "/ingest/", OWN, "newcomer", pictured=True),
    Sight("own-not-for-curators", "/ingest/", (*OWN, "GET /calendar/"), "curator", pictured=True),
    Sight("administration", "/ingest/administration", ADMINISTRATION, "administrator", pictured=True),
    Sight("administration-en", "/ingest/administration?lang=en", ADMINISTRATION, "administrator", translated=True),
    Sight("mails", "/ingest/administration/mail", MAILS, "administrator", pictured=True),
    Sight("mails-en", "/ingest/administration/mail?lang=en", MAILS, "administrator", translated=True),
    Sight("mails-none", "/ingest/administration/mail?state=sent&to=nobody", MAILS, "administrator", pictured=True),
    Sight(
        "mails-tested",
        "/ingest/administration/mail",
        MAILS_SENT,
        "administrator",
        act=one_after_another(write("Adres dla wiadomości próbnej", "anna@lot.example"), press(TEST)),
    ),
    Sight(
        "mails-no-address",
        "/ingest/administration/mail",
        MAILS_SENT,
        "administrator",
        act=one_after_another(write("Adres dla wiadomości próbnej", "anna"), press(TEST)),
        pictured=True,
    ),
    Sight("mail", "/ingest/administration/mail/{mail_waiting}", MAIL, "administrator", pictured=True),
    Sight("mail-sent", "/ingest/administration/mail/{mail_sent}", MAIL, "administrator", pictured=True),
    Sight("mail-en", "/ingest/administration/mail/{mail_refused}?lang=en", MAIL, "administrator", translated=True),
    Sight("mail-refused", "/ingest/administration/mail/{mail_refused}", MAIL, "administrator", pictured=True),
    Sight(
        "mail-resent",
        "/ingest/administration/mail/{mail_waiting}",
        (*MAIL, "POST /ingest/administration/mail/{mail_id}/resend"),
        "administrator",
        act=press("Wyślij teraz"),
        pictured=True,
    ),
    Sight(
        "mail-cleared",
        "/ingest/administration/mail/{mail_refused}",
        (*MAIL, "POST /ingest/administration/mail/{mail_id}/clear-address"),
        "administrator",
        act=press("Zezwól na adres ponownie"),
    ),
    Sight("unsubscribe", "/ingest/mail/unsubscribe/{unsubscribe_token}", UNSUBSCRIBE, pictured=True),
    Sight("unsubscribe-en", "/ingest/mail/unsubscribe/{unsubscribe_token}?lang=en", UNSUBSCRIBE, translated=True),
    Sight("unsubscribe-broken", "/ingest/mail/unsubscribe/nothing", UNSUBSCRIBE, status=404),
    Sight(
        "unsubscribed",
        "/ingest/mail/unsubscribe/{unsubscribe_token}",
        (*UNSUBSCRIBE, "POST /ingest/mail/unsubscribe/{token}"),
        act=press("Zrezygnuj z tych wiadomości"),
        pictured=True,
    ),
    Sight("administrator-led", "/ingest/submissions/new", (*NEW, *ADMINISTRATION), "administrator"),
    Sight("form", "/ingest/submissions/new", NEW, "editor", pictured=True),
    Sight("form-en", "/ingest/submissions/new?lang=en", NEW, "editor", translated=True),
    Sight("form-refused", "/ingest/submissions/new", NEW_SENT, "editor", act=WRONG_EVENT, pictured=True),
    Sight("form-past-midnight", "/ingest/submissions/new", NEW_SENT, "editor", act=PAST_MIDNIGHT, pictured=True),
    Sight("form-sent-already", "/ingest/submissions/new", NEW_SENT, "editor", act=send_twice, pictured=True),
    Sight("form-refused-empty", "/ingest/submissions/new", NEW_SENT, "editor", act=press(SEND)),
    Sight("form-month", "/ingest/submissions/new", NEW, "editor", act=tick("Znany tylko miesiąc")),
    Sight(
        "form-session-over",
        "/ingest/submissions/new",
        NEW_SENT,
        "editor",
        act=one_after_another(write("Tytuł", "Żagle"), log_out_elsewhere, press(SEND)),
        pictured=True,
    ),
    Sight(
        "form-of-other-session",
        "/ingest/submissions/new",
        NEW_SENT,
        "editor",
        act=one_after_another(write("Tytuł", "Żagle"), spoil("csrf", "0" * 64), press(SEND)),
        pictured=True,
    ),
    Sight("draft", "/ingest/submissions/new", (*NEW, *DRAFT), "editor", act=SAVE, pictured=True),
    Sight("draft-en", "/ingest/submissions/new?lang=en", (*NEW, *DRAFT), "editor", act=press("Save draft")),
    Sight(
        "draft-contested",
        "/ingest/submissions/new",
        (*NEW, *DRAFT),
        "editor",
        act=type_in_two_windows,
        pictured=True,
    ),
    Sight(
        "draft-listed",
        "/ingest/submissions/new",
        (*NEW, *DRAFT, *OWN),
        "editor",
        act=one_after_another(SAVE, follow("Moje zgłoszenia")),
        pictured=True,
    ),
    Sight(
        "draft-discard",
        "/ingest/submissions/new",
        (*NEW, *DRAFT, *DISCARD),
        "editor",
        act=one_after_another(SAVE, follow("Usuń szkic…")),
        pictured=True,
    ),
    Sight(
        "draft-discarded",
        "/ingest/submissions/new",
        (*NEW, *DRAFT, *DISCARD, "POST /ingest/drafts/{draft_id}/discard", *OWN),
        "editor",
        act=one_after_another(SAVE, follow("Usuń szkic…"), press("Usuń szkic")),
    ),
    Sight("preview-half", "/ingest/submissions/new", (*NEW, *PREVIEW), "editor", act=press("Podgląd"), pictured=True),
    Sight(
        "preview", "/ingest/submissions/{public}/edit", (*EDIT, *PREVIEW), "editor", act=press("Podgląd"), pictured=True
    ),
    Sight(
        "copy", "/ingest/submissions/{public}", (*ENTRY, *COPY), "editor", act=press("Kopiuj jako szkic"), pictured=True
    ),
    Sight("edit", "/ingest/submissions/{changes_requested}/edit", EDIT, "editor", pictured=True),
    Sight("new-part", "/ingest/submissions/{public}/parts/new", PART, "editor", pictured=True),
    Sight(
        "edit-conflict",
        "/ingest/submissions/{waiting}/edit",
        EDIT_SENT,
        "editor",
        act=CHANGED_WHILE_TYPING,
        pictured=True,
    ),
    *(
        Sight(f"entry-{state}", f"/ingest/submissions/{{{state}}}", ENTRY, "editor", pictured=state in pictured)
        for pictured in [{"waiting", "changes_requested", "rejected", "changed"}]
        for state in (
            "waiting",
            "changes_requested",
            "rejected",
            "changed",
            "public",
            "cancelled",
            "withdrawn",
        )
    ),
    Sight("entry-en", "/ingest/submissions/{rejected}?lang=en", ENTRY, "editor", translated=True),
    Sight("entry-foreign", "/ingest/submissions/{waiting}", ENTRY, "newcomer", status=404),
    Sight("remark-none", "/ingest/submissions/{waiting}", REMARKED, "editor", act=press("Wyślij uwagę"), pictured=True),
    Sight("still-right", "/ingest/still-right/{still_right_token}", STILL_RIGHT, pictured=True),
    Sight("still-right-en", "/ingest/still-right/{still_right_token}?lang=en", STILL_RIGHT, translated=True),
    Sight("still-right-over", "/ingest/still-right/nothing", STILL_RIGHT, status=410),
    Sight("guide", "/ingest/guide", GUIDE, pictured=True),
    Sight("guide-en", "/ingest/guide?lang=en", GUIDE, "editor", translated=True),
    Sight("cancel", "/ingest/submissions/{public}/cancel", ACT, "editor", pictured=True),
    Sight("postpone", "/ingest/submissions/{public}/postpone", ACT, "editor", pictured=True),
    Sight("withdraw", "/ingest/submissions/{waiting}/withdraw", ACT, "editor"),
    Sight(
        "withdraw-changed",
        "/ingest/submissions/{waiting}/withdraw",
        ACT_SENT,
        "editor",
        act=one_after_another(spoil("version", "0"), press("Wycofaj zgłoszenie")),
        pictured=True,
    ),
)

CALLS: Final = ("GET /calendar/calls",)
NEW_CALL: Final = ("GET /calendar/calls/new",)
CALL: Final = ("GET /calendar/calls/{year}",)
CODE_SENT: Final = (*CALL, "POST /calendar/calls/{year}/codes")
CRITERIA: Final = ("GET /calendar/calls/{year}/criteria/{code}",)


async def revoke_first_code(page: Page) -> None:
    """Revoke the newest late code."""
    async with page.expect_navigation():
        await page.get_by_role("button", name="Unieważnij").first.click()


MAKE_CODE: Final = one_after_another(write("Dla kogo jest kod?", "LOT Darłowo"), press("Utwórz kod"))
CURATORS_GUIDE: Final = ("GET /calendar/guide",)
CALL_SIGHTS: Final = (
    Sight("guide-of-curators", "/calendar/guide", CURATORS_GUIDE, "curator", pictured=True),
    Sight("guide-of-curators-en", "/calendar/guide?lang=en", CURATORS_GUIDE, translated=True),
    Sight("calls", "/calendar/calls", CALLS, "curator", pictured=True),
    Sight("calls-en", "/calendar/calls?lang=en", CALLS, "curator", translated=True),
    Sight("call-new", "/calendar/calls/new", NEW_CALL, "curator", pictured=True),
    Sight(
        "call-new-refused",
        "/calendar/calls/new",
        (*NEW_CALL, "POST /calendar/calls/new"),
        "curator",
        act=press("Ogłoś nabór"),
        pictured=True,
    ),
    Sight("call", "/calendar/calls/{year}", CALL, "curator", pictured=True),
    Sight("call-en", "/calendar/calls/{year}?lang=en", CALL, "curator", translated=True),
    Sight(
        "call-changed",
        "/calendar/calls/{year}",
        (*CALL, "POST /calendar/calls/{year}"),
        "curator",
        act=one_after_another(spoil("number", "0"), press("Zapisz nabór")),
    ),
    Sight("call-code", "/calendar/calls/{year}", CODE_SENT, "curator", act=MAKE_CODE, pictured=True),
    Sight(
        "call-code-revoked",
        "/calendar/calls/{year}",
        (*CODE_SENT, "POST /calendar/calls/{year}/codes/{code_id}/revoke"),
        "curator",
        act=one_after_another(MAKE_CODE, revoke_first_code),
    ),
    Sight("call-code-refused", "/calendar/calls/{year}", CODE_SENT, "curator", act=press("Utwórz kod")),
    Sight("call-criteria", "/calendar/calls/{year}/criteria/pl", CRITERIA, "curator", pictured=True),
    Sight("criteria", "/ingest/calls/{year}", ("GET /ingest/calls/{year}",), "editor", pictured=True),
    Sight("criteria-en", "/ingest/calls/{year}?lang=en", ("GET /ingest/calls/{year}",), "editor", translated=True),
)

CONTACT: Final = ("GET /ingest/contacts/{submission_id}",)
QUEUE: Final = ("GET /calendar/",)
PICKED: Final = (*QUEUE, "POST /calendar/decisions")
REVIEW: Final = ("GET /calendar/entries/{entry_id}",)
DECISION: Final = (*REVIEW, "POST /calendar/entries/{entry_id}/decision")
CANCEL: Final = ("GET /calendar/entries/{entry_id}/cancel",)
CANCEL_SENT: Final = (*CANCEL, "POST /calendar/entries/{entry_id}/cancel")
POSTPONE: Final = ("GET /calendar/entries/{entry_id}/postpone",)
POSTPONE_SENT: Final = (*POSTPONE, "POST /calendar/entries/{entry_id}/postpone")
REINSTATE: Final = ("GET /calendar/entries/{entry_id}/reinstate",)
REINSTATE_SENT: Final = (*REINSTATE, "POST /calendar/entries/{entry_id}/reinstate")
WITHDRAW: Final = ("GET /calendar/entries/{entry_id}/withdraw",)
WITHDRAW_SENT: Final = (*WITHDRAW, "POST /calendar/entries/{entry_id}/withdraw")
PROGRAMME: Final = ("GET /calendar/programme/{year}",)

REJECT_PICKED: Final = one_after_another(tick("Wybierz: Warsztaty szkutnicze"), press("Odrzuć zaznaczone…"))
SEEN_BEFORE: Final = one_after_another(
    tick("Przyjmij"), spoil("review_number", "0"), write("Uwagi dla organizacji", "Dobrze."), press("Zapisz decyzję")
)


async def accept_what_has_changed(page: Page) -> None:
    """Accept a ticked entry that is no longer as it was seen."""
    box = page.get_by_label("Wybierz: Warsztaty szkutnicze", exact=True)
    await box.check()
    await box.evaluate("box => box.value = box.value.replace(/[0-9]+$/, '0')")
    await press("Przyjmij zaznaczone")(page)


CALENDAR: Final = (
    Sight("calendar-administration", "/calendar/administration", ("GET /calendar/administration",), "administrator"),
    Sight("calendar-login", "/calendar/login", ("GET /calendar/login",)),
    Sight(
        "calendar-login-refused",
        "/calendar/login",
        ("GET /calendar/login", "POST /calendar/login"),
        act=press("Zaloguj się"),
    ),
    Sight("queue", "/calendar/", QUEUE, "curator", pictured=True),
    Sight("queue-en", "/calendar/?lang=en", QUEUE, "curator", translated=True),
    Sight("queue-filtered", "/calendar/?matter=change", QUEUE, "curator", pictured=True),
    Sight("queue-empty", "/calendar/?county=3201", QUEUE, "curator", pictured=True),
    Sight("queue-none-ticked", "/calendar/", PICKED, "curator", act=press("Przyjmij zaznaczone"), pictured=True),
    Sight("queue-not-for-editors", "/calendar/", (*QUEUE, *OWN), "editor"),
    Sight("rejecting", "/calendar/", PICKED, "curator", act=REJECT_PICKED, pictured=True),
    Sight("rejecting-refused", "/calendar/", PICKED, "curator", act=one_after_another(REJECT_PICKED, press("Odrzuć"))),
    Sight("undone", "/calendar/", PICKED, "curator", act=accept_what_has_changed, pictured=True),
    Sight("review-waiting", "/calendar/entries/{waiting}", REVIEW, "curator", pictured=True),
    Sight("review-changed", "/calendar/entries/{changed}", REVIEW, "curator", pictured=True),
    Sight("review-reported", "/calendar/entries/{reported}", REVIEW, "curator", pictured=True),
    Sight(
        "review-reported-confirm-changed",
        "/calendar/entries/{reported}",
        (*REVIEW, "POST /calendar/entries/{entry_id}/reported/confirm"),
        "curator",
        act=one_after_another(spoil("review_number", "0"), press("Potwierdź")),
    ),
    Sight(
        "review-reported-take-back-changed",
        "/calendar/entries/{reported}",
        (*REVIEW, "POST /calendar/entries/{entry_id}/reported/take-back"),
        "curator",
        act=one_after_another(spoil("review_number", "0"), press("Cofnij")),
    ),
    Sight("review-changed-en", "/calendar/entries/{changed}?lang=en", REVIEW, "curator", translated=True),
    Sight("review-provisional", "/calendar/entries/{provisional}", REVIEW, "curator"),
    Sight("review-changes-requested", "/calendar/entries/{changes_requested}", REVIEW, "curator"),
    Sight("review-rejected", "/calendar/entries/{rejected}", REVIEW, "curator"),
    Sight("review-cancelled", "/calendar/entries/{cancelled}", REVIEW, "curator", pictured=True),
    Sight("review-withdrawn", "/calendar/entries/{withdrawn}", REVIEW, "curator"),
    Sight(
        "review-remark-none",
        "/calendar/entries/{waiting}",
        (*REVIEW, "POST /calendar/entries/{entry_id}/remarks"),
        "curator",
        act=press("Wyślij uwagę"),
        pictured=True,
    ),
    Sight(
        "review-note-none",
        "/calendar/entries/{waiting}",
        (*REVIEW, "POST /calendar/entries/{entry_id}/notes"),
        "curator",
        act=one_after_another(unfold("Notatka dla kuratorów"), press("Zapisz notatkę")),
    ),
    Sight("review-unknown", "/calendar/entries/nothing", REVIEW, "curator", status=404, pictured=True),
    Sight(
        "decision-none", "/calendar/entries/{changed}", DECISION, "curator", act=press("Zapisz decyzję"), pictured=True
    ),
    Sight(
        "decision-reason",
        "/calendar/entries/{waiting}",
        DECISION,
        "curator",
        act=one_after_another(tick("Odrzuć"), press("Zapisz decyzję")),
        pictured=True,
    ),
    Sight("decision-changed", "/calendar/entries/{waiting}", DECISION, "curator", act=SEEN_BEFORE),
    Sight("review-cancel", "/calendar/entries/{public}/cancel", CANCEL, "curator", pictured=True),
    Sight(
        "review-cancel-changed",
        "/calendar/entries/{public}/cancel",
        CANCEL_SENT,
        "curator",
        act=one_after_another(spoil("review_number", "0"), press("Odwołaj wydarzenie")),
    ),
    Sight("review-postpone", "/calendar/entries/{public}/postpone", POSTPONE, "curator", pictured=True),
    Sight(
        "review-postpone-changed",
        "/calendar/entries/{public}/postpone",
        POSTPONE_SENT,
        "curator",
        act=one_after_another(spoil("review_number", "0"), press("Przełóż wydarzenie")),
    ),
    Sight("review-reinstate", "/calendar/entries/{public}/reinstate", REINSTATE, "curator"),
    Sight(
        "review-reinstate-changed",
        "/calendar/entries/{public}/reinstate",
        REINSTATE_SENT,
        "curator",
        act=one_after_another(spoil("review_number", "0"), press("Przywróć termin")),
    ),
    Sight("contact", "/ingest/contacts/{waiting}", CONTACT, "curator", pictured=True),
    Sight("contact-en", "/ingest/contacts/{waiting}?lang=en", CONTACT, "curator", translated=True),
    Sight("contact-of-nobody", "/ingest/contacts/{month}", CONTACT, "curator"),
    Sight("review-withdraw", "/calendar/entries/{public}/withdraw", WITHDRAW, "curator"),
    Sight(
        "review-withdraw-changed",
        "/calendar/entries/{public}/withdraw",
        WITHDRAW_SENT,
        "curator",
        act=one_after_another(spoil("review_number", "0"), press("Wycofaj z programu")),
    ),
    Sight("calendar-programme", "/calendar/programme/{year}?month=8", PROGRAMME, "curator", pictured=True),
    Sight("calendar-programme-en", "/calendar/programme/{year}?month=8&lang=en", PROGRAMME, "curator", translated=True),
    Sight("calendar-programme-empty", "/calendar/programme/2090", PROGRAMME, "curator"),
)

STAFF: Final[tuple[Sight, ...]] = (*INGEST, *LAST_YEAR, *CALENDAR, *CALL_SIGHTS, *BOARD_SIGHTS)
