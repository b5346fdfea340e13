"""Compiled templates, an environment for each language. Texts are translated where they are printed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Final

from jinja2 import BytecodeCache, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from shared.i18n.text import Text, load_translations, translate
from shared.web.pages.static import load_static_files
from shared.web.pages.tag_kinds import TAG_KINDS

TEMPLATES: Final = Path(__file__).parent / "templates"
PIECES: Final = 500
"""How many pieces of a template are encoded at once: some kilobytes."""


class _MemoryBytecodeCache(BytecodeCache):
    """Compiled templates, the same in every language."""

    def __init__(self) -> None:
        self._compiled: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._compiled:
            bucket.bytecode_from_string(self._compiled[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._compiled[bucket.key] = bucket.bytecode_to_string()


_bytecode_cache: Final = _MemoryBytecodeCache()


@cache
def create_environment(templates: tuple[Path, ...], lang: str) -> Environment:
    """Cached: compiling templates takes longer than rendering them."""
    words = load_translations(lang)
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(each) for each in templates]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=_bytecode_cache,
        extensions=["jinja2.ext.i18n"],
        finalize=lambda value: translate(value, lang) if isinstance(value, Text) else value,
    )
    install = environment.install_gettext_callables  # type: ignore[attr-defined]
    install(words.gettext, words.ngettext, newstyle=True, pgettext=words.pgettext, npgettext=words.npgettext)
    environment.policies["ext.i18n.trimmed"] = True
    environment.globals["tag_kinds"] = TAG_KINDS
    environment.globals["static"] = load_static_files().get_url
    return environment


def encode(pieces: Iterator[str]) -> bytes:
    chunks: list[bytes] = []
    while batch := list(islice(pieces, PIECES)):
        chunks.append("".join(batch).encode())
    return b"".join(chunks)
