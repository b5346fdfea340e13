from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvloop
from hypothesis import given
from hypothesis import strategies as st

from shared.sandbox.model import (
    ChildDied,
    ChildLate,
    ChildLimits,
    ChildTooSlow,
    InputRefused,
    SandboxBusy,
    SandboxTask,
    SandboxUnavailable,
)
from shared.sandbox.sandbox import PYTHON, Sandbox, _read_answer, write_order
from tests.support.clients import eventually

NAUGHTY = "tests.shared.sandbox.naughty"
COUNT = SandboxTask(f"{NAUGHTY}:count", int)
TRY_OUT = SandboxTask(f"{NAUGHTY}:try_out", str)
SLEEP = SandboxTask(f"{NAUGHTY}:sleep", int)
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the filter of system calls is Linux's")


def make_task(name: str, kind: type[Any] = int, *, limits: ChildLimits | None = None) -> SandboxTask[Any]:
    return SandboxTask(f"{NAUGHTY}:{name}", kind, limits or ChildLimits())


def list_children() -> set[int]:
    """Zombies are among them."""
    found: set[int] = set()
    for each in Path("/proc/self/task").glob("*/children"):
        with suppress(OSError):
            found |= {int(pid) for pid in each.read_text(encoding="utf-8").split()}
    return found


async def wait_for_children(before: set[int]) -> set[int]:
    while not (found := list_children() - before):  # noqa: ASYNC110 - the system tells nobody
        await asyncio.sleep(0.01)
    return found


async def read_number(path: Path) -> int:
    return int(path.read_text(encoding="ascii"))  # noqa: ASYNC240 - it is in memory


@pytest.fixture(autouse=True)
async def _no_child_is_left() -> AsyncIterator[None]:
    before = list_children()
    yield
    assert list_children() - before == set()


async def test_the_function_is_called_with_the_bytes_and_the_options() -> None:
    assert await Sandbox().run(COUNT, bytes(3_000_000), {"more": 1}) == 3_000_001


def test_a_child_runs_from_the_event_loop_of_the_services() -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(Sandbox().run(COUNT, bytes(3_000_000))) == 3_000_000
        with pytest.raises(ChildLate):
            runner.run(Sandbox().run(make_task("sleep", limits=ChildLimits(seconds=0.2)), b""))


async def test_a_refusal_comes_back_with_its_code() -> None:
    with pytest.raises(InputRefused) as refused:
        await Sandbox().run(make_task("refuse"), b"")

    assert refused.value.code == "too_green"


async def test_an_error_is_named_without_what_it_says() -> None:
    with pytest.raises(ChildDied, match=r"^ValueError at naughty\.py:\d+$"):
        await Sandbox().run(make_task("fail"), b"private")


@pytest.mark.parametrize(
    ("task", "error"),
    [
        (make_task("loop", limits=ChildLimits(cpu_seconds=1)), ChildTooSlow),
        (make_task("sleep", limits=ChildLimits(seconds=0.5)), ChildLate),
    ],
    ids=["computes", "waits"],
)
async def test_a_child_that_does_not_end_is_ended(task: SandboxTask[int], error: type[Exception]) -> None:
    with pytest.raises(error):
        await Sandbox().run(task, b"")


@pytest.mark.parametrize(
    ("task", "options", "reason"),
    [
        (make_task("no_such_function"), {}, "it cannot begin: AttributeError"),
        (SandboxTask("no.such:module", int), {}, "it cannot begin: ModuleNotFoundError"),
        (make_task("count", limits=ChildLimits(memory=1_000_000)), {}, "it ended before|it cannot begin"),
        (COUNT, {"an argument for a process may not be as long as": "x" * 1_000_000}, "it cannot be started"),
    ],
    ids=["unknown function", "unknown module", "no memory to begin with", "no process"],
)
async def test_bytes_are_not_blamed_for_a_child_that_cannot_begin(
    task: SandboxTask[int], options: dict[str, str], reason: str
) -> None:
    with pytest.raises(SandboxUnavailable, match=reason):
        await Sandbox().run(task, b"some bytes", options)


def test_bytes_are_not_blamed_for_a_child_that_was_killed() -> None:
    with pytest.raises(SandboxUnavailable):
        _read_answer(COUNT, b"", -signal.SIGKILL)
    with pytest.raises(ChildDied, match="too long"):
        _read_answer(COUNT, None, -signal.SIGKILL)


@pytest.mark.parametrize(
    ("task", "options"),
    [
        (make_task("eat_memory"), {"bytes": 600_000_000}),
        (make_task("talk", bytes, limits=ChildLimits(answer=1_000)), {"bytes": 5_000_000}),
        (make_task("talk", bytes, limits=ChildLimits(answer=1_000)), {"bytes": 1_001}),
        (make_task("talk", int), {"bytes": 1_000}),
        (make_task("crash"), {}),
        (make_task("babble"), {}),
        (make_task("leave"), {}),
    ],
    ids=["memory", "prints for long", "prints too much", "another type", "signal", "nonsense", "silence"],
)
async def test_a_child_without_a_proper_answer_has_died(task: SandboxTask[Any], options: dict[str, int]) -> None:
    with pytest.raises(ChildDied):
        await Sandbox().run(task, b"some bytes", options)


@LINUX
@pytest.mark.parametrize(
    "act",
    [
        b"fork",
        b"exec",
        b"write",
        b"read",
        b"remove",
        b"environment of the parent",
        b"socket",
        b"socket pair",
        b"kill the parent",
    ],
    ids=bytes.decode,
)
async def test_a_child_can_only_compute(act: bytes, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("as it was", encoding="utf-8")

    said = await Sandbox().run(TRY_OUT, act, {"path": str(file), "parent": os.getpid()})

    assert said == "refused 1"
    assert file.read_text(encoding="utf-8") == "as it was"


async def test_a_child_gets_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KAL_MONGO_URL", "mongodb://user:secret@host")

    environment = await Sandbox().run(make_task("tell_environment", dict[str, str]), b"")

    assert not [name for name in environment if name.startswith(("KAL_", "PYTHON"))]
    assert "secret" not in str(environment)


async def test_bytes_that_the_child_does_not_read_hold_nobody_up() -> None:
    with pytest.raises(SandboxUnavailable, match=r"^it cannot begin: AttributeError at child\.py:\d+$"):
        await Sandbox().run(make_task("no_such_function"), bytes(20_000_000))


@LINUX
async def test_a_child_ends_with_the_caller_that_is_cancelled() -> None:
    before = list_children()
    calling = asyncio.create_task(Sandbox().run(SLEEP, b""))
    [child] = await wait_for_children(before)
    first_to_end = Path(f"/proc/{child}/oom_score_adj")
    assert await eventually(partial(read_number, first_to_end), 1000) == 1000

    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling

    assert list_children() == before


def test_a_child_that_nobody_waits_for_ends_by_itself() -> None:
    order = write_order(make_task("count", limits=ChildLimits(seconds=0.5)), {})

    with subprocess.Popen(  # noqa: S603 - what a sandbox starts
        [sys.executable, *PYTHON, order], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd="/", env={}
    ) as child:
        assert child.wait(timeout=60) == -signal.SIGALRM


async def test_the_next_waits_for_its_turn_and_others_are_told_to_come_back() -> None:
    sandbox = Sandbox(at_once=1, waiting=1)
    calls = [asyncio.create_task(sandbox.run(COUNT, bytes(each))) for each in range(3)]

    assert await asyncio.gather(*calls[:2]) == [0, 1]
    with pytest.raises(SandboxBusy):
        await calls[2]
    assert await sandbox.run(COUNT, b"again") == 5


async def test_nobody_waits_for_ever() -> None:
    sandbox = Sandbox(at_once=1, wait_seconds=0.05)
    first = asyncio.create_task(sandbox.run(SLEEP, b""))
    await asyncio.sleep(0)

    with pytest.raises(SandboxBusy):
        await sandbox.run(COUNT, b"")

    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await sandbox.run(COUNT, b"free") == 4


@given(raw=st.binary(max_size=40) | st.none(), code=st.sampled_from([0, 1, -9, -11]))
def test_whatever_a_child_answers_is_a_value_or_a_refusal(raw: bytes | None, code: int) -> None:
    with suppress(ChildDied, InputRefused, SandboxUnavailable):
        assert isinstance(_read_answer(COUNT, raw, code), int)


@given(text=st.text(max_size=3) | st.sampled_from(["a" * 101, "too_green\n", "ValueError at a.py:1"]))
@pytest.mark.parametrize("name", ["refused", "failed"])
def test_nothing_but_a_short_mark_of_a_child_reaches_the_log(name: str, text: str) -> None:
    with pytest.raises((ChildDied, InputRefused)) as ended:
        _read_answer(COUNT, msgspec.msgpack.encode({name: text, "value": None}), 0)

    assert re.fullmatch(r"[a-zA-Z0-9_.:<> -]{1,100}", str(ended.value))
