"""The door of the staff."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

import httpx
import pytest
from fastapi import FastAPI

from shared.accounts.accounts import Accounts
from shared.accounts.sessions import IDLE_TIMEOUT
from shared.settings import CommonSettings
from tests.shared.conftest import Clock
from tests.shared.web.example import PASSWORD, browser, example_app, program

ANNA = {"email": "anna@lot.example", "password": PASSWORD}


async def token_of(visitor: httpx.AsyncClient) -> str:
    page = await visitor.get("/ingest/")
    found = re.search(r'id="csrf">([0-9a-f]+)<', page.text)
    assert found
    return found[1]


async def test_an_editor_logs_in_and_begins_with_their_own_page(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/ingest/login", data=ANNA)

    assert (answer.status_code, answer.headers["location"]) == (303, "http://kalendarium.test/ingest/")
    assert "Anna Wójcik" in (await visitor.get("/ingest/")).text


async def test_a_curator_begins_with_the_calendar(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/ingest/login", data=ANNA | {"email": "jan@zrot.example"})

    assert answer.headers["location"] == "http://kalendarium.test/calendar/"


async def test_the_log_in_leads_on_to_the_page_that_was_wanted(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get("/ingest/login?next=/ingest/?state=waiting")
    answer = await visitor.post("/ingest/login", data=ANNA | {"next": "/ingest/?state=waiting"})

    assert '<input type="hidden" name="next" value="/ingest/?state=waiting">' in page.text
    assert answer.headers["location"] == "/ingest/?state=waiting"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "evil"],
)
async def test_the_log_in_leads_to_no_other_site(visitor: httpx.AsyncClient, elsewhere: str) -> None:
    page = await visitor.get("/ingest/login", params={"next": elsewhere})
    answer = await visitor.post("/ingest/login", data=ANNA | {"next": elsewhere})

    assert "evil" not in page.text.partition("<main")[2].partition("</main>")[0]
    assert answer.headers["location"] == "http://kalendarium.test/ingest/"


async def test_a_log_in_that_does_not_fit_keeps_the_address_and_says_what_to_do(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/ingest/login", data=ANNA | {"password": "zapomniane-hasło"})

    assert answer.status_code == 422
    assert 'value="anna@lot.example"' in answer.text
    assert "Adres e-mail lub hasło jest nieprawidłowe." in answer.text
    assert "zapomniane-hasło" not in answer.text
    assert "set-cookie" not in answer.headers


async def test_a_log_in_repeats_nothing_that_is_too_long_to_be_an_address(visitor: httpx.AsyncClient) -> None:
    asked = {"email": "a" * 60_000, "password": "b" * 50_000, "next": "/" + "c" * 5_000}

    answer = await visitor.post("/ingest/login", data=asked)

    assert answer.status_code == 422
    assert not [letter for letter in "abc" if letter * 300 in answer.text]


async def test_a_form_too_long_for_the_log_in_says_how_to_keep_it(visitor: httpx.AsyncClient) -> None:
    headers = {"Sec-Fetch-Site": "same-origin"}

    answer = await visitor.post("/ingest/send", data={"title": "ż" * 40_000}, headers=headers)

    assert answer.status_code == 401
    assert "wróć tu przyciskiem Wstecz" in answer.text
    assert "żżż" not in answer.text


async def test_a_form_without_a_session_that_cannot_be_read_is_refused_as_any_other(
    visitor: httpx.AsyncClient,
) -> None:
    headers = {"Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"}

    answer = await visitor.post("/ingest/send", content=b"title=%ff", headers=headers)

    assert answer.status_code == 400
    assert "UTF-8" in answer.text


async def test_an_unknown_address_gets_the_same_answer_as_a_wrong_password(visitor: httpx.AsyncClient) -> None:
    wrong = await visitor.post("/ingest/login", data=ANNA | {"password": "zapomniane-hasło"})
    unknown = await visitor.post("/ingest/login", data={"email": "anna@lot.example", "password": ""})
    nobody = await visitor.post("/ingest/login", data={"email": "ewa@lot.example", "password": PASSWORD})

    assert wrong.status_code == unknown.status_code == nobody.status_code == 422
    assert nobody.text.replace("ewa@", "anna@") == wrong.text


async def test_too_many_attempts_are_told_how_long_to_wait(visitor: httpx.AsyncClient) -> None:
    for _ in range(5):
        await visitor.post("/ingest/login", data=ANNA | {"password": "zgaduję-hasło"})

    answer = await visitor.post("/ingest/login", data=ANNA)

    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) in range(1, 31)
    assert f"Odczekaj {answer.headers['retry-after']} s" in answer.text
    assert 'value="anna@lot.example"' in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}],
)
async def test_a_log_in_from_another_site_is_refused(staffed_app: FastAPI, headers: dict[str, str]) -> None:
    async with program(staffed_app, **headers) as client:
        answer = await client.post("/ingest/login", data=ANNA)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


async def test_a_log_in_by_an_older_browser_is_known_by_its_origin(staffed_app: FastAPI) -> None:
    async with program(staffed_app, Origin="http://kalendarium.test") as client:
        answer = await client.post("/ingest/login", data=ANNA)

    assert answer.status_code == 303


async def test_who_is_logged_in_needs_no_log_in(visitor: httpx.AsyncClient) -> None:
    await visitor.post("/ingest/login", data=ANNA)

    answer = await visitor.get("/ingest/login?next=/ingest/open")

    assert (answer.status_code, answer.headers["location"]) == (303, "/ingest/open")


async def test_the_cookie_is_for_the_browser_and_us_alone(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/ingest/login", data=ANNA)

    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith("kal=")
    assert {each.lower() for each in attributes} == {"httponly", "path=/", "samesite=lax"}


async def test_the_cookie_is_kept_to_https_where_https_is_on(app_by_https: FastAPI) -> None:
    async with browser(app_by_https, "https://kalendarium.test") as visitor:
        answer = await visitor.post("/ingest/login", data=ANNA)
        page = await visitor.get("/ingest/")

    name, *attributes = answer.headers["set-cookie"].split("; ")
    assert name.startswith("__Host-kal=")
    assert {each.lower() for each in attributes} == {"httponly", "path=/", "samesite=lax", "secure"}
    assert page.status_code == 200
    assert page.headers["strict-transport-security"] == "max-age=31536000; includeSubDomains"


@pytest.fixture
async def app_by_https(accounts: Accounts) -> FastAPI:
    return example_app(CommonSettings(public_url="https://kalendarium.test"), accounts)


async def test_the_log_out_ends_the_session_here_and_in_the_browser(visitor: httpx.AsyncClient) -> None:
    await visitor.post("/ingest/login", data=ANNA)
    cookie = visitor.cookies["kal"]

    answer = await visitor.post("/ingest/logout", data={"csrf": await token_of(visitor)})
    forgotten = "kal" not in visitor.cookies
    visitor.cookies["kal"] = cookie

    assert (answer.status_code, answer.headers["location"], forgotten) == (303, "/ingest/login", True)
    assert (await visitor.get("/ingest/")).status_code == 303


async def test_nobody_is_logged_out_by_another_site(visitor: httpx.AsyncClient) -> None:
    await visitor.post("/ingest/login", data=ANNA)

    answer = await visitor.post("/ingest/logout", headers={"Sec-Fetch-Site": "cross-site"})

    assert answer.status_code == 403
    assert (await visitor.get("/ingest/")).status_code == 200


async def test_a_log_in_begins_a_new_session_whatever_cookie_came(visitor: httpx.AsyncClient) -> None:
    visitor.cookies["kal"] = "chosen-by-somebody-else"

    await visitor.post("/ingest/login", data=ANNA)

    assert visitor.cookies.get("kal", domain="kalendarium.test") != "chosen-by-somebody-else"


async def test_a_log_in_ends_the_session_that_the_browser_had(staffed_app: FastAPI, visitor: httpx.AsyncClient) -> None:
    await visitor.post("/ingest/login", data=ANNA)
    before = visitor.cookies["kal"]

    await visitor.post("/ingest/login", data=ANNA | {"email": "jan@zrot.example"})

    assert await staffed_app.state.accounts.find_by_session(before) is None
    assert (await visitor.get("/ingest/queue")).status_code == 200


async def test_a_form_whose_session_ended_is_sent_after_the_log_in_without_losing_a_word(
    visitor: httpx.AsyncClient, clock: Clock
) -> None:
    await visitor.post("/ingest/login", data=ANNA)
    typed = {"title": 'Żagle "2027" <finał>', "also": ["family", "music"], "csrf": await token_of(visitor)}
    clock.passes(IDLE_TIMEOUT + timedelta(minutes=1))

    asked = await visitor.post("/ingest/send", data=typed)
    again = await visitor.post("/ingest/login", data=ANNA | fields(asked, without=("email", "password")))
    sent = await visitor.post("/ingest/send", data=fields(again))

    assert (asked.status_code, again.status_code, sent.status_code) == (401, 200, 303)
    assert unquote(sent.headers["x-sent"]) == 'Żagle "2027" <finał>'
    assert fields(again)["also"] == ["family", "music"]


async def test_a_form_keeps_the_address_with_its_filter_through_the_log_in(
    visitor: httpx.AsyncClient, clock: Clock
) -> None:
    await visitor.post("/ingest/login", data=ANNA)
    typed = {"title": "Żagle", "csrf": await token_of(visitor)}
    outdated = await visitor.post("/ingest/send?county=3262", data=typed | {"csrf": "0" * 64})
    clock.passes(IDLE_TIMEOUT + timedelta(minutes=1))

    asked = await visitor.post("/ingest/send?county=3262", data=typed)
    again = await visitor.post("/ingest/login", data=ANNA | fields(asked, without=("email", "password")))

    assert 'action="/ingest/send?county=3262"' in outdated.text
    assert 'action="/ingest/send?county=3262"' in again.text


async def test_a_wrong_password_on_the_way_loses_no_word_either(visitor: httpx.AsyncClient, clock: Clock) -> None:
    await visitor.post("/ingest/login", data=ANNA)
    typed = {"title": "Żagle\n\n2027", "csrf": await token_of(visitor)}
    clock.passes(IDLE_TIMEOUT + timedelta(minutes=1))

    asked = await visitor.post("/ingest/send", data=typed)
    wrong = await visitor.post("/ingest/login", data=fields(asked) | {"email": "anna@lot.example", "password": "nie"})
    again = await visitor.post("/ingest/login", data=fields(wrong) | ANNA)

    assert wrong.status_code == 422
    assert str(fields(again)["title"]).replace("\r\n", "\n") == "Żagle\n\n2027"


async def test_another_language_on_the_way_loses_no_word_and_sends_nothing(
    visitor: httpx.AsyncClient, clock: Clock
) -> None:
    await visitor.post("/ingest/login", data=ANNA)
    typed = {"title": "Żagle", "csrf": await token_of(visitor)}
    clock.passes(IDLE_TIMEOUT + timedelta(minutes=1))
    asked = await visitor.post("/ingest/send", data=typed)

    login = await visitor.post("/ingest/login?lang=en", data=fields(asked) | ANNA | {"redraw": ""})
    again = await visitor.post("/ingest/login", data=fields(login, without=("email", "password")) | ANNA)
    english = await visitor.post("/ingest/send?lang=en", data=fields(again) | {"redraw": ""})
    sent = await visitor.post("/ingest/send", data=fields(english))

    assert 'form="login" formaction="/ingest/login?lang=en"' in asked.text
    assert "Everything you typed is still here" in login.text.replace("everything", "Everything")
    assert 'form="again" formaction="/ingest/send?lang=en"' in again.text
    assert ("x-sent" in english.headers, "Send it again" in english.text) == (False, True)
    assert unquote(sent.headers["x-sent"]) == "Żagle"


async def test_a_form_from_another_site_is_not_carried_through_the_log_in(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.post("/ingest/send", data={"title": "evil"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/ingest/login?next=/ingest/")


async def test_a_form_of_an_older_session_is_shown_again_with_a_token_of_this_one(visitor: httpx.AsyncClient) -> None:
    await visitor.post("/ingest/login", data=ANNA)
    old = await token_of(visitor)
    await visitor.post("/ingest/login", data=ANNA)

    shown = await visitor.post("/ingest/send", data={"title": "Żagle", "csrf": old})
    sent = await visitor.post("/ingest/send", data=fields(shown))

    assert (shown.status_code, sent.status_code) == (403, 303)


@pytest.mark.parametrize(
    ("headers", "token"), [({"Sec-Fetch-Site": "cross-site"}, "right"), ({"Sec-Fetch-Site": "none"}, "wrong")]
)
async def test_a_form_without_our_token_or_from_elsewhere_is_refused(
    visitor: httpx.AsyncClient, headers: dict[str, str], token: str
) -> None:
    await visitor.post("/ingest/login", data=ANNA)
    csrf = await token_of(visitor) if token == "right" else "0" * 64

    answer = await visitor.post("/ingest/send", data={"title": "Żagle", "csrf": csrf}, headers=headers)

    assert answer.status_code == 403
    assert "Formularz stracił ważność" in answer.text


def fields(page: httpx.Response, without: tuple[str, ...] = ()) -> dict[str, object]:
    """Read the form of a page as a browser would send it."""
    form = page.text.partition("<main")[2].partition("<form")[2].partition("</form>")[0]
    found: dict[str, object] = {}
    pairs = re.findall(r'<textarea name="([^"]+)"[^>]*>\n(.*?)</textarea>', form, re.DOTALL)
    pairs += re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    for name, value in pairs:
        if name in without:
            continue
        said = html.unescape(value)
        match found.get(name):
            case None:
                found[name] = said
            case list() as several:
                several.append(said)
            case one:
                found[name] = [one, said]
    return found


async def test_a_persons_own_language_wins_over_the_browsers_and_not_over_a_choice(
    visitor: httpx.AsyncClient, accounts: Accounts
) -> None:
    anna = await accounts.find("anna@lot.example")
    assert anna
    await accounts.change_person(anna.id, lambda found: replace(found, language="en"))
    await visitor.post("/ingest/login", data={"email": "anna@lot.example", "password": PASSWORD})

    own = await visitor.get("/ingest/", headers={"Accept-Language": "pl"})
    chosen = await visitor.get("/ingest/?lang=pl")
    after = await visitor.get("/ingest/")

    assert [page.headers["content-language"] for page in (own, chosen, after)] == ["en", "pl", "pl"]


async def test_a_session_knows_the_browser_it_began_in(visitor: httpx.AsyncClient, accounts: Accounts) -> None:
    headers = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"}
    await visitor.post("/ingest/login", data={"email": "anna@lot.example", "password": PASSWORD}, headers=headers)

    anna = await accounts.find("anna@lot.example")
    assert anna
    assert [each.browser for each in await accounts.sessions.list(anna.id)] == ["Firefox, Linux"]
