"""A child process: started with a log of its own, ready or refused by a deadline, ended for certain.

On Linux a child is killed when this process ends, however it ends.
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
from deploy.local.cannot_start import NotReady, why_it_ended
from deploy.local.folders import writable_folder
from deploy.local.waiting import becomes_true

READY_SECONDS = 60.0
STOP_SECONDS = 15.0


class Child:
    """One program, which may be started, stalled, killed and started again.

    As a context manager it is started on entering and stopped on leaving.

    Args:
        name: how messages call it.
        command: the program and its arguments.
        log: the file to which its standard output and error are appended.
        ready: asked again and again until it says that the program answers; must not raise.
        ready_within: seconds after which a program that does not answer is given up.
        environment: its whole environment; that of this process if not given.
        folder: where it runs; the present one if not given.
    """

    def __init__(  # each of these is one plain fact about the program
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
        """Whether the process exists (a suspended one does)."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The id of the present or last process; a ``LookupError`` if it was never started."""
        if self._process is None:
            raise LookupError(f"{self.name} was never started")
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The code with which it ended (minus the signal that ended it), or None while it runs or before it ran."""
        return None if self._process is None else self._process.poll()

    def start(self) -> None:
        """Launch it and wait until it is ready; raises a ``CannotStart`` and leaves nothing running if it is not."""
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """Start the process without waiting for an answer, as is needed where several wait for each other."""
        writable_folder(self.log.parent)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = _starter().submit(self._popen, log.fileno()).result()

    def wait_until_ready(self) -> None:
        """Wait until it answers.

        Raises:
            CannotStart: it ended, or does not answer in time; then it is killed first.
        """
        try:
            self._wait()
        except BaseException:
            self.kill()
            raise

    def stop(self, *, within: float = STOP_SECONDS) -> None:
        """Ask it to end (SIGTERM), and kill it if it has not ended ``within`` seconds. Safe to repeat."""
        self.ask_to_end()
        self.await_end(within=within)

    def ask_to_end(self) -> None:
        """Send SIGTERM, and wake it if it is suspended, so that it can heed it."""
        if self.running:
            self._signal(signal.SIGTERM)
            self._signal(signal.SIGCONT)

    def await_end(self, *, within: float) -> None:
        """Wait until it has ended, and kill it after ``within`` seconds."""
        if self._process is None:
            return
        try:
            self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once (SIGKILL) and wait until it is gone. Safe to repeat."""
        if self._process is not None and self.running:
            self._signal(signal.SIGKILL)
            self._process.wait()

    def suspend(self) -> None:
        """Stall it (SIGSTOP): it keeps its memory and connections, and does nothing."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a suspended one go on (SIGCONT)."""
        self._signal(signal.SIGCONT)

    def _popen(self, log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [*_tied_to_us(), *self._command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=self._environment,
            cwd=self._folder,
            process_group=0,  # so that Ctrl-C reaches us alone, and we end the children in order
        )

    def _signal(self, number: signal.Signals) -> None:
        os.killpg(self.pid, number)

    def _wait(self) -> None:
        answered = becomes_true(lambda: not self.running or self._ready(), within=self._ready_within)
        if not self.running:
            raise why_it_ended(self.name, self.exit_code or 0, self._said(), self.log)
        if not answered:
            raise NotReady(self.name, self._ready_within, self.log)

    def _said(self) -> str:
        """What it wrote to its log since it was last started."""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")


def start_all(children: Sequence[Child]) -> None:
    """Launch all, then wait until each is ready; if one is not, none is left running."""
    try:
        for child in children:
            child.launch()
        for child in children:
            child.wait_until_ready()
    except BaseException:
        kill_all(children)
        raise


def stop_all(children: Iterable[Child], *, within: float = STOP_SECONDS) -> None:
    """Ask all to end at the same time, and kill those that have not ended ``within`` seconds."""
    children = tuple(children)
    for child in children:
        child.ask_to_end()
    end = time.monotonic() + within
    for child in children:
        child.await_end(within=max(0.0, end - time.monotonic()))


def kill_all(children: Iterable[Child]) -> None:
    """End all at once."""
    for child in children:
        child.kill()


@functools.cache
def _starter() -> ThreadPoolExecutor:
    """The thread that starts every child; it must last, as Linux ends a child with the *thread* that started it."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="starter")


def _tied_to_us() -> tuple[str, ...]:
    """What to put before a command so that it ends with this process, where the system can do that."""
    if sys.platform != "linux":
        return ()
    return (sys.executable, "-I", "-S", die_with_parent.__file__, str(os.getpid()))
