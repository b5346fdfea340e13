"""Sandbox: runs a function on bytes in a fresh child process; at most some at once.

What it promises, and what it does not, is in docs/decisions/0032-hostile-bytes-in-a-child.md.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec
import structlog

from shared.aio.cancellation import cancel_and_wait
from shared.sandbox.child import ChildAnswer, ChildOrder
from shared.sandbox.model import ChildDied, ChildTooSlow, InputRefused, SandboxBusy, SandboxTask

T = TypeVar("T")

log = structlog.get_logger(__name__)

ROOT: Final = Path(__file__).parents[2]
PIECE: Final = 1 << 18
_BOOT: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1])['path']; "
    "from shared.sandbox.child import main; main(sys.argv[1])"
)
# Its own settings, no user's, no byte code written, and no site: a hook there might start something.
PYTHON: Final = ("-I", "-S", "-B", "-c", _BOOT)
_TIMES_UP: Final = frozenset({-signal.SIGXCPU, -signal.SIGALRM})


class Sandbox:
    """``at_once`` children, ``waiting`` callers behind them, each for ``wait_seconds`` at most."""

    def __init__(self, *, at_once: int = 2, waiting: int = 8, wait_seconds: float = 20.0) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self._wait_seconds = wait_seconds
        self._callers = 0

    async def run(self, task: SandboxTask[T], data: bytes, options: Mapping[str, Any] | None = None) -> T:
        """Raises InputRefused, ChildTooSlow, ChildDied or SandboxBusy. Cancelling it ends the child."""
        async with self._wait_for_turn():
            try:
                async with asyncio.timeout(task.limits.seconds), _start_child(task, options or {}) as child:
                    answer = await _talk(child, data, task.limits.answer)
            except TimeoutError:
                raise ChildTooSlow(task.function) from None
        return _read_answer(task, answer, child.returncode or 0)

    @asynccontextmanager
    async def _wait_for_turn(self) -> AsyncIterator[None]:
        if self._callers >= self._room:
            raise SandboxBusy
        self._callers += 1
        try:
            await self._acquire()
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._callers -= 1

    async def _acquire(self) -> None:
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._free.acquire()
        except TimeoutError:
            raise SandboxBusy from None


@asynccontextmanager
async def _start_child(task: SandboxTask[Any], options: Mapping[str, Any]) -> AsyncIterator[Process]:
    """Kill it on the way out, whatever the way, and wait until it is gone."""
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        *PYTHON,
        write_order(task, options),
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        env={},  # no setting and no password
        cwd="/",
        start_new_session=True,
    )
    try:
        yield child
    finally:
        await _end(child)


def write_order(task: SandboxTask[Any], options: Mapping[str, Any]) -> str:
    order = ChildOrder(
        path=[str(ROOT), *(str(Path(each).absolute()) for each in sys.path if each)],
        function=task.function,
        options=dict(options),
        memory=task.limits.memory,
        cpu_seconds=task.limits.cpu_seconds,
        seconds=task.limits.seconds,
    )
    return msgspec.json.encode(order).decode()


async def _end(child: Process) -> None:
    if child.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
    while await _get_output(child).read(PIECE):  # what is still in the pipe, or it would not be closed
        pass
    await child.wait()


async def _talk(child: Process, data: bytes, most: int) -> bytes | None:
    """None if the answer is longer."""
    feeding = asyncio.create_task(_feed(child, data))
    try:
        answer = await _read_at_most(_get_output(child), most)
        if answer is not None:
            await child.wait()
        return answer
    finally:
        await cancel_and_wait(feeding)


async def _feed(child: Process, data: bytes) -> None:
    stream = child.stdin
    assert stream is not None, "started with a pipe"  # noqa: S101 - for the type checker
    with suppress(BrokenPipeError, ConnectionResetError):  # it ended before it read all
        for start in range(0, len(data), PIECE):
            stream.write(data[start : start + PIECE])
            await stream.drain()
    stream.close()


async def _read_at_most(stream: asyncio.StreamReader, most: int) -> bytes | None:
    answer = bytearray()
    while piece := await stream.read(PIECE):
        answer += piece
        if len(answer) > most:
            return None
    return bytes(answer)


def _get_output(child: Process) -> asyncio.StreamReader:
    assert child.stdout is not None, "started with a pipe"  # noqa: S101 - for the type checker
    return child.stdout


def _read_answer(task: SandboxTask[T], raw: bytes | None, code: int) -> T:
    """The bytes may have brought the child under their control: nothing in its answer is believed but its type."""
    if code in _TIMES_UP:
        raise ChildTooSlow(task.function)
    reason = "its answer is too long" if raw is None else f"it ended with {code}" if code or not raw else ""
    if raw and not reason:
        try:
            answer = msgspec.msgpack.decode(raw, type=ChildAnswer)
            if answer.refused:
                raise InputRefused(answer.refused)
            if not answer.failed:
                return msgspec.msgpack.decode(answer.value, type=task.answer)
            reason = answer.failed
        except (msgspec.MsgspecError, RecursionError) as error:
            reason = f"its answer cannot be read: {type(error).__name__}"
    log.warning("sandbox_child_died", function=task.function, reason=reason)
    raise ChildDied(reason)
