"""Keys and secrets: what they are made of, how they are kept, how soon they end; no line of a log holds one."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, Final
from uuid import uuid4

import pytest
import structlog
from pymongo import MongoClient
from structlog.testing import capture_logs

from shared.accounts.accounts import KEY_CACHE_SECONDS
from shared.observability.logging import redact_secrets
from shared.web.csrf import CSRF_FIELD, derive_csrf_token
from tests.security.checks import secrets_in
from tests.security.premises import COOKIE, Premises, email_of
from tests.support.builders import make_submission
from tests.support.clients import PASSWORD, eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBMISSIONS: Final = "/ingest/api/v1/submissions"
CONTACT: Final = {"name": "Zenobia Sekretna", "email": "zenobia@sekretny.example", "phone": "+48 600 700 800"}
WRONG: Final = "zupełnie-inne-hasło-2027"


async def test_a_key_has_256_random_bits_and_only_its_hash_is_kept(
    premises: Premises, mongo_client: MongoClient[dict[str, Any]]
) -> None:
    account = await premises.accounts.find(email_of("owner"))
    assert account
    keys = [await premises.accounts.create_key(account.id) for _ in range(20)]
    secrets = [key.split("_", 2)[2] for key in keys]

    kept = str(list(mongo_client[premises.settings.database("accounts")]["keys"].find()))

    assert {len(each) for each in secrets} == {43}  # 32 bytes in base64url
    assert len(set(secrets)) == len(secrets)
    assert [each for each in secrets if each in kept] == []


@pytest.mark.parametrize("name", ["key", "access_token", "api_key"])
async def test_a_key_in_an_address_opens_nothing(name: str, premises: Premises) -> None:
    answer = await premises.ask("GET", f"{SUBMISSIONS}?{name}={premises.keys['owner']}")

    assert answer.status_code in {400, 401}
    assert premises.keys["owner"] not in answer.text


@pytest.mark.parametrize("change", ["secret", "id", "case", "scheme", "blank", "cut"])
async def test_nearly_the_right_key_opens_nothing(change: str, premises: Premises) -> None:
    key = premises.keys["owner"]
    head, name, secret = key.split("_", 2)
    sent = {
        "secret": f"Bearer {head}_{name}_{secret[:-1]}{'A' if secret[-1] != 'A' else 'B'}",
        "id": f"Bearer {premises.keys['stranger'].rsplit('_', 1)[0][:16]}_{secret}",
        "case": f"Bearer {key.swapcase()}",
        "scheme": f"Basic {key}",
        "blank": f"Bearer  {key} x",
        "cut": f"Bearer {key[:-1]}",
    }[change]

    assert (await premises.ask("GET", SUBMISSIONS, headers={"Authorization": sent})).status_code == 401


async def test_a_revoked_key_ends_within_seconds_everywhere(premises: Premises) -> None:
    account = await premises.accounts.find(email_of("stranger"))
    assert account
    headers = {"Authorization": f"Bearer {await premises.accounts.create_key(account.id)}"}
    assert (await premises.ask("GET", SUBMISSIONS, headers=headers)).status_code == 200

    await premises.accounts.revoke_key(headers["Authorization"].split("_")[1])  # in another process, as it were

    async def opens() -> int:
        return (await premises.ask("GET", SUBMISSIONS, headers=headers)).status_code

    assert KEY_CACHE_SECONDS <= 10
    assert await eventually(opens, 401, within=KEY_CACHE_SECONDS + 10) == 401


@pytest.fixture
def secrets(premises: Premises) -> list[str]:
    """Everything that must stand in no line of a log."""
    return [
        PASSWORD,
        WRONG,
        *premises.sessions.values(),
        *(each.split("_", 2)[2] for each in premises.keys.values()),
        *(derive_csrf_token(each) for each in premises.sessions.values()),
        *CONTACT.values(),
        email_of("owner"),
    ]


async def everything_that_is_secret(premises: Premises) -> list[str]:
    """Use every secret: log in and fail to, use keys and forms, send contacts in, break things; gives new secrets."""
    async with premises.browser(address="192.0.2.61") as browser:
        await browser.post("/ingest/login", data={"email": email_of("owner"), "password": WRONG})
        await browser.post("/ingest/login", data={"email": email_of("owner"), "password": PASSWORD})
        session = browser.cookies[COOKIE]
        await browser.post(
            "/ingest/submissions/new", data={CSRF_FIELD: derive_csrf_token(session), "contact.email": CONTACT["email"]}
        )
        await browser.get(f"/ingest/?csrf={derive_csrf_token(session)}&password={WRONG}")
        await browser.post("/ingest/logout", data={CSRF_FIELD: derive_csrf_token(session)})
        await browser.post("/ingest/submissions/new", data={"contact.email": CONTACT["email"], "password": WRONG})
    for who in ("owner", "curator"):
        await premises.ask("GET", SUBMISSIONS, who, by_key=True)
    for event in (
        make_submission(external_id=f"z-{uuid4().hex}", contact=CONTACT),
        {"contact": CONTACT},
        {"x": PASSWORD},
    ):
        await premises.ask("POST", SUBMISSIONS, "owner", by_key=True, json=event)
    key = premises.keys["owner"]
    await premises.ask("GET", SUBMISSIONS, headers={"Authorization": f"Bearer {key}x"})
    await premises.ask("GET", f"{SUBMISSIONS}?key={key}")
    await premises.ask("POST", SUBMISSIONS, "owner", by_key=True, content=f'{{"contact": "{CONTACT["email"]}"'.encode())
    return [session, derive_csrf_token(session)]


async def test_no_line_of_a_log_holds_a_secret(premises: Premises, secrets: list[str]) -> None:
    with capture_logs() as lines:
        made = await everything_that_is_secret(premises)

    events = {line["event"] for line in lines}
    assert {"request", "logged in", "log-in refused"} <= events
    assert secrets_in(lines, [*secrets, *made]) == []


async def test_a_line_that_holds_one_is_noticed(premises: Premises, secrets: list[str]) -> None:
    for secret in secrets:
        with capture_logs() as lines:
            structlog.get_logger().warning("log-in refused", typed=f"<{secret}>")
        assert secrets_in(lines, secrets)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What is written of lines that pass through what hides secrets, as a process writes them."""
    stream, before = io.StringIO(), structlog.get_config()
    structlog.configure(
        processors=[redact_secrets, structlog.processors.JSONRenderer()],
        logger_factory=structlog.PrintLoggerFactory(stream),
    )
    yield stream
    structlog.configure(**before)


async def test_what_somebody_logs_by_mistake_is_hidden(premises: Premises, written: io.StringIO) -> None:
    key = premises.keys["owner"]

    structlog.get_logger().info(
        "oops", password=PASSWORD, authorization=f"Bearer {key}", said=f"key {key}", url="mongodb://u:pw@h"
    )

    assert secrets_in(written.getvalue().splitlines(), [PASSWORD, key.split("_", 2)[2], "u:pw"]) == []
    assert len(re.findall(r"\[hidden\]", written.getvalue())) == 4
