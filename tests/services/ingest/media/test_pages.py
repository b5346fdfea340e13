"""Pictures in the form of an event: with the form's own buttons, and as a script sends them."""

from __future__ import annotations

import re
from typing import Any, Final

import httpx
import pytest

from services.ingest.draft.problems import DraftGone
from shared.media.model import MAX_UPLOAD, name_upload
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import inputs, logged_in
from tests.services.ingest.media.test_api import full
from tests.shared.media.drawing import draw_quarters, encode, get_corners

NEW: Final = "/ingest/submissions/new"
BY_SCRIPT: Final = {"HX-Request": "true"}
LYING: Final = encode(draw_quarters(1_200, 600))
UPRIGHT: Final = encode(draw_quarters(500, 800))
FORM: Final = '<form method="post" action="/ingest/submissions">'
Fields = dict[str, Any]


async def opened(browser: httpx.AsyncClient, address: str = NEW) -> Fields:
    found: Fields = inputs((await browser.get(address)).text)
    return {name: value for name, value in found.items() if name not in {"picture", "photo"}}


def address_of(form: Fields) -> str:
    return f"/ingest/drafts/{form['key'][0]}/pictures"


async def press(browser: httpx.AsyncClient, form: Fields, what: str, *files: bytes, name: str = "a.jpg") -> Any:  # noqa: ANN401 - a response
    """Press a button of the pictures, as a browser without scripts."""
    sent = [("picture", (name, each, "image/jpeg")) for each in files] or None
    return await browser.post(address_of(form), data=form | {"picture_act": what}, files=sent)


async def added(browser: httpx.AsyncClient, *files: bytes, **typed: Any) -> Fields:  # noqa: ANN401 - one value or several
    answer = await press(browser, await opened(browser) | typed, "add", *files)
    assert answer.status_code == 303, answer.text
    return await opened(browser, answer.headers["location"])


def media_of(form: Fields) -> dict[str, str]:
    return {name: values[-1] for name, values in form.items() if name.startswith("images.") and name.endswith(".media")}


def refusal_of(answer: httpx.Response) -> str:
    found = re.search(r'id="picture-error"[^>]*>.*?<span>(.*?)</span>', answer.text, re.DOTALL)
    assert found, answer.text
    return found[1]


async def test_a_button_adds_pictures_and_keeps_what_was_typed(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    form = await added(browser, LYING, UPRIGHT, **{"title.pl": "Żagle", "start_date": "kiedyś"})

    assert media_of(form) == {"images.1.media": name_upload(LYING), "images.2.media": name_upload(UPRIGHT)}
    assert (form["title.pl"], form["start_date"]) == (["Żagle"], ["kiedyś"])


async def test_a_refused_picture_is_named_beside_its_field_and_the_others_are_taken(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | {"title.pl": "Żagle"}

    answer = await press(browser, form, "add", b"<svg xmlns='http://www.w3.org/2000/svg'/>", LYING, name="rysunek.svg")
    shown = inputs(answer.text)

    assert answer.status_code == 422
    assert refusal_of(answer).startswith("rysunek.svg: ")
    assert "PNG" in refusal_of(answer)
    assert (shown["title.pl"], shown["images.1.media"]) == (["Żagle"], [name_upload(LYING)])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (LYING[:900], "JPEG"),
        (encode(draw_quarters(100, 100)), "400"),
        (b"\0\0\0\x18ftypheic" + bytes(100), "HEIC"),
    ],
)
async def test_every_refusal_keeps_the_form(ingest: Ingest, data: bytes, words: str) -> None:
    browser = await logged_in(ingest)

    answer = await press(browser, await opened(browser) | {"title.pl": "Żagle"}, "add", data)

    assert answer.status_code == 422
    assert words in refusal_of(answer)
    assert inputs(answer.text)["title.pl"] == ["Żagle"]


async def test_without_a_file_the_button_says_what_to_do(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | {"title.pl": "Żagle"}

    answer = await press(browser, form, "add")
    sent = await browser.post(NEW, data=form | {"picture": "zdjecie.jpg"})

    assert (answer.status_code, sent.status_code) == (422, 422)
    assert "Wybierz" in refusal_of(answer)
    assert "Wyślij wybrane zdjęcia" in refusal_of(sent)


async def test_while_there_is_no_room_nothing_typed_is_lost(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | {"title.pl": "Żagle"}

    with full(ingest.state.uploads, "lot-szczecin"):
        answer = await press(browser, form, "add", LYING)
        scripted = await browser.post(
            address_of(form),
            data={"csrf": form["csrf"], "picture_act": "add", "number": "1"},
            files=[("picture", ("a.jpg", LYING, "image/jpeg"))],
            headers=BY_SCRIPT,
        )

    assert (answer.status_code, inputs(answer.text)["title.pl"]) == (503, ["Żagle"])
    assert (scripted.status_code, scripted.headers["retry-after"]) == (503, "2")
    assert "data-refusal" in scripted.text


async def test_too_many_bytes_at_once_are_refused_in_words(ingest: Ingest) -> None:
    browser = await logged_in(ingest)

    answer = await press(browser, await opened(browser), "add", bytes(MAX_UPLOAD // 2), bytes(MAX_UPLOAD // 2 + 1))

    assert answer.status_code == 413
    assert "20 MB" in answer.text


async def test_pictures_change_places_and_go(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await added(browser, LYING, UPRIGHT) | {"images.1.credit": "Anna Żak", "images.2.credit": "Jan Żak"}
    lying, upright = name_upload(LYING), name_upload(UPRIGHT)

    moved = await opened(browser, (await press(browser, form, "later 1")).headers["location"])
    back = await opened(browser, (await press(browser, moved, "earlier 2")).headers["location"])
    left = await opened(browser, (await press(browser, back, "remove 1")).headers["location"])

    assert media_of(moved) == {"images.1.media": upright, "images.2.media": lying}
    assert (moved["images.1.credit"], moved["images.2.credit"]) == (["Jan Żak"], ["Anna Żak"])
    assert media_of(back) == {"images.1.media": lying, "images.2.media": upright}
    assert (media_of(left), left["images.1.credit"]) == ({"images.1.media": upright}, ["Jan Żak"])


async def test_the_point_that_stays_is_moved_by_a_button(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    wide = encode(draw_quarters(1_200, 400))
    form = await added(browser, wide) | {"focus.1.x": "100", "focus.1.y": "50"}

    moved = await opened(browser, (await press(browser, form, "focus 1")).headers["location"])
    media = media_of(moved)["images.1.media"]
    cut = await browser.get(f"/ingest/media/{media}-400.jpg")
    whole = await browser.get(f"/ingest/media/{media}-source.jpg")

    assert media != name_upload(wide)
    assert (moved["focus.1.x"], moved["focus.1.y"]) == (["100"], ["50"])
    assert get_corners(cut.content) == ["green", "green", "yellow", "yellow"]
    assert whole.status_code == 200
    assert "immutable" in whole.headers["cache-control"]


async def test_a_script_gets_the_picture_alone_and_the_draft_is_saved_with_the_form(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser)
    alone = {"csrf": form["csrf"], "picture_act": "add", "number": "3"}
    file = [("picture", ("plakat.jpg", UPRIGHT, "image/jpeg"))]

    answer = await browser.post(address_of(form), data=alone, files=file, headers=BY_SCRIPT)
    again = await browser.post(
        address_of(form), data=alone | {"shown": name_upload(UPRIGHT)}, files=file, headers=BY_SCRIPT
    )

    assert answer.status_code == 200
    assert inputs(FORM + answer.text)["images.3.media"] == [name_upload(UPRIGHT)]
    assert "plakat" in answer.text
    assert "<html" not in answer.text
    assert again.status_code == 422
    assert await ingest.state.drafts.count("lot-szczecin") == 0


async def test_a_script_moves_the_point(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await added(browser, LYING)

    answer = await browser.post(
        address_of(form),
        data={
            "csrf": form["csrf"],
            "picture_act": "focus 1",
            "images.1.media": name_upload(LYING),
            "focus.1.x": "10",
            "focus.1.y": "20",
        },
        headers=BY_SCRIPT,
    )
    shown = inputs(FORM + answer.text)

    assert (shown["focus.1.x"], shown["focus.1.y"]) == (["10"], ["20"])
    assert shown["images.1.media"] != [name_upload(LYING)]


async def test_pictures_are_sent_with_what_is_said_of_them(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    event = {
        "title.pl": "Żagle",
        "category": "maritime",
        "start_date": "14.8.2027",
        "venue.town": "Szczecin",
        "venue.county": "3262",
    }
    form = await added(browser, LYING, **event)

    refused = await browser.post(NEW, data=form)
    said = {
        "images.1.alt.pl": "Żaglowce",
        "images.1.credit": "Jan Żak",
        "images.1.licence": "permission",
        "images.1.valid_until": "31.12.2028",
    }
    unread = await browser.post(NEW, data=form | said | {"images.1.valid_until": "31.12"})
    sent = await browser.post(NEW, data=form | said)
    edited = await opened(browser, f"{sent.headers['location']}/edit")
    own = (await browser.get(sent.headers["location"])).text

    assert refused.status_code == 422
    for name in ("alt-pl", "credit", "licence"):
        assert f'href="#images-1-{name}"' in refused.text
    assert "Wybierz licencję zdjęcia." in refused.text
    assert (unread.status_code, 'href="#images-1-valid_until"' in unread.text) == (422, True)
    assert "rok" in re.findall(r'id="images-1-valid_until-error">.*?</p>', unread.text, re.DOTALL)[0]
    assert sent.status_code == 303
    assert "Żaglowce · Jan Żak · Wszystkie prawa zastrzeżone, użyte za zgodą · do 31 grudnia 2028" in own
    assert f'src="/ingest/media/{name_upload(LYING)}-400.webp"' in own
    assert {name: edited[name] for name in said} == {name: [value] for name, value in said.items()}
    [submission] = [each async for each in ingest.state.submissions.iterate_submissions("lot-szczecin")]
    [image] = submission.event.images
    assert (image.media, image.alt, image.valid_until) == (name_upload(LYING), {"pl": "Żaglowce"}, "2028-12-31")


async def test_nine_pictures_are_eight(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    files = [encode(draw_quarters(600 + each, 400)) for each in range(9)]

    answer = await press(browser, await opened(browser), "add", *files)

    assert answer.status_code == 422
    assert len(media_of(inputs(answer.text))) == 8
    assert "8" in refusal_of(answer)


async def test_a_discarded_draft_takes_no_picture(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await added(browser, LYING)
    await browser.post(address_of(form).replace("pictures", "discard"), data={"csrf": form["csrf"]})

    answer = await press(browser, form, "remove 1")

    assert answer.status_code == DraftGone.status
    assert media_of(inputs(answer.text)) == {"images.1.media": name_upload(LYING)}


async def test_a_session_that_ended_keeps_the_texts_of_the_form(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    form = await opened(browser) | {"title.pl": "Żagle"}
    browser.cookies.clear()

    answer = await press(browser, form, "add", LYING)

    assert answer.status_code == 401
    assert "Żagle" in answer.text
