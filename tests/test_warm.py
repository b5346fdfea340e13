from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.running import COMMAND, REGION, environment, run, run_command

ADD = ("account", "add", "anna@lot.example", "--organisation", "zrot", "--name", "Anna Żak")


@pytest.mark.parametrize(
    ("arguments", "typed"),
    [(("region", "check", str(REGION)), ""), (("no-command",), ""), (ADD, "krótkie\nkrótkie\n")],
    ids=["says something", "is refused", "is asked for a password"],
)
def test_forked_command_ends_as_one_that_starts_cold(arguments: tuple[str, ...], typed: str, tmp_path: Path) -> None:
    cold = run(*COMMAND, *arguments, folder=tmp_path, typed=typed, environment=environment({}))

    warm = run_command(*arguments, folder=tmp_path, typed=typed)

    shown = {each.stderr.replace("python -m services.cli", "kalendarium") for each in (cold, warm)}
    assert (warm.returncode, warm.stdout, len(shown)) == (cold.returncode, cold.stdout, 1)
