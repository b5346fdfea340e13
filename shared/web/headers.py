"""The headers that keep browsers from doing what our pages never ask for (ASVS 3.4)."""

from __future__ import annotations

from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY: Final = (
    "default-src 'none'; style-src 'self'; img-src 'self'; font-src 'self'; script-src 'self'; connect-src 'self'; "
    "form-action 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Nothing but our own files; no inline script or style, no plug-ins, no frames round us, forms to us only."""
SAME_EVERYWHERE: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Not "no-referrer": with that, browsers send "Origin: null" with our own forms, and we could not know them as ours.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
OF_FILES: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'; sandbox"),
)
"""What a feed carries, which is answered without this middleware: it is data, whatever a browser takes it for."""
TRANSPORT: Final = "max-age=31536000; includeSubDomains"


class SecurityHeaders:
    """Adds them to every answer that has not its own; an ASGI middleware.

    Args:
        app: what it wraps.
        https: whether browsers shall come by https only from now on.
        private: whether answers without a ``Cache-Control`` of their own are for nobody else to keep (staff services).

    """

    def __init__(self, app: ASGIApp, *, https: bool, private: bool) -> None:
        self._app = app
        wanted = dict(SAME_EVERYWHERE)
        if https:
            wanted["Strict-Transport-Security"] = TRANSPORT
        if private:
            wanted["Cache-Control"] = "no-store"
        self._wanted = [(name.lower().encode(), value.encode()) for name, value in wanted.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and complete the answer's headers."""

        async def complete(message: Message) -> None:
            if message["type"] == "http.response.start":
                there = list(message["headers"])
                names = {name for name, _value in there}
                message["headers"] = there + [header for header in self._wanted if header[0] not in names]
            await send(message)

        await self._app(scope, receive, complete if scope["type"] == "http" else send)
