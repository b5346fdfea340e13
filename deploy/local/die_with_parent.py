"""Exec wrapper that sets PR_SET_PDEATHSIG, so that Linux kills the process when its parent exits.

``python die_with_parent.py <parent pid> <command> …``. A ``preexec_fn`` could deadlock a parent that has threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # from <linux/prctl.h>


def main() -> None:
    parent, *command = sys.argv[1:]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(parent):  # the parent exited before prctl
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606 - exec is the purpose, and no shell is wanted
    except OSError as error:
        sys.exit(f"Cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
