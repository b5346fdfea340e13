"""Holes to plant: wrappers that spoil an application in one way, so that a check can be seen to notice it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from http.cookies import SimpleCookie
from urllib.parse import parse_qsl, urlencode

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.csrf import CSRF_FIELD, derive_csrf_token

Headers = list[tuple[bytes, bytes]]


class Spoiled:
    """An application whose answers' headers and bodies are changed on their way out."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        headers: Callable[[Headers], Headers] = lambda found: found,
        body: Callable[[bytes], bytes] = lambda found: found,
    ) -> None:
        self._app, self._headers, self._body = app, headers, body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, and spoil its answer, which must not be compressed."""
        if scope["type"] == "http":
            scope = {**scope, "headers": [each for each in scope["headers"] if each[0] != b"accept-encoding"]}

        async def spoil(message: Message) -> None:
            if message["type"] == "http.response.start":
                kept = [each for each in message["headers"] if each[0] != b"content-length"]
                message = {**message, "headers": self._headers(kept)}
            elif message["type"] == "http.response.body":
                message = {**message, "body": self._body(message.get("body", b""))}
            await send(message)

        await self._app(scope, receive, spoil)


def without_header(app: ASGIApp, name: str) -> ASGIApp:
    """Leave a header out of every answer."""
    return Spoiled(app, headers=lambda found: [each for each in found if each[0].lower() != name.encode()])


def with_header(app: ASGIApp, name: str, value: str) -> ASGIApp:
    """Put a header into every answer, in the place of its own."""
    return Spoiled(
        app,
        headers=lambda found: [
            *(each for each in found if each[0].lower() != name.encode()),
            (name.encode(), value.encode()),
        ],
    )


def headers_written(app: ASGIApp, name: str, old: str, new: str) -> ASGIApp:
    """Write a header differently."""
    return Spoiled(
        app,
        headers=lambda found: [
            (key, value.replace(old.encode(), new.encode())) if key.lower() == name.encode() else (key, value)
            for key, value in found
        ],
    )


def body_written(app: ASGIApp, old: str, new: str) -> ASGIApp:
    """Write bodies differently."""
    return Spoiled(app, body=lambda found: found.replace(old.encode(), new.encode()))


def asked_with(app: ASGIApp, change: Callable[[Headers], Headers]) -> ASGIApp:
    """Let the application see other headers than were sent, so that it misses what it should have refused."""

    async def deceived(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "headers": change(list(scope.get("headers", [])))}, receive, send)

    return deceived


class Remembering:
    """An application that goes on giving what it once gave: a cache that knows a caller by cookie or key alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._kept: dict[tuple[str, bytes], list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer as the last time, if that was 200."""
        headers = dict(scope["headers"])
        known = scope["path"], headers.get(b"cookie", b"") + headers.get(b"authorization", b"")
        if known in self._kept:
            for message in self._kept[known]:
                await send(message)
            return
        sent: list[Message] = []

        async def keep(message: Message) -> None:
            sent.append(message)
            await send(message)

        await self._app(scope, receive, keep)
        if sent[0]["status"] == 200:
            self._kept[known] = sent


def forgetful_log_out(app: ASGIApp) -> ASGIApp:
    """Answer a log-out without ending anything: only the browser's cookie goes."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].endswith("/logout"):
            location = scope["path"].replace("logout", "login").encode()
            await send({"type": "http.response.start", "status": 303, "headers": [(b"location", location)]})
            await send({"type": "http.response.body"})
        else:
            await app(scope, receive, send)

    return answer


def trusting(app: ASGIApp) -> ASGIApp:
    """Let every request seem to come from our own page, with the token of its session."""

    async def deceived(scope: Scope, receive: Receive, send: Send) -> None:
        headers = [
            each for each in scope["headers"] if each[0] not in {b"origin", b"sec-fetch-site", b"content-length"}
        ]
        cookie = SimpleCookie(dict(headers).get(b"cookie", b"").decode())
        body = b"".join([message.get("body", b"") async for message in _received(receive)])
        fields = [(name, value) for name, value in parse_qsl(body.decode()) if name != CSRF_FIELD]
        fields += [(CSRF_FIELD, derive_csrf_token(each.value)) for each in cookie.values()]
        given = iter([{"type": "http.request", "body": urlencode(fields).encode(), "more_body": False}])

        async def hand_out() -> Message:
            return next(given, None) or await receive()

        await app({**scope, "headers": [*headers, (b"sec-fetch-site", b"same-origin")]}, hand_out, send)

    return deceived


async def _received(receive: Receive) -> AsyncIterator[Message]:
    while True:
        message = await receive()
        yield message
        if not message.get("more_body"):
            return
