"""The operator's handbook: every alert has its section, every command exists, every place it names is there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, Final

import pytest
import typer.main
import yaml

from services.cli import kalendarium
from shared.settings import CommonSettings

ROOT: Final = Path(__file__).parents[1]
HANDBOOK: Final = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
RULES: Final = ROOT / "deploy" / "monitoring" / "alerts.yml"
OF_ONE_SERVICE: Final = {"KAL_FEEDS_MEGABYTES", "KAL_PICTURES_MEGABYTES"}
"""Settings that stand in a service's own app."""


def alerts() -> dict[str, Any]:
    groups = yaml.safe_load(RULES.read_text(encoding="utf-8"))["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def sections() -> dict[str, str]:
    """The text under each heading of the chapter about alerts."""
    chapter = HANDBOOK.split("\n## Alerts\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]
    parts = re.split(r"\n### (\w+)\n", chapter)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_every_alert_has_its_section_and_every_section_an_alert() -> None:
    assert sorted(sections()) == sorted(alerts())


@pytest.mark.parametrize("alert", sorted(alerts()))
def test_runbook_of_an_alert_is_its_section(alert: str) -> None:
    assert alerts()[alert]["annotations"]["runbook"] == f"docs/operations.md#{alert.lower()}"


@pytest.mark.parametrize("name", sorted(sections()))
def test_section_says_what_it_means_where_to_look_and_what_to_do(name: str) -> None:
    assert re.findall(r"\*\*(It means|Look|Do)\*\*", sections()[name]) == ["It means", "Look", "Do"]


def commands() -> list[str]:
    """Every command line that the handbook names: after `kalendarium`, or after a service of compose."""
    by_name = re.findall(r"(?<![\w/])(?<!-n )kalendarium ([a-z][^`\n|>…]*)", HANDBOOK)
    in_compose = re.findall(r"docker compose run --rm (?:-T )?\w+\s+([a-z][^`\n|><\\…]*)", HANDBOOK)
    return sorted({each.strip() for each in by_name + in_compose})


@pytest.mark.parametrize("line", commands())
def test_command_exists_with_its_options(line: str) -> None:
    words = shlex.split(line.replace("$(date +%F)", "today"))
    command: Any = typer.main.get_command(kalendarium)
    while inside := getattr(command, "commands", None):
        assert words[0] in inside
        command = inside[words.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}

    assert {word for word in words if word.startswith("--")} - options == set()


def test_handbook_says_of_every_collection_what_it_holds_of_a_person() -> None:
    sources = [
        path.read_text(encoding="utf-8") for folder in ("services", "shared") for path in (ROOT / folder).rglob("*.py")
    ]
    named = {name for source in sources for name in re.findall(r'\bdatabase\["(\w+)"\]', source)}
    chapter = HANDBOOK.split("\n## A person leaves\n", maxsplit=1)[1].split("\n## ", maxsplit=1)[0]

    assert "drafts" in named
    assert {each for each in named if f"`{each}`" not in chapter} == set()


def test_the_handbook_names_commands() -> None:
    assert {"backup -", "restore --check FILE", "rebuild --new-log", "rebuild distribution"} <= set(commands())


def test_settings_that_are_named_exist() -> None:
    known = {f"KAL_{name.upper()}" for name in CommonSettings.model_fields} | OF_ONE_SERVICE

    assert set(re.findall(r"KAL_[A-Z_]*[A-Z]", HANDBOOK)) - known == set()


def test_places_within_the_handbook_exist() -> None:
    headings = re.findall(r"^#+ (.+)$", HANDBOOK, re.MULTILINE)
    anchors = {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}

    assert set(re.findall(r"\]\(#([^)]+)\)", HANDBOOK)) - anchors == set()
