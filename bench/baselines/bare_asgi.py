"""Bare ASGI baseline: the minimal application on the same server, one lookup and two messages per request.

``python -m bench.baselines.bare_asgi PORT FILE`` serves the responses saved by :mod:`bench.baselines.responses`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from starlette.types import Message, Receive, Scope, Send

from bench.baselines.responses import StoredResponse, load_responses
from services.runtime.server import create_server
from shared.settings import CommonSettings


class BareAsgi:
    def __init__(self, answers: dict[str, StoredResponse]) -> None:
        self._answers = {path: _build_messages(answer) for path, answer in answers.items()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _complete_lifespan(receive, send)
            return
        start, body = self._answers[scope["path"]]
        await send(start)
        await send(body)


def _build_messages(answer: StoredResponse) -> tuple[Message, Message]:
    return (
        {"type": "http.response.start", "status": answer.status, "headers": answer.headers},
        {"type": "http.response.body", "body": answer.body},
    )


async def _complete_lifespan(receive: Receive, send: Send) -> None:
    for _ in range(2):
        message = await receive()
        await send({"type": f"{message['type']}.complete"})


def main() -> None:
    port, file = sys.argv[1:]
    answers = {"/ready": StoredResponse(200, [(b"content-length", b"0")], b""), **load_responses(Path(file))}
    create_server(BareAsgi(answers), CommonSettings(port=int(port)), name="the bare server").run()


if __name__ == "__main__":
    main()
