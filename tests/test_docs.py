"""Docs that can fail: what is generated is current, what is promised exists."""

from __future__ import annotations

import itertools
import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from docs.reference import documents
from shared.settings import CommonSettings
from shared.version import VERSION

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [path for pattern in ("*.md", "docs/**/*.md", "deploy/**/*.md") for path in sorted(ROOT.glob(pattern))]
RECORDS = {"CHANGELOG.md", "performance.md", "reliability.md"}
"""What was true once: the names in them may be gone."""
NAMING = [page for page in PAGES if page.name not in RECORDS]

FOLDERS = (".ci", ".githooks", "bench", "deploy", "docs", "faults", "services", "shared", "tests")
FILES = [
    path.relative_to(ROOT)
    for path in [*ROOT.iterdir(), *(path for folder in FOLDERS for path in (ROOT / folder).rglob("*"))]
    if "__pycache__" not in path.parts
]
PATHS = {f"/{path}" for path in FILES}
ELSEWHERE = {"licences.md", "logins.json", "uv.lock"}
"""Files that are somebody else's, or made while the product runs."""
DATABASES = ("kalendarium_", "trial_")

FROM_THE_ROOT = re.compile(rf"(?<![\w/.@:-])(?:{'|'.join(map(re.escape, FOLDERS))})/[\w./-]*")
ALONE = re.compile(r"`([\w.][\w./-]*(?:/|\.(?:py|html|css|json|toml|ya?ml|conf|lock|cfg|md)))`")

SOURCE = "\n".join(
    (ROOT / path).read_text(encoding="utf-8")
    for path in FILES
    if path.parts[0] in {"bench", "deploy", "faults", "services", "shared"}
    and path.suffix in {".py", ".html", ".yml", ".conf"}
)


def page_id(page: Path) -> str:
    return str(page.relative_to(ROOT))


def named_in(text: str) -> list[str]:
    """Files and folders that a page names: by their path from the root anywhere, by the end of it in backticks."""
    rooted = [name.rstrip(".-") for name in FROM_THE_ROOT.findall(text)]
    return [*rooted, *(name for name in ALONE.findall(text) if name not in {*rooted, *ELSEWHERE})]


def exists(name: str) -> bool:
    ending = f"/{name.rstrip('/')}"
    if name.partition("/")[0] in FOLDERS:
        return ending in PATHS
    return name.startswith("var/") or any(path.endswith(ending) for path in PATHS)


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


@pytest.mark.parametrize("page", PAGES, ids=page_id)
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", NAMING, ids=page_id)
def test_every_file_and_folder_named_in_a_page_exists(page: Path) -> None:
    assert [name for name in named_in(page.read_text(encoding="utf-8")) if not exists(name)] == []


def test_a_file_that_does_not_exist_is_found() -> None:
    text = "Run `tests/services/test_nowhere.py -k x`; rules are in `imports/`, `nowhere.py` and shared/nowhere/."

    assert [name for name in named_in(text) if not exists(name)] == [
        "tests/services/test_nowhere.py",
        "shared/nowhere/",
        "imports/",
        "nowhere.py",
    ]


def test_every_name_of_the_handbook_stands_in_the_source() -> None:
    """Log events, metrics, checks, headers of answers: what an operator searches for."""
    text = (ROOT / "docs/operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", text))

    assert [name for name in sorted(named) if not name.startswith(DATABASES) and name not in SOURCE] == []


def test_every_word_of_the_glossary_is_used_in_the_code() -> None:
    words = re.findall(r"^\| \*\*([^*]+)\*\*", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    used = re.sub(r"[\s_-]", "", SOURCE.lower())

    assert words
    assert [word for word in words if re.sub(r"[\s_-]", "", word.lower()) not in used] == []


def test_no_word_stands_twice_in_the_glossary_and_each_table_is_in_order() -> None:
    tables = re.findall(r"(?:^\| \*\*.*\n)+", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    words = [re.findall(r"^\| \*\*([^*]+)\*\*", table, re.MULTILINE) for table in tables]

    assert [table for table in words if table != sorted(table, key=str.casefold)] == []
    assert [word for word, times in Counter(itertools.chain(*words)).items() if times > 1] == []


def test_the_version_is_named_in_one_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    openapi = sorted((ROOT / "docs/openapi").glob("*.json"))
    manifests = [path.read_text(encoding="utf-8") for path in (ROOT / "deploy/kubernetes").rglob("kustomization.yaml")]

    assert "version" not in project["project"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "shared.version.VERSION"}
    assert {json.loads(path.read_text(encoding="utf-8"))["info"]["version"] for path in openapi} == {VERSION}
    assert {tag for text in manifests for tag in re.findall(r"newTag: ([\w.]+)", text)} == {VERSION}


def elsewhere_in(text: str) -> list[str]:
    """References to documents that are not in this repository, and to their sections."""
    named = [name for name in re.findall(r"\b[\w/-]+\.md\b", text) if not (name in ELSEWHERE or exists(name))]
    return [*named, *re.findall(r"(?i)\bdesign,? section \d+|\(A\d{1,2}\b|\breliability A?\d+|\binvariant \d+", text)]


def test_the_code_refers_to_no_document_that_is_elsewhere() -> None:
    found = {path: elsewhere_in((ROOT / path).read_text(encoding="utf-8")) for path in FILES if path.suffix == ".py"}

    assert {str(path): names for path, names in found.items() if names and path != Path("tests/test_docs.py")} == {}


def test_a_reference_to_a_document_that_is_elsewhere_is_found() -> None:
    text = "See nowhere.md and docs/glossary.md; the reason (A9) is in design section 4, invariant 1."

    assert elsewhere_in(text) == ["nowhere.md", "(A9", "design section 4", "invariant 1"]
