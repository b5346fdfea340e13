"""The conversation about an entry: remarks both ways, notes among curators, and what waits for an answer."""

from __future__ import annotations

import re
from html import unescape

import pytest

from shared.messages import Remark
from tests.services.calendar.builders import make_message
from tests.services.calendar.conftest import Browser, Calendar, arrive

API = "/calendar/api/v1/reviews/0195-a"
PAGE = "/calendar/entries/0195-a"
ASKED = Remark("7d3f3c7e-92a4-4c5b-8f43-2d9c8a8f9a01", "2026-11-22T08:00:00.000Z", "Czy wystarczy opis w poniedziałek?")


async def ask(calendar: Calendar, version: int = 2) -> None:
    """Let a remark of the organisation arrive, with the content as it was."""
    await calendar.receive(make_message(version, content=1, submission_id="0195-a", remarks=[ASKED]))


async def test_a_remark_of_the_organisation_waits_for_an_answer_even_after_a_rejection(
    calendar: Calendar, curator: Browser
) -> None:
    await arrive(calendar, "a")
    await calendar.curator.post(f"{API}/reject", headers={"If-Match": "*"}, json={"reason": "duplicate"})
    await ask(calendar)

    queue, unanswered = await curator.read("/calendar/"), await curator.read("/calendar/?matter=remark")

    assert "1 wpis ma uwagę, na którą nikt nie odpowiedział" in queue
    assert "Uwaga bez odpowiedzi" in unanswered
    assert f"{PAGE}?matter=remark" in unanswered
    assert ASKED.text in await curator.read(PAGE)


async def test_an_answer_ends_the_waiting_and_reaches_the_message(calendar: Calendar) -> None:
    await arrive(calendar, "a")
    await ask(calendar)

    answer = await calendar.curator.post(f"{API}/remarks", json={"text": "Tak, wystarczy."})

    found = await calendar.state.entries.find("0195-a")
    assert found is not None
    assert not found.unanswered
    assert [(each["by"], each["text"]) for each in answer.json()["remarks"]] == [
        ("organisation", ASKED.text),
        ("curator", "Tak, wystarczy."),
    ]


async def test_a_decision_answers_too(calendar: Calendar) -> None:
    await arrive(calendar, "a")
    await ask(calendar)

    await calendar.curator.post(f"{API}/accept", headers={"If-Match": "*"})

    found = await calendar.state.entries.find("0195-a")
    assert found is not None
    assert not found.unanswered


async def test_a_remark_can_be_said_to_need_no_answer(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")
    await ask(calendar)

    await curator.send(f"{PAGE}/settled", {})

    assert "nikt nie odpowiedział" not in await curator.read("/calendar/")


async def test_the_same_remark_is_added_once(calendar: Calendar) -> None:
    await arrive(calendar, "a")
    body = {"id": ASKED.id, "text": "Raz."}

    for _ in range(2):
        answer = await calendar.curator.post(f"{API}/remarks", json=body)

    assert [each["text"] for each in answer.json()["remarks"]] == ["Raz."]


async def test_a_message_that_repeats_a_remark_adds_none(calendar: Calendar) -> None:
    await arrive(calendar, "a")
    await ask(calendar)
    await calendar.curator.post(f"{API}/remarks", json={"text": "Tak."})

    await ask(calendar, version=3)

    found = await calendar.state.entries.find("0195-a")
    assert found is not None
    assert [each.text for each in found.remarks] == [ASKED.text, "Tak."]
    assert not found.unanswered


async def test_notes_stay_with_the_curators(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")

    await calendar.curator.post(f"{API}/notes", json={"text": "Zadzwonić do nich."})

    stored = await calendar.database["entries"].find_one({"_id": "0195-a"})
    assert stored is not None
    assert "Zadzwonić" in await curator.read(PAGE)
    assert all("Zadzwonić" not in str(each) for each in stored["outbox"])


async def test_a_remark_does_not_touch_the_public_event(calendar: Calendar) -> None:
    await arrive(calendar, "a")
    await calendar.curator.post(f"{API}/accept", headers={"If-Match": "*"})
    before = (await calendar.curator.get(API)).json()["revision"]

    await ask(calendar)
    answer = await calendar.curator.post(f"{API}/remarks", json={"text": "Tak."})

    assert answer.json()["revision"] == before


async def test_a_remark_that_is_refused_stays_in_its_field(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a")

    answer = await curator.send(f"{PAGE}/remarks", {"remark": "długi " * 400})

    assert answer.status_code == 422
    assert "Skróć uwagę do 2000 znaków." in answer.text
    assert "długi długi" in answer.text


COMMENT = "Podaj godzinę początku."
TYPED: dict[str, object] = {
    "review_number": "1",
    "decision": "request_changes",
    "comment": COMMENT,
    "remark": "Czy scena jest kryta?",
    "note": "Zadzwonić do nich.",
}


def read_fields(page: str) -> dict[str, str]:
    """Return what the boxes of the entry's form hold."""
    found = re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>\n?([^<]*)</textarea>', page)
    return {name: unescape(text) for name, text in found}


@pytest.mark.parametrize(("act", "sent"), [("remarks", "remark"), ("notes", "note"), ("settled", "")])
async def test_what_is_typed_in_the_other_boxes_stays_when_one_is_sent(
    calendar: Calendar, curator: Browser, act: str, sent: str
) -> None:
    await arrive(calendar, "a")

    answer = await curator.send(f"{PAGE}/{act}", TYPED)

    kept = {name: str(TYPED[name]) for name in ("comment", "remark", "note")} | ({sent: ""} if sent else {})
    assert (answer.status_code, read_fields(answer.text)) == (200, kept)
    assert re.search('value="request_changes"[^>]* checked', answer.text)
    number = re.search(r'name="review_number" value="(\d+)"', answer.text)
    assert number
    decided = await curator.send(f"{PAGE}/decision", {**TYPED, "review_number": number[1], "remark": "", "note": ""})
    assert decided.status_code == 303


async def test_a_remark_and_a_note_stay_over_a_decision_and_its_refusal(calendar: Calendar, curator: Browser) -> None:
    await arrive(calendar, "a", "b")
    texts = {"remark": str(TYPED["remark"]), "note": str(TYPED["note"])}

    refused = await curator.send(f"{PAGE}/decision", TYPED | {"comment": ""})
    decided = await curator.send(f"{PAGE}/decision", TYPED)

    assert (refused.status_code, read_fields(refused.text)) == (422, {"comment": "", **texts})
    assert (decided.status_code, read_fields(decided.text)) == (200, texts)
    assert "Poproszono o zmiany" in decided.text


async def test_a_decision_begun_before_another_version_came_is_still_refused(
    calendar: Calendar, curator: Browser
) -> None:
    await arrive(calendar, "a")
    await calendar.receive(make_message(2, submission_id="0195-a"))

    sent = await curator.send(f"{PAGE}/remarks", TYPED)

    assert 'name="review_number" value="1"' in sent.text
    assert (await curator.send(f"{PAGE}/decision", TYPED)).status_code == 412


@pytest.mark.parametrize("kind", ["remarks", "notes"])
async def test_a_request_with_an_idempotency_key_adds_once_and_its_key_is_for_no_other(
    calendar: Calendar, kind: str
) -> None:
    await arrive(calendar, "a")
    key, body = {"Idempotency-Key": "uwaga-17"}, {"text": "Raz."}

    first, again = [await calendar.curator.post(f"{API}/{kind}", json=body, headers=key) for _ in range(2)]
    other = await calendar.curator.post(f"{API}/{kind}", json={"text": "Dwa."}, headers=key)
    unreadable = await calendar.curator.post(f"{API}/{kind}", json=body, headers={"Idempotency-Key": "a b"})

    assert [each["text"] for each in first.json()[kind]] == ["Raz."]
    assert (again.status_code, again.content) == (200, first.content)
    assert (other.status_code, other.json()["type"]) == (422, "/problems/idempotency_key_reused")
    assert (unreadable.status_code, unreadable.json()["type"]) == (400, "/problems/idempotency_key_unreadable")
