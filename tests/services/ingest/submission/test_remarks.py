"""Remarks to the curators: by page and API, once, and without a name on the topic."""

from __future__ import annotations

from shared.messages import Remark
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.forms import inputs, logged_in
from tests.services.ingest.test_way import review, written

API = "/ingest/api/v1/submissions"


async def test_a_remark_stands_in_the_conversation_with_its_writer(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}"
    form = inputs((await browser.get(address)).text)

    sent = await browser.post(f"{address}/remarks", data=form | {"text": ["Scena jest kryta.\n\nNa pewno."]})
    page = (await browser.get(sent.headers["location"])).text

    assert '<p class="body">Scena jest kryta.</p>' in page
    assert '<p class="body">Na pewno.</p>' in page


async def test_a_form_sent_twice_adds_one_remark(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}"
    form = inputs((await browser.get(address)).text) | {"text": ["Raz."]}

    for _ in range(2):
        assert (await browser.post(f"{address}/remarks", data=form)).status_code == 303

    read = (await ingest.lot.get(f"{API}/{made['id']}")).json()
    assert [each["text"] for each in read["remarks"]] == ["Raz."]
    assert read["version"] == 2


async def test_a_remark_that_is_refused_stays_in_its_field(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}"
    form = inputs((await browser.get(address)).text) | {"text": ["długi " * 400]}

    answer = await browser.post(f"{address}/remarks", data=form)

    assert answer.status_code == 422
    assert "Skróć uwagę do 2000 znaków." in answer.text
    assert "długi długi" in answer.text


async def test_why_a_remark_is_refused_is_said_in_another_language_too(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}"
    form = inputs((await browser.get(address)).text) | {"text": [" "]}

    refused = await browser.post(f"{address}/remarks", data=form)
    english = await browser.post(f"{address}/remarks?lang=en", data=form | {"redraw": ["errors"]})

    assert (refused.status_code, english.status_code) == (422, 422)
    assert f'formaction="{address}/remarks?lang=en" name="redraw" value="errors"' in refused.text
    assert "Write the remark." in english.text


async def test_a_remark_changes_neither_content_nor_state(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event())).json()

    answer = await ingest.lot.post(f"{API}/{made['id']}/remarks", json={"text": "Uwaga"})

    assert answer.status_code == 200
    assert answer.json()["event"] == made["event"]
    assert (answer.json()["state"], answer.json()["version"]) == ("waiting", 2)
    assert answer.json()["remarks"][0]["by"] == "organisation"


async def test_the_log_has_the_remark_and_nobodys_name(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    address = f"/ingest/submissions/{made['id']}"
    form = inputs((await browser.get(address)).text) | {"text": ["Scena jest kryta."]}
    await browser.post(f"{address}/remarks", data=form)

    stored = await ingest.database["submissions"].find_one({"_id": made["id"]})
    log = await written(ingest)

    assert stored is not None
    assert "Scena jest kryta." in log
    assert stored["remarks"][0]["who"] not in log


async def test_another_organisation_cannot_write(ingest: Ingest) -> None:
    made = (await ingest.lot.post(API, json=make_event())).json()

    answer = await ingest.other.post(f"{API}/{made['id']}/remarks", json={"text": "Uwaga"})

    assert answer.status_code == 404


async def test_the_curators_remarks_come_with_a_review_and_ask_for_an_answer(ingest: Ingest) -> None:
    browser = await logged_in(ingest)
    made = (await ingest.lot.post(API, json=make_event())).json()
    remark = Remark("0b0c5f38-1f0c-4a55-9f0a-0a4a0f6f5f11", "2099-01-01T10:00:00.000Z", "O której otwarcie?")

    await review(ingest, made["id"], state="waiting", decided_version=None, live_version=None, remarks=[remark])

    found = (await ingest.state.submissions.list_submissions("lot-szczecin", ids=[made["id"]]))[0]
    assert "O której otwarcie?" in (await browser.get(f"/ingest/submissions/{made['id']}")).text
    assert found.has_question
