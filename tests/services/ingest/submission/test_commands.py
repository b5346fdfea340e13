"""Commands while the database does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from services.ingest.app import Settings, create_app
from services.ingest.call.guesses import LateCodeGuesses
from services.ingest.call.repository import KnownCalls
from services.ingest.draft.repository import Drafts
from services.ingest.notification.commands import Notifier
from services.ingest.notification.repository import Notifications
from services.ingest.request.repository import KnownRequests
from services.ingest.rollover.repository import Declines
from services.ingest.state import State, make_vocabulary
from services.ingest.submission.commands import OutcomeUnknown, change, put, send_new
from services.ingest.submission.model import withdraw
from services.ingest.submission.problems import PROBLEM_TABLE
from services.ingest.submission.repository import Submissions
from services.ingest.submission.umbrella import Umbrellas
from services.ingest.venue.repository import Venues
from shared.accounts.accounts import Account, Accounts
from shared.clock import utc_timestamp
from shared.database.client import open_database
from shared.jobs.repository import Jobs
from shared.media.commands import MediaLibrary
from shared.media.repository import Pictures
from shared.media.uploads import UploadSlots
from shared.sandbox.sandbox import Sandbox
from shared.web.problems import find_problem
from tests.services.ingest.builders import kept_event
from tests.services.ingest.conftest import REGION
from tests.support.mail import make_outbox

NOWHERE = "mongodb://127.0.0.1:1/"
ANNA = Account("01", "anna@example.pl", "Anna Żak", "lot-szczecin", "LOT Szczecin", "editor")


@pytest.fixture
async def state() -> AsyncIterator[State]:
    pages = create_app(Settings(region=REGION)).state.pages
    async with open_database(NOWHERE, "ingest", timeout_ms=50) as database:
        submissions = Submissions(database, notify=lambda: None)
        stop = asyncio.Event()
        writing = asyncio.create_task(submissions.run(stop))
        vocabulary = make_vocabulary(pages.region)
        notifier = Notifier(
            submissions=submissions,
            notifications=Notifications(database),
            accounts=Accounts(database),
            jobs=Jobs(database["jobs"]),
            mail=make_outbox(database),
            region=pages.region,
            ingest_url="http://ingest.test",
            now=utc_timestamp,
        )
        yield State(
            submissions=submissions,
            umbrellas=Umbrellas(database),
            drafts=Drafts(database),
            calls=KnownCalls(database),
            guesses=LateCodeGuesses(database),
            declines=Declines(database),
            requests=KnownRequests(database, notify=lambda: None),
            jobs=Jobs(database["jobs"]),
            notifier=notifier,
            mail=make_outbox(database),
            region=pages.region,
            vocabulary=vocabulary,
            pages=pages,
            now=utc_timestamp,
            organisations=Accounts(database).organisations,
            accounts=Accounts(database),
            venues=Venues(database),
            media=MediaLibrary(Pictures(database), Sandbox()),
            uploads=UploadSlots(),
        )
        stop.set()
        await writing


async def test_the_outcome_of_a_new_submission_is_unknown(state: State) -> None:
    with pytest.raises(OutcomeUnknown):
        await send_new(state, ANNA, kept_event(), None)


async def test_the_outcome_of_a_change_is_unknown(state: State) -> None:
    find = partial(state.submissions.find, "01", ANNA.organisation)

    with pytest.raises(OutcomeUnknown):
        await change(state, ANNA, find, withdraw, check=lambda _version: None, key=None)


async def test_the_outcome_of_an_event_sent_by_its_external_id_is_unknown(state: State) -> None:
    find = partial(state.submissions.find_by_reference, "zagle-2027", ANNA.organisation)
    event = kept_event(external_id="zagle-2027")

    with pytest.raises(OutcomeUnknown):
        await put(state, ANNA, find, event, check=lambda _version: None, key=None)


def test_an_unknown_outcome_is_answered_with_when_to_repeat_it() -> None:
    problem = find_problem(OutcomeUnknown(), PROBLEM_TABLE)

    assert problem is not None
    assert (problem.status_code, problem.code, problem.headers) == (503, "database_away", {"Retry-After": "10"})
