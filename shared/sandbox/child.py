"""The child of a sandbox: limits itself, then calls one function with the bytes from its standard input."""

from __future__ import annotations

import math
import os
import resource
import signal
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any, Final

import msgspec

from shared.sandbox.model import InputRefused
from shared.sandbox.seccomp import allow_computing_only

PIECE: Final = 1 << 20
READY: Final = b"+"
"""Said before the first byte is read; what is said instead is an answer that says why not."""
OPEN_FILES: Final = 16
"""While modules are imported; afterwards none can be opened."""
NICENESS: Final = 10
"""A service on the same core answers others meanwhile."""


class ChildOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What the child is told on its command line; ``path`` is where it finds modules."""

    path: list[str]
    function: str
    options: dict[str, Any]
    memory: int
    cpu_seconds: int
    seconds: float


Mark = Annotated[str, msgspec.Meta(pattern=r"\A[A-Za-z0-9_.:<> -]{0,100}\Z")]
"""Goes to the log, and may be what hostile bytes made it."""


class ChildAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of three: the encoded value, the code of a refusal, where and by which error the function failed."""

    value: msgspec.Raw = msgspec.Raw()
    refused: Mark = ""
    failed: Mark = ""


def main(argument: str) -> None:
    order = msgspec.json.decode(argument, type=ChildOrder)
    _set_limits(order)
    try:
        function = _prepare(order.function)
    except Exception as error:  # noqa: BLE001 - the parent says that there is no answer
        _write(msgspec.msgpack.encode(ChildAnswer(failed=_locate(error))))
    else:
        _write(READY)
        _write(msgspec.msgpack.encode(_call(function, order.options)))
    os._exit(0)  # nothing is left to do that would be worth the time


def _set_limits(order: ChildOrder) -> None:
    with suppress(OSError):  # where memory runs out, Linux ends the child first, unless the cgroup ends whole
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    signal.alarm(math.ceil(order.seconds) + 1)  # it ends although its parent was killed meanwhile
    limits: Mapping[int, tuple[int, int]] = {
        resource.RLIMIT_AS: (order.memory, order.memory),
        resource.RLIMIT_CPU: (order.cpu_seconds, order.cpu_seconds + 1),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (OPEN_FILES, OPEN_FILES),
        resource.RLIMIT_NPROC: (0, 0),  # does not bind root
    }
    for limit, values in limits.items():
        with suppress(OSError, ValueError):  # not every system has every limit
            resource.setrlimit(limit, values)
    os.nice(NICENESS)


def _read() -> bytes:
    data = bytearray()
    while piece := os.read(0, PIECE):
        data += piece
    return bytes(data)


def _prepare(function: str) -> Callable[..., object]:
    module, _, name = function.partition(":")
    found: Callable[..., object] = getattr(import_module(module), name)
    allow_computing_only()
    return found


def _call(function: Callable[..., object], options: Mapping[str, Any]) -> ChildAnswer:
    try:
        return ChildAnswer(value=msgspec.Raw(msgspec.msgpack.encode(function(_read(), options=options))))
    except InputRefused as refused:
        return ChildAnswer(refused=refused.code)
    except Exception as error:  # noqa: BLE001 - the parent says that there is no answer
        return ChildAnswer(failed=_locate(error))


def _locate(error: Exception) -> str:
    """Without its text, which may repeat what is in the bytes."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"


def _write(answer: bytes) -> None:
    rest = memoryview(answer)
    while rest:
        rest = rest[os.write(1, rest) :]
