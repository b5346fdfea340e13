from __future__ import annotations

from dataclasses import dataclass

import pytest

from shared.database.versioned import Contended, write_versioned


@dataclass
class Counter:
    """A versioned value; other writes come first as often as ``races`` says."""

    races: int = 0
    version: int = 0
    attempts: int = 0

    async def load(self) -> int:
        self.attempts += 1
        return self.version

    async def save(self, before: int, after: int) -> str | None:
        if self.races:
            self.races -= 1
            self.version += 10
        if before != self.version:
            return None
        self.version = after
        return f"version {after}"


async def test_the_result_is_that_of_the_save() -> None:
    counter = Counter()

    assert await write_versioned(counter.load, lambda version: version + 1, counter.save) == "version 1"


async def test_after_another_write_the_command_sees_the_new_version() -> None:
    counter = Counter(races=2)

    assert await write_versioned(counter.load, lambda version: version + 1, counter.save) == "version 21"
    assert counter.attempts == 3


async def test_attempts_end_when_other_writes_are_always_first() -> None:
    counter = Counter(races=99)

    with pytest.raises(Contended):
        await write_versioned(counter.load, lambda version: version + 1, counter.save, attempts=4)

    assert counter.attempts == 4


async def test_an_error_of_the_command_ends_the_write() -> None:
    counter = Counter()

    with pytest.raises(ZeroDivisionError):
        await write_versioned(counter.load, lambda version: 1 // version, counter.save)

    assert (counter.attempts, counter.version) == (1, 0)


async def test_a_false_result_is_a_result() -> None:
    async def save(_before: int, _after: int) -> bool:
        return False

    assert await write_versioned(Counter().load, lambda version: version, save) is False
