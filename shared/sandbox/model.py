"""What a sandbox runs, within which limits, and how it may end. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

T = TypeVar("T")

MEBIBYTE: Final = 1 << 20


class InputRefused(Exception):
    """The function refuses the bytes; ``code`` says why. Raised by it in the child, and again where it was called."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class ChildTooSlow(Exception):
    """The bytes cost more computing than the limits allow."""


class ChildDied(Exception):
    """No answer: a crash, out of its memory, or an error of the function. The text is for logs."""


class SandboxUnavailable(Exception):
    """The machine is at fault, not the bytes: a child could not begin, or was killed. The text is for logs."""


class ChildLate(SandboxUnavailable):
    """Time by the clock is over, though the computing that the bytes may cost was not used up."""


class SandboxBusy(Exception):
    """All children are at work, and others wait already: try again later."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLimits:
    """``memory`` is address space, ``answer`` what is read from the child, both in bytes; ``seconds`` by the clock."""

    memory: int = 512 * MEBIBYTE
    cpu_seconds: int = 10
    seconds: float = 30.0
    answer: int = 32 * MEBIBYTE


@dataclass(frozen=True, slots=True)
class SandboxTask(Generic[T]):
    """A function ``(data: bytes, options: dict) -> T``, named ``module:function``; only the child imports it.

    Its module must import all it needs: afterwards no file can be opened. ``answer`` is a type that msgspec decodes.
    """

    function: str
    answer: type[T]
    limits: ChildLimits = ChildLimits()
