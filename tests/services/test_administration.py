"""The administrator's page promises nothing that the command line does not have."""

from __future__ import annotations

from typing import Any

import pytest
from typer.main import get_command

from services.cli import kalendarium
from shared.web.auth.administration import COMMANDS, ShellCommand


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.line)
def test_every_command_that_an_administrator_is_told_exists(command: ShellCommand) -> None:
    found: Any = get_command(kalendarium)
    words = command.line.split()
    while hasattr(found, "commands"):
        found = found.commands[words.pop(0)]

    options = {option for each in found.params if each.param_type_name == "option" for option in each.opts}
    arguments = [each for each in found.params if each.param_type_name == "argument"]
    told = {word for word in words if word.startswith("--")}

    assert told <= options
    assert len(words) - 2 * len(told) == len(arguments)
