"""Check whether a child process can read pictures on this machine, and is locked in."""

from __future__ import annotations

from typing import Any, Final

from services.admin.doctor.findings import Finding, broken, ok, warning
from shared.media.model import MAKE_PICTURE
from shared.sandbox.model import ChildDied, ChildLate, ChildTooSlow, InputRefused, SandboxTask, SandboxUnavailable
from shared.sandbox.sandbox import Sandbox
from shared.sandbox.seccomp import is_filter_known

ABOUT: Final = "pictures"
NOTHING: Final = b""


async def examine_pictures(task: SandboxTask[Any] = MAKE_PICTURE) -> list[Finding]:
    """``task`` has to refuse an empty file."""
    try:
        await Sandbox().run(task, NOTHING)
    except InputRefused:
        return [_check_filter(is_known=is_filter_known())]
    except (ChildLate, ChildTooSlow):
        return [
            warning(ABOUT, "The child process that reads them is too slow to begin.", "See what loads the machine.")
        ]
    except (ChildDied, SandboxUnavailable) as died:
        what = f"The child process that reads them does not do it ({died}), so no upload is taken."
        do = "Let the container's own filter of system calls (seccomp) permit prctl, and give it 512 MiB for a child."
        return [broken(ABOUT, what, do)]
    return [warning(ABOUT, "An empty file was taken for a picture.", "Please report this line.")]


def _check_filter(*, is_known: bool) -> Finding:
    if is_known:
        return ok(ABOUT, "A child process reads them, without files, network or other processes.")
    what = "The child process that reads them has limits of time and memory only: this system has no filter we know."
    return warning(ABOUT, what, "Let strangers upload only where ingest runs on Linux, on x86-64 or AArch64.")
