"""Brings the catalogues of ``shared/web/locale`` up to date: ``python -m shared.web.catalogue``.

It collects the texts from the code and the templates, adds what is new to each language's ``messages.po``, without
words, and drops what is no longer said. Polish is what the texts are written in, so its catalogue holds plurals only;
English says everything; German everything that the public sees. ``--check`` changes nothing and fails if it would.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from shared.languages import locale
from shared.web.locale import FOLDER, SOURCE, UI_LANGUAGES

ROOT: Final = Path(__file__).parents[2]
PUBLIC: Final = ("shared/web/", "services/distribution/")
METHODS: Final = [("**/templates/**.html", "jinja2.ext:babel_extract"), ("**.py", "python")]
OPTIONS: Final = {"**/templates/**.html": {"silent": "false", "newstyle_gettext": "true", "trimmed": "true"}}
KEYWORDS: Final = {
    "_": None,
    "gettext": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "n_": (1, 2),
    "ngettext_noop": (1, 2),
}
WRITTEN: Final = datetime(2026, 11, 21, tzinfo=UTC)
"""The date in every catalogue's head: it must not change with each run."""

Key = str | tuple[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """A text, or its two forms in the code, and the files that say it."""

    key: Key
    files: tuple[str, ...]

    @property
    def public(self) -> bool:
        """Whether the public sees it."""
        return any(file.startswith(PUBLIC) for file in self.files)


def collect() -> list[Said]:
    """Collect the texts of the code and the templates, in the order of the files."""
    found: dict[Key, list[str]] = {}
    for folder in ("shared/web", "services"):
        for file, key in _extracted(folder):
            files = found.setdefault(key, [])
            if file not in files:
                files.append(file)
    return [Said(key, tuple(sorted(files))) for key, files in found.items()]


def _extracted(folder: str) -> Iterator[tuple[str, Key]]:
    extraction = extract_from_dir(ROOT / folder, METHODS, OPTIONS, KEYWORDS)
    for name, _line, message, _comments, _context in sorted(extraction, key=lambda found: (found[0], found[1])):
        key: Key = (message[0], message[1]) if isinstance(message, tuple) else message
        if key:
            yield f"{folder}/{Path(name).as_posix()}", key


def needed(language: str, said: list[Said]) -> list[Said]:
    """Choose the texts that a language's catalogue must hold."""
    if language == SOURCE:
        return [each for each in said if isinstance(each.key, tuple)]
    return said if language == "en" else [each for each in said if each.public]


def updated(language: str, said: list[Said]) -> Catalog:
    """Make a language's catalogue of the texts it needs, with the words that it has already."""
    before = read(language)
    catalogue = Catalog(
        locale=locale(language).language,
        project="Kalendarium",
        msgid_bugs_address="see CONTRIBUTING.md",
        header_comment="# Words for the texts in the code. python -m shared.web.catalogue keeps this file up to date.",
        version="1",
        last_translator="the authors of Kalendarium",
        language_team=language,
        creation_date=WRITTEN,
        revision_date=WRITTEN,
        fuzzy=False,
    )
    for each in needed(language, said):
        known = before.get(_id(each.key))
        words = known.string if known and isinstance(known.id, tuple) == isinstance(each.key, tuple) else None
        catalogue.add(each.key, words, locations=[(file, 0) for file in each.files])
    return catalogue


def read(language: str) -> Catalog:
    """Read a language's catalogue; an empty one if there is none yet."""
    file = _file(language)
    if not file.is_file():
        return Catalog(locale=language)
    with file.open("rb") as written:
        return read_po(written, locale=language)


def text_of(catalogue: Catalog) -> bytes:
    """Write a catalogue as it stands in its file."""
    written = BytesIO()
    write_po(written, catalogue, width=120, include_lineno=False)
    return written.getvalue()


def main(arguments: list[str]) -> int:
    """Bring the catalogues up to date, or with ``--check`` say whether they are; 1 if they are not."""
    said, stale = collect(), []
    for language in UI_LANGUAGES:
        text, file = text_of(updated(language, said)), _file(language)
        if not file.is_file() or file.read_bytes() != text:
            stale.append(language)
            if "--check" not in arguments:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_bytes(text)
        empty = sum(not _worded(each.string) for each in updated(language, said) if each.id)
        sys.stdout.write(f"{language}: {empty} texts without words\n")
    return 1 if stale and "--check" in arguments else 0


def _worded(words: str | tuple[str, ...] | list[str] | None) -> bool:
    return all(words) if isinstance(words, tuple | list) else bool(words)


def _id(key: Key) -> str:
    return key if isinstance(key, str) else key[0]


def _file(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
