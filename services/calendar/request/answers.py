"""Changes of a request that is there: closed by an answer, or taken back."""

from __future__ import annotations

from collections.abc import Callable

from services.calendar.request.model import EventRequest, note_answer
from services.calendar.request.repository import EventRequests
from shared.database.versioned import write_versioned
from shared.messages import RequestAnswered


class RequestUnknown(Exception):
    pass


async def close_request(requests: EventRequests, message: RequestAnswered, *, now: str) -> None:
    """Note an organisation's answer; one to a request that is not known changes nothing."""
    if await requests.find(message.request_id) is not None:
        await change_request(requests, message.request_id, lambda request: note_answer(request, message, now=now))


async def change_request(
    requests: EventRequests, request_id: str, command: Callable[[EventRequest], EventRequest]
) -> EventRequest:
    """Raises RequestUnknown, and what the command raises; Contended if other writes were first each time."""

    async def load() -> EventRequest:
        found = await requests.find(request_id)
        if found is None:
            raise RequestUnknown(request_id)
        return found

    async def save(before: EventRequest, after: EventRequest) -> EventRequest | None:
        return after if after is before or await requests.save(before, after) else None

    return await write_versioned(load, command, save)
