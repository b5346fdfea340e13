"""The filter as the kernel would run it, also for the architecture that this machine does not have."""

from __future__ import annotations

import struct

import pytest

from shared.sandbox.seccomp import build_filter

X86_64, AARCH64 = 0xC000003E, 0xC00000B7
ALLOW, DENY = 0x7FFF0000, 0x00050001


def run(program: bytes, *, architecture: int, number: int) -> int:
    instructions = [struct.unpack_from("=HBBI", program, at) for at in range(0, len(program), 8)]
    seen, at = 0, 0
    while True:
        code, if_true, if_false, value = instructions[at]
        at += 1
        match code:
            case 0x20:
                seen = {0: number, 4: architecture}[value]
            case 0x15:
                at += if_true if seen == value else if_false
            case 0x06:
                return int(value)


def list_allowed(machine: str, architecture: int) -> set[int]:
    program = build_filter(machine)
    return {number for number in range(600) if run(program, architecture=architecture, number=number) == ALLOW}


@pytest.mark.parametrize(
    ("machine", "architecture", "allowed"),
    [
        ("x86_64", X86_64, [0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 28, 39, 60, 96, 131, 186, 202, 219, 228]),
        ("aarch64", AARCH64, [57, 62, 63, 64, 80, 93, 94, 98, 113, 115, 124, 128, 132, 134, 135, 139, 169, 172, 178]),
    ],
)
def test_only_what_computing_needs_is_allowed(machine: str, architecture: int, allowed: list[int]) -> None:
    found = list_allowed(machine, architecture)

    assert set(allowed) <= found
    assert len(found) == 26


@pytest.mark.parametrize(
    ("machine", "architecture", "denied"),
    [
        # open, socket, connect, clone, fork, execve, kill, ptrace, openat, prctl, io_uring_setup, clone3
        ("x86_64", X86_64, [2, 41, 42, 56, 57, 59, 62, 101, 257, 157, 425, 435]),
        ("aarch64", AARCH64, [56, 198, 203, 220, 221, 129, 117, 167, 425, 435]),
    ],
)
def test_what_reaches_out_of_the_process_is_denied(machine: str, architecture: int, denied: list[int]) -> None:
    program = build_filter(machine)

    assert {run(program, architecture=architecture, number=number) for number in denied} == {DENY}


def test_the_calls_of_another_architecture_are_denied() -> None:
    # 32-bit calls on a 64-bit kernel have other numbers; those of x32 a bit that no number here has.
    assert run(build_filter("x86_64"), architecture=0x40000003, number=1) == DENY
    assert run(build_filter("x86_64"), architecture=X86_64, number=0x40000000) == DENY
