"""Docs that can fail: what is generated is current, what is promised exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.reference import documents
from shared.settings import CommonSettings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]


def test_generated_documents_are_current() -> None:
    stale = [str(path) for path, text in documents().items() if (ROOT / path).read_text(encoding="utf-8") != text]

    assert stale == [], "run `make documents`"


@pytest.mark.parametrize("command", sorted(set(re.findall(r"(?:^|`)make ([a-z]+)", README, re.MULTILINE))))
def test_every_make_command_of_the_readme_exists(command: str) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert re.search(rf"^{command}:", makefile, re.MULTILINE)


def test_the_readme_describes_every_setting() -> None:
    named = set(re.findall(r"KAL_[A-Z_]+", README))

    assert {f"KAL_{name.upper()}" for name in CommonSettings.model_fields} - named == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_the_architecture_names_files_that_exist() -> None:
    text = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:services|shared|deploy|tests)/[\w./]+\.(?:py|json))`", text)

    assert [name for name in named if not (ROOT / name).exists()] == []
