"""HTTP client that records every attempt in the history; no response of a service is an error here."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any, Final, Self

import httpx

from faults.history import Attempt, History

PATIENCE_SECONDS: Final = 30.0
# Even if ``Retry-After`` is longer: rows are short.
LONGEST_WAIT: Final = 1.0


class RecordingClient:
    """Connections of one client to one service; ``address`` without a slash at the end.

    ``key`` is an API key, None for an anonymous client.
    """

    def __init__(self, service: str, address: str, history: History, key: str | None = None) -> None:
        self.service = service
        self._history = history
        self._http = httpx.AsyncClient(
            base_url=address,
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=PATIENCE_SECONDS,
            # One connection for each request: on a busy machine httpx gives out an idle one and lets it expire.
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    async def __aenter__(self) -> Self:
        await self._http.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._http.aclose()

    async def request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | None = None,
    ) -> httpx.Response | None:
        """None if there was no response."""
        began, answer, trouble = time.monotonic(), None, ""
        try:
            answer = await self._http.request(method, path, json=json, headers=headers, params=params)
        except (httpx.TransportError, AttributeError) as error:  # anyio's, if a connection is gone before it is made
            trouble = type(error).__name__
        found = answer.headers if answer is not None else {}
        self._history.attempts.append(
            Attempt(
                self.service,
                f"{method} {path}",
                began,
                time.monotonic(),
                None if answer is None else answer.status_code,
                trouble,
                found.get("content-type", ""),
                found.get("retry-after"),
            )
        )
        return answer


def is_settled(answer: httpx.Response | None) -> bool:
    # A 503 or 429 asks to repeat the request; anything else settles it.
    return (
        answer is not None
        and (answer.is_success or answer.status_code in range(400, 500))
        and not _is_throttled(answer)
    )


async def wait_retry_after(answer: httpx.Response | None) -> None:
    told = answer.headers.get("retry-after", "") if answer is not None else ""
    await asyncio.sleep(min(LONGEST_WAIT, float(told)) if told.isdecimal() else LONGEST_WAIT / 4)


def _is_throttled(answer: httpx.Response) -> bool:
    return answer.status_code == httpx.codes.TOO_MANY_REQUESTS
