"""Security headers for browsers (ASVS 3.4)."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing but our own files; no inline script or style, no plug-ins, no frames round us, forms to us only."""
COMMON_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with that, browsers send "Origin: null" with our own forms, and we could not know them as ours.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
FILE_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
)
"""What a feed carries, which is answered without this middleware: it is data, whatever a browser takes it for."""
TRANSPORT: Final = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """ASGI middleware; a response's own headers win. ``private`` ones are ``no-store`` unless they say otherwise."""

    def __init__(self, app: ASGIApp, *, https: bool, private: bool) -> None:
        self._app = app
        wanted = dict(COMMON_HEADERS)
        if https:
            wanted["Strict-Transport-Security"] = TRANSPORT
        if private:
            wanted["Cache-Control"] = "no-store"
        self._wanted = [(name.lower().encode(), value.encode()) for name, value in wanted.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = list(message["headers"])
                names = {name for name, _value in there}
                message["headers"] = there + [header for header in self._wanted if header[0] not in names]
            await send(message)

        await self._app(scope, receive, complete if scope["type"] == "http" else send)
