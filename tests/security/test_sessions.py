"""Sessions and cookies: who is logged in stays so for a while, alone, and no longer than they should."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest
from pymongo import MongoClient
from starlette.types import ASGIApp

from shared.accounts.accounts import KEY_CACHE_SECONDS
from shared.accounts.digest import digest
from shared.accounts.sessions import MAX_AGE
from shared.web.csrf import CSRF_FIELD, derive_csrf_token
from tests.access.doors import FORM
from tests.security import holes
from tests.security.checks import loose_cookies
from tests.security.premises import ADDRESS, COOKIE, Premises, email_of
from tests.support.clients import PASSWORD, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHOSEN: Final = "chosen-by-somebody-else"
CREDENTIALS: Final = {"email": email_of("owner"), "password": PASSWORD}
Check = Callable[[Premises, ASGIApp], Awaitable[list[str]]]


@pytest.fixture
def sessions(premises: Premises, mongo_client: MongoClient[dict[str, Any]]) -> Any:  # noqa: ANN401 - pymongo's collection
    return mongo_client[premises.settings.database("accounts")]["sessions"]


async def logged_in(browser: httpx.AsyncClient, **credentials: str) -> str:
    """Log somebody in and give their session's token."""
    answer = await browser.post("/ingest/login", data=CREDENTIALS | credentials)
    assert answer.status_code == 303, answer.status_code
    return browser.cookies[COOKIE]


async def is_in(premises: Premises, app: ASGIApp, session: str) -> bool:
    async with premises.browser(app) as browser:
        return (await browser.get("/ingest/", headers={"Cookie": f"{COOKIE}={session}"})).status_code == 200


async def session_is_new(premises: Premises, app: ASGIApp) -> list[str]:
    """Complain if a log-in goes on with the session that the browser brought."""
    async with premises.browser(app) as browser:
        browser.cookies.set(COOKIE, CHOSEN, domain="kalendarium.test")
        answer = await browser.post("/ingest/login", data=CREDENTIALS)
        found = [CHOSEN] if CHOSEN in str(answer.headers.get_list("set-cookie")) else []
        return found + ([CHOSEN] if await is_in(premises, app, CHOSEN) else [])


async def log_out_ends_it(premises: Premises, app: ASGIApp) -> list[str]:
    """Complain if a session that was logged out still lets somebody in."""
    async with premises.browser(app) as browser:
        session = await logged_in(browser)
        await browser.post("/ingest/logout", data={CSRF_FIELD: derive_csrf_token(session)})
    return ["after the log-out"] if await is_in(premises, app, session) else []


async def disabling_ends_all(premises: Premises, app: ASGIApp) -> list[str]:
    """Complain if an account that was disabled still has a session or a key, or can log in."""
    email = f"{uuid4().hex}@kalendarium.example"
    names = {"name": "Ewa Lis", "organisation": "um-szczecin", "organisation_name": "UM"}
    account = await premises.accounts.put_account(email=email, role="editor", password=PASSWORD, **names)
    key = {"Authorization": f"Bearer {await premises.accounts.create_key(account.id)}"}
    async with premises.browser(app) as browser:
        session = await logged_in(browser, email=email)
        assert await is_in(premises, app, session)
        assert (await browser.get("/ingest/api/v1/submissions", headers=key)).status_code == 200

        await premises.accounts.disable(email)

        async def by_key() -> int:
            async with premises.browser(app) as program:
                return (await program.get("/ingest/api/v1/submissions", headers=key)).status_code

        found = ["its session"] if await is_in(premises, app, session) else []
        found += ["its key"] if await eventually(by_key, 401, within=KEY_CACHE_SECONDS + 5) != 401 else []
        again = await browser.post("/ingest/login", data={"email": email, "password": PASSWORD})
        return found + (["a log-in"] if again.status_code == 303 else [])


async def test_a_log_in_begins_a_session_of_its_own(premises: Premises) -> None:
    assert await session_is_new(premises, premises.app) == []


async def test_a_session_that_was_brought_along_is_noticed(premises: Premises) -> None:
    fixed = holes.with_header(premises.app, "set-cookie", f"{COOKIE}={CHOSEN}; Secure; HttpOnly; Path=/")

    assert await session_is_new(premises, fixed) == [CHOSEN]


async def test_a_log_out_ends_the_session_on_the_server(premises: Premises) -> None:
    assert await log_out_ends_it(premises, premises.app) == []


async def test_a_log_out_in_the_browser_alone_is_noticed(premises: Premises) -> None:
    assert await log_out_ends_it(premises, holes.forgetful_log_out(premises.app)) == ["after the log-out"]


async def test_disabling_an_account_ends_its_sessions_and_keys(premises: Premises) -> None:
    assert KEY_CACHE_SECONDS <= 10
    assert await disabling_ends_all(premises, premises.app) == []


async def test_a_session_and_a_key_that_outlive_their_account_are_noticed(premises: Premises) -> None:
    found = await disabling_ends_all(premises, holes.Remembering(premises.app))

    assert found == ["its session", "its key"]


@pytest.mark.parametrize("age", ["idle", "absolute"])
@pytest.mark.parametrize("planted", [False, True], ids=["ours", "planted"])
async def test_a_session_ends_idle_and_in_any_case(age: str, planted: bool, premises: Premises, sessions: Any) -> None:  # noqa: FBT001, ANN401 - a case
    app = holes.Remembering(premises.app) if planted else premises.app
    async with premises.browser() as browser:
        session = await logged_in(browser)
    assert await is_in(premises, app, session)
    now = datetime.now(UTC)
    old = {
        "idle": {"ends_at": now - timedelta(seconds=1)},
        "absolute": {"created_at": now - MAX_AGE, "used_at": now - MAX_AGE},
    }
    assert sessions.update_one({"_id": digest(session).hex()}, {"$set": old[age]}).modified_count == 1

    if age == "absolute":
        await is_in(premises, app, session)  # a last use, by which the limit is looked at

    assert await is_in(premises, app, session) is planted


async def test_what_is_kept_of_a_session_is_not_what_opens_it(premises: Premises, sessions: Any) -> None:  # noqa: ANN401 - pymongo's
    kept = [str(each) for each in sessions.find()]

    assert len(kept) >= len(premises.sessions)
    assert [each for each in premises.sessions.values() if any(each in line for line in kept)] == []


async def cookies_of(premises: Premises, app: ASGIApp) -> list[httpx.Response]:
    """Give every answer that hands the browser a cookie: log-in, log-out, theme, language, a note of what was done."""
    async with premises.browser(app) as browser:
        log_in = await browser.post("/ingest/login", data=CREDENTIALS)
        token = {CSRF_FIELD: derive_csrf_token(browser.cookies[COOKIE])}
        made = await browser.post("/ingest/submissions/new", data=token | FORM | {"key": "a-form-of-today"})
        shown = await browser.get(made.headers["location"])
        language = await browser.get("/ingest/?lang=en")
        theme = await browser.get("/theme/dark?next=/pl/")
        return [log_in, made, shown, language, theme, await browser.post("/ingest/logout", data=token)]


async def test_cookies_are_for_the_browser_and_us_alone(premises: Premises) -> None:
    answers = await cookies_of(premises, premises.app)

    assert [len(each.headers.get_list("set-cookie")) > 0 for each in answers] == [True] * 6
    assert [each for answer in answers for each in loose_cookies(answer, https=True)] == []


@pytest.mark.parametrize(
    ("old", "new", "noticed"),
    [
        ("HttpOnly", "Comment=x", "HttpOnly"),
        ("; Secure", "", "Secure"),
        ("SameSite=lax", "SameSite=none", "SameSite"),
        ("Path=/", "Path=/ingest", "Path"),
        ("Path=/", "Path=/; Domain=kalendarium.test", "Domain"),
        ("__Host-", "", "name"),
    ],
)
async def test_a_loose_cookie_is_noticed(old: str, new: str, noticed: str, premises: Premises) -> None:
    spoiled = holes.headers_written(premises.app, "set-cookie", old, new)
    async with premises.browser(spoiled) as browser:
        answer = await browser.post("/ingest/login", data=CREDENTIALS)

    assert any(each.endswith(f": {noticed}") for each in loose_cookies(answer, https=True))


async def test_a_session_by_plain_http_is_not_taken(premises: Premises) -> None:
    async with premises.browser() as browser:
        answer = await browser.get(f"{ADDRESS}/ingest/", headers={"Cookie": f"kal={premises.sessions['owner']}"})

    assert answer.status_code == 303
