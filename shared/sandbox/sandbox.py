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
from shared.sandbox.child import READY, ChildAnswer, ChildOrder
from shared.sandbox.model import (
    ChildDied,
    ChildLate,
    ChildTooSlow,
    InputRefused,
    SandboxBusy,
    SandboxTask,
    SandboxUnavailable,
)

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


class Sandbox:
    """``at_once`` children, ``waiting`` callers behind them, each for ``wait_seconds`` at most."""

    def __init__(self, *, at_once: int = 2, waiting: int = 8, wait_seconds: float = 20.0) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._room = at_once + waiting
        self._wait_seconds = wait_seconds
        self._callers = 0

    async def run(self, task: SandboxTask[T], data: bytes, options: Mapping[str, Any] | None = None) -> T:
        """Cancelling it ends the child.

        Raises InputRefused, ChildTooSlow or ChildDied for the bytes, SandboxBusy or SandboxUnavailable for the machine.
        """
        try:
            async with self._wait_for_turn():
                answer, code = await _ask_child(task, data, options or {})
            return _read_answer(task, answer, code)
        except SandboxUnavailable as unavailable:
            log.warning("sandbox_unavailable", function=task.function, reason=str(unavailable))
            raise

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


async def _ask_child(task: SandboxTask[Any], data: bytes, options: Mapping[str, Any]) -> tuple[bytes | None, int]:
    """Return its answer, None if that is too long, and its exit code."""
    try:
        async with asyncio.timeout(task.limits.seconds), _start_child(task, options) as child:
            answer = await _talk(child, data, task.limits.answer)
    except TimeoutError:
        raise ChildLate("it was too slow") from None
    except OSError as error:  # no process or no memory is left
        raise SandboxUnavailable(f"it cannot be started: {type(error).__name__}") from None
    return answer, child.returncode or 0


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
    """None if the answer is longer. Raises SandboxUnavailable: it does not want the bytes."""
    start = await _get_output(child).read(len(READY))
    if start != READY:
        raise SandboxUnavailable(_read_failure(start + (await _read_at_most(_get_output(child), most) or b"")))
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


def _read_failure(raw: bytes) -> str:
    try:
        return f"it cannot begin: {msgspec.msgpack.decode(raw, type=ChildAnswer).failed}"
    except msgspec.MsgspecError:
        return "it ended before it began"


def _read_answer(task: SandboxTask[T], raw: bytes | None, code: int) -> T:
    """The bytes may have brought the child under their control: nothing in its answer is believed but its type."""
    if code == -signal.SIGXCPU:
        raise ChildTooSlow(task.function)
    if code == -signal.SIGALRM:
        raise ChildLate("its alarm rang")
    if code == -signal.SIGKILL and raw is not None:  # as when the memory of the machine runs out
        raise SandboxUnavailable("it was killed")
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
