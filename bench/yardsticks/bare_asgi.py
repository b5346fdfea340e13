"""The least that answers HTTP on the same server: raw ASGI, one look-up, two messages.

``python -m bench.yardsticks.bare_asgi PORT FILE`` gives the answers that :mod:`bench.yardsticks.answers` kept.
"""

from __future__ import annotations

import sys
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from bench.yardsticks.answers import Kept, kept
from services.running import server
from shared.settings import CommonSettings


class BareAsgi:
    """Answers every path with bytes that are ready."""

    def __init__(self, answers: dict[str, Kept]) -> None:
        self._answers = {path: _messages(answer) for path, answer in answers.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        start, body = self._answers[scope["path"]]
        await send(start)
        await send(body)


def _messages(answer: Kept) -> tuple[Message, Message]:
    return (
        {"type": "http.response.start", "status": answer.status, "headers": answer.headers},
        {"type": "http.response.body", "body": answer.body},
    )


async def _live(receive: Receive, send: Send) -> None:
    for _ in range(2):
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


def main() -> None:
    """Serve until told to stop."""
    port, file = sys.argv[1:]
    answers = {"/ready": Kept(200, [(b"content-length", b"0")], b""), **kept(Path(file))}
    server(BareAsgi(answers), CommonSettings(port=int(port)), name="the bare server").run()


if __name__ == "__main__":
    main()
