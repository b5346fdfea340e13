"""Where a submission stands, and what its organisation may do on pages."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import inputs, logged_in
from tests.services.ingest.test_way import review

API = "/ingest/api/v1/submissions"


async def read_version_form(browser: httpx.AsyncClient, path: str) -> dict[str, str]:
    """Open a page that asks whether an act is meant, and give the fields of its form."""
    text = (await browser.get(path)).text
    return {name: text.split(f'name="{name}" value="')[1].split('"')[0] for name in ("csrf", "version")}


async def test_the_curators_words_stand_in_full_and_lead_to_the_correction(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    words = "Podaj godzinę otwarcia.\n\nI napisz, czy <pokazy> odbędą się w deszczu."
    await review(ingest, made["id"], state="changes_requested", comment=words, live_version=None, live_status=None)

    listed, shown = await browser.get("/ingest/"), await browser.get(f"/ingest/submissions/{made['id']}")

    for page in (listed.text, shown.text):
        assert "<p>Podaj godzinę otwarcia.</p>" in page
        assert "<p>I napisz, czy &lt;pokazy&gt; odbędą się w deszczu.</p>" in page
        assert f"/ingest/submissions/{made['id']}/edit" in page
    assert "Do poprawy" in listed.text
    assert "Poproszono o zmiany w wersji 1" in shown.text


async def test_an_answer_to_a_request_waits_again(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"], state="changes_requested", comment="Tytuł?", live_version=None, live_status=None)
    address = f"/ingest/submissions/{made['id']}"
    form = inputs((await browser.get(f"{address}/edit")).text)

    sent = await browser.post(f"{address}/edit", data=form | {"title.pl": ["Żagle 2027"]})
    page = await browser.get(sent.headers["location"])

    assert "Nowa wersja wysłana do sprawdzenia." in page.text
    assert "Czeka na decyzję" in page.text
    assert "Decyzja dotyczy wersji 1; od tego czasu wysłano nową." in page.text


async def test_cancelling_asks_first_and_then_is_done_at_once(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"])
    address = f"/ingest/submissions/{made['id']}"

    question = await browser.get(f"{address}/cancel")
    csrf = question.text.split('name="csrf" value="')[1].split('"')[0]
    done = await browser.post(f"{address}/cancel", data={"csrf": csrf, "version": "1"})
    page = await browser.get(done.headers["location"])

    assert "Odwołaj wydarzenie" in question.text
    assert "Wydarzenie jest odwołane." in page.text
    assert "Odwołane" in page.text
    assert f"{address}/cancel" not in page.text


async def test_cancelling_names_what_is_public_and_not_what_waits(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    dates = {"certainty": "exact", "start": "2027-08-14T21:00", "end": "2027-08-14T23:00"}
    made = (await ingest.lot.post(API, json=make_event(dates=dates))).json()
    await review(ingest, made["id"])
    later = dates | {"start": "2027-08-14T20:45"}
    await ingest.lot.put(f"{API}/{made['id']}", json=make_event(dates=later), headers={"If-Match": '"1"'})

    question = (await browser.get(f"/ingest/submissions/{made['id']}/cancel")).text

    assert "20:45" not in question
    assert "Dotyczy to wersji 1, która jest w programie." in question
    assert "Wersja 2, wysłana od tego czasu, zostaje bez zmian." in question
    assert f'<a href="http://ingest.test/pl/events/{made["id"]}">' in question


async def test_withdrawing_what_somebody_changed_asks_again(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}/withdraw"
    question = await browser.get(address)
    csrf = question.text.split('name="csrf" value="')[1].split('"')[0]
    await ingest.lot.put(f"{API}/{made['id']}", json=make_event(also=None), headers={"If-Match": '"1"'})

    asked = await browser.post(address, data={"csrf": csrf, "version": "1"})
    done = await browser.post(address, data={"csrf": csrf, "version": "2"})

    assert (asked.status_code, done.status_code) == (412, 303)
    assert "Ktoś zmienił to zgłoszenie." in asked.text
    assert (await ingest.lot.get(f"{API}/{made['id']}")).json()["state"] == "withdrawn"


async def test_an_empty_list_says_what_to_do(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    page = await browser.get("/ingest/")

    assert "/ingest/submissions/new" in page.text
    assert (await browser.get("/ingest")).headers["location"] == "/ingest/"


async def test_what_is_no_act_is_not_there(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()

    assert (await browser.get(f"/ingest/submissions/{made['id']}/publish")).status_code == 404


SLIPS = {
    "dates": {"certainty": "month", "start": "2020-08-01", "end": "2020-08-31"},
    "venue": {"town": "Kołobrzeg", "county": "3262", "lat": 0.0, "lon": 0.0},
}


async def test_what_is_likely_a_slip_is_asked_about_after_sending_and_leads_to_its_field(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event(**SLIPS))).json()
    address = f"/ingest/submissions/{made['id']}"

    page, form = (await browser.get(address)).text, (await browser.get(f"{address}/edit")).text

    for where, url in ((page, f"{address}/edit"), (form, "")):
        assert "Czy to się zgadza?" in where
        assert f'<li><a href="{url}#month">Miesiąc</a>: Początek jest w przeszłości: 1 sierpnia 2020.' in where
        assert f'<li><a href="{url}#venue-county">Powiat</a>: Miejscowość Kołobrzeg znamy z innego powiatu' in where
        assert f'<li><a href="{url}#venue-lat">Szerokość geograficzna</a>: Współrzędne 0, 0 leżą na oceanie.' in where
    assert all(f'id="{field}"' in form for field in ("month", "venue-county", "venue-lat"))


async def test_what_a_curator_has_accepted_is_asked_about_no_more(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event(**SLIPS))).json()
    await review(ingest, made["id"])

    assert "Czy to się zgadza?" not in (await browser.get(f"/ingest/submissions/{made['id']}")).text


@pytest.mark.parametrize(("act", "done"), [("cancel", "Wydarzenie jest odwołane."), ("withdraw", "wycofane")])
async def test_equal_acts_at_once_are_one(ingest: Ingest, act: str, done: str) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"])
    address = f"/ingest/submissions/{made['id']}"
    form = await read_version_form(browser, f"{address}/{act}")

    answers = await asyncio.gather(*(browser.post(f"{address}/{act}", data=form) for _ in range(4)))
    page = await browser.get(address)

    assert [(each.status_code, each.headers.get("location")) for each in answers] == [(303, address)] * 4
    assert done in page.text
    assert (await ingest.lot.get(f"{API}/{made['id']}")).json()["version"] == 2


async def test_a_postponed_event_says_so_and_what_to_do(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"])
    address = f"/ingest/submissions/{made['id']}"

    await browser.post(f"{address}/postpone", data=await read_version_form(browser, f"{address}/postpone"))
    page = (await browser.get(address)).text
    answer = (await ingest.lot.get(f"{API}/{made['id']}")).json()
    listed = (await browser.get("/ingest/")).text
    await browser.post(f"{address}/reinstate", data=await read_version_form(browser, f"{address}/reinstate"))

    assert "Przełożone, nowy termin nie jest znany" in page
    assert "Podaj nowy termin" in page
    assert f'href="{address}/reinstate"' in page
    assert f'href="{address}/cancel"' in page
    assert (answer["live_status"], answer["postponed"], answer["version"]) == ("confirmed", True, 2)
    assert "Przełożone" in listed
    assert f'href="{address}/postpone"' in (await browser.get(address)).text
    assert (await ingest.lot.get(f"{API}/{made['id']}")).json()["postponed"] is False


async def test_an_act_repeated_after_another_is_asked_again(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"])
    address = f"/ingest/submissions/{made['id']}"
    withdraw, cancel = [await read_version_form(browser, f"{address}/{act}") for act in ("withdraw", "cancel")]
    await browser.post(f"{address}/cancel", data=cancel)

    assert (await browser.post(f"{address}/withdraw", data=withdraw)).status_code == 412


async def test_an_edit_sent_twice_says_both_times_that_it_was_sent(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}/edit"
    form = inputs((await browser.get(address)).text) | {"title.pl": ["Żagle 2027"]}

    answers = [await browser.post(address, data=form) for _ in range(2)]
    page = await browser.get(answers[1].headers["location"])

    assert [each.status_code for each in answers] == [303, 303]
    assert "Nowa wersja wysłana do sprawdzenia." in page.text


async def test_of_a_postponed_event_nobody_asks_about_tickets(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}"
    await review(ingest, made["id"])

    public = (await browser.get(address)).text
    csrf = {"csrf": public.split('name="csrf" value="')[1].split('"')[0]}
    await browser.post(f"{address}/postpone", data=csrf | {"version": "1"})
    postponed = (await browser.get(address)).text

    assert [f"{address}/availability" in page for page in (public, postponed)] == [True, False]


async def test_one_tap_says_that_it_is_sold_out_and_another_that_it_is_not(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}"
    waiting = (await browser.get(address)).text
    await review(ingest, made["id"])
    csrf = {"csrf": waiting.split('name="csrf" value="')[1].split('"')[0]}

    pages = []
    for stated in ("sold_out", "sold_out", "available"):
        tapped = await browser.post(f"{address}/availability", data=csrf | {"availability": stated})
        pages.append((await browser.get(tapped.headers["location"])).text)
    nonsense = await browser.post(f"{address}/availability", data=csrf | {"availability": "raffled"})

    assert f"{address}/availability" not in waiting
    assert "Wszyscy już to widzą: Bilety wyprzedane." in pages[0]
    assert ['value="sold_out"' in page for page in pages] == [False, False, True]
    assert "Bilety znowu dostępne</button>" in pages[1]
    assert "Zmieniono od razu: bilety wyprzedane" in pages[1]
    assert (await ingest.lot.get(f"{API}/{made['id']}")).json()["version"] == 3
    assert nonsense.status_code == 404


async def test_the_form_undoes_sold_out_at_once_and_says_so(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    browser.headers["Accept-Language"] = "en"
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"])
    address = f"/ingest/submissions/{made['id']}"
    csrf = inputs((await browser.get(f"{address}/edit")).text)["csrf"]

    pages = []
    for chosen in ("available", ""):
        await browser.post(f"{address}/availability", data={"csrf": csrf, "availability": "sold_out"})
        form = inputs((await browser.get(f"{address}/edit")).text) | {"tickets.availability": chosen}
        answers = [await browser.post(f"{address}/edit", data=form) for _ in range(2)]
        pages.append((await browser.get(answers[1].headers["location"])).text)
    found = (await ingest.lot.get(f"{API}/{made['id']}")).json()

    assert "Everybody sees it now: Tickets available." in pages[0]
    assert "The statement about the tickets is taken back." in pages[1]
    assert (found["version"], found["state"], found["availability"]) == (5, "accepted", None)


async def test_a_form_from_before_sold_out_is_a_conflict(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    await review(ingest, made["id"])
    address = f"/ingest/submissions/{made['id']}"
    form = inputs((await browser.get(f"{address}/edit")).text)
    await browser.post(f"{address}/availability", data=form | {"availability": "sold_out"})

    sent = await browser.post(f"{address}/edit", data=form)

    assert sent.status_code == 412
    assert (await ingest.lot.get(f"{API}/{made['id']}")).json()["availability"] == "sold_out"
