"""The guides: one text for page and repository, the same in every language, in the words that stand on the pages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from babel.messages.pofile import read_po

from shared.i18n.text import FOLDER as CATALOGUES
from shared.i18n.text import SOURCE
from shared.settings import CommonSettings
from shared.web.guide.model import Chapter, Picture, list_ids, parse_guide
from shared.web.guide.pages import FILES, FOLDER, read_guide
from shared.web.pages.language import STAFF_LANGUAGES
from shared.web.pages.static import FOLDER as STATIC

ROOT: Final = Path(__file__).parents[4]
GUIDES: Final = sorted(FILES.values())
ALL: Final = [(language, file) for language in STAFF_LANGUAGES for file in GUIDES]
NAME: Final = re.compile(r"\*\*([^*]+)\*\*")
PICTURE: Final = re.compile(r"!\[([^\]]*)\]\(([^)]+)\)")
PLACE: Final = re.compile(r"%\((\w+)\)[sd]")
NUMBERS: Final = {"num", "year", "last"}
FEWEST_LETTERS: Final = 6
"""A text with fewer, such as "%(who)s, %(when)s:", would fit everything."""
MOST_BYTES: Final = 60_000
MOST_PICTURES: Final = 12
MOST_BYTES_TOGETHER: Final = 1_500_000


def read(language: str, file: str) -> str:
    return (FOLDER / language / file).read_text(encoding="utf-8")


def chapters(language: str, file: str) -> list[str]:
    """What stands before the first chapter, and each chapter."""
    return re.split(r"^## ", read(language, file), flags=re.MULTILINE)


def pictures(language: str, file: str) -> list[tuple[str, Path]]:
    """The words for those who do not see a picture, and its file."""
    found = PICTURE.findall(read(language, file))
    return [(words, (FOLDER / language / path).resolve()) for words, path in found]


def texts(language: str) -> Iterator[tuple[str, str]]:
    """Each text of the pages in a language, and in English."""
    with (CATALOGUES / "pl" / "LC_MESSAGES" / "messages.po").open("rb") as written:
        for message in read_po(written, locale="pl"):
            ids = [message.id] if isinstance(message.id, str) else list(message.id)
            strings = [message.string] if isinstance(message.string, str) else list(message.string or ())
            yield from ((each, ids[0]) for each in (ids if language == SOURCE else strings) if each)


@cache
def patterns(language: str) -> list[tuple[re.Pattern[str], str]]:
    return [
        (re.compile(make_pattern(text)), source)
        for text, source in texts(language)
        if not (set(PLACE.findall(text)) - NUMBERS) or sum(map(str.isalpha, PLACE.sub("", text))) >= FEWEST_LETTERS
    ]


def make_pattern(text: str) -> str:
    """A number stands for a number, everything else that is filled in for anything."""
    fixed, places = PLACE.split(text)[::2], PLACE.findall(text)
    ends = [r"\d+" if each in NUMBERS else ".+" for each in places]
    return "".join(f"{re.escape(words)}{end}" for words, end in zip(fixed, [*ends, ""], strict=True))


@cache
def sources(language: str, name: str) -> frozenset[str]:
    """The English texts of which a name on the pages is a translation."""
    return frozenset(source for pattern, source in patterns(language) if pattern.fullmatch(name))


@pytest.mark.parametrize(("language", "file"), ALL)
def test_every_name_in_a_guide_stands_on_the_pages(language: str, file: str) -> None:
    names = NAME.findall(read(language, file))

    assert len(names) > 50
    assert [name for name in names if not sources(language, name)] == []


@pytest.mark.parametrize("file", GUIDES)
def test_a_guide_names_the_same_in_every_chapter_of_both_languages(file: str) -> None:
    polish, english = ([NAME.findall(each) for each in chapters(language, file)] for language in ("pl", "en"))

    assert [len(each) for each in polish] == [len(each) for each in english]
    for ours, theirs in zip(polish, english, strict=True):
        left = [sources("en", each) for each in theirs]
        for name in ours:
            match = next((each for each in left if each & sources("pl", name)), None)
            assert match is not None, f"{file}: {name} is not named in English"
            left.remove(match)


def test_a_name_that_stands_nowhere_is_found() -> None:
    assert sources("en", "Send 9 mails") == {"Send %(num)s mail"}
    assert sources("en", "Press here") == frozenset()
    assert sources("pl", "Send 9 mails") == frozenset()


@pytest.mark.parametrize(("language", "file"), ALL)
def test_every_chapter_says_what_one_sees_does_gets_and_does_if_it_fails(language: str, file: str) -> None:
    questions = {
        "pl": ["Co widać.", "Co zrobić.", "Co dzieje się potem.", "Gdy coś się nie uda."],
        "en": ["What you see.", "What you do.", "What happens then.", "What if it fails."],
    }

    _introduction, *rest = chapters(language, file)

    assert [re.findall(r"^\*([^*]+)\*", each, re.MULTILINE) for each in rest] == [questions[language]] * len(rest)


@pytest.mark.parametrize("file", GUIDES)
def test_a_guide_shows_the_same_pictures_in_both_languages(file: str) -> None:
    shown = [
        [
            Counter(path.stem for path in map(Path, re.findall(r"\]\(([^)]+webp)\)", each)))
            for each in chapters(language, file)
        ]
        for language in STAFF_LANGUAGES
    ]

    assert shown[0] == shown[1]
    assert sum(each.total() for each in shown[0]) <= MOST_PICTURES


@pytest.mark.parametrize(("language", "file"), ALL)
def test_every_picture_is_of_its_language_small_and_said_in_words(language: str, file: str) -> None:
    found = pictures(language, file)

    assert {path.parent for _words, path in found} == {STATIC / "guide" / language}
    assert [path.name for _words, path in found if path.stat().st_size > MOST_BYTES] == []
    assert [path.name for words, path in found if len(words) < len("A picture")] == []


def test_no_picture_is_kept_that_no_guide_shows() -> None:
    kept = {path for path in (STATIC / "guide").rglob("*") if path.is_file()}

    assert kept == {path for each in ALL for _words, path in pictures(*each)}
    assert sum(path.stat().st_size for path in kept) <= MOST_BYTES_TOGETHER


@pytest.mark.parametrize(("language", "file"), ALL)
def test_a_guide_becomes_a_page_with_the_chapters_of_the_english_one(language: str, file: str) -> None:
    guide = read_guide(language, file, CommonSettings())

    assert [each.id for each in guide.chapters] == list_ids(read(SOURCE, file))
    assert re.findall(r'<h2 id="([^"]+)">', guide.body) == [each.id for each in guide.chapters]
    assert guide.body.count("<img ") == len(pictures(language, file))
    assert 'width="0"' not in guide.body


@pytest.mark.parametrize(("service", "file"), FILES.items())
def test_pages_lead_to_chapters_that_are_there(service: str, file: str) -> None:
    ids = list_ids(read(SOURCE, file))
    templates = [*(ROOT / "services").rglob("templates/*.html"), *(ROOT / "shared/web").rglob("templates/**/*.html")]
    leading = {
        chapter: template.name
        for template in templates
        for chapter in re.findall(rf"/{service}/guide#([\w-]+)", template.read_text(encoding="utf-8"))
    }

    assert len(leading) > 1
    assert {chapter: name for chapter, name in leading.items() if chapter not in ids} == {}


def test_markdown_becomes_a_guide() -> None:
    written = (
        "# A *year*\n\nFirst [the other](curator.md).\n\n## Did it work?\n\n![A form](../form.webp)\n\n<b>1 < 2</b>\n"
    )

    guide = parse_guide(
        written,
        ids=["did-it-work"],
        find_picture={"../form.webp": Picture("/p.webp", 20, 10)}.__getitem__,
        addresses={"curator.md": "/calendar/guide"},
    )

    assert (guide.title, guide.chapters) == ("A *year*", [Chapter("did-it-work", "Did it work?")])
    assert guide.body.splitlines() == [
        '<p>First <a href="/calendar/guide">the other</a>.</p>',
        '<h2 id="did-it-work">Did it work?</h2>',
        '<p><a href="/p.webp"><img src="/p.webp" alt="A form" width="20" height="10" loading="lazy" /></a></p>',
        "<p>&lt;b&gt;1 &lt; 2&lt;/b&gt;</p>",
    ]


def test_a_link_to_something_else_is_refused() -> None:
    with pytest.raises(KeyError, match=r"glossary\.md"):
        parse_guide("# A\n\n[b](glossary.md)\n", ids=[], find_picture=lambda _: Picture("", 1, 1), addresses={})


def test_an_id_is_made_of_the_english_title() -> None:
    assert list_ids("# A\n\n## Last year's events\n\n## Still right?\n") == ["last-years-events", "still-right"]
