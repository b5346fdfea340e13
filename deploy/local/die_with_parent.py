"""Becomes the given command, after asking Linux to kill this process when its parent ends.

A script, run as ``python die_with_parent.py <the parent's process id> <command> …``. What it asks for outlives the
exec; a function between fork and exec would do the same, but may lock up a parent that has threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


def main() -> None:
    """Read the command line, tie this process to its parent, and become the command."""
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):  # it ended before we asked
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - becoming the command is the purpose, and no shell is wanted
    except OSError as error:
        sys.exit(f"Cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
