"""Child processes: start with a readiness probe and a deadline, stop with a kill as the last resort.

On Linux a child is killed when this process exits, even by SIGKILL.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local import die_with_parent
from deploy.local.errors import StartTimeout, explain_exit
from deploy.local.folders import ensure_writable_folder
from deploy.local.polling import poll_until

READY_SECONDS = 300.0
STOP_SECONDS = 15.0


class Child:
    """A program that can be started, suspended, killed and restarted; a context manager starts and stops it.

    ``log`` is the file to which its output is appended; ``ready`` must not raise; ``environment`` is complete, by
    default that of this process.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        log: Path,
        ready: Callable[[], bool],
        ready_within: float = READY_SECONDS,
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.name = name
        self.log = log
        self._command = [str(part) for part in command]
        self._ready = ready
        self._ready_within = ready_within
        self._environment = environment
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """A suspended process is running."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """Of the current or last process; LookupError if there is none."""
        if self._process is None:
            raise LookupError(f"{self.name} was never started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Negative: the signal that killed it. None while it runs or if it was never started."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """On a StartError nothing is left running."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        # Not awaited: members of a cluster wait for each other.
        ensure_writable_folder(self.log.parent)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = _get_starter().submit(self._spawn, log.fileno()).result()

    def wait_until_ready(self) -> None:
        """Raises StartError after killing it."""
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def stop(self, *, within: float = STOP_SECONDS) -> None:
        """SIGTERM, then SIGKILL after ``within`` seconds; idempotent."""
        self.terminate()
        self.wait_for_exit(within=within)

    def terminate(self) -> None:
        # SIGCONT, so that a suspended process receives the SIGTERM.
        if self.running:
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)

    def wait_for_exit(self, *, within: float) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """SIGKILL; idempotent."""
        if self._process is not None and self.running:
            self._signal(signal.SIGKILL)
            self._process.wait()

    def suspend(self) -> None:
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal(signal.SIGCONT)

    def _spawn(self, log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*_build_parent_guard(), *self._command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=self._environment,
            cwd=self._folder,
            process_group=0,  # Ctrl-C then reaches only this process, which stops the children in order
        )

    def _signal(self, number: signal.Signals) -> None:
        os.killpg(self.pid, number)

    def _wait(self) -> None:
        answered = poll_until(lambda: not self.running or self._ready(), within=self._ready_within)
        if not self.running:
            raise explain_exit(self.name, self.exit_code or 0, self._read_log(), self.log)
        if not answered:
            raise StartTimeout(self.name, self._ready_within, self.log)

    def _read_log(self) -> str:
        """Since the last start."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")


def start_all(children: Sequence[Child]) -> None:
    """If one fails, all are killed."""
    try:
        for child in children:
            child.launch()
        for child in children:
            child.wait_until_ready()
    except BaseException:
        kill_all(children)
        raise


def stop_all(children: Iterable[Child], *, within: float = STOP_SECONDS) -> None:
    """``within`` seconds for all together."""
    children = tuple(children)
    for child in children:
        child.terminate()
    end = time.monotonic() + within
    for child in children:
        child.wait_for_exit(within=max(0.0, end - time.monotonic()))


def kill_all(children: Iterable[Child]) -> None:
    for child in children:
        child.kill()


@functools.cache
def _get_starter() -> ThreadPoolExecutor:
    # PR_SET_PDEATHSIG fires when the starting *thread* exits, so one lasting thread starts every child.
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")


def _build_parent_guard() -> tuple[str, ...]:
    # Ties a child to the life of this process.
    if sys.platform != "linux":
        return ()
    return (sys.executable, "-I", "-S", die_with_parent.__file__, str(os.getpid()))
