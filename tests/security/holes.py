"""Holes to plant: wrappers that spoil an application in one way, so that a check can be seen to notice it."""

from __future__ import annotations

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
        """Pass a request on, and spoil its answer."""

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
