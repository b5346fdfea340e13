from __future__ import annotations

import sys
from typing import Any

import pytest

from services.admin.doctor.findings import Level
from services.admin.doctor.pictures import examine_pictures
from shared.sandbox.model import ChildLimits, SandboxTask

NAUGHTY = "tests.shared.sandbox.naughty"


@pytest.mark.skipif(sys.platform != "linux", reason="the filter of system calls is Linux's")
async def test_a_machine_on_which_pictures_can_be_read_is_well() -> None:
    [found] = await examine_pictures()

    assert (found.level, found.about) == (Level.OK, "pictures")


@pytest.mark.parametrize(
    ("task", "level"),
    [
        (SandboxTask(f"{NAUGHTY}:leave", int), Level.BROKEN),
        (SandboxTask(f"{NAUGHTY}:no_such_function", int), Level.BROKEN),
        (SandboxTask(f"{NAUGHTY}:sleep", int, ChildLimits(seconds=0.2)), Level.WARNING),
        (SandboxTask(f"{NAUGHTY}:count", int), Level.WARNING),
    ],
    ids=["dies", "cannot begin", "too slow", "takes anything"],
)
async def test_a_child_that_does_not_do_its_work_is_told(task: SandboxTask[Any], level: Level) -> None:
    [found] = await examine_pictures(task)

    assert found.level is level
    assert found.do
