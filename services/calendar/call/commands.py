"""Commands on calls. Pages and API announce and change through them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Final

from services.calendar.call.model import CallSetting, CallTerms, YearCall, add_code, announce, change_terms, revoke_code
from services.calendar.state import State
from shared.database.versioned import write_versioned

ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""Without signs that are taken for others."""
GROUPS: Final = 4
SIGNS: Final = 4

CallCommand = Callable[[YearCall], YearCall]


class CallUnknown(Exception):
    """No call was announced for this year."""


class CallExists(Exception):
    """A call was announced for this year already."""


class CallOutdated(Exception):
    """The call has changed since it was read; ``number`` is its present one."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def make_setting(state: State) -> CallSetting:
    return CallSetting(state.region.time_zone, state.region.languages.site, state.now())


async def get_call(state: State, year: int) -> YearCall:
    """Raises CallUnknown."""
    call = await state.calls.find(year)
    if call is None:
        raise CallUnknown(year)
    return call


async def announce_call(state: State, year: int, terms: CallTerms) -> YearCall:
    """Raises CallTermsInvalid; CallExists."""
    made = announce(year, terms, make_setting(state))
    if not await state.calls.save(None, made):
        raise CallExists(year)
    return made


async def change_call(state: State, year: int, terms: CallTerms, *, seen: int | None) -> YearCall:
    """Raises CallTermsInvalid, and as :func:`apply_call_command`."""

    def command(call: YearCall) -> YearCall:
        return change_terms(call, terms, make_setting(state))

    return await apply_call_command(state, year, command, seen=seen)


async def make_late_code(state: State, year: int, label: str) -> tuple[YearCall, str]:
    """Return the call and the new code, which is stored as its digest only.

    Raises CallTermsInvalid, TooManyCodes, and as :func:`apply_call_command`.
    """
    code, code_id = generate_late_code(), secrets.token_hex(4)

    def command(call: YearCall) -> YearCall:
        return add_code(call, code, label, id=code_id, now=state.now())

    return await apply_call_command(state, year, command, seen=None), code


async def revoke_late_code(state: State, year: int, code_id: str) -> YearCall:
    """Raises CodeUnknown, and as :func:`apply_call_command`."""
    return await apply_call_command(state, year, lambda call: revoke_code(call, code_id, now=state.now()), seen=None)


async def apply_call_command(state: State, year: int, command: CallCommand, *, seen: int | None) -> YearCall:
    """Apply a command to the call whose number is ``seen`` (None for any); return the call after it.

    Raises CallUnknown, CallOutdated, CallsPending; Contended if other writes were first each time.
    """

    def apply(before: YearCall) -> YearCall:
        if seen not in {None, before.number}:
            raise CallOutdated(before.number)
        return command(before)

    async def save(before: YearCall, after: YearCall) -> YearCall | None:
        return after if after is before or await state.calls.save(before, after) else None

    return await write_versioned(partial(get_call, state, year), apply, save)


def generate_late_code() -> str:
    """Return four groups of four signs: 79 bits."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(SIGNS)) for _ in range(GROUPS))
    return "-".join(groups)
