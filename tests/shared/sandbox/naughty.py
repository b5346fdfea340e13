"""Functions as bytes from strangers might make them behave; each is called in a child."""

from __future__ import annotations

import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from shared.sandbox.model import InputRefused

Options = dict[str, Any]


def count(data: bytes, *, options: Options) -> int:
    return len(data) + int(options.get("more", 0))


def refuse(data: bytes, *, options: Options) -> int:
    raise InputRefused("too_green")


def fail(data: bytes, *, options: Options) -> int:
    raise ValueError(f"secret {data!r} {options}")


def loop(data: bytes, *, options: Options) -> int:
    while True:
        pass


def sleep(data: bytes, *, options: Options) -> int:
    time.sleep(60)
    return 0


def eat_memory(data: bytes, *, options: Options) -> int:
    return len(bytearray(int(options["bytes"])))


def crash(data: bytes, *, options: Options) -> int:
    return ctypes.string_at(0)[0]


def talk(data: bytes, *, options: Options) -> bytes:
    return bytes(int(options["bytes"]))


def babble(data: bytes, *, options: Options) -> int:
    os.write(1, b"\xc1 no answer")
    os._exit(0)


def leave(data: bytes, *, options: Options) -> int:
    os._exit(0)


def tell_environment(data: bytes, *, options: Options) -> dict[str, str]:
    return dict(os.environ)


def _say(act: Callable[[], object]) -> str:
    try:
        act()
    except OSError as error:
        return f"refused {error.errno}"
    return "done"


def try_out(data: bytes, *, options: Options) -> str:
    """Try what ``data`` names, and say what came of it."""
    path, parent = options.get("path", "/etc/hostname"), int(options.get("parent", os.getppid()))
    acts: dict[bytes, Callable[[], object]] = {
        b"fork": lambda: os._exit(0) if os.fork() == 0 else None,
        b"exec": lambda: subprocess.run(["/bin/true"], check=True),
        b"write": lambda: Path(path).write_text("was here", encoding="utf-8"),
        b"read": lambda: Path(path).read_bytes(),
        b"environment of the parent": lambda: Path(f"/proc/{parent}/environ").read_bytes(),
        b"socket": socket.socket,
        b"socket pair": socket.socketpair,
        b"kill the parent": lambda: os.kill(parent, signal.SIGTERM),
        b"remove": lambda: Path(path).unlink(),
    }
    return _say(acts[data])
