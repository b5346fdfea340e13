"""What is the same for everybody is tagged and compressed; what is one person's is left alone."""

from __future__ import annotations

import gzip

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.web.caching import ResponseCaching, set_last_modified
from shared.web.http.last_modified import LastModified, date_version

PUBLIC = {"Cache-Control": "public, max-age=60"}


def client(app: ASGIApp) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(ResponseCaching(app, documents={"/openapi.json"}))
    return httpx.AsyncClient(transport=transport, base_url="http://test", headers={"Accept-Encoding": "identity"})


async def ask(answer: ASGIApp, path: str = "/", **headers: str) -> httpx.Response:
    async with client(answer) as asking:
        return await asking.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


def body_of(size: int) -> Response:
    return Response("ż" * (size // 2), media_type="text/html", headers=PUBLIC)


async def test_a_public_answer_has_a_tag_and_is_not_sent_twice() -> None:
    first = await ask(body_of(1000))

    again = await ask(body_of(1000), if_none_match=first.headers["etag"])
    changed = await ask(body_of(1002), if_none_match=first.headers["etag"])

    assert (again.status_code, again.content, "content-type" in again.headers) == (304, b"", False)
    assert {name: again.headers[name] for name in ("etag", "cache-control", "vary")} == {
        "etag": first.headers["etag"],
        "cache-control": "public, max-age=60",
        "vary": "Accept-Encoding",
    }
    assert changed.status_code == 200


async def test_an_answer_in_gzip_has_a_tag_of_its_own() -> None:
    plain = await ask(body_of(1000))
    packed = await ask(body_of(1000), accept_encoding="gzip")

    again = await ask(body_of(1000), accept_encoding="gzip", if_none_match=packed.headers["etag"])

    assert packed.headers["etag"] == plain.headers["etag"].removesuffix('"') + '-gz"'
    assert (packed.content, plain.headers["vary"], packed.headers["vary"]) == (
        plain.content,
        "Accept-Encoding",
        "Accept-Encoding",
    )
    assert again.status_code == 304


async def test_a_tag_that_an_answer_brings_along_is_kept() -> None:
    answer = Response("x" * 1000, headers=PUBLIC | {"ETag": '"7"', "Vary": "Cookie"})

    packed = await ask(answer, accept_encoding="gzip")

    assert (packed.headers["etag"], packed.headers["vary"]) == ('"7-gz"', "Cookie, Accept-Encoding")
    assert (await ask(answer, if_none_match='W/"7"')).status_code == 304


@pytest.mark.parametrize(
    "answer",
    [
        Response("x" * 1000),
        Response("x" * 1000, headers={"Cache-Control": "no-store"}),
        Response("x" * 1000, headers={"Cache-Control": "private, max-age=60"}),
        Response("x" * 1000, headers={"Cache-Control": "public, max-age=31536000, immutable"}),
        Response("x" * 1000, status_code=404, headers=PUBLIC),
        Response("x" * 1000, headers=PUBLIC | {"Content-Encoding": "br"}),
    ],
)
async def test_what_is_not_for_everybody_is_neither_tagged_nor_compressed(answer: Response) -> None:
    found = await ask(answer, accept_encoding="gzip, br")

    assert (found.headers.get("content-encoding", "br"), "etag" in found.headers) == ("br", False)


async def test_a_document_that_does_not_say_so_is_public_by_its_path() -> None:
    found = await ask(Response("{}"), "/openapi.json")

    assert (found.headers["cache-control"], "etag" in found.headers) == ("public, max-age=300", True)


@settings(max_examples=50)
@given(body=st.binary(max_size=3000))
async def test_whatever_the_body_the_client_reads_it_as_it_was(body: bytes) -> None:
    packed = await ask(Response(body, headers=PUBLIC), accept_encoding="gzip")

    assert packed.content == body
    assert int(packed.headers["content-length"]) <= max(len(body), len(gzip.compress(body)) + 100)


async def test_a_weak_tag_names_an_answer_in_both_codings() -> None:
    answer = Response("x" * 1000, headers=PUBLIC | {"ETag": 'W/"7"'})

    plain, packed = await ask(answer), await ask(answer, accept_encoding="gzip")
    again = [await ask(answer, accept_encoding=coding, if_none_match='"7"') for coding in ("gzip", "identity")]

    assert (plain.headers["etag"], packed.headers["etag"]) == ('W/"7"', 'W/"7"')
    assert packed.headers["content-encoding"] == "gzip"
    assert [each.status_code for each in again] == [304, 304]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({"if_modified_since": "Mon, 02 Nov 2026 10:00:00 GMT"}, 304),
        ({"if_modified_since": "Mon, 02 Nov 2026 10:00:01 GMT"}, 304),
        ({"if_modified_since": "Mon, 02 Nov 2026 09:59:59 GMT"}, 200),
        ({"if_modified_since": "yesterday"}, 200),
        ({"if_modified_since": "Mon, 02 Nov 99999999999 10:00:00 GMT"}, 200),
        ({"if_modified_since": "Mon, 02 Nov 2026 10:00:00 GMT", "if_none_match": '"x"'}, 200),
    ],
)
@pytest.mark.parametrize("coding", ["identity", "gzip"])
async def test_a_date_alone_tells_whether_an_answer_was_made_since(
    asked: dict[str, str], status: int, coding: str
) -> None:
    found = await ask(dated(LastModified(1_793_613_600, 1_793_613_600)), accept_encoding=coding, **asked)

    assert (found.status_code, found.headers["last-modified"]) == (status, "Mon, 02 Nov 2026 10:00:00 GMT")


async def test_the_date_of_an_answer_that_may_still_change_is_not_held_by_itself() -> None:
    answer = dated(date_version(1_793_613_600.5))
    date = (await ask(answer)).headers["last-modified"]

    assert (date, (await ask(answer, if_modified_since=date)).status_code) == ("Mon, 02 Nov 2026 09:59:59 GMT", 200)


def dated(version: LastModified) -> ASGIApp:
    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        set_last_modified(Request(scope), version)
        await body_of(1000)(scope, receive, send)

    return answer
