"""The commit-msg hook, as git runs it and on its own."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

import pytest

from deploy.commit_msg import list_errors

ROOT: Final = Path(__file__).parents[2]
BODY: Final = "Two replicas with clocks a second apart gave two tags\nfor one state.\n"


@pytest.mark.parametrize(
    "message",
    [
        "Take the clock from the caller\n",
        f"Take the clock from the caller\n\n{BODY}",
        f"{'x' * 60}\n\n{'y ' * 35}z\n",
        f"Link the standard\n\nhttps://example.org/{'x' * 80}\n",
        f"Quote a log\n\n    {'x ' * 60}\n",
        f"Thank somebody\n\nReported-by: {'Name ' * 14}<name@example.org>\n",
        "Say 18:00 with a colon\n",
        "\n# Please enter the commit message\nTake the clock from the caller\n",
        f"Take the clock\n# ------------------------ >8 ------------------------\n+{'x ' * 60}\n",
        f"fixup! {'x ' * 40}\n",
        f"Merge branch '{'x' * 60}' into main\n",
        "",
    ],
)
def test_good_message_is_let_through(message: str) -> None:
    assert list_errors(message) == []


@pytest.mark.parametrize(
    ("message", "error"),
    [
        (f"{'x' * 61}\n", "The subject has 61 characters; 60 are allowed."),
        (
            "Take the clock from the caller: replicas differ\n",
            "The subject has a colon: the reason belongs in the body, and there are no prefixes.",
        ),
        ("Take the clock from the caller.\n", "The subject ends with a full stop; leave it out."),
        (f"Take the clock from the caller\n{BODY}", "The second line must be blank."),
        (f"Take the clock\n\n{'y ' * 36}z\n", "Line 3 has 73 characters; wrap the body at 72."),
    ],
)
def test_bad_message_is_refused_with_what_is_wrong(message: str, error: str) -> None:
    assert list_errors(message) == [error]


@pytest.mark.parametrize(("subject", "code"), [("Take the clock from the caller", 0), ("Take the clock.", 1)])
def test_git_asks_the_hook(tmp_path: Path, subject: str, code: int) -> None:
    def git(*arguments: str) -> int:
        author = ("-c", "user.name=Test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false")
        hooks = ("-c", f"core.hooksPath={ROOT / '.githooks'}")
        command = ["git", "-C", str(tmp_path), *author, *hooks, *arguments]
        return subprocess.run(command, check=False, capture_output=True).returncode  # noqa: S603 - git, with our words

    assert git("init") == 0

    assert git("commit", "--allow-empty", "-m", subject) == code
