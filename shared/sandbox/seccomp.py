"""Seccomp filter: the few system calls that computing needs; all others fail. Linux on x86-64 and AArch64.

No file can be opened then, no socket, no process started or signalled, whatever code the bytes bring to run.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
import sys
from collections.abc import Mapping, Sequence
from typing import Final

# From <linux/audit.h>, <linux/seccomp.h>, <linux/prctl.h>, <linux/bpf_common.h>.
_ARCHITECTURES: Final[Mapping[str, int]] = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_PR_SET_SECCOMP: Final = 22
_PR_SET_NO_NEW_PRIVS: Final = 38
_MODE_FILTER: Final = 2
_RET_ERRNO: Final = 0x00050000
_RET_ALLOW: Final = 0x7FFF0000
_LOAD_WORD: Final = 0x20
_JUMP_IF_EQUAL: Final = 0x15
_RETURN: Final = 0x06
_NUMBER_AT: Final = 0
_ARCHITECTURE_AT: Final = 4

# The numbers of <asm/unistd.h>: x86-64, AArch64. Signals are handled, never sent; threads are processes to the kernel.
_CALLS: Final[Mapping[str, tuple[int, int]]] = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "lseek": (8, 62),
    "fstat": (5, 80),
    "mmap": (9, 222),
    "munmap": (11, 215),
    "mremap": (25, 216),
    "mprotect": (10, 226),
    "madvise": (28, 233),
    "brk": (12, 214),
    "futex": (202, 98),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sigaltstack": (131, 132),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "gettimeofday": (96, 169),
    "getrandom": (318, 278),
    "getpid": (39, 172),
    "gettid": (186, 178),
    "sched_yield": (24, 124),
    "exit": (60, 93),
    "exit_group": (231, 94),
}


class SeccompUnavailable(Exception):
    """The kernel does not take the filter."""


class _Program(ctypes.Structure):
    """``struct sock_fprog``."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def build_filter(machine: str) -> bytes:
    """Return the BPF program; raises KeyError if the architecture is not known."""
    architecture = _ARCHITECTURES[machine]
    numbers = [each[list(_ARCHITECTURES).index(machine)] for each in _CALLS.values()]
    # A jump counts the instructions that it leaves out: to the last one, which allows, or the one before, which denies.
    checks = [_instruct(_JUMP_IF_EQUAL, number, len(numbers) - index, 0) for index, number in enumerate(numbers)]
    return b"".join(
        [
            _instruct(_LOAD_WORD, _ARCHITECTURE_AT),
            _instruct(_JUMP_IF_EQUAL, architecture, 0, len(numbers) + 1),
            _instruct(_LOAD_WORD, _NUMBER_AT),
            *checks,
            _instruct(_RETURN, _RET_ERRNO | errno.EPERM),
            _instruct(_RETURN, _RET_ALLOW),
        ]
    )


def _instruct(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def is_filter_known() -> bool:
    """Whether the filter is written for this system."""
    return sys.platform == "linux" and platform.machine() in _ARCHITECTURES


def allow_computing_only() -> None:
    """Install the filter for good, where it is known. Raises SeccompUnavailable."""
    if is_filter_known():
        _install(build_filter(platform.machine()))


def _install(instructions: bytes) -> None:
    program = _Program(len(instructions) // struct.calcsize("=HBBI"), instructions)
    steps: Sequence[tuple[object, ...]] = (
        (_PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), ctypes.c_ulong(0), ctypes.c_ulong(0), ctypes.c_ulong(0)),
        (_PR_SET_SECCOMP, ctypes.c_ulong(_MODE_FILTER), ctypes.byref(program)),
    )
    control = ctypes.CDLL(None, use_errno=True).prctl
    for step in steps:
        if control(*step) != 0:
            raise SeccompUnavailable(os.strerror(ctypes.get_errno()))
