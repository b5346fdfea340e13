"""The way of an event as three people go it: an editor enters it, a curator decides, a visitor finds it."""

from __future__ import annotations

from typing import Final

import pytest
from playwright.async_api import expect

from tests.browser.conftest import OpenWindow
from tests.browser.kalendarium import Kalendarium
from tests.browser.person import shown, tab_to
from tests.support.clients import Reader

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

TITLE: Final = "Zlot latarników na Buku"
ASKED: Final = "Napisz, o której można wejść na latarnię."
ANSWERED: Final = "Na latarnię wchodzi się od dziesiątej do osiemnastej."


async def test_event_goes_from_an_editors_form_past_a_curator_to_a_visitor(
    kalendarium: Kalendarium, open_window: OpenWindow
) -> None:
    """Nothing on this way needs a script, so none may run."""
    day = f"{kalendarium.year}-09-18"
    async with (
        open_window(with_scripts=False) as editors,
        open_window(with_scripts=False) as curators,
        open_window(with_scripts=False, width=360) as visitors,
    ):
        editor, curator, visitor = editors.page, curators.page, visitors.page

        # An editor logs in and enters an event; its page says what happens next.
        await editors.log_in(kalendarium.logins["editor"], "ingest")
        await editor.get_by_role("navigation").get_by_role("link", name="Nowe wydarzenie").click()
        await editor.get_by_label("Tytuł").first.fill(TITLE)
        await editor.get_by_label("Rodzaj wydarzenia").select_option("Historia i rekonstrukcje")
        await editor.get_by_label("Pierwszy dzień").fill(day)
        await editor.get_by_label("Miejscowość", exact=True).fill("Darłowo")
        await editor.get_by_label("Powiat").select_option("powiat sławieński")
        await editor.get_by_role("button", name="Wyślij do sprawdzenia").click()
        await expect(editor.get_by_role("status")).to_have_text("Wysłano do sprawdzenia.")
        await expect(editor.get_by_role("heading", level=1)).to_have_text(TITLE)

        # A curator finds it in the queue, and asks for something that is missing.
        await curators.log_in(kalendarium.logins["curator"], "calendar")
        await (await shown(curator, curator.get_by_role("link", name=TITLE))).click()
        await curator.get_by_label("Poproś o zmiany").check()
        await curator.get_by_label("Uwagi dla organizacji").fill(ASKED)
        await curator.get_by_role("button", name="Zapisz decyzję").click()
        await expect(curator.get_by_role("status")).to_contain_text(f"Poproszono o zmiany: {TITLE}")

        # The editor reads the comment where the event stands in the list, and answers.
        await editor.get_by_role("navigation").get_by_role("link", name="Moje zgłoszenia").click()
        await shown(editor, editor.get_by_role("listitem").filter(has_text=TITLE).filter(has_text=ASKED))
        await editor.get_by_role("link", name=f"Popraw {TITLE}").click()
        await expect(editor.get_by_text(ASKED)).to_be_visible()
        await editor.get_by_label("Opis").first.fill(ANSWERED)
        await editor.get_by_role("button", name="Wyślij do sprawdzenia").click()
        await expect(editor.get_by_role("status")).to_have_text("Nowa wersja wysłana do sprawdzenia.")

        # The curator sees the answer, and accepts.
        await curator.get_by_role("navigation").get_by_role("link", name="Do decyzji").click()
        answer = curator.get_by_role("row").filter(has_text=TITLE).filter(has_text="Odpowiedź")
        await (await shown(curator, answer)).get_by_role("link", name=TITLE).click()
        await expect(curator.get_by_text(ANSWERED)).to_be_visible()
        await curator.get_by_label("Przyjmij").check()
        await curator.get_by_role("button", name="Zapisz decyzję").click()
        await expect(curator.get_by_role("status")).to_contain_text(f"Przyjęto: {TITLE}")

        # A visitor finds it in its month, on a phone, and puts it into a calendar.
        await visitors.visit(f"/pl/{kalendarium.year}/09")
        await (await shown(visitor, visitor.get_by_role("link", name=TITLE))).click()
        await expect(visitor.get_by_role("heading", level=1)).to_have_text(TITLE)
        await expect(visitor.get_by_text(ANSWERED)).to_be_visible()
        async with visitor.expect_download() as downloaded:
            await visitor.get_by_role("link", name="Dodaj do kalendarza", exact=True).click()
        file = await (await downloaded.value).path()
        assert f"SUMMARY;LANGUAGE=pl:{TITLE}" in file.read_text(encoding="utf-8")

        # The editor sees that it is in the programme, and every feed has it.
        await editor.get_by_role("navigation").get_by_role("link", name="Moje zgłoszenia").click()
        await shown(editor, editor.get_by_role("listitem").filter(has_text=TITLE).filter(has_text="Przyjęte"))
        async with Reader(kalendarium.url) as reader:
            event_id = visitor.url.rpartition("/")[2]
            assert await reader.titles(event_id) == dict.fromkeys(("ics", "rss", "json"), TITLE)
        assert editors.complaints + curators.complaints + visitors.complaints == []


async def test_form_and_decision_need_no_mouse(kalendarium: Kalendarium, open_window: OpenWindow) -> None:
    title = "Pokaz ratownictwa w Ustroniu"
    async with open_window(visitor="editor") as window:
        await window.visit("/ingest/submissions/new")
        page = window.page
        await page.keyboard.press("Tab")
        await expect(page.get_by_role("link", name="Przejdź do treści")).to_be_focused()
        await page.keyboard.press("Enter")
        await tab_to(page, page.get_by_label("Tytuł").first)
        await page.keyboard.type(title)
        await tab_to(page, page.get_by_label("Rodzaj wydarzenia"))
        await page.keyboard.type("Dla dzieci")
        await tab_to(page, page.get_by_label("Pierwszy dzień"))
        await page.keyboard.type(f"0909{kalendarium.year}")  # the ninth of September in every order of day and month
        await tab_to(page, page.get_by_label("Miejscowość", exact=True))
        await page.keyboard.type("Ustronie Morskie")
        await tab_to(page, page.get_by_label("Powiat"))
        await page.keyboard.type("powiat koło")
        await tab_to(page, page.get_by_role("button", name="Wyślij do sprawdzenia"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_have_text("Wysłano do sprawdzenia.")
        assert window.complaints == []

    async with open_window(visitor="curator") as window:
        await window.visit("/calendar/")
        page = window.page
        await tab_to(page, await shown(page, page.get_by_role("link", name=title)))
        await page.keyboard.press("Enter")
        await tab_to(page, page.get_by_label("Przyjmij"))
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_label("Odrzuć")).to_be_checked()
        await tab_to(page, page.get_by_label("Powód odrzucenia"))
        await page.keyboard.type("Inny")
        await tab_to(page, page.get_by_label("Uwagi dla organizacji"))
        await page.keyboard.type("Termin koliduje z ćwiczeniami.")
        await tab_to(page, page.get_by_role("button", name="Zapisz decyzję"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("status")).to_contain_text(f"Odrzucono: {title}")
        assert window.complaints == []


async def test_error_summary_has_the_focus_and_leads_to_its_fields(open_window: OpenWindow) -> None:
    async with open_window(visitor="editor") as window:
        await window.visit("/ingest/submissions/new")
        page = window.page
        await page.get_by_label("Tytuł").first.fill("Bieg śniadaniowy")
        await page.get_by_role("button", name="Wyślij do sprawdzenia").click()

        await expect(page).to_have_title("Błąd: Nowe wydarzenie – Kalendarium")
        await expect(page.locator(".errors")).to_be_focused()
        await page.get_by_role("alert").get_by_role("link", name="Podaj miejscowość.").click()
        await expect(page.get_by_label("Miejscowość", exact=True)).to_be_focused()
        await expect(page.get_by_label("Tytuł").first).to_have_value("Bieg śniadaniowy")


@pytest.mark.parametrize(
    ("label", "typed", "told"),
    [
        ("Początek o godzinie", "18", "Dopisz minuty, na przykład 18:00."),
        ("Koniec o godzinie", "24:00", "Nie ma godziny 24:00."),
        ("Pierwszy dzień", "14.8", "Dopisz rok z czterech cyfr, na przykład 14.8.2027."),
        ("Ostatni dzień", "31.6.2027", "miesiąc 06.2027 ma 30 dni."),
    ],
)
async def test_what_is_half_typed_is_asked_about_and_stays(
    label: str, typed: str, told: str, open_window: OpenWindow
) -> None:
    async with open_window(visitor="editor", with_scripts=False) as window:
        await window.visit("/ingest/submissions/new")
        page = window.page
        await page.get_by_label("Pierwszy dzień").fill("12.6.2027")
        await page.get_by_label(label).click()
        await page.keyboard.press("Control+a")
        await page.keyboard.type(typed)
        await page.get_by_role("button", name="Wyślij do sprawdzenia").click()

        field = page.locator(".field.bad").filter(has=page.get_by_label(label))
        await expect(field.locator(".error")).to_contain_text(told)
        await expect(page.get_by_label(label)).to_have_value(typed)


async def test_enter_answers_no_question_that_a_form_asks(open_window: OpenWindow) -> None:
    async with open_window(visitor="editor") as window:
        await window.visit("/ingest/submissions/new")
        page = window.page
        for label, typed in (("Pierwszy dzień", "12.6.2027"), ("Początek", "22:00"), ("Koniec", "02:00")):
            await page.get_by_label(label).fill(typed)
        await page.get_by_role("button", name="Wyślij do sprawdzenia").click()
        await expect(page.get_by_role("button", name="Tak, kończy się 13 czerwca 2027 o 02:00: wyślij")).to_be_visible()

        await page.get_by_label("Koniec").fill("23:30")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")

        await expect(page.get_by_label("Ostatni dzień")).to_have_value("")
        await expect(page.get_by_label("Koniec")).to_have_value("23:30")
