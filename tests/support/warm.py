"""`kalendarium …` as a process of its own that need not import everything first: forked from one that has.

Importing takes nine tenths of a short command's time. The server that forks is multiprocessing's; it runs one thread
and has opened nothing, so a command finds the process as ``python -m services.cli`` would, with its own environment,
folder, session and standard streams. That the command starts cold is tested wherever a service is started.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_server: Final = multiprocessing.get_context("forkserver")
_server.set_forkserver_preload(["services.cli", "tests.support.warm"])
_starting: Final = threading.Lock()
"""Tests wait for commands in threads; the server is asked by one of them at a time."""


def run_warm(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], typed: str, seconds: float
) -> subprocess.CompletedProcess[str]:
    """Run a command in a folder until it ends; ``typed`` is what somebody types.

    Raises:
        subprocess.TimeoutExpired: it had not ended after so many seconds.

    """
    with TemporaryDirectory() as scratch:
        streams = [Path(scratch, name) for name in ("stdin", "stdout", "stderr")]
        streams[0].write_text(typed, encoding="utf-8")
        running = _server.Process(target=_become, args=(list(arguments), folder, dict(environment), streams))
        with _starting:
            running.start()
        running.join(seconds)
        if running.is_alive():
            running.kill()
            running.join()
            raise subprocess.TimeoutExpired(list(arguments), seconds)
        code = running.exitcode or 0
        running.close()
        said, complained = (stream.read_text(encoding="utf-8") for stream in streams[1:])
        return subprocess.CompletedProcess(list(arguments), code, said, complained)


def _become(arguments: Sequence[str], folder: Path, environment: Mapping[str, str], streams: Sequence[Path]) -> None:
    """Be the command, in the forked process."""
    from services.cli import main  # noqa: PLC0415 - the tests' own process need not import it

    os.setsid()  # without a terminal, where a password would be asked for
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for number, (stream, mode) in enumerate(zip(streams, (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT] * 2), strict=True)):
        opened = os.open(stream, mode, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = os.fdopen(0, encoding="utf-8")
    sys.argv = ["kalendarium", *arguments]
    main()
