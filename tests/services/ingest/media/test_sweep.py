"""What becomes of pictures that nothing uses, and of those that something might show."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.ingest.draft.model import Origin
from services.ingest.jobs import make_handlers
from services.ingest.media.commands import SWEEP
from shared.accounts.accounts import Account
from shared.clock import utc_now
from shared.jobs.model import Job
from tests.services.ingest.builders import make_event
from tests.services.ingest.conftest import Ingest
from tests.services.ingest.media.test_api import MEDIA, send
from tests.services.ingest.submission.api.test_pictures import API, show
from tests.services.ingest.test_way import review
from tests.shared.media.drawing import draw_quarters, encode

ANNA = Account("a1", "anna@example.pl", "Anna Żak", "lot-szczecin", "LOT", "editor")


def draw(number: int) -> bytes:
    return encode(draw_quarters(600 + number, 400))


async def sweep(ingest: Ingest, monkeypatch: pytest.MonkeyPatch, *, days: int = 0) -> Mapping[str, Any] | None:
    """Let the night come, some days from now."""
    now = utc_now()

    def later() -> datetime:
        return now + timedelta(days=days)

    monkeypatch.setattr(ingest.state.media.pictures, "_now", later)
    found: Mapping[str, Any] | None = await make_handlers(ingest.state)[SWEEP](
        Job(id="1", kind=SWEEP, key="today", due_at=now, created_at=now)
    )
    return found


async def test_what_nothing_has_used_for_thirty_days_goes(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    unused, sent, before, drafted = [(await send(ingest.lot, draw(number)))["media"] for number in range(4)]
    first = (await ingest.lot.post(API, json=make_event(images=[show(before)]))).json()
    changed = make_event(images=[show(sent)])
    await ingest.lot.put(f"{API}/{first['id']}", json=changed, headers={"If-Match": '"1"'})
    fields = {"title.pl": ["Regaty"], "images.1.media": [drafted]}
    await ingest.state.drafts.create("lot-szczecin", fields, origin=Origin("copy", "x"), by=ANNA)

    nights = [await sweep(ingest, monkeypatch, days=days) for days in (0, 29, 31, 32)]

    assert nights == [{"deleted": 0}, {"deleted": 0}, {"deleted": 1}, {"deleted": 0}]
    found = await ingest.state.media.pictures.find_all([unused, sent, before, drafted])
    assert set(found) == {sent, before, drafted}
    assert await ingest.state.media.pictures.read(unused, "400.webp") is None


async def test_what_is_used_again_starts_anew(ingest: Ingest, monkeypatch: pytest.MonkeyPatch) -> None:
    media = (await send(ingest.lot))["media"]

    await sweep(ingest, monkeypatch)
    await send(ingest.lot)
    again = await sweep(ingest, monkeypatch, days=31)
    await ingest.lot.post(API, json=make_event(images=[show(media)]))
    used = await sweep(ingest, monkeypatch, days=90)

    assert (again, used) == ({"deleted": 0}, {"deleted": 0})
    assert await ingest.state.media.pictures.find(media) is not None


async def test_a_picture_that_an_event_may_show_is_not_deleted(ingest: Ingest) -> None:
    before, after = [(await send(ingest.lot, draw(number)))["media"] for number in range(2)]
    first = (await ingest.lot.post(API, json=make_event(images=[show(before)]))).json()
    waiting = await ingest.lot.delete(f"{MEDIA}/{before}", headers={"Accept-Language": "en"})
    await review(ingest, first["id"], live_version=1, live_status="confirmed")
    await ingest.lot.put(f"{API}/{first['id']}", json=make_event(images=[show(after)]), headers={"If-Match": '"1"'})
    public = await ingest.lot.delete(f"{MEDIA}/{before}")
    await ingest.lot.post(f"{API}/{first['id']}/withdraw", headers={"If-Match": '"2"'})
    gone = [(await ingest.lot.delete(f"{MEDIA}/{each}")).status_code for each in (before, after)]

    assert (waiting.status_code, waiting.json()["type"]) == (409, "/problems/picture_in_use")
    assert "Take it out" in waiting.json()["detail"]
    assert public.status_code == 409
    assert gone == [204, 204]
